//! The memory of token ids that replicas share: a token taken by one is refused by the others (row SEC-12).
//!
//! Deliberately absent: what to do when it cannot be asked; whoever asks decides.

use super::Store;
use super::database::{Address, Database, on_database};
use super::error::StoreError;
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use std::sync::PoisonError;
use std::time::Duration;

/// Most tokens that wait to be written; more than are taken in the hours of an outage at any usual rate.
const MOST_UNWRITTEN: usize = 200_000;
/// Rows of one statement; well below the parameters that either database takes.
const ROWS: usize = 500;

/// Tokens that this process has taken while the store was away, with their ends in microseconds since 1970.
pub(super) type Unwritten = std::sync::Mutex<Vec<(String, i64)>>;

/// Longest wait for what is known about a token.
const TOKEN_TIMEOUT: Duration = Duration::from_millis(500);

impl Store {
    /// Whether other processes use the same store, so that tokens must be remembered there.
    pub const fn is_shared(&self) -> bool {
        matches!(self.address, Address::Postgres(_))
    }

    /// Remembers a token until it expires. `digest` stands for issuer and `jti` together and must not be made from them
    /// reversibly. `true`: it is new. `false`: it was used before, by whichever replica. One statement, so that of two
    /// who ask at once exactly one gets `true`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be asked, or was away a moment ago; then nothing is known about
    /// the token. A hook call waits for the answer, so it comes within [`TOKEN_TIMEOUT`].
    pub async fn remember_token(
        &self,
        digest: &str,
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let known = self.ask_about_token(digest, expires, now).await;
        if known.is_err() {
            // It is taken nevertheless, by whoever asks; other replicas must know of it once they can.
            let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
            if unwritten.len() < MOST_UNWRITTEN {
                unwritten.push((digest.to_owned(), expires.timestamp_micros()));
            }
        }
        known
    }

    async fn ask_about_token(
        &self,
        digest: &str,
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        if self.is_away() {
            return Err(StoreError::unavailable("it was away a moment ago"));
        }
        self.with_database_within(TOKEN_TIMEOUT, async |database| {
            let rows = on_database!(database, pool => sqlx::query(
                "INSERT INTO token_id (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) \
                 DO UPDATE SET expires_at = excluded.expires_at WHERE token_id.expires_at < $3",
            )
            .bind(digest)
            .bind(expires.timestamp_micros())
            .bind(now.timestamp_micros())
            .execute(pool)
            .await?
            .rows_affected());
            Ok(rows > 0)
        })
        .await
    }

    /// Writes the tokens that were taken while the store was away.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used; they are held for the next time.
    pub async fn write_unwritten(&self) -> Result<(), StoreError> {
        loop {
            let rows: Vec<(String, i64)> = {
                let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
                let left = unwritten.len().saturating_sub(ROWS);
                unwritten.split_off(left)
            };
            if rows.is_empty() {
                return Ok(());
            }
            let written = self.with_database(async |database| insert(database, &rows).await).await;
            if let Err(error) = written {
                self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).extend(rows);
                return Err(error);
            }
        }
    }

    /// Forgets the tokens that have expired; says how many.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used.
    pub async fn forget_expired_tokens(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.with_database(async |database| {
            let rows = on_database!(database, pool => sqlx::query("DELETE FROM token_id WHERE expires_at < $1")
                .bind(now.timestamp_micros())
                .execute(pool)
                .await?
                .rows_affected());
            Ok(rows)
        })
        .await
    }
}

async fn insert(database: &Database, rows: &[(String, i64)]) -> Result<(), StoreError> {
    on_database!(database, pool => {
        let mut query = QueryBuilder::new("INSERT INTO token_id (digest, expires_at) ");
        query.push_values(rows, |mut values, (digest, expires)| {
            values.push_bind(digest.clone()).push_bind(*expires);
        });
        query.push(" ON CONFLICT DO NOTHING");
        query.build().execute(pool).await?;
    });
    Ok(())
}
