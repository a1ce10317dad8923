//! FHIR R4 resources in, [`Facts`] and notes out.
//!
//! Each resource is read into a small borrowed view of the elements that facts need; a bad resource or a bad element
//! is a [`Note`], never a failed call. Never here: a rule of the guideline, the network, the clock.

pub mod codes;
pub mod concept;
pub mod levels;
pub mod note;
mod value_set_file;
pub mod words;

use crate::domain::{Facts, Source};
pub use codes::{ConceptSet, ValueSets};
pub use concept::Concept;
pub use note::{Note, NoteKind};
use serde_json::value::RawValue;

/// What there is to read about one patient.
#[derive(Debug, Default)]
pub struct Chart<'a> {
    /// The patient asked about (bare id). Resources of another patient are dropped with a note.
    pub patient_id: &'a str,
    /// Resources from prefetch or a bundle, in any order.
    pub resources: Vec<&'a RawValue>,
    /// Draft orders of the call.
    pub drafts: Vec<DraftOrder<'a>>,
    /// Resource types that could not be had.
    pub unavailable: Vec<Source>,
    /// Resource types of which only the first page came.
    pub incomplete: Vec<Source>,
}

/// A draft order of the call.
#[derive(Debug, Clone, Copy)]
pub struct DraftOrder<'a> {
    /// The resource as sent.
    pub raw: &'a RawValue,
    /// Whether the hook asks about it.
    pub selected: bool,
}

/// What reading gave.
#[derive(Debug, Default)]
pub struct Reading {
    /// What the chart states.
    pub facts: Facts,
    /// What was ignored or doubtful.
    pub notes: Vec<Note>,
}
