//! Taking a request body in, within limits of size and time.
//!
//! The server below stops its clock at the end of the headers, so the time limit for a body is kept here. A body
//! that will not be used is still read while it is small: a client that is cut off while it sends sees a broken
//! connection instead of the answer.

use super::Limits;
use super::error::Refusal;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{rt, web};
use futures_util::StreamExt;

/// A body over the limit is read to this many times the limit before the connection is given up.
const PATIENCE: usize = 2;
/// A body that nobody needs is read to this many bytes: whoever is refused may not keep the service busy.
const DISCARDED: usize = 256 * 1024;

/// Room for a body from the start: most calls fit, and nothing is copied as they grow.
const ROOM: usize = 32 * 1024;

/// Reads the whole body.
pub(super) async fn read(mut payload: web::Payload, limits: Limits) -> Result<web::Bytes, Refusal> {
    let reading = async {
        let mut body = web::BytesMut::with_capacity(ROOM);
        let mut length = 0_usize;
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Refusal::BrokenBody)?;
            length = length.saturating_add(chunk.len());
            if length <= limits.request_bytes {
                body.extend_from_slice(&chunk);
            } else if length > limits.request_bytes.saturating_mul(PATIENCE) {
                break;
            }
        }
        if length > limits.request_bytes {
            return Err(Refusal::TooLarge { limit: limits.request_bytes });
        }
        Ok(body.freeze())
    };
    rt::time::timeout(limits.body_timeout, reading).await.unwrap_or(Err(Refusal::SlowBody))
}

/// Reads a body that nobody needs while it is small, so that the refusal can be read by the client; a long one is not
/// waited for, and its connection ends.
pub(super) async fn discard(mut payload: web::Payload, headers: &HeaderMap, limits: Limits) {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > DISCARDED) {
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
