//! `fhirAuthorization`: access to the FHIR server of the EHR for the time of one call (rows F-2 to F-8).
//!
//! The token is in no `Debug` text, so that it cannot reach a log line. Absent on purpose: whether the token may be
//! used, and where.

use json::{Json, Object};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Access as the EHR describes it.
pub struct FhirAuthorization<'a> {
    /// The OAuth 2.0 access token.
    pub access_token: Cow<'a, str>,
    /// `token_type`; only `Bearer` is defined.
    pub token_type: Option<Cow<'a, str>>,
    /// How long the token lives, from the receipt of the call on; `None` when that cannot be read.
    pub expires_in: Option<Duration>,
    /// What it covers: SMART scopes, separated by spaces.
    pub scope: Option<Cow<'a, str>>,
    /// Our client id at the authorization server of the EHR.
    pub subject: Option<Cow<'a, str>>,
    /// The patient that it is limited to.
    pub patient: Option<Cow<'a, str>>,
}

impl<'a> FhirAuthorization<'a> {
    /// Reads the member; `None` when it is no object or has no token, which is the same as no access (F-2).
    pub fn read(raw: Json<'a>) -> Option<Self> {
        let members = Object::read(raw)?;
        Some(Self {
            access_token: members.text("access_token")?,
            token_type: members.text("token_type"),
            expires_in: members.raw("expires_in").and_then(seconds),
            scope: members.text("scope"),
            subject: members.text("subject"),
            patient: members.text("patient"),
        })
    }

    /// Whether it is a bearer token; case does not matter (F-3).
    pub fn is_bearer(&self) -> bool {
        self.token_type.as_deref().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("bearer"))
    }
}

impl fmt::Debug for FhirAuthorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FhirAuthorization").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// Seconds as a number or as a string of one (F-4). What is past already is nought.
fn seconds(raw: Json<'_>) -> Option<Duration> {
    let text = raw.string().unwrap_or(Cow::Borrowed(raw.get()));
    let seconds: f64 = text.trim().parse().ok()?;
    if seconds.is_nan() {
        return None;
    }
    Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::Document;

    fn raw(json: &str) -> Document<'_> {
        Document::parse(json).unwrap()
    }

    #[test]
    fn what_has_no_token_is_no_access() {
        for none in ["null", "7", "\"x\"", "[]", "{}", r#"{"access_token":""}"#, r#"{"access_token":7}"#] {
            assert!(FhirAuthorization::read(raw(none).root()).is_none(), "{none}");
        }
    }

    #[test]
    fn the_life_of_a_token_is_a_number_or_a_string_of_one() {
        for (told, expected) in [
            ("30", Some(Duration::from_secs(30))),
            ("\"30\"", Some(Duration::from_secs(30))),
            ("0.5", Some(Duration::from_millis(500))),
            ("0", Some(Duration::ZERO)),
            ("-5", Some(Duration::ZERO)),
            ("1e300", Some(Duration::MAX)),
            ("null", None),
            ("\"NaN\"", None),
            ("\"soon\"", None),
            ("{}", None),
        ] {
            let text = format!(r#"{{"access_token":"t","expires_in":{told}}}"#);
            let json = raw(&text);
            assert_eq!(FhirAuthorization::read(json.root()).unwrap().expires_in, expected, "{told}");
        }
    }

    #[test]
    fn only_a_bearer_token_is_one_whatever_its_case() {
        for (told, expected) in [
            (r#","token_type":"Bearer""#, true),
            (r#","token_type":"bearer""#, true),
            (r#","token_type":"BEARER ""#, true),
            (r#","token_type":"MAC""#, false),
            (r#","token_type":7"#, false),
            ("", false),
        ] {
            let text = format!(r#"{{"access_token":"t"{told}}}"#);
            let json = raw(&text);
            assert_eq!(FhirAuthorization::read(json.root()).unwrap().is_bearer(), expected, "{told}");
        }
    }

    #[test]
    fn the_token_is_not_in_the_debug_text() {
        let json = raw(r#"{"access_token":"canary","patient":"canary","scope":"canary","subject":"canary"}"#);
        assert!(!format!("{:?}", FhirAuthorization::read(json.root()).unwrap()).contains("canary"));
    }
}
