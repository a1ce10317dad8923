//! The program and the second model over many charts.

use super::answer::{Card, Indicator, Program};
use super::chart::*;
use super::fhir::{call, resources};
use super::generate::Theme;
use super::rules::adjunct::adjunct;
use super::rules::emergency::{Expected, emergency, look};
use super::rules::facts::facts;
use super::rules::findings::{active, studies};
use super::rules::orders::draft;
use super::rules::stability::stability;
use super::rules::timing::Row;
use super::rules::treatment::treatment;
use super::run::{Fault, Run};

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
    emergency(chart, &facts, &look(chart, &facts, &findings, &studies(chart)))
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

fn is_emergency(card: &Card) -> bool {
    emergency_codes().any(|code| card.has(code))
}

/// Whether a row is one of sections 3.1 to 3.3.
fn is_of_emergency(row: Option<&str>) -> bool {
    row.is_some_and(|row| {
        ["mri-timing/", "mescc/", "mescc-treatment/"].iter().any(|own| row.starts_with(own))
    })
}

/// The emergency card without the recommendations of the cards that folded into it.
fn without_folded(hook: Hook, card: &Card) -> Card {
    let mut card = card.clone();
    if hook == Hook::PatientView {
        card.codes.retain(|(_, row)| is_of_emergency(row.as_deref()));
    }
    card
}

#[test]
fn the_emergency_card_is_that_of_the_second_model() {
    Run::of(1_000).check(&[Theme::Emergency, Theme::Emergency, Theme::Treated], |program, chart, _| {
        if is_open(chart) {
            return None;
        }
        let call = call(chart.hook, &resources(chart), &program.keys);
        let cards = program.cards(chart.hook, &call, chart.now);
        let card = cards.iter().find(|card| is_emergency(card)).map(|card| without_folded(chart.hook, card));
        let card = card.as_ref();
        let expected = expected(chart);
        let kind = difference(expected.as_ref(), card)?;
        let shown = card.map(|card| {
            format!("{:?} {:?} {:?} {}", card.indicator, card.codes, card.deadline, card.overdue)
        });
        Some(Fault { kind, what: format!("program: {shown:?}\nmodel:   {expected:?}") })
    });
}

/// Every code but those of the emergency card, with the indicator of its row where a card has no other.
#[derive(Debug, Default)]
struct Others {
    codes: Vec<&'static str>,
    /// The indicators of the cards that hold them, the worst first.
    worst: Option<Indicator>,
}

/// What the second model says about stability, treatment and adjuncts.
fn expected_others(chart: &Chart) -> Others {
    let findings = active(chart);
    let facts = facts(chart, &findings);
    let seen = look(chart, &facts, &findings, &studies(chart));
    let pregnant = chart.records.iter().any(|record| matches!(record, Record::Pregnant { .. }));
    let mut others = Others::default();
    if chart.records.contains(&Record::Deceased) || !facts.at_risk {
        return others;
    }
    let mut add = |code: &'static str, indicator: Indicator| {
        if !others.codes.contains(&code) {
            others.codes.push(code);
        }
        others.worst = others.worst.max(Some(indicator));
    };
    if chart.hook != Hook::PatientView {
        for record in &chart.records {
            draft(chart, &seen, record).into_iter().for_each(|(code, indicator)| add(code, indicator));
        }
        return others;
    }
    if chart.age < 18 || pregnant || facts.comfort_care {
        return others;
    }
    stability(chart, &facts, &seen).into_iter().for_each(|(code, indicator)| add(code, indicator));
    if let Some((codes, indicator)) = treatment(chart, &facts, &seen) {
        codes.into_iter().for_each(|code| add(code, indicator));
    }
    adjunct(chart, &seen, &findings).into_iter().for_each(|code| add(code, Indicator::Info));
    others
}

/// Stability, modality, regimen and adjuncts on patient-view, or the rows on drafts of treatments.
fn differs_beside_the_emergency(program: &Program, chart: &Chart) -> Option<Fault> {
    let call = call(chart.hook, &resources(chart), &program.keys);
    let cards = program.cards(chart.hook, &call, chart.now);
    let own = |card: &&Card| !is_emergency(card);
    // On patient-view a card may have folded into the emergency card: its codes stand there.
    let view = chart.hook == Hook::PatientView;
    let codes = cards.iter().filter(|card| view || own(card)).flat_map(|card| &card.codes);
    let beside = codes.filter(|(_, row)| !view || !is_of_emergency(row.as_deref()));
    let mut codes: Vec<&str> = beside.map(|(code, _)| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let worst = cards.iter().filter(own).map(|card| card.indicator).max();
    let expected = expected_others(chart);
    let codes_expected = sorted(expected.codes.clone());
    let only = |a: &[&str], b: &[&str]| {
        a.iter().filter(|code| !b.contains(code)).copied().collect::<Vec<_>>().join("+")
    };
    if codes != codes_expected {
        let (program, model) = (only(&codes, &codes_expected), only(&codes_expected, &codes));
        return Some(Fault {
            kind: format!("only the program: {program}, only the model: {model}"),
            what: format!("program: {codes:?}\nmodel:   {codes_expected:?}"),
        });
    }
    let kind = format!("worst {worst:?}, expected {:?}", expected.worst);
    let folded =
        view && cards.iter().any(|card| is_emergency(card) && without_folded(chart.hook, card) != *card);
    (worst != expected.worst && !folded).then(|| Fault { kind, what: format!("{codes:?}") })
}

#[test]
fn stability_treatment_and_adjuncts_are_those_of_the_second_model() {
    Run::of(1_000)
        .check(&[Theme::Treatment], |program, chart, _| differs_beside_the_emergency(program, chart));
}

#[test]
fn drafts_of_treatments_are_judged_as_by_the_second_model() {
    Run::of(500)
        .check(&[Theme::TreatmentOrders], |program, chart, _| differs_beside_the_emergency(program, chart));
}
