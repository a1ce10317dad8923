//! What a card is about, so that one that is shown again is not counted again.

use crate::fhir::{Chart, DraftOrder, Reference};
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
    pub(super) fn of(advice: &[Advice], patient_id: &str, chart: &Chart<'_>) -> Vec<Self> {
        let drafts = chart.drafts.iter().filter(|draft| draft.selected).filter_map(DraftOrder::name);
        let dispatched = chart.dispatched.iter().map(|it| Reference::parse(it).target("ServiceRequest"));
        let selected: BTreeSet<String> = drafts.chain(dispatched).collect();
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

#[cfg(test)]
mod tests {
    use crate::domain::Site;
    use crate::fhir::codes::ValueSets;
    use crate::services::Services;
    use chrono::{DateTime, Utc};
    use serde_json::{Value, json};

    #[test]
    fn a_draft_that_is_selected_and_then_signed_is_one_question_and_another_draft_is_not() {
        let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
        let now: DateTime<Utc> = "2026-05-05T08:00:00Z".parse().unwrap();
        let text = include_str!("../../hooks/spinal-metastases-order-select/request.json");
        let ask = |hook: &str, text: &str| {
            let mut call: Value = serde_json::from_str(text).unwrap();
            call["hook"] = json!(hook);
            let service = format!("spinal-metastases-{hook}");
            services.call(&service, call.to_string().as_bytes(), now).unwrap().questions
        };
        let selected = ask("order-select", text);
        assert!(selected.iter().all(|question| question.drafts.len() == 1), "{selected:?}");
        assert!(!selected.is_empty());
        assert_eq!(selected, ask("order-sign", text));
        let draft = selected[0].drafts.first().unwrap();
        let id = draft.rsplit('/').next().unwrap();
        assert_ne!(selected, ask("order-select", &text.replace(id, "another-draft")));
    }
}
