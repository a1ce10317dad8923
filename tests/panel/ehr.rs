//! An EHR that does what a test tells it: it signs in whoever it is told, and holds one fixture.

use crate::stub::{Reply, Seen, Stub};
use crate::tokens::{Signer, key_set};
use serde_json::{Value, json};
use spinal_mets_cds::chart::fixtures;
use spinal_mets_cds::clock::Clock;
use std::sync::{Arc, Mutex};

/// What the tests tell it, and what it knows.
struct Told {
    settings: Mutex<Value>,
    nonce: Mutex<String>,
    signer: Signer,
    record: Vec<Value>,
}

/// The running EHR.
pub(crate) struct Ehr {
    pub(crate) stub: Stub,
    /// Bare id of its patient.
    pub(crate) patient: String,
    told: Arc<Told>,
}

impl Ehr {
    /// With the record of a fixture.
    pub(crate) fn holding(fixture: &str) -> Self {
        let opened = fixtures::find(fixture).unwrap().opened_at(Clock::System.now());
        let opened: Value = serde_json::from_str(&opened).unwrap();
        let entries = opened["bundle"]["entry"].as_array().unwrap().iter();
        let record: Vec<Value> = entries.map(|entry| entry["resource"].clone()).collect();
        let patient = record.iter().find(|it| it["resourceType"] == "Patient").unwrap();
        let patient = patient["id"].as_str().unwrap().to_owned();
        let told = Arc::new(Told {
            settings: Mutex::new(json!({})),
            nonce: Mutex::default(),
            signer: Signer::new(jsonwebtoken::Algorithm::ES384, "ehr-1"),
            record,
        });
        let (known, id) = (Arc::clone(&told), patient.clone());
        Self { stub: Stub::start(move |seen| known.reply(seen, &id)), patient, told }
    }

    /// Has it do something else.
    pub(crate) fn tell(&self, settings: Value) {
        *self.told.settings.lock().unwrap() = settings;
    }

    /// The nonce of the login that comes back next.
    pub(crate) fn expect(&self, nonce: &str) {
        nonce.clone_into(&mut self.told.nonce.lock().unwrap());
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.stub.address)
    }

    /// The requests with this method below this path.
    pub(crate) fn seen(&self, method: &str, path: &str) -> Vec<Seen> {
        let mut seen = self.stub.seen();
        seen.retain(|it| it.method == method && it.target.starts_with(path));
        seen
    }
}

fn with(mut value: Value, changes: &Value) -> Value {
    if let Some(changes) = changes.as_object() {
        value.as_object_mut().unwrap().extend(changes.clone());
    }
    value
}

impl Told {
    fn reply(&self, seen: &Seen, patient: &str) -> Reply {
        let settings = self.settings.lock().unwrap().clone();
        let base = format!("http://{}", seen.header("host").unwrap());
        let (path, _) = seen.target.split_once('?').unwrap_or((&seen.target, ""));
        let slow = |reply: Reply| match settings["slow"][path].as_u64() {
            Some(milliseconds) => Reply::After(milliseconds, Box::new(reply)),
            None => reply,
        };
        if let Some([status, kind, body]) = settings["answers"][path].as_array().map(Vec::as_slice)
            && seen.method != "GET"
        {
            let headers: &'static [(&str, &str)] =
                if kind == "html" { &[("content-type", "text/html")] } else { &[] };
            let status = u16::try_from(status.as_u64().unwrap()).unwrap();
            return Reply::Plain(status, headers, body.as_str().unwrap().to_owned());
        }
        slow(match path {
            "/fhir/.well-known/smart-configuration" => Reply::Json(with(
                json!({
                    "issuer": base, "jwks_uri": format!("{base}/jwks.json"), "token_endpoint": format!("{base}/token"),
                    "authorization_endpoint": format!("{base}/authorize"), "revocation_endpoint": format!("{base}/revoke"),
                    "capabilities": ["permission-v2"],
                }),
                &settings["configuration"],
            )),
            "/jwks.json" => Reply::Plain(200, &[], key_set(&[&self.signer])),
            "/revoke" => Reply::Plain(200, &[], String::new()),
            "/token" => Reply::Json(self.token(&base, patient, &settings)),
            _ => self.fhir(seen, path, &settings),
        })
    }

    fn token(&self, base: &str, patient: &str, settings: &Value) -> Value {
        let now = Clock::System.now().timestamp();
        let claims = with(
            json!({
                "iss": base, "aud": "panel", "sub": "1", "iat": now, "exp": now + 300,
                "nonce": *self.nonce.lock().unwrap(), "fhirUser": format!("{base}/fhir/Practitioner/1"),
            }),
            &settings["claims"],
        );
        with(
            json!({
                "access_token": "an-access-token", "token_type": "Bearer", "expires_in": 3600, "patient": patient,
                "scope": "patient/*.rs patient/Observation.c patient/Condition.cu",
                "id_token": self.signer.sign(&self.signer.header(), &claims),
            }),
            &settings["token"],
        )
    }

    fn fhir(&self, seen: &Seen, path: &str, settings: &Value) -> Reply {
        let mut steps = path.trim_start_matches("/fhir/").split('/');
        let (kind, id) = (steps.next().unwrap(), steps.next());
        if seen.method == "POST" || seen.method == "PUT" {
            let written: Value = serde_json::from_str(&seen.body).unwrap();
            return Reply::Plain(201, &[], written.to_string());
        }
        let of_kind = |it: &&Value| it["resourceType"] == kind;
        if let Some(id) = id {
            if let Some(text) = settings["alone"].as_str().filter(|_| kind == "Condition") {
                return Reply::Plain(200, &[], text.to_owned());
            }
            let found = self.record.iter().filter(of_kind).find(|it| it["id"] == id);
            return found.map_or_else(|| Reply::Plain(404, &[], String::new()), |it| Reply::Json(it.clone()));
        }
        let entries: Vec<Value> = self
            .record
            .iter()
            .filter(of_kind)
            .map(|it| {
                let mut resource = it.clone();
                resource["meta"] = json!({"versionId": "1"});
                json!({ "resource": resource })
            })
            .collect();
        Reply::Json(json!({"resourceType": "Bundle", "type": "searchset", "entry": entries}))
    }
}
