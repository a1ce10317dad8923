//! Section 2 of the guideline as far as sections 3.4 to 3.8 ask: the latest estimates, judgements and courses.

use super::super::chart::*;
use super::emergency::{Seen, Treated, treated};
use super::findings::{Active, LOOK_BACK, now_or_answer};
use super::stability::{Score, same_site};

/// Look-back of performance status and of laboratory values.
pub(crate) const MONTH: Moment = 30 * DAY;

/// A criterion or a value that may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Yes,
    No,
    Unknown,
}

impl Known {
    fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// The latest of records with a date; of two of one time the later in the chart.
fn latest<T>(records: impl Iterator<Item = (When, T)>) -> Option<(When, T)> {
    records.max_by_key(|(seen, _)| (seen.latest(), seen.earliest()))
}

/// Life expectancy: 3 months or more. A range that straddles 3 is unknown.
pub(crate) fn three_months(chart: &Chart) -> Known {
    match expectancy(chart) {
        Some(Expectancy::Months(months)) => Known::of(months >= 3),
        Some(Expectancy::Range(low, _)) if low >= 3 => Known::Yes,
        Some(Expectancy::Range(_, high)) if high < 3 => Known::No,
        Some(Expectancy::ThreeOrMore) => Known::Yes,
        Some(Expectancy::BelowThree) => Known::No,
        _ => Known::Unknown,
    }
}

/// G-22: "lower bound ≥ 1 month; a bound that leaves it open, `lt-3-months` included, is unknown".
pub(crate) fn one_month(chart: &Chart) -> Known {
    match expectancy(chart) {
        Some(Expectancy::Months(months)) => Known::of(months >= 1),
        Some(Expectancy::Range(low, _)) if low >= 1 => Known::Yes,
        Some(Expectancy::Range(_, high)) if high < 1 => Known::No,
        Some(Expectancy::ThreeOrMore) => Known::Yes,
        _ => Known::Unknown,
    }
}

fn expectancy(chart: &Chart) -> Option<Expectancy> {
    let said = chart.records.iter().filter_map(|record| match record {
        Record::Expectancy { value, seen } if seen.latest() >= chart.now - LOOK_BACK => Some((*seen, *value)),
        _ => None,
    });
    latest(said).map(|(_, value)| value)
}

/// A judgement's latest record. Pain is a symptom, and older than 90 days it is unknown; what is tolerable is performance.
pub(crate) fn judged(chart: &Chart, judgement: Judgement) -> Option<(When, bool)> {
    let oldest = match judgement {
        Judgement::MechanicalPain => chart.now - LOOK_BACK,
        Judgement::RadiotherapyTolerable => chart.now - MONTH,
        _ => Moment::MIN,
    };
    latest(chart.records.iter().filter_map(|record| match record {
        Record::Judgement { judgement: own, yes, seen } if *own == judgement && seen.latest() >= oldest => {
            Some((*seen, *yes))
        }
        _ => None,
    }))
}

pub(crate) fn is_yes(chart: &Chart, judgement: Judgement) -> bool {
    judged(chart, judgement).is_some_and(|(_, yes)| yes)
}

pub(crate) fn is_no(chart: &Chart, judgement: Judgement) -> bool {
    judged(chart, judgement).is_some_and(|(_, yes)| !yes)
}

/// G-19: "tolerable = yes, or ECOG 0–2, or Karnofsky ≥ 60; ECOG 3–4 or Karnofsky < 60 = ask".
pub(crate) fn is_tolerable(chart: &Chart) -> bool {
    if let Some((_, yes)) = judged(chart, Judgement::RadiotherapyTolerable) {
        return yes;
    }
    let oldest = chart.now - MONTH;
    latest(chart.records.iter().filter_map(|record| match *record {
        Record::Ecog { value, seen } if seen.latest() >= oldest => Some((seen, value <= 2)),
        Record::Karnofsky { value, seen } if seen.latest() >= oldest => Some((seen, value >= 60)),
        _ => None,
    }))
    .is_some_and(|(_, enough)| enough)
}

/// The levels of the documented metastases.
fn lesions(chart: &Chart) -> Vec<Level> {
    let levels = chart.records.iter().filter_map(|record| match record {
        Record::Metastasis { site: Site::Spine(level), suspected: false, .. } => Some(*level),
        _ => None,
    });
    let levels: Vec<Level> = levels.collect();
    if levels.is_empty() { vec![Level::Open] } else { levels }
}

/// Courses of radiotherapy at the site: that of an order, else that of any lesion.
pub(crate) fn prior_radiotherapy(chart: &Chart, order: Option<Level>) -> Vec<Treatment> {
    let sites = order.map_or_else(|| lesions(chart), |level| vec![level]);
    let courses = chart.records.iter().filter_map(|record| match record {
        Record::Treatment(treatment) if !treatment.surgery => Some(*treatment),
        _ => None,
    });
    courses.filter(|course| sites.iter().any(|site| same_site(*site, course.level))).collect()
}

/// `progression_after_radiotherapy`: yes, no, or not said, with its date. A metastasis that is a recurrence or relapse says
/// yes; the later of the two counts.
pub(crate) fn progressed(chart: &Chart) -> (Known, Option<When>) {
    // Of several the latest; one without a date may be.
    let recurrent = recurrences(chart).max_by_key(|seen| (seen.is_none(), seen.map(When::latest)));
    match (judged(chart, Judgement::ProgressionAfterRadiotherapy), recurrent) {
        (None, None) => (Known::Unknown, None),
        (None, Some(seen)) => (Known::Yes, seen),
        (Some((at, _)), Some(Some(seen))) if !at.at_or_after(seen) => (Known::Yes, Some(seen)),
        (Some(_), Some(None)) => (Known::Yes, None),
        (Some((at, yes)), _) => (Known::of(yes), Some(at)),
    }
}

/// When metastases were recorded as recurrence or relapse.
pub(crate) fn recurrences(chart: &Chart) -> impl Iterator<Item = Option<When>> {
    chart.records.iter().filter_map(|record| match record {
        Record::Metastasis { recurrent: true, seen, .. } => Some(*seen),
        _ => None,
    })
}

/// Fractures on record, with their dates.
pub(crate) fn fractures(chart: &Chart) -> Vec<Option<When>> {
    let all = chart
        .records
        .iter()
        .filter_map(|r| if let Record::Fracture { seen } = r { Some(*seen) } else { None });
    all.collect()
}

/// Current pain, deficit, mechanical pain or pathological fracture that no treatment covers: since when.
pub(crate) fn symptoms(chart: &Chart, seen: &Seen) -> Vec<Option<When>> {
    // Worse despite the treatment, it counts again.
    let open = |began: When| {
        began.latest() >= chart.now - LOOK_BACK && treated(chart, began, &[], None) != Treated::Covered
    };
    let mechanical = judged(chart, Judgement::MechanicalPain).filter(|(_, yes)| *yes).map(|(at, _)| at);
    let mut found: Vec<Option<When>> = seen
        .open
        .iter()
        .filter(|finding| is_symptom(finding))
        .map(|finding| (!finding.undated).then_some(finding.began))
        .collect();
    found.extend(mechanical.filter(|at| open(*at)).map(Some));
    let dated = |at: Option<When>| at.unwrap_or_else(|| now_or_answer(chart));
    found.extend(fractures(chart).into_iter().filter(|at| open(dated(*at))));
    found
}

fn is_symptom(finding: &Active) -> bool {
    matches!(
        finding.sign,
        Sign::BackPain | Sign::RadicularPain | Sign::RadicularDeficit | Sign::LegWeakness | Sign::Paraparesis
    )
}

/// A consult, requested or done.
pub(crate) fn consults(chart: &Chart, kinds: &[Consult], done_only: bool) -> Vec<Option<When>> {
    let all = chart.records.iter().filter_map(|record| match record {
        Record::Consult { consult, done, at } if kinds.contains(consult) && (*done || !done_only) => {
            Some(*at)
        }
        _ => None,
    });
    all.collect()
}

/// Whether a consult came since the latest of these dates; where none has a date, whether any is within the look-back.
pub(crate) fn since(chart: &Chart, consults: &[Option<When>], dates: &[Option<When>]) -> bool {
    let dated: Vec<When> = dates.iter().flatten().copied().collect();
    consults.iter().flatten().any(|at| {
        let recent = !dated.is_empty() || at.latest() >= chart.now - LOOK_BACK;
        recent && dated.iter().all(|date| at.at_or_after(*date))
    })
}

/// The same for the gate: a finding without a date is met by a consult within the look-back, beside findings with a date by
/// one that is after those too.
fn meets(chart: &Chart, consults: &[Option<When>], dates: &[Option<When>]) -> bool {
    let open = dates.is_empty() || dates.iter().any(Option::is_none);
    consults.iter().flatten().any(|at| {
        (!open || at.latest() >= chart.now - LOOK_BACK)
            && dates.iter().flatten().all(|date| at.at_or_after(*date))
    })
}

/// What closes the gate before SBRT (3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    Open,
    /// By a finding that is known.
    ClosedByFinding,
    /// By what is not known.
    ClosedByUnknown,
}

/// "SINS max ≥ 7 or unknown, baseline VCF yes or unknown, or any MESCC sign, and no spine-surgery consult done."
pub(crate) fn gate(chart: &Chart, seen: &Seen, scores: &[Score]) -> Gate {
    let of_scores = |test: fn(&&Score) -> bool| scores.iter().filter(test).map(|score| Some(score.seen));
    let mut known: Vec<Option<When>> = of_scores(|score| score.low >= 7).collect();
    known.extend(fractures(chart));
    known.extend(seen.any_sign.iter().map(|sign| (!sign.undated).then_some(sign.starts())));
    known.extend(seen.any_sign.iter().flat_map(|sign| sign.worse_notes.iter().copied().map(Some)));
    known.extend(seen.compressed.map(Some));
    let unknown: Vec<Option<When>> = of_scores(|score| score.low <= 6 && score.high >= 7).collect();
    if known.is_empty() && unknown.is_empty() && !scores.is_empty() {
        return Gate::Open;
    }
    // A gate that only the unknown closes is opened by a consult since the metastases were documented and the symptoms began.
    let dates = if known.is_empty() {
        let metastases = chart.records.iter().filter_map(|record| match record {
            Record::Metastasis { seen, .. } => *seen,
            _ => None,
        });
        let symptoms = symptoms(chart, seen).into_iter().flatten();
        // A reading: so does a suspicion, which a consult before it did not know.
        let suspected = seen.open.iter().filter(|it| it.sign == Sign::MetastasesSuspected && !it.undated);
        let suspected = suspected.map(|finding| finding.began);
        metastases.chain(symptoms).chain(suspected).map(Some).chain(unknown).collect()
    } else {
        [known.clone(), unknown].concat()
    };
    if meets(chart, &consults(chart, &[Consult::SpineSurgery], true), &dates) {
        Gate::Open
    } else if known.is_empty() {
        Gate::ClosedByUnknown
    } else {
        Gate::ClosedByFinding
    }
}

/// When spinal metastases were documented: by a Condition, else by a fracture or the first score.
pub(crate) fn documented(chart: &Chart) -> Vec<Option<When>> {
    let conditions = chart.records.iter().filter_map(|record| match *record {
        Record::Metastasis { site: Site::Spine(_), suspected: false, seen, .. } => Some(seen),
        _ => None,
    });
    let conditions: Vec<Option<When>> = conditions.collect();
    if !conditions.is_empty() {
        return conditions;
    }
    let scores = chart.records.iter().filter_map(|record| match *record {
        Record::SinsTotal { seen, .. } | Record::SinsParts { seen, .. } => Some(seen),
        _ => None,
    });
    let first = scores.min_by_key(|seen| seen.earliest());
    fractures(chart).into_iter().chain(first.map(Some)).collect()
}

/// G-55, G-56, G-58: lytic disease, a baseline fracture, or SINS ≥ 7.
pub(crate) fn has_fracture_risk(chart: &Chart, scores: &[Score]) -> bool {
    is_yes(chart, Judgement::LyticDisease)
        || !fractures(chart).is_empty()
        || scores.iter().any(|score| score.low >= 7)
}
