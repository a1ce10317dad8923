//! Section 3.4 of the guideline: SINS and Mirels.

use super::super::answer::Indicator;
use super::super::chart::*;
use super::basis::{Known, symptoms, three_months};
use super::emergency::Seen;
use super::facts::Facts;
use super::findings::{LOOK_BACK, now_or_answer};

/// Look-back of SINS.
const SINS_DAYS: Moment = 60 * DAY;

/// The lowest and the highest sum that a score may have.
type Interval = (i64, i64);

/// The latest usable score of a level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    pub(crate) level: Level,
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) seen: When,
}

/// What is expected of the stability card: its codes, each with its indicator.
pub(crate) fn stability(chart: &Chart, facts: &Facts, seen: &Seen) -> Vec<(&'static str, Indicator)> {
    let mut codes = Vec::new();
    let bone = facts.spine_documented
        || chart.records.iter().any(|r| matches!(r, Record::Metastasis { suspected: false, .. }));
    if facts.spine_documented {
        codes.extend(sins(chart));
        codes.extend(not_recorded(chart, seen));
    }
    if bone {
        codes.extend(mirels(chart));
    }
    codes
}

/// "None usable on record (none, outdated, off scale), symptomatic"; it waits for rows, and for treatments.
fn not_recorded(chart: &Chart, seen: &Seen) -> Option<(&'static str, Indicator)> {
    let waits = chart.records.iter().any(|record| match record {
        Record::Treatment(treatment) => {
            let runs = match treatment.end {
                None => chart.now - treatment.start.latest() <= 180 * DAY,
                Some(end) => chart.now <= end.latest() + LOOK_BACK,
            };
            // What has no date was recorded now, or with the MRI that it takes its date from.
            let dated = |at: Option<When>| at.unwrap_or_else(|| now_or_answer(chart));
            let told = |since: When| symptoms(chart, seen).into_iter().any(|at| dated(at).at_or_after(since));
            runs || treatment.surgery && !told(treatment.start)
        }
        _ => false,
    });
    let asks = scores(chart).is_empty() && !symptoms(chart, seen).is_empty() && !seen.waits() && !waits;
    asks.then_some(("sins-not-recorded", Indicator::Info))
}

/// The score of each level, of what is usable.
pub(crate) fn scores(chart: &Chart) -> Vec<Score> {
    let mut levels: Vec<Level> = Vec::new();
    let usable: Vec<&Record> = chart.records.iter().filter(|record| is_usable(chart, record)).collect();
    for record in &usable {
        if let Record::SinsTotal { level, .. } | Record::SinsParts { level, .. } = record
            && !levels.contains(level)
        {
            levels.push(*level);
        }
    }
    levels.iter().map(|level| score(*level, &usable)).collect()
}

/// Older than the look-back is unknown; a score from before an operation on its level says nothing any more. On one day,
/// either of them without a time, the operation counts as after, as studies do.
fn is_usable(chart: &Chart, record: &Record) -> bool {
    let (Record::SinsTotal { level, seen, .. } | Record::SinsParts { level, seen, .. }) = record else {
        return false;
    };
    let operated = chart.records.iter().any(|record| match record {
        Record::Treatment(t) => t.surgery && same_site(t.level, *level) && t.start.at_or_after(*seen),
        _ => false,
    });
    seen.latest() >= chart.now - SINS_DAYS && !operated
}

/// "Repeated scores of one level: the latest counts, be it a total or a set of components." Of components each counts by
/// itself. Where the order is open, "a recorded total that disagrees with its components: use the higher".
fn score(level: Level, usable: &[&Record]) -> Score {
    let mut totals: Vec<(When, i64)> = Vec::new();
    let mut sets: Vec<(When, [Option<i64>; 6])> = Vec::new();
    for record in usable {
        match record {
            Record::SinsTotal { level: own, total, seen } if *own == level => totals.push((*seen, *total)),
            Record::SinsParts { level: own, parts, seen } if *own == level => sets.push((*seen, *parts)),
            _ => {}
        }
    }
    let seen = totals.iter().map(|(seen, _)| *seen).chain(sets.iter().map(|(seen, _)| *seen));
    let seen = seen.max_by_key(|seen| seen.latest()).unwrap_or(When::At(0));
    let total = totals.iter().max_by_key(|(seen, total)| (seen.latest(), *total)).copied();
    // A total takes the place of components that are surely older.
    sets.retain(|(seen, _)| total.is_none_or(|(total, _)| !surely_after(total, *seen)));
    let mut parts = [None; 6];
    for (place, part) in parts.iter_mut().enumerate() {
        let stated = sets.iter().filter_map(|(seen, set)| Some((seen.latest(), set[place]?)));
        *part = stated.max().map(|(_, points)| points);
    }
    let (low, high) = of_parts(level, parts);
    let settled = band(low) == band(high);
    let (low, high) = match total {
        None => (low, high),
        Some((_, total)) if sets.is_empty() => (total, total),
        Some((at, total)) => {
            let newer = sets.iter().any(|(seen, _)| surely_after(*seen, at));
            // "A part of a score takes no caution away": where newer parts leave the band open, a total of the highest
            // band that they allow, or above, stands.
            let stands = !newer || !settled && band(total) >= band(high);
            if stands && total >= low { (total, total) } else { (low, high) }
        }
    };
    Score { level, low, high, seen }
}

fn surely_after(a: When, b: When) -> bool {
    !b.at_or_after(a)
}

pub(crate) fn same_site(a: Level, b: Level) -> bool {
    a == b || a == Level::Open || b == Level::Open
}

/// With parts missing the interval; a location is derived from the level.
fn of_parts(level: Level, mut parts: [Option<i64>; 6]) -> Interval {
    parts[0] = parts[0].or(match level {
        Level::T8 => Some(1),
        Level::L3 => Some(2),
        Level::Open => None,
    });
    let most = [3, 3, 2, 4, 3, 3];
    let low = parts.iter().map(|part| part.unwrap_or(0)).sum();
    let high = parts.iter().zip(most).map(|(part, most)| part.unwrap_or(most)).sum();
    (low, high)
}

fn band(points: i64) -> u8 {
    match points {
        ..=6 => 0,
        7..=12 => 1,
        _ => 2,
    }
}

fn since(chart: &Chart, consult: Consult, seen: When) -> bool {
    chart.records.iter().any(|record| match record {
        Record::Consult { consult: own, at: Some(at), .. } => *own == consult && at.at_or_after(seen),
        _ => false,
    })
}

/// Each lesion by itself; of the rows that no consult silences the highest is acted on.
fn sins(chart: &Chart) -> Option<(&'static str, Indicator)> {
    let rows = scores(chart).into_iter().filter_map(|Score { low, high, seen, .. }| {
        let (rank, code, consult) = match (band(low), band(high)) {
            (2, _) => (3, "sins-surgery-indicated", Consult::SpineSurgery),
            (0, 0) => return None,
            (1, 1) => (1, "sins-mdt-consult", Consult::Mdt),
            (_, high) => (i64::from(high), "sins-indeterminate", Consult::Mdt),
        };
        (!since(chart, consult, seen)).then_some(((rank, high, low), code))
    });
    let (_, code) = rows.max_by_key(|(rank, ..)| *rank)?;
    Some(match code {
        // "Life expectancy < 3 months: one critical card led by `surgery-candidacy-conflict` instead."
        "sins-surgery-indicated" if three_months(chart) == Known::No => {
            ("surgery-candidacy-conflict", Indicator::Critical)
        }
        "sins-surgery-indicated" => (code, Indicator::Critical),
        _ => (code, Indicator::Warning),
    })
}

fn mirels(chart: &Chart) -> Option<(&'static str, Indicator)> {
    let said = chart.records.iter().filter_map(|record| match *record {
        Record::MirelsTotal { total, seen } => Some(((total, total), seen)),
        Record::MirelsParts { parts, seen } => {
            let low = parts.iter().map(|part| part.unwrap_or(1)).sum();
            let high = parts.iter().map(|part| part.unwrap_or(3)).sum();
            Some(((low, high), seen))
        }
        _ => None,
    });
    let recent = said.filter(|(_, seen)| seen.latest() >= chart.now - SINS_DAYS);
    let ((low, high), seen) = recent.max_by_key(|(_, seen)| seen.latest())?;
    let row = match (low, high) {
        (9.., _) => ("mirels-high-fracture-risk", Indicator::Warning),
        (8, 8) => ("mirels-borderline", Indicator::Info),
        (_, 9..) => ("mirels-indeterminate", Indicator::Info),
        _ => return None,
    };
    let silenced = row.0 == "mirels-high-fracture-risk" && since(chart, Consult::Orthopaedic, seen);
    (!silenced).then_some(row)
}
