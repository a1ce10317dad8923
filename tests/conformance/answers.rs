//! What holds for every answer of ours beyond the rules of the protocol ([`super::rules`]), over all fixtures.

use super::fixtures::{ALL, Asked, ask_all};
use super::uuids::without_uuids;
use fhir_sdk::r4b::resources::{Observation, ServiceRequest};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

fn members(value: &Value) -> BTreeSet<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn items<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Runs a check on each card of each fixture; `complain` takes what is wrong.
fn on_every_card(check: impl Fn(&Asked, &Value, &mut Vec<String>)) {
    let (mut wrong, mut cards) = (Vec::new(), 0);
    for asked in ALL.iter() {
        for card in items(&asked.answer, "cards") {
            let before = wrong.len();
            check(asked, card, &mut wrong);
            wrong.iter_mut().skip(before).for_each(|it| *it = format!("{}: {it}", asked.name));
            cards += 1;
        }
    }
    assert!(cards > 400, "only {cards} cards were looked at");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn each_action(card: &Value) -> impl Iterator<Item = &Value> {
    items(card, "suggestions").iter().flat_map(|suggestion| items(suggestion, "actions"))
}

#[test]
fn an_answer_is_an_object_with_cards_and_nothing_else() {
    for asked in ALL.iter() {
        assert_eq!(members(&asked.answer), BTreeSet::from(["cards"]), "{}", asked.name);
        assert!(items(&asked.answer, "cards").len() <= 4, "{}", asked.name);
    }
}

#[test]
fn a_card_has_the_members_that_ours_have() {
    let known = BTreeSet::from([
        "uuid",
        "summary",
        "detail",
        "indicator",
        "source",
        "suggestions",
        "selectionBehavior",
        "overrideReasons",
        "extension",
    ]);
    on_every_card(|_, card, wrong| {
        let has = members(card);
        wrong.extend(has.difference(&known).map(|member| format!("`{member}` is no member of our cards")));
        for required in ["uuid", "detail"] {
            if !has.contains(required) {
                wrong.push(format!("`{required}` is missing"));
            }
        }
        if card["source"].get("topic").is_none() {
            wrong.push("source without topic".to_owned());
        }
        for suggestion in items(card, "suggestions").iter().filter(|it| it.get("actions").is_none()) {
            wrong.push(format!("without actions: {suggestion}"));
        }
    });
}

#[test]
fn a_detail_says_what_to_do_and_on_what_it_rests() {
    on_every_card(|_, card, wrong| {
        let detail = text(card, "detail");
        if !detail.starts_with("**Do now**") || !detail.contains("**Source**") {
            wrong.push(format!("without its sections: {detail}"));
        }
    });
}

/// An order or an answer through the typed model and back.
fn through_the_typed_model(resource: &Value) -> serde_json::Result<Value> {
    match text(resource, "resourceType") {
        "Observation" => {
            serde_json::from_value::<Observation>(resource.clone()).and_then(serde_json::to_value)
        }
        _ => serde_json::from_value::<ServiceRequest>(resource.clone()).and_then(serde_json::to_value),
    }
}

#[test]
fn a_suggested_resource_is_valid_in_the_typed_model() {
    let mut read = 0;
    let mut wrong = Vec::new();
    for asked in ALL.iter() {
        for action in items(&asked.answer, "cards").iter().flat_map(each_action) {
            // A changed draft keeps what the client wrote, good or bad.
            if text(action, "type") != "create" {
                continue;
            }
            let resource = &action["resource"];
            match through_the_typed_model(resource) {
                Ok(typed) => {
                    read += 1;
                    if typed != *resource {
                        wrong.push(format!("{}: changed on the way through", asked.name));
                    }
                }
                Err(error) => wrong.push(format!("{}: {error}", asked.name)),
            }
        }
    }
    assert!(read > 300, "only {read} resources were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_created_is_a_draft_or_an_answer_for_the_patient_of_the_call() {
    on_every_card(|asked, card, wrong| {
        let context = &asked.request["context"];
        let patient = format!("Patient/{}", text(context, "patientId"));
        for action in each_action(card).filter(|it| text(it, "type") == "create") {
            let order = &action["resource"];
            let answers = text(order, "resourceType") == "Observation";
            let (status, intent) = (text(order, "status"), text(order, "intent"));
            let expected = if answers {
                (status, intent) == ("final", "")
            } else {
                status == "draft" && ["proposal", "order"].contains(&intent)
            };
            if !expected {
                wrong.push(format!("status {status} and intent {intent}"));
            }
            // Who answers is who asked; who will do an order nobody told.
            let user = answers.then(|| text(context, "userId"));
            if order["performer"][0]["reference"].as_str() != user {
                wrong.push(format!("performer {}", order["performer"]));
            }
            if text(&order["subject"], "reference") != patient {
                wrong.push(format!("subject {}", order["subject"]));
            }
            let encounter =
                context.get("encounterId").and_then(Value::as_str).map(|id| format!("Encounter/{id}"));
            if order["encounter"]["reference"].as_str() != encounter.as_deref() {
                wrong.push(format!("encounter {}", order["encounter"]));
            }
            for unknown in ["requester", "authoredOn"] {
                if order.get(unknown).is_some() {
                    wrong.push(format!("states `{unknown}`, which nobody told it"));
                }
            }
        }
    });
}

/// The drafts of a call by `Type/id`.
fn drafts(request: &Value) -> BTreeMap<String, &Map<String, Value>> {
    let entries = items(&request["context"]["draftOrders"], "entry");
    let resources = entries.iter().map(|entry| &entry["resource"]);
    resources
        .filter_map(|it| Some((format!("{}/{}", text(it, "resourceType"), text(it, "id")), it.as_object()?)))
        .collect()
}

#[test]
fn an_update_is_the_whole_draft_with_only_the_intended_members_changed() {
    let intended = |member: &str| {
        let plain = member.trim_start_matches('_');
        ["code", "priority", "orderDetail"].contains(&plain) || plain.starts_with("occurrence")
    };
    let mut updates = 0;
    for asked in ALL.iter() {
        let drafts = drafts(&asked.request);
        for action in items(&asked.answer, "cards").iter().flat_map(each_action) {
            if text(action, "type") != "update" {
                continue;
            }
            let after = action["resource"].as_object().unwrap();
            let before = drafts[&format!(
                "{}/{}",
                text(&action["resource"], "resourceType"),
                text(&action["resource"], "id")
            )];
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                let same = before.get(name) == after.get(name);
                assert!(same || intended(name), "{}: `{name}` was changed", asked.name);
            }
            updates += 1;
        }
    }
    assert!(updates > 10, "only {updates} updates");
}

#[test]
fn a_card_about_one_of_several_orders_names_it() {
    let mut named = 0;
    for asked in ALL.iter() {
        let drafts = drafts(&asked.request);
        if drafts.len() < 2 {
            continue;
        }
        for card in items(&asked.answer, "cards") {
            let names = drafts.values().filter_map(|draft| name(draft));
            let told = text(card, "detail").replace('\\', "");
            assert!(names.clone().any(|it| told.contains(it)), "{}: no draft is named in {told}", asked.name);
            named += 1;
        }
    }
    assert!(named > 10, "only {named} cards beside several drafts");
}

/// What people call an order: the text of its code, else a display.
fn name(draft: &Map<String, Value>) -> Option<&str> {
    let code = draft.get("code").or_else(|| draft.get("medicationCodeableConcept"))?;
    code["text"].as_str().or_else(|| code["coding"][0]["display"].as_str())
}

#[test]
fn override_reasons_are_those_of_the_family_of_the_card_and_each_has_all_its_parts() {
    let last = ["comfort-care", "patient-declines", "disagree-with-guideline", "data-wrong"];
    let imaging = ["already-imaged", "already-arranged", "not-suspected", "mri-unsafe-alternative-arranged"];
    let treatment = ["already-referred", "team-decided-otherwise", "not-fit-for-treatment"];
    let families: [BTreeSet<&str>; 3] = [
        imaging.into_iter().chain(last).collect(),
        treatment.into_iter().chain(last).collect(),
        treatment.into_iter().skip(1).chain(last.into_iter().skip(1)).collect(),
    ];
    on_every_card(|_, card, wrong| {
        let reasons = items(card, "overrideReasons");
        let codes: BTreeSet<&str> = reasons.iter().map(|reason| text(reason, "code")).collect();
        let lead = text(&card["source"]["topic"], "code");
        let starts = |starts: &[&str]| starts.iter().any(|start| lead.starts_with(start));
        let family = if starts(&["mri-", "mescc-", "reassess-", "imaging-"]) {
            0
        } else if starts(&["zoledronic-"]) {
            2
        } else {
            1
        };
        if codes != families[family] || codes.len() != reasons.len() {
            wrong.push(format!("{lead}: {codes:?}"));
        }
        for reason in reasons {
            if text(reason, "system") != "urn:spinal-mets-cds:override-reason"
                || text(reason, "display").is_empty()
            {
                wrong.push(format!("{reason}"));
            }
        }
    });
}

#[test]
fn an_extension_is_an_object_under_a_name_of_our_own() {
    on_every_card(|_, card, wrong| {
        if members(&card["extension"]) != BTreeSet::from(["org.spinal-mets-cds.rationale"]) {
            wrong.push(format!("{:?}", members(&card["extension"])));
        }
    });
}

#[test]
fn the_same_question_gets_the_same_answer() {
    for (mut first, mut second) in ask_all().into_iter().zip(ask_all()) {
        without_uuids(&mut first.answer);
        without_uuids(&mut second.answer);
        assert_eq!(first.answer, second.answer, "{}", first.name);
    }
}
