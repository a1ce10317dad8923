//! Where an EHR lets apps sign in: `.well-known/smart-configuration` of each configured FHIR server, read when it is first
//! needed and again after ten minutes. A few callers wait for one reading, and not long; a failure is told to all who come
//! within seconds, so that nobody makes us knock at an EHR without end. What one EHR says never points to the sign-in of
//! another's client: a code must not go to whom it was not made for.

use super::Trouble;
use crate::config::Client;
use crate::ehr::with_slash;
use crate::outbound::{Budget, Outbound};
use reqwest::header::{self, HeaderMap, HeaderValue};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;
use url::Url;

/// How long an answer holds.
const FRESH: Duration = Duration::from_secs(600);
/// How long a failure holds.
const PAUSE: Duration = Duration::from_secs(5);
/// How long somebody waits for another's reading.
const WAIT: Duration = Duration::from_secs(1);
/// How many ask for one document at once, the one who reads it included.
const WAITING: usize = 8;
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
    /// Where a token is given back.
    pub(super) revocation: Option<Url>,
    /// Whether it names itself when it sends the browser back (RFC 9207).
    pub(super) names_itself: bool,
}

impl Endpoints {
    /// Whether something of both is one.
    fn overlaps(&self, other: &Self) -> bool {
        self.issuer == other.issuer || self.token == other.token || self.authorization == other.authorization
    }
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
    revocation_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

type Known = Mutex<Option<(Duration, Result<Arc<Endpoints>, Trouble>)>>;

/// One server of the configuration.
#[derive(Debug)]
struct Server {
    client: String,
    /// What it must say that it is.
    issuer: Option<String>,
    known: Known,
    waiting: Semaphore,
}

/// The endpoints of all configured servers.
#[derive(Debug)]
pub(super) struct Directory {
    outbound: Outbound,
    servers: HashMap<Url, Server>,
    /// What each client's servers said last, to be held against the others.
    said: std::sync::Mutex<HashMap<Url, Arc<Endpoints>>>,
}

impl Directory {
    /// For the servers of these clients and no others.
    pub(super) fn new<'a>(clients: impl Iterator<Item = &'a Client>, outbound: &Outbound) -> Self {
        let of = |client: &'a Client| {
            let server = || Server {
                client: client.name.clone(),
                issuer: client.smart_issuer.clone(),
                known: Known::default(),
                waiting: Semaphore::new(WAITING),
            };
            client.fhir_servers.iter().map(move |url| (url.clone(), server()))
        };
        let servers = clients.flat_map(of).collect();
        Self { outbound: outbound.clone(), servers, said: std::sync::Mutex::default() }
    }

    /// The endpoints of a server of the configuration. `steady`: the clock that is never set.
    pub(super) async fn of(&self, server: &Url, steady: Duration) -> Result<Arc<Endpoints>, Trouble> {
        let it = self.servers.get(server).ok_or(Trouble::UnknownEhr)?;
        let _waiting = it.waiting.try_acquire().map_err(|_| Trouble::Unreachable)?;
        let mut known = timeout(WAIT, it.known.lock()).await.map_err(|_| Trouble::Unreachable)?;
        if let Some((since, told)) = &*known {
            let holds = if told.is_ok() { FRESH } else { PAUSE };
            if steady.saturating_sub(*since) < holds {
                return told.clone();
            }
        }
        let told = self.ask(server).await.map(Arc::new);
        let told = told.and_then(|endpoints| self.held_against_others(server, it, endpoints));
        *known = Some((steady, told.clone()));
        told
    }

    /// Whether these are its own endpoints, and not those of another client.
    fn held_against_others(
        &self,
        url: &Url,
        server: &Server,
        endpoints: Arc<Endpoints>,
    ) -> Result<Arc<Endpoints>, Trouble> {
        let client = &*server.client;
        if server.issuer.as_ref().is_some_and(|issuer| *issuer != endpoints.issuer) {
            tracing::warn!(
                client,
                "the SMART configuration of an EHR names another issuer than smart_issuer"
            );
            return Err(Trouble::Ambiguous);
        }
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let of_other = |it: &&Url| self.servers.get(it).is_some_and(|other| other.client != *client);
        let like = |it: &Url| said.get(it).is_some_and(|other| other.overlaps(&endpoints));
        // Who has its issuer in the configuration is believed.
        let taken = said.keys().filter(of_other).find(|it| like(it)).filter(|_| server.issuer.is_none());
        if let Some(other) = taken.and_then(|it| self.servers.get(it)) {
            tracing::warn!(
                client,
                other = other.client,
                "two EHRs name one issuer or endpoint in their SMART configurations"
            );
            return Err(Trouble::Ambiguous);
        }
        said.insert(url.clone(), Arc::clone(&endpoints));
        Ok(endpoints)
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
        revocation: written.revocation_endpoint.as_deref().and_then(url),
        names_itself: written.authorization_response_iss_parameter_supported,
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

    fn client(name: &str, issuer: Option<&str>) -> Client {
        let keys = crate::config::KeySource::File("keys.json".into());
        Client {
            fhir_servers: vec![format!("https://{name}.example.org/fhir").parse().unwrap()],
            smart_issuer: issuer.map(str::to_owned),
            ..Client::new(name, "https://ehr.example.org", keys, &[])
        }
    }

    #[test]
    fn what_two_clients_share_is_not_believed_of_the_second() {
        let outbound = Outbound::new(false).unwrap();
        let of = |name: &str, change: (&str, &str)| {
            let mut written = sound();
            for (member, path) in [("issuer", ""), ("authorization_endpoint", "/a"), ("token_endpoint", "/t")]
            {
                written[member] = json!(format!("https://{name}.example.org{path}"));
            }
            written[change.0] = json!(change.1);
            Arc::new(read(written.to_string().as_bytes(), &outbound).unwrap())
        };
        let hold = |issuer: Option<&str>, (member, value): (&str, &str)| {
            let clients = [client("a", None), client("b", issuer)];
            let directory = Directory::new(clients.iter(), &outbound);
            let held = |at: usize, endpoints| {
                let url = clients[at].fhir_servers[0].clone();
                directory.held_against_others(&url, &directory.servers[&url], endpoints).err()
            };
            assert_eq!(held(0, of("a", ("x", ""))), None);
            assert_eq!(held(0, of("a", ("x", ""))), None, "its own again");
            held(1, of("b", (member, value)))
        };
        assert_eq!(hold(None, ("x", "")), None);
        for (member, value) in [
            ("issuer", "https://a.example.org"),
            ("token_endpoint", "https://a.example.org/t"),
            ("authorization_endpoint", "https://a.example.org/a"),
        ] {
            assert_eq!(hold(None, (member, value)), Some(Trouble::Ambiguous), "{member}");
        }
        let shared = ("issuer", "https://a.example.org");
        assert_eq!(hold(Some("https://a.example.org"), shared), None, "the configuration says so");
        assert_eq!(hold(Some("https://b.example.org"), shared), Some(Trouble::Ambiguous));
    }

    #[actix_web::test]
    async fn nobody_waits_long_for_the_reading_of_another() {
        let clients = [client("a", None)];
        let directory = Directory::new(clients.iter(), &Outbound::new(false).unwrap());
        let url = &clients[0].fhir_servers[0];
        let _reading = directory.servers[url].known.lock().await;
        let since = crate::clock::Stopwatch::start();
        let asked = (0..20).map(|_| directory.of(url, Duration::ZERO));
        let told = futures_util::future::join_all(asked).await;
        assert!(told.iter().all(|it| *it == Err(Trouble::Unreachable)));
        assert!(since.elapsed() < Duration::from_secs(3));
    }
}
