//! A call between its two halves: understood, and not yet answered.
//!
//! What prefetch lacks may be fetched in between. Absent on purpose: the services on offer (`call`).

use super::assessment::assess_while;
use super::call::{Answer, CallError, Services};
use super::cards::{CardContext, cards};
use super::drafts::{Drafts, Orders};
use super::fetch::{FetchedData, fetch};
use super::gather::{Gathered, gather};
use super::offer::{Dialect, Offer};
use super::outcome::{Outcome, OutcomeCounts};
use super::outline::Outline;
use super::question::Question;
use crate::cds_hooks::{Fault, Request, Response};
use crate::domain::Facts;
use crate::ehr::Reach;
use crate::fhir::{Chart, Note};
use chrono::{DateTime, Utc};

/// A call that has been understood.
#[derive(Debug)]
pub struct Pending<'a> {
    services: &'a Services,
    /// The client that is shown the cards.
    client: &'a str,
    /// Its number in the ids of cards.
    service: u8,
    request: Request<'a>,
    orders: Orders,
    dialect: Dialect,
    drafts: Drafts<'a>,
    notes: Vec<Note>,
    /// `None`: the call is none of our business, and nothing has to be read.
    gathered: Option<Gathered<'a>>,
}

impl<'a> Pending<'a> {
    pub(super) fn new(
        services: &'a Services,
        offer: &'a Offer,
        client: &'a str,
        service: u8,
        request: Request<'a>,
        orders: Orders,
    ) -> Result<Self, Fault> {
        let mut drafts = Drafts::read(&request.context, orders)?;
        let notes = std::mem::take(&mut drafts.notes);
        let nothing_asked = orders.asks_about_orders() && !drafts.any_selected();
        let silent = nothing_asked || request.context.user_is_patient_or_relative();
        let mut gathered = (!silent).then(|| gather(&request.prefetch, &offer.templates));
        if let Some(gathered) = &mut gathered {
            gathered.check_patient(&request.context.patient_id);
        }
        Ok(Self {
            services,
            client,
            service,
            request,
            orders,
            dialect: offer.dialect,
            drafts,
            notes,
            gathered,
        })
    }

    /// Reads what prefetch lacks from the FHIR server that the call names. Nothing is sent to anybody when nothing
    /// lacks, or when the call gives no access to a server that `reach` allows.
    pub async fn fetch(&self, reach: Reach<'_>) -> FetchedData {
        match &self.gathered {
            Some(gathered) => fetch(gathered, &self.request, &self.drafts.orders, reach).await,
            None => FetchedData::default(),
        }
    }

    /// The second half of a call: what came is read, held against the guideline, and written down.
    ///
    /// # Errors
    ///
    /// [`CallError::DataMissing`].
    pub fn finish(self, fetched: &'a FetchedData, now: DateTime<Utc>) -> Result<Answer, CallError> {
        self.finish_while(fetched, now, &|| true)
    }

    /// The same, as long as somebody waits for it; it is asked between the stages and inside of them.
    ///
    /// # Errors
    ///
    /// As [`Pending::finish`], and [`CallError::Late`].
    pub fn finish_while(
        self,
        fetched: &'a FetchedData,
        now: DateTime<Utc>,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Answer, CallError> {
        let Self { services, client, service, request, orders, dialect, drafts, mut notes, gathered } = self;
        let Some(mut gathered) = gathered else {
            let response = Response { cards: Vec::new() };
            return Ok(Answer {
                response,
                notes,
                facts: Facts::default(),
                outcomes: OutcomeCounts::default(),
                questions: Vec::new(),
                outlines: Vec::new(),
                was_read: false,
            });
        };
        fetched.add_to(&mut gathered);
        gathered.check_patient(&request.context.patient_id);
        let outcomes = Outcome::count(gathered.keys.iter().map(|key| key.outcome));
        let missing = gathered.missing();
        if !missing.is_empty() {
            return Err(CallError::DataMissing { keys: missing, outcomes });
        }
        // The orders are what the call is about: nothing is said of them only where all could be read.
        let unread = if orders == Orders::Dispatched { gathered.unread(drafts.kinds()) } else { Vec::new() };
        let lacking = gathered.lacking();
        notes.extend(gathered.notes);
        let context = &request.context;
        let mut chart = Chart {
            patient_id: &context.patient_id,
            resources: gathered.resources,
            drafts: drafts.orders,
            dispatched: drafts.dispatched,
            unavailable: lacking.unavailable,
            incomplete: lacking.incomplete,
            ..Chart::default()
        };
        let occasion = orders.occasion();
        let (sets, site) = (&services.value_sets, &services.site);
        let assessed = assess_while(&mut chart, sets, site, now, occasion, is_wanted);
        let (reading, advice) = assessed.ok_or(CallError::Late)?;
        notes.extend(reading.notes);
        if !is_wanted() {
            return Err(CallError::Late);
        }
        let ids = services.ids.load();
        let cards = cards(
            &advice,
            &CardContext {
                facts: &reading.facts,
                site: &services.site,
                now,
                patient_id: &context.patient_id,
                encounter_id: context.encounter_id.as_deref(),
                user_id: context.user_id.as_deref(),
                drafts: &chart.drafts,
                dialect,
                ids: ids.issuer(client, service, now),
                guideline_url: services.guideline_url.as_deref(),
                panel_url: services.panel_url.as_deref().filter(|_| dialect.has_panel),
            },
        );
        if cards.is_empty() && !unread.is_empty() {
            return Err(CallError::DataMissing { keys: unread, outcomes });
        }
        let questions = Question::of(&advice, &context.patient_id, &chart);
        let outlines = Outline::of(&advice, now);
        let response = Response { cards };
        Ok(Answer { response, notes, facts: reading.facts, outcomes, questions, outlines, was_read: true })
    }
}
