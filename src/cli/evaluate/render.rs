//! Findings for people and for programs.
//!
//! Words of the record are stripped of control characters before they reach a terminal.

use super::Evaluation;
use crate::cases::compare::{codes, rationale, recommendations, text as text_at, texts};
use crate::chart::facts::{self, FactLine};
use crate::chart::notes;
use chrono_tz::Tz;
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A patient, for people.
pub(super) fn text(found: &Evaluation, zone: Tz) -> String {
    let mut out = Text::default();
    out.evaluation(found, zone);
    out.0
}

/// How many resources of a file or folder belong to no patient, for people.
pub(super) fn nobody(source: &str, kinds: &IndexMap<String, usize>) -> String {
    let mut out = Text::default();
    out.line(0, &format!("{source}: {}", without_patient(kinds)));
    out.0
}

/// The last line, for people.
pub(super) fn summary(patients: usize, cards: usize, unread: usize) -> String {
    let mut summary = format!("{}, {}", count(patients, "patient"), count(cards, "card"));
    if unread > 0 {
        summary.push_str(&format!(", {unread} unread"));
    }
    summary + "\n"
}

/// What belongs to no patient, in words.
fn without_patient(kinds: &IndexMap<String, usize>) -> String {
    if kinds.is_empty() {
        return "nothing in it".to_owned();
    }
    let all: usize = kinds.values().sum();
    format!("{} of no patient, left out: {}", count(all, "resource"), by_type(kinds))
}

fn by_type(kinds: &IndexMap<String, usize>) -> String {
    kinds.iter().map(|(kind, number)| format!("{kind} {number}")).collect::<Vec<_>>().join(", ")
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, indent: usize, line: &str) {
        let clean: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{:indent$}{clean}", "");
    }

    fn evaluation(&mut self, found: &Evaluation, zone: Tz) {
        self.line(0, &format!("{} · patient {}", found.source, found.patient));
        if let Some(why) = &found.refused {
            self.line(2, &format!("refused: {why}"));
        }
        for card in &found.cards {
            self.card(&serde_json::to_value(card).unwrap_or_default());
        }
        if found.cards.is_empty() && found.refused.is_none() {
            self.line(2, "no card");
            found.why_no_card.iter().for_each(|why| self.line(4, why));
        }
        let facts: Vec<FactLine> = said(found, zone);
        if !facts.is_empty() {
            self.line(2, "facts");
            facts.iter().for_each(|fact| self.fact(fact));
        }
        for (what, sources) in
            [("could not be read", &found.facts.unavailable), ("first page only", &found.facts.incomplete)]
        {
            let names: Vec<&str> = sources.iter().map(|s| s.resource_type()).collect();
            if !names.is_empty() {
                self.line(2, &format!("{what}: {}", names.join(", ")));
            }
        }
        if !found.notes.is_empty() {
            self.line(2, "ignored or doubtful");
            notes::lines(&found.notes).iter().for_each(|line| self.line(4, line));
        }
        if !found.not_asked_for.is_empty() {
            self.line(2, &format!("never asked for: {}", by_type(&found.not_asked_for)));
        }
        self.0.push('\n');
    }

    fn card(&mut self, card: &Value) {
        let indicator = text_at(card, "indicator").unwrap_or_default();
        self.line(2, &format!("[{indicator}] {}", text_at(card, "summary").unwrap_or_default()));
        self.line(4, &codes(card).join(", "));
        if let Some(deadline) = text_at(rationale(card), "deadline") {
            let overdue = rationale(card).get("overdue").and_then(Value::as_bool) == Some(true);
            self.line(4, &format!("deadline {deadline}{}", if overdue { ", overdue" } else { "" }));
        }
        let missing = missing(card);
        if !missing.is_empty() {
            self.line(4, &format!("missing: {}", missing.join(", ")));
        }
    }

    fn fact(&mut self, fact: &FactLine) {
        let mut line = format!("{}: {}", fact.fact.name(), fact.value);
        for part in [&fact.date, &fact.reference].into_iter().flatten() {
            line.push_str(&format!(" · {part}"));
        }
        self.line(4, &line);
    }
}

/// The facts, with the chart's own words.
fn said(found: &Evaluation, zone: Tz) -> Vec<FactLine> {
    facts::list(&found.facts, zone).into_iter().map(FactLine::with_words).collect()
}

/// What the recommendations of a card lack, each once.
fn missing(card: &Value) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    for name in recommendations(card).iter().flat_map(|r| texts(r, "missing")) {
        if !missing.iter().any(|m| m == name) {
            missing.push(name.to_owned());
        }
    }
    missing
}

/// A patient, for programs.
pub(super) fn json(found: &Evaluation, zone: Tz) -> Value {
    let cards: Vec<Value> = found.cards.iter().filter_map(|c| serde_json::to_value(c).ok()).collect();
    let missing: Vec<String> = cards.iter().flat_map(missing).collect();
    let notes: Vec<Value> = found
        .notes
        .iter()
        .map(|n| json!({"kind": n.kind.name(), "place": n.place, "element": n.element}))
        .collect();
    let types = |sources: &[crate::domain::Source]| -> Vec<&str> {
        sources.iter().map(|s| s.resource_type()).collect()
    };
    json!({
        "source": found.source,
        "patient": found.patient,
        "refused": found.refused,
        "cards": cards,
        "whyNoCard": found.why_no_card,
        "facts": said(found, zone),
        "missing": missing,
        "unavailable": types(&found.facts.unavailable),
        "incomplete": types(&found.facts.incomplete),
        "notes": notes,
        "neverAskedFor": found.not_asked_for,
    })
}

/// How many resources of a file or folder belong to no patient, for programs.
pub(super) fn nobody_json(source: &str, kinds: &IndexMap<String, usize>) -> Value {
    json!({"source": source, "resources": kinds})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Evidence, Facts};
    use crate::fhir::{Note, NoteKind};

    #[test]
    fn notes_of_one_kind_share_a_line_and_words_cannot_steer_the_terminal() {
        let places = ["Claim/1", "Claim/2", "Claim/3", "Claim/4"];
        let label = "pain\u{1b}[2J".to_owned();
        let comfort_care = Some(Evidence { reference: "Observation/o".to_owned(), label, date: None });
        let found = Evaluation {
            source: "a.json".to_owned(),
            patient: "p".to_owned(),
            refused: None,
            cards: Vec::new(),
            why_no_card: vec!["No cancer is on record.".to_owned()],
            facts: Facts { comfort_care, ..Facts::default() },
            notes: places.map(|p| Note::on(NoteKind::UnknownResourceType, p)).to_vec(),
            not_asked_for: IndexMap::from([("Coverage".to_owned(), 1)]),
        };
        let nobodys = IndexMap::from([("Location".to_owned(), 2)]);
        let text = text(&found, Tz::UTC) + &nobody("a.json", &nobodys) + &summary(1, 0, 0);
        assert_eq!(
            text,
            "a.json · patient p\n  no card\n    No cancer is on record.\n  facts\n    goals_of_care: comfort (pain [2J) · Observation/o\n  \
             ignored or doubtful\n    unknown-resource-type: Claim ×4 (Claim/1, Claim/2, Claim/3, …)\n  never asked for: Coverage 1\n\n\
             a.json: 2 resources of no patient, left out: Location 2\n1 patient, 0 cards\n"
        );
        assert_eq!(json(&found, Tz::UTC)["notes"].as_array().map(Vec::len), Some(4));
    }
}
