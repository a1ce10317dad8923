//! The record as tables: every resource, and what the service reads in it.
//!
//! A resource that no rule looks at is shown as such, so that a reader sees what was not understood.

use super::facts::FactLine;
use super::moment;
use super::notes;
use super::record::Line;
use crate::fhir::{Note, NoteKind};
use crate::guideline::Fact;
use crate::guideline::Panel;
use chrono_tz::Tz;
use maud::{Markup, html};

/// A table of the record.
struct Table {
    title: &'static str,
    /// Facts of this part of the chart belong here; `None`: what belongs to no other.
    panel: Option<Panel>,
    /// Resource types that belong here when no rule looks at them.
    kinds: &'static [&'static str],
}

const TABLES: [Table; 7] = [
    Table {
        title: "Problems",
        panel: Some(Panel::Problems),
        kinds: &["Condition", "AllergyIntolerance", "Device", "FamilyMemberHistory"],
    },
    Table { title: "Symptoms and signs", panel: Some(Panel::Symptoms), kinds: &[] },
    Table { title: "Scores and measurements", panel: Some(Panel::Scores), kinds: &["Observation"] },
    Table { title: "Imaging", panel: Some(Panel::Imaging), kinds: &["ImagingStudy", "DiagnosticReport"] },
    Table {
        title: "Treatment, medication, consults",
        panel: Some(Panel::Care),
        kinds: &[
            "Procedure",
            "MedicationRequest",
            "MedicationStatement",
            "MedicationAdministration",
            "Medication",
            "Encounter",
        ],
    },
    Table {
        title: "Orders",
        panel: Some(Panel::Orders),
        kinds: &["ServiceRequest", "NutritionOrder", "DeviceRequest"],
    },
    Table { title: "Other entries", panel: None, kinds: &[] },
];

/// The tables of the record; the last one takes what belongs nowhere else.
pub fn tables(lines: &[Line], facts: &[FactLine], doubts: &[Note]) -> Markup {
    let place = |line: &Line| {
        let read = facts.iter().find(|fact| fact.reference.as_deref() == Some(&*line.reference));
        read.and_then(|fact| TABLES.iter().position(|table| table.panel == Some(fact.fact.panel())))
            .or_else(|| TABLES.iter().position(|table| table.kinds.contains(&&*line.kind)))
            .unwrap_or(TABLES.len() - 1)
    };
    let own =
        |number| sorted(lines.iter().filter(|line| line.kind != "Patient" && place(line) == number), facts);
    let panels: Vec<(&Table, Vec<&Line>)> =
        TABLES.iter().enumerate().map(|(n, panel)| (panel, own(n))).collect();
    let named = panels.iter().filter(|(panel, own)| own.is_empty() && panel.panel.is_some());
    let empty: Vec<String> = named.map(|(panel, _)| panel.title.to_lowercase()).collect();
    html! {
        @for (panel, own) in panels.iter().filter(|(_, own)| !own.is_empty()) { (table(panel.title, own, facts, doubts)) }
        @if !empty.is_empty() { p.nothing { "None on record: " (empty.join("; ")) "." } }
    }
}

/// Lines that are read first, then the newest.
fn sorted<'a>(lines: impl Iterator<Item = &'a Line>, facts: &[FactLine]) -> Vec<&'a Line> {
    let mut own: Vec<&Line> = lines.collect();
    own.sort_by_key(|line| (read_in(line, facts).next().is_none(), std::cmp::Reverse(line.latest.clone())));
    own
}

fn read_in<'a>(line: &'a Line, facts: &'a [FactLine]) -> impl Iterator<Item = &'a FactLine> {
    facts.iter().filter(|fact| fact.reference.as_deref() == Some(&*line.reference))
}

fn table(title: &str, lines: &[&Line], facts: &[FactLine], doubts: &[Note]) -> Markup {
    let anchor = format!("table-{}", title.split([' ', ',']).next().unwrap_or_default().to_lowercase());
    html! {
        h3 id=(anchor) { (title) }
        div.wide role="region" aria-labelledby=(anchor) tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "On record" } th scope="col" { "When" } th scope="col" { "Status" }
                    th scope="col" { "What the service reads in it" }
                } }
                tbody {
                    @for line in lines {
                        tr.not-read[read_in(line, facts).next().is_none()] {
                            th scope="row" {
                                (line.words) @if !line.value.is_empty() { ": " span.value { (line.value) } }
                                " " span.reference { (line.reference) }
                            }
                            td { (line.dates) }
                            td { (line.status) }
                            td { (reading(line, facts, doubts)) }
                        }
                    }
                }
            }
        }
    }
}

fn reading(line: &Line, facts: &[FactLine], doubts: &[Note]) -> Markup {
    let mut read: Vec<&FactLine> = read_in(line, facts).collect();
    read.dedup_by_key(|fact| (fact.fact, &fact.value));
    let note = doubts.iter().find(|note| note.place == line.reference);
    html! {
        @for fact in &read { div { (said(fact.fact.name(), &fact.value)) } }
        @if read.is_empty() { span.nothing {
            @match note.map(|note| note.kind) {
                Some(NoteKind::MakesNoFact) => (notes::words(NoteKind::MakesNoFact)),
                Some(kind) => { "nothing: " (notes::words(kind)) }
                None => "nothing",
            }
        } }
    }
}

/// A fact with its value; a value that begins with the name does not say it again.
pub(super) fn said(fact: &str, value: &str) -> Markup {
    let name = name(fact);
    let rest = match value.get(..name.len()) {
        Some(start) if start.eq_ignore_ascii_case(&name) => value.get(name.len()..).unwrap_or_default(),
        _ => value,
    };
    let rest = rest.split(' ').map(dated).collect::<Vec<_>>().join(" ");
    let gap = if rest.is_empty() || rest.starts_with(',') { "" } else { " " };
    html! { span.fact { (name) } (gap) (rest) }
}

/// A word; where it is a date for programs, as people write it.
fn dated(word: &str) -> String {
    let (date, comma) = word.strip_suffix(',').map_or((word, ""), |date| (date, ","));
    format!("{}{comma}", moment::for_people(date, Tz::UTC))
}

/// What a reader calls a fact of the record.
pub fn name(fact: &str) -> String {
    match Fact::named(fact) {
        Some(Fact::SpineMriOrders) => "Order for imaging of the spine".to_owned(),
        Some(Fact::MesccSigns) => "Signs of cord compression".to_owned(),
        Some(known) => known.plain_name().to_owned(),
        // Not a name that we give: its own words.
        None => {
            let words = fact.replace('_', " ");
            let mut letters = words.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::record;
    use serde_json::json;

    #[test]
    fn a_resource_stands_in_one_table_and_its_words_are_no_markup() {
        let odd = json!({"resourceType": "Condition", "id": "c", "code": {"text": "<b>pain</b>"}});
        let fact = FactLine {
            fact: Fact::LocalBackPain,
            value: "back or neck pain".to_owned(),
            label: String::new(),
            date: None,
            reference: Some("Condition/c".to_owned()),
        };
        let html = tables(&[record::line(&odd, Tz::UTC)], &[fact], &[]).into_string();
        assert_eq!(html.matches("&lt;b&gt;pain").count(), 1);
        let (before, after) = html.split_once("Symptoms and signs").unwrap();
        assert!(!before.contains("&lt;b&gt;") && after.contains("&lt;b&gt;"));
    }

    #[test]
    fn a_fact_says_its_name_once_and_its_dates_for_people() {
        let words = |fact, value| said(fact, value).into_string();
        assert_eq!(
            words("local_back_pain", "back or neck pain, since 2026-04-28"),
            "<span class=\"fact\">Back or neck pain</span>, since 28 Apr 2026"
        );
        assert_eq!(words("sins", "total 6 at T8"), "<span class=\"fact\">SINS</span> total 6 at T8");
    }

    #[test]
    fn names_are_words() {
        assert_eq!(name("escc"), "Epidural compression grade (ESCC)");
        assert_eq!(name("prior_steroid_use"), "Prior steroid use");
    }
}
