//! Orders: which are placed, what for, for when.

use crate::helpers::*;
use serde_json::json;
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::NoteKind;

#[test]
fn which_orders_are_placed() {
    let mri = || order(code(LOINC, "30854-4"));
    let cases = [
        (json!({}), Some(OrderStatus::Active)),
        (json!({"status": "completed"}), Some(OrderStatus::Completed)),
        (json!({"intent": null}), Some(OrderStatus::Active)),
        (json!({"intent": "filler-order"}), Some(OrderStatus::Active)),
        (json!({"intent": "proposal"}), Some(OrderStatus::Active)),
        (json!({"intent": "plan"}), Some(OrderStatus::Active)),
        (json!({"intent": "option"}), None),
        (json!({"status": "draft"}), None),
        (json!({"status": "on-hold"}), None),
        (json!({"status": "revoked"}), None),
        (json!({"status": "entered-in-error"}), None),
        (json!({"doNotPerform": true}), None),
        (json!({"doNotPerform": false}), Some(OrderStatus::Active)),
    ];
    for (more, expected) in cases {
        let read = one(with(mri(), more.clone()));
        assert_eq!(read.facts.imaging_orders.first().map(|o| o.status), expected, "{more}");
        assert_eq!(kinds(&read).contains(&NoteKind::NotInForce), expected.is_none(), "{more}");
    }
}

#[test]
fn drafts_are_orders_whatever_their_status() {
    for (more, expected) in [
        (json!({"status": "draft", "intent": "proposal"}), 1),
        (json!({"status": "revoked"}), 1),
        (json!({"doNotPerform": true}), 0),
        (json!({"subject": {"reference": "Patient/2"}}), 0),
        (json!({"resourceType": "MedicationRequest"}), 0),
        (json!({"resourceType": "ProcedureRequest"}), 0),
    ] {
        let read = reading(&[], &[with(order(code(LOINC, "30854-4")), more.clone())]);
        assert_eq!(read.facts.imaging_orders.len(), expected, "{more}");
    }
    // The draft is the newer copy of the stored order.
    let both = reading(&[order(code(LOINC, "30854-4"))], &[order(code(LOINC, "24968-0"))]);
    assert_eq!(both.facts.imaging_orders.len(), 1);
    assert_eq!(both.facts.imaging_orders[0].status, OrderStatus::Draft { selected: true });
    assert_eq!(kinds(&both), [NoteKind::Duplicate]);
}

#[test]
fn what_is_ordered() {
    use Modality::{BoneScan, Ct, Mri, XRay};
    let (lumbar, thoracic) = (Regions::of(Region::Lumbar), Regions::of(Region::Thoracic));
    let cpt = "http://www.ama-assn.org/go/cpt";
    let cases = [
        (json!({"code": code(LOINC, "30854-4")}), Some((Mri, Regions::WHOLE, false))),
        (json!({"code": code(cpt, "72148")}), Some((Mri, lumbar, false))),
        (
            json!({"code": {"coding": [{"system": cpt, "code": "72141"}, {"system": cpt, "code": "72146"},
                {"system": cpt, "code": "72148"}]}}),
            Some((Mri, Regions::WHOLE, false)),
        ),
        (
            json!({"code": code(cpt, "72148"), "bodySite": [{"text": "whole spine"}]}),
            Some((Mri, lumbar, false)),
        ),
        (
            json!({"code": code(SNOMED, "241645008"), "orderDetail": [{"text": "MRI whole spine"}]}),
            Some((Mri, Regions::WHOLE, false)),
        ),
        (
            json!({"code": code(SNOMED, "241645008"), "bodySite": [code(SNOMED, "77435000")]}),
            Some((Mri, thoracic, false)),
        ),
        (json!({"code": code(SNOMED, "241577003")}), Some((Ct, Regions::NONE, false))),
        (json!({"code": code(LOINC, "24972-2")}), Some((XRay, Regions::NONE, false))),
        (json!({"code": code(cpt, "78306")}), Some((BoneScan, Regions::NONE, false))),
        (json!({"code": code(cpt, "78300"), "bodySite": [{"text": "left foot"}]}), None),
        (json!({"code": {"text": "X-ray lumbar spine"}}), Some((XRay, lumbar, true))),
        (
            json!({"code": {"coding": [{"system": "urn:x", "code": "1", "display": "CT thoracic spine"}]}}),
            Some((Ct, thoracic, true)),
        ),
        (
            json!({"code": {"text": "MRI"}, "bodySite": [{"text": "thoracic spine"}]}),
            Some((Mri, thoracic, true)),
        ),
        (
            json!({"code": {"text": "MRI"}, "bodySite": [code(SNOMED, "77435000")]}),
            Some((Mri, thoracic, true)),
        ),
        (
            json!({"code": {"text": "MRI"}, "orderDetail": [{"text": "whole spine"}]}),
            Some((Mri, Regions::WHOLE, true)),
        ),
        (
            json!({"code": null, "orderDetail": [{"text": "MRI whole spine"}]}),
            Some((Mri, Regions::WHOLE, true)),
        ),
        (json!({"code": {"text": "Bone scan"}}), Some((BoneScan, Regions::NONE, true))),
        (json!({"code": {"text": "MRI brain"}}), None),
        (json!({"code": {"text": "CT chest"}}), None),
        (
            json!({"code": code(OWN, "spine-surgery-consult"), "orderDetail": [{"text": "MRI whole spine done"}]}),
            None,
        ),
        (json!({"code": null}), None),
        (json!({"code": 5}), None),
    ];
    for (more, expected) in cases {
        let read = one(with(order(json!({})), more.clone()));
        let found = read.facts.imaging_orders.first().map(|o| (o.modality, o.regions, o.from_text));
        assert_eq!(found, expected, "{more}");
        assert_eq!(kinds(&read).contains(&NoteKind::FromText), expected.is_some_and(|e| e.2), "{more}");
    }
}

#[test]
fn when_and_how_urgently_an_order_is_due() {
    let cases = [
        (json!({}), None, None, 0),
        (json!({"occurrenceDateTime": "2026-05-12"}), Some(day(2026, 5, 12)), None, 0),
        (
            json!({"occurrencePeriod": {"start": "2026-05-11", "end": "2026-05-12"}}),
            Some(day(2026, 5, 12)),
            None,
            0,
        ),
        (json!({"occurrencePeriod": {"start": "2026-05-11"}}), Some(day(2026, 5, 11)), None, 0),
        (json!({"occurrenceTiming": {"event": ["2026-05-11"]}}), None, None, 1),
        (json!({"occurrenceDateTime": "tomorrow"}), None, None, 1),
        (json!({"priority": "stat"}), None, Some(Priority::Stat), 0),
        (json!({"priority": "routine"}), None, Some(Priority::Routine), 0),
        (json!({"priority": "high"}), None, None, 1),
    ];
    for (more, due, priority, notes) in cases {
        let read = one(with(order(code(LOINC, "30854-4")), more.clone()));
        let found = &read.facts.imaging_orders[0];
        assert_eq!((found.due, found.priority, read.notes.len()), (due, priority, notes), "{more}");
        assert_eq!((found.authored, found.evidence.date), (Some(day(2026, 5, 9)), Some(day(2026, 5, 9))));
    }
}
