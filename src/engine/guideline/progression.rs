//! How findings develop: statements of progression, and severities that rise or fall (guideline.md sections 2 and 3.2).
//!
//! Deliberately absent: the findings themselves ([`super::finding`]).

use super::denial::latest_record;
use super::finding::Clock;
use crate::domain::{Progression, ProgressionRecord, Side, SignRecord, When};
use chrono::{DateTime, Utc};
use std::rc::Rc;

/// A dated statement about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) when: When,
    pub(super) says: Option<Progression>,
}

/// In time order.
pub(super) const fn in_time_order(event: &Event) -> (DateTime<Utc>, DateTime<Utc>) {
    (event.when.earliest(), event.when.latest())
}

/// What is stated of the progression of deficits, for each side that a finding may have.
pub(super) struct Stated([OnSide; 4]);

/// A side with the dated and the undated statements that speak of it.
type OnSide = (Option<Side>, Rc<[Event]>, Vec<Progression>);

impl Stated {
    pub(super) fn of(progressions: &[ProgressionRecord]) -> Self {
        let sides = [None, Some(Side::Left), Some(Side::Right), Some(Side::Both)];
        Self(sides.map(|side| {
            let here = || progressions.iter().filter(|record| same_side(record.side, side));
            let event = |record: &ProgressionRecord| {
                Some(Event { when: record.seen?, says: Some(record.progression) })
            };
            let dated: Rc<[Event]> = here().filter_map(event).collect();
            let undated = here().filter(|record| record.seen.is_none()).map(|record| record.progression);
            (side, dated, undated.collect())
        }))
    }

    pub(super) fn on(&self, side: Option<Side>) -> (Rc<[Event]>, impl Iterator<Item = Progression> + '_) {
        let here = self.0.iter().find(|(other, ..)| *other == side);
        let dated = here.map_or_else(|| Rc::from([]), |(_, dated, _)| Rc::clone(dated));
        (dated, here.into_iter().flat_map(|(.., undated)| undated.iter().copied()))
    }
}

/// The latest statement within the look-back. "Progressive" wins wherever it may have come last: at one time, on one day
/// when either has no time of day, and when it has no date.
pub(super) fn course(
    events: impl Iterator<Item = Event>,
    undated: &[Progression],
    clock: Clock,
) -> Option<Progression> {
    if undated.contains(&Progression::Progressive) {
        return Some(Progression::Progressive);
    }
    let said = events.filter(|e| clock.counts(e.when)).filter_map(|e| Some((e.when, e.says?)));
    let latest = said.max_by_key(|(when, says)| match says {
        Progression::Progressive => (when.latest(), true),
        _ => (when.earliest(), false),
    });
    latest.map(|(_, says)| says).or_else(|| undated.first().copied())
}

/// Serial severities: a rise from one record to the next says "progressive", a fall "improving".
pub(super) fn rises_and_falls(records: &[&SignRecord]) -> Vec<Event> {
    let mut graded: Vec<(When, u8)> =
        records.iter().filter_map(|r| Some((latest_record(r)?, r.severity?))).collect();
    graded.sort_by_key(|(when, severity)| (when.earliest(), *severity));
    graded
        .iter()
        .zip(graded.iter().skip(1))
        .filter(|((before, _), (after, _))| after.is_surely_after(*before))
        .filter_map(|((_, before), (when, after))| {
            let says = match after.cmp(before) {
                std::cmp::Ordering::Greater => Progression::Progressive,
                std::cmp::Ordering::Less => Progression::Improving,
                std::cmp::Ordering::Equal => return None,
            };
            Some(Event { when: *when, says: Some(says) })
        })
        .collect()
}

/// Whether a statement about one side speaks of a finding on another: an unknown or double side always matches.
fn same_side(statement: Option<Side>, finding: Option<Side>) -> bool {
    match (statement, finding) {
        (Some(a), Some(b)) => a == b || a == Side::Both || b == Side::Both,
        _ => true,
    }
}
