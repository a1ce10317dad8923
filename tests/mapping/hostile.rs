//! Hostile, broken and unordered input.

use crate::helpers::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::{Chart, NoteKind, read, resource_key};
use spinal_mets_cds::json::Document;

#[test]
fn one_bad_element_costs_only_itself() {
    let broken = with(
        condition(ICD, "M54.5"),
        json!({"bodySite": "spine", "severity": 3, "recordedDate": {"a": 1}, "extension": [7], "meta": "x",
            "onsetDateTime": "2026-05-01", "subject": "Patient/1"}),
    );
    let read = one(broken);
    assert_eq!((read.facts.signs.len(), read.facts.signs[0].onset), (1, Some(day(2026, 5, 1))));
    assert_eq!(kinds(&read), [NoteKind::MalformedElement; 3]);
}

#[test]
fn repeated_keys_huge_numbers_and_depth_do_no_harm() {
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let text = format!(
        r#"{{"resourceType":"Observation","id":"o","status":"final","status":"cancelled","code":{{"coding":[{{"system":
        "{OWN}","code":"sensory-level"}}]}},"valueInteger":1e400,"extension":{deep},"contained":{deep}}}"#
    );
    let document = Document::parse(&text).unwrap();
    assert_eq!(resource_key(document.root()), Some(("Observation".into(), "o".into())));
    let chart = Chart { patient_id: "1", resources: vec![document.root()], ..Chart::default() };
    let read = read(&chart, value_sets(), &Site::default(), now());
    assert_eq!(read.facts.signs.len(), 1);
    assert_eq!(kinds(&read), [NoteKind::RepeatedName, NoteKind::ValueNotAllowed]);
}

#[test]
fn labels_are_text_then_display_then_code_and_short() {
    let coding = json!([{"system": "urn:x", "code": "zz", "display": "A"}, {"system": ICD, "code": "M54.5", "display": "Low"}]);
    let label = |coded: Value| {
        one(with(condition(ICD, "x"), json!({"code": coded}))).facts.signs[0].evidence.label.clone()
    };
    assert_eq!(label(json!({"coding": coding, "text": "Sore back"})), "Sore back");
    assert_eq!(label(json!({"coding": coding})), "Low");
    assert_eq!(label(code(ICD, "M54.5")), "M54.5");
    let long = label(json!({"coding": coding, "text": "é".repeat(200)}));
    assert_eq!((long.chars().count(), long.ends_with('…')), (80, true));
}

#[test]
fn what_could_not_be_had_is_passed_on() {
    let chart = Chart {
        unavailable: vec![Source::Observation, Source::Condition, Source::Observation],
        incomplete: vec![Source::Procedure],
        ..Chart::default()
    };
    let facts = read(&chart, value_sets(), &Site::default(), now()).facts;
    assert_eq!(facts.unavailable, [Source::Condition, Source::Observation]);
    assert_eq!(facts.incomplete, [Source::Procedure]);
}

/// A chart with something of everything, resources without id included.
fn full_chart() -> Vec<Value> {
    let two = json!({"coding": [{"system": ICD, "code": "M54.31", "display": "b"}, {"system": ICD, "code": "M54.32",
        "display": "a"}, {"system": "urn:x", "code": "1", "display": "0"}]});
    let mut all = vec![
        json!({"resourceType": "Patient", "id": "1", "birthDate": "1950"}),
        condition(ICD, "C50"),
        with(condition(ICD, "C79.51"), json!({"id": "c2", "bodySite": [{"text": "T8 vertebra"}]})),
        with(condition(ICD, "x"), json!({"id": "c3", "code": two})),
        with(condition(SNOMED, "77386006"), json!({"id": "c4"})),
        with(observation(OWN, "comfort-care"), json!({"valueBoolean": true})),
        with(observation(OWN, "comfort-care"), json!({"id": "o2", "valueBoolean": false})),
        with(observation(OWN, "escc-grade"), json!({"id": "o3", "valueString": "2"})),
        with(
            observation("urn:x", "exam"),
            json!({"id": "o4", "component": [
            {"code": code(OWN, "sensory-level")}, {"code": code(OWN, "deficit-progression"), "valueString": "worse"}]}),
        ),
        order(code(LOINC, "30854-4")),
        with(study(), json!({"procedureCode": [code(LOINC, "24968-0"), code(LOINC, "24980-5")]})),
        procedure(code(SNOMED, "1217123003")),
        json!({"resourceType": "Device", "id": "d", "type": code(SNOMED, "14106009")}),
    ];
    all.extend(care());
    for c in ["M54.5", "M54.6", "R33.9"] {
        let mut anonymous = condition(ICD, c);
        anonymous.as_object_mut().unwrap().remove("id");
        all.push(anonymous);
    }
    all
}

/// Scores, drugs, radiotherapy with its volumes, consults and orders.
fn care() -> Vec<Value> {
    let rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
    let of = |kind: &str, id: &str, status: &str, more: Value| {
        with(
            json!({"resourceType": kind, "id": id, "status": status, "subject": {"reference": "Patient/1"}}),
            more,
        )
    };
    let dose = |name: &str, total: &str| {
        json!([{"url": name, "extension": [
            {"url": "volume", "valueReference": {"reference": "BodyStructure/b"}},
            {"url": total, "valueQuantity": {"value": 24, "code": "Gy"}},
            {"url": "fractions", "valuePositiveInt": 2}]}])
    };
    vec![
        with(
            observation(OWN, "sins-total"),
            json!({"id": "s1", "valueInteger": 9, "bodySite": {"text": "T8"}, "component": [
            {"code": code(OWN, "sins-pain"), "valueInteger": 3}]}),
        ),
        with(
            observation(OWN, "mirels-total"),
            json!({"id": "s2", "valueInteger": 9, "bodySite": {"coding": [
            {"system": SNOMED, "code": "71341001"}, {"system": "urn:x", "code": "0", "display": "Left femur"}]}}),
        ),
        with(observation(LOINC, "89247-1"), json!({"id": "s3", "valueInteger": 1})),
        with(
            observation(OWN, "life-expectancy"),
            json!({"id": "s4", "valueRange": {"low": {"value": 3, "code": "mo"}, "high": {"value": 6, "code": "mo"}}}),
        ),
        with(observation(OWN, "mechanical-pain"), json!({"id": "s5", "valueBoolean": true})),
        with(
            observation(LOINC, "17861-6"),
            json!({"id": "s6", "valueQuantity": {"value": 8, "unit": "mg/dL"},
            "referenceRange": [{"low": {"value": 8.5, "unit": "mg/dL"}}]}),
        ),
        with(
            observation(LOINC, "2160-0"),
            json!({"id": "s7", "valueQuantity": {"value": 1, "unit": "mg/dL"}}),
        ),
        json!({"resourceType": "BodyStructure", "id": "b", "location": code(SNOMED, "77435000")}),
        of(
            "Procedure",
            "rt",
            "completed",
            json!({"code": code(SNOMED, "1217123003"),
            "extension": dose("mcode-radiotherapy-dose-delivered-to-volume", "totalDoseDelivered")}),
        ),
        of("Procedure", "phase", "completed", json!({"code": code(SNOMED, "1222565005")})),
        of(
            "ServiceRequest",
            "rx",
            "active",
            json!({"code": code(SNOMED, "1217123003"),
            "extension": dose("codexrt-radiotherapy-dose-prescribed-to-volume", "totalDose")}),
        ),
        of("ServiceRequest", "surgery", "active", json!({"code": {"text": "Laminectomy T8, 8 Gy x 1"}})),
        of("ServiceRequest", "mdt", "active", json!({"code": code(OWN, "mdt-consult")})),
        of(
            "Encounter",
            "e",
            "finished",
            json!({"type": [code(OWN, "spine-surgery-consult")], "period": {"start": "2026-05-01"}}),
        ),
        json!({"resourceType": "Medication", "id": "z", "code": {"coding": [
            {"system": rxnorm, "code": "77655", "display": "Zoledronic acid"},
            {"system": "urn:x", "code": "1", "display": "Bone drug"}]}}),
        of("MedicationRequest", "m", "active", json!({"medicationReference": {"reference": "Medication/z"}})),
        of(
            "MedicationAdministration",
            "ma",
            "completed",
            json!({"medicationCodeableConcept": {"text": "dexamethasone"}, "effectiveDateTime": "2026-05-01"}),
        ),
        json!({"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/1"},
            "code": {"text": "bisphosphonates"}}),
    ]
}

/// Turns every list of codings round by so many places.
fn rotate_codings(value: &mut Value, by: usize) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                if let (true, Some(list)) =
                    (matches!(key.as_str(), "coding" | "procedureCode"), inner.as_array_mut())
                {
                    let middle = by % list.len().max(1);
                    list.rotate_left(middle);
                }
                rotate_codings(inner, by);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| rotate_codings(inner, by)),
        _ => {}
    }
}

/// Replaces the n-th value inside a value, counted in depth.
fn replace_nth(value: &mut Value, n: &mut usize, with: &Value) -> bool {
    if *n == 0 {
        *value = with.clone();
        return true;
    }
    *n -= 1;
    match value {
        Value::Object(map) => map.values_mut().any(|inner| replace_nth(inner, n, with)),
        Value::Array(list) => list.iter_mut().any(|inner| replace_nth(inner, n, with)),
        _ => false,
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[{"coding": [[]]}]])),
        Just(json!({"coding": {"code": 1}})),
        Just(json!({"reference": ["Patient/1"]})),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,24}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
            .prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn the_order_of_resources_and_codings_changes_nothing(
        order in Just((0..full_chart().len()).collect::<Vec<_>>()).prop_shuffle(),
        by in 0usize..4,
    ) {
        let sorted = full_chart();
        let shuffled: Vec<Value> = order.iter().map(|i| {
            let mut resource = sorted[*i].clone();
            rotate_codings(&mut resource, by);
            resource
        }).collect();
        let expected = reading(&sorted, &[]);
        let found = reading(&shuffled, &[]);
        prop_assert!(expected.facts.signs.len() > 4);
        prop_assert_eq!((expected.facts.treatments.len(), expected.facts.radiotherapy_orders.len()), (2, 1));
        prop_assert_eq!(expected.facts.medications.len(), 2);
        prop_assert_eq!(found.facts, expected.facts);
        prop_assert_eq!(found.notes, expected.notes);
    }

    #[test]
    fn no_mutation_panics_or_reaches_other_resources(
        which in 0..full_chart().len(),
        place in 1usize..40,
        odd in odd_value(),
    ) {
        let mut chart = full_chart();
        let mut n = place;
        replace_nth(&mut chart[which], &mut n, &odd);
        let others: Vec<Value> =
            chart.iter().enumerate().filter(|(i, _)| *i != which).map(|(_, r)| r.clone()).collect();
        reading(&[], &chart);
        let (all, rest) = (reading(&chart, &[]), reading(&others, &[]));
        prop_assert!(rest.facts.signs.iter().all(|sign| all.facts.signs.contains(sign)));
        prop_assert!(rest.facts.sins.iter().all(|sins| all.facts.sins.contains(sins)));
        prop_assert!(rest.facts.performance.iter().all(|record| all.facts.performance.contains(record)));
        prop_assert!(rest.facts.bisphosphonate_allergy.len() <= all.facts.bisphosphonate_allergy.len());
        prop_assert!(rest.facts.cancer.iter().all(|cancer| all.facts.cancer.contains(cancer)));
    }
}
