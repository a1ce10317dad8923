//! What stands before every route: the name that the sandbox was called by, a place for each page, and for the panel the headers by
//! which nothing of it is kept.
//!
//! Calls of services and requests of the panel take their places by themselves, after they have said who they are (`hook.rs`,
//! `smart_app.rs`). Life, readiness and counters take none, so that a full service can still be looked at.

use super::access::Access;
use super::error::Refusal;
use super::state::State;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError, web};
use url::{Host, Url};

/// Answered without a place.
const WITHOUT_PLACE: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The panel has places of its own: what it asks of an EHR may take seconds, and hook calls must not wait for that.
const PANEL: &str = "/smart/";

/// Lets a request go on, or refuses it.
pub(super) async fn gate(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if matches!(*state.access, Access::Sandbox) && !is_for_this_machine(&request) {
        return Ok(request.into_response(Refusal::OtherHost.error_response()));
    }
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD);
    let has_place = WITHOUT_PLACE.contains(&request.path()) || request.path().starts_with(PANEL);
    let _place = if is_page && !has_place {
        match state.admission.enter().await {
            Ok(place) => Some(place),
            Err(shed) => {
                state.metrics.shed(shed);
                return Ok(request.into_response(Refusal::Overloaded.error_response()));
            }
        }
    } else {
        None
    };
    let is_panel = request.path().starts_with(PANEL);
    let mut answer = next.call(request).await.map(ServiceResponse::map_into_boxed_body)?;
    if is_panel {
        keep_nothing(answer.headers_mut());
    }
    Ok(answer)
}

/// What the panel answers is kept by no cache and guessed about by no browser, refusals included.
fn keep_nothing(headers: &mut header::HeaderMap) {
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        if !headers.contains_key(&name) {
            headers.insert(name, header::HeaderValue::from_static(value));
        }
    }
}

/// Whether a caller of the sandbox used a name of this machine: a page of another web site that has its own name point
/// here could otherwise read everything.
fn is_for_this_machine(request: &ServiceRequest) -> bool {
    let name = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(header::HOST).and_then(|value| value.to_str().ok()),
    };
    name.is_none_or(is_loopback)
}

fn is_loopback(name: &str) -> bool {
    let Ok(url) = Url::parse(&format!("http://{name}/")) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine_are_known() {
        for name in
            ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080", "app.localhost"]
        {
            assert!(is_loopback(name), "{name}");
        }
        for name in ["", "evil.example", "localhost.evil.example", "10.0.0.1", "127.0.0.1.evil.example:8080"]
        {
            assert!(!is_loopback(name), "{name}");
        }
    }
}
