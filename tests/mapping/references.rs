//! What orders refer to is found wherever it came: beside them, in them, or in the Bundle of drafts.

use crate::helpers::*;
use serde_json::{Value, json};
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::{Chart, DraftOrder, Reading, read};
use spinal_mets_cds::json::{Document, Json};

/// Reads drafts with the `fullUrl` of their entries, beside stored resources.
fn with_urls(stored: &[Value], drafts: &[(&str, Value)]) -> Reading {
    let (urls, drafts): (Vec<_>, Vec<_>) = drafts.iter().cloned().unzip();
    let text = json!({"stored": stored, "drafts": drafts, "urls": urls}).to_string();
    let document = Document::parse(&text).unwrap();
    let list = |name| document.root().named(name).flat_map(Json::items);
    let chart = Chart {
        patient_id: "1",
        resources: list("stored").collect(),
        drafts: list("drafts")
            .zip(list("urls"))
            .filter_map(|(raw, url)| DraftOrder::read(raw, Some(url), true))
            .collect(),
        ..Chart::default()
    };
    read(&chart, value_sets(), &Site::default(), now())
}

fn prescription(reference: &str) -> Value {
    json!({"resourceType": "MedicationRequest", "id": "rx", "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/1"}, "medicationReference": {"reference": reference}})
}

fn zoledronic(id: &str) -> Value {
    json!({"resourceType": "Medication", "id": id, "code": {"text": "zoledronic acid 4 mg"}})
}

#[test]
fn the_product_of_a_draft_may_be_a_draft_itself() {
    for (reference, url) in [
        ("Medication/m", ""),
        ("https://ehr.example.org/fhir/Medication/m", ""),
        ("urn:uuid:m", ""),
        ("urn:uuid:8a1f", "urn:uuid:8a1f"),
        ("https://ehr.example.org/fhir/Medication/9", "https://ehr.example.org/fhir/Medication/9"),
        ("Medication/9", "https://ehr.example.org/fhir/Medication/9"),
    ] {
        let drafts = [("", prescription(reference)), (url, zoledronic("m"))];
        assert_eq!(with_urls(&[], &drafts).facts.zoledronic_orders.len(), 1, "{reference} {url}");
    }
    for reference in ["Medication/other", "urn:uuid:other", "Substance/m"] {
        let drafts = [("", prescription(reference)), ("", zoledronic("m"))];
        assert!(with_urls(&[], &drafts).facts.zoledronic_orders.is_empty(), "{reference}");
    }
}

#[test]
fn a_draft_of_a_product_is_newer_than_the_stored_one() {
    let stored = json!({"resourceType": "Medication", "id": "m", "code": {"text": "paracetamol"}});
    let drafts = [("", prescription("Medication/m")), ("", zoledronic("m"))];
    assert_eq!(with_urls(&[stored], &drafts).facts.zoledronic_orders.len(), 1);
}

#[test]
fn a_stored_order_may_name_its_product_by_uuid() {
    let order = with(prescription("urn:uuid:8a1f"), json!({"status": "active", "authoredOn": "2026-05-01"}));
    let read = reading(&[order, zoledronic("8a1f")], &[]);
    assert_eq!(read.facts.medications[0].drug, Drug::ZoledronicAcid);
}

fn structure(id: &str, text: &str) -> Value {
    json!({"resourceType": "BodyStructure", "id": id, "patient": {"reference": "Patient/1"}, "location": {"text": text}})
}

fn placed_at(reference: Value) -> Value {
    json!([{"url": "http://hl7.org/fhir/StructureDefinition/bodySite", "valueReference": reference}])
}

fn radiotherapy(more: Value) -> Value {
    with(order(json!({"text": "Radiotherapy 20 Gy in 5 fractions"})), more)
}

fn t8() -> Aim {
    Aim::Spine(Levels::NONE.with(level(Region::Thoracic, 8)))
}

#[test]
fn a_body_structure_is_a_body_site() {
    let stored = json!({"reference": "BodyStructure/t8"});
    let in_order = json!({"contained": [structure("x", "T8 vertebra")], "extension": placed_at(json!({"reference": "#x"}))});
    for (more, expected) in [
        (json!({"extension": placed_at(stored.clone())}), t8()),
        (json!({"extension": placed_at(json!({"reference": "urn:uuid:t8"}))}), t8()),
        (json!({"bodySite": [{"extension": placed_at(stored.clone())}]}), t8()),
        (json!({"bodyStructure": [stored]}), t8()),
        (in_order, t8()),
        (
            json!({"extension": placed_at(json!({"reference": "BodyStructure/unknown", "display": "T8"}))}),
            t8(),
        ),
        (json!({"extension": placed_at(json!({"reference": "BodyStructure/breast"}))}), Aim::Elsewhere),
        (json!({"extension": placed_at(json!({"reference": "BodyStructure/unknown"}))}), Aim::Unstated),
        (json!({"extension": placed_at(json!("T8"))}), Aim::Unstated),
        (json!({"extension": 7}), Aim::Unstated),
    ] {
        let structures = [structure("t8", "T8 vertebra"), structure("breast", "left breast")];
        let read = reading(&structures, &[radiotherapy(more.clone())]);
        assert_eq!(read.facts.radiotherapy_orders[0].aim, expected, "{more}");
    }
    let drafts = [
        ("", radiotherapy(json!({"extension": placed_at(json!({"reference": "urn:uuid:b"}))}))),
        ("urn:uuid:b", structure("other", "T8 vertebra")),
    ];
    assert_eq!(with_urls(&[], &drafts).facts.radiotherapy_orders[0].aim, t8());
}

#[test]
fn an_order_without_a_place_is_aimed_at_the_vertebra_of_its_reason() {
    let at_t8 = with(condition(SNOMED, "94602001"), json!({"bodySite": [{"text": "T8 vertebra"}]}));
    let breast = with(condition(ICD, "C50.912"), json!({"id": "breast"}));
    let refuted = with(at_t8.clone(), json!({"id": "refuted", "verificationStatus": code("v", "refuted")}));
    let reason = |reference: &str| json!({"reasonReference": [{"reference": reference}]});
    let contained = with(reason("#x"), json!({"contained": [with(at_t8.clone(), json!({"id": "x"}))]}));
    let both = json!({"reasonReference": [{"reference": "Condition/breast"}, {"reference": "Condition/c"}]});
    for (more, expected) in [
        (reason("Condition/c"), t8()),
        (reason("https://ehr.example.org/fhir/Condition/c/_history/1"), t8()),
        (contained, t8()),
        (both, t8()),
        (reason("Condition/breast"), Aim::Unstated),
        (reason("Condition/refuted"), Aim::Unstated),
        (reason("Condition/unknown"), Aim::Unstated),
        (reason("Observation/c"), Aim::Unstated),
        (json!({"reasonReference": "Condition/c"}), Aim::Unstated),
        (with(reason("Condition/c"), json!({"bodySite": [{"text": "left breast"}]})), Aim::Elsewhere),
        (
            with(reason("Condition/c"), json!({"bodySite": [{"text": "L3 vertebra"}]})),
            Aim::Spine(Levels::NONE.with(level(Region::Lumbar, 3))),
        ),
    ] {
        let stored = [at_t8.clone(), breast.clone(), refuted.clone()];
        let read = reading(&stored, &[radiotherapy(more.clone())]);
        assert_eq!(read.facts.radiotherapy_orders[0].aim, expected, "{more}");
    }
}
