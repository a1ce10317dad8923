//! The panel in which a clinician answers what a card asks: its questions as HTML, and what the answers so far amount to.
//!
//! The page sends the record that it holds; nothing is kept. Deliberately absent: what the answers lead to, which the page
//! learns by asking the services about its copy of the record.

use super::moment;
use crate::domain::{Facts, Sign};
use crate::fhir::Chart;
use crate::guideline::Fact;
use crate::json::Document;
use crate::services::form::{
    self, Answers, Choice, Filled, Grade, Group, Known, LEVEL, LOCATION, Question, Standing,
};
use crate::services::{Author, Services};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What the page asks for.
#[derive(Deserialize)]
struct Asked<'a> {
    /// Bare id of the patient.
    patient: String,
    user: Option<String>,
    encounter: Option<String>,
    #[serde(borrow)]
    resources: Vec<&'a RawValue>,
    /// Names of the facts that the card asks for; all questions without any.
    #[serde(default)]
    facts: Vec<String>,
    /// What was answered or confirmed.
    #[serde(default)]
    answers: Answers,
    /// What the form shows, the record's answers included.
    #[serde(default)]
    shown: Answers,
}

/// What the answers so far amount to.
#[derive(Serialize)]
struct Amount {
    /// New resources.
    new: Vec<Box<RawValue>>,
    /// Resources of the record, changed.
    changed: Vec<Value>,
    /// Text for a note.
    note: String,
    /// The choice of the location that the level gives.
    location: Option<String>,
    /// Where the scores stand, as HTML; by the group of their questions.
    standing: BTreeMap<&'static str, String>,
}

/// The facts that the panel has questions for, each with what a reader calls it, as JSON for the page.
pub(super) fn asks() -> String {
    let asked = |fact: &&Fact| !form::asked_by(&[**fact]).is_empty();
    let names: BTreeMap<&str, &str> =
        Fact::ALL.iter().filter(asked).map(|fact| (fact.name(), fact.plain_name())).collect();
    serde_json::to_string(&names).unwrap_or_default()
}

/// The questions that `body` asks for, as HTML. `None` when the body is not what the page sends.
pub fn questions(services: &Services, body: &[u8], now: DateTime<Utc>) -> Option<String> {
    let asked: Asked<'_> = serde_json::from_slice(body).ok()?;
    let facts: Vec<Fact> = asked.facts.iter().filter_map(|name| Fact::named(name)).collect();
    let facts = if facts.is_empty() { Fact::ALL.to_vec() } else { facts };
    let known = read(services, &asked, now, form::known)?;
    let questions = form::asked_by(&facts);
    let mut groups: Vec<Group> = questions.iter().map(|question| question.group).collect();
    groups.dedup();
    let alone = groups.len() == 1;
    let zone = services.time_zone();
    let markup = html! {
        @for group in groups {
            section.questions data-group=(name_of(group)) {
                h3 hidden[alone] { (group.title()) }
                @for question in questions.iter().filter(|question| question.group == group) {
                    (one_question(question, known.get(&question.id), zone))
                }
                @if matches!(group, Group::Stability | Group::LongBone) {
                    div.standing aria-live="polite" data-of=(name_of(group)) {}
                }
            }
        }
    };
    Some(markup.into_string())
}

/// What the answers of `body` amount to, as JSON. `None` when the body is not what the page sends.
pub fn amount(services: &Services, body: &[u8], now: DateTime<Utc>) -> Option<String> {
    let asked: Asked<'_> = serde_json::from_slice(body).ok()?;
    let values: Vec<Value> =
        asked.resources.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect();
    let (undated, bone) = read(services, &asked, now, |facts| (undated(facts), bone(facts)))?;
    let named =
        |reference: &String| values.iter().find(|value| super::record::reference(value) == *reference);
    let undated: Vec<Value> =
        undated.iter().filter_map(named).filter(|it| has_no_onset(it)).cloned().collect();
    let bone = bone.as_ref().and_then(named).and_then(|resource| resource.get("bodySite"));
    let author = Author {
        now,
        patient_id: &asked.patient,
        encounter_id: asked.encounter.as_deref(),
        user_id: asked.user.as_deref(),
    };
    let Filled { new, changed, note, location, sins, mirels } =
        form::fill(&asked.answers, &asked.shown, bone, &undated, author, services.time_zone());
    let standing = [(Group::Stability, "SINS", sins), (Group::LongBone, "Mirels", mirels)];
    let standing = standing.map(|(group, name, it)| (name_of(group), stands(name, &it).into_string()));
    let location = location.map(|points| points.to_string());
    serde_json::to_string(&Amount { new, changed, note, location, standing: BTreeMap::from(standing) }).ok()
}

/// Reads the record and looks at its facts.
fn read<T>(
    services: &Services,
    asked: &Asked<'_>,
    now: DateTime<Utc>,
    look: impl Fn(&Facts) -> T,
) -> Option<T> {
    let documents: Option<Vec<Document<'_>>> =
        asked.resources.iter().map(|raw| Document::parse(raw.get()).ok()).collect();
    let documents = documents?;
    let resources = documents.iter().map(Document::root).collect();
    let mut chart = Chart { patient_id: &asked.patient, resources, ..Chart::default() };
    Some(look(&services.read(&mut chart, now).facts))
}

/// The records that state a deficit or a sign without an onset, as `Type/id`.
fn undated(facts: &Facts) -> Vec<String> {
    let is_finding =
        |sign| !matches!(sign, Sign::BackPain | Sign::RadicularPain | Sign::SpinalMetastasesSuspected);
    let signs = facts.signs.iter().filter(|it| it.affirmed && it.onset.is_none() && is_finding(it.sign));
    signs.map(|it| it.evidence.reference.clone()).collect()
}

/// The latest Mirels score, as `Type/id`: a new one is of the same bone.
fn bone(facts: &Facts) -> Option<String> {
    let latest = facts.mirels.iter().max_by_key(|record| record.seen.map(|when| when.latest()));
    latest.map(|record| record.evidence.reference.clone())
}

fn has_no_onset(resource: &Value) -> bool {
    let members = resource.as_object().into_iter().flatten();
    resource.get("resourceType").and_then(Value::as_str) == Some("Condition")
        && !members.into_iter().any(|(name, _)| name.starts_with("onset"))
}

const fn name_of(group: Group) -> &'static str {
    match group {
        Group::Neurology => "neurology",
        Group::Imaging => "imaging",
        Group::Stability => "stability",
        Group::LongBone => "long-bone",
        Group::Fitness => "fitness",
        Group::Treatment => "treatment",
    }
}

/// One question: a group of radio buttons, drawn as chips or, for the level, as the spine itself.
fn one_question(question: &Question, known: Option<&(String, Known)>, zone: Tz) -> Markup {
    let is_known = |choice: &Choice| known.is_some_and(|(value, _)| *value == choice.value);
    let when = known.and_then(|(_, known)| known.when).map(|when| moment::short(when, zone));
    let class = if question.id == LEVEL { "question spine-level" } else { "question" };
    html! {
        fieldset class=(class) data-question=(question.id) data-context[question.id == LEVEL || question.id == LOCATION] {
            legend { (question.words) }
            div.chips {
                @for choice in &question.choices {
                    @let id = format!("q-{}-{}", question.id, choice.value);
                    span.chip {
                        input type="radio" id=(id) name=(question.id) value=(choice.value)
                            checked[is_known(choice)] data-known[is_known(choice)];
                        label for=(id) data-region=[(question.id == LEVEL).then(|| choice.words.get(..1)).flatten()] {
                            (choice.words)
                            @if let Some(points) = choice.points { " " span.points { (points) } }
                            @if is_known(choice) && question.id != LEVEL && question.id != LOCATION {
                                span.when { " · " (when.as_deref().unwrap_or("no date")) }
                                span.unseen { ", from the chart, please confirm" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where a score stands: "SINS 9 of 18", a bar, and the band in words.
fn stands(name: &str, standing: &Standing) -> Markup {
    let Standing { least, most, top, grade, band } = standing;
    let grade = match grade {
        Grade::Open => "open",
        Grade::Low => "low",
        Grade::Middle => "middle",
        Grade::High => "high",
    };
    let total = if least == most { least.to_string() } else { format!("{least}–{most}") };
    html! {
        p.band data-grade=(grade) { strong { (name) " " (total) " of " (top) } " · " (band) }
        div.scale aria-hidden="true" {
            @for n in 0..=*top {
                span data-on[(*least..=*most).contains(&n)] data-exact[least == most && n == *least] {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::fixtures;
    use crate::domain::Site;
    use crate::fhir::ValueSets;
    use serde_json::json;

    fn services() -> Services {
        Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap()
    }

    fn opened(name: &str, now: DateTime<Utc>) -> Vec<Value> {
        let opened: Value = serde_json::from_str(&fixtures::find(name).unwrap().opened_at(now)).unwrap();
        let entries = opened["bundle"]["entry"].as_array().unwrap();
        entries.iter().map(|entry| entry["resource"].clone()).collect()
    }

    #[test]
    fn a_card_is_asked_its_own_questions_with_what_the_record_knows() {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        let resources = opened("story-breast-sins-9-no-prognosis", now);
        let ask = |facts: &[&str]| {
            let body = json!({"patient": "pat-1", "resources": resources, "facts": facts});
            questions(&services(), body.to_string().as_bytes(), now).unwrap()
        };
        let life = ask(&["life_expectancy"]);
        assert_eq!(life.matches("<fieldset").count(), 1, "{life}");
        let sins = ask(&["sins"]);
        assert_eq!(sins.matches("<fieldset").count(), 7);
        assert!(sins.contains(r#"value="T8" checked data-known"#), "{sins}");
        let fitness = ask(&["performance"]);
        assert!(fitness.contains(r#"name="ecog" value="1" checked data-known"#), "{fitness}");
        assert!(ask(&[]).matches("<fieldset").count() > 20);
    }

    #[test]
    fn what_the_page_does_not_send_asks_nothing() {
        for odd in ["", "[]", "{}", r#"{"patient": 3, "resources": []}"#] {
            let now = "2026-05-04T10:00:00Z".parse().unwrap();
            assert!(questions(&services(), odd.as_bytes(), now).is_none(), "{odd}");
            assert!(amount(&services(), odd.as_bytes(), now).is_none(), "{odd}");
        }
    }

    #[test]
    fn the_level_gives_the_location_and_the_parts_a_band() {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        let body = json!({"patient": "p", "user": "Practitioner/1", "resources": [], "shown": {"level": "T12"},
            "answers": {"sins-pain": "3", "sins-lesion": "2", "sins-alignment": "0", "sins-collapse": "2", "sins-posterolateral": "0"}});
        let text = amount(&services(), body.to_string().as_bytes(), now).unwrap();
        let told: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(told["location"], "3");
        assert!(told["standing"]["stability"].as_str().unwrap().contains("SINS 10 of 18"), "{told}");
        assert_eq!(told["new"][0]["valueInteger"], 10);
        assert_eq!(told["new"][0]["bodySite"]["text"], "T12");
        assert!(told["note"].as_str().unwrap().starts_with("SINS at T12: 10 (location 3, pain 3,"), "{told}");
    }
}
