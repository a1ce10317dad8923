//! The memory of token ids that replicas share: a token taken by one is refused by the others (row SEC-12).
//!
//! Deliberately absent: what to do when it cannot be asked; whoever asks decides.

use super::Store;
use super::database::{Address, on_database};
use super::error::StoreError;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// Longest wait for what is known about a token.
const TOKEN_PATIENCE: Duration = Duration::from_millis(500);

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
    /// the token. A hook call waits for the answer, so it comes within [`TOKEN_PATIENCE`].
    pub async fn remember_token(
        &self,
        digest: &str,
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        if self.is_away() {
            return Err(StoreError::unavailable("it was away a moment ago"));
        }
        self.with_database_within(TOKEN_PATIENCE, async |database| {
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
