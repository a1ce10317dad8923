//! Retention: deleting what is older than a site wants to keep.

use super::Store;
use super::database::{Database, on_database};
use super::error::StoreError;
use super::remembered::forget_before;
use chrono::{DateTime, Utc};

/// What was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Entries of feedback.
    pub feedback: u64,
    /// Counters, of a day each: cards shown, and entries about cards that are not ours.
    pub counters: u64,
    /// Answers that kept cards away.
    pub answers: u64,
    /// Numbers of a week.
    pub weekly: u64,
    /// Cases of shadow mode.
    pub cases: u64,
    /// Keys of card ids that had been replaced.
    pub keys: u64,
}

impl Store {
    /// Deletes feedback and answers that were received before `before`, the counters of earlier days and weeks, cases of
    /// shadow mode, and keys of card ids that were replaced by then. In small steps, so that a running service can write in
    /// between; has no time limit.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used; what was deleted before stays deleted.
    pub async fn purge(&self, before: DateTime<Utc>) -> Result<Purged, StoreError> {
        let database = self.database().await?;
        let mut purged = Purged::default();
        loop {
            let rows = step(&database, before).await?;
            purged.feedback += rows;
            if rows == 0 {
                break;
            }
        }
        let day = super::day_of(before);
        on_database!(&*database, pool => {
            for statement in ["DELETE FROM shown WHERE day < $1", "DELETE FROM unknown_card WHERE day < $1"] {
                purged.counters += sqlx::query(statement).bind(day).execute(pool).await?.rows_affected();
            }
        });
        purged.answers = forget_before(&database, before).await?;
        purged.weekly = on_database!(&*database, pool => sqlx::query("DELETE FROM weekly WHERE week + 7 <= $1")
            .bind(day)
            .execute(pool)
            .await?
            .rows_affected());
        purged.cases = super::sample::cases_before(&database, day).await?;
        purged.keys = self.forget_id_keys(before).await?;
        Ok(purged)
    }
}

async fn step(database: &Database, before: DateTime<Utc>) -> Result<u64, StoreError> {
    Ok(on_database!(database, pool => sqlx::query(
        "DELETE FROM feedback WHERE (card, outcome, outcome_at) IN \
         (SELECT card, outcome, outcome_at FROM feedback WHERE received_at < $1 LIMIT 1000)",
    )
    .bind(before.timestamp_micros())
    .execute(pool)
    .await?
    .rows_affected()))
}
