//! Section 3.7 of the guideline: drugs for bone, and vertebroplasty.

use super::super::chart::*;
use super::basis::*;
use super::emergency::Seen;
use super::findings::Active;

/// What stands against zoledronic acid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zoledronic {
    Fits,
    /// Only facts are missing.
    Missing,
    Excluded,
}

/// "None of: allergy, pregnancy, clearance < 30 or unknown, calcium low or unknown, prostate cancer in any state without
/// documented progression on hormones."
pub(crate) fn exclusion(chart: &Chart) -> Zoledronic {
    let any = |test: fn(&Record) -> bool| chart.records.iter().any(test);
    let oldest = chart.now - MONTH;
    let clearance = latest_of(chart, |record| match *record {
        Record::Clearance { value, seen } if seen.latest() >= oldest => Some((seen, Some(value < 30))),
        _ => None,
    });
    let calcium = latest_of(chart, |record| match *record {
        Record::Calcium { low, seen } if seen.latest() >= oldest => Some((seen, low)),
        _ => None,
    });
    let prostate = if any(|r| matches!(r, Record::Cancer(Cancer::Prostate, _))) {
        judged(chart, Judgement::ProstateProgression).map(|(_, progressed)| !progressed)
    } else {
        Some(false)
    };
    let bars = [clearance.flatten(), calcium.flatten(), prostate, is_solid(chart).map(|solid| !solid)];
    if any(|r| matches!(r, Record::Allergy | Record::Pregnant { .. })) || bars.contains(&Some(true)) {
        Zoledronic::Excluded
    } else if bars.contains(&None) {
        Zoledronic::Missing
    } else {
        Zoledronic::Fits
    }
}

fn latest_of<T>(chart: &Chart, of: impl Fn(&Record) -> Option<(When, T)>) -> Option<T> {
    let all = chart.records.iter().filter_map(of);
    all.max_by_key(|(seen, _)| (seen.latest(), seen.earliest())).map(|(_, value)| value)
}

/// The codes of the adjunct card.
pub(crate) fn adjunct(chart: &Chart, seen: &Seen, findings: &[Active]) -> Vec<&'static str> {
    if seen.waits() {
        return Vec::new();
    }
    let mut codes = Vec::new();
    let deficit = findings.iter().any(|finding| {
        matches!(finding.sign, Sign::RadicularDeficit | Sign::LegWeakness | Sign::Paraparesis)
    });
    // A sign that a treatment covers is one here.
    let sign = seen.any_sign_ever || seen.compressed.is_some();
    let vertebroplasty =
        is_yes(chart, Judgement::MechanicalPain) && !fractures(chart).is_empty() && !deficit && !sign;
    let agent = chart
        .records
        .iter()
        .any(|r| matches!(r, Record::Drug { drug: Drug::Zoledronic | Drug::Denosumab, .. }));
    if is_yes(chart, Judgement::AntineoplasticTherapy) && !agent && is_indicated(chart) {
        match exclusion(chart) {
            Zoledronic::Fits => codes.push("zoledronic-acid-eligible"),
            Zoledronic::Missing if vertebroplasty => codes.push("zoledronic-acid-needs-facts"),
            _ => {}
        }
    }
    if vertebroplasty {
        codes.push("vertebroplasty-consider");
    }
    codes
}

/// Myeloma, or documented bone metastases.
pub(crate) fn is_indicated(chart: &Chart) -> bool {
    chart.records.iter().any(|record| {
        matches!(record, Record::Metastasis { suspected: false, .. } | Record::Cancer(Cancer::Myeloma, _))
    })
}

/// Whether the metastases are of a solid tumour, or it is myeloma; "where the only primary is lymphoma it is not met, where no
/// primary is on record it is a missing fact". A personal history of breast cancer names no tumour of its own.
fn is_solid(chart: &Chart) -> Option<bool> {
    chart.records.iter().find_map(|record| match record {
        Record::Cancer(Cancer::Breast, CancerState::HistoryCode) | Record::Cancer(Cancer::SkinOnly, _) => {
            None
        }
        Record::Cancer(Cancer::AggressiveLymphoma | Cancer::OtherLymphoma, _) => Some(false),
        Record::Cancer(..) => Some(true),
        _ => None,
    })
}
