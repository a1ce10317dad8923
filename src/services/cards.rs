//! Advice to cards.

use crate::cds_hooks::Card;
use crate::domain::{Facts, Site};
use crate::fhir::DraftOrder;
use crate::guideline::Advice;
use chrono::{DateTime, Utc};

/// What the cards need besides the advice.
#[derive(Debug)]
pub struct CardContext<'a> {
    /// The facts that the advice rests on.
    pub facts: &'a Facts,
    /// Site settings.
    pub site: &'a Site,
    /// The clock.
    pub now: DateTime<Utc>,
    /// Bare id of the patient.
    pub patient_id: &'a str,
    /// Bare id of the encounter, if the call names one.
    pub encounter_id: Option<&'a str>,
    /// The drafts of the call.
    pub drafts: &'a [DraftOrder<'a>],
}

/// Cards, worst first, at most four.
pub fn cards(_advice: &[Advice], _context: &CardContext<'_>) -> Vec<Card> {
    Vec::new()
}
