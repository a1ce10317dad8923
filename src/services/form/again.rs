//! An answer that is written again stays one answer.
//!
//! What is written carries an identifier of ours: the question, and a keyed digest of what is said of whom by whom on which day,
//! and of what the record held on it before. So a request that is sent twice asks for one resource (`If-None-Exist`), an
//! answer that stands is not written anew, and a correction, or the way back after one, is a new resource. Nothing that
//! stands in the EHR is ever changed, but that a Condition without an onset gets one. Deliberately absent: sending.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use std::fmt;

/// System of the identifiers.
pub const ANSWER: &str = "urn:spinal-mets-cds:answer";

/// Whose answers, and when.
#[derive(Clone, Copy)]
pub struct Whose<'a> {
    /// Bare id of the patient.
    pub patient: &'a str,
    /// Who answers; empty where nobody is known.
    pub user: &'a str,
    /// The clock.
    pub now: DateTime<Utc>,
    /// The zone of its days.
    pub zone: Tz,
    /// Makes of what is said what stands for it in an identifier, under a key: nobody finds the answer by trying all.
    pub tag: &'a dyn Fn(&str) -> String,
}

impl fmt::Debug for Whose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Whose")
    }
}

/// An answer beside the record.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// It stands on record, by the same user and of the same day: `Type/id`.
    Stands(String),
    /// It is to be written, with its identifier.
    New {
        /// The resource.
        resource: Value,
        /// The value of its identifier.
        identifier: String,
    },
    /// A Condition of the record is to get its onset; it is the one of this version, or nothing is written.
    Onset {
        /// Its id.
        id: String,
        /// Its version.
        version: String,
        /// The onset.
        onset: String,
    },
}

/// Holds a new resource, an answer to this question, against the record of the patient.
pub fn again(question: &str, mut resource: Value, record: &[Value], whose: &Whose<'_>) -> Answered {
    let said = content(&resource);
    let topic = topic(&resource);
    let of_question = |one: &&Value| {
        identifier_of(one).is_some_and(|value| value.split_once('.').is_some_and(|(it, _)| it == question))
    };
    let same = |one: &&Value| of_question(one) || topic.is_some() && self::topic(one) == topic;
    let about: Vec<&Value> = record.iter().filter(same).collect();
    let is_own = |one: &&&Value| {
        identifier_of(one).is_some()
            && content(one) == said
            && author(one) == author(&resource)
            && is_today(one, whose)
            && is_of(one, whose.patient)
            && !is_withdrawn(one)
    };
    if let Some(own) = about.iter().filter(is_own).max_by_key(|one| recorded(one)) {
        let newer =
            |one: &&Value| recorded(one) > recorded(own) && content(one) != said && !is_withdrawn(one);
        if !about.iter().any(newer) {
            return Answered::Stands(name(own));
        }
    }
    let mut before: Vec<String> = about.iter().map(|one| format!("{} {}", name(one), version(one))).collect();
    before.sort();
    let day = whose.now.with_timezone(&whose.zone).format("%Y-%m-%d").to_string();
    let whole = json!([whose.patient, whose.user, day, question, said, before]).to_string();
    let identifier = format!("{question}.{}", (whose.tag)(&whole));
    if let Some(members) = resource.as_object_mut() {
        members.insert("identifier".to_owned(), json!([{"system": ANSWER, "value": identifier}]));
    }
    Answered::New { resource, identifier }
}

fn identifier_of(resource: &Value) -> Option<&str> {
    let all = resource.get("identifier")?.as_array()?;
    let own = all.iter().find(|one| one.get("system").and_then(Value::as_str) == Some(ANSWER))?;
    own.get("value")?.as_str()
}

/// Whether a resource is about this patient.
pub fn is_of(resource: &Value, patient: &str) -> bool {
    reference(text(resource, "/subject/reference")) == format!("Patient/{patient}")
}

/// Whether a resource no longer says what stands in it: entered in error, cancelled, refuted or over.
pub fn is_withdrawn(resource: &Value) -> bool {
    let coded = |member: &str| codes(resource.get(member).unwrap_or(&Value::Null));
    let states = coded("verificationStatus").into_iter().chain(coded("clinicalStatus"));
    matches!(text(resource, "/status"), "entered-in-error" | "cancelled")
        || states.into_iter().any(|(_, code)| {
            matches!(&*code, "entered-in-error" | "refuted" | "inactive" | "remission" | "resolved")
        })
}

/// `Type/id` of a reference, relative or absolute.
fn reference(written: &str) -> String {
    let unversioned = written.split("/_history").next().unwrap_or_default();
    let last: Vec<&str> = unversioned.rsplit('/').take(2).collect();
    last.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// The text at a JSON pointer; empty without one.
pub fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

/// Systems and codes of a concept; a server may add displays.
fn codes(concept: &Value) -> Vec<(String, String)> {
    let codings = concept.get("coding").and_then(Value::as_array).into_iter().flatten();
    codings.map(|one| (text(one, "/system").to_owned(), text(one, "/code").to_owned())).collect()
}

/// What a resource is about: its first coding.
fn topic(resource: &Value) -> Option<(String, String)> {
    codes(resource.get("code")?).into_iter().next()
}

/// What a resource says, in words that do not depend on how a server writes it down.
fn content(resource: &Value) -> Value {
    let sites = match resource.get("bodySite") {
        Some(Value::Array(sites)) => sites.iter().flat_map(codes).collect(),
        Some(site) => codes(site),
        None => Vec::new(),
    };
    let parts = resource.get("component").and_then(Value::as_array).into_iter().flatten();
    let parts: Vec<Value> = parts.map(|part| json!([part.get("code").map(codes), value(part)])).collect();
    json!([
        text(resource, "/resourceType"),
        resource.get("code").map(codes),
        sites,
        value(resource),
        parts,
        text(resource, "/onsetDateTime"),
    ])
}

fn value(of: &Value) -> Value {
    let members = of.as_object().into_iter().flatten();
    let mut values = members.filter(|(name, _)| name.starts_with("value"));
    values.next().map_or(Value::Null, |(name, value)| match name.as_str() {
        "valueCodeableConcept" => json!(codes(value)),
        _ => value.clone(),
    })
}

/// `Type/id` of who stated it.
fn author(resource: &Value) -> String {
    let named = [text(resource, "/performer/0/reference"), text(resource, "/recorder/reference")];
    reference(named.into_iter().find(|it| !it.is_empty()).unwrap_or_default())
}

fn recorded(resource: &Value) -> Option<DateTime<Utc>> {
    let at =
        [text(resource, "/recordedDate"), text(resource, "/issued"), text(resource, "/effectiveDateTime")];
    let at = at.into_iter().find(|it| !it.is_empty())?;
    DateTime::parse_from_rfc3339(at).ok().map(|at| at.to_utc())
}

fn is_today(resource: &Value, whose: &Whose<'_>) -> bool {
    let day = |at: DateTime<Utc>| at.with_timezone(&whose.zone).date_naive();
    recorded(resource).is_some_and(|at| day(at) == day(whose.now))
}

fn name(resource: &Value) -> String {
    format!("{}/{}", text(resource, "/resourceType"), text(resource, "/id"))
}

fn version(resource: &Value) -> &str {
    let named = [text(resource, "/meta/versionId"), text(resource, "/meta/lastUpdated")];
    named.into_iter().find(|it| !it.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whose(now: &str) -> Whose<'static> {
        let now = now.parse().unwrap();
        Whose { patient: "p", user: "Practitioner/1", now, zone: Tz::Europe__Amsterdam, tag: &tag }
    }

    /// Different for different texts.
    fn tag(text: &str) -> String {
        let sum = text.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        format!("{sum:x}")
    }

    fn ecog(points: u8, at: &str, user: &str) -> Value {
        json!({
            "resourceType": "Observation", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "89247-1"}]},
            "effectiveDateTime": at, "valueInteger": points, "performer": [{"reference": user}],
            "subject": {"reference": "Patient/p"},
        })
    }

    /// An EHR that takes what is new, adds what servers add, and gives how many resources it holds then.
    fn save(record: &mut Vec<Value>, points: u8, at: &str) -> usize {
        let before = record.clone();
        if let Answered::New { mut resource, .. } =
            again("ecog", ecog(points, at, "Practitioner/1"), &before, &whose(at))
        {
            resource["id"] = json!(format!("{}", record.len()));
            resource["meta"] = json!({"versionId": "1"});
            resource["code"]["coding"][0]["display"] = json!("ECOG");
            resource["performer"][0]["reference"] = json!("https://ehr.example.org/fhir/Practitioner/1");
            record.push(resource);
        }
        record.len()
    }

    #[test]
    fn the_same_again_is_one_and_the_way_back_after_a_correction_is_new() {
        let mut record = Vec::new();
        assert_eq!(save(&mut record, 1, "2026-05-04T10:00:00Z"), 1);
        assert_eq!(save(&mut record, 1, "2026-05-04T10:05:00Z"), 1, "again");
        assert_eq!(save(&mut record, 2, "2026-05-04T10:10:00Z"), 2, "corrected");
        assert_eq!(save(&mut record, 2, "2026-05-04T10:11:00Z"), 2);
        assert_eq!(save(&mut record, 1, "2026-05-04T10:15:00Z"), 3, "and back");
        assert_eq!(save(&mut record, 1, "2026-05-04T10:16:00Z"), 3);
        assert_eq!(save(&mut record, 1, "2026-05-05T10:16:00Z"), 4, "another day is another assessment");
        // 22:30 UTC is the next day in Amsterdam.
        assert_eq!(save(&mut record, 1, "2026-05-05T22:30:00Z"), 5);
        // Somebody else says otherwise in between.
        let mut other = ecog(3, "2026-05-05T22:40:00Z", "Practitioner/2");
        other["id"] = json!("other");
        record.push(other);
        assert_eq!(save(&mut record, 1, "2026-05-05T22:50:00Z"), 7);
    }

    #[test]
    fn what_is_sent_twice_has_one_identifier_and_nothing_of_the_patient_in_it() {
        let at = "2026-05-04T10:00:00Z";
        let identifier = |record: &[Value], user: &str| {
            let whose = Whose { user, ..whose(at) };
            match again("ecog", ecog(1, at, user), record, &whose) {
                Answered::New { resource, identifier } => {
                    assert_eq!(identifier_of(&resource), Some(&*identifier));
                    identifier
                }
                stands => panic!("{stands:?}"),
            }
        };
        let first = identifier(&[], "Practitioner/1");
        assert_eq!(first, identifier(&[], "Practitioner/1"));
        assert!(first.starts_with("ecog.") && !first.contains("Practitioner"), "{first}");
        assert_ne!(first, identifier(&[], "Practitioner/2"));
        let mut before = ecog(2, "2026-05-01T10:00:00Z", "Practitioner/1");
        before["id"] = json!("x");
        assert_ne!(first, identifier(&[before], "Practitioner/1"));
    }

    #[test]
    fn another_answer_to_the_question_in_between_makes_it_new() {
        // Each by a code of its own: "unsteady", then "walks unaided", then "unsteady".
        let said = |code: &str, yes: bool, at: &str| {
            json!({
                "resourceType": "Observation", "id": code, "effectiveDateTime": at, "valueBoolean": yes,
                "code": {"coding": [{"system": "http://snomed.info/sct", "code": code}]},
                "subject": {"reference": "Patient/p"},
            })
        };
        let mut record: Vec<Value> = Vec::new();
        for (code, yes, at) in [
            ("394616008", true, "2026-05-04T10:00:00Z"),
            ("22325002", false, "2026-05-04T10:05:00Z"),
            ("394616008", true, "2026-05-04T10:10:00Z"),
        ] {
            match again("walks", said(code, yes, at), &record, &whose(at)) {
                Answered::New { resource, .. } => record.push(resource),
                stands => panic!("{at}: {stands:?}"),
            }
        }
        let at = "2026-05-04T10:11:00Z";
        let last = again("walks", said("394616008", true, at), &record, &whose(at));
        assert_eq!(last, Answered::Stands("Observation/394616008".to_owned()));
    }

    #[test]
    fn what_was_withdrawn_or_is_of_somebody_else_does_not_stand() {
        let at = "2026-05-04T10:00:00Z";
        let stands = |change: fn(&mut Value)| {
            let mut record = Vec::new();
            save(&mut record, 1, at);
            change(&mut record[0]);
            matches!(again("ecog", ecog(1, at, "Practitioner/1"), &record, &whose(at)), Answered::Stands(_))
        };
        let state = |code: &str| json!({"coding": [{"code": code}]});
        assert!(stands(|_| ()));
        assert!(stands(|it| it["subject"]["reference"] = json!("https://ehr.example.org/fhir/Patient/p")));
        assert!(!stands(|it| it["status"] = json!("entered-in-error")));
        assert!(!stands(|it| it["status"] = json!("cancelled")));
        assert!(!stands(|it| it["subject"]["reference"] = json!("Patient/q")));
        assert!(!stands(|it| it["subject"] = Value::Null));
        for code in ["refuted", "entered-in-error"] {
            assert!(is_withdrawn(&json!({ "verificationStatus": state(code) })), "{code}");
        }
        assert!(is_withdrawn(&json!({ "clinicalStatus": state("resolved") })));
        let active = json!({"verificationStatus": state("confirmed"), "clinicalStatus": state("active")});
        assert!(!is_withdrawn(&active));
        // A correction that was withdrawn takes nothing back.
        let mut record = Vec::new();
        save(&mut record, 1, at);
        save(&mut record, 2, "2026-05-04T10:05:00Z");
        record[1]["status"] = json!("entered-in-error");
        assert_eq!(save(&mut record, 1, "2026-05-04T10:06:00Z"), 2);
    }
}
