//! Signing in to the panel over HTTP: launch, callback, and the cookies between them. Registered only where [smart] is on.
//!
//! Each session has a handle in its address and a cookie of that name, so that two patients in two windows stay two. A
//! cookie holds what is sealed, or the secret of a session; no token is in a cookie, an address or a log line. Deliberately
//! absent: what an open panel asks for (`smart_app`).

use super::error::Refusal;
use super::routes::page as read_only;
use super::state::State;
use crate::chart::smart as pages;
use crate::smart::{Callback, Launch, Smart, Trouble, handle_of};
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use std::collections::HashMap;
use url::form_urlencoded;

/// Seconds that the cookie of a login lives.
const LOGIN: u32 = 600;
/// Seconds that the cookie of a session lives.
const SESSION: u32 = 43_200;

/// Registers signing in.
pub(super) fn configure(app: &mut web::ServiceConfig) {
    app.service(read_only("/smart/launch", launch))
        .service(read_only("/smart/callback", callback))
        .service(read_only("/smart/jwks.json", key_set));
}

/// The panel, where it is on.
pub(super) fn smart(state: &State) -> Result<&Smart, Refusal> {
    state.smart.as_ref().ok_or(Refusal::UnknownPath)
}

/// The parameters of an address; one that stands twice has no value.
fn parameters(request: &HttpRequest) -> HashMap<String, Option<String>> {
    let mut found = HashMap::new();
    for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        let is_second = found.contains_key(&*name);
        found.insert(name.into_owned(), (!is_second).then(|| value.into_owned()));
    }
    found
}

fn parameter<'a>(of: &'a HashMap<String, Option<String>>, name: &str) -> Result<Option<&'a str>, Trouble> {
    match of.get(name) {
        None => Ok(None),
        Some(Some(value)) => Ok(Some(value.as_str()).filter(|value| !value.is_empty())),
        Some(None) => Err(Trouble::UnknownLogin),
    }
}

/// Whether the panel may be framed decides whether its cookies are sent inside of a frame, each kept for that EHR alone.
fn cookie(smart: &Smart, handle: &str, value: &str, seconds: u32) -> String {
    let site = if smart.frame_ancestors.is_empty() { "SameSite=Lax" } else { "SameSite=None; Partitioned" };
    format!("__Host-smart-{handle}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; {site}")
}

/// The cookie of this handle.
pub(super) fn cookie_of<'a>(request: &'a HttpRequest, handle: &str) -> Option<&'a str> {
    let name = format!("__Host-smart-{handle}");
    let all = request.headers().get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// An answer that no cache keeps and that only the EHRs of the configuration may frame.
pub(super) fn guarded<'a>(smart: &Smart, answer: &'a mut HttpResponseBuilder) -> &'a mut HttpResponseBuilder {
    let ancestors =
        if smart.frame_ancestors.is_empty() { "'none'".to_owned() } else { smart.frame_ancestors.join(" ") };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors {ancestors}"
    );
    answer
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
}

/// A page that says what went wrong.
pub(super) fn told(smart: &Smart, trouble: Trouble) -> HttpResponse {
    let mut answer = match trouble {
        Trouble::Unreachable => HttpResponse::BadGateway(),
        Trouble::Internal => HttpResponse::InternalServerError(),
        Trouble::Refused | Trouble::NoIdentity | Trouble::NotClinician => HttpResponse::Forbidden(),
        _ => HttpResponse::BadRequest(),
    };
    let page = pages::trouble(smart.prefix(), &trouble.to_string());
    guarded(smart, &mut answer).content_type(ContentType::html()).body(page)
}

/// `GET /smart/launch`: the EHR opens the panel, with `iss` and `launch`; without them it is opened by hand.
async fn launch(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let smart = smart(&state)?;
    let _place = state.smart_places.enter().await.map_err(|_| Refusal::Overloaded)?;
    Ok(begin(&request, &state, smart).await.unwrap_or_else(|trouble| told(smart, trouble)))
}

async fn begin(request: &HttpRequest, state: &State, smart: &Smart) -> Result<HttpResponse, Trouble> {
    let sent = parameters(request);
    let (iss, launch) = (parameter(&sent, "iss")?, parameter(&sent, "launch")?);
    if iss.is_none() && smart.ehrs().count() > 1 {
        let address = |iss: &str| {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("iss", iss).finish();
            format!("{}/smart/launch?{query}", smart.prefix())
        };
        let ehrs: Vec<(String, String)> =
            smart.ehrs().map(|(name, url)| (name.to_owned(), address(url.as_str()))).collect();
        let page = pages::choice(smart.prefix(), &ehrs);
        return Ok(guarded(smart, &mut HttpResponse::Ok()).content_type(ContentType::html()).body(page));
    }
    let (client, _) = smart.ehr(iss)?;
    let types = state.services.types_read(client);
    let begun = smart.begin(&Launch { iss, launch, types: &types }, state.clock.moment()).await?;
    tracing::info!(client = client.name, by_ehr = launch.is_some(), "panel launched");
    Ok(guarded(smart, &mut HttpResponse::SeeOther())
        .insert_header((header::SET_COOKIE, cookie(smart, &begun.handle, &begun.sealed, LOGIN)))
        .insert_header((header::LOCATION, begun.to.as_str()))
        .finish())
}

/// `GET /smart/callback`: the EHR sends the browser back.
async fn callback(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let smart = smart(&state)?;
    let _place = state.smart_places.enter().await.map_err(|_| Refusal::Overloaded)?;
    Ok(finish(&request, &state, smart).await.unwrap_or_else(|trouble| {
        tracing::info!(?trouble, "a sign-in did not succeed");
        told(smart, trouble)
    }))
}

async fn finish(request: &HttpRequest, state: &State, smart: &Smart) -> Result<HttpResponse, Trouble> {
    let sent = parameters(request);
    let of_browser = parameter(&sent, "state")?.ok_or(Trouble::UnknownLogin)?;
    let handle = handle_of(of_browser).ok_or(Trouble::UnknownLogin)?;
    let sealed = cookie_of(request, handle).ok_or(Trouble::UnknownLogin)?;
    if parameter(&sent, "error")?.is_some() {
        return Err(Trouble::Refused);
    }
    let code = parameter(&sent, "code")?.ok_or(Trouble::Refused)?;
    let started = smart.finish(&Callback { code, state: of_browser, sealed }, state.clock.moment()).await?;
    tracing::info!(client = started.client, "signed in to the panel");
    let page = format!("{}/smart/app/{}", smart.prefix(), started.handle);
    Ok(guarded(smart, &mut HttpResponse::SeeOther())
        .insert_header((header::SET_COOKIE, cookie(smart, &started.handle, &started.secret, SESSION)))
        .insert_header((header::LOCATION, page))
        .finish())
}

/// `GET /smart/jwks.json`: the public key with which an EHR checks who asks for a token.
async fn key_set(state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let set = smart(&state)?.key_set().ok_or(Refusal::UnknownPath)?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((header::CACHE_CONTROL, "max-age=3600"))
        .body(set))
}
