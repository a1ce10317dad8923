//! A call without the people in it.
//!
//! Ids become names that this session made up, the same one each time. Dates move by whole days, so many for each patient
//! and not the same in another session, and so does the clock: what lies how long ago stays. Whoever knows the clock of the
//! recorder can move them back; so a birth date does not move with them, but is drawn anew among the days that make the same
//! age in years, and dates of the year of birth go. Of members, texts and numbers only those are kept that stand on a list
//! ([`super::kept`]) or are codes of a public system ([`super::systems`]).

use super::kept::{
    DATES, EXTENSION_PARTS, EXTENSIONS, GRADES, LARGEST_NUMBER, MEMBERS, NUMBERS, OF_PATIENT, OF_PEOPLE,
    PEOPLE, PREFETCH, TYPES, UNITS, WORD_MEMBERS, WORDS,
};
use super::systems::{is_code, is_public};
use crate::cases::shift::Shift;
use crate::domain::Source;
use chrono::{DateTime, Datelike, Days, DurationRound, Months, NaiveDate, TimeDelta, Utc};
use serde_json::{Map, Number, Value, json};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// So many days a patient's dates move at least, and so many more at most.
const DAYS: (i64, u64) = (200, 1_600);
/// A birthday lies so many days before the call at least, and so many more at most: within the year that keeps the age, a
/// month of margin for a birth date that names no day.
const SINCE_BIRTHDAY: (u64, u64) = (2, 328);

const NEXT_PAGE: &str = "https://ehr.example.org/fhir/r4?page=2";

/// The made-up names of one session.
#[derive(Debug, Default)]
pub struct Pseudonyms {
    names: HashMap<String, String>,
    days: HashMap<String, i64>,
    /// By patient and true birth date: the one that is told.
    births: HashMap<(String, String), String>,
}

impl Pseudonyms {
    /// The request as it may be kept, and the clock that goes with it; `None` where it names no patient.
    pub fn request(&mut self, request: &Value, now: DateTime<Utc>) -> Option<(Value, DateTime<Utc>)> {
        let patient = request.get("context")?.get("patientId")?.as_str()?;
        let days = *self.days.entry(patient.to_owned()).or_insert_with(random_days);
        // To the minute: the rest of a clock that nobody froze is in the log of whoever was called.
        let moved =
            now.checked_sub_signed(TimeDelta::days(days))?.duration_trunc(TimeDelta::minutes(1)).ok()?;
        let mut years = HashSet::new();
        years_of_birth(request, &mut years);
        let mut walk = Walk {
            names: &mut self.names,
            births: &mut self.births,
            patient,
            years,
            shift: Shift::between(now, moved),
            now,
            moved,
        };
        let mut kept = walk.value("", "", request)?;
        kept.as_object_mut()?.insert("hookInstance".to_owned(), json!(Uuid::nil()));
        Some((kept, moved))
    }
}

/// Not to be told from what is kept.
fn random_days() -> i64 {
    let (least, more) = DAYS;
    least.saturating_add_unsigned(Uuid::new_v4().as_u64_pair().1 % more)
}

/// The years of all birth dates, as texts.
fn years_of_birth(value: &Value, years: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if let ("birthDate", Some(year)) = (name.as_str(), value.as_str().and_then(|it| it.get(..4)))
                {
                    years.insert(year.to_owned());
                }
                years_of_birth(value, years);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| years_of_birth(item, years)),
        _ => {}
    }
}

/// One request on its way.
struct Walk<'a> {
    names: &'a mut HashMap<String, String>,
    births: &'a mut HashMap<(String, String), String>,
    patient: &'a str,
    /// The years of birth that are named.
    years: HashSet<String>,
    shift: Shift,
    /// The clock, as it was and as it is told.
    now: DateTime<Utc>,
    moved: DateTime<Utc>,
}

impl Walk<'_> {
    /// What is kept of the value of a member of something; `None`: nothing.
    fn value(&mut self, of: &str, member: &str, value: &Value) -> Option<Value> {
        match value {
            Value::Object(members) => self.object(member, members),
            Value::Array(items) => {
                let kept: Vec<Value> = items.iter().filter_map(|item| self.value(of, member, item)).collect();
                // An empty list was there, or all that was in it went.
                (!kept.is_empty() || items.is_empty()).then_some(Value::Array(kept))
            }
            Value::String(text) => self.text(member, text).map(Value::String),
            Value::Number(number) => is_read(of, member, number).then(|| value.clone()),
            Value::Null | Value::Bool(_) => Some(value.clone()),
        }
    }

    fn object(&mut self, member: &str, members: &Map<String, Value>) -> Option<Value> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let kind = text("resourceType");
        if kind.is_some_and(|kind| !is_type(kind)) {
            return None;
        }
        let is_extension = member == "extension" || member == "modifierExtension";
        let is_named = |url: &str| EXTENSIONS.contains(&url) || EXTENSION_PARTS.contains(&url);
        if is_extension && !text("url").is_some_and(is_named) {
            return None;
        }
        let is_kept = |name: &str| match kind {
            _ if member == "prefetch" => is_key(name),
            Some("Patient") => OF_PATIENT.contains(&name),
            Some(kind) if PEOPLE.contains(&kind) => OF_PEOPLE.contains(&name),
            _ => is_member(name),
        };
        let is_coded = members.get("code").is_some_and(Value::is_string);
        let mut kept = Map::new();
        for (name, value) in members {
            let kept_value = match (name.as_str(), value) {
                (name, _) if !is_kept(name) => None,
                ("url", Value::String(url)) if is_extension => Some(json!(url)),
                // That there is a next page, not where.
                ("url", _) => members.contains_key("relation").then(|| json!(NEXT_PAGE)),
                ("system", Value::String(system)) => is_coded.then(|| json!(self.system(system))),
                ("code", Value::String(code)) => {
                    self.code(code, text("system").unwrap_or_default()).map(|code| json!(code))
                }
                (name, value) => self.value(kind.unwrap_or(member), name, value),
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
            "birthDate" => self.birth(text),
            // It tells the newer of two versions; a longer number is somebody's.
            "versionId" => text.parse::<u16>().ok().filter(|it| *it < 1_000).map(|number| number.to_string()),
            _ if WORD_MEMBERS.contains(&member) => WORDS.contains(&text).then(|| text.to_owned()),
            _ if DATES.contains(&member) => {
                let is_birth = text.get(..4).is_some_and(|year| self.years.contains(year));
                if is_birth { None } else { self.shift.date(member, text) }
            }
            _ => None,
        }
    }

    /// Another birth date of the same age in years at the call, as exact as the true one.
    fn birth(&mut self, text: &str) -> Option<String> {
        let (call, moved) = (self.now.date_naive(), self.moved.date_naive());
        let age = age(text, call)?;
        let known = (self.patient.to_owned(), text.to_owned());
        let of_age = |told: &&String| self::age(told, moved) == Some(age);
        if let Some(told) = self.births.get(&known).filter(of_age) {
            return Some(told.clone());
        }
        let (least, more) = SINCE_BIRTHDAY;
        let since = least + Uuid::new_v4().as_u64_pair().1 % more;
        let birthday = moved.checked_sub_months(Months::new(age.checked_mul(12)?))?;
        let born = birthday.checked_sub_days(Days::new(since))?;
        let told = match text.len() {
            4 => format!("{:04}", birthday.year()),
            7 => born.format("%Y-%m").to_string(),
            _ => born.format("%Y-%m-%d").to_string(),
        };
        self.births.insert(known, told.clone());
        Some(told)
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
        if system.is_empty() {
            return (WORDS.contains(&code) || UNITS.contains(&code)).then(|| code.to_owned());
        }
        Some(if is_code(system, code) { code.to_owned() } else { self.name(code) })
    }
}

/// The age in years on a day; what names no day or month counts as its first.
fn age(birth: &str, on: NaiveDate) -> Option<u32> {
    let whole = match birth.len() {
        4 => format!("{birth}-01-01"),
        7 => format!("{birth}-01"),
        _ => birth.get(..10)?.to_owned(),
    };
    on.years_since(NaiveDate::parse_from_str(&whole, "%Y-%m-%d").ok()?)
}

/// Whether a number is read at a member of something: a resource, or the value of another member.
fn is_read(of: &str, member: &str, number: &Number) -> bool {
    let is_there = NUMBERS.iter().any(|(name, within)| *name == member && within.contains(&of));
    is_there && number.as_f64().is_some_and(|it| it.abs() <= LARGEST_NUMBER) && number.to_string().len() <= 8
}

fn is_type(kind: &str) -> bool {
    Source::named(kind).is_some() || TYPES.contains(&kind)
}

/// Whether a member is one that is kept.
fn is_member(name: &str) -> bool {
    [MEMBERS, DATES, WORD_MEMBERS].iter().any(|list| list.contains(&name)) || name == "modifierExtension"
}

/// Whether a prefetch key is one of ours.
fn is_key(name: &str) -> bool {
    let is_part =
        |(key, part): (&str, &str)| PREFETCH.contains(&key) && matches!(part.parse(), Ok(2..=99_u8));
    PREFETCH.contains(&name) || name.rsplit_once('-').is_some_and(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(request: &Value) -> (Value, DateTime<Utc>) {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        Pseudonyms::default().request(request, now).unwrap()
    }

    #[test]
    fn a_warning_beside_the_entries_stays_a_warning() {
        let (kept, _) = kept(&json!({ "context": { "patientId": "1" }, "prefetch": { "conditions": {
            "resourceType": "Bundle", "type": "searchset", "entry": [{ "resource": { "resourceType": "OperationOutcome",
                "issue": [{ "severity": "warning", "code": "processing", "diagnostics": "Mr House" }] } }] } } }));
        let severity = kept.pointer("/prefetch/conditions/entry/0/resource/issue/0/severity");
        assert_eq!(severity, Some(&json!("warning")), "{kept}");
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

    #[test]
    fn the_birth_date_does_not_come_back_with_the_shift_and_the_age_stays() {
        let now: DateTime<Utc> = "2026-05-04T10:00:37.5Z".parse().unwrap();
        let mut told = HashSet::new();
        for (birth, years) in
            [("1961-05-04", 65), ("1961-05-05", 64), ("1961-05", 65), ("1961", 65), ("2008-02-29", 18)]
        {
            for _ in 0..40 {
                let request = json!({ "context": { "patientId": "1" }, "prefetch": {
                    "patient": { "resourceType": "Patient", "id": "1", "birthDate": birth },
                    "conditions": { "resourceType": "Condition", "onsetDateTime": birth, "recordedDate": "2026-05-01" } } });
                let mut session = Pseudonyms::default();
                let (kept, moved) = session.request(&request, now).unwrap();
                assert_eq!(moved.timestamp() % 60, 0);
                let text = kept["prefetch"]["patient"]["birthDate"].as_str().unwrap().to_owned();
                assert_eq!(age(&text, moved.date_naive()), Some(years), "{birth} {text} {moved}");
                assert_eq!(text.len(), birth.len());
                assert_eq!(
                    kept["prefetch"]["conditions"].get("onsetDateTime"),
                    None,
                    "the day of birth by another name"
                );
                let again = session.request(&request, now + TimeDelta::minutes(5)).unwrap().0;
                assert_eq!(again["prefetch"]["patient"]["birthDate"], text.as_str());
                // Moved back by what the clock tells.
                if let Ok(day) = NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
                    told.insert(day + (now.date_naive() - moved.date_naive()));
                }
            }
        }
        assert!(told.len() > 60, "{told:?}");
    }

    #[test]
    fn the_prefetch_keys_are_ours() {
        let sets = crate::fhir::ValueSets::built_in().unwrap();
        let profile = crate::config::Profile::default();
        for template in crate::services::prefetch::templates(&sets, &profile) {
            assert!(is_key(&template.key), "{}", template.key);
        }
        for other in ["LEAK-John-Smith-1961", "patient-x", "conditions-1961", "id"] {
            assert!(!is_key(other), "{other}");
        }
    }
}
