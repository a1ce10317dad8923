//! What a call says of its trace and its name, by its headers, and the answer that names it again.

use crate::correlation::{Correlation, REQUEST_ID, TRACEPARENT, TRACESTATE};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

/// Reads the headers of a call.
pub(super) fn of(request: &HttpRequest) -> Correlation {
    let one = |name: &str| {
        let mut values = request.headers().get_all(name);
        // Of two nobody could say which one counts.
        values.next().filter(|_| values.next().is_none()).map(HeaderValue::as_bytes)
    };
    Correlation::of(one(TRACEPARENT), one(TRACESTATE), one(REQUEST_ID))
}

/// Names the call in its answer.
pub(super) fn give_back(correlation: &Correlation, response: &mut HttpResponse) {
    if let Ok(value) = HeaderValue::from_str(correlation.request_id()) {
        response.headers_mut().insert(HeaderName::from_static(REQUEST_ID), value);
    }
}
