//! Which pages may call from a browser (CORS-2).
//!
//! A preflight is answered before anything else is looked at and needs no token; refusals carry the headers too.

use super::error::Refusal;
use actix_cors::{Cors, CorsError};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::{Condition, Next};
use actix_web::{Error, ResponseError};

/// Seconds that a browser may remember a preflight.
const MAX_AGE: usize = 600;

/// What other web sites may call in the sandbox: the endpoints of CDS Hooks, and nothing of its pages.
const ENDPOINTS: &str = "/cds-services";

/// Any page in the sandbox, at the endpoints of CDS Hooks alone: they take no credentials. Otherwise the listed origins;
/// with none listed there are no CORS headers at all.
pub(super) fn cors(origins: Option<&[String]>) -> Condition<Cors> {
    let start = || {
        Cors::default()
            .allowed_methods(["GET", "POST", "OPTIONS"])
            .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
            .max_age(MAX_AGE)
    };
    match origins {
        None => {
            let is_endpoint = |path: &str| {
                path.strip_prefix(ENDPOINTS).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let any = start().allowed_origin_fn(move |_, request| is_endpoint(request.uri.path()));
            Condition::new(true, any)
        }
        Some(origins) => {
            let listed = origins.iter().fold(start(), |cors, origin| cors.allowed_origin(origin));
            Condition::new(!origins.is_empty(), listed)
        }
    }
}

/// Gives a refused page the answer that every refusal has, and says in the log why; otherwise nobody at the service could tell
/// a missing origin from a broken client. Nothing that was sent is written down.
pub(super) async fn tell_refusals<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let has_origin = request.headers().contains_key(header::ORIGIN);
    let is_preflight = request.method() == Method::OPTIONS && has_origin;
    let answer = next.call(request).await?;
    let refused = answer.response().error().and_then(Error::as_error::<CorsError>);
    if let Some(why) = refused {
        if has_origin {
            tracing::info!(%why, "refused a page of another web site");
        }
        return Ok(answer.into_response(Refusal::OtherOrigin.error_response()));
    }
    if is_preflight && !answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        tracing::info!(why = "`cors.origins` lists no origin", "refused a page of another web site");
    }
    Ok(answer.map_into_boxed_body())
}
