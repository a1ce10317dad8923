//! An answer of the clinician as the Observation that records it (guideline.md section 4, "Answers").
//!
//! Deliberately absent: which card offers which answer.

use super::cards::{CardContext, rfc3339};
use super::suggestion::{CodeRow, FINDING, concept, reference};
use crate::fhir::Reference;
use crate::guideline::english;
use crate::guideline::say::Answer;
use fhir_sdk::DateTime as FhirDateTime;
use fhir_sdk::r4b::codes::ObservationStatus;
use fhir_sdk::r4b::resources::{Observation, ObservationEffective, ObservationValue};
use fhir_sdk::r4b::types::Annotation;
use serde_json::value::{RawValue, to_raw_value};
use std::str::FromStr;

/// What an Observation states.
enum States {
    Boolean(bool),
    /// Code of [`FINDING`], or an ESCC grade, in text.
    Grade(&'static str),
    Code(&'static str),
}

/// The code of the finding, the standard code beside it where one exists, and the value.
const fn states(answer: Answer) -> (&'static str, Option<CodeRow>, States) {
    const ESCC: Option<CodeRow> =
        Some(("https://radelement.org", "RDES288", "Epidural spinal cord compression scale (ESCC)"));
    match answer {
        Answer::NoCompression | Answer::NotSuspected => ("mescc-suspected", None, States::Boolean(false)),
        Answer::Suspected => ("mescc-suspected", None, States::Boolean(true)),
        Answer::Grade2 => ("escc-grade", ESCC, States::Grade("2")),
        Answer::Grade3 => ("escc-grade", ESCC, States::Grade("3")),
        Answer::NothingNew => ("no-new-findings-since-treatment", None, States::Boolean(true)),
        Answer::LifeBelow3 => ("life-expectancy", None, States::Code("lt-3-months")),
        Answer::LifeAtLeast3 => ("life-expectancy", None, States::Code("ge-3-months")),
        Answer::Tolerable => ("radiotherapy-tolerable", None, States::Boolean(true)),
        Answer::NotTolerable => ("radiotherapy-tolerable", None, States::Boolean(false)),
        Answer::Progresses => ("prostate-progression-on-hormones", None, States::Boolean(true)),
        Answer::DoesNotProgress => ("prostate-progression-on-hormones", None, States::Boolean(false)),
    }
}

/// Who may perform an Observation, of those who use an EHR.
const PERFORMERS: [&str; 2] = ["Practitioner", "PractitionerRole"];

/// The Observation: final, of now, by the user. `studies`: what was read, as `Type/id`; only an ImagingStudy can be what an
/// Observation is derived from.
pub(super) fn observation(
    answer: Answer,
    studies: &[String],
    context: &CardContext<'_>,
) -> Option<Box<RawValue>> {
    let (finding, standard, states) = states(answer);
    let text = english::answer(answer);
    let codings: Vec<CodeRow> = [(FINDING, finding, "")].into_iter().chain(standard).collect();
    let value = match states {
        States::Boolean(yes) => ObservationValue::Boolean(yes),
        States::Grade(grade) => ObservationValue::String(grade.to_owned()),
        States::Code(code) => ObservationValue::CodeableConcept(concept(&[(FINDING, code, "")], &text)?),
    };
    let now = FhirDateTime::from_str(&rfc3339(context.now)).ok()?;
    let mut observation = Observation::builder()
        .status(ObservationStatus::Final)
        .code(concept(&codings, english::question(answer))?)
        .subject(reference(&format!("Patient/{}", context.patient_id))?)
        .effective(ObservationEffective::DateTime(now))
        .value(value)
        .note(vec![Some(Annotation::builder().text(text).build().ok()?)]);
    if let Some(encounter) = context.encounter_id {
        observation = observation.encounter(reference(&format!("Encounter/{encounter}"))?);
    }
    if let Some(user) = context.user_id.and_then(performer) {
        observation = observation.performer(vec![Some(reference(&user)?)]);
    }
    let images = studies.iter().filter(|study| study.starts_with("ImagingStudy/"));
    let images: Option<Vec<_>> = images.map(|study| reference(study).map(Some)).collect();
    let images = images?;
    if !images.is_empty() {
        observation = observation.derived_from(images);
    }
    to_raw_value(&observation.build().ok()?).ok()
}

/// The user as `Type/id`; `None` for anybody who performs no Observation.
fn performer(user: &str) -> Option<String> {
    let user = Reference::parse(user);
    let kind = user.kind.filter(|kind| PERFORMERS.contains(kind))?;
    user.has_valid_id().then(|| user.target(kind))
}
