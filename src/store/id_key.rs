//! The key of card ids: from a file of the site, or made once and kept in the database, so that every replica and every
//! later start reads the ids of the others.
//!
//! It is kept in the database in both kinds of store, not in a file of its own beside SQLite: one atomic way, and a
//! database restored elsewhere still knows its cards. The database file is readable for its owner alone.

use super::database::{Database, on_database};
use super::error::StoreError;
use crate::services::IdKey;
use crate::services::card_id::{KEY_LENGTH, new_secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;

/// Its name in the table of secrets.
const NAME: &str = "card-id-key";

/// Reads the key from a file: 32 bytes in base64.
pub(super) fn from_file(path: &Path) -> Result<IdKey, StoreError> {
    let fault = |problem| StoreError::Key { path: path.to_owned(), problem };
    let text = std::fs::read_to_string(path).map_err(|_| fault("cannot be read"))?;
    decode(&text).ok_or_else(|| fault("is not 32 bytes in base64"))
}

/// Takes the key from the database; the first to come makes it.
pub(super) async fn from_database(database: &Database) -> Result<IdKey, StoreError> {
    let fresh = STANDARD.encode(new_secret());
    let kept: String = on_database!(database, pool => {
        sqlx::query("INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(NAME)
            .bind(fresh)
            .execute(pool)
            .await?;
        sqlx::query_scalar("SELECT value FROM secret WHERE name = $1").bind(NAME).fetch_one(pool).await?
    });
    decode(&kept).ok_or(StoreError::unavailable("its key of card ids is damaged"))
}

fn decode(text: &str) -> Option<IdKey> {
    let secret: [u8; KEY_LENGTH] = STANDARD.decode(text.trim()).ok()?.try_into().ok()?;
    Some(IdKey::new(&secret))
}
