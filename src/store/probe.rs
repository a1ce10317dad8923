//! Whether the store can be written: readiness writes, because a full disk can be read.

use super::Store;
use super::database::{Database, on_database};
use super::error::StoreError;
use super::lent::Lent;
use crate::clock::Stopwatch;
use sqlx::Connection;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A good outcome serves for so long: anybody may ask, and each probe waits for the disk.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// Some pages of the database: a disk on which they have no room has none for feedback.
const FILLER: usize = 16 * 1024;

impl Store {
    /// Asks the database whether it is there and can be written; opens it if needed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be used.
    pub async fn check(&self) -> Result<(), StoreError> {
        let mut last_good = self.last_good.lock().await;
        if !self.is_away() && last_good.is_some_and(|it: Stopwatch| it.elapsed() < GOOD_FOR) {
            self.with_database(async |_| Ok(())).await?;
            self.recall_rests.store(false, Ordering::Relaxed);
            return Ok(());
        }
        *last_good = None;
        self.with_database(async |database| {
            write(database).await?;
            match database {
                Database::Sqlite { file: Some(file), .. } => {
                    file.holds(sqlx::query_scalar("SELECT COUNT(*) FROM probe")).await
                }
                _ => Ok(()),
            }
        })
        .await?;
        *last_good = Some(Stopwatch::start());
        self.recall_rests.store(false, Ordering::Relaxed);
        Ok(())
    }
}

async fn write(database: &Database) -> Result<(), StoreError> {
    let filler = "x".repeat(FILLER);
    on_database!(database, pool => {
        let mut lent = Lent::from(pool).await?;
        let mut transaction = lent.connection()?.begin().await?;
        for filler in [&*filler, ""] {
            sqlx::query(
                "INSERT INTO probe (name, filler) VALUES ('readiness', $1) \
                 ON CONFLICT (name) DO UPDATE SET filler = excluded.filler",
            )
            .bind(filler)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        lent.give_back();
    });
    Ok(())
}
