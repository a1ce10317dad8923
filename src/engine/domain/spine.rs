//! Levels and regions of the spine, as small sets.

use std::fmt;

/// A region of the spine that an imaging study or order covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Region {
    /// C1–C7.
    Cervical,
    /// T1–T12.
    Thoracic,
    /// L1–L5.
    Lumbar,
    /// S1–S5.
    Sacral,
}

impl Region {
    /// All regions from top to bottom.
    pub const ALL: [Self; 4] = [Self::Cervical, Self::Thoracic, Self::Lumbar, Self::Sacral];

    /// The everyday adjective.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cervical => "cervical",
            Self::Thoracic => "thoracic",
            Self::Lumbar => "lumbar",
            Self::Sacral => "sacral",
        }
    }
}

/// A set of regions. Empty means "spine, region not stated".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Regions(u8);

impl Regions {
    /// No region stated.
    pub const NONE: Self = Self(0);
    /// Cervical, thoracic and lumbar: what "whole spine" means (guideline.md section 2).
    pub const WHOLE: Self = Self(0b0111);

    /// The set of one region.
    pub const fn of(region: Region) -> Self {
        Self(1 << region as u8)
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether cervical, thoracic and lumbar are all covered.
    pub const fn is_whole(self) -> bool {
        self.0 & Self::WHOLE.0 == Self::WHOLE.0
    }

    /// Whether no region is stated.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the region is covered.
    pub const fn has(self, region: Region) -> bool {
        self.0 & (1 << region as u8) != 0
    }

    /// The regions from top to bottom.
    pub fn iter(self) -> impl Iterator<Item = Region> {
        Region::ALL.into_iter().filter(move |r| self.has(*r))
    }

    /// The regions of cervical, thoracic and lumbar that are not covered.
    #[must_use]
    pub const fn missing_from_whole(self) -> Self {
        Self(Self::WHOLE.0 & !self.0)
    }
}

impl fmt::Display for Regions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole() {
            return f.write_str("whole spine");
        }
        if self.is_empty() {
            return f.write_str("spine, region not stated");
        }
        for (i, region) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(" and ")?;
            }
            f.write_str(region.name())?;
        }
        f.write_str(" spine")
    }
}

/// A vertebral level, numbered from the top: occiput 0, C1 1 … C7 7, T1 8 … T12 19, L1 20 … L5 24, S1 25 … S5 29.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// The level numbered as above; `None` beyond S5.
    pub const fn new(number: u8) -> Option<Self> {
        if number <= 29 { Some(Self(number)) } else { None }
    }

    /// The level of a region by its ordinal there (`Cervical, 3` is C3); `None` when the region has no such vertebra.
    pub const fn in_region(region: Region, ordinal: u8) -> Option<Self> {
        let (before, count) = match region {
            Region::Cervical => (0, 7),
            Region::Thoracic => (7, 12),
            Region::Lumbar => (19, 5),
            Region::Sacral => (24, 5),
        };
        if ordinal >= 1 && ordinal <= count { Some(Self(before + ordinal)) } else { None }
    }

    /// The number as above.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("occiput"),
            n @ 1..=7 => write!(f, "C{n}"),
            n @ 8..=19 => write!(f, "T{}", n - 7),
            n @ 20..=24 => write!(f, "L{}", n - 19),
            n => write!(f, "S{}", n.saturating_sub(24)),
        }
    }
}

/// A set of vertebral levels. Empty means that no level was named, which counts as "the same site"
/// (guideline.md section 2, "Levels").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Levels(u32);

impl Levels {
    /// No level named.
    pub const NONE: Self = Self(0);

    /// The set with one more level.
    #[must_use]
    pub const fn with(self, level: Level) -> Self {
        Self(self.0 | (1 << level.0))
    }

    /// All levels from one to the other, in either order.
    pub fn range(a: Level, b: Level) -> Self {
        (a.0.min(b.0)..=a.0.max(b.0)).filter_map(Level::new).fold(Self::NONE, Self::with)
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no level was named.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a level is in the set.
    pub const fn has(self, level: Level) -> bool {
        self.0 & (1 << level.0) != 0
    }

    /// Whether both may be the same site: they share a level, or one of them names none.
    pub const fn same_site(self, other: Self) -> bool {
        self.is_empty() || other.is_empty() || self.0 & other.0 != 0
    }

    /// The levels from top to bottom.
    pub fn iter(self) -> impl Iterator<Item = Level> {
        (0..=29).filter_map(Level::new).filter(move |l| self.has(*l))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_make_a_whole_only_with_all_three() {
        let two = Regions::of(Region::Thoracic).with(Regions::of(Region::Lumbar));
        assert!(!two.is_whole());
        assert_eq!(two.to_string(), "thoracic and lumbar spine");
        assert_eq!(two.missing_from_whole(), Regions::of(Region::Cervical));
        assert!(two.with(Regions::of(Region::Cervical)).is_whole());
        assert_eq!(Regions::NONE.to_string(), "spine, region not stated");
    }

    #[test]
    fn levels_are_named_and_overlap() {
        let t8 = Level::in_region(Region::Thoracic, 8).unwrap();
        assert_eq!(t8.to_string(), "T8");
        assert_eq!(Level::in_region(Region::Lumbar, 6), None);
        let t7_t9 = Levels::range(Level::new(16).unwrap(), Level::new(14).unwrap());
        assert!(t7_t9.has(t8));
        assert!(t7_t9.same_site(Levels::NONE.with(t8)));
        assert!(!t7_t9.same_site(Levels::NONE.with(Level::new(20).unwrap())));
        assert!(t7_t9.same_site(Levels::NONE));
    }
}
