//! Section 3.2 of the guideline: the table, its clock, and orders that exist.

use super::super::answer::Indicator;
use super::super::chart::*;

/// A finding that reaches a row.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub(crate) row: u8,
    /// When it was recorded; the earliest deadline counts.
    pub(crate) clock: Vec<When>,
}

/// The row that decides.
#[derive(Debug, Clone)]
pub(crate) struct RowCard {
    pub(crate) row: u8,
    pub(crate) deadline: Option<Moment>,
    pub(crate) overdue: bool,
    pub(crate) indicator: Indicator,
}

fn window(row: u8) -> Option<Moment> {
    match row {
        1 => Some(12 * HOUR),
        2 => Some(24 * HOUR),
        3 => Some(48 * HOUR),
        4 => Some(7 * DAY),
        5 => Some(14 * DAY),
        _ => None,
    }
}

pub(crate) fn priority(row: u8) -> Priority {
    match row {
        1 => Priority::Stat,
        2 => Priority::Asap,
        3 => Priority::Urgent,
        _ => Priority::Routine,
    }
}

impl RowCard {
    pub(crate) fn code(&self) -> &'static str {
        match self.row {
            1 => "mri-within-12h",
            2 => "mri-within-24h",
            3 => "mri-within-48h",
            4 => "mri-within-1-week",
            5 => "mri-within-2-weeks",
            _ => "mri-ask-presentation",
        }
    }
}

/// "Deadline = start + window; for a date-only start, once that has passed, day end + window."
pub(crate) fn until(clock: &[When], window: Moment, now: Moment) -> Option<Moment> {
    let of = |clock: &When| {
        let first = clock.earliest() + window;
        if now > first { clock.latest() + window } else { first }
    };
    clock.iter().map(of).min()
}

/// The first row that holds; of rows 1 to 3 the earliest deadline of any finding counts.
pub(crate) fn row_card(chart: &Chart, due: &[Due]) -> Option<RowCard> {
    let counting = counting(due);
    let row = counting.first()?.row;
    let deadline = counting.iter().filter_map(|due| deadline(chart, due)).min();
    Some(made(chart, row, deadline))
}

/// The findings that decide: those of the first row, and with one of rows 1 to 3 all of these.
fn counting(due: &[Due]) -> Vec<Due> {
    let Some(row) = due.iter().map(|due| due.row).min() else { return Vec::new() };
    let of = |own: u8| due.iter().filter(move |due| due.row == own).cloned();
    if row <= 3 {
        return (row..=3).flat_map(of).collect();
    }
    // The clock of the later rows starts with the earliest record of any finding.
    vec![Due { row, clock: of(row).flat_map(|due| due.clock).collect() }]
}

fn deadline(chart: &Chart, due: &Due) -> Option<Moment> {
    until(&due.clock, window(due.row)?, chart.now)
}

fn made(chart: &Chart, row: u8, deadline: Option<Moment>) -> RowCard {
    let overdue = deadline.is_some_and(|deadline| chart.now > deadline);
    let own = match row {
        1 | 2 => Indicator::Critical,
        3 | 4 => Indicator::Warning,
        _ => Indicator::Info,
    };
    let indicator = match (own, overdue) {
        (own, false) => own,
        (Indicator::Info, true) => Indicator::Warning,
        _ => Indicator::Critical,
    };
    RowCard { row, deadline, overdue, indicator }
}

/// "Already ordered": an active whole-spine order in time, for each of the findings that decide.
pub(crate) fn ordered_in_time(chart: &Chart, due: &[Due]) -> bool {
    let rows: Vec<RowCard> =
        counting(due).iter().map(|due| made(chart, due.row, deadline(chart, due))).collect();
    chart.records.iter().any(|record| match record {
        Record::Imaging(order) => {
            order.draft.is_none()
                && order.modality == Modality::Mri
                && order.region == Region::Whole
                && rows.iter().all(|row| is_in_time(chart.now, order, row, true))
        }
        _ => false,
    })
}

/// `undated_is_silent`: rows 4 and 5 leave an undated routine order alone on patient-view.
pub(crate) fn is_in_time(now: Moment, order: &Imaging, row: &RowCard, undated_is_silent: bool) -> bool {
    // When overdue: the faster row's window (2 weeks → 1 week → 48 h → 24 h → 12 h → 12 h).
    let asked = if row.overdue { row.row.saturating_sub(1).max(1) } else { row.row };
    match order.due {
        Some(due) => {
            let until = due.latest();
            let limit = if row.overdue { window(asked).map(|window| now + window) } else { row.deadline };
            until >= now && limit.is_none_or(|limit| until <= limit)
        }
        None => {
            // "Priority at least that of the row": overdue in rows 1 to 3, of the faster row, which then counts.
            let row = if row.row <= 3 { asked } else { row.row };
            let expired = match (order.authored, window(row)) {
                (Some(authored), Some(window)) => now > authored.latest() + window,
                _ => false,
            };
            let enough = match row {
                1..=3 => order.priority.is_some_and(|own| own >= priority(row)),
                4 | 5 => undated_is_silent || order.priority.is_some_and(|own| own > Priority::Routine),
                _ => true,
            };
            !expired && enough
        }
    }
}
