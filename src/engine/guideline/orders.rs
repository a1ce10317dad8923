//! Whole-spine MRI orders that are already there, and whether they are in time (guideline.md section 3.2).
//!
//! Regional orders that together make a whole spine are one order. Deliberately absent: what to do about an order.

use super::mri_timing::{Due, Need};
use crate::domain::{Facts, ImagingOrder, Modality, OrderStatus, Priority, Regions};
use chrono::{DateTime, Utc};

/// Whether an order meets the need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timeliness {
    /// In time.
    InTime,
    /// Rows 4 and 5: undated, and routine or without priority.
    Undated,
    /// Too late, its slot passed, or undated without the priority or long ago.
    NotInTime,
}

/// One whole-spine order: a single one, or a set of regional ones.
#[derive(Debug, Clone)]
pub(super) struct WholeOrder<'f> {
    pub(super) parts: Vec<&'f ImagingOrder>,
    pub(super) timeliness: Timeliness,
}

/// All whole-spine MRI orders among drafts and active orders.
pub(super) fn whole_spine<'f>(
    facts: &'f Facts,
    need: &Need<'_, '_>,
    now: DateTime<Utc>,
) -> Vec<WholeOrder<'f>> {
    let open = || facts.imaging_orders.iter().filter(|o| o.modality == Modality::Mri && is_open(o));
    let mut whole: Vec<WholeOrder<'f>> = open()
        .filter(|o| o.regions.is_whole())
        .map(|o| WholeOrder { parts: vec![o], timeliness: timeliness(o, need, now) })
        .collect();
    let regional: Vec<&ImagingOrder> =
        open().filter(|o| !o.regions.is_whole() && !o.regions.is_empty()).collect();
    let covered = regional.iter().fold(Regions::NONE, |all, o| all.with(o.regions));
    if covered.is_whole() {
        // A region that is ordered twice is met by the better of the two.
        let better: Vec<_> =
            regional.iter().filter(|o| timeliness(o, need, now) == Timeliness::InTime).collect();
        let met = better.iter().fold(Regions::NONE, |all, o| all.with(o.regions)).is_whole();
        let worst = regional.iter().map(|o| timeliness(o, need, now)).max().unwrap_or(Timeliness::NotInTime);
        let timeliness = if met { Timeliness::InTime } else { worst };
        whole.push(WholeOrder { parts: regional, timeliness });
    }
    whole
}

const fn is_open(order: &ImagingOrder) -> bool {
    matches!(order.status, OrderStatus::Draft { .. } | OrderStatus::Active)
}

/// Whether one order is in time for the need: for each finding that sets a deadline.
fn timeliness(order: &ImagingOrder, need: &Need<'_, '_>, now: DateTime<Utc>) -> Timeliness {
    if let Some(due) = order.due {
        let in_time = due.latest() >= now && need.horizon(now).is_none_or(|horizon| due.latest() <= horizon);
        return if in_time { Timeliness::InTime } else { Timeliness::NotInTime };
    }
    need.due.iter().map(|due| undated(order, due, now)).max().unwrap_or(Timeliness::InTime)
}

/// Whether an order without a date is in time for one finding.
fn undated(order: &ImagingOrder, due: &Due, now: DateTime<Utc>) -> Timeliness {
    use Timeliness::{InTime, NotInTime, Undated};
    let asked = due.asks();
    let expired = order.authored.zip(asked.length).is_some_and(|(at, length)| at.latest() + length < now);
    match (asked.priority, order.priority) {
        _ if expired => NotInTime,
        (Priority::Routine, Some(priority)) if priority > Priority::Routine => InTime,
        (Priority::Routine, _) => Undated,
        (asked, Some(priority)) if priority >= asked => InTime,
        _ => NotInTime,
    }
}
