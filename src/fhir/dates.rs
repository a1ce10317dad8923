//! FHIR dates and times, as [`When`].
//!
//! A date without a time is a day in the facility's time zone; a month or a year keeps its precision. Forms that
//! FHIR forbids but that can only mean one thing (no seconds, no offset) are read and reported. Deliberately absent:
//! the clock.

use chrono::{DateTime, Days, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use engine::domain::{Precision, When};

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
        4 => stretch(date(&[text.as_bytes(), b"-01-01"].concat())?, Precision::Year, zone),
        7 => stretch(date(&[text.as_bytes(), b"-01"].concat())?, Precision::Month, zone),
        10 => stretch(date(text.as_bytes())?, Precision::Day, zone),
        _ => time(text, zone),
    }
}

/// `YYYY-MM-DD`, of years from 1.
fn date(text: &[u8]) -> Option<NaiveDate> {
    let [y @ .., b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let (year, month, day) = (digits(y)?, digits(&[*m1, *m2])?, digits(&[*d1, *d2])?);
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).filter(|_| y.len() == 4 && year > 0)
}

/// A number of nothing but digits, at most nine.
fn digits(text: &[u8]) -> Option<u32> {
    let is_number = !text.is_empty() && text.len() <= 9 && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| text.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
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
    if let Some(at) = instant(text.as_bytes()) {
        return Some(Dated { when: When::instant(at), assumed_zone: false });
    }
    date(text.as_bytes().get(..10)?)?;
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

/// The form that nearly all times have, `2026-05-03T10:20:30.123+02:00` or with `Z`, with or without a fraction. `None`
/// for any other, a leap second included: the library reads those, more slowly.
fn instant(text: &[u8]) -> Option<DateTime<Utc>> {
    let (day, rest) = text.split_at_checked(10)?;
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = rest else { return None };
    let (hour, minute, second) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?, digits(&[*s1, *s2])?);
    let (nanos, zone) = match rest {
        [b'.', rest @ ..] => {
            let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (fraction, zone) = rest.split_at_checked(length)?;
            (digits(fraction)? * 10_u32.pow(9 - u32::try_from(length).ok()?), zone)
        }
        zone => (0, zone),
    };
    let east = match zone {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            let minutes = (hours < 24 && minutes < 60).then_some(i64::from(hours * 60 + minutes))?;
            if *sign == b'+' { minutes } else { -minutes }
        }
        _ => return None,
    };
    let local = date(day)?.and_hms_nano_opt(hour, minute, second, nanos)?;
    local.checked_sub_signed(Duration::minutes(east)).map(|at| at.and_utc())
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
    fn a_time_is_read_as_the_library_reads_it() {
        let mut read_here = 0;
        for day in ["2026-05-03", "0001-01-01", "2024-02-29", "2026-02-30", "9999-12-31", "0000-01-01"] {
            for clock in ["10:20:30", "00:00:00", "23:59:59", "24:00:00", "23:60:00", "23:59:60", "1:2:3"] {
                for fraction in ["", ".5", ".123456789", ".1234567891", "."] {
                    for zone in [
                        "Z", "z", "+02:00", "-05:30", "-00:00", "+23:59", "+24:00", "+14:60", "+0200", "",
                        "Z ",
                    ] {
                        let text = format!("{day}T{clock}{fraction}{zone}");
                        let Some(at) = instant(text.as_bytes()) else { continue };
                        read_here += 1;
                        let expected = DateTime::parse_from_rfc3339(&text).unwrap();
                        assert_eq!(at, expected.to_utc(), "{text}");
                    }
                }
            }
        }
        assert_eq!(read_here, 4 * 3 * 3 * 5);
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
