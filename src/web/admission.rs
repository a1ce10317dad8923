//! How many calls are under way, and which are turned away when there are too many.
//!
//! A worker does its computing on its own thread, so a call that waits for its turn is not seen as such by the server
//! below. Each call therefore lets the others go first once, and the time until its turn is the length of the queue. A
//! short burst is served late; only when the queue has stood for [`STANDING`] are calls turned away that waited longer
//! than [`SHORT`]: then what is answered is answered fast (the controlled delay of network queues). No lock, no queue of
//! its own. Absent on purpose: rates of single clients.

use crate::clock::Stopwatch;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// A wait that is no queue.
const SHORT: Duration = Duration::from_millis(5);
/// How long a queue may stand before calls are turned away.
const STANDING: Duration = Duration::from_millis(250);
/// So few calls make no queue, however long they waited: then the machine was busy with something else, and turning calls
/// away would not help anybody.
const FEW: usize = 32;

/// Counts calls under way, up to a limit.
#[derive(Debug)]
pub(super) struct Admission {
    limit: usize,
    under_way: AtomicUsize,
    since_start: Stopwatch,
    /// When a call last had its turn at once, in microseconds since the start.
    last_short: AtomicU64,
}

/// Too many calls: this one should come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shed {
    /// As many are under way as may be.
    Full,
    /// The queue has stood too long.
    Queue,
}

impl Shed {
    /// A short name for counts.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Full => "in-flight",
            Self::Queue => "queue",
        }
    }
}

/// A call under way; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    admission: Arc<Admission>,
    since: Stopwatch,
}

impl Admission {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            under_way: AtomicUsize::new(0),
            since_start: Stopwatch::start(),
            last_short: AtomicU64::new(0),
        }
    }

    /// Lets a call in, or turns it away at once.
    pub(super) fn enter(self: &Arc<Self>) -> Result<Admitted, Shed> {
        let admitted = Admitted { admission: Arc::clone(self), since: Stopwatch::start() };
        // Counted before the look, and taken back by the drop when there are too many.
        if self.under_way.fetch_add(1, Ordering::Relaxed) >= self.limit {
            return Err(Shed::Full);
        }
        Ok(admitted)
    }

    /// Calls under way.
    pub(super) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Whether a call that waited this long may go on, `now` after the start, with so many under way.
    fn may_go_on(&self, waited: Duration, now: Duration, under_way: usize) -> bool {
        let now = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        if waited < SHORT || under_way <= FEW {
            self.last_short.store(now, Ordering::Relaxed);
            return true;
        }
        let standing = Duration::from_micros(now.saturating_sub(self.last_short.load(Ordering::Relaxed)));
        standing < STANDING
    }
}

impl Admitted {
    /// Lets the calls that came before compute first.
    pub(super) async fn turn(&self) -> Result<Duration, Shed> {
        tokio::task::yield_now().await;
        let waited = self.since.elapsed();
        let admission = &self.admission;
        let goes_on = admission.may_go_on(waited, admission.since_start.elapsed(), admission.under_way());
        if goes_on { Ok(waited) } else { Err(Shed::Queue) }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.admission.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn no_more_are_let_in_than_the_limit_and_each_leaves_its_place() {
        let admission = Arc::new(Admission::new(2));
        let first = admission.enter().unwrap();
        let second = admission.enter().unwrap();
        assert_eq!(admission.enter().unwrap_err(), Shed::Full);
        assert_eq!(admission.under_way(), 2);
        drop(first);
        let third = admission.enter().unwrap();
        drop((second, third));
        assert_eq!(admission.under_way(), 0);
    }

    #[test]
    fn a_burst_is_served_and_a_standing_queue_is_cut_short() {
        let admission = Admission::new(1_000);
        assert!(admission.may_go_on(ms(0), ms(1_000), 100));
        // A burst: long waits, but the queue was empty a moment ago.
        assert!(admission.may_go_on(ms(60), ms(1_060), 100));
        assert!(admission.may_go_on(ms(99), ms(1_249), 100));
        // It has stood too long by now.
        assert!(!admission.may_go_on(ms(50), ms(1_250), 100));
        // Whoever waited for a short time only is served, and ends the queue.
        assert!(admission.may_go_on(ms(4), ms(1_300), 100));
        assert!(admission.may_go_on(ms(50), ms(1_350), 100));
    }

    #[test]
    fn a_few_calls_after_a_quiet_hour_or_a_stall_are_no_queue() {
        let admission = Admission::new(1_000);
        assert!(admission.may_go_on(ms(0), ms(1_000), 1));
        assert!(admission.may_go_on(ms(400), ms(3_600_000), FEW));
        // And the first burst after it is one.
        assert!(admission.may_go_on(ms(60), ms(3_600_060), 100));
    }
}
