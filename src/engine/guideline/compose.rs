//! From the parts of a card to one [`Advice`]: its reasons in sentences, and what was not known or could not be read.
//!
//! Deliberately absent: which part says what; each decision brings its own.

use super::advice::{Advice, FactUsed, Group, Indicator, Proposal, Recommendation};
use super::describe::{self, fact};
use super::fact::Fact;
use super::picture::Picture;
use crate::domain::{Facts, Site, Source};
use chrono::{DateTime, Utc};

/// What a decision brings to its card.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) group: Group,
    pub(super) indicator: Indicator,
    pub(super) summary: String,
    pub(super) recommendations: Vec<Recommendation>,
    pub(super) what_to_do: Vec<String>,
    pub(super) not_known: Vec<String>,
    pub(super) proposals: Vec<Proposal>,
    pub(super) several: bool,
    pub(super) deadline: Option<(DateTime<Utc>, bool)>,
    pub(super) reason_text: &'static str,
    /// What the part rests on: of these, it says what could not be read.
    pub(super) rests_on: &'static [Source],
}

/// What MRI timing and the emergency card rest on.
pub(super) const IMAGING_SOURCES: &[Source] = &[
    Source::Condition,
    Source::Observation,
    Source::Procedure,
    Source::ServiceRequest,
    Source::ImagingStudy,
    Source::DiagnosticReport,
    Source::Device,
    Source::Patient,
];

/// What stability and treatment rest on.
pub(super) const TREATMENT_SOURCES: &[Source] = &[
    Source::Condition,
    Source::Observation,
    Source::Procedure,
    Source::ServiceRequest,
    Source::Encounter,
    Source::MedicationRequest,
    Source::MedicationStatement,
    Source::MedicationAdministration,
    Source::BodyStructure,
];

/// What bone agents rest on.
pub(super) const DRUG_SOURCES: &[Source] = &[
    Source::Condition,
    Source::Observation,
    Source::MedicationRequest,
    Source::MedicationStatement,
    Source::MedicationAdministration,
    Source::Medication,
    Source::AllergyIntolerance,
    Source::Patient,
];

impl Default for Parts {
    fn default() -> Self {
        Self {
            group: Group::Emergency,
            indicator: Indicator::Info,
            summary: String::new(),
            recommendations: Vec::new(),
            what_to_do: Vec::new(),
            not_known: Vec::new(),
            proposals: Vec::new(),
            several: false,
            deadline: None,
            reason_text: "Spinal metastases",
            rests_on: IMAGING_SOURCES,
        }
    }
}

/// The card. The facts of all its recommendations are its reasons; the disease stands at their end.
pub(super) fn compose(picture: &Picture<'_>, site: &Site, mut parts: Parts) -> Advice {
    if let Some(lead) = parts.recommendations.first_mut() {
        lead.facts.extend(picture.disease.because.iter().map(|(name, value, e)| fact(*name, *value, e)));
        lead.facts = distinct(std::mem::take(&mut lead.facts));
    }
    let facts: Vec<FactUsed> =
        distinct(parts.recommendations.iter().flat_map(|r| r.facts.iter().cloned()).collect());
    let mut not_known = parts.not_known;
    not_known.extend(unread_sources(picture.facts, parts.rests_on));
    let mut proposals = parts.proposals;
    proposals.dedup();
    Advice {
        group: parts.group,
        indicator: parts.indicator,
        deadline: parts.deadline.map(|(at, _)| at),
        overdue: parts.deadline.map(|(_, overdue)| overdue),
        summary: parts.summary,
        why: sentences(&facts, site),
        what_to_do: parts.what_to_do,
        not_known,
        proposals,
        several: parts.several,
        reason_references: reasons(&facts),
        reason_text: parts.reason_text,
        recommendations: parts.recommendations,
    }
}

/// The facts of `wanted` that rest on something that could not be read, or only in part.
pub(super) fn unread(facts: &Facts, wanted: &[Fact]) -> Vec<Fact> {
    wanted.iter().copied().filter(|fact| fact.is_unread(facts)).collect()
}

/// A fact that the chart does not have, in these words. `None` where a resource on which it rests was not read: then its
/// absence says nothing (guideline.md section 2). Nothing else in the engine says that a fact is not on record.
pub(super) fn absent(facts: &Facts, name: Fact, words: &'static str) -> Option<FactUsed> {
    (!name.is_unread(facts)).then(|| describe::bare_fact(name, words))
}

/// Missing facts in sentences.
pub(super) fn not_known_facts(missing: &[Fact]) -> Vec<String> {
    missing.iter().filter_map(|fact| fact.when_unknown()).map(str::to_owned).collect()
}

/// What could not be read, in sentences.
fn unread_sources(facts: &Facts, rests_on: &[Source]) -> Vec<String> {
    let mut lines = Vec::new();
    let unread = names(&facts.unavailable, rests_on);
    if !unread.is_empty() {
        lines.push(format!("Could not be read: {unread}."));
    }
    let partly = names(&facts.incomplete, rests_on);
    if !partly.is_empty() {
        lines.push(format!("Only partly read, so something may be missing: {partly}."));
    }
    lines
}

/// The sources among `rests_on`, as a clinician calls them.
fn names(sources: &[Source], rests_on: &[Source]) -> String {
    let resting = sources.iter().filter(|source| rests_on.contains(source));
    resting.map(|source| source.plain_name()).collect::<Vec<_>>().join(", ")
}

/// The Conditions among the facts that triggered.
pub(super) fn reasons(facts: &[FactUsed]) -> Vec<String> {
    let trigger =
        [Fact::LocalBackPain, Fact::RadicularPain, Fact::Deficit, Fact::MesccSigns, Fact::SpinalMetastases];
    let conditions = facts
        .iter()
        .filter(|f| trigger.contains(&f.fact))
        .filter_map(|f| f.reference.clone())
        .filter(|reference| reference.starts_with("Condition/"));
    distinct(conditions.collect())
}

/// The facts as sentences.
pub(super) fn sentences(facts: &[FactUsed], site: &Site) -> Vec<String> {
    facts.iter().map(|f| describe::sentence(f, site.time_zone)).collect()
}

/// Puts a further part of the group into the card. The worse part leads, of equals the first: its summary and deadline
/// are the card's; where it has no deadline the other's is.
pub(super) fn merge(first: Option<Advice>, further: Advice) -> Option<Advice> {
    let Some(first) = first else { return Some(further) };
    let (mut card, lower) =
        if further.indicator > first.indicator { (further, first) } else { (first, further) };
    card.recommendations.extend(lower.recommendations);
    card.why = distinct([card.why, lower.why].concat());
    card.what_to_do = distinct([card.what_to_do, lower.what_to_do].concat());
    card.not_known = distinct([card.not_known, lower.not_known].concat());
    card.proposals.extend(lower.proposals);
    card.several |= lower.several;
    if card.deadline.is_none() {
        (card.deadline, card.overdue) = (lower.deadline, lower.overdue);
    }
    Some(card)
}

/// Without repeats, in first order.
pub(super) fn distinct<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}
