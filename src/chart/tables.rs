//! The record as tables: every resource, and what the service reads in it.
//!
//! A resource that no rule looks at is shown as such, so that a reader sees what was not understood. Deliberately absent:
//! the reading itself ([`crate::fhir`]).

use super::facts::FactLine;
use super::record::Line;
use crate::fhir::Note;
use crate::guideline::page::fact_name;
use maud::{Markup, html};

/// A table of the record.
struct Panel {
    title: &'static str,
    /// Facts that belong here.
    facts: &'static [&'static str],
    /// Resource types that belong here when no rule looks at them.
    kinds: &'static [&'static str],
}

const PANELS: [Panel; 7] = [
    Panel {
        title: "Problems",
        facts: &[
            "cancer",
            "spinal_metastases",
            "bone_metastases",
            "baseline_vcf",
            "pregnancy",
            "goals_of_care",
            "mri_safety",
            "bisphosphonate_allergy",
        ],
        kinds: &["Condition", "AllergyIntolerance", "Device", "FamilyMemberHistory"],
    },
    Panel {
        title: "Symptoms and signs",
        facts: &["local_back_pain", "radicular_pain", "deficit", "mescc_signs", "deficit_progression"],
        kinds: &[],
    },
    Panel {
        title: "Scores and measurements",
        facts: &[
            "sins",
            "mirels",
            "escc",
            "performance",
            "life_expectancy",
            "creatinine",
            "creatinine_clearance",
            "weight",
            "calcium",
            "radiotherapy_tolerable",
            "reirradiation_feasible",
            "deterioration_despite_radiotherapy",
            "progression_after_radiotherapy",
            "area_amenable_to_surgery",
            "significant_lytic_disease",
            "mechanical_pain",
            "prostate_progression_on_hormones",
        ],
        kinds: &["Observation"],
    },
    Panel { title: "Imaging", facts: &["spine_mri"], kinds: &["ImagingStudy", "DiagnosticReport"] },
    Panel {
        title: "Treatment, medication, consults",
        facts: &[
            "spine_surgery",
            "prior_radiotherapy",
            "bone_agent",
            "corticosteroids_given",
            "antineoplastic_therapy",
            "spine_surgery_consult",
            "mdt_consult",
            "radiation_oncology_consult",
            "orthopaedic_consult",
        ],
        kinds: &[
            "Procedure",
            "MedicationRequest",
            "MedicationStatement",
            "MedicationAdministration",
            "Medication",
            "Encounter",
        ],
    },
    Panel {
        title: "Orders",
        facts: &["spine_mri_orders", "radiotherapy_orders", "surgery_orders", "zoledronic_orders"],
        kinds: &["ServiceRequest", "NutritionOrder", "DeviceRequest"],
    },
    Panel { title: "Other entries", facts: &[], kinds: &[] },
];

/// The tables of the record; the last one takes what belongs nowhere else.
pub fn tables(lines: &[Line], facts: &[FactLine], notes: &[Note]) -> Markup {
    let place = |line: &Line| {
        let read = facts.iter().find(|fact| fact.reference.as_deref() == Some(&*line.reference));
        read.and_then(|fact| PANELS.iter().position(|panel| panel.facts.contains(&fact.fact)))
            .or_else(|| PANELS.iter().position(|panel| panel.kinds.contains(&&*line.kind)))
            .unwrap_or(PANELS.len() - 1)
    };
    let own =
        |number| sorted(lines.iter().filter(|line| line.kind != "Patient" && place(line) == number), facts);
    let panels: Vec<(&Panel, Vec<&Line>)> =
        PANELS.iter().enumerate().map(|(n, panel)| (panel, own(n))).collect();
    let empty: Vec<String> = panels
        .iter()
        .filter(|(_, own)| own.is_empty())
        .map(|(panel, _)| panel.title.to_lowercase())
        .collect();
    html! {
        @for (panel, own) in panels.iter().filter(|(_, own)| !own.is_empty()) { (table(panel.title, own, facts, notes)) }
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

fn table(title: &str, lines: &[&Line], facts: &[FactLine], notes: &[Note]) -> Markup {
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
                            td { (reading(line, facts, notes)) }
                        }
                    }
                }
            }
        }
    }
}

fn reading(line: &Line, facts: &[FactLine], notes: &[Note]) -> Markup {
    let mut read: Vec<&FactLine> = read_in(line, facts).collect();
    read.dedup_by_key(|fact| (fact.fact, &fact.value));
    let note = notes.iter().find(|note| note.place == line.reference);
    html! {
        @for fact in &read { div { (said(fact.fact, &fact.value)) } }
        @if read.is_empty() { span.nothing {
            "nothing" @if let Some(note) = note { ": " (note.kind.name().replace('-', " ")) }
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
    let gap = if rest.is_empty() || rest.starts_with(',') { "" } else { " " };
    html! { span.fact { (name) } (gap) (rest) }
}

/// What a reader calls a fact of the record.
pub fn name(fact: &str) -> String {
    match fact {
        "radiotherapy_orders" | "surgery_orders" | "zoledronic_orders" => "Order".to_owned(),
        "deficit_progression" => "Course of the deficit".to_owned(),
        "deficit_onset" => "Onset of the deficit".to_owned(),
        "deficit_side" => "Side of the deficit".to_owned(),
        "radicular_pain_side" => "Side of the radicular pain".to_owned(),
        "spine_mri_orders" => "Order for imaging of the spine".to_owned(),
        "mescc_signs" => "Signs of cord compression".to_owned(),
        _ => match fact_name(fact) {
            // Not a name of the rationale: the words of the name itself.
            "Fact" => {
                let words = fact.replace('_', " ");
                let mut letters = words.chars();
                letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
            }
            known => known.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::record;
    use chrono_tz::Tz;
    use serde_json::json;

    #[test]
    fn a_resource_stands_in_one_table_and_its_words_are_no_markup() {
        let odd = json!({"resourceType": "Condition", "id": "c", "code": {"text": "<b>pain</b>"}});
        let fact = FactLine {
            fact: "local_back_pain",
            value: "back pain".to_owned(),
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
    fn names_are_words() {
        assert_eq!(name("escc"), "Epidural compression grade (ESCC)");
        assert_eq!(name("prior_steroid_use"), "Prior steroid use");
    }
}
