//! The guideline engine: [`Facts`] in, [`Advice`] out. Pure and total; no clock, no FHIR, no I/O, no logging.

use crate::domain::{Facts, Site};
use chrono::{DateTime, Utc};

/// What the engine is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The chart was opened.
    PatientView,
    /// Orders are being selected or signed.
    OrderCheck,
}

/// One card's worth of advice.
#[derive(Debug, Clone)]
pub struct Advice {}

/// Assesses one patient.
pub fn assess(_facts: &Facts, _site: &Site, _now: DateTime<Utc>, _occasion: Occasion) -> Vec<Advice> {
    Vec::new()
}
