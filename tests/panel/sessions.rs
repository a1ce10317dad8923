//! Who works in a session, and how it ends.

use super::ehr::Ehr;
use super::{Service, Visitor};
use reqwest::Method;
use serde_json::{Value, json};

const PATIENT: &str = "stability-not-recorded";

#[actix_web::test]
async fn a_panel_is_closed_and_its_token_given_back() {
    let ehr = Ehr::holding(PATIENT);
    let service = Service::before(&[&ehr]);
    let visitor = Visitor::new(&service);
    let panel = visitor.open("a", &ehr).await;
    let cookies = panel.entered.cookies();
    assert!(cookies.iter().all(|it| !it.contains("Max-Age")), "it ends with the browser: {cookies:?}");
    assert!(panel.page.text.contains("Signed in as Practitioner/1"), "{}", panel.page.text);
    assert!(panel.page.text.contains("Close the panel"), "{}", panel.page.text);
    assert_eq!(panel.record().await.status, 200);
    let kept = visitor.cookies.lock().unwrap().clone();
    assert_eq!(panel.post("/end", &json!({})).await.status, 204);
    assert!(visitor.cookies.lock().unwrap().is_empty());
    *visitor.cookies.lock().unwrap() = kept;
    let told = panel.record().await;
    assert_eq!(told.status, 401);
    assert_eq!(
        (told.header("cache-control"), told.header("x-content-type-options")),
        ("no-store", "nosniff")
    );
    assert!(!told.text.contains("Bearer") && told.header("www-authenticate").is_empty(), "{}", told.text);
    assert!(told.text.contains("Open the panel again"), "{}", told.text);
    let revoked = ehr.seen("POST", "/revoke");
    assert!(revoked.len() == 1 && revoked[0].body.contains("token=an-access-token"), "{revoked:?}");
}

#[actix_web::test]
async fn another_user_in_one_browser_ends_the_panels_of_the_one_before() {
    let (ehr, other) = (Ehr::holding(PATIENT), Ehr::holding(PATIENT));
    let service = Service::before(&[&ehr, &other]);
    let visitor = Visitor::new(&service);
    let (first, second) = (visitor.open("a", &ehr).await, visitor.open("a", &ehr).await);
    let elsewhere = visitor.open("b", &other).await;
    assert_eq!(first.record().await.status, 200, "two patients of one user");
    ehr.tell(json!({"claims": {"fhirUser": "Practitioner/2"}}));
    let third = visitor.open("a", &ehr).await;
    assert_eq!((first.record().await.status, second.record().await.status), (401, 401));
    assert_eq!((third.record().await.status, elsewhere.record().await.status), (200, 200));
}

#[actix_web::test]
async fn only_a_clinician_of_the_ehr_writes() {
    let ehr = Ehr::holding(PATIENT);
    let service = Service::before(&[&ehr]);
    let visitor = Visitor::new(&service);
    for named in ["Patient/1", "patient/1", "Patient/1/_history/2", "Pati%65nt/1", "RelatedPerson/1"] {
        ehr.tell(json!({"claims": {"fhirUser": named}}));
        let asked = visitor.launch(&ehr).await;
        let told = visitor.come_back("a", &asked["state"], "").await;
        assert!(told.status == 403 && told.text.contains("for clinicians"), "{named}: {}", told.text);
    }
    for named in [Value::Null, json!("Device/1"), json!("https://evil.example/fhir/Practitioner/1")] {
        ehr.tell(json!({"claims": {"fhirUser": named}}));
        let panel = visitor.open("a", &ehr).await;
        assert!(panel.page.text.contains("data-writes=\"nobody\""), "{named}");
        assert!(panel.page.text.contains("does not say which clinician"), "{named}");
        let saved = panel.save(&ehr, json!({"ecog": "1"})).await.json();
        assert!(saved["saved"][0]["why"].as_str().unwrap().contains("which clinician"), "{named}: {saved}");
    }
    assert!(ehr.seen("POST", "/fhir/Observation").is_empty());
    ehr.tell(json!({"claims": {"fhirUser": "PractitionerRole/7"}}));
    let panel = visitor.open("a", &ehr).await;
    assert_eq!(panel.save(&ehr, json!({"ecog": "1"})).await.json()["saved"][0]["outcome"], "saved");
    let written = &ehr.seen("POST", "/fhir/Observation")[0].body;
    assert!(written.contains("\"PractitionerRole/7\""), "{written}");
}

#[actix_web::test]
async fn a_session_ends_with_its_token() {
    let ehr = Ehr::holding(PATIENT);
    ehr.tell(json!({"token": {"expires_in": 2}}));
    let service = Service::before(&[&ehr]);
    let visitor = Visitor::new(&service);
    let panel = visitor.open("a", &ehr).await;
    actix_web::rt::time::sleep(std::time::Duration::from_millis(2_100)).await;
    assert_eq!(panel.record().await.status, 401);
    let page = visitor.ask(Method::GET, &panel.base, &[], &Value::Null).await;
    assert!(page.status == 400 && page.text.contains("not known any more"), "{}", page.text);
}
