//! What came week by week: cards for 1,000 calls by row, and deadlines that had passed at first sight.

use super::Interval;
use super::drift::{self, Series};
use crate::services::offered::OFFERED;
use crate::store::{Kind, Weekly};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is told of the weeks of a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Weeks {
    /// Calls of each week and service.
    pub calls: Vec<Calls>,
    /// Cards of the whole period by service and row.
    pub rows: Vec<Row>,
    /// Every change that is more than chance and the usual differences between weeks.
    pub shifts: Vec<Shift>,
}

/// The calls of a week to a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Its Monday, in UTC.
    pub week: NaiveDate,
    /// Id of the service.
    pub service: &'static str,
    /// Whether no card was shown.
    pub shadow: bool,
    /// Calls that were answered.
    pub answered: u64,
    /// Those of them that read a chart.
    pub read: u64,
}

/// The cards of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Id of the service.
    pub service: &'static str,
    /// `table/row`.
    pub row: String,
    /// Whether no card was shown.
    pub shadow: bool,
    /// Cards with a recommendation of the row.
    pub cards: u64,
    /// The same for 1,000 answered calls of the service.
    pub per_thousand_calls: f64,
    /// Cards that the row leads, each counted when it was first made for a patient and drafts.
    pub first: u64,
    /// Those with a deadline.
    pub with_deadline: u64,
    /// Those whose deadline had passed at first sight.
    pub overdue: u64,
    /// Overdue of those with a deadline; absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdue_share: Option<Interval>,
}

/// A week in which something differs from the weeks before it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shift {
    /// Its Monday, in UTC.
    pub week: NaiveDate,
    /// Id of the service.
    pub service: &'static str,
    /// What differs: `card`, `fact`, or `unknown` for records whose code nobody knows.
    pub what: &'static str,
    /// Which row, fact, or kind of record.
    pub name: String,
    /// For 1,000 calls in the weeks before.
    pub before: f64,
    /// For 1,000 calls in this week.
    pub now: f64,
    /// By how many standard errors it differs; negative: less than before.
    pub standard_errors: f64,
}

/// A service, and whether its cards were shown.
type Of = (u8, bool);

/// Sums what was counted.
pub(super) fn weeks(counted: &[Weekly]) -> Weeks {
    let mut calls: BTreeMap<(NaiveDate, Of), (u64, u64)> = BTreeMap::new();
    let mut rows: BTreeMap<(Of, &str), [u64; 4]> = BTreeMap::new();
    for it in counted {
        let of = (it.service, it.shadow);
        let mut add = |place: usize| {
            if let Some(sum) = rows.entry((of, &it.name)).or_default().get_mut(place) {
                *sum += it.number;
            }
        };
        match it.kind {
            Kind::Calls => calls.entry((it.week, of)).or_default().0 += it.number,
            Kind::Read => calls.entry((it.week, of)).or_default().1 += it.number,
            Kind::Card => add(0),
            Kind::First => add(1),
            Kind::Deadline => add(2),
            Kind::Overdue => add(3),
            Kind::Fact | Kind::Unknown => {}
        }
    }
    let answered = |of: Of| calls.iter().filter(|((_, it), _)| *it == of).map(|(_, (all, _))| *all).sum();
    let rows = rows.iter().map(|((of, row), [cards, first, with_deadline, overdue])| Row {
        service: service(of.0),
        row: (*row).to_owned(),
        shadow: of.1,
        cards: *cards,
        per_thousand_calls: drift::per_thousand(*cards, answered(*of)),
        first: *first,
        with_deadline: *with_deadline,
        overdue: *overdue,
        overdue_share: Interval::wilson(*overdue, *with_deadline),
    });
    let rows = rows.collect();
    Weeks { shifts: shifts(counted, &calls), rows, calls: calls.into_iter().map(of_week).collect() }
}

fn of_week(((week, (number, shadow)), (answered, read)): ((NaiveDate, Of), (u64, u64))) -> Calls {
    Calls { week, service: service(number), shadow, answered, read }
}

/// Looks at every series of a service for weeks that differ. Whether cards are shown makes no difference to what is read and made,
/// so the weeks of shadow mode and those after it are one series.
fn shifts(counted: &[Weekly], calls: &BTreeMap<(NaiveDate, Of), (u64, u64)>) -> Vec<Shift> {
    let mut all: BTreeMap<(u8, NaiveDate), (u64, u64)> = BTreeMap::new();
    for ((week, (service, _)), (answered, read)) in calls {
        let sum = all.entry((*service, *week)).or_default();
        *sum = (sum.0 + answered, sum.1 + read);
    }
    let mut series: BTreeMap<(u8, Kind, &str), BTreeMap<NaiveDate, u64>> = BTreeMap::new();
    for it in counted.iter().filter(|it| matches!(it.kind, Kind::Card | Kind::Fact | Kind::Unknown)) {
        *series.entry((it.service, it.kind, &it.name)).or_default().entry(it.week).or_default() += it.number;
    }
    let mut found = Vec::new();
    for ((number, kind, name), hits) in series {
        let of_service = all.iter().filter(|((it, _), _)| *it == number);
        let series: Series = of_service
            .map(|((_, week), (answered, read))| {
                let of = if kind == Kind::Card { *answered } else { *read };
                (*week, hits.get(week).copied().unwrap_or_default().min(of), of)
            })
            .collect();
        found.extend(drift::shifts(&series).into_iter().map(|shift| Shift {
            week: shift.week,
            service: service(number),
            what: kind.name(),
            name: name.to_owned(),
            before: shift.before,
            now: shift.now,
            standard_errors: shift.standard_errors,
        }));
    }
    found.sort_by(|a, b| (b.week, a.service, a.what, &a.name).cmp(&(a.week, b.service, b.what, &b.name)));
    found
}

fn service(number: u8) -> &'static str {
    OFFERED.get(usize::from(number)).map_or("unknown", |service| service.id)
}
