//! From the parts of a card to one [`Advice`]: its facts, and what was not known or could not be read.
//!
//! Deliberately absent: which part says what; each decision brings its own.

use super::advice::{Advice, FactUsed, Group, Indicator, MoreRecords, Proposal, Recommendation};
use super::describe::{self, fact};
use super::done::done;
use super::emergency;
use super::fact::Fact;
use super::picture::Picture;
use super::say::{Act, Gap, Headline, Reason, Value};
use super::tables::mri_timing;
use crate::domain::{Facts, Source, When};
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

/// What a decision brings to its card.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) group: Group,
    pub(super) indicator: Indicator,
    pub(super) headline: Headline,
    pub(super) recommendations: Vec<Recommendation>,
    pub(super) acts: Vec<Act>,
    pub(super) gaps: Vec<Gap>,
    pub(super) proposals: Vec<Proposal>,
    pub(super) several: bool,
    pub(super) deadline: Option<(DateTime<Utc>, bool)>,
    pub(super) reason: Reason,
    /// What the part rests on: of these, it says what could not be read.
    pub(super) rests_on: Vec<Source>,
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
    Source::Medication,
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

impl Parts {
    /// With this first line and nothing else.
    pub(super) fn of(group: Group, headline: Headline) -> Self {
        Self {
            group,
            indicator: Indicator::Info,
            headline,
            recommendations: Vec::new(),
            acts: Vec::new(),
            gaps: Vec::new(),
            proposals: Vec::new(),
            several: false,
            deadline: None,
            reason: Reason::SpinalMetastases,
            rests_on: IMAGING_SOURCES.to_vec(),
        }
    }
}

/// The card. The facts of all its recommendations are its reasons; the disease stands at their end.
pub(super) fn compose(picture: &Picture<'_>, mut parts: Parts) -> Advice {
    if let Some(lead) = parts.recommendations.first_mut() {
        lead.facts.extend(
            picture.disease.because.iter().map(|(name, known, e)| fact(*name, Value::Disease(*known), e)),
        );
        if matches!(parts.group, Group::Emergency | Group::OrderCheck) {
            // A device matters for images alone.
            let images = parts.rests_on.contains(&Source::Device);
            let context = emergency::context_facts(picture.facts);
            lead.facts.extend(context.into_iter().filter(|used| images || used.fact != Fact::MriSafety));
        }
        lead.facts = distinct_facts(std::mem::take(&mut lead.facts));
    }
    let all = distinct_facts(parts.recommendations.iter().flat_map(|r| r.facts.iter().cloned()).collect());
    let (facts, more) = few(all);
    for recommendation in &mut parts.recommendations {
        recommendation.facts = few(std::mem::take(&mut recommendation.facts)).0;
    }
    let mut gaps = parts.gaps;
    gaps.extend(unread_sources(picture.facts, &parts.rests_on));
    let mut proposals = parts.proposals;
    proposals.dedup();
    Advice {
        group: parts.group,
        indicator: parts.indicator,
        deadline: parts.deadline.map(|(at, _)| at),
        overdue: parts.deadline.map(|(_, overdue)| overdue),
        more,
        headline: parts.headline,
        folded: Vec::new(),
        acts: parts.acts,
        done: matches!(parts.group, Group::Emergency | Group::Treatment).then(|| done(picture)),
        gaps,
        proposals,
        several: parts.several,
        reason_references: reasons(&facts),
        reason: parts.reason,
        recommendations: parts.recommendations,
    }
}

/// The facts of `wanted` that rest on something that could not be read, or only in part.
pub(super) fn unread(facts: &Facts, wanted: &[Fact]) -> Vec<Fact> {
    wanted.iter().copied().filter(|fact| fact.is_unread(facts)).collect()
}

/// A fact that the chart does not have, with this value. `None` where a resource on which it rests was not read: then its
/// absence says nothing (guideline.md section 2). Nothing else in the engine says that a fact is not on record.
pub(super) fn absent(facts: &Facts, name: Fact, value: Value) -> Option<FactUsed> {
    (!name.is_unread(facts)).then(|| describe::bare_fact(name, value))
}

/// Missing facts as gaps.
pub(super) fn gaps_of(missing: &[Fact]) -> Vec<Gap> {
    missing.iter().copied().map(Gap::Fact).collect()
}

/// What could not be read, of what a decision rests on.
fn unread_sources(facts: &Facts, rests_on: &[Source]) -> Vec<Gap> {
    let of = |sources: &[Source]| -> Vec<Source> {
        sources.iter().copied().filter(|source| rests_on.contains(source)).collect()
    };
    let (unread, partly) = (of(&facts.unavailable), of(&facts.incomplete));
    let unread = (!unread.is_empty()).then_some(Gap::Unread(unread));
    unread.into_iter().chain((!partly.is_empty()).then_some(Gap::PartlyRead(partly))).collect()
}

/// The Conditions among the facts that triggered.
pub(super) fn reasons<'a>(facts: impl IntoIterator<Item = &'a FactUsed>) -> Vec<String> {
    let trigger =
        [Fact::LocalBackPain, Fact::RadicularPain, Fact::Deficit, Fact::MesccSigns, Fact::SpinalMetastases];
    let conditions = facts
        .into_iter()
        .filter(|f| trigger.contains(&f.fact))
        .filter_map(|f| f.reference.clone())
        .filter(|reference| reference.starts_with("Condition/"));
    distinct(conditions.collect())
}

impl Advice {
    /// The recommendations that a suggested MRI rests on: those of its timing, where the card has any beside others.
    pub fn for_imaging(&self) -> Vec<&Recommendation> {
        let is_timing = |it: &&Recommendation| mri_timing::ROWS.iter().any(|row| row.id == it.row);
        let timed: Vec<_> = self.recommendations.iter().filter(is_timing).collect();
        if timed.is_empty() { self.recommendations.iter().collect() } else { timed }
    }

    /// The Conditions behind a suggested MRI, for its `reasonReference`: those of its own rows, else those of the card.
    pub fn imaging_reasons(&self) -> Vec<String> {
        let facts = self.for_imaging().into_iter().flat_map(|it| &it.facts);
        let own = reasons(facts);
        if own.is_empty() { self.reason_references.clone() } else { own }
    }
}

/// So many records of one fact are named. A card does not grow with the chart.
pub(super) const NAMED: usize = 12;

/// At most [`NAMED`] records of each fact, and of which facts there are more. The first half stays, because what makes a
/// row hold stands first; the other half are the newest.
fn few(facts: Vec<FactUsed>) -> (Vec<FactUsed>, Vec<MoreRecords>) {
    let mut places: BTreeMap<Fact, Vec<usize>> = BTreeMap::new();
    for (place, used) in facts.iter().enumerate() {
        places.entry(used.fact).or_default().push(place);
    }
    let newness = |place: &usize| facts.get(*place).and_then(|used| used.date).map(When::latest);
    let mut left_out: HashSet<usize> = HashSet::new();
    let mut more = Vec::new();
    for (fact, mut places) in places.into_iter().filter(|(_, places)| places.len() > NAMED) {
        let newest =
            places.iter().filter_map(|place| facts.get(*place)?.date).max_by_key(|when| when.latest());
        more.push(MoreRecords { fact, records: places.len(), newest });
        let mut rest = places.split_off(NAMED / 2);
        rest.sort_by_key(|place| Reverse(newness(place)));
        left_out.extend(rest.split_off(NAMED / 2));
    }
    let named = facts.into_iter().enumerate().filter(|(place, _)| !left_out.contains(place));
    (named.map(|(_, used)| used).collect(), more)
}

/// Puts a further part of the group into the card. The worse part leads, of equals the first: its summary and deadline
/// are the card's; where it has no deadline the other's is.
pub(super) fn merge(first: Option<Advice>, further: Advice) -> Option<Advice> {
    let Some(first) = first else { return Some(further) };
    let (mut card, lower) =
        if further.indicator > first.indicator { (further, first) } else { (first, further) };
    card.recommendations.extend(lower.recommendations);
    for one in lower.more {
        match card.more.iter_mut().find(|more| more.fact == one.fact) {
            Some(more) if more.records < one.records => *more = one,
            Some(_) => {}
            None => card.more.push(one),
        }
    }
    card.acts = distinct([card.acts, lower.acts].concat());
    card.gaps = distinct([card.gaps, lower.gaps].concat());
    card.proposals = distinct([card.proposals, lower.proposals].concat());
    card.several |= lower.several;
    if card.deadline.is_none() {
        (card.deadline, card.overdue) = (lower.deadline, lower.overdue);
    }
    Some(card)
}

/// Without repeats, in first order.
pub(super) fn distinct<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

/// The same for facts, of which there may be as many as records.
pub(super) fn distinct_facts(facts: Vec<FactUsed>) -> Vec<FactUsed> {
    let mut seen: HashSet<&FactUsed> = HashSet::with_capacity(facts.len());
    let first: Vec<bool> = facts.iter().map(|used| seen.insert(used)).collect();
    facts.into_iter().zip(first).filter(|(_, first)| *first).map(|(used, _)| used).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn of_many_records_the_first_and_the_newest_are_named() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let used = |fact: Fact, hours: i64| FactUsed {
            date: Some(When::instant(now - TimeDelta::hours(hours))),
            ..describe::bare_fact(fact, Value::Yes)
        };
        let pains: Vec<FactUsed> = (0..60).rev().map(|hours| used(Fact::LocalBackPain, hours)).collect();
        let others: Vec<FactUsed> = (0..12).map(|hours| used(Fact::Cancer, hours)).collect();
        let (named, more) = few([pains.clone(), others.clone()].concat());
        let expected = [&pains[..NAMED / 2], &pains[60 - NAMED / 2..], &others[..]].concat();
        assert_eq!(named, expected);
        let newest = Some(When::instant(now));
        assert_eq!(more, [MoreRecords { fact: Fact::LocalBackPain, records: 60, newest }]);
        assert_eq!(few(others.clone()), (others, Vec::new()));
    }

    #[test]
    fn repeats_go_and_the_order_stays() {
        assert_eq!(distinct(vec![3, 1, 3, 2, 1]), [3, 1, 2]);
        let facts =
            [Fact::Cancer, Fact::Escc, Fact::Cancer].map(|fact| describe::bare_fact(fact, Value::Yes));
        assert_eq!(distinct_facts(facts.to_vec()), facts[..2]);
    }
}
