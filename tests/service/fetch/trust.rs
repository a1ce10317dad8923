//! Who is called, with what, and for what: only listed servers, only with a usable token, only what is missing
//! (F-1 to F-11, H-6).

use super::helpers::{
    SELECT, Setup, TOKEN, VIEW, assert_missing, bundle, cards, count, select_call, take_out, view_call,
};
use crate::support::stub::{Reply, Stub};
use serde_json::{Value, json};
use spinal_mets_cds::services::Outcome;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn sound() -> Stub {
    Stub::start(|seen| match seen.target.strip_prefix("/fhir/Patient/") {
        Some(id) => Reply::Json(json!({"resourceType": "Patient", "id": id})),
        None => Reply::Json(bundle(&[])),
    })
}

#[tokio::test]
async fn a_call_that_lacks_nothing_connects_to_nobody() {
    let stub = sound();
    let setup = Setup::for_server(&stub.base());
    let mut calls =
        vec![(VIEW, view_call(&setup, &stub.base())), (SELECT, select_call(&setup, &stub.base()))];
    let mut failed = view_call(&setup, &stub.base());
    failed["prefetch"]["procedures"] = json!({"resourceType": "OperationOutcome"});
    calls.push((VIEW, failed));
    let mut relative = view_call(&setup, &stub.base());
    relative["context"]["userId"] = json!("RelatedPerson/1");
    relative["prefetch"] = json!({});
    calls.push((VIEW, relative));
    let mut unselected = select_call(&setup, &stub.base());
    unselected["context"]["selections"] = json!([]);
    unselected["prefetch"] = json!({});
    calls.push((SELECT, unselected));
    for (service, call) in calls {
        setup.call(service, &call).await.unwrap();
    }
    assert_eq!(stub.connections(), 0);
}

#[tokio::test]
async fn what_is_missing_is_asked_for_once_with_the_token_of_the_call() {
    let stub = sound();
    let setup = Setup::for_server(&stub.base());
    let mut call = view_call(&setup, &stub.base());
    call["context"]["patientId"] = json!("p.1-x");
    call["prefetch"] = json!({});
    let answer = setup.call(VIEW, &call).await.unwrap();
    assert_eq!(usize::from(count(answer.outcomes, Outcome::Fetched)), setup.templates().len());
    let queries =
        setup.templates().into_iter().map(|(_, query)| query.replace("{{context.patientId}}", "p.1-x"));
    let mut expected: Vec<String> = queries.collect();
    expected.sort();
    assert_eq!(stub.targets(), expected);
    for seen in stub.seen() {
        assert_eq!(seen.method, "GET");
        assert_eq!(seen.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
        assert_eq!(seen.header("accept"), Some("application/fhir+json"));
        assert_eq!(seen.headers.iter().filter(|(name, _)| name == "authorization").count(), 1);
    }
}

#[tokio::test]
async fn keys_are_asked_for_at_the_same_time_but_not_all_at_once() {
    let stub = Stub::start(|_| Reply::After(100, Box::new(Reply::Json(bundle(&[])))));
    let setup = Setup::for_server(&stub.base());
    let mut call = view_call(&setup, &stub.base());
    call["prefetch"] = json!({"patient": null});
    setup.call(VIEW, &call).await.unwrap();
    assert!((2..=8).contains(&stub.most_at_once()), "{}", stub.most_at_once());
}

#[tokio::test]
async fn a_server_that_is_not_listed_is_as_none() {
    let (listed, other) = (sound(), sound());
    let setup = Setup::for_server(&listed.base());
    let bases = [
        other.base(),
        format!("http://{}/fhir/other", listed.address),
        format!("http://{}/", listed.address),
        format!("http://user:secret@{}/fhir", listed.address),
        format!("http://{}/fhir?x=1", listed.address),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "file:///etc/passwd".to_owned(),
        "nonsense".to_owned(),
        String::new(),
    ];
    for base in bases {
        let mut call = view_call(&setup, &base);
        take_out(&mut call, "conditions");
        assert_missing(setup.call(VIEW, &call).await, &["conditions"], Outcome::Absent);
        let mut call = view_call(&setup, &base);
        take_out(&mut call, "procedures");
        let answer = setup.call(VIEW, &call).await.unwrap();
        assert_eq!(count(answer.outcomes, Outcome::Absent), 1);
    }
    let mut nowhere = view_call(&setup, "");
    nowhere.as_object_mut().unwrap().remove("fhirServer");
    setup.call(VIEW, &nowhere).await.unwrap();
    take_out(&mut nowhere, "patient");
    assert_missing(setup.call(VIEW, &nowhere).await, &["patient"], Outcome::Absent);
    assert_eq!((listed.connections(), other.connections()), (0, 0));
}

#[tokio::test]
async fn a_listed_server_on_a_private_address_is_called_only_in_a_test_set_up() {
    let stub = sound();
    for (allow_private, connections) in [(false, 0), (true, 1)] {
        let mut setup = Setup::for_server(&stub.base());
        setup.allow_private = allow_private;
        let mut call = view_call(&setup, &stub.base());
        take_out(&mut call, "procedures");
        setup.call(VIEW, &call).await.unwrap();
        assert_eq!(stub.connections(), connections);
    }
}

#[tokio::test]
async fn without_a_usable_token_only_an_open_server_is_read() {
    let stub = sound();
    let mut setup = Setup::for_server(&stub.base());
    setup.client.fhir_client_id = Some("spinal-mets-cds".to_owned());
    let unusable = [
        json!(null),
        json!({"token_type": "Bearer", "expires_in": 300}),
        json!({"access_token": TOKEN, "token_type": "MAC"}),
        json!({"access_token": TOKEN, "token_type": "Bearer", "subject": "another-service"}),
    ];
    for authorization in &unusable {
        let mut call = view_call(&setup, &stub.base());
        call["fhirAuthorization"] = authorization.clone();
        take_out(&mut call, "conditions");
        assert_missing(setup.call(VIEW, &call).await, &["conditions"], Outcome::Absent);
    }
    assert_eq!(stub.connections(), 0);
    setup.client.open_fhir_servers = setup.client.fhir_servers.clone();
    for authorization in unusable {
        let mut call = view_call(&setup, &stub.base());
        call["fhirAuthorization"] = authorization;
        take_out(&mut call, "conditions");
        setup.call(VIEW, &call).await.unwrap();
    }
    assert_eq!(stub.seen().len(), 4);
    assert!(stub.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn a_token_that_has_run_out_is_not_used() {
    let stub = sound();
    let setup = Setup::for_server(&stub.base());
    for expires_in in [json!(0), json!("0"), json!(-1)] {
        let mut call = view_call(&setup, &stub.base());
        call["fhirAuthorization"]["expires_in"] = expires_in;
        take_out(&mut call, "conditions");
        assert_missing(setup.call(VIEW, &call).await, &["conditions"], Outcome::TimedOut);
    }
    assert_eq!(stub.connections(), 0);
}

#[tokio::test]
async fn a_token_that_runs_out_ends_the_reading() {
    let stub = Stub::start(|_| Reply::Silence);
    let setup = Setup::for_server(&stub.base());
    let mut call = view_call(&setup, &stub.base());
    call["fhirAuthorization"]["expires_in"] = json!(1);
    call["prefetch"] = json!({"patient": null, "conditions": null});
    let answer = setup.call(VIEW, &call).await.unwrap();
    let timed_out = usize::from(count(answer.outcomes, Outcome::TimedOut));
    assert_eq!(timed_out + 2, setup.templates().len(), "{:?}", answer.outcomes.iter().collect::<Vec<_>>());
    // The first eight were under way; nothing was begun after it.
    assert_eq!(stub.seen().len(), 8);
}

#[tokio::test]
async fn nothing_is_asked_for_after_the_answer() {
    let stub = Stub::start(|_| Reply::After(1_000, Box::new(Reply::Json(bundle(&[])))));
    let mut setup = Setup::for_server(&stub.base());
    setup.limits.deadline = Duration::from_millis(500);
    let mut call = view_call(&setup, &stub.base());
    call["prefetch"] = json!({"patient": null, "conditions": null});
    setup.call(VIEW, &call).await.unwrap();
    let by_then = stub.connections();
    assert!(by_then > 0);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stub.connections(), by_then);
}

#[tokio::test]
async fn what_the_scopes_do_not_cover_is_not_asked_for() {
    let stub = sound();
    let setup = Setup::for_server(&stub.base());
    let mut call = view_call(&setup, &stub.base());
    call["fhirAuthorization"]["scope"] =
        json!("launch patient/Condition.read patient/Procedure.s patient/Patient.s");
    call["prefetch"] = json!({});
    assert_missing(setup.call(VIEW, &call).await, &["patient"], Outcome::Refused);
    assert_eq!(stub.seen().len(), 2, "{:?}", stub.targets());
    assert!(stub.targets()[0].starts_with("Condition?") && stub.targets()[1].starts_with("Procedure?"));
}

#[tokio::test]
async fn a_scope_with_search_parameters_is_no_none_on_record() {
    let stub = sound();
    let setup = Setup::for_server(&stub.base());
    for (scope, outcome) in [
        ("patient/Procedure.rs", Outcome::Fetched),
        ("patient/Procedure.rs?category=103693007", Outcome::Truncated),
        ("patient/Procedure.rs?category=103693007 patient/*.rs", Outcome::Fetched),
    ] {
        let mut call = view_call(&setup, &stub.base());
        call["fhirAuthorization"]["scope"] = json!(scope);
        take_out(&mut call, "procedures");
        let answer = setup.call(VIEW, &call).await.unwrap();
        assert_eq!(count(answer.outcomes, outcome), 1, "{scope}");
        let in_part = answer.facts.incomplete.iter().any(|it| it.resource_type() == "Procedure");
        assert_eq!(in_part, outcome == Outcome::Truncated, "{scope}");
    }
}

#[tokio::test]
async fn a_query_too_long_for_a_url_is_sent_as_a_form() {
    let stub = sound();
    let base = format!("{}/{}", stub.base(), "tenant-".repeat(200));
    let setup = Setup::for_server(&base);
    let mut call = view_call(&setup, &base);
    take_out(&mut call, "observationsSigns");
    take_out(&mut call, "procedures");
    let answer = setup.call(VIEW, &call).await.unwrap();
    assert_eq!(count(answer.outcomes, Outcome::Fetched), 2);
    let seen = stub.seen();
    let form = seen.iter().find(|seen| seen.method == "POST").unwrap();
    assert!(form.target.ends_with("/Observation/_search"), "{}", form.target);
    assert!(form.body.starts_with("patient=example-1&_count=500&code="), "{}", form.body);
    assert_eq!(form.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert!(seen.iter().any(|seen| seen.method == "GET" && seen.target.contains("/Procedure?")));
}

#[tokio::test]
async fn an_id_is_never_a_path_or_a_second_parameter() {
    let stub = sound();
    let setup = Setup::for_server(&stub.base());
    for id in ["..", ".", "a/../../b", "1&_count=9", "1,2", "1?x", "1#x", "%2e%2e", "a b"] {
        let mut call = view_call(&setup, &stub.base());
        call["context"]["patientId"] = json!(id);
        call["prefetch"] = json!({});
        drop(setup.call(VIEW, &call).await);
    }
    for seen in stub.seen() {
        let target = seen.target.strip_prefix("/fhir/").unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        assert!(path.split('/').count() <= 2 && !path.contains("..") && !path.contains("%2F"), "{target}");
        assert!(!query.contains("_count=9&") && !query.contains("patient=1,2"), "{target}");
    }
    assert!(!stub.seen().is_empty());
}

/// A draft of zoledronic acid that refers to a Medication, and a stored order that refers to another.
fn zoledronic(setup: &Setup, base: &str, reference: &str) -> Value {
    let mut call = select_call(setup, base);
    call["context"]["selections"] = json!(["MedicationRequest/draft"]);
    call["context"]["draftOrders"]["entry"] = json!([{"resource": {
        "resourceType": "MedicationRequest", "id": "draft", "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/example-1"}, "medicationReference": {"reference": reference}}}]);
    call["prefetch"]["patient"]["id"] = json!("example-1");
    call
}

fn product(id: &str) -> Value {
    json!({"resourceType": "Medication", "id": id, "code": {"text": "zoledronic acid 4 mg"}})
}

#[tokio::test]
async fn a_medication_that_an_order_refers_to_is_read_by_its_id() {
    let stub = Stub::start(|seen| match seen.target.strip_prefix("/fhir/Medication/") {
        Some("zol") => Reply::Json(product("zol")),
        _ => Reply::Plain(404, &[], String::new()),
    });
    let setup = Setup::for_server(&stub.base());
    for reference in ["Medication/zol".to_owned(), format!("{}/Medication/zol/_history/3", stub.base())] {
        let call = zoledronic(&setup, &stub.base(), &reference);
        let mut expected = call.clone();
        expected["prefetch"]["medications"] = bundle(&[product("zol")]);
        let expected = setup.call(SELECT, &expected).await.unwrap();
        assert!(!expected.facts.zoledronic_orders.is_empty());
        let before = stub.seen().len();
        let answer = setup.call(SELECT, &call).await.unwrap();
        assert_eq!(cards(&answer), cards(&expected));
        assert_eq!(answer.facts.zoledronic_orders, expected.facts.zoledronic_orders);
        assert_eq!(stub.seen().len(), before + 1, "the read alone: a search would not be for the patient");
    }
    assert_eq!(stub.targets().iter().filter(|target| *target == "Medication/zol").count(), 2);
}

#[tokio::test]
async fn nothing_of_the_context_and_nothing_of_other_servers_is_asked_for() {
    let elsewhere = Stub::elsewhere();
    let stub = Stub::start(|_| Reply::Plain(404, &[], String::new()));
    let setup = Setup::for_server(&stub.base());
    let foreign = format!("http://{}/fhir/Medication/zol", elsewhere.address);
    for reference in ["Medication/draft-product", "urn:uuid:4b1c", "#contained", "Medication/..", &foreign] {
        let mut call = zoledronic(&setup, &stub.base(), reference);
        let entries = call["context"]["draftOrders"]["entry"].as_array_mut().unwrap();
        entries.push(json!({"fullUrl": "urn:uuid:4b1c", "resource": product("draft-product")}));
        setup.call(SELECT, &call).await.unwrap();
    }
    assert_eq!(stub.targets(), Vec::<String>::new());
    assert_eq!(elsewhere.connections(), 0);
}

/// Log lines, kept.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_token_is_in_no_log_line_and_in_no_error() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let stub = Stub::start(|seen| match seen.target.contains("Procedure") {
        true => Reply::Json(bundle(&[])),
        false => Reply::Plain(401, &[], String::new()),
    });
    let mut setup = Setup::for_server(&stub.base());
    let mut call = view_call(&setup, &stub.base());
    call["prefetch"] = json!({});
    let error = setup.call(VIEW, &call).await.unwrap_err();
    setup.client.fhir_client_id = Some("another".to_owned());
    setup.call(VIEW, &call).await.unwrap_err();
    let lines = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(lines.contains("fhirAuthorization.subject"), "log lines are seen: {lines}");
    for text in [lines, error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(TOKEN), "{text}");
    }
}
