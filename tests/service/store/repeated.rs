//! A card that is answered and comes again, through the program: what stays away, what wakes it, and who may silence it.

use super::helpers::overridden;
use super::postgres;
use super::service::{CLIENT, SERVICE, Site, call, feedback};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use spinal_mets_cds::clock::Clock;

const FEEDBACK: &str = "/cds-services/spinal-metastases-patient-view/feedback";
const REPEAT: &str = "[repeat]\nenabled = true";

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The published example with dates of its own: sciatica alone is a warning, with the weakness it is critical.
fn dated(ids: &[&str], at: DateTime<Utc>) -> Value {
    let mut call = call();
    let entries = call["prefetch"]["conditions"]["entry"].as_array_mut().unwrap();
    entries.retain(|entry| ids.contains(&entry["resource"]["id"].as_str().unwrap()));
    for entry in entries {
        let is_cancer = entry["resource"]["id"] == "cancer";
        let day = if is_cancer { at - TimeDelta::days(200) } else { at };
        entry["resource"]["recordedDate"] = text(day).into();
        entry["resource"]["onsetDateTime"] = text(day).into();
    }
    call
}

fn answer(site: &Site, base: &str, call: &Value) -> Value {
    let response = site.post(base, SERVICE, call).send().unwrap();
    assert_eq!(response.status().as_u16(), 200);
    response.json().unwrap()
}

fn codes(answer: &Value) -> Vec<&str> {
    let cards = answer["cards"].as_array().unwrap();
    cards.iter().map(|card| card["source"]["topic"]["code"].as_str().unwrap()).collect()
}

/// Answers every card with a reason, now.
fn dismiss(site: &Site, base: &str, answer: &Value) {
    let at = text(Clock::System.now());
    let cards = answer["cards"].as_array().unwrap();
    let entries: Vec<Value> =
        cards.iter().map(|card| overridden(card["uuid"].as_str().unwrap(), &at)).collect();
    let response = site.post(base, FEEDBACK, &feedback(&entries)).send().unwrap();
    assert_eq!(response.status().as_u16(), 200);
}

fn metrics(base: &str) -> String {
    let request = CLIENT.get(format!("{base}/metrics"));
    request.bearer_auth("an-admin-token-of-at-least-32-characters").send().unwrap().text().unwrap()
}

#[test]
fn a_warning_that_was_answered_stays_away_until_something_is_new() {
    let site = Site::new("sqlite://feedback.db", REPEAT);
    let service = site.serve();
    let begun = Clock::System.now() - TimeDelta::hours(2);
    let pain = dated(&["cancer", "sciatica"], begun);
    let first = answer(&site, &service.base, &pain);
    assert_eq!((codes(&first), first.get("extension")), (vec!["mri-within-1-week"], None));
    assert_eq!(first["cards"][0]["indicator"], "warning");
    dismiss(&site, &service.base, &first);
    let again = answer(&site, &service.base, &pain);
    assert_eq!(again["cards"], json!([]));
    let told = &again["extension"]["org.spinal-mets-cds.repeats"];
    assert_eq!((&told[0]["code"], &told[0]["showing"]), (&"mri-within-1-week".into(), &"hidden".into()));
    // Another patient with the same facts.
    let other: Value = serde_json::from_str(&pain.to_string().replace("example-1", "example-2")).unwrap();
    assert_eq!(codes(&answer(&site, &service.base, &other)), ["mri-within-1-week"]);
    // Another FHIR server, where the id is somebody else's.
    let mut elsewhere = pain.clone();
    elsewhere["fhirServer"] = "https://other.example.org/fhir".into();
    assert_eq!(codes(&answer(&site, &service.base, &elsewhere)), ["mri-within-1-week"]);
    // The same pain an hour earlier: worse.
    let earlier = dated(&["cancer", "sciatica"], begun - TimeDelta::hours(1));
    assert_eq!(codes(&answer(&site, &service.base, &earlier)), ["mri-within-1-week"]);
    // A weakness beside it: new, and critical.
    let weak = dated(&["cancer", "sciatica", "weakness"], begun);
    assert_eq!(codes(&answer(&site, &service.base, &weak)), ["mri-within-24h"]);
    assert_eq!(answer(&site, &service.base, &pain)["cards"], json!([]));

    assert_eq!(Site::insights(&service.base)["rememberedAnswers"], 1);
    let counted = metrics(&service.base);
    for line in [
        "remembered_answers_total{client=\"general-hospital\",outcome=\"remembered\"} 1",
        "repeated_cards_total{code=\"mri-within-1-week\",showing=\"hidden\"} 2",
        "recalls_total{outcome=\"told\"}",
    ] {
        assert!(counted.contains(line), "{line}\n{counted}");
    }
    let log = service.stop();
    assert!(
        log.contains("\"hidden\":\"mri-within-1-week\"") || log.contains("hidden=\"mri-within-1-week\""),
        "{log}"
    );
    assert!(!log.contains("example-1"), "{log}");

    let service = site.serve();
    assert_eq!(answer(&site, &service.base, &pain)["cards"], json!([]), "after a restart");
}

#[test]
fn a_critical_card_that_was_answered_is_short_and_never_away() {
    let Some(server) = postgres::shared() else { return };
    let site = Site::new(&server.database(), REPEAT);
    let (one, two) = (site.serve(), site.serve());
    let weak = dated(&["cancer", "sciatica", "weakness"], Clock::System.now() - TimeDelta::hours(2));
    let whole = answer(&site, &one.base, &weak);
    dismiss(&site, &one.base, &whole);
    for base in [&one.base, &two.base] {
        let short = answer(&site, base, &weak);
        let (now, before) = (&short["cards"][0], &whole["cards"][0]);
        for member in ["indicator", "summary", "source", "overrideReasons", "uuid"] {
            assert_eq!(now[member], before[member], "{member}");
        }
        assert_eq!(now["indicator"], "critical");
        let detail = now["detail"].as_str().unwrap();
        assert!(detail.starts_with("**Do now**") && detail.contains("**In short**"), "{detail}");
        assert!(!detail.contains("**Why**"), "{detail}");
        let link = json!({"label": "Why: the rule on the guideline page", "type": "absolute",
            "url": before["source"]["url"]});
        assert_eq!(now["links"], json!([link]));
        let told = &short["extension"]["org.spinal-mets-cds.repeats"][0];
        assert_eq!(told["showing"], "in-short");
    }
}

#[test]
fn a_store_that_is_away_hides_nothing() {
    let Some(server) = postgres::Postgres::start() else { return };
    let site = Site::new(&server.database(), REPEAT);
    let service = site.serve();
    let pain = dated(&["cancer", "sciatica"], Clock::System.now() - TimeDelta::hours(2));
    let first = answer(&site, &service.base, &pain);
    dismiss(&site, &service.base, &first);
    assert_eq!(answer(&site, &service.base, &pain)["cards"], json!([]));
    server.stop();
    for _again in 0..3 {
        assert_eq!(codes(&answer(&site, &service.base, &pain)), ["mri-within-1-week"]);
    }
    assert!(metrics(&service.base).contains("recalls_total{outcome=\"unavailable\"} 3"));
}

#[test]
fn without_repeat_nothing_is_hidden_and_no_id_comes_again() {
    let site = Site::new("sqlite://feedback.db", "");
    let service = site.serve();
    let pain = dated(&["cancer", "sciatica"], Clock::System.now() - TimeDelta::hours(2));
    let first = answer(&site, &service.base, &pain);
    dismiss(&site, &service.base, &first);
    assert_eq!(Site::insights(&service.base).get("rememberedAnswers"), None);
    let again = answer(&site, &service.base, &pain);
    assert_eq!((codes(&again), again.get("extension")), (vec!["mri-within-1-week"], None));
    assert_ne!(first["cards"][0]["uuid"], again["cards"][0]["uuid"]);
}
