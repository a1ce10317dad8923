//! Section 2 of the guideline: who is at risk, and what else the chart states.

use super::super::chart::*;
use super::findings::{Active, LOOK_BACK, last};

/// What the decisions ask of the chart besides findings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) at_risk: bool,
    pub(crate) active_cancer: bool,
    pub(crate) spine_documented: bool,
    pub(crate) spine_suspected: bool,
    pub(crate) comfort_care: bool,
    pub(crate) below_three_months: bool,
}

fn is_recent(when: Option<When>, now: Moment) -> bool {
    when.is_none_or(|when| when.latest() >= now - LOOK_BACK)
}

pub(crate) fn facts(chart: &Chart, findings: &[Active]) -> Facts {
    let has = |sign| findings.iter().any(|finding| finding.sign == sign);
    let any = |test: &dyn Fn(&Record) -> bool| chart.records.iter().any(test);
    let cancer = any(&|r| matches!(r, Record::Cancer(kind, _) if *kind != Cancer::SkinOnly));
    // Non-melanoma skin cancer alone is none.
    let active =
        any(&|r| matches!(r, Record::Cancer(kind, CancerState::Active) if *kind != Cancer::SkinOnly));
    let metastasis = any(&|r| matches!(r, Record::Metastasis { .. }));
    let documented = |spine: bool| {
        any(
            &|r| matches!(r, Record::Metastasis { site, suspected: false, .. } if matches!(site, Site::Spine(_)) == spine),
        )
    };
    let suspected_site = any(
        &|r| matches!(r, Record::Metastasis { site: Site::Spine(_), suspected: true, seen, .. } if is_recent(*seen, chart.now)),
    );
    let bone_any = any(&|r| matches!(r, Record::Metastasis { site: Site::Bone, .. }));
    let pain = has(Sign::BackPain) || has(Sign::RadicularPain);
    // "Myeloma or lymphoma with a vertebral lesion, a vertebral fracture, or a SINS on record counts as documented spinal
    // disease."
    let blood = any(&|r| {
        matches!(r, Record::Cancer(kind, _)
            if matches!(kind, Cancer::Myeloma | Cancer::AggressiveLymphoma | Cancer::OtherLymphoma))
    });
    let spinal =
        any(&|r| matches!(r, Record::Fracture { .. } | Record::SinsTotal { .. } | Record::SinsParts { .. }));
    let spine_documented = documented(true) || blood && spinal;
    // A reading: a suspicion keeps the patient at risk without a bound, unless it was withdrawn.
    let suspicion = any(&|r| match r {
        Record::Finding(f) if matches!(f.sign, Sign::MetastasesSuspected | Sign::MesccSuspected) => {
            f.affirmed && !is_withdrawn(chart, f)
        }
        _ => false,
    });
    Facts {
        at_risk: cancer || metastasis || suspicion || spine_documented,
        // A suspicion of the look-back is a cancer that is active; an older one is like a cancer of the past.
        active_cancer: active
            || any(
                &|r| matches!(r, Record::Metastasis { suspected, seen, .. } if !suspected || is_recent(*seen, chart.now)),
            ),
        spine_documented,
        spine_suspected: suspected_site || has(Sign::MetastasesSuspected) || bone_any && pain,
        comfort_care: comfort_care(chart),
        below_three_months: below_three_months(chart),
    }
}

fn is_withdrawn(chart: &Chart, suspicion: &Finding) -> bool {
    chart.records.iter().any(|record| match record {
        Record::Finding(no) if !no.affirmed && no.sign == suspicion.sign => {
            no.seen.zip(last(suspicion)).is_some_and(|(no, yes)| yes <= no.earliest())
        }
        _ => false,
    })
}

fn comfort_care(chart: &Chart) -> bool {
    let said = chart.records.iter().filter_map(|record| match record {
        Record::ComfortCare { yes, seen } => Some((seen.latest(), !*yes)),
        _ => None,
    });
    said.max().is_some_and(|(_, no)| !no)
}

/// The latest estimate of the last 90 days says that it ends before three months.
fn below_three_months(chart: &Chart) -> bool {
    let said = chart.records.iter().filter_map(|record| match record {
        Record::Expectancy { value, seen } if seen.latest() >= chart.now - LOOK_BACK => {
            Some((seen.latest(), *value))
        }
        _ => None,
    });
    said.max_by_key(|(when, _)| *when).is_some_and(|(_, value)| match value {
        Expectancy::Months(months) | Expectancy::Range(_, months) => months < 3,
        Expectancy::BelowThree => true,
        Expectancy::ThreeOrMore => false,
    })
}
