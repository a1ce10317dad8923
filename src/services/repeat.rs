//! A card that comes again after it was answered (`[repeat]`; design.md section 7, "Repeats").
//!
//! An answer is an override with a reason. It holds for the same card alone: the same client, FHIR server, patient, service,
//! version of the decisions, indicator, deadline, facts, acts, gaps, and, where the call is about orders, the same orders. All that
//! is one keyed hash, which the id of the card carries, so that nothing is written when a card is shown. Whatever is new or
//! worse makes another hash, and the card is shown as if nobody had answered.
//!
//! Deliberately absent: where answers are kept (`store`), and what counts as one.

use super::card_id::IdKey;
use super::cards::rfc3339;
use crate::guideline::{Advice, Code, GUIDELINE_VERSION, Group, Indicator, Step};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;
use std::fmt::Write;

/// How long an answer keeps an information away.
pub const INFO: TimeDelta = TimeDelta::days(30);
/// How long an answer keeps a warning away at most; its deadline may come before.
pub const WARNING: TimeDelta = TimeDelta::days(7);
/// How long a critical card is shown in short.
pub const CRITICAL: TimeDelta = TimeDelta::hours(4);

/// What a card is known by when it comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The lead recommendation.
    pub lead: Code,
    /// Digests of what the card is about: the first stands in its id, the others would stand there under older or newer keys.
    /// Empty: nothing tells this card from another of the same call, and it is always shown.
    pub digests: Vec<u64>,
}

/// What was found of the cards of a call, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recalled(pub Vec<Option<DateTime<Utc>>>);

/// How a card is shown that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// Not at all.
    Hidden,
    /// In short.
    InShort,
}

impl Showing {
    /// A stable name, for counters and the extension of an answer.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::InShort => "in-short",
        }
    }
}

/// A card that is not shown whole, since it was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// The lead recommendation.
    pub lead: Code,
    /// How it is shown.
    pub showing: Showing,
    /// When it was answered.
    pub answered: DateTime<Utc>,
    /// From when on it is shown whole again.
    pub until: DateTime<Utc>,
}

impl Repeat {
    /// What an answer of that moment does to a card now; `None`: the card is shown whole.
    pub(super) fn of(card: &Advice, answered: DateTime<Utc>, now: DateTime<Utc>) -> Option<Self> {
        let lead = card.recommendations.first()?.code;
        let overdue = card.overdue == Some(true);
        let (showing, until) = end(card.indicator, card.deadline, overdue, answered);
        // An answer of the future is one of a clock that was set: nothing is known of it.
        (answered <= now && now < until).then_some(Self { lead, showing, answered, until })
    }
}

/// How a card is shown that was answered at that moment, and from when on it is shown whole again.
fn end(
    indicator: Indicator,
    deadline: Option<DateTime<Utc>>,
    overdue: bool,
    answered: DateTime<Utc>,
) -> (Showing, DateTime<Utc>) {
    let (showing, window) = match indicator {
        Indicator::Critical => (Showing::InShort, CRITICAL),
        Indicator::Warning => (Showing::Hidden, WARNING),
        Indicator::Info => (Showing::Hidden, INFO),
    };
    let end = answered + window;
    // What is overdue is not hidden; a critical card that was answered as overdue is short all the same.
    let deadline = deadline.filter(|_| !(overdue && showing == Showing::InShort));
    (showing, deadline.map_or(end, |deadline| end.min(deadline)))
}

/// How a card that is shown is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Way {
    /// What stands in its id; `None`: a random number.
    pub digest: Option<u64>,
    /// It was answered: it is short.
    pub repeat: Option<Repeat>,
}

/// Name of the extension of an answer that says which cards are not shown whole.
pub const EXTENSION: &str = "org.spinal-mets-cds.repeats";

#[derive(Serialize)]
struct Told {
    code: &'static str,
    showing: &'static str,
    answered: String,
    until: String,
}

/// The extension of an answer; `None` where every card is shown whole.
pub(super) fn extension(repeats: &[Repeat]) -> Option<Box<RawValue>> {
    let told = |it: &Repeat| Told {
        code: it.lead.as_str(),
        showing: it.showing.name(),
        answered: rfc3339(it.answered),
        until: rfc3339(it.until),
    };
    let told: Vec<Told> = repeats.iter().map(told).collect();
    if told.is_empty() { None } else { to_raw_value(&BTreeMap::from([(EXTENSION, told)])).ok() }
}

/// Whose card it is, and at which call.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) client: &'a str,
    pub(super) service: u8,
    /// As the call names it.
    pub(super) fhir_server: Option<&'a str>,
    pub(super) patient_id: &'a str,
    /// The orders or appointments that the call is about, as they were sent.
    pub(super) orders: &'a [&'a str],
}

/// What the cards of a call are known by, in their order.
pub(super) fn likenesses(advice: &[Advice], about: &About<'_>, key: &IdKey) -> Vec<Likeness> {
    let mut all: Vec<Likeness> = advice
        .iter()
        .filter_map(|card| {
            let lead = card.recommendations.first()?.code;
            // What an order is checked for that has no bytes here is not known well enough.
            let is_told = card.group != Group::OrderCheck || !about.orders.is_empty();
            let digests = if is_told { key.digests(&text(card, about)) } else { Vec::new() };
            Some(Likeness { lead, digests })
        })
        .collect();
    // Two cards of one answer never share an id.
    for place in 1..all.len() {
        let (before, rest) = all.split_at_mut(place);
        if let Some(one) = rest.first_mut()
            && before.iter().any(|it| it.digests.first() == one.digests.first())
        {
            one.digests.clear();
        }
    }
    all
}

/// All that makes a card what it is, each part with its length before it, so that no two different cards make one text.
/// Times that run with the clock, such as the end of a suggested order, are no part of it.
fn text(card: &Advice, about: &About<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    let mut put = |part: &str| {
        text.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        text.extend_from_slice(part.as_bytes());
    };
    put(GUIDELINE_VERSION);
    put(about.client);
    put(&about.service.to_string());
    put(about.fhir_server.unwrap_or_default().trim_end_matches('/'));
    put(about.patient_id);
    for order in about.orders {
        put("order");
        put(order);
    }
    put(card.indicator.word());
    let mut part = String::new();
    let mut debug = |value: &dyn std::fmt::Debug| {
        part.clear();
        let _ = write!(part, "{value:?}");
        put(&part);
    };
    debug(&card.group);
    debug(&card.deadline);
    debug(&card.overdue);
    for it in &card.recommendations {
        debug(&(it.code, it.row, &it.statements));
        debug(&it.facts);
        debug(&it.missing);
    }
    debug(&(&card.headline, &card.folded));
    debug(&(&card.reason, &card.reason_references));
    debug(&card.acts);
    for proposal in &card.proposals {
        proposal.steps.iter().for_each(|step| debug(&without_end(step)));
    }
    debug(&card.more);
    debug(&card.gaps);
    debug(&card.done);
    text
}

/// What is suggested, without the end of its time: that runs with the clock.
fn without_end(step: &Step) -> Step {
    let mut step = step.clone();
    match &mut step {
        Step::CreateWholeSpineMri(timing)
        | Step::CreateRegionalMri(_, timing)
        | Step::Update { timing, .. } => timing.end = None,
        Step::Delete { .. } | Step::Refer { .. } | Step::Record { .. } => {}
    }
    step
}

#[cfg(test)]
#[path = "repeat_tests.rs"]
mod tests;
