//! What a card is without the patient: for counting cards by row, and for judging them later.
//!
//! An outline holds codes, names of rows and facts, and values in words of this program; ages, times and measured numbers only as
//! coarse steps. Nothing of it is text, an id or a date of a record, so that it may be kept where no patient datum may be.

use crate::domain::When;
use crate::guideline::say::Value;
use crate::guideline::{Advice, Code, FactUsed, GUIDELINE_VERSION, english};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A card without the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its lead recommendation.
    pub lead: Code,
    /// `table/row` of each of its recommendations, the lead first, each once.
    pub rows: Vec<&'static str>,
    /// Whether its deadline has passed; `None`: no window runs.
    pub overdue: Option<bool>,
    /// What there is to judge.
    pub case: Case,
}

/// What a reader needs to judge a card, and no more. The texts are of this program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// Version of the decisions.
    pub guideline_version: String,
    /// Codes of the recommendations, the lead first.
    pub recommendations: Vec<String>,
    /// `table/row` of each.
    pub rows: Vec<String>,
    /// How urgent: `info`, `warning`, `critical`.
    pub indicator: String,
    /// Whether the deadline has passed; absent: no window runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdue: Option<bool>,
    /// The facts that it rests on, such as "Back or neck pain: yes (3 to 7 days ago)"; sorted, each once.
    pub facts: Vec<String>,
    /// The facts that were missing; sorted, each once.
    pub missing: Vec<String>,
}

impl Outline {
    /// The outlines of these cards, in their order.
    pub(super) fn of(advice: &[Advice], now: DateTime<Utc>) -> Vec<Self> {
        advice.iter().filter_map(|one| outline(one, now)).collect()
    }
}

/// `None` only for advice without a recommendation, which makes no card.
fn outline(advice: &Advice, now: DateTime<Utc>) -> Option<Outline> {
    let lead = advice.recommendations.first()?.code;
    let mut rows: Vec<&'static str> = Vec::new();
    for recommendation in &advice.recommendations {
        if !rows.contains(&recommendation.row) {
            rows.push(recommendation.row);
        }
    }
    let used = advice.recommendations.iter().flat_map(|it| &it.facts);
    let facts: BTreeSet<String> = used.map(|used| fact(used, now)).collect();
    let missing = advice.recommendations.iter().flat_map(|it| &it.missing);
    let missing: BTreeSet<&str> = missing.map(|fact| fact.plain_name()).collect();
    let case = Case {
        guideline_version: GUIDELINE_VERSION.to_owned(),
        recommendations: advice.recommendations.iter().map(|it| it.code.as_str().to_owned()).collect(),
        rows: rows.iter().map(|row| (*row).to_owned()).collect(),
        indicator: advice.indicator.word().to_owned(),
        overdue: advice.overdue,
        facts: facts.into_iter().collect(),
        missing: missing.into_iter().map(str::to_owned).collect(),
    };
    Some(Outline { lead, rows, overdue: advice.overdue, case })
}

/// A fact in words of this program.
fn fact(used: &FactUsed, now: DateTime<Utc>) -> String {
    let name = used.fact.plain_name();
    let value = value(&used.value, now);
    match used.date {
        Some(date) => format!("{name}: {value} ({})", ago(date, now)),
        None => format!("{name}: {value}"),
    }
}

/// A value; of what was measured, and of the age, the step alone.
fn value(value: &Value, now: DateTime<Utc>) -> String {
    match value {
        Value::Age(years) => age(*years).to_owned(),
        Value::Clearance(hundredths) => step(hundredths / 100, 10, "mL/min"),
        Value::Calcium(_, low) => english::value_dated(&Value::Calcium(None, *low), &|when| ago(when, now)),
        other => english::value_dated(other, &|when| ago(when, now)),
    }
}

const fn age(years: u16) -> &'static str {
    match years {
        0..18 => "under 18",
        18..40 => "18 to 39",
        40..65 => "40 to 64",
        65..80 => "65 to 79",
        _ => "80 or more",
    }
}

/// The step of a scale that a number lies in.
fn step(number: u32, width: u32, unit: &str) -> String {
    let from = number - number % width;
    format!("{from} to {} {unit}", from + width - 1)
}

/// How long ago, in coarse steps: which day it was cannot be told from it.
fn ago(when: When, now: DateTime<Utc>) -> String {
    let text = match when.shortest_age(now).num_days() {
        _ if when.earliest() > now => "to come",
        0 => "within a day",
        1..=2 => "1 to 2 days ago",
        3..=7 => "3 to 7 days ago",
        8..=14 => "8 to 14 days ago",
        15..=30 => "15 to 30 days ago",
        31..=90 => "1 to 3 months ago",
        91..=365 => "3 to 12 months ago",
        _ => "over a year ago",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Precision;

    #[test]
    fn times_ages_and_numbers_are_steps() {
        let now: DateTime<Utc> = "2026-05-05T08:00:00Z".parse().unwrap();
        let at = |text: &str| When::instant(text.parse().unwrap());
        for (when, said) in [
            ("2026-05-05T08:00:01Z", "to come"),
            ("2026-05-05T07:00:00Z", "within a day"),
            ("2026-05-03T07:00:00Z", "1 to 2 days ago"),
            ("2026-04-28T08:00:00Z", "3 to 7 days ago"),
            ("2025-01-01T00:00:00Z", "over a year ago"),
        ] {
            assert_eq!(ago(at(when), now), said, "{when}");
        }
        let (from, to) = ("2026-05-05T00:00:00Z".parse().unwrap(), "2026-05-06T00:00:00Z".parse().unwrap());
        let today = When::stretch(from, to, Precision::Day);
        assert_eq!(ago(today, now), "within a day");
        assert_eq!(value(&Value::Age(97), now), "80 or more");
        assert_eq!(value(&Value::Clearance(4_523), now), "40 to 49 mL/min");
    }
}
