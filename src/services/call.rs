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
use super::outline::Outline;
use super::pending::Pending;
use super::question::Question;
use super::repeat::{Likeness, Recalled, Repeat};
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
    /// The cards that are not shown whole, since they were answered.
    pub repeats: Vec<Repeat>,
    /// What the cards are without the patient, in their order.
    pub outlines: Vec<Outline>,
    /// Whether a chart was read; a call that is none of our business reads nothing.
    pub was_read: bool,
}

/// Who calls where no client is configured.
pub const NO_CLIENT: &str = "sandbox";

/// The services, set up for a site.
#[derive(Debug)]
pub struct Services {
    pub(super) value_sets: ValueSets,
    pub(super) site: Site,
    offered: Vec<(ServiceEntry, Orders)>,
    pub(super) offers: Offers,
    pub(super) ids: SharedIdKey,
    pub(super) guideline_url: Option<String>,
    pub(super) panel_url: Option<String>,
    pub(super) repeats: bool,
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
        Ok(Self {
            value_sets,
            site,
            offered,
            offers,
            ids,
            guideline_url: None,
            panel_url: None,
            repeats: false,
        })
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

    /// What stands for a text that must not be guessed, under the key of the ids of cards.
    pub fn tag_of(&self, text: &str) -> String {
        self.ids.load().tag_of(text)
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

    /// The same services beside the panel as a SMART app: cards that ask then link to it, for the clients that have it.
    #[must_use]
    pub fn with_panel(mut self, base: &url::Url) -> Self {
        self.panel_url = Some(format!("{}/smart/launch", base.as_str().trim_end_matches('/')));
        self
    }

    /// The same services, whose cards can be recognised when they come again ([`super::repeat`]).
    #[must_use]
    pub fn with_repeats(self, repeats: bool) -> Self {
        Self { repeats, ..self }
    }

    /// The body of `GET /cds-services`, made once: what everybody is offered.
    pub fn discovery(&self) -> &[u8] {
        self.discovery_for(None)
    }

    /// The same for a client.
    pub fn discovery_for(&self, client: Option<&Client>) -> &[u8] {
        &self.offers.of(client).discovery
    }

    /// Id and hook of every service.
    pub fn offered(&self) -> impl Iterator<Item = (&str, &str)> {
        self.offered.iter().map(|(entry, _)| (&*entry.id, &*entry.hook))
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
        let nothing = async |_: &[Likeness]| Recalled::default();
        self.answer_recalling(service_id, body, reach, now, is_wanted, nothing).await
    }

    /// The same, after asking `recall` which of the cards were answered; it is asked only where cards can be recognised
    /// ([`Services::with_repeats`]) and there are any.
    ///
    /// # Errors
    ///
    /// As [`Services::answer_while`].
    pub async fn answer_recalling(
        &self,
        service_id: &str,
        body: &[u8],
        reach: Option<Reach<'_>>,
        now: DateTime<Utc>,
        is_wanted: &dyn Fn() -> bool,
        recall: impl AsyncFnOnce(&[Likeness]) -> Recalled,
    ) -> Result<Answer, CallError> {
        let body = cds_hooks::document(body).map_err(CallError::BadRequest)?;
        let mut pending = self.begin(service_id, &body, reach.map(|reach| reach.client))?;
        if !is_wanted() {
            return Err(CallError::Late);
        }
        let fetched = match reach {
            Some(reach) => pending.fetch(reach).await,
            None => FetchedData::default(),
        };
        let assessed = pending.assess_while(&fetched, now, is_wanted)?;
        let recalled = match assessed.likenesses() {
            [] => Recalled::default(),
            likenesses => recall(likenesses).await,
        };
        assessed.write(&recalled)
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
#[path = "call_tests.rs"]
mod tests;
