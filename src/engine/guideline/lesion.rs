//! Scored lesions: SINS by level and Mirels by bone (guideline.md sections 2 and 3.4).
//!
//! Of repeated scores of one lesion the latest counts. Scores dated before spine surgery at that level are ignored.

use super::finding::Clock;
use super::interval::{self, Interval};
use super::picture::Picture;
use super::say::{Part, Score};
use super::tables::stability::MIRELS_HIGH;
use crate::domain::{
    Aim, Evidence, Levels, MirelsParts, MirelsRecord, SinsParts, SinsRecord, Site, TreatmentKind, When,
};
use chrono::Duration;
use std::collections::HashMap;
use std::hash::Hash;

/// A lesion with its score.
#[derive(Debug, Clone)]
pub(super) struct Lesion<'f> {
    pub(super) score: Interval,
    /// The recorded total disagrees with its components; the higher is used.
    pub(super) disagrees: bool,
    /// No total counts: it is worked out from its components.
    pub(super) by_parts: bool,
    pub(super) levels: Levels,
    /// The long bone, as the record names it; empty for a vertebra.
    pub(super) bone: &'f str,
    /// The date of its latest part; `None` when none is dated.
    pub(super) seen: Option<When>,
    /// The components that are not recorded.
    pub(super) missing: Vec<Part>,
    pub(super) evidence: Vec<&'f Evidence>,
}

/// SINS bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Band {
    /// No usable score.
    Unknown,
    /// 6 or less: stable.
    Stable,
    /// The ends are in different bands.
    Indeterminate,
    /// 7 to 12: potentially unstable.
    PotentiallyUnstable,
    /// 13 or more: unstable.
    Unstable,
}

/// Greatest stable SINS (G-15).
pub(super) const STABLE_MOST: u8 = 6;
/// Least unstable SINS (G-17).
pub(super) const UNSTABLE_LEAST: u8 = 13;
/// Greatest SINS.
pub(super) const SINS_MOST: u8 = 18;
/// Where the bands of SINS and of Mirels begin, but for the first.
const SINS_BANDS: [u8; 2] = [STABLE_MOST + 1, UNSTABLE_LEAST];
const MIRELS_BANDS: [u8; 2] = [MIRELS_HIGH - 1, MIRELS_HIGH];

impl Lesion<'_> {
    /// The score with its levels, as a card says it.
    pub(super) const fn said(&self) -> Score {
        Score { least: self.score.min, most: self.score.max, levels: self.levels }
    }

    /// The SINS band.
    pub(super) const fn band(&self) -> Band {
        band_of(self.score)
    }
}

/// The band of a SINS.
pub(super) const fn band_of(Interval { min, max }: Interval) -> Band {
    if min >= UNSTABLE_LEAST {
        Band::Unstable
    } else if min > STABLE_MOST && max < UNSTABLE_LEAST {
        Band::PotentiallyUnstable
    } else if max <= STABLE_MOST {
        Band::Stable
    } else {
        Band::Indeterminate
    }
}

/// The band that decides: unstable if any lesion is, else that of the lesion whose score may be highest.
pub(super) fn worst_band(lesions: &[Lesion<'_>]) -> Band {
    if lesions.iter().any(|lesion| lesion.band() == Band::Unstable) {
        return Band::Unstable;
    }
    lesions
        .iter()
        .max_by_key(|lesion| (lesion.score.max, lesion.score.min))
        .map_or(Band::Unknown, Lesion::band)
}

/// What the SINS records give.
#[derive(Debug)]
pub(super) struct SinsLesions<'f> {
    pub(super) lesions: Vec<Lesion<'f>>,
}

/// The SINS lesions that count.
pub(super) fn sins<'f>(picture: &Picture<'f>, site: &Site) -> SinsLesions<'f> {
    let clock = Clock { look_back: Duration::days(site.look_back.sins.into()), ..picture.clock };
    let recent = |record: &&SinsRecord| record.seen.is_none_or(|when| clock.counts(when));
    let operated = |record: &SinsRecord| {
        let surgeries = picture.facts.treatments.iter().filter(|t| t.kind == TreatmentKind::SpineSurgery);
        surgeries.filter_map(|t| Some((t.start.or(t.end)?, t.aim))).any(|(start, aim)| {
            let levels = if let Aim::Spine(levels) = aim { levels } else { Levels::NONE };
            levels.same_site(record.levels) && record.seen.is_some_and(|seen| !seen.is_surely_after(start))
        })
    };
    let usable: Vec<&SinsRecord> = picture.facts.sins.iter().filter(recent).collect();
    let sites = by(usable.into_iter().filter(|record| !operated(record)), |record| record.levels);
    let lesions = sites.into_iter().map(|(levels, records)| sins_lesion(levels, &records)).collect();
    SinsLesions { lesions }
}

fn sins_lesion<'f>(levels: Levels, records: &[&'f SinsRecord]) -> Lesion<'f> {
    let total = latest(records, |r| r.seen, |r| r.total);
    // Components from before the latest total were superseded by it.
    let parts_of: Vec<&SinsRecord> =
        records.iter().copied().filter(|r| total.is_none_or(|(_, when)| !superseded(r.seen, when))).collect();
    let part =
        |get: fn(&SinsParts) -> Option<u8>| latest(&parts_of, |r| r.seen, |r| get(&r.parts)).map(|p| p.0);
    let parts = SinsParts {
        location: part(|p| p.location),
        pain: part(|p| p.pain),
        lesion: part(|p| p.lesion),
        alignment: part(|p| p.alignment),
        collapse: part(|p| p.collapse),
        posterolateral: part(|p| p.posterolateral),
    };
    let newer = parts_of.iter().any(|r| r.parts != SinsParts::default() && is_newer(r.seen, total));
    let (alone, _) = interval::sins(parts, None, levels);
    let total = total.map(|t| t.0).filter(|total| !newer || interval::stands(*total, alone, &SINS_BANDS));
    let (score, disagrees) = interval::sins(parts, total, levels);
    let seen = records.iter().filter_map(|r| r.seen).max_by_key(|w| w.latest());
    let unknown = [
        (parts.location.is_none() && levels.is_empty()).then_some(Part::Location),
        parts.pain.is_none().then_some(Part::Pain),
        parts.lesion.is_none().then_some(Part::Lesion),
        parts.alignment.is_none().then_some(Part::Alignment),
        parts.collapse.is_none().then_some(Part::Collapse),
        parts.posterolateral.is_none().then_some(Part::Posterolateral),
    ];
    let missing = unknown.into_iter().flatten().collect();
    Lesion {
        score,
        disagrees,
        by_parts: total.is_none(),
        levels,
        bone: "",
        seen,
        missing,
        // What was superseded gave nothing to the score.
        evidence: parts_of
            .iter()
            .filter(|r| total.is_some() || r.parts != SinsParts::default())
            .map(|r| &r.evidence)
            .collect(),
    }
}

/// The Mirels lesions that count; they share the SINS look-back.
pub(super) fn mirels<'f>(picture: &Picture<'f>, site: &Site) -> Vec<Lesion<'f>> {
    let clock = Clock { look_back: Duration::days(site.look_back.sins.into()), ..picture.clock };
    let recent = picture.facts.mirels.iter().filter(|r| r.seen.is_none_or(|when| clock.counts(when)));
    let bones = by(recent, |record| record.bone.as_str());
    bones.into_iter().map(|(_, records)| mirels_lesion(&records)).collect()
}

fn mirels_lesion<'f>(records: &[&'f MirelsRecord]) -> Lesion<'f> {
    let total = latest(records, |r| r.seen, |r| r.total);
    let parts_of: Vec<&MirelsRecord> =
        records.iter().copied().filter(|r| total.is_none_or(|(_, when)| !superseded(r.seen, when))).collect();
    let part =
        |get: fn(&MirelsParts) -> Option<u8>| latest(&parts_of, |r| r.seen, |r| get(&r.parts)).map(|p| p.0);
    let parts = MirelsParts {
        site: part(|p| p.site),
        pain: part(|p| p.pain),
        lesion: part(|p| p.lesion),
        size: part(|p| p.size),
    };
    let newer = parts_of.iter().any(|r| r.parts != MirelsParts::default() && is_newer(r.seen, total));
    let (alone, _) = interval::mirels(parts, None);
    let total = total.map(|t| t.0).filter(|total| !newer || interval::stands(*total, alone, &MIRELS_BANDS));
    let (score, disagrees) = interval::mirels(parts, total);
    let seen = records.iter().filter_map(|r| r.seen).max_by_key(|w| w.latest());
    Lesion {
        score,
        disagrees,
        by_parts: total.is_none(),
        levels: Levels::NONE,
        bone: records.first().map_or("", |record| &record.bone_words),
        missing: [
            parts.site.is_none().then_some(Part::Site),
            parts.pain.is_none().then_some(Part::Pain),
            parts.lesion.is_none().then_some(Part::Lesion),
            parts.size.is_none().then_some(Part::Size),
        ]
        .into_iter()
        .flatten()
        .collect(),
        seen,
        evidence: parts_of
            .iter()
            .filter(|r| total.is_some() || r.parts != MirelsParts::default())
            .map(|r| &r.evidence)
            .collect(),
    }
}

/// The records with one name together, in the order in which the names first come.
fn by<'f, R, N: Copy + Eq + Hash>(
    records: impl Iterator<Item = &'f R>,
    name: impl Fn(&'f R) -> N,
) -> Vec<(N, Vec<&'f R>)> {
    let mut places: HashMap<N, usize> = HashMap::new();
    let mut groups: Vec<(N, Vec<&'f R>)> = Vec::new();
    for record in records {
        let name = name(record);
        let place = *places.entry(name).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(record),
            None => groups.push((name, vec![record])),
        }
    }
    groups
}

/// The latest value with its date; of one time the higher. One without a date may be the latest or not: it counts where it is
/// no lower.
fn latest<R>(
    records: &[&R],
    seen: impl Fn(&R) -> Option<When>,
    value: impl Fn(&R) -> Option<u8>,
) -> Option<(u8, Option<When>)> {
    let values = || records.iter().filter_map(|record| Some((value(record)?, seen(record))));
    let dated = values().filter_map(|(value, when)| Some((value, when?)));
    let latest = dated.max_by_key(|(value, when)| (when.latest(), *value));
    let undated = values().filter(|(_, when)| when.is_none());
    latest.map(|(value, when)| (value, Some(when))).into_iter().chain(undated).max_by_key(|(value, _)| *value)
}

/// Whether a component was certainly recorded after the total.
fn is_newer(part: Option<When>, total: Option<(u8, Option<When>)>) -> bool {
    total.is_some_and(|(_, total)| superseded(total, part))
}

/// Whether a component's date certainly precedes the total's.
fn superseded(part: Option<When>, total: Option<When>) -> bool {
    match (part, total) {
        (Some(part), Some(total)) => total.is_surely_after(part),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    #[test]
    fn a_score_without_a_date_hides_no_higher_one() {
        let value = |records: &[(u8, Option<u32>)]| {
            let records: Vec<&(u8, Option<u32>)> = records.iter().collect();
            let seen = |it: &(u8, Option<u32>)| {
                it.1.map(|day| When::instant(Utc.with_ymd_and_hms(2026, 5, day, 9, 0, 0).unwrap()))
            };
            latest(&records, seen, |it| Some(it.0)).map(|(value, when)| (value, when.is_some()))
        };
        assert_eq!(value(&[]), None);
        assert_eq!(value(&[(14, Some(1)), (5, Some(2))]), Some((5, true)));
        assert_eq!(value(&[(14, Some(2)), (5, None)]), Some((14, true)));
        assert_eq!(value(&[(5, Some(2)), (14, None)]), Some((14, false)));
    }
}
