//! Which MRI answers which finding: adequate imaging (guideline.md section 3.2).
//!
//! Adequate is an MRI of the whole spine, in one study or in cervical + thoracic + lumbar within 72 hours, at or after
//! the times that a finding asks for, with T1 and T2 not known to be missing.

use crate::domain::{Facts, Regions, SpineMri, When};
use chrono::{DateTime, Duration, Utc};

/// Regional studies within this time make one whole-spine study.
pub(super) const SET_WITHIN: Duration = Duration::hours(72);

/// A whole-spine study that meets a finding.
#[derive(Debug, Clone)]
pub(super) struct WholeStudy<'f> {
    /// Its first part.
    pub(super) when: When,
    pub(super) parts: Vec<&'f SpineMri>,
}

/// The latest whole-spine study with all its parts at or after every one of `needs`.
pub(super) fn adequate<'f>(facts: &'f Facts, now: DateTime<Utc>, needs: &[When]) -> Option<WholeStudy<'f>> {
    latest_whole(facts, now, |when| needs.iter().all(|need| when.is_at_or_after(*need)))
}

/// The latest whole-spine study of the `within` before `reference` (its own day included).
pub(super) fn shortly_before<'f>(
    facts: &'f Facts,
    now: DateTime<Utc>,
    reference: When,
    within: Duration,
) -> Option<WholeStudy<'f>> {
    latest_whole(facts, now, |when| {
        reference.is_at_or_after(when) && reference.earliest() - when.latest() <= within
    })
}

fn latest_whole(facts: &Facts, now: DateTime<Utc>, usable: impl Fn(When) -> bool) -> Option<WholeStudy<'_>> {
    let mut studies: Vec<(When, &SpineMri)> = facts
        .spine_mri
        .iter()
        .filter(|mri| !mri.t1_missing && !mri.t2_missing)
        .filter_map(|mri| Some((mri.when?, mri)))
        .filter(|(when, _)| when.earliest() <= now && usable(*when))
        .collect();
    studies.sort_by(|(a, x), (b, y)| {
        (a.earliest(), &x.evidence.reference).cmp(&(b.earliest(), &y.evidence.reference))
    });
    studies.iter().rev().find_map(|&(when, mri)| {
        if mri.regions.is_whole() {
            return Some(WholeStudy { when, parts: vec![mri] });
        }
        let set: Vec<&SpineMri> = studies
            .iter()
            .filter(|(other, _)| {
                let apart = other.earliest() - when.earliest();
                apart >= Duration::zero() && apart <= SET_WITHIN
            })
            .map(|(_, part)| *part)
            .collect();
        let covered = set.iter().fold(Regions::NONE, |all, part| all.with(part.regions));
        covered.is_whole().then_some(WholeStudy { when, parts: set })
    })
}
