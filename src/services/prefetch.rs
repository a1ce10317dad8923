//! stub
use crate::domain::Source;
use crate::fhir::codes::ValueSets;

/// x
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// x
    Read,
    /// x
    Search,
}
/// x
#[derive(Debug, Clone)]
pub struct Template {
    /// x
    pub key: String,
    /// x
    pub source: Source,
    /// x
    pub kind: Kind,
    /// x
    pub query: String,
    /// x
    pub essential: bool,
}
/// x
pub fn templates(_: &ValueSets) -> Vec<Template> {
    let t = |key: &str, source, kind, query: &str, essential| Template {
        key: key.to_owned(),
        source,
        kind,
        query: query.to_owned(),
        essential,
    };
    vec![
        t("patient", Source::Patient, Kind::Read, "Patient/{{context.patientId}}", true),
        t("conditions", Source::Condition, Kind::Search, "Condition?patient={{context.patientId}}", true),
        t(
            "observations",
            Source::Observation,
            Kind::Search,
            "Observation?patient={{context.patientId}}",
            false,
        ),
    ]
}
