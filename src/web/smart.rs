//! Signing in to the panel over HTTP: launch, callback, and the cookies between them. Registered only where [smart] is on.
//!
//! Each session has a handle in its address and a cookie of that name, so that two patients in two windows stay two. A
//! cookie holds what is sealed, or the secret of a session; no token is in a cookie, an address or a log line. Deliberately
//! absent: what an open panel asks for (`smart_app`).

use super::admission::Admitted;
use super::error::Refusal;
use super::routes::page as read_only;
use super::state::State;
use crate::chart::smart as pages;
use crate::clock::Moment;
use crate::smart::{Callback, Launch, Smart, Trouble, handle_of, is_handle};
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use std::collections::HashMap;
use url::form_urlencoded;

/// Seconds that the cookie of a login lives.
const LOGIN: u32 = 600;
/// Logins that one browser may have under way.
const LOGINS: usize = 4;
/// Most cookies that one answer has the browser forget.
const MOST_FORGOTTEN: usize = 50;

/// Registers signing in.
pub(super) fn configure(app: &mut web::ServiceConfig) {
    app.service(read_only("/smart/launch", launch))
        .service(read_only("/smart/callback/{client}", callback))
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

/// How long the browser keeps a cookie.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kept {
    /// So many seconds.
    For(u32),
    /// Until the browser is closed.
    UntilClosed,
    /// No longer.
    Over,
}

/// Whether the panel may be framed decides whether its cookies are sent inside of a frame, each kept for that EHR alone.
pub(super) fn cookie(smart: &Smart, handle: &str, value: &str, kept: Kept) -> String {
    let site = if smart.frame_ancestors.is_empty() { "SameSite=Lax" } else { "SameSite=None; Partitioned" };
    let kept = match kept {
        Kept::For(seconds) => format!(" Max-Age={seconds};"),
        Kept::UntilClosed => String::new(),
        Kept::Over => " Max-Age=0;".to_owned(),
    };
    format!("__Host-smart-{handle}={value}; Path=/;{kept} Secure; HttpOnly; {site}")
}

/// The handles and values of our cookies, in the order of the browser: the oldest first.
fn cookies(request: &HttpRequest) -> impl Iterator<Item = (&str, &str)> {
    let all = request.headers().get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter_map(|(name, value)| Some((name.strip_prefix("__Host-smart-")?, value)))
}

/// Has the browser forget what opens nothing any more, and the oldest of many logins; but for this handle.
fn tidy(
    request: &HttpRequest,
    (smart, now): (&Smart, Moment),
    keep: Option<&str>,
    answer: &mut HttpResponse,
) {
    let (mut over, mut logins) = (Vec::new(), Vec::new());
    for (handle, value) in cookies(request).filter(|(handle, _)| is_handle(handle) && Some(*handle) != keep) {
        if smart.login_of(handle, value, now).is_some() {
            logins.push(handle);
        } else if !smart.sessions.knows(handle, value, now.steady) {
            over.push(handle);
        }
    }
    let many = logins.len().saturating_sub(LOGINS);
    for handle in over.into_iter().chain(logins.into_iter().take(many)).take(MOST_FORGOTTEN) {
        if let Ok(value) = cookie(smart, handle, "", Kept::Over).try_into() {
            answer.headers_mut().append(header::SET_COOKIE, value);
        }
    }
}

/// The cookie of this handle.
pub(super) fn cookie_of<'a>(request: &'a HttpRequest, handle: &str) -> Option<&'a str> {
    cookies(request).find(|(found, _)| *found == handle).map(|(_, value)| value)
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
        Trouble::Busy => HttpResponse::ServiceUnavailable(),
        Trouble::Internal => HttpResponse::InternalServerError(),
        Trouble::Refused | Trouble::NoIdentity | Trouble::NotClinician => HttpResponse::Forbidden(),
        _ => HttpResponse::BadRequest(),
    };
    if matches!(trouble, Trouble::Busy) {
        answer.insert_header((header::RETRY_AFTER, "60"));
    }
    let page = pages::trouble(smart.prefix(), &trouble.to_string());
    guarded(smart, &mut answer).content_type(ContentType::html()).body(page)
}

/// A place for signing in at the EHR of this client: places of their own, so that who is in goes on, and counted for each
/// client, so that an EHR that is slow holds up nobody else's.
async fn place(state: &State, client: &str) -> Result<Admitted, Trouble> {
    let shed = |shed| {
        state.metrics.shed(shed);
        Trouble::Busy
    };
    let mut place = state.login_places.enter().await.map_err(shed)?;
    state.login_places.count_for(client, &mut place).map_err(shed)?;
    Ok(place)
}

/// `GET /smart/launch`: the EHR opens the panel, with `iss` and `launch`; without them it is opened by hand.
async fn launch(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let smart = smart(&state)?;
    let mut answer = begin(&request, &state, smart).await.unwrap_or_else(|trouble| told(smart, trouble));
    tidy(&request, (smart, state.clock.moment()), None, &mut answer);
    Ok(answer)
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
    let _place = place(state, &client.name).await?;
    let types = state.services.types_read(client);
    let begun = smart.begin(&Launch { iss, launch, types: &types }, state.clock.moment()).await?;
    tracing::info!(client = client.name, by_ehr = launch.is_some(), "panel launched");
    Ok(guarded(smart, &mut HttpResponse::SeeOther())
        .insert_header((header::SET_COOKIE, cookie(smart, &begun.handle, &begun.sealed, Kept::For(LOGIN))))
        .insert_header((header::LOCATION, begun.to.as_str()))
        .finish())
}

/// `GET /smart/callback/{client}`: the EHR sends the browser back.
async fn callback(
    request: HttpRequest,
    client: web::Path<String>,
    state: web::Data<State>,
) -> Result<HttpResponse, Refusal> {
    let smart = smart(&state)?;
    let (mut answer, handle) = match finish(&request, &client, &state, smart).await {
        Ok((answer, handle)) => (answer, Some(handle)),
        Err(trouble) => {
            tracing::info!(?trouble, "a sign-in did not succeed");
            (told(smart, trouble), None)
        }
    };
    tidy(&request, (smart, state.clock.moment()), handle.as_deref(), &mut answer);
    Ok(answer)
}

/// The answer to the browser with the handle of its session.
async fn finish(
    request: &HttpRequest,
    client: &str,
    state: &State,
    smart: &Smart,
) -> Result<(HttpResponse, String), Trouble> {
    let sent = parameters(request);
    let of_browser = parameter(&sent, "state")?.ok_or(Trouble::UnknownLogin)?;
    let handle = handle_of(of_browser).ok_or(Trouble::UnknownLogin)?;
    let sealed = cookie_of(request, handle).ok_or(Trouble::UnknownLogin)?;
    let now = state.clock.moment();
    let name = smart.login_of(handle, sealed, now).ok_or(Trouble::UnknownLogin)?;
    let _place = place(state, &name).await?;
    let is_refused = parameter(&sent, "error")?.is_some();
    let code = parameter(&sent, "code")?.filter(|_| !is_refused);
    let answer = Callback { client, code, iss: parameter(&sent, "iss")?, state: of_browser, sealed };
    let started = smart.finish(&answer, now).await?;
    // Whoever sits here now is not whom the panels of the one before are for.
    smart.sessions.end_others(cookies(request), (&started.client, started.user.as_deref()), now.steady);
    tracing::info!(client = started.client, "signed in to the panel");
    let page = format!("{}/smart/app/{}", smart.prefix(), started.handle);
    let kept = cookie(smart, &started.handle, &started.secret, Kept::UntilClosed);
    let answer = guarded(smart, &mut HttpResponse::SeeOther())
        .insert_header((header::SET_COOKIE, kept))
        .insert_header((header::LOCATION, page))
        .finish();
    Ok((answer, started.handle))
}

/// `GET /smart/jwks.json`: the public key with which an EHR checks who asks for a token.
async fn key_set(state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let set = smart(&state)?.key_set().ok_or(Refusal::UnknownPath)?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((header::CACHE_CONTROL, "max-age=3600"))
        .body(set.to_owned()))
}
