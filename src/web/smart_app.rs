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
use super::state::State;
use crate::cds_hooks::{Fault, Request, document};
use crate::chart::panel::{self, Asked};
use crate::chart::smart::{self as pages, App};
use crate::chart::view;
use crate::clock::{Deadline, Stopwatch};
use crate::services::fetch::FetchedData;
use crate::services::form::{self, Answered, Answers, Filled, Whose, again};
use crate::services::{Author, CallError, WholeChart};
use crate::smart::{LastResponse, Outcome, Saved, Session, Smart, Trouble, Writes, onset};
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// The header that holds the key of the page.
const KEY: &str = "x-page-key";

/// A call about another patient than that of the session.
const OTHER_PATIENT: Fault = Fault::new(
    "context.patientId",
    "is not the patient whose chart is open",
    "Open the panel from the chart of that patient.",
);

/// A save that is none.
const NO_ANSWERS: Fault =
    Fault::new("the body", "is not what the panel sends", "Send answers and shown, as the page does.");

/// Registers what an open panel asks for.
pub(super) fn configure(app: &mut web::ServiceConfig) {
    let below = |path: &str| format!("/smart/app/{{handle}}{path}");
    app.service(read_only("/chart/assets/{version}/{path:.+}", chart::asset))
        .service(read_only(&below("/record"), record))
        .service(read_only(&below("/cds-services"), discovery))
        .service(chart::asked(&below("/cds-services/{id}"), web::post().to(ask)))
        .service(chart::asked(&below("/chart/view"), web::post().to(draw)))
        .service(chart::asked(&below("/chart/panel"), web::post().to(questions)))
        .service(chart::asked(&below("/chart/panel/amount"), web::post().to(amount)))
        .service(chart::asked(&below("/save"), web::post().to(save)))
        .service(chart::asked(&below("/end"), web::post().to(end)))
        .service(read_only(&below(""), app_page));
}

/// The session of a request, by its handle and cookie.
fn opened(request: &HttpRequest, state: &State) -> Option<Arc<Session>> {
    let handle = request.match_info().get("handle")?;
    let secret = cookie_of(request, handle)?;
    state.smart.as_ref()?.sessions.find(handle, secret, state.clock.moment().steady)
}

/// The session of a request that its own page made, and a place for it.
async fn let_in(request: &HttpRequest, state: &State) -> Result<(Arc<Session>, Admitted), Refusal> {
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
    let chart = whole(&request, &state, &session).await?;
    let (user, encounter) = (session.user.as_deref(), session.encounter.as_deref());
    let opened = Opened { patient: &session.patient, user, encounter, chart };
    Ok(guarded(smart(&state)?, &mut HttpResponse::Ok()).json(opened))
}

async fn whole(request: &HttpRequest, state: &State, session: &Session) -> Result<WholeChart, Refusal> {
    let access = session.access(state.clock.moment().steady).ok_or(Refusal::SignedOut)?;
    let _place = place(state, &state.whole_places, session).await?;
    let reader = state.reader(access, &correlation::of(request)).ok_or(Refusal::Internal)?;
    let chart = state.services.chart(&session.client, &reader, &session.patient).await;
    Ok(chart.inspect_err(|error| {
        let client = &*session.client.name;
        tracing::info!(
            client,
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
async fn save(
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let (session, _place) = let_in(&request, &state).await?;
    let (name, begun) = (session.client.name.as_str(), Stopwatch::start());
    let body = body::read(payload, request.headers(), &state, (name, None)).await?;
    let sent: Sent = serde_json::from_slice(&body).map_err(|_| CallError::BadRequest(NO_ANSWERS))?;
    // Its memory is free for others while the EHR is waited for, and for the record.
    drop(body);
    if sent.patient != session.patient {
        return Err(Refusal::Call(CallError::BadRequest(OTHER_PATIENT)));
    }
    let mut last = session.alone().ok_or(Refusal::BeingSaved)?;
    let answers = if session.writes == Writes::Response {
        as_response(&state, &session, &sent, &mut last)
    } else {
        let chart = whole(&request, &state, &session).await?;
        let bytes = chart.resources.iter().map(|raw| raw.get().len()).sum();
        let held = state.in_hand.hold(name, bytes).await.map_err(|_| Refusal::Overloaded)?;
        let (state, session) = (state.clone(), Arc::clone(&session));
        let making = web::block(move || {
            let _held = held;
            answered(&state, &session, sent, &chart)
        });
        making.await.map_err(|_| Refusal::Internal)?.ok_or(CallError::BadRequest(NO_ANSWERS))?
    };
    let smart = smart(&state)?;
    let saved = write(smart, &session, answers, (state.clock.moment().steady, begun)).await;
    let count = |outcome| saved.iter().filter(|it| it.outcome == outcome).count();
    let statuses: Vec<String> = saved.iter().filter_map(|it| Some(it.status?.to_string())).collect();
    tracing::info!(
        client = name,
        saved = count(Outcome::Saved),
        already = count(Outcome::Already),
        failed = count(Outcome::Failed),
        statuses = statuses.join(","),
        "answers saved"
    );
    Ok(guarded(smart, &mut HttpResponse::Ok()).json(json!({ "saved": saved })))
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
    let mut saved = smart.save(session, may, when).await;
    saved.extend(not);
    saved
}
