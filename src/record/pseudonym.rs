//! A call without the people in it.
//!
//! Ids become names that this session made up, the same one each time. Dates move by whole days, so many for each patient
//! and not the same in another session, and so does the clock: what lies how long ago stays. Of texts only those are kept that
//! stand on a list ([`super::kept`]) or are codes of a public system. Numbers and truth values stay.

use super::kept::{EXTENSION_PARTS, GRADES, LEFT_OUT, PUBLIC, TYPES, UNITS, WORD_MEMBERS, WORDS};
use crate::cases::shift::Shift;
use crate::domain::Source;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// So many days a patient's dates move at least, and so many more at most.
const DAYS: (i64, u64) = (200, 1_600);

const NEXT_PAGE: &str = "https://ehr.example.org/fhir/r4?page=2";

/// The made-up names of one session.
#[derive(Debug)]
pub struct Pseudonyms {
    names: HashMap<String, String>,
    days: HashMap<String, i64>,
}

impl Default for Pseudonyms {
    fn default() -> Self {
        Self::new()
    }
}

impl Pseudonyms {
    /// No name yet.
    pub fn new() -> Self {
        Self { names: HashMap::new(), days: HashMap::new() }
    }

    /// The request as it may be kept, and the clock that goes with it; `None` where it names no patient.
    pub fn request(&mut self, request: &Value, now: DateTime<Utc>) -> Option<(Value, DateTime<Utc>)> {
        let patient = request.get("context")?.get("patientId")?.as_str()?;
        let days = *self.days.entry(patient.to_owned()).or_insert_with(random_days);
        let moved = now.checked_sub_signed(TimeDelta::days(days))?;
        let mut walk = Walk { names: &mut self.names, shift: Shift::between(now, moved) };
        let mut kept = walk.value("", request)?;
        kept.as_object_mut()?.insert("hookInstance".to_owned(), json!(Uuid::nil()));
        Some((kept, moved))
    }
}

/// Not to be told from what is kept.
fn random_days() -> i64 {
    let (least, more) = DAYS;
    least.saturating_add_unsigned(Uuid::new_v4().as_u64_pair().1 % more)
}

/// One request on its way.
struct Walk<'a> {
    names: &'a mut HashMap<String, String>,
    shift: Shift,
}

impl Walk<'_> {
    /// What is kept of the value of a member; `None`: nothing.
    fn value(&mut self, member: &str, value: &Value) -> Option<Value> {
        match value {
            Value::Object(members) => self.object(member, members),
            Value::Array(items) => {
                let kept: Vec<Value> = items.iter().filter_map(|item| self.value(member, item)).collect();
                // An empty list was there, or all that was in it went.
                (!kept.is_empty() || items.is_empty()).then_some(Value::Array(kept))
            }
            Value::String(text) => self.text(member, text).map(Value::String),
            Value::Null | Value::Bool(_) | Value::Number(_) => Some(value.clone()),
        }
    }

    fn object(&mut self, member: &str, members: &Map<String, Value>) -> Option<Value> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        if text("resourceType").is_some_and(|kind| !is_type(kind)) {
            return None;
        }
        let is_extension = member == "extension" || member == "modifierExtension";
        let is_named = |url: &str| is_public(url) || EXTENSION_PARTS.contains(&url);
        if is_extension && !text("url").is_some_and(is_named) {
            return None;
        }
        let is_coded = members.contains_key("code") && members.get("code").is_some_and(Value::is_string);
        let mut kept = Map::new();
        for (name, value) in members {
            let kept_value = match (name.as_str(), value) {
                (name, _) if LEFT_OUT.contains(&name) || !is_plain(name) => None,
                ("url", Value::String(url)) if is_extension => Some(json!(url)),
                // That there is a next page, not where.
                ("url", _) => members.contains_key("relation").then(|| json!(NEXT_PAGE)),
                ("system", Value::String(system)) => is_coded.then(|| json!(self.system(system))),
                ("code", Value::String(code)) => {
                    let (code, system) = (code.clone(), text("system").unwrap_or_default().to_owned());
                    self.code(&code, &system).map(|code| json!(code))
                }
                (name, value) => self.value(name, value),
            };
            if let Some(value) = kept_value {
                kept.insert(name.clone(), value);
            }
        }
        // A concept or a name of which nothing stayed is none; an object that was empty stays what it was.
        (!kept.is_empty() || members.is_empty()).then_some(Value::Object(kept))
    }

    fn text(&mut self, member: &str, text: &str) -> Option<String> {
        match member {
            "resourceType" => is_type(text).then(|| text.to_owned()),
            "id" | "patientId" | "encounterId" => Some(self.name(text)),
            "reference" | "fullUrl" | "userId" | "selections" | "dispatchedOrders" | "performer" => {
                self.reference(text)
            }
            "unit" => UNITS.contains(&text).then(|| text.to_owned()),
            "valueString" | "valueCode" => GRADES.contains(&text).then(|| text.to_owned()),
            "versionId" => text.parse::<u64>().ok().map(|number| number.to_string()),
            _ if WORD_MEMBERS.contains(&member) => WORDS.contains(&text).then(|| text.to_owned()),
            _ => self.shift.date(member, text),
        }
    }

    /// The made-up name of an id; of a UUID it is one.
    fn name(&mut self, id: &str) -> String {
        let number = self.names.len() + 1;
        let made = || match Uuid::try_parse(id) {
            Ok(_) => format!("00000000-0000-8000-8000-{number:012}"),
            Err(_) => format!("r{number}"),
        };
        self.names.entry(id.to_owned()).or_insert_with(made).clone()
    }

    /// A reference with made-up ids, without its server.
    fn reference(&mut self, text: &str) -> Option<String> {
        if let Some(id) = text.strip_prefix('#') {
            return Some(format!("#{}", self.name(id)));
        }
        if let Some(id) = text.strip_prefix("urn:uuid:") {
            return Uuid::try_parse(id).ok().map(|_| format!("urn:uuid:{}", self.name(id)));
        }
        let whole = text.split("/_history/").next().unwrap_or_default();
        let mut parts = whole.rsplit('/');
        let (id, kind) = (parts.next()?, parts.next());
        match kind {
            Some(kind) if is_type(kind) => {
                let name = self.name(id);
                let is_url = text.contains("://");
                Some(format!("{}{kind}/{name}", if is_url { "https://ehr.example.org/fhir/r4/" } else { "" }))
            }
            Some(_) => None,
            // A bare id, as some clients select.
            None => Some(self.name(id)),
        }
    }

    /// A system that is the same everywhere, or a made-up name.
    fn system(&mut self, system: &str) -> String {
        if is_public(system) { system.to_owned() } else { format!("urn:recorded:{}", self.name(system)) }
    }

    /// A code of a public system, or a made-up one; a word of FHIR where no system stands beside it.
    fn code(&mut self, code: &str, system: &str) -> Option<String> {
        let is_code = |c: char| c.is_ascii_alphanumeric() || ".-_+/[]{}%".contains(c);
        if system.is_empty() {
            return (WORDS.contains(&code) || UNITS.contains(&code)).then(|| code.to_owned());
        }
        if !is_public(system) {
            return Some(self.name(code));
        }
        (code.len() <= 40 && code.chars().all(is_code)).then(|| code.to_owned())
    }
}

fn is_public(url: &str) -> bool {
    PUBLIC.iter().any(|public| url.starts_with(public))
}

fn is_type(kind: &str) -> bool {
    Source::named(kind).is_some() || TYPES.contains(&kind)
}

/// Whether a member can be one of FHIR or a prefetch key of ours.
fn is_plain(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !name.is_empty() && name.len() <= 40 && name.chars().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(request: &Value) -> (Value, DateTime<Utc>) {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        Pseudonyms::new().request(request, now).unwrap()
    }

    #[test]
    fn one_id_has_one_name_and_dates_keep_their_distance() {
        let (kept, now) = kept(&json!({
            "hook": "patient-view", "hookInstance": "x", "fhirServer": "https://general-hospital.example.org",
            "context": { "patientId": "12345", "userId": "Practitioner/dr-house" },
            "prefetch": {
                "patient": { "resourceType": "Patient", "id": "12345", "name": [{ "family": "House" }], "birthDate": "1959-06-11" },
                "conditions": { "resourceType": "Bundle", "entry": [{ "fullUrl": "https://general-hospital.example.org/Condition/7",
                    "resource": { "resourceType": "Condition", "id": "7", "subject": { "reference": "Patient/12345" },
                        "code": { "coding": [{ "system": "http://snomed.info/sct", "code": "161891005", "display": "Backache" },
                            { "system": "https://general-hospital.example.org/dx", "code": "HOUSE-1" }], "text": "as Mr House says" },
                        "recordedDate": "2026-05-02T10:00:00Z" } }] } } }));
        let text = kept.to_string();
        for gone in ["12345", "ouse", "general-hospital", "Backache"] {
            assert!(!text.contains(gone), "{gone}: {text}");
        }
        let condition = &kept["prefetch"]["conditions"]["entry"][0]["resource"];
        assert_eq!(condition["code"]["coding"][0]["code"], "161891005");
        let patient = kept["context"]["patientId"].as_str().unwrap();
        assert_eq!(kept["prefetch"]["patient"]["id"], patient);
        assert_eq!(condition["subject"]["reference"], format!("Patient/{patient}"));
        let recorded: DateTime<Utc> = condition["recordedDate"].as_str().unwrap().parse().unwrap();
        assert_eq!(now - recorded, TimeDelta::days(2));
        assert!(now < "2025-12-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_ne!(kept["prefetch"]["patient"]["birthDate"], "1959-06-11");
    }
}
