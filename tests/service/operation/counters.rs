//! Every name of a counter, of a label and of an outcome in the alarms and on the dashboard is one that `/metrics` shows.

use super::read;
use crate::configured::service::{CLIENT, Service, VIEW, send};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ADMIN: &str = "0123456789abcdef0123456789abcdef";
const PREFIX: &str = "spinal_mets_cds_";
/// Labels that Prometheus adds, and that of the buckets of a histogram.
const ADDED: [&str; 3] = ["instance", "job", "le"];

/// The values of each label of each sample.
type Samples = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A label: name, how it is compared, value.
type Label = (String, String, String);

/// The labels between braces.
fn labels(text: &str) -> Vec<Label> {
    let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
    parts
        .map(|part| {
            let name: String = part.chars().take_while(|c| is_name(*c)).collect();
            let (compared, value) = part.strip_prefix(&name).unwrap().split_once('"').unwrap();
            (name, compared.trim().to_owned(), value.trim_end_matches('"').to_owned())
        })
        .collect()
}

/// Every counter that a text names, with the labels behind it.
fn named(text: &str) -> Vec<(String, Vec<Label>)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(PREFIX) {
        let rest = text.get(at..).unwrap();
        let name: String = rest.chars().take_while(|c| is_name(*c)).collect();
        let braces = rest.strip_prefix(&name).unwrap().strip_prefix('{').and_then(|it| it.split_once('}'));
        found.push((name, braces.map(|(inside, _)| labels(inside)).unwrap_or_default()));
    }
    found
}

/// The labels that a text groups by.
fn grouped(text: &str) -> BTreeSet<String> {
    let groups = text.split("by (").skip(1).filter_map(|rest| rest.split_once(')'));
    groups.flat_map(|(names, _)| names.split(',').map(|it| it.trim().to_owned())).collect()
}

/// Everything that a service shows that has seen each kind of call.
async fn samples() -> Samples {
    let settings = format!("{CLIENT}\n[admin]\ntoken_file = \"admin-token\"\n[repeat]\nenabled = true\n");
    let service = Service::start_with(&settings, |folder| {
        std::fs::write(folder.path().join("admin-token"), ADMIN).unwrap();
    });
    assert_eq!(send(service.call()).await.status, 200);
    let mut odd: Value = serde_json::from_str(crate::configured::service::view_request()).unwrap();
    let another =
        json!({"resourceType": "Condition", "id": "x", "subject": {"reference": "Patient/another"}});
    odd["prefetch"]["conditions"]["entry"].as_array_mut().unwrap().push(json!({"resource": another}));
    assert_eq!(send(service.call().body(odd.to_string())).await.status, 200);
    assert_eq!(send(service.call_with("a.b.c")).await.status, 401);
    let told = json!({"feedback": [{"card": "6f1c3c34-0f2e-4a43-9d4e-0000000000a7", "outcome": "overridden",
        "outcomeTimestamp": "2026-05-05T08:40:00Z"}]});
    let feedback =
        service.request(Method::POST, &format!("{VIEW}/feedback")).bearer_auth(service.token(|_, _| ()));
    assert_eq!(send(feedback.json(&told)).await.status, 200);
    // A card of the service itself, answered with a reason, and asked for again.
    let shown = serde_json::from_str::<Value>(&send(service.call()).await.text).unwrap();
    let at = spinal_mets_cds::clock::Clock::System.now().to_rfc3339();
    let reason = json!({"system": "urn:spinal-mets-cds:override-reason", "code": "already-imaged"});
    let told = json!({"feedback": [{"card": shown["cards"][0]["uuid"], "outcome": "overridden",
        "outcomeTimestamp": at, "overrideReason": {"reason": reason}}]});
    let feedback =
        service.request(Method::POST, &format!("{VIEW}/feedback")).bearer_auth(service.token(|_, _| ()));
    assert_eq!(send(feedback.json(&told)).await.status, 200);
    assert_eq!(send(service.call()).await.status, 200);
    let metrics = service.request(Method::GET, "/metrics").bearer_auth(ADMIN);
    let text = send(metrics).await.text;
    let mut samples = Samples::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let [(name, labels)] = named(line).try_into().unwrap();
        let of_name = samples.entry(name).or_default();
        for (label, _, value) in labels {
            of_name.entry(label).or_default().insert(value);
        }
    }
    assert!(samples.len() > 12, "{text}");
    samples
}

/// What of a text is not shown.
fn unknown(text: &str, samples: &Samples) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, labels) in named(text) {
        let Some(shown) = samples.get(&name) else {
            wrong.push(name);
            continue;
        };
        for (label, compared, value) in labels.iter().filter(|(label, ..)| !ADDED.contains(&label.as_str())) {
            // A status is any; outcomes and kinds are words of ours.
            let is_value = compared.contains('~') || label != "outcome";
            match shown.get(label) {
                Some(values) if is_value || values.contains(value) => {}
                _ => wrong.push(format!("{name}{{{label}{compared}{value}}}")),
            }
        }
    }
    let all: BTreeSet<&str> = samples.values().flat_map(|labels| labels.keys().map(String::as_str)).collect();
    let strange = grouped(text).into_iter().filter(|it| !ADDED.contains(&&**it) && !all.contains(&**it));
    wrong.extend(strange.map(|label| format!("by ({label})")));
    wrong
}

/// The questions of the dashboard.
pub(super) fn questions() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&read("packaging/grafana/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn alarms_and_dashboard_ask_for_what_is_shown() {
    let samples = samples().await;
    let alarms = read("packaging/prometheus/rules.yaml");
    let dashboard = questions().join("\n");
    for text in [&alarms, &dashboard] {
        assert!(named(text).len() > 14);
        assert_eq!(unknown(text, &samples), Vec::<String>::new());
    }
    // And everything that is shown has its place on one of them.
    let asked: BTreeSet<String> =
        named(&(alarms.clone() + &dashboard)).into_iter().map(|(name, _)| name).collect();
    let bare = |name: &str| {
        name.trim_end_matches("_sum").trim_end_matches("_count").trim_end_matches("_bucket").to_owned()
    };
    let asked: BTreeSet<String> = asked.iter().map(|name| bare(name)).collect();
    let forgotten: Vec<_> = samples.keys().filter(|name| !asked.contains(&bare(name))).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");

    for (right, wrong) in [
        ("hook_calls_total", "hook_calls"),
        ("outcome=\"failed\"", "outcome=\"failure\""),
        ("status=\"500\"", "code=\"500\""),
        ("by (kind)", "by (reason)"),
    ] {
        assert!(alarms.contains(right));
        assert!(!unknown(&alarms.replace(right, wrong), &samples).is_empty(), "{wrong}");
    }
}
