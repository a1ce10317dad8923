//! Kinds of tumour, scores, performance, life expectancy, judgements and laboratory values.

use crate::helpers::*;
use serde_json::json;
use spinal_mets_cds::domain::*;
use spinal_mets_cds::fhir::{NoteKind, Reading};

/// What the notes say, apart from order.
fn has_note(read: &Reading, kind: NoteKind) -> bool {
    kinds(read).contains(&kind)
}

fn levels(list: &[(Region, u8)]) -> Levels {
    list.iter().fold(Levels::NONE, |levels, (region, n)| levels.with(level(*region, *n)))
}

#[test]
fn which_kind_of_tumour() {
    use Histology::*;
    let extension = |display: &str| {
        json!({"extension": [{"url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior",
            "valueCodeableConcept": {"coding": [{"system": "urn:icd-o", "code": "x", "display": display}]}}]})
    };
    let named = |c: &str, display: &str| json!({"code": {"coding": [{"system": SNOMED, "code": c, "display": display}]}});
    let icd = |c: &str| json!({"code": code(ICD, c)});
    let snomed = |c: &str| json!({"code": code(SNOMED, c)});
    let remission = json!({"code": code(ICD, "C90.00"), "clinicalStatus": code("s", "remission")});
    let cases = [
        (icd("C90.00"), Myeloma { in_remission: false }),
        (icd("C90.01"), Myeloma { in_remission: true }),
        (icd("C90.02"), Myeloma { in_remission: false }),
        (remission, Myeloma { in_remission: true }),
        (icd("C90.10"), Unknown),
        (snomed("109989006"), Myeloma { in_remission: false }),
        (icd("C81.90"), LymphomaAggressive),
        (icd("C83.31"), LymphomaAggressive),
        (icd("C83.70"), LymphomaAggressive),
        (icd("C84.60"), LymphomaAggressive),
        (snomed("118599009"), LymphomaAggressive),
        (icd("C82.00"), LymphomaOther),
        (icd("C83.10"), LymphomaOther),
        (icd("C84.00"), LymphomaOther),
        (icd("C84.7A"), LymphomaOther),
        (icd("C85.90"), LymphomaOther),
        (snomed("118600007"), LymphomaOther),
        (named("118600007", "Diffuse large B-cell lymphoma"), LymphomaAggressive),
        (named("999", "Non-Hodgkin lymphoma"), LymphomaOther),
        (named("999", "Hodgkin lymphoma"), LymphomaAggressive),
        (icd("C62.90"), GermCell),
        (snomed("402878003"), GermCell),
        (snomed("254632001"), SmallCell),
        (named("999", "Small cell carcinoma of lung"), SmallCell),
        (named("999", "Non-small cell lung carcinoma"), OtherSolid),
        (with(icd("C34.90"), extension("Small cell carcinoma, NOS")), SmallCell),
        (with(icd("C34.90"), extension("Non-small cell carcinoma")), OtherSolid),
        (icd("C61"), Prostate),
        (snomed("254900004"), Prostate),
        (snomed("314994000"), Prostate),
        (icd("C50.911"), OtherSolid),
        (icd("C76.0"), OtherSolid),
        (named("999", "Malignant tumor of pleura"), OtherSolid),
        (icd("C80.1"), Unknown),
        (icd("C91.10"), Unknown),
        (named("999", "Chronic leukemia"), Leukaemia),
        (snomed("363346000"), Unknown),
        (icd("C79.51"), Unknown),
        (named("999", "Metastatic malignant neoplasm to prostate"), Unknown),
        (icd("Z85.46"), Prostate),
        (icd("Z85.3"), Unknown),
        (
            json!({"code": {"coding": [{"system": SNOMED, "code": "363346000"}, {"system": ICD, "code": "C61"}]}}),
            Prostate,
        ),
    ];
    for (more, expected) in cases {
        let read = one(with(condition(ICD, "x"), more.clone()));
        assert_eq!(read.facts.cancer[0].histology, expected, "{more}");
    }
}

#[test]
fn a_lymphoma_in_remission_by_its_code_is_history() {
    for (c, status) in [
        ("C83.3A", CancerStatus::History),
        ("C84.7B", CancerStatus::History),
        ("C84.7A", CancerStatus::Active),
        ("C83.31", CancerStatus::Active),
    ] {
        assert_eq!(one(condition(ICD, c)).facts.cancer[0].status, status, "{c}");
    }
}

#[test]
fn a_metastasis_that_came_back_says_so() {
    for (status, expected) in [("active", false), ("recurrence", true), ("relapse", true)] {
        let read = one(with(condition(SNOMED, "94602001"), json!({"clinicalStatus": code("s", status)})));
        assert_eq!(read.facts.metastases[0].recurrent, expected, "{status}");
    }
}

#[test]
fn sins_totals_and_parts() {
    let part = |c: &str, n: i64| json!({"code": code(OWN, c), "valueInteger": n});
    let none = SinsParts::default();
    let cases = [
        ("sins-total", json!({"valueInteger": 18}), Some((Some(18), none)), 0),
        ("sins-total", json!({"valueInteger": 0}), Some((Some(0), none)), 0),
        ("sins-total", json!({"valueQuantity": {"value": 9, "code": "{score}"}}), Some((Some(9), none)), 0),
        ("sins-total", json!({"valueInteger": 19}), None, 1),
        ("sins-total", json!({"valueInteger": -1}), None, 1),
        ("sins-total", json!({"valueInteger": 7.5}), None, 1),
        ("sins-total", json!({"valueString": "12"}), None, 1),
        ("sins-total", json!({"valueQuantity": {"value": 9, "comparator": ">"}}), None, 1),
        ("sins-pain", json!({"valueInteger": 3}), Some((None, SinsParts { pain: Some(3), ..none })), 0),
        ("sins-pain", json!({"valueInteger": 2}), None, 1),
        (
            "sins-alignment",
            json!({"valueInteger": 4}),
            Some((None, SinsParts { alignment: Some(4), ..none })),
            0,
        ),
        ("sins-alignment", json!({"valueInteger": 3}), None, 1),
        ("sins-lesion", json!({"valueInteger": 3}), None, 1),
        (
            "sins-total",
            json!({"component": [part("sins-location", 3), part("sins-pain", 1), part("sins-lesion", 2),
                part("sins-alignment", 2), part("sins-collapse", 3), part("sins-posterolateral", 1)]}),
            Some((
                None,
                SinsParts {
                    location: Some(3),
                    pain: Some(1),
                    lesion: Some(2),
                    alignment: Some(2),
                    collapse: Some(3),
                    posterolateral: Some(1),
                },
            )),
            0,
        ),
        // A total that is off its scale, or a part that is not in its list, costs only itself.
        (
            "sins-total",
            json!({"valueInteger": 40, "component": [part("sins-pain", 3), part("sins-lesion", 9)]}),
            Some((None, SinsParts { pain: Some(3), ..none })),
            1,
        ),
        (
            "sins-total",
            json!({"valueInteger": 9, "component": [part("sins-pain", 3)]}),
            Some((Some(9), SinsParts { pain: Some(3), ..none })),
            0,
        ),
        ("sins-total", json!({}), None, 0),
    ];
    for (c, more, expected, notes) in cases {
        let read = one(with(observation(OWN, c), more.clone()));
        let found = read.facts.sins.first().map(|s| (s.total, s.parts));
        assert_eq!((found, read.facts.sins.len()), (expected, usize::from(expected.is_some())), "{c} {more}");
        assert_eq!(usize::from(has_note(&read, NoteKind::ValueNotAllowed)), notes, "{c} {more}");
    }
    let alias =
        with(observation("https://radelement.org", "RDES21"), json!({"component": [part("sins-pain", 3)]}));
    assert_eq!(one(alias).facts.sins[0].parts.pain, Some(3));

    // A component that names two parts names none, whichever stands first.
    for pair in [["sins-total", "sins-pain"], ["sins-pain", "sins-total"]] {
        let named = json!({"coding": pair.map(|c| json!({"system": OWN, "code": c}))});
        let both = json!({"component": [{"code": named, "valueInteger": 3}]});
        let read = one(with(observation(OWN, "sins-total"), both));
        assert_eq!((read.facts.sins.len(), read.notes.len()), (0, 1), "{pair:?}");
    }
}

#[test]
fn a_sins_belongs_to_the_levels_of_its_body_site() {
    use Region::{Lumbar, Thoracic};
    for (site, expected) in [
        (json!(null), Levels::NONE),
        (json!({"text": "T8"}), levels(&[(Thoracic, 8)])),
        (json!({"text": "T12-L1"}), levels(&[(Thoracic, 12), (Lumbar, 1)])),
        (code(SNOMED, "77435000"), levels(&[(Thoracic, 8)])),
        (json!({"text": "spine"}), Levels::NONE),
    ] {
        for c in ["sins-total", "sins-pain"] {
            let read = one(with(observation(OWN, c), json!({"valueInteger": 3, "bodySite": site})));
            let sins = &read.facts.sins[0];
            assert_eq!((sins.levels, sins.seen), (expected, Some(at(9, 8))), "{site}");
        }
    }
}

#[test]
fn mirels_totals_parts_and_bones() {
    let part = |c: &str, n: i64| json!({"code": code(OWN, c), "valueInteger": n});
    let none = MirelsParts::default();
    let cases = [
        ("mirels-total", json!({"valueInteger": 12}), Some((Some(12), none))),
        ("mirels-total", json!({"valueInteger": 3}), None),
        ("mirels-total", json!({"valueInteger": 13}), None),
        ("mirels-size", json!({"valueInteger": 3}), Some((None, MirelsParts { size: Some(3), ..none }))),
        ("mirels-size", json!({"valueInteger": 0}), None),
        (
            "mirels-total",
            json!({"component": [part("mirels-site", 3), part("mirels-pain", 2), part("mirels-lesion", 4)]}),
            Some((None, MirelsParts { site: Some(3), pain: Some(2), ..none })),
        ),
    ];
    for (c, more, expected) in cases {
        let read = one(with(observation(OWN, c), more.clone()));
        assert_eq!(read.facts.mirels.first().map(|m| (m.total, m.parts)), expected, "{c} {more}");
    }
    let left = json!({"coding": [{"system": SNOMED, "code": "71341001"}], "text": "Left femur"});
    for (site, bone) in [
        (json!(null), ""),
        (code(SNOMED, "71341001"), "71341001"),
        (left, "71341001 left"),
        (json!({"text": " Right  Femur "}), "right femur"),
        (json!(7), ""),
    ] {
        let read = one(with(observation(OWN, "mirels-total"), json!({"valueInteger": 9, "bodySite": site})));
        assert_eq!(read.facts.mirels[0].bone, bone, "{site}");
    }
}

#[test]
fn performance_is_on_its_scale_or_not_used() {
    use Performance::{Ecog, Karnofsky};
    let (ecog, kps) = ("89247-1", "89243-0");
    let la = |c: &str| code(LOINC, c);
    let cases = [
        (ecog, json!({"valueInteger": 0}), Some(Ecog(0))),
        (ecog, json!({"valueInteger": 4}), Some(Ecog(4))),
        (ecog, json!({"valueInteger": 5}), None),
        (ecog, json!({"valueInteger": -1}), None),
        (ecog, json!({"valueQuantity": {"value": 2}}), Some(Ecog(2))),
        (ecog, json!({"valueQuantity": {"value": 2.5}}), None),
        (ecog, json!({"valueCodeableConcept": la("LA9624-3")}), Some(Ecog(2))),
        (ecog, json!({"valueCodeableConcept": la("LA9627-6")}), None),
        (ecog, json!({"valueCodeableConcept": code(SNOMED, "LA9624-3")}), None),
        (ecog, json!({"valueCodeableConcept": {"text": "ECOG 2"}}), Some(Ecog(2))),
        (ecog, json!({"valueString": "ECOG 1"}), Some(Ecog(1))),
        (ecog, json!({"valueString": "1-2"}), None),
        (ecog, json!({"interpretation": [la("LA9623-5")]}), Some(Ecog(1))),
        (ecog, json!({}), None),
        (kps, json!({"valueInteger": 90}), Some(Karnofsky(90))),
        (kps, json!({"valueInteger": 101}), None),
        (kps, json!({"valueInteger": "90"}), None),
        (kps, json!({"valueCodeableConcept": la("LA29178-3")}), Some(Karnofsky(70))),
        (kps, json!({"valueString": "KPS 80%"}), Some(Karnofsky(80))),
    ];
    for (c, value, expected) in cases {
        let read = one(with(observation(LOINC, c), value.clone()));
        assert_eq!(read.facts.performance.first().map(|p| p.value), expected, "{c} {value}");
        assert_eq!(has_note(&read, NoteKind::ValueNotAllowed), expected.is_none(), "{c} {value}");
    }
    let issued = json!({"valueInteger": 1, "issued": "2026-05-09T10:00:00Z"});
    assert_eq!(one(with(observation(LOINC, ecog), issued)).facts.performance[0].seen, Some(at(9, 10)));
}

#[test]
fn life_expectancy_is_a_bound_or_two() {
    for (value, expected) in [
        (json!({"valueQuantity": {"value": 6, "code": "mo"}}), Some((Some(600), Some(600), false))),
        (
            json!({"valueQuantity": {"value": 3, "code": "mo", "comparator": "<"}}),
            Some((None, Some(300), true)),
        ),
        (
            json!({"valueRange": {"low": {"value": 3, "unit": "months"}, "high": {"value": 6, "unit": "months"}}}),
            Some((Some(300), Some(600), false)),
        ),
        (json!({"valueCodeableConcept": code(OWN, "lt-3-months")}), Some((None, Some(300), true))),
        (json!({"valueString": "ge-3-months"}), Some((Some(300), None, false))),
        (json!({"valueQuantity": {"value": 6}}), None),
        (json!({"valueString": "weeks to months"}), None),
        (json!({}), None),
    ] {
        let read = one(with(observation(OWN, "life-expectancy"), value.clone()));
        let found = read.facts.life_expectancy.first().map(|l| (l.at_least, l.at_most, l.below));
        assert_eq!(found, expected, "{value}");
        assert_eq!(has_note(&read, NoteKind::ValueNotAllowed), expected.is_none(), "{value}");
    }
}

const JUDGEMENTS: [(&str, Judgement); 9] = [
    ("radiotherapy-tolerable", Judgement::RadiotherapyTolerable),
    ("reirradiation-feasible", Judgement::ReirradiationFeasible),
    ("deterioration-despite-radiotherapy", Judgement::DeteriorationDespiteRadiotherapy),
    ("progression-after-radiotherapy", Judgement::ProgressionAfterRadiotherapy),
    ("area-amenable-to-surgery", Judgement::AreaAmenableToSurgery),
    ("significant-lytic-disease", Judgement::SignificantLyticDisease),
    ("mechanical-pain", Judgement::MechanicalPain),
    ("prostate-progression-on-hormones", Judgement::ProstateProgressionOnHormones),
    ("antineoplastic-therapy", Judgement::AntineoplasticTherapy),
];

#[test]
fn judgements_must_be_plain() {
    for (c, judgement) in JUDGEMENTS {
        for (value, expected) in [
            (json!({"valueBoolean": true}), Some(true)),
            (json!({"valueBoolean": false}), Some(false)),
            (json!({"valueCodeableConcept": code(SNOMED, "373066001")}), Some(true)),
            (json!({"valueCodeableConcept": code(SNOMED, "373067005")}), Some(false)),
            (json!({"valueString": "no"}), Some(false)),
            (json!({"valueString": "perhaps"}), None),
            (json!({"valueBoolean": "true"}), None),
            (json!({"valueInteger": 0}), None),
            (json!({}), None),
        ] {
            let read = one(with(observation(OWN, c), value.clone()));
            let found = read.facts.judgements.first().map(|j| (j.judgement, j.answer, j.seen));
            assert_eq!(found, expected.map(|answer| (judgement, answer, Some(at(9, 8)))), "{c} {value}");
            assert_eq!(has_note(&read, NoteKind::ValueNotAllowed), expected.is_none(), "{c} {value}");
        }
        let stated = one(condition(OWN, c));
        assert_eq!(stated.facts.judgements[0].seen, Some(day(2026, 5, 8)), "{c}");
        let over = one(with(condition(OWN, c), json!({"clinicalStatus": code("s", "resolved")})));
        assert!(over.facts.judgements.is_empty(), "{c}");
    }
    // Mechanical low back pain of SNOMED CT is back pain and no judgement.
    let back = one(condition(SNOMED, "279040009"));
    assert!(back.facts.judgements.is_empty() && back.facts.signs[0].sign == Sign::BackPain);
}

#[test]
fn laboratory_values_need_their_unit() {
    let quantity = |value: f64, unit: &str| json!({"valueQuantity": {"value": value, "unit": unit}});
    let hundredths = |found: &[Measurement]| found.first().map(|m| m.hundredths);
    for (c, value, expected) in [
        ("2160-0", quantity(1.1, "mg/dL"), [Some(110), None, None]),
        ("14682-9", quantity(97.0, "umol/L"), [Some(110), None, None]),
        ("2160-0", quantity(1.1, ""), [None, None, None]),
        ("2164-2", quantity(45.0, "mL/min"), [None, Some(4500), None]),
        ("33914-3", quantity(45.0, "mL/min/1.73m2"), [None, None, None]),
        ("29463-7", quantity(150.0, "lb"), [None, None, Some(6804)]),
        ("29463-7", json!({"valueString": "70 kg"}), [None, None, None]),
    ] {
        let facts = one(with(observation(LOINC, c), value.clone())).facts;
        let found =
            [&facts.creatinine, &facts.creatinine_clearance, &facts.weight].map(|list| hundredths(list));
        assert_eq!(found, expected, "{c} {value}");
    }
    let interpretation =
        |c: &str| json!([code("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", c)]);
    for (more, expected) in [
        (quantity(8.0, "mg/dL"), Some(None)),
        (with(quantity(8.0, "mg/dL"), json!({"interpretation": interpretation("L")})), Some(Some(true))),
        (with(quantity(8.0, "mg/dL"), json!({"interpretation": interpretation("N")})), Some(Some(false))),
        (
            with(
                quantity(8.0, "mg/dL"),
                json!({"referenceRange": [{"low": {"value": 8.5, "unit": "mg/dL"}}]}),
            ),
            Some(Some(true)),
        ),
        (json!({"dataAbsentReason": code("x", "unknown")}), None),
    ] {
        let facts = one(with(observation(LOINC, "17861-6"), more.clone())).facts;
        assert_eq!(facts.calcium.first().map(|c| c.low), expected, "{more}");
    }
}

#[test]
fn the_sex_is_administrative() {
    for (gender, expected, notes) in [
        (json!("female"), Some(Sex::Female), 0),
        (json!("male"), Some(Sex::Male), 0),
        (json!("other"), None, 0),
        (json!("unknown"), None, 0),
        (json!(null), None, 0),
        (json!("F"), None, 1),
        (json!(1), None, 1),
    ] {
        let read = one(json!({"resourceType": "Patient", "id": "1", "gender": gender}));
        assert_eq!((read.facts.sex, read.notes.len()), (expected, notes), "{gender}");
    }
}

#[test]
fn a_history_of_radiotherapy_is_kept_apart() {
    for (resource, expected) in [
        (condition(ICD, "Z92.3"), 1),
        (condition(SNOMED, "429479009"), 1),
        (with(condition(ICD, "Z92.3"), json!({"clinicalStatus": code("s", "inactive")})), 1),
        (with(condition(ICD, "Z92.3"), json!({"verificationStatus": code("v", "refuted")})), 0),
        (with(observation(SNOMED, "429479009"), json!({"valueBoolean": true})), 1),
        (with(observation(SNOMED, "429479009"), json!({"valueBoolean": false})), 0),
        (condition(ICD, "Z51.0"), 0),
    ] {
        let facts = one(resource.clone()).facts;
        assert_eq!((facts.radiotherapy_history.len(), facts.treatments.len()), (expected, 0), "{resource}");
    }
}
