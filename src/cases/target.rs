//! Who answers a case: the services of this program in process, or a running service over HTTP.

use super::case::Case;
use super::compare::Reply;
use super::request::OfferedService;
use crate::domain::Site;
use crate::fhir::ValueSets;
use crate::services::{CallError, Services};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a running service may take, far above what it should.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Something that answers hook calls, several at once.
pub trait Target: Sync {
    /// The services on offer, as discovery lists them.
    fn offered(&self) -> &[OfferedService];

    /// Asks one service. `now` is the clock of a service in process; one over HTTP has its own.
    fn ask(
        &self,
        service: &str,
        content_type: &str,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Reply, String>;

    /// The same services at a site with other settings.
    fn for_site(&self, site: Site) -> Result<Box<dyn Target>, String>;

    /// Whether the answers come over HTTP.
    fn is_http(&self) -> bool;
}

/// Lets a case ask: this target, or the same services with the settings of the case's own facility.
///
/// # Errors
///
/// The services cannot be set up with these settings.
pub fn at_its_facility<R>(
    case: &Case,
    target: &dyn Target,
    ask: impl FnOnce(&dyn Target) -> R,
) -> Result<R, String> {
    match &case.told.facility {
        Some(facility) => Ok(ask(target.for_site(facility.site())?.as_ref())),
        None => Ok(ask(target)),
    }
}

/// The services of this program, without HTTP around them.
#[derive(Debug)]
pub struct InProcessTarget {
    services: Services,
    offered: Vec<OfferedService>,
}

impl InProcessTarget {
    /// Sets the services up for a site.
    pub fn new(site: Site) -> Result<Self, String> {
        let value_sets =
            ValueSets::built_in().map_err(|e| format!("the built-in value sets cannot be read: {e}"))?;
        let services = Services::new(value_sets, site).map_err(|e| e.to_string())?;
        let discovery: Discovery = serde_json::from_slice(services.discovery()).map_err(|e| e.to_string())?;
        Ok(Self { services, offered: discovery.services })
    }

    /// The services themselves.
    pub const fn services(&self) -> &Services {
        &self.services
    }
}

impl Target for InProcessTarget {
    fn offered(&self) -> &[OfferedService] {
        &self.offered
    }

    fn ask(
        &self,
        service: &str,
        _content_type: &str,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Reply, String> {
        Ok(match self.services.call(service, body, now) {
            Ok(answer) => Reply {
                status: 200,
                body: serde_json::to_value(&answer.response).map_err(|e| e.to_string())?,
            },
            Err(refused) => Reply { status: status_of(&refused), body: json!(refused.to_string()) },
        })
    }

    fn for_site(&self, site: Site) -> Result<Box<dyn Target>, String> {
        Ok(Box::new(Self::new(site)?))
    }

    fn is_http(&self) -> bool {
        false
    }
}

/// The status that the web layer gives; the same cases over HTTP keep both in step.
const fn status_of(refused: &CallError) -> u16 {
    match refused {
        CallError::UnknownService => 404,
        CallError::BadRequest(_) => 400,
        CallError::DataMissing { .. } => 412,
        CallError::Late => 503,
    }
}

/// Makes the token of a call from the path that is called, such as `/cds-services/{id}`.
pub type Authorize = Box<dyn Fn(&str) -> Result<String, String> + Sync>;

/// A running service.
pub struct HttpTarget {
    base: String,
    authorize: Option<Authorize>,
    client: reqwest::blocking::Client,
    offered: Vec<OfferedService>,
}

#[derive(Deserialize)]
struct Discovery {
    services: Vec<OfferedService>,
}

impl HttpTarget {
    /// Reads discovery of the service at `base` (without `/cds-services`).
    pub fn connect(base: &str) -> Result<Self, String> {
        let base = base.trim_end_matches('/').to_owned();
        crate::outbound::install_crypto();
        let client =
            reqwest::blocking::Client::builder().timeout(ANSWER_TIMEOUT).build().map_err(|e| explain(&e))?;
        let url = format!("{base}/cds-services");
        let discovery: Discovery = client
            .get(&url)
            .send()
            .and_then(reqwest::blocking::Response::error_for_status)
            .and_then(reqwest::blocking::Response::json)
            .map_err(|e| format!("{url}: {}", explain(&e)))?;
        Ok(Self { base, authorize: None, client, offered: discovery.services })
    }

    /// The same, with a token in each call.
    pub fn with_tokens(self, authorize: Authorize) -> Self {
        Self { authorize: Some(authorize), ..self }
    }
}

impl Target for HttpTarget {
    fn offered(&self) -> &[OfferedService] {
        &self.offered
    }

    fn ask(
        &self,
        service: &str,
        content_type: &str,
        body: &[u8],
        _now: DateTime<Utc>,
    ) -> Result<Reply, String> {
        let path = format!("/cds-services/{service}");
        let url = format!("{}{path}", self.base);
        let mut request = self.client.post(&url).header("content-type", content_type);
        if let Some(authorize) = &self.authorize {
            request = request.bearer_auth(authorize(&path)?);
        }
        let response = request.body(body.to_vec()).send().map_err(|e| format!("{url}: {}", explain(&e)))?;
        let status = response.status().as_u16();
        let text = response.text().map_err(|e| format!("{url}: {}", explain(&e)))?;
        Ok(Reply { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    fn for_site(&self, _site: Site) -> Result<Box<dyn Target>, String> {
        Err("a running service keeps its own settings".to_owned())
    }

    fn is_http(&self) -> bool {
        true
    }
}

/// An error with its causes in one line; the client's own text leaves the reason out.
fn explain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
