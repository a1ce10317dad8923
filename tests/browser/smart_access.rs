//! Who gets a session of the panel, and what it opens: the sign-in step by step, without a browser, against an EHR that checks
//! its part, and with each part forged.

use super::smart::{Hospital, Setup};
use reqwest::redirect::Policy;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::Mutex;
use url::Url;

const PATIENT: &str = "stability-not-recorded";

/// A browser that follows nothing by itself.
pub(crate) struct Visitor<'a> {
    hospital: &'a Hospital,
    http: reqwest::Client,
    cookies: Mutex<HashMap<String, String>>,
}

/// An answer that has been read.
pub(crate) struct Told {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Told {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }
}

/// An open panel.
pub(crate) struct Panel<'a> {
    visitor: &'a Visitor<'a>,
    /// Its address.
    base: String,
    key: String,
    page: Told,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(hospital: &'a Hospital) -> Self {
        let http =
            reqwest::Client::builder().redirect(Policy::none()).pool_max_idle_per_host(0).build().unwrap();
        Self { hospital, http, cookies: Mutex::default() }
    }

    /// Asks for a page as a browser does that comes from elsewhere.
    async fn get(&self, url: &str) -> Told {
        let mut request = self.http.get(url);
        if url.starts_with(&self.hospital.base) {
            request = request.header("cookie", self.cookie());
        }
        self.read(request.send().await.unwrap()).await
    }

    fn cookie(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    async fn read(&self, response: Response) -> Told {
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            for word in ["; Path=/;", " Secure;", "; HttpOnly", "; SameSite="] {
                assert!(cookie.contains(word), "{cookie}");
            }
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            assert!(name.starts_with("__Host-smart-"), "{name}");
            let mut kept = self.cookies.lock().unwrap();
            if cookie.contains("; Max-Age=0;") {
                kept.remove(name);
            } else {
                kept.insert(name.to_owned(), value.to_owned());
            }
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let told = Told { status, headers, text: response.text().await.unwrap() };
        assert!(!told.header("location").contains("token"), "{}", told.header("location"));
        told
    }

    /// Where the EHR sends the browser back to.
    async fn to_callback(&self, launch: &str) -> String {
        let begun = self.get(launch).await;
        assert_eq!((begun.status, begun.header("cache-control")), (303, "no-store"), "{}", begun.text);
        let agreed = self.get(begun.header("location")).await;
        assert_eq!(agreed.status, 302, "{}", agreed.text);
        agreed.header("location").to_owned()
    }

    /// The address that the EHR opens on this patient.
    async fn launch_address(&self, context: &Value) -> String {
        let launch = self.hospital.control("launch", context).await["launch"].as_str().unwrap().to_owned();
        let mut url = Url::parse(&format!("{}/smart/launch", self.hospital.base)).unwrap();
        url.query_pairs_mut()
            .append_pair("iss", &format!("{}/fhir", self.hospital.ehr))
            .append_pair("launch", &launch);
        url.into()
    }

    /// Signs in and opens the panel.
    pub(crate) async fn open(&'a self, patient: &str) -> Panel<'a> {
        let address = self.launch_address(&json!({ "patient": patient })).await;
        let callback = self.to_callback(&address).await;
        self.enter(&callback).await
    }

    async fn enter(&'a self, callback: &str) -> Panel<'a> {
        let entered = self.get(callback).await;
        assert_eq!(entered.status, 303, "{}", entered.text);
        let base = format!("{}{}", self.hospital.base, entered.header("location"));
        let page = self.get(&base).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let key = page.text.split("data-key=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        Panel { visitor: self, base, key, page }
    }
}

impl Panel<'_> {
    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Told {
        let mut request = self.visitor.http.request(method, format!("{}{path}", self.base));
        request = request.header("cookie", self.visitor.cookie()).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.visitor.read(request.body(body.to_string()).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Told {
        self.ask(Method::POST, path, &[("x-page-key", &self.key)], body).await
    }

    async fn record(&self) -> Told {
        self.ask(Method::GET, "/record", &[("x-page-key", &self.key)], &Value::Null).await
    }
}

/// The EHR with a patient, and a browser.
async fn hospital(setup: &Setup) -> Option<(Hospital, String)> {
    let hospital = Hospital::start(setup)?;
    let patient = hospital.load(PATIENT).await;
    Some((hospital, patient))
}

#[actix_web::test]
async fn a_session_opens_one_patient_to_one_browser_and_its_own_page() {
    let setup = Setup { smart: "[cors]\norigins = [\"https://evil.example\"]", ..Setup::default() };
    let Some((hospital, patient)) = hospital(&setup).await else { return };
    let visitor = Visitor::new(&hospital);
    let panel = visitor.open(&patient).await;
    for (name, word) in [
        ("content-security-policy", "frame-ancestors 'none'"),
        ("content-security-policy", "script-src 'self'"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert!(panel.page.header(name).contains(word), "{name}: {}", panel.page.header(name));
    }
    let record = panel.record().await;
    assert_eq!(record.status, 200, "{}", record.text);
    assert_eq!(record.json()["patient"], patient);
    assert!(record.json()["resources"].as_array().unwrap().len() > 3);

    // Without the key of the page, with that of another, or from a page of another site: nothing.
    let own = ("x-page-key", &*panel.key);
    for headers in [
        &[][..],
        &[("x-page-key", "AAAA")],
        &[own, ("origin", "https://evil.example")],
        &[own, ("origin", "null")],
        &[own, ("sec-fetch-site", "cross-site")],
        &[own, ("sec-fetch-site", "same-site")],
    ] {
        let body = json!({"patient": patient, "answers": {"ecog": "1"}});
        for (method, path) in
            [(Method::GET, "/record"), (Method::POST, "/save"), (Method::POST, "/chart/panel")]
        {
            let told = panel.ask(method, path, headers, &body).await;
            assert_eq!(told.status, 401, "{path} {headers:?}: {}", told.text);
        }
    }
    let same = [own, ("origin", &*hospital.base), ("sec-fetch-site", "same-origin")];
    assert_eq!(panel.ask(Method::GET, "/record", &same, &Value::Null).await.status, 200);

    // Another browser that knows the address and even the key: nothing.
    let stranger = Visitor::new(&hospital);
    let page = stranger.get(&panel.base).await;
    assert!(page.status == 400 && page.text.contains("not known any more"), "{}", page.text);
    let foreign = Panel { visitor: &stranger, base: panel.base.clone(), key: panel.key.clone(), page };
    assert_eq!(foreign.record().await.status, 401);

    // Another patient than the one whose chart is open.
    let other = json!({"patient": "pat-2", "answers": {"ecog": "1"}});
    let told = panel.post("/save", &other).await;
    assert!(
        told.status == 400 && told.text.contains("Open the panel from the chart of that patient"),
        "{}",
        told.text
    );
    let call = json!({"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/dr-1", "patientId": "pat-2"}, "prefetch": {}});
    assert_eq!(panel.post("/cds-services/spinal-metastases-patient-view", &call).await.status, 400);
    let held = hospital.control_state().await;
    assert!(held["Observation"].as_array().unwrap().iter().all(|it| it["identifier"].is_null()), "{held}");
    // What is no answer writes nothing, and says so.
    assert_eq!(panel.post("/save", &json!([])).await.status, 400);
    assert_eq!(
        panel.post("/save", &json!({"patient": patient, "answers": {"ecog": "99", "x": "y"}})).await.json()["saved"],
        json!([])
    );
}

#[actix_web::test]
async fn a_sign_in_that_is_forged_in_any_part_opens_nothing() {
    let Some((hospital, patient)) = hospital(&Setup::default()).await else { return };
    let context = json!({ "patient": patient });
    let refused = async |settings: Value, words: &str, status: u16| {
        let visitor = Visitor::new(&hospital);
        hospital.control("settings", &settings).await;
        let callback = visitor.to_callback(&visitor.launch_address(&context).await).await;
        let told = visitor.get(&callback).await;
        assert!(
            told.status == status && told.text.contains(words),
            "{settings}: {} {}",
            told.status,
            told.text
        );
        assert!(told.header("content-type").starts_with("text/html"));
    };
    let not_verified = "could not be verified";
    for claims in [
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"aud": "another-app"}),
        json!({"iss": "https://evil.example"}),
        json!({"exp": 1_700_000_000}),
    ] {
        refused(json!({ "claims": claims }), not_verified, 403).await;
    }
    refused(json!({"forge": true}), not_verified, 403).await;
    refused(
        json!({"claims": {"fhirUser": format!("{}/fhir/Patient/pat-1", hospital.ehr)}}),
        "for clinicians",
        403,
    )
    .await;
    refused(json!({"deny": true}), "did not let the panel in", 403).await;
    hospital.control("settings", &json!({})).await;

    // Another state, another browser, a code that was used.
    let visitor = Visitor::new(&hospital);
    let callback = visitor.to_callback(&visitor.launch_address(&context).await).await;
    let (address, state) = callback.split_once("&state=").unwrap();
    let (handle, secret) = state.split_once('.').unwrap();
    let mixed: String = secret.chars().rev().collect();
    for odd in [
        format!("{address}&state={handle}.{mixed}"),
        format!("{address}&state=other.{secret}"),
        format!("{address}&state="),
        address.to_owned(),
        format!("{callback}&state=again"),
    ] {
        let told = visitor.get(&odd).await;
        assert!(told.status == 400 && told.text.contains("not known any more"), "{odd}: {}", told.text);
    }
    let stranger = Visitor::new(&hospital);
    assert_eq!(stranger.get(&callback).await.status, 400);
    let panel = visitor.enter(&callback).await;
    assert_eq!(panel.record().await.status, 200);
    assert_eq!(visitor.get(&callback).await.status, 400, "the same callback once more");
    assert_eq!(panel.record().await.status, 200, "and the session stands");
}

#[actix_web::test]
async fn an_ehr_that_nobody_configured_is_never_asked() {
    let Some((hospital, _)) = hospital(&Setup::default()).await else { return };
    let visitor = Visitor::new(&hospital);
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let foreign = format!("http://{}", elsewhere.local_addr().unwrap());
    for iss in [
        &*foreign,
        &format!("{foreign}/fhir"),
        &format!("{}/fhir/other", hospital.ehr),
        "javascript:alert(1)",
        "x",
        "",
    ] {
        let mut url = Url::parse(&format!("{}/smart/launch?launch=x", hospital.base)).unwrap();
        url.query_pairs_mut().append_pair("iss", iss);
        let told = visitor.get(url.as_str()).await;
        // An empty one is none: the only EHR that there is.
        assert_eq!(told.status, if iss.is_empty() { 303 } else { 400 }, "{iss}: {}", told.text);
        assert!(iss.is_empty() || told.text.contains("not registered here"), "{}", told.text);
    }
    assert!(elsewhere.accept().is_err(), "somebody knocked");
    // The EHR itself is down, or says too little: a page that says so.
    let fresh = Hospital::start(&Setup::default()).unwrap();
    fresh.control("settings", &json!({"down": true})).await;
    let told = Visitor::new(&fresh).get(&format!("{}/smart/launch", fresh.base)).await;
    assert!(told.status == 502 && told.text.contains("does not answer"), "{}", told.text);
}

#[actix_web::test]
async fn what_is_granted_decides_what_is_written() {
    let Some((hospital, _)) = hospital(&Setup::default()).await else { return };
    let patient = hospital.load("onset-unknown").await;
    let answers = json!({"patient": patient, "answers": {"since": "8", "ecog": "1"}});
    let open = async |settings: Value| {
        hospital.control("settings", &settings).await;
        settings
    };
    let visitor = Visitor::new(&hospital);

    // Only reading: nothing is written, and the page offers the text.
    open(json!({"grant": "^(launch|openid|fhirUser|.*\\.rs)$"})).await;
    let panel = visitor.open(&patient).await;
    assert!(panel.page.text.contains("data-writes=\"nothing\"") && panel.page.text.contains("copy the text"));
    let saved = panel.post("/save", &answers).await.json();
    assert!(saved["saved"].as_array().unwrap().iter().all(|it| it["outcome"] == "failed"), "{saved}");

    // Observations and no problems.
    open(json!({"grant": "^(?!patient/Condition\\.cu)"})).await;
    let panel = visitor.open(&patient).await;
    let saved = panel.post("/save", &answers).await.json();
    let outcomes: Vec<&str> =
        saved["saved"].as_array().unwrap().iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["saved", "failed"], "{saved}");

    // All of it: the onset of a deficit that had none, as a Condition beside it, and the next call shows what follows.
    open(json!({})).await;
    let panel = visitor.open(&patient).await;
    let before = hospital.cards(&patient).await;
    let saved = panel.post("/save", &answers).await.json();
    let outcomes: Vec<&str> =
        saved["saved"].as_array().unwrap().iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["already", "saved"], "{saved}");
    let lead = |cards: &[Value]| cards[0]["source"]["topic"]["code"].as_str().unwrap().to_owned();
    assert_eq!(
        (&*lead(&before), &*lead(&hospital.cards(&patient).await)),
        ("mri-within-24h", "mri-within-48h")
    );
    let held = hospital.control_state().await;
    let log = held["log"].as_array().unwrap();
    let changed: Vec<&Value> = log.iter().filter(|it| it["step"] == "change").collect();
    assert!(changed.len() == 1 && changed[0]["resource"]["onsetDateTime"].is_string(), "{held}");
    let again = panel.post("/save", &answers).await.json();
    assert!(again["saved"].as_array().unwrap().iter().all(|it| it["outcome"] == "already"), "{again}");

    // Somebody else changes the problem between reading and writing: nothing of theirs is lost.
    let patient = hospital.load("onset-unknown").await;
    open(json!({"moved": true})).await;
    let saved = panel.post("/save", &json!({"patient": patient, "answers": {"since": "8"}})).await.json();
    assert!(saved["saved"][0]["why"].as_str().unwrap().contains("Save again"), "{saved}");
}

#[actix_web::test]
async fn a_confidential_client_signs_and_an_older_ehr_is_asked_in_its_own_scopes() {
    let setup = Setup {
        client: "smart_authentication = \"private_key_jwt\"",
        smart: "private_key_file = \"panel-key.pem\"\nframe_ancestors = [\"EHR\"]",
        confidential: true,
    };
    let Some((hospital, patient)) = hospital(&setup).await else { return };
    let visitor = Visitor::new(&hospital);
    let keys = visitor.get(&format!("{}/smart/jwks.json", hospital.base)).await.json();
    assert!(keys["keys"][0]["d"].is_null() && keys["keys"][0]["crv"] == "P-384", "{keys}");
    let panel = visitor.open(&patient).await;
    assert_eq!(panel.record().await.status, 200);
    let policy = panel.page.header("content-security-policy");
    assert!(policy.ends_with(&format!("frame-ancestors {}", hospital.ehr)), "{policy}");

    let older = Hospital::start(&Setup::default()).unwrap();
    let patient = older.load(PATIENT).await;
    older.control("settings", &json!({"v1": true, "patient": patient})).await;
    // Opened by hand: the EHR asks for the patient.
    let visitor = Visitor::new(&older);
    let callback = visitor.to_callback(&format!("{}/smart/launch", older.base)).await;
    let panel = visitor.enter(&callback).await;
    assert_eq!(panel.record().await.status, 200);
    let scopes = older.control_state().await["log"][0]["scopes"].to_string();
    for scope in ["launch/patient", "patient/Condition.read", "patient/Observation.write"] {
        assert!(scopes.contains(&format!("\"{scope}\"")), "{scopes}");
    }
    let saved = panel.post("/save", &json!({"patient": patient, "answers": {"ecog": "1"}})).await.json();
    assert_eq!(saved["saved"][0]["outcome"], "saved", "{saved}");
}

#[actix_web::test]
async fn where_only_a_response_may_be_written_it_is_one() {
    let setup = Setup {
        smart: "writes = [\"Observation\", \"Condition\", \"QuestionnaireResponse\"]",
        ..Setup::default()
    };
    let Some((hospital, patient)) = hospital(&setup).await else { return };
    hospital.control("settings", &json!({"grant": "^(?!patient/(Observation|Condition)\\.cu?$)"})).await;
    let visitor = Visitor::new(&hospital);
    let panel = visitor.open(&patient).await;
    assert!(panel.page.text.contains("data-writes=\"response\""), "{}", panel.page.text);
    let save = async |answers: Value| {
        let saved = panel.post("/save", &json!({"patient": patient, "answers": answers})).await.json();
        saved["saved"][0]["outcome"].as_str().unwrap().to_owned()
    };
    let both = json!({"sins-pain": "3", "weakness": "left-leg", "ecog": "1"});
    assert_eq!(save(both.clone()).await, "saved");
    assert_eq!(save(both.clone()).await, "already");
    assert_eq!(save(json!({"sins-pain": "1"})).await, "saved");
    assert_eq!(save(both).await, "saved");
    let held = hospital.control_state().await;
    let responses = held["QuestionnaireResponse"].as_array().unwrap();
    assert_eq!(responses.len(), 3, "{held}");
    let questionnaire = visitor.get(&format!("{}/questionnaire", hospital.base)).await.json();
    let canonical =
        format!("{}|{}", questionnaire["url"].as_str().unwrap(), questionnaire["version"].as_str().unwrap());
    assert!(
        responses.iter().all(|it| it["questionnaire"] == *canonical && it["status"] == "completed"),
        "{held}"
    );
    assert!(responses[0]["author"]["reference"].as_str().unwrap().ends_with("Practitioner/dr-1"));
    assert!(held["Observation"].as_array().unwrap().iter().all(|it| it["identifier"].is_null()));
}
