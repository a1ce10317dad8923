//! A call between its two halves: understood, and not yet answered.
//!
//! What prefetch lacks may be fetched in between. Absent on purpose: the services on offer (`call`).

use super::assessment::assess_while;
use super::call::{Answer, CallError, Services};
use super::card_id::IdKey;
use super::cards::{CardContext, cards};
use super::drafts::{Drafts, Orders};
use super::fetch::{FetchedData, fetch};
use super::gather::{Gathered, gather};
use super::offer::{Dialect, Offer};
use super::outcome::{MissingKey, Outcome, OutcomeCounts};
use super::outline::Outline;
use super::question::Question;
use super::repeat::{self, About, Likeness, Recalled, Repeat, Showing, Way, likenesses};
use crate::cds_hooks::{Fault, Request, Response};
use crate::domain::Facts;
use crate::ehr::Reach;
use crate::fhir::{Chart, Note};
use crate::guideline::Advice;
use chrono::{DateTime, Utc};
use std::sync::Arc;

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
        mut self,
        fetched: &'a FetchedData,
        now: DateTime<Utc>,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Answer, CallError> {
        self.assess_while(fetched, now, is_wanted)?.write(&Recalled::default())
    }

    /// What came is read and held against the guideline; done once. Between this and [`Assessed::write`] it can be asked which
    /// of the cards were answered.
    ///
    /// # Errors
    ///
    /// As [`Pending::finish_while`].
    pub fn assess_while<'s>(
        &'s mut self,
        fetched: &'s FetchedData,
        now: DateTime<Utc>,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Assessed<'s>, CallError> {
        let (services, request) = (self.services, &self.request);
        let mut assessed = Assessed {
            services,
            client: self.client,
            service: self.service,
            request,
            dialect: self.dialect,
            now,
            ids: services.ids.load_full(),
            notes: std::mem::take(&mut self.notes),
            outcomes: OutcomeCounts::default(),
            unread: Vec::new(),
            chart: Chart { patient_id: &request.context.patient_id, ..Chart::default() },
            facts: Facts::default(),
            advice: Vec::new(),
            likenesses: Vec::new(),
            was_read: false,
        };
        let Some(gathered) = self.gathered.take() else { return Ok(assessed) };
        let mut gathered: Gathered<'s> = gathered;
        fetched.add_to(&mut gathered);
        gathered.check_patient(&request.context.patient_id);
        let outcomes = Outcome::count(gathered.keys.iter().map(|key| key.outcome));
        let missing = gathered.missing();
        if !missing.is_empty() {
            return Err(CallError::DataMissing { keys: missing, outcomes });
        }
        // The orders are what the call is about: nothing is said of them only where all could be read.
        if self.orders == Orders::Dispatched {
            assessed.unread = gathered.unread(self.drafts.kinds());
        }
        let lacking = gathered.lacking();
        assessed.notes.extend(gathered.notes);
        assessed.outcomes = outcomes;
        assessed.chart = Chart {
            patient_id: &request.context.patient_id,
            resources: gathered.resources,
            drafts: std::mem::take(&mut self.drafts.orders),
            dispatched: std::mem::take(&mut self.drafts.dispatched),
            unavailable: lacking.unavailable,
            incomplete: lacking.incomplete,
            ..Chart::default()
        };
        let (sets, site) = (&services.value_sets, &services.site);
        let occasion = self.orders.occasion();
        let read = assess_while(&mut assessed.chart, sets, site, now, occasion, is_wanted);
        let (reading, advice) = read.ok_or(CallError::Late)?;
        assessed.notes.extend(reading.notes);
        (assessed.facts, assessed.advice) = (reading.facts, advice);
        assessed.was_read = true;
        if !is_wanted() {
            return Err(CallError::Late);
        }
        if services.repeats {
            assessed.likenesses = assessed.known_by();
        }
        Ok(assessed)
    }
}

/// A call whose advice is settled and not yet written.
#[derive(Debug)]
pub struct Assessed<'a> {
    services: &'a Services,
    client: &'a str,
    service: u8,
    request: &'a Request<'a>,
    dialect: Dialect,
    now: DateTime<Utc>,
    /// One key for the whole call: what stands in an id is what was asked for.
    ids: Arc<IdKey>,
    notes: Vec<Note>,
    outcomes: OutcomeCounts,
    /// Keys of orders that could not be read.
    unread: Vec<MissingKey>,
    chart: Chart<'a>,
    facts: Facts,
    advice: Vec<Advice>,
    /// What the cards are known by; none where nothing is remembered.
    likenesses: Vec<Likeness>,
    /// Whether a chart was read.
    was_read: bool,
}

impl Assessed<'_> {
    /// What the cards are known by when they come again; none where nothing is remembered.
    pub fn likenesses(&self) -> &[Likeness] {
        &self.likenesses
    }

    fn known_by(&self) -> Vec<Likeness> {
        let orders: Vec<&str> =
            self.chart.drafts.iter().filter(|draft| draft.selected).map(|draft| draft.raw.get()).collect();
        let about = About {
            client: self.client,
            service: self.service,
            fhir_server: self.request.fhir_server.as_deref(),
            patient_id: &self.request.context.patient_id,
            orders: &orders,
        };
        likenesses(&self.advice, &about, &self.ids)
    }

    /// Writes the cards; those that were answered as `recalled` says are left out or short.
    ///
    /// # Errors
    ///
    /// [`CallError::DataMissing`] when nothing can be said because of orders that could not be read.
    pub fn write(mut self, recalled: &Recalled) -> Result<Answer, CallError> {
        if self.advice.is_empty() && !self.unread.is_empty() {
            return Err(CallError::DataMissing { keys: self.unread, outcomes: self.outcomes });
        }
        let (mut repeats, mut ways, mut places) = (Vec::new(), Vec::new(), 0..);
        self.advice.retain(|card| {
            let place = places.next().unwrap_or_default();
            let answered = recalled.0.get(place).copied().flatten();
            let repeat = answered.and_then(|answered| Repeat::of(card, answered, self.now));
            repeats.extend(repeat);
            let is_hidden = repeat.is_some_and(|it| it.showing == Showing::Hidden);
            if !is_hidden {
                let likeness = self.likenesses.get(place);
                let digest = likeness.and_then(|it| it.digests.first()).copied();
                ways.push(Way { digest, repeat });
            }
            !is_hidden
        });
        let context = &self.request.context;
        let cards = cards(
            &self.advice,
            &CardContext {
                facts: &self.facts,
                site: &self.services.site,
                now: self.now,
                patient_id: &context.patient_id,
                encounter_id: context.encounter_id.as_deref(),
                user_id: context.user_id.as_deref(),
                drafts: &self.chart.drafts,
                dialect: self.dialect,
                ids: self.ids.issuer(self.client, self.service, self.now),
                guideline_url: self.services.guideline_url.as_deref(),
                panel_url: self.services.panel_url.as_deref().filter(|_| self.dialect.has_panel),
                ways: &ways,
            },
        );
        let questions = Question::of(&self.advice, &context.patient_id, &self.chart);
        let outlines = Outline::of(&self.advice, self.now);
        let extension = repeat::extension(&repeats);
        let response = Response { cards, extension };
        let Self { notes, facts, outcomes, was_read, .. } = self;
        Ok(Answer { response, notes, facts, outcomes, questions, repeats, outlines, was_read })
    }
}
