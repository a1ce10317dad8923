//! MRI studies.

use crate::helpers::*;
use serde_json::{Value, json};
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::NoteKind;

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
