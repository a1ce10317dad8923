//! Why the store cannot be used. Database messages may quote what was stored, so none of them is passed on: an error is
//! told by its kind and its code.

use std::borrow::Cow;
use std::path::PathBuf;
use thiserror::Error;

const LOCKED: &str = "another program holds the lock of the database file";

/// The store cannot be set up, or cannot be used now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// `store.url` cannot be used. The address may hold a password, so it is not quoted.
    #[error("`store.url` is neither sqlite://FILE nor postgres://USER@HOST/DATABASE")]
    Address,
    /// The file with the key of card ids cannot be used.
    #[error(
        "the card id key in {} {problem}; make one with `openssl rand -base64 32`", path.display()
    )]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// It cannot be used now; the same request may succeed later. Nothing was promised to anybody.
    #[error("the store cannot be used: {0}")]
    Unavailable(Cow<'static, str>),
    /// The database is not the one that was opened. It is opened again where there is one, and none is made.
    #[error("the store cannot be used: {0}; put the file back, or restart the service to begin a new one")]
    Gone(&'static str),
}

impl StoreError {
    pub(super) const fn unavailable(why: &'static str) -> Self {
        Self::Unavailable(Cow::Borrowed(why))
    }

    /// Whether another process was in the way, which may be over in a moment.
    pub(super) fn is_lock(&self) -> bool {
        matches!(self, Self::Unavailable(why) if why == LOCKED)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) => Self::unavailable("no connection to the database"),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::unavailable("no connection to the database was free in time")
            }
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default();
                if database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                    sqlite(&code)
                } else {
                    Self::Unavailable(format!("the database refused it (SQLSTATE {code})").into())
                }
            }
            _ => Self::unavailable("the database did not answer as expected"),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            sqlx::migrate::MigrateError::ExecuteMigration(error, _) => error.into(),
            _ => Self::unavailable("its tables were made by a release that does not fit this one"),
        }
    }
}

/// The primary result codes of SQLite that an operator can do something about.
fn sqlite(code: &str) -> StoreError {
    let primary = code.parse::<u32>().unwrap_or_default() & 0xff;
    StoreError::unavailable(match primary {
        5 | 6 => LOCKED,
        8 => "the database file is read-only",
        10 => "the database file cannot be read or written",
        11 | 26 => "the database file is damaged or is no database",
        13 => "the disk of the database file is full",
        14 => "the database file cannot be opened",
        _ => return StoreError::Unavailable(format!("the database refused it (SQLite code {code})").into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_error_is_told_by_its_kind() {
        assert!(sqlite("5").is_lock() && sqlite("261").is_lock() && !sqlite("13").is_lock());
        assert!(sqlite("3338").to_string().contains("cannot be read or written"), "extended code of 10");
        assert!(sqlite("19").to_string().ends_with("(SQLite code 19)"));
        let lost = sqlx::Error::Io(std::io::Error::other("10.0.0.1 secret"));
        assert_eq!(
            StoreError::from(lost).to_string(),
            "the store cannot be used: no connection to the database"
        );
    }
}
