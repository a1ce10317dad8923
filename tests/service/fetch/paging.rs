//! `next` links: followed on the same server only, and within bounds (P-18).

use super::helpers::{Setup, VIEW, bundle, cards, count, details, take_out, view_call};
use crate::support::stub::{Reply, Stub};
use serde_json::{Value, json};
use spinal_mets_cds::services::Outcome;
use std::sync::Arc;

fn with_next(resources: &[Value], link: &str) -> Value {
    let mut page = bundle(resources);
    page["link"] = json!([{"relation": "self", "url": "x"}, {"relation": "next", "url": link}]);
    page
}

/// A page that begins something.
fn first_of(link: &str) -> Value {
    with_next(&[json!({"resourceType": "Procedure", "id": "x", "status": "completed"})], link)
}

/// The conditions of the example, one a page, with absolute or relative links.
fn pages(link: &str) -> impl Fn(&str) -> Value + Send + Sync + use<> {
    let setup = Setup::for_server("http://127.0.0.1:1/fhir");
    let call = view_call(&setup, "http://127.0.0.1:1/fhir");
    let entries = call["prefetch"]["conditions"]["entry"].as_array().unwrap().clone();
    assert!(entries.len() > 1, "the example has conditions to page");
    let link = link.to_owned();
    move |target: &str| {
        let page: usize = target.split_once("page=").map_or(0, |(_, page)| page.parse().unwrap());
        let resource = entries[page]["resource"].clone();
        if page + 1 == entries.len() {
            bundle(&[resource])
        } else {
            with_next(&[resource], &link.replace("PAGE", &(page + 1).to_string()))
        }
    }
}

#[tokio::test]
async fn pages_are_read_to_the_end_from_the_server_and_from_prefetch() {
    for link in ["Condition?page=PAGE", "/fhir/Condition?page=PAGE", "/fhir?page=PAGE"] {
        let page = Arc::new(pages(link));
        let served = Arc::clone(&page);
        let stub = Stub::start(move |seen| Reply::Json(served(&seen.target)));
        let setup = Setup::for_server(&stub.base());
        let whole = view_call(&setup, &stub.base());
        let expected = setup.call(VIEW, &whole).await.unwrap();
        assert_eq!(stub.connections(), 0, "nothing is lacking");

        let mut absent = whole.clone();
        take_out(&mut absent, "conditions");
        let answer = setup.call(VIEW, &absent).await.unwrap();
        assert_eq!(cards(&answer), cards(&expected), "{link}");
        assert_eq!(count(answer.outcomes, Outcome::Fetched), 1);

        let mut first = whole;
        first["prefetch"]["conditions"] = page("Condition");
        let before = stub.seen().len();
        let answer = setup.call(VIEW, &first).await.unwrap();
        assert_eq!(cards(&answer), cards(&expected), "{link}");
        assert_eq!(count(answer.outcomes, Outcome::Fetched), 1);
        assert!(
            stub.seen()[before..].iter().all(|seen| seen.target.contains("page=")),
            "the first page is here"
        );
    }
}

#[tokio::test]
async fn a_link_that_leads_away_is_not_followed() {
    let elsewhere = Stub::elsewhere();
    let away = elsewhere.address;
    for link in [
        format!("http://{away}/fhir/Procedure?page=2"),
        format!("//{away}/fhir/Procedure?page=2"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "/admin/Procedure?page=2".to_owned(),
        "../admin?page=2".to_owned(),
        "/fhir/..%2fadmin?page=2".to_owned(),
        "/fhirx/Procedure?page=2".to_owned(),
        "file:///etc/passwd".to_owned(),
        String::new(),
    ] {
        let served = link.clone();
        let stub = Stub::start(move |_| Reply::Json(first_of(&served)));
        let setup = Setup::for_server(&stub.base());
        let mut call = view_call(&setup, &stub.base());
        take_out(&mut call, "procedures");
        let answer = setup.call(VIEW, &call).await.unwrap();
        assert_eq!(stub.seen().len(), 1, "{link}");
        assert_eq!(count(answer.outcomes, Outcome::Truncated), 1, "{link}");
        assert!(
            details(&answer).contains("Only partly read, so something may be missing: procedures."),
            "{link}"
        );

        call["prefetch"]["procedures"] = first_of(&link);
        let answer = setup.call(VIEW, &call).await.unwrap();
        assert_eq!(stub.seen().len(), 1, "{link}");
        assert_eq!(count(answer.outcomes, Outcome::Truncated), 1, "{link}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn pages_that_do_not_end_are_given_up() {
    let looping: fn(&str) -> String = |_| "/fhir/Procedure?page=1".to_owned();
    let endless: fn(&str) -> String =
        |target| format!("/fhir/Procedure?page={}", target.len() + 1) + &"0".repeat(target.len());
    for (what, next, most) in [("a loop", looping, 2), ("ever new pages", endless, 20)] {
        let stub = Stub::start(move |seen| Reply::Json(first_of(&next(&seen.target))));
        let setup = Setup::for_server(&stub.base());
        let mut call = view_call(&setup, &stub.base());
        take_out(&mut call, "procedures");
        let answer = setup.call(VIEW, &call).await.unwrap();
        assert_eq!(count(answer.outcomes, Outcome::Truncated), 1, "{what}");
        assert_eq!(stub.seen().len(), most, "{what}");
    }
}

#[tokio::test]
async fn empty_pages_before_a_failure_are_no_answer() {
    let stub = Stub::start(move |seen| match seen.target.contains("page=") {
        true => Reply::Plain(500, &[], String::new()),
        false => Reply::Json(with_next(&[], "Condition?page=2")),
    });
    let setup = Setup::for_server(&stub.base());
    let mut call = view_call(&setup, &stub.base());
    take_out(&mut call, "conditions");
    let refused = setup.call(VIEW, &call).await.unwrap_err();
    assert!(refused.to_string().contains("conditions (failed)"), "{refused}");
}

#[tokio::test]
async fn a_page_that_fails_leaves_the_pages_before_it() {
    for second in [
        Reply::Plain(500, &[], String::new()),
        Reply::Plain(403, &[], String::new()),
        Reply::Json(json!({"resourceType": "OperationOutcome"})),
        Reply::Json(json!([])),
        Reply::Close,
        Reply::Endless,
    ] {
        let page = pages("Condition?page=PAGE");
        let stub = Stub::start(move |seen| match seen.target.contains("page=") {
            true => second.clone(),
            false => Reply::Json(page(&seen.target)),
        });
        let setup = Setup::for_server(&stub.base());
        let mut call = view_call(&setup, &stub.base());
        take_out(&mut call, "conditions");
        let answer = setup.call(VIEW, &call).await.unwrap();
        assert_eq!(count(answer.outcomes, Outcome::Truncated), 1, "{:?}", answer.outcomes);
    }
}
