//! Where the keys of one client come from, and how long they serve (SEC-11, SEC-12, SEC-18).
//!
//! A set from a URL is fetched when it is first needed, when its time is over, and when a token names a key that it
//! lacks: for all callers together, at most once in [`PAUSE`], within [`FETCH_TIMEOUT`]. While the URL is down the last set
//! serves for [`STALE`]. A set from a file is read again when the file changes; a broken one changes nothing, and an
//! explicitly empty one takes all keys back. Few wait for a fetch, so that tokens with made-up key names cannot fill the
//! service while the key server hangs; a key that is known waits for nothing.
//! Absent on purpose: the `jku` of a token. It was compared with the configuration; keys never come from there.

use crate::config::{Client, KeySource};
use crate::jwks::{KeySet, KeySetFault};
use crate::outbound::{Budget, Outbound};
use arc_swap::ArcSwapOption;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{self, HeaderMap, HeaderValue};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard, Semaphore};
use url::Url;

/// Shortest time between two fetches that calls ask for.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// Longest time for one fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);
/// Callers of one client that wait for a fetch at once, while keys of it are known: their keys may be made up.
const FEW: usize = 8;
/// The same while none is known, so that every key of it is.
const MANY: usize = 128;
/// How long a set is taken for fresh, in seconds: the bounds of `max-age`, and the default. The longest is well below
/// [`STALE`]: a server that goes down when its set has just ceased to be fresh leaves hours to repair it.
const FRESH: (i64, i64, i64) = (60, 43_200, 3_600);
/// How long a set serves after its server last confirmed it.
const STALE: TimeDelta = TimeDelta::hours(24);
/// A set confirmed further ahead than this was confirmed by a clock that has been set back since.
const SET_BACK: TimeDelta = TimeDelta::minutes(1);
/// Longest key set, in bytes.
const LONGEST_SET: usize = 256 * 1024;

/// The keys in force.
#[derive(Debug)]
struct Known {
    set: Arc<KeySet>,
    /// When they were last confirmed.
    confirmed: DateTime<Utc>,
    /// When they should be asked for again.
    fresh_until: DateTime<Utc>,
    entity_tag: Option<HeaderValue>,
}

/// What the one who fetches needs to know.
#[derive(Debug, Default)]
struct Flight {
    last: Option<DateTime<Utc>>,
    /// What the key file held when it was last looked at, so that a change is read, and logged, once.
    seen: Option<Result<Vec<u8>, ErrorKind>>,
}

/// The keys of one client.
#[derive(Debug)]
pub(super) struct ClientKeys {
    client: String,
    source: KeySource,
    outbound: Outbound,
    known: ArcSwapOption<Known>,
    flight: Arc<Mutex<Flight>>,
    /// Places of those who wait for a fetch, while keys are known and while none is.
    may_wait: (Semaphore, Semaphore),
    fetched: AtomicU64,
    failed: AtomicU64,
}

/// No key can be had at all.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoKeys;

/// How often a key set was asked for since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFetches {
    /// Name of the client.
    pub client: String,
    /// Sets that came, unchanged ones included.
    pub fetched: u64,
    /// Failures.
    pub failed: u64,
}

impl ClientKeys {
    /// The keys of `client`; those in a file are read now.
    ///
    /// # Errors
    ///
    /// What is wrong with the file.
    pub(super) fn new(client: &Client, outbound: Outbound, now: DateTime<Utc>) -> Result<Self, String> {
        let keys = Self {
            client: client.name.clone(),
            source: client.keys.clone(),
            outbound,
            known: ArcSwapOption::empty(),
            flight: Arc::default(),
            may_wait: (Semaphore::new(FEW), Semaphore::new(MANY)),
            fetched: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        };
        if let KeySource::File(path) = &client.keys {
            keys.keep(Arc::new(read_file(path)?), None, TimeDelta::zero(), now);
        }
        Ok(keys)
    }

    /// A set that names `kid` if one can be had, else the set in force.
    ///
    /// # Errors
    ///
    /// [`NoKeys`] when there is no set that may serve, or too many wait for one already.
    pub(super) async fn look_up(
        self: &Arc<Self>,
        kid: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<KeySet>, NoKeys> {
        let known = self.usable(now);
        if let Some(set) = known.as_ref().filter(|set| set.names(kid)) {
            return Ok(Arc::clone(set));
        }
        let KeySource::Url(url) = &self.source else { return known.ok_or(NoKeys) };
        let places = if known.is_some() { &self.may_wait.0 } else { &self.may_wait.1 };
        let _place = places.try_acquire().map_err(|_| NoKeys)?;
        let flight = Arc::clone(&self.flight).lock_owned().await;
        // Another caller may have fetched while this one waited.
        let known = self.usable(now);
        let names_it = known.as_ref().is_some_and(|set| set.names(kid));
        if !names_it && !flight.just_tried(now) {
            self.fly(url, flight, now).await;
        }
        self.usable(now).ok_or(NoKeys)
    }

    /// Reads a changed file again, or asks for a set whose time is over.
    pub(super) async fn refresh(self: &Arc<Self>, now: DateTime<Utc>) {
        let mut flight = Arc::clone(&self.flight).lock_owned().await;
        match &self.source {
            KeySource::File(path) => self.refresh_file(path.clone(), &mut flight, now).await,
            KeySource::Url(url) => {
                let is_fresh = self.known.load().as_ref().is_some_and(|known| known.is_fresh(now));
                if !is_fresh && !flight.just_tried(now) {
                    self.fly(url, flight, now).await;
                }
            }
        }
    }

    /// Whether a token of this client could be verified now.
    pub(super) fn is_ready(&self, now: DateTime<Utc>) -> bool {
        self.usable(now).is_some_and(|set| !set.is_empty())
    }

    pub(super) fn fetches(&self) -> KeyFetches {
        KeyFetches {
            client: self.client.clone(),
            fetched: self.fetched.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }

    fn usable(&self, now: DateTime<Utc>) -> Option<Arc<KeySet>> {
        let known = self.known.load();
        let known = known.as_ref()?;
        let serves = matches!(self.source, KeySource::File(_)) || (now - known.confirmed).abs() < STALE;
        serves.then(|| Arc::clone(&known.set))
    }

    fn keep(&self, set: Arc<KeySet>, entity_tag: Option<HeaderValue>, fresh: TimeDelta, now: DateTime<Utc>) {
        let known = Known { set, confirmed: now, fresh_until: now + fresh, entity_tag };
        self.known.store(Some(Arc::new(known)));
    }

    /// Takes all keys back: whoever held one of them may not call any more.
    fn revoke(&self, fresh: TimeDelta, now: DateTime<Utc>) {
        self.keep(Arc::default(), None, fresh, now);
        tracing::warn!(
            client = self.client,
            "the key set is empty now: this client cannot call until it has keys"
        );
    }

    /// Fetches in a task of its own: a caller that hangs up must not stop what others wait for.
    async fn fly(self: &Arc<Self>, url: &Url, mut flight: OwnedMutexGuard<Flight>, now: DateTime<Utc>) {
        flight.last = Some(now);
        let (keys, url) = (Arc::clone(self), url.clone());
        let fetching = tokio::spawn(async move {
            keys.fetch(&url, now).await;
            drop(flight);
        });
        // It fails only by a panic, and then what was known stays.
        drop(fetching.await);
    }

    async fn fetch(&self, url: &Url, now: DateTime<Utc>) {
        let known = self.known.load_full();
        let mut headers = HeaderMap::new();
        headers
            .insert(header::ACCEPT, HeaderValue::from_static("application/json, application/jwk-set+json"));
        if let Some(tag) = known.as_ref().and_then(|known| known.entity_tag.clone()) {
            headers.insert(header::IF_NONE_MATCH, tag);
        }
        let budget = Budget { bytes: LONGEST_SET, time: FETCH_TIMEOUT };
        let failure = match self.outbound.get(url, headers, budget).await {
            Err(error) => error.to_string(),
            Ok(answer) => {
                let tag = answer.headers.get(header::ETAG).cloned();
                let fresh = freshness(&answer.headers);
                match (answer.body, known) {
                    (Some(body), known) => match KeySet::read(&body) {
                        Err(KeySetFault::Empty) if known.is_some() => {
                            self.revoke(fresh, now);
                            self.fetched.fetch_add(1, Ordering::Relaxed);
                            return;
                        }
                        Err(fault) => fault.to_string(),
                        Ok(set) => {
                            self.keep(Arc::new(set), tag, fresh, now);
                            self.fetched.fetch_add(1, Ordering::Relaxed);
                            return;
                        }
                    },
                    (None, Some(known)) if known.entity_tag.is_some() => {
                        let tag = tag.or_else(|| known.entity_tag.clone());
                        self.keep(Arc::clone(&known.set), tag, fresh, now);
                        self.fetched.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    (None, _) => "it answered that nothing changed, though nobody asked that".to_owned(),
                }
            }
        };
        self.failed.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(
            client = self.client,
            failure,
            "key set not fetched; the last one serves while it may"
        );
    }

    async fn refresh_file(&self, path: PathBuf, flight: &mut Flight, now: DateTime<Utc>) {
        let Ok(reading) = tokio::task::spawn_blocking(move || std::fs::read(&path)).await else { return };
        let found = Some(reading.map_err(|error| error.kind()));
        if found == flight.seen {
            return;
        }
        let failure = match &found {
            Some(Ok(bytes)) => match KeySet::read(bytes) {
                Ok(set) => {
                    self.keep(Arc::new(set), None, TimeDelta::zero(), now);
                    None
                }
                Err(KeySetFault::Empty) => {
                    self.revoke(TimeDelta::zero(), now);
                    None
                }
                Err(fault) => Some(fault.to_string()),
            },
            Some(Err(kind)) => Some(kind.to_string()),
            None => None,
        };
        if let Some(failure) = failure {
            tracing::warn!(client = self.client, failure, "key set file not used; the last one serves");
        }
        flight.seen = found;
    }
}

impl Known {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.confirmed - SET_BACK <= now && now < self.fresh_until
    }
}

impl Flight {
    fn just_tried(&self, now: DateTime<Utc>) -> bool {
        self.last.is_some_and(|last| (now - last).abs() < PAUSE)
    }
}

fn read_file(path: &Path) -> Result<KeySet, String> {
    let told = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let bytes = std::fs::read(path).map_err(|error| told(&error))?;
    KeySet::read(&bytes).map_err(|fault| told(&fault))
}

/// How long an answer stays fresh, by its `Cache-Control: max-age` within bounds.
fn freshness(headers: &HeaderMap) -> TimeDelta {
    let (shortest, longest, default) = FRESH;
    let directives = headers.get(header::CACHE_CONTROL).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let directives = directives.to_ascii_lowercase();
    let max_age =
        directives.split(',').find_map(|it| it.trim().strip_prefix("max-age=")?.parse::<i64>().ok());
    TimeDelta::seconds(max_age.unwrap_or(default).clamp(shortest, longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_is_what_the_server_says_within_bounds() {
        for (said, seconds) in [
            ("max-age=600", 600),
            ("public, max-age=600, immutable", 600),
            ("max-age=1", 60),
            ("no-store", 3_600),
            ("Max-Age=600", 600),
            ("max-age=99999999", 43_200),
            ("max-age=-5", 60),
            ("max-age=x", 3_600),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(said));
            assert_eq!(freshness(&headers).num_seconds(), seconds, "{said}");
        }
        assert_eq!(freshness(&HeaderMap::new()).num_seconds(), 3_600);
    }
}
