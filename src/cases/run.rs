//! Runs one case: asks a target, compares, gives a verdict.

use super::bundle::CaseBundle;
use super::case::{Case, REQUEST_FILE};
use super::compare::{Reply, compare};
use super::request;
use super::shift::Shift;
use super::suggestion::Times;
use super::target::{Target, at_its_facility};
use crate::clock::Stopwatch;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// Statuses that a service gives without HTTP around it; the others are decided by the web layer.
const STATUSES_IN_PROCESS: [u16; 3] = [400, 404, 412];

/// How far a running clock may move between building a request and answering it, in seconds.
const RUNNING_CLOCK_TOLERANCE: i64 = 60;

/// The clock that the service answers by.
#[derive(Debug, Clone, Copy)]
pub enum ServiceClock {
    /// The case's own.
    OfTheCase,
    /// This time, standing still.
    Frozen(DateTime<Utc>),
    /// A clock that runs; this is what it shows now.
    Running(DateTime<Utc>),
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As expected.
    AsExpected,
    /// The differences in plain words, at least one.
    Differs(Vec<String>),
    /// Not run, with the reason.
    Skipped(String),
    /// Cannot be run: the case itself is wrong, or the service cannot be reached.
    Broken(String),
}

/// A verdict with the answer that it judges.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Name of the case.
    pub name: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Whether times, and what follows from them, were compared.
    pub times_compared: bool,
    /// The answer, when there was one.
    pub reply: Option<Reply>,
    /// How long it took, reading its files included.
    pub took: Duration,
}

/// Runs one case.
pub fn run(case: &Case, target: &dyn Target, clock: ServiceClock) -> Outcome {
    let begun = Stopwatch::start();
    let mut outcome = Outcome {
        name: case.name.clone(),
        verdict: Verdict::AsExpected,
        times_compared: true,
        reply: None,
        took: Duration::ZERO,
    };
    outcome.verdict = match skip_reason(case, target) {
        Some(why) => Verdict::Skipped(why),
        None => match judge(case, target, clock, &mut outcome) {
            Ok(differences) if differences.is_empty() => Verdict::AsExpected,
            Ok(differences) => Verdict::Differs(differences),
            Err(why) => Verdict::Broken(why),
        },
    };
    outcome.took = begun.elapsed();
    outcome
}

fn skip_reason(case: &Case, target: &dyn Target) -> Option<String> {
    if target.is_http() {
        return case
            .told
            .facility
            .is_some()
            .then(|| "its facility settings need a service in process".to_owned());
    }
    let content_type =
        case.told.request.as_ref().is_none_or(|r| r.content_type.starts_with("application/json"));
    let status = case.told.expect_error.as_ref().is_none_or(|e| STATUSES_IN_PROCESS.contains(&e.status));
    (!content_type || !status).then(|| "its answer comes from the HTTP layer: run it with --url".to_owned())
}

fn judge(
    case: &Case,
    target: &dyn Target,
    clock: ServiceClock,
    outcome: &mut Outcome,
) -> Result<Vec<String>, String> {
    let (now, tolerance_seconds) = match clock {
        ServiceClock::OfTheCase => (case.told.now, 0),
        ServiceClock::Frozen(at) => (at, 0),
        ServiceClock::Running(at) => (at, RUNNING_CLOCK_TOLERANCE),
    };
    let shift = Shift::between(case.told.now, now);
    let (shifted, reply) = at_its_facility(case, target, |target| {
        let (service, content_type, body) = body_of(case, target)?;
        let shifted = shift.text(&body);
        let reply = target.ask(&service, &content_type, &shifted.body, now)?;
        Ok::<_, String>((shifted, reply))
    })??;
    let times = Times { shift, comparable: shifted.exact, tolerance_seconds };
    let differences = compare(&case.told, &reply, times);
    outcome.times_compared = shifted.exact;
    outcome.reply = Some(reply);
    Ok(differences)
}

/// Service id, content type and body of the request.
fn body_of(case: &Case, target: &dyn Target) -> Result<(String, String, Vec<u8>), String> {
    if case.is_hostile() {
        let path = case.folder.join(REQUEST_FILE);
        let body = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let request = case.told.request.clone().unwrap_or_default();
        return Ok((request.service, request.content_type, body));
    }
    let bundle = CaseBundle::load(&case.folder).map_err(|e| e.to_string())?;
    let request = request::build(&case.told, bundle, target.offered())?;
    Ok((request.service, "application/json".to_owned(), request.body.to_string().into_bytes()))
}
