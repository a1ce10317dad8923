//! A page for each service in the shape of HL7's hook library: metadata, workflow, context, prefetch, examples, change log. What the
//! service needs is found by asking it: a member of the context without which it refuses a call is required.
//!
//! `UPDATE_EXAMPLES=1 cargo test --test hook_pages` writes the pages anew; review the change like code.

#![cfg(test)]

use serde_json::{Value, json};
use spinal_mets_cds::check::hook_context;
use spinal_mets_cds::config::Profile;
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::services::offered::OFFERED;
use spinal_mets_cds::services::prefetch::{Kind, templates};
use spinal_mets_cds::services::{CallError, Services};
use std::fs;
use std::path::{Path, PathBuf};

/// The clock of the examples.
const NOW: &str = "2026-05-05T08:00:00Z";

/// Hook, version of the hook, and maturity, as HL7's library has them (STU 1); where a change log goes further than its head, both.
const LIBRARY: [(&str, &str, &str); 6] = [
    ("patient-view", "1.0", "5 - Mature"),
    ("order-select", "1.0 (change log: 1.0.2)", "4 - Documented"),
    ("order-sign", "1.0 (change log: 1.1.0)", "5 - Mature"),
    ("encounter-discharge", "1.0", "1 - Submitted"),
    ("appointment-book", "1.0", "1 - Submitted"),
    ("order-dispatch", "1.1", "0 - Draft"),
];

/// Member of a context, its type, and what it is to this service.
const MEMBERS: [(&str, &str, &str); 8] = [
    (
        "userId",
        "string",
        "Who is at the screen, as `Type/id`. A Patient or RelatedPerson gets no cards; others become the requester of suggested orders.",
    ),
    ("patientId", "string", "The bare FHIR id of the patient."),
    ("encounterId", "string", "The bare FHIR id of the encounter; suggested orders name it."),
    ("selections", "array", "References to the drafts that the card may be about."),
    ("draftOrders", "object", "FHIR R4 Bundle of all unsigned orders of the session."),
    ("appointments", "object", "FHIR R4 Bundle of the appointments that are being booked."),
    ("dispatchedOrders", "array", "References to the orders that are dispatched, as `Type/id`."),
    ("performer", "string", "Not read."),
];

/// Members that the library has and this service does not read, with their type.
const NOT_READ: [(&str, &str); 1] = [("fulfillmentTasks", "array")];

fn folder(service: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks").join(service)
}

fn read(service: &str, name: &str) -> String {
    fs::read_to_string(folder(service).join(name)).unwrap()
}

/// Whether the service refuses the example without this member of its context.
fn is_required(services: &Services, service: &str, request: &Value, member: &str) -> bool {
    let mut without = request.clone();
    without["context"].as_object_mut().unwrap().remove(member);
    match services.call(service, without.to_string().as_bytes(), NOW.parse().unwrap()) {
        Ok(_) => false,
        Err(CallError::BadRequest(fault)) => {
            assert_eq!(fault.member, format!("context.{member}"));
            true
        }
        Err(error) => panic!("{service} without {member}: {error}"),
    }
}

fn context(services: &Services, service: &str, hook: &str, request: &Value) -> String {
    let known = hook_context(hook).expect("a hook of the library");
    let mut rows = String::new();
    for (name, is_token) in
        known.tokens.iter().map(|it| (it, true)).chain(known.others.iter().map(|it| (it, false)))
    {
        let told = MEMBERS.iter().find(|(member, ..)| member == name).map(|(_, of, what)| (*of, *what));
        let not_read = NOT_READ.iter().find(|(member, _)| member == name).map(|(_, of)| (*of, "Not read."));
        let (of, what) = told.or(not_read).unwrap_or_else(|| panic!("{name} is in no table above"));
        let optionality = if is_required(services, service, request, name) { "REQUIRED" } else { "OPTIONAL" };
        let token = if is_token { "Yes" } else { "No" };
        rows += &format!("| `{name}` | {optionality} | {token} | *{of}* | {what} |\n");
    }
    format!(
        "| Field | Optionality | Prefetch Token | Type | Description |\n| --- | --- | --- | --- | --- |\n{rows}"
    )
}

/// The keys, with the resource type and the names of the parameters of each.
fn prefetch(sets: &ValueSets) -> String {
    let mut rows = String::new();
    for template in templates(sets, &Profile::default()) {
        let resource = template.source.resource_type();
        let how = match (&template.query, template.kind) {
            (None, _) => "not asked for; read where it comes".to_owned(),
            (Some(_), Kind::Read) => "read by its id".to_owned(),
            (Some(query), Kind::Search) => {
                let parameters = query.split_once('?').unwrap().1.split('&');
                let names =
                    parameters.map(|it| it.split('=').next().unwrap()).filter(|name| !name.starts_with('_'));
                format!("search by {}", names.collect::<Vec<_>>().join(", "))
            }
        };
        let needed = if template.essential { "REQUIRED: 412 without it" } else { "OPTIONAL" };
        rows += &format!("| `{}` | {resource} | {needed} | {how} |\n", template.key);
    }
    format!("| Key | Resource | Optionality | Query |\n| --- | --- | --- | --- |\n{rows}")
}

fn page(services: &Services, sets: &ValueSets, service: &str) -> String {
    let entry: Value = serde_json::from_str(&read(service, "service.json")).unwrap();
    let text = |member: &str| entry[member].as_str().unwrap();
    let hook = text("hook");
    let (_, version, maturity) =
        LIBRARY.iter().find(|(name, ..)| *name == hook).expect("a line of the library");
    let request: Value = serde_json::from_str(&read(service, "request.json")).unwrap();
    let answer: Value = serde_json::from_str(&read(service, "response.json")).unwrap();
    let cards = answer["cards"].as_array().unwrap();
    let codes: Vec<String> =
        cards.iter().map(|card| format!("`{}`", card["source"]["topic"]["code"].as_str().unwrap())).collect();
    let example = serde_json::to_string_pretty(&json!({ "context": request["context"] })).unwrap();
    format!(
        "# `{hook}`: {title}\n\n\
         This page is made (`UPDATE_EXAMPLES=1 cargo test --test hook_pages`); `workflow.md` and `service.json` are what it is made from.\n\n\
         | Metadata | Value |\n| --- | --- |\n| service | `{service}` |\n| specificationVersion | 2.0.1 |\n\
         | hookVersion | {version}; not sent in discovery |\n| hookMaturity | {maturity} |\n\n\
         ## Workflow\n\n{description}\n\n{workflow}\n{requirements}\n\n\
         ## Context\n\nREQUIRED is what this service refuses a call without (400); the library may ask for more.\n\n{context}\n\
         ### Examples\n\n```json\n{example}\n```\n\n\
         [The whole call](request.json), [its answer](response.json): {codes}. Against the sandbox at the clock of the example:\n\n\
         ```sh\nspinal-mets-cds serve --now {NOW} &\n\
         curl -s -H 'Content-Type: application/json' --data @request.json http://127.0.0.1:8080/cds-services/{service}\n```\n\n\
         ## Prefetch\n\nThe keys of discovery without a configuration; a key that cannot be had makes a card say so. A site's own codes are added, \
         and an EHR is not asked for what it does not have ([profiles](../profiles/README.md)).\n\n{prefetch}\n\
         ## Change Log\n\n| Version | Description |\n| --- | --- |\n| 0.2.0 | First release |\n",
        title = text("title"),
        description = text("description"),
        workflow = read(service, "workflow.md"),
        requirements = text("usageRequirements"),
        context = context(services, service, hook, &request),
        codes = codes.join(", "),
        prefetch = prefetch(sets),
    )
}

#[test]
fn every_service_has_its_page() {
    let sets = ValueSets::built_in().unwrap();
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    for service in OFFERED {
        let text = page(&services, &sets, service.id);
        let file = folder(service.id).join("README.md");
        #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
        if std::env::var_os("UPDATE_EXAMPLES").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        assert!(written == text, "{} is stale: UPDATE_EXAMPLES=1 writes it", file.display());
    }
    assert_eq!(LIBRARY.len(), OFFERED.len());
}

#[test]
fn what_a_page_says_of_the_context_is_so() {
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    let request = |service: &str| serde_json::from_str::<Value>(&read(service, "request.json")).unwrap();
    let required = |service: &str, member: &str| is_required(&services, service, &request(service), member);
    assert!(required("spinal-metastases-patient-view", "userId"));
    assert!(required("spinal-metastases-order-select", "selections"));
    assert!(!required("spinal-metastases-patient-view", "encounterId"));
    assert!(!required("spinal-metastases-order-dispatch", "performer"));
    // And every page is in the shape of the library.
    for service in OFFERED {
        let page = read(service.id, "README.md");
        let heads: Vec<&str> = page.lines().filter(|line| line.starts_with("##")).collect();
        assert_eq!(heads, ["## Workflow", "## Context", "### Examples", "## Prefetch", "## Change Log"]);
    }
}
