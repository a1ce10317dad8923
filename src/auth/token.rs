//! A client's token, from the header of a call to claims that hold (SEC-5 to SEC-10, SEC-14, SEC-16, SEC-19).
//!
//! The parts are read strictly: a member given twice, a wrong type or a critical extension is no token. Embedded keys
//! (`jwk`, `x5u`, `x5c`) are not even read. Absent on purpose: keys, the signature, and the memory of token ids.

use super::jku::Jku;
use super::{Endpoint, Reason};
use crate::config::Client;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::IgnoredAny;
use url::Url;

/// Longest token, in bytes.
const LONGEST: usize = 16 * 1024;
/// Longest `kid`, `iss` and `jti`, in bytes.
const LONGEST_NAME: usize = 1024;
/// How far the clocks of the two sides may differ, in seconds (SEC-14).
pub(super) const LEEWAY: f64 = 60.0;
/// Longest life of a token, in seconds (SEC-14).
pub(super) const LONGEST_LIFE: f64 = 3600.0;

/// What is read of the header.
#[derive(Deserialize)]
pub(super) struct Header {
    alg: String,
    pub(super) kid: Option<String>,
    typ: Option<String>,
    pub(super) jku: Option<String>,
    /// There, whatever it holds.
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
    /// There, whatever it holds: a payload that is not base64 is another format.
    #[serde(default, deserialize_with = "is_there")]
    b64: bool,
}

fn is_there<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// One or several audiences.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What is read of the claims; times in seconds since 1970, fractions allowed.
#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    aud: Audience,
    pub(super) exp: f64,
    pub(super) iat: f64,
    nbf: Option<f64>,
    pub(super) jti: String,
    pub(super) tenant: Option<String>,
}

/// A token that has been taken apart and not been believed yet.
pub(super) struct Token<'a> {
    pub(super) header: Header,
    pub(super) claims: Claims,
    /// What was signed.
    pub(super) message: &'a str,
    /// The signature, as base64.
    pub(super) signature: &'a str,
}

impl<'a> Token<'a> {
    /// Takes the value of an `Authorization` header apart.
    pub(super) fn read(authorization: &'a [u8]) -> Result<Self, Reason> {
        if authorization.len() > LONGEST {
            return Err(Reason::Malformed);
        }
        let text = str::from_utf8(authorization).map_err(|_| Reason::Malformed)?;
        let (scheme, token) = text.trim().split_once(' ').ok_or(Reason::Malformed)?;
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(Reason::Malformed);
        }
        let token = token.trim_start();
        let (message, signature) = token.rsplit_once('.').ok_or(Reason::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(Reason::Malformed)?;
        let header: Header = part(header)?;
        let claims: Claims = part(claims)?;
        let names = [header.kid.as_deref(), Some(&*claims.iss), Some(&*claims.jti)];
        if names.into_iter().flatten().any(|name| name.is_empty() || name.len() > LONGEST_NAME) {
            return Err(Reason::Malformed);
        }
        Ok(Self { header, claims, message, signature })
    }
}

fn part<T: for<'de> Deserialize<'de>>(encoded: &str) -> Result<T, Reason> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Reason::Malformed)?;
    // A JSON array would be read as the members in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Reason::Malformed);
    }
    serde_json::from_slice(&bytes).map_err(|_| Reason::Malformed)
}

impl Header {
    /// The algorithm, when this client may use it; and everything else that a header must say.
    pub(super) fn check(&self, client: &Client, jku: &Jku) -> Result<(Algorithm, &str), Reason> {
        if self.crit || self.b64 {
            return Err(Reason::CriticalExtension);
        }
        if !self.typ.as_deref().is_some_and(|typ| typ.eq_ignore_ascii_case("JWT")) {
            return Err(Reason::Type);
        }
        let algorithm: Algorithm = self.alg.parse().map_err(|_| Reason::Algorithm)?;
        // The configuration refuses symmetric ones; a second look costs nothing and a slip would open the service.
        let symmetric = matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512);
        if symmetric || !client.algorithms.contains(&algorithm) {
            return Err(Reason::Algorithm);
        }
        if self.jku.as_ref().is_some_and(|named| !jku.allows(named)) {
            return Err(Reason::KeySetUrl);
        }
        Ok((algorithm, self.kid.as_deref().ok_or(Reason::KeyId)?))
    }
}

impl Claims {
    /// Whether these claims allow this client a call of this endpoint now.
    pub(super) fn check(
        &self,
        client: &Client,
        base: &Url,
        endpoint: Endpoint<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), Reason> {
        self.check_times(seconds(now))?;
        let audiences = match &self.aud {
            Audience::One(one) => std::slice::from_ref(one),
            Audience::Several(several) => several,
        };
        let meant = |audience: &String| {
            client.extra_audiences.iter().any(|extra| same_audience(extra, audience))
                || endpoint.is_named_by(base, audience)
        };
        if !audiences.iter().any(meant) {
            return Err(Reason::Audience);
        }
        let tenant_fits = |tenant: &String| client.tenants.contains(tenant);
        if !client.tenants.is_empty() && !self.tenant.as_ref().is_some_and(tenant_fits) {
            return Err(Reason::Tenant);
        }
        Ok(())
    }

    fn check_times(&self, now: f64) -> Result<(), Reason> {
        let times = [Some(self.exp), Some(self.iat), self.nbf];
        if times.into_iter().flatten().any(|time| !time.is_finite()) {
            return Err(Reason::Malformed);
        }
        if self.exp + LEEWAY <= now {
            return Err(Reason::Expired);
        }
        if self.iat - LEEWAY > now || self.nbf.is_some_and(|nbf| nbf - LEEWAY > now) {
            return Err(Reason::NotYet);
        }
        let life = self.exp - self.iat;
        if life <= 0.0 || life > LONGEST_LIFE {
            return Err(Reason::Lifetime);
        }
        Ok(())
    }
}

/// Seconds since 1970, fractions included.
pub(super) fn seconds(at: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century are exact in a double")]
    let milliseconds = at.timestamp_millis() as f64;
    milliseconds / 1000.0
}

impl Endpoint<'_> {
    /// Whether an audience is the URL of this endpoint (SEC-9, SEC-10). A token for discovery opens no service, nor the
    /// other way round; feedback also takes the URL of its service.
    fn is_named_by(self, base: &Url, audience: &str) -> bool {
        let Some(audience) = normal(audience) else { return false };
        let base = base.as_str().trim_end_matches('/');
        let service = |id: &str| format!("{base}/cds-services/{id}");
        match self {
            Self::Discovery => audience == format!("{base}/cds-services"),
            Self::Service(id) => audience == service(id),
            Self::Feedback(id) => audience == service(id) || audience == format!("{}/feedback", service(id)),
        }
    }
}

/// A URL with scheme and host in lower case, without its default port and one trailing slash; `None` for what is none or
/// has a query or fragment. The path stays byte for byte: a parser of URLs would mend what another reads otherwise.
fn normal(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let is_plain = |c: char| c.is_alphanumeric() || "+-._~:[]".contains(c);
    if !scheme.chars().chain(host.chars()).all(is_plain) || path.is_some_and(|path| path.contains(['?', '#']))
    {
        return None;
    }
    let origin = Url::parse(&format!("{scheme}://{host}")).ok()?;
    let origin = origin.as_str().trim_end_matches('/');
    Some(match path {
        None | Some("") => origin.to_owned(),
        Some(path) => format!("{origin}/{}", path.strip_suffix('/').unwrap_or(path)),
    })
}

fn same_audience(configured: &str, sent: &str) -> bool {
    configured == sent || normal(configured).is_some_and(|it| Some(it) == normal(sent))
}
