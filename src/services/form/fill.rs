//! An answered form: what it records, where its scores stand, and the same as a note.

use super::super::cards::rfc3339;
use super::super::observation::{Author, Statement, observation, performer};
use super::super::suggestion::{FINDING, SNOMED, concept};
use super::known::levels;
use super::questions::{Choice, Group, LEVEL, LOCATION, Question, SINCE, all};
use super::say::{Said, Stated};
use crate::domain::scales::{MIRELS, SINS};
use crate::domain::{Level, Levels, MirelsParts, Scale, SinsParts, moment};
use crate::fhir::levels::code_of;
use crate::guideline::english::{Standing, location_of, mirels_standing, sins_standing};
use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use fhir_sdk::r4b::resources::ObservationValue;
use fhir_sdk::r4b::types::CodeableConcept;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The answers of a form: the value of the choice of each question.
pub type Answers = BTreeMap<String, String>;

/// What an answered form gives.
#[derive(Debug)]
pub struct Filled {
    /// New resources: Observations, and a Condition for what is said to have begun earlier.
    pub new: Vec<Recorded>,
    /// Conditions of the record whose onset was not known, with it.
    pub changed: Vec<Value>,
    /// The answers as text for a note; empty without any.
    pub note: String,
    /// Points of the location of the level, which the form shows as answered.
    pub location: Option<u8>,
    /// Where the SINS stands.
    pub sins: Standing,
    /// Where the Mirels score stands.
    pub mirels: Standing,
}

/// A new resource, and what it answers.
#[derive(Debug)]
pub struct Recorded {
    /// The question; `sins` or `mirels` for a score, whose questions are answered together.
    pub question: String,
    /// The resource, without an id.
    pub resource: Box<RawValue>,
}

/// RadElement's code of the SINS.
pub(super) const SINS_STANDARD: (&str, &str, &str) =
    ("https://radelement.org", "RDES21", "Spine instability neoplastic score (SINS)");

/// What of the record goes into what is recorded.
#[derive(Debug, Clone, Copy, Default)]
pub struct OfRecord<'a> {
    /// The body site of the long bone.
    pub bone: Option<&'a Value>,
    /// Conditions that state without an onset what is answered here ([`super::undated`]).
    pub undated: &'a [Value],
    /// The latest MRI of the spine, as `Type/id`: what an answer about its result is derived from.
    pub study: Option<&'a str>,
}

/// What these answers give. `shown`: what the form shows, with what the record answered and nobody confirmed; it counts for
/// where a score stands and is never recorded, but for the level, which is the site of what is. A value that no question
/// offers counts as no answer.
pub fn fill(
    answers: &Answers,
    shown: &Answers,
    record: OfRecord<'_>,
    author: Author<'_>,
    zone: Tz,
) -> Filled {
    let (answers, shown) = (&offered(answers), &offered(shown));
    let site = levels(answers.get(LEVEL).or_else(|| shown.get(LEVEL)));
    let location = location_of(site);
    let study: Vec<String> = record.study.map(str::to_owned).into_iter().collect();
    let mut form = Form { answers, author, zone, site, study, new: Vec::new(), lines: Vec::new() };
    let onset = form.onset();
    for question in all() {
        let Some(choice) = form.chosen(question) else { continue };
        form.lines.push(line(question, choice));
        for said in &choice.says {
            let written = match &onset {
                Some(onset) if said.affirms() && question.group == Group::Neurology => {
                    form.condition(said, choice, onset)
                }
                _ => form.observation(said, question, choice),
            };
            form.add(&question.id, written);
        }
    }
    form.score("SINS", &SINS, location, form.level().and_then(body_site));
    form.score("Mirels", &MIRELS, None, record.bone.and_then(as_concept));
    let changed = onset.map(|onset| dated(record.undated, &onset, zone)).unwrap_or_default();
    let note = form.note();
    let mut shown = shown.clone();
    shown.extend(answers.clone());
    let points = |scale: &Scale| shown.get(scale.code).and_then(|value| value.parse::<u8>().ok());
    let answered = answers.get(LOCATION).and_then(|value| value.parse::<u8>().ok());
    let [place, pain, lesion, alignment, collapse, posterolateral] = SINS.each_ref().map(points);
    let parts = SinsParts {
        location: answered.or(location).or(place),
        pain,
        lesion,
        alignment,
        collapse,
        posterolateral,
    };
    let [bone_site, pain, lesion, size] = MIRELS.each_ref().map(points);
    Filled {
        changed,
        note,
        location,
        sins: sins_standing(parts, site),
        mirels: mirels_standing(MirelsParts { site: bone_site, pain, lesion, size }),
        new: form.new,
    }
}

/// The answers whose value their question offers: the page sends no others, but anybody may.
fn offered(answers: &Answers) -> Answers {
    let offers = |id: &str, value: &str| {
        let mut of = all().iter().filter(|question| question.id == id);
        of.any(|question| question.choices.iter().any(|choice| choice.value == value))
    };
    let kept = answers.iter().filter(|(id, value)| offers(id, value));
    kept.map(|(id, value)| (id.clone(), value.clone())).collect()
}

/// An answer as a line of the note. A span of days is no exact day, which the onset beside it is.
fn line(question: &Question, choice: &Choice) -> String {
    if question.id == SINCE && choice.words.ends_with("days") {
        return format!("Present for {}", choice.words);
    }
    format!("{}: {}", question.words, choice.words)
}

struct Form<'a> {
    answers: &'a Answers,
    author: Author<'a>,
    zone: Tz,
    site: Levels,
    study: Vec<String>,
    new: Vec<Recorded>,
    lines: Vec<String>,
}

impl Form<'_> {
    fn add(&mut self, question: &str, written: Option<Box<RawValue>>) {
        let question = question.to_owned();
        self.new.extend(written.map(|resource| Recorded { question, resource }));
    }

    fn chosen<'q>(&self, question: &'q Question) -> Option<&'q Choice> {
        let value = self.answers.get(&question.id)?;
        let scored = SINS.iter().chain(&MIRELS).any(|scale| scale.code == question.id);
        (!scored && question.id != LEVEL).then_some(())?;
        question.choices.iter().find(|choice| choice.value == *value)
    }

    /// The day on which what is new began; `None` where nobody said that it was earlier than now.
    fn onset(&self) -> Option<String> {
        let days: i64 = self.answers.get(SINCE)?.parse().ok()?;
        let day = self.author.now.checked_sub_signed(TimeDelta::try_days(days)?)?.with_timezone(&self.zone);
        Some(day.format("%Y-%m-%d").to_string())
    }

    fn observation(&self, said: &Said, question: &Question, choice: &Choice) -> Option<Box<RawValue>> {
        let words = format!("{}: {}", question.words, choice.words);
        let display = said.codings.iter().map(|(_, _, display)| *display).find(|display| !display.is_empty());
        let value = match &said.value {
            Stated::Boolean(yes) => ObservationValue::Boolean(*yes),
            Stated::Text(text) => ObservationValue::String((*text).to_owned()),
            Stated::Code(code) => {
                ObservationValue::CodeableConcept(concept(&[(FINDING, code, "")], &choice.words)?)
            }
            Stated::Integer(points) => ObservationValue::Integer(i32::from(*points)),
        };
        let site = match said.site {
            Some((code, name)) => Some(concept(&[(SNOMED, code, "")], name)?),
            None => None,
        };
        let statement = Statement {
            codings: said
                .codings
                .iter()
                .map(|(system, code, display)| (*system, code.as_str(), *display))
                .collect(),
            text: display.unwrap_or(&question.words),
            value: Some(value),
            site,
            note: Some(words),
            studies: if question.group == Group::Imaging { &self.study } else { &[] },
            ..Statement::default()
        };
        observation(statement, self.author)
    }

    /// A finding that began earlier: a Condition tells its onset from its recording.
    fn condition(&self, said: &Said, choice: &Choice, onset: &str) -> Option<Box<RawValue>> {
        let coding = |(system, code, display): &(&str, String, &str)| {
            let mut coding = json!({"system": system, "code": code});
            if !display.is_empty()
                && let Some(members) = coding.as_object_mut()
            {
                members.insert("display".to_owned(), json!(display));
            }
            coding
        };
        let status = |system: &str, code: &str| json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]});
        let name = said.codings.iter().map(|(_, _, display)| *display).find(|display| !display.is_empty());
        let mut condition = json!({
            "resourceType": "Condition",
            "clinicalStatus": status("condition-clinical", "active"),
            "verificationStatus": status("condition-ver-status", "confirmed"),
            "code": {"coding": said.codings.iter().map(coding).collect::<Vec<_>>(), "text": name.unwrap_or(&choice.words)},
            "subject": {"reference": format!("Patient/{}", self.author.patient_id)},
            "onsetDateTime": onset,
            "recordedDate": rfc3339(self.author.now),
        });
        let members = condition.as_object_mut()?;
        if let Some((code, name)) = said.site {
            members.insert(
                "bodySite".to_owned(),
                json!([{"coding": [{"system": SNOMED, "code": code}], "text": name}]),
            );
        }
        if let Some(encounter) = self.author.encounter_id {
            members.insert("encounter".to_owned(), json!({"reference": format!("Encounter/{encounter}")}));
        }
        if let Some(user) = self.author.user_id.and_then(performer) {
            members.insert("recorder".to_owned(), json!({ "reference": user }));
        }
        to_raw_value(&condition).ok()
    }

    /// A score of which at least one part was answered: the parts, and the total where all of them are.
    fn score(&mut self, name: &str, scales: &[Scale], location: Option<u8>, site: Option<CodeableConcept>) {
        let points = |scale: &Scale| -> Option<u8> { self.answers.get(scale.code)?.parse().ok() };
        let answered = scales.iter().any(|scale| scale.code != LOCATION && points(scale).is_some());
        if !answered {
            return;
        }
        let of = |scale: &Scale| points(scale).or(location.filter(|_| scale.code == LOCATION));
        let parts: Vec<(&Scale, u8)> = scales.iter().filter_map(|scale| Some((scale, of(scale)?))).collect();
        let sum: u8 = parts.iter().map(|(_, points)| *points).sum();
        let complete = parts.len() == scales.len();
        let total = format!("{}-total", name.to_lowercase());
        let listed: Vec<String> =
            parts.iter().map(|(scale, points)| format!("{} {points}", scale.name.to_lowercase())).collect();
        let (known, level) = (
            if complete { format!("{sum}") } else { format!("{} of {} parts", parts.len(), scales.len()) },
            self.level(),
        );
        let at = level.map(|level| format!(" at {level}")).filter(|_| name == "SINS").unwrap_or_default();
        let line = format!("{name}{at}: {known} ({})", listed.join(", "));
        let standard = (name == "SINS").then_some(SINS_STANDARD);
        let statement = Statement {
            codings: [(FINDING, total.as_str(), "")].into_iter().chain(standard).collect(),
            text: name,
            value: complete.then(|| ObservationValue::Integer(i32::from(sum))),
            parts: parts
                .iter()
                .map(|(scale, points)| ((FINDING, scale.code, ""), scale.name, *points))
                .collect(),
            site,
            note: Some(line.clone()),
            ..Statement::default()
        };
        let written = observation(statement, self.author);
        self.add(&name.to_lowercase(), written);
        self.lines.push(line);
    }

    fn level(&self) -> Option<Level> {
        self.site.iter().next()
    }

    fn note(&self) -> String {
        if self.lines.is_empty() {
            return String::new();
        }
        format!("{}.\nRecorded {}.", self.lines.join(".\n"), moment(self.author.now, self.zone))
    }
}

/// The SNOMED CT code of a level by its name.
pub(super) fn level_code(name: &str) -> Option<&'static str> {
    (1..=29).filter_map(Level::new).find(|level| level.to_string() == name).and_then(code_of)
}

fn body_site(level: Level) -> Option<CodeableConcept> {
    concept(&[(SNOMED, code_of(level)?, "")], &level.to_string())
}

/// The body site of another resource, by its first coding and its text.
fn as_concept(site: &Value) -> Option<CodeableConcept> {
    let text = |at: &str| site.pointer(at).and_then(Value::as_str);
    let coding = text("/coding/0/system").zip(text("/coding/0/code"));
    let display = text("/coding/0/display").unwrap_or_default();
    let codings: Vec<_> = coding.into_iter().map(|(system, code)| (system, code, display)).collect();
    concept(&codings, text("/text").unwrap_or(display))
}

/// Conditions with their onset. One that was recorded before it states something else and stays as it is.
fn dated(undated: &[Value], onset: &str, zone: Tz) -> Vec<Value> {
    let with_onset = |condition: &Value| {
        let mut condition = condition.clone();
        let members = condition.as_object_mut()?;
        // That it was unknown no longer holds.
        members.remove("_onsetDateTime");
        members.insert("onsetDateTime".to_owned(), json!(onset));
        Some(condition)
    };
    undated.iter().filter(|condition| was_there(condition, onset, zone)).filter_map(with_onset).collect()
}

/// Whether a Condition may have begun on this day: not if it was recorded before, nor if its date cannot be read.
fn was_there(condition: &Value, onset: &str, zone: Tz) -> bool {
    let Some(recorded) = condition.get("recordedDate") else { return true };
    let Some(recorded) = recorded.as_str() else { return false };
    // A year, a month or a day is compared as far as it goes.
    let day = if recorded.contains('T') {
        let moment = DateTime::parse_from_rfc3339(recorded);
        moment.map(|moment| moment.with_timezone(&zone).format("%Y-%m-%d").to_string()).ok()
    } else {
        let is_date = recorded.len() >= 4 && recorded.bytes().all(|it| it.is_ascii_digit() || it == b'-');
        is_date.then(|| recorded.to_owned())
    };
    day.is_some_and(|day| onset.get(..day.len()).is_some_and(|onset| onset <= day.as_str()))
}
