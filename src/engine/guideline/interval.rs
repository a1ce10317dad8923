//! Scores with missing parts as intervals (guideline.md section 2, "SINS points" and "Mirels").
//!
//! Both ends in one band: the band. Otherwise the score is indeterminate. Deliberately absent: what a band calls for.

use crate::domain::scales::{MIRELS, SINS};
use crate::domain::{Level, Levels, MirelsParts, Scale, SinsParts};

/// The least and the greatest total that the recorded parts allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Interval {
    pub(super) min: u8,
    pub(super) max: u8,
}

impl Interval {
    /// Adds up components; an unknown one spans from its least to its greatest points.
    fn of<const N: usize>(known: [Option<u8>; N], scales: &[Scale; N]) -> Self {
        known.into_iter().zip(scales).fold(Self { min: 0, max: 0 }, |sum, (known, scale)| Self {
            min: sum.min.saturating_add(known.unwrap_or(scale.least())),
            max: sum.max.saturating_add(known.unwrap_or(scale.most())),
        })
    }

    /// Joins a recorded total: where it disagrees with the components the higher counts, and `true` is given beside it.
    fn with_total(self, total: Option<u8>) -> (Self, bool) {
        match total {
            None => (self, false),
            Some(total) if total < self.min => (self, true),
            Some(total) => (Self { min: total, max: total }, total > self.max),
        }
    }
}

/// The interval of a SINS, and whether its total disagrees with its components. A location that is not recorded follows
/// from the level.
pub(super) fn sins(parts: SinsParts, total: Option<u8>, levels: Levels) -> (Interval, bool) {
    let location = parts.location.or_else(|| location_points(levels));
    let known = [location, parts.pain, parts.lesion, parts.alignment, parts.collapse, parts.posterolateral];
    Interval::of(known, &SINS).with_total(total)
}

/// Whether an older total still stands beside newer components. The latest score counts: components that settle a band, all
/// of them or enough of them, displace it. Where they leave the band open a total of the highest band that they allow
/// stands: a part of a score takes no caution away. `bands`: the least total of each band but the first.
pub(super) fn stands(total: u8, newer: Interval, bands: &[u8]) -> bool {
    let band = |points: u8| bands.iter().filter(|least| points >= **least).count();
    band(newer.min) != band(newer.max) && band(total) >= band(newer.max)
}

/// The interval of a Mirels score, and whether its total disagrees with its components.
pub(super) fn mirels(parts: MirelsParts, total: Option<u8>) -> (Interval, bool) {
    let known = [parts.site, parts.pain, parts.lesion, parts.size];
    Interval::of(known, &MIRELS).with_total(total)
}

/// SINS location points of the levels; of several the highest.
pub(super) fn location_points(levels: Levels) -> Option<u8> {
    levels.iter().map(points).max()
}

/// Junctional 3 (occiput–C2, C7–T2, T11–L1, L5–S1), mobile 2 (C3–C6, L2–L4), semi-rigid 1 (T3–T10), rigid 0 (S2–S5).
const fn points(level: Level) -> u8 {
    match level.number() {
        0..=2 | 7..=9 | 18..=20 | 24..=25 => 3,
        3..=6 | 21..=23 => 2,
        10..=17 => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Region;

    fn level(region: Region, ordinal: u8) -> Levels {
        Levels::NONE.with(Level::in_region(region, ordinal).unwrap())
    }

    #[test]
    fn missing_parts_make_an_interval_and_the_level_gives_the_location() {
        let nothing = SinsParts::default();
        assert_eq!(sins(nothing, None, Levels::NONE).0, Interval { min: 0, max: 18 });
        assert_eq!(sins(nothing, None, level(Region::Thoracic, 12)).0, Interval { min: 3, max: 18 });
        assert_eq!(sins(nothing, None, level(Region::Thoracic, 8)).0, Interval { min: 1, max: 16 });
        let full = SinsParts {
            location: Some(3),
            pain: Some(3),
            lesion: Some(2),
            alignment: Some(0),
            collapse: Some(1),
            posterolateral: Some(1),
        };
        assert_eq!(sins(full, None, Levels::NONE).0, Interval { min: 10, max: 10 });
    }

    #[test]
    fn a_total_that_disagrees_gives_way_to_the_higher() {
        let low = SinsParts { pain: Some(3), alignment: Some(4), ..SinsParts::default() };
        assert_eq!(sins(low, Some(5), Levels::NONE), (Interval { min: 7, max: 18 }, true));
        assert_eq!(sins(low, Some(7), Levels::NONE), (Interval { min: 7, max: 7 }, false));
        assert_eq!(sins(low, Some(9), Levels::NONE), (Interval { min: 9, max: 9 }, false));
        let mirels_full = MirelsParts { site: Some(1), pain: Some(1), lesion: Some(1), size: Some(1) };
        assert_eq!(mirels(mirels_full, Some(9)), (Interval { min: 9, max: 9 }, true));
        assert_eq!(mirels(MirelsParts::default(), None).0, Interval { min: 4, max: 12 });
    }

    #[test]
    fn an_older_total_stands_beside_newer_components_only_where_they_allow_its_band_and_no_higher_one() {
        let newer = |min, max| Interval { min, max };
        assert!(!stands(13, newer(7, 10), &[7, 13]), "one band");
        assert!(!stands(13, newer(6, 6), &[7, 13]), "complete");
        assert!(stands(13, newer(9, 16), &[7, 13]));
        assert!(!stands(12, newer(9, 13), &[7, 13]));
        assert!(stands(7, newer(6, 12), &[7, 13]));
        assert!(!stands(5, newer(2, 14), &[7, 13]));
    }

    #[test]
    fn of_several_levels_the_highest_points_count() {
        let both = level(Region::Thoracic, 8).union(level(Region::Lumbar, 1));
        assert_eq!(location_points(both), Some(3));
    }

    #[test]
    fn every_level_has_its_points() {
        let all: Vec<u8> = (0..=29).map(|n| points(Level::new(n).unwrap())).collect();
        assert_eq!(
            all,
            [3, 3, 3, 2, 2, 2, 2, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 2, 2, 2, 3, 3, 0, 0, 0, 0]
        );
    }
}
