//! The resources of a made-up chart, each told in one of the ways in which charts tell it.

use super::code::Meaning;
use super::{Codes, Random};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

/// The system of findings without a standard code.
pub(super) const OWN: &str = crate::fhir::codes::FINDING_SYSTEM;
const SNOMED: &str = crate::fhir::codes::SNOMED;
const LOINC: &str = crate::fhir::codes::LOINC;

/// What a chart holds.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Resources, versions of one of them included, in no order.
    pub resources: Vec<Value>,
    /// The drafts of the call.
    pub drafts: Vec<Value>,
    /// The clock of the story.
    pub now: DateTime<Utc>,
}

/// When something was recorded, and how precisely that is written.
#[derive(Debug, Clone, Copy)]
pub struct Recorded {
    /// The moment, to the minute.
    pub at: DateTime<Utc>,
    /// Only the day is written.
    pub is_day: bool,
}

impl Recorded {
    /// As it is written.
    pub fn text(self) -> String {
        if self.is_day { self.at.format("%Y-%m-%d").to_string() } else { instant(self.at) }
    }

    /// The moment from which a deadline is counted: of a day, its beginning (the zone of the sandbox is UTC).
    pub fn start(self) -> DateTime<Utc> {
        if self.is_day { self.at.date_naive().and_time(chrono::NaiveTime::MIN).and_utc() } else { self.at }
    }
}

/// The side of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
}

/// A finding, as a story speaks of it.
#[derive(Debug, Clone, Copy)]
pub struct Finding {
    /// What it is.
    pub meaning: Meaning,
    /// Its side.
    pub side: Option<Side>,
    /// When it was recorded.
    pub recorded: Recorded,
    /// When it began.
    pub onset: Option<Recorded>,
    /// How it goes: a code of our own system.
    pub course: Option<&'static str>,
    /// Words that tell it as well as a code.
    pub words: &'static [&'static str],
}

impl Finding {
    /// A finding without anything beside it.
    pub const fn new(meaning: Meaning, recorded: Recorded) -> Self {
        Self { meaning, side: None, recorded, onset: None, course: None, words: &[] }
    }
}

/// A chart in the making.
#[derive(Debug)]
pub struct Maker<'a> {
    pub(super) codes: &'a Codes,
    pub(super) random: &'a mut Random,
    /// The bare id of the Patient.
    pub(super) patient: String,
    /// The clock of the story.
    pub now: DateTime<Utc>,
    pub(super) resources: Vec<Value>,
    pub(super) drafts: Vec<Value>,
    made: usize,
}

impl<'a> Maker<'a> {
    /// A chart with a Patient alone.
    pub fn new(codes: &'a Codes, random: &'a mut Random, patient: &str, now: DateTime<Utc>) -> Self {
        let born = now - TimeDelta::days(random.number(30 * 365, 88 * 365));
        let birth_date = match random.number(0, 10) {
            0 => born.format("%Y").to_string(),
            1 => born.format("%Y-%m").to_string(),
            _ => born.format("%Y-%m-%d").to_string(),
        };
        let name = json!({ "use": "official", "family": random.one_of(&FAMILY_NAMES), "given": [random.one_of(&GIVEN_NAMES)] });
        let resource = json!({ "resourceType": "Patient", "id": patient, "active": true, "name": [name],
            "gender": random.one_of(&["female", "male"]), "birthDate": birth_date,
            "identifier": [{ "system": "https://ehr.example.org/mrn", "value": format!("SYN-{patient}") }] });
        Self {
            codes,
            random,
            patient: patient.to_owned(),
            now,
            resources: vec![resource],
            drafts: Vec::new(),
            made: 0,
        }
    }

    /// What was made.
    pub fn finished(self) -> Chart {
        Chart { resources: self.resources, drafts: self.drafts, now: self.now }
    }

    /// Adds a resource of this patient; gives its place.
    pub fn add(&mut self, mut resource: Value) -> usize {
        self.own(&mut resource);
        self.resources.push(resource);
        self.resources.len() - 1
    }

    /// Adds a draft of the call.
    pub fn draft(&mut self, mut resource: Value) {
        self.own(&mut resource);
        self.drafts.push(resource);
    }

    /// Gives a resource its id, and the patient whose it is.
    fn own(&mut self, resource: &mut Value) {
        self.made += 1;
        set(resource, "id", json!(format!("{}-{}", self.patient, self.made)));
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        let owner = if ["Device", "AllergyIntolerance", "FamilyMemberHistory"].contains(&kind) {
            "patient"
        } else {
            "subject"
        };
        if resource.get(owner).is_none() {
            set(resource, owner, json!({ "reference": format!("Patient/{}", self.patient) }));
        }
    }

    /// A moment so many minutes ago, between the two.
    pub fn minutes_ago(&mut self, from: i64, to: i64) -> Recorded {
        let at = self.now - TimeDelta::minutes(self.random.number(from, to));
        Recorded { at, is_day: false }
    }

    /// A moment so many days ago, between the two; of some only the day is written.
    pub fn days_ago(&mut self, from: i64, to: i64) -> Recorded {
        let recorded = self.minutes_ago(from * 24 * 60, to * 24 * 60);
        Recorded { is_day: self.random.chance(30), ..recorded }
    }

    /// The code of something, in one of its systems, alone or among others.
    pub fn concept(&mut self, meaning: Meaning, is_searched: bool) -> Value {
        let mut coding = Vec::new();
        if self.random.chance(25) {
            coding.push(json!({ "system": "https://ehr.example.org/dictionary", "code": format!("DX-{}", self.random.number(1000, 9999)) }));
        }
        coding.push(self.codes.coding(meaning, is_searched, self.random));
        if self.random.chance(20) {
            coding.push(self.codes.coding(meaning, is_searched, self.random));
        }
        let mut concept = json!({ "coding": coding });
        if self.random.chance(50) {
            set(&mut concept, "text", json!(meaning.word()));
        }
        concept
    }

    /// A Condition that is active and confirmed.
    pub fn condition(&mut self, concept: Value, recorded: &str) -> Value {
        let mut condition = json!({ "resourceType": "Condition",
            "clinicalStatus": status("condition-clinical", "active"),
            "verificationStatus": status("condition-ver-status", "confirmed"),
            "code": concept, "recordedDate": recorded });
        if self.random.chance(50) {
            set(&mut condition, "category", json!([status("condition-category", "problem-list-item")]));
        }
        // Confirmed and active is also what a record means that does not say so.
        for name in ["clinicalStatus", "verificationStatus"] {
            if let (true, Some(members)) = (self.random.chance(10), condition.as_object_mut()) {
                members.remove(name);
            }
        }
        condition
    }

    /// A finding, as a Condition or an Observation, coded or in words.
    pub fn finding(&mut self, finding: &Finding) -> usize {
        // An Observation has one time, that of its making: it cannot say that something began earlier.
        let is_observation = finding.onset.is_none() && self.random.chance(40);
        let said = if !finding.words.is_empty() && self.random.chance(20) {
            json!({ "text": self.random.one_of(finding.words) })
        } else {
            self.concept(finding.meaning, true)
        };
        // Words are not searched for: an Observation in words alone does not come.
        let mut resource = if is_observation && said.get("coding").is_some() {
            self.observed(finding, said)
        } else {
            let said = if said.get("coding").is_some() { self.concept(finding.meaning, false) } else { said };
            let mut condition = self.condition(said, &finding.recorded.text());
            if let Some(onset) = finding.onset {
                set(&mut condition, "onsetDateTime", json!(onset.text()));
            }
            if let Some(course) = finding.course {
                let url = "http://hl7.org/fhir/StructureDefinition/condition-diseaseCourse";
                set(
                    &mut condition,
                    "extension",
                    json!([{ "url": url, "valueCodeableConcept": coded(OWN, course) }]),
                );
            }
            condition
        };
        if let Some(side) = finding.side {
            let site = side_of(side);
            let is_list = resource.get("resourceType").is_some_and(|kind| kind == "Condition");
            set(&mut resource, "bodySite", if is_list { json!([site]) } else { site });
        }
        self.add(resource)
    }

    fn observed(&mut self, finding: &Finding, code: Value) -> Value {
        let mut observation = json!({ "resourceType": "Observation", "status": "final", "code": code,
            "effectiveDateTime": finding.recorded.text() });
        if self.random.chance(30) {
            let issued = finding.recorded.at + TimeDelta::minutes(self.random.number(0, 5));
            set(&mut observation, "issued", json!(instant(issued)));
        }
        if self.random.chance(60) {
            set(&mut observation, "valueBoolean", json!(true));
        } else {
            set(&mut observation, "valueCodeableConcept", coded(SNOMED, "52101004"));
        }
        if let Some(course) = finding.course {
            let part = json!({ "code": coded(OWN, "deficit-progression"), "valueCodeableConcept": coded(OWN, course) });
            set(&mut observation, "component", json!([part]));
        }
        observation
    }

    /// An Observation with this value.
    pub fn observation(
        &mut self,
        system: &str,
        code: &str,
        value: (&str, Value),
        recorded: Recorded,
    ) -> usize {
        let mut observation = json!({ "resourceType": "Observation", "status": "final", "code": coded(system, code),
            "effectiveDateTime": recorded.text() });
        set(&mut observation, value.0, value.1);
        self.add(observation)
    }

    /// A score of our own system at T8.
    pub fn score(&mut self, code: &str, points: i64, recorded: Recorded) {
        let value = if self.random.chance(70) {
            ("valueInteger", json!(points))
        } else {
            ("valueQuantity", json!({ "value": points, "unit": "points", "system": UCUM, "code": "1" }))
        };
        let place = self.observation(OWN, code, value, recorded);
        if let Some(score) = self.resources.get_mut(place) {
            set(score, "bodySite", t8());
        }
    }

    /// Months to live.
    pub fn life_expectancy(&mut self, is_three_or_more: bool, recorded: Recorded) {
        let months = |n: i64| json!({ "value": n, "unit": "months", "system": UCUM, "code": "mo" });
        let value = match (self.random.number(0, 3), is_three_or_more) {
            (0, true) => ("valueCodeableConcept", coded(OWN, "ge-3-months")),
            (0, false) => ("valueCodeableConcept", coded(OWN, "lt-3-months")),
            (1, true) => ("valueRange", json!({ "low": months(6), "high": months(12) })),
            (1, false) => ("valueRange", json!({ "low": months(1), "high": months(2) })),
            (_, true) => ("valueQuantity", months(self.random.number(3, 36))),
            (_, false) => ("valueQuantity", months(self.random.number(1, 3))),
        };
        self.observation(OWN, "life-expectancy", value, recorded);
    }

    /// A laboratory value.
    pub fn laboratory(
        &mut self,
        loinc: &str,
        value: f64,
        unit: &str,
        range: Option<(f64, f64)>,
        recorded: Recorded,
    ) {
        let quantity = |value: f64| json!({ "value": value, "unit": unit, "system": UCUM, "code": unit });
        let place = self.observation(LOINC, loinc, ("valueQuantity", quantity(value)), recorded);
        if let (Some(lab), Some((low, high))) = (self.resources.get_mut(place), range) {
            set(lab, "referenceRange", json!([{ "low": quantity(low), "high": quantity(high) }]));
        }
    }

    /// An MRI of the whole spine that was made.
    pub fn whole_spine_study(&mut self, at: Recorded) {
        let concept = self.concept(Meaning::WholeSpineMri, false);
        self.add(json!({ "resourceType": "ImagingStudy", "status": "available", "started": instant(at.at),
            "modality": [{ "system": "http://dicom.nema.org/resources/ontology/DCM", "code": "MR" }],
            "procedureCode": [concept], "description": "MRI whole spine" }));
    }

    /// An order of this, not yet with a time.
    pub fn order(&mut self, meaning: Meaning, status: &str, authored: Recorded) -> Value {
        let concept = self.concept(meaning, false);
        json!({ "resourceType": "ServiceRequest", "status": status, "intent": "order", "code": concept,
            "authoredOn": authored.text() })
    }
}

const UCUM: &str = "http://unitsofmeasure.org";
const FAMILY_NAMES: [&str; 10] = [
    "Abelsen",
    "Brandt",
    "Castellano",
    "Duarte",
    "Eriksen",
    "Fournier",
    "Grzyb",
    "Haddad",
    "Ivanova",
    "Jansen",
];
const GIVEN_NAMES: [&str; 10] =
    ["Alex", "Bo", "Chris", "Dominique", "Eli", "Fran", "Gill", "Indra", "Kim", "Robin"];

/// A moment as FHIR writes it.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Sets a member of an object.
pub(super) fn set(resource: &mut Value, name: &str, value: Value) {
    if let Some(members) = resource.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// A concept of one code.
pub(super) fn coded(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code }] })
}

/// A status of one of FHIR's own code systems.
pub(super) fn status(system: &str, value: &str) -> Value {
    coded(&format!("http://terminology.hl7.org/CodeSystem/{system}"), value)
}

/// The eighth thoracic vertebra.
pub(super) fn t8() -> Value {
    coded(SNOMED, "77435000")
}

fn side_of(side: Side) -> Value {
    coded(
        SNOMED,
        match side {
            Side::Left => "7771000",
            Side::Right => "24028007",
        },
    )
}

/// An object without members.
pub(super) fn object() -> Value {
    Value::Object(Map::new())
}
