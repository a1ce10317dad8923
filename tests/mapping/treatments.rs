//! Treatments of the spine.

use crate::helpers::*;
use serde_json::{Value, json};
use spinal_mets_cds::domain::*;

#[test]
fn treatments_of_the_spine() {
    use TreatmentKind::{Radiotherapy, SpineSurgery};
    let course = json!({"meta": {"profile":
        ["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-course-summary"]}});
    let cases = [
        (code(SNOMED, "387731002"), json!({}), Some((SpineSurgery, false))),
        (code(SNOMED, "387731002"), json!({"status": "in-progress"}), Some((SpineSurgery, true))),
        (code(SNOMED, "387731002"), json!({"status": "stopped"}), None),
        (code(SNOMED, "387731002"), json!({"status": "not-done"}), None),
        (code(SNOMED, "387731002"), json!({"status": "preparation"}), None),
        (code(SNOMED, "387731002"), json!({"status": "unknown"}), None),
        (code(SNOMED, "387731002"), json!({"performedPeriod": {"start": "2026-06-01"}}), None),
        (code(SNOMED, "401226007"), json!({}), None),
        (code(SNOMED, "1217123003"), json!({}), Some((Radiotherapy, false))),
        (code(SNOMED, "1217123003"), json!({"status": "stopped"}), Some((Radiotherapy, false))),
        (code(SNOMED, "1217123003"), json!({"status": "on-hold"}), Some((Radiotherapy, true))),
        (code("urn:x", "1"), course, Some((Radiotherapy, false))),
        (code(SNOMED, "429479009"), json!({}), None),
    ];
    for (coded, more, expected) in cases {
        let read = one(with(procedure(coded.clone()), more.clone()));
        let found = read.facts.treatments.first().map(|t| (t.kind, t.running));
        assert_eq!(found, expected, "{coded} {more}");
    }
    let ended = &one(procedure(code(SNOMED, "1217123003"))).facts.treatments[0];
    assert_eq!((ended.start, ended.end), (Some(day(2026, 5, 1)), Some(day(2026, 5, 5))));
    let dated = json!({"performedPeriod": null, "performedDateTime": "2026-05-02"});
    let single = &one(with(procedure(code(SNOMED, "387731002")), dated)).facts.treatments[0];
    assert_eq!(
        (single.start, single.end, single.aim),
        (Some(day(2026, 5, 2)), Some(day(2026, 5, 2)), Aim::Spine(Levels::NONE))
    );
}

#[test]
fn where_radiotherapy_was_given() {
    let t8 = Levels::NONE.with(level(Region::Thoracic, 8));
    let volume = |reference: Value| {
        json!({"extension": [{
        "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-radiotherapy-dose-delivered-to-volume",
        "extension": [{"url": "volume", "valueReference": reference}]}]})
    };
    let structure = json!({"resourceType": "BodyStructure", "id": "b", "patient": {"reference": "Patient/1"},
        "location": code(SNOMED, "77435000")});
    let cases = [
        (json!({}), Aim::Unstated),
        (json!({"bodySite": [{"text": "left breast"}]}), Aim::Elsewhere),
        (json!({"bodySite": [{"text": "spine"}]}), Aim::Spine(Levels::NONE)),
        (json!({"bodySite": [code(SNOMED, "77435000")]}), Aim::Spine(t8)),
        (volume(json!({"reference": "BodyStructure/b"})), Aim::Spine(t8)),
        (volume(json!({"reference": "BodyStructure/elsewhere"})), Aim::Elsewhere),
        (volume(json!({"display": "T8 vertebra"})), Aim::Spine(t8)),
        (
            with(
                volume(json!({"reference": "#v"})),
                json!({"contained": [with(structure.clone(), json!({"id": "v"}))]}),
            ),
            Aim::Spine(t8),
        ),
    ];
    for (more, expected) in cases {
        let read =
            reading(&[with(procedure(code(SNOMED, "1217123003")), more.clone()), structure.clone()], &[]);
        let found = &read.facts.treatments[0];
        assert_eq!(found.aim, expected, "{more}");
    }
}
