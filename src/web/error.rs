//! Every refusal with its status and its public text; the only file that names a status code.
//!
//! The texts say what to do and never quote what was sent (rows RS-5, RS-7; statuses: section 2.13).

use crate::cds_hooks::{IssueCode, Outcome};
use crate::services::{CallError, MissingKey, Outcome as KeyOutcome};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use thiserror::Error;

/// Why a request gets no answer.
#[derive(Debug, Clone, Error)]
pub(super) enum Refusal {
    #[error("There is nothing at this path.")]
    UnknownPath,
    #[error("This method is not offered here.")]
    Method { allow: &'static str },
    #[error("The request is not plain JSON.")]
    MediaType,
    #[error("The request is longer than {limit} bytes.")]
    TooLarge { limit: usize },
    #[error("The request took too long to arrive.")]
    SlowBody,
    #[error("The request ended before its announced end.")]
    BrokenBody,
    #[error(transparent)]
    Call(#[from] CallError),
    /// Whatever was wrong with the token; nothing more is told (SEC-13).
    #[error("The caller is not authenticated.")]
    NotAuthenticated,
    /// There is no session, or the request is not of its page.
    #[error("The sign-in at the EHR has ended.")]
    SignedOut,
    #[error("Answers of this panel are being saved already.")]
    BeingSaved,
    #[error("This client calls too often.")]
    TooManyCalls,
    #[error("Too many calls are under way.")]
    Overloaded,
    #[error("Pages of this web site may not call here.")]
    OtherOrigin,
    #[error("The sandbox answers only to the names of this machine.")]
    OtherHost,
    /// Keys or token memory cannot be had: ours to mend, and never a way in.
    #[error("The service cannot authenticate callers at the moment.")]
    Unavailable,
    /// Nothing of what was sent is kept; sending it again does no harm.
    #[error("The store of feedback cannot be used at the moment.")]
    Store,
    #[error("The service failed.")]
    Internal,
}

impl Refusal {
    fn outcome(&self) -> Outcome {
        let (code, remedy) = match self {
            Self::UnknownPath | Self::Call(CallError::UnknownService) => {
                (IssueCode::NotFound, "GET /cds-services lists what is offered.".to_owned())
            }
            Self::Method { allow } => (IssueCode::NotSupported, format!("Use one of: {allow}.")),
            Self::MediaType => (
                IssueCode::NotSupported,
                "Send Content-Type: application/json, without Content-Encoding.".to_owned(),
            ),
            Self::TooLarge { .. } => {
                (IssueCode::TooLong, "Send only the prefetch keys that discovery lists.".to_owned())
            }
            Self::SlowBody => (IssueCode::Timeout, "Send the whole request without a pause.".to_owned()),
            Self::BrokenBody => (IssueCode::Invalid, "Send the whole request again.".to_owned()),
            Self::Call(CallError::BadRequest(fault)) => (IssueCode::Invalid, fault.remedy.to_owned()),
            Self::Call(CallError::DataMissing { keys, .. }) => (IssueCode::Processing, missing(keys)),
            Self::NotAuthenticated => {
                (IssueCode::Login, "Send a valid token as Authorization: Bearer.".to_owned())
            }
            Self::SignedOut => {
                (IssueCode::Login, "Open the panel again from the patient's chart.".to_owned())
            }
            Self::BeingSaved => {
                (IssueCode::Transient, "Wait until that is done, then save again.".to_owned())
            }
            Self::TooManyCalls | Self::Overloaded | Self::Unavailable => {
                (IssueCode::Throttled, "Try again after the time in Retry-After.".to_owned())
            }
            Self::Call(CallError::Late) => {
                let remedy =
                    "Send fewer records, those of this patient that discovery asks for, or try again later.";
                (IssueCode::Timeout, remedy.to_owned())
            }
            Self::OtherOrigin => (
                IssueCode::NotSupported,
                "Have the site list the origin in `cors.origins`, to the letter.".to_owned(),
            ),
            Self::OtherHost => (IssueCode::NotFound, "Call it as localhost or 127.0.0.1.".to_owned()),
            Self::Store => {
                (IssueCode::Transient, "Send the same again after the time in Retry-After.".to_owned())
            }
            Self::Internal => {
                (IssueCode::Exception, "The request itself may be sound; please report this.".to_owned())
            }
        };
        Outcome::error(code, self.to_string(), remedy)
    }
}

fn missing(keys: &[MissingKey]) -> String {
    let names: Vec<&str> = keys.iter().map(|it| it.key.as_str()).collect();
    let remedy = if keys.iter().any(|it| it.outcome == KeyOutcome::OtherPatient) {
        "The Patient must have the id in context.patientId: after a merge of records, ask with the id that is left."
    } else {
        "Where there is nothing on record send null or an empty searchset Bundle."
    };
    format!(
        "Send prefetch with the keys of discovery, or fhirServer with fhirAuthorization where this is registered. \
         Could not be had: {}. {remedy}",
        names.join(", ")
    )
}

impl Refusal {
    /// What was wrong, for the log: names of members and keys, never a value.
    pub(super) fn why(&self) -> Option<String> {
        match self {
            Self::Call(CallError::BadRequest(fault)) => Some(fault.member.to_owned()),
            Self::Call(CallError::DataMissing { keys, .. }) => {
                let key = |missing: &MissingKey| format!("{}={}", missing.key, missing.outcome.name());
                Some(keys.iter().map(key).collect::<Vec<_>>().join(","))
            }
            _ => None,
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::UnknownPath | Self::Call(CallError::UnknownService) => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenBody | Self::OtherOrigin | Self::Call(CallError::BadRequest(_)) => {
                StatusCode::BAD_REQUEST
            }
            Self::Call(CallError::DataMissing { .. }) => StatusCode::PRECONDITION_FAILED,
            Self::NotAuthenticated | Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::BeingSaved => StatusCode::CONFLICT,
            Self::TooManyCalls => StatusCode::TOO_MANY_REQUESTS,
            Self::Overloaded | Self::Call(CallError::Late) | Self::Unavailable | Self::Store => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::OtherHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::Method { allow } => {
                response.insert_header((header::ALLOW, *allow));
            }
            Self::NotAuthenticated => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            Self::TooManyCalls
            | Self::Overloaded
            | Self::Call(CallError::Late)
            | Self::Unavailable
            | Self::Store => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            // What is left of the body would be taken for the next request.
            Self::SlowBody => {
                response.force_close();
            }
            _ => {}
        }
        response.json(self.outcome())
    }
}
