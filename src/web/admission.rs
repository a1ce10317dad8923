//! How many calls are under way, and which are turned away when there are too many.
//!
//! A worker does its computing on its own thread, so a call that waits for its turn is not seen as such by the server
//! below. Each call therefore lets the others go first once, and the time until its turn is the length of the queue. A
//! short burst is served late, because a call that is turned away is a card that is missing; only when calls have been
//! late for [`STANDING`] without a pause, and nobody was ever free in between, are those turned away that find some before
//! them: then what is answered is answered fast. No lock, no queue of its own. Absent on purpose: rates of single clients.

use crate::clock::Stopwatch;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

/// A call that waited longer for its turn is late.
const SHORT: Duration = Duration::from_millis(5);
/// How long calls may be late before some are turned away.
const STANDING: Duration = Duration::from_millis(250);
/// After so long without a late call, or one turned away, all is well again.
const PAUSE: Duration = Duration::from_millis(50);
/// So it is when nobody waited for so long: between the turns of a queue there is no such gap, between bursts there is.
const IDLE: Duration = Duration::from_millis(5);
/// So many calls may wait for each core even then: they are no queue worth speaking of, a millisecond or two.
const FEW_A_CORE: usize = 8;

/// Counts calls under way, up to a limit.
#[derive(Debug)]
pub(super) struct Admission {
    limit: usize,
    few: usize,
    under_way: AtomicUsize,
    /// Those of them that have not had their turn.
    waiting: AtomicUsize,
    since_start: Stopwatch,
    /// Since when calls are late without a pause, when one was late or turned away last, and since when nobody waits;
    /// microseconds since the start.
    late_since: AtomicU64,
    last_late: AtomicU64,
    nobody_since: AtomicU64,
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
    had_its_turn: AtomicBool,
}

impl Admission {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            few: FEW_A_CORE * available_parallelism().map_or(1, NonZeroUsize::get),
            under_way: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            since_start: Stopwatch::start(),
            late_since: AtomicU64::new(0),
            last_late: AtomicU64::new(0),
            nobody_since: AtomicU64::new(0),
        }
    }

    /// Lets a call in, or turns it away at once.
    pub(super) fn enter(self: &Arc<Self>) -> Result<Admitted, Shed> {
        self.enter_at(self.now())
    }

    fn enter_at(self: &Arc<Self>, now: u64) -> Result<Admitted, Shed> {
        // Counted before the look, and taken back by the drop when there are too many.
        let under_way = self.under_way.fetch_add(1, Ordering::Relaxed);
        let before_it = self.waiting.fetch_add(1, Ordering::Relaxed);
        let admitted = Admitted {
            admission: Arc::clone(self),
            since: Stopwatch::start(),
            had_its_turn: AtomicBool::new(false),
        };
        if under_way >= self.limit {
            return Err(Shed::Full);
        }
        if before_it == 0 {
            self.was_idle(now);
        } else if before_it >= self.few && self.turns_away(now) {
            return Err(Shed::Queue);
        }
        Ok(admitted)
    }

    /// Calls under way.
    pub(super) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    fn now(&self) -> u64 {
        micros(self.since_start.elapsed())
    }

    /// A call finds nobody before it: if that was so for a while, no queue stands.
    fn was_idle(&self, now: u64) {
        if now.saturating_sub(self.nobody_since.load(Ordering::Relaxed)) >= micros(IDLE) {
            self.late_since.store(now, Ordering::Release);
        }
    }

    /// Takes note of how long a call waited for its turn.
    fn waited(&self, waited: Duration, now: u64) {
        if waited < SHORT {
            return;
        }
        // The beginning is told before the end: whoever sees that a call was late must not take the beginning of an
        // earlier queue for that of this one.
        if now.saturating_sub(self.last_late.load(Ordering::Acquire)) > micros(PAUSE) {
            self.late_since.store(now, Ordering::Release);
        }
        self.last_late.fetch_max(now, Ordering::AcqRel);
    }

    /// Whether a call that finds some before it is turned away; each that is goes on to hold the queue for standing.
    fn turns_away(&self, now: u64) -> bool {
        let late_now = now.saturating_sub(self.last_late.load(Ordering::Acquire)) <= micros(PAUSE);
        let late_for = now.saturating_sub(self.late_since.load(Ordering::Acquire));
        let stands = late_now && late_for >= micros(STANDING);
        if stands {
            self.last_late.fetch_max(now, Ordering::AcqRel);
        }
        stands
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Admitted {
    /// Lets the calls that came before compute first; gives how long that took.
    pub(super) async fn turn(&self) -> Duration {
        // A task of its own, because it ends only after all that is ready by now: the server below asks a call that merely
        // yields once more at once. Its end says nothing.
        drop(actix_web::rt::spawn(async {}).await);
        self.end_waiting();
        let waited = self.since.elapsed();
        self.admission.waited(waited, self.admission.now());
        waited
    }

    fn end_waiting(&self) {
        if !self.had_its_turn.swap(true, Ordering::Relaxed)
            && self.admission.waiting.fetch_sub(1, Ordering::Relaxed) == 1
        {
            self.admission.nobody_since.store(self.admission.now(), Ordering::Relaxed);
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.end_waiting();
        self.admission.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> u64 {
        milliseconds * 1_000
    }

    fn late(admission: &Admission, at: u64) {
        admission.waited(Duration::from_millis(20), at);
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
        assert_eq!(admission.waiting.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_burst_is_served_and_a_standing_queue_is_cut_short() {
        let admission = Admission::new(1_000);
        // A burst: late calls for less than a quarter of a second.
        for at in (1_000..1_240).step_by(10) {
            late(&admission, ms(at));
            assert!(!admission.turns_away(ms(at)), "{at}");
        }
        // It has stood too long by now.
        late(&admission, ms(1_250));
        assert!(admission.turns_away(ms(1_251)));
        // It stands as long as some have to be turned away, although nobody who is let in is late.
        for at in (1_260..3_000).step_by(40) {
            assert!(admission.turns_away(ms(at)), "{at}");
        }
        // And no longer.
        assert!(!admission.turns_away(ms(3_060)));
        late(&admission, ms(3_070));
        assert!(!admission.turns_away(ms(3_080)));
    }

    #[test]
    fn late_calls_with_pauses_are_no_queue() {
        let admission = Admission::new(1_000);
        for at in (0..36_000).step_by(60) {
            late(&admission, ms(at));
            assert!(!admission.turns_away(ms(at + 1)), "{at}");
        }
        // Short waits are not late, however many.
        for at in 40_000..41_000 {
            admission.waited(Duration::from_millis(4), ms(at));
            assert!(!admission.turns_away(ms(at)), "{at}");
        }
    }

    #[test]
    fn bursts_with_nobody_in_between_are_no_queue_also_after_one() {
        let admission = Arc::new(Admission::new(1_000));
        // A queue that stands: somebody waits all the time.
        let somebody = admission.enter_at(ms(900)).unwrap();
        (1_000..1_300).step_by(10).for_each(|at| late(&admission, ms(at)));
        assert!(admission.turns_away(ms(1_300)));
        drop(somebody);
        // Bursts with late calls every 40 milliseconds, and nobody in between.
        for burst in (1_310..5_000).step_by(40) {
            admission.nobody_since.store(ms(burst - 30), Ordering::Relaxed);
            let calls: Vec<_> = (0..admission.few * 2).map(|_| admission.enter_at(ms(burst))).collect();
            assert!(calls.iter().all(Result::is_ok), "{burst}");
            late(&admission, ms(burst + 9));
        }
    }

    #[actix_web::test]
    async fn in_a_standing_queue_a_few_are_let_in() {
        let admission = Arc::new(Admission::new(1_000));
        (1_000..1_300).step_by(10).for_each(|at| late(&admission, ms(at)));
        admission.nobody_since.store(ms(1_299), Ordering::Relaxed);
        let enter = || admission.enter_at(ms(1_300));
        let waiting: Vec<_> = (0..admission.few).map(|_| enter().unwrap()).collect();
        assert_eq!(enter().unwrap_err(), Shed::Queue);
        for call in &waiting {
            call.turn().await;
        }
        assert!(enter().is_ok(), "nobody waits any more");
        drop(waiting);
        assert_eq!(admission.under_way(), 0);
    }
}
