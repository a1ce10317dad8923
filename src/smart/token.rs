//! A code becomes a token (OAuth 2.0, RFC 6749 4.1.3, with PKCE, RFC 7636).

use super::directory::Endpoints;
use super::key::Key;
use super::{Smart, Trouble};
use crate::clock::Moment;
use crate::config::Client;
use crate::ehr::bearer;
use crate::outbound::{Budget, OutboundError, Sent};
use chrono::{DateTime, Utc};
use reqwest::Method;
use reqwest::header::{self, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::time::Duration;
use url::{Url, form_urlencoded};

/// What the exchange may cost.
const EXCHANGE: Budget = Budget { bytes: 256 * 1024, time: Duration::from_secs(10) };

/// What giving a token back may cost: somebody waits for it, and the session is over in any case.
const REVOCATION: Budget = Budget { bytes: 64 * 1024, time: Duration::from_secs(2) };
/// Longest `access_token` and `scope`, in bytes.
const LONGEST_TOKEN: usize = 16 * 1024;
const LONGEST_SCOPE: usize = 8 * 1024;

/// What came with a token. It has no `Debug`, so that nobody logs it.
#[derive(Deserialize)]
pub(super) struct Granted {
    pub(super) access_token: String,
    token_type: String,
    /// Seconds.
    pub(super) expires_in: Option<f64>,
    #[serde(default)]
    pub(super) scope: String,
    pub(super) patient: Option<String>,
    pub(super) encounter: Option<String>,
    pub(super) id_token: Option<String>,
    /// What the link of a card carried (CDS Hooks, "Link").
    #[serde(rename = "appContext")]
    pub(super) app_context: Option<AppContext>,
}

/// A text; whatever else an EHR makes of it counts as none.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum AppContext {
    Text(String),
    Other(IgnoredAny),
}

impl Smart {
    /// Exchanges a code.
    pub(super) async fn exchange(
        &self,
        (client, client_id): (&Client, &str),
        endpoints: &Endpoints,
        (code, verifier): (&str, &str),
        now: DateTime<Utc>,
    ) -> Result<Granted, Trouble> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.redirect_uri(&client.name))
            .append_pair("code_verifier", verifier);
        self.say_who((client, client_id), endpoints, now, &mut form)?;
        let sent = self.post_form(&endpoints.token, form.finish(), EXCHANGE).await;
        let sent = sent.map_err(|error| {
            tracing::warn!(client = client.name, %error, "the token endpoint cannot be used");
            Trouble::Unreachable
        })?;
        let granted = sent.body.ok().and_then(|body| serde_json::from_slice::<Granted>(&body).ok());
        match granted.filter(|it| sent.status == 200 && it.token_type.eq_ignore_ascii_case("bearer")) {
            Some(granted) if granted.can_be_used() => Ok(granted),
            Some(_) => {
                tracing::warn!(
                    client = client.name,
                    "the token endpoint gave a token that has ended, is too long or cannot be sent"
                );
                Err(Trouble::NoToken)
            }
            None => {
                tracing::warn!(
                    client = client.name,
                    status = sent.status,
                    "the token endpoint gave no bearer token"
                );
                Err(Trouble::NoToken)
            }
        }
    }

    /// Gives a token back, where the EHR takes it; best effort.
    pub(super) async fn revoke(&self, client: &Client, server: &Url, token: &str, now: Moment) {
        let Ok(endpoints) = self.directory.of(server, now.steady).await else { return };
        let (Some(revocation), Some(client_id)) = (&endpoints.revocation, client.smart_client_id.as_deref())
        else {
            return;
        };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("token", token).append_pair("token_type_hint", "access_token");
        if self.say_who((client, client_id), &endpoints, now.wall, &mut form).is_err() {
            return;
        }
        let sent = self.post_form(revocation, form.finish(), REVOCATION).await;
        let status = sent.map(|sent| sent.status);
        if !matches!(status, Ok(200)) {
            tracing::info!(
                client = client.name,
                ?status,
                "a token could not be given back; it ends by itself"
            );
        }
    }

    /// Adds who asks to a form for the token endpoint or one beside it.
    fn say_who(
        &self,
        (client, client_id): (&Client, &str),
        endpoints: &Endpoints,
        now: DateTime<Utc>,
        form: &mut form_urlencoded::Serializer<'_, String>,
    ) -> Result<(), Trouble> {
        if !client.smart_is_confidential {
            form.append_pair("client_id", client_id);
            return Ok(());
        }
        let key: &Key = self.key.as_ref().ok_or(Trouble::Internal)?;
        let assertion = key.assertion(client_id, endpoints.token.as_str(), now).ok_or(Trouble::Internal)?;
        form.append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .append_pair("client_assertion", &assertion);
        Ok(())
    }

    async fn post_form(&self, url: &Url, form: String, budget: Budget) -> Result<Sent, OutboundError> {
        let headers = HeaderMap::from_iter([
            (header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
            (header::ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        self.outbound.send((Method::POST, url), headers, form.into_bytes(), budget).await
    }
}

impl Granted {
    /// Whether the token lives, may be kept and can be sent.
    fn can_be_used(&self) -> bool {
        self.expires_in.is_none_or(|it| it > 0.0)
            && self.access_token.len() <= LONGEST_TOKEN
            && self.scope.len() <= LONGEST_SCOPE
            && !self.access_token.trim().is_empty()
            && bearer(&self.access_token).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_token_that_has_ended_is_too_long_or_is_no_header_is_none() {
        let usable = |member: &str, value: serde_json::Value| {
            let mut told =
                json!({"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "openid"});
            told[member] = value;
            serde_json::from_value::<Granted>(told).unwrap().can_be_used()
        };
        assert!(usable("x", json!(0)) && usable("expires_in", json!(null)));
        for (member, value) in [
            ("expires_in", json!(0)),
            ("expires_in", json!(-5)),
            ("access_token", json!("a\r\nX: y")),
            ("access_token", json!(" ")),
            ("access_token", json!("a".repeat(LONGEST_TOKEN + 1))),
            ("scope", json!("a".repeat(LONGEST_SCOPE + 1))),
        ] {
            assert!(!usable(member, value.clone()), "{member}");
        }
    }
}
