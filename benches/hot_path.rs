//! The whole call against a yardstick, as a ratio of one run.
//!
//! Both sides are an actix-web server on loopback with one worker, called over one kept-alive connection: ours does
//! everything (envelope, prefetch states, mapping, rules, cards, serialisation); the yardstick parses the same body as
//! `serde_json::Value` and answers a constant 2 KB. Rounds alternate, so that a slow moment of the machine meets both.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that meets a surprise stops, and prints its figures"
)]

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use spinal_mets_cds::clock::Clock;
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::codes::ValueSets;
use spinal_mets_cds::services::Services;
use spinal_mets_cds::web::{Application, Settings};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::Instant;

const ROUNDS: usize = 15;
const PATH: &str = "/cds-services/spinal-metastases-patient-view";

/// A patient with active cancer and a new weak leg, among ordinary problems and laboratory values.
fn body(conditions: usize, observations: usize) -> String {
    let subject = json!({"reference": "Patient/p"});
    let mut problems: Vec<Value> = (0..conditions)
        .map(|i| {
            json!({"resource": {"resourceType": "Condition", "id": format!("c{i}"),
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-category", "code": "problem-list-item"}]}],
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "38341003", "display": "Hypertensive disorder"}], "text": "Hypertension"},
            "subject": subject, "recordedDate": "2020-01-05"}})
        })
        .collect();
    problems.push(json!({"resource": {"resourceType": "Condition", "id": "cancer",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C50.911"}]},
        "subject": subject, "recordedDate": "2024-01-05"}}));
    problems.push(json!({"resource": {"resourceType": "Condition", "id": "pain",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.32"}]},
        "subject": subject, "recordedDate": "2026-05-04T08:00:00Z"}}));
    let values: Vec<Value> = (0..observations)
        .map(|i| {
            json!({"resource": {"resourceType": "Observation", "id": format!("o{i}"), "status": "final",
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}], "text": "Creatinine"},
            "subject": subject, "effectiveDateTime": "2026-04-30T09:00:00Z",
            "valueQuantity": {"value": 0.9, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"}}})
        })
        .collect();
    let bundle = |entry: Vec<Value>| json!({"resourceType": "Bundle", "type": "searchset", "entry": entry});
    let services = services();
    let discovery: Value = serde_json::from_slice(services.discovery()).unwrap();
    let mut prefetch = serde_json::Map::new();
    for key in discovery["services"][0]["prefetch"].as_object().unwrap().keys() {
        prefetch.insert(key.clone(), Value::Null);
    }
    let first_of_observations = prefetch.keys().find(|k| k.starts_with("observation")).cloned().unwrap();
    prefetch
        .insert("patient".into(), json!({"resourceType": "Patient", "id": "p", "birthDate": "1960-01-01"}));
    prefetch.insert("conditions".into(), bundle(problems));
    prefetch.insert(first_of_observations, bundle(values));
    json!({"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/1", "patientId": "p"}, "prefetch": prefetch})
    .to_string()
}

fn services() -> Services {
    Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap()
}

async fn yardstick(body: web::Bytes) -> HttpResponse {
    let parsed: Value = serde_json::from_slice(&body).unwrap();
    std::hint::black_box(parsed);
    HttpResponse::Ok().content_type("application/json").body("x".repeat(2048))
}

fn statistics(mut times: Vec<f64>) -> (f64, f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[0], times[times.len() / 2], times[times.len() - 1])
}

/// Starts both servers on a thread of their own and gives their addresses: ours, the yardstick's.
fn start() -> (SocketAddr, SocketAddr) {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let now = "2026-05-04T10:00:00Z".parse().unwrap();
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            let settings = Settings { workers: 1, ..Settings::sandbox(any) };
            let ours = Application::build(&settings, services(), Clock::Frozen(now)).unwrap();
            let value = HttpServer::new(|| {
                App::new().app_data(web::PayloadConfig::new(1 << 24)).route(PATH, web::post().to(yardstick))
            })
            .workers(1)
            .bind(any)
            .unwrap();
            tell.send((ours.address(), value.addrs()[0])).unwrap();
            let value = actix_web::rt::spawn(value.run());
            ours.run().await.unwrap();
            value.await.unwrap().unwrap();
        });
    });
    told.recv().unwrap()
}

/// One connection that posts the same request again and again.
struct Caller {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Caller {
    fn new(to: SocketAddr, body: &str) -> Self {
        let stream = TcpStream::connect(to).unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self { stream, request: [head.as_bytes(), body.as_bytes()].concat(), buffer: vec![0; 1 << 20] }
    }

    /// Sends the request and reads the whole answer; returns its length.
    fn call(&mut self) -> usize {
        self.stream.write_all(&self.request).unwrap();
        let mut filled = 0;
        loop {
            filled += self.stream.read(&mut self.buffer[filled..]).unwrap();
            let text = &self.buffer[..filled];
            let Some(end) = text.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&text[..end]).to_lowercase();
            assert!(head.starts_with("http/1.1 200"), "{head}");
            let length: usize = head
                .split("content-length: ")
                .nth(1)
                .and_then(|l| l.split_whitespace().next())
                .unwrap()
                .parse()
                .unwrap();
            if filled >= end + 4 + length {
                return filled;
            }
        }
    }

    fn microseconds_a_call(&mut self, calls: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..calls {
            std::hint::black_box(self.call());
        }
        start.elapsed().as_secs_f64() * 1e6 / calls as f64
    }
}

fn main() {
    let (ours_at, value_at) = start();
    println!(
        "whole call over loopback, one connection, {ROUNDS} alternating rounds; microseconds: min / median / max"
    );
    for (label, conditions, observations) in [("20 KB", 12, 36), ("200 KB", 130, 370)] {
        let body = body(conditions, observations);
        let calls = (10_000_000 / body.len()).clamp(20, 1000);
        let (mut ours, mut value) = (Caller::new(ours_at, &body), Caller::new(value_at, &body));
        let filled = ours.call();
        let answer = String::from_utf8_lossy(&ours.buffer[..filled]).into_owned();
        assert!(answer.contains("mri-within-1-week"), "the call must give its card: {answer}");
        let _warm_up = (ours.microseconds_a_call(calls), value.microseconds_a_call(calls));
        let rounds: Vec<(f64, f64)> = (0..ROUNDS)
            .map(|_| (ours.microseconds_a_call(calls), value.microseconds_a_call(calls)))
            .collect();
        println!("{label} ({} bytes, {calls} calls a round)", body.len());
        for (name, figures) in [
            ("whole call          ", statistics(rounds.iter().map(|r| r.0).collect())),
            ("serde_json::Value   ", statistics(rounds.iter().map(|r| r.1).collect())),
            ("calls per Value call", statistics(rounds.iter().map(|r| r.1 / r.0).collect())),
        ] {
            println!("  {name} {:9.2} / {:9.2} / {:9.2}", figures.0, figures.1, figures.2);
        }
    }
}
