//! Where the keys of one client come from, and how long they serve (SEC-11, SEC-12, SEC-18).
//!
//! A set from a URL is fetched when it is first needed, when its time is over, and when a token names a key that it
//! lacks: by one caller at a time, at most once in [`PAUSE`], within [`PATIENCE`]. While the URL is down the last set
//! serves for [`STALE`]. A set from a file is read again when the file changes; a broken one changes nothing.
//! Absent on purpose: the `jku` of a token. It was compared with the configuration; keys never come from there.

use crate::config::{Client, KeySource};
use crate::jwks::KeySet;
use crate::outbound::{Budget, Outbound};
use arc_swap::ArcSwapOption;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{self, HeaderMap, HeaderValue};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use url::Url;

/// Shortest time between two fetches that calls ask for.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// Longest time for one fetch.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a set serves without a word from its server about it: the bounds of `max-age`, and the default.
const FRESH: (i64, i64, i64) = (60, 86_400, 3_600);
/// How long the last set serves while its server cannot be reached.
const STALE: TimeDelta = TimeDelta::hours(24);
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
    /// Content of a key file that could not be used, so that it is logged once.
    broken_file: Option<Vec<u8>>,
}

/// The keys of one client.
#[derive(Debug)]
pub(super) struct ClientKeys {
    client: String,
    source: KeySource,
    outbound: Outbound,
    known: ArcSwapOption<Known>,
    flight: Mutex<Flight>,
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
            flight: Mutex::default(),
            fetched: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        };
        if let KeySource::File(path) = &client.keys {
            let (_, set) = read_file(path)?;
            keys.keep(set, None, TimeDelta::zero(), now);
        }
        Ok(keys)
    }

    /// A set that names `kid` if one can be had, else the set in force.
    ///
    /// # Errors
    ///
    /// [`NoKeys`] when there is no set that may serve.
    pub(super) async fn look_up(&self, kid: &str, now: DateTime<Utc>) -> Result<Arc<KeySet>, NoKeys> {
        let known = self.usable(now);
        if let Some(set) = known.as_ref().filter(|set| set.names(kid)) {
            return Ok(Arc::clone(set));
        }
        let KeySource::Url(url) = &self.source else { return known.ok_or(NoKeys) };
        let mut flight = self.flight.lock().await;
        // Another caller may have fetched while this one waited.
        let known = self.usable(now);
        let names_it = known.as_ref().is_some_and(|set| set.names(kid));
        let just_tried = flight.last.is_some_and(|last| (now - last).abs() < PAUSE);
        if !names_it && !just_tried {
            flight.last = Some(now);
            self.fetch(url, now).await;
        }
        drop(flight);
        self.usable(now).ok_or(NoKeys)
    }

    /// Reads a changed file again, or asks for a set whose time is over.
    pub(super) async fn refresh(&self, now: DateTime<Utc>) {
        let mut flight = self.flight.lock().await;
        match &self.source {
            KeySource::File(path) => self.refresh_file(path.clone(), &mut flight, now).await,
            KeySource::Url(url) => {
                let is_fresh = self.known.load().as_ref().is_some_and(|known| now < known.fresh_until);
                let just_tried = flight.last.is_some_and(|last| (now - last).abs() < PAUSE);
                if !is_fresh && !just_tried {
                    flight.last = Some(now);
                    self.fetch(url, now).await;
                }
            }
        }
    }

    /// Whether a token of this client could be verified now.
    pub(super) fn is_ready(&self, now: DateTime<Utc>) -> bool {
        self.usable(now).is_some()
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
        let serves = matches!(self.source, KeySource::File(_)) || now - known.confirmed < STALE;
        serves.then(|| Arc::clone(&known.set))
    }

    fn keep(&self, set: KeySet, entity_tag: Option<HeaderValue>, fresh: TimeDelta, now: DateTime<Utc>) {
        let known = Known { set: Arc::new(set), confirmed: now, fresh_until: now + fresh, entity_tag };
        self.known.store(Some(Arc::new(known)));
    }

    async fn fetch(&self, url: &Url, now: DateTime<Utc>) {
        let known = self.known.load_full();
        let mut headers = HeaderMap::new();
        headers
            .insert(header::ACCEPT, HeaderValue::from_static("application/json, application/jwk-set+json"));
        if let Some(tag) = known.as_ref().and_then(|known| known.entity_tag.clone()) {
            headers.insert(header::IF_NONE_MATCH, tag);
        }
        let budget = Budget { bytes: LONGEST_SET, time: PATIENCE };
        let failure = match self.outbound.get(url, headers, budget).await {
            Err(error) => error.to_string(),
            Ok(answer) => {
                let tag = answer.headers.get(header::ETAG).cloned();
                let fresh = freshness(&answer.headers);
                match (answer.body, known) {
                    (Some(body), _) => match KeySet::read(&body) {
                        Err(fault) => fault.to_string(),
                        Ok(set) => {
                            self.keep(set, tag, fresh, now);
                            self.fetched.fetch_add(1, Ordering::Relaxed);
                            return;
                        }
                    },
                    (None, Some(known)) => {
                        let tag = tag.or_else(|| known.entity_tag.clone());
                        self.keep(KeySet::clone(&known.set), tag, fresh, now);
                        self.fetched.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    (None, None) => "it answered that nothing changed, though nothing was known".to_owned(),
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
        let reading = tokio::task::spawn_blocking(move || std::fs::read(&path));
        // Gone for a moment, as when it is being replaced: what is known serves.
        let Ok(Ok(bytes)) = reading.await else { return };
        match KeySet::read(&bytes) {
            Ok(set) => {
                flight.broken_file = None;
                self.keep(set, None, TimeDelta::zero(), now);
            }
            Err(fault) if flight.broken_file.as_ref() != Some(&bytes) => {
                tracing::warn!(client = self.client, %fault, "key set file not used; the last one serves");
                flight.broken_file = Some(bytes);
            }
            Err(_) => {}
        }
    }
}

fn read_file(path: &Path) -> Result<(Vec<u8>, KeySet), String> {
    let told = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let bytes = std::fs::read(path).map_err(|error| told(&error))?;
    let set = KeySet::read(&bytes).map_err(|fault| told(&fault))?;
    Ok((bytes, set))
}

/// How long an answer stays fresh, by its `Cache-Control: max-age` within bounds.
fn freshness(headers: &HeaderMap) -> TimeDelta {
    let (shortest, longest, default) = FRESH;
    let directives = headers.get(header::CACHE_CONTROL).and_then(|it| it.to_str().ok()).unwrap_or_default();
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
            ("max-age=99999999", 86_400),
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
