//! Moves every date of a case to another clock.
//!
//! Works on the text of the request and not on a parsed tree, so that a hostile body keeps its oddities byte for byte
//! and a truncated one can be moved too. An instant moves by the exact difference of the clocks; a date without a time
//! by the difference of the calendar days, because a day has no time that could be moved. `birthDate` stays.
//!
//! Two clocks at the same time of day keep every relation between days and `now`. Otherwise a day lies differently to
//! `now` than the author meant, a month or year nearly always does, and [`Shifted::exact`] says so. What is long past
//! does not count there: no window of the guideline reaches it.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, SecondsFormat, Utc};

/// Beyond this age the day itself no longer matters, in days: twice the longest window (look-backs and treatment, 90).
const LONG_PAST: u64 = 180;

/// From one clock to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    from: NaiveDate,
    exact: Duration,
    days: i64,
}

/// A moved text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shifted {
    /// The text with its dates moved.
    pub body: Vec<u8>,
    /// Whether every date keeps its relation to the clock.
    pub exact: bool,
}

impl Shift {
    /// From the clock of the case to the clock of the service. Calendar days are counted in UTC.
    pub fn between(case: DateTime<Utc>, service: DateTime<Utc>) -> Self {
        let days = (service.date_naive() - case.date_naive()).num_days();
        Self { from: case.date_naive(), exact: service - case, days }
    }

    /// Whether nothing moves.
    pub fn is_none(self) -> bool {
        self.exact.is_zero()
    }

    /// Moves an instant; `None` beyond the calendar.
    pub fn instant(self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        at.checked_add_signed(self.exact)
    }

    /// Whether the two clocks show the same time of day.
    fn keeps_time_of_day(self) -> bool {
        self.exact == Duration::days(self.days)
    }

    /// Moves every JSON string value of `body` that is wholly a FHIR date, dateTime or instant.
    pub fn text(self, body: &[u8]) -> Shifted {
        let mut moved = Shifted { body: Vec::with_capacity(body.len()), exact: true };
        if self.is_none() {
            moved.body.extend_from_slice(body);
            return moved;
        }
        let mut rest = body;
        let mut key: &[u8] = b"";
        while let Some((before, string, after)) = next_string(rest) {
            moved.body.extend_from_slice(before);
            let is_key = after.trim_ascii_start().starts_with(b":");
            let replaced = if is_key || key == b"birthDate" { None } else { self.value(key, string) };
            moved.body.push(b'"');
            match replaced {
                Some((value, exact)) => {
                    moved.body.extend_from_slice(value.as_bytes());
                    moved.exact &= exact;
                }
                None => moved.body.extend_from_slice(string),
            }
            moved.body.push(b'"');
            if is_key {
                key = string;
            }
            rest = after;
        }
        moved.body.extend_from_slice(rest);
        moved
    }

    /// A moved date of a member; `None` when the text is no date.
    pub fn date(self, member: &str, text: &str) -> Option<String> {
        self.value(member.as_bytes(), text.as_bytes()).map(|(moved, _)| moved)
    }

    /// A moved date and whether it keeps its relation to the clock; `None` when the string is no date.
    fn value(self, key: &[u8], string: &[u8]) -> Option<(String, bool)> {
        let text = std::str::from_utf8(string).ok()?;
        match text.len() {
            4 if names_a_date(key) => {
                // The middle of the year moves, so that twelve months make one year, leap or not.
                let year = NaiveDate::from_ymd_opt(text.parse().ok()?, 7, 1)?;
                Some((format!("{:04}", self.day(year)?.year()), self.is_long_past(year)))
            }
            7 => {
                let month = NaiveDate::parse_from_str(&format!("{text}-15"), "%Y-%m-%d").ok()?;
                Some((self.day(month)?.format("%Y-%m").to_string(), self.is_long_past(month)))
            }
            10 => {
                let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
                let exact = self.keeps_time_of_day() || self.is_long_past(day);
                Some((self.day(day)?.format("%Y-%m-%d").to_string(), exact))
            }
            20.. => {
                let at = DateTime::parse_from_rfc3339(text).ok()?.checked_add_signed(self.exact)?;
                Some((at.to_rfc3339_opts(SecondsFormat::AutoSi, true), true))
            }
            _ => None,
        }
    }

    fn is_long_past(self, day: NaiveDate) -> bool {
        self.from.checked_sub_days(Days::new(LONG_PAST)).is_some_and(|limit| day < limit)
    }

    fn day(self, day: NaiveDate) -> Option<NaiveDate> {
        let by = Days::new(self.days.unsigned_abs());
        if self.days < 0 { day.checked_sub_days(by) } else { day.checked_add_days(by) }
    }
}

/// A year alone looks like many codes: it counts as a date only under a name that says so.
fn names_a_date(key: &[u8]) -> bool {
    [b"Date".as_slice(), b"DateTime", b"start", b"end", b"authoredOn"].iter().any(|tail| key.ends_with(tail))
}

/// Splits at the next JSON string: what stands before it, its text without quotes, what follows it.
fn next_string(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let open = text.iter().position(|b| *b == b'"')?;
    let (before, from_quote) = text.split_at_checked(open)?;
    let inside = from_quote.get(1..)?;
    let mut escaped = false;
    let close = inside.iter().position(|b| {
        let ends = *b == b'"' && !escaped;
        escaped = *b == b'\\' && !escaped;
        ends
    })?;
    Some((before, inside.get(..close)?, inside.get(close + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn moved(service: &str, body: &str) -> (String, bool) {
        let shifted = Shift::between(at("2026-05-04T10:00:00Z"), at(service)).text(body.as_bytes());
        (String::from_utf8(shifted.body).unwrap(), shifted.exact)
    }

    #[test]
    fn instants_move_exactly_and_days_by_the_calendar() {
        let body = r#"{"issued": "2026-05-03T23:30:00+02:00", "recordedDate": "2026-05-01", "birthDate": "1960-01-02"}"#;
        let (text, exact) = moved("2026-05-06T11:15:00Z", body);
        assert_eq!(
            text,
            r#"{"issued": "2026-05-06T00:45:00+02:00", "recordedDate": "2026-05-03", "birthDate": "1960-01-02"}"#
        );
        assert!(!exact, "a day does not keep its place to another time of day");
        assert!(moved("2026-05-06T10:00:00Z", body).1);
    }

    #[test]
    fn only_instants_are_exact_at_any_time_of_day() {
        assert!(moved("2027-01-01T03:04:05Z", r#"["2026-05-03T23:30:00.500Z"]"#).1);
        assert!(!moved("2027-01-01T10:00:00Z", r#"{"onsetDateTime": "2026-03"}"#).1);
        assert!(moved("2027-01-01T10:00:00Z", r#"{"onsetDateTime": "2025-05"}"#).1, "long past");
        assert!(moved("2027-01-01T03:00:00Z", r#"{"onsetDateTime": "2025-05-20"}"#).1, "long past");
    }

    #[test]
    fn what_is_no_date_stays_byte_for_byte() {
        for body in [
            r#"{"code": "2026", "text": "on 2026-05-01", "x\"2026-05-01\"": 1, "id": "2026-13-40"}"#,
            r#"{"a": "unterminated 2026-05-01"#,
            "not json at all \u{e9}",
            r#"{"2026-05-01": {"birthDate": "2025-05-01"}}"#,
        ] {
            assert_eq!(moved("2026-06-04T10:00:00Z", body).0, body);
        }
    }

    #[test]
    fn a_truncated_body_is_moved_as_far_as_it_goes() {
        let (text, _) = moved("2026-05-05T10:00:00Z", r#"{"onsetDateTime":"2026-05-01","code":{"te"#);
        assert_eq!(text, r#"{"onsetDateTime":"2026-05-02","code":{"te"#);
    }

    #[test]
    fn a_year_moves_only_where_the_name_says_date() {
        let (text, exact) = moved("2027-05-04T10:00:00Z", r#"{"onsetDateTime": "2020", "code": "2020"}"#);
        assert_eq!(text, r#"{"onsetDateTime": "2021", "code": "2020"}"#);
        assert!(exact);
        assert!(!moved("2027-05-04T10:00:00Z", r#"{"onsetDateTime": "2026"}"#).1, "the year of the clock");
    }
}
