//! The next version of CDS Hooks (`protocol.version`), over all fixtures: what it changes, and that it changes nothing else.

use super::fixtures::ALL;
use serde_json::{Value, json};
use spinal_mets_cds::cds_hooks::{SpecVersion, document};
use spinal_mets_cds::config::{Client, KeySource};
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::services::Services;
use spinal_mets_cds::services::override_reason::{NON_ADHERENCE_SYSTEM, OVERRIDE_REASON_SYSTEM};
use std::collections::BTreeSet;

/// The category of what is a referral.
const PATIENT_REFERRAL: &str = "3457005";

fn client(name: &str, action_selection_behavior: bool) -> Client {
    let keys = KeySource::File("keys.json".into());
    Client { action_selection_behavior, ..Client::new(name, "https://ehr.example.org", keys, &[]) }
}

fn services(version: SpecVersion, client: &Client) -> Services {
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    services.offering(&[], version).unwrap().with_clients(std::slice::from_ref(client)).unwrap()
}

/// Takes a member out of every object of a kind below `cards`, and gives what stood there.
fn take(cards: &mut Value, pointer: &str, member: &str) -> Vec<Value> {
    let mut taken = Vec::new();
    for card in cards.as_array_mut().unwrap() {
        let places: Vec<&mut Value> = match pointer {
            "" => vec![card],
            _ => card.get_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten().collect(),
        };
        taken.extend(places.into_iter().filter_map(|it| it.as_object_mut().unwrap().remove(member)));
    }
    taken
}

#[test]
fn the_next_version_changes_reasons_and_what_a_client_reads_and_nothing_else() {
    let (reading, other) = (client("reading", true), client("other", false));
    let plain = services(SpecVersion::V2_0_1, &reading);
    let next = [services(SpecVersion::Ballot3, &reading), services(SpecVersion::Ballot3, &other)];
    let (mut whole, mut theirs, mut kinds) = (0, BTreeSet::new(), BTreeSet::new());
    for asked in ALL.iter() {
        let body = asked.request.to_string();
        let document = document(body.as_bytes()).unwrap();
        let cards = |services: &Services, client: &Client| {
            let pending = services.begin(&asked.service, &document, Some(client)).unwrap();
            let answer = pending.finish(&Default::default(), asked.now).unwrap();
            let mut cards = serde_json::to_value(&answer.response.cards).unwrap();
            take(&mut cards, "", "uuid");
            take(&mut cards, "suggestions", "uuid");
            cards
        };
        let mut expected = cards(&plain, &reading);
        let ours = take(&mut expected, "", "overrideReasons");
        assert!(
            take(&mut expected.clone(), "suggestions", "actionSelectionBehavior").is_empty(),
            "{}",
            asked.name
        );
        for (services, client) in next.iter().zip([&reading, &other]) {
            let mut found = cards(services, client);
            for suggestion in found
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|card| card["suggestions"].as_array().into_iter().flatten())
            {
                let actions = suggestion["actions"].as_array().unwrap();
                let referrals = actions
                    .iter()
                    .all(|it| it["resource"]["category"][0]["coding"][0]["code"] == PATIENT_REFERRAL);
                let expected = match (actions.len() > 1 && client.action_selection_behavior, referrals) {
                    (false, _) => Value::Null,
                    (true, true) => json!("any"),
                    (true, false) => json!("all"),
                };
                kinds.insert(expected.to_string());
                assert_eq!(suggestion["actionSelectionBehavior"], expected, "{}: {suggestion}", asked.name);
            }
            whole += take(&mut found, "suggestions", "actionSelectionBehavior").len();
            let reasons = take(&mut found, "", "overrideReasons");
            assert_eq!(found, expected, "{}", asked.name);
            for (reasons, ours) in reasons.iter().zip(&ours) {
                let (reasons, ours) = (reasons.as_array().unwrap(), ours.as_array().unwrap());
                assert_eq!(reasons.len(), ours.len());
                let codes: BTreeSet<_> = reasons.iter().map(|it| it["code"].as_str().unwrap()).collect();
                assert_eq!(codes.len(), reasons.len(), "{}: a code stands twice: {reasons:?}", asked.name);
                for (reason, our) in reasons.iter().zip(ours) {
                    assert_eq!(reason["display"], our["display"]);
                    assert_eq!(our["system"], OVERRIDE_REASON_SYSTEM);
                    if reason["system"] == NON_ADHERENCE_SYSTEM {
                        theirs.insert(reason["code"].as_str().unwrap().to_owned());
                    } else {
                        assert_eq!(reason, our);
                    }
                }
            }
        }
    }
    assert!(
        whole > 10 && theirs.len() >= 5 && kinds.len() == 3,
        "{whole} suggestions, {theirs:?}, {kinds:?}"
    );
}

#[test]
fn discovery_names_the_next_version_and_no_other() {
    let client = client("hospital", false);
    for (version, expected) in
        [(SpecVersion::V2_0_1, Value::Null), (SpecVersion::Ballot3, json!("3.0.0-ballot"))]
    {
        let services = services(version, &client);
        for discovery in [services.discovery(), services.discovery_for(Some(&client))] {
            let discovery: Value = serde_json::from_slice(discovery).unwrap();
            for entry in discovery["services"].as_array().unwrap() {
                assert_eq!(entry["version"], expected);
                assert!(entry.get("hookVersion").is_none());
            }
        }
    }
}
