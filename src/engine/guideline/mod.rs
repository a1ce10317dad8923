//! The guideline engine: [`Facts`] in, [`Advice`] out. Pure and total; no clock, no FHIR, no I/O, no logging.
//!
//! The line of thought: records become findings ([`finding`]), treatments and studies are held against them
//! ([`treated`], [`study`]), the picture is put to the tables ([`mescc`], [`mri_timing`], [`order_check`]), and what
//! fires becomes a card's worth of advice ([`emergency`], [`describe`]), as values ([`say`]). Its words are made in
//! [`english`], of which no decision knows.

mod adjunct;
pub mod advice;
mod code;
mod compose;
mod deadline;
mod describe;
mod emergency;
pub mod english;
#[cfg(test)]
mod exhaustive;
mod fact;
mod finding;
mod interval;
mod lesion;
mod measure;
mod mescc;
mod mescc_treatment;
mod mri_timing;
mod order_check;
mod order_rows;
mod order_treatment;
mod orders;
pub mod page;
mod picture;
mod questions;
mod regimen;
mod regimen_card;
mod row;
pub mod say;
mod scope;
mod stability;
pub mod statement;
mod study;
mod tables;
mod treated;
mod treatment;
mod treatment_acts;

use crate::domain::{Facts, NotUnderstood, Site};
pub use advice::{
    Advice, FactUsed, GUIDELINE_VERSION, Group, Indicator, Proposal, RECOMMENDATION_SYSTEM, Recommendation,
    Step, Timing,
};
use chrono::{DateTime, Utc};
pub use code::Code;
pub use fact::{Fact, Panel};
use say::Gap;

/// At most this many cards a call (guideline.md section 4).
const MOST_CARDS: usize = 4;

/// Age of an adult, in years.
const ADULT: u16 = 18;

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
    if facts.deceased {
        return Some(Vec::new());
    }
    // What was read from words may raise: it counts for risk and for sections 3.1 to 3.3 and the imaging rows, and it
    // decides nothing else.
    let raised = facts.with_text();
    let picture = picture::picture(&raised, site, now, is_wanted)?;
    if !picture.disease.at_risk {
        return Some(Vec::new());
    }
    let suspected = mescc::suspected(&picture);
    let need = mri_timing::need(&picture, &suspected);
    let row_holds = need.is_some();
    let comfort = facts.comfort_care.is_some();
    let need = need.filter(|need| !comfort || need.row.gives.in_comfort_care);

    let coded = picture::picture(facts, site, now, is_wanted)?;
    let coded_signs = mescc::suspected(&coded);
    let coded_row = mri_timing::need(&coded, &coded_signs).is_some();
    let sins = lesion::sins(&coded, site);
    if !is_wanted() {
        return None;
    }
    let mut all: Vec<Advice> = match occasion {
        Occasion::PatientView => {
            let emergency = emergency::advise(&picture, &suspected, need.as_ref(), row_holds, site);
            emergency.into_iter().chain(beyond(&coded, &coded_signs, &sins, coded_row, site)).collect()
        }
        Occasion::OrderCheck => {
            // Schemes are named only where section 3.6 may name them (guideline.md section 3, "Scope").
            let basis = treatment::basis(&coded, &sins, coded_row, site);
            let schemes = is_in_full_scope(facts)
                && coded.disease.spinal_metastases == scope::SpinalMetastases::Documented
                && !mescc_treatment::is_open(&coded, &coded_signs)
                && treatment::radiotherapy_fits(&coded, &basis, site);
            let imaging = need.and_then(|need| order_check::advise(&picture, &need, site));
            imaging.into_iter().chain(order_treatment::advise(&coded, &sins.lesions, schemes, site)).collect()
        }
    };
    all.sort_by_key(|advice| (std::cmp::Reverse(advice.indicator), advice.group));
    all.truncate(MOST_CARDS);
    if let Some(first) = all.first_mut() {
        let all = facts.not_understood != NotUnderstood::default();
        first.gaps.extend(all.then_some(Gap::NotUnderstood(facts.not_understood)));
    }
    Some(all)
}

/// Adult, not pregnant, no comfort care: sections 3.4 to 3.7 apply.
fn is_in_full_scope(facts: &Facts) -> bool {
    let adult = facts.age_years.is_none_or(|age| age >= ADULT);
    adult && facts.pregnant.is_none() && facts.comfort_care.is_none()
}

/// Stability, treatment and adjuncts: adults who are not pregnant, without comfort care.
fn beyond(
    picture: &picture::Picture<'_>,
    suspected: &[mescc::Suspected<'_, '_>],
    sins: &lesion::SinsLesions<'_>,
    row_holds: bool,
    site: &Site,
) -> Vec<Advice> {
    let facts = picture.facts;
    if !is_in_full_scope(facts) {
        return Vec::new();
    }
    let basis = treatment::basis(picture, sins, row_holds, site);
    let stability = stability::Stability {
        sins,
        life: basis.life,
        symptomatic: basis.symptomatic,
        waits: row_holds || stability::waits_for_treatment(picture),
    };
    let documented = picture.disease.spinal_metastases == scope::SpinalMetastases::Documented;
    let treatment = (documented && !mescc_treatment::is_open(picture, suspected))
        .then(|| treatment::advise(picture, &basis, site))
        .flatten();
    let adjunct = if row_holds { None } else { adjunct::advise(picture, site) };
    [stability::advise(picture, &stability, site), treatment, adjunct].into_iter().flatten().collect()
}
