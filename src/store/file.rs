//! Whether the database file is still the one that was opened.
//!
//! A file that is deleted or replaced lives on for whoever has it open: SQLite commits into it, and nobody will ever read
//! that. So the name is looked at, and what was written is read back through a connection of its own, which goes by the
//! name, too. The file is never opened by hand: closing it would end the locks of SQLite in this process.

use super::error::StoreError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// What every size of a page is a multiple of.
const SMALLEST_PAGE: u64 = 512;

/// The file of an open database.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    options: SqliteConnectOptions,
    identity: Identity,
    /// The file grows and never shrinks, unless somebody works on it beside the service.
    length: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    number: u64,
}

impl DatabaseFile {
    /// The file that was just opened; `None` for a database in memory.
    pub(super) fn of(options: &SqliteConnectOptions) -> Result<Option<Self>, StoreError> {
        if is_in_memory(options.get_filename()) {
            return Ok(None);
        }
        let (identity, length) = look(options.get_filename())?;
        Ok(Some(Self { options: options.clone(), identity, length: AtomicU64::new(length) }))
    }

    /// Whether its name still leads to it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Gone`] when it does not.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let (identity, length) = look(self.options.get_filename())?;
        let before = self.length.fetch_max(length, Ordering::Relaxed);
        if identity != self.identity || length < before || !length.is_multiple_of(SMALLEST_PAGE) {
            return Err(StoreError::Gone("the database file was replaced or overwritten"));
        }
        Ok(())
    }

    /// Whether a count is above zero, read by a connection that has nothing in common with those of the pool but the name
    /// of the file.
    ///
    /// # Errors
    ///
    /// [`StoreError::Gone`] when it is not, or cannot be read.
    pub(super) async fn holds(
        &self,
        count: sqlx::query::QueryScalar<'_, sqlx::Sqlite, i64, sqlx::sqlite::SqliteArguments>,
    ) -> Result<(), StoreError> {
        const NOT_READ: StoreError =
            StoreError::Gone("what was written cannot be read back from the database file");
        self.check()?;
        let mut connection = self.options.connect().await.map_err(|_| NOT_READ)?;
        let found = count.fetch_one(&mut connection).await.unwrap_or_default();
        drop(connection.close().await);
        if found > 0 { Ok(()) } else { Err(NOT_READ) }
    }
}

/// Whether a name stands for no file that can be looked at.
pub(super) fn is_in_memory(path: &Path) -> bool {
    path.as_os_str().is_empty() || path.to_string_lossy().starts_with("file:")
}

fn look(path: &Path) -> Result<(Identity, u64), StoreError> {
    let found =
        std::fs::metadata(path).map_err(|_| StoreError::Gone("the database file is not there any more"))?;
    #[cfg(unix)]
    let identity = {
        use std::os::unix::fs::MetadataExt;
        Identity { device: found.dev(), number: found.ino() }
    };
    #[cfg(not(unix))]
    let identity = Identity { device: 0, number: 0 };
    Ok((identity, found.len()))
}
