//! The numbers behind the insights: counts by day, recommendation and version. No row of a single card leaves here.
//!
//! A card counts once, with the last that was told about it. Deliberately absent: rates and periods (`insights`).

use super::Store;
use super::database::on_database;
use super::error::StoreError;
use chrono::NaiveDate;

/// Cards of one kind with one fate on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The day on which the cards were issued, in UTC.
    pub day: NaiveDate,
    /// Number of the lead recommendation ([`crate::guideline::Code::number`]).
    pub recommendation: u8,
    /// Version of the decisions.
    pub guideline_version: String,
    /// What became of them.
    pub fate: Fate,
    /// How many.
    pub cards: u64,
}

/// What became of cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Sent to a client; whatever came of it.
    Shown,
    /// A suggestion was taken.
    Accepted,
    /// Dismissed, with the reason under which it is kept; `None` where none was given.
    Overridden(Option<String>),
}

/// All counts of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// The counts, in no order.
    pub cards: Vec<Count>,
    /// Entries received in the period about cards that are not ours.
    pub unknown: u64,
    /// Answers received in the period that are remembered and keep a card away, or did (`[repeat]`).
    pub remembered: u64,
}

const SHOWN: &str = "SELECT day, recommendation, guideline_version, CAST(SUM(cards) AS BIGINT) FROM shown \
     WHERE day BETWEEN $1 AND $2 AND ($3 = '' OR client = $3) GROUP BY day, recommendation, guideline_version";

/// Of entries at the same moment the accepted one counts.
const ANSWERED: &str = "SELECT day, recommendation, guideline_version, outcome, reason, COUNT(*) FROM ( \
       SELECT issued_hour / 24 AS day, recommendation, guideline_version, outcome, reason, \
         ROW_NUMBER() OVER (PARTITION BY card ORDER BY outcome_at DESC, outcome) AS place \
       FROM feedback WHERE issued_hour >= $1 * 24 AND issued_hour < ($2 + 1) * 24 AND ($3 = '' OR client = $3) \
     ) AS told WHERE place = 1 GROUP BY day, recommendation, guideline_version, outcome, reason";

const UNKNOWN: &str = "SELECT CAST(COALESCE(SUM(entries), 0) AS BIGINT) FROM unknown_card \
     WHERE day BETWEEN $1 AND $2 AND ($3 = '' OR client = $3)";

const REMEMBERED: &str = "SELECT COUNT(*) FROM remembered WHERE silences = 1 \
     AND received_at >= $1 * 86400000000 AND received_at < ($2 + 1) * 86400000000 AND ($3 = '' OR client = $3)";

type ShownRow = (i64, i64, String, i64);
type AnsweredRow = (i64, i64, String, String, Option<String>, i64);

impl Store {
    /// Counts the cards issued from the first to the last day, both included, in UTC: those of a client, or of all.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used.
    pub async fn counts(
        &self,
        first: NaiveDate,
        last: NaiveDate,
        client: Option<&str>,
    ) -> Result<Counts, StoreError> {
        let client = client.unwrap_or_default();
        let (first, last) = (super::day_number(first), super::day_number(last));
        self.with_database(async |database| {
            let (shown, answered, unknown, remembered): (Vec<ShownRow>, Vec<AnsweredRow>, i64, i64) =
                on_database!(database, pool => (
                    sqlx::query_as(SHOWN).bind(first).bind(last).bind(client).fetch_all(pool).await?,
                    sqlx::query_as(ANSWERED).bind(first).bind(last).bind(client).fetch_all(pool).await?,
                    sqlx::query_scalar(UNKNOWN).bind(first).bind(last).bind(client).fetch_one(pool).await?,
                    sqlx::query_scalar(REMEMBERED).bind(first).bind(last).bind(client).fetch_one(pool).await?,
                ));
            let shown = shown.into_iter().filter_map(|(day, code, version, cards)| {
                count(day, code, version, Fate::Shown, cards)
            });
            let answered =
                answered.into_iter().filter_map(|(day, code, version, outcome, reason, cards)| {
                    let fate =
                        if outcome == super::ACCEPTED { Fate::Accepted } else { Fate::Overridden(reason) };
                    count(day, code, version, fate, cards)
                });
            Ok(Counts {
                cards: shown.chain(answered).collect(),
                unknown: u64::try_from(unknown).unwrap_or_default(),
                remembered: u64::try_from(remembered).unwrap_or_default(),
            })
        })
        .await
    }
}

/// `None` for values that we never write.
fn count(day: i64, code: i64, guideline_version: String, fate: Fate, cards: i64) -> Option<Count> {
    Some(Count {
        day: super::day_from(day)?,
        recommendation: u8::try_from(code).ok()?,
        guideline_version,
        fate,
        cards: u64::try_from(cards).ok()?,
    })
}
