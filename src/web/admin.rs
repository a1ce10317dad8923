//! Pages for those who run the service: life, readiness, counters.
//!
//! Outside the sandbox the counters need the admin token; without a token in the configuration they are not there.

use super::error::Refusal;
use super::state::State;
use crate::version::{COMMIT, GUIDELINE_VERSION, VERSION};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
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

/// `GET /healthz`: the process answers, and which build it is.
pub(super) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "status": "ok",
        "version": VERSION,
        "commit": COMMIT,
        "guidelineVersion": GUIDELINE_VERSION,
    }))
}

/// `GET /readyz`: every client can be let in, the clock was not just set, and feedback can be kept. Hook calls are
/// answered without a store, too: `?without=store` asks for those alone.
pub(super) async fn readyz(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let lacking = state.clients_without_keys();
    let mut asked = url::form_urlencoded::parse(request.query_string().as_bytes());
    let store = if asked.any(|(name, value)| name == "without" && value == "store") {
        Ok(())
    } else {
        state.store.check().await
    };
    let clock_in_doubt = state.is_clock_in_doubt();
    if lacking.is_empty() && store.is_ok() && !clock_in_doubt {
        return HttpResponse::Ok().json(json!({ "status": "ready" }));
    }
    HttpResponse::ServiceUnavailable().json(NotReady {
        status: "not ready",
        clients_without_keys: lacking,
        store: store.is_err().then_some("not available"),
        clock: clock_in_doubt.then_some("was set, and no token has been taken since"),
    })
}

/// What is lacking.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotReady<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clients_without_keys: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<&'static str>,
}

/// `GET /metrics`: counters for Prometheus.
pub(super) async fn metrics(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    state.admin.admit(&request)?;
    let text = state.metrics.text().map_err(|_| Refusal::Internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}
