//! Answers that keep a card away for a while (`[repeat]`; `services/repeat.rs` says for how long): taken from feedback, asked
//! for by hook calls, forgotten when they are over.
//!
//! A hook call waits for it [`RECALL_TIMEOUT`] at most. What cannot be asked is as if nobody had answered: everything is shown.

use super::Store;
use super::database::{Database, on_database};
use super::error::StoreError;
use crate::guideline::GUIDELINE_VERSION;
use crate::services::card_id::CardId;
use crate::services::{Likeness, Recalled, repeat};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Longest wait of a hook call for what was answered.
const RECALL_TIMEOUT: Duration = Duration::from_millis(200);

/// So many answers of one client are remembered in 24 hours: far more than clinicians give. Beyond that cards are shown
/// again, so that no program that answers everything silences the service.
pub(super) const MOST_A_DAY: u64 = 500;

/// An answer is of the day on which its card was issued, or the next: so long after the hour of issue its time begins at the
/// latest. Else one card could be answered again and again, unseen, for ever.
const LATEST_AFTER_ISSUE: TimeDelta = TimeDelta::hours(25);

/// From then on no answer is in force.
const STAYS: TimeDelta = TimeDelta::days(repeat::INFO.num_days() + 1);

/// Rows of one statement; well below the parameters that either database takes.
const ROWS: usize = 500;

/// What an answer is about; the order keeps replicas from waiting for each other in a circle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    digest: i64,
    service: i64,
    recommendation: i64,
    guideline_version: String,
}

/// The last word of a batch on one card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Word {
    answered_at: i64,
    silences: bool,
}

impl Word {
    /// Whether it is the one that counts: the later; of two at one moment that which does not silence.
    fn outdoes(self, other: Self) -> bool {
        (self.answered_at, !self.silences) > (other.answered_at, !other.silences)
    }
}

/// The answers of a batch, the last word on each card.
#[derive(Debug, Default)]
pub(super) struct Answers(BTreeMap<Key, Word>);

impl Answers {
    /// Adds what was told about a card at `at`, in microseconds since 1970, and received at `now`. `silences`: it was
    /// overridden with a reason of our lists; else something was accepted.
    pub(super) fn add(&mut self, card: &CardId, at: i64, silences: bool, now: DateTime<Utc>) {
        let latest = card.issued_hour.saturating_mul(3_600_000_000)
            + LATEST_AFTER_ISSUE.num_microseconds().unwrap_or_default();
        let key = Key {
            digest: i64::try_from(card.digest).unwrap_or_default(),
            service: i64::from(card.service),
            recommendation: i64::from(card.recommendation),
            guideline_version: card.guideline_version.clone(),
        };
        // The clock of the client may be ahead: nothing is answered later than it is told. What was accepted has no end.
        let at = at.min(now.timestamp_micros());
        let word = Word { answered_at: if silences { at.min(latest) } else { at }, silences };
        let last = self.0.entry(key).or_insert(word);
        if word.outdoes(*last) {
            *last = word;
        }
    }

    /// Leaves out what one client may not silence any more today; how many answers that were.
    pub(super) fn within_limit(&mut self, remembered: u64) -> u64 {
        let mut left = MOST_A_DAY.saturating_sub(remembered);
        let before = self.0.len();
        self.0.retain(|_, word| {
            let fits = !word.silences || left > 0;
            left = left.saturating_sub(u64::from(word.silences));
            fits
        });
        u64::try_from(before - self.0.len()).unwrap_or(u64::MAX)
    }

    /// How many silence.
    pub(super) fn silencing(&self) -> u64 {
        u64::try_from(self.0.values().filter(|word| word.silences).count()).unwrap_or(u64::MAX)
    }
}

/// How many answers of a client were remembered in the 24 hours before `now`.
pub(super) async fn remembered_today(
    database: &Database,
    client: &str,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    const COUNT: &str =
        "SELECT COUNT(*) FROM remembered WHERE client = $1 AND received_at > $2 AND silences = 1";
    let since = (now - TimeDelta::days(1)).timestamp_micros();
    let count: i64 = on_database!(database, pool => sqlx::query_scalar(COUNT).bind(client).bind(since).fetch_one(pool).await?);
    Ok(count.unsigned_abs())
}

/// The statements that write answers, for a transaction of either database.
macro_rules! write_answers {
    ($answers:expr, $client:expr, $now:expr, $transaction:expr) => {
        for statement in $crate::store::remembered::chunks($answers) {
            let mut query = sqlx::QueryBuilder::new(
                "INSERT INTO remembered (client, digest, service, recommendation, guideline_version, answered_at, \
                 silences, received_at) ",
            );
            query.push_values(statement, |mut values, row| {
                values
                    .push_bind($client.to_owned())
                    .push_bind(row.0)
                    .push_bind(row.1)
                    .push_bind(row.2)
                    .push_bind(row.3)
                    .push_bind(row.4)
                    .push_bind(row.5)
                    .push_bind($now.timestamp_micros());
            });
            query.push($crate::store::remembered::LAST_WORD);
            query.build().execute($transaction).await?;
        }
    };
}
pub(super) use write_answers;

/// Of two answers the later one counts, in whatever order they come ([`Word::outdoes`]).
pub(super) const LAST_WORD: &str = " ON CONFLICT (client, digest, service, recommendation, guideline_version) DO UPDATE SET \
     answered_at = excluded.answered_at, silences = excluded.silences, received_at = excluded.received_at \
     WHERE excluded.answered_at > remembered.answered_at OR \
     (excluded.answered_at = remembered.answered_at AND excluded.silences < remembered.silences)";

/// Digest, service, recommendation, version, time, and whether it silences.
pub(super) type Written = (i64, i64, i64, String, i64, i64);

/// The answers as rows, a statement each.
pub(super) fn chunks(answers: &Answers) -> Vec<Vec<Written>> {
    let row = |(key, word): (&Key, &Word)| {
        let Key { digest, service, recommendation, guideline_version } = key.clone();
        (digest, service, recommendation, guideline_version, word.answered_at, i64::from(word.silences))
    };
    let rows: Vec<Written> = answers.0.iter().map(row).collect();
    rows.chunks(ROWS).map(<[Written]>::to_vec).collect()
}

impl Store {
    /// When the cards of a call of `client` to the service of this number were answered. `within`: what the call can spare.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when it cannot be told in time; then nothing is known, and for a few seconds nobody waits.
    pub async fn recall(
        &self,
        client: &str,
        service: u8,
        likenesses: &[Likeness],
        within: Duration,
    ) -> Result<Recalled, StoreError> {
        if self.is_away() || self.recall_rests.load(Ordering::Relaxed) {
            return Err(StoreError::unavailable("it was away a moment ago"));
        }
        let asked = async {
            let database = self.database().await?;
            ask(&database, client, service, likenesses).await
        };
        let result = tokio::time::timeout(within.min(RECALL_TIMEOUT), asked).await;
        // A call that could spare less says nothing about the store.
        let is_slow = result.is_err() && within >= RECALL_TIMEOUT;
        if is_slow || matches!(&result, Ok(Err(_))) {
            self.recall_rests.store(true, Ordering::Relaxed);
        }
        result.unwrap_or(Err(StoreError::unavailable("the database did not answer in time")))
    }

    /// Forgets the answers that cannot be in force any more; says how many.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used.
    pub async fn forget_answers(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.with_database(async |database| forget_before(database, now - STAYS).await).await
    }
}

/// Forgets the answers that were received before a moment.
pub(super) async fn forget_before(database: &Database, before: DateTime<Utc>) -> Result<u64, StoreError> {
    Ok(on_database!(database, pool => sqlx::query("DELETE FROM remembered WHERE received_at < $1")
        .bind(before.timestamp_micros())
        .execute(pool)
        .await?
        .rows_affected()))
}

async fn ask(
    database: &Database,
    client: &str,
    service: u8,
    likenesses: &[Likeness],
) -> Result<Recalled, StoreError> {
    let number = |digest: &u64| i64::try_from(*digest).unwrap_or_default();
    let digests: Vec<i64> = likenesses.iter().flat_map(|it| &it.digests).map(number).collect();
    if digests.is_empty() {
        return Ok(Recalled(vec![None; likenesses.len()]));
    }
    let rows: Vec<(i64, i64, i64, i64)> = on_database!(database, pool => {
        let mut query = QueryBuilder::new(
            "SELECT digest, recommendation, answered_at, silences FROM remembered WHERE client = ",
        );
        query.push_bind(client).push(" AND service = ").push_bind(i64::from(service));
        query.push(" AND guideline_version = ").push_bind(GUIDELINE_VERSION).push(" AND digest IN (");
        let mut listed = query.separated(", ");
        for digest in digests {
            listed.push_bind(digest);
        }
        query.push(")");
        query.build_query_as().fetch_all(pool).await?
    });
    let answered = |likeness: &Likeness| {
        let lead = i64::from(likeness.lead.number());
        let of_it = rows.iter().filter(|(digest, recommendation, ..)| {
            *recommendation == lead && likeness.digests.iter().map(number).any(|it| it == *digest)
        });
        let words = of_it.map(|(_, _, at, silences)| Word { answered_at: *at, silences: *silences == 1 });
        let last = words.reduce(|last, word| if word.outdoes(last) { word } else { last })?;
        last.silences.then(|| DateTime::from_timestamp_micros(last.answered_at)).flatten()
    };
    Ok(Recalled(likenesses.iter().map(answered).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guideline::Code;
    use crate::services::IdKey;

    fn now() -> DateTime<Utc> {
        "2026-05-05T08:30:00Z".parse().unwrap()
    }

    /// The one word on a card that was issued now, after these answers: minutes from now, whether it silences.
    fn last(answers: &[(i64, bool)], received: DateTime<Utc>) -> (TimeDelta, bool) {
        let key = IdKey::random();
        let id = key.issuer("here", 0, now()).card_about(Code::MriWithin12h, 7);
        let card = key.decode(&id, "here").unwrap();
        let mut all = Answers::default();
        for (minutes, silences) in answers {
            all.add(&card, (now() + TimeDelta::minutes(*minutes)).timestamp_micros(), *silences, received);
        }
        assert_eq!(all.0.len(), 1);
        let word = *all.0.values().next().unwrap();
        (DateTime::from_timestamp_micros(word.answered_at).unwrap() - now(), word.silences)
    }

    #[test]
    fn the_last_word_counts_in_whatever_order_it_comes() {
        let (first, later) = ((1, true), (2, false));
        for both in [[first, later], [later, first]] {
            assert_eq!(last(&both, now() + TimeDelta::hours(1)), (TimeDelta::minutes(2), false));
        }
        let at_once = [(1, true), (1, false)];
        assert_eq!(last(&at_once, now() + TimeDelta::hours(1)), (TimeDelta::minutes(1), false));
    }

    #[test]
    fn an_answer_is_of_no_later_time_than_it_was_told_and_of_its_card() {
        assert_eq!(last(&[(60, true)], now()), (TimeDelta::zero(), true));
        assert_eq!(last(&[(-60, true)], now()), (TimeDelta::hours(-1), true));
        // Told again a year later, it holds from the day of the card: the hour of issue began 30 minutes ago.
        let year = now() + TimeDelta::days(365);
        assert_eq!(
            last(&[(365 * 24 * 60, true)], year),
            (TimeDelta::hours(25) - TimeDelta::minutes(30), true)
        );
        assert_eq!(last(&[(365 * 24 * 60, false)], year), (TimeDelta::days(365), false));
    }

    #[test]
    fn beyond_the_limit_of_a_day_only_what_wakes_is_taken() {
        let key = IdKey::random();
        let mut all = Answers::default();
        for digest in 0..10 {
            let id = key.issuer("here", 0, now()).card_about(Code::MriWithin12h, digest);
            all.add(&key.decode(&id, "here").unwrap(), 0, digest > 1, now());
        }
        assert_eq!(all.within_limit(MOST_A_DAY - 3), 5);
        assert_eq!((all.0.len(), all.silencing()), (5, 3));
        assert_eq!((all.within_limit(MOST_A_DAY + 1), all.0.len()), (3, 2));
    }
}
