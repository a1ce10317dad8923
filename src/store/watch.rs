//! How calls, cards, facts and unknown codes go week by week, whether cards are shown or not.
//!
//! Counted in memory by atomic additions, written in batches with the counters of shown cards; a crash loses a few seconds. What
//! is counted has names of this program alone, so the number of rows is bounded by clients, services and weeks. Deliberately
//! absent: what the numbers mean (`insights`), and anything of a patient.

use super::database::{Database, on_database};
use super::error::StoreError;
use crate::guideline::{Fact, GUIDELINE_VERSION, page};
use crate::services::Answer;
use crate::services::offered::{self, OFFERED};
use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::QueryBuilder;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// Rows of one statement; well below the parameters that either database takes.
const ROWS: usize = 400;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Answered calls.
    Calls,
    /// Calls whose chart was read.
    Read,
    /// Cards with a recommendation of a row, each time that they are made.
    Card,
    /// Cards that a row leads, when they are first made for a patient and drafts.
    First,
    /// Those of them with a deadline.
    Deadline,
    /// Those of them whose deadline had passed.
    Overdue,
    /// Charts with a record of a fact.
    Fact,
    /// Charts with a record whose code nobody here knows.
    Unknown,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Calls,
        Self::Read,
        Self::Card,
        Self::First,
        Self::Deadline,
        Self::Overdue,
        Self::Fact,
        Self::Unknown,
    ];

    /// Its name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Read => "read",
            Self::Card => "card",
            Self::First => "first",
            Self::Deadline => "deadline",
            Self::Overdue => "overdue",
            Self::Fact => "fact",
            Self::Unknown => "unknown",
        }
    }
}

/// The records that may have a code that nobody knows.
const UNKNOWN: [&str; 3] = ["problems", "drugs", "orders"];

/// Everything that is counted, in the order of the counters.
#[derive(Debug)]
struct Names {
    all: Vec<(Kind, &'static str)>,
    /// Ids of rows, sorted.
    rows: Vec<&'static str>,
}

impl Names {
    fn new() -> Self {
        let decisions = page::page().decisions;
        let mut rows: Vec<&str> = decisions.iter().flat_map(|it| &it.rows).map(|row| row.id).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut all = vec![(Kind::Calls, ""), (Kind::Read, "")];
        for kind in BY_ROW {
            all.extend(rows.iter().map(|row| (kind, *row)));
        }
        all.extend(Fact::ALL.iter().map(|fact| (Kind::Fact, fact.name())));
        all.extend(UNKNOWN.map(|name| (Kind::Unknown, name)));
        Self { all, rows }
    }

    /// Where a kind of a row is counted.
    fn of_row(&self, kind: Kind, row: &str) -> Option<usize> {
        let block = BY_ROW.iter().position(|it| *it == kind)?;
        Some(2 + block * self.rows.len() + self.rows.binary_search(&row).ok()?)
    }

    /// Where the facts begin.
    const fn facts(&self) -> usize {
        2 + BY_ROW.len() * self.rows.len()
    }
}

/// What is counted row by row.
const BY_ROW: [Kind; 4] = [Kind::Card, Kind::First, Kind::Deadline, Kind::Overdue];

/// Counters by client, service and name.
#[derive(Debug)]
pub struct Watch {
    names: Names,
    shadow: bool,
    clients: Vec<(String, Vec<AtomicU64>)>,
    /// Taken from the counters, not yet written.
    pending: Mutex<BTreeMap<Row, u64>>,
}

/// A row without its number; the order keeps replicas from waiting for each other in a circle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    week: i64,
    client: String,
    service: i64,
    kind: &'static str,
    name: &'static str,
}

impl Watch {
    /// Counters for these clients, all at zero.
    pub(super) fn new(clients: &[String], shadow: bool) -> Self {
        let names = Names::new();
        let counters = || (0..OFFERED.len() * names.all.len()).map(|_| AtomicU64::new(0)).collect();
        Self {
            shadow,
            clients: clients.iter().map(|name| (name.clone(), counters())).collect(),
            names,
            pending: Mutex::new(BTreeMap::new()),
        }
    }

    /// Counts an answer; `first` says of each card whether it is made for the first time. An unknown client or service counts
    /// nothing.
    pub fn count(&self, client: &str, service: &str, answer: &Answer, first: &[bool]) {
        let Some((_, counters)) = self.clients.iter().find(|(name, _)| name == client) else { return };
        let Some(service) = offered::number(service) else { return };
        let base = usize::from(service) * self.names.all.len();
        let add = |at: usize| {
            if let Some(counter) = counters.get(base + at) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        };
        add(0);
        if answer.was_read {
            add(1);
        }
        let of_row = |kind, row: &str| {
            if let Some(at) = self.names.of_row(kind, row) {
                add(at);
            }
        };
        for (outline, first) in answer.outlines.iter().zip(first) {
            outline.rows.iter().for_each(|row| of_row(Kind::Card, row));
            let (true, Some(lead)) = (*first, outline.rows.first()) else { continue };
            of_row(Kind::First, lead);
            if let Some(overdue) = outline.overdue {
                of_row(Kind::Deadline, lead);
                if overdue {
                    of_row(Kind::Overdue, lead);
                }
            }
        }
        if answer.was_read {
            let facts = &answer.facts;
            let on_record = Fact::ALL.iter().enumerate().filter(|(_, fact)| fact.is_on_record(facts));
            on_record.for_each(|(at, _)| add(self.names.facts() + at));
            let not = facts.not_understood;
            let unknown = [not.problems, not.drugs, not.orders].into_iter().enumerate();
            let unknown = unknown.filter(|(_, number)| *number > 0);
            unknown.for_each(|(at, _)| add(self.names.facts() + Fact::ALL.len() + at));
        }
    }

    /// Takes what was counted since the last time, as of the week of `now`, and holds it until it is written. Says whether
    /// there is anything to write.
    pub(super) async fn hold(&self, now: DateTime<Utc>) -> bool {
        let mut pending = self.pending.lock().await;
        let week = week_of(now);
        for (client, counters) in &self.clients {
            for (at, counter) in counters.iter().enumerate() {
                let number = counter.swap(0, Ordering::Relaxed);
                let (service, at) = (at / self.names.all.len(), at % self.names.all.len());
                let Some((kind, name)) = self.names.all.get(at).filter(|_| number > 0) else { continue };
                let service = i64::try_from(service).unwrap_or_default();
                let row = Row { week, client: client.clone(), service, kind: kind.name(), name };
                *pending.entry(row).or_default() += number;
            }
        }
        !pending.is_empty()
    }

    /// Writes what is held. What cannot be written is held for the next time.
    pub(super) async fn flush(&self, database: &Database) -> Result<(), StoreError> {
        let mut pending = self.pending.lock().await;
        while !pending.is_empty() {
            let rows: Vec<(Row, u64)> =
                pending.iter().take(ROWS).map(|(row, number)| (row.clone(), *number)).collect();
            self.write(database, &rows).await?;
            for (row, _) in &rows {
                pending.remove(row);
            }
        }
        Ok(())
    }

    async fn write(&self, database: &Database, rows: &[(Row, u64)]) -> Result<(), StoreError> {
        on_database!(database, pool => {
            let mut query = QueryBuilder::new(
                "INSERT INTO weekly (week, client, service, shadow, guideline_version, kind, name, number) ",
            );
            query.push_values(rows, |mut values, (row, number)| {
                values
                    .push_bind(row.week)
                    .push_bind(row.client.clone())
                    .push_bind(row.service)
                    .push_bind(i64::from(self.shadow))
                    .push_bind(GUIDELINE_VERSION)
                    .push_bind(row.kind)
                    .push_bind(row.name)
                    .push_bind(i64::try_from(*number).unwrap_or(i64::MAX));
            });
            query.push(
                " ON CONFLICT (week, client, service, shadow, guideline_version, kind, name) \
                 DO UPDATE SET number = weekly.number + excluded.number",
            );
            query.build().execute(pool).await?;
        });
        Ok(())
    }
}

/// The Monday of a week, as days since 1970 in UTC.
pub(super) fn week_of(at: DateTime<Utc>) -> i64 {
    monday(super::day_of(at))
}

/// The Monday of a day's week.
pub(super) const fn monday(day: i64) -> i64 {
    // 1970 began on a Thursday.
    day - (day + 3).rem_euclid(7)
}

/// A number of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weekly {
    /// Its Monday, in UTC.
    pub week: NaiveDate,
    /// The service, by its number in the ids of cards.
    pub service: u8,
    /// Whether no card was shown.
    pub shadow: bool,
    /// What is counted.
    pub kind: Kind,
    /// Of what: a row, a fact, a kind of record; empty for calls.
    pub name: String,
    /// How many.
    pub number: u64,
}

const WEEKLY: &str = "SELECT week, service, shadow, kind, name, CAST(SUM(number) AS BIGINT) FROM weekly \
     WHERE week BETWEEN $1 AND $2 AND ($3 = '' OR client = $3) AND ($4 = '' OR guideline_version = $4) \
     GROUP BY week, service, shadow, kind, name ORDER BY week, service, shadow, kind, name";

type WeeklyRow = (i64, i64, i64, String, String, i64);

impl super::Store {
    /// The numbers of the weeks from that of the first to that of the last day, those of a client and a version of the decisions,
    /// or of all.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used.
    pub async fn weekly(
        &self,
        (first, last): (NaiveDate, NaiveDate),
        client: Option<&str>,
        version: Option<&str>,
    ) -> Result<Vec<Weekly>, StoreError> {
        let (client, version) = (client.unwrap_or_default(), version.unwrap_or_default());
        let (first, last) = (monday(super::day_number(first)), super::day_number(last));
        self.with_database(async |database| {
            let rows: Vec<WeeklyRow> = on_database!(database, pool => sqlx::query_as(WEEKLY)
                .bind(first).bind(last).bind(client).bind(version).fetch_all(pool).await?);
            Ok(rows.into_iter().filter_map(weekly).collect())
        })
        .await
    }
}

/// `None` for values that we never write.
fn weekly((week, service, shadow, kind, name, number): WeeklyRow) -> Option<Weekly> {
    Some(Weekly {
        week: NaiveDate::default().checked_add_days(Days::new(u64::try_from(week).ok()?))?,
        service: u8::try_from(service).ok()?,
        shadow: shadow != 0,
        kind: Kind::ALL.into_iter().find(|it| it.name() == kind)?,
        name,
        number: u64::try_from(number).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_each_name_has_a_counter_of_its_own() {
        let at = |text: &str| week_of(text.parse().unwrap());
        let monday = at("2026-05-04T00:00:00Z");
        assert_eq!(monday, super::super::day_of("2026-05-04T12:00:00Z".parse().unwrap()));
        assert_eq!(at("2026-05-10T23:59:59Z"), monday);
        assert_eq!(at("2026-05-11T00:00:00Z"), monday + 7);
        let names = Names::new();
        assert!(names.rows.len() > 20);
        for kind in BY_ROW {
            for row in &names.rows {
                assert_eq!(names.all[names.of_row(kind, row).unwrap()], (kind, *row));
            }
        }
        assert_eq!(names.all[names.facts()], (Kind::Fact, Fact::ALL[0].name()));
    }
}
