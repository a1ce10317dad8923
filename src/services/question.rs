//! What a card is about, so that one that is shown again is not counted again.

use crate::fhir::DraftOrder;
use crate::guideline::{Advice, Code};
use std::collections::BTreeSet;

/// What a card is about. Two cards with equal questions are one showing, whichever service they came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// The lead recommendation.
    pub lead: Code,
    /// Bare id of the patient.
    pub patient_id: String,
    /// `Type/id` of the selected drafts that the card names; none where it is about the chart.
    pub drafts: BTreeSet<String>,
}

impl Question {
    /// The questions of these cards, in their order.
    pub(super) fn of(advice: &[Advice], patient_id: &str, drafts: &[DraftOrder<'_>]) -> Vec<Self> {
        let selected: BTreeSet<String> =
            drafts.iter().filter(|draft| draft.selected).filter_map(DraftOrder::name).collect();
        let question = |advice: &Advice| {
            let facts = advice.recommendations.iter().flat_map(|recommendation| &recommendation.facts);
            let named = facts.filter_map(|fact| fact.reference.as_ref());
            Some(Self {
                lead: advice.recommendations.first()?.code,
                patient_id: patient_id.to_owned(),
                drafts: named.filter(|name| selected.contains(*name)).cloned().collect(),
            })
        };
        advice.iter().filter_map(question).collect()
    }
}
