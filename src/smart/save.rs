//! Writing answers to the EHR, one after the other, and telling what became of each.
//!
//! A refusal of one does not keep the others back; where the EHR is gone or the sign-in has ended, the rest is not tried.
//! What was not written can be sent again: see [`super::again()`].

use super::{ANSWER, Answered, Session};
use crate::ehr::{bearer, is_id, with_slash};
use crate::outbound::{Budget, Outbound, Sent};
use reqwest::Method;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;
use url::form_urlencoded::byte_serialize;

/// What one write may cost.
const WRITE: Budget = Budget { bytes: 1024 * 1024, time: Duration::from_secs(10) };
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

/// Writes answers, each with its words, in their order. `steady`: the clock that is never set.
pub(super) async fn write(
    outbound: &Outbound,
    session: &Session,
    answers: Vec<(String, Answered)>,
    steady: Duration,
) -> Vec<Saved> {
    let mut saved = Vec::new();
    let mut stopped = (session.token_ends <= steady).then_some(ENDED);
    for (what, answered) in answers {
        let told = |outcome, why, status| Saved { what, outcome, why, status };
        saved.push(match (answered, stopped) {
            (Answered::Stands(_), _) => told(Outcome::Already, None, None),
            (_, Some(why)) => told(Outcome::Failed, Some(Cow::Borrowed(why)), None),
            (answered, None) => match one(outbound, session, &answered).await {
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

/// What is sent: how, where below the base, under which condition, and what.
struct Request<'a> {
    method: Method,
    path: String,
    condition: (HeaderName, String),
    resource: &'a Value,
}

fn request(answered: &Answered) -> Option<Request<'_>> {
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    match answered {
        Answered::Stands(_) => None,
        Answered::New { resource, identifier } => {
            let escaped: String = byte_serialize(identifier.as_bytes()).collect();
            Some(Request {
                method: Method::POST,
                path: text(resource, "resourceType")?,
                condition: (
                    HeaderName::from_static("if-none-exist"),
                    format!("identifier={ANSWER}|{escaped}"),
                ),
                resource,
            })
        }
        Answered::Onset { resource, version } => {
            let id = text(resource, "id").filter(|id| is_id(id))?;
            Some(Request {
                method: Method::PUT,
                path: format!("{}/{id}", text(resource, "resourceType")?),
                condition: (header::IF_MATCH, format!("W/\"{version}\"")),
                resource,
            })
        }
    }
}

async fn one(outbound: &Outbound, session: &Session, answered: &Answered) -> Result<(Outcome, u16), Refused> {
    let broken = || Refused { why: Cow::Borrowed("It could not be sent."), status: None, stop: None };
    let Request { method, path, condition: (name, condition), resource } =
        request(answered).ok_or_else(broken)?;
    let url = with_slash(session.server.clone()).join(&path).map_err(|_| broken())?;
    let json = HeaderValue::from_static("application/fhir+json");
    let headers = HeaderMap::from_iter([
        (header::AUTHORIZATION, bearer(&session.token).ok_or_else(broken)?),
        (header::CONTENT_TYPE, json.clone()),
        (header::ACCEPT, json),
        (name, HeaderValue::from_str(&condition).map_err(|_| broken())?),
    ]);
    let body = serde_json::to_vec(resource).map_err(|_| broken())?;
    let is_new = method == Method::POST;
    match outbound.send((method, &url), headers, body, WRITE).await {
        // 200 to a new one: what fits the condition was there.
        Ok(Sent { status: 200, .. }) if is_new => Ok((Outcome::Already, 200)),
        Ok(Sent { status: status @ (200 | 201 | 202 | 204), .. }) => Ok((Outcome::Saved, status)),
        Ok(Sent { status: status @ (409 | 412), .. }) if !is_new => {
            let why = "Somebody else changed it meanwhile. Save again.";
            Err(Refused { why: Cow::Borrowed(why), status: Some(status), stop: None })
        }
        Ok(sent) => Err(refused(&sent)),
        Err(_) => {
            let why = "The connection to the EHR was lost. Whether this was saved is not known; saving again writes nothing twice.";
            let stop = Some("Not tried: the connection to the EHR was lost.");
            Err(Refused { why: Cow::Borrowed(why), status: None, stop })
        }
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
