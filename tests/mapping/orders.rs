//! Orders for radiotherapy, surgery of the spine and zoledronic acid.

use crate::helpers::*;
use serde_json::{Value, json};
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::NoteKind;

const CODEX: &str = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition";
const SELECTED: OrderStatus = OrderStatus::Draft { selected: true };

fn draft(coded: Value, more: &Value) -> spinal_mets_cds::fhir::Reading {
    let resource = with(order(coded), json!({"status": "draft", "intent": "proposal"}));
    reading(&[], &[with(resource, more.clone())])
}

fn prescribed(parts: &[(&str, Value)]) -> Value {
    let parts: Vec<Value> = parts
        .iter()
        .map(|(url, value)| {
            let mut part = json!({"url": url});
            part[if value.is_number() { "valuePositiveInt" } else { "valueQuantity" }] = value.clone();
            part
        })
        .collect();
    json!({"url": format!("{CODEX}/codexrt-radiotherapy-dose-prescribed-to-volume"), "extension": parts})
}

fn gray(value: f64) -> Value {
    json!({"value": value, "code": "Gy"})
}

#[test]
fn prescriptions_carry_their_dose() {
    use Technique::{Conventional, Sbrt, Unknown};
    let fractions = |name: &str, n: u32| json!({"url": format!("{CODEX}/{name}"), "valuePositiveInt": n});
    for (extensions, total, n, technique) in [
        (vec![prescribed(&[("totalDose", gray(24.0)), ("fractions", json!(2))])], Some(2400), Some(2), Sbrt),
        (
            vec![prescribed(&[("totalDose", gray(8.0)), ("fractions", json!(1))])],
            Some(800),
            Some(1),
            Conventional,
        ),
        (
            vec![prescribed(&[("totalDose", gray(24.0)), ("fractionDose", gray(12.0))])],
            Some(2400),
            Some(2),
            Sbrt,
        ),
        (
            vec![prescribed(&[("totalDose", gray(25.0)), ("fractionDose", gray(12.0))])],
            Some(2500),
            None,
            Conventional,
        ),
        (
            vec![
                prescribed(&[("totalDose", gray(20.0))]),
                fractions("codexrt-radiotherapy-fractions-prescribed", 5),
            ],
            Some(2000),
            Some(5),
            Conventional,
        ),
        (
            vec![
                prescribed(&[("totalDose", gray(20.0))]),
                fractions("codexrt-radiotherapy-fractions-planned", 5),
            ],
            Some(2000),
            Some(5),
            Conventional,
        ),
        (
            vec![prescribed(&[("totalDose", json!({"value": 24})), ("fractions", json!(2))])],
            None,
            Some(2),
            Unknown,
        ),
        (vec![], None, None, Unknown),
    ] {
        let read = draft(code(SNOMED, "1217123003"), &json!({"extension": extensions}));
        let found = &read.facts.radiotherapy_orders[0];
        let expected = Dose { total_cgy: total, fractions: n, technique };
        assert_eq!(
            (found.dose, found.from_text, found.status),
            (expected, false, SELECTED),
            "{extensions:?}"
        );
    }
}

#[test]
fn radiotherapy_orders_in_words() {
    let t8 = Levels::NONE.with(level(Region::Thoracic, 8));
    for (text, more, expected) in [
        (
            "SBRT T8 24 Gy in 2 fractions",
            json!({}),
            Some((Some(2400), Technique::Sbrt, Aim::Spine(t8), true)),
        ),
        ("Radiotherapy", json!({}), Some((None, Technique::Unknown, Aim::Unstated, false))),
        (
            "Palliative radiotherapy",
            json!({"orderDetail": [{"text": "8 Gy x 1 to T8"}]}),
            Some((Some(800), Technique::Conventional, Aim::Spine(t8), true)),
        ),
        (
            "Palliative radiotherapy",
            json!({"bodySite": [code(SNOMED, "77435000")], "note": [{"text": "8Gy/1#"}]}),
            Some((Some(800), Technique::Conventional, Aim::Spine(t8), true)),
        ),
        ("Radiotherapy left breast", json!({}), Some((None, Technique::Unknown, Aim::Elsewhere, false))),
        (
            "EBRT",
            json!({"bodySite": [{"text": "pelvis"}]}),
            Some((None, Technique::Conventional, Aim::Elsewhere, false)),
        ),
        ("Radiation oncology consult", json!({}), None),
        ("Referral to radiation oncology, SBRT 24 Gy in 2 fractions", json!({}), None),
        ("Radiotherapy planning CT", json!({}), None),
        ("Chemotherapy", json!({}), None),
        ("Radiotherapy", json!({"doNotPerform": true}), None),
    ] {
        let read = draft(json!({"text": text}), &more);
        let found = read
            .facts
            .radiotherapy_orders
            .first()
            .map(|o| (o.dose.total_cgy, o.dose.technique, o.aim, o.from_text));
        assert_eq!(found, expected, "{text} {more}");
        // A consult may be read from the text of what is no radiotherapy.
        assert!(expected.is_none() || kinds(&read).contains(&NoteKind::FromText), "{text} {more}");
    }
}

#[test]
fn a_referral_is_no_radiotherapy_order() {
    let referral = json!({"coding": [{"system": SNOMED, "code": "108290001"}], "text": "Referral to radiation oncology"});
    assert!(draft(referral, &json!({})).facts.radiotherapy_orders.is_empty());
    assert_eq!(draft(code(SNOMED, "108290001"), &json!({})).facts.radiotherapy_orders.len(), 1);
    let ours = json!({"coding": [{"system": OWN, "code": "radiation-oncology-consult"}],
        "text": "Radiation oncology: SBRT 24 Gy in 2 fractions"});
    let read = draft(ours, &json!({}));
    assert_eq!((read.facts.radiotherapy_orders.len(), read.facts.consults.len()), (0, 1));
}

#[test]
fn placed_orders_keep_their_status() {
    for (more, expected) in [
        (json!({}), Some(OrderStatus::Active)),
        (json!({"status": "completed"}), Some(OrderStatus::Completed)),
        (json!({"intent": "original-order"}), Some(OrderStatus::Active)),
        (json!({"status": "draft"}), None),
        (json!({"status": "revoked"}), None),
        (json!({"intent": "plan"}), Some(OrderStatus::Active)),
        (json!({"intent": "option"}), None),
    ] {
        let radiotherapy = one(with(order(code(SNOMED, "1217123003")), more.clone()));
        let found = radiotherapy.facts.radiotherapy_orders.first().map(|o| o.status);
        assert_eq!(found, expected, "{more}");
        let surgery = one(with(order(code(SNOMED, "387731002")), more.clone()));
        assert_eq!(surgery.facts.surgery_orders.first().map(|o| o.status), expected, "{more}");
    }
}

#[test]
fn a_phase_order_is_part_of_its_course_order() {
    let phase = with(
        order(code(SNOMED, "1222565005")),
        json!({"id": "phase", "extension": [prescribed(&[("totalDose", gray(8.0)), ("fractions", json!(1))])]}),
    );
    let course = with(
        order(code(SNOMED, "1217123003")),
        json!({"id": "course", "extension": [prescribed(&[("totalDose", gray(30.0)), ("fractions", json!(5))])]}),
    );
    let count = |drafts: &[Value]| reading(&[], drafts).facts.radiotherapy_orders.len();
    assert_eq!(count(&[course.clone(), phase.clone()]), 1);
    assert_eq!(count(&[phase.clone(), course.clone()]), 1);
    assert_eq!(count(std::slice::from_ref(&phase)), 1);
    let breast = with(course.clone(), json!({"bodySite": [{"text": "left breast"}]}));
    assert_eq!(count(&[breast, with(phase.clone(), json!({"bodySite": [{"text": "T8"}]}))]), 2);
    // A placed course does not speak for the draft of a phase.
    assert_eq!(reading(&[course], &[phase]).facts.radiotherapy_orders.len(), 2);
}

#[test]
fn surgery_orders_are_of_the_spine() {
    let t8 = Levels::NONE.with(level(Region::Thoracic, 8));
    let text = |text: &str| json!({"text": text});
    for (coded, more, expected) in [
        (code(SNOMED, "387731002"), json!({}), Some(Aim::Spine(Levels::NONE))),
        (code(SNOMED, "387731002"), json!({"bodySite": [code(SNOMED, "77435000")]}), Some(Aim::Spine(t8))),
        (text("Laminectomy T8"), json!({}), Some(Aim::Spine(t8))),
        (text("Decompression"), json!({"bodySite": [{"text": "T8 vertebra"}]}), Some(Aim::Spine(t8))),
        (text("Spinal fusion"), json!({}), Some(Aim::Spine(Levels::NONE))),
        (text("Corpectomy"), json!({}), Some(Aim::Spine(Levels::NONE))),
        (text("Decompression"), json!({"bodySite": [{"text": "wrist"}]}), None),
        (text("Fusion"), json!({"bodySite": [{"text": "ankle"}]}), None),
        (text("Vertebroplasty T8"), json!({}), None),
        (text("Kyphoplasty of the spine"), json!({}), None),
        (code(SNOMED, "401226007"), json!({}), None),
        (text("Spine surgery consult"), json!({}), None),
        (code(SNOMED, "387731002"), json!({"doNotPerform": true}), None),
    ] {
        let read = draft(coded.clone(), &more);
        assert_eq!(read.facts.surgery_orders.first().map(|o| o.aim), expected, "{coded} {more}");
    }
}

#[test]
fn zoledronic_orders_are_drafts() {
    let rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
    let request = json!({"resourceType": "MedicationRequest", "id": "m", "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/1"}});
    let product = json!({"resourceType": "Medication", "id": "z", "code": code(rxnorm, "77655")});
    for (more, expected) in [
        (json!({"medicationCodeableConcept": code(rxnorm, "77655")}), 1),
        (json!({"medicationCodeableConcept": {"text": "Zometa 4 mg"}}), 1),
        (json!({"medicationReference": {"reference": "Medication/z"}}), 1),
        (
            json!({"medicationReference": {"reference": "#c"}, "contained": [with(product.clone(), json!({"id": "c"}))]}),
            1,
        ),
        (json!({"medicationCodeableConcept": code(rxnorm, "77655"), "doNotPerform": true}), 0),
        (json!({"medicationCodeableConcept": code(rxnorm, "993449")}), 0),
        (json!({"medicationReference": {"reference": "Medication/none"}}), 0),
        (json!({}), 0),
    ] {
        let drafts = [with(request.clone(), more.clone())];
        let facts = reading(std::slice::from_ref(&product), &drafts).facts;
        assert_eq!(facts.zoledronic_orders.len(), expected, "{more}");
        assert!(facts.zoledronic_orders.iter().all(|order| order.status == SELECTED));
        // A draft is not given.
        assert!(facts.medications.is_empty(), "{more}");
    }
}
