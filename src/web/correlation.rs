//! What a call says of its trace and its name, by its headers, and the answer that names it again.

use super::state::State;
use crate::clock::Stopwatch;
use crate::correlation::{Correlation, REQUEST_ID, TRACEPARENT, TRACESTATE};
use crate::spans::{Attribute, Side};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use std::sync::Arc;

/// Methods that a span names.
const KNOWN: [&str; 4] = ["GET", "HEAD", "OPTIONS", "POST"];

/// Reads the headers of a call, and decides whether it is told of to a tracing system.
pub(super) fn of(request: &HttpRequest, state: &State) -> Correlation {
    let one = |name: &str| {
        let mut values = request.headers().get_all(name);
        // Of two nobody could say which one counts.
        values.next().filter(|_| values.next().is_none()).map(HeaderValue::as_bytes)
    };
    state.spans.deciding(Correlation::of(one(TRACEPARENT), one(TRACESTATE), one(REQUEST_ID)))
}

/// Names the call in its answer.
pub(super) fn give_back(correlation: &Correlation, response: &mut HttpResponse) {
    name(correlation, response.headers_mut());
}

fn name(correlation: &Correlation, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::from_str(correlation.request_id()) {
        headers.insert(HeaderName::from_static(REQUEST_ID), value);
    }
}

/// Tells of a call that has been answered. `is_known`: its caller was let in; what a stranger decides of a trace counts for
/// nothing, so that nobody fills the queue for the others. `route`: its method and pattern; `more`: what else its log line says.
pub(super) fn end(
    (state, correlation, is_known): (&State, &Correlation, bool),
    route: (&str, &str),
    begun: Stopwatch,
    status: StatusCode,
    more: impl FnOnce() -> Vec<Attribute>,
) {
    if correlation.is_of_caller() && !is_known {
        return;
    }
    let (method, pattern) = route;
    // Anybody may send any word as a method.
    let method = if KNOWN.contains(&method) { method } else { "_OTHER" };
    let attributes = || {
        let mut told = vec![
            Attribute::new("http.request.method", method.to_owned()),
            Attribute::new("http.route", pattern.to_owned()),
            Attribute::new("http.response.status_code", i64::from(status.as_u16())),
            Attribute::new("request_id", correlation.request_id().to_owned()),
        ];
        told.extend(more());
        (told, status.is_server_error())
    };
    state.spans.end((correlation, Side::Server), || format!("{method} {pattern}"), begun, attributes);
}

/// The panel's calls: each has its name, for the log, for the EHR and for a tracing system.
pub(super) async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let begun = Stopwatch::start();
    let Some(state) = request.app_data::<web::Data<State>>().cloned() else {
        return next.call(request).await;
    };
    let correlation = Arc::new(of(request.request(), &state));
    request.extensions_mut().insert(Arc::clone(&correlation));
    let mut response = next.call(request).await?;
    name(&correlation, response.headers_mut());
    let asked = response.request();
    if correlation.is_sampled() {
        let pattern = asked.match_pattern().unwrap_or_else(|| "unknown".to_owned());
        let route = (asked.method().as_str(), pattern.as_str());
        end(
            (&state, &correlation, response.status().is_success()),
            route,
            begun,
            response.status(),
            Vec::new,
        );
    }
    Ok(response)
}

/// What a call of the panel is known by.
pub(super) fn of_panel(request: &HttpRequest, state: &State) -> Arc<Correlation> {
    let known = request.extensions().get::<Arc<Correlation>>().cloned();
    known.unwrap_or_else(|| Arc::new(of(request, state)))
}
