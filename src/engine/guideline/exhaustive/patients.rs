//! The patients of the blocks on patient-view, built from the values of their inputs.
//!
//! The clock, the zone and the dates are those with the longest texts.

use super::judged::judge;
use super::space::{Combination, Situation};
use crate::domain::{
    Aim, CancerRecord, CancerStatus, Certainty, Dose, Escc, EsccRecord, Evidence, Facts, Histology, Level,
    Levels, Limb, MetastasisRecord, MetastasisSite, Progression, Region, Regions, Side, Sign, SignRecord,
    Site, Source, SpineMri, SpineTreatment, TreatmentKind, When,
};
use crate::guideline::Occasion;
use chrono::{DateTime, Duration, TimeZone, Utc};

/// Hours in a day.
pub(super) const DAY: i64 = 24;

/// When the present findings were recorded, in hours before now.
const SEEN: i64 = 2;

/// The clock of every block: with two-digit days before and after it.
pub(super) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 9, 20, 22, 30, 0).unwrap()
}

/// A moment so many hours ago.
pub(super) fn ago(hours: i64) -> When {
    When::instant(now() - Duration::hours(hours))
}

/// A record.
pub(super) fn evidence(reference: &str, hours: i64) -> Evidence {
    Evidence {
        reference: reference.to_owned(),
        label: "As the chart words it".to_owned(),
        date: Some(ago(hours)),
    }
}

/// A site whose time zone has a long name.
pub(super) fn site(combination: &Combination<'_>) -> Site {
    Site {
        time_zone: chrono_tz::Pacific::Chatham,
        sbrt_available: !combination.is("SBRT", "no"),
        ..Site::default()
    }
}

/// The eighth thoracic vertebra.
pub(super) fn t8() -> Levels {
    Level::in_region(Region::Thoracic, 8).map_or(Levels::NONE, |level| Levels::NONE.with(level))
}

fn sign(sign: Sign, seen: i64) -> SignRecord {
    SignRecord {
        sign,
        affirmed: true,
        side: None,
        limb: None,
        levels: Levels::NONE,
        seen: vec![ago(seen)],
        onset: None,
        stands_alone: false,
        progression: None,
        severity: None,
        metastatic_by_code: false,
        evidence: evidence(&format!("Condition/{sign:?}"), seen),
    }
}

/// Scope, cancer and metastases.
pub(super) fn patient(combination: &Combination<'_>) -> Facts {
    let mut facts = Facts { age_years: Some(60), ..Facts::default() };
    match combination.of("scope") {
        "child" => facts.age_years = Some(12),
        "pregnant" => facts.pregnant = Some(evidence("Observation/pregnant", SEEN)),
        "comfort care" => facts.comfort_care = Some(evidence("Observation/comfort", SEEN)),
        _ => {}
    }
    let histology = match combination.of("histology") {
        "myeloma" => Histology::Myeloma { in_remission: false },
        "myeloma in remission" => Histology::Myeloma { in_remission: true },
        "prostate" => Histology::Prostate,
        "lymphoma" => Histology::LymphomaAggressive,
        "germ cell" => Histology::GermCell,
        _ => Histology::OtherSolid,
    };
    let status = match combination.of("cancer") {
        "none" => None,
        "history" => Some(CancerStatus::History),
        _ => Some(CancerStatus::Active),
    };
    facts.cancer.extend(status.map(|status| CancerRecord {
        status,
        secondary: false,
        histology,
        evidence: evidence("Condition/cancer", 400 * DAY),
    }));
    let (site, certainty) = match combination.of("metastases") {
        "none" => return facts,
        "bone" => (MetastasisSite::Bone, Certainty::Documented),
        "suspected" => (MetastasisSite::Spine(t8()), Certainty::Suspected),
        _ => (MetastasisSite::Spine(t8()), Certainty::Documented),
    };
    facts.metastases.push(MetastasisRecord {
        site,
        certainty,
        seen: Some(ago(40 * DAY)),
        recurrent: false,
        evidence: evidence("Condition/metastasis", 40 * DAY),
    });
    facts
}

/// Pains, deficits and signs. `pains`, `signs`: when they were recorded, in hours before now.
pub(super) fn present(facts: &mut Facts, combination: &Combination<'_>, pains: i64, signs: i64) {
    if combination.is("back pain", "yes") {
        facts.signs.push(sign(Sign::BackPain, pains));
    }
    let sides: &[Option<Side>] = match combination.of("radicular pain") {
        "left" => &[Some(Side::Left)],
        "side unknown" => &[None],
        "both sides" => &[Some(Side::Left), Some(Side::Right)],
        _ => &[],
    };
    for side in sides {
        let record = sign(Sign::RadicularPain, pains);
        let evidence = evidence(&format!("Condition/radicular-{side:?}"), pains);
        facts.signs.push(SignRecord { side: *side, evidence, ..record });
    }
    let words: Vec<&str> = combination.of("deficit").split(' ').collect();
    if let [kind, onset, course] = words[..] {
        let (which, limb) = match kind {
            "radicular" => (Sign::RadicularDeficit, None),
            _ => (Sign::LimbWeakness, Some(Limb::Leg)),
        };
        let onset = match onset {
            "recent" => Some(signs + 1),
            "old" => Some(30 * DAY),
            _ => None,
        };
        let progression = match course {
            "progressive" => Some(Progression::Progressive),
            "stable" => Some(Progression::Stable),
            "improving" => Some(Progression::Improving),
            _ => None,
        };
        let record = sign(which, signs);
        facts.signs.push(SignRecord {
            side: Some(Side::Left),
            limb,
            onset: onset.map(ago),
            progression,
            ..record
        });
    }
    match combination.of("specific sign") {
        "old" => {
            facts.signs.push(SignRecord { onset: Some(ago(200 * DAY)), ..sign(Sign::Paraparesis, signs) })
        }
        "paraparesis" => facts.signs.push(sign(Sign::Paraparesis, signs)),
        "cord compression diagnosis" => facts.signs.push(sign(Sign::CordCompression, signs)),
        "cauda equina" => facts.signs.push(sign(Sign::CaudaEquina, signs)),
        _ => {}
    }
    match combination.of("other sign") {
        "urinary incontinence" => facts.signs.push(sign(Sign::UrinaryIncontinence, signs)),
        "gait" => facts.signs.push(sign(Sign::GaitDisturbance, signs)),
        "bladder or bowel" => facts.signs.push(sign(Sign::BladderOrBowelDisturbance, signs)),
        _ => {}
    }
}

/// An MRI made an hour ago and its result.
pub(super) fn image(facts: &mut Facts, combination: &Combination<'_>) {
    let imaging = combination.of("imaging");
    let regions = if imaging.starts_with("whole") {
        Some(Regions::WHOLE)
    } else {
        imaging.starts_with("lumbar").then_some(Regions::of(Region::Lumbar))
    };
    facts.spine_mri.extend(regions.map(|regions| SpineMri {
        when: Some(ago(1)),
        regions,
        t1_missing: false,
        t2_missing: false,
        evidence: evidence("ImagingStudy/mri", 1),
    }));
    let grade = match imaging.split("ESCC ").nth(1) {
        Some("0") => Escc::G0,
        Some("1c") => Escc::G1c,
        Some("2") => Escc::G2,
        _ => return,
    };
    facts.escc.push(EsccRecord { grade, seen: Some(ago(1)), evidence: evidence("Observation/escc", 1) });
}

/// Findings of two hours ago.
pub(super) fn emergency(combination: &Combination<'_>) -> Situation {
    let mut facts = patient(combination);
    present(&mut facts, combination, SEEN, SEEN);
    image(&mut facts, combination);
    Situation { facts, site: site(combination), occasion: Occasion::PatientView }
}

/// A sign of 41 days ago, an MRI since, its result and what was recorded afterwards.
pub(super) fn result(combination: &Combination<'_>) -> Situation {
    let mut facts = patient(combination);
    present(&mut facts, combination, 41 * DAY, 41 * DAY);
    let made = hours(combination.of("study made"));
    facts.spine_mri.push(SpineMri {
        when: Some(ago(made)),
        regions: Regions::WHOLE,
        t1_missing: false,
        t2_missing: false,
        evidence: evidence("ImagingStudy/mri", made),
    });
    let grade = match combination.of("grade") {
        "0" => Some(Escc::G0),
        "1c" => Some(Escc::G1c),
        _ => None,
    };
    let evidence_of = |name: &str| evidence(name, made);
    facts.escc.extend(grade.map(|grade| EsccRecord {
        grade,
        seen: Some(ago(made)),
        evidence: evidence_of("Observation/escc"),
    }));
    if combination.is("results", "not read") {
        facts.unavailable.push(Source::Observation);
    }
    if combination.is("later", "suspicion withdrawn") {
        let denied = SignRecord { affirmed: false, ..sign(Sign::MesccSuspected, 1) };
        facts.signs.push(denied);
    }
    if combination.is("later", "back pain") {
        facts.signs.push(SignRecord {
            onset: Some(ago(1)),
            stands_alone: true,
            evidence: evidence("Condition/later", 1),
            ..sign(Sign::BackPain, 1)
        });
    }
    if combination.is("later", "cord compression") {
        facts.signs.push(sign(Sign::CordCompression, 1));
    }
    Situation { facts, site: site(combination), occasion: Occasion::PatientView }
}

/// Hours of "72 hours" or "7 days".
pub(super) fn hours(words: &str) -> i64 {
    let number = words.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0);
    if words.ends_with("days") { number * DAY } else { number }
}

/// A clock that has run out: pains 20 days ago, signs and deficits 6 days ago.
pub(super) fn overdue(combination: &Combination<'_>) -> Situation {
    let mut facts = patient(combination);
    present(&mut facts, combination, 20 * DAY, 6 * DAY);
    image(&mut facts, combination);
    Situation { facts, site: site(combination), occasion: Occasion::PatientView }
}

/// Findings of 30 days ago and a treatment since; perhaps a record of yesterday that says worse.
pub(super) fn treated(combination: &Combination<'_>) -> Situation {
    let mut facts = patient(combination);
    present(&mut facts, combination, 30 * DAY, 30 * DAY);
    image(&mut facts, combination);
    let (kind, start, end) = match combination.of("treatment") {
        "surgery" => (TreatmentKind::SpineSurgery, 10, Some(10)),
        "radiotherapy running" => (TreatmentKind::Radiotherapy, 5, None),
        "radiotherapy before the findings" => (TreatmentKind::Radiotherapy, 60, Some(50)),
        _ => (TreatmentKind::Radiotherapy, 25, Some(15)),
    };
    facts.treatments.push(SpineTreatment {
        kind,
        start: Some(ago(start * DAY)),
        end: end.map(|days| ago(days * DAY)),
        running: end.is_none(),
        aim: Aim::Spine(t8()),
        dose: Dose::default(),
        evidence: evidence("Procedure/treatment", start * DAY),
    });
    if combination.is("worse", "yes") {
        let worse = facts.signs.clone().into_iter().map(|record| SignRecord {
            seen: vec![ago(DAY)],
            onset: None,
            progression: Some(Progression::Progressive),
            ..record
        });
        facts.signs.extend(worse.collect::<Vec<_>>());
    }
    Situation { facts, site: site(combination), occasion: Occasion::PatientView }
}

/// Nobody whom the guideline concerns: no cancer, or deceased.
pub(super) fn silent(combination: &Combination<'_>) -> Situation {
    let mut facts = match combination.of("who") {
        "deceased" => Facts { deceased: true, ..patient(combination) },
        _ => Facts { age_years: Some(60), ..Facts::default() },
    };
    present(&mut facts, combination, SEEN, SEEN);
    super::orders::draft(&mut facts, combination);
    let occasion = if combination.is("draft", "none") { Occasion::PatientView } else { Occasion::OrderCheck };
    Situation { facts, site: site(combination), occasion }
}

/// Stability, modality, regimen and adjuncts.
pub(super) fn beyond(combination: &Combination<'_>) -> Situation {
    let mut facts = patient(combination);
    let symptom = combination.of("symptom");
    if symptom.starts_with("back pain") {
        facts.signs.push(sign(Sign::BackPain, SEEN));
    }
    if symptom.starts_with("deficit") {
        facts.signs.push(SignRecord { side: Some(Side::Left), ..sign(Sign::RadicularDeficit, SEEN) });
    }
    if symptom.starts_with("sign") {
        facts.signs.push(sign(Sign::Paraparesis, SEEN));
    }
    if symptom.ends_with("imaged") {
        facts.spine_mri.push(SpineMri {
            when: Some(ago(1)),
            regions: Regions::WHOLE,
            t1_missing: false,
            t2_missing: false,
            evidence: evidence("ImagingStudy/mri", 1),
        });
        facts.escc.push(EsccRecord {
            grade: Escc::G0,
            seen: Some(ago(1)),
            evidence: evidence("Observation/escc", 1),
        });
    }
    judge(&mut facts, combination);
    Situation { facts, site: site(combination), occasion: Occasion::PatientView }
}
