//! The whole guideline for readers: every decision with its rows, every statement with the rows that rest on it.
//!
//! Made from the same constants that evaluate, so that the printed page cannot say something else than the engine does.
//! Deliberately absent: any decision, and everything about a patient.

mod about;
mod html;
mod markdown;
mod principles;
mod readings;

use super::advice::GUIDELINE_VERSION;
use super::fact::Fact;
use super::statement::STATEMENTS;
use super::tables::TABLES;
use serde::{Serialize, Serializer};

pub use about::Attribute;
pub use html::{STYLE_HASH, escape};

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// Version of the decisions ([`GUIDELINE_VERSION`]).
    pub guideline_version: &'static str,
    /// What the guideline is, and which kinds of data it uses.
    pub about: Vec<Attribute>,
    /// What holds for all decisions: scope, clock, adequate imaging, look-backs.
    pub principles: Vec<Principle>,
    /// Facts that every decision looks at, by their names in the rationale of a card.
    #[serde(serialize_with = "names")]
    pub looks_at_always: &'static [Fact],
    /// The decisions, in the order in which they are made.
    pub decisions: Vec<Decision>,
    /// The statements of the guideline summary, in order.
    pub statements: Vec<PrintedStatement>,
}

/// Something that holds for all decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Principle {
    /// Its anchor on the page.
    pub anchor: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Its sentences.
    pub says: Vec<String>,
}

/// A decision with its table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Its anchor on the page, and what the ids of its rows begin with.
    pub anchor: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Whether the first row that holds decides; otherwise every row that holds is shown.
    pub first_decides: bool,
    /// How the rows are read.
    pub read: &'static str,
    /// Facts that it looks at beside [`Page::looks_at_always`], by their names in the rationale of a card.
    #[serde(serialize_with = "names")]
    pub looks_at: Vec<Fact>,
    /// The rows. Two rows with one id are two ways in which it holds.
    pub rows: Vec<PrintedRow>,
    /// What else belongs to it: schemes, doses, bands, and how the text is read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A row of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrintedRow {
    /// `table/row`, as in the rationale of a card.
    pub id: &'static str,
    /// When it holds.
    pub holds: String,
    /// What it asks for.
    pub what: &'static str,
    /// Its recommendation code.
    pub code: &'static str,
    /// Its indicator, before overdue raises it or comfort care lowers it.
    pub indicator: String,
    /// Window, priority and what can be done with one click; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub offers: String,
    /// The statements that it rests on.
    pub statements: &'static [&'static str],
}

/// A statement with the rows that rest on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrintedStatement {
    /// `G-nn`, its anchor too.
    pub id: &'static str,
    /// What it says.
    pub says: &'static str,
    /// The rows that rest on it, without repeats.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<&'static str>,
}

/// How a note begins that says how the text is read.
const READING: &str = "Reading: ";

/// The page of the decisions as they stand.
pub fn page() -> Page {
    let mut decisions: Vec<Decision> = TABLES.iter().map(|table| table.printed()).collect();
    for decision in &mut decisions {
        decision
            .notes
            .extend(readings::of(decision.anchor).iter().map(|reading| format!("{READING}{reading}")));
    }
    let statements = STATEMENTS
        .iter()
        .map(|statement| {
            let mut rows: Vec<&'static str> = decisions
                .iter()
                .flat_map(|decision| &decision.rows)
                .filter(|row| row.statements.contains(&statement.id))
                .map(|row| row.id)
                .collect();
            rows.dedup();
            PrintedStatement { id: statement.id, says: statement.says, rows }
        })
        .collect();
    Page {
        guideline_version: GUIDELINE_VERSION,
        about: about::attributes(&decisions, principles::LOOKS_AT_ALWAYS),
        principles: principles::all(),
        looks_at_always: principles::LOOKS_AT_ALWAYS,
        decisions,
        statements,
    }
}

/// Facts by their names.
fn names<S: Serializer>(facts: &impl AsRef<[Fact]>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(facts.as_ref().iter().map(|fact| fact.name()))
}

impl Page {
    /// Every row with its decision.
    pub fn rows(&self) -> impl Iterator<Item = (&Decision, &PrintedRow)> {
        self.decisions.iter().flat_map(|decision| decision.rows.iter().map(move |row| (decision, row)))
    }

    /// The page as Markdown, as it stands in `src/engine/guideline/GUIDELINE.md`.
    pub fn to_markdown(&self) -> String {
        markdown::markdown(self)
    }

    /// What the guideline is, as it stands on the page.
    pub fn about_in_words(&self) -> String {
        markdown::about(self)
    }

    /// The page as one HTML document without any outside reference.
    pub fn to_html(&self) -> String {
        html::html(self)
    }

    /// The page for programs.
    ///
    /// # Errors
    ///
    /// When it cannot be written, which static data do not cause.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

/// The anchor of a row: `mri-timing/2` is `#mri-timing-2`.
pub fn anchor(row: &str) -> String {
    row.replace('/', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_when_it_holds_and_on_what_it_rests() {
        let page = page();
        for (decision, row) in page.rows() {
            assert!(row.id.starts_with(&format!("{}/", decision.anchor)), "{}", row.id);
            assert!(!row.holds.is_empty() && !row.statements.is_empty(), "{}", row.id);
            assert!(["info", "warning", "critical"].iter().any(|word| row.indicator.contains(word)));
            for id in row.statements {
                assert!(page.statements.iter().any(|statement| statement.id == *id), "{}: {id}", row.id);
            }
        }
    }

    #[test]
    fn a_row_with_two_ways_to_hold_has_one_code() {
        let page = page();
        for (_, row) in page.rows() {
            assert!(page.rows().all(|(_, other)| other.id != row.id || other.code == row.code), "{}", row.id);
        }
    }
}
