//! The prefetch templates that discovery offers.
//!
//! Made once at start from the value sets in force, so that a site's own codes are asked for too, and from what the EHR
//! of a client offers. Conditions,
//! Procedures, orders and drugs are asked for without a code filter: ICD-10 categories cannot be searched, and what
//! has no known code may still be read from its text. Observations are too many for that and are asked for by code.
//!
//! Deliberately absent: running a template, and what a missing key means for a call.

use crate::config::Profile;
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
    /// The relative URL, with `{{context.patientId}}` as its only token (requirements P-1 to P-4). `None`: it is not asked
    /// for, and what comes under the key is read all the same.
    pub query: Option<String>,
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
/// Radiology as HL7 v2, LOINC and SNOMED CT name it; NMR is the v2 name of magnetic resonance.
const RADIOLOGY: &str = "&category=RAD,NMR,LP29684-5,363679005";

/// All templates for an EHR, in a stable order.
pub fn templates(sets: &ValueSets, profile: &Profile) -> Vec<Template> {
    let maker = Maker { sets, profile };
    let mut made = vec![
        Template {
            key: "patient".to_owned(),
            source: Source::Patient,
            kind: Kind::Read,
            query: Some(format!("Patient/{PATIENT_TOKEN}")),
            essential: true,
        },
        Template { essential: true, ..maker.all("conditions", Source::Condition) },
    ];
    made.extend(maker.coded(&[
        Group::ObservationsSigns,
        Group::ObservationsScores,
        Group::ObservationsStatus,
    ]));
    made.push(maker.all("procedures", Source::Procedure));
    made.push(maker.all("serviceRequests", Source::ServiceRequest));
    made.push(maker.all("imagingStudies", Source::ImagingStudy));
    let mut reports = maker.all("diagnosticReports", Source::DiagnosticReport);
    let searched = profile.takes(Source::DiagnosticReport, "category");
    if let Some(query) = reports.query.as_mut().filter(|_| searched) {
        query.push_str(RADIOLOGY);
    }
    made.push(reports);
    let of_mri = maker.coded(&[Group::DiagnosticReportsMri]);
    let asked = |it: Template| Template { query: it.query.filter(|_| searched), ..it };
    made.extend(of_mri.into_iter().map(asked));
    made.push(maker.all("medicationRequests", Source::MedicationRequest));
    made.push(maker.all("medicationStatements", Source::MedicationStatement));
    made.push(maker.all("medicationAdministrations", Source::MedicationAdministration));
    // A search for these would not be for the patient: they are read by the reference of an order.
    made.push(Template { query: None, ..maker.all("medications", Source::Medication) });
    made.push(maker.all("allergies", Source::AllergyIntolerance));
    made.push(maker.all("devices", Source::Device));
    made.extend(maker.coded(&[Group::Encounters]));
    made.push(maker.all("bodyStructures", Source::BodyStructure));
    made
}

/// Makes the templates for an EHR.
struct Maker<'a> {
    sets: &'a ValueSets,
    profile: &'a Profile,
}

impl Maker<'_> {
    /// A search for all resources of a type that are about the patient; no search where the EHR does not have the type.
    fn all(&self, key: &str, source: Source) -> Template {
        let mut query = format!("{}?patient={PATIENT_TOKEN}", source.resource_type());
        if self.profile.takes(source, "_count") {
            let _ = write!(query, "&{PAGE}");
        }
        let query = self.profile.offers(source).then_some(query);
        Template { key: key.to_owned(), source, kind: Kind::Search, query, essential: false }
    }

    /// Searches by the codes of groups of one type; one search for all of that type where it cannot be searched by code.
    fn coded(&self, groups: &[Group]) -> Vec<Template> {
        let mut made: Vec<Template> = Vec::new();
        for group in groups {
            let all = self.all(group.key(), group.source());
            match &all.query {
                Some(start) if self.profile.takes(group.source(), group.parameter()) => {
                    let start = format!("{start}&{}=", group.parameter());
                    made.extend(by_code(&all, &start, &codes(self.sets, *group)));
                }
                // One search brings all of them; what comes under another key is read all the same.
                _ if made.is_empty() => made.push(all),
                _ => made.push(Template { query: None, ..all }),
            }
        }
        made
    }
}

/// The codes of a group as they may stand in a query, sorted, each once. Systems are left out: clients and
/// servers write them in too many ways, and what a bare code brings too much is sorted out on reading.
fn codes(sets: &ValueSets, group: Group) -> BTreeSet<String> {
    let rows = group.concepts().flat_map(|concept| sets.codes(concept));
    let exact = rows.filter(|row| !row.is_category).map(|row| encode(row.code));
    exact.filter(|code| code.len() <= LONGEST_CODE).collect()
}

/// A search for any of the codes, in as many parts as the length of a query asks for.
fn by_code(all: &Template, start: &str, codes: &BTreeSet<String>) -> Vec<Template> {
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
    let key = |i: usize| if i == 0 { all.key.clone() } else { format!("{}-{}", all.key, i + 1) };
    let template = |(i, query)| Template { key: key(i), query: Some(query), ..all.clone() };
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

    fn generic(sets: &ValueSets) -> Vec<Template> {
        templates(sets, &Profile::default())
    }

    fn lint(templates: &[Template]) {
        let allowed = ["patient", "code", "category", "type", "_count"];
        let mut keys = HashSet::new();
        for template in templates {
            let Template { key, query, .. } = template;
            assert!(keys.insert(key.clone()), "{key} twice");
            let Some(query) = query else { continue };
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
            assert!(names.contains("patient"), "{key}");
        }
    }

    #[test]
    fn templates_keep_the_rules_of_the_protocol() {
        for name in Profile::names() {
            let profile = Profile::built_in(name).unwrap().unwrap();
            lint(&templates(&ValueSets::built_in().unwrap(), &profile));
            lint(&templates(&large_site(), &profile));
        }
        let large = generic(&large_site());
        assert!(large.iter().any(|t| t.key == "observationsSigns-3"));
    }

    #[test]
    fn only_patient_and_conditions_are_essential() {
        let made = generic(&ValueSets::built_in().unwrap());
        let essential: Vec<_> = made.iter().filter(|t| t.essential).map(|t| t.key.as_str()).collect();
        assert_eq!(essential, ["patient", "conditions"]);
    }

    #[test]
    fn every_code_of_a_set_is_asked_for_once_and_no_category_is() {
        let sets = large_site();
        let made = generic(&sets);
        let asked: Vec<&str> = made
            .iter()
            .filter(|t| t.key.starts_with("observationsSigns"))
            .flat_map(|t| t.query.as_ref().unwrap().split_once("&code=").unwrap().1.split(','))
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
        assert_eq!(generic(&large_site()), generic(&large_site()));
    }

    #[test]
    fn every_source_is_asked_for() {
        let sources: HashSet<_> =
            generic(&ValueSets::built_in().unwrap()).into_iter().map(|t| t.source).collect();
        assert_eq!(sources.len(), Source::ALL.len());
    }

    /// What a profile asks for: the type and the names of the parameters, by key.
    fn asked(name: &str) -> Vec<(String, String)> {
        let profile = Profile::built_in(name).unwrap().unwrap();
        let made = templates(&ValueSets::built_in().unwrap(), &profile);
        let names = |query: String| {
            let (kind, parameters) = query.split_once('?')?;
            let names: Vec<&str> = parameters.split('&').filter_map(|it| it.split('=').next()).collect();
            Some(format!("{kind} {}", names.join(" ")))
        };
        made.into_iter().filter_map(|it| Some((it.key, names(it.query?)?))).collect()
    }

    #[test]
    fn a_profile_asks_for_what_the_ehr_offers_and_for_nothing_else() {
        let (generic, epic, oracle) = (asked("generic"), asked("epic"), asked("oracle"));
        let without = |names: &[&str]| -> Vec<_> {
            generic
                .iter()
                .filter(|(_, query)| !names.iter().any(|it| query.starts_with(it)))
                .cloned()
                .collect()
        };
        assert!(generic.iter().all(|(key, _)| key != "medications"), "a Medication has no patient");
        assert_eq!(epic, without(&["MedicationStatement"]));
        let keys = |asked: &[(String, String)]| asked.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
        assert_eq!(
            keys(&oracle).into_iter().collect::<HashSet<_>>(),
            keys(&without(&["MedicationStatement", "ImagingStudy", "BodyStructure"])).into_iter().collect()
        );
        let query = |key: &str| oracle.iter().find(|(it, _)| it == key).unwrap().1.clone();
        assert_eq!(query("encounters"), "Encounter patient _count");
        assert_eq!(query("conditions"), "Condition patient");
        assert_eq!(query("observationsSigns"), "Observation patient _count code");
    }

    #[test]
    fn what_cannot_be_searched_by_code_is_asked_for_once_and_whole() {
        let written = "source = \"x\"\nnot_offered = []\n[without]\nObservation = [\"code\"]\nDiagnosticReport = [\"category\"]";
        let profile = Profile::read("site", written).unwrap();
        let made = templates(&ValueSets::built_in().unwrap(), &profile);
        for source in [Source::Observation, Source::DiagnosticReport] {
            let of_kind: Vec<_> = made.iter().filter(|it| it.source == source).collect();
            let whole = format!("{}?patient={PATIENT_TOKEN}&{PAGE}", source.resource_type());
            let asked: Vec<_> = of_kind.iter().filter_map(|it| it.query.clone()).collect();
            assert_eq!(asked, [whole]);
            // What comes all the same is read.
            assert!(of_kind.len() > 1, "{source:?}");
        }
    }
}
