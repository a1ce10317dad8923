//! The only reader of the time; everything else is given `now`, so that an answer depends on its inputs alone.

use chrono::{DateTime, Utc};
use std::time::{Duration, Instant};

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
    }
}
