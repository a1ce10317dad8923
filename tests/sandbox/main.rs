//! The public CDS Hooks sandbox: what it sent, recorded, is answered again in every run; and the real one can be driven.
//!
//! `SANDBOX_BUILD=FOLDER cargo test --test sandbox` drives the sandbox that was built in that folder (`npm ci && npm run build` in
//! its repository) in a headless Chromium; with `UPDATE_SANDBOX=1` it records anew.

#![cfg(test)]

mod ehr;
#[path = "../service/support/running.rs"]
mod running;

use ehr::{Ehr, PATIENTS, address};
use running::Running;
use serde_json::{Value, json};
use spinal_mets_cds::cases::compare as cases;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The clock of the stories.
const NOW: &str = "2026-05-04T10:00:00Z";

#[expect(clippy::disallowed_methods, reason = "a test asks where its tools are")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sandbox/recorded")
}

/// Every recorded story: its name and what passed.
fn stories() -> Vec<(String, Vec<Value>)> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(recorded()).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    files.iter().map(read).collect()
}

/// Collects the uuids of cards and suggestions, in order.
fn uuids(cards: &Value, into: &mut Vec<String>) {
    match cards {
        Value::Object(members) => {
            into.extend(members.get("uuid").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| uuids(value, into));
        }
        Value::Array(items) => items.iter().for_each(|item| uuids(item, into)),
        _ => {}
    }
}

/// What the recordings keep of a card: its words may change.
fn in_short(card: &Value) -> Value {
    json!({"indicator": card["indicator"], "codes": cases::codes(card)})
}

#[test]
fn what_the_sandbox_sent_is_answered_as_it_was() {
    spinal_mets_cds::outbound::install_crypto();
    let client = reqwest::blocking::Client::new();
    let (mut hooks, mut feedback, mut preflights) =
        (BTreeMap::<String, usize>::new(), BTreeMap::<String, u64>::new(), 0);
    let service = Running::at(NOW);
    for (story, passed) in stories() {
        // The ids of cards are new in each run; feedback names those of this one.
        let mut renewed: Vec<(String, String)> = Vec::new();
        for Exchange { request, response } in passed.iter().map(Exchange::of) {
            let (method, path) = (request["method"].as_str().unwrap(), request["path"].as_str().unwrap());
            let mut sent = client.request(method.parse().unwrap(), format!("{}{path}", service.base));
            for (name, value) in request["headers"].as_object().unwrap() {
                sent = sent.header(name, value.as_str().unwrap());
            }
            if let Some(body) = request.get("body") {
                let renew = |text: String, (old, new): &(String, String)| text.replace(old, new);
                sent = sent.body(renewed.iter().fold(body.to_string(), renew));
            }
            let got = sent.send().unwrap();
            assert_eq!(got.status().as_u16(), response["status"], "{story}: {method} {path}");
            let headers = got.headers().clone();
            let origin = request["headers"].get("origin").and_then(Value::as_str);
            let allowed = headers.get("access-control-allow-origin").map(|it| it.to_str().unwrap());
            assert!(
                origin.is_none() || allowed == origin || allowed == Some("*"),
                "{story}: {method} {path}"
            );
            if method == "OPTIONS" {
                preflights += 1;
                let asked = request["headers"]["access-control-request-headers"].as_str().unwrap();
                let granted = headers["access-control-allow-headers"].to_str().unwrap().to_lowercase();
                assert!(
                    asked.split(',').all(|it| granted.contains(it.trim())),
                    "{story}: {asked} of {granted}"
                );
            } else if path.ends_with("/feedback") {
                let outcome = request["body"]["feedback"][0]["outcome"].as_str().unwrap();
                *feedback.entry(outcome.to_owned()).or_default() += 1;
            } else if let Some(hook) = path.strip_prefix("/cds-services/spinal-metastases-") {
                *hooks.entry(hook.to_owned()).or_default() += 1;
                let answer: Value = serde_json::from_str(&got.text().unwrap()).unwrap();
                let (mut old, mut new) = (Vec::new(), Vec::new());
                uuids(&response["cards"], &mut old);
                uuids(&answer["cards"], &mut new);
                renewed.extend(old.into_iter().zip(new));
                let got: Vec<Value> = answer["cards"].as_array().unwrap().iter().map(in_short).collect();
                let recorded = response["cards"].as_array().unwrap().iter();
                let expected: Vec<Value> =
                    recorded.map(|it| json!({"indicator": it["indicator"], "codes": it["codes"]})).collect();
                assert_eq!(got, expected, "{story}: {path}");
            }
        }
    }
    assert!(
        ["patient-view", "order-select", "order-sign"].iter().all(|it| hooks.contains_key(*it)),
        "{hooks:?}"
    );
    assert!(preflights > 5, "{preflights}");
    let insights =
        client.get(format!("{}/insights?format=json", service.base)).send().unwrap().text().unwrap();
    let insights: Value =
        serde_json::from_str(&insights).unwrap_or_else(|error| panic!("{error}: {insights}"));
    let lines = insights["total"].as_array().unwrap();
    let counted = |what: &str| lines.iter().filter_map(|it| it[what].as_u64()).sum::<u64>();
    assert_eq!((counted("accepted"), counted("overridden")), (1, 1), "{insights}");
    assert_eq!(insights["unknownCards"], 0, "{insights}");
    assert!(lines.iter().any(|it| it["reasons"]["already-arranged"] == 1), "{insights}");
    assert_eq!(feedback, BTreeMap::from([("accepted".to_owned(), 1), ("overridden".to_owned(), 1)]));
}

/// A request and its answer, as recorded.
struct Exchange<'a> {
    request: &'a Value,
    response: &'a Value,
}

impl<'a> Exchange<'a> {
    fn of(passed: &'a Value) -> Self {
        Self { request: &passed["request"], response: &passed["response"] }
    }
}

/// A folder that passes for a built sandbox.
fn stand_in() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "<title>sandbox</title>").unwrap();
    folder
}

/// The EHR of the sandbox on a free port.
fn ehr(build: &Path) -> String {
    let ehr = Ehr::new(build, NOW.parse().unwrap()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async { ehr.serve(listener).unwrap().await })
    });
    base
}

#[test]
fn the_ehr_of_the_sandbox_answers_what_it_asks() {
    spinal_mets_cds::outbound::install_crypto();
    let folder = stand_in();
    let base = ehr(folder.path());
    let client = reqwest::blocking::Client::new();
    let get = |path: &str| client.get(format!("{base}{path}")).send().unwrap();
    let json_of = |path: &str| -> Value { serde_json::from_str(&get(path).text().unwrap()).unwrap() };
    assert!(get("/").text().unwrap().contains("sandbox"));
    assert_eq!(get("/../Cargo.toml").status(), 404);
    assert_eq!(get("/%2e%2e/Cargo.toml").status(), 404);
    assert_eq!(json_of("/fhir/metadata")["fhirVersion"], "4.0.1");
    assert_eq!(json_of("/fhir/Patient")["total"], PATIENTS.len());
    for patient in PATIENTS {
        assert_eq!(json_of(&format!("/fhir/Patient/{patient}"))["id"], patient);
        let conditions = json_of(&format!("/fhir/Condition?patient={patient}"));
        let entries = conditions["entry"].as_array().unwrap();
        assert!(
            entries
                .iter()
                .all(|it| it["resource"]["subject"]["reference"] == json!(format!("Patient/{patient}")))
        );
        let form = format!("patient={patient}&_count=500");
        let found = client.post(format!("{base}/fhir/Condition/_search")).body(form).send().unwrap();
        assert_eq!(found.text().unwrap(), conditions.to_string());
    }
    assert_eq!(get("/fhir/Condition?onset-date=2020").status(), 200);
    assert_eq!(get(&format!("/fhir/Condition?patient={}&onset-date=2020", PATIENTS[0])).status(), 400);
    assert_eq!(get("/fhir/Condition/none").status(), 404);
    assert_eq!(client.post(format!("{base}/fhir/Condition")).send().unwrap().status(), 405);
    let page = address(&base, "http://x/cds-services", PATIENTS[0], "patient-view", "patient-view").unwrap();
    assert!(
        page.query_pairs().any(|(name, value)| name == "fhirServiceUrl" && value == format!("{base}/fhir"))
    );
}

#[test]
fn the_real_sandbox_shows_the_cards_and_tells_what_became_of_them() {
    let Some(build) = variable("SANDBOX_BUILD") else {
        writeln!(std::io::stderr(), "SKIPPED the real sandbox: SANDBOX_BUILD names no folder").unwrap();
        return;
    };
    let modules = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let (base, service) = (ehr(Path::new(&build)), Running::at(NOW));
    let mut drive = Command::new("node");
    drive
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sandbox/drive.mjs"))
        .env("EHR", base)
        .env("SERVICE", &service.base)
        .env("BROWSER_MODULES", modules)
        .env("CHROMIUM", variable("CHROMIUM").unwrap_or_else(|| "/usr/bin/chromium".to_owned()));
    if variable("UPDATE_SANDBOX").is_some() {
        drive.env("RECORD", recorded());
    }
    assert!(drive.status().unwrap().success());
}
