//! The cards of shadow mode that are to be judged: a sample of each week, drawn by a seed.
//!
//! An outline has a place by a digest of the seed and its own content, and the outlines with the least places are the sample. So it
//! depends on the seed and on which outlines there were, and not on their order, on a restart, or on which replica saw them; outlines
//! that are equal are one case, counted. What is kept holds nothing of a record but words of ours (`services/outline.rs`).

use super::Store;
use super::database::{Database, on_database};
use super::error::StoreError;
use super::watch::{monday, week_of};
use crate::config;
use crate::services::{Answer, Case};
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// The sample under way.
#[derive(Debug)]
pub struct Sample {
    /// Cases of one week; 0: none are kept.
    most: usize,
    seed: i64,
    keep: TimeDelta,
    drawn: Mutex<Drawn>,
}

#[derive(Debug, Default)]
struct Drawn {
    week: i64,
    /// The least places of the week; never more than are kept.
    least: BTreeSet<i64>,
    /// What is not written yet, by week and place: content and how often it came.
    unwritten: BTreeMap<(i64, i64), (String, i64)>,
}

/// What somebody said of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judged {
    /// The card is right.
    Right,
    /// The card is wrong.
    Wrong,
    /// It cannot be told from the case.
    CannotTell,
}

impl Judged {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Right, Self::Wrong, Self::CannotTell];

    /// As it is sent and kept.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::CannotTell => "cannot-tell",
        }
    }

    /// The answer of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A case of the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampled {
    /// The Monday of its week, in UTC.
    pub week: NaiveDate,
    /// Its place among the cases of the week.
    pub place: i64,
    /// What there is to judge.
    pub case: Case,
    /// How often a card with this content was first made in the week.
    pub times: u64,
    /// What was said of it; `None`: nothing yet.
    pub judged: Option<Judged>,
}

impl Sample {
    pub(super) fn new(shadow: &config::Shadow) -> Self {
        let most = if shadow.enabled { shadow.cases_per_week } else { 0 };
        Self { most, seed: shadow.seed, keep: TimeDelta::days(shadow.keep_days), drawn: Mutex::default() }
    }

    /// Where the seed puts a content.
    fn place(&self, content: &str) -> i64 {
        let seeded = digest(&SHA256, format!("{}\n{content}", self.seed).as_bytes());
        let bytes = seeded.as_ref().first_chunk::<8>().copied().unwrap_or_default();
        // Not negative, so that a place is one number in every database and on every page.
        i64::from_be_bytes(bytes) & i64::MAX
    }

    /// Offers the cards of an answer that are made for the first time.
    pub fn offer(&self, answer: &Answer, first: &[bool], now: DateTime<Utc>) {
        for (outline, first) in answer.outlines.iter().zip(first) {
            if *first
                && self.most > 0
                && let Ok(content) = serde_json::to_string(&outline.case)
            {
                self.draw(content, now);
            }
        }
    }

    fn draw(&self, content: String, now: DateTime<Utc>) {
        let (week, place) = (week_of(now), self.place(&content));
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn.week != week {
            drawn.week = week;
            drawn.least.clear();
        }
        drawn.least.insert(place);
        if drawn.least.len() > self.most
            && let Some(greatest) = drawn.least.pop_last()
        {
            drawn.unwritten.remove(&(week, greatest));
            if greatest == place {
                return;
            }
        }
        drawn.unwritten.entry((week, place)).or_insert((content, 0)).1 += 1;
    }

    pub(super) fn has_unwritten(&self) -> bool {
        !self.drawn.lock().unwrap_or_else(PoisonError::into_inner).unwritten.is_empty()
    }

    /// Writes what is not written; what cannot be written is held for the next time.
    pub(super) async fn flush(&self, database: &Database) -> Result<(), StoreError> {
        let taken = {
            let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut drawn.unwritten)
        };
        let mut taken = taken.into_iter();
        while let Some(((week, place), (content, times))) = taken.next() {
            if let Err(error) = write(database, (week, place), &content, times).await {
                let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
                for (at, (content, times)) in std::iter::once(((week, place), (content, times))).chain(taken)
                {
                    drawn.unwritten.entry(at).or_insert((content, 0)).1 += times;
                }
                return Err(error);
            }
            self.trim(database, week).await?;
        }
        Ok(())
    }

    /// Leaves of a week the least places; what was judged stays.
    async fn trim(&self, database: &Database, week: i64) -> Result<(), StoreError> {
        let most = i64::try_from(self.most).unwrap_or(i64::MAX);
        let _rows = on_database!(database, pool => sqlx::query(
            "DELETE FROM shadow_case WHERE week = $1 AND verdict IS NULL AND place NOT IN \
             (SELECT place FROM shadow_case WHERE week = $1 ORDER BY place LIMIT $2)",
        )
        .bind(week)
        .bind(most)
        .execute(pool)
        .await?
        .rows_affected());
        Ok(())
    }
}

async fn write(
    database: &Database,
    (week, place): (i64, i64),
    content: &str,
    times: i64,
) -> Result<(), StoreError> {
    let _rows = on_database!(database, pool => sqlx::query(
        "INSERT INTO shadow_case (week, place, content, times) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (week, place) DO UPDATE SET times = shadow_case.times + excluded.times",
    )
    .bind(week)
    .bind(place)
    .bind(content)
    .bind(times)
    .execute(pool)
    .await?
    .rows_affected());
    Ok(())
}

type CaseRow = (i64, i64, String, i64, Option<String>);

impl Store {
    /// The cases of the weeks from that of the first to that of the last day, newest week first, in the order of their places.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used.
    pub async fn cases(&self, first: NaiveDate, last: NaiveDate) -> Result<Vec<Sampled>, StoreError> {
        let (first, last) = (monday(super::day_number(first)), super::day_number(last));
        self.with_database(async |database| {
            let rows: Vec<CaseRow> = on_database!(database, pool => sqlx::query_as(
                "SELECT week, place, content, times, verdict FROM shadow_case WHERE week BETWEEN $1 AND $2 \
                 ORDER BY week DESC, place",
            )
            .bind(first)
            .bind(last)
            .fetch_all(pool)
            .await?);
            Ok(rows.into_iter().filter_map(sampled).collect())
        })
        .await
    }

    /// Keeps what somebody says of a case; the last word counts. `false`: there is no such case.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used.
    pub async fn judge(&self, week: NaiveDate, place: i64, judged: Judged) -> Result<bool, StoreError> {
        let week = super::day_number(week);
        self.with_database(async |database| {
            let rows = on_database!(database, pool => sqlx::query(
                "UPDATE shadow_case SET verdict = $1 WHERE week = $2 AND place = $3",
            )
            .bind(judged.name())
            .bind(week)
            .bind(place)
            .execute(pool)
            .await?
            .rows_affected());
            Ok(rows > 0)
        })
        .await
    }

    /// Deletes the cases that are older than the configuration keeps them.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the store cannot be used.
    pub async fn forget_old_cases(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let before = super::day_of(now - self.sample.keep);
        self.with_database(async |database| cases_before(database, before).await).await
    }
}

/// Deletes the cases of weeks that were over by this day.
pub(super) async fn cases_before(database: &Database, day: i64) -> Result<u64, StoreError> {
    Ok(on_database!(database, pool => sqlx::query("DELETE FROM shadow_case WHERE week + 7 <= $1")
        .bind(day)
        .execute(pool)
        .await?
        .rows_affected()))
}

/// `None` for values that we never write.
fn sampled((week, place, content, times, verdict): CaseRow) -> Option<Sampled> {
    Some(Sampled {
        week: super::day_from(week)?,
        place,
        case: serde_json::from_str(&content).ok()?,
        times: u64::try_from(times).ok()?,
        judged: verdict.as_deref().and_then(Judged::named),
    })
}
