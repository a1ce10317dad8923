//! A row whose condition is code, not cells: its printed condition stands beside its id, code and statements.
//!
//! The code that decides takes everything but the condition from here, and the guideline page prints the same constant.
//! Deliberately absent: rows of cells, which each table declares for itself.

use super::advice::{FactUsed, Indicator, Recommendation};
use super::code::Code;
use super::fact::Fact;

/// A row with its condition in words.
#[derive(Debug, Clone, Copy)]
pub(super) struct CodedRow {
    /// `table/row`.
    pub(super) id: &'static str,
    /// When it holds, as printed: its numbers are the constants that decide.
    pub(super) holds: fn() -> String,
    /// The code that it gives.
    pub(super) code: Code,
    /// Its indicator.
    pub(super) indicator: Indicator,
    /// What can be done with one click, as printed; empty for nothing.
    pub(super) offers: &'static str,
    /// The statements that it rests on.
    pub(super) statements: &'static [&'static str],
}

impl CodedRow {
    /// The row as a recommendation with its facts.
    pub(super) const fn recommendation(&self, facts: Vec<FactUsed>, missing: Vec<Fact>) -> Recommendation {
        Recommendation { code: self.code, statements: self.statements, row: self.id, facts, missing }
    }
}
