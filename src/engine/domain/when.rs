//! Times as precise as they were recorded.
//!
//! A record may say an instant, a day, a month or a year. All four are kept as the stretch of time that they
//! allow, so that a comparison can ask for the shortest or the longest reading. Arithmetic is in UTC; a day is
//! a day in the facility's time zone (guideline.md section 3.2, "Clock"), which is settled when the value is read.

use chrono::format::{Fixed, Item, Numeric, Pad};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use chrono_tz::Tz;

// Forms as the library keeps them once it has read a pattern: it would read the pattern again for each date.
const SPACE: Item<'static> = Item::Literal(" ");
const DAY: Item<'static> = Item::Numeric(Numeric::Day, Pad::None);
const MONTH: Item<'static> = Item::Fixed(Fixed::ShortMonthName);
const YEAR: Item<'static> = Item::Numeric(Numeric::Year, Pad::Zero);
const HOUR: Item<'static> = Item::Numeric(Numeric::Hour, Pad::Zero);
const MINUTE: Item<'static> = Item::Numeric(Numeric::Minute, Pad::Zero);
const ZONE: Item<'static> = Item::Fixed(Fixed::TimezoneName);
/// 3 May 2026 14:00 CEST; less of it where less is known.
const MOMENT: [Item<'static>; 11] =
    [DAY, SPACE, MONTH, SPACE, YEAR, SPACE, HOUR, Item::Literal(":"), MINUTE, SPACE, ZONE];

/// A moment for people, with date, time and the name of the zone.
pub fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format_with_items(MOMENT.iter()).to_string()
}

/// How precisely a time was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    /// A year.
    Year,
    /// A month of a year.
    Month,
    /// A day without a time.
    Day,
    /// A date with a time and an offset.
    Instant,
}

/// A recorded time: the stretch from `earliest` (inclusive) to `latest` (exclusive; equal to `earliest` for an instant).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct When {
    earliest: DateTime<Utc>,
    latest: DateTime<Utc>,
    precision: Precision,
}

impl When {
    /// A time known to the second.
    pub const fn instant(at: DateTime<Utc>) -> Self {
        Self { earliest: at, latest: at, precision: Precision::Instant }
    }

    /// A day, month or year: from its start to the start of the next one. The bounds are put in order.
    pub fn stretch(from: DateTime<Utc>, to: DateTime<Utc>, precision: Precision) -> Self {
        Self { earliest: from.min(to), latest: from.max(to), precision }
    }

    /// The earliest moment that the record allows.
    pub const fn earliest(self) -> DateTime<Utc> {
        self.earliest
    }

    /// The end of what the record allows: the moment itself, or the end of the day, month or year.
    pub const fn latest(self) -> DateTime<Utc> {
        self.latest
    }

    /// How precisely it was recorded.
    pub const fn precision(self) -> Precision {
        self.precision
    }

    /// Whether it was recorded with a time of day.
    pub const fn is_instant(self) -> bool {
        matches!(self.precision, Precision::Instant)
    }

    /// The shortest time from this to `now` that the record allows; zero for the future.
    pub fn shortest_age(self, now: DateTime<Utc>) -> Duration {
        (now - self.latest).max(Duration::zero())
    }

    /// Whether this is certainly later than `other`: two times on one day, either without a time of day, are not.
    pub fn is_surely_after(self, other: Self) -> bool {
        if other.is_instant() { self.earliest > other.latest } else { self.earliest >= other.latest }
    }

    /// Whether this is at or after `other`, a day shared with a date-only record counting as after
    /// (guideline.md section 3.2, "Clock").
    pub fn is_at_or_after(self, other: Self) -> bool {
        !other.is_surely_after(self)
    }

    /// The earlier of two times as far as both allow: it begins and ends no later than either.
    #[must_use]
    pub fn or_earlier(self, other: Self) -> Self {
        let (first, second) = if other.earliest < self.earliest { (other, self) } else { (self, other) };
        Self { latest: first.latest.min(second.latest), ..first }
    }

    /// The later of two times as far as both allow: it begins and ends no earlier than either.
    #[must_use]
    pub fn or_later(self, other: Self) -> Self {
        let (first, second) = if other.earliest < self.earliest { (other, self) } else { (self, other) };
        let latest = first.latest.max(second.latest);
        let precision =
            if latest == second.earliest { second.precision } else { first.precision.min(second.precision) };
        Self { earliest: second.earliest, latest, precision }
    }

    /// The form for people: a date, or date and time, in the facility's zone.
    pub fn for_people(self, zone: Tz) -> String {
        let local = self.earliest.with_timezone(&zone);
        match self.precision {
            Precision::Year => local.format("%Y").to_string(),
            Precision::Month => local.format("%B %Y").to_string(),
            Precision::Day => local.format_with_items(MOMENT.iter().take(5)).to_string(),
            Precision::Instant => local.format_with_items(MOMENT.iter().take(9)).to_string(),
        }
    }

    /// The form for programs: a FHIR `dateTime` of the recorded precision, instants in UTC.
    pub fn for_programs(self, zone: Tz) -> String {
        let local = self.earliest.with_timezone(&zone);
        match self.precision {
            Precision::Year => local.format("%Y").to_string(),
            Precision::Month => local.format("%Y-%m").to_string(),
            Precision::Day => local.format("%Y-%m-%d").to_string(),
            Precision::Instant => self.earliest.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(day: u32, hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 5, day, hour, 0, 0).unwrap()
    }

    fn day(d: u32) -> When {
        When::stretch(at(d, 0), at(d + 1, 0), Precision::Day)
    }

    #[test]
    fn a_day_takes_its_shortest_duration() {
        assert_eq!(day(3).shortest_age(at(10, 12)), Duration::hours(6 * 24 + 12));
        assert_eq!(When::instant(at(3, 6)).shortest_age(at(3, 5)), Duration::zero());
    }

    #[test]
    fn a_shared_day_is_not_surely_after_but_counts_as_after() {
        let noon = When::instant(at(3, 12));
        assert!(!noon.is_surely_after(day(3)));
        assert!(noon.is_at_or_after(day(3)));
        assert!(day(3).is_at_or_after(noon));
        assert!(day(4).is_surely_after(day(3)));
        assert!(!day(3).is_at_or_after(day(4)));
        assert!(!noon.is_surely_after(noon));
        assert!(noon.is_at_or_after(noon));
    }

    #[test]
    fn both_forms_keep_the_recorded_precision() {
        let amsterdam: Tz = "Europe/Amsterdam".parse().unwrap();
        assert_eq!(When::instant(at(3, 12)).for_people(amsterdam), "3 May 2026 14:00");
        assert_eq!(When::instant(at(3, 12)).for_programs(amsterdam), "2026-05-03T12:00:00Z");
        assert_eq!(day(3).for_programs(Tz::UTC), "2026-05-03");
        assert_eq!(day(3).for_people(Tz::UTC), "3 May 2026");
        assert_eq!(moment(at(3, 12), amsterdam), "3 May 2026 14:00 CEST");
    }
}
