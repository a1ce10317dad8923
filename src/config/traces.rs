//! `[traces]`: where spans go.

use super::document::Fault;
use super::keys::{Heading, Kind, default, optional_hint};
use super::read::Reading;
use super::section::Section;
use url::Url;

/// Calls of 1,000 that spans are sent of, where neither the caller nor the site decides.
const KEPT_OF_THOUSAND: u32 = 100;

/// Spans for a tracing system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces {
    /// Address of its collector, for OTLP over HTTP.
    pub endpoint: Url,
    /// Of 1,000 calls whose caller did not decide, so many are told of.
    pub kept_of_thousand: u32,
}

/// Its keys.
pub(super) const TRACES: Heading = Heading {
    name: "traces",
    repeats: false,
    means: "Spans for a tracing system (OpenTelemetry, OTLP over HTTP); off without an endpoint",
    keys: &[
        optional_hint(
            "endpoint",
            Kind::Text,
            "\"http://127.0.0.1:4318/v1/traces\"",
            "no spans are sent",
            "Address of a collector that takes spans, whole. Headers such as a token go into OTEL_EXPORTER_OTLP_HEADERS.",
        ),
        default(
            "kept_of_thousand",
            Kind::Number(0, 1_000),
            |it| it.traces.as_ref().map_or(KEPT_OF_THOUSAND, |it| it.kept_of_thousand).to_string(),
            "How many of 1,000 calls are told of, where their caller did not decide in traceparent.",
        ),
    ],
};

/// The setting; `None` without an endpoint, or when a fault stands in the way.
pub(super) fn traces(root: &mut Section, reading: &mut Reading<'_>) -> Option<Traces> {
    let mut section = root.section("traces", &mut reading.faults);
    let text = section.text("endpoint", &mut reading.faults);
    let kept = section.number("kept_of_thousand", &mut reading.faults);
    section.finish(&mut reading.faults);
    let text = text?;
    // A collector mostly stands beside the service, so http and private addresses are as good here.
    let is_fine = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    };
    let Some(endpoint) = Url::parse(&text.text).ok().filter(is_fine) else {
        // A password may stand in it, so it is not repeated.
        reading.fault(
            &text,
            "`traces.endpoint` must be an http or https URL without user information; write http://host:4318/v1/traces",
        );
        return None;
    };
    if matches!(endpoint.path(), "" | "/") {
        reading.warnings.push(Fault {
            place: Some(text.place),
            problem: "`traces.endpoint` has no path; collectors take spans at /v1/traces".to_owned(),
        });
    }
    Some(Traces {
        endpoint,
        kept_of_thousand: kept.and_then(|it| u32::try_from(it).ok()).unwrap_or(KEPT_OF_THOUSAND),
    })
}
