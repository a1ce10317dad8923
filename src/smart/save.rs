//! Writing answers to the EHR, one after the other, and telling what became of each.
//!
//! A refusal of one does not keep the others back; where the EHR is gone or the sign-in has ended, the rest is not tried.
//! What was not written can be sent again: see [`crate::services::form::again()`].

use super::Session;
use super::onset::{MOVED, with_onset};
use crate::clock::Stopwatch;
use crate::correlation::Correlation;
use crate::ehr::{bearer, is_id, with_slash};
use crate::outbound::{Budget, Outbound, OutboundError, Sent};
use crate::services::form::again::{is_withdrawn, text};
use crate::services::form::{ANSWER, Answered};
use reqwest::Method;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;
use url::Url;
use url::form_urlencoded::byte_serialize;

/// What one write may cost.
const WRITE: Budget = Budget { bytes: 1024 * 1024, time: Duration::from_secs(10) };
/// How long all of it may take, the reading of the record before it included.
const WHOLE: Duration = Duration::from_secs(30);
/// Most of what the EHR says about a refusal, in characters.
const LONGEST_WORDS: usize = 200;

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was written.
    Saved,
    /// It stood there already.
    Already,
    /// It was not written, or nobody knows.
    Failed,
}

/// One answer and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// The answer in words.
    pub what: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was not written, for the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Cow<'static, str>>,
    /// The status of the EHR, for the log.
    #[serde(skip)]
    pub status: Option<u16>,
}

const ENDED: &str = "The sign-in at the EHR has ended.";
const LATE: &str = "Not tried: saving took too long. Save again.";
const UNREADABLE: &str = "The EHR's answer cannot be read. Whether this was saved is not known; saving again writes nothing twice.";
const LOST: &str = "The connection to the EHR was lost. Whether this was saved is not known; saving again writes nothing twice.";

/// Writes answers, each with its words, in their order. `steady`: the clock that is never set; `begun`: when saving began;
/// `call`: what the EHR is told that it belongs to.
pub(super) async fn write(
    outbound: &Outbound,
    session: &Session,
    answers: Vec<(String, Answered)>,
    (steady, begun): (Duration, Stopwatch),
    call: &Correlation,
) -> Vec<Saved> {
    let mut saved = Vec::new();
    let mut stopped = (session.token_ends <= steady).then_some(ENDED);
    for (what, answered) in answers {
        let told = |outcome, why, status| Saved { what, outcome, why, status };
        let left = WHOLE.saturating_sub(begun.elapsed());
        if left.is_zero() {
            stopped = stopped.or(Some(LATE));
        }
        let ehr = Ehr { outbound, session, call, budget: Budget { time: WRITE.time.min(left), ..WRITE } };
        saved.push(match (answered, stopped) {
            (Answered::Stands(_), _) => told(Outcome::Already, None, None),
            (_, Some(why)) => told(Outcome::Failed, Some(Cow::Borrowed(why)), None),
            (answered, None) => match ehr.one(&answered).await {
                Ok((outcome, status)) => told(outcome, None, Some(status)),
                Err(Refused { why, status, stop }) => {
                    stopped = stop;
                    told(Outcome::Failed, Some(why), status)
                }
            },
        });
    }
    saved
}

/// Why an answer was not written.
struct Refused {
    why: Cow<'static, str>,
    status: Option<u16>,
    /// Why the rest is not tried.
    stop: Option<&'static str>,
}

impl Refused {
    const fn one(why: &'static str, status: Option<u16>) -> Self {
        Self { why: Cow::Borrowed(why), status, stop: None }
    }

    const fn ended(status: u16) -> Self {
        Self { why: Cow::Borrowed(ENDED), status: Some(status), stop: Some(ENDED) }
    }

    const fn lost(why: &'static str) -> Self {
        let stop = Some("Not tried: the connection to the EHR was lost.");
        Self { why: Cow::Borrowed(why), status: None, stop }
    }
}

const fn broken() -> Refused {
    Refused::one("It could not be sent.", None)
}

/// The server of a session, for one answer.
struct Ehr<'a> {
    outbound: &'a Outbound,
    session: &'a Session,
    call: &'a Correlation,
    budget: Budget,
}

impl Ehr<'_> {
    async fn one(&self, answered: &Answered) -> Result<(Outcome, u16), Refused> {
        match answered {
            Answered::Stands(_) => Err(broken()),
            Answered::New { resource, identifier } => self.create(resource, identifier).await,
            Answered::Onset { id, version, onset } => self.date(id, version, onset).await,
        }
    }

    async fn create(&self, resource: &Value, identifier: &str) -> Result<(Outcome, u16), Refused> {
        let kind = text(resource, "/resourceType");
        let escaped: String = byte_serialize(identifier.as_bytes()).collect();
        let condition = (HeaderName::from_static("if-none-exist"), format!("identifier={ANSWER}|{escaped}"));
        let body = serde_json::to_vec(resource).map_err(|_| broken())?;
        let sent = self.send((Method::POST, kind, kind), Some(condition), body).await?;
        let sent = sent.map_err(|_| Refused::lost(LOST))?;
        match sent.status {
            200 | 201 => {}
            202 | 204 => return Err(Refused::one(UNREADABLE, Some(sent.status))),
            _ => return Err(refused(&sent)),
        }
        let given = resource_of(&sent, kind);
        if !names(&sent, kind) && given.is_none() {
            return Err(no_fhir(&sent));
        }
        // 200 to a new one: what fits the condition was there.
        if given.is_some_and(|given| is_withdrawn(&given)) {
            let why =
                "The EHR holds this very answer as withdrawn. Close the panel, open it again and save anew.";
            return Err(Refused::one(why, Some(sent.status)));
        }
        Ok((if sent.status == 200 { Outcome::Already } else { Outcome::Saved }, sent.status))
    }

    /// Adds an onset to the whole Condition as the EHR gives it at this moment.
    async fn date(&self, id: &str, version: &str, onset: &str) -> Result<(Outcome, u16), Refused> {
        if !is_id(id) {
            return Err(broken());
        }
        let path = format!("Condition/{id}");
        let given = self.send((Method::GET, "Condition", &path), None, Vec::new()).await?;
        let given =
            given.map_err(|_| Refused::lost("The connection to the EHR was lost. This was not saved."))?;
        if given.status != 200 {
            return Err(refused(&given));
        }
        let body = given.body.as_deref().unwrap_or_default();
        let patient = &self.session.patient;
        let body = with_onset(body, (id, version, onset), patient)
            .map_err(|why| Refused::one(why, Some(given.status)))?;
        let condition = (header::IF_MATCH, format!("W/\"{version}\""));
        let sent = self.send((Method::PUT, "Condition", &path), Some(condition), body).await?;
        let sent = sent.map_err(|_| Refused::lost(LOST))?;
        match sent.status {
            204 => Ok((Outcome::Saved, 204)),
            status @ (200 | 201) => {
                let is_fhir = names(&sent, "Condition")
                    || sent.headers.contains_key(header::ETAG)
                    || resource_of(&sent, "Condition").is_some();
                if is_fhir { Ok((Outcome::Saved, status)) } else { Err(no_fhir(&sent)) }
            }
            202 => Err(Refused::one(UNREADABLE, Some(202))),
            status @ (409 | 412) => Err(Refused::one(MOVED, Some(status))),
            _ => Err(refused(&sent)),
        }
    }

    async fn send(
        &self,
        (method, kind, path): (Method, &str, &str),
        condition: Option<(HeaderName, String)>,
        body: Vec<u8>,
    ) -> Result<Result<Sent, OutboundError>, Refused> {
        let url: Url = with_slash(self.session.server.clone()).join(path).map_err(|_| broken())?;
        let json = HeaderValue::from_static("application/fhir+json");
        let mut headers = HeaderMap::from_iter([
            (header::AUTHORIZATION, bearer(&self.session.token).ok_or_else(broken)?),
            (header::ACCEPT, json.clone()),
        ]);
        if method != Method::GET {
            headers.insert(header::CONTENT_TYPE, json);
        }
        if let Some((name, condition)) = condition {
            headers.insert(name, HeaderValue::from_str(&condition).map_err(|_| broken())?);
        }
        let name = match method {
            Method::GET => "GET",
            Method::PUT => "PUT",
            _ => "POST",
        };
        let mut asking = self.outbound.spans().asking(self.call, (name, kind), &url);
        for (name, value) in asking.headers() {
            let value = HeaderValue::try_from(value).map_err(|_| broken())?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let sent = self.outbound.send((method, &url), headers, body, self.budget).await;
        match &sent {
            Ok(sent) => {
                asking.answered(sent.status);
                if sent.body.is_err() {
                    asking.failed("unreadable");
                }
            }
            Err(_) => asking.failed("no answer"),
        }
        Ok(sent)
    }
}

/// Whether the answer names a resource of this type.
fn names(sent: &Sent, kind: &str) -> bool {
    let places = [header::LOCATION, header::CONTENT_LOCATION];
    places.iter().filter_map(|name| sent.headers.get(name)?.to_str().ok()).any(|place| {
        let mut steps = place.split('/');
        steps.any(|step| step == kind) && steps.next().is_some_and(is_id)
    })
}

/// The resource of this type that came back.
fn resource_of(sent: &Sent, kind: &str) -> Option<Value> {
    let resource: Value = serde_json::from_slice(sent.body.as_deref().ok()?).ok()?;
    Some(resource).filter(|it| text(it, "/resourceType") == kind)
}

/// A success that no FHIR server tells: a page to sign in again, or something in between.
fn no_fhir(sent: &Sent) -> Refused {
    let kind = sent.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if sent.status == 200 && kind.to_ascii_lowercase().contains("html") {
        Refused::ended(sent.status)
    } else {
        Refused::one(UNREADABLE, Some(sent.status))
    }
}

fn refused(sent: &Sent) -> Refused {
    let (why, stop) = match sent.status {
        401 => (ENDED, Some(ENDED)),
        403 => ("The EHR does not let you write this.", None),
        404 | 405 | 415 => ("The EHR takes no such record from an app.", None),
        409 => ("The EHR holds something that contradicts it.", None),
        412 => ("The EHR holds several of this answer already.", None),
        400 | 422 => ("The EHR does not accept it as it is.", None),
        429 => ("The EHR is busy. Save again in a minute.", Some("Not tried: the EHR is busy.")),
        500.. => ("The EHR failed. Save again in a minute.", Some("Not tried: the EHR failed.")),
        _ => ("The EHR did not take it.", None),
    };
    let words = sent.body.as_ref().ok().and_then(|body| words(body)).filter(|_| sent.status < 500);
    let why = match words {
        Some(words) => Cow::Owned(format!("{why} It says: {words}")),
        None => Cow::Borrowed(why),
    };
    Refused { why, status: Some(sent.status), stop }
}

/// What an OperationOutcome says, cut short.
fn words(body: &[u8]) -> Option<String> {
    let outcome: Value = serde_json::from_slice(body).ok()?;
    let said = ["/issue/0/details/text", "/issue/0/diagnostics"];
    let said = said.into_iter().find_map(|at| outcome.pointer(at).and_then(Value::as_str))?;
    let short: String = said.chars().filter(|it| !it.is_control()).take(LONGEST_WORDS).collect();
    Some(short).filter(|short| !short.trim().is_empty())
}
