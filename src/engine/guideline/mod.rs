//! The guideline engine: [`Facts`] in, [`Advice`] out. Pure and total; no clock, no FHIR, no I/O, no logging.
//!
//! The line of thought: records become findings ([`finding`]), treatments and studies are held against them
//! ([`treated`], [`study`]), the picture is put to the tables ([`mescc`], [`mri_timing`], [`order_check`]), and what
//! fires becomes a card's worth of advice ([`emergency`], [`describe`]), as values ([`say`]). Its words are made in
//! [`english`], of which no decision knows.

mod adjunct;
pub mod advice;
mod answers;
mod booking;
mod case;
mod code;
mod compose;
mod deadline;
mod denial;
mod describe;
mod done;
mod emergency;
pub mod english;
#[cfg(test)]
mod exhaustive;
mod fact;
mod finding;
mod fold;
#[cfg(test)]
mod inputs_tests;
mod interval;
mod judged;
mod leads_to;
mod lesion;
mod measure;
mod mescc;
mod mescc_treatment;
mod mri_timing;
mod on_record;
mod order_card;
mod order_check;
mod order_treatment;
mod orders;
mod outdated;
pub mod page;
mod picture;
mod progression;
mod questions;
mod regimen;
mod regimen_card;
pub mod say;
mod scope;
mod stability;
pub mod statement;
mod study;
mod symptoms;
mod tables;
mod trace;
mod treated;
mod treatment;
mod treatment_acts;

use crate::domain::{Facts, NotUnderstood, Site};
pub use advice::{
    Advice, FactUsed, GUIDELINE_VERSION, Group, Indicator, Proposal, RECOMMENDATION_SYSTEM, Recommendation,
    Step, Timing,
};
use case::Case;
use chrono::{DateTime, Utc};
pub use code::Code;
pub use fact::{Fact, Panel};
pub use measure::at_least_three_months;
use say::Gap;
pub use tables::row::{ByRow, Verdict};
pub use trace::{RowTrace, ScoredLesion, Silence, TableTrace, Trace};

/// At most this many cards a call (guideline.md section 4).
const MOST_CARDS: usize = 4;

/// Age of an adult, in years.
const ADULT: u16 = 18;

/// What the engine is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The chart was opened.
    PatientView,
    /// Orders are being selected, signed or dispatched.
    OrderCheck,
    /// The patient leaves.
    Discharge,
    /// Appointments are being booked.
    Booking,
}

/// Assesses one patient: the advice, worst first. Empty for a patient who is deceased or not at risk.
pub fn assess(facts: &Facts, site: &Site, now: DateTime<Utc>, occasion: Occasion) -> Vec<Advice> {
    assess_while(facts, site, now, occasion, &|| true).unwrap_or_default()
}

/// The same, as long as somebody waits for it; it is asked between the steps, and among many findings. `None`: nobody does.
pub fn assess_while(
    facts: &Facts,
    site: &Site,
    now: DateTime<Utc>,
    occasion: Occasion,
    is_wanted: &dyn Fn() -> bool,
) -> Option<Vec<Advice>> {
    Some(case::look(facts, site, now, occasion, is_wanted, advise)?.unwrap_or_default())
}

/// The same, with what became of every row of every table.
pub fn assess_with_trace(
    facts: &Facts,
    site: &Site,
    now: DateTime<Utc>,
    occasion: Occasion,
) -> (Vec<Advice>, Trace) {
    let looked = case::look(facts, site, now, occasion, &|| true, |case| {
        let advice = advise(case);
        let trace = trace::trace(case, &advice);
        (advice, trace)
    });
    match looked {
        Some(Ok(found)) => found,
        Some(Err(why)) => (Vec::new(), Trace::nobody(why)),
        None => (Vec::new(), Trace::default()),
    }
}

fn advise(case: &Case<'_, '_>) -> Vec<Advice> {
    let (site, need) = (case.site, case.need());
    let mut all: Vec<Advice> = match case.occasion {
        Occasion::PatientView => {
            let emergency = emergency::advise(case.picture, case.suspected, need, case.mri.is_some(), site);
            emergency.into_iter().chain(beyond(case)).collect()
        }
        Occasion::Discharge => {
            emergency::before_leaving(case.picture, case.suspected, need, site).into_iter().collect()
        }
        Occasion::Booking => need.and_then(|need| booking::advise(case.picture, need)).into_iter().collect(),
        Occasion::OrderCheck => {
            // Schemes are named only where section 3.6 may name them (guideline.md section 3, "Scope").
            let schemes = case.not_for_treatment().is_none()
                && treatment::radiotherapy_fits(case.coded, case.basis, site);
            let imaging = need.and_then(|need| order_check::advise(case.picture, need, site));
            let others = order_treatment::advise(case.coded, &case.sins.lesions, schemes, site);
            imaging.into_iter().chain(others).collect()
        }
    };
    all.sort_by_key(|advice| (std::cmp::Reverse(advice.indicator), advice.group));
    let mut all = fold::fold(all);
    all.truncate(MOST_CARDS);
    answers::settle(&mut all);
    if let Some(first) = all.first_mut() {
        let not_understood = case.coded.facts.not_understood;
        let some = not_understood != NotUnderstood::default();
        first.gaps.extend(some.then_some(Gap::NotUnderstood(not_understood)));
    }
    all
}

/// Stability, treatment and adjuncts: adults who are not pregnant, without comfort care.
fn beyond(case: &Case<'_, '_>) -> Vec<Advice> {
    if case.out_of_scope().is_some() {
        return Vec::new();
    }
    let (picture, site) = (case.coded, case.site);
    let stability = stability::Stability {
        sins: case.sins,
        life: case.basis.life,
        symptomatic: case.basis.symptomatic,
        waits: stability::waits(case),
    };
    let treatment =
        case.not_for_treatment().is_none().then(|| treatment::advise(picture, case.basis, site)).flatten();
    let adjunct = if case.coded_row { None } else { adjunct::advise(picture, site) };
    [stability::advise(picture, &stability, site), treatment, adjunct].into_iter().flatten().collect()
}
