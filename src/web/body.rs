//! Taking a request body in, within limits of size and time.
//!
//! The server below stops its clock at the end of the headers, so the time limit for a body is kept here; it is within the
//! deadline of the call. A body
//! that will not be used is still read while it is small: a client that is cut off while it sends sees a broken
//! connection instead of the answer.

use super::Limits;
use super::error::Refusal;
use super::in_hand::Held;
use super::state::State;
use crate::clock::Stopwatch;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{rt, web};
use futures_util::StreamExt;
use std::ops::Deref;

/// A body over the limit is read to this many times the limit before the connection is given up.
const DISCARD_FACTOR: usize = 2;
/// A body that nobody needs is read to this many bytes: whoever is refused may not keep the service busy.
const DISCARDED: usize = 256 * 1024;

/// Room for a body that does not say how long it is, from the start.
const ROOM: usize = 64 * 1024;

/// A body in hand. Its memory counts as long as this lives.
#[derive(Debug)]
pub(super) struct Body {
    bytes: web::BytesMut,
    _held: Held,
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads the whole body of a call of `client`, within what is left of its deadline since it was received; a page that sends
/// a record has none and may take as long as any body.
pub(super) async fn read(
    payload: web::Payload,
    headers: &HeaderMap,
    state: &State,
    (client, received): (&str, Option<Stopwatch>),
) -> Result<Body, Refusal> {
    let limits = &state.limits;
    let left = received.map(|received| limits.deadline.saturating_sub(received.elapsed()));
    let left = left.unwrap_or(limits.body_timeout);
    let reading = take_in(payload, announced(headers), limits.request_bytes, async |bytes| {
        state.in_hand.hold(client, bytes).await.map_err(|shed| {
            state.metrics.shed(shed);
            Refusal::Overloaded
        })
    });
    rt::time::timeout(limits.body_timeout.min(left), reading).await.unwrap_or(Err(Refusal::SlowBody))
}

/// Takes a body in. Its buffer is as long as it says, and never longer than what `hold` has given.
async fn take_in(
    mut payload: web::Payload,
    announced: Option<usize>,
    limit: usize,
    hold: impl AsyncFn(usize) -> Result<Held, Refusal>,
) -> Result<Body, Refusal> {
    // What is too long is not kept: it is read on for a while, so that the refusal can be read.
    let mut room = match announced {
        Some(length) if length > limit => 0,
        Some(length) => length,
        None => ROOM.min(limit),
    };
    let mut held = hold(room).await?;
    let mut bytes = web::BytesMut::with_capacity(room);
    let mut length = 0_usize;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::BrokenBody)?;
        length = length.saturating_add(chunk.len());
        if length > limit.saturating_mul(DISCARD_FACTOR) {
            break;
        }
        if length > limit || announced.is_some_and(|announced| announced > limit) {
            (bytes, held) = (web::BytesMut::new(), Held::default());
            continue;
        }
        if length > room {
            let more = room.saturating_mul(2).max(length).min(limit);
            held.add(hold(more - room).await?);
            bytes.reserve(more - bytes.len());
            room = more;
        }
        bytes.extend_from_slice(&chunk);
    }
    if length > limit || announced.is_some_and(|announced| announced > limit) {
        return Err(Refusal::TooLarge { limit });
    }
    Ok(Body { bytes, _held: held })
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok())
}

/// Reads a body that nobody needs while it is small, so that the refusal can be read by the client; a long one is not
/// waited for, and its connection ends.
pub(super) async fn discard(mut payload: web::Payload, headers: &HeaderMap, limits: Limits) {
    if announced(headers).is_some_and(|length| length > DISCARDED) {
        return;
    }
    let reading = async {
        let mut length = 0_usize;
        while let Some(Ok(chunk)) = payload.next().await {
            length = length.saturating_add(chunk.len());
            if length > DISCARDED {
                break;
            }
        }
    };
    // Whatever is wrong with it, the refusal that is under way says more.
    drop(rt::time::timeout(limits.body_timeout, reading).await);
}

/// Whether the headers announce plain JSON. A missing content type is taken for JSON; the parser will tell.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let plain = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get(header::CONTENT_ENCODING).is_none_or(plain) {
        return false;
    }
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let Ok(value) = value.to_str() else { return false };
    let media_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json_type = media_type.strip_prefix("application/").is_some_and(|subtype| {
        subtype == "json" || subtype.strip_suffix("+json").is_some_and(|name| !name.is_empty())
    });
    media_type.is_empty() || is_json_type
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_recognised_by_its_media_type() {
        for (value, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/fhir+json;fhirVersion=4.0", true),
            ("application/vnd.example+json", true),
            ("", true),
            ("text/plain", false),
            ("application/xml", false),
            ("application/jsonp", false),
            ("application/+json", false),
            ("multipart/form-data; boundary=application/json", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            assert_eq!(is_json(&headers), expected, "{value}");
        }
        assert!(is_json(&HeaderMap::new()));
        let mut zipped = HeaderMap::new();
        zipped.insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        assert!(!is_json(&zipped));
    }
}
