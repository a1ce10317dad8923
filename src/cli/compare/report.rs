//! The differences, on their way out and counted.

use super::Format;
use crate::cases::difference::Difference;
use crate::cli::output;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Counts of one code: gained, lost, moved.
type Counts = BTreeMap<&'static str, usize>;

/// What was found so far.
pub(super) struct Report {
    format: Format,
    /// Codes whose changes are announced.
    starred: BTreeSet<String>,
    compared: usize,
    advice: usize,
    words: usize,
    by_code: BTreeMap<String, Counts>,
}

impl Report {
    pub(super) fn new(format: Format, starred: BTreeSet<String>) -> Self {
        Self { format, starred, compared: 0, advice: 0, words: 0, by_code: BTreeMap::new() }
    }

    /// How many were compared so far.
    pub(super) const fn compared(&self) -> usize {
        self.compared
    }

    /// Compares two answers about a patient or a case, and says what differs.
    pub(super) fn compare(&mut self, name: &str, old: &[Value], new: &[Value]) -> io::Result<()> {
        self.compared += 1;
        let found = Difference::between(old, new);
        if found.is_empty() {
            return Ok(());
        }
        if found.advice.is_empty() {
            self.words += 1;
        } else {
            self.advice += 1;
        }
        for (code, change) in &found.advice {
            *self.by_code.entry(code.clone()).or_default().entry(change.name()).or_default() += 1;
        }
        output::print(&match self.format {
            Format::Text => text(name, &found),
            Format::Ndjson => line(name, &found),
        })
    }

    /// One side refused, and the other did not, or for another reason.
    pub(super) fn refused(&mut self, name: &str, old: &str, new: &str) -> io::Result<()> {
        self.compared += 1;
        self.advice += 1;
        *self.by_code.entry("(refused)".to_owned()).or_default().entry("moved").or_default() += 1;
        output::print(&match self.format {
            Format::Text => format!("{name}\n  - {old}\n  + {new}\n\n"),
            Format::Ndjson => {
                json!({ "name": name, "refused": { "old": old, "new": new } }).to_string() + "\n"
            }
        })
    }

    /// Says how much changed; gives whether all of it was announced.
    pub(super) fn finish(self) -> io::Result<bool> {
        let is_settled = self.by_code.keys().all(|code| self.starred.contains(code));
        let summary = format!(
            "{} compared: other advice for {}, other words alone for {}",
            self.compared, self.advice, self.words
        );
        if self.format == Format::Ndjson {
            output::complain(&summary);
            return Ok(is_settled);
        }
        let mut text = String::new();
        for (code, counts) in &self.by_code {
            let counts: Vec<String> =
                counts.iter().map(|(name, number)| format!("{number} {name}")).collect();
            let star = if self.starred.contains(code) { " ★" } else { "" };
            text.push_str(&format!("{code}{star}: {}\n", counts.join(", ")));
        }
        output::say(&(text + &summary + "\n"))?;
        Ok(is_settled)
    }
}

fn text(name: &str, found: &Difference) -> String {
    let mut text = format!("{name}\n");
    for (code, change) in &found.advice {
        text.push_str(&format!("  {code}: {}\n", change.words()));
    }
    for line in &found.lines {
        let plain: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        text.push_str(&format!("    {plain}\n"));
    }
    text + "\n"
}

fn line(name: &str, found: &Difference) -> String {
    let advice: Vec<Value> = found
        .advice
        .iter()
        .map(|(code, change)| json!({ "code": code, "change": change.name(), "words": change.words() }))
        .collect();
    json!({ "name": name, "advice": advice, "lines": found.lines }).to_string() + "\n"
}
