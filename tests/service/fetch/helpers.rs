//! A call that may fetch, as the web layer makes it.

use crate::support::uuids::without_uuids;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use spinal_mets_cds::clock::Stopwatch;
use spinal_mets_cds::config::{Client, KeySource, Limits};
use spinal_mets_cds::correlation::Correlation;
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::ehr::{Fetcher, Reach};
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::outbound::Outbound;
use spinal_mets_cds::services::{Answer, CallError, MissingKey, Outcome, OutcomeCounts, Services};
use std::sync::OnceLock;
use std::time::Duration;
use url::Url;

pub(crate) const VIEW: &str = "spinal-metastases-patient-view";
pub(crate) const SELECT: &str = "spinal-metastases-order-select";
pub(crate) const TOKEN: &str = "canary-token-of-this-call";
pub(crate) const NOW: &str = "2026-05-05T08:00:00Z";

/// Longer than any of these calls should take on a busy machine.
const GENEROUS: Duration = Duration::from_secs(60);

/// The service, set up for one EHR.
pub(crate) struct Setup {
    pub(crate) services: Services,
    pub(crate) client: Client,
    pub(crate) limits: Limits,
    pub(crate) now: DateTime<Utc>,
    pub(crate) allow_private: bool,
    fetcher: OnceLock<Fetcher>,
}

impl Setup {
    /// An EHR with this FHIR server; the deadline is too long to matter.
    pub(crate) fn for_server(base: &str) -> Self {
        let url: Url = base.parse().unwrap();
        let keys = KeySource::File("keys.json".into());
        let client = Client {
            fhir_servers: vec![url],
            ..Client::new("hospital", "https://ehr.example.org", keys, &[])
        };
        let limits = Limits { deadline: GENEROUS, ..Limits::default() };
        let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
        Self {
            services,
            client,
            limits,
            now: NOW.parse().unwrap(),
            allow_private: true,
            fetcher: OnceLock::new(),
        }
    }

    /// Every prefetch key with its query.
    pub(crate) fn templates(&self) -> Vec<(String, String)> {
        let discovery: Value = serde_json::from_slice(self.services.discovery()).unwrap();
        let keys = discovery["services"][0]["prefetch"].as_object().unwrap();
        keys.iter().map(|(key, query)| (key.clone(), query.as_str().unwrap().to_owned())).collect()
    }

    /// Sends a call; the answer must come long before a person would give up.
    pub(crate) async fn call(&self, service: &str, body: &Value) -> Result<Answer, CallError> {
        let new = || Fetcher::new(Outbound::new(self.allow_private).unwrap(), &self.limits);
        let correlation = Correlation::of(None, None, None);
        let reach = Reach {
            client: &self.client,
            fetcher: self.fetcher.get_or_init(new),
            received: Stopwatch::start(),
            deadline: self.limits.deadline,
            correlation: &correlation,
        };
        let body = body.to_string();
        let answer = self.services.answer(service, body.as_bytes(), Some(reach), self.now);
        tokio::time::timeout(GENEROUS * 2, answer).await.expect("no answer")
    }
}

/// The published patient-view example with the access that an EHR hands over; every key that it does not send is null.
pub(crate) fn view_call(setup: &Setup, base: &str) -> Value {
    let example = include_str!("../../../hooks/spinal-metastases-patient-view/request.json");
    complete(setup, serde_json::from_str(example).unwrap(), base)
}

/// The same of order-select.
pub(crate) fn select_call(setup: &Setup, base: &str) -> Value {
    let example = include_str!("../../../hooks/spinal-metastases-order-select/request.json");
    complete(setup, serde_json::from_str(example).unwrap(), base)
}

fn complete(setup: &Setup, mut call: Value, base: &str) -> Value {
    for (key, _) in setup.templates() {
        let prefetch = call["prefetch"].as_object_mut().unwrap();
        prefetch.entry(key).or_insert(Value::Null);
    }
    with_access(call, base)
}

pub(crate) fn with_access(mut call: Value, base: &str) -> Value {
    call["fhirServer"] = json!(base);
    call["fhirAuthorization"] = json!({
        "access_token": TOKEN, "token_type": "Bearer", "expires_in": 300,
        "scope": "launch patient/*.rs", "subject": "spinal-mets-cds",
    });
    call
}

/// Takes a key out of the prefetch of a call and gives what stood there.
pub(crate) fn take_out(call: &mut Value, key: &str) -> Value {
    call["prefetch"].as_object_mut().unwrap().remove(key).unwrap()
}

/// A searchset with these resources.
pub(crate) fn bundle(resources: &[Value]) -> Value {
    let entries: Vec<Value> = resources.iter().map(|resource| json!({ "resource": resource })).collect();
    json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries })
}

/// The cards without the uuids, which are new each time.
pub(crate) fn cards(answer: &Answer) -> Value {
    let mut cards = serde_json::to_value(&answer.response.cards).unwrap();
    without_uuids(&mut cards);
    cards
}

pub(crate) fn count(outcomes: OutcomeCounts, outcome: Outcome) -> u16 {
    outcomes.iter().find(|(found, _)| *found == outcome).map_or(0, |(_, count)| count)
}

/// The details of all cards.
pub(crate) fn details(answer: &Answer) -> String {
    answer.response.cards.iter().map(|card| card.detail.as_str()).collect::<Vec<_>>().join("\n")
}

/// Checks that essential data could not be had: these keys, for this reason.
pub(crate) fn assert_missing(result: Result<Answer, CallError>, keys: &[&str], outcome: Outcome) {
    let Err(CallError::DataMissing { keys: missing, .. }) = result else { panic!("{result:?}") };
    let expected: Vec<MissingKey> =
        keys.iter().map(|key| MissingKey { key: (*key).to_owned(), outcome }).collect();
    assert_eq!(missing, expected);
}
