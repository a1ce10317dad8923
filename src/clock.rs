//! The only reader of the time; everything else is given `now`, so that an answer depends on its inputs alone.

use chrono::{DateTime, Utc};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// From here on the steady clock counts.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Where `now` comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The clock of the machine.
    System,
    /// Always the same moment; for trials.
    Frozen(DateTime<Utc>),
}

impl Clock {
    /// The current moment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
    pub fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Frozen(at) => at,
        }
    }

    /// The moment that callers may take for now: those of a frozen sandbox go by the clock of the machine.
    pub fn for_callers(self) -> DateTime<Utc> {
        self.now().max(Self::System.now())
    }

    /// The current moment by both clocks.
    pub fn moment(self) -> Moment {
        match self {
            Self::System => Moment { wall: self.now(), steady: START.elapsed() },
            Self::Frozen(at) => at.into(),
        }
    }
}

/// One moment by two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The clock that the machine shows; it may be set.
    pub wall: DateTime<Utc>,
    /// A clock that only goes forward and is never set; it counts from some moment of its own.
    pub steady: Duration,
}

impl From<DateTime<Utc>> for Moment {
    /// The moment by a wall clock that was never set: both clocks agree.
    fn from(wall: DateTime<Utc>) -> Self {
        let steady = Duration::from_micros(u64::try_from(wall.timestamp_micros()).unwrap_or_default());
        Self { wall, steady }
    }
}

/// Measures how long something takes, whatever the clock says.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts to measure.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Until when a call must be answered, and whether anybody still waits for the answer.
#[derive(Debug, Clone)]
pub struct Deadline {
    since: Stopwatch,
    within: Duration,
    gone: Arc<AtomicBool>,
}

/// Somebody waits for an answer as long as this lives.
#[derive(Debug)]
pub struct Waiting(Arc<AtomicBool>);

impl Deadline {
    /// So long after the start of a stopwatch.
    pub fn new(since: Stopwatch, within: Duration) -> Self {
        Self { since, within, gone: Arc::default() }
    }

    /// What is left of it.
    pub fn left(&self) -> Duration {
        self.within.saturating_sub(self.since.elapsed())
    }

    /// Whether going on is of no use to anybody.
    pub fn is_over(&self) -> bool {
        self.gone.load(Ordering::Relaxed) || self.left().is_zero()
    }

    /// For whoever waits; when it is dropped, the deadline is over.
    pub fn waiting(&self) -> Waiting {
        Waiting(Arc::clone(&self.gone))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_stands_still_and_the_system_clock_does_not_go_back() {
        let at = DateTime::from_timestamp(0, 0).unwrap();
        assert_eq!(Clock::Frozen(at).now(), at);
        assert!(Clock::System.now() > at);
        let first = Clock::System.now();
        assert!(Clock::System.now() >= first);
        assert_eq!(Clock::Frozen(at).moment(), at.into());
        let first = Clock::System.moment();
        assert!(Clock::System.moment().steady >= first.steady);
    }

    #[test]
    fn a_deadline_is_over_when_its_time_is_up_or_nobody_waits() {
        let over = Deadline::new(Stopwatch::start(), Duration::ZERO);
        assert!(over.is_over());
        let deadline = Deadline::new(Stopwatch::start(), Duration::from_secs(3_600));
        let work = deadline.clone();
        let waiting = deadline.waiting();
        assert!(!work.is_over());
        drop(waiting);
        assert!(work.is_over());
    }
}
