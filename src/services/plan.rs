//! The guideline as FHIR R4 definitions: a PlanDefinition a table, an ActivityDefinition a kind of order, the value sets, the
//! questions of the panel, and a Library with the whole page, in one Bundle.
//!
//! It is for knowledge repositories and readers: a condition stands there in the words of the page, and this program alone
//! executes it. Everything follows from the page and from the orders that are suggested. Deliberately absent: a rule.

use super::form::questionnaire;
use super::offered::OFFERED;
use super::referral_codes::{consult_code, standard};
use super::suggestion::{CodeRow, WHOLE_SPINE};
use crate::domain::Consult;
use crate::fhir::Concept;
use crate::guideline::RECOMMENDATION_SYSTEM;
use crate::guideline::page::{Decision, Page, PrintedRow, PrintedStatement};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// What the addresses of the definitions begin with, as those of the value sets do.
const BASE: &str = "urn:spinal-mets-cds";

/// An order or a referral: the id of its definition, the words by which the page offers it, its title.
const ORDERS: [(&str, &[&str], &str); 5] = [
    (
        "order-whole-spine-mri",
        &["order of priority", "whole-spine MRI", "the whole spine", "period"],
        "MRI of the whole spine, T1 and T2",
    ),
    ("refer-spine-surgery", &["spine-surgery"], "Referral to spine surgery"),
    (
        "refer-radiation-oncology",
        &["radiation-oncology", "radiation oncology", "SBRT scheme", "SBRT reirradiation"],
        "Referral to radiation oncology",
    ),
    ("refer-multidisciplinary", &["multidisciplinary"], "Referral to the multidisciplinary team"),
    ("refer-orthopaedics", &["orthopaedic"], "Referral to orthopaedic surgery"),
];

/// Lengths of windows, as the page writes them, in units of UCUM.
const UNITS: [(&str, &str); 3] = [("hour", "h"), ("week", "wk"), ("day", "d")];

/// Everything, as a Bundle of type collection.
///
/// # Errors
///
/// When the page cannot be written, or a built-in value set cannot be read; static data cause neither.
pub fn bundle(page: &Page) -> Result<Value, serde_json::Error> {
    let mut resources = vec![library(page)?];
    resources.extend(page.decisions.iter().map(|decision| plan(page, decision)));
    resources.extend(ORDERS.iter().map(|(id, _, title)| activity(page, id, title)));
    resources.push(questionnaire());
    for concept in Concept::ALL {
        resources.push(serde_json::from_str(concept.built_in_value_set())?);
    }
    let entries: Vec<Value> =
        resources.into_iter().map(|it| json!({ "fullUrl": it.get("url"), "resource": it })).collect();
    Ok(json!({ "resourceType": "Bundle", "id": "guideline", "type": "collection", "entry": entries }))
}

/// What every definition says of itself.
fn definition(kind: &str, id: &str, title: &str, page: &Page) -> Map<String, Value> {
    let name: String = title.split(|c: char| !c.is_ascii_alphanumeric()).map(capital).collect();
    let members = json!({
        "resourceType": kind,
        "id": id,
        "url": format!("{BASE}:{kind}:{id}"),
        "version": page.guideline_version,
        "name": name,
        "title": title,
        "status": "draft",
        "publisher": "spinal-mets-cds",
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

fn with(mut definition: Map<String, Value>, members: Value) -> Value {
    if let Value::Object(more) = members {
        definition.extend(more);
    }
    Value::Object(definition)
}

fn library(page: &Page) -> Result<Value, serde_json::Error> {
    let text = STANDARD.encode(page.to_json()?);
    let about: Vec<String> = page.about.iter().map(|it| format!("{}: {}", it.name, it.says)).collect();
    Ok(with(
        definition("Library", "guideline", "The guideline as the service decides it", page),
        json!({
            "type": concept("http://terminology.hl7.org/CodeSystem/library-type", "logic-library"),
            "description": "Every decision with its rows in words, every statement with the rows that rest on it. The service executes them; no expression here does.",
            "purpose": about.join("\n"),
            "content": [{ "contentType": "application/json", "title": "The page, for programs", "data": text }],
        }),
    ))
}

fn concept(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code }] })
}

fn plan(page: &Page, decision: &Decision) -> Value {
    let rows: Vec<Value> = decision.rows.iter().map(|row| action(page, decision, row)).collect();
    let behaviour = if decision.first_decides { "at-most-one" } else { "any" };
    with(
        definition("PlanDefinition", decision.anchor, decision.title, page),
        json!({
            "type": concept("http://terminology.hl7.org/CodeSystem/plan-definition-type", "eca-rule"),
            "description": decision.read,
            "usage": if decision.notes.is_empty() { "Read the rows in their order.".to_owned() } else { decision.notes.join("\n") },
            "library": [format!("{BASE}:Library:guideline")],
            "action": [{ "title": decision.title, "selectionBehavior": behaviour, "trigger": triggers(decision.anchor), "action": rows }],
        }),
    )
}

/// The hooks at which a table is looked at.
fn triggers(table: &str) -> Vec<Value> {
    let named = |service: &str| {
        let checks_orders = service.contains("-order-");
        match table {
            _ if table.starts_with("order-") => checks_orders,
            "mri-timing" => !checks_orders,
            "mescc" | "mescc-treatment" => {
                service.ends_with("patient-view") || service.ends_with("discharge")
            }
            _ => service.ends_with("patient-view"),
        }
    };
    let hook =
        |entry: &str| serde_json::from_str::<Value>(entry).ok().and_then(|entry| entry.get("hook").cloned());
    let hooks = OFFERED.iter().filter(|service| named(service.id)).filter_map(|service| hook(service.entry));
    hooks.map(|name| json!({ "type": "named-event", "name": name })).collect()
}

fn action(page: &Page, decision: &Decision, row: &PrintedRow) -> Value {
    let statement = |id: &&str| page.statements.iter().find(|statement| statement.id == *id);
    let cited = |it: &PrintedStatement| json!({ "type": "citation", "label": it.id, "display": it.says });
    let told = json!({
        "prefix": row.id,
        "title": row.what,
        "description": row.holds,
        "textEquivalent": format!("{} ({}). {}", row.what, row.indicator, row.offers).trim(),
        "code": [concept(RECOMMENDATION_SYSTEM, row.code)],
        "documentation": row.statements.iter().filter_map(statement).map(cited).collect::<Vec<_>>(),
        "condition": [{ "kind": "applicability", "expression": { "language": "text/plain", "expression": row.holds } }],
    });
    let mut action = Map::new();
    let priorities = ["stat", "asap", "urgent", "routine"];
    if let Some(priority) =
        priorities.into_iter().find(|it| row.offers.contains(&format!("order of priority {it}")))
    {
        action.insert("priority".to_owned(), json!(priority));
    }
    if let Some(window) = window(&row.offers) {
        action.insert("timingDuration".to_owned(), window);
    }
    let does = |(id, words, _): &&(&str, &[&str], &str)| {
        let is_order = *id == "order-whole-spine-mri"
            && !decision.anchor.contains("mri")
            && !decision.anchor.contains("imaging");
        !is_order && words.iter().any(|words| row.offers.contains(words))
    };
    let done: Vec<Value> = ORDERS
        .iter()
        .filter(does)
        .map(|(id, _, title)| json!({ "title": title, "definitionCanonical": format!("{BASE}:ActivityDefinition:{id}") }))
        .collect();
    if !done.is_empty() {
        action.insert("action".to_owned(), Value::Array(done));
    }
    with(action, told)
}

/// The window of a row: `within 24 hours`.
fn window(offers: &str) -> Option<Value> {
    let (_, rest) = offers.split_once("within ")?;
    let mut words = rest.split([' ', ';']);
    let (number, unit) = (words.next()?.parse::<u32>().ok()?, words.next()?);
    let (_, code) = UNITS.into_iter().find(|(name, _)| unit.trim_end_matches('s') == *name)?;
    Some(json!({ "value": number, "unit": unit, "system": "http://unitsofmeasure.org", "code": code }))
}

fn activity(page: &Page, id: &str, title: &str) -> Value {
    let coding =
        |(system, code, display): &CodeRow| json!({ "system": system, "code": code, "display": display });
    let consult = match id {
        "refer-spine-surgery" => Some(Consult::SpineSurgery),
        "refer-radiation-oncology" => Some(Consult::RadiationOncology),
        "refer-multidisciplinary" => Some(Consult::Mdt),
        "refer-orthopaedics" => Some(Consult::Orthopaedic),
        _ => None,
    };
    let codings: Vec<Value> = match consult {
        None => WHOLE_SPINE.iter().map(coding).collect(),
        Some(consult) => {
            let (ours, name) = consult_code(consult);
            vec![
                json!({ "system": super::suggestion::FINDING, "code": ours, "display": name }),
                coding(&standard(consult).referral),
            ]
        }
    };
    with(
        definition("ActivityDefinition", id, title, page),
        json!({
            "kind": "ServiceRequest",
            "intent": "proposal",
            "code": { "coding": codings, "text": title },
            "library": [format!("{BASE}:Library:guideline")],
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guideline::page::page;
    use std::collections::BTreeSet;

    fn of_kind<'a>(bundle: &'a Value, kind: &str) -> Vec<&'a Value> {
        let resources = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
        resources.filter(|resource| resource["resourceType"] == kind).collect()
    }

    /// Every action, those inside of others too.
    fn actions(of: &Value) -> Vec<&Value> {
        let inner = of["action"].as_array().map(Vec::as_slice).unwrap_or_default();
        inner.iter().flat_map(|action| std::iter::once(action).chain(actions(action))).collect()
    }

    #[test]
    fn every_row_stands_there_with_its_code_its_window_and_its_statements() {
        let (page, bundle) = (page(), bundle(&page()).unwrap());
        let plans = of_kind(&bundle, "PlanDefinition");
        assert_eq!(plans.len(), page.decisions.len());
        let told: Vec<&Value> =
            plans.iter().flat_map(|plan| actions(plan)).filter(|it| it["prefix"].is_string()).collect();
        assert_eq!(told.len(), page.rows().count());
        for ((_, row), action) in page.rows().zip(&told) {
            assert_eq!(
                (&action["prefix"], &action["code"][0]["coding"][0]["code"]),
                (&json!(row.id), &json!(row.code))
            );
            assert_eq!(action["documentation"].as_array().unwrap().len(), row.statements.len(), "{}", row.id);
        }
        let of = |row: &str| told.iter().find(|action| action["prefix"] == row).unwrap();
        assert_eq!(
            of("mri-timing/1")["timingDuration"],
            json!({"value": 12, "unit": "hours", "system": "http://unitsofmeasure.org", "code": "h"})
        );
        assert_eq!(
            (&of("mri-timing/1")["priority"], &of("mri-timing/5")["timingDuration"]["code"]),
            (&json!("stat"), &json!("wk"))
        );
        let treat = actions(of("mescc-treatment/treat"));
        assert_eq!(treat.len(), 2, "{treat:?}");
    }

    #[test]
    fn what_is_referred_to_is_in_the_bundle_and_is_referred_to() {
        let bundle = bundle(&page()).unwrap();
        let urls: Vec<&str> =
            bundle["entry"].as_array().unwrap().iter().map(|it| it["fullUrl"].as_str().unwrap()).collect();
        assert_eq!(urls.len(), urls.iter().collect::<BTreeSet<_>>().len(), "an address stands twice");
        let used: BTreeSet<&str> = of_kind(&bundle, "PlanDefinition")
            .into_iter()
            .flat_map(actions)
            .filter_map(|it| it["definitionCanonical"].as_str())
            .collect();
        let made: BTreeSet<&str> =
            of_kind(&bundle, "ActivityDefinition").iter().map(|it| it["url"].as_str().unwrap()).collect();
        assert_eq!(used, made);
        assert_eq!(of_kind(&bundle, "ValueSet").len(), Concept::ALL.len());
        assert_eq!((of_kind(&bundle, "Library").len(), of_kind(&bundle, "Questionnaire").len()), (1, 1));
        let hooks: BTreeSet<String> = of_kind(&bundle, "PlanDefinition")
            .iter()
            .flat_map(|plan| plan["action"][0]["trigger"].as_array().unwrap())
            .map(|trigger| trigger["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(hooks.len(), OFFERED.len(), "{hooks:?}");
        // Whoever reads the library gets the page.
        let data = of_kind(&bundle, "Library")[0]["content"][0]["data"].as_str().unwrap().to_owned();
        assert_eq!(String::from_utf8(STANDARD.decode(data).unwrap()).unwrap(), page().to_json().unwrap());
    }
}
