//! The patient, and whose resources count.

use crate::helpers::*;
use serde_json::json;
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::NoteKind;

#[test]
fn age_and_death() {
    let cases = [
        (json!({"birthDate": "1950-05-11"}), Some(75), false, 0),
        (json!({"birthDate": "1950-05-10"}), Some(76), false, 0),
        (json!({"birthDate": "2008"}), Some(18), false, 0),
        (json!({"birthDate": "2008-06"}), Some(17), false, 0),
        (json!({"birthDate": "1950-02-30"}), None, false, 1),
        (json!({"birthDate": "2030-01-01"}), None, false, 1),
        (json!({"birthDate": 1950}), None, false, 1),
        (json!({"birthDate": null}), None, false, 0),
        (json!({"deceasedBoolean": true}), None, true, 0),
        (json!({"deceasedBoolean": false}), None, false, 0),
        (json!({"deceasedBoolean": "true"}), None, false, 1),
        (json!({"deceasedDateTime": "2026-01"}), None, true, 0),
        (json!({"deceasedDateTime": "last week"}), None, false, 1),
        (json!({"deceasedDateTime": "2027-01-01"}), None, false, 1),
        (json!({"deceasedBoolean": false, "deceasedDateTime": "2026-01-01"}), None, false, 1),
        (json!({"_deceasedDateTime": {"extension": [{"url": "x", "valueCode": "unknown"}]}}), None, false, 1),
    ];
    for (more, age, deceased, notes) in cases {
        let read = one(with(json!({"resourceType": "Patient", "id": "1"}), more.clone()));
        assert_eq!(read.facts.age_years, age, "{more}");
        assert_eq!(read.facts.deceased, deceased, "{more}");
        assert_eq!(read.notes.len(), notes, "{more}");
        assert_eq!(read.facts.patient.as_deref(), Some("Patient/1"));
    }
}

#[test]
fn a_patient_without_an_id_speaks_only_when_alone() {
    let named = json!({"resourceType": "Patient", "id": "1", "birthDate": "1950-05-10"});
    let died = json!({"resourceType": "Patient", "deceasedBoolean": true});
    let child = json!({"resourceType": "Patient", "birthDate": "2016-01-01"});
    // Two nameless ones are one note: nothing tells them apart.
    for (patients, patient, deceased, notes) in [
        (vec![died.clone()], Some("Patient"), true, 0),
        (vec![named.clone(), died.clone()], Some("Patient/1"), false, 1),
        (vec![died.clone(), child.clone(), named], Some("Patient/1"), false, 1),
        (vec![died, child], None, false, 1),
    ] {
        let read = reading(&patients, &[]);
        assert_eq!(read.facts.patient.as_deref(), patient);
        assert_eq!((read.facts.deceased, read.notes.len()), (deceased, notes), "{patient:?}");
    }
}

#[test]
fn another_patients_resource_makes_no_fact() {
    let cases = [
        (json!({"reference": "Patient/1"}), true),
        (json!({"reference": "https://ehr.example.org/fhir/Patient/1"}), true),
        (json!({"reference": "Patient/1/_history/2"}), true),
        (json!({"reference": "urn:uuid:1"}), true),
        (json!({"identifier": {"value": "x"}}), true),
        (json!(null), true),
        (json!({"reference": "Patient/2"}), false),
        (json!({"reference": "https://ehr.example.org/fhir/Patient/2"}), false),
        (json!({"reference": "urn:uuid:2"}), false),
        (json!({"reference": "Group/1"}), false),
    ];
    for (subject, ours) in cases {
        let read = one(with(condition(ICD, "C50.911"), json!({"subject": subject})));
        assert_eq!(read.facts.cancer.len(), usize::from(ours), "{subject}");
        assert_eq!(kinds(&read).contains(&NoteKind::OtherPatient), !ours, "{subject}");
    }
    let stranger = one(json!({"resourceType": "Patient", "id": "2", "deceasedBoolean": true}));
    assert!(!stranger.facts.deceased && stranger.facts.patient.is_none());
    let device = json!({"resourceType": "Device", "id": "d", "patient": {"reference": "Patient/2"},
        "type": code(SNOMED, "14106009")});
    assert!(one(device).facts.mri_safety.is_empty());
}

#[test]
fn a_resource_that_comes_twice_counts_once() {
    let first = condition(ICD, "M54.5");
    let read = reading(&[first.clone(), first], &[]);
    assert_eq!(read.facts.signs.iter().map(|s| s.sign).collect::<Vec<_>>(), [Sign::BackPain]);
    assert_eq!(kinds(&read), [NoteKind::Duplicate]);
    let mut anonymous = condition(ICD, "M54.5");
    anonymous.as_object_mut().unwrap().remove("id");
    let read = reading(&[anonymous.clone(), anonymous], &[]);
    assert_eq!(read.facts.signs.len(), 2);
    assert_eq!(read.facts.signs[0].evidence.reference, "Condition");
}

#[test]
fn what_is_not_a_resource_is_a_note() {
    for (resource, kind) in [
        (json!([1]), NoteKind::MalformedResource),
        (json!("Patient"), NoteKind::MalformedResource),
        (json!({"id": "1"}), NoteKind::MalformedResource),
        (json!({"resourceType": 5}), NoteKind::MalformedResource),
        (json!({"resourceType": "ProcedureRequest", "id": "x"}), NoteKind::UnknownResourceType),
        (json!({"resourceType": "MedicationOrder"}), NoteKind::UnknownResourceType),
    ] {
        let read = one(resource.clone());
        assert_eq!(kinds(&read), [kind], "{resource}");
        assert_eq!(read.facts, Facts::default());
    }
    for silent in ["FamilyMemberHistory", "OperationOutcome", "Encounter", "Claim"] {
        let read = one(json!({"resourceType": silent, "id": "x", "code": code(ICD, "C50")}));
        assert_eq!((read.facts, read.notes), (Facts::default(), vec![]), "{silent}");
    }
}
