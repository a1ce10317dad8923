//! Steps of the wall clock, and how long ids are kept because of them (SEC-15).
//!
//! The expiry of a token is told by the wall clock, which may be wrong and be put right. Had ids gone by it alone, a clock
//! that was an hour ahead would have forgotten ids whose tokens live on. So they are forgotten by the *slowest*
//! reckoning: the steady clock, put at the lowest reading that the wall clock had beside it in the last hour. Absent on
//! purpose: whether a token holds now; that is asked of the wall clock, whatever it shows.

use super::token::{LEEWAY, LONGEST_LIFE, seconds};
use crate::clock::Moment;
use std::sync::{Mutex, PoisonError};

/// The wall clock has been set when it moved by so many seconds more or less than the steady clock.
const STEP: f64 = 2.0;
/// No token lives longer than this, by whichever clock; a reading from before it binds nobody.
const PERIOD: f64 = LONGEST_LIFE + 2.0 * LEEWAY;
/// How long a step that tokens would not forgive leaves open whether callers are let in, in seconds.
const DOUBT: f64 = 300.0;

/// How often the wall clock was set since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClockSteps {
    /// Ahead.
    pub forward: u64,
    /// Back.
    pub back: u64,
}

/// What the memory of ids must know of a moment; in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reckoning {
    /// The earliest time that it may be.
    pub(super) slowest: f64,
    /// What the wall clock showed when it was last set back.
    pub(super) set_back: Option<f64>,
}

impl Reckoning {
    /// Whether the clock was set back after a token was issued at `iat`. Tokens are issued in whole seconds.
    pub(super) fn was_set_back_after(self, iat: f64) -> bool {
        self.set_back.is_some_and(|at| iat < at.floor())
    }
}

/// Watches the wall clock.
#[derive(Debug, Default)]
pub(super) struct Steps(Mutex<Option<Watched>>);

/// An *offset* is what the wall clock showed above the steady one.
#[derive(Debug)]
struct Watched {
    last: f64,
    /// When this period began, by the steady clock, its lowest offset, and that of the period before.
    since: f64,
    lowest: f64,
    lowest_before: f64,
    set_back: Option<f64>,
    /// Until when it is open whether callers are let in, by the steady clock.
    doubt_until: Option<f64>,
    counted: ClockSteps,
}

impl Steps {
    /// Takes note of a moment; a step is counted and logged.
    pub(super) fn observe(&self, moment: Moment) -> Reckoning {
        let (wall, steady) = (seconds(moment.wall), moment.steady.as_secs_f64());
        let offset = wall - steady;
        // Whoever panicked with the lock left whole numbers.
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let watched = watched.get_or_insert_with(|| Watched::from(offset, steady));
        if steady - watched.since >= PERIOD {
            watched.lowest_before = watched.lowest;
            (watched.since, watched.lowest) = (steady, offset);
        }
        watched.lowest = watched.lowest.min(offset);
        let step = offset - watched.last;
        watched.last = offset;
        if step.abs() > STEP {
            if step > 0.0 {
                watched.counted.forward += 1;
            } else {
                watched.counted.back += 1;
                watched.set_back = Some(wall);
            }
            if step.abs() > LEEWAY {
                watched.doubt_until = Some(steady + DOUBT);
            }
            let step_seconds = step.round();
            tracing::warn!(
                step_seconds,
                "the clock of this machine was set; tokens are judged by the new time"
            );
        }
        Reckoning { slowest: steady + watched.lowest.min(watched.lowest_before), set_back: watched.set_back }
    }

    /// A token was taken: the clocks of both sides agree.
    pub(super) fn taken(&self) {
        if let Some(watched) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            watched.doubt_until = None;
        }
    }

    /// Whether the clock was set by more than tokens forgive, and no token has been taken since; for some minutes.
    pub(super) fn in_doubt(&self, moment: Moment) -> bool {
        self.observe(moment);
        let watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = watched.as_ref().and_then(|watched| watched.doubt_until);
        until.is_some_and(|until| moment.steady.as_secs_f64() < until)
    }

    /// How often the clock was set.
    pub(super) fn counted(&self) -> ClockSteps {
        let watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.as_ref().map(|watched| watched.counted).unwrap_or_default()
    }
}

impl Watched {
    fn from(offset: f64, steady: f64) -> Self {
        Self {
            last: offset,
            since: steady,
            lowest: offset,
            lowest_before: offset,
            set_back: None,
            doubt_until: None,
            counted: ClockSteps::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use std::time::Duration;

    const WALL: i64 = 1_790_000_000;

    /// So many seconds after the start, with the wall clock so much ahead.
    fn moment(after: u64, ahead: i64) -> Moment {
        let wall = WALL + i64::try_from(after).unwrap() + ahead;
        Moment { wall: DateTime::from_timestamp(wall, 0).unwrap(), steady: Duration::from_secs(after) }
    }

    /// The slowest reckoning, in seconds after the start by a clock that was never set.
    #[track_caller]
    fn assert_slowest(steps: &Steps, (after, ahead): (u64, i64), expected: i64) {
        let slowest = steps.observe(moment(after, ahead)).slowest;
        assert_eq!(slowest.to_string(), (WALL + expected).to_string(), "after {after} s, {ahead} s ahead");
    }

    #[test]
    fn a_step_forward_forgets_nothing_for_as_long_as_a_token_lives() {
        let steps = Steps::default();
        assert_slowest(&steps, (0, 0), 0);
        for after in (60..3_660).step_by(60) {
            assert_slowest(&steps, (after, 3_600), i64::try_from(after).unwrap());
        }
        // The step back to the right time makes no difference to what is kept.
        assert_slowest(&steps, (3_700, 0), 3_700);
        assert_eq!(steps.counted(), ClockSteps { forward: 1, back: 1 });
        // A clock that stays ahead is believed in the end.
        for after in (3_760..12_000).step_by(60) {
            steps.observe(moment(after, 7_200));
        }
        assert_slowest(&steps, (12_000, 7_200), 19_200);
    }

    #[test]
    fn a_step_back_holds_at_once_and_is_remembered() {
        let steps = Steps::default();
        steps.observe(moment(0, 3_600));
        let reckoning = steps.observe(moment(10, 0));
        assert_slowest(&steps, (10, 0), 10);
        let set_back = 1_790_000_010.0;
        assert!(reckoning.was_set_back_after(set_back - 1.0));
        assert!(!reckoning.was_set_back_after(set_back));
    }

    #[test]
    fn slewing_is_no_step() {
        let steps = Steps::default();
        for after in 0..100 {
            steps.observe(moment(after, i64::try_from(after).unwrap()));
        }
        assert_eq!(steps.counted(), ClockSteps::default());
    }

    #[test]
    fn a_great_step_is_in_doubt_until_a_token_is_taken_or_for_some_minutes() {
        let steps = Steps::default();
        assert!(!steps.in_doubt(moment(0, 0)));
        assert!(!steps.in_doubt(moment(5, 30)), "tokens forgive it");
        assert!(steps.in_doubt(moment(10, 600)));
        steps.taken();
        assert!(!steps.in_doubt(moment(11, 600)));
        assert!(steps.in_doubt(moment(20, 0)));
        assert!(steps.in_doubt(moment(319, 0)));
        assert!(!steps.in_doubt(moment(320, 0)));
    }
}
