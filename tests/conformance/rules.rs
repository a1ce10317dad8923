//! The rules of the program itself ([`spinal_mets_cds::check`]), over everything that this service sends: every answer beside its
//! request, discovery in each version and for each profile, and feedback as clients send it. On the bytes that go out.

use super::fixtures::ALL;
use super::rows;
use serde_json::Value;
use spinal_mets_cds::cds_hooks::SpecVersion;
use spinal_mets_cds::check::{Asked, Kind, Rule, check};
use spinal_mets_cds::config::{Client, KeySource, Profile};
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::services::Services;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What is wrong with a document, a line a finding.
fn findings(name: &str, bytes: &[u8], kind: Kind, asked: Option<&Asked>) -> Vec<String> {
    let report = check(bytes, None, asked).unwrap();
    assert_eq!(report.kind, Some(kind), "{name}");
    let told = report.findings.told().iter();
    told.map(|it| format!("{name}: {} {}: {}", it.rule.row(), it.place, it.problem)).collect()
}

fn client(profile: Profile) -> Client {
    let keys = KeySource::File("keys.json".into());
    Client {
        action_selection_behavior: true,
        profile,
        ..Client::new("hospital", "https://ehr.example.org", keys, &[])
    }
}

fn services(version: SpecVersion, client: &Client) -> Services {
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    services.offering(&[], version).unwrap().with_clients(std::slice::from_ref(client)).unwrap()
}

#[test]
fn every_answer_keeps_every_rule() {
    let mut wrong = Vec::new();
    for asked in ALL.iter() {
        let request = Asked::read(asked.request.to_string().as_bytes()).unwrap();
        wrong.extend(findings(&asked.name, &asked.bytes, Kind::Answer, Some(&request)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_answer_of_the_next_version_breaks_no_rule_but_that_it_is_of_the_next_version() {
    let client = client(Profile::default());
    let services = services(SpecVersion::Ballot3, &client);
    let (mut wrong, mut next) = (Vec::new(), 0);
    for asked in ALL.iter() {
        let body = asked.request.to_string();
        let document = spinal_mets_cds::cds_hooks::document(body.as_bytes()).unwrap();
        let pending = services.begin(&asked.service, &document, Some(&client)).unwrap();
        let answer = pending.finish(&Default::default(), asked.now).unwrap();
        let bytes = serde_json::to_vec(&answer.response).unwrap();
        let found = findings(&asked.name, &bytes, Kind::Answer, None);
        let (own, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.contains(": S-13 "));
        next += own.len();
        wrong.extend(others);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(next > 10, "{next}");
}

#[test]
fn discovery_keeps_every_rule_in_each_version_and_for_each_profile() {
    let mut wrong = Vec::new();
    for version in SpecVersion::ALL {
        for name in Profile::names() {
            let client = client(Profile::built_in(name).unwrap().unwrap());
            let services = services(version, &client);
            for discovery in [services.discovery(), services.discovery_for(Some(&client))] {
                wrong.extend(findings(name, discovery, Kind::Discovery, None));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn feedback_that_the_public_sandbox_sends_keeps_every_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sandbox/recorded");
    let mut read = 0;
    for file in fs::read_dir(folder).unwrap() {
        let calls: Vec<Value> = serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        for body in calls.iter().map(|it| &it["request"]["body"]).filter(|it| it.get("feedback").is_some()) {
            let wrong = findings("recorded", body.to_string().as_bytes(), Kind::Feedback, None);
            assert_eq!(wrong, Vec::<String>::new(), "{body}");
            read += 1;
        }
    }
    assert!(read >= 2, "only {read} bodies of feedback");
}

#[test]
fn every_rule_stands_for_a_row_of_the_list() {
    let rows: BTreeSet<String> = rows::ids();
    for rule in Rule::ALL {
        assert!(rows.contains(rule.row()), "{rule:?}: there is no row {}", rule.row());
    }
}
