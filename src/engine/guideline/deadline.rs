//! When a window that started at a recorded time ends (guideline.md section 3.2, "Clock").

use crate::domain::When;
use chrono::{DateTime, Duration, Utc};

/// A running or passed window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// Its end: start + window; for a date-only start, once that has passed, day end + window.
    pub at: DateTime<Utc>,
    /// Whether the end has passed, for a date-only start reckoned from the day's end.
    pub overdue: bool,
}

/// The deadline of a window that starts at `start`.
pub(super) fn deadline(start: When, window: Duration, now: DateTime<Utc>) -> Deadline {
    let first = start.earliest() + window;
    let last = start.latest() + window;
    Deadline { at: if now <= first { first } else { last }, overdue: now > last }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Precision;
    use chrono::TimeZone;

    fn at(day: u32, hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 5, day, hour, 0, 0).unwrap()
    }

    #[test]
    fn a_date_only_start_has_a_second_deadline_at_day_end_plus_window() {
        let day = When::stretch(at(3, 0), at(4, 0), Precision::Day);
        let window = Duration::hours(24);
        assert_eq!(deadline(day, window, at(3, 20)), Deadline { at: at(4, 0), overdue: false });
        assert_eq!(deadline(day, window, at(4, 0)), Deadline { at: at(4, 0), overdue: false });
        assert_eq!(deadline(day, window, at(4, 1)), Deadline { at: at(5, 0), overdue: false });
        assert_eq!(deadline(day, window, at(5, 0)), Deadline { at: at(5, 0), overdue: false });
        assert_eq!(deadline(day, window, at(5, 1)), Deadline { at: at(5, 0), overdue: true });
        let instant = When::instant(at(3, 10));
        assert_eq!(deadline(instant, window, at(4, 10)), Deadline { at: at(4, 10), overdue: false });
        assert!(deadline(instant, window, at(4, 11)).overdue);
    }
}
