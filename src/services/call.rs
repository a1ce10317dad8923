//! The services on offer, and one call from its body to its answer.
//!
//! Which services there are stands in [`super::offered`]. Absent on purpose: state; every call stands
//! alone (rows ), and what happens between the two halves of a call (`pending`).

use super::assessment::assess;
use super::card_id::{IdKey, SharedIdKey};
use super::drafts::Orders;
use super::fetch::FetchedData;
use super::offer::Offers;
use super::offered::{self, OFFERED};
use super::outcome::{MissingKey, OutcomeCounts};
use super::pending::Pending;
use super::question::Question;
use crate::cds_hooks::{self, Fault, Request, Response, ServiceEntry, SpecVersion};
use crate::config::Client;
use crate::domain::{Facts, Site};
use crate::ehr::Reach;
use crate::fhir::codes::ValueSets;
use crate::fhir::{Chart, Note, Reading};
use crate::guideline::{Occasion, Trace, assess_with_trace};
use crate::json::Document;
use chrono::{DateTime, Utc};
use thiserror::Error;

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
    /// Its deadline has passed, or nobody waits for the answer any more.
    #[error("The call could not be answered in time.")]
    Late,
    /// Essential data came neither in prefetch nor from the FHIR server (P-20).
    #[error("Required data not available: {}.", listed(keys))]
    DataMissing {
        /// The keys, and why each could not be had.
        keys: Vec<MissingKey>,
        /// What became of all keys, by kind.
        outcomes: OutcomeCounts,
    },
}

fn listed(keys: &[MissingKey]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
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
    /// What became of the prefetch keys, by kind; none when nothing had to be read.
    pub outcomes: OutcomeCounts,
    /// What the cards are about, in their order.
    pub questions: Vec<Question>,
}

/// Who calls where no client is configured.
pub const NO_CLIENT: &str = "sandbox";

/// The services, set up for a site.
#[derive(Debug)]
pub struct Services {
    pub(super) value_sets: ValueSets,
    pub(super) site: Site,
    offered: Vec<(ServiceEntry, Orders)>,
    offers: Offers,
    pub(super) ids: SharedIdKey,
    pub(super) guideline_url: Option<String>,
}

impl Services {
    /// Sets the services up; the prefetch templates follow from `value_sets`.
    ///
    /// # Errors
    ///
    /// A [`StartError`] when a `service.json` is broken.
    pub fn new(mut value_sets: ValueSets, site: Site) -> Result<Self, StartError> {
        value_sets.add_orders(&site);
        let mut offered = Vec::new();
        for service in OFFERED {
            offered.push((serde_json::from_str(service.entry)?, service.orders));
        }
        let offers = Offers::generic(&value_sets, &[], SpecVersion::default())?;
        let ids = IdKey::random().shared();
        Ok(Self { value_sets, site, offered, offers, ids, guideline_url: None })
    }

    /// All but the services of these ids, in this version of CDS Hooks; before [`Services::with_clients`], which goes by it.
    ///
    /// # Errors
    ///
    /// As [`Services::new`].
    pub fn offering(mut self, off: &[String], version: SpecVersion) -> Result<Self, StartError> {
        self.offered.retain(|(entry, _)| !off.contains(&entry.id));
        self.offers = Offers::generic(&self.value_sets, off, version)?;
        Ok(self)
    }

    /// The same services, with the prefetch templates that the EHR of each of these clients can fill.
    ///
    /// # Errors
    ///
    /// As [`Services::new`].
    pub fn with_clients(mut self, clients: &[Client]) -> Result<Self, StartError> {
        self.offers.add(&self.value_sets, clients)?;
        Ok(self)
    }

    /// The same services, with a key for the ids of cards that others know, too; without it nobody can attribute them.
    #[must_use]
    pub fn with_ids(self, ids: SharedIdKey) -> Self {
        Self { ids, ..self }
    }

    /// The same services at a public base: cards then link to the guideline page (C-7).
    #[must_use]
    pub fn with_base_url(mut self, base: &url::Url) -> Self {
        self.guideline_url = Some(format!("{}/guideline", base.as_str().trim_end_matches('/')));
        self
    }

    /// The body of `GET /cds-services`, made once: what everybody is offered.
    pub fn discovery(&self) -> &[u8] {
        self.discovery_for(None)
    }

    /// The same for a client.
    pub fn discovery_for(&self, client: Option<&Client>) -> &[u8] {
        &self.offers.of(client).discovery
    }

    /// The hook of a service; `None` when there is no such service.
    pub fn hook(&self, service_id: &str) -> Option<&str> {
        self.find(service_id).map(|(entry, _)| &*entry.hook)
    }

    /// Reads a chart as a call would, without a question: for showing what a chart states.
    pub fn read(&self, chart: &mut Chart<'_>, now: DateTime<Utc>) -> Reading {
        assess(chart, &self.value_sets, &self.site, now, Occasion::PatientView).0
    }

    /// What became of every row of every table for these facts, as the chart is opened or as orders are checked.
    pub fn trace(&self, facts: &Facts, now: DateTime<Utc>, orders: bool) -> Trace {
        let occasion = if orders { Occasion::OrderCheck } else { Occasion::PatientView };
        assess_with_trace(facts, &self.site, now, occasion).1
    }

    /// The facility's time zone.
    pub const fn time_zone(&self) -> chrono_tz::Tz {
        self.site.time_zone
    }

    fn find(&self, service_id: &str) -> Option<&(ServiceEntry, Orders)> {
        self.offered.iter().find(|(entry, _)| entry.id == service_id)
    }

    /// Answers one call from what it carries. Same body and `now`, same answer, apart from uuids.
    ///
    /// # Errors
    ///
    /// A [`CallError`]; odd data is never one, only a request that cannot be understood or essential data that
    /// did not come.
    pub fn call(&self, service_id: &str, body: &[u8], now: DateTime<Utc>) -> Result<Answer, CallError> {
        let body = cds_hooks::document(body).map_err(CallError::BadRequest)?;
        self.begin(service_id, &body, None)?.finish(&FetchedData::default(), now)
    }

    /// Answers one call, and reads what it lacks from the FHIR server that it names, where `reach` allows that.
    /// Without `reach`, and for a call that lacks nothing, it is [`Services::call`].
    ///
    /// # Errors
    ///
    /// As [`Services::call`].
    pub async fn answer(
        &self,
        service_id: &str,
        body: &[u8],
        reach: Option<Reach<'_>>,
        now: DateTime<Utc>,
    ) -> Result<Answer, CallError> {
        self.answer_while(service_id, body, reach, now, &|| true).await
    }

    /// The same, as long as somebody waits for it; it is asked between the stages and inside of them.
    ///
    /// # Errors
    ///
    /// As [`Services::call`], and [`CallError::Late`].
    pub async fn answer_while(
        &self,
        service_id: &str,
        body: &[u8],
        reach: Option<Reach<'_>>,
        now: DateTime<Utc>,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Answer, CallError> {
        let body = cds_hooks::document(body).map_err(CallError::BadRequest)?;
        let pending = self.begin(service_id, &body, reach.map(|reach| reach.client))?;
        if !is_wanted() {
            return Err(CallError::Late);
        }
        let fetched = match reach {
            Some(reach) => pending.fetch(reach).await,
            None => FetchedData::default(),
        };
        pending.finish_while(&fetched, now, is_wanted)
    }

    /// The first half of a call: the request is understood, and what its prefetch amounts to is known. The keys are those
    /// that `client` is offered.
    ///
    /// # Errors
    ///
    /// A [`CallError`] when the request cannot be understood.
    pub fn begin<'a>(
        &'a self,
        service_id: &str,
        body: &'a Document<'a>,
        client: Option<&'a Client>,
    ) -> Result<Pending<'a>, CallError> {
        let (entry, orders) = self.find(service_id).ok_or(CallError::UnknownService)?;
        let request = Request::read(body).map_err(CallError::BadRequest)?;
        if request.hook != entry.hook {
            return Err(CallError::BadRequest(Fault::new(
                "hook",
                "is not the hook of this service",
                "Send the hook that GET /cds-services lists with this id.",
            )));
        }
        // A test holds every service to its number.
        let service = offered::number(service_id).unwrap_or_default();
        let name = client.map_or(NO_CLIENT, |client| &client.name);
        Pending::new(self, self.offers.of(client), name, service, request, *orders)
            .map_err(CallError::BadRequest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::Outcome;
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

    #[tokio::test]
    async fn work_that_nobody_waits_for_ends_at_the_next_stage() {
        let services = services();
        let body = view().to_string();
        for stages in 0..20_u32 {
            let left = std::cell::Cell::new(stages);
            let is_wanted = || left.replace(left.get().saturating_sub(1)) > 0;
            let answer = services.answer_while(VIEW, body.as_bytes(), None, now(), &is_wanted).await;
            match answer {
                Err(CallError::Late) => assert!(stages < 19, "it never ends"),
                Ok(_) => {
                    assert!(stages >= 5, "it is asked {stages} times");
                    return;
                }
                Err(error) => panic!("{error}"),
            }
        }
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
            assert!(offered::number(id).is_some(), "{id} has no number in the ids of cards");
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
        let CallError::DataMissing { keys, outcomes } = error else { panic!("{error}") };
        assert_eq!(keys, [MissingKey { key: "conditions".to_owned(), outcome: Outcome::Absent }]);
        assert!(outcomes.iter().any(|counted| counted == (Outcome::Provided, 1)));
        call.as_object_mut().unwrap().remove("prefetch");
        let error = services.call(VIEW, call.to_string().as_bytes(), now()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Required data not available: patient (not sent, of the wrong shape, or without what it announces), \
             conditions (not sent, of the wrong shape, or without what it announces)."
        );
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

    /// The orders of a call about what is being dispatched, and what it says of those that could be read.
    fn dispatched(orders: &Value, also: &Value) -> Result<Vec<String>, CallError> {
        const DISPATCH: &str = "spinal-metastases-order-dispatch";
        let example = include_str!("../../hooks/spinal-metastases-order-dispatch/request.json");
        let mut call: Value = serde_json::from_str(example).unwrap();
        call["context"]["dispatchedOrders"] = orders.clone();
        if !also.is_null() {
            call["prefetch"]["serviceRequests"] = also.clone();
        }
        let now = "2026-05-05T08:00:00Z".parse().unwrap();
        let answer = services().call(DISPATCH, call.to_string().as_bytes(), now)?;
        let codes = answer.response.cards.iter().map(|card| card.source.topic.code.clone());
        Ok(codes.collect())
    }

    #[test]
    fn a_dispatched_order_that_could_not_be_read_silences_no_other() {
        let (mri, drug) = ("ServiceRequest/draft-1", "MedicationRequest/statin");
        let nothing = json!({"resourceType": "Bundle", "entry": []});
        assert_eq!(dispatched(&json!([mri]), &Value::Null).unwrap(), ["imaging-cannot-exclude"]);
        assert_eq!(dispatched(&json!([mri, drug]), &Value::Null).unwrap(), ["imaging-cannot-exclude"]);
        for (orders, also) in [(json!([drug]), &Value::Null), (json!([mri, drug]), &nothing)] {
            let error = dispatched(&orders, also).unwrap_err();
            assert!(matches!(error, CallError::DataMissing { .. }), "{orders}: {error}");
        }
    }

    #[test]
    fn what_the_site_calls_an_order_is_that_order() {
        let coding = crate::domain::Coding {
            system: "urn:oid:1.2.3".to_owned(),
            code: "MR0123".to_owned(),
            display: None,
        };
        let orders = [(crate::domain::SuggestedOrder::WholeSpineMri, vec![coding])].into();
        let site = Site { orders, ..Site::default() };
        let own = Services::new(ValueSets::built_in().unwrap(), site).unwrap();
        let example = include_str!("../../hooks/spinal-metastases-patient-view/request.json");
        let mut call: Value = serde_json::from_str(example).unwrap();
        call["prefetch"]["serviceRequests"] = json!({"resourceType": "Bundle", "entry": [{"resource": {
            "resourceType": "ServiceRequest", "id": "mri", "status": "active", "intent": "order",
            "subject": {"reference": "Patient/example-1"}, "occurrenceDateTime": "2026-05-05T12:00:00Z",
            "code": {"coding": [{"system": "urn:oid:1.2.3", "code": "MR0123"}]}}}]});
        let now = "2026-05-05T08:00:00Z".parse().unwrap();
        let cards = |services: &Services| {
            services.call(VIEW, call.to_string().as_bytes(), now).unwrap().response.cards
        };
        assert_eq!(cards(&services()).len(), 1);
        assert_eq!(cards(&own).len(), 0, "the MRI is ordered, in time, by the site's own code");
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
