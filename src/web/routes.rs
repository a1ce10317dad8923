//! The routes, and the pages that are the same for everybody.
//!
//! Absent on purpose: what a hook call does (`hook.rs`), and what a refusal looks like (`error.rs`).

use super::admin::{healthz, metrics, readyz};
use super::error::Refusal;
use super::feedback::feedback;
use super::hook::{Entry, hook, let_in};
use super::insights::{insights, judge};
use super::state::State;
use super::{body, chart, smart, smart_app};
use crate::auth::Endpoint;
use crate::cds_hooks::Fault;
use crate::guideline::page::STYLE_HASH;
use crate::services::CallError;
use actix_web::http::header::{self, ContentType};
use actix_web::{Handler, HttpRequest, HttpResponse, Responder, ResponseError, web};
use std::sync::LazyLock;

/// The answer to a query that is none.
const NO_QUERY: Fault = Fault::new(
    "the query",
    "cannot be read",
    "Send each parameter once, as the description of the endpoints has it.",
);

/// What a browser may do on the guideline page.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// Pages beside the endpoints of CDS Hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pages {
    /// None.
    None,
    /// The chart page of the sandbox.
    Sandbox,
    /// The panel as a SMART app.
    Panel,
}

/// Registers the routes.
pub(super) fn configure(app: &mut web::ServiceConfig, pages: Pages) {
    app.app_data(
        web::QueryConfig::default()
            .error_handler(|_, _| Refusal::Call(CallError::BadRequest(NO_QUERY)).into()),
    );
    // First what is called most: paths are tried one after the other.
    app.service(
        web::resource("/cds-services/{id}")
            .route(web::post().to(hook))
            .default_service(web::to(other_method_on_hook)),
    );
    match pages {
        Pages::None => {}
        Pages::Sandbox => chart::configure(app),
        Pages::Panel => {
            smart::configure(app);
            smart_app::configure(app);
        }
    }
    app.service(page("/cds-services", discovery))
        .service(
            web::resource("/cds-services/{id}/feedback")
                .route(web::post().to(feedback))
                .default_service(web::to(other_method_on_hook)),
        )
        .service(page("/guideline", guideline))
        .service(page("/questionnaire", questionnaire))
        .service(page("/insights", insights))
        .service(web::resource("/insights/cases/{id}/{judged}").route(web::post().to(judge)).default_service(
            web::to(|request, state, payload| {
                refuse(Refusal::Method { allow: "POST" }, request, state, payload)
            }),
        ))
        .service(page("/healthz", healthz))
        .service(page("/readyz", readyz))
        .service(page("/metrics", metrics))
        .default_service(web::to(|request, state, payload| {
            refuse(Refusal::UnknownPath, request, state, payload)
        }));
}

/// A path that can only be read.
pub(super) fn page<F, Args>(path: &str, handler: F) -> actix_web::Resource
where
    F: Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path).route(web::get().to(handler.clone())).route(web::head().to(handler)).default_service(
        web::to(|request, state, payload| {
            refuse(Refusal::Method { allow: "GET, HEAD" }, request, state, payload)
        }),
    )
}

/// What everybody is offered; to a caller whose token holds, what its own EHR can fill.
async fn discovery(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(ContentType::json()).insert_header((header::VARY, "Authorization"));
    if !request.headers().contains_key(header::AUTHORIZATION) {
        return response.body(state.discovery.clone());
    }
    let mut entry = Entry::default();
    let let_in = let_in(&request, Endpoint::Discovery, &state, &state.admission, &mut entry).await;
    let (name, token) = match &entry.caller {
        Some(caller) => (&*caller.name, caller.outcome),
        None => ("unknown", "not-looked-at"),
    };
    let client = match let_in {
        Ok((_, client)) => client,
        Err(Refusal::NotAuthenticated) => None,
        Err(refusal) => {
            // The templates of everybody would be registered for good.
            tracing::info!(client = name, token, "discovery refused");
            return refusal.error_response();
        }
    };
    let profile = client.as_deref().map(|client| &*client.profile.name);
    tracing::info!(client = name, token, profile, "discovery");
    match client {
        Some(client) => response.body(state.services.discovery_for(Some(&client)).to_vec()),
        None => response.body(state.discovery.clone()),
    }
}

/// The guideline page: the same bytes for everybody, and nothing from outside may enter it.
async fn guideline(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(state.guideline.clone())
}

/// The questions of the panel as an SDC Questionnaire, for whoever shows them in another way.
async fn questionnaire(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/fhir+json; charset=utf-8").body(state.questionnaire.clone())
}

pub(super) async fn refuse(
    refusal: Refusal,
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    body::discard(payload, request.headers(), state.limits).await;
    Err(refusal)
}

async fn other_method_on_hook(
    id: web::Path<String>,
    request: HttpRequest,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let refusal = match state.services.hook(&id) {
        None => Refusal::Call(CallError::UnknownService),
        Some(_) => Refusal::Method { allow: "POST" },
    };
    refuse(refusal, request, state, payload).await
}
