//! Saving the answers of an open panel: what is written is made here, of the answers and the record as the EHR has it now.
//!
//! A save that was begun goes on to its end whether or not its browser waits. A log line holds counts and statuses.

use super::body;
use super::correlation;
use super::error::Refusal;
use super::smart::{guarded, smart};
use super::smart_app::{OTHER_PATIENT, let_in, whole};
use super::state::State;
use crate::cds_hooks::Fault;
use crate::chart::panel::{self, Asked};
use crate::clock::Stopwatch;
use crate::correlation::Correlation;
use crate::services::form::{self, Answered, Answers, Filled, Whose, again};
use crate::services::{Author, CallError, WholeChart};
use crate::smart::{LastResponse, Outcome, Saved, Session, Smart, Writes, onset};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// A save that is none.
const NO_ANSWERS: Fault =
    Fault::new("the body", "is not what the panel sends", "Send answers and shown, as the page does.");

/// What the page sends to be saved. What is written is made here, of these answers and the record as the EHR has it now.
#[derive(Deserialize)]
struct Sent {
    patient: String,
    #[serde(default)]
    answers: Answers,
    #[serde(default)]
    shown: Answers,
}

/// `POST …/save`
pub(super) async fn save(
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let (session, place) = let_in(&request, &state).await?;
    let (name, begun) = (session.client.name.as_str(), Stopwatch::start());
    let body = body::read(payload, request.headers(), &state, (name, None)).await?;
    let sent: Sent = serde_json::from_slice(&body).map_err(|_| CallError::BadRequest(NO_ANSWERS))?;
    // Its memory is free for others while the EHR is waited for, and for the record.
    drop(body);
    if sent.patient != session.patient {
        return Err(Refusal::Call(CallError::BadRequest(OTHER_PATIENT)));
    }
    let call = correlation::of_panel(&request, &state);
    let (for_saving, of) = (state.clone(), Arc::clone(&session));
    // A browser that hangs up ends nothing half-way: what was begun is written to its end, and told in the log.
    let saving = actix_web::rt::spawn(async move {
        let _place = place;
        let saved = save_for(&for_saving, &of, &call, sent, begun).await;
        saved.inspect_err(|refusal| {
            tracing::info!(
                client = of.client.name,
                request_id = call.request_id(),
                trace = %call.trace_id(),
                why = refusal.why(),
                "answers were not saved"
            );
        })
    });
    let saved = saving.await.map_err(|_| Refusal::Internal)??;
    Ok(guarded(smart(&state)?, &mut HttpResponse::Ok()).json(json!({ "saved": saved })))
}

/// Makes what is to be written, writes it, and tells in the log what became of it.
async fn save_for(
    state: &web::Data<State>,
    session: &Arc<Session>,
    call: &Arc<Correlation>,
    sent: Sent,
    begun: Stopwatch,
) -> Result<Vec<Saved>, Refusal> {
    let name = session.client.name.as_str();
    let mut last = session.alone().ok_or(Refusal::BeingSaved)?;
    let answers = if session.writes == Writes::Response {
        as_response(state, session, &sent, &mut last)
    } else {
        let chart = whole(state, session, call).await?;
        let bytes = chart.resources.iter().map(|raw| raw.get().len()).sum();
        let held = state.in_hand.hold(name, bytes).await.map_err(|_| Refusal::Overloaded)?;
        let (state, session) = (state.clone(), Arc::clone(session));
        let making = web::block(move || {
            let _held = held;
            answered(&state, &session, sent, &chart)
        });
        making.await.map_err(|_| Refusal::Internal)?.ok_or(CallError::BadRequest(NO_ANSWERS))?
    };
    let saved = write(smart(state)?, session, answers, (state.clock.moment().steady, begun), call).await;
    let count = |outcome| saved.iter().filter(|it| it.outcome == outcome).count();
    let statuses: Vec<String> = saved.iter().filter_map(|it| Some(it.status?.to_string())).collect();
    tracing::info!(
        client = name,
        request_id = call.request_id(),
        trace = %call.trace_id(),
        saved = count(Outcome::Saved),
        already = count(Outcome::Already),
        failed = count(Outcome::Failed),
        statuses = statuses.join(","),
        "answers saved"
    );
    Ok(saved)
}

const NOTHING: &str = "The EHR lets the panel write nothing.";
const NOBODY: &str = "The EHR does not say which clinician signed in, so nothing is written.";

/// An answer in words, and the resource that says it or why there is none.
type Written = (String, Result<Answered, &'static str>);

/// All answers as one response.
fn as_response(state: &State, session: &Session, sent: &Sent, last: &mut LastResponse) -> Vec<Written> {
    let author = Author {
        now: state.clock.now(),
        patient_id: &session.patient,
        encounter_id: session.encounter.as_deref(),
        user_id: session.user.as_deref(),
    };
    let response = form::response(&sent.answers, author);
    let written = response.map(|response| {
        (
            "The answers as a questionnaire".to_owned(),
            Ok(last.again(&session.handle, response, &|text| state.services.tag_of(text))),
        )
    });
    written.into_iter().collect()
}

/// What is to be written of these answers.
fn answered(state: &State, session: &Session, sent: Sent, chart: &WholeChart) -> Option<Vec<Written>> {
    let now = state.clock.now();
    let asked = Asked {
        patient: session.patient.clone(),
        user: session.user.clone(),
        encounter: session.encounter.clone(),
        resources: chart.resources.iter().map(|raw| &**raw).collect(),
        answers: sent.answers,
        shown: sent.shown,
        ..Asked::default()
    };
    let Filled { new, changed, .. } = panel::fill(&state.services, &asked, now)?;
    let record: Vec<Value> =
        chart.resources.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect();
    let user = session.user.as_deref().unwrap_or_default();
    let whose = Whose {
        patient: &session.patient,
        user,
        now,
        zone: state.services.time_zone(),
        tag: &|text| state.services.tag_of(text),
    };
    let new = new
        .into_iter()
        .filter_map(|one| Some((one.question, serde_json::from_str::<Value>(one.resource.get()).ok()?)));
    let new = new.map(|(question, resource)| {
        let words = words(&resource);
        let is_condition = resource.get("resourceType").and_then(Value::as_str) == Some("Condition");
        match session.writes {
            Writes::Observations { conditions, .. } if conditions || !is_condition => {
                (words, Ok(again(&question, resource, &record, &whose)))
            }
            Writes::Observations { .. } => {
                (words, Err("The EHR lets the panel write no problem with its onset."))
            }
            Writes::Response | Writes::Nothing => (words, Err(NOTHING)),
            Writes::Nobody => (words, Err(NOBODY)),
        }
    });
    let onsets = changed.iter().map(|resource| {
        let written = match session.writes {
            Writes::Observations { onsets: true, .. } => onset(resource),
            Writes::Observations { .. } => Err("The EHR lets the panel add no onset to a problem on record."),
            Writes::Response | Writes::Nothing => Err(NOTHING),
            Writes::Nobody => Err(NOBODY),
        };
        (words(resource), written)
    });
    Some(new.chain(onsets).collect())
}

/// A resource in the words of its note, or of its code.
fn words(resource: &Value) -> String {
    let text = |at: &str| resource.pointer(at).and_then(Value::as_str);
    let said = text("/note/0/text").or_else(|| text("/code/text")).or_else(|| text("/code/coding/0/display"));
    let since = text("/onsetDateTime").map(|day| format!(" since {day}")).unwrap_or_default();
    format!("{}{since}", said.unwrap_or("The answer"))
}

async fn write(
    smart: &Smart,
    session: &Session,
    answers: Vec<Written>,
    when: (Duration, Stopwatch),
    call: &Correlation,
) -> Vec<Saved> {
    let (mut may, mut not) = (Vec::new(), Vec::new());
    for (what, written) in answers {
        match written {
            Ok(answered) => may.push((what, answered)),
            Err(why) => not.push(Saved {
                what,
                outcome: Outcome::Failed,
                why: Some(Cow::Borrowed(why)),
                status: None,
            }),
        }
    }
    let mut saved = smart.save(session, may, when, call).await;
    saved.extend(not);
    saved
}
