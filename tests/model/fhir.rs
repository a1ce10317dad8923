//! A chart as the resources of one patient, and as a hook call.

use super::chart::*;
use super::resources as r;
use chrono::DateTime;
use serde_json::{Map, Value, json};

/// The resources of a chart, as a server would hold them, and the drafts of the call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resources {
    pub(crate) chart: Vec<Value>,
    pub(crate) drafts: Vec<Value>,
    /// The drafts that are selected, as `Type/id`.
    pub(crate) selections: Vec<String>,
}

/// Writes a chart down.
pub(crate) fn resources(chart: &Chart) -> Resources {
    let mut patient = json!({"resourceType": "Patient", "id": "p", "gender": "female"});
    let born =
        DateTime::from_timestamp(chart.now, 0).unwrap() - chrono::Duration::days(365 * chart.age + 100);
    patient["birthDate"] = json!(born.format("%Y-%m-%d").to_string());
    if chart.records.contains(&Record::Deceased) {
        patient["deceasedBoolean"] = json!(true);
    }
    let mut made = Resources { chart: vec![patient], drafts: Vec::new(), selections: Vec::new() };
    for (number, record) in chart.records.iter().enumerate() {
        let Some(mut resource) = resource(record, chart.now) else { continue };
        let kind = resource["resourceType"].as_str().unwrap().to_owned();
        resource["id"] = json!(format!("r{number}"));
        let owner = if kind == "AllergyIntolerance" || kind == "Device" { "patient" } else { "subject" };
        resource[owner] = json!({"reference": "Patient/p"});
        match draft(record) {
            None => made.chart.push(resource),
            Some(selected) => {
                made.drafts.push(resource);
                if selected {
                    made.selections.push(format!("{kind}/r{number}"));
                }
            }
        }
    }
    made
}

/// `None` for what is on the chart; for a draft, whether it is selected.
fn draft(record: &Record) -> Option<bool> {
    match record {
        Record::Imaging(imaging) => imaging.draft,
        Record::RadiotherapyDraft { selected, .. }
        | Record::SurgeryDraft { selected, .. }
        | Record::ZoledronicDraft { selected } => Some(*selected),
        _ => None,
    }
}

fn resource(record: &Record, now: Moment) -> Option<Value> {
    let own = |name: &str, value: i64, level: Level, seen: When| {
        let made = r::with(r::observation(r::code(r::OWN, name), Some(seen)), "valueInteger", json!(value));
        r::with(made, "bodySite", r::site_code(level))
    };
    let unit = |value: i64, unit: &str| json!({"value": value, "unit": unit, "code": unit});
    Some(match *record {
        Record::Deceased => return None,
        Record::Cancer(cancer, state) => r::cancer(cancer, state),
        Record::Metastasis { site, suspected, recurrent, seen } => {
            r::metastasis(site, suspected, recurrent, seen)
        }
        Record::Finding(finding) => r::finding(&finding),
        Record::Course { course, seen } => {
            let made = r::observation(r::code(r::OWN, "deficit-progression"), Some(seen));
            r::with(made, "valueCodeableConcept", r::course_code(course))
        }
        Record::Escc { grade, seen } => {
            let label = match grade {
                Grade::G0 => "0",
                Grade::G1b => "1b",
                Grade::G1c => "1c",
                Grade::G2 => "2",
                Grade::G3 => "3",
            };
            r::with(r::observation(r::code(r::OWN, "escc-grade"), Some(seen)), "valueString", json!(label))
        }
        Record::Study { region, at, t1_missing } => r::study(region, at, t1_missing),
        Record::Imaging(imaging) => r::imaging(&imaging),
        Record::Treatment(treatment) => r::treatment(&treatment),
        Record::SinsTotal { level, total, seen } => own("sins-total", total, level, seen),
        Record::SinsParts { level, parts, seen } => {
            let names = ["location", "pain", "lesion", "alignment", "collapse", "posterolateral"];
            r::with(r::parts("sins-total", "sins-", &names, &parts, seen), "bodySite", r::site_code(level))
        }
        Record::MirelsTotal { total, seen } => {
            r::with(r::observation(r::code(r::OWN, "mirels-total"), Some(seen)), "valueInteger", json!(total))
        }
        Record::MirelsParts { parts, seen } => {
            r::parts("mirels-total", "mirels-", &["site", "pain", "lesion", "size"], &parts, seen)
        }
        Record::Ecog { value, seen } => r::integer("89247-1", value, seen),
        Record::Karnofsky { value, seen } => r::integer("89243-0", value, seen),
        Record::Expectancy { value, seen } => r::expectancy(value, seen),
        Record::Judgement { judgement, yes, seen } => r::own_boolean(r::judgement_code(judgement), yes, seen),
        Record::Consult { consult, done, at } => r::consult(consult, done, at),
        Record::Fracture { seen } => r::fracture(seen),
        Record::Drug { drug, at } => r::drug(drug, at, false),
        Record::Clearance { value, seen } => r::laboratory("2164-2", unit(value, "mL/min"), seen),
        Record::Calcium { low, seen } => {
            let mut made = r::laboratory("17861-6", unit(9, "mg/dL"), seen);
            let word = |low: bool| if low { "L" } else { "N" };
            let system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
            r::set(&mut made, "interpretation", low.map(|low| json!([r::code(system, word(low))])));
            made
        }
        Record::Allergy => r::allergy(),
        Record::Pacemaker => r::pacemaker(),
        Record::Pregnant { seen } => r::pregnant(seen),
        Record::ComfortCare { yes, seen } => r::own_boolean("comfort-care", yes, seen),
        Record::RadiotherapyDraft { level, dose, .. } => r::radiotherapy_draft(level, &dose, now),
        Record::SurgeryDraft { level, .. } => r::surgery_draft(level, now),
        Record::ZoledronicDraft { .. } => r::drug(Drug::Zoledronic, When::At(now), true),
    })
}

/// A prefetch key and the type that it asks for.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) kind: String,
}

/// The hook call of a chart: every key is answered, and each resource stands under the first key of its type.
pub(crate) fn call(hook: Hook, resources: &Resources, keys: &[Key]) -> Value {
    let mut prefetch = Map::new();
    let mut seen: Vec<&str> = Vec::new();
    for key in keys {
        let first = !seen.contains(&key.kind.as_str());
        seen.push(&key.kind);
        let mut of_kind = resources.chart.iter().filter(|r| first && r["resourceType"] == key.kind.as_str());
        let value = if key.kind == "Patient" {
            of_kind.next().cloned().unwrap_or(Value::Null)
        } else {
            bundle(of_kind)
        };
        prefetch.insert(key.name.clone(), value);
    }
    let (name, orders) = match hook {
        Hook::PatientView => ("patient-view", None),
        Hook::OrderSelect => ("order-select", Some(Some(&resources.selections))),
        Hook::OrderSign => ("order-sign", Some(None)),
    };
    let mut context = json!({"userId": "Practitioner/u", "patientId": "p"});
    if let Some(selections) = orders {
        context["draftOrders"] = bundle(resources.drafts.iter());
        r::set(&mut context, "selections", selections.map(|selections| json!(selections)));
    }
    json!({"hook": name, "hookInstance": "6bdb9a4e-5f0a-4c0e-9d0b-0b6f5a0c0001", "context": context, "prefetch": prefetch})
}

fn bundle<'a>(resources: impl Iterator<Item = &'a Value>) -> Value {
    let entries: Vec<Value> = resources.map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "searchset", "total": entries.len(), "entry": entries})
}
