//! Where an EHR lets apps sign in: `.well-known/smart-configuration` of each configured FHIR server, read when it is first
//! needed and again after ten minutes. Callers wait for one reading; a failure is told to all who come within seconds, so
//! that nobody makes us knock at an EHR without end.

use super::Trouble;
use crate::ehr::with_slash;
use crate::outbound::{Budget, Outbound};
use reqwest::header::{self, HeaderMap, HeaderValue};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use url::Url;

/// How long an answer holds.
const FRESH: Duration = Duration::from_secs(600);
/// How long a failure holds.
const PAUSE: Duration = Duration::from_secs(5);
/// What one document may cost.
pub(super) const DOCUMENT: Budget = Budget { bytes: 256 * 1024, time: Duration::from_secs(5) };

/// What an EHR says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoints {
    /// Where the browser goes.
    pub(super) authorization: Url,
    /// Where a code becomes a token.
    pub(super) token: Url,
    /// `iss` of id tokens.
    pub(super) issuer: String,
    /// Keys of id tokens.
    pub(super) keys: Url,
    /// Whether it reads scopes of version 2, `patient/Observation.rs`.
    pub(super) scopes_v2: bool,
}

#[derive(Deserialize)]
struct Written {
    authorization_endpoint: String,
    token_endpoint: String,
    issuer: Option<String>,
    jwks_uri: Option<String>,
    #[serde(default)]
    capabilities: Vec<String>,
    code_challenge_methods_supported: Option<Vec<String>>,
}

type Known = Mutex<Option<(Duration, Result<Arc<Endpoints>, Trouble>)>>;

/// The endpoints of all configured servers.
#[derive(Debug)]
pub(super) struct Directory {
    outbound: Outbound,
    known: HashMap<Url, Known>,
}

impl Directory {
    /// For these servers and no others.
    pub(super) fn new<'a>(servers: impl Iterator<Item = &'a Url>, outbound: &Outbound) -> Self {
        let known = servers.map(|server| (server.clone(), Known::default())).collect();
        Self { outbound: outbound.clone(), known }
    }

    /// The endpoints of a server of the configuration. `steady`: the clock that is never set.
    pub(super) async fn of(&self, server: &Url, steady: Duration) -> Result<Arc<Endpoints>, Trouble> {
        let mut known = self.known.get(server).ok_or(Trouble::UnknownEhr)?.lock().await;
        if let Some((since, told)) = &*known {
            let holds = if told.is_ok() { FRESH } else { PAUSE };
            if steady.saturating_sub(*since) < holds {
                return told.clone();
            }
        }
        let told = self.ask(server).await.map(Arc::new);
        *known = Some((steady, told.clone()));
        told
    }

    async fn ask(&self, server: &Url) -> Result<Endpoints, Trouble> {
        let url = with_slash(server.clone()).join(".well-known/smart-configuration");
        let url = url.map_err(|_| Trouble::NotSmart)?;
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("application/json"))]);
        let fetched = self.outbound.get(&url, headers, DOCUMENT).await;
        let fetched = fetched.map_err(|error| {
            tracing::warn!(%error, "the SMART configuration of an EHR cannot be read");
            Trouble::Unreachable
        })?;
        let body = fetched.body.ok_or(Trouble::Unreachable)?;
        let endpoints = read(&body, &self.outbound);
        endpoints.ok_or_else(|| {
            tracing::warn!("the SMART configuration of an EHR cannot be used");
            Trouble::NotSmart
        })
    }
}

fn read(body: &[u8], outbound: &Outbound) -> Option<Endpoints> {
    let written: Written = serde_json::from_slice(body).ok()?;
    let url = |text: &str| Url::parse(text).ok().filter(|url| outbound.check(url).is_ok());
    let challenges = written.code_challenge_methods_supported;
    challenges.is_none_or(|methods| methods.iter().any(|method| method == "S256")).then_some(())?;
    Some(Endpoints {
        authorization: url(&written.authorization_endpoint)?,
        token: url(&written.token_endpoint)?,
        issuer: written.issuer?,
        keys: url(&written.jwks_uri?)?,
        scopes_v2: written.capabilities.iter().any(|it| it == "permission-v2"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn sound() -> Value {
        json!({
            "authorization_endpoint": "https://ehr.example.org/authorize",
            "token_endpoint": "https://ehr.example.org/token",
            "issuer": "https://ehr.example.org", "jwks_uri": "https://ehr.example.org/jwks.json",
            "capabilities": ["launch-ehr", "permission-v2"], "code_challenge_methods_supported": ["S256"],
        })
    }

    #[test]
    fn what_lacks_an_endpoint_or_names_a_private_address_is_not_used() {
        let outbound = Outbound::new(false).unwrap();
        let of = |written: &Value| read(written.to_string().as_bytes(), &outbound);
        assert!(of(&sound()).unwrap().scopes_v2);
        for (member, value) in [
            ("authorization_endpoint", json!("http://ehr.example.org/authorize")),
            ("authorization_endpoint", json!("javascript:alert(1)")),
            ("token_endpoint", json!("https://169.254.169.254/token")),
            ("token_endpoint", json!("https://user@ehr.example.org/token")),
            ("jwks_uri", json!("https://10.0.0.1/keys")),
            ("jwks_uri", Value::Null),
            ("issuer", Value::Null),
            ("code_challenge_methods_supported", json!(["plain"])),
        ] {
            let mut written = sound();
            written[member] = value;
            assert!(of(&written).is_none(), "{written}");
        }
        assert!(read(b"<html>", &outbound).is_none());
        let mut old = sound();
        old["capabilities"] = json!(["permission-patient"]);
        assert!(!of(&old).unwrap().scopes_v2);
    }
}
