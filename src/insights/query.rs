//! What a report is asked for. Parameters that are not known are ignored.

use crate::cds_hooks::Fault;
use crate::services::card_id::version_number;
use chrono::{Days, NaiveDate};

/// Length of the period when none is asked for, in days.
const USUAL_DAYS: u64 = 90;

/// Longest period, in days: ten years.
const LONGEST_PERIOD_DAYS: i64 = 3653;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// First day, in UTC.
    pub from: NaiveDate,
    /// Last day, in UTC; not before the first.
    pub to: NaiveDate,
    /// Only this version of the decisions, as `2026.1`.
    pub version: Option<String>,
    /// Only this client, by its name in the configuration.
    pub client: Option<String>,
    /// How the answer is written.
    pub format: Format,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// HTML, for people.
    Page,
    /// JSON.
    Json,
    /// CSV, month by month.
    Csv,
}

pub(super) fn read(query: &str, today: NaiveDate) -> Result<Query, Fault> {
    const FROM: &str = "Send days as from=2026-01-01&to=2026-03-31, at most ten years apart.";
    let parameter = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, value)| key == name && !value.trim().is_empty()).map(|(_, value)| value)
    };
    let day = |name: &'static str| match parameter(name) {
        None => Ok(None),
        Some(text) => NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
            .map(Some)
            .map_err(|_| Fault::new(name, "is not a day", FROM)),
    };
    let (from, to) = (day("from")?, day("to")?);
    let to = to.unwrap_or(today);
    let from = from.or(to.checked_sub_days(Days::new(USUAL_DAYS - 1))).unwrap_or(to);
    if !(0..LONGEST_PERIOD_DAYS).contains(&to.signed_duration_since(from).num_days()) {
        return Err(Fault::new("from", "is after `to`, or too long before it", FROM));
    }
    let version = parameter("version").map(|text| text.trim().to_owned());
    if version.as_deref().is_some_and(|version| version_number(version).is_none()) {
        return Err(Fault::new("version", "is not a guideline version", "Send it as version=2026.1."));
    }
    let client = parameter("client").map(|text| text.trim().to_owned());
    let is_name = |name: &str| {
        name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if client.as_deref().is_some_and(|client| !is_name(client)) {
        const SEND: &str = "Send the name of the configuration, as client=general-hospital.";
        return Err(Fault::new("client", "is not the name of a client", SEND));
    }
    let format = match parameter("format").as_deref().map(str::trim) {
        None | Some("html") => Format::Page,
        Some("json") => Format::Json,
        Some("csv") => Format::Csv,
        Some(_) => return Err(Fault::new("format", "is not known", "Send html, json or csv.")),
    };
    Ok(Query { from, to, version, client, format })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn asked(query: &str) -> Result<Query, Fault> {
        read(query, day("2026-05-05"))
    }

    #[test]
    fn without_parameters_it_is_the_last_90_days() {
        let (from, to) = (day("2026-02-05"), day("2026-05-05"));
        let usual = Query { from, to, version: None, client: None, format: Format::Page };
        assert_eq!(asked("").unwrap(), usual);
        assert_eq!(asked("from=&to=+&version=&x=y").unwrap(), usual);
    }

    #[test]
    fn parameters_are_taken() {
        let query = asked("from=2026-01-01&to=2026-01-01&version=2026.1&client=north&format=csv").unwrap();
        let day = day("2026-01-01");
        let version = Some("2026.1".to_owned());
        let client = Some("north".to_owned());
        assert_eq!(query, Query { from: day, to: day, version, client, format: Format::Csv });
        assert_eq!(asked("from=2026-05-01").unwrap().to, "2026-05-05".parse::<NaiveDate>().unwrap());
    }

    #[test]
    fn what_cannot_be_used_is_named_and_not_quoted() {
        for (query, member) in [
            ("from=secret", "from"),
            ("to=2026-02-30", "to"),
            ("from=2026-05-06", "from"),
            ("from=0001-01-01", "from"),
            ("version=secret", "version"),
            ("client=secret%20name", "client"),
            ("format=secret", "format"),
        ] {
            let fault = asked(query).unwrap_err();
            assert_eq!(fault.member, member);
            assert!(!fault.to_string().contains("secret"));
        }
    }
}
