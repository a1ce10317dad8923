//! Pages for those who run the service: life, readiness, counters.
//!
//! Outside the sandbox the counters need the admin token; without a token in the configuration they are not there.

use super::error::Refusal;
use super::state::State;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use std::fmt;

/// Who may see pages for those who run the service.
pub(super) enum Admin {
    /// Everybody: the sandbox.
    Open,
    /// Nobody: no token is configured.
    Closed,
    /// Whoever brings this token.
    Token(Vec<u8>),
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admin")
    }
}

impl Admin {
    /// Lets a request in.
    pub(super) fn admit(&self, request: &HttpRequest) -> Result<(), Refusal> {
        let token = match self {
            Self::Open => return Ok(()),
            Self::Closed => return Err(Refusal::UnknownPath),
            Self::Token(token) => token,
        };
        let sent = request.headers().get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
        let sent = sent.and_then(|value| value.strip_prefix(b"Bearer ")).unwrap_or_default();
        aws_lc_rs::constant_time::verify_slices_are_equal(sent, token).map_err(|_| Refusal::NotAuthenticated)
    }
}

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(r#"{"status":"ok"}"#)
}

/// `GET /readyz`: every client can be let in.
pub(super) async fn readyz(state: web::Data<State>) -> HttpResponse {
    let lacking = state.clients_without_keys();
    if lacking.is_empty() {
        return HttpResponse::Ok().json(json!({ "status": "ready" }));
    }
    HttpResponse::ServiceUnavailable().json(json!({ "status": "not ready", "clientsWithoutKeys": lacking }))
}

/// `GET /metrics`: counters for Prometheus.
pub(super) async fn metrics(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    state.admin.admit(&request)?;
    let text = state.metrics.text().map_err(|_| Refusal::Internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}
