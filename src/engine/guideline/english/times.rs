//! Times as a clinician says them: in the facility's zone, and as near to "today" as they are.

use super::Reader;
use crate::domain::{Precision, When};
use chrono::format::{Fixed, Item, Numeric, Pad};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Timelike, Utc};

// Forms as the library keeps them once it has read a pattern: it would read the pattern again for each date.
const SPACE: Item<'static> = Item::Literal(" ");
const WEEKDAY: Item<'static> = Item::Fixed(Fixed::ShortWeekdayName);
const DAY: Item<'static> = Item::Numeric(Numeric::Day, Pad::None);
const MONTH: Item<'static> = Item::Fixed(Fixed::ShortMonthName);
const YEAR: Item<'static> = Item::Numeric(Numeric::Year, Pad::Zero);
const HOUR: Item<'static> = Item::Numeric(Numeric::Hour, Pad::Zero);
const MINUTE: Item<'static> = Item::Numeric(Numeric::Minute, Pad::Zero);
/// Tue 5 May 20:00
const MOMENT: [Item<'static>; 9] =
    [WEEKDAY, SPACE, DAY, SPACE, MONTH, SPACE, HOUR, Item::Literal(":"), MINUTE];
/// 5 May 2026; less of it where less is known or needed.
const DATE: [Item<'static>; 5] = [DAY, SPACE, MONTH, SPACE, YEAR];

/// A record this old is dated with its year.
const WITHOUT_YEAR: Duration = Duration::days(300);

impl Reader<'_> {
    /// A moment to act by: "today 20:00", else "Tue 5 May 20:00".
    pub(super) fn moment(&self, at: DateTime<Utc>) -> String {
        let (local, now) = (at.with_timezone(&self.zone()), self.now.with_timezone(&self.zone()));
        // "By Tue 5 May 00:00" would be read as the end of that Tuesday.
        if local.num_seconds_from_midnight() == 0
            && let Some(before) = local.date_naive().pred_opt()
        {
            return if before == now.date_naive() {
                "today 24:00".to_owned()
            } else {
                format!("{} 24:00", before.format_with_items(MOMENT.iter().take(5)))
            };
        }
        if local.date_naive() == now.date_naive() {
            return format!("today {}", local.format_with_items(MOMENT.iter().skip(6)));
        }
        local.format_with_items(MOMENT.iter()).to_string()
    }

    /// The day on which a moment is, at the facility.
    pub(super) fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone()).date_naive()
    }

    /// The day that [`moment`](Self::moment) names: midnight ends a day.
    pub(super) fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        self.day(at - Duration::seconds(1))
    }

    /// The same as [`moment`](Self::moment), with the name of the zone.
    pub(super) fn moment_and_zone(&self, at: DateTime<Utc>) -> String {
        format!("{} {}", self.moment(at), at.with_timezone(&self.zone()).format("%Z"))
    }

    /// When something was recorded: with its time where it has one and is near, with its year where it is not.
    pub(super) fn when(&self, when: When) -> String {
        let local = when.earliest().with_timezone(&self.zone());
        let near = (self.now - when.earliest()).abs() < WITHOUT_YEAR;
        let today = local.date_naive() == self.now.with_timezone(&self.zone()).date_naive();
        match when.precision() {
            Precision::Year => local.year().to_string(),
            Precision::Month => local.format("%B %Y").to_string(),
            Precision::Day if today => "today".to_owned(),
            Precision::Instant if today => {
                format!("today {}", local.format_with_items(MOMENT.iter().skip(6)))
            }
            Precision::Instant if near => local.format_with_items(MOMENT.iter().skip(2)).to_string(),
            Precision::Day if near => local.format_with_items(DATE.iter().take(3)).to_string(),
            Precision::Day | Precision::Instant => local.format_with_items(DATE.iter()).to_string(),
        }
    }

    /// The same for a first line, which has no room for a year.
    pub(super) fn near(&self, when: When) -> Option<String> {
        let near = (self.now - when.earliest()).abs() < WITHOUT_YEAR;
        (near && when.precision() >= Precision::Day).then(|| self.when(when))
    }

    /// How long ago a moment was: hours up to two days, then days.
    pub(super) fn since(&self, at: DateTime<Utc>) -> String {
        let ago = self.now - at;
        match (ago.num_hours(), ago.num_days()) {
            (0, _) => format!("{} min", ago.num_minutes().max(1)),
            (hours @ 1..=48, _) => format!("{hours} h"),
            (_, days) => format!("{days} days"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Site;
    use chrono::TimeZone;

    #[test]
    fn a_moment_is_today_or_has_its_weekday_in_the_zone_of_the_facility() {
        let site = Site { time_zone: "Europe/Amsterdam".parse().unwrap(), ..Site::default() };
        let at = |day, hour| Utc.with_ymd_and_hms(2026, 5, day, hour, 0, 0).unwrap();
        let reader = Reader { site: &site, now: at(4, 8) };
        assert_eq!(reader.moment(at(4, 18)), "today 20:00");
        assert_eq!(reader.moment(at(4, 22)), "today 24:00");
        assert_eq!(reader.moment_and_zone(at(5, 18)), "Tue 5 May 20:00 CEST");
        assert_eq!(reader.when(When::instant(at(3, 21))), "3 May 23:00");
        assert_eq!(reader.since(at(3, 6)), "26 h");
        assert_eq!(reader.since(at(1, 8)), "3 days");
        let old =
            When::stretch(at(1, 0) - Duration::days(400), at(2, 0) - Duration::days(400), Precision::Day);
        assert_eq!(reader.when(old), "27 Mar 2025");
        assert_eq!(reader.near(old), None);
    }
}
