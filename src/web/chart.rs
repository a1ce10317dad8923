//! The demo page over HTTP. Sandbox mode only: the caller registers it there and nowhere else; the panel inside an EHR draws
//! with the same functions (`smart_app`).
//!
//! Deliberately absent: what the pages look like ([`crate::chart`]).

use super::body;
use super::error::Refusal;
use super::insights::{answer, report};
use super::routes::{page as read_only, refuse};
use super::state::State;
use crate::cds_hooks::Fault;
use crate::chart::frame::Clock;
use crate::chart::{assets, fixtures, frame, list, panel, read, view, worklist};
use crate::clock;
use crate::insights::Format;
use crate::services::{CallError, NO_CLIENT, Services};
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Resource, Route, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// Nothing from outside, nothing inline: styles and scripts come from this service alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The answer to a chart that is none.
pub(super) const NO_CHART: Fault =
    Fault::new("the body", "is not a chart", "Send patient, resources, drafts and cards, as the page does.");

/// The answer to a panel that is none.
pub(super) const NO_PANEL: Fault = Fault::new(
    "the body",
    "is not what the panel sends",
    "Send patient and encounter as FHIR ids, resources, facts, answers and shown, as the page does.",
);

/// Registers the page and what it loads.
pub(super) fn configure(app: &mut web::ServiceConfig) {
    app.service(read_only("/", patients))
        .service(read_only("/guideline", guideline))
        .service(read_only("/insights", insights))
        .service(read_only("/worklist", work))
        .service(read_only("/chart/own", own))
        .service(read_only("/chart/patients/{name}", patient))
        .service(read_only("/chart/patients/{name}/record", record))
        .service(read_only("/chart/assets/{version}/{path:.+}", asset))
        .service(asked("/chart/read", web::post().to(read_text)))
        .service(asked("/chart/view", web::post().to(draw)))
        .service(asked("/chart/panel", web::post().to(questions)))
        .service(asked("/chart/panel/amount", web::post().to(amount)));
}

pub(super) fn asked(path: &str, post: Route) -> Resource {
    web::resource(path).route(post).default_service(web::to(|request, state, payload| {
        refuse(Refusal::Method { allow: "POST" }, request, state, payload)
    }))
}

fn clock(state: &State) -> Clock {
    Clock {
        now: state.clock.now(),
        frozen: matches!(state.clock, clock::Clock::Frozen(_)),
        has_worklist: state.worklist.is_some(),
    }
}

fn page(html: String) -> HttpResponse {
    protected()
        .content_type(ContentType::html())
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(html)
}

/// An answer that a browser neither guesses about nor, unless it is told so, keeps.
fn protected() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    answer
}

async fn patients(state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let now = clock(&state);
    let drawn = web::block(move || list::page(&state.ward.lines(&state.services, now.now), now)).await;
    Ok(page(drawn.map_err(|_| Refusal::Internal)?))
}

/// The guideline page in the frame of the sandbox.
async fn guideline(state: web::Data<State>) -> HttpResponse {
    page(frame::around(
        "The guideline",
        "/guideline",
        &String::from_utf8_lossy(&state.guideline),
        clock(&state),
    ))
}

/// What became of the cards, as a page in the frame of the sandbox; other forms as they are.
async fn insights(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    Ok(match report(&request, &state).await? {
        (Format::Page, text) => page(frame::around("Insights", "/insights", &text, clock(&state))),
        (format, text) => answer(format, text),
    })
}

async fn work(asked: web::Query<worklist::Asked>, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let clock = clock(&state);
    let drawn = web::block(move || worklist::page(state.worklist.as_deref(), &asked, clock)).await;
    Ok(page(drawn.map_err(|_| Refusal::Internal)?.ok_or(Refusal::UnknownPath)?))
}

async fn own(state: web::Data<State>) -> HttpResponse {
    page(frame::own(clock(&state)))
}

async fn patient(name: web::Path<String>, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let fixture = fixtures::find(&name).ok_or(Refusal::UnknownPath)?;
    Ok(page(frame::patient(fixture, clock(&state))))
}

async fn record(name: web::Path<String>, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let fixture = fixtures::find(&name).ok_or(Refusal::UnknownPath)?;
    Ok(protected().content_type(ContentType::json()).body(fixture.opened_at(state.clock.now())))
}

/// A file of the page; the address of a version never means another text, so the browser may keep it.
pub(super) async fn asset(address: web::Path<(String, String)>) -> Result<HttpResponse, Refusal> {
    let (version, path) = address.into_inner();
    let asset = assets::find(&path).filter(|_| version == *assets::VERSION).ok_or(Refusal::UnknownPath)?;
    let keep = (header::CACHE_CONTROL, "max-age=31536000, immutable");
    Ok(protected().insert_header(keep).content_type(asset.media_type).body(asset.text))
}

/// How a text that the user brings is to be read.
#[derive(Deserialize)]
struct Brought {
    /// One document a line.
    #[serde(default)]
    lines: bool,
}

async fn read_text(
    brought: web::Query<Brought>,
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let text = body::read(payload, request.headers(), &state, (NO_CLIENT, None)).await?;
    let found =
        web::block(move || read::read(&text, "", brought.lines)).await.map_err(|_| Refusal::Internal)?;
    Ok(protected().content_type(ContentType::json()).body(found))
}

async fn draw(
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    drawn((view::view, NO_CHART), ContentType::json(), (request, NO_CLIENT), state, payload).await
}

async fn questions(
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    drawn((panel::questions, NO_PANEL), ContentType::html(), (request, NO_CLIENT), state, payload).await
}

async fn amount(
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    drawn((panel::amount, NO_PANEL), ContentType::json(), (request, NO_CLIENT), state, payload).await
}

/// Draws a body, or nothing where it is not what the page sends.
pub(super) type Draw = fn(&Services, &[u8], DateTime<Utc>) -> Option<String>;

/// What is drawn of the record that the page sends, or the fault of a body of which nothing is.
pub(super) async fn drawn(
    (draw, none): (Draw, Fault),
    kind: ContentType,
    (request, client): (HttpRequest, &str),
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let asked = body::read(payload, request.headers(), &state, (client, None)).await?;
    let now = state.clock.now();
    let drawn = web::block(move || draw(&state.services, &asked, now)).await;
    match drawn.map_err(|_| Refusal::Internal)? {
        Some(text) => Ok(protected().content_type(kind).body(text)),
        None => Err(Refusal::Call(CallError::BadRequest(none))),
    }
}
