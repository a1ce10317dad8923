//! What holds of every answer, whatever was asked (CDS Hooks 2.0.1, "CDS Service Response"; guideline.md section 4).

use serde::de::IgnoredAny;
use serde_json::Value;
use spinal_mets_cds::cds_hooks::Response;
use spinal_mets_cds::guideline::{Code, statement};
use std::collections::BTreeSet;

/// Most cards of an answer.
const MOST_CARDS: usize = 4;
/// Longest summary, in characters.
const LONGEST_SUMMARY: usize = 139;

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

fn items<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Checks an answer; gives it as JSON. `None` when a changed draft holds what a JSON tree cannot, such as 1e999.
///
/// # Panics
///
/// When a promise is broken.
pub fn check(response: &Response, patient_id: &str) -> Option<Value> {
    let bytes = serde_json::to_vec(response).expect("the answer serialises");
    serde_json::from_slice::<IgnoredAny>(&bytes).expect("the answer is JSON");
    assert!(response.cards.len() <= MOST_CARDS, "{} cards", response.cards.len());
    let answer: Value = match serde_json::from_slice(&bytes) {
        Ok(answer) => answer,
        Err(error) => {
            let updates = String::from_utf8_lossy(&bytes).contains("\"type\":\"update\"");
            assert!(updates, "no changed draft, and yet not JSON: {error}");
            return None;
        }
    };
    let mut uuids = BTreeSet::new();
    for card in items(&answer, "cards") {
        assert!(uuids.insert(text(card, "uuid")), "a uuid twice");
        check_card(card);
        for suggestion in items(card, "suggestions") {
            assert!(uuids.insert(text(suggestion, "uuid")), "a uuid twice");
            assert!(!text(suggestion, "label").is_empty() && !items(suggestion, "actions").is_empty());
            items(suggestion, "actions").iter().for_each(|action| check_action(action, patient_id));
        }
    }
    Some(answer)
}

fn check_card(card: &Value) {
    let summary = text(card, "summary");
    let length = summary.chars().count();
    assert!((1..=LONGEST_SUMMARY).contains(&length), "summary of {length} characters: {summary}");
    assert!(!summary.contains(char::is_control), "summary on several lines: {summary}");
    // The last resort of the card writer; the engine's own sentences fit.
    assert!(!summary.ends_with('…'), "a summary was cut: {summary}");
    assert!(["info", "warning", "critical"].contains(&text(card, "indicator")));
    let lead = text(&card["source"]["topic"], "code");
    assert!(Code::ALL.iter().any(|code| code.as_str() == lead), "unknown code {lead}");
    let detail = text(card, "detail");
    assert!(
        detail.starts_with("**Do now**")
            && detail.contains("\n**Why**\n")
            && detail.contains("\n**Source**\n"),
        "without its sections: {detail}"
    );
    assert!(!has_html(detail), "HTML in: {detail}");
    let behaviour = card.get("selectionBehavior").and_then(Value::as_str);
    assert!(matches!(
        (card.get("suggestions").is_some(), behaviour),
        (true, Some("at-most-one" | "any")) | (false, None)
    ));
    let rationale = &card["extension"]["org.spinal-mets-cds.rationale"];
    assert_eq!(rationale["recommendations"][0]["code"], lead, "the lead of the rationale is another");
    assert_eq!(rationale.get("deadline").is_some(), rationale.get("overdue").is_some());
    for recommendation in items(rationale, "recommendations") {
        let statements = items(recommendation, "statements");
        assert!(
            !statements.is_empty() && !text(recommendation, "row").is_empty(),
            "no row or statement: {recommendation}"
        );
        for id in statements {
            assert!(!statement::says(id.as_str().unwrap_or_default()).is_empty(), "unknown statement {id}");
        }
    }
    let mut own = card.clone();
    for suggestion in own.get_mut("suggestions").and_then(Value::as_array_mut).into_iter().flatten() {
        for action in suggestion["actions"].as_array_mut().into_iter().flatten() {
            if action["type"] == "update" {
                // The client's own resource, with whatever it left empty.
                action["resource"] = Value::Bool(true);
            }
        }
    }
    nothing_is_empty("card", &own);
}

fn has_html(markdown: &str) -> bool {
    let plain: Vec<char> = markdown.replace("\\<", "").chars().collect();
    plain.windows(2).any(|pair| pair[0] == '<' && (pair[1].is_ascii_alphabetic() || "/!?".contains(pair[1])))
}

fn check_action(action: &Value, patient_id: &str) {
    let members: BTreeSet<&str> = action.as_object().into_iter().flatten().map(|(name, _)| &**name).collect();
    assert!(!text(action, "description").is_empty());
    match text(action, "type") {
        "create" => {
            assert_eq!(members, BTreeSet::from(["description", "resource", "type"]));
            let made = &action["resource"];
            match (text(made, "resourceType"), text(made, "status")) {
                ("ServiceRequest", "draft") => assert!(["proposal", "order"].contains(&text(made, "intent"))),
                ("Observation", "final") => assert!(made.get("effectiveDateTime").is_some()),
                other => panic!("creates {other:?}"),
            }
            assert_eq!(text(&made["subject"], "reference"), format!("Patient/{patient_id}"));
        }
        "update" => assert_eq!(members, BTreeSet::from(["description", "resource", "type"])),
        "delete" => {
            assert_eq!(members, BTreeSet::from(["description", "resourceId", "type"]));
            let reference = text(action, "resourceId").split_once('/');
            assert!(
                reference.is_some_and(|(kind, id)| !kind.is_empty() && !id.is_empty()),
                "deletes {action}"
            );
        }
        other => panic!("action of type {other}"),
    }
}

/// Checks that only drafts that the hook asks about are changed or deleted, and that an update changes nothing but what it
/// should. `request` is the call as a tree; it must not hold a member twice, because then readers differ.
///
/// # Panics
///
/// When a promise is broken.
pub fn check_orders(answer: &Value, request: &Value) {
    let actions = items(answer, "cards").iter().flat_map(|card| items(card, "suggestions"));
    for action in actions.flat_map(|suggestion| items(suggestion, "actions")) {
        let reference = match text(action, "type") {
            "delete" => text(action, "resourceId").to_owned(),
            "update" => key(&action["resource"]),
            _ => continue,
        };
        let context = &request["context"];
        let of_this_name: Vec<&Value> = items(&context["draftOrders"], "entry")
            .iter()
            .filter(|entry| key(&entry["resource"]) == reference)
            .collect();
        let names = |entry: &&&Value| {
            let url = text(entry, "fullUrl");
            [last(text(&entry["resource"], "id")), last(url)].into_iter().any(|name| {
                items(context, "selections").iter().filter_map(Value::as_str).any(|it| last(it) == name)
            })
        };
        assert!(
            text(request, "hook") == "order-sign" || of_this_name.iter().any(|entry| names(&entry)),
            "{reference} is touched and was not asked about"
        );
        if text(action, "type") == "update" {
            let kept = |draft: &&Value| only_intended_differs(&draft["resource"], &action["resource"]);
            assert!(of_this_name.iter().any(kept), "{reference} is changed beyond what was intended");
        } else {
            assert!(!of_this_name.is_empty(), "{reference} is deleted and is no draft");
        }
    }
}

/// `Type/id`. No id has a blank; one around it is read as if it were not there.
fn key(resource: &Value) -> String {
    format!("{}/{}", text(resource, "resourceType"), text(resource, "id").trim())
}

/// The last part of a reference.
fn last(reference: &str) -> &str {
    let tail = reference.trim().rsplit('/').next().unwrap_or_default();
    tail.strip_prefix("urn:uuid:").unwrap_or(tail)
}

fn only_intended_differs(before: &Value, after: &Value) -> bool {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return false };
    before.keys().chain(after.keys()).all(|name| {
        let plain = name.trim_start_matches('_');
        before.get(name) == after.get(name)
            || ["code", "priority", "orderDetail"].contains(&plain)
            || plain.starts_with("occurrence")
    })
}

fn nothing_is_empty(path: &str, value: &Value) {
    match value {
        Value::Null => panic!("{path} is null"),
        Value::String(text) => assert!(!text.is_empty(), "{path} is an empty string"),
        Value::Array(items) => {
            assert!(!items.is_empty(), "{path} is an empty array");
            items.iter().enumerate().for_each(|(i, item)| nothing_is_empty(&format!("{path}/{i}"), item));
        }
        Value::Object(members) => {
            assert!(!members.is_empty(), "{path} is an empty object");
            members.iter().for_each(|(name, it)| nothing_is_empty(&format!("{path}/{name}"), it));
        }
        _ => {}
    }
}
