//! The questions as an SDC Questionnaire, and answers as its response, for whoever shows the form in another way.
//!
//! Made from the questions and from what their choices say. An item is extracted as one Observation with its code
//! (`sdc-questionnaire-observationExtract`), so a question whose choices say several things is a group with an item for each:
//! weakness of a limb, with its side, and paraparesis. The scores are calculated from the points of their parts. What an
//! Observation of one code cannot say is asked and not extracted: the level, the location that follows from it, and since when.

use super::super::cards::rfc3339;
use super::super::observation::{Author, performer};
use super::super::suggestion::{FINDING, SNOMED};
use super::fill::{Answers, SINS_STANDARD, level_code};
use super::questions::{Choice, Group, LEVEL, Question, all};
use super::say::{Said, Stated};
use crate::domain::scales::{MIRELS, SINS};
use crate::domain::{Performance, Scale};
use crate::fhir::codes::LOINC;
use crate::fhir::performance_answer;
use crate::guideline::GUIDELINE_VERSION;
use serde_json::{Map, Value, json};

/// Its canonical address.
pub const QUESTIONNAIRE: &str = "urn:spinal-mets-cds:questionnaire";

/// Codes of answers that are no code of anything else.
const ANSWER: &str = "urn:spinal-mets-cds:answer-option";
/// "No" of SNOMED CT.
const NO: &str = "373067005";

/// One thing that a question can state: all that its choices say with the same codings.
struct Topic<'q> {
    codings: &'q [(&'static str, String, &'static str)],
    /// The choices that say it, each with what it says.
    said: Vec<(&'q Choice, &'q Said)>,
}

fn topics(question: &Question) -> Vec<Topic<'_>> {
    let mut topics: Vec<Topic<'_>> = Vec::new();
    for choice in &question.choices {
        for said in &choice.says {
            match topics.iter_mut().find(|topic| topic.codings == said.codings) {
                Some(topic) => topic.said.push((choice, said)),
                None => topics.push(Topic { codings: &said.codings, said: vec![(choice, said)] }),
            }
        }
    }
    topics
}

impl Topic<'_> {
    fn link_id(&self, question: &Question, is_alone: bool) -> String {
        let code = self.codings.first().map(|(_, code, _)| code.as_str()).unwrap_or_default();
        if is_alone { question.id.clone() } else { format!("{}.{code}", question.id) }
    }

    fn has_sites(&self) -> bool {
        self.said.iter().any(|(_, said)| said.site.is_some())
    }

    /// The question, or within it what is affirmed, else what is denied.
    fn text(&self, question: &Question, is_alone: bool) -> String {
        if is_alone {
            return question.words.clone();
        }
        let affirmed = self.said.iter().find(|(_, said)| said.affirms()).filter(|_| !self.has_sites());
        let name = self.codings.iter().map(|(_, _, display)| *display).find(|display| !display.is_empty());
        let name =
            name.unwrap_or(&question.words).trim_end_matches(" (finding)").trim_end_matches(" (disorder)");
        affirmed
            .map_or_else(|| name.to_owned(), |(choice, _)| format!("{}: {}", question.words, choice.words))
    }

    /// Type and options of its item.
    fn asked(&self) -> (&'static str, Vec<Value>) {
        match self.said.first().map(|(_, said)| &said.value) {
            Some(Stated::Boolean(_)) if !self.has_sites() => ("boolean", Vec::new()),
            _ => ("choice", self.said.iter().map(|(choice, said)| option(&coded(choice, said))).collect()),
        }
    }

    fn item(&self, question: &Question, is_alone: bool) -> Value {
        let (kind, options) = self.asked();
        let codes: Vec<Value> =
            self.codings.iter().map(|(system, code, display)| coding(system, code, display)).collect();
        let mut item = json!({
            "linkId": self.link_id(question, is_alone), "text": self.text(question, is_alone), "type": kind, "code": codes,
            "extension": [extract()],
        });
        if !options.is_empty() {
            put(&mut item, "answerOption", json!(options));
            put(&mut item, "extension", json!([extract(), buttons()]));
        }
        item
    }
}

fn put(item: &mut Value, name: &str, value: Value) {
    if let Some(members) = item.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    let mut coding = Map::from_iter([("system".to_owned(), json!(system)), ("code".to_owned(), json!(code))]);
    if !display.is_empty() {
        coding.insert("display".to_owned(), json!(display));
    }
    Value::Object(coding)
}

fn option(coding: &Value) -> Value {
    json!({ "valueCoding": coding })
}

/// What a choice says, as the code of an answer: its site, a denial, or the value itself.
fn coded(choice: &Choice, said: &Said) -> Value {
    match (&said.value, said.site) {
        (Stated::Boolean(true), Some((code, _))) => coding(SNOMED, code, &choice.words),
        (Stated::Boolean(false), _) => coding(SNOMED, NO, &choice.words),
        (Stated::Code(code) | Stated::Text(code), _) => coding(FINDING, code, &choice.words),
        (Stated::Integer(points), _) => match performance(said, *points) {
            Some(code) => coding(LOINC, code, &choice.words),
            None => coding(ANSWER, &choice.value, &choice.words),
        },
        (Stated::Boolean(true), None) => coding(ANSWER, &choice.value, &choice.words),
    }
}

/// The LOINC answer for points of a performance status.
fn performance(said: &Said, points: u8) -> Option<&'static str> {
    let status = match said.codings.first()?.1.as_str() {
        "89247-1" => Performance::Ecog(points),
        "89243-0" => Performance::Karnofsky(points),
        _ => return None,
    };
    performance_answer(status)
}

fn extract() -> Value {
    json!({
        "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationExtract",
        "valueBoolean": true,
    })
}

/// Few choices are shown beside each other.
fn buttons() -> Value {
    json!({
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
        "valueCodeableConcept": { "coding": [coding("http://hl7.org/fhir/questionnaire-item-control", "radio-button", "")] },
    })
}

/// An item of a question whose choices say nothing by themselves: its answer is read with others.
fn plain(question: &Question) -> Value {
    let of = |choice: &Choice| {
        let mut coding = plain_coding(question, choice);
        if let Some(points) = choice.points {
            let ordinal = json!([{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": points}]);
            put(&mut coding, "extension", ordinal);
        }
        option(&coding)
    };
    let options: Vec<Value> = question.choices.iter().map(of).collect();
    let mut item =
        json!({ "linkId": question.id, "text": question.words, "type": "choice", "answerOption": options });
    if question.id != LEVEL {
        put(&mut item, "extension", json!([buttons()]));
    }
    item
}

fn plain_coding(question: &Question, choice: &Choice) -> Value {
    match level_code(&choice.value).filter(|_| question.id == LEVEL) {
        Some(code) => coding(SNOMED, code, &choice.words),
        None => coding(ANSWER, &choice.value, &choice.words),
    }
}

/// The total of a score: there once all of its parts are.
fn total(name: &str, scales: &[Scale], standard: Option<(&str, &str, &str)>) -> Value {
    let id = format!("{}-total", name.to_lowercase());
    let parts: Vec<String> = scales.iter().map(|scale| format!("'{}'", scale.code)).collect();
    let points = format!(
        "%resource.descendants().where(linkId in ({})).answer.value.code.select($this.toInteger())",
        parts.join(" | ")
    );
    let sum = format!("iif({points}.count() = {}, {points}.sum(), {{}})", scales.len());
    let code = [(FINDING, id.as_str(), name)].into_iter().chain(standard);
    let code: Vec<Value> = code.map(|(system, code, display)| coding(system, code, display)).collect();
    json!({
        "linkId": id, "text": name, "type": "integer", "readOnly": true, "code": code,
        "extension": [extract(), {
            "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
            "valueExpression": { "description": "The sum of the points", "language": "text/fhirpath", "expression": sum },
        }],
    })
}

fn items(question: &Question) -> Value {
    let topics = topics(question);
    match topics.as_slice() {
        [] => plain(question),
        [one] => one.item(question, true),
        several => json!({
            "linkId": question.id, "text": question.words, "type": "group",
            "item": several.iter().map(|topic| topic.item(question, false)).collect::<Vec<_>>(),
        }),
    }
}

/// The Questionnaire, as FHIR R4 JSON.
pub fn questionnaire() -> Value {
    let mut groups: Vec<Group> = all().iter().map(|question| question.group).collect();
    groups.dedup();
    let group = |group: Group| {
        let mut asked: Vec<Value> = all().iter().filter(|it| it.group == group).map(items).collect();
        match group {
            Group::Stability => asked.push(total("SINS", &SINS, Some(SINS_STANDARD))),
            Group::LongBone => asked.push(total("Mirels", &MIRELS, None)),
            _ => {}
        }
        json!({ "linkId": group.name(), "text": group.title(), "type": "group", "item": asked })
    };
    json!({
        "resourceType": "Questionnaire",
        "id": "spinal-mets-cds",
        "url": QUESTIONNAIRE,
        "version": GUIDELINE_VERSION,
        "name": "SpinalMetastasesFindings",
        "title": "Spinal metastases: findings",
        "status": "draft",
        "experimental": true,
        "subjectType": ["Patient"],
        "description": "What the cards of spinal-mets-cds ask for. Not approved for clinical use.",
        "item": groups.into_iter().map(group).collect::<Vec<_>>(),
    })
}

/// The answers of an item of this question, by link id.
fn answered(question: &Question, choice: &Choice) -> Vec<Value> {
    let item = |link_id: &str, answer: Value| json!({ "linkId": link_id, "answer": [answer] });
    let topics = topics(question);
    let said = topics.iter().filter_map(|topic| {
        let (_, said) = topic.said.iter().find(|(of, _)| of.value == choice.value)?;
        let answer = match (topic.asked().0, &said.value) {
            ("boolean", Stated::Boolean(yes)) => json!({ "valueBoolean": yes }),
            _ => json!({ "valueCoding": coded(choice, said) }),
        };
        Some(item(&topic.link_id(question, topics.len() == 1), answer))
    });
    let said: Vec<Value> = said.collect();
    match topics.len() {
        0 => vec![item(&question.id, json!({ "valueCoding": plain_coding(question, choice) }))],
        1 => said,
        _ => vec![json!({ "linkId": question.id, "item": said })],
    }
}

/// The response of a form with these answers; `None` without an answer that a question offers.
pub fn response(answers: &Answers, author: Author<'_>) -> Option<Value> {
    let mut groups: Vec<(Group, Vec<Value>)> = Vec::new();
    for question in all() {
        let Some(value) = answers.get(&question.id) else { continue };
        let Some(choice) = question.choices.iter().find(|choice| choice.value == *value) else { continue };
        let made = answered(question, choice);
        match groups.iter_mut().find(|(group, _)| *group == question.group) {
            Some((_, items)) => items.extend(made),
            None => groups.push((question.group, made)),
        }
    }
    (!groups.is_empty()).then_some(())?;
    let items = groups.into_iter().map(|(group, items)| json!({ "linkId": group.name(), "item": items }));
    let mut response = json!({
        "resourceType": "QuestionnaireResponse",
        "questionnaire": format!("{QUESTIONNAIRE}|{GUIDELINE_VERSION}"),
        "status": "completed",
        "subject": { "reference": format!("Patient/{}", author.patient_id) },
        "authored": rfc3339(author.now),
        "item": items.collect::<Vec<_>>(),
    });
    if let Some(encounter) = author.encounter_id {
        put(&mut response, "encounter", json!({ "reference": format!("Encounter/{encounter}") }));
    }
    if let Some(user) = author.user_id.and_then(performer) {
        put(&mut response, "author", json!({ "reference": user }));
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::super::SINCE;
    use super::*;
    use std::collections::BTreeSet;

    fn link_ids(item: &Value, found: &mut Vec<String>) {
        for item in item["item"].as_array().into_iter().flatten() {
            found.push(item["linkId"].as_str().unwrap().to_owned());
            link_ids(item, found);
        }
    }

    #[test]
    fn every_question_is_asked_and_every_answer_has_an_item() {
        let questionnaire = questionnaire();
        let mut ids = Vec::new();
        link_ids(&questionnaire, &mut ids);
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
        let author = Author {
            now: "2026-05-04T10:00:00Z".parse().unwrap(),
            patient_id: "p",
            encounter_id: None,
            user_id: Some("Practitioner/1"),
        };
        for question in all() {
            assert!(unique.contains(&question.id), "{}", question.id);
            for choice in &question.choices {
                let given = Answers::from([(question.id.clone(), choice.value.clone())]);
                let response = response(&given, author).unwrap();
                let mut answered = Vec::new();
                link_ids(&response, &mut answered);
                assert!(answered.iter().all(|id| unique.contains(id)), "{answered:?}");
                let text = response.to_string();
                assert!(text.contains("\"answer\""), "{}: {}", question.id, choice.value);
                // What is answered by a code is one of the options.
                if let Some((_, coding)) = text.split_once("\"valueCoding\":") {
                    let code = coding.split("\"code\":\"").nth(1).unwrap().split('"').next().unwrap();
                    assert!(questionnaire.to_string().contains(&format!("\"code\":\"{code}\"")), "{code}");
                }
            }
        }
        let odd = Answers::from([("weakness".to_owned(), "99".to_owned()), ("x".to_owned(), "y".to_owned())]);
        assert!(response(&odd, author).is_none());
        assert!(ids.iter().any(|id| id == SINCE) && !questionnaire.to_string().contains("null"));
    }

    #[test]
    fn what_is_extracted_has_a_code_and_what_has_none_is_not() {
        fn check(item: &Value, extracted: &mut usize) {
            for item in item["item"].as_array().into_iter().flatten() {
                let extracts = item.to_string().contains("observationExtract") && item["item"].is_null();
                let coded = item["code"].as_array().is_some_and(|codes| !codes.is_empty());
                assert_eq!(extracts, coded, "{item}");
                *extracted += usize::from(extracts);
                check(item, extracted);
            }
        }
        let mut extracted = 0;
        check(&questionnaire(), &mut extracted);
        assert!(extracted > 15, "{extracted}");
    }
}
