//! What is put to the tables for a patient: the explanation of silence rests on it, and no card shows it.

use super::mescc::{self, Suspected};
use super::picture::{Picture, picture};
use super::tables::mri_timing::Kind;
use super::{mescc_treatment, mri_timing, questions};
use crate::domain::{Evidence, Facts, Levels, Precision, Regions, Sign, SignRecord, Site, SpineMri, When};
use chrono::{DateTime, Duration, TimeZone, Utc};

fn at(day: u32, hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 5, day, hour, 0, 0).unwrap()
}

fn evidence(reference: &str) -> Evidence {
    Evidence { reference: reference.to_owned(), label: "As the chart words it".to_owned(), date: None }
}

fn sign(sign: Sign, seen: DateTime<Utc>) -> SignRecord {
    SignRecord {
        sign,
        affirmed: true,
        side: None,
        limb: None,
        levels: Levels::NONE,
        seen: vec![When::instant(seen)],
        onset: None,
        stands_alone: false,
        progression: None,
        severity: None,
        metastatic_by_code: false,
        evidence: evidence("Observation/sign"),
    }
}

fn study(reference: &str, when: When) -> SpineMri {
    SpineMri {
        when: Some(when),
        regions: Regions::WHOLE,
        t1_missing: false,
        t2_missing: false,
        evidence: evidence(reference),
    }
}

/// What is said of the picture of some facts on 5 May at noon.
fn drawn<R>(facts: &Facts, say: impl FnOnce(&Picture<'_>, &[Suspected<'_, '_>]) -> R) -> R {
    let picture = picture(facts, &Site::default(), at(5, 12), &|| true).unwrap();
    let suspected = mescc::suspected(&picture);
    say(&picture, &suspected)
}

#[test]
fn only_what_is_there_passes_the_table_of_mri_timing() {
    let kinds = |signs: &[Sign]| -> Vec<Kind> {
        let facts = Facts { signs: signs.iter().map(|it| sign(*it, at(4, 9))).collect(), ..Facts::default() };
        drawn(&facts, |picture, suspected| {
            mri_timing::inputs(picture, suspected).iter().map(|it| it.kind).collect()
        })
    };
    assert_eq!(kinds(&[]), []);
    assert_eq!(kinds(&[Sign::BackPain]), [Kind::BackPain]);
    assert_eq!(kinds(&[Sign::SaddleAnaesthesia]), [Kind::MesccSuspected]);
    assert_eq!(kinds(&[Sign::SpinalMetastasesSuspected]), [Kind::SuspicionOnly]);
}

#[test]
fn treatment_is_due_where_a_sign_calls_for_it() {
    let untreated = |signs: Vec<SignRecord>| {
        drawn(&Facts { signs, ..Facts::default() }, |picture, suspected| {
            mescc_treatment::compressed(picture, suspected, &Site::default()).untreated
        })
    };
    assert!(untreated(vec![sign(Sign::SaddleAnaesthesia, at(5, 9))]));
    assert!(!untreated(Vec::new()));
}

#[test]
fn of_several_studies_without_a_result_the_latest_is_asked_about() {
    // The study of a day without a time reaches to its end, further than one with a time before it.
    let day = When::stretch(at(3, 0), at(4, 0), Precision::Day);
    let facts = Facts {
        signs: vec![sign(Sign::SaddleAnaesthesia, at(3, 9)), sign(Sign::SensoryLevel, at(3, 15))],
        spine_mri: vec![study("ImagingStudy/day", day), study("ImagingStudy/hour", When::instant(at(3, 10)))],
        ..Facts::default()
    };
    let asked = drawn(&facts, |picture, suspected| questions::asked(picture, suspected, &[], false));
    assert_eq!(asked.without_result, Some(Duration::hours(36)));
}
