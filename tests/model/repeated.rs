//! A card that comes again after it was answered: nothing critical is hidden, and what is known again says the same.

use super::answer::{Card, Indicator, Program};
use super::chart::Chart;
use super::fhir::{call, resources};
use super::generate::{Theme, chart as another};
use super::run::{Fault, Run};

const ALL: [Theme; 5] =
    [Theme::Emergency, Theme::Treated, Theme::Treatment, Theme::ImagingOrders, Theme::TreatmentOrders];

fn ask(program: &Program, chart: &Chart, answered: Option<i64>) -> (Vec<Card>, Vec<Vec<u64>>) {
    program.answered(chart.hook, &call(chart.hook, &resources(chart), &program.keys), chart.now, answered)
}

fn fault(kind: &str, what: String) -> Option<Fault> {
    Some(Fault { kind: kind.to_owned(), what })
}

#[test]
fn no_answer_hides_a_critical_card() {
    Run::of(500).check(&ALL, |program, chart, random| {
        let answered = chart.now - 60 * random.number(0, 40 * 24 * 60);
        let (whole, _) = ask(program, chart, None);
        let (left, _) = ask(program, chart, Some(answered));
        let told = |cards: &[Card]| -> Vec<_> {
            let critical = cards.iter().filter(|card| card.indicator == Indicator::Critical);
            let first = |card: &Card| card.text.lines().next().unwrap_or_default().to_owned();
            critical.map(|card| (first(card), card.codes.clone(), card.deadline, card.overdue)).collect()
        };
        let (before, after) = (told(&whole), told(&left));
        if before != after {
            return fault("a critical card is another", format!("{before:?}\n{after:?}"));
        }
        let overdue = |cards: &[Card]| cards.iter().filter(|card| card.overdue).count();
        (overdue(&whole) != overdue(&left))
            .then(|| Fault { kind: "overdue is hidden".to_owned(), what: format!("{left:?}") })
    });
}

#[test]
fn what_is_known_again_beside_one_more_record_says_the_same() {
    Run::of(500).check(&ALL, |program, chart, random| {
        let theme = random.one_of(&ALL);
        let other = another(random, theme);
        if other.records.is_empty() {
            return None;
        }
        let record = random.one_of(&other.records);
        let mut more = chart.clone();
        more.records.push(record);
        let (before, known) = ask(program, chart, None);
        let (after, known_then) = ask(program, &more, None);
        for (card, id) in after.iter().zip(&known_then).filter(|(_, id)| !id.is_empty()) {
            let same = before.iter().zip(&known).find(|(_, it)| *it == id);
            if let Some((before, _)) = same.filter(|(before, _)| *before != card) {
                return fault("one id, two cards", format!("{before:?}\n{card:?}"));
            }
        }
        None
    });
}
