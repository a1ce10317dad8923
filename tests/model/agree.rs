//! The program and the second model over many charts.

use super::answer::Card;
use super::chart::*;
use super::fhir::{call, resources};
use super::generate::Theme;
use super::rules::emergency::{Expected, emergency};
use super::rules::facts::facts;
use super::rules::findings::{active, studies};
use super::rules::stability::stability;
use super::rules::timing::Row;
use super::run::{Fault, Run};
use std::collections::BTreeSet;

/// The codes of the emergency card beside those of the timing rows.
const EMERGENCY_CODES: [&str; 5] = [
    "mescc-treat-within-24h",
    "mescc-result-needed",
    "mescc-modality-mdt",
    "mescc-question",
    "reassess-after-treatment",
];

fn emergency_codes() -> impl Iterator<Item = &'static str> {
    Row::ALL.into_iter().map(Row::code).chain(EMERGENCY_CODES)
}

/// The second model's emergency card.
fn expected(chart: &Chart) -> Option<Expected> {
    let findings = active(chart);
    let facts = facts(chart, &findings);
    if chart.records.contains(&Record::Deceased) || !facts.at_risk {
        return None;
    }
    emergency(chart, &facts, &findings, &studies(chart))
}

/// Whether the text leaves open what came first, or which of two readings of one study counts.
fn is_open(chart: &Chart) -> bool {
    let one_day = |a: When, b: When| {
        day_of(a.earliest()) == day_of(b.earliest())
            && (matches!(a, When::Day(_)) || matches!(b, When::Day(_)))
    };
    let dates = |record: &Record| match record {
        Record::Course { seen, .. } | Record::Judgement { seen, .. } | Record::Escc { seen, .. } => {
            vec![*seen]
        }
        Record::Metastasis { seen, .. } => seen.iter().copied().collect(),
        Record::Finding(finding) => finding.seen.iter().chain(&finding.onset).copied().collect(),
        Record::Study { at, .. } => vec![*at],
        _ => Vec::new(),
    };
    let all: Vec<When> = chart.records.iter().flat_map(dates).collect();
    let readings = chart.records.iter().filter(|r| matches!(r, Record::Escc { .. })).count();
    // An undated record beside a dated one of the same finding.
    let findings =
        || chart.records.iter().filter_map(|r| if let Record::Finding(f) = r { Some(*f) } else { None });
    let mixed = findings().any(|a| {
        a.seen.is_none() && findings().any(|b| b.sign == a.sign && b.side == a.side && b.seen.is_some())
    });
    let between = |start: When| {
        all.iter().any(|at| at.earliest() < start.earliest())
            && chart.records.iter().any(|record| match record {
                Record::Escc { seen, .. } => seen.earliest() > start.earliest(),
                Record::Finding(f) => {
                    f.sign == Sign::CordCompression
                        && f.seen.is_some_and(|seen| seen.earliest() > start.earliest())
                }
                _ => false,
            })
    };
    chart.records.iter().any(|record| match record {
        Record::Treatment(treatment) => {
            all.iter().any(|at| one_day(*at, treatment.start)) || between(treatment.start)
        }
        // What a denial of the same day denies.
        Record::Finding(Finding { affirmed: false, seen, .. }) => seen.is_none_or(|no| {
            all.iter().filter(|at| day_of(at.earliest()) == day_of(no.earliest())).count() > 1
        }),
        // An undated diagnosis beside a study that was read as low.
        Record::Finding(Finding { sign: Sign::CordCompression, seen: None, .. }) => true,
        _ => false,
    }) || readings > 1
        || mixed
}

fn sorted(mut codes: Vec<&str>) -> Vec<&str> {
    codes.sort_unstable();
    codes
}

fn difference(expected: Option<&Expected>, card: Option<&Card>) -> Option<String> {
    let (expected, card) = match (expected, card) {
        (None, None) => return None,
        (Some(expected), None) => return Some(format!("no card, expected {}", expected.codes.join("+"))),
        (None, Some(card)) => return Some(format!("a card {}, expected none", card.codes[0].0)),
        (Some(expected), Some(card)) => (expected, card),
    };
    let codes: Vec<&str> = card.codes.iter().map(|(code, _)| code.as_str()).collect();
    if sorted(codes.clone()) != sorted(expected.codes.clone()) {
        return Some(format!("codes {}, expected {}", codes.join("+"), expected.codes.join("+")));
    }
    if codes[0] != expected.codes[0] {
        return Some(format!("lead {}, expected {}", codes[0], expected.codes[0]));
    }
    if expected.overdue.is_some_and(|overdue| overdue != card.overdue) {
        return Some(format!("overdue of {} {}, expected {:?}", codes[0], card.overdue, expected.overdue));
    }
    if expected.overdue.is_some() && expected.deadline != card.deadline {
        return Some(format!("deadline of {}", codes[0]));
    }
    if expected.indicator != card.indicator {
        return Some(format!(
            "indicator of {} {:?}, expected {:?}",
            codes[0], card.indicator, expected.indicator
        ));
    }
    None
}

#[test]
fn the_emergency_card_is_that_of_the_second_model() {
    Run::of(1_000).check(&[Theme::Emergency, Theme::Emergency, Theme::Treated], |program, chart, _| {
        if is_open(chart) {
            return None;
        }
        let call = call(chart.hook, &resources(chart), &program.keys);
        let cards = program.cards(chart.hook, &call, chart.now);
        let card = cards.iter().find(|card| emergency_codes().any(|code| card.has(code)));
        let expected = expected(chart);
        let kind = difference(expected.as_ref(), card)?;
        let shown = card.map(|card| {
            format!("{:?} {:?} {:?} {}", card.indicator, card.codes, card.deadline, card.overdue)
        });
        Some(Fault { kind, what: format!("program: {shown:?}\nmodel:   {expected:?}") })
    });
}

const SCORES: [&str; 6] = [
    "sins-surgery-indicated",
    "sins-mdt-consult",
    "sins-indeterminate",
    "mirels-high-fracture-risk",
    "mirels-borderline",
    "mirels-indeterminate",
];

/// Whether scores, consults and operations stand on days of their own, and each patient has one set of components: else the
/// text leaves open which is the latest. Known and open: a total beats components of the same level that are newer.
fn has_clear_dates(chart: &Chart) -> bool {
    let date = |record: &Record| match *record {
        Record::SinsTotal { seen, .. }
        | Record::SinsParts { seen, .. }
        | Record::MirelsTotal { seen, .. }
        | Record::MirelsParts { seen, .. } => Some(Some(seen)),
        Record::Treatment(treatment) => Some(Some(treatment.start)),
        Record::Consult { at, .. } => Some(at),
        _ => None,
    };
    let dates: Vec<Option<When>> = chart.records.iter().filter_map(date).collect();
    let days: BTreeSet<Moment> = dates.iter().flatten().map(|when| day_of(when.earliest())).collect();
    let sets = chart.records.iter().filter(|record| matches!(record, Record::SinsParts { .. })).count();
    let totals = chart.records.iter().filter(|record| matches!(record, Record::SinsTotal { .. })).count();
    days.len() == dates.len() && (sets == 0 || sets == 1 && totals == 0)
}

#[test]
fn the_scores_are_those_of_the_second_model() {
    Run::of(600).check(&[Theme::Treatment], |program, chart, _| {
        // Who gets no stability card at all, and the conflict that replaces it, are left to the fixtures.
        let other = chart.records.iter().any(|record| {
            matches!(
                record,
                Record::Pregnant { .. }
                    | Record::ComfortCare { .. }
                    | Record::Deceased
                    | Record::Expectancy { .. }
            )
        });
        if other || chart.age < 18 || !has_clear_dates(chart) {
            return None;
        }
        let call = call(chart.hook, &resources(chart), &program.keys);
        let cards = program.cards(chart.hook, &call, chart.now);
        let codes = cards.iter().flat_map(|card| &card.codes).map(|(code, _)| code.as_str());
        let codes = sorted(codes.filter(|code| SCORES.contains(code)).collect());
        let expected = sorted(stability(chart));
        let kind = format!("scores {}, expected {}", codes.join("+"), expected.join("+"));
        (codes != expected).then(|| Fault { kind, what: String::new() })
    });
}
