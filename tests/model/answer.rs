//! What the program answers to a call: the cards, without their words.

use super::chart::{Hook, Moment};
use super::fhir::Key;
use super::uuids::without_uuids;
use chrono::DateTime;
use serde_json::Value;
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::services::{Recalled, Services};

/// One card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) indicator: Indicator,
    /// The code and the row of each recommendation, the lead first.
    pub(crate) codes: Vec<(String, Option<String>)>,
    pub(crate) deadline: Option<Moment>,
    pub(crate) overdue: bool,
    /// Summary and detail.
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Indicator {
    Info,
    Warning,
    Critical,
}

impl Card {
    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|(own, _)| own == code)
    }
}

/// The program in process, with the keys that it asks for.
#[derive(Debug)]
pub(crate) struct Program {
    services: Services,
    pub(crate) keys: Vec<Key>,
}

impl Program {
    pub(crate) fn new() -> Self {
        let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
        let services = services.with_repeats(true);
        let discovery: Value = serde_json::from_slice(services.discovery()).unwrap();
        let listed = discovery["services"].as_array().unwrap();
        let view = listed.iter().find(|s| s["id"] == service(Hook::PatientView)).unwrap();
        let kind = |query: &str| query.split(['?', '/']).next().unwrap().to_owned();
        let keys = view["prefetch"].as_object().unwrap().iter();
        let keys = keys.map(|(name, query)| Key { name: name.clone(), kind: kind(query.as_str().unwrap()) });
        Self { keys: keys.collect(), services }
    }

    /// The whole answer, without what differs from call to call.
    pub(crate) fn response(&self, hook: Hook, call: &Value, now: Moment) -> Value {
        let now = DateTime::from_timestamp(now, 0).unwrap();
        let answer = self.services.call(service(hook), call.to_string().as_bytes(), now).unwrap();
        let mut response = serde_json::to_value(&answer.response).unwrap();
        without_uuids(&mut response);
        response
    }

    /// The cards, those that were answered at some moment short or left out, and what each of all is known by.
    pub(crate) fn answered(
        &self,
        hook: Hook,
        call: &Value,
        now: Moment,
        answered: Option<Moment>,
    ) -> (Vec<Card>, Vec<Vec<u64>>) {
        let at = |moment| DateTime::from_timestamp(moment, 0).unwrap();
        let text = call.to_string();
        let body = spinal_mets_cds::cds_hooks::document(text.as_bytes()).unwrap();
        let mut pending = self.services.begin(service(hook), &body, None).unwrap();
        let fetched = Default::default();
        let assessed = pending.assess_while(&fetched, at(now), &|| true).unwrap();
        let known: Vec<Vec<u64>> = assessed.likenesses().iter().map(|it| it.digests.clone()).collect();
        let answer = assessed.write(&Recalled(vec![answered.map(at); known.len()])).unwrap();
        let mut response = serde_json::to_value(&answer.response).unwrap();
        without_uuids(&mut response);
        (response["cards"].as_array().unwrap().iter().map(card).collect(), known)
    }

    pub(crate) fn cards(&self, hook: Hook, call: &Value, now: Moment) -> Vec<Card> {
        let response = self.response(hook, call, now);
        response["cards"].as_array().unwrap().iter().map(card).collect()
    }
}

fn service(hook: Hook) -> &'static str {
    match hook {
        Hook::PatientView => "spinal-metastases-patient-view",
        Hook::OrderSelect => "spinal-metastases-order-select",
        Hook::OrderSign => "spinal-metastases-order-sign",
    }
}

fn card(value: &Value) -> Card {
    let rationale = &value["extension"]["org.spinal-mets-cds.rationale"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let recommendations = rationale["recommendations"].as_array().unwrap();
    let deadline = rationale["deadline"].as_str();
    Card {
        indicator: match value["indicator"].as_str() {
            Some("critical") => Indicator::Critical,
            Some("warning") => Indicator::Warning,
            _ => Indicator::Info,
        },
        codes: recommendations.iter().map(|r| (text(&r["code"]).unwrap(), text(&r["row"]))).collect(),
        deadline: deadline.map(|text| DateTime::parse_from_rfc3339(text).unwrap().timestamp()),
        overdue: rationale["overdue"] == true,
        text: format!(
            "{}\n{}",
            value["summary"].as_str().unwrap_or(""),
            value["detail"].as_str().unwrap_or("")
        ),
    }
}
