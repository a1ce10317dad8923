//! The decision path: what became of every row of every table, on which facts, and why nothing is shown where nothing is.
//!
//! The verdicts are the engine's own over the record that the page shows ([`crate::guideline::Trace`]); the facts of a row
//! that holds are those of its card. Deliberately absent: a decision.

use super::moment;
use super::tables::{name, said};
use crate::guideline::RowTrace;
use crate::guideline::TableTrace;
use crate::guideline::Trace;
use crate::guideline::page::{Page, PrintedRow, anchor, page};
use chrono_tz::Tz;
use maud::{Markup, html};
use serde_json::Value;
use std::sync::LazyLock;

static PAGE: LazyLock<Page> = LazyLock::new(page);

/// A recommendation of a card.
struct Fired<'a> {
    row: &'a str,
    told: &'a Value,
}

/// The path through the tables of these traces, with the cards that were given.
pub(super) fn draw(cards: &[Value], traces: &[Trace], zone: Tz) -> Markup {
    let fired: Vec<Fired<'_>> = cards
        .iter()
        .filter_map(|card| {
            card.get("extension")?.get("org.spinal-mets-cds.rationale")?.get("recommendations")?.as_array()
        })
        .flatten()
        .filter_map(|told| Some(Fired { row: told.get("row")?.as_str()?, told }))
        .collect();
    let tables = traces.iter().flat_map(|trace| &trace.tables);
    html! {
        @if fired.is_empty() {
            h3 { "Why there is no card" }
            ul.silent {
                @for why in traces.iter().flat_map(|trace| trace.why_silent(zone)) { li { (why) } }
            }
            p { a href="/guideline#scope" { "Whom the guideline addresses" } }
        }
        @for one in tables { (table(one, &fired, zone)) }
    }
}

fn table(table: &TableTrace, fired: &[Fired<'_>], zone: Tz) -> Markup {
    let read = PAGE.decisions.iter().find(|d| d.anchor == table.anchor).map(|d| d.read);
    let on_card = |row: &RowTrace| fired.iter().find(|f| f.row == row.id);
    // A row with two ways to hold is on the card by the one that holds.
    let is_hit = |place: usize, row: &RowTrace| {
        let same = || table.rows.iter().enumerate().filter(|(_, other)| other.id == row.id);
        let shown = same().find(|(_, other)| other.shown).or_else(|| same().next());
        shown.is_some_and(|(shown, _)| shown == place)
    };
    let any = table.rows.iter().any(|row| on_card(row).is_some());
    let address = format!("/guideline#{}", table.anchor);
    let about = table.about.as_ref().map(|about| format!(": {about}"));
    let ladder = html! {
        @if let Some(silent) = &table.silent { p.silent { (silent.sentence(zone)) } }
        p.read { (read.unwrap_or_default()) }
        ol.ladder role="list" {
            @for (place, row) in table.rows.iter().enumerate() {
                @match (on_card(row).filter(|_| is_hit(place, row)), printed(row.id)) {
                    (Some(found), Some(known)) => { (hit(known, &row.holds, found, zone)) }
                    _ => { (passed(row, zone)) }
                }
            }
        }
    };
    html! {
        section.table {
            @if any {
                h3 { a href=(address) { (table.title) } (about.unwrap_or_default()) }
                (ladder)
            } @else {
                // A link inside of a summary could not be reached by the keyboard: it stands below.
                details {
                    summary { (table.title) (about.unwrap_or_default()) }
                    (ladder)
                    p { a href=(address) { "The whole table" } }
                }
            }
        }
    }
}

fn printed(row: &str) -> Option<&'static PrintedRow> {
    PAGE.rows().map(|(_, printed)| printed).find(|printed| printed.id == row)
}

/// A row that is on no card.
fn passed(row: &RowTrace, zone: Tz) -> Markup {
    html! {
        li class=(if row.later { "later" } else { "passed" }) {
            p {
                span.row { (last(row.id)) } " " (row.holds) " "
                span.state {
                    @if row.later {
                        "not reached"
                    } @else {
                        (row.verdict.words())
                        @if let Some(silent) = &row.silent { ", no card: " (silent.sentence(zone)) }
                    }
                }
            }
        }
    }
}

fn hit(row: &PrintedRow, holds: &str, found: &Fired<'_>, zone: Tz) -> Markup {
    let list = |member: &str| found.told.get(member).and_then(Value::as_array).into_iter().flatten();
    let missing: Vec<String> = list("missing").filter_map(Value::as_str).map(name).collect();
    html! {
        li.hit {
            p.holds { span.row { (last(row.id)) } " " (holds) " " span.state { "holds" } }
            p.what { a href={ "/guideline#" (anchor(row.id)) } { (row.what) } " " code { (row.code) } }
            ul.facts { @for fact in list("facts") { (one_fact(fact, zone)) } }
            @if !missing.is_empty() { p.missing { strong { "Not known: " } (sentence(&missing)) } }
            p.statements {
                "Rests on "
                @for (number, id) in row.statements.iter().enumerate() {
                    @if number > 0 { ", " }
                    a href={ "/guideline#" (id) } title=[says(id)] { (id) }
                }
            }
        }
    }
}

fn one_fact(fact: &Value, zone: Tz) -> Markup {
    let text = |member: &str| fact.get(member).and_then(Value::as_str).unwrap_or_default();
    html! {
        li {
            (said(text("fact"), text("value")))
            @if !text("date").is_empty() { span.when { " · " (moment::for_people(text("date"), zone)) } }
            @if !text("reference").is_empty() { span.reference { " · " (text("reference")) } }
        }
    }
}

fn says(statement: &str) -> Option<&'static str> {
    PAGE.statements.iter().find(|known| known.id == statement).map(|known| known.says)
}

/// The row without its table.
fn last(row: &str) -> &str {
    row.rsplit('/').next().unwrap_or(row)
}

/// Names in one sentence, only the first with a capital unless it is an abbreviation.
fn sentence(names: &[String]) -> String {
    let lower = |name: &String| {
        let second_is_capital = name.chars().nth(1).is_some_and(char::is_uppercase);
        let mut letters = name.chars();
        match letters.next() {
            Some(first) if !second_is_capital => first.to_lowercase().chain(letters).collect(),
            _ => name.clone(),
        }
    };
    let rest = names.iter().skip(1).map(lower);
    names.first().cloned().into_iter().chain(rest).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CancerRecord, CancerStatus, Evidence, Facts, Histology, Site};
    use crate::guideline::{Occasion, assess_with_trace};
    use serde_json::json;

    fn card(row: &str) -> Value {
        json!({"extension": {"org.spinal-mets-cds.rationale": {"recommendations": [{
            "row": row, "facts": [{"fact": "deficit", "value": "<weak>", "date": "2026-05-03", "reference": "Condition/w"}],
            "missing": ["deficit_progression", "escc", "local_back_pain"]}]}}})
    }

    fn trace(facts: &Facts) -> Trace {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        assess_with_trace(facts, &Site::default(), now, Occasion::PatientView).1
    }

    /// Active cancer, and nothing else.
    fn cancer() -> Facts {
        let evidence = |reference: &str| Evidence {
            reference: reference.to_owned(),
            label: "as the chart words it".to_owned(),
            date: None,
        };
        Facts {
            cancer: vec![CancerRecord {
                status: CancerStatus::Active,
                histology: Histology::OtherSolid,
                secondary: false,
                evidence: evidence("Condition/c"),
            }],
            ..Facts::default()
        }
    }

    #[test]
    fn the_row_that_fired_is_named_with_its_facts_and_gaps() {
        let html = draw(&[card("mri-timing/2")], &[trace(&cancer())], Tz::UTC).into_string();
        assert_eq!(html.matches("class=\"hit\"").count(), 1);
        assert!(html.contains("/guideline#mri-timing-2"));
        assert!(html.contains("&lt;weak&gt;") && html.contains("3 May 2026"));
        assert!(
            html.contains("Course of the deficit, epidural compression grade (ESCC), back or neck pain"),
            "{html}"
        );
        let (_, first) = html.split_once("MESCC suspected, or confirmed without MRI").unwrap();
        assert!(first.contains("does not hold, not met: MESCC suspected"), "{html}");
    }

    #[test]
    fn silence_is_explained_and_odd_cards_are_no_path() {
        let traces = [trace(&cancer())];
        for cards in [vec![], vec![json!({"extension": 3})], vec![json!(null)]] {
            let html = draw(&cards, &traces, Tz::UTC).into_string();
            assert!(!html.contains("class=\"hit\""));
            assert!(html.contains("No symptom, deficit or sign was recorded in the last 90 days."), "{html}");
            assert!(html.contains("No spinal metastases are documented."), "{html}");
        }
        assert!(!draw(&[card("none/1")], &traces, Tz::UTC).into_string().contains("class=\"hit\""));
        let nobody = draw(&[], &[trace(&Facts::default())], Tz::UTC).into_string();
        assert!(nobody.contains("No cancer is on record"), "{nobody}");
    }
}
