//! `POST /cds-services/{id}/feedback`: let in, read, kept, acknowledged (rows FB-1 to FB-12).
//!
//! What is answered 200 is on disk. Feedback has its own places, so that callers who wait for a database that is away
//! never take one from a hook call. A log line holds counts, never an id, a reason or a comment.

use super::body;
use super::correlation;
use super::error::Refusal;
use super::hook::{Entry, guarded, let_in};
use super::state::State;
use crate::auth::Endpoint;
use crate::cds_hooks::{Fault, feedback};
use crate::clock::Stopwatch;
use crate::services::{CallError, NO_CLIENT};
use crate::spans::Attribute;
use crate::store::Summary;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use chrono::Duration;

/// The clock of a client may be ahead so far.
const AHEAD: Duration = Duration::days(1);

/// What the log line says about a call.
#[derive(Default)]
struct CallLog {
    entry: Entry,
    rejected: usize,
    summary: Summary,
}

/// Left out of the log line where there is none.
fn some(count: u64) -> Option<u64> {
    (count > 0).then_some(count)
}

/// Takes feedback.
pub(super) async fn feedback(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<State>,
    payload: web::Payload,
) -> HttpResponse {
    let service = if state.services.hook(&id).is_some() { id.as_str() } else { "unknown" };
    let mut told = CallLog::default();
    let (correlation, begun) = (correlation::of(&request, &state), Stopwatch::start());
    let mut response = match guarded(take(&request, service, &state, payload, &mut told)).await {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(refusal) => refusal.error_response(),
    };
    correlation::give_back(&correlation, &mut response);
    let CallLog { entry, rejected, summary } = told;
    let caller = entry.caller.as_ref();
    state.metrics.feedback(caller.map_or("unknown", |caller| &caller.name), summary, rejected);
    tracing::info!(
        service,
        status = response.status().as_u16(),
        client = caller.map(|caller| &*caller.name),
        token = caller.map(|caller| caller.outcome),
        kid = caller.and_then(|caller| caller.kid.as_deref()),
        request_id = correlation.request_id(),
        trace = %correlation.trace_id(),
        stored = summary.stored,
        repeated = summary.repeated,
        unknown_cards = summary.unknown,
        beyond = summary.beyond,
        remembered = some(summary.remembered),
        not_remembered = some(summary.not_remembered),
        rejected,
        "feedback"
    );
    let route = ("POST", "/cds-services/{id}/feedback");
    correlation::end((&state, &correlation, entry.is_let_in), route, begun, response.status(), || {
        let caller = caller.map_or("unknown", |caller| &*caller.name).to_owned();
        vec![Attribute::new("service", service.to_owned()), Attribute::new("client", caller)]
    });
    response
}

async fn take(
    request: &HttpRequest,
    service: &str,
    state: &State,
    payload: web::Payload,
    told: &mut CallLog,
) -> Result<(), Refusal> {
    let (endpoint, received) = (Endpoint::Feedback(service), Stopwatch::start());
    let let_in = let_in(request, endpoint, state, &state.feedback_places, &mut told.entry).await;
    let let_in = let_in.and_then(|it| {
        // A refusal drops the place, so that reading the rest of a refused body blocks nobody.
        if body::is_json(request.headers()) { Ok(it) } else { Err(Refusal::MediaType) }
    });
    let (_place, client) = match let_in {
        Ok(let_in) => let_in,
        Err(refusal) => {
            body::discard(payload, request.headers(), state.limits).await;
            return Err(refusal);
        }
    };
    let client = client.as_deref().map_or(NO_CLIENT, |client| &client.name);
    let body = body::read(payload, request.headers(), state, (client, Some(received))).await?;
    let now = state.clock.now();
    let batch = feedback::read(&body).and_then(|batch| batch.until(state.clock.for_callers() + AHEAD));
    let batch = batch.map_err(CallError::BadRequest)?;
    told.rejected = batch.rejected.len();
    let summary = state.store.record(&batch, client, now).await.map_err(|error| {
        tracing::warn!(%error, "feedback was not taken");
        Refusal::Store
    })?;
    told.summary = summary;
    if summary.is_too_much() {
        return Err(Refusal::Call(CallError::BadRequest(Fault::new(
            "feedback",
            "is only about cards of which as many entries are kept as may be",
            "Tell each outcome of a card once.",
        ))));
    }
    Ok(())
}
