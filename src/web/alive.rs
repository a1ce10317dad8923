//! Whether the workers turn: each says so once a second, and the service manager is told while all do (systemd, `Type=notify`
//! and `WatchdogSec`). Without a service manager nothing is told.

use crate::clock::Stopwatch;
use actix_web::rt;
use sd_notify::NotifyState;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// How often a worker says that it turns.
const BEAT: Duration = Duration::from_secs(1);
/// A worker that has not said so for so many milliseconds stands still: no call is worked on that long without a pause.
const STANDS_STILL: u64 = 20_000;

/// When each worker last said that it turns.
#[derive(Debug, Clone)]
pub(super) struct Alive {
    since: Stopwatch,
    /// Milliseconds since then; gone with its worker.
    workers: Arc<Mutex<Vec<Weak<AtomicU64>>>>,
}

impl Alive {
    /// No worker yet.
    pub(super) fn new() -> Self {
        Self { since: Stopwatch::start(), workers: Arc::default() }
    }

    /// Has the worker that calls this say that it turns, for as long as it does.
    pub(super) fn watch_this_worker(&self) {
        let (since, last) = (self.since, Arc::new(AtomicU64::new(self.now())));
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&last));
        rt::spawn(async move {
            loop {
                last.store(millis(since), Ordering::Relaxed);
                rt::time::sleep(BEAT).await;
            }
        });
    }

    fn now(&self) -> u64 {
        millis(self.since)
    }

    /// Whether every worker has said so lately, so many milliseconds after the start.
    fn all_turn(&self, now: u64) -> bool {
        let oldest = now.saturating_sub(STANDS_STILL);
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        workers.retain(|worker| worker.strong_count() > 0);
        let turns =
            |worker: &Weak<AtomicU64>| worker.upgrade().is_none_or(|it| it.load(Ordering::Relaxed) >= oldest);
        workers.iter().all(turns)
    }

    /// Tells the service manager that the service is ready, and, where it asks, that it lives; never ends.
    pub(super) async fn tell(self) {
        // Where nobody listens there is nobody to tell.
        let _ = sd_notify::notify(&[NotifyState::Ready]);
        let Some(patience) = sd_notify::watchdog_enabled() else { return };
        loop {
            if self.all_turn(self.now()) {
                let _ = sd_notify::notify(&[NotifyState::Watchdog]);
            }
            rt::time::sleep(patience / 3).await;
        }
    }
}

fn millis(since: Stopwatch) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_worker_that_stands_still_is_noticed_and_one_that_is_gone_is_not_waited_for() {
        let alive = Alive::new();
        alive.watch_this_worker();
        let still = Arc::new(AtomicU64::new(0));
        alive.workers.lock().unwrap().push(Arc::downgrade(&still));
        assert!(alive.all_turn(STANDS_STILL), "it may be busy for a while");
        assert!(!alive.all_turn(STANDS_STILL + 60_000));
        still.store(60_000, Ordering::Relaxed);
        assert!(!alive.all_turn(STANDS_STILL + 60_000), "the other one stands still now");
        drop(still);
        assert!(alive.all_turn(STANDS_STILL));
        assert_eq!(alive.workers.lock().unwrap().len(), 1);
    }
}
