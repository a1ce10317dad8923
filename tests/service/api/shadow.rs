//! Shadow mode over every fixture, beside the same service that shows its cards.

use super::helpers::{App, Reply};
use reqwest::Method;
use serde_json::Value;
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::shift::Shift;
use spinal_mets_cds::cases::target::{InProcessTarget, Target};
use spinal_mets_cds::domain::Site;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const NOW: &str = "2026-05-05T08:00:00Z";

/// A call: the id of its service and its body.
type Call = (String, Vec<u8>);

/// Every call of the fixtures as of [`NOW`], and every id that stands in their resources.
fn calls() -> (Vec<Call>, BTreeSet<String>) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let target = InProcessTarget::new(Site::default()).unwrap();
    let (mut calls, mut ids) = (Vec::new(), BTreeSet::new());
    for case in find(&[fixtures]).cases.iter().filter(|case| !case.is_hostile()) {
        let bundle = CaseBundle::load(&case.folder).unwrap();
        ids.extend(bundle.resources().iter().filter_map(|it| Some(it["id"].as_str()?.to_owned())));
        let request = build(&case.told, bundle, target.offered()).unwrap();
        let shift = Shift::between(case.told.now, NOW.parse().unwrap());
        // All fixtures are about one patient; here each is another.
        let patient = format!("pat-1000{}", calls.len());
        let body = request.body.to_string().replace("pat-1", &patient);
        ids.insert(patient);
        calls.push((request.service, shift.text(body.as_bytes()).body));
    }
    (calls, ids)
}

async fn text(app: &App, path: &str) -> String {
    let answer = app.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    answer.text().await.unwrap()
}

async fn insights(app: &App) -> Value {
    serde_json::from_str(&text(app, "/insights?format=json").await).unwrap()
}

/// Cards by service and row, as answers show them.
fn by_row(service: &str, answer: &Value, into: &mut BTreeMap<(String, String), u64>) {
    for card in answer["cards"].as_array().unwrap() {
        let recommendations =
            card["extension"]["org.spinal-mets-cds.rationale"]["recommendations"].as_array().unwrap();
        let rows: BTreeSet<&str> = recommendations.iter().map(|it| it["row"].as_str().unwrap()).collect();
        for row in rows {
            *into.entry((service.to_owned(), row.to_owned())).or_default() += 1;
        }
    }
}

#[actix_web::test]
async fn nothing_is_ever_shown_and_all_of_it_is_counted() {
    let live = App::start().await;
    let shadow = App::start_with(|config| {
        config.shadow.enabled = true;
        config.shadow.cases_per_week = 500;
    })
    .await;
    let (calls, ids) = calls();
    assert!(calls.len() > 300 && ids.len() > 300, "{} {}", calls.len(), ids.len());
    let (mut shown, mut with_cards) = (BTreeMap::new(), 0);
    for (service, body) in calls {
        let path = format!("/cds-services/{service}");
        let (seen, hidden): (Reply, Reply) =
            (live.post_raw(&path, body.clone()).await, shadow.post_raw(&path, body).await);
        assert_eq!(seen.status, hidden.status, "{path}");
        if hidden.status.as_u16() != 200 {
            assert_eq!(seen.text, hidden.text);
            continue;
        }
        assert_eq!(hidden.text, "{\"cards\":[]}", "{path}");
        let answer = seen.assert_answered();
        with_cards += usize::from(!answer["cards"].as_array().unwrap().is_empty());
        by_row(&service, &answer, &mut shown);
    }
    assert!(with_cards > 200, "{with_cards}");

    let (of_live, of_shadow) = (insights(&live).await, insights(&shadow).await);
    for (told, is_shadow) in [(&of_live, false), (&of_shadow, true)] {
        let mut counted = BTreeMap::new();
        for row in told["weeks"]["rows"].as_array().unwrap() {
            assert_eq!(row["shadow"], is_shadow);
            let name = |member: &str| row[member].as_str().unwrap().to_owned();
            let cards = row["cards"].as_u64().unwrap();
            if cards > 0 {
                counted.insert((name("service"), name("row")), cards);
            }
        }
        assert_eq!(counted, shown);
    }
    // Nothing was shown, so nothing counts as shown and not answered.
    assert!(!of_live["total"].as_array().unwrap().is_empty());
    assert_eq!(of_shadow["total"], Value::Array(Vec::new()));
    assert!(of_live["cases"].as_array().unwrap().is_empty());
    let overdue: u64 = of_shadow["weeks"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["overdue"].as_u64().unwrap())
        .sum();
    assert!(overdue > 10, "{overdue}");
    let metrics = text(&shadow, "/metrics").await;
    assert!(metrics.contains("spinal_mets_cds_shadow 1") && metrics.contains(r#",shown="no"}"#));
    assert!(!metrics.contains(r#",shown="yes"}"#));
    assert!(text(&live, "/metrics").await.contains("spinal_mets_cds_shadow 0"));
    // What is offered is the same: an EHR that is registered now needs no change later.
    assert_eq!(text(&live, "/cds-services").await, text(&shadow, "/cds-services").await);
    cases_name_nobody(&of_shadow, &ids);
}

/// Words that the cases are made of hold neither an id, nor a date, nor a long number.
fn cases_name_nobody(insights: &Value, ids: &BTreeSet<String>) {
    let cases = insights["cases"].as_array().unwrap();
    assert!(cases.len() > 100, "{}", cases.len());
    for case in cases {
        let mut words: Vec<&str> = Vec::new();
        for member in ["facts", "missing"] {
            words.extend(case[member].as_array().unwrap().iter().map(|it| it.as_str().unwrap()));
        }
        for text in words {
            let pieces: Vec<&str> = text.split([' ', ',', '(', ')', ':', ';']).collect();
            let named = pieces.iter().find(|piece| piece.len() > 3 && ids.contains(**piece));
            assert_eq!(named, None, "{text}");
            let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            assert!(digits < Some(4), "a year or a long number: {text}");
            assert!(!text.contains('"'), "words of a record: {text}");
        }
    }
}
