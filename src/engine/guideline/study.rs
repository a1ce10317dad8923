//! Which MRI answers which finding: adequate imaging (guideline.md section 3.2).
//!
//! Adequate is an MRI of the whole spine, in one study or in cervical + thoracic + lumbar within 72 hours, at or after
//! the times that a finding asks for, with T1 and T2 not known to be missing. Studies are sorted once; each question
//! after that is a binary search, so that many findings and many studies do not multiply.

use crate::domain::{Facts, Region, SpineMri, When};
use chrono::{DateTime, Duration, Utc};
use std::collections::VecDeque;

/// Regional studies within this time make one whole-spine study.
pub(super) const SET_WITHIN: Duration = Duration::hours(72);

/// The regions that make a whole spine.
const REGIONS: [Region; 3] = [Region::Cervical, Region::Thoracic, Region::Lumbar];

/// A whole-spine study that meets a finding.
#[derive(Debug, Clone)]
pub(super) struct WholeStudy<'f> {
    /// Its first part.
    pub(super) when: When,
    /// The parts that make it whole, in time order: one, or a few regional ones.
    pub(super) parts: Vec<&'f SpineMri>,
}

/// A whole-spine study by its place among the sorted studies.
#[derive(Debug, Clone, Copy)]
struct Whole {
    /// Its first part.
    start: usize,
    /// When its last necessary part was made.
    complete: DateTime<Utc>,
    /// It answers what began up to this moment.
    reach: DateTime<Utc>,
    /// For each region the part that reaches furthest.
    parts: [usize; 3],
}

/// All MRI studies of a patient that can be placed in time, sorted.
#[derive(Debug, Default)]
pub(super) struct Studies<'f> {
    sorted: Vec<(When, &'f SpineMri)>,
    /// Whole-spine studies in time order.
    wholes: Vec<Whole>,
    /// Those of `wholes` that reach further than every later one, latest first.
    furthest: Vec<usize>,
}

impl<'f> Studies<'f> {
    /// Sorts the studies: those with a date that is not in the future, T1 and T2 not known to be missing.
    pub(super) fn new(facts: &'f Facts, now: DateTime<Utc>) -> Self {
        let mut sorted: Vec<(When, &SpineMri)> = facts
            .spine_mri
            .iter()
            .filter(|mri| !mri.t1_missing && !mri.t2_missing)
            .filter_map(|mri| Some((mri.when?, mri)))
            .filter(|(when, _)| when.earliest() <= now)
            .collect();
        sorted.sort_by(|(a, x), (b, y)| {
            (a.earliest(), &x.evidence.reference).cmp(&(b.earliest(), &y.evidence.reference))
        });
        let wholes = wholes(&sorted);
        let mut furthest: Vec<usize> = Vec::new();
        let mut reach = None;
        for (position, whole) in wholes.iter().enumerate().rev() {
            if reach.is_none_or(|reach| whole.reach > reach) {
                reach = Some(whole.reach);
                furthest.push(position);
            }
        }
        Self { sorted, wholes, furthest }
    }

    /// The latest whole-spine study at or after what a finding asks for.
    pub(super) fn adequate(&self, need: DateTime<Utc>) -> Option<WholeStudy<'f>> {
        self.study(self.whole_for(need)?)
    }

    /// When the latest adequate study was made.
    pub(super) fn adequate_when(&self, need: DateTime<Utc>) -> Option<When> {
        let whole = self.whole_for(need)?;
        self.sorted.get(whole.start).map(|(when, _)| *when)
    }

    /// The latest whole-spine study of the `within` before `reference` (its own day included).
    pub(super) fn shortly_before(&self, reference: When, within: Duration) -> Option<When> {
        let when = self.latest_until(reference)?.when;
        (reference.earliest() - when.latest() <= within).then_some(when)
    }

    /// The latest whole-spine study that a record of that time can speak of, and how far it reaches.
    pub(super) fn latest_until(&self, reference: When) -> Option<Reached> {
        // At or before the record; two times of one day, either without a time of day, are.
        let count = self.wholes.partition_point(|whole| {
            if reference.is_instant() {
                whole.complete <= reference.latest()
            } else {
                whole.complete < reference.latest()
            }
        });
        self.reached(*self.wholes.get(count.checked_sub(1)?)?)
    }

    /// The latest whole-spine study.
    pub(super) fn latest(&self) -> Option<Reached> {
        self.reached(*self.wholes.last()?)
    }

    fn reached(&self, whole: Whole) -> Option<Reached> {
        self.sorted.get(whole.start).map(|(when, _)| Reached { when: *when, reach: whole.reach })
    }

    fn whole_for(&self, need: DateTime<Utc>) -> Option<Whole> {
        let reach = |position: &usize| self.wholes.get(*position).map(|whole| whole.reach);
        let first = self.furthest.partition_point(|position| reach(position) < Some(need));
        self.wholes.get(*self.furthest.get(first)?).copied()
    }

    fn study(&self, whole: Whole) -> Option<WholeStudy<'f>> {
        let (when, _) = *self.sorted.get(whole.start)?;
        // The first part is one of them: a set without it would reach as far, and is later.
        let mut parts = whole.parts.to_vec();
        parts.sort_unstable();
        parts.dedup();
        let parts = parts.into_iter().filter_map(|part| self.sorted.get(part)).map(|(_, mri)| *mri).collect();
        Some(WholeStudy { when, parts })
    }
}

/// A study with its reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached {
    /// When it was made.
    pub(super) when: When,
    /// It answers what began up to this moment.
    pub(super) reach: DateTime<Utc>,
}

/// What began up to this moment is answered by a study of that time: the moment itself, or anything before the day ends.
pub(super) fn reach(when: When) -> DateTime<Utc> {
    if when.is_instant() { when.latest() } else { when.latest() - Duration::nanoseconds(1) }
}

/// Every whole-spine study: from each part on, what was made within [`SET_WITHIN`] of it. From the last to the first,
/// with the parts of each region at hand that reach further than every nearer one.
fn wholes(sorted: &[(When, &SpineMri)]) -> Vec<Whole> {
    let mut found: Vec<Whole> = Vec::new();
    let mut windows: [VecDeque<(usize, DateTime<Utc>)>; 3] = Default::default();
    for (position, (when, mri)) in sorted.iter().enumerate().rev() {
        let horizon = when.earliest() + SET_WITHIN;
        for (region, window) in REGIONS.into_iter().zip(windows.iter_mut()) {
            if mri.regions.has(region) {
                while window.front().is_some_and(|(_, reached)| *reached <= reach(*when)) {
                    window.pop_front();
                }
                window.push_front((position, reach(*when)));
            }
            let outside = |part: usize| sorted.get(part).is_none_or(|(other, _)| other.earliest() > horizon);
            while window.back().is_some_and(|(part, _)| outside(*part)) {
                window.pop_back();
            }
        }
        if mri.regions.is_whole() {
            found.push(Whole {
                start: position,
                complete: when.earliest(),
                reach: reach(*when),
                parts: [position; 3],
            });
            continue;
        }
        // The first of each window is the nearest part of its region, the last the one that reaches furthest.
        let ends = windows.each_ref().map(|window| window.front().zip(window.back()));
        let [Some(cervical), Some(thoracic), Some(lumbar)] = ends else { continue };
        let ends = [cervical, thoracic, lumbar];
        let nearest = ends.iter().filter_map(|((part, _), _)| sorted.get(*part));
        let complete = nearest.map(|(other, _)| other.earliest()).fold(when.earliest(), DateTime::max);
        found.push(Whole {
            start: position,
            complete,
            reach: ends.iter().map(|(_, (_, reached))| *reached).fold(reach(*when), DateTime::min),
            parts: ends.map(|(_, (part, _))| *part),
        });
    }
    found.reverse();
    found
}
