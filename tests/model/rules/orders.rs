//! Section 3.8 of the guideline: drafts of treatments.

use super::super::answer::Indicator;
use super::super::chart::*;
use super::adjunct::{Zoledronic, exclusion, is_indicated};
use super::basis::*;
use super::emergency::Seen;
use super::stability::{Score, same_site, scores};

/// The rows that hold for one draft.
pub(crate) fn draft(chart: &Chart, seen: &Seen, record: &Record) -> Vec<(&'static str, Indicator)> {
    match *record {
        Record::RadiotherapyDraft { level, dose, selected } if asked(chart, selected) => {
            radiotherapy(chart, seen, level, dose)
        }
        Record::SurgeryDraft { selected, .. } if asked(chart, selected) => match three_months(chart) {
            Known::No => vec![("surgery-life-expectancy", Indicator::Warning)],
            Known::Unknown => vec![("surgery-life-expectancy", Indicator::Info)],
            Known::Yes => Vec::new(),
        },
        Record::ZoledronicDraft { selected } if asked(chart, selected) => zoledronic(chart),
        _ => Vec::new(),
    }
}

/// "order-select: only the orders in `selections`; order-sign: all drafts".
fn asked(chart: &Chart, selected: bool) -> bool {
    selected || chart.hook == Hook::OrderSign
}

/// "Zoledronic acid: myeloma or documented bone metastases."
fn zoledronic(chart: &Chart) -> Vec<(&'static str, Indicator)> {
    let other_agent = chart.records.iter().any(|r| matches!(r, Record::Drug { drug: Drug::Denosumab, .. }));
    match exclusion(chart) {
        _ if !is_indicated(chart) => Vec::new(),
        _ if other_agent => vec![("zoledronic-acid-check", Indicator::Warning)],
        Zoledronic::Excluded => vec![("zoledronic-acid-check", Indicator::Warning)],
        Zoledronic::Missing => vec![("zoledronic-acid-check", Indicator::Info)],
        Zoledronic::Fits => Vec::new(),
    }
}

/// "≥ 500 cGy per fraction in ≤ 5 fractions with a total above 8 Gy", or said so.
fn is_stereotactic(dose: Dose) -> bool {
    dose.stereotactic || dose.centigray >= 500 * dose.fractions && dose.fractions <= 5 && dose.centigray > 800
}

/// G-32 to G-36.
fn is_listed(dose: Dose) -> bool {
    let range = match (is_stereotactic(dose), dose.fractions) {
        (true, 1) => 1_600..=2_400,
        (true, 2) => 2_400..=2_400,
        (true, 3) => 2_400..=2_700,
        (true, 5) => 3_000..=3_500,
        (false, 1) => 800..=800,
        (false, _) => 2_000..=3_000,
        _ => return false,
    };
    range.contains(&dose.centigray)
}

/// The scores of the level that the order names; those of the patient where it names none.
fn scores_of(chart: &Chart, level: Level) -> Vec<Score> {
    scores(chart).into_iter().filter(|score| same_site(score.level, level)).collect()
}

fn radiotherapy(chart: &Chart, seen: &Seen, level: Level, dose: Dose) -> Vec<(&'static str, Indicator)> {
    let scores = scores_of(chart, level);
    let prior = !prior_radiotherapy(chart, Some(level)).is_empty();
    let sbrt = is_stereotactic(dose);
    let mut rows = Vec::new();
    if !sbrt && dose.fractions == 1 && dose.centigray == 800 {
        match three_months(chart) {
            Known::Yes => rows.push(("rt-8gy-single-good-prognosis", Indicator::Warning)),
            Known::Unknown => rows.push(("rt-state-prognosis", Indicator::Info)),
            Known::No => {}
        }
    }
    if scores.iter().any(|score| score.low >= 13) {
        rows.push(("rt-unstable-spine", Indicator::Critical));
    }
    if !sbrt && prior {
        rows.push(("rt-reirradiation-use-sbrt", Indicator::Warning));
    }
    if sbrt {
        match gate(chart, seen, &scores) {
            Gate::Open => {}
            Gate::ClosedByFinding => rows.push(("sbrt-consult-surgery-first", Indicator::Critical)),
            Gate::ClosedByUnknown => rows.push(("sbrt-consult-surgery-first", Indicator::Warning)),
        }
        if dose.centigray > 1_900 * dose.fractions && has_fracture_risk(chart, &scores) {
            rows.push(("sbrt-vcf-risk", Indicator::Warning));
        }
    }
    if !(is_listed(dose) || sbrt && prior) {
        rows.push(("rt-scheme-not-listed", Indicator::Info));
    }
    rows
}
