//! Grades, judgements, goals of care, pregnancy.

use crate::helpers::*;
use serde_json::json;
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::NoteKind;

#[test]
fn escc_grades() {
    let cases = [
        (json!({"valueString": "1b"}), Some(Escc::G1b)),
        (json!({"valueString": "Grade 2"}), Some(Escc::G2)),
        (json!({"valueCodeableConcept": code(OWN, "1c")}), Some(Escc::G1c)),
        (json!({"valueCodeableConcept": {"text": "Bilsky 3"}}), Some(Escc::G3)),
        (json!({"valueInteger": 2}), Some(Escc::G2)),
        (json!({"valueInteger": 0}), Some(Escc::G0)),
        (json!({"valueInteger": 1}), None),
        (json!({"valueQuantity": {"value": 2.5}}), None),
        (json!({"valueString": "1d"}), None),
        (json!({"valueCodeableConcept": {"coding": [{"code": "2"}], "text": "3"}}), None),
        (json!({}), None),
    ];
    for (value, grade) in cases {
        for alias in [(OWN, "escc-grade"), ("https://radelement.org", "RDES288")] {
            let read = one(with(observation(alias.0, alias.1), value.clone()));
            assert_eq!(read.facts.escc.first().map(|e| e.grade), grade, "{value}");
            assert_eq!(kinds(&read).contains(&NoteKind::ValueNotAllowed), grade.is_none(), "{value}");
        }
    }
}

#[test]
fn sins_counts_as_evidence_only_with_a_possible_value() {
    let cases = [
        ("sins-total", json!({"valueInteger": 18}), 1),
        ("sins-total", json!({"valueInteger": 19}), 0),
        ("sins-total", json!({"valueInteger": -1}), 0),
        ("sins-pain", json!({"valueInteger": 3}), 1),
        ("sins-pain", json!({"valueInteger": 2}), 0),
        ("sins-total", json!({"valueString": "12"}), 0),
        (
            "sins-total",
            json!({"component": [{"code": code(OWN, "sins-pain"), "valueInteger": 1},
            {"code": code(OWN, "sins-lesion"), "valueInteger": 2}]}),
            1,
        ),
        ("sins-total", json!({}), 0),
    ];
    for (c, value, expected) in cases {
        assert_eq!(one(with(observation(OWN, c), value.clone())).facts.sins.len(), expected, "{c} {value}");
    }
}

#[test]
fn judgements_and_devices() {
    let yes = json!({"valueBoolean": true});
    let no = json!({"valueBoolean": false});
    for c in ["progression-after-radiotherapy", "deterioration-despite-radiotherapy"] {
        assert_eq!(one(with(observation(OWN, c), yes.clone())).facts.worse_despite_treatment.len(), 1, "{c}");
        assert!(one(with(observation(OWN, c), no.clone())).facts.worse_despite_treatment.is_empty(), "{c}");
    }
    assert_eq!(one(condition(SNOMED, "274146004")).facts.vertebral_fractures.len(), 1);
    assert_eq!(one(condition(ICD, "Z95.0")).facts.mri_safety.len(), 1);
    assert_eq!(one(observation(SNOMED, "441509002")).facts.mri_safety.len(), 1);
    let device = json!({"resourceType": "Device", "id": "d", "type": code(SNOMED, "14106009")});
    for (status, expected) in [
        (json!("active"), 1),
        (json!(null), 1),
        (json!("unknown"), 1),
        (json!("inactive"), 0),
        (json!("entered-in-error"), 0),
    ] {
        assert_eq!(
            one(with(device.clone(), json!({"status": status}))).facts.mri_safety.len(),
            expected,
            "{status}"
        );
    }
}

#[test]
fn the_latest_statement_about_comfort_care_counts() {
    let care = |id: &str, date: &str, value: bool| {
        with(
            observation(OWN, "comfort-care"),
            json!({"id": id, "effectiveDateTime": date, "valueBoolean": value}),
        )
    };
    for (resources, expected) in [
        (vec![care("a", "2026-05-01", true)], Some("Observation/a")),
        (vec![care("a", "2026-05-01", true), care("b", "2026-05-02", false)], None),
        (vec![care("a", "2026-05-03", true), care("b", "2026-05-02", false)], Some("Observation/a")),
        (vec![condition(SNOMED, "103735009"), condition(ICD, "Z51.5")], None),
    ] {
        let found = reading(&resources, &[]).facts.comfort_care.map(|e| e.reference);
        assert_eq!(found.as_deref(), expected);
    }
}

#[test]
fn what_makes_cards_milder_must_be_plain() {
    for (value, expected) in [
        (json!({"valueBoolean": true}), true),
        (json!({"valueCodeableConcept": code(SNOMED, "373066001")}), true),
        (json!({"valueBoolean": "true"}), false),
        (json!({"valueString": "discussed"}), false),
        (json!({}), false),
    ] {
        let read = one(with(observation(OWN, "comfort-care"), value.clone()));
        assert_eq!(read.facts.comfort_care.is_some(), expected, "{value}");
        assert_eq!(kinds(&read).is_empty(), expected, "{value}");
    }
    for (value, expected) in [
        (json!({"valueBoolean": false}), vec![false]),
        (json!({"valueInteger": 0}), vec![]),
        (json!({"valueString": "doubtful"}), vec![true]),
        (json!({}), vec![true]),
    ] {
        let signs = one(with(observation(OWN, "mescc-suspected"), value.clone())).facts.signs;
        assert_eq!(signs.iter().map(|sign| sign.affirmed).collect::<Vec<_>>(), expected, "{value}");
    }
}

#[test]
fn pregnancy_counts_for_a_year() {
    let status = |id: &str, date: &str, c: &str| {
        let value = json!({"id": id, "effectiveDateTime": date, "valueCodeableConcept": code(SNOMED, c)});
        with(observation(LOINC, "82810-3"), value)
    };
    for (resources, expected) in [
        (vec![condition(SNOMED, "77386006")], true),
        (vec![condition(ICD, "Z33.1")], true),
        (vec![status("a", "2026-05-01", "77386006")], true),
        (vec![status("a", "2024-05-01", "77386006")], false),
        (vec![status("a", "2026-05-01", "77386006"), status("b", "2026-05-02", "60001007")], false),
        (vec![status("a", "2026-05-01", "60001007")], false),
        (
            vec![with(observation(LOINC, "82810-3"), json!({"valueCodeableConcept": {"text": "Pregnant"}}))],
            true,
        ),
        (
            vec![with(
                observation(LOINC, "82810-3"),
                json!({"valueCodeableConcept": {"text": "Not pregnant"}}),
            )],
            false,
        ),
    ] {
        assert_eq!(reading(&resources, &[]).facts.pregnant.is_some(), expected, "{resources:?}");
    }
}
