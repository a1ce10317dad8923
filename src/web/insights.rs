//! `GET /insights`: what became of the cards, for those who run the service, and what somebody says of a case of shadow mode.
//! Counts and cases without patients only; open in the sandbox, otherwise with the admin token.

use super::body;
use super::error::Refusal;
use super::state::State;
use crate::insights::{CaseId, Format, Insights, Query, STYLE_HASH};
use crate::services::CallError;
use crate::store::{Judged, StoreError};
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use std::sync::LazyLock;

/// What a browser may do on the page.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
});

/// The report as a document of its own.
pub(super) async fn insights(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refusal> {
    let (format, text) = report(&request, &state).await?;
    Ok(answer(format, text))
}

/// The report in the form that is asked for.
pub(super) async fn report(request: &HttpRequest, state: &State) -> Result<(Format, String), Refusal> {
    state.admin.admit(request)?;
    let now = state.clock.now();
    let query = Query::read(request.query_string(), now.date_naive()).map_err(CallError::BadRequest)?;
    let away = |error: StoreError| {
        tracing::warn!(%error, "no insights");
        Refusal::Store
    };
    state.store.flush(now).await.map_err(away)?;
    let counts = state.store.counts(query.from, query.to, query.client.as_deref()).await.map_err(away)?;
    let weekly =
        state.store.weekly((query.from, query.to), query.client.as_deref(), query.version.as_deref());
    let weekly = weekly.await.map_err(away)?;
    let cases = state.store.cases(query.from, query.to).await.map_err(away)?;
    let text = Insights::of(&counts, (&weekly, &cases), &query)
        .write(query.format)
        .map_err(|_| Refusal::Internal)?;
    Ok((query.format, text))
}

/// The answer with a report.
pub(super) fn answer(format: Format, text: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    match format {
        Format::Page => response.content_type(ContentType::html()),
        Format::Json => response.content_type(ContentType::json()),
        Format::Csv => response
            .content_type("text/csv; charset=utf-8; header=present")
            .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"insights.csv\"")),
    };
    response.body(text)
}

/// Keeps what somebody says of a case, and leads back to the report.
pub(super) async fn judge(
    request: HttpRequest,
    address: web::Path<(String, String)>,
    state: web::Data<State>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    body::discard(payload, request.headers(), state.limits).await;
    state.admin.admit(&request)?;
    if is_of_another_page(&request) {
        return Err(Refusal::OtherOrigin);
    }
    let (case, judged) = address.into_inner();
    let (Some(case), Some(judged)) = (CaseId::read(&case), Judged::named(&judged)) else {
        return Err(Refusal::UnknownPath);
    };
    let _place = state.feedback_places.enter().await.map_err(|shed| {
        state.metrics.shed(shed);
        Refusal::Overloaded
    })?;
    match state.store.judge(case.week, case.place, judged).await {
        Ok(true) => {
            Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, "../../../insights")).finish())
        }
        Ok(false) => Err(Refusal::UnknownPath),
        Err(error) => {
            tracing::warn!(%error, "what was said of a case was not kept");
            Err(Refusal::Store)
        }
    }
}

/// Whether a browser sends it for a page that is not ours: a proxy in front may add the admin token by itself.
fn is_of_another_page(request: &HttpRequest) -> bool {
    match request.headers().get("sec-fetch-site").map(header::HeaderValue::as_bytes) {
        Some(site) => site != b"same-origin" && site != b"none",
        None => request.headers().contains_key(header::ORIGIN),
    }
}
