//! What a chart with its cards looks like: the fragments that the page puts in its regions.
//!
//! The page sends the record that it holds and the cards that it was given; nothing is kept. The look
//! of the cards themselves belongs to the client, so the browser draws them.

use super::facts::{self, FactLine};
use super::moment;
use super::record::{self, Line};
use super::{notes, path, spine, spine_marks, tables, timeline, timeline_rows};
use crate::domain::Sex;
use crate::fhir::{Chart, DraftOrder, Reading};
use crate::guideline::Trace;
use crate::json::Document;
use crate::services::Services;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// What the page asks for.
#[derive(Deserialize)]
struct Asked<'a> {
    /// Bare id of the patient.
    patient: String,
    #[serde(borrow)]
    resources: Vec<&'a RawValue>,
    #[serde(borrow)]
    drafts: Vec<&'a RawValue>,
    /// The cards that the services gave.
    cards: Vec<Value>,
}

/// The regions of the page as HTML.
#[derive(Serialize)]
struct View {
    banner: String,
    spine: String,
    timeline: String,
    path: String,
    record: String,
    notes: String,
    /// What the record states, for changing it.
    facts: Vec<FactLine>,
    /// Why there is no card when the chart is opened.
    silence: Vec<String>,
}

/// Draws the chart that `body` holds, as JSON of HTML fragments. `None` when the body is not what the page sends.
pub fn view(services: &Services, body: &[u8], now: DateTime<Utc>) -> Option<String> {
    let asked: Asked<'_> = serde_json::from_slice(body).ok()?;
    let zone = services.time_zone();
    let (resources, drafts) = (documents(&asked.resources)?, documents(&asked.drafts)?);
    let draft = |draft| DraftOrder::read(Document::root(draft), None, true);
    let mut chart = Chart {
        patient_id: &asked.patient,
        resources: resources.iter().map(Document::root).collect(),
        drafts: drafts.iter().filter_map(draft).collect(),
        ..Chart::default()
    };
    let reading = services.read(&mut chart, now);
    let values: Vec<Value> =
        asked.resources.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect();
    let lines: Vec<Line> = values.iter().map(|value| record::line(value, zone)).collect();
    let facts = facts::list(&reading.facts, zone);
    let (rows, left_out) = timeline_rows::rows(&reading.facts, &asked.cards, now);
    let traces = traces(services, &reading, !drafts.is_empty(), now);
    let scores = traces.first().map(|trace| &*trace.scores).unwrap_or_default();
    let marks = spine_marks::marks(&reading.facts, scores, &values, zone);
    let view = View {
        banner: banner(&reading, &values, &asked.patient).into_string(),
        spine: spine::draw(&marks).into_string(),
        timeline: timeline::draw(&rows, left_out, now, zone).into_string(),
        path: path::draw(&asked.cards, &traces, zone).into_string(),
        record: tables::tables(&lines, &facts, &reading.notes).into_string(),
        notes: doubts(&reading).into_string(),
        facts,
        silence: traces.first().map(|trace| trace.why_nothing(zone)).unwrap_or_default(),
    };
    serde_json::to_string(&view).ok()
}

/// What became of the tables when the chart is opened and, with drafts, of those that orders are checked by.
fn traces(services: &Services, reading: &Reading, drafted: bool, now: DateTime<Utc>) -> Vec<Trace> {
    let mut traces = vec![services.trace(&reading.facts, now, false)];
    if drafted {
        let mut orders = services.trace(&reading.facts, now, true);
        orders.tables.retain(|table| table.about.is_some() || table.anchor == "order-imaging");
        traces.push(orders);
    }
    traces
}

fn documents<'a>(raws: &[&'a RawValue]) -> Option<Vec<Document<'a>>> {
    raws.iter().map(|raw| Document::parse(raw.get()).ok()).collect()
}

fn banner(reading: &Reading, resources: &[Value], patient: &str) -> Markup {
    let own = format!("Patient/{patient}");
    let resource = resources.iter().find(|r| record::reference(r) == own);
    let birth = resource.and_then(|r| r.get("birthDate")).and_then(Value::as_str);
    let facts = &reading.facts;
    html! {
        h1 { (called(resource).unwrap_or_else(|| "Patient".to_owned())) }
        dl {
            @if let Some(age) = facts.age_years { div { dt { "Age" } dd { (age) " years" } } }
            @if let Some(sex) = facts.sex {
                div { dt { "Sex" } dd { (match sex { Sex::Female => "female", Sex::Male => "male" }) } }
            }
            @if let Some(birth) = birth { div { dt { "Born" } dd { (moment::for_people(birth, Tz::UTC)) } } }
            @if facts.deceased { div { dt { "Deceased" } dd { "yes" } } }
        }
    }
}

/// The name of a Patient: the text of its first name, else given and family.
fn called(resource: Option<&Value>) -> Option<String> {
    let name = resource?.get("name")?.as_array()?.first()?;
    if let Some(text) = name.get("text").and_then(Value::as_str) {
        return Some(text.to_owned());
    }
    let given = name.get("given").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let all: Vec<&str> = given.chain(name.get("family").and_then(Value::as_str)).collect();
    Some(all.join(" ")).filter(|name| !name.is_empty())
}

fn doubts(reading: &Reading) -> Markup {
    let lines = notes::for_readers(&reading.notes);
    html! {
        @if lines.is_empty() {
            p.nothing { "Nothing: every resource was read as far as a rule looks at it." }
        } @else {
            p.about { "Resources and elements that the guideline does not use, by reason. None of them is read as a “no”." }
            ul { @for line in &lines { li { (line) } } }
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

    #[test]
    fn every_fixture_can_be_drawn() {
        let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
        for fixture in fixtures::all() {
            let now = fixture.told.now;
            let opened: Value = serde_json::from_str(&fixture.opened_at(now)).unwrap();
            let entries = opened["bundle"]["entry"].as_array().unwrap();
            let resources: Vec<&Value> = entries.iter().map(|entry| &entry["resource"]).collect();
            let body = json!({"patient": "pat-1", "resources": resources, "drafts": [], "cards": []});
            let view: Value =
                serde_json::from_str(&view(&services, body.to_string().as_bytes(), now).unwrap()).unwrap();
            assert!(view["spine"].as_str().unwrap().contains("<svg"), "{}", fixture.name);
        }
    }

    #[test]
    fn what_the_page_does_not_send_is_no_chart() {
        let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        for odd in ["", "[]", "{}", r#"{"patient": 3, "resources": [], "drafts": [], "cards": []}"#] {
            assert!(view(&services, odd.as_bytes(), now).is_none(), "{odd}");
        }
        let rubbish = r#"{"patient": "p", "resources": [3, "x", {}, {"resourceType": []}], "drafts": [null], "cards": [1]}"#;
        assert!(view(&services, rubbish.as_bytes(), now).is_some());
    }
}
