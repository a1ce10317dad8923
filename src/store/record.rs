//! Keeping feedback: what is acknowledged is on disk, and what is told twice is kept once (rows FB-3, FB-9, FB-12).
//!
//! A card id that is not ours is counted by client and day; nothing of it is kept, because it may be anything.

use super::Store;
use super::database::{Database, on_database};
use super::error::StoreError;
use super::file::DatabaseFile;
use super::lent::Lent;
use super::reason;
use super::remembered::{Answers, remembered_today, write_answers};
use crate::cds_hooks::feedback::{Batch, Entry, Outcome};
use crate::services::card_id::{CardId, IdKey, Kind};
use chrono::{DateTime, Utc};
use sqlx::{Connection, QueryBuilder};
use std::collections::HashMap;

/// Rows of one statement; well below the parameters that either database takes.
const ROWS: usize = 500;

/// So many entries of one card are kept. A card is dismissed once or twice; a client that sends the same over and over with
/// new times may not fill the disk.
pub(super) const MOST_ENTRIES: u64 = 5_000;

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries kept.
    pub stored: u64,
    /// Entries that were kept before.
    pub repeated: u64,
    /// Entries about cards that are not ours.
    pub unknown: u64,
    /// Entries that were not kept, because as many are kept of their cards as may be ([`MOST_ENTRIES`]).
    pub beyond: u64,
    /// Cards that these entries keep away for a while (`[repeat]`).
    pub remembered: u64,
    /// Cards that they would keep away, had the client not answered as many today as are remembered of one.
    pub not_remembered: u64,
}

impl Summary {
    /// Whether nothing of a batch could be taken, because there is too much already.
    pub const fn is_too_much(self) -> bool {
        self.beyond > 0 && self.stored == 0 && self.repeated == 0 && self.unknown == 0
    }
}

/// An entry as it is kept.
#[derive(Debug)]
struct Row {
    card: CardId,
    outcome: &'static str,
    at: i64,
    reason: Option<&'static str>,
    comment: Option<String>,
    suggestions: String,
}

impl Store {
    /// Keeps a batch of `client`, received at `now`. When it returns, the batch outlives a kill of the process.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when nothing of it was promised to be kept; sending it again does no harm.
    pub async fn record(
        &self,
        batch: &Batch,
        client: &str,
        now: DateTime<Utc>,
    ) -> Result<Summary, StoreError> {
        self.with_database(async |database| {
            let key = self.ids.load_full();
            let mut rows: Vec<Row> = batch
                .entries
                .iter()
                .filter_map(|entry| row(entry, &key, client, self.keep_comments))
                .collect();
            let unknown = batch.entries.len() - rows.len();
            if rows.is_empty() && unknown == 0 {
                return Ok(Summary::default());
            }
            // One order for all writers: replicas that get the same batch do not wait for each other in a circle.
            rows.sort_by(|a, b| (a.card.uuid, a.outcome, a.at).cmp(&(b.card.uuid, b.outcome, b.at)));
            let unknown = i64::try_from(unknown).unwrap_or(i64::MAX);
            let sent = rows.len();
            within_limit(database, &mut rows).await?;
            let mut answers = if self.remembers { answers(&rows, now) } else { Answers::default() };
            let mut not_remembered = 0;
            if answers.silencing() > 0 {
                not_remembered = answers.within_limit(remembered_today(database, client, now).await?);
            }
            let stored = write(database, (&rows, &answers), unknown, client, now).await?;
            if let Database::Sqlite { file: Some(file), .. } = database {
                read_back(file, rows.last()).await?;
            }
            let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
            Ok(Summary {
                stored,
                repeated: number(rows.len()).saturating_sub(stored),
                unknown: unknown.unsigned_abs(),
                beyond: number(sent - rows.len()),
                remembered: answers.silencing(),
                not_remembered,
            })
        })
        .await
    }
}

/// `None` when the card is not ours.
fn row(entry: &Entry, key: &IdKey, client: &str, keep_comments: bool) -> Option<Row> {
    let card = key.decode(&entry.card, client).filter(|card| card.kind == Kind::Card)?;
    let mut row = Row {
        card,
        outcome: "",
        at: entry.at.timestamp_micros(),
        reason: None,
        comment: None,
        suggestions: String::new(),
    };
    match &entry.outcome {
        Outcome::Accepted { suggestions } => {
            row.outcome = super::ACCEPTED;
            // A suggestion of somebody else says nothing to us, and may be anything.
            let ours = suggestions.iter().filter_map(|id| key.decode(id, client));
            let ours = ours.filter(|id| id.kind == Kind::Suggestion).map(|id| id.uuid.to_string());
            row.suggestions = ours.collect::<Vec<_>>().join(" ");
        }
        Outcome::Overridden { reason, comment } => {
            row.outcome = super::OVERRIDDEN;
            row.reason = reason.as_ref().map(|reason| reason::kept(reason.system.as_deref(), &reason.code));
            row.comment = comment.clone().filter(|_| keep_comments);
        }
    }
    Some(row)
}

/// What of these rows keeps cards away, or wakes them: an override without a reason of our lists does neither, because a
/// client may send that for every card that was closed.
fn answers(rows: &[Row], now: DateTime<Utc>) -> Answers {
    let mut answers = Answers::default();
    for row in rows {
        let has_reason = row.reason.is_some_and(|name| name != reason::OTHER);
        if has_reason || row.outcome == super::ACCEPTED {
            answers.add(&row.card, row.at, has_reason, now);
        }
    }
    answers
}

/// Reads the last row as whoever opens the file would. The rows are one transaction: all are there, or none.
async fn read_back(file: &DatabaseFile, row: Option<&Row>) -> Result<(), StoreError> {
    const COUNT: &str = "SELECT COUNT(*) FROM feedback WHERE card = $1 AND outcome = $2 AND outcome_at = $3";
    let Some(row) = row else { return file.check() };
    let count = sqlx::query_scalar(COUNT);
    file.holds(count.bind(row.card.uuid.to_string()).bind(row.outcome).bind(row.at)).await
}

/// Leaves out the rows of cards of which enough are kept. The rows are sorted by card.
async fn within_limit(database: &Database, rows: &mut Vec<Row>) -> Result<(), StoreError> {
    let mut cards: Vec<String> = rows.iter().map(|row| row.card.uuid.to_string()).collect();
    cards.dedup();
    let mut kept: HashMap<String, u64> = HashMap::new();
    for cards in cards.chunks(ROWS) {
        let found: Vec<(String, i64)> = on_database!(database, pool => {
            let mut query = QueryBuilder::new("SELECT card, COUNT(*) FROM feedback WHERE card IN (");
            let mut listed = query.separated(", ");
            for card in cards {
                listed.push_bind(card.clone());
            }
            query.push(") GROUP BY card");
            query.build_query_as().fetch_all(pool).await?
        });
        kept.extend(found.into_iter().map(|(card, count)| (card, count.unsigned_abs())));
    }
    rows.retain(|row| {
        let count = kept.entry(row.card.uuid.to_string()).or_default();
        *count += 1;
        *count <= MOST_ENTRIES
    });
    Ok(())
}

async fn write(
    database: &Database,
    (rows, answers): (&[Row], &Answers),
    unknown: i64,
    client: &str,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let mut stored = 0;
    on_database!(database, pool => {
        let mut lent = Lent::from(pool).await?;
        let mut transaction = lent.connection()?.begin().await?;
        if let Some(preamble) = database.preamble() {
            sqlx::query(preamble).execute(&mut *transaction).await?;
        }
        for rows in rows.chunks(ROWS) {
            let mut query = QueryBuilder::new(
                "INSERT INTO feedback (card, outcome, outcome_at, service, recommendation, guideline_version, \
                 issued_hour, reason, comment, suggestions, client, received_at) ",
            );
            query.push_values(rows, |mut values, row| {
                values
                    .push_bind(row.card.uuid.to_string())
                    .push_bind(row.outcome)
                    .push_bind(row.at)
                    .push_bind(i64::from(row.card.service))
                    .push_bind(i64::from(row.card.recommendation))
                    .push_bind(row.card.guideline_version.clone())
                    .push_bind(row.card.issued_hour)
                    .push_bind(row.reason)
                    .push_bind(row.comment.clone())
                    .push_bind(row.suggestions.clone())
                    .push_bind(client.to_owned())
                    .push_bind(now.timestamp_micros());
            });
            query.push(" ON CONFLICT DO NOTHING");
            stored += query.build().execute(&mut *transaction).await?.rows_affected();
        }
        write_answers!(answers, client, now, &mut *transaction);
        if unknown > 0 {
            sqlx::query(
                "INSERT INTO unknown_card (day, client, entries) VALUES ($1, $2, $3) \
                 ON CONFLICT (day, client) DO UPDATE SET entries = unknown_card.entries + excluded.entries",
            )
            .bind(super::day_of(now))
            .bind(client)
            .bind(unknown)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        lent.give_back();
    });
    Ok(stored)
}
