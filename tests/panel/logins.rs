//! Signing in where there are several EHRs, and where one of them is slow or means harm.

use super::ehr::Ehr;
use super::{Service, Visitor, checked, launch_of};
use futures_util::future::join_all;
use serde_json::json;
use spinal_mets_cds::clock::Stopwatch;
use std::time::Duration;

const PATIENT: &str = "stability-not-recorded";

#[actix_web::test]
async fn a_code_of_one_ehr_never_goes_to_another() {
    let (one, other) = (Ehr::holding(PATIENT), Ehr::holding(PATIENT));
    let service = Service::before(&[&one, &other]);
    let visitor = Visitor::new(&service);
    let asked = visitor.launch(&one).await;
    assert_eq!(asked["redirect_uri"], "https://cds.example.org/smart/callback/a");
    // To the address of the other EHR, or with another's name: nobody is asked for a token.
    let issuer = format!("&iss={}", other.origin());
    let told = visitor.come_back("b", &asked["state"], "").await;
    assert!(told.status == 400 && told.text.contains("not known any more"), "{}", told.text);
    let asked = visitor.launch(&one).await;
    assert_eq!(visitor.come_back("a", &asked["state"], &issuer).await.status, 400);
    for ehr in [&one, &other] {
        assert!(ehr.seen("POST", "/token").is_empty());
    }
    // With its own name: in.
    let asked = visitor.launch(&one).await;
    let own = format!("&iss={}", one.origin());
    assert_eq!(visitor.come_back("a", &asked["state"], &own).await.status, 303);
    assert!(one.seen("POST", "/token")[0].body.contains("callback%2Fa"));
    assert!(other.seen("POST", "/token").is_empty());

    // An EHR that says that it names itself must.
    let strict = Ehr::holding(PATIENT);
    strict.tell(json!({"configuration": {"authorization_response_iss_parameter_supported": true}}));
    let service = Service::before(&[&strict]);
    let visitor = Visitor::new(&service);
    let asked = visitor.launch(&strict).await;
    assert_eq!(visitor.come_back("a", &asked["state"], "").await.status, 400);
    assert!(strict.seen("POST", "/token").is_empty());
}

#[actix_web::test]
async fn an_ehr_that_points_to_the_sign_in_of_another_is_not_opened() {
    let (one, other) = (Ehr::holding(PATIENT), Ehr::holding(PATIENT));
    for (member, path) in
        [("issuer", ""), ("token_endpoint", "/token"), ("authorization_endpoint", "/authorize")]
    {
        other.tell(json!({"configuration": {member: format!("{}{path}", one.origin())}}));
        let service = Service::before(&[&one, &other]);
        let visitor = Visitor::new(&service);
        visitor.launch(&one).await;
        let told = visitor.get(&launch_of(&other)).await;
        assert!(told.status == 400 && told.text.contains("cannot be told from"), "{member}: {}", told.text);
        visitor.launch(&one).await;
    }
}

#[test]
fn ehrs_that_cannot_be_told_apart_are_a_fault_of_the_configuration() {
    let servers = |all: &[&str]| all.iter().map(|it| format!("https://{it}/fhir")).collect::<Vec<_>>();
    let told = |all: &[&str]| {
        let output = checked(&servers(all));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), text)
    };
    let (status, text) = told(&["ehr.example.org", "ehr.example.org"]);
    assert!(status == Some(2) && text.contains("at one FHIR server"), "{status:?} {text}");
    let (status, text) = told(&["a.example.org", "b.example.org"]);
    assert!(status == Some(0) && text.contains("have one `smart_client_id`"), "{status:?} {text}");
}

#[actix_web::test]
async fn a_slow_ehr_shuts_the_panel_of_nobody_else() {
    let (slow, other) = (Ehr::holding(PATIENT), Ehr::holding(PATIENT));
    slow.tell(json!({"slow": {"/fhir/.well-known/smart-configuration": 4_000}}));
    let service = Service::before(&[&slow, &other]);
    let visitor = Visitor::new(&service);
    visitor.launch(&other).await;
    let crowd = Visitor::new(&service);
    let since = Stopwatch::start();
    let many = join_all((0..200).map(|_| async {
        let told = crowd.get(&launch_of(&slow)).await;
        (told.status, since.elapsed())
    }));
    let meanwhile = async {
        actix_web::rt::time::sleep(Duration::from_millis(300)).await;
        let since = Stopwatch::start();
        for _ in 0..5 {
            visitor.launch(&other).await;
        }
        since.elapsed()
    };
    let (many, took) = futures_util::future::join(many, meanwhile).await;
    assert!(took < Duration::from_secs(2), "{took:?}");
    let late = many.iter().filter(|(_, took)| *took > Duration::from_millis(3_500)).count();
    assert_eq!(late, 1, "one reads, and nobody waits for it");
    assert!(many.iter().all(|(status, _)| matches!(status, 303 | 502 | 503)), "{many:?}");
}

#[actix_web::test]
async fn a_login_comes_back_once_and_leaves_no_cookie() {
    let ehr = Ehr::holding(PATIENT);
    let service = Service::before(&[&ehr]);
    let visitor = Visitor::new(&service);
    let asked = visitor.launch(&ehr).await;
    let before = visitor.cookies.lock().unwrap().clone();
    assert_eq!(visitor.come_back("a", &asked["state"], "").await.status, 303);
    // Somebody who has kept the cookie comes again.
    *visitor.cookies.lock().unwrap() = before;
    assert_eq!(visitor.come_back("a", &asked["state"], "").await.status, 400);
    assert_eq!(ehr.seen("POST", "/token").len(), 1);
    assert!(visitor.cookies.lock().unwrap().is_empty(), "it opens nothing any more");

    // Refused by the EHR: over as well. A cookie of long ago goes at the next launch, and so do the oldest of many logins.
    let asked = visitor.launch(&ehr).await;
    visitor.cookies.lock().unwrap().insert("__Host-smart-old".to_owned(), "AAAA".to_owned());
    visitor.cookies.lock().unwrap().insert("other".to_owned(), "1".to_owned());
    let told = visitor.get(&format!("/smart/callback/a?error=access_denied&state={}", asked["state"])).await;
    assert_eq!(told.status, 403, "{}", told.text);
    let left: Vec<String> = visitor.cookies.lock().unwrap().keys().cloned().collect();
    assert_eq!(left, ["other"]);
    for _ in 0..12 {
        visitor.launch(&ehr).await;
    }
    assert!(visitor.cookies.lock().unwrap().len() < 8);
}

#[actix_web::test]
async fn a_token_or_an_id_token_that_is_not_sound_lets_nobody_in() {
    let ehr = Ehr::holding(PATIENT);
    let service = Service::before(&[&ehr]);
    let visitor = Visitor::new(&service);
    for (settings, status) in [
        (json!({"token": {"expires_in": 0}}), 400),
        (json!({"token": {"access_token": "a\r\nX: y"}}), 400),
        (json!({"token": {"scope": "x".repeat(10_000)}}), 400),
        (json!({"claims": {"aud": ["panel", "another"]}}), 403),
        (json!({"claims": {"aud": ["panel", "another"], "azp": "another"}}), 403),
        (json!({"claims": {"aud": ["panel", "another"], "azp": "panel"}}), 303),
        (json!({"claims": {"iss": [ehr.origin(), "https://evil.example"]}}), 403),
    ] {
        ehr.tell(settings.clone());
        let asked = visitor.launch(&ehr).await;
        let told = visitor.come_back("a", &asked["state"], "").await;
        assert_eq!(told.status, status, "{settings}: {}", told.text);
    }
}
