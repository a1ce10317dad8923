//! Whatever a mapper reads is declared in `concepts!`, and whatever is declared is read.

use super::*;
use crate::{Chart, ValueSets, read};
use engine::domain::{Site, Source};
use engine::guideline::Fact;
use json::Document;
use std::collections::{BTreeSet, HashMap};

/// Where each resource type carries the code that says what it is about. `@` is a CodeableConcept, `%` a value.
const FORMS: &[(Source, &str, &str)] = &[
    (
        Source::Condition,
        "code",
        r#""code":@,"bodySite":[{"coding":[{"system":"http://snomed.info/sct","code":"61685007"}]}]"#,
    ),
    (
        Source::Observation,
        "code",
        r#""code":@,"status":"final","bodySite":{"coding":[{"system":"http://snomed.info/sct","code":"61685007"}]}%"#,
    ),
    (Source::Observation, "component.code", r#""code":{"text":"panel"},"component":[{"code":@%}]"#),
    (Source::Procedure, "code", r#""code":@,"status":"completed""#),
    (Source::Procedure, "code", r#""code":@,"status":"in-progress""#),
    (Source::ServiceRequest, "code", r#""code":@,"status":"active","intent":"order""#),
    (Source::ImagingStudy, "procedureCode", r#""procedureCode":[@],"status":"available""#),
    (Source::DiagnosticReport, "code", r#""code":@,"status":"final""#),
    (
        Source::MedicationRequest,
        "medicationCodeableConcept",
        r#""medicationCodeableConcept":@,"status":"active","intent":"order""#,
    ),
    (
        Source::MedicationStatement,
        "medicationCodeableConcept",
        r#""medicationCodeableConcept":@,"status":"active""#,
    ),
    (
        Source::MedicationAdministration,
        "medicationCodeableConcept",
        r#""medicationCodeableConcept":@,"status":"in-progress""#,
    ),
    (Source::Medication, "code", r#""code":@"#),
    (Source::Medication, "ingredient", r#""ingredient":[{"itemCodeableConcept":@}]"#),
    (Source::AllergyIntolerance, "code", r#""code":@"#),
    (Source::Device, "type", r#""type":@"#),
    (Source::Encounter, "type", r#""type":[@],"status":"finished""#),
    (Source::Encounter, "serviceType", r#""serviceType":@,"status":"finished""#),
    (Source::Encounter, "reasonCode", r#""reasonCode":[@],"status":"finished""#),
    (Source::BodyStructure, "location", r#""location":@"#),
];

/// Values by which an Observation of any concept may make a fact.
const VALUES: &[&str] = &[
    "",
    r#","valueBoolean":true"#,
    r#","valueInteger":2"#,
    r#","valueString":"progressive""#,
    r#","valueString":"1c""#,
    r#","valueQuantity":{"value":7,"code":"mo","system":"http://unitsofmeasure.org"}"#,
    r#","valueQuantity":{"value":70,"code":"kg","system":"http://unitsofmeasure.org"}"#,
    r#","valueQuantity":{"value":70,"code":"umol/L","system":"http://unitsofmeasure.org"}"#,
    r#","valueQuantity":{"value":70,"code":"mL/min","system":"http://unitsofmeasure.org"}"#,
];

/// The elements that the searches by code reach.
fn searched(source: Source) -> &'static str {
    Group::ALL.iter().find(|group| group.source() == source).map_or("", |group| group.parameter())
}

/// What a chart with one resource makes: with the code, in words.
fn facts(form: &(Source, &str, &str), coding: &str, value: &str, sets: &ValueSets) -> String {
    let kind = form.0.resource_type();
    let coded = format!(r#"{{"coding":[{coding}],"text":"zzz"}}"#);
    let body = form.2.replace('@', &coded).replace('%', value);
    let subject = match form.0 {
        Source::AllergyIntolerance | Source::Device => r#""patient":{"reference":"Patient/p"},"#,
        Source::Medication => "",
        Source::BodyStructure => r#""patient":{"reference":"Patient/p"},"#,
        _ => r#""subject":{"reference":"Patient/p"},"#,
    };
    let own = format!(r#"{{"resourceType":"{kind}","id":"x",{subject}{body}}}"#);
    // An order that refers to the Medication, and surgery at the place that the BodyStructure describes.
    let referring = match form.0 {
        Source::Medication => {
            r#"{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/p"},
            "medicationReference":{"reference":"Medication/x"}}"#
        }
        Source::BodyStructure => {
            r#"{"resourceType":"Condition","id":"b","subject":{"reference":"Patient/p"},
            "code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"C79.51"}]},
            "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/bodySite","valueReference":{"reference":"BodyStructure/x"}}]}"#
        }
        _ => "null",
    };
    let text = format!("[{own},{referring}]");
    let document = Document::parse(&text).unwrap();
    let resources = document.root().items().filter(|raw| raw.is_object()).collect();
    let chart = Chart { patient_id: "p", resources, ..Chart::default() };
    let site = Site::default();
    let mut facts = read(&chart, sets, &site, "2026-05-05T12:00:00Z".parse().unwrap()).facts;
    // Any known code is one that is not unknown; what counts here is what it says.
    facts.not_understood = engine::domain::facts::NotUnderstood::default();
    format!("{facts:?}")
}

#[test]
fn what_is_read_is_declared_and_what_is_declared_is_read() {
    let sets = ValueSets::built_in().unwrap();
    let mut read_of: HashMap<Concept, BTreeSet<Source>> = HashMap::new();
    let rows: BTreeSet<_> = Concept::ALL.iter().flat_map(|concept| sets.codes(*concept)).collect();
    for form in FORMS {
        let (source, element, body) = form;
        let values = if body.contains('%') { VALUES } else { &[""] };
        for value in values {
            let unknown = facts(form, r#"{"system":"urn:x","code":"unknown"}"#, value, &sets);
            for row in &rows {
                let coding = format!(r#"{{"system":{:?},"code":{:?}}}"#, row.system, row.code);
                if facts(form, &coding, value, &sets) == unknown {
                    continue;
                }
                let here = |concept: &Concept| concept.read_in().contains(source);
                let named: Vec<Concept> = sets.concepts(Some(row.system), row.code).iter().collect();
                assert!(
                    named.iter().any(here),
                    "{row:?} is read in {element} of {source:?}, and no line says so"
                );
                let reached = is_asked_whole(*source)
                    || NOT_SEARCHED.iter().any(|it| (it.source, it.element) == (*source, *element))
                    || row.is_category
                    || *element == searched(*source)
                        && named.iter().any(|concept| match concept.asked_in() {
                            AskedIn::Group(group) => group.source() == *source,
                            // It says why.
                            AskedIn::NotAsked(_) => true,
                            AskedIn::All => false,
                        });
                assert!(reached, "{row:?} is read in {element} of {source:?}, and is not asked for");
                for concept in named.into_iter().filter(here) {
                    read_of.entry(concept).or_default().insert(*source);
                }
            }
        }
    }
    for concept in Concept::ALL {
        // A qualifier makes no fact by itself, and an exclusion keeps one from being made.
        if matches!(concept.meaning(), Meaning::Qualifier | Meaning::Exclusion) {
            continue;
        }
        let read = read_of.remove(concept).unwrap_or_default();
        let declared = concept.read_in().iter().copied().collect();
        assert_eq!(read, declared, "{concept:?}: read in, and said to be read in");
    }
}

#[test]
fn a_judgement_rests_on_what_its_concept_is_read_in() {
    for concept in Concept::ALL {
        let (Meaning::Judgement(judgement) | Meaning::JudgementAndStatement(judgement)) = concept.meaning()
        else {
            continue;
        };
        let fact = Fact::of_judgement(judgement);
        for source in concept.read_in() {
            assert!(
                fact.sources().contains(source),
                "{} is read in {source:?} and does not rest on it",
                fact.name()
            );
        }
    }
}
