//! Times in words: a date as people write it, and how far it is from now.

use crate::domain::When;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

/// A FHIR date, dateTime or instant as people write it; anything else as it is.
pub fn for_people(text: &str, zone: Tz) -> String {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return When::instant(at.with_timezone(&Utc)).for_people(zone);
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return day.format("%-d %b %Y").to_string();
    }
    NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d")
        .map_or_else(|_| text.to_owned(), |month| month.format("%B %Y").to_string())
}

/// A moment with its zone.
pub fn with_zone(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%-d %b %Y %H:%M %Z").to_string()
}

/// A day without its year: "20 Apr".
pub fn short(when: When, zone: Tz) -> String {
    when.earliest().with_timezone(&zone).format("%-d %b").to_string()
}

/// How long something is, in its largest unit: "3 days", "22 hours".
pub fn length(duration: Duration) -> String {
    let minutes = duration.abs().num_minutes();
    let (number, unit) = match minutes {
        0..=119 => (minutes, "minute"),
        120..=2_880 => (minutes / 60, "hour"),
        2_881..=86_399 => (minutes / 1_440, "day"),
        86_400..=1_051_199 => (minutes / 43_200, "month"),
        _ => (minutes / 525_600, "year"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_well_and_odd_text_stays() {
        assert_eq!(for_people("2026-05-04T10:00:00+02:00", Tz::UTC), "4 May 2026 08:00");
        assert_eq!(for_people("2026-05-04", Tz::UTC), "4 May 2026");
        assert_eq!(for_people("2026-05", Tz::UTC), "May 2026");
        assert_eq!(for_people("soon", Tz::UTC), "soon");
    }

    #[test]
    fn lengths_take_their_largest_unit() {
        let all = [45, 60 * 22, 60 * 48, 60 * 24 * 3, 60 * 24 * 61, 60 * 24 * 800].map(Duration::minutes);
        assert_eq!(all.map(length), ["45 minutes", "22 hours", "48 hours", "3 days", "2 months", "2 years"]);
    }
}
