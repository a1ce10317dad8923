//! Section 3.4 of the guideline: SINS and Mirels.

use super::super::chart::*;

/// Look-back of SINS.
const SINS_DAYS: Moment = 60 * DAY;

/// The lowest and the highest sum that a score may have.
type Interval = (i64, i64);

/// What is expected of the stability card: the codes of scores.
pub(crate) fn stability(chart: &Chart) -> Vec<&'static str> {
    let mut codes = Vec::new();
    let any = |test: fn(&Record) -> bool| chart.records.iter().any(test);
    // Myeloma or lymphoma with a vertebral fracture or a SINS on record is documented spinal disease.
    let blood = any(|r| {
        matches!(r, Record::Cancer(Cancer::Myeloma | Cancer::AggressiveLymphoma | Cancer::OtherLymphoma, _))
    });
    let spinal =
        any(|r| matches!(r, Record::Fracture { .. } | Record::SinsTotal { .. } | Record::SinsParts { .. }));
    let metastasis = any(|r| matches!(r, Record::Metastasis { site: Site::Spine(_), suspected: false, .. }));
    let spine = metastasis || blood && spinal;
    let bone = spine || any(|r| matches!(r, Record::Metastasis { site: Site::Bone, suspected: false, .. }));
    if spine {
        codes.extend(sins(chart));
    }
    if bone {
        codes.extend(mirels(chart));
    }
    codes
}

/// The latest usable score of each level, with its date.
fn scores(chart: &Chart) -> Vec<(Level, Interval, When)> {
    let mut latest: Vec<(Level, Interval, When)> = Vec::new();
    for record in &chart.records {
        let (level, interval, seen) = match *record {
            Record::SinsTotal { level, total, seen } => (level, (total, total), seen),
            Record::SinsParts { level, parts, seen } => (level, of_parts(level, parts), seen),
            _ => continue,
        };
        // Older is unknown; a score from before an operation on its level says nothing any more.
        let operated = chart.records.iter().any(|record| match record {
            Record::Treatment(t) => {
                t.surgery && same_site(t.level, level) && seen.latest() < t.start.earliest()
            }
            _ => false,
        });
        if seen.latest() < chart.now - SINS_DAYS || operated {
            continue;
        }
        // "Repeated scores of one level: the latest counts, be it a total or a set of components."
        match latest.iter_mut().find(|(other, ..)| *other == level) {
            Some(known) if known.2.latest() <= seen.latest() => *known = (level, interval, seen),
            Some(_) => {}
            None => latest.push((level, interval, seen)),
        }
    }
    latest
}

fn same_site(a: Level, b: Level) -> bool {
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
        Record::Consult { consult: own, at: Some(at), .. } => {
            *own == consult && at.latest() > seen.earliest() && at.at_or_after(seen)
        }
        _ => false,
    })
}

/// Each lesion by itself; of the rows that no consult silences the highest is acted on.
fn sins(chart: &Chart) -> Option<&'static str> {
    let rows = scores(chart).into_iter().filter_map(|(_, (low, high), seen)| {
        let (rank, code, consult) = match (band(low), band(high)) {
            (2, _) => (3, "sins-surgery-indicated", Consult::SpineSurgery),
            (0, 0) => return None,
            (1, 1) => (1, "sins-mdt-consult", Consult::Mdt),
            (_, high) => (i64::from(high), "sins-indeterminate", Consult::Mdt),
        };
        (!since(chart, consult, seen)).then_some(((rank, high), code))
    });
    rows.max_by_key(|(rank, ..)| *rank).map(|(_, code)| code)
}

fn mirels(chart: &Chart) -> Option<&'static str> {
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
        (9.., _) => "mirels-high-fracture-risk",
        (8, 8) => "mirels-borderline",
        (_, 9..) => "mirels-indeterminate",
        _ => return None,
    };
    let silenced = row == "mirels-high-fracture-risk" && since(chart, Consult::Orthopaedic, seen);
    (!silenced).then_some(row)
}
