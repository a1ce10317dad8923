//! What a refused call gets: a FHIR R4 OperationOutcome with a public text (row RS-5).
//!
//! The texts are written by us; nothing of what was sent may enter one (RS-7). Absent on purpose: HTTP statuses.

use serde::Serialize;

/// `OperationOutcome.issue.code`, the values that are used here (FHIR R4 IssueType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssueCode {
    /// The request is malformed.
    Invalid,
    /// There is no such thing here.
    NotFound,
    /// The way of asking is not offered.
    NotSupported,
    /// The request is too large.
    TooLong,
    /// The request took too long to arrive.
    Timeout,
    /// What is needed to answer did not come.
    Processing,
    /// The caller is not authenticated.
    Login,
    /// Too many calls; come again.
    Throttled,
    /// Something that we need is away; come again.
    Transient,
    /// Our own failure.
    Exception,
}

/// An OperationOutcome with one issue of severity `error`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    resource_type: &'static str,
    issue: [Issue; 1],
}

#[derive(Debug, Serialize)]
struct Issue {
    severity: &'static str,
    code: IssueCode,
    details: Details,
    diagnostics: String,
}

#[derive(Debug, Serialize)]
struct Details {
    text: String,
}

impl Outcome {
    /// An outcome that says what is wrong (`text`) and what to do about it (`diagnostics`).
    pub fn error(code: IssueCode, text: impl Into<String>, diagnostics: impl Into<String>) -> Self {
        let details = Details { text: text.into() };
        let issue = Issue { severity: "error", code, details, diagnostics: diagnostics.into() };
        Self { resource_type: "OperationOutcome", issue: [issue] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_shape_of_the_resource() {
        let outcome = Outcome::error(IssueCode::TooLong, "Too long.", "Send less.");
        assert_eq!(
            serde_json::to_string(&outcome).unwrap(),
            r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"too-long","details":{"text":"Too long."},"diagnostics":"Send less."}]}"#
        );
    }
}
