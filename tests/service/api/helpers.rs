//! Starts the server and asks it; checks that hold for every answer are made here.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use spinal_mets_cds::clock::Clock;
use spinal_mets_cds::config::Config;
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::services::Services;
use spinal_mets_cds::web::Application;
use std::time::Duration;

pub(crate) const VIEW: &str = "/cds-services/spinal-metastases-patient-view";
pub(crate) const SELECT: &str = "/cds-services/spinal-metastases-order-select";
const VIEW_REQUEST: &str = include_str!("../../../hooks/spinal-metastases-patient-view/request.json");
const SELECT_REQUEST: &str = include_str!("../../../hooks/spinal-metastases-order-select/request.json");

/// A running server; it ends with the test.
pub(crate) struct App {
    pub(crate) port: u16,
    client: reqwest::Client,
}

/// An answer that has been read.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Checks that this is a refusal with `status` and a proper OperationOutcome; gives all of its text.
    pub(crate) fn assert_refused(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let outcome = self.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        let issue = &outcome["issue"][0];
        assert_eq!(issue["severity"], "error");
        assert!(issue["code"].is_string());
        let texts = [&issue["details"]["text"], &issue["diagnostics"]].map(|text| text.as_str().unwrap());
        texts.join(" ")
    }

    pub(crate) fn assert_answered(&self) -> Value {
        assert_eq!(self.status.as_u16(), 200, "{}", self.text);
        let answer = self.json();
        assert!(answer["cards"].is_array());
        answer
    }
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { workers: 1, ..Config::sandbox() };
        config.listen.set_port(0);
        config.store.url = "sqlite::memory:".to_owned();
        change(&mut config);
        let services = Services::new(ValueSets::built_in().unwrap(), config.facility.clone()).unwrap();
        let now = "2026-05-05T08:00:00Z".parse().unwrap();
        let application = Application::build(&config, services, Clock::Frozen(now)).unwrap();
        let port = application.port();
        actix_web::rt::spawn(application.run());
        spinal_mets_cds::outbound::install_crypto();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        Self { port, client }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://127.0.0.1:{}{path}", self.port))
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn post_raw(&self, path: &str, body: impl Into<reqwest::Body>) -> Reply {
        send(self.request(Method::POST, path).header("content-type", "application/json").body(body)).await
    }
}

/// Sends, and checks what holds for every answer: a JSON content type, and no `null` and no empty value
/// (rows J-1 to J-3).
pub(crate) async fn send(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    if !text.is_empty() {
        assert_eq!(headers.get("content-type").map(|it| it.as_bytes()), Some(b"application/json".as_slice()));
        assert_no_empties("", &serde_json::from_str(&text).unwrap());
    }
    Reply { status, headers, text }
}

fn assert_no_empties(path: &str, value: &Value) {
    let is_allowed = path == "/cards" || path == "/services";
    match value {
        Value::Null => panic!("null at {path}"),
        Value::String(text) => assert!(!text.is_empty(), "empty string at {path}"),
        Value::Array(items) => {
            assert!(!items.is_empty() || is_allowed, "empty array at {path}");
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| assert_no_empties(&format!("{path}/{index}"), item));
        }
        Value::Object(members) => {
            assert!(!members.is_empty(), "empty object at {path}");
            members.iter().for_each(|(name, member)| assert_no_empties(&format!("{path}/{name}"), member));
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The published patient-view example.
pub(crate) fn view_call() -> Value {
    serde_json::from_str(VIEW_REQUEST).unwrap()
}

/// The published order-select example.
pub(crate) fn select_call() -> Value {
    serde_json::from_str(SELECT_REQUEST).unwrap()
}

/// A searchset with these resources.
pub(crate) fn bundle(resources: &[Value]) -> Value {
    let entries: Vec<Value> = resources.iter().map(|resource| json!({ "resource": resource })).collect();
    json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries })
}
