//! What the list of fixture patients says of each: the most urgent card at this moment, on opening the chart or of its story.
//!
//! The services are asked as the chart asks them when it is opened, in the order of the list's urgency. An answer is kept for
//! a minute, since a list is looked at more often than its sentences change.

use super::fixtures::{self, Fixture};
use super::{groups, problem};
use crate::cases::bundle::CaseBundle;
use crate::cases::case::CaseFile;
use crate::cases::request::{self, OfferedService};
use crate::cases::shift::Shift;
use crate::cds_hooks::{Card, Indicator};
use crate::services::Services;
use chrono::{DateTime, Duration, Utc};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The hook of a chart that is opened.
const ON_OPENING: &str = "patient-view";

/// How long the lines are kept.
const KEPT: Duration = Duration::minutes(1);

/// A patient on the list.
#[derive(Debug)]
pub struct Line {
    /// Who it is.
    pub fixture: &'static Fixture,
    /// The anchor of the subject.
    pub group: &'static str,
    /// The cancer and what was found, in a few words.
    pub problem: String,
    /// The most urgent card; `None`: silence.
    pub card: Option<Lead>,
}

/// The first card of an answer.
#[derive(Debug)]
pub struct Lead {
    /// How urgent it is.
    pub indicator: Indicator,
    /// Its sentence.
    pub sentence: String,
    /// Its deadline.
    pub deadline: Option<DateTime<Utc>>,
    /// How many cards there are beside it.
    pub others: usize,
}

/// When a list was made, and its lines.
type Made = (DateTime<Utc>, Arc<Vec<Line>>);

/// The list, as it was made last.
#[derive(Debug, Default)]
pub struct Ward(Mutex<Option<Made>>);

impl Ward {
    /// All patients, the most urgent first. Takes some hundred milliseconds once a minute: not for an event loop.
    pub fn lines(&self, services: &Services, now: DateTime<Utc>) -> Arc<Vec<Line>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made, lines)) = &*kept
            && (now - *made).abs() < KEPT
        {
            return Arc::clone(lines);
        }
        let lines = Arc::new(lines(services, now));
        *kept = Some((now, Arc::clone(&lines)));
        lines
    }
}

fn lines(services: &Services, now: DateTime<Utc>) -> Vec<Line> {
    #[derive(Deserialize)]
    struct Discovery {
        services: Vec<OfferedService>,
    }
    let offered =
        serde_json::from_slice(services.discovery()).map_or(Vec::new(), |it: Discovery| it.services);
    let anchors: HashMap<&str, &'static str> = groups::all()
        .into_iter()
        .flat_map(|group| group.fixtures.into_iter().map(move |fixture| (fixture.name, group.anchor)))
        .collect();
    let line = |fixture: &'static Fixture| Line {
        fixture,
        group: anchors.get(fixture.name).copied().unwrap_or_default(),
        problem: problem::of(fixture, services),
        card: lead(fixture, services, &offered, now),
    };
    let mut all: Vec<Line> = fixtures::all().par_iter().map(line).collect();
    all.sort_by_key(|line| {
        let card = line.card.as_ref();
        let due = card.and_then(|card| card.deadline);
        (std::cmp::Reverse(card.map(|card| card.indicator)), due.is_none(), due, line.fixture.name)
    });
    all
}

/// The most urgent card of a patient at this moment: of those on opening the chart, as for everybody who opens it, and of
/// the hook that the story is about, which goes first among equals. What cannot be asked gives none, as the chart shows none.
fn lead(
    fixture: &'static Fixture,
    services: &Services,
    offered: &[OfferedService],
    now: DateTime<Utc>,
) -> Option<Lead> {
    let ask = |told: &CaseFile| {
        let request = request::build(told, CaseBundle::of(fixture.resources()), offered).ok()?;
        let moved = Shift::between(told.now, now).text(request.body.to_string().as_bytes()).body;
        Some(services.call(&request.service, &moved, now).ok()?.response.cards)
    };
    let told = &fixture.told;
    let mut cards = ask(told).unwrap_or_default();
    if told.hook.as_deref() != Some(ON_OPENING) {
        let opened = CaseFile { hook: Some(ON_OPENING.to_owned()), ..told.clone() };
        for card in ask(&opened).unwrap_or_default() {
            if cards.iter().all(|known| known.summary != card.summary) {
                cards.push(card);
            }
        }
    }
    let others = cards.len().saturating_sub(1);
    // The first of the most urgent.
    let most = cards.iter().map(|card| card.indicator).max()?;
    let first = cards.into_iter().find(|card| card.indicator == most)?;
    Some(Lead { indicator: first.indicator, deadline: deadline(&first), sentence: first.summary, others })
}

fn deadline(card: &Card) -> Option<DateTime<Utc>> {
    let extension: Value = serde_json::from_str(card.extension.get()).ok()?;
    extension.as_object()?.values().find_map(|rationale| rationale.get("deadline")?.as_str()?.parse().ok())
}
