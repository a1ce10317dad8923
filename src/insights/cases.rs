//! The cases of shadow mode: how each is named, and what was said of them.

use super::Interval;
use crate::services::Case;
use crate::store::{Judged, Sampled};
use chrono::NaiveDate;
use serde::Serialize;
use std::fmt;

/// The name of a case: the Monday of its week and its place, as `2026-05-04-1f2e3d4c5b6a7988`. It names no patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseId {
    /// The Monday of its week.
    pub week: NaiveDate,
    /// Its place.
    pub place: i64,
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", self.week, self.place)
    }
}

impl CaseId {
    /// Reads a name; `None` when it is none.
    pub fn read(text: &str) -> Option<Self> {
        let (week, place) = text.rsplit_once('-')?;
        let is_hex = place.len() == 16 && place.bytes().all(|byte| byte.is_ascii_hexdigit());
        let place = is_hex.then(|| i64::from_str_radix(place, 16).ok()).flatten()?;
        Some(Self { week: NaiveDate::parse_from_str(week, "%Y-%m-%d").ok()?, place })
    }
}

/// A case, and what was said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseLine {
    /// Its name.
    pub id: String,
    /// The Monday of its week, in UTC.
    pub week: NaiveDate,
    /// How often a card with this content was first made in the week.
    pub times: u64,
    /// `right`, `wrong` or `cannot-tell`; absent: nobody has judged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<&'static str>,
    /// What there is to judge.
    #[serde(flatten)]
    pub case: Case,
}

impl CaseLine {
    pub(super) fn of(sampled: &Sampled) -> Self {
        Self {
            id: CaseId { week: sampled.week, place: sampled.place }.to_string(),
            week: sampled.week,
            times: sampled.times,
            judged: sampled.judged.map(Judged::name),
            case: sampled.case.clone(),
        }
    }
}

/// What was said of the cases of a period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgements {
    /// Cases that wait.
    pub open: u64,
    /// Cards that are right.
    pub right: u64,
    /// Cards that are wrong.
    pub wrong: u64,
    /// Cases from which it cannot be told.
    pub cannot_tell: u64,
    /// Right of right and wrong; absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right_share: Option<Interval>,
}

impl Judgements {
    pub(super) fn of(sampled: &[Sampled]) -> Self {
        let number = |judged: Option<Judged>| {
            u64::try_from(sampled.iter().filter(|it| it.judged == judged).count()).unwrap_or(u64::MAX)
        };
        let (right, wrong) = (number(Some(Judged::Right)), number(Some(Judged::Wrong)));
        Self {
            open: number(None),
            right,
            wrong,
            cannot_tell: number(Some(Judged::CannotTell)),
            right_share: Interval::wilson(right, right + wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_case_is_read_back_and_nothing_else_is() {
        let id = CaseId { week: "2026-05-04".parse().unwrap(), place: 0x1f };
        assert_eq!(id.to_string(), "2026-05-04-000000000000001f");
        assert_eq!(CaseId::read(&id.to_string()), Some(id));
        for text in [
            "",
            "2026-05-04",
            "2026-05-04-1f",
            "2026-05-04-+00000000000001f",
            "x-000000000000001f",
            "2026-05-04-ffffffffffffffff",
            "2026-13-04-000000000000001f",
        ] {
            assert_eq!(CaseId::read(text), None, "{text}");
        }
    }
}
