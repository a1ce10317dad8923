//! The prefetch templates that discovery offers.
//!
//! Made once at start from the value sets in force, so that a site's own codes are asked for too. Conditions,
//! Procedures, orders and drugs are asked for without a code filter: ICD-10 categories cannot be searched, and what
//! has no known code may still be read from its text. Observations are too many for that and are asked for by code.
//!
//! Deliberately absent: running a template, and what a missing key means for a call.

use crate::domain::Source;
use crate::fhir::ValueSets;
use crate::fhir::asked::Group;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// One prefetch template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The prefetch key. Keys do not change; a second and third part of a long query is `-2`, `-3`.
    pub key: String,
    /// The resource type that it asks for.
    pub source: Source,
    /// A read of one resource, or a search that gives a Bundle.
    pub kind: Kind,
    /// The relative URL, with `{{context.patientId}}` as its only token (requirements P-1 to P-4).
    pub query: String,
    /// Without it there is no answer (requirement P-24); any other key that cannot be had only narrows the advice.
    pub essential: bool,
}

/// What a template gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One resource.
    Read,
    /// A searchset Bundle.
    Search,
}

/// The only token used. Every hook of ours has it.
pub const PATIENT_TOKEN: &str = "{{context.patientId}}";

/// Longest template, in bytes: below 2,000 (requirement P-12) when the token is replaced by an id of 64 characters
/// and the base URL of the FHIR server stands before it.
const LONGEST: usize = 1_800;
/// Longest single code that is searched for, encoded. A longer one would fill a query of its own.
const LONGEST_CODE: usize = 128;
/// Asked for in every search: many servers page by ten or twenty, and a client hands over the first page only.
const PAGE: &str = "_count=500";

/// All templates, in a stable order.
pub fn templates(sets: &ValueSets) -> Vec<Template> {
    let of_patient = |source: Source| format!("{}?patient={PATIENT_TOKEN}&{PAGE}", source.resource_type());
    let all = |key: &str, source| Template {
        key: key.to_owned(),
        source,
        kind: Kind::Search,
        query: of_patient(source),
        essential: false,
    };
    let coded = |group: Group| {
        let (source, parameter) = (group.source(), group.parameter());
        let start = match source {
            // A Medication has no patient: these are the products that orders may refer to.
            Source::Medication => format!("Medication?{PAGE}&{parameter}="),
            _ => format!("{}&{parameter}=", of_patient(source)),
        };
        by_code(group.key(), source, &start, &codes(sets, group))
    };
    let mut made = vec![
        Template {
            key: "patient".to_owned(),
            source: Source::Patient,
            kind: Kind::Read,
            query: format!("Patient/{PATIENT_TOKEN}"),
            essential: true,
        },
        Template { essential: true, ..all("conditions", Source::Condition) },
    ];
    made.extend(coded(Group::ObservationsSigns));
    made.extend(coded(Group::ObservationsScores));
    made.extend(coded(Group::ObservationsStatus));
    made.push(all("procedures", Source::Procedure));
    made.push(all("serviceRequests", Source::ServiceRequest));
    made.push(all("imagingStudies", Source::ImagingStudy));
    made.push(Template {
        // Radiology as HL7 v2, LOINC and SNOMED CT name it; NMR is the v2 name of magnetic resonance.
        query: format!("{}&category=RAD,NMR,LP29684-5,363679005", of_patient(Source::DiagnosticReport)),
        ..all("diagnosticReports", Source::DiagnosticReport)
    });
    made.extend(coded(Group::DiagnosticReportsMri));
    made.push(all("medicationRequests", Source::MedicationRequest));
    made.push(all("medicationStatements", Source::MedicationStatement));
    made.push(all("medicationAdministrations", Source::MedicationAdministration));
    made.extend(coded(Group::Medications));
    made.push(all("allergies", Source::AllergyIntolerance));
    made.push(all("devices", Source::Device));
    made.extend(coded(Group::Encounters));
    made.push(all("bodyStructures", Source::BodyStructure));
    made
}

/// The codes of a group as they may stand in a query, sorted, each once. Systems are left out: clients and
/// servers write them in too many ways, and what a bare code brings too much is sorted out on reading.
fn codes(sets: &ValueSets, group: Group) -> BTreeSet<String> {
    let rows = group.concepts().flat_map(|concept| sets.codes(concept));
    let exact = rows.filter(|row| !row.is_category).map(|row| encode(row.code));
    exact.filter(|code| code.len() <= LONGEST_CODE).collect()
}

/// A search for any of the codes, in as many parts as the length of a query asks for.
fn by_code(key: &str, source: Source, start: &str, codes: &BTreeSet<String>) -> Vec<Template> {
    let mut queries: Vec<String> = Vec::new();
    for code in codes {
        match queries.last_mut().filter(|query| query.len() + 1 + code.len() <= LONGEST) {
            Some(query) => {
                query.push(',');
                query.push_str(code);
            }
            None => queries.push(format!("{start}{code}")),
        }
    }
    let name = |i: usize| if i == 0 { key.to_owned() } else { format!("{key}-{}", i + 1) };
    let template =
        |(i, query)| Template { key: name(i), source, kind: Kind::Search, query, essential: false };
    queries.into_iter().enumerate().map(template).collect()
}

/// A code as it may stand in a comma list of a URL: FHIR escapes what separates values, then the URL everything else.
pub(super) fn encode(code: &str) -> String {
    let mut encoded = String::with_capacity(code.len());
    for byte in code.bytes() {
        if matches!(byte, b',' | b'|' | b'$' | b'\\') {
            encoded.push_str("%5C");
        }
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// A site that adds 3,000 codes to a set, odd ones among them.
    fn large_site() -> ValueSets {
        let folder = tempfile::tempdir().unwrap();
        for id in ["back-pain", "zoledronic-acid", "mri-spine", "mdt-consult"] {
            let codes: Vec<_> = (0..3_000)
                .map(|i| match i {
                    0 => "a b&c=d{{x}},e|f$g\\h:é#?%".to_owned(),
                    1 => "x".repeat(5_000),
                    _ => format!("SITE-{i}"),
                })
                .map(|code| serde_json::json!({ "code": code }))
                .collect();
            let set = serde_json::json!({
                "resourceType": "ValueSet",
                "url": format!("urn:spinal-mets-cds:ValueSet:{id}"),
                "status": "active",
                "compose": { "include": [{ "system": "urn:example:site", "concept": codes }] }
            });
            std::fs::write(folder.path().join(format!("{id}.json")), set.to_string()).unwrap();
        }
        let mut sets = ValueSets::built_in().unwrap();
        sets.add_folder(folder.path()).unwrap();
        sets
    }

    fn lint(templates: &[Template]) {
        let allowed = ["patient", "code", "category", "type", "_count"];
        let mut keys = HashSet::new();
        for template in templates {
            let Template { key, query, .. } = template;
            assert!(keys.insert(key.clone()), "{key} twice");
            assert!(query.starts_with(template.source.resource_type()), "{key}");
            let expanded = query.replace(PATIENT_TOKEN, &"p".repeat(64));
            assert!("https://fhir.example.org/".len() + 60 + expanded.len() < 2_000, "{key}");
            assert!(!expanded.contains(['{', '}', '|', ':', '$', ' ', '#']), "{key}");
            let Some((_, parameters)) = query.split_once('?') else {
                assert_eq!((template.kind, query.as_str()), (Kind::Read, "Patient/{{context.patientId}}"));
                continue;
            };
            assert_eq!(template.kind, Kind::Search);
            let mut names = HashSet::new();
            for parameter in parameters.split('&') {
                let (name, value) = parameter.split_once('=').unwrap();
                assert!(allowed.contains(&name), "{key}: {name}");
                assert!(names.insert(name), "{key}: {name} twice");
                let value = value.replace(PATIENT_TOKEN, "p");
                let safe = |c: char| c.is_ascii_alphanumeric() || "-._~,%".contains(c);
                assert!(!value.is_empty() && value.chars().all(safe), "{key}: {value}");
                assert!(!value.split(',').any(str::is_empty), "{key}: empty value");
            }
            assert_eq!(names.contains("patient"), template.source != Source::Medication, "{key}");
        }
    }

    #[test]
    fn templates_keep_the_rules_of_the_protocol() {
        lint(&templates(&ValueSets::built_in().unwrap()));
        let large = templates(&large_site());
        lint(&large);
        assert!(large.iter().any(|t| t.key == "observationsSigns-3"));
    }

    #[test]
    fn only_patient_and_conditions_are_essential() {
        let made = templates(&ValueSets::built_in().unwrap());
        let essential: Vec<_> = made.iter().filter(|t| t.essential).map(|t| t.key.as_str()).collect();
        assert_eq!(essential, ["patient", "conditions"]);
    }

    #[test]
    fn every_code_of_a_set_is_asked_for_once_and_no_category_is() {
        let sets = large_site();
        let made = templates(&sets);
        let asked: Vec<&str> = made
            .iter()
            .filter(|t| t.key.starts_with("observationsSigns"))
            .flat_map(|t| t.query.split_once("&code=").unwrap().1.split(','))
            .collect();
        assert_eq!(asked.iter().collect::<HashSet<_>>().len(), asked.len());
        for code in ["279039007", "M54.50", "radicular-pain", "SITE-2999", "mescc-suspected", "R32"] {
            assert!(asked.contains(&code), "{code}");
        }
        assert!(!asked.contains(&"G82") && !asked.contains(&"M54.1"));
        assert!(asked.contains(&"a%20b%26c%3Dd%7B%7Bx%7D%7D%5C%2Ce%5C%7Cf%5C%24g%5C%5Ch%3A%C3%A9%23%3F%25"));
    }

    #[test]
    fn the_templates_do_not_depend_on_chance() {
        assert_eq!(templates(&large_site()), templates(&large_site()));
    }

    #[test]
    fn every_source_is_asked_for() {
        let sources: HashSet<_> =
            templates(&ValueSets::built_in().unwrap()).into_iter().map(|t| t.source).collect();
        assert_eq!(sources.len(), 15);
    }
}
