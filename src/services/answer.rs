//! An answer to the question of a card as the Observation that records it (guideline.md section 4, "Answers").
//!
//! Deliberately absent: which card offers which answer.

use super::cards::CardContext;
use super::observation::{self, Author, Statement};
use super::suggestion::{CodeRow, FINDING, concept};
use crate::guideline::english;
use crate::guideline::say::Answer;
use fhir_sdk::r4b::resources::ObservationValue;
use serde_json::value::RawValue;

/// The standard code of an ESCC grade.
pub(super) const ESCC: CodeRow =
    ("https://radelement.org", "RDES288", "Epidural spinal cord compression scale (ESCC)");

/// What an Observation states.
enum States {
    Boolean(bool),
    /// Code of [`FINDING`], or an ESCC grade, in text.
    Grade(&'static str),
    Code(&'static str),
}

/// The code of the finding, the standard code beside it where one exists, and the value.
const fn states(answer: Answer) -> (&'static str, Option<CodeRow>, States) {
    match answer {
        Answer::NoCompression | Answer::NotSuspected => ("mescc-suspected", None, States::Boolean(false)),
        Answer::Suspected => ("mescc-suspected", None, States::Boolean(true)),
        Answer::Grade2 => ("escc-grade", Some(ESCC), States::Grade("2")),
        Answer::Grade3 => ("escc-grade", Some(ESCC), States::Grade("3")),
        Answer::NothingNew => ("no-new-findings-since-treatment", None, States::Boolean(true)),
        Answer::LifeBelow3 => ("life-expectancy", None, States::Code("lt-3-months")),
        Answer::LifeAtLeast3 => ("life-expectancy", None, States::Code("ge-3-months")),
        Answer::Tolerable => ("radiotherapy-tolerable", None, States::Boolean(true)),
        Answer::NotTolerable => ("radiotherapy-tolerable", None, States::Boolean(false)),
        Answer::Progresses => ("prostate-progression-on-hormones", None, States::Boolean(true)),
        Answer::DoesNotProgress => ("prostate-progression-on-hormones", None, States::Boolean(false)),
    }
}

/// The Observation of an answer. `studies`: what was read, as `Type/id`.
pub(super) fn observation(
    answer: Answer,
    studies: &[String],
    context: &CardContext<'_>,
) -> Option<Box<RawValue>> {
    let (finding, standard, states) = states(answer);
    let text = english::answer(answer);
    let value = match states {
        States::Boolean(yes) => ObservationValue::Boolean(yes),
        States::Grade(grade) => ObservationValue::String(grade.to_owned()),
        States::Code(code) => ObservationValue::CodeableConcept(concept(&[(FINDING, code, "")], &text)?),
    };
    let statement = Statement {
        codings: [(FINDING, finding, "")].into_iter().chain(standard).collect(),
        text: english::question(answer),
        value: Some(value),
        note: Some(text),
        studies,
        ..Statement::default()
    };
    observation::observation(statement, Author::from(context))
}
