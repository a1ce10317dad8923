//! Whether a week differs from the weeks before it by more than chance.
//!
//! Each week is a share of calls, and it is held against the weeks before it together: a difference of two shares in standard
//! errors. Weeks differ by more than chance where the mix of patients does, so the standard error is widened by how much the weeks
//! before differed among themselves (the idea of Laney's p′ chart). After a shift the weeks before it no longer count: the new level
//! is the usual one once there are enough weeks of it.

use chrono::NaiveDate;

/// Weeks that a week is held against, at most.
const WEEKS_BEFORE: usize = 8;

/// And at least; fewer say nothing.
const LEAST_WEEKS: usize = 3;

/// Calls that those weeks must have together, and that the week must have.
const LEAST_CALLS: (u64, u64) = (200, 50);

/// So many standard errors are more than chance: with 200 series a week it happens by itself about once in 80 weeks.
const STANDARD_ERRORS: f64 = 4.0;

/// Weeks, each with its hits and its calls, the oldest first.
pub(super) type Series = Vec<(NaiveDate, u64, u64)>;

/// A week that differs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shifted {
    /// Its Monday, in UTC.
    pub(super) week: NaiveDate,
    /// For 1,000 calls before.
    pub(super) before: f64,
    /// For 1,000 calls in it.
    pub(super) now: f64,
    /// By how many standard errors.
    pub(super) standard_errors: f64,
}

/// `hits` for 1,000 of `of`; 0 of nothing.
pub(super) fn per_thousand(hits: u64, of: u64) -> f64 {
    (share(hits, of) * 10_000.0).round() / 10.0
}

#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn share(hits: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { hits as f64 / of as f64 }
}

/// The weeks of a series that differ from those before.
pub(super) fn shifts(series: &Series) -> Vec<Shifted> {
    let mut found = Vec::new();
    // Where the present level began.
    let mut begun = 0;
    for (at, (week, hits, calls)) in series.iter().enumerate() {
        let before = series.get(begun.max(at.saturating_sub(WEEKS_BEFORE))..at).unwrap_or_default();
        if before.len() < LEAST_WEEKS {
            continue;
        }
        let (all_hits, all_calls) =
            before.iter().fold((0, 0), |(hits, calls), (_, hit, call)| (hits + hit, calls + call));
        if all_calls < LEAST_CALLS.0 || *calls < LEAST_CALLS.1 {
            continue;
        }
        let standard_errors = difference((*hits, *calls), (all_hits, all_calls)) / spread(before);
        if standard_errors.abs() >= STANDARD_ERRORS {
            begun = at;
            found.push(Shifted {
                week: *week,
                before: per_thousand(all_hits, all_calls),
                now: per_thousand(*hits, *calls),
                standard_errors: (standard_errors * 10.0).round() / 10.0,
            });
        }
    }
    found
}

/// The difference of two shares in standard errors of chance alone. Half a hit and half a miss more on each side keep it finite.
#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn difference((hits, of): (u64, u64), (hits_before, before): (u64, u64)) -> f64 {
    let (n, m) = (of as f64 + 1.0, before as f64 + 1.0);
    let (now, then) = ((hits as f64 + 0.5) / n, (hits_before as f64 + 0.5) / m);
    let pooled = (hits as f64 + hits_before as f64 + 1.0) / (n + m);
    (now - then) / (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt()
}

/// How much wider than by chance the weeks lie about their mean; never below 1.
#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn spread(weeks: &[(NaiveDate, u64, u64)]) -> f64 {
    let (hits, calls) =
        weeks.iter().fold((0.0, 0.0), |(h, c), (_, hit, of)| (h + *hit as f64, c + *of as f64));
    let mean = (hits + 0.5) / (calls + 1.0);
    let squares: f64 = weeks
        .iter()
        .filter(|(_, _, of)| *of > 0)
        .map(|(_, hits, of)| {
            let of = *of as f64;
            (*hits as f64 / of - mean).powi(2) * of / (mean * (1.0 - mean))
        })
        .sum();
    (squares / (weeks.len() as f64 - 1.0).max(1.0)).sqrt().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;

    fn series(weeks: &[(u64, u64)]) -> Series {
        let first: NaiveDate = "2026-01-05".parse().unwrap();
        let day = |at: usize| first + Days::new(7 * u64::try_from(at).unwrap());
        weeks.iter().enumerate().map(|(at, (hits, calls))| (day(at), *hits, *calls)).collect()
    }

    fn found(weeks: &[(u64, u64)]) -> Vec<usize> {
        let series = series(weeks);
        let place = |shift: &Shifted| series.iter().position(|(week, ..)| *week == shift.week).unwrap();
        shifts(&series).iter().map(place).collect()
    }

    #[test]
    fn a_share_that_changes_is_found_once_and_the_new_level_is_the_usual_one() {
        let steady = (100, 500);
        let mut weeks = vec![steady; 8];
        assert_eq!(found(&weeks), [] as [usize; 0]);
        weeks.extend([(20, 500); 6]);
        assert_eq!(found(&weeks), [8]);
        weeks.extend([steady; 3]);
        assert_eq!(found(&weeks), [8, 14], "and the way back");
        let from_nothing = [vec![(0, 500); 4], vec![(30, 500)]].concat();
        assert_eq!(found(&from_nothing), [4]);
    }

    #[test]
    fn chance_few_calls_and_weeks_that_always_differ_are_no_shift() {
        assert_eq!(found(&[(100, 500), (90, 500), (112, 500), (96, 500), (120, 500)]), [] as [usize; 0]);
        assert_eq!(found(&[(10, 40), (0, 40), (10, 40), (10, 40), (0, 49)]), [] as [usize; 0]);
        // Week by week another mix: what is within it is no news.
        let mixed = [(50, 500), (150, 500), (60, 500), (140, 500), (150, 500), (50, 500)];
        assert_eq!(found(&mixed), [] as [usize; 0]);
        assert_eq!(per_thousand(1, 0), 0.0);
    }
}
