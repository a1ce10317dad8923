//! How many cards were shown: counted in memory on the hot path, written in batches.
//!
//! A card that is shown again, for the same patient and the same drafts, is one showing: otherwise a chart that is opened ten
//! times would look like ten cards of which nine were ignored. Counting is two atomic operations: no lock, no write. A crash
//! loses what was counted since the last batch, a few seconds; a batch whose answer is lost may be written twice.
//! Deliberately absent: which card was shown to whom; the memory of showings holds hashes under a key of this process, and each
//! replica has its own.

use super::database::{Database, on_database};
use super::error::StoreError;
use crate::guideline::GUIDELINE_VERSION;
use crate::services::Question;
use crate::services::offered::{self, OFFERED};
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// Recommendation numbers that an id can hold.
const CODES: usize = 256;

/// Rows of one statement; well below the parameters that either database takes.
const ROWS: usize = 500;

/// How many showings are remembered (512 kB). A newer one may take the place of an older one, which then counts again.
const REMEMBERED: usize = 1 << 16;

/// Counters of cards, by client, service and lead recommendation.
#[derive(Debug)]
pub struct Shown {
    seen: Seen,
    clients: Vec<(String, Vec<AtomicU64>)>,
    /// Taken from the counters, not yet written; by day, so that an outage over midnight moves nothing.
    pending: Mutex<BTreeMap<Row, u64>>,
}

/// A row without its count; the order keeps replicas from waiting for each other in a circle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    day: i64,
    client: String,
    service: i64,
    recommendation: i64,
}

impl Shown {
    /// Counters for these clients, all at zero.
    pub(super) fn new(clients: &[String]) -> Self {
        let counters = || (0..OFFERED.len() * CODES).map(|_| AtomicU64::new(0)).collect();
        Self {
            seen: Seen::new(),
            clients: clients.iter().map(|name| (name.clone(), counters())).collect(),
            pending: Mutex::new(BTreeMap::new()),
        }
    }

    /// Says of each card of an answer whether its question is a new one, and remembers it. Of an unknown client or service none is.
    pub fn first(&self, client: &str, service: &str, questions: &[Question]) -> Vec<bool> {
        if offered::number(service).is_none() || !self.clients.iter().any(|(name, _)| name == client) {
            return vec![false; questions.len()];
        }
        questions.iter().map(|question| self.seen.is_new(client, question)).collect()
    }

    /// Counts those cards of an answer that are shown for the first time, as [`Shown::first`] says it.
    pub fn count(&self, client: &str, service: &str, questions: &[Question], first: &[bool]) {
        let Some((_, counters)) = self.clients.iter().find(|(name, _)| name == client) else { return };
        let Some(service) = offered::number(service) else { return };
        for (question, _) in questions.iter().zip(first).filter(|(_, first)| **first) {
            let at = usize::from(service) * CODES + usize::from(question.lead.number());
            if let Some(counter) = counters.get(at) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Writes what is held. What cannot be written is held for the next time.
    pub(super) async fn flush(&self, database: &Database) -> Result<(), StoreError> {
        let mut pending = self.pending.lock().await;
        while !pending.is_empty() {
            let rows: Vec<(Row, u64)> =
                pending.iter().take(ROWS).map(|(row, cards)| (row.clone(), *cards)).collect();
            write(database, &rows).await?;
            for (row, _) in &rows {
                pending.remove(row);
            }
        }
        Ok(())
    }

    /// Takes what was counted since the last time, as cards of the day of `now`, and holds it until it is written.
    /// Says whether there is anything to write.
    pub(super) async fn hold(&self, now: DateTime<Utc>) -> bool {
        let mut pending = self.pending.lock().await;
        let day = super::day_of(now);
        for (client, counters) in &self.clients {
            for (at, counter) in counters.iter().enumerate() {
                let cards = counter.swap(0, Ordering::Relaxed);
                if cards == 0 {
                    continue;
                }
                let (service, recommendation) = (at / CODES, at % CODES);
                let row = Row {
                    day,
                    client: client.clone(),
                    service: i64::try_from(service).unwrap_or_default(),
                    recommendation: i64::try_from(recommendation).unwrap_or_default(),
                };
                *pending.entry(row).or_default() += cards;
            }
        }
        !pending.is_empty()
    }
}

/// The showings of late, each as a hash at a place that follows from it.
#[derive(Debug)]
struct Seen {
    key: RandomState,
    places: Box<[AtomicU64]>,
}

impl Seen {
    fn new() -> Self {
        Self { key: RandomState::new(), places: (0..REMEMBERED).map(|_| AtomicU64::new(0)).collect() }
    }

    fn is_new(&self, client: &str, question: &Question) -> bool {
        // Never zero, which is an empty place.
        let hash = self.key.hash_one((client, question)) | 1;
        let place = usize::try_from(hash >> 1).unwrap_or_default() % REMEMBERED;
        self.places.get(place).is_none_or(|place| place.swap(hash, Ordering::Relaxed) != hash)
    }
}

async fn write(database: &Database, rows: &[(Row, u64)]) -> Result<(), StoreError> {
    on_database!(database, pool => {
        let mut query = QueryBuilder::new(
            "INSERT INTO shown (day, client, service, recommendation, guideline_version, cards) ",
        );
        query.push_values(rows, |mut values, (row, cards)| {
            values
                .push_bind(row.day)
                .push_bind(row.client.clone())
                .push_bind(row.service)
                .push_bind(row.recommendation)
                .push_bind(GUIDELINE_VERSION)
                .push_bind(i64::try_from(*cards).unwrap_or(i64::MAX));
        });
        query.push(
            " ON CONFLICT (day, client, service, recommendation, guideline_version) \
             DO UPDATE SET cards = shown.cards + excluded.cards",
        );
        query.build().execute(pool).await?;
    });
    Ok(())
}
