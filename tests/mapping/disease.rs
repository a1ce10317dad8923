//! Cancers and metastases.

use crate::helpers::*;
use serde_json::json;
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::NoteKind;

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
