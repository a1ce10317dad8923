//! A code becomes a token (OAuth 2.0, RFC 6749 4.1.3, with PKCE, RFC 7636).

use super::directory::Endpoints;
use super::key::Key;
use super::{Smart, Trouble};
use crate::config::Client;
use crate::outbound::Budget;
use chrono::{DateTime, Utc};
use reqwest::Method;
use reqwest::header::{self, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::time::Duration;
use url::form_urlencoded;

/// What the exchange may cost.
const EXCHANGE: Budget = Budget { bytes: 256 * 1024, time: Duration::from_secs(10) };

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
            .append_pair("redirect_uri", &self.redirect_uri())
            .append_pair("code_verifier", verifier);
        if client.smart_is_confidential {
            let key: &Key = self.key.as_ref().ok_or(Trouble::Internal)?;
            let assertion = key.assertion(client_id, endpoints.token.as_str(), now);
            form.append_pair(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
            .append_pair("client_assertion", &assertion.ok_or(Trouble::Internal)?);
        } else {
            form.append_pair("client_id", client_id);
        }
        let headers = HeaderMap::from_iter([
            (header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
            (header::ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        let sent = self
            .outbound
            .send((Method::POST, &endpoints.token), headers, form.finish().into_bytes(), EXCHANGE)
            .await;
        let sent = sent.map_err(|error| {
            tracing::warn!(client = client.name, %error, "the token endpoint cannot be used");
            Trouble::Unreachable
        })?;
        let granted = sent.body.ok().and_then(|body| serde_json::from_slice::<Granted>(&body).ok());
        match granted.filter(|it| sent.status == 200 && it.token_type.eq_ignore_ascii_case("bearer")) {
            Some(granted) => Ok(granted),
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
}
