//! From counts to lines: sums over periods, and the acceptance with its interval.

use super::{NO_REASON, Query};
use crate::store::{Count, Fate};
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// One recommendation in one version and one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// First day, in UTC.
    pub from: NaiveDate,
    /// Last day, in UTC.
    pub to: NaiveDate,
    /// The lead code of the cards; a number where only a newer release knows the code.
    pub recommendation: String,
    /// Version of the decisions.
    pub version: String,
    /// Cards shown: at least those that were answered.
    pub shown: u64,
    /// Cards of which a suggestion was taken.
    pub accepted: u64,
    /// Cards dismissed.
    pub overridden: u64,
    /// The dismissed ones by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, u64>,
    /// Cards without feedback.
    pub not_answered: u64,
    /// Accepted of shown; absent when none was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Interval>,
}

/// A proportion with its 95 % interval, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The proportion.
    #[serde(serialize_with = "rounded")]
    pub rate: f64,
    /// Lower end.
    #[serde(serialize_with = "rounded")]
    pub low: f64,
    /// Upper end.
    #[serde(serialize_with = "rounded")]
    pub high: f64,
}

impl Interval {
    /// Wilson's score interval: sound for few cards and for rates near 0 and 1. `None` when `of` is 0.
    #[expect(clippy::cast_precision_loss, reason = "counts of cards are far below 2^52")]
    pub(super) fn wilson(hits: u64, of: u64) -> Option<Self> {
        if of == 0 {
            return None;
        }
        let (n, rate) = (of as f64, hits as f64 / of as f64);
        let shrink = 1.0 + Z * Z / n;
        let middle = (rate + Z * Z / (2.0 * n)) / shrink;
        let half = Z * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt() / shrink;
        Some(Self { rate, low: (middle - half).clamp(0.0, rate), high: (middle + half).clamp(rate, 1.0) })
    }
}

/// Four digits: more would only pretend.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn rounded<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64((value * 10_000.0).round() / 10_000.0)
}

/// What is summed for one line.
#[derive(Debug, Default)]
struct Tally {
    shown: u64,
    accepted: u64,
    reasons: BTreeMap<String, u64>,
}

/// The first and last day that are summed together.
type Span = (NaiveDate, NaiveDate);

/// The whole period that was asked for.
pub(super) const fn whole(_: NaiveDate, query: &Query) -> Span {
    (query.from, query.to)
}

/// The calendar month of a day, as far as it was asked for.
pub(super) fn month(day: NaiveDate, query: &Query) -> Span {
    let first = day.with_day(1).unwrap_or(day);
    let next = first.checked_add_months(Months::new(1));
    let last = next.and_then(|next| next.checked_sub_days(Days::new(1))).unwrap_or(day);
    (first.max(query.from), last.min(query.to))
}

/// Sums the counts by period, recommendation and version.
pub(super) fn lines(
    counts: &[&Count],
    query: &Query,
    period: impl Fn(NaiveDate, &Query) -> Span,
) -> Vec<Line> {
    let mut tallies: BTreeMap<(Span, u8, &str), Tally> = BTreeMap::new();
    for count in counts {
        let key = (period(count.day, query), count.recommendation, &*count.guideline_version);
        let tally = tallies.entry(key).or_default();
        match &count.fate {
            Fate::Shown => tally.shown += count.cards,
            Fate::Accepted => tally.accepted += count.cards,
            Fate::Overridden(reason) => {
                let reason = reason.as_deref().unwrap_or(NO_REASON).to_owned();
                *tally.reasons.entry(reason).or_default() += count.cards;
            }
        }
    }
    tallies
        .into_iter()
        .map(|(((from, to), number, version), tally)| {
            let overridden: u64 = tally.reasons.values().sum();
            let answered = tally.accepted + overridden;
            let shown = tally.shown.max(answered);
            Line {
                from,
                to,
                recommendation: crate::guideline::Code::numbered(number)
                    .map_or_else(|| format!("number-{number}"), |code| code.as_str().to_owned()),
                version: version.to_owned(),
                shown,
                accepted: tally.accepted,
                overridden,
                reasons: tally.reasons,
                not_answered: shown - answered,
                acceptance: Interval::wilson(tally.accepted, shown),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::Format;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn query() -> Query {
        Query {
            from: day("2026-01-15"),
            to: day("2026-03-10"),
            version: None,
            client: None,
            format: Format::Json,
        }
    }

    fn count(on: &str, recommendation: u8, fate: Fate, cards: u64) -> Count {
        Count { day: day(on), recommendation, guideline_version: "2026.1".to_owned(), fate, cards }
    }

    #[test]
    fn the_interval_is_that_of_wilson() {
        // Checked against the published example of 81 of 263 (Newcombe 1998: 0.2553 to 0.3662).
        let known = Interval::wilson(81, 263).unwrap();
        assert!((known.low - 0.2553).abs() < 5e-5 && (known.high - 0.3662).abs() < 5e-5, "{known:?}");
        // And 0 of 20 (0 to 0.1611).
        let none = Interval::wilson(0, 20).unwrap();
        assert!(none.rate == 0.0 && none.low == 0.0 && (none.high - 0.1611).abs() < 5e-5, "{none:?}");
        let all = Interval::wilson(20, 20).unwrap();
        assert!(all.high == 1.0 && (all.low - 0.8389).abs() < 5e-5, "{all:?}");
        assert_eq!(Interval::wilson(0, 0), None);
    }

    #[test]
    fn counts_become_lines_by_period() {
        let counts = [
            count("2026-01-20", 0, Fate::Shown, 10),
            count("2026-01-20", 0, Fate::Accepted, 4),
            count("2026-02-03", 0, Fate::Shown, 5),
            count("2026-02-03", 0, Fate::Overridden(Some("data-wrong".to_owned())), 2),
            count("2026-02-03", 0, Fate::Overridden(None), 1),
            count("2026-03-10", 1, Fate::Shown, 3),
        ];
        let counts: Vec<&Count> = counts.iter().collect();
        let total = lines(&counts, &query(), whole);
        assert_eq!(total.len(), 2);
        let first = &total[0];
        assert_eq!((first.from, first.to), (day("2026-01-15"), day("2026-03-10")));
        assert_eq!(first.recommendation, "mri-within-12h");
        assert_eq!((first.shown, first.accepted, first.overridden, first.not_answered), (15, 4, 3, 8));
        assert_eq!(first.reasons["data-wrong"], 2);
        assert_eq!(first.reasons[NO_REASON], 1);
        assert!((first.acceptance.unwrap().rate - 4.0 / 15.0).abs() < 1e-9);

        let months = lines(&counts, &query(), month);
        let spans: Vec<_> = months.iter().map(|line| (line.from, line.to, line.shown)).collect();
        assert_eq!(
            spans,
            [
                (day("2026-01-15"), day("2026-01-31"), 10),
                (day("2026-02-01"), day("2026-02-28"), 5),
                (day("2026-03-01"), day("2026-03-10"), 3),
            ]
        );
    }

    #[test]
    fn more_answers_than_shown_cards_mean_that_some_were_not_counted() {
        let counts = [count("2026-02-03", 0, Fate::Accepted, 2), count("2026-02-03", 0, Fate::Shown, 1)];
        let lines = lines(&counts.iter().collect::<Vec<_>>(), &query(), whole);
        assert_eq!((lines[0].shown, lines[0].not_answered), (2, 0));
    }

    #[test]
    fn a_code_of_a_newer_release_keeps_its_number() {
        let counts = [count("2026-02-03", 200, Fate::Shown, 1)];
        let lines = lines(&counts.iter().collect::<Vec<_>>(), &query(), whole);
        assert_eq!(lines[0].recommendation, "number-200");
    }
}
