//! What is kept: feedback, answers that keep cards away, counters of shown cards and of weeks, cases of shadow mode, token ids
//! that replicas share, the key of card ids.
//!
//! Hook calls never wait for it, but for what was answered (`[repeat]`), and then a moment. It opens by itself when it can: a service that starts while its database is down still
//! answers, and feedback gets "unavailable" until the database is back. Every wait is bounded. Deliberately absent:
//! patient data, and HTTP.

mod backup;
mod database;
mod error;
mod file;
mod id_key;
mod lent;
mod probe;
mod purge;
mod reason;
mod record;
mod remembered;
mod report;
mod sample;
mod shown;
mod token;
mod watch;

use crate::clock::{Clock, Stopwatch};
use crate::config;
use crate::services::{IdKey, SharedIdKey};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use database::{Address, Database};
pub use error::StoreError;
pub use id_key::Rotated;
pub use purge::Purged;
pub use reason::names as reason_names;
pub use record::Summary;
pub use report::{Count, Counts, Fate};
pub use sample::{Judged, Sample, Sampled};
pub use shown::Shown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use token::Unwritten;
use tokio::sync::Mutex;
pub use watch::{Kind, Watch, Weekly};

/// Longest time for one request to the store, opening included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// How often the counters of shown cards are written: what a crash can lose.
pub const FLUSH_EVERY: Duration = Duration::from_secs(5);

/// Expired tokens are forgotten, and keys of card ids read again, after this many rounds.
const ROUNDS_BETWEEN_CLEANING: u32 = 12;

/// How much longer than this clock says tokens are remembered: longer than any lives, so that a clock that is ahead
/// forgets none that another replica would take.
const TOKENS_STAY: TimeDelta = TimeDelta::minutes(62);

const ACCEPTED: &str = "accepted";
const OVERRIDDEN: &str = "overridden";

/// The store; opened at its first use.
#[derive(Debug)]
pub struct Store {
    address: Address,
    database: Mutex<Option<Arc<Database>>>,
    /// The database file went away under the service: another is not made by itself.
    gone: AtomicBool,
    keep_comments: bool,
    /// Whether answers are remembered.
    remembers: bool,
    /// What was answered could not be told a moment ago: nobody waits for it now.
    recall_rests: AtomicBool,
    /// Whether the key came from a file, so that the database is not asked for one.
    key_is_given: bool,
    ids: SharedIdKey,
    shown: Shown,
    watch: Watch,
    sample: Sample,
    /// Whether the last request failed.
    away: Availability,
    /// When the store was last seen to be writable.
    last_good: Mutex<Option<Stopwatch>>,
    /// Tokens that were taken while it was away.
    unwritten: Unwritten,
}

impl Store {
    /// A store for these clients. Connects to nothing yet.
    ///
    /// # Errors
    ///
    /// When the address or the key file cannot be used: a mistake in the configuration.
    pub fn new(settings: &config::Store, clients: &[String]) -> Result<Self, StoreError> {
        let key = settings.card_id_key.as_deref().map(id_key::from_file).transpose()?;
        Ok(Self {
            address: Address::parse(&settings.url)?,
            database: Mutex::default(),
            gone: AtomicBool::new(false),
            keep_comments: settings.keep_user_comments,
            remembers: false,
            recall_rests: AtomicBool::new(false),
            key_is_given: key.is_some(),
            ids: key.unwrap_or_else(IdKey::random).shared(),
            shown: Shown::new(clients),
            watch: Watch::new(clients, false),
            sample: Sample::new(&config::Shadow::default()),
            away: Availability::default(),
            last_good: Mutex::default(),
            unwritten: Unwritten::default(),
        })
    }

    /// The same store for a service with this setting of shadow mode, before anything is counted.
    #[must_use]
    pub fn with_shadow(self, clients: &[String], shadow: &config::Shadow) -> Self {
        Self { watch: Watch::new(clients, shadow.enabled), sample: Sample::new(shadow), ..self }
    }

    /// The same store, but a database file that is not there is an error and is not made.
    #[must_use]
    pub fn that_exists(self) -> Self {
        Self { address: self.address.that_exists(), ..self }
    }

    /// The same store, which remembers answers of feedback (`[repeat]`).
    #[must_use]
    pub fn remembering(self, remembers: bool) -> Self {
        Self { remembers, ..self }
    }

    /// The key of card ids, for whoever makes them. Until the store has been opened for the first time it is a passing
    /// one, unless a file gives it: cards of that time are shown, but feedback on them cannot be attributed.
    pub fn ids(&self) -> SharedIdKey {
        Arc::clone(&self.ids)
    }

    /// The counters of shown cards.
    pub const fn shown(&self) -> &Shown {
        &self.shown
    }

    /// The counters of weeks.
    pub const fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The sample of cards that are to be judged.
    pub const fn sample(&self) -> &Sample {
        &self.sample
    }

    /// Writes the counters and cases that have not been written.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used; the counts are kept for the next time.
    pub async fn flush(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        if !self.hold(now).await {
            return Ok(());
        }
        self.with_database(async |database| {
            self.shown.flush(database).await?;
            self.watch.flush(database).await?;
            self.sample.flush(database).await
        })
        .await
    }

    /// Takes what was counted as of now; says whether there is anything to write.
    async fn hold(&self, now: DateTime<Utc>) -> bool {
        let (shown, weekly) = (self.shown.hold(now).await, self.watch.hold(now).await);
        shown || weekly || self.sample.has_unwritten()
    }

    /// Writes counters, forgets expired tokens and answers, round after round; never ends. Logs when the store goes away and
    /// when it is back, not in between.
    pub async fn maintain(&self, clock: Clock) {
        let mut available = true;
        let mut round: u32 = 0;
        loop {
            tokio::time::sleep(FLUSH_EVERY).await;
            round = round.wrapping_add(1);
            let now = clock.now();
            let mut result = match self.check().await {
                Ok(()) => self.flush(now).await.and(self.write_unwritten().await),
                Err(error) => {
                    self.hold(now).await;
                    Err(error)
                }
            };
            let is_round = round.is_multiple_of(ROUNDS_BETWEEN_CLEANING);
            if result.is_ok() && is_round {
                // Another replica's clock may be behind: its tokens live until then.
                result = self.forget_expired_tokens(now - TOKENS_STAY).await.map(|_| ());
                result = result.and(self.forget_old_cases(now).await.map(|_| ()));
            }
            if result.is_ok() && is_round {
                result = self.forget_answers(now).await.map(|_| ());
            }
            if result.is_ok() && (is_round || !available) {
                result = self.read_id_keys(Clock::System.now()).await;
            }
            match &result {
                Ok(()) if !available => tracing::info!("the store can be used again"),
                Err(error) if available => tracing::warn!(%error, "feedback and counters wait"),
                _ => {}
            }
            available = result.is_ok();
        }
    }

    /// The database, opened on first use. Whoever comes while another opens it waits for the same attempt.
    async fn database(&self) -> Result<Arc<Database>, StoreError> {
        let mut opened = self.database.lock().await;
        if let Some(database) = &*opened {
            match database.still_there() {
                Ok(()) => return Ok(Arc::clone(database)),
                Err(error) => {
                    self.gone.store(true, Ordering::Relaxed);
                    *opened = None;
                    return Err(error);
                }
            }
        }
        let address = self.address.clone();
        let address = if self.gone.load(Ordering::Relaxed) { address.that_exists() } else { address };
        let database = Arc::new(Database::open(&address).await?);
        if !self.key_is_given {
            self.ids.store(Arc::new(id_key::from_database(&database, Clock::System.now()).await?));
        }
        *opened = Some(Arc::clone(&database));
        Ok(database)
    }

    /// Does some work on the database within [`REQUEST_TIMEOUT`].
    async fn with_database<T>(
        &self,
        work: impl AsyncFnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_database_within(REQUEST_TIMEOUT, work).await
    }

    async fn with_database_within<T>(
        &self,
        patience: Duration,
        work: impl AsyncFnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let result = tokio::time::timeout(patience, async { work(&*self.database().await?).await })
            .await
            .unwrap_or(Err(StoreError::unavailable("the database did not answer in time")));
        self.away.0.store(result.is_err(), Ordering::Relaxed);
        if matches!(result, Err(StoreError::Gone(_))) {
            self.gone.store(true, Ordering::Relaxed);
            *self.database.lock().await = None;
        }
        result
    }

    /// Whether the last request failed; [`Store::maintain`] asks again every few seconds.
    fn is_away(&self) -> bool {
        !self.away.is_available()
    }

    /// For whoever shows whether the store can be used.
    pub fn availability(&self) -> Availability {
        self.away.clone()
    }
}

/// Whether the last request to the store succeeded.
#[derive(Debug, Clone, Default)]
pub struct Availability(Arc<AtomicBool>);

impl Availability {
    /// Whether it did; before the first one it counts as if it had.
    pub fn is_available(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

/// Days since 1970, in UTC.
fn day_of(at: DateTime<Utc>) -> i64 {
    day_number(at.date_naive())
}

fn day_number(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default()).num_days()
}

fn day_from(number: i64) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_days(Days::new(u64::try_from(number).ok()?))
}

#[cfg(test)]
#[path = "full_tests.rs"]
mod tests;
