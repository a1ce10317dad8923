//! Which appointments are for an MRI of the spine: by service type, by reason, by order; and visits that speak of one.

use super::helpers::{LOINC, SNOMED, code, reading};
use serde_json::{Value, json};

fn text(text: &str) -> Value {
    json!({ "text": text })
}

fn appointment(members: &Value) -> Value {
    let mut appointment = json!({"resourceType": "Appointment", "id": "a", "status": "proposed",
        "start": "2026-05-20T09:00:00Z", "participant": [{"actor": {"reference": "Patient/1"}}]});
    for (name, value) in members.as_object().unwrap() {
        appointment[name] = value.clone();
    }
    appointment
}

/// Whether it is booked, and whether all of the spine is.
fn booked(members: &Value) -> Option<bool> {
    booked_on("active", members)
}

/// The same where the order is in this status.
fn booked_on(status: &str, members: &Value) -> Option<bool> {
    let order = json!({"resourceType": "ServiceRequest", "id": "mri", "status": status, "intent": "order",
        "subject": {"reference": "Patient/1"}, "code": text("MRI whole spine")});
    let orders = reading(&[order], &[appointment(members)]).facts.imaging_orders;
    orders.iter().find(|it| it.evidence.reference == "Appointment/a").map(|it| it.regions.is_whole())
}

#[test]
fn an_mri_of_the_spine_is_known() {
    for (members, whole) in [
        (json!({"serviceType": [text("MRI whole spine")]}), true),
        (json!({"serviceType": [text("MRI whole spine before and after contrast")]}), true),
        (json!({"serviceType": [text("Follow-up MRI lumbar spine")]}), false),
        (json!({"serviceType": [code(LOINC, "30854-4")]}), true),
        // A code is no visit, whatever its display says.
        (
            json!({"serviceType": [{"coding": [{"system": LOINC, "code": "30854-4", "display": "MRI, review"}]}]}),
            true,
        ),
        (json!({"serviceType": [text("MRI"), text("Whole spine")]}), true),
        (json!({"serviceType": [code(SNOMED, "113091000")], "reasonCode": [text("whole spine")]}), true),
        (json!({"serviceType": [text("MRI")], "reasonCode": [text("Lumbar spine metastasis")]}), false),
        (json!({"reasonCode": [text("MRI whole spine")]}), true),
        (
            json!({"serviceType": [text("Diagnostic radiology")], "reasonCode": [text("MRI whole spine")]}),
            true,
        ),
        (json!({"serviceType": [text("Outpatient MRI lumbar spine")]}), false),
        (json!({"basedOn": [{"reference": "ServiceRequest/mri"}]}), true),
        (json!({"serviceType": [text("Radiology")], "basedOn": [{"reference": "ServiceRequest/mri"}]}), true),
        (
            json!({"basedOn": [{"reference": "#o"}], "contained": [
                {"resourceType": "ServiceRequest", "id": "o", "code": text("MRI lumbar spine")}]}),
            false,
        ),
    ] {
        assert_eq!(booked(&members), Some(whole), "{members}");
    }
}

#[test]
fn an_appointment_is_for_what_its_order_orders_whatever_became_of_that() {
    for status in ["active", "on-hold", "draft", "unknown", "completed", "revoked"] {
        let members = json!({"basedOn": [{"reference": "ServiceRequest/mri"}]});
        assert_eq!(booked_on(status, &members), Some(true), "{status}");
    }
}

#[test]
fn a_visit_other_imaging_and_what_is_over_are_none() {
    let mri = json!({"serviceType": [text("MRI whole spine")]});
    let with = |name: &str, value: Value| {
        let mut members = mri.clone();
        members[name] = value;
        members
    };
    for members in [
        json!({"serviceType": [text("Physiotherapy")], "reasonCode": [text("Disc disease on MRI of lumbar spine")]}),
        json!({"serviceType": [text("Neurosurgery visit")], "reasonCode": [text("MRI spine results")]}),
        json!({"serviceType": [text("Review of MRI spine")]}),
        json!({"serviceType": [text("Physiotherapy")], "reasonCode": [text("MRI whole spine")]}),
        json!({"serviceType": [text("Radiology consultation")], "reasonCode": [text("MRI whole spine")]}),
        json!({"serviceType": [text("Follow-up after MRI lumbar spine")]}),
        json!({"reasonCode": [text("Vertebral metastasis seen on MRI spine")]}),
        json!({"serviceType": [text("CT spine")], "reasonCode": [text("MRI spine incomplete")]}),
        json!({"serviceType": [text("MRI brain")], "basedOn": [{"reference": "ServiceRequest/mri"}]}),
        json!({"serviceType": [text("Dental check")], "basedOn": [{"reference": "#mri"}]}),
        json!({"serviceType": [text("MRI")]}),
        with("status", json!("cancelled")),
        with("participant", json!([{"actor": {"reference": "Patient/2"}}])),
    ] {
        assert_eq!(booked(&members), None, "{members}");
    }
    // Of two patients one is ours: it is an appointment of both.
    let both = json!([{"actor": {"reference": "Patient/2"}}, {"actor": {"reference": "Patient/1"}}]);
    assert_eq!(booked(&with("participant", both)), Some(true));
}
