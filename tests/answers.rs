//! Every answer that a card of a fixture offers is given: the Observation goes into the chart, the same service is asked once
//! more a minute later, and the answer is obeyed. Nothing may be asked twice.

#![cfg(test)]

use chrono::TimeDelta;
use serde_json::Value;
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::case::Case;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::target::{InProcessTarget, Target, at_its_facility};
use spinal_mets_cds::domain::Site;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn items<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value[member].as_array().into_iter().flatten()
}

fn ask(case: &Case, target: &dyn Target, answered: Option<&Value>) -> Value {
    let bundle = CaseBundle::load(&case.folder).unwrap();
    let mut resources = bundle.resources().to_vec();
    let mut told = case.told.clone();
    if let Some(observation) = answered {
        let mut observation = observation.clone();
        observation["id"] = "answered".into();
        resources.push(observation);
        told.now += TimeDelta::minutes(1);
    }
    let request = build(&told, CaseBundle::of(resources), target.offered()).unwrap();
    let body = request.body.to_string();
    target.ask(&request.service, "application/json", body.as_bytes(), told.now).unwrap().body
}

/// The Observations that the cards of an answer offer, with the label of each.
fn offered(answer: &Value) -> Vec<(String, Value)> {
    let suggestions = items(answer, "cards").flat_map(|card| items(card, "suggestions"));
    let pairs = suggestions.flat_map(|it| items(it, "actions").map(move |action| (it, action)));
    pairs
        .filter(|(_, action)| action["resource"]["resourceType"] == "Observation")
        .map(|(it, action)| (it["label"].as_str().unwrap().to_owned(), action["resource"].clone()))
        .collect()
}

/// The codes of all recommendations, and the facts that they miss.
fn recommended(answer: &Value) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let rationales = items(answer, "cards").map(|card| &card["extension"]["org.spinal-mets-cds.rationale"]);
    let all: Vec<&Value> = rationales.flat_map(|it| items(it, "recommendations")).collect();
    let codes = all.iter().filter_map(|it| it["code"].as_str());
    (codes.collect(), all.iter().flat_map(|it| items(it, "missing")).filter_map(Value::as_str).collect())
}

/// The value of an answer as "Not known" words it, where a card says what it leads to.
const SAID: [(&str, &str, &str); 4] = [
    ("Life expectancy under 3 months", "Life expectancy ", "under 3 months: "),
    ("Life expectancy 3 months or more", "Life expectancy ", "3 months or more: "),
    ("Radiotherapy tolerable", "Radiotherapy tolerable, ", "yes: "),
    ("Radiotherapy not tolerable", "Radiotherapy tolerable, ", "no: "),
];

/// The words for where an answer leads, and the codes that they stand for.
const LEADS: [(&str, &[&str]); 7] = [
    ("surgery", &["surgery-preferred"]),
    ("radiotherapy", &["radiotherapy-preferred"]),
    ("radiotherapy, provisionally", &["radiotherapy-preferred-provisional"]),
    ("systemic therapy", &["systemic-therapy-primary"]),
    ("MDT, urgently", &["surgery-candidacy-conflict"]),
    ("MDT", &["modality-undetermined"]),
    ("no recommendation", &[]),
];

/// Where a card says that an answer leads; `None` where it does not say.
fn promised<'a>(label: &str, before: &'a Value) -> Option<&'a str> {
    let (_, name, value) = SAID.iter().find(|(said, ..)| *said == label)?;
    let lines = items(before, "cards").filter_map(|card| card["detail"].as_str()).flat_map(str::lines);
    let said = lines.filter_map(|line| line.strip_prefix("- ")?.strip_prefix(name));
    said.flat_map(|outcomes| outcomes.trim_end_matches('.').split(" · "))
        .find_map(|it| it.strip_prefix(value))
}

/// What is wrong with where an answer led.
fn misled(label: &str, before: &Value, after: &Value) -> Option<String> {
    let promised = promised(label, before)?;
    let (_, expected) = LEADS.iter().find(|(words, _)| *words == promised).unwrap();
    let (codes, _) = recommended(after);
    let led: Vec<&str> =
        LEADS.iter().flat_map(|(_, codes)| *codes).filter(|code| codes.contains(*code)).copied().collect();
    (led != *expected).then(|| format!("said to lead to {promised}, led to {led:?}"))
}

/// What is wrong after an answer; empty when it was obeyed.
fn disobeyed(label: &str, after: &Value) -> Vec<String> {
    let (codes, missing) = recommended(after);
    let mut wrong: Vec<String> = Vec::new();
    let mut never = |code: &str| wrong.extend(codes.contains(code).then(|| format!("still {code}")));
    match label {
        "Report read: no cord compression" => {
            never("mescc-result-needed");
            never("mescc-treat-within-24h");
        }
        "Cord compressed: ESCC 2" | "Cord compressed: ESCC 3" => never("mescc-result-needed"),
        "Cord compression suspected" | "Cord compression not suspected" => never("mescc-question"),
        "Nothing new or worse" => never("reassess-after-treatment"),
        _ => {}
    }
    let must = match label {
        "Cord compressed: ESCC 2" | "Cord compressed: ESCC 3" => Some("mescc-treat-within-24h"),
        "Cord compression suspected" => Some("mri-within-12h"),
        _ => None,
    };
    wrong.extend(must.filter(|code| !codes.contains(code)).map(|code| format!("no {code}")));
    let fact = match label {
        it if it.starts_with("Life expectancy") => Some("life_expectancy"),
        it if it.starts_with("Radiotherapy") => Some("performance"),
        it if it.starts_with("Prostate cancer") => Some("prostate_progression_on_hormones"),
        _ => None,
    };
    wrong.extend(fact.filter(|fact| missing.contains(fact)).map(|fact| format!("{fact} is still missing")));
    wrong.extend(offered(after).iter().filter(|(again, _)| again == label).map(|_| "asked again".to_owned()));
    wrong
}

#[test]
fn an_answer_is_obeyed_by_the_next_call() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let plain = InProcessTarget::new(Site::default()).unwrap();
    let mut given: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong: Vec<String> = Vec::new();
    for case in find(&[folder]).cases.iter().filter(|c| !c.is_hostile()) {
        at_its_facility(case, &plain, |target| {
            let before = ask(case, target, None);
            let offered = offered(&before);
            let labels: BTreeSet<&str> = offered.iter().map(|(label, _)| label.as_str()).collect();
            if labels.len() < offered.len() {
                wrong.push(format!("{}: one answer is offered twice", case.name));
            }
            for (label, observation) in &offered {
                *given.entry(label.clone()).or_default() += 1;
                let after = ask(case, target, Some(observation));
                let faults = disobeyed(label, &after).into_iter().chain(misled(label, &before, &after));
                wrong.extend(faults.map(|it| format!("{}: {label}: {it}", case.name)));
            }
        })
        .unwrap();
    }
    println!("{given:#?}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(given.len(), 12, "every answer is offered by a fixture: {given:?}");
}
