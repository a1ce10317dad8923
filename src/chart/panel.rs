//! The panel in which a clinician answers what a card asks: its questions as HTML, and what the answers so far amount to.
//!
//! The page sends the record that it holds; nothing is kept. Deliberately absent: what the answers lead to, which the page
//! learns by asking the services about its copy of the record.

use super::moment;
use crate::domain::Facts;
use crate::fhir::{Chart, Reference};
use crate::guideline::Fact;
use crate::json::Document;
use crate::services::form::{
    self, Answered, Answers, Choice, Filled, Grade, Group, Known, LEVEL, LOCATION, OfRecord, Question,
    Recorded, Standing, Whose, again,
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
#[derive(Debug, Default, Deserialize)]
pub struct Asked<'a> {
    /// Bare id of the patient.
    pub patient: String,
    /// The user, as a FHIR reference.
    pub user: Option<String>,
    /// Bare id of the encounter.
    pub encounter: Option<String>,
    /// The record.
    #[serde(borrow)]
    pub resources: Vec<&'a RawValue>,
    /// Names of the facts that the card asks for; all questions without any.
    #[serde(default)]
    pub facts: Vec<String>,
    /// What was answered or confirmed.
    #[serde(default)]
    pub answers: Answers,
    /// What the form shows, the record's answers included.
    #[serde(default)]
    pub shown: Answers,
}

/// What the answers so far amount to.
#[derive(Serialize)]
struct Amount {
    /// New resources.
    new: Vec<Value>,
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
    let asked = asked(body)?;
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
            section.questions data-group=(group.name()) {
                h3 hidden[alone] { (group.title()) }
                @for question in questions.iter().filter(|question| question.group == group) {
                    (one_question(question, known.get(&question.id), zone))
                }
                @if matches!(group, Group::Stability | Group::LongBone) {
                    div.standing aria-live="polite" data-of=(group.name()) {}
                }
            }
        }
    };
    Some(markup.into_string())
}

/// What the answers of `body` amount to, as JSON. `None` when the body is not what the page sends.
pub fn amount(services: &Services, body: &[u8], now: DateTime<Utc>) -> Option<String> {
    let asked = asked(body)?;
    let Filled { new, changed, note, location, sins, mirels } = fill(services, &asked, now)?;
    let standing = [(Group::Stability, "SINS", sins), (Group::LongBone, "Mirels", mirels)];
    let standing = standing.map(|(group, name, it)| (group.name(), stands(name, &it).into_string()));
    let location = location.map(|points| points.to_string());
    let new = not_yet_said(new, &asked, services, now);
    serde_json::to_string(&Amount { new, changed, note, location, standing: BTreeMap::from(standing) }).ok()
}

/// Answers without those that stand on the record already, by the same user and of the same day: saved again, an answer stays
/// one, as in an EHR.
fn not_yet_said(
    new: Vec<Recorded>,
    asked: &Asked<'_>,
    services: &Services,
    now: DateTime<Utc>,
) -> Vec<Value> {
    let parsed = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).ok();
    let record: Vec<Value> = asked.resources.iter().filter_map(|raw| parsed(raw)).collect();
    let tag = |text: &str| services.tag_of(text);
    let whose = Whose {
        patient: &asked.patient,
        user: asked.user.as_deref().unwrap_or_default(),
        now,
        zone: services.time_zone(),
        tag: &tag,
    };
    let unsaid =
        |recorded: Recorded| match again(&recorded.question, parsed(&recorded.resource)?, &record, &whose) {
            Answered::New { resource, .. } => Some(resource),
            Answered::Stands(_) | Answered::Onset { .. } => None,
        };
    new.into_iter().filter_map(unsaid).collect()
}

/// What the answers about a record give; `None` where a resource of it is no JSON.
pub fn fill(services: &Services, asked: &Asked<'_>, now: DateTime<Utc>) -> Option<Filled> {
    let values: Vec<Value> =
        asked.resources.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect();
    let look = |facts: &Facts| (form::undated(facts, &asked.answers), bone(facts), form::study(facts));
    let (undated, bone, study) = read(services, asked, now, look)?;
    let named = |reference: &String| {
        let mut own = values.iter().filter(|value| is_of(value, &asked.patient));
        own.find(|value| super::record::reference(value) == *reference)
    };
    let undated: Vec<Value> =
        undated.iter().filter_map(named).filter(|it| has_no_onset(it)).cloned().collect();
    let bone = bone.as_ref().and_then(named).and_then(|resource| resource.get("bodySite"));
    let author = Author {
        now,
        patient_id: &asked.patient,
        encounter_id: asked.encounter.as_deref(),
        user_id: asked.user.as_deref(),
    };
    let record = OfRecord { bone, undated: &undated, study: study.as_deref() };
    Some(form::fill(&asked.answers, &asked.shown, record, author, services.time_zone()))
}

/// What the page asks; `None` as well where an id is none, for what is recorded refers to it.
fn asked(body: &[u8]) -> Option<Asked<'_>> {
    let asked: Asked<'_> = serde_json::from_slice(body).ok()?;
    let named = is_id(&asked.patient) && asked.encounter.as_deref().is_none_or(is_id);
    named.then_some(asked)
}

/// Whether a text is a FHIR id, and neither a path nor a reference.
fn is_id(text: &str) -> bool {
    let named = Reference::parse(text);
    named.id == text && named.has_valid_id()
}

/// Whether a resource is of this patient; ids are unique on one server only, and a record may hold those of several. One
/// that names nobody is, as everywhere.
fn is_of(resource: &Value, patient: &str) -> bool {
    let subject = resource.get("subject").and_then(|subject| subject.get("reference"));
    subject.and_then(Value::as_str).is_none_or(|subject| {
        let named = Reference::parse(subject);
        named.is_contained || matches!(named.kind, None | Some("Patient")) && named.id == patient
    })
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

/// One question: a group of radio buttons, drawn as chips or, for the level, as the spine itself.
fn one_question(question: &Question, known: Option<&(String, Known)>, zone: Tz) -> Markup {
    let is_known = |choice: &Choice| known.is_some_and(|(value, _)| *value == choice.value);
    let when = known.and_then(|(_, known)| known.when).map(|when| moment::short(when, zone));
    let class = if question.id == LEVEL { "question spine-level" } else { "question" };
    html! {
        fieldset class=(class) data-question=(question.id) data-context[question.id == LEVEL || question.id == LOCATION] {
            legend { @if question.instead { "or " } (question.words) }
            div.chips {
                @for choice in &question.choices {
                    @let id = format!("q-{}-{}", question.id, choice.value);
                    span.chip {
                        input type="radio" id=(id) name=(question.id) value=(choice.value)
                            checked[is_known(choice)] data-known[is_known(choice)];
                        label for=(id) data-region=[(question.id == LEVEL).then(|| choice.words.get(..1)).flatten()] {
                            (choice.words)
                            @if let Some(points) = choice.points { " " span.points { (points) } }
                            @if is_known(choice) && question.id != LOCATION {
                                @if question.id != LEVEL { span.when { " · " (when.as_deref().unwrap_or("no date")) } }
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
    let Standing { least, most, top, grade, grades, band } = standing;
    let word = |grade: &Grade| match grade {
        Grade::Open => "open",
        Grade::Low => "low",
        Grade::Middle => "middle",
        Grade::High => "high",
    };
    let total = if least == most { least.to_string() } else { format!("{least}–{most}") };
    html! {
        p.band data-grade=(word(grade)) { strong { (name) " " (total) " of " (top) } " · " (band) }
        div.scale aria-hidden="true" {
            @for (n, of) in (0..=*top).zip(grades) {
                span data-band=(word(of)) data-on[(*least..=*most).contains(&n)] {
                    @if grades.get(usize::from(n).wrapping_sub(1)).is_some_and(|before| before != of) { i { (n) } }
                }
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
    use std::sync::LazyLock;

    static SERVICES: LazyLock<Services> =
        LazyLock::new(|| Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap());

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
            questions(&SERVICES, body.to_string().as_bytes(), now).unwrap()
        };
        let life = ask(&["life_expectancy"]);
        assert_eq!(life.matches("<fieldset").count(), 1, "{life}");
        let sins = ask(&["sins"]);
        assert_eq!(sins.matches("<fieldset").count(), 7);
        assert!(sins.contains(r#"value="T8" checked data-known"#), "{sins}");
        let fitness = ask(&["performance"]);
        assert!(fitness.contains(r#"name="ecog" value="1" checked data-known"#), "{fitness}");
        assert!(fitness.contains("<legend>or Karnofsky</legend>"), "{fitness}");
        assert!(ask(&[]).matches("<fieldset").count() > 20);
    }

    #[test]
    fn what_the_page_does_not_send_asks_nothing() {
        let odd_ids =
            ["", " p", "../Observation/1?x", "Patient/p", "#p", "p/_history/1", "p?x", "urn:uuid:p"];
        let mut bodies: Vec<String> =
            ["", "[]", "{}", r#"{"patient": 3, "resources": []}"#].map(str::to_owned).to_vec();
        for id in odd_ids {
            bodies.push(json!({"patient": id, "resources": []}).to_string());
            bodies.push(json!({"patient": "p", "encounter": id, "resources": []}).to_string());
        }
        for odd in bodies {
            let now = "2026-05-04T10:00:00Z".parse().unwrap();
            assert!(questions(&SERVICES, odd.as_bytes(), now).is_none(), "{odd}");
            assert!(amount(&SERVICES, odd.as_bytes(), now).is_none(), "{odd}");
        }
    }

    #[test]
    fn the_level_gives_the_location_and_the_parts_a_band() {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        let body = json!({"patient": "p", "user": "Practitioner/1", "resources": [], "shown": {"level": "T12"},
            "answers": {"sins-pain": "3", "sins-lesion": "2", "sins-alignment": "0", "sins-collapse": "2", "sins-posterolateral": "0"}});
        let text = amount(&SERVICES, body.to_string().as_bytes(), now).unwrap();
        let told: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(told["location"], "3");
        assert!(told["standing"]["stability"].as_str().unwrap().contains("SINS 10 of 18"), "{told}");
        assert_eq!(told["new"][0]["valueInteger"], 10);
        assert_eq!(told["new"][0]["bodySite"]["text"], "T12");
        assert!(told["note"].as_str().unwrap().starts_with("SINS at T12: 10 (location 3, pain 3,"), "{told}");
    }

    #[test]
    fn an_answer_that_is_saved_again_stays_one_and_a_correction_is_a_new_one() {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        let new = |record: &[Value], answers: &Value| -> Vec<Value> {
            let body =
                json!({"patient": "p", "user": "Practitioner/1", "resources": record, "answers": answers});
            let text = amount(&SERVICES, body.to_string().as_bytes(), now).unwrap();
            let told: Value = serde_json::from_str(&text).unwrap();
            let mut new = told["new"].as_array().unwrap().clone();
            new.iter_mut().enumerate().for_each(|(n, it)| it["id"] = json!(format!("new-{n}")));
            new
        };
        let saved = new(&[], &json!({"ecog": "2", "weakness": "left-leg"}));
        assert_eq!(saved.len(), 2);
        assert!(new(&saved, &json!({"ecog": "2", "weakness": "left-leg"})).is_empty());
        let corrected = new(&saved, &json!({"ecog": "3", "weakness": "left-leg"}));
        assert_eq!(corrected.len(), 1);
        assert_eq!(corrected[0]["valueInteger"], 3, "{corrected:?}");
    }

    /// What the answers about a record change in it, by id.
    fn changed(resources: &[Value], answers: &Value) -> BTreeMap<String, Value> {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        let body = json!({"patient": "p", "resources": resources, "answers": answers});
        let text = amount(&SERVICES, body.to_string().as_bytes(), now).unwrap();
        let told: Value = serde_json::from_str(&text).unwrap();
        let changed = told["changed"].as_array().unwrap().iter();
        changed.map(|it| (it["id"].as_str().unwrap().to_owned(), it.clone())).collect()
    }

    /// A Condition without an onset, recorded today, for every choice that states a finding.
    fn undated_findings() -> Vec<Value> {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        let mut found = Vec::new();
        for question in form::all().iter().filter(|question| question.group == Group::Neurology) {
            for choice in &question.choices {
                let body = json!({"patient": "p", "resources": [],
                    "answers": {&question.id: &choice.value, "since": "1"}});
                let text = amount(&SERVICES, body.to_string().as_bytes(), now).unwrap();
                let mut told: Value = serde_json::from_str(&text).unwrap();
                let Some(stated) = told["new"].get_mut(0) else { continue };
                if stated["resourceType"] == "Condition" {
                    stated["id"] = json!(format!("{}.{}", question.id, choice.value));
                    stated.as_object_mut().unwrap().remove("onsetDateTime");
                    found.push(stated.clone());
                }
            }
        }
        found
    }

    #[test]
    fn an_onset_alone_is_that_of_the_only_deficit_on_record_without_one() {
        let record = undated_findings();
        let weak = record.iter().filter(|it| it["id"] == "weakness.left-leg").cloned().collect::<Vec<_>>();
        assert_eq!(changed(&weak, &json!({"since": "1"})).len(), 1);
        assert_eq!(changed(&weak, &json!({"since": "1", "deficit-progression": "stable"})).len(), 1);
        assert!(changed(&weak, &json!({"since": "1", "back-pain": "yes"})).is_empty());
        assert!(changed(&weak, &json!({"since": "1", "weakness": "no"})).is_empty());
        assert!(changed(&record, &json!({"since": "1"})).is_empty(), "nobody knows which of them");
    }

    #[test]
    fn an_onset_is_that_of_the_deficit_answered_and_of_nothing_else_in_the_record() {
        let record = undated_findings();
        assert!(record.len() >= 12, "{record:?}");
        let mut dated = 0;
        for question in form::all() {
            for choice in &question.choices {
                let own = format!("{}.{}", question.id, choice.value);
                let changed = changed(&record, &json!({&question.id: &choice.value, "since": "1"}));
                assert!(changed.keys().all(|id| *id == own), "{own}: {changed:?}");
                dated += changed.len();
            }
        }
        // Five weaknesses, two of feeling, two of the bladder.
        assert_eq!(dated, 9);
    }

    #[test]
    fn no_onset_is_later_than_the_record_of_it_nor_another_patients() {
        let findings = undated_findings();
        let left = findings.iter().find(|it| it["id"] == "weakness.left-leg").unwrap();
        let answers = json!({"weakness": "left-leg", "since": "3"});
        for (recorded, dated) in [
            (json!("2026-05-04T08:00:00Z"), true),
            (json!("2026-05-01"), true),
            (json!("2026-05"), true),
            (json!("2026"), true),
            (json!("2026-04-30T23:00:00Z"), false),
            (json!("2026-05-01T01:00:00+05:00"), false),
            (json!("2026-04-30"), false),
            (json!("2026-04"), false),
            (json!("2025"), false),
            (Value::Null, false),
        ] {
            let mut condition = left.clone();
            condition["recordedDate"] = recorded.clone();
            let changed = changed(&[condition], &answers);
            assert_eq!(changed.len(), usize::from(dated), "{recorded}");
            assert!(changed.values().all(|it| it["onsetDateTime"] == "2026-05-01"), "{changed:?}");
        }
        let mut other = left.clone();
        other["subject"]["reference"] = json!("Patient/q");
        for record in [[other.clone(), left.clone()], [left.clone(), other.clone()]] {
            let changed = changed(&record, &answers);
            assert_eq!(changed["weakness.left-leg"]["subject"]["reference"], "Patient/p");
        }
        assert!(changed(&[other], &answers).is_empty());
    }
}
