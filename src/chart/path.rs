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
            (nothing(traces, zone))
            p { a href="/guideline#scope" { "Whom the guideline addresses" } }
        }
        @for one in tables { (table(one, &fired, zone)) }
    }
}

/// Why nothing is shown: what tells most, and table by table for who wants to know.
fn nothing(traces: &[Trace], zone: Tz) -> Markup {
    let most = traces.first().map(|trace| trace.why_nothing(zone)).unwrap_or_default();
    let all: Vec<String> = traces.iter().flat_map(|trace| trace.why_silent(zone)).collect();
    html! {
        @if most.is_empty() { p.silent { "No row of the guideline holds." } }
        @for why in &most { p.silent { (why) } }
        @if all != most {
            details { summary { "Why, table by table" } ul.silent { @for why in &all { li { (in_words(why)) } } } }
        }
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
    let is_shown = |place: usize, row: &RowTrace| on_card(row).is_some() && is_hit(place, row);
    let places = || table.rows.iter().enumerate();
    // A row that holds says something of the patient, on a card or not; the others are there for who asks.
    let applies = |place: usize, row: &RowTrace| is_shown(place, row) || row.applies();
    let others: Vec<&RowTrace> =
        places().filter(|(place, row)| !applies(*place, row)).map(|(_, row)| row).collect();
    let ladder = html! {
        @if let Some(silent) = &table.silent { p.silent { (silent.sentence(zone)) } }
        p.read { (read.unwrap_or_default()) }
        @if others.len() < table.rows.len() {
            ol.ladder role="list" {
                @for (place, row) in places().filter(|(place, row)| applies(*place, row)) {
                    @match (on_card(row).filter(|_| is_hit(place, row)), printed(row.id)) {
                        (Some(found), Some(known)) => { (hit(known, &row.holds, found, zone)) }
                        _ => { (passed(row, table, zone)) }
                    }
                }
            }
        }
        @if !others.is_empty() {
            details.others {
                summary { (others.len()) @if others.len() == 1 { " row that does not apply" } @else { " rows that do not apply" } }
                ol.ladder role="list" { @for row in &others { (passed(row, table, zone)) } }
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

/// A row that is on no card; why its whole table is silent is not said again.
fn passed(row: &RowTrace, table: &TableTrace, zone: Tz) -> Markup {
    html! {
        li class=(if row.later { "later" } else { "passed" }) title={ "Row " (row.id) } {
            p {
                (in_words(&row.holds)) " "
                span.state {
                    @if row.later {
                        "not reached"
                    } @else {
                        (in_words(&row.became()))
                        @if let Some(silent) = row.silent.as_ref().filter(|_| row.silent != table.silent) { ", no card: " (silent.sentence(zone)) }
                    }
                }
            }
        }
    }
}

/// When a row holds, with what another row asks for in place of that row's id.
fn in_words(holds: &str) -> String {
    let word = |word: &str| {
        let id = word.trim_end_matches([';', ',', ':', '.']);
        match printed(id) {
            Some(row) => format!("“{}”{}", row.what, word.get(id.len()..).unwrap_or_default()),
            None => word.to_owned(),
        }
    };
    holds.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn hit(row: &PrintedRow, holds: &str, found: &Fired<'_>, zone: Tz) -> Markup {
    let list = |member: &str| found.told.get(member).and_then(Value::as_array).into_iter().flatten();
    let missing: Vec<String> = list("missing").filter_map(Value::as_str).map(name).collect();
    html! {
        li.hit {
            p.holds title={ "Row " (row.id) } { (in_words(holds)) " " span.state { "holds" } }
            p.what { a href={ "/guideline#" (anchor(row.id)) } title=(row.code) { (row.what) } }
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
        li title=[Some(text("reference")).filter(|it| !it.is_empty())] {
            (said(text("fact"), text("value")))
            @if !text("date").is_empty() { span.when { " · " (moment::for_people(text("date"), zone)) } }
        }
    }
}

fn says(statement: &str) -> Option<&'static str> {
    PAGE.statements.iter().find(|known| known.id == statement).map(|known| known.says)
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
        let (_, first) = html.split_once("radicular deficit; stable or improving").unwrap();
        assert!(first.contains("not met: radicular deficit"), "{html}");
        assert!(
            html.contains("MESCC suspected, or confirmed without MRI <span class=\"state\">no</span>"),
            "{html}"
        );
        assert!(
            html.contains("beside “Treat within 24 hours") && !html.contains("beside mescc-treatment/treat"),
            "{html}"
        );
        // What does not apply is folded, and names of programs are out of sight.
        let (_, fired) = html.split_once("class=\"hit\"").unwrap();
        let (hit, folded) = fired.split_once(" rows that do not apply").unwrap();
        assert!(!hit.contains("class=\"passed\"") && folded.contains("class=\"passed\""), "{html}");
        assert!(html.contains("title=\"Condition/w\"") && !html.contains(">Condition/w<"), "{html}");
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
