//! What a clinician states, as the Observation that records it (guideline.md section 4, "Answers").
//!
//! Final, of now, by the user: it is no draft, and the next call reads it like any other record. Deliberately absent: which
//! card or form asks for it.

use super::cards::{CardContext, rfc3339};
use super::suggestion::{concept, reference};
use crate::fhir::Reference;
use chrono::{DateTime, Utc};
use fhir_sdk::DateTime as FhirDateTime;
use fhir_sdk::r4b::codes::ObservationStatus;
use fhir_sdk::r4b::resources::{
    Observation, ObservationComponent, ObservationComponentValue, ObservationEffective, ObservationValue,
};
use fhir_sdk::r4b::types::{Annotation, CodeableConcept};
use serde_json::value::{RawValue, to_raw_value};
use std::str::FromStr;

/// Who states it, of whom, and when.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// The clock.
    pub now: DateTime<Utc>,
    /// Bare id of the patient.
    pub patient_id: &'a str,
    /// Bare id of the encounter, if one is known.
    pub encounter_id: Option<&'a str>,
    /// The user, if one is known.
    pub user_id: Option<&'a str>,
}

impl<'a> From<&CardContext<'a>> for Author<'a> {
    fn from(context: &CardContext<'a>) -> Self {
        Self {
            now: context.now,
            patient_id: context.patient_id,
            encounter_id: context.encounter_id,
            user_id: context.user_id,
        }
    }
}

/// System, code, display; an empty display is left out.
pub(super) type Coding<'a> = (&'a str, &'a str, &'a str);

/// One statement.
#[derive(Debug, Default)]
pub(super) struct Statement<'a> {
    /// Our code, and the standard one beside it where one exists.
    pub(super) codings: Vec<Coding<'a>>,
    /// What is stated, as its name.
    pub(super) text: &'a str,
    pub(super) value: Option<ObservationValue>,
    /// Parts of a score with their points: code and name of each.
    pub(super) parts: Vec<(Coding<'a>, &'a str, u8)>,
    pub(super) site: Option<CodeableConcept>,
    /// The statement in words.
    pub(super) note: Option<String>,
    /// What was read, as `Type/id`; only an ImagingStudy can be what an Observation is derived from.
    pub(super) studies: &'a [String],
}

/// Who may perform an Observation, of those who use an EHR.
const PERFORMERS: [&str; 2] = ["Practitioner", "PractitionerRole"];

/// The Observation of a statement; `None` only if it could not be built, which is not to be expected.
pub(super) fn observation(statement: Statement<'_>, author: Author<'_>) -> Option<Box<RawValue>> {
    let now = FhirDateTime::from_str(&rfc3339(author.now)).ok()?;
    let mut observation = Observation::builder()
        .status(ObservationStatus::Final)
        .code(concept(&statement.codings, statement.text)?)
        .subject(reference(&format!("Patient/{}", author.patient_id))?)
        .effective(ObservationEffective::DateTime(now));
    if let Some(value) = statement.value {
        observation = observation.value(value);
    }
    if !statement.parts.is_empty() {
        let parts = statement.parts.iter().map(|(coding, name, points)| {
            let value = ObservationComponentValue::Integer(i32::from(*points));
            ObservationComponent::builder()
                .code(concept(&[*coding], name)?)
                .value(value)
                .build()
                .ok()
                .map(Some)
        });
        observation = observation.component(parts.collect::<Option<Vec<_>>>()?);
    }
    if let Some(site) = statement.site {
        observation = observation.body_site(site);
    }
    if let Some(note) = statement.note {
        observation = observation.note(vec![Some(Annotation::builder().text(note).build().ok()?)]);
    }
    if let Some(encounter) = author.encounter_id {
        observation = observation.encounter(reference(&format!("Encounter/{encounter}"))?);
    }
    if let Some(user) = author.user_id.and_then(performer) {
        observation = observation.performer(vec![Some(reference(&user)?)]);
    }
    let images = statement.studies.iter().filter(|study| study.starts_with("ImagingStudy/"));
    let images: Option<Vec<_>> = images.map(|study| reference(study).map(Some)).collect();
    let images = images?;
    if !images.is_empty() {
        observation = observation.derived_from(images);
    }
    to_raw_value(&observation.build().ok()?).ok()
}

/// The user as `Type/id`; `None` for anybody who performs no Observation.
pub fn performer(user: &str) -> Option<String> {
    let user = Reference::parse(user);
    let kind = user.kind.filter(|kind| PERFORMERS.contains(kind))?;
    user.has_valid_id().then(|| user.target(kind))
}
