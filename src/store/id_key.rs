//! The keys of card ids: from a file of the site, or made and kept in the database, so that every replica and every later
//! start reads the ids of the others.
//!
//! One key makes ids; those of further keys are read. In the database a new key begins to make ids some minutes after it was
//! put there, when every replica has read it, so that no replica meets an id of a key that it does not know.
//!
//! They are kept in the database in both kinds of store, not in a file of their own beside SQLite: one atomic way, and a
//! database restored elsewhere still knows its cards. The database file is readable for its owner alone.

use super::Store;
use super::database::{Database, on_database};
use super::error::StoreError;
use crate::services::IdKey;
use crate::services::card_id::{KEY_LENGTH, new_secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use std::path::Path;
use std::sync::Arc;

/// Name of the first key in the table of secrets. A later one has `@` and the second from which it makes ids behind it.
const NAME: &str = "card-id-key";

/// How long replicas have to read a new key before it makes ids; they look about once a minute.
const NOTICE: TimeDelta = TimeDelta::minutes(5);

/// Most keys that are read: each costs a look at each id of feedback.
const MOST_KEYS: usize = 8;

const SELECT: &str = "SELECT name, value FROM secret WHERE name = $1 OR name LIKE $2";

/// What came of putting a new key into the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// From when on the new key makes ids.
    pub from: DateTime<Utc>,
    /// How many older keys are read.
    pub older: usize,
}

/// Reads the keys from a file: 32 bytes in base64 a line; the first makes ids, those of all are read.
pub(super) fn from_file(path: &Path) -> Result<IdKey, StoreError> {
    let fault = |problem| StoreError::Key { path: path.to_owned(), problem };
    let text = std::fs::read_to_string(path).map_err(|_| fault("cannot be read"))?;
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() > MOST_KEYS {
        return Err(fault("holds more than 8 keys"));
    }
    let secrets: Option<Vec<_>> = lines.into_iter().map(decode).collect();
    let secrets = secrets.filter(|secrets| !secrets.is_empty());
    secrets.and_then(|secrets| IdKey::of(&secrets)).ok_or_else(|| fault("is not 32 bytes in base64"))
}

/// Takes the keys from the database; the first to come makes one.
pub(super) async fn from_database(database: &Database, now: DateTime<Utc>) -> Result<IdKey, StoreError> {
    let fresh = STANDARD.encode(new_secret());
    on_database!(database, pool => {
        sqlx::query(
            "INSERT INTO secret (name, value) SELECT $1, $2 \
             WHERE NOT EXISTS (SELECT 1 FROM secret WHERE name = $1 OR name LIKE $3) ON CONFLICT DO NOTHING",
        )
        .bind(NAME)
        .bind(fresh)
        .bind(later())
        .execute(pool)
        .await?;
    });
    let mut kept = kept(database).await?;
    // The key in force first: the last of those that have begun; were there none, the first to begin.
    let in_force = kept.iter().rposition(|it| it.from <= now).unwrap_or_default();
    kept.get_mut(..=in_force).ok_or_else(damaged)?.reverse();
    let secrets: Vec<_> = kept.iter().map(|it| it.secret).collect();
    IdKey::of(&secrets).ok_or_else(damaged)
}

/// A key as the database keeps it.
struct Kept {
    name: String,
    from: DateTime<Utc>,
    secret: [u8; KEY_LENGTH],
}

/// All keys, by the moment from which each makes ids.
async fn kept(database: &Database) -> Result<Vec<Kept>, StoreError> {
    let rows: Vec<(String, String)> = on_database!(database, pool => sqlx::query_as(SELECT).bind(NAME).bind(later()).fetch_all(pool).await?);
    let mut kept = Vec::with_capacity(rows.len());
    for (name, value) in rows {
        let from = begins(&name).ok_or_else(damaged)?;
        kept.push(Kept { from, secret: decode(&value).ok_or_else(damaged)?, name });
    }
    kept.sort_by_key(|it| it.from);
    Ok(kept)
}

impl Store {
    /// Puts a new key of card ids into the database; ids of the older ones are still read. `at_once`, after a key came
    /// to be known: the new one makes ids now, and no id of an older one is read any more.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used.
    pub async fn rotate_id_key(&self, now: DateTime<Utc>, at_once: bool) -> Result<Rotated, StoreError> {
        let database = self.database().await?;
        let older = kept(&database).await?;
        if !at_once && older.len() >= MOST_KEYS {
            return Err(StoreError::unavailable(
                "it holds 8 keys of card ids; purge forgets those that were replaced",
            ));
        }
        let from = if at_once { now } else { now + NOTICE };
        let (name, fresh) = (format!("{NAME}@{}", from.timestamp()), STANDARD.encode(new_secret()));
        on_database!(&*database, pool => {
            sqlx::query("INSERT INTO secret (name, value) VALUES ($1, $2)").bind(&name).bind(&fresh).execute(pool).await?;
        });
        if at_once {
            forget(&database, &older).await?;
        }
        Ok(Rotated { from, older: if at_once { 0 } else { older.len() } })
    }

    /// Forgets keys that were replaced before `before`; how many.
    pub(super) async fn forget_id_keys(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let database = self.database().await?;
        let mut kept = kept(&database).await?;
        let replaced = kept.iter().skip(1).take_while(|next| next.from < before).count();
        kept.truncate(replaced);
        forget(&database, &kept).await?;
        Ok(u64::try_from(replaced).unwrap_or(u64::MAX))
    }

    /// Reads the keys again: another process may have put a new one there, or one has come to its time.
    pub(super) async fn read_id_keys(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        if self.key_is_given {
            return Ok(());
        }
        self.with_database(async |database| {
            self.ids.store(Arc::new(from_database(database, now).await?));
            Ok(())
        })
        .await
    }
}

async fn forget(database: &Database, keys: &[Kept]) -> Result<(), StoreError> {
    on_database!(database, pool => {
        for key in keys {
            sqlx::query("DELETE FROM secret WHERE name = $1").bind(&key.name).execute(pool).await?;
        }
    });
    Ok(())
}

/// What the names of later keys are like.
fn later() -> String {
    format!("{NAME}@%")
}

/// From when on a key of this name makes ids.
fn begins(name: &str) -> Option<DateTime<Utc>> {
    match name.strip_prefix(NAME)? {
        "" => Some(DateTime::<Utc>::MIN_UTC),
        second => DateTime::from_timestamp(second.strip_prefix('@')?.parse().ok()?, 0),
    }
}

const fn damaged() -> StoreError {
    StoreError::unavailable("its key of card ids is damaged")
}

fn decode(text: &str) -> Option<[u8; KEY_LENGTH]> {
    STANDARD.decode(text.trim()).ok()?.try_into().ok()
}
