//! The form with which a clinician answers what cards ask: its questions, what the record knows of them, and what an
//! answered form records.
//!
//! Questions and answers follow from the tables of facts and scores; the page shows them, and a form of another kind can.
//! Deliberately absent: HTML, and what an answer leads to, which the services say when they are asked again.

pub mod again;
mod fill;
mod known;
mod questionnaire;
mod questions;
mod say;

pub use crate::guideline::english::{Grade, Standing};
pub use again::{ANSWER, Answered, Whose, again};
pub use fill::{Answers, Filled, OfRecord, Recorded, fill};
pub use known::{Known, known, study, undated};
pub use questionnaire::{QUESTIONNAIRE, questionnaire, response};
pub use questions::{Choice, Group, LEVEL, LOCATION, Question, SINCE, all, asked_by};

#[cfg(test)]
mod tests;
