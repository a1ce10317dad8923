//! `POST /cds-services/{id}/feedback`: let in, read, kept, acknowledged (rows FB-1 to FB-12).
//!
//! What is answered 200 is on disk. Feedback has its own places, so that callers who wait for a database that is away
//! never take one from a hook call. A log line holds counts, never an id, a reason or a comment.

use super::access::Caller;
use super::body;
use super::error::Refusal;
use super::hook::let_in;
use super::state::State;
use crate::auth::Endpoint;
use crate::cds_hooks::feedback;
use crate::services::CallError;
use crate::store::Summary;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};

/// What the log line says about a call.
#[derive(Default)]
struct Told {
    caller: Option<Caller>,
    rejected: usize,
    summary: Summary,
}

/// Takes feedback.
pub(super) async fn feedback(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<State>,
    payload: web::Payload,
) -> HttpResponse {
    let service = if state.services.hook(&id).is_some() { id.as_str() } else { "unknown" };
    let mut told = Told::default();
    let response = match take(&request, service, &state, payload, &mut told).await {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(refusal) => refusal.error_response(),
    };
    let Told { caller, rejected, summary } = told;
    state.metrics.feedback(caller.as_ref().map_or("unknown", |caller| &caller.name), summary, rejected);
    tracing::info!(
        service,
        status = response.status().as_u16(),
        client = caller.as_ref().map(|caller| &*caller.name),
        token = caller.as_ref().map(|caller| caller.outcome),
        kid = caller.as_ref().and_then(|caller| caller.kid.as_deref()),
        stored = summary.stored,
        repeated = summary.repeated,
        unknown_cards = summary.unknown,
        rejected,
        "feedback"
    );
    response
}

async fn take(
    request: &HttpRequest,
    service: &str,
    state: &State,
    payload: web::Payload,
    told: &mut Told,
) -> Result<(), Refusal> {
    let endpoint = Endpoint::Feedback(service);
    let admitted = let_in(request, endpoint, state, &state.feedback_places, &mut told.caller).await;
    let refusal = match admitted {
        Ok(_) if body::is_json(request.headers()) => None,
        Ok(_) => Some(Refusal::MediaType),
        Err(ref refusal) => Some(refusal.clone()),
    };
    if let Some(refusal) = refusal {
        // Whoever is refused takes no place while it sends on.
        drop(admitted);
        body::discard(payload, state.limits).await;
        return Err(refusal);
    }
    let body = body::read(payload, state.limits).await?;
    let batch = feedback::read(&body).map_err(CallError::BadRequest)?;
    told.rejected = batch.rejected.len();
    let client = told.caller.as_ref().map_or("unknown", |caller| &caller.name);
    told.summary = state.store.record(&batch, client, state.clock.now()).await.map_err(|error| {
        tracing::warn!(%error, "feedback was not taken");
        Refusal::Store
    })?;
    Ok(())
}
