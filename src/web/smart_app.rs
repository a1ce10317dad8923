//! What an open panel asks for: its page, the record, its questions, the services about a copy of the record, and to save.
//!
//! Everything here needs the cookie of the session; everything but the page also needs the key that the page was given,
//! which no page of another site knows, and must come from our own pages. Only the patient of the session is read, asked
//! about and written to. A log line holds counts and statuses.

use super::admission::{Admission, Admitted};
use super::body;
use super::chart::{self, NO_CHART, NO_PANEL};
use super::correlation;
use super::error::Refusal;
use super::routes::page as read_only;
use super::smart::{Kept, cookie, cookie_of, guarded, smart, told};
use super::smart_save;
use super::state::State;
use crate::cds_hooks::{Fault, Request, document};
use crate::chart::panel::{self};
use crate::chart::smart::{self as pages, App};
use crate::chart::view;
use crate::clock::{Deadline, Stopwatch};
use crate::correlation::Correlation;
use crate::services::fetch::FetchedData;
use crate::services::{CallError, WholeChart};
use crate::smart::{Session, Trouble};
use actix_web::http::header::{self, ContentType};
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

/// The header that holds the key of the page.
const KEY: &str = "x-page-key";

/// A call about another patient than that of the session.
pub(super) const OTHER_PATIENT: Fault = Fault::new(
    "context.patientId",
    "is not the patient whose chart is open",
    "Open the panel from the chart of that patient.",
);

/// Registers what an open panel asks for.
pub(super) fn configure(app: &mut web::ServiceConfig) {
    let panel = web::scope("/smart/app/{handle}")
        .wrap(from_fn(correlation::around))
        .service(read_only("/record", record))
        .service(read_only("/cds-services", discovery))
        .service(chart::asked("/cds-services/{id}", web::post().to(ask)))
        .service(chart::asked("/chart/view", web::post().to(draw)))
        .service(chart::asked("/chart/panel", web::post().to(questions)))
        .service(chart::asked("/chart/panel/amount", web::post().to(amount)))
        .service(chart::asked("/save", web::post().to(smart_save::save)))
        .service(chart::asked("/end", web::post().to(end)))
        .service(read_only("", app_page));
    app.service(read_only("/chart/assets/{version}/{path:.+}", chart::asset)).service(panel);
}

/// The session of a request, by its handle and cookie.
fn opened(request: &HttpRequest, state: &State) -> Option<Arc<Session>> {
    let handle = request.match_info().get("handle")?;
    let secret = cookie_of(request, handle)?;
    state.smart.as_ref()?.sessions.find(handle, secret, state.clock.moment().steady)
}

/// The session of a request that its own page made, and a place for it.
pub(super) async fn let_in(
    request: &HttpRequest,
    state: &State,
) -> Result<(Arc<Session>, Admitted), Refusal> {
    let session = of_own_page(request, state)?;
    let place = place(state, &state.smart_places, &session).await?;
    Ok((session, place))
}

/// The session of a request that its own page made.
fn of_own_page(request: &HttpRequest, state: &State) -> Result<Arc<Session>, Refusal> {
    let smart = smart(state)?;
    let header = |name: &str| request.headers().get(name).map(header::HeaderValue::as_bytes);
    let is_own = header("origin").is_none_or(|origin| origin == smart.origin().as_bytes())
        && header("sec-fetch-site").is_none_or(|site| site == b"same-origin");
    let session =
        opened(request, state).filter(|session| session.is_page_key(header(KEY).unwrap_or_default()));
    session.filter(|_| is_own).ok_or(Refusal::SignedOut)
}

/// A place for a session, counted for its client: a slow EHR holds up nobody else's panels.
async fn place(state: &State, places: &Admission, session: &Session) -> Result<Admitted, Refusal> {
    let shed = |shed| {
        state.metrics.shed(shed);
        Refusal::Overloaded
    };
    let mut place = places.enter().await.map_err(shed)?;
    places.count_for(&session.client.name, &mut place).map_err(shed)?;
    Ok(place)
}

/// `GET /smart/app/{handle}`
async fn app_page(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let smart = smart(&state)?;
    let Some(session) = opened(&request, &state) else { return Ok(told(smart, Trouble::UnknownLogin)) };
    let page = pages::app(&App {
        prefix: smart.prefix(),
        handle: &session.handle,
        key: &session.page_key,
        asked: &session.asked,
        writes: session.writes.name(),
        user: session.user.as_deref(),
        now: state.clock.now(),
    });
    Ok(guarded(smart, &mut HttpResponse::Ok()).content_type(ContentType::html()).body(page))
}

/// The record as the page opens it.
#[derive(Serialize)]
struct Opened<'a> {
    patient: &'a str,
    user: Option<&'a str>,
    encounter: Option<&'a str>,
    #[serde(flatten)]
    chart: WholeChart,
}

/// `GET …/record`
async fn record(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let (session, _place) = let_in(&request, &state).await?;
    let chart = whole(&state, &session, &correlation::of_panel(&request, &state)).await?;
    let (user, encounter) = (session.user.as_deref(), session.encounter.as_deref());
    let opened = Opened { patient: &session.patient, user, encounter, chart };
    Ok(guarded(smart(&state)?, &mut HttpResponse::Ok()).json(opened))
}

pub(super) async fn whole(
    state: &State,
    session: &Session,
    call: &Correlation,
) -> Result<WholeChart, Refusal> {
    let access = session.access(state.clock.moment().steady).ok_or(Refusal::SignedOut)?;
    let _place = place(state, &state.whole_places, session).await?;
    let reader = state.reader(access, call).ok_or(Refusal::Internal)?;
    let chart = state.services.chart(&session.client, &reader, &session.patient).await;
    Ok(chart.inspect_err(|error| {
        tracing::info!(
            client = session.client.name,
            request_id = call.request_id(),
            trace = %call.trace_id(),
            why = Refusal::Call(error.clone()).why(),
            "a record could not be read for the panel"
        );
    })?)
}

/// `GET …/cds-services`
async fn discovery(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let (session, _place) = let_in(&request, &state).await?;
    let offered = state.services.discovery_for(Some(&session.client)).to_vec();
    Ok(guarded(smart(&state)?, &mut HttpResponse::Ok()).content_type(ContentType::json()).body(offered))
}

/// `POST …/cds-services/{id}`: the services about the record with the answers so far; nobody counts these cards as shown.
async fn ask(
    request: HttpRequest,
    address: web::Path<(String, String)>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let (session, place) = let_in(&request, &state).await?;
    let (_, service) = address.into_inner();
    let name = session.client.name.as_str();
    let body = body::read(payload, request.headers(), &state, (name, None)).await?;
    let (now, services) = (state.clock.now(), state.clone());
    let deadline = Deadline::new(Stopwatch::start(), state.limits.deadline);
    let client = Arc::clone(&session);
    let answered = web::block(move || {
        let _place = place;
        let body = document(&body).map_err(CallError::BadRequest)?;
        let patient = Request::read(&body).map_err(CallError::BadRequest)?.context.patient_id.into_owned();
        if patient.trim() != client.patient {
            return Err(CallError::BadRequest(OTHER_PATIENT));
        }
        let pending = services.services.begin(&service, &body, Some(&client.client))?;
        let is_wanted = || !deadline.is_over();
        pending.finish_while(&FetchedData::default(), now, &is_wanted).map(|answer| json!(answer.response))
    });
    let response = answered.await.map_err(|_| Refusal::Internal)??;
    Ok(guarded(smart(&state)?, &mut HttpResponse::Ok()).json(response))
}

/// `POST …/chart/view`
async fn draw(
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    drawn((view::view, NO_CHART), ContentType::json(), request, state, payload).await
}

/// `POST …/chart/panel`
async fn questions(
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    drawn((panel::questions, NO_PANEL), ContentType::html(), request, state, payload).await
}

/// `POST …/chart/panel/amount`
async fn amount(
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    drawn((panel::amount, NO_PANEL), ContentType::json(), request, state, payload).await
}

async fn drawn(
    what: (chart::Draw, Fault),
    kind: ContentType,
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let (session, _place) = let_in(&request, &state).await?;
    chart::drawn(what, kind, (request, &session.client.name), state, payload).await
}

/// `POST …/end`: the panel is closed, and its access given back. It needs no place: whoever leaves is never kept.
async fn end(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let session = of_own_page(&request, &state)?;
    let smart = smart(&state)?;
    smart.end(&session, state.clock.moment()).await;
    tracing::info!(client = session.client.name, "panel closed");
    let over = cookie(smart, &session.handle, "", Kept::Over);
    Ok(guarded(smart, &mut HttpResponse::NoContent()).insert_header((header::SET_COOKIE, over)).finish())
}
