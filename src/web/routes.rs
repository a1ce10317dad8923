//! The routes, and one hook call from its request to its answer and its log line.
//!
//! A log line holds codes, kinds and counts, never an id, a name or a body. Absent on purpose: what a refusal looks
//! like (`error.rs`).

use super::error::Refusal;
use super::{State, body};
use crate::clock::Stopwatch;
use crate::guideline::page::STYLE_HASH;
use crate::services::{Answer, CallError, Services};
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A body above this many bytes is evaluated off the worker, because it would hold up the worker's other calls
/// for more than about a millisecond.
const LARGE_BODY: usize = 500_000;

/// Registers the routes.
pub(super) fn configure(app: &mut web::ServiceConfig) {
    app.service(
        web::resource("/cds-services")
            .route(web::get().to(discovery))
            .route(web::head().to(discovery))
            .default_service(web::to(|state, payload| {
                refuse(Refusal::Method { allow: "GET, HEAD" }, state, payload)
            })),
    )
    .service(
        web::resource("/cds-services/{id}")
            .route(web::post().to(hook))
            .default_service(web::to(other_method_on_hook)),
    )
    .service(
        web::resource("/guideline")
            .route(web::get().to(guideline))
            .route(web::head().to(guideline))
            .default_service(web::to(|state, payload| {
                refuse(Refusal::Method { allow: "GET, HEAD" }, state, payload)
            })),
    )
    .service(
        web::resource("/healthz")
            .route(web::get().to(healthz))
            .route(web::head().to(healthz))
            .default_service(web::to(|state, payload| {
                refuse(Refusal::Method { allow: "GET, HEAD" }, state, payload)
            })),
    )
    .configure(super::chart::configure)
    .default_service(web::to(|state, payload| refuse(Refusal::UnknownPath, state, payload)));
}

async fn discovery(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(state.discovery.clone())
}

/// The guideline page: the same bytes for everybody, and nothing from outside may enter it.
async fn guideline(state: web::Data<State>) -> HttpResponse {
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(state.guideline.clone())
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(r#"{"status":"ok"}"#)
}

async fn refuse(
    refusal: Refusal,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    body::discard(payload, state.limits).await;
    Err(refusal)
}

async fn other_method_on_hook(
    id: web::Path<String>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let refusal = match state.services.hook(&id) {
        None => Refusal::Call(CallError::UnknownService),
        Some(_) => Refusal::Method { allow: "POST" },
    };
    refuse(refusal, state, payload).await
}

async fn hook(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<State>,
    payload: web::Payload,
) -> HttpResponse {
    let stopwatch = Stopwatch::start();
    let hook = state.services.hook(&id).map(ToOwned::to_owned);
    // An id that is not ours may be anything, so it is not logged.
    let service = if hook.is_some() { id.as_str() } else { "unknown" };
    let result = answer(&request, service, state, payload).await;
    let (response, told) = match result {
        Ok(reply) => (HttpResponse::Ok().content_type(ContentType::json()).body(reply.body), reply.told),
        Err(refusal) => (refusal.error_response(), Told::default()),
    };
    tracing::info!(
        service,
        hook = hook.as_deref().unwrap_or("unknown"),
        status = response.status().as_u16(),
        cards = told.cards,
        codes = told.codes,
        notes = told.notes,
        micros = stopwatch.elapsed().as_micros(),
        "hook call"
    );
    response
}

async fn answer(
    request: &HttpRequest,
    service: &str,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<Reply, Refusal> {
    let refusal = if state.services.hook(service).is_none() {
        Some(Refusal::Call(CallError::UnknownService))
    } else if !body::is_json(request.headers()) {
        Some(Refusal::MediaType)
    } else {
        None
    };
    if let Some(refusal) = refusal {
        body::discard(payload, state.limits).await;
        return Err(refusal);
    }
    let body = body::read(payload, state.limits).await?;
    let now = state.clock.now();
    if body.len() <= LARGE_BODY {
        return reply(&state.services, service, &body, now);
    }
    let service = service.to_owned();
    web::block(move || reply(&state.services, &service, &body, now)).await.unwrap_or(Err(Refusal::Internal))
}

/// An answer, ready to be sent.
struct Reply {
    body: Vec<u8>,
    told: Told,
}

/// What the log line says about an answer.
#[derive(Default)]
struct Told {
    cards: usize,
    codes: String,
    notes: String,
}

fn reply(services: &Services, service: &str, body: &[u8], now: DateTime<Utc>) -> Result<Reply, Refusal> {
    guarded(|| {
        let answer = services.call(service, body, now)?;
        let body = serde_json::to_vec(&answer.response).map_err(|_| Refusal::Internal)?;
        Ok(Reply { body, told: Told::about(&answer) })
    })
}

/// A panic costs the call that met it and no other.
fn guarded<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Refusal::Internal))
}

impl Told {
    fn about(answer: &Answer) -> Self {
        let cards = &answer.response.cards;
        let codes: Vec<&str> = cards.iter().map(|card| card.source.topic.code.as_str()).collect();
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for note in &answer.notes {
            *kinds.entry(note.kind.name()).or_default() += 1;
        }
        let notes: Vec<String> = kinds.iter().map(|(kind, count)| format!("{kind}={count}")).collect();
        Self { cards: cards.len(), codes: codes.join(","), notes: notes.join(",") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cds_hooks::Response;
    use crate::domain::Facts;
    use crate::fhir::{Note, NoteKind};

    #[test]
    fn a_panic_is_one_failed_call() {
        let result: Result<(), Refusal> = guarded(|| panic!("a patient's name"));
        let refusal = result.unwrap_err();
        assert!(matches!(refusal, Refusal::Internal));
        assert_eq!(refusal.status_code().as_u16(), 500);
    }

    #[test]
    fn notes_are_told_by_kind_and_count() {
        let note = |kind| Note::on(kind, "Condition/secret");
        let notes =
            vec![note(NoteKind::OtherPatient), note(NoteKind::Duplicate), note(NoteKind::OtherPatient)];
        let answer = Answer { response: Response { cards: Vec::new() }, notes, facts: Facts::default() };
        assert_eq!(Told::about(&answer).notes, "duplicate=1,other-patient=2");
    }
}
