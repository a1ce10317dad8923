//! The services on offer, and one call from its body to its answer.
//!
//! A further service is a folder in `hooks/` and a line in `OFFERED`. Absent on purpose: state; every call stands
//! alone (rows ), and the FHIR server that a call names is never called.

use super::cards::{CardContext, cards};
use super::drafts::{Drafts, Orders};
use super::gather::gather;
use super::prefetch::{Template, templates};
use crate::cds_hooks::{self, Discovery, Fault, Request, Response, ServiceEntry};
use crate::domain::{Facts, Site};
use crate::fhir::codes::ValueSets;
use crate::fhir::{self, Chart, Note};
use crate::guideline::{self, Occasion};
use chrono::{DateTime, Utc};
use thiserror::Error;

/// Every service: its entry in discovery, and the orders that it is about.
const OFFERED: [(&str, Orders); 3] = [
    (include_str!("../../hooks/spinal-metastases-patient-view/service.json"), Orders::None),
    (include_str!("../../hooks/spinal-metastases-order-select/service.json"), Orders::Selected),
    (include_str!("../../hooks/spinal-metastases-order-sign/service.json"), Orders::All),
];

/// The services could not be set up.
#[derive(Debug, Error)]
#[error("the hook definitions that are compiled in cannot be read: {0}")]
pub struct StartError(#[from] serde_json::Error);

/// Why a call has no answer. The texts are public sentences; none quotes the request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CallError {
    /// No service has this id.
    #[error("There is no service with this id.")]
    UnknownService,
    /// The request is malformed.
    #[error("The request cannot be taken: {0}.")]
    BadRequest(Fault),
    /// Essential prefetch keys did not come (P-20): absent, failed or of the wrong shape.
    #[error("Required data not available: {}.", keys.join(", "))]
    DataMissing {
        /// The keys, as discovery names them.
        keys: Vec<String>,
    },
}

/// What a call gets.
#[derive(Debug)]
pub struct Answer {
    /// What goes back.
    pub response: Response,
    /// What was ignored or doubtful in the data.
    pub notes: Vec<Note>,
    /// What the chart states; empty when nothing had to be read.
    pub facts: Facts,
}

impl Answer {
    /// The answer to a call that is none of our business: no cards.
    fn silence(notes: Vec<Note>) -> Self {
        Self { response: Response { cards: Vec::new() }, notes, facts: Facts::default() }
    }
}

/// The services, set up for a site.
#[derive(Debug)]
pub struct Services {
    value_sets: ValueSets,
    site: Site,
    templates: Vec<Template>,
    offered: Vec<(ServiceEntry, Orders)>,
    discovery: Vec<u8>,
}

impl Services {
    /// Sets the services up; the prefetch templates follow from `value_sets`.
    ///
    /// # Errors
    ///
    /// A [`StartError`] when a `service.json` is broken.
    pub fn new(value_sets: ValueSets, site: Site) -> Result<Self, StartError> {
        let templates = templates(&value_sets);
        let mut offered = Vec::new();
        for (entry, orders) in OFFERED {
            let mut entry: ServiceEntry = serde_json::from_str(entry)?;
            entry.prefetch = templates.iter().map(|it| (it.key.clone(), it.query.clone())).collect();
            offered.push((entry, orders));
        }
        let discovery =
            serde_json::to_vec(&Discovery { services: offered.iter().map(|(entry, _)| entry).collect() })?;
        Ok(Self { value_sets, site, templates, offered, discovery })
    }

    /// The body of `GET /cds-services`, made once.
    pub fn discovery(&self) -> &[u8] {
        &self.discovery
    }

    /// The hook of a service; `None` when there is no such service.
    pub fn hook(&self, service_id: &str) -> Option<&str> {
        self.find(service_id).map(|(entry, _)| &*entry.hook)
    }

    fn find(&self, service_id: &str) -> Option<&(ServiceEntry, Orders)> {
        self.offered.iter().find(|(entry, _)| entry.id == service_id)
    }

    /// Answers one call. Same body and `now`, same answer, apart from uuids.
    ///
    /// # Errors
    ///
    /// A [`CallError`]; odd data is never one, only a request that cannot be understood or essential data that
    /// did not come.
    pub fn call(&self, service_id: &str, body: &[u8], now: DateTime<Utc>) -> Result<Answer, CallError> {
        let (entry, orders) = self.find(service_id).ok_or(CallError::UnknownService)?;
        let body = cds_hooks::document(body).map_err(CallError::BadRequest)?;
        let request = Request::read(&body).map_err(CallError::BadRequest)?;
        if request.hook != entry.hook {
            return Err(CallError::BadRequest(Fault::new(
                "hook",
                "is not the hook of this service",
                "Send the hook that GET /cds-services lists with this id.",
            )));
        }
        let context = &request.context;
        let mut drafts = Drafts::read(context, *orders).map_err(CallError::BadRequest)?;
        let mut notes = std::mem::take(&mut drafts.notes);
        let nothing_asked = *orders != Orders::None && !drafts.any_selected();
        if nothing_asked || context.user_is_patient_or_relative() {
            return Ok(Answer::silence(notes));
        }

        let gathered = gather(&request.prefetch, &self.templates);
        if !gathered.missing.is_empty() {
            return Err(CallError::DataMissing { keys: gathered.missing });
        }
        notes.extend(gathered.notes);
        let chart = Chart {
            patient_id: &context.patient_id,
            resources: gathered.resources,
            drafts: drafts.orders,
            unavailable: gathered.unavailable,
            incomplete: gathered.incomplete,
        };
        let reading = fhir::read(&chart, &self.value_sets, &self.site, now);
        notes.extend(reading.notes);
        let occasion = if *orders == Orders::None { Occasion::PatientView } else { Occasion::OrderCheck };
        let advice = guideline::assess(&reading.facts, &self.site, now, occasion);
        let cards = cards(
            &advice,
            &CardContext {
                facts: &reading.facts,
                site: &self.site,
                now,
                patient_id: &context.patient_id,
                encounter_id: context.encounter_id.as_deref(),
                drafts: &chart.drafts,
            },
        );
        Ok(Answer { response: Response { cards }, notes, facts: reading.facts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::collections::HashSet;

    const VIEW: &str = "spinal-metastases-patient-view";
    const SELECT: &str = "spinal-metastases-order-select";

    fn services() -> Services {
        Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn view() -> Value {
        json!({"hook": "patient-view", "hookInstance": "x",
            "context": {"userId": "Practitioner/1", "patientId": "1"},
            "prefetch": {"patient": {"resourceType": "Patient", "id": "1"}, "conditions": null}})
    }

    fn select() -> Value {
        let mut call = view();
        call["hook"] = json!("order-select");
        call["context"]["selections"] = json!(["ServiceRequest/a"]);
        call["context"]["draftOrders"] = json!({"resourceType": "Bundle", "entry": [
            {"resource": {"resourceType": "ServiceRequest", "id": "a", "status": "draft"}}]});
        call
    }

    #[test]
    fn discovery_is_fit_to_be_published() {
        let services = services();
        let discovery: Value = serde_json::from_slice(services.discovery()).unwrap();
        let entries = discovery["services"].as_array().unwrap();
        assert_eq!(entries.len(), OFFERED.len());
        let mut ids = HashSet::new();
        for entry in entries {
            let id = entry["id"].as_str().unwrap();
            assert!(ids.insert(id), "{id} is offered twice");
            assert!(
                id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
            for text in ["hook", "title", "description", "usageRequirements"] {
                assert!(!entry[text].as_str().unwrap().is_empty(), "{id}: {text}");
            }
            for essential in ["patient", "conditions"] {
                assert!(entry["prefetch"][essential].is_string(), "{id}: {essential}");
            }
            assert_eq!(services.hook(id), entry["hook"].as_str());
        }
        assert_eq!(services.hook("spinal-metastases"), None);
    }

    #[test]
    fn a_call_must_fit_its_service() {
        let services = services();
        let call = |id: &str, body: &Value| services.call(id, body.to_string().as_bytes(), now());
        assert!(call(VIEW, &view()).is_ok());
        assert!(call(SELECT, &select()).is_ok());
        assert_eq!(call("x", &view()).unwrap_err(), CallError::UnknownService);
        let Err(CallError::BadRequest(fault)) = call(SELECT, &view()) else { panic!("taken") };
        assert_eq!(fault.member, "hook");
    }

    #[test]
    fn essential_keys_that_did_not_come_are_named() {
        let services = services();
        let mut call = view();
        call["prefetch"] = json!({"patient": {"resourceType": "Patient"}, "conditions": "<html>"});
        let error = services.call(VIEW, call.to_string().as_bytes(), now()).unwrap_err();
        assert_eq!(error, CallError::DataMissing { keys: vec!["conditions".to_owned()] });
        call.as_object_mut().unwrap().remove("prefetch");
        let error = services.call(VIEW, call.to_string().as_bytes(), now()).unwrap_err();
        assert_eq!(error.to_string(), "Required data not available: patient, conditions.");
    }

    #[test]
    fn patients_and_unmatched_selections_are_answered_without_data() {
        let services = services();
        let mut relative = view();
        relative["context"]["userId"] = json!("RelatedPerson/1");
        let mut unmatched = select();
        unmatched["context"]["selections"] = json!(["ServiceRequest/other"]);
        for (id, mut call) in [(VIEW, relative), (SELECT, unmatched)] {
            call.as_object_mut().unwrap().remove("prefetch");
            let answer = services.call(id, call.to_string().as_bytes(), now()).unwrap();
            assert!(answer.response.cards.is_empty());
        }
    }

    #[test]
    fn what_could_not_be_had_reaches_the_facts() {
        let services = services();
        let answer = services.call(VIEW, view().to_string().as_bytes(), now()).unwrap();
        assert!(answer.facts.unavailable.contains(&crate::domain::Source::Observation));
        assert!(!answer.facts.unavailable.contains(&crate::domain::Source::Condition));
    }

    #[test]
    fn the_request_examples_are_accepted() {
        let services = services();
        for (id, example) in [
            (VIEW, include_str!("../../hooks/spinal-metastases-patient-view/request.json")),
            (SELECT, include_str!("../../hooks/spinal-metastases-order-select/request.json")),
        ] {
            let answer = services.call(id, example.as_bytes(), now()).unwrap();
            assert_eq!(answer.notes, Vec::new(), "{id}");
            let call: Value = serde_json::from_str(example).unwrap();
            let discovery: Value = serde_json::from_slice(services.discovery()).unwrap();
            for key in call["prefetch"].as_object().unwrap().keys() {
                assert!(discovery["services"][0]["prefetch"][key].is_string(), "{id}: no key {key}");
            }
        }
    }
}
