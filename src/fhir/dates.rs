//! FHIR dates and times, as [`When`].
//!
//! A date without a time is a day in the facility's time zone; a month or a year keeps its precision. Forms that
//! FHIR forbids but that can only mean one thing (no seconds, no offset) are read and reported. Deliberately absent:
//! the clock.

use crate::domain::{Precision, When};
use chrono::{DateTime, Days, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// A date that could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dated {
    /// What it says.
    pub(super) when: When,
    /// The time had no offset; the facility's zone was taken.
    pub(super) assumed_zone: bool,
}

/// Reads a `date`, `dateTime` or `instant`; `None` for an impossible one.
pub(super) fn read(text: &str, zone: Tz) -> Option<Dated> {
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    match text.len() {
        4 => stretch(date(text, "-01-01")?, Precision::Year, zone),
        7 => stretch(date(text, "-01")?, Precision::Month, zone),
        10 => stretch(date(text, "")?, Precision::Day, zone),
        _ => time(text, zone),
    }
}

fn date(text: &str, rest: &str) -> Option<NaiveDate> {
    let full = format!("{text}{rest}");
    let shape =
        full.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    let date = NaiveDate::parse_from_str(&full, "%Y-%m-%d").ok()?;
    (shape && full.len() == 10 && date >= NaiveDate::from_ymd_opt(1, 1, 1)?).then_some(date)
}

fn stretch(first: NaiveDate, precision: Precision, zone: Tz) -> Option<Dated> {
    let next = match precision {
        Precision::Year => first.checked_add_months(Months::new(12))?,
        Precision::Month => first.checked_add_months(Months::new(1))?,
        Precision::Day | Precision::Instant => first.checked_add_days(Days::new(1))?,
    };
    let when = When::stretch(start_of(first, zone)?, start_of(next, zone)?, precision);
    Some(Dated { when, assumed_zone: false })
}

/// The first moment of a day; an hour or more into it where the clocks go forward at midnight.
fn start_of(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    local(day.and_time(NaiveTime::MIN), zone)
}

/// A wall-clock time; the earlier of two, and the first that exists after a gap.
fn local(naive: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    (0..=4).find_map(|half_hours| {
        let candidate = naive.checked_add_signed(Duration::minutes(30 * half_hours))?;
        zone.from_local_datetime(&candidate).earliest().map(|at| at.to_utc())
    })
}

fn time(text: &str, zone: Tz) -> Option<Dated> {
    date(text.get(..10)?, "")?;
    if text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let known =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z"));
    if let Ok(at) = known {
        return Some(Dated { when: When::instant(at.to_utc()), assumed_zone: false });
    }
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
        .ok()?;
    Some(Dated { when: When::instant(local(naive, zone)?), assumed_zone: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(text: &str, zone: Tz) -> Option<(String, String, bool)> {
        let dated = read(text, zone)?;
        Some((dated.when.earliest().to_rfc3339(), dated.when.latest().to_rfc3339(), dated.assumed_zone))
    }

    #[test]
    fn precision_is_kept_in_the_zone_of_the_facility() {
        let amsterdam: Tz = "Europe/Amsterdam".parse().unwrap();
        for (text, from, to, assumed) in [
            ("2026", "2025-12-31T23:00:00", "2026-12-31T23:00:00", false),
            ("2026-05", "2026-04-30T22:00:00", "2026-05-31T22:00:00", false),
            ("2026-03-29", "2026-03-28T23:00:00", "2026-03-29T22:00:00", false),
            ("2026-05-03T10:20:30.5Z", "2026-05-03T10:20:30.500", "2026-05-03T10:20:30.500", false),
            ("2026-05-03T10:20:30+02:00", "2026-05-03T08:20:30", "2026-05-03T08:20:30", false),
            ("2026-05-03T10:20Z", "2026-05-03T10:20:00", "2026-05-03T10:20:00", false),
            ("2026-05-03T10:20:30", "2026-05-03T08:20:30", "2026-05-03T08:20:30", true),
            ("2026-05-03T10:20", "2026-05-03T08:20:00", "2026-05-03T08:20:00", true),
        ] {
            let expected = (format!("{from}+00:00"), format!("{to}+00:00"), assumed);
            assert_eq!(bounds(text, amsterdam), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_day_that_starts_at_one_o_clock_still_starts() {
        let beirut: Tz = "Asia/Beirut".parse().unwrap();
        assert_eq!(bounds("2022-03-27", beirut).unwrap().0, "2022-03-26T22:00:00+00:00");
    }

    #[test]
    fn impossible_dates_are_none() {
        for text in [
            "",
            "26",
            "2026-13",
            "2026-02-30",
            "2026-5-3",
            "03/05/2026",
            "2026-05-03T",
            "2026-05-03T25:00:00Z",
            "2026-05-03 10:20:30Z",
            "2026-05-03T10:20:30+99:00",
            "0000",
            "+026",
            "12026-05-03",
            "2026-05-0é",
            "9999-12-31T23:59:61Z",
            "yesterday",
            "2026-05-03T10:20:30Z and something else that goes on",
        ] {
            assert_eq!(bounds(text, Tz::UTC), None, "{text}");
        }
        assert!(bounds("9999", Tz::UTC).is_some() && bounds("0001-01-01", Tz::UTC).is_some());
    }
}
