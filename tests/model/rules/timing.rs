//! Section 3.2 of the guideline: the table, its clock, and orders that exist.

use super::super::answer::Indicator;
use super::super::chart::*;

/// The rows, the fastest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    Suspected,
    Rapid,
    Slow,
    Radicular,
    BackPain,
    NoSymptom,
}

impl Row {
    pub(crate) const ALL: [Self; 6] =
        [Self::Suspected, Self::Rapid, Self::Slow, Self::Radicular, Self::BackPain, Self::NoSymptom];

    /// "Rows 1 to 3": no record moves their deadline later.
    pub(crate) fn is_fast(self) -> bool {
        self <= Self::Slow
    }

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Suspected => "mri-within-12h",
            Self::Rapid => "mri-within-24h",
            Self::Slow => "mri-within-48h",
            Self::Radicular => "mri-within-1-week",
            Self::BackPain => "mri-within-2-weeks",
            Self::NoSymptom => "mri-ask-presentation",
        }
    }

    const fn window(self) -> Option<Moment> {
        match self {
            Self::Suspected => Some(12 * HOUR),
            Self::Rapid => Some(24 * HOUR),
            Self::Slow => Some(48 * HOUR),
            Self::Radicular => Some(7 * DAY),
            Self::BackPain => Some(14 * DAY),
            Self::NoSymptom => None,
        }
    }

    const fn priority(self) -> Priority {
        match self {
            Self::Suspected => Priority::Stat,
            Self::Rapid => Priority::Asap,
            Self::Slow => Priority::Urgent,
            Self::Radicular | Self::BackPain | Self::NoSymptom => Priority::Routine,
        }
    }

    const fn indicator(self) -> Indicator {
        match self {
            Self::Suspected | Self::Rapid => Indicator::Critical,
            Self::Slow | Self::Radicular => Indicator::Warning,
            Self::BackPain | Self::NoSymptom => Indicator::Info,
        }
    }

    /// "2 weeks → 1 week → 48 h → 24 h → 12 h → 12 h".
    const fn faster(self) -> Self {
        match self {
            Self::Suspected | Self::Rapid => Self::Suspected,
            Self::Slow => Self::Rapid,
            Self::Radicular => Self::Slow,
            Self::BackPain => Self::Radicular,
            Self::NoSymptom => Self::BackPain,
        }
    }
}

/// A finding that reaches a row.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub(crate) row: Row,
    /// When it was recorded; the earliest deadline counts.
    pub(crate) clock: Vec<When>,
}

/// The row that decides.
#[derive(Debug, Clone)]
pub(crate) struct RowCard {
    pub(crate) row: Row,
    pub(crate) deadline: Option<Moment>,
    pub(crate) overdue: bool,
    pub(crate) indicator: Indicator,
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
    let of = |own: Row| due.iter().filter(move |due| due.row == own).cloned();
    if row.is_fast() {
        return Row::ALL.into_iter().filter(|row| row.is_fast()).flat_map(of).collect();
    }
    // The clock of the later rows starts with the earliest record of any finding.
    vec![Due { row, clock: of(row).flat_map(|due| due.clock).collect() }]
}

fn deadline(chart: &Chart, due: &Due) -> Option<Moment> {
    until(&due.clock, due.row.window()?, chart.now)
}

fn made(chart: &Chart, row: Row, deadline: Option<Moment>) -> RowCard {
    let overdue = deadline.is_some_and(|deadline| chart.now > deadline);
    let indicator = match (row.indicator(), overdue) {
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
    let asked = if row.overdue { row.row.faster() } else { row.row };
    match order.due {
        Some(due) => {
            let until = due.latest();
            let limit = if row.overdue { asked.window().map(|window| now + window) } else { row.deadline };
            until >= now && limit.is_none_or(|limit| until <= limit)
        }
        None => {
            // "Priority at least that of the row": overdue in rows 1 to 3, of the faster row, which then counts.
            let row = if row.row.is_fast() { asked } else { row.row };
            let expired = match (order.authored, row.window()) {
                (Some(authored), Some(window)) => now > authored.latest() + window,
                _ => false,
            };
            let enough = match (row.window(), row.priority()) {
                (None, _) => true,
                (_, Priority::Routine) => {
                    undated_is_silent || order.priority.is_some_and(|own| own > Priority::Routine)
                }
                (_, asked) => order.priority.is_some_and(|own| own >= asked),
            };
            !expired && enough
        }
    }
}
