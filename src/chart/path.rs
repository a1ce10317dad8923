//! The decision path: which row of which table fired, on which facts, and what was missing.
//!
//! Made from the rationale of the cards and the printed tables of [`crate::guideline::page`]: what any client of the
//! public services could show. Deliberately absent: a decision; a row is drawn as passed over only where the table says
//! that its first row decides.

use super::moment;
use super::tables::{name, said};
use crate::guideline::page::{Decision, Page, PrintedRow, anchor, page};
use chrono_tz::Tz;
use maud::{Markup, html};
use serde_json::Value;
use std::sync::LazyLock;

static PAGE: LazyLock<Page> = LazyLock::new(page);

/// Tables whose first row that holds decides.
const FIRST_DECIDES: [&str; 2] = ["mri-timing", "modality"];

/// A recommendation of a card.
struct Fired<'a> {
    row: &'a str,
    told: &'a Value,
}

/// The path through the tables that these cards stand for.
pub(super) fn draw(cards: &[Value], zone: Tz) -> Markup {
    let fired: Vec<Fired<'_>> = cards
        .iter()
        .filter_map(|card| {
            card.get("extension")?.get("org.spinal-mets-cds.rationale")?.get("recommendations")?.as_array()
        })
        .flatten()
        .filter_map(|told| Some(Fired { row: told.get("row")?.as_str()?, told }))
        .collect();
    let decisions = PAGE.decisions.iter().filter(|d| fired.iter().any(|f| table_of(f.row) == d.anchor));
    html! {
        @if fired.is_empty() {
            p {
                "No card, so no row is named. The services are silent when no table asks for anything on these facts, or when "
                "what it asks for is on record already, such as an MRI that is ordered in time."
            }
            p { a href="/guideline#scope" { "Whom the guideline addresses" } }
        }
        @for decision in decisions { (table(decision, &fired, zone)) }
    }
}

fn table_of(row: &str) -> &str {
    row.split('/').next().unwrap_or_default()
}

fn table(decision: &Decision, fired: &[Fired<'_>], zone: Tz) -> Markup {
    let here = |row: &PrintedRow| fired.iter().find(|f| f.row == row.id);
    let mut rows: Vec<&PrintedRow> = Vec::new();
    for row in &decision.rows {
        // A row with two ways to hold is told once.
        if !rows.iter().any(|known| known.id == row.id) {
            rows.push(row);
        }
    }
    let first_decides = FIRST_DECIDES.contains(&decision.anchor);
    let decided = rows.iter().position(|row| here(row).is_some()).unwrap_or_default();
    let shown = rows.iter().enumerate().filter(|(_, row)| first_decides || here(row).is_some());
    html! {
        section.table {
            h3 { a href={ "/guideline#" (decision.anchor) } { (decision.title) } }
            p.read { (decision.read) }
            ol.ladder role="list" {
                @for (number, row) in shown {
                    @match here(row) {
                        Some(found) => { (hit(row, found, zone)) }
                        None => { (passed(row, number < decided)) }
                    }
                }
            }
        }
    }
}

/// A row that did not fire, in the table where the first one decides.
fn passed(row: &PrintedRow, before: bool) -> Markup {
    html! {
        li class=(if before { "passed" } else { "later" }) {
            p { span.row { (last(row.id)) } " " (row.holds) " " span.state { (if before { "does not hold" } else { "not reached" }) } }
        }
    }
}

fn hit(row: &PrintedRow, found: &Fired<'_>, zone: Tz) -> Markup {
    let list = |member: &str| found.told.get(member).and_then(Value::as_array).into_iter().flatten();
    let missing: Vec<String> = list("missing").filter_map(Value::as_str).map(name).collect();
    html! {
        li.hit {
            p.holds { span.row { (last(row.id)) } " " (row.holds) " " span.state { "holds" } }
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
    use serde_json::json;

    fn card(row: &str) -> Value {
        json!({"extension": {"org.spinal-mets-cds.rationale": {"recommendations": [{
            "row": row, "facts": [{"fact": "deficit", "value": "<weak>", "date": "2026-05-03", "reference": "Condition/w"}],
            "missing": ["deficit_progression", "escc", "local_back_pain"]}]}}})
    }

    #[test]
    fn the_row_that_fired_is_named_with_its_facts_and_gaps() {
        let html = draw(&[card("mri-timing/2")], Tz::UTC).into_string();
        assert_eq!(html.matches("class=\"hit\"").count(), 1);
        assert_eq!(html.matches("does not hold").count(), 1, "row 1 comes before");
        assert!(html.contains("not reached") && html.contains("/guideline#mri-timing-2"));
        assert!(html.contains("&lt;weak&gt;") && html.contains("3 May 2026"));
        assert!(
            html.contains("Course of the deficit, epidural compression grade (ESCC), back pain"),
            "{html}"
        );
    }

    #[test]
    fn silence_is_explained_and_odd_cards_are_no_path() {
        for cards in [vec![], vec![json!({"extension": 3})], vec![json!(null)], vec![card("none/1")]] {
            let html = draw(&cards, Tz::UTC).into_string();
            assert!(!html.contains("class=\"hit\""));
        }
        assert!(draw(&[], Tz::UTC).into_string().contains("No card, so no row is named"));
    }
}
