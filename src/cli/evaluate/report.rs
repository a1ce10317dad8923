//! The findings on their way out, in the order of the documents.
//!
//! What has been shown is not held, apart from its number and what stands at the end. `render` writes the words.

use super::{Evaluation, Format, render};
use crate::cli::output;
use chrono_tz::Tz;
use indexmap::IndexMap;
use std::collections::HashSet;
use std::io;

/// What is to be shown of a document or a chart, written out already.
#[derive(Debug, Default)]
pub(super) struct Shown {
    text: String,
    /// How many patients.
    patients: usize,
    /// How many cards.
    cards: usize,
    /// For the end of the JSON: what belongs to nobody.
    nobody: Vec<String>,
    /// Those of the draft orders asked about (`Type/id`) that were met.
    pub(super) drafts: Vec<String>,
    /// What could not be read.
    errors: Vec<String>,
}

impl Shown {
    /// Begins with what could not be read.
    pub(super) fn unread(errors: Vec<String>) -> Self {
        Self { errors, ..Self::default() }
    }

    /// Adds a patient.
    pub(super) fn evaluation(&mut self, found: &Evaluation, format: Format, zone: Tz) {
        self.cards += found.cards.len();
        self.patients += 1;
        self.text.push_str(&match format {
            Format::Text => render::text(found, zone),
            Format::Json | Format::Ndjson | Format::Csv => {
                format!(",\n{}", indented(&render::json(found, zone)))
            }
        });
    }

    /// Adds how many resources of a file or folder belong to no patient.
    pub(super) fn nobody(&mut self, source: &str, kinds: &IndexMap<String, usize>, format: Format) {
        match format {
            Format::Text => self.text.push_str(&render::nobody(source, kinds)),
            Format::Json | Format::Ndjson | Format::Csv => {
                self.nobody.push(indented(&render::nobody_json(source, kinds)))
            }
        }
    }

    /// Adds what stands behind this.
    pub(super) fn append(&mut self, next: Self) {
        self.text.push_str(&next.text);
        self.patients += next.patients;
        self.cards += next.cards;
        self.nobody.extend(next.nobody);
        self.drafts.extend(next.drafts);
        self.errors.extend(next.errors);
    }
}

/// A value as a member of a list of the outermost object.
fn indented(value: &serde_json::Value) -> String {
    // Strings hold their line breaks escaped.
    format!("    {}", format!("{value:#}").replace('\n', "\n    "))
}

/// What has been shown so far.
#[derive(Debug)]
pub(super) struct Report {
    format: Format,
    all: Shown,
    drafts: HashSet<String>,
}

impl Report {
    /// Begins.
    pub(super) fn start(format: Format) -> io::Result<Self> {
        if matches!(format, Format::Json) {
            output::say("{\n  \"patients\": [")?;
        }
        Ok(Self { format, all: Shown::default(), drafts: HashSet::new() })
    }

    /// Shows the next document or chart; an error of the kind `BrokenPipe` when nobody reads any more.
    pub(super) fn show(&mut self, mut next: Shown) -> io::Result<()> {
        let text = std::mem::take(&mut next.text);
        // The first member of a list has no comma before it.
        let first = matches!(self.format, Format::Json) && self.all.patients == 0;
        output::print(if first { text.strip_prefix(',').unwrap_or(&text) } else { &text })?;
        self.drafts.extend(next.drafts.drain(..));
        self.all.append(next);
        Ok(())
    }

    /// Keeps what could not be read for the end.
    pub(super) fn error(&mut self, error: String) {
        self.all.errors.push(error);
    }

    /// Whether a draft order that was asked about (`Type/id`) was met.
    pub(super) fn met_draft(&self, reference: &str) -> bool {
        self.drafts.contains(reference)
    }

    /// How many patients were shown.
    pub(super) fn patients(&self) -> usize {
        self.all.patients
    }

    /// Ends, and gives back what could not be read.
    pub(super) fn finish(self) -> io::Result<Vec<String>> {
        let Shown { patients, cards, nobody, errors, .. } = self.all;
        output::say(&match self.format {
            Format::Text => render::summary(patients, cards, errors.len()),
            Format::Json | Format::Ndjson | Format::Csv => format!(
                "\n  ],\n  \"nobody\": [\n{}\n  ],\n  \"unread\": {}\n}}\n",
                nobody.join(",\n"),
                serde_json::Value::from(errors.clone())
            ),
        })?;
        Ok(errors)
    }
}
