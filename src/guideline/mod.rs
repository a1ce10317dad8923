//! The guideline engine: [`Facts`] in, [`Advice`] out. Pure and total; no clock, no FHIR, no I/O, no logging.
//!
//! The line of thought: records become findings ([`finding`]), treatments and studies are held against them
//! ([`treated`], [`study`]), the picture is put to the tables ([`mescc`], [`mri_timing`], [`order_check`]), and what
//! fires becomes a card's worth of advice ([`emergency`], [`describe`]).

pub mod advice;
mod deadline;
mod describe;
mod emergency;
mod finding;
mod mescc;
mod mri_timing;
mod order_check;
mod orders;
mod picture;
mod questions;
mod scope;
pub mod statement;
mod study;
mod treated;

use crate::domain::{Facts, Site};
pub use advice::{
    Advice, Code, FactUsed, GUIDELINE_VERSION, Group, Indicator, Proposal, RECOMMENDATION_SYSTEM,
    Recommendation, Step, Timing,
};
use chrono::{DateTime, Utc};

/// At most this many cards a call (guideline.md section 4).
const MOST_CARDS: usize = 4;

/// What the engine is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The chart was opened.
    PatientView,
    /// Orders are being selected or signed.
    OrderCheck,
}

/// Assesses one patient: the advice, worst first. Empty for a patient who is deceased or not at risk.
pub fn assess(facts: &Facts, site: &Site, now: DateTime<Utc>, occasion: Occasion) -> Vec<Advice> {
    if facts.deceased {
        return Vec::new();
    }
    let picture = picture::picture(facts, site, now);
    if !picture.disease.at_risk {
        return Vec::new();
    }
    let suspected = mescc::suspected(&picture);
    let need = mri_timing::need(&picture, &suspected);
    let row_holds = need.is_some();
    let comfort = facts.comfort_care.is_some();
    let need = need.filter(|need| !comfort || need.row.stays_in_comfort_care());

    let mut all: Vec<Advice> = match occasion {
        Occasion::PatientView => {
            emergency::advise(&picture, &suspected, need.as_ref(), row_holds, site).into_iter().collect()
        }
        Occasion::OrderCheck => {
            need.map(|need| order_check::advise(&picture, &need, site)).unwrap_or_default()
        }
    };
    all.sort_by_key(|advice| (std::cmp::Reverse(advice.indicator), advice.group));
    all.truncate(MOST_CARDS);
    all
}
