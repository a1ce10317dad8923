//! Feedback put to use: how often each recommendation was shown, accepted, overridden and why, or not answered; and what came
//! week by week, whether cards were shown or not.
//!
//! Counts in, a report out: as a page, JSON or CSV. It knows sums, the cases of shadow mode, and no patient.

mod cases;
mod csv;
mod drift;
mod page;
mod plot;
mod query;
mod tally;
mod weekly_page;
mod weeks;

use crate::cds_hooks::Fault;
use crate::store::{Counts, Sampled, Weekly};
pub use cases::{CaseId, CaseLine, Judgements};
use chrono::NaiveDate;
pub use page::STYLE_HASH;
pub use query::{Format, Query};
use serde::Serialize;
use std::collections::BTreeMap;
pub use tally::{Interval, Line};
pub use weeks::{Calls, Row, Shift, Weeks};

/// What is counted in place of a reason where none was given.
pub const NO_REASON: &str = "none-given";

/// What every reader should know about the numbers.
const NOTE: &str = "A card is counted on the day it was shown, in UTC, and once, by the last feedback on it. \
     The number of cards shown is written every few seconds and may lack the last ones; after a crash of the service they \
     are lost. Acceptance is accepted ÷ shown with its 95 % interval (Wilson); a card that nobody answered was not \
     accepted. A card without suggestions can only be overridden.";

/// A report on a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Insights {
    /// First day, in UTC.
    pub from: NaiveDate,
    /// Last day, in UTC.
    pub to: NaiveDate,
    /// The only version that is reported; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The only client that is reported; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// How the numbers are to be read.
    pub note: &'static str,
    /// Feedback of the period on ids that are not ours, any version.
    pub unknown_cards: u64,
    /// Answers of the period that keep a card away, or did; absent where nothing is remembered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remembered_answers: Option<u64>,
    /// The whole period: a line for each recommendation and version, in the order of the guideline.
    pub total: Vec<Line>,
    /// The same month by month.
    pub months: Vec<Line>,
    /// What came week by week, shown or not.
    pub weeks: Weeks,
    /// The cases of shadow mode, and what was said of them.
    pub judged: Judgements,
    /// The cases themselves, the newest week first.
    pub cases: Vec<CaseLine>,
}

impl Insights {
    /// Reports what the counts say about a period.
    pub fn of(counts: &Counts, (weekly, sampled): (&[Weekly], &[Sampled]), query: &Query) -> Self {
        let wanted = |version: &str| query.version.as_deref().is_none_or(|wanted| wanted == version);
        let counts_in: Vec<_> =
            counts.cards.iter().filter(|count| wanted(&count.guideline_version)).collect();
        Self {
            from: query.from,
            to: query.to,
            version: query.version.clone(),
            client: query.client.clone(),
            note: NOTE,
            unknown_cards: counts.unknown,
            remembered_answers: Some(counts.remembered).filter(|answers| *answers > 0),
            total: tally::lines(&counts_in, query, tally::whole),
            months: tally::lines(&counts_in, query, tally::month),
            weeks: weeks::weeks(weekly),
            judged: Judgements::of(sampled),
            cases: sampled.iter().map(CaseLine::of).collect(),
        }
    }

    /// The report in one of its forms, with its media type.
    ///
    /// # Errors
    ///
    /// When JSON cannot be written, which these types do not cause.
    pub fn write(&self, format: Format) -> Result<String, serde_json::Error> {
        Ok(match format {
            Format::Page => page::html(self),
            Format::Json => serde_json::to_string_pretty(self)?,
            Format::Csv => csv::csv(&self.months),
        })
    }

    /// Reasons that occur, with their number in the whole period.
    fn reasons(&self) -> BTreeMap<&str, u64> {
        let mut reasons = BTreeMap::new();
        for (reason, cards) in self.total.iter().flat_map(|line| &line.reasons) {
            *reasons.entry(reason.as_str()).or_default() += cards;
        }
        reasons
    }
}

impl Query {
    /// Reads the query of a request, as in `from=2026-01-01&to=2026-03-31&version=2026.1&format=csv`. Without dates it is
    /// the 90 days that end with `today`.
    ///
    /// # Errors
    ///
    /// A [`Fault`] that names the first parameter that cannot be used.
    pub fn read(query: &str, today: NaiveDate) -> Result<Self, Fault> {
        query::read(query, today)
    }
}
