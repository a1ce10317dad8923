//! What makes spinal metastases symptomatic (guideline.md section 3.5).

use super::advice::FactUsed;
use super::describe::{fact, finding_facts};
use super::fact::Fact;
use super::measure;
use super::picture::{Counting, Picture};
use super::say::Value;
use crate::domain::{Evidence, Judgement, Sign};

/// Current back or radicular pain, deficit, mechanical pain, or pathological fracture.
pub(super) fn symptomatic(picture: &Picture<'_>) -> bool {
    let current = |evidence: &Evidence| picture.is_current(evidence.date);
    symptoms(picture).next().is_some()
        || mechanical_pain(picture).is_some()
        || picture.facts.vertebral_fractures.iter().any(current)
}

/// The findings that are symptoms.
pub(super) fn symptoms<'p, 'f>(picture: &'p Picture<'f>) -> impl Iterator<Item = &'p Counting<'f>> {
    let deficits = picture.radicular_deficits().chain(picture.other_weakness());
    picture.pains().chain(deficits).chain(picture.of(Sign::Paraparesis))
}

/// What makes spinal metastases symptomatic, as facts.
pub(super) fn symptom_facts(picture: &Picture<'_>) -> Vec<FactUsed> {
    let current = |evidence: &&Evidence| picture.is_current(evidence.date);
    let fractures = picture.facts.vertebral_fractures.iter().filter(current);
    let mechanical = mechanical_pain(picture).map(|e| fact(Fact::MechanicalPain, Value::Yes, e));
    let found = symptoms(picture).flat_map(|counting| finding_facts(&counting.finding));
    found.chain(mechanical).chain(fractures.map(|e| fact(Fact::BaselineVcf, Value::Yes, e))).collect()
}

/// Mechanical pain that is current.
pub(super) fn mechanical_pain<'f>(picture: &Picture<'f>) -> Option<&'f Evidence> {
    let (yes, evidence) = measure::judgement(picture, Judgement::MechanicalPain, Some(picture.clock))?;
    (yes && picture.is_current(evidence.date)).then_some(evidence)
}
