//! The fixture patients that the binary carries, read once when the first of them is asked for.
//!
//! Hostile cases are not among them: they have no chart.

use crate::cases::case::CaseFile;
use crate::cases::shift::Shift;
use crate::json::{Document, Json};
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::LazyLock;

/// Made by `build.rs`, where its layout is described.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/fixtures.bin"));

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let bytes = miniz_oxide::inflate::decompress_to_vec(PACKED).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
});

static FIXTURES: LazyLock<Vec<Fixture>> = LazyLock::new(|| read(&TEXT));

/// A fixture patient.
#[derive(Debug)]
pub struct Fixture {
    /// The decision that it is about: the folder that holds its folder.
    pub decision: &'static str,
    /// Name of its folder, which no other case has.
    pub name: &'static str,
    /// The members of its `case.toml`.
    pub told: CaseFile,
    bundle: &'static str,
}

fn read(text: &'static str) -> Vec<Fixture> {
    let mut parts = text.split('\0');
    let mut fixtures = Vec::new();
    while let (Some(path), Some(told), Some(bundle)) = (parts.next(), parts.next(), parts.next()) {
        if let (Some((decision, name)), Ok(told)) = (path.split_once('/'), toml::from_str(told)) {
            fixtures.push(Fixture { decision, name, told, bundle });
        }
    }
    fixtures
}

/// All of them, by decision and name.
pub fn all() -> &'static [Fixture] {
    &FIXTURES
}

/// The one of this name.
pub fn find(name: &str) -> Option<&'static Fixture> {
    all().iter().find(|fixture| fixture.name == name)
}

/// What the page needs to play the EHR of a fixture patient.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Opened<'a> {
    name: &'a str,
    hook: Option<&'a str>,
    user: &'a str,
    patient: Option<&'a str>,
    encounter: Option<&'a str>,
    drafts: &'a [String],
    selections: &'a [String],
    /// Resource types that this EHR answers with an OperationOutcome.
    unavailable: &'a [String],
    /// Resource types whose prefetch keys this EHR leaves out.
    absent: &'a [String],
    bundle: &'a RawValue,
}

/// Who a fixture patient is, in short.
#[derive(Debug, Default)]
pub struct Person {
    /// The name; that of the case where the patient has none.
    pub name: String,
    /// Age and sex.
    pub about: String,
}

/// Members of a Patient that say who it is.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PatientResource {
    name: Vec<HumanName>,
    gender: String,
    birth_date: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HumanName {
    text: String,
    given: Vec<String>,
    family: String,
}

impl Fixture {
    /// The resources of its chart, drafts among them.
    pub fn resources(&self) -> Vec<Value> {
        let bundle: Value = serde_json::from_str(self.bundle).unwrap_or_default();
        let entries = bundle.get("entry").and_then(Value::as_array).into_iter().flatten();
        entries.filter_map(|entry| entry.get("resource")).cloned().collect()
    }

    /// Who the patient is.
    pub fn patient(&self) -> Person {
        let document = Document::parse(self.bundle).ok();
        let entries = document.as_ref().and_then(|it| it.root().named("entry").last());
        let resources =
            entries.into_iter().flat_map(|it| it.items()).filter_map(|it| it.named("resource").last());
        let is_patient = |it: &Json<'_>| {
            it.named("resourceType").last().and_then(Json::string).is_some_and(|kind| kind == "Patient")
        };
        let patient = resources.into_iter().find(is_patient);
        let read = |it: Json<'_>| serde_json::from_str::<PatientResource>(it.get()).ok();
        let patient = patient.and_then(read).unwrap_or_default();
        let name = patient.name.first().map(HumanName::said).filter(|name| !name.is_empty());
        let today = self.told.now.date_naive();
        let born = NaiveDate::parse_from_str(&patient.birth_date, "%Y-%m-%d").ok();
        let year = || patient.birth_date.get(..4).and_then(|year| year.parse::<i32>().ok());
        let age = born
            .and_then(|born| today.years_since(born).map(i64::from))
            // Of a year alone a year more or less does not matter in a list.
            .or_else(|| year().map(|born| i64::from(today.year() - born)));
        let age = age.map(|age| format!("{age} years"));
        let about: Vec<String> =
            age.into_iter().chain(Some(patient.gender).filter(|it| !it.is_empty())).collect();
        Person { name: name.unwrap_or_else(|| self.name.to_owned()), about: about.join(", ") }
    }

    /// Whether the story is about a site with settings of its own, which the sandbox does not have.
    pub const fn needs_own_site(&self) -> bool {
        self.told.facility.is_some()
    }

    /// Whether every date keeps its relation to the clock when the story is moved to `now`.
    pub fn moves_exactly(&self, now: DateTime<Utc>) -> bool {
        Shift::between(self.told.now, now).text(self.bundle.as_bytes()).exact
    }

    /// The chart and the circumstances as JSON, every date moved from the clock of the story to `now`.
    pub fn opened_at(&self, now: DateTime<Utc>) -> String {
        let moved = Shift::between(self.told.now, now).text(self.bundle.as_bytes()).body;
        let Ok(bundle) = serde_json::from_slice::<&RawValue>(&moved) else { return String::new() };
        let told = &self.told;
        let opened = Opened {
            name: self.name,
            hook: told.hook.as_deref(),
            user: &told.user,
            patient: told.patient.as_deref(),
            encounter: told.encounter.as_deref(),
            drafts: &told.drafts,
            selections: &told.selections,
            unavailable: &told.unavailable,
            absent: &told.absent,
            bundle,
        };
        serde_json::to_string(&opened).unwrap_or_default()
    }
}

impl HumanName {
    fn said(&self) -> String {
        let parts = self.given.iter().chain([&self.family]).filter(|part| !part.is_empty());
        if self.text.is_empty() { parts.cloned().collect::<Vec<_>>().join(" ") } else { self.text.clone() }
    }
}

/// A moment as the page and its scripts exchange it.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_with_a_chart_is_carried_and_can_be_opened() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fhir-fixtures");
        let below = |folder: &std::path::Path| -> Vec<std::path::PathBuf> {
            let entries = std::fs::read_dir(folder).into_iter().flatten();
            entries.map(|entry| entry.unwrap().path()).collect()
        };
        let cases = below(folder.as_ref()).into_iter().flat_map(|decision| below(&decision));
        assert_eq!(all().len(), cases.filter(|case| case.join("bundle.json").is_file()).count());
        assert!(all().len() > 500);
        let now = "2026-06-04T10:00:00Z".parse().unwrap();
        for fixture in all() {
            let opened: serde_json::Value = serde_json::from_str(&fixture.opened_at(now)).unwrap();
            assert_eq!(opened["bundle"]["resourceType"], "Bundle", "{}", fixture.name);
        }
        assert!(find("story-mri-tomorrow").is_some() && find("hostile").is_none());
    }

    #[test]
    fn dates_move_with_the_clock() {
        let fixture = find("story-mri-tomorrow").unwrap();
        let year = |now: &str| {
            let opened = fixture.opened_at(now.parse().unwrap());
            (opened.contains("\"2026-05-05T"), opened.contains("\"2027-05-05T"))
        };
        assert_eq!(year("2026-05-04T10:00:00Z"), (true, false));
        assert_eq!(year("2027-05-04T10:00:00Z"), (false, true));
    }
}
