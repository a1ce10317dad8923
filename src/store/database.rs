//! The two databases: one file for one machine (SQLite), or one server for all replicas (PostgreSQL).
//!
//! An enum over both pools, not `sqlx::Any`: each is opened with its own options, errors keep their codes, and every
//! statement here is text that both take (`$1`, `ON CONFLICT`, `BIGINT`). [`on_database`] writes each use once.

use super::error::StoreError;
use super::file::{DatabaseFile, is_in_memory};
use crate::clock::Stopwatch;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, SqlSafeStr};
use std::str::FromStr;
use std::time::Duration;

/// Longest wait for a free connection.
const CONNECTION_WAIT: Duration = Duration::from_secs(2);

/// Longest wait for the lock of the database file; less than all that a caller waits.
const LOCK_WAIT: Duration = Duration::from_millis(1500);

/// Before a database file that is locked is opened again.
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// Where the database is.
#[derive(Debug, Clone)]
pub(super) enum Address {
    Sqlite {
        options: SqliteConnectOptions,
        /// Whether a file that is not there is made.
        make: bool,
    },
    Postgres(PgConnectOptions),
}

/// An open database with its tables.
#[derive(Debug)]
pub(super) enum Database {
    Sqlite {
        pool: SqlitePool,
        /// `None`: in memory.
        file: Option<Box<DatabaseFile>>,
    },
    Postgres(PgPool),
}

/// Does the same on either database.
macro_rules! on_database {
    ($database:expr, $pool:ident => $work:expr) => {
        match $database {
            $crate::store::database::Database::Sqlite { pool: $pool, .. } => $work,
            $crate::store::database::Database::Postgres($pool) => $work,
        }
    };
}
pub(super) use on_database;

impl Address {
    /// Reads `store.url`.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            // What is acknowledged must outlive a kill and a power cut: each commit is synced.
            let options = SqliteConnectOptions::from_str(url).map_err(|_| StoreError::Address)?;
            let options = options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(LOCK_WAIT)
                // What is purged is overwritten, not only unlinked.
                .pragma("secure_delete", "on")
                .disable_statement_logging();
            return Ok(Self::Sqlite { options, make: true });
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(StoreError::Address);
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| StoreError::Address)?;
        Ok(Self::Postgres(options.application_name("spinal-mets-cds").disable_statement_logging()))
    }

    /// The same, but nothing is made.
    pub(super) fn that_exists(self) -> Self {
        match self {
            Self::Sqlite { options, .. } => Self::Sqlite { options, make: false },
            postgres @ Self::Postgres(_) => postgres,
        }
    }
}

/// The files of `migrations`: number, words and text of each. Named here because the macro that reads a folder brings a second
/// copy of both databases and of TLS into the build.
const MIGRATIONS: [(i64, &str, &str); 4] = [
    (1, "feedback", include_str!("migrations/0001_feedback.sql")),
    (2, "probe", include_str!("migrations/0002_probe.sql")),
    (3, "remembered", include_str!("migrations/0003_remembered.sql")),
    (4, "watch", include_str!("migrations/0004_watch.sql")),
];

fn migrator() -> Migrator {
    let migration = |(version, words, text): (i64, &'static str, &'static str)| {
        Migration::new(version, words.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.map(migration).to_vec())
}

impl Database {
    /// Opens the database and brings its tables up to date.
    ///
    /// Processes that start with one new file get in each other's way, and SQLite does not wait for a lock everywhere:
    /// who changes the kind of journal is refused at once. So it is tried again for as long as one waits for a lock.
    pub(super) async fn open(address: &Address) -> Result<Self, StoreError> {
        let begun = Stopwatch::start();
        loop {
            match Self::open_once(address).await {
                Err(error) if error.is_lock() && begun.elapsed() < LOCK_WAIT => {
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn open_once(address: &Address) -> Result<Self, StoreError> {
        let mut migrations = migrator();
        // While replicas are replaced one by one, the older ones meet the tables of the newer.
        migrations.set_ignore_missing(true);
        let database = match address {
            Address::Sqlite { options, make } => {
                if *make {
                    create_private(options)?;
                }
                let pool = SqlitePoolOptions::new().max_connections(4).idle_timeout(None).max_lifetime(None);
                let pool = pool.acquire_timeout(CONNECTION_WAIT).connect_with(options.clone()).await?;
                Self::Sqlite { pool, file: DatabaseFile::of(options)?.map(Box::new) }
            }
            Address::Postgres(options) => {
                let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(CONNECTION_WAIT);
                Self::Postgres(pool.connect_with(options.clone()).await?)
            }
        };
        // Of processes that start together one comes first at each step: whoever comes second finds it done.
        let mut updated = on_database!(&database, pool => migrations.run(pool).await);
        for _step in migrations.iter() {
            if updated.is_ok() {
                break;
            }
            updated = on_database!(&database, pool => migrations.run(pool).await);
        }
        updated?;
        Ok(database)
    }
}

impl Database {
    /// Whether it is still the database that was opened.
    pub(super) fn still_there(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { file: Some(file), .. } => file.check(),
            _ => Ok(()),
        }
    }

    /// What is said first in a transaction whose end is acknowledged: a server that is set to acknowledge before it has
    /// written must not.
    pub(super) const fn preamble(&self) -> Option<&'static str> {
        match self {
            Self::Sqlite { .. } => None,
            Self::Postgres(_) => Some(
                "SELECT set_config('synchronous_commit', 'on', true) \
                 WHERE current_setting('synchronous_commit') = 'off'",
            ),
        }
    }
}

/// Makes the database file readable for its owner alone; SQLite gives its log the same permissions.
fn create_private(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let path = options.get_filename();
    if is_in_memory(path) {
        return Ok(());
    }
    let mut file = std::fs::OpenOptions::new();
    file.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    file.open(path).map(drop).map_err(|_| StoreError::unavailable("the database file cannot be opened"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_migrations_is_run_under_its_own_name() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/migrations");
        let names =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        let told =
            MIGRATIONS.map(|(version, words, _)| format!("{version:04}_{}.sql", words.replace(' ', "_")));
        assert_eq!(names, told);
    }

    #[test]
    fn an_address_is_one_of_two_kinds() {
        for url in ["sqlite://a.db", "sqlite:a.db", "sqlite::memory:"] {
            assert!(matches!(Address::parse(url), Ok(Address::Sqlite { .. })), "{url}");
        }
        for url in ["postgres://u:p@h/d", "postgresql://h/d?host=%2Ftmp"] {
            assert!(matches!(Address::parse(url), Ok(Address::Postgres(_))), "{url}");
        }
        for url in ["", "a.db", "mysql://h/d", "sqlite://a.db?mode=x", "postgres://h:port/d"] {
            assert_eq!(Address::parse(url).unwrap_err(), StoreError::Address, "{url}");
        }
    }
}
