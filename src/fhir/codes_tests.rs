//! The value sets as shipped: the surprising decisions one by one, and that no verified code was forgotten.

use super::*;
use crate::systems::FINDING_SYSTEM;
use Concept as C;
use std::fs;

const ICD: &str = ICD10CM;

fn sets() -> ValueSets {
    ValueSets::built_in().unwrap()
}

fn set(concepts: &[Concept]) -> ConceptSet {
    concepts.iter().fold(ConceptSet::NONE, |set, concept| set.with(*concept))
}

#[test]
fn the_surprising_decisions() {
    let sets = sets();
    let cases: &[(&str, &str, &[Concept])] = &[
        // Skin cancer other than melanoma is subtracted by the mapper, so it says both.
        (ICD, "C44.01", &[C::PrimaryMalignancy, C::NonMelanomaSkinCancer]),
        (ICD, "Z85.828", &[C::NonMelanomaSkinCancer]),
        (ICD, "C4A.9", &[C::PrimaryMalignancy]),
        (ICD, "Z85.821", &[C::HistoryOfMalignancy]),
        (ICD, "C43.9", &[C::PrimaryMalignancy]),
        (ICD, "Z85.3", &[C::HistoryOfMalignancy]),
        (ICD, "Z85.118", &[C::HistoryOfMalignancy]),
        (SNOMED, "254837009", &[C::PrimaryMalignancy]),
        // In situ, of uncertain behaviour, benign.
        (ICD, "D05.1", &[]),
        (ICD, "D05.12", &[]),
        (ICD, "D09.0", &[]),
        (ICD, "D09.9", &[]),
        (ICD, "D47.2", &[]),
        (ICD, "C50.911", &[C::PrimaryMalignancy]),
        (ICD, "C7A.8", &[C::PrimaryMalignancy]),
        (ICD, "C80.0", &[C::SecondaryMalignancy, C::NotASolidTumour]),
        (ICD, "C80.1", &[C::PrimaryMalignancy, C::NotASolidTumour]),
        (ICD, "C76.2", &[C::PrimaryMalignancy]),
        (ICD, "C91.10", &[C::PrimaryMalignancy, C::NotASolidTumour]),
        (ICD, "C90.01", &[C::PrimaryMalignancy, C::Myeloma]),
        (ICD, "C83.31", &[C::PrimaryMalignancy, C::Lymphoma, C::AggressiveLymphoma]),
        (ICD, "C82.41", &[C::PrimaryMalignancy, C::Lymphoma, C::AggressiveLymphoma]),
        (ICD, "C82.31", &[C::PrimaryMalignancy, C::Lymphoma]),
        (ICD, "C83.11", &[C::PrimaryMalignancy, C::Lymphoma]),
        // ALK-negative anaplastic lymphoma includes the indolent one of the breast (C84.7A).
        (ICD, "C84.7A", &[C::PrimaryMalignancy, C::Lymphoma]),
        (ICD, "C61", &[C::PrimaryMalignancy, C::ProstateCancer]),
        (SNOMED, "712849003", &[C::BoneMetastasis, C::SecondaryMalignancy, C::ProstateCancer]),
        // WHO ICD-10 does not tell bone from marrow; ICD-10-CM does, and marrow is no lesion of the spine.
        (ICD, "C79.5", &[C::SecondaryMalignancy, C::BoneMetastasis]),
        (ICD, "C79.51", &[C::SecondaryMalignancy, C::BoneMetastasis]),
        (ICD, "C79.52", &[C::SecondaryMalignancy]),
        (ICD, "C79.49", &[C::SecondaryMalignancy]),
        (SNOMED, "94600009", &[C::SecondaryMalignancy]),
        (SNOMED, "94602001", &[C::SpineMetastasis, C::SecondaryMalignancy]),
        (SNOMED, "866087009", &[C::SpineMetastasis, C::SecondaryMalignancy, C::VertebralFracture]),
        (SNOMED, "134421000", &[C::BoneMetastasis, C::SecondaryMalignancy]),
        (SNOMED, "94300004", &[C::BoneMetastasis, C::SecondaryMalignancy]),
        // Too common to count.
        (ICD, "R53.1", &[]),
        (ICD, "M62.81", &[]),
        (ICD, "R29.898", &[]),
        (ICD, "R20.2", &[]),
        (SNOMED, "26544005", &[]),
        (SNOMED, "91019004", &[]),
        (SNOMED, "14760008", &[]),
        (SNOMED, "44077006", &[C::Numbness]),
        (ICD, "R20.0", &[C::Numbness]),
        (SNOMED, "309537005", &[C::LimbNumbness, C::LimbLeg]),
        (SNOMED, "165232002", &[C::UrinaryIncontinence]),
        (ICD, "R32", &[C::UrinaryIncontinence]),
        (ICD, "R33.0", &[]),
        (ICD, "M54.50", &[C::BackPain]),
        (ICD, "M54.5", &[C::BackPain]),
        (ICD, "M54.81", &[]),
        (ICD, "G89.3", &[]),
        (ICD, "M54.31", &[C::RadicularPain, C::SideRight]),
        (ICD, "M54.42", &[C::RadicularPain, C::SideLeft]),
        (ICD, "M54.18", &[C::RadicularPain]),
        (SNOMED, "15633361000119103", &[C::RadicularPain, C::SideBoth]),
        (ICD, "G83.11", &[C::LimbWeakness, C::LimbLeg, C::SideRight]),
        (ICD, "G83.14", &[C::LimbWeakness, C::LimbLeg, C::SideLeft]),
        (ICD, "G83.22", &[C::LimbWeakness, C::LimbArm, C::SideLeft]),
        (ICD, "G82.20", &[C::Paraparesis]),
        (ICD, "G95.20", &[C::CordCompression]),
        (ICD, "G95.9", &[C::Myelopathy]),
        (ICD, "G95.89", &[]),
        (SNOMED, "192906003", &[C::Myelopathy, C::MetastaticByCode]),
        (SNOMED, "713425003", &[C::CordCompression, C::MetastaticByCode]),
        (ICD, "M53.2X6", &[]),
        (ICD, "M84.58XA", &[C::VertebralFracture]),
        (ICD, "M84.50XA", &[]),
        (ICD, "Z92.3", &[C::RadiotherapyHistory]),
        (ICD, "Z51.0", &[]),
        (SNOMED, "433141005", &[C::MriLumbar]),
        (SNOMED, "241589001", &[C::CtSpine]),
        // A biopsy or cement is no surgery of the spine: it must not make findings count as treated.
        (ICD10PCS, "0PB40ZZ", &[C::SpineSurgery]),
        (ICD10PCS, "0PB43ZX", &[]),
        (ICD10PCS, "0RG7071", &[C::SpineSurgery]),
        (ICD10PCS, "0RGJ04Z", &[]),
        (ICD10PCS, "0PU43JZ", &[C::Vertebroplasty]),
        (SNOMED, "3572006", &[C::SpineSite]),
        (SNOMED, "77435000", &[C::SpineSite, C::ThoracicSite]),
        (RXNORM, "993453", &[]),
        (RXNORM, "11473", &[C::BoneAgent, C::Bisphosphonate]),
        (LOINC, "33914-3", &[]),
        (FINDING_SYSTEM, "worse", &[C::CourseProgressive]),
        (FINDING_SYSTEM, "sins-collapse", &[C::Sins]),
        ("https://radelement.org", "RDES288", &[C::EsccGrade]),
    ];
    for (system, code, expected) in cases {
        assert_eq!(sets.concepts(Some(system), code), set(expected), "{system} {code}");
    }
}

#[test]
fn codes_and_systems_are_read_as_charts_write_them() {
    let sets = sets();
    let bone = set(&[C::SecondaryMalignancy, C::BoneMetastasis]);
    for code in ["c7951", "C7951", "c79.51", " C79.51 ", "C79.5", "C79.5†", "C79.5-", "C79.51*"] {
        assert_eq!(sets.concepts(Some(ICD), code), bone, "{code}");
    }
    for code in ["", ".", "C", "C7", "C79.51.000", "C00-D49", "C79 51", "C79,5", "Ç79.5", "C79.51.12345678"]
    {
        assert!(!sets.concepts(Some(ICD), code).has(C::BoneMetastasis), "{code}");
    }
    assert!(sets.concepts(Some(ICD), "C00-D49").is_empty());
    let systems = [
        "http://hl7.org/fhir/sid/icd-10",
        "https://hl7.org/fhir/sid/icd-10-cm",
        "http://hl7.org/fhir/sid/icd-10-cm/",
        "urn:oid:2.16.840.1.113883.6.90",
        "urn:oid:2.16.840.1.113883.6.3",
    ];
    for system in systems {
        assert_eq!(sets.concepts(Some(system), "C79.51"), bone, "{system}");
    }
    let cases = [
        ("urn:oid:2.16.840.1.113883.6.96", "94602001", C::SpineMetastasis),
        ("urn:oid:2.16.840.1.113883.6.1", "30854-4", C::MriWholeSpine),
        ("urn:oid:2.16.840.1.113883.6.88", "77655", C::ZoledronicAcid),
        ("urn:oid:2.16.840.1.113883.6.12", "72148", C::MriLumbar),
    ];
    for (system, code, concept) in cases {
        assert!(sets.concepts(Some(system), code).has(concept), "{system}");
    }
}

#[test]
fn a_code_without_its_system_stands_for_nothing() {
    let sets = sets();
    assert!(sets.concepts(None, "94602001").is_empty());
    assert!(sets.concepts(Some(""), "94602001").is_empty());
    assert!(sets.concepts(Some(LOINC), "94602001").is_empty());
    assert!(sets.concepts(Some("http://hl7.org/fhir/sid/icd-9-cm/diagnosis"), "C79.51").is_empty());
}

#[test]
fn every_reviewed_code_is_in_a_set_or_left_out_for_a_reason() {
    let sets = sets();
    let rows = include_str!("reviewed-codes.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut codes = BTreeSet::new();
    for row in rows {
        let [system, code, decision] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let found = sets.concepts(Some(system), code);
        let is_in =
            decision == "in" || decision.strip_prefix("in: ").is_some_and(|sources| !sources.is_empty());
        assert_eq!(!found.is_empty(), is_in, "{row}: {found:?}");
        assert!(!decision.is_empty() && codes.insert((system, code)), "{row}");
    }
    assert!(codes.len() > 1_000, "{}", codes.len());

    for concept in Concept::ALL {
        let file: serde_json::Value = serde_json::from_str(concept.built_in_value_set()).unwrap();
        for include in file["compose"]["include"].as_array().unwrap() {
            let system = include["system"].as_str().unwrap();
            for code in
                include["concept"].as_array().into_iter().flatten().map(|it| it["code"].as_str().unwrap())
            {
                let is_own = system == FINDING_SYSTEM;
                let id = concept.id();
                assert!(
                    is_own || codes.contains(&(system, code)),
                    "reviewed-codes.tsv has no line for {code} of {id}.json"
                );
            }
        }
    }
}

#[test]
fn every_file_is_a_well_formed_value_set_of_a_concept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../hooks/value-sets");
    let mut concepts = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "json") {
            let known = ["README.md", "derived.tsv", "derive", "intensional.tsv"];
            assert!(known.iter().any(|name| path.ends_with(name)), "{path:?}: a file that nothing reads");
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let concept = value_set_file::parse(&path, &text).unwrap().concept;
        assert_eq!(path.file_stem().unwrap(), concept.id());
        concepts.insert(concept);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        for member in ["name", "title", "description"] {
            assert!(json[member].as_str().is_some_and(|s| s.len() > 2), "{path:?}: {member}");
        }
        assert!(json["description"].as_str().unwrap().ends_with('.'), "{path:?}");
        assert!(json["name"].as_str().unwrap().chars().all(char::is_alphanumeric), "{path:?}");
        let mut codes = BTreeSet::new();
        for include in json["compose"]["include"].as_array().unwrap() {
            let system = include["system"].as_str().unwrap();
            for concept in include["concept"].as_array().into_iter().flatten() {
                let code = concept["code"].as_str().unwrap();
                assert!(codes.insert((system.to_owned(), code.to_owned())), "{path:?}: {code} twice");
                assert!(
                    system != CPT || concept.get("display").is_none(),
                    "CPT descriptors are not ours to ship"
                );
            }
        }
    }
    assert_eq!(concepts.len(), Concept::ALL.len());
}

#[test]
fn rows_are_sorted_and_stable() {
    let sets = sets();
    let rows: Vec<_> = sets.codes(C::PrimaryMalignancy).collect();
    assert!(rows.is_sorted());
    assert!(rows.contains(&CodeRow { system: ICD, code: "C50", is_category: true }));
    assert!(rows.contains(&CodeRow { system: SNOMED, code: "363346000", is_category: false }));
}

#[test]
fn every_concept_can_be_reached_and_listed() {
    let sets = sets();
    for concept in Concept::ALL {
        let rows: Vec<_> = sets.codes(*concept).collect();
        assert!(!rows.is_empty(), "{concept:?}");
        for row in rows {
            assert!(sets.concepts(Some(row.system), row.code).has(*concept), "{concept:?} {row:?}");
        }
    }
    let all = set(Concept::ALL);
    assert_eq!(all.iter().count(), Concept::ALL.len());
    assert!(all.has_any(set(&[C::Corticosteroid])) && !ConceptSet::NONE.has_any(all));
}

/// A site folder with one file.
fn site(text: &str) -> (tempfile::TempDir, Result<ValueSets, ValueSetError>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ours.json"), text).unwrap();
    fs::write(folder.path().join("notes.txt"), "not read").unwrap();
    let mut sets = sets();
    let added = sets.add_folder(folder.path());
    (folder, added.map(|()| sets))
}

fn value_set(url: &str, status: &str, compose: &str) -> String {
    format!(r#"{{"resourceType":"ValueSet","url":"{url}","status":"{status}","compose":{compose}}}"#)
}

#[test]
fn a_site_adds_codes_to_a_set_of_the_same_url() {
    let compose = r#"{"include":[
        {"system":"https://ris.example.org/codes/","concept":[{"code":"MRWS"}]},
        {"system":"http://hl7.org/fhir/sid/icd-10","concept":[{"code":"x99.1"}]},
        {"system":"http://hl7.org/fhir/sid/icd-10-cm","filter":[{"property":"concept","op":"is-a","value":"X98"}]}]}"#;
    let (_folder, sets) = site(&value_set("urn:spinal-mets-cds:ValueSet:mri-whole-spine", "active", compose));
    let sets = sets.unwrap();
    let whole = set(&[C::MriWholeSpine]);
    assert_eq!(sets.concepts(Some("http://ris.example.org/codes"), "MRWS"), whole);
    assert_eq!(sets.concepts(Some("http://ris.example.org/codes"), "mrws"), ConceptSet::NONE);
    assert_eq!(sets.concepts(Some(ICD), "X991"), whole);
    assert_eq!(sets.concepts(Some(ICD), "X98.7"), whole);
    assert_eq!(sets.concepts(Some(LOINC), "30854-4"), whole);
    assert!(sets.codes(C::MriWholeSpine).any(|row| row.code == "MRWS"));
}

#[test]
fn a_file_that_cannot_be_honoured_is_refused_with_its_name_and_the_remedy() {
    let url = "urn:spinal-mets-cds:ValueSet:back-pain";
    let one = r#"{"include":[{"system":"s","concept":[{"code":"1"}]}]}"#;
    let include = |inner: &str| value_set(url, "active", &format!(r#"{{"include":[{inner}]}}"#));
    let cases = [
        ("not json".to_owned(), "not a FHIR ValueSet"),
        (r#"{"resourceType":"ValueSet","url":"u"}"#.to_owned(), "status"),
        (value_set(url, "active", one).replace("ValueSet\",\"url", "CodeSystem\",\"url"), "CodeSystem"),
        (value_set("urn:spinal-mets-cds:ValueSet:back-pian", "active", one), "copy the url"),
        (value_set("http://elsewhere.example.org/back-pain", "active", one), "copy the url"),
        (value_set(url, "retired", one), "retired"),
        (value_set(url, "active", r#"{"include":[]}"#), "empty"),
        (
            value_set(
                url,
                "active",
                r#"{"include":[{"system":"s","concept":[{"code":"1"}]}],"exclude":[{"concept":[{"code":"1"}]}]}"#,
            ),
            "no `system`",
        ),
        (include(r#"{"concept":[{"code":"1"}]}"#), "no `system`"),
        (include(r#"{"system":"s","concept":[{"code":" "}]}"#), "empty code"),
        (include(r#"{"system":"s"}"#), "lists no codes"),
        (include(r#"{"system":"s","valueSet":["u"]}"#), "valueSet"),
        (
            include(
                r#"{"system":"http://snomed.info/sct","filter":[{"property":"concept","op":"is-a","value":"161891005"}]}"#,
            ),
            "`expand`",
        ),
        (
            include(
                r#"{"system":"http://hl7.org/fhir/sid/icd-10-cm","filter":[{"property":"concept","op":"is-a","value":"M5"}]}"#,
            ),
            "three characters",
        ),
        (
            include(
                r#"{"system":"http://hl7.org/fhir/sid/icd-10-cm","filter":[{"property":"concept","op":"descendent-of","value":"M54"}]}"#,
            ),
            "descendent-of",
        ),
        (
            include(
                r#"{"system":"http://hl7.org/fhir/sid/icd-10-cm","concept":[{"code":"M54"}],"filter":[{"property":"concept","op":"is-a","value":"M54"}]}"#,
            ),
            "intersection",
        ),
    ];
    for (text, expected) in cases {
        let (_folder, sets) = site(&text);
        let message = sets.unwrap_err().to_string();
        assert!(message.contains("ours.json") && message.contains(expected), "{expected}: {message}");
    }
    let missing = sets().add_folder(Path::new("no/such/folder")).unwrap_err().to_string();
    assert!(missing.contains("no/such/folder"), "{missing}");
}

#[test]
fn what_a_file_excludes_is_no_part_of_what_it_includes() {
    let compose = r#"{"include":[
        {"system":"http://hl7.org/fhir/sid/icd-10-cm","filter":[{"property":"concept","op":"is-a","value":"X98"}]},
        {"system":"s","concept":[{"code":"1"},{"code":"2"}]}],
        "exclude":[
        {"system":"http://hl7.org/fhir/sid/icd-10-cm","filter":[{"property":"concept","op":"is-a","value":"X98.2"}]},
        {"system":"http://hl7.org/fhir/sid/icd-10","concept":[{"code":"X98.71"}]},
        {"system":"s","concept":[{"code":"2"}]}]}"#;
    let (_folder, sets) = site(&value_set("urn:spinal-mets-cds:ValueSet:mri-whole-spine", "active", compose));
    let sets = sets.unwrap();
    let whole = set(&[C::MriWholeSpine]);
    for (system, code, expected) in [
        (ICD, "X98.1", whole),
        (ICD, "X98.7", whole),
        (ICD, "X98.71", ConceptSet::NONE),
        (ICD, "X98.2", ConceptSet::NONE),
        (ICD, "X98.29", ConceptSet::NONE),
        ("s", "1", whole),
        ("s", "2", ConceptSet::NONE),
    ] {
        assert_eq!(sets.concepts(Some(system), code), expected, "{code}");
    }
}

#[test]
fn one_bad_file_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let compose = r#"{"include":[{"system":"s","concept":[{"code":"1"}]}]}"#;
    let good = value_set("urn:spinal-mets-cds:ValueSet:back-pain", "active", compose);
    fs::write(folder.path().join("a.json"), good).unwrap();
    fs::write(folder.path().join("b.json"), "{}").unwrap();
    let mut sets = sets();
    assert!(sets.add_folder(folder.path()).is_err());
    assert!(sets.concepts(Some("s"), "1").is_empty());
}

#[path = "derived_tests.rs"]
mod derived;
