//! Patient, diagnoses, signs, imaging, imaging orders, and where treatments were aimed. One small table per rule.

use crate::helpers::*;
use chrono::{TimeZone, Utc};
use serde_json::{Value, json};
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::{Chart, NoteKind, read};
use spinal_mets_cds::json::Document;

// ---- Patient ----

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

// ---- Whose, and in force ----

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

#[test]
fn status_of_a_condition() {
    let clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    let cases = [
        (json!({}), true, None),
        (json!({"clinicalStatus": null}), true, None),
        (json!({"clinicalStatus": code(clinical, "recurrence")}), true, None),
        (json!({"clinicalStatus": code(clinical, "relapse")}), true, None),
        (json!({"clinicalStatus": code(clinical, "inactive")}), false, Some(NoteKind::NotInForce)),
        (json!({"clinicalStatus": code(clinical, "remission")}), false, Some(NoteKind::NotInForce)),
        (json!({"clinicalStatus": code(clinical, "resolved")}), false, Some(NoteKind::NotInForce)),
        (json!({"clinicalStatus": "resolved"}), false, Some(NoteKind::NotInForce)),
        (json!({"clinicalStatus": {"text": "Resolved"}}), false, Some(NoteKind::NotInForce)),
        (json!({"clinicalStatus": code(clinical, "bogus")}), true, Some(NoteKind::MalformedElement)),
        (json!({"clinicalStatus": 7}), true, Some(NoteKind::MalformedElement)),
        (json!({"verificationStatus": code("v", "provisional")}), true, None),
        (json!({"verificationStatus": code("v", "refuted")}), false, Some(NoteKind::NotInForce)),
        (json!({"verificationStatus": code("v", "entered-in-error")}), false, Some(NoteKind::NotInForce)),
        (json!({"verificationStatus": code("v", "maybe")}), true, Some(NoteKind::MalformedElement)),
    ];
    for (more, current, note) in cases {
        let read = one(with(condition(ICD, "M54.5"), more.clone()));
        assert_eq!(!read.facts.signs.is_empty(), current, "{more}");
        assert_eq!(kinds(&read), Vec::from_iter(note), "{more}");
    }
}

#[test]
fn status_of_an_observation() {
    for (status, counts, notes) in [
        ("registered", true, 0),
        ("preliminary", true, 0),
        ("final", true, 0),
        ("amended", true, 0),
        ("corrected", true, 0),
        ("appended", true, 0),
        ("unknown", true, 1),
        ("bogus", true, 1),
        ("cancelled", false, 1),
        ("entered-in-error", false, 1),
    ] {
        let read = one(with(observation(SNOMED, "161891005"), json!({"status": status})));
        assert_eq!((read.facts.signs.len(), read.notes.len()), (usize::from(counts), notes), "{status}");
    }
}

// ---- Cancer and metastases ----

#[test]
fn which_conditions_are_cancers() {
    use CancerStatus::{Active, History};
    let snomed =
        |c: &str, display: &str| json!({"coding": [{"system": SNOMED, "code": c, "display": display}]});
    let cases = [
        (code(ICD, "C50.911"), "active", Some(Active)),
        (code(ICD, "C50.911"), "remission", Some(History)),
        (code(ICD, "C50.911"), "resolved", Some(History)),
        (code(ICD, "C50.911"), "inactive", Some(History)),
        (code(ICD, "C78.7"), "active", Some(Active)),
        (code(ICD, "C79.51"), "active", Some(Active)),
        (code(ICD, "Z85.3"), "active", Some(History)),
        (code(ICD, "C90.01"), "active", Some(History)),
        (code(ICD, "C90.01"), "relapse", Some(Active)),
        (code(ICD, "C90.00"), "active", Some(Active)),
        (code(ICD, "C44.91"), "active", None),
        (code(ICD, "Z85.828"), "active", None),
        (code(ICD, "D05.1"), "active", None),
        (code(SNOMED, "254837009"), "active", Some(Active)),
        (
            json!({"coding": [{"system": ICD, "code": "C44.91"}, {"system": SNOMED, "code": "363346000"}]}),
            "active",
            None,
        ),
        (snomed("999", "Malignant tumor of pleura"), "active", Some(Active)),
        (snomed("999", "Carcinoma in situ of breast"), "active", None),
        (snomed("999", "Family history of breast cancer"), "active", None),
        (snomed("999", "Basal cell carcinoma of skin"), "active", None),
        (json!({"text": "Malignant tumor of pleura"}), "active", None),
        (json!({"coding": [{"system": "urn:x", "code": "1", "display": "Malignant tumor"}]}), "active", None),
    ];
    for (coded, status, expected) in cases {
        let more = json!({"code": coded, "clinicalStatus": code("s", status)});
        let read = one(with(condition(ICD, "x"), more.clone()));
        assert_eq!(read.facts.cancer.first().map(|c| c.status), expected, "{more}");
        assert!(read.facts.signs.is_empty());
    }
}

#[test]
fn a_display_alone_is_noted_as_text() {
    let coded =
        json!({"coding": [{"system": SNOMED, "code": "999", "display": "Metastatic carcinoma of liver"}]});
    let read = one(with(condition(ICD, "x"), json!({"code": coded})));
    assert_eq!(kinds(&read), [NoteKind::FromText]);
    assert_eq!(read.facts.cancer[0].evidence.label, "Metastatic carcinoma of liver");
    let text_only = one(with(condition(ICD, "x"), json!({"code": {"text": "Back pain"}})));
    assert_eq!(kinds(&text_only), [NoteKind::FromText]);
}

#[test]
fn an_mcode_profile_makes_a_cancer_of_an_unknown_code() {
    let base = "http://hl7.org/fhir/us/mcode/StructureDefinition/";
    for (profile, expected) in [
        ("mcode-primary-cancer-condition", 1),
        ("mcode-secondary-cancer-condition|4.0.0", 1),
        ("mcode-cancer-patient", 0),
    ] {
        let more = json!({"meta": {"profile": [format!("{base}{profile}")]}, "code": {"text": "tumour"}});
        assert_eq!(one(with(condition(ICD, "x"), more)).facts.cancer.len(), expected, "{profile}");
    }
}

#[test]
fn blood_cancers_of_bone_are_told_apart() {
    for (c, expected) in [("C90.00", true), ("C83.3", true), ("C50", false)] {
        let cancer = &one(condition(ICD, c)).facts.cancer[0];
        assert_eq!(cancer.histology.is_myeloma_or_lymphoma(), expected, "{c}");
    }
}

#[test]
fn where_a_metastasis_sits() {
    let t8 = Levels::NONE.with(level(Region::Thoracic, 8));
    let spine = |levels| Some(MetastasisSite::Spine(levels));
    let cases = [
        (code(SNOMED, "94602001"), json!({}), spine(Levels::NONE)),
        (code(SNOMED, "94602001"), json!({"bodySite": [code(SNOMED, "77435000")]}), spine(t8)),
        (code(ICD, "C79.51"), json!({}), Some(MetastasisSite::Bone)),
        (code(ICD, "C79.51"), json!({"bodySite": [{"text": "right femur"}]}), Some(MetastasisSite::Bone)),
        (code(ICD, "C79.51"), json!({"bodySite": [code(SNOMED, "77435000")]}), spine(t8)),
        (code(ICD, "C79.51"), json!({"bodySite": [{"text": "T8 vertebra"}]}), spine(t8)),
        (code(ICD, "C79.51"), json!({"bodySite": [{"text": "spine"}]}), spine(Levels::NONE)),
        (
            json!({"coding": [{"system": ICD, "code": "C79.51"}], "text": "Metastasis of T8 vertebra"}),
            json!({}),
            spine(t8),
        ),
        (code(SNOMED, "128462008"), json!({"bodySite": [{"text": "T8 vertebra"}]}), spine(t8)),
        (code(SNOMED, "94600009"), json!({"bodySite": [{"text": "spinal cord"}]}), None),
        (code(ICD, "C90.00"), json!({"bodySite": [{"text": "T8 vertebra"}]}), spine(t8)),
        (code(ICD, "C90.00"), json!({}), None),
        (code(ICD, "C50"), json!({"bodySite": [{"text": "T8 vertebra"}]}), None),
        (code(SNOMED, "94602001"), json!({"clinicalStatus": "resolved"}), None),
    ];
    for (coded, more, expected) in cases {
        let read = one(with(with(condition(ICD, "x"), json!({"code": coded})), more.clone()));
        assert_eq!(read.facts.metastases.first().map(|m| m.site), expected, "{coded} {more}");
        assert_eq!(read.facts.cancer.len(), 1);
    }
}

#[test]
fn certainty_dates_and_return_of_a_metastasis() {
    for status in ["provisional", "differential", "unconfirmed"] {
        let read = one(with(condition(SNOMED, "94602001"), json!({"verificationStatus": code("v", status)})));
        assert_eq!(read.facts.metastases[0].certainty, Certainty::Suspected);
    }
    let read =
        one(with(condition(SNOMED, "94602001"), json!({"recordedDate": null, "onsetDateTime": "2026-04"})));
    let found = &read.facts.metastases[0];
    assert_eq!((found.certainty, found.seen.unwrap().precision()), (Certainty::Documented, Precision::Month));
    assert!(read.facts.worse_despite_treatment.is_empty());
    let back = one(with(condition(SNOMED, "94602001"), json!({"clinicalStatus": "recurrence"})));
    assert_eq!(back.facts.worse_despite_treatment.len(), 1);
}

#[test]
fn history_of_metastatic_cancer_may_be_denied() {
    for (value, expected) in
        [(json!({}), 1), (json!({"valueBoolean": true}), 1), (json!({"valueBoolean": false}), 0)]
    {
        let read = one(with(observation(SNOMED, "1287652008"), value.clone()));
        assert_eq!(read.facts.cancer.len(), expected, "{value}");
        assert!(read.facts.cancer.iter().all(|c| c.status == CancerStatus::History));
    }
}

// ---- Signs ----

#[test]
fn every_sign_is_read_from_conditions_and_observations_alike() {
    let cases = [
        (ICD, "M54.50", Sign::BackPain),
        (SNOMED, "161891005", Sign::BackPain),
        (SNOMED, "81680005", Sign::BackPain),
        (ICD, "M54.16", Sign::RadicularPain),
        (OWN, "radicular-pain", Sign::RadicularPain),
        (OWN, "radicular-deficit", Sign::RadicularDeficit),
        (SNOMED, "713514005", Sign::LimbWeakness),
        (SNOMED, "309537005", Sign::LimbNumbness),
        (SNOMED, "1845001", Sign::Paraparesis),
        (ICD, "G82.20", Sign::Paraparesis),
        (SNOMED, "449813001", Sign::SaddleAnaesthesia),
        (OWN, "sensory-level", Sign::SensoryLevel),
        (OWN, "lhermitte-sign", Sign::LhermitteSign),
        (ICD, "G99.2", Sign::Myelopathy),
        (ICD, "G83.4", Sign::CaudaEquina),
        (ICD, "G95.20", Sign::CordCompression),
        (OWN, "mescc-suspected", Sign::MesccSuspected),
        (ICD, "R26.0", Sign::GaitDisturbance),
        (ICD, "R33.9", Sign::UrinaryRetention),
        (ICD, "R15.9", Sign::BladderOrBowelDisturbance),
        (ICD, "R32", Sign::UrinaryIncontinence),
        (OWN, "spinal-metastases-suspected", Sign::SpinalMetastasesSuspected),
    ];
    for (system, c, sign) in cases {
        for resource in [condition(system, c), observation(system, c)] {
            let read = one(resource.clone());
            let found: Vec<_> = read.facts.signs.iter().map(|s| (s.sign, s.affirmed)).collect();
            assert_eq!(found, [(sign, true)], "{resource}");
        }
    }
}

#[test]
fn what_is_too_common_makes_no_sign() {
    for (system, c) in [
        (ICD, "R53.1"),
        (ICD, "M62.81"),
        (SNOMED, "26544005"),
        (SNOMED, "91019004"),
        (ICD, "R29.898"),
        (ICD, "K59.00"),
    ] {
        let read = one(condition(system, c));
        assert!(read.facts.signs.is_empty(), "{c}");
        assert_eq!(kinds(&read), [NoteKind::CodeNotKnown], "{c}");
    }
    let numb = one(condition(SNOMED, "44077006"));
    assert_eq!((numb.facts.signs.len(), kinds(&numb)), (0, vec![NoteKind::MakesNoFact]));
    let leg = one(with(condition(SNOMED, "44077006"), json!({"bodySite": [{"text": "left leg"}]})));
    let sign = &leg.facts.signs[0];
    assert_eq!((sign.sign, sign.side, sign.limb), (Sign::LimbNumbness, Some(Side::Left), Some(Limb::Leg)));
    let all = one(with(condition(SNOMED, "44077006"), json!({"bodySite": [{"text": "arms and legs"}]})));
    assert_eq!((all.facts.signs.len(), all.facts.signs[0].limb), (1, None));
}

#[test]
fn sides_come_from_code_body_site_text_and_value() {
    let pain = |more: Value| with(observation(OWN, "radicular-pain"), more);
    let cases = [
        (condition(ICD, "M54.31"), Some(Side::Right)),
        (condition(ICD, "M54.32"), Some(Side::Left)),
        (condition(ICD, "M54.30"), None),
        (condition(SNOMED, "15633361000119103"), Some(Side::Both)),
        (
            with(
                condition(ICD, "x"),
                json!({"code": {"coding": [
                {"system": ICD, "code": "M54.31"}, {"system": ICD, "code": "M54.32"}]}}),
            ),
            Some(Side::Both),
        ),
        (pain(json!({"bodySite": code(SNOMED, "7771000")})), Some(Side::Left)),
        (pain(json!({"bodySite": code(SNOMED, "51440002")})), Some(Side::Both)),
        (pain(json!({"bodySite": {"text": "right leg"}})), Some(Side::Right)),
        (
            pain(
                json!({"bodySite": {"text": "leg", "extension": [{"url": "http://x/mcode-laterality-qualifier",
                "valueCodeableConcept": code(SNOMED, "24028007")}]}}),
            ),
            Some(Side::Right),
        ),
        (pain(json!({"valueCodeableConcept": code(SNOMED, "51440002")})), Some(Side::Both)),
        (pain(json!({"valueString": "yes, left"})), Some(Side::Left)),
        (pain(json!({})), None),
    ];
    for (resource, expected) in cases {
        let read = one(resource.clone());
        assert_eq!(
            read.facts.signs.iter().map(|s| (s.side, s.affirmed)).collect::<Vec<_>>(),
            [(expected, true)],
            "{resource}"
        );
    }
}

#[test]
fn values_affirm_deny_or_say_nothing() {
    let coded = |system: &str, c: &str| json!({"valueCodeableConcept": code(system, c)});
    let yes_no = "http://terminology.hl7.org/CodeSystem/v2-0136";
    let cases = [
        (json!({}), Some(true), 0),
        (json!({"valueBoolean": true}), Some(true), 0),
        (json!({"valueBoolean": false}), Some(false), 0),
        (json!({"valueBoolean": "false"}), Some(false), 1),
        (json!({"valueBoolean": 1}), Some(true), 1),
        (coded(SNOMED, "373066001"), Some(true), 0),
        (coded(SNOMED, "373067005"), Some(false), 0),
        (coded(SNOMED, "52101004"), Some(true), 0),
        (coded(SNOMED, "2667000"), Some(false), 0),
        (coded(SNOMED, "260385009"), Some(false), 0),
        (coded(LOINC, "LA33-6"), Some(true), 0),
        (coded(LOINC, "LA9634-2"), Some(false), 0),
        (coded(yes_no, "Y"), Some(true), 0),
        (coded(yes_no, "N"), Some(false), 0),
        (coded("urn:x", "N"), Some(true), 1),
        (coded("urn:x", "UNK"), None, 1),
        (json!({"valueCodeableConcept": {"text": "absent"}}), Some(false), 0),
        (json!({"valueCodeableConcept": {"text": "left foot"}}), Some(true), 1),
        (json!({"valueString": "No"}), Some(false), 0),
        (json!({"valueString": "no change"}), Some(true), 1),
        (json!({"valueString": "patient denies"}), Some(false), 0),
        (json!({"valueInteger": 0}), Some(false), 1),
        (json!({"valueInteger": 7}), Some(true), 1),
        (json!({"valueQuantity": {"value": 0.0}}), Some(false), 1),
        (json!({"valueQuantity": {"value": "0"}}), Some(true), 1),
        (json!({"valueDateTime": "2026"}), Some(true), 1),
        (json!({"valueBoolean": false, "valueString": "yes"}), Some(true), 0),
        (json!({"dataAbsentReason": code("x", "unknown")}), None, 1),
        (json!({"interpretation": [code("x", "NEG")]}), Some(false), 0),
        (json!({"interpretation": [code("x", "POS")]}), Some(true), 0),
    ];
    for (value, affirmed, notes) in cases {
        let read = one(with(observation(SNOMED, "161891005"), value.clone()));
        assert_eq!(read.facts.signs.first().map(|s| s.affirmed), affirmed, "{value}");
        assert_eq!(read.notes.len(), notes, "{value} {:?}", read.notes);
    }
}

#[test]
fn severity_and_course_are_kept() {
    for (value, severity) in [
        (json!({"valueCodeableConcept": code(SNOMED, "255604002")}), Some(1)),
        (json!({"valueCodeableConcept": code(SNOMED, "6736007")}), Some(2)),
        (json!({"valueString": "severe"}), Some(3)),
        (json!({"valueBoolean": true}), None),
    ] {
        let read = one(with(observation(OWN, "radicular-deficit"), value));
        assert_eq!(read.facts.signs[0].severity, severity);
    }
    let course = |c: &str| {
        json!([{"url": "http://hl7.org/fhir/StructureDefinition/condition-diseaseCourse",
        "valueCodeableConcept": code(OWN, c)}])
    };
    for (c, expected, notes) in [
        ("progressive", Some(Progression::Progressive), 0),
        ("stable", Some(Progression::Stable), 0),
        ("improving", Some(Progression::Improving), 0),
        ("sideways", None, 1),
    ] {
        let more = json!({"extension": course(c), "severity": code(SNOMED, "24484000")});
        let read = one(with(condition(OWN, "radicular-deficit"), more));
        let sign = &read.facts.signs[0];
        assert_eq!((sign.progression, sign.severity, read.notes.len()), (expected, Some(3), notes), "{c}");
    }
}

#[test]
fn a_course_is_a_record_or_belongs_to_its_finding() {
    let course = json!({"valueCodeableConcept": code(OWN, "progressive")});
    let alone = one(with(
        with(observation(OWN, "deficit-progression"), course),
        json!({"bodySite": {"text": "left"}}),
    ));
    let record = &alone.facts.progressions[0];
    assert_eq!(
        (record.progression, record.side, record.seen),
        (Progression::Progressive, Some(Side::Left), Some(at(9, 8)))
    );

    let component =
        json!({"component": [{"code": code(OWN, "deficit-progression"), "valueString": "stable"}]});
    let inside = one(with(observation(OWN, "radicular-deficit"), component.clone()));
    assert_eq!(inside.facts.signs[0].progression, Some(Progression::Stable));
    assert!(inside.facts.progressions.is_empty());

    let panel = one(with(observation("urn:x", "neuro-exam"), component));
    assert_eq!((panel.facts.progressions.len(), panel.facts.signs.len()), (1, 0));

    let not_a_course = one(with(observation(OWN, "deficit-progression"), json!({"valueBoolean": true})));
    assert_eq!(
        (not_a_course.facts.progressions.len(), kinds(&not_a_course)),
        (0, vec![NoteKind::ValueNotAllowed])
    );
}

#[test]
fn components_are_statements() {
    let panel = with(
        observation("urn:x", "neuro-exam"),
        json!({"component": [
            {"code": code(OWN, "sensory-level"), "valueBoolean": true},
            {"code": code(OWN, "lhermitte-sign"), "valueBoolean": false},
            {"code": code("urn:x", "reflexes"), "valueString": "brisk"},
            {"code": code(OWN, "escc-grade"), "valueString": "2"}, 7]}),
    );
    let read = one(panel);
    let found: Vec<_> = read.facts.signs.iter().map(|s| (s.sign, s.affirmed)).collect();
    assert_eq!(found, [(Sign::LhermitteSign, false), (Sign::SensoryLevel, true)]);
    assert_eq!(read.facts.escc[0].grade, Escc::G2);
    // The components say which side; the container does not affirm beside them.
    let container = with(
        observation(OWN, "radicular-deficit"),
        json!({"component": [{"code": code(OWN, "radicular-deficit"), "valueBoolean": false}]}),
    );
    assert_eq!(one(container).facts.signs.iter().map(|s| s.affirmed).collect::<Vec<_>>(), [false]);
    let nothing = one(observation("urn:x", "neuro-exam"));
    assert_eq!(kinds(&nothing), [NoteKind::CodeNotKnown]);
}

#[test]
fn onset_and_dates_of_a_condition() {
    let cases = [
        (json!({}), None, false, 0),
        (json!({"onsetDateTime": "2026-05-01"}), Some(day(2026, 5, 1)), true, 0),
        (
            json!({"onsetPeriod": {"start": "2026-05-01", "end": "2026-05-02"}}),
            Some(day(2026, 5, 1)),
            true,
            0,
        ),
        (json!({"onsetPeriod": {"end": "2026-05-02"}}), None, true, 0),
        (json!({"onsetDateTime": "2026-02-30"}), None, true, 1),
        (json!({"onsetDateTime": "2026-05-01T10:00:00"}), Some(at(1, 10)), true, 1),
        (json!({"onsetString": "last week"}), None, true, 1),
        (json!({"onsetAge": {"value": 60}}), None, true, 1),
        (json!({"onsetDateTime": null}), None, false, 0),
    ];
    for (more, onset, stands_alone, notes) in cases {
        let read = one(with(condition(OWN, "radicular-deficit"), more.clone()));
        let sign = &read.facts.signs[0];
        assert_eq!((sign.onset, sign.stands_alone), (onset, stands_alone), "{more}");
        assert_eq!((sign.seen.as_slice(), read.notes.len()), ([day(2026, 5, 8)].as_slice(), notes), "{more}");
        assert_eq!(sign.evidence.date, Some(day(2026, 5, 8)));
    }
}

#[test]
fn onset_and_dates_of_an_observation() {
    let cases = [
        (json!({}), Some(at(9, 8)), vec![at(9, 8)]),
        (json!({"issued": "2026-05-09T10:00:00Z"}), Some(at(9, 8)), vec![at(9, 8), at(9, 10)]),
        (
            json!({"effectiveDateTime": null, "effectivePeriod": {"start": "2026-05-01", "end": "2026-05-09T08:00:00Z"}}),
            Some(day(2026, 5, 1)),
            vec![day(2026, 5, 1), at(9, 8)],
        ),
        (
            json!({"effectiveDateTime": null, "effectiveInstant": "2026-05-09T09:00:00Z"}),
            Some(at(9, 9)),
            vec![at(9, 9)],
        ),
        (json!({"effectiveDateTime": "soon", "issued": "2026-05-09T10:00:00Z"}), None, vec![at(9, 10)]),
        (json!({"effectiveDateTime": null}), None, vec![]),
    ];
    for (more, onset, seen) in cases {
        let read = one(with(observation(OWN, "radicular-deficit"), more.clone()));
        let sign = &read.facts.signs[0];
        assert_eq!((sign.onset, &sign.seen, sign.stands_alone), (onset, &seen, false), "{more}");
    }
}

#[test]
fn a_day_is_a_day_at_the_facility() {
    let text = condition(ICD, "M54.5").to_string();
    let document = Document::parse(&text).unwrap();
    let chart = Chart { patient_id: "1", resources: vec![document.root()], ..Chart::default() };
    let site = Site { time_zone: "Europe/Amsterdam".parse().unwrap(), ..Site::default() };
    let seen = read(&chart, value_sets(), &site, now()).facts.signs[0].seen[0];
    assert_eq!(seen.earliest(), Utc.with_ymd_and_hms(2026, 5, 7, 22, 0, 0).unwrap());
}

#[test]
fn one_resource_makes_one_record_of_a_sign() {
    let coded =
        json!({"coding": [{"system": ICD, "code": "M54.50"}, {"system": SNOMED, "code": "279039007"}]});
    assert_eq!(one(with(condition(ICD, "x"), json!({"code": coded}))).facts.signs.len(), 1);
    let metastatic = one(condition(SNOMED, "713425003"));
    assert!(metastatic.facts.signs.iter().all(|sign| sign.metastatic_by_code));
    assert!(metastatic.facts.signs.iter().any(|sign| sign.sign == Sign::CordCompression));
}

// ---- Judgements, scores, devices, pregnancy ----

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

// ---- Imaging ----

#[test]
fn what_an_mri_covered() {
    let thoracic_lumbar = Regions::of(Region::Thoracic).with(Regions::of(Region::Lumbar));
    let cases = [
        (json!({"procedureCode": [code(LOINC, "30854-4")]}), Some(Regions::WHOLE)),
        (json!({"procedureCode": [code(SNOMED, "411571000119106")]}), Some(thoracic_lumbar)),
        (json!({"procedureCode": [code(LOINC, "24980-5"), code(LOINC, "24968-0")]}), Some(thoracic_lumbar)),
        (json!({"procedureCode": [code(SNOMED, "241645008")]}), Some(Regions::NONE)),
        (
            json!({"procedureCode": [code(SNOMED, "241645008")], "description": "MRI whole spine"}),
            Some(Regions::WHOLE),
        ),
        (json!({"description": "MRI whole spine"}), Some(Regions::WHOLE)),
        (json!({"description": "Lumbar spine"}), Some(Regions::of(Region::Lumbar))),
        (json!({"description": "MRI brain"}), None),
        (json!({"description": "Whole spine", "modality": [{"code": "CT"}]}), None),
        (json!({"procedureCode": [code(SNOMED, "241577003")], "modality": [{"code": "CT"}]}), None),
        (json!({"procedureCode": [code(LOINC, "30854-4")], "status": "registered"}), None),
        (json!({"procedureCode": [code(LOINC, "30854-4")], "status": "cancelled"}), None),
        (json!({"procedureCode": [code(LOINC, "30854-4")], "status": "bogus"}), None),
        (json!({"procedureCode": [code(LOINC, "30854-4")], "status": null}), Some(Regions::WHOLE)),
        (json!({"procedureCode": [code(LOINC, "30854-4")], "started": "2026-05-11"}), None),
    ];
    for (more, expected) in cases {
        let read = one(with(study(), more.clone()));
        assert_eq!(read.facts.spine_mri.first().map(|m| m.regions), expected, "{more}");
    }
    let undated = one(with(study(), json!({"description": "MRI whole spine", "started": "soon"})));
    assert_eq!(undated.facts.spine_mri[0].when, None);
    assert_eq!(kinds(&undated), [NoteKind::FromText, NoteKind::MalformedElement]);
}

#[test]
fn a_sequence_is_missing_only_where_all_series_are_described() {
    let series = |names: &[Value]| {
        let list: Vec<Value> =
            names.iter().map(|n| json!({"modality": {"code": "MR"}, "description": n})).collect();
        with(study(), json!({"procedureCode": [code(LOINC, "30854-4")], "series": list}))
    };
    for (names, missing) in [
        (vec![], (false, false)),
        (vec![json!("SAG T1"), json!("SAG T2 TSE")], (false, false)),
        (vec![json!("SAG T2"), json!("STIR")], (true, false)),
        (vec![json!("localizer")], (true, true)),
        (vec![json!("SAG T2"), json!(null)], (false, false)),
    ] {
        let read = one(series(&names));
        let mri = &read.facts.spine_mri[0];
        assert_eq!((mri.t1_missing, mri.t2_missing), missing, "{names:?}");
    }
}

#[test]
fn reports_and_procedures_are_studies_too() {
    let report = json!({"resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": code(LOINC, "30854-4"),
        "effectiveDateTime": "2026-05-09", "issued": "2026-05-10T08:00:00Z"});
    for (more, when) in [
        (json!({}), Some(Some(day(2026, 5, 9)))),
        (json!({"effectiveDateTime": null}), Some(Some(at(10, 8)))),
        (json!({"effectiveDateTime": null, "status": "amended"}), Some(None)),
        (json!({"status": "preliminary"}), Some(Some(day(2026, 5, 9)))),
        (json!({"status": "registered"}), None),
        (json!({"status": "entered-in-error"}), None),
        (json!({"code": code(LOINC, "24627-2")}), None),
    ] {
        let read = one(with(report.clone(), more.clone()));
        assert_eq!(read.facts.spine_mri.first().map(|m| m.when), when, "{more}");
    }
    let text = one(with(report, json!({"code": {"text": "MRI lumbar spine"}})));
    assert_eq!(text.facts.spine_mri[0].regions, Regions::of(Region::Lumbar));
    assert_eq!(kinds(&text), [NoteKind::FromText]);
    let made = procedure(code(SNOMED, "411611000119102"));
    assert_eq!(one(made.clone()).facts.spine_mri[0].when, Some(day(2026, 5, 1)));
    assert!(one(with(made, json!({"status": "in-progress"}))).facts.spine_mri.is_empty());
}

// ---- Orders ----

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

// ---- Treatments ----

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
