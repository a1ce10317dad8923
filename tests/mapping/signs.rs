//! Symptoms and signs: which, where, since when, how they go on.

use crate::helpers::*;
use chrono::{TimeZone, Utc};
use serde_json::{Value, json};
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::{Chart, NoteKind, read};
use spinal_mets_cds::json::Document;

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
        assert_eq!(kinds(&read), [NoteKind::MakesNoFact], "{c}");
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
