//! Where a score stands while it is being recorded: its ends, and its band in words.
//!
//! For a form that asks for the parts. The bands are those that decide.

use super::super::interval::{self, Interval};
use super::super::lesion::{Band, Lesion, band_of};
use super::super::tables::stability::MIRELS_HIGH;
use crate::domain::scales::{MIRELS, SINS};
use crate::domain::{Levels, MirelsParts, Scale, SinsParts};

/// How serious a band is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Parts are missing, and they decide.
    Open,
    /// The lowest band.
    Low,
    /// Between.
    Middle,
    /// The highest band.
    High,
}

/// A score, or what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The least total that the known parts allow.
    pub least: u8,
    /// The greatest.
    pub most: u8,
    /// The greatest total of the score.
    pub top: u8,
    /// How serious its band is.
    pub grade: Grade,
    /// The same of every total from 0 to the greatest.
    pub grades: Vec<Grade>,
    /// The band in words, with the statement behind it.
    pub band: &'static str,
}

/// A lesion of the record with the score that decides, for a picture of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoredLesion {
    /// The vertebrae; none for a long bone, and for a SINS of which no level is named.
    pub levels: Levels,
    /// The long bone as the record words it, empty where it does not: escape before showing. `None`: a vertebra.
    pub bone: Option<String>,
    /// Where its score stands.
    pub standing: Standing,
}

impl ScoredLesion {
    /// A lesion with its SINS.
    pub(in crate::guideline) fn vertebral(lesion: &Lesion<'_>) -> Self {
        Self { levels: lesion.levels, bone: None, standing: sins_of(lesion.score) }
    }

    /// A lesion with its Mirels score.
    pub(in crate::guideline) fn of_long_bone(lesion: &Lesion<'_>) -> Self {
        Self { levels: Levels::NONE, bone: Some(lesion.bone.to_owned()), standing: mirels_of(lesion.score) }
    }

    /// "SINS 9", "Mirels 8–10".
    pub fn score(&self) -> String {
        let Standing { least, most, .. } = self.standing;
        let name = if self.bone.is_some() { "Mirels" } else { "SINS" };
        if least == most { format!("{name} {least}") } else { format!("{name} {least}–{most}") }
    }
}

impl Standing {
    /// The band without what it calls for: "potentially unstable".
    pub fn band_name(&self) -> &'static str {
        self.band.split(':').next().unwrap_or(self.band)
    }
}

/// Where a SINS stands. A location that is not answered follows from the levels.
pub fn sins_standing(parts: SinsParts, levels: Levels) -> Standing {
    sins_of(interval::sins(parts, None, levels).0)
}

fn sins_of(score: Interval) -> Standing {
    standing(score, &SINS, sins_band)
}

fn sins_band(score: Interval) -> (Grade, &'static str) {
    match band_of(score) {
        Band::Unstable => (Grade::High, "unstable: surgery is indicated (G-17)"),
        Band::PotentiallyUnstable => {
            (Grade::Middle, "potentially unstable: multidisciplinary consultation is required (G-16)")
        }
        Band::Stable => (Grade::Low, "stable: no surgery for stability (G-15)"),
        Band::Indeterminate | Band::Unknown => (Grade::Open, "open: the parts that are missing decide"),
    }
}

/// Where a Mirels score stands.
pub fn mirels_standing(parts: MirelsParts) -> Standing {
    mirels_of(interval::mirels(parts, None).0)
}

fn mirels_of(score: Interval) -> Standing {
    standing(score, &MIRELS, mirels_band)
}

fn mirels_band(score: Interval) -> (Grade, &'static str) {
    if score.min >= MIRELS_HIGH {
        (Grade::High, "high fracture risk: refer to orthopaedics (G-18)")
    } else if score.max >= MIRELS_HIGH {
        (Grade::Open, "open: the parts that are missing decide")
    } else if score.min == MIRELS_HIGH - 1 {
        (Grade::Middle, "borderline: weigh the fracture risk")
    } else {
        (Grade::Low, "no high fracture risk")
    }
}

/// The points of the location of these levels; `None` where none is named.
pub fn location_of(levels: Levels) -> Option<u8> {
    interval::location_points(levels)
}

fn standing(score: Interval, scales: &[Scale], band_of: fn(Interval) -> (Grade, &'static str)) -> Standing {
    let top = scales.iter().map(Scale::most).sum();
    let (grade, band) = band_of(score);
    let grades = (0..=top).map(|n| band_of(Interval { min: n, max: n }).0).collect();
    Standing { least: score.min, most: score.max, top, grade, grades, band }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_that_is_being_recorded_stands_in_the_band_that_decides() {
        let parts = |pain, alignment| SinsParts {
            location: Some(1),
            pain: Some(pain),
            lesion: Some(2),
            alignment: Some(alignment),
            collapse: Some(2),
            posterolateral: Some(1),
        };
        for (parts, grade, total) in [
            (parts(0, 0), Grade::Low, 6),
            (parts(1, 0), Grade::Middle, 7),
            (parts(3, 2), Grade::Middle, 11),
            (parts(3, 4), Grade::High, 13),
        ] {
            let standing = sins_standing(parts, Levels::NONE);
            assert_eq!(
                (standing.grade, standing.least, standing.most, standing.top),
                (grade, total, total, 18)
            );
        }
        assert_eq!(sins_standing(SinsParts::default(), Levels::NONE).grade, Grade::Open);
        let bands = sins_standing(SinsParts::default(), Levels::NONE).grades;
        let first = |grade| bands.iter().position(|it| *it == grade);
        assert_eq!((first(Grade::Middle), first(Grade::High), bands.len()), (Some(7), Some(13), 19));
        let mirels = |n| MirelsParts { site: Some(n), pain: Some(2), lesion: Some(2), size: Some(2) };
        let grades = [1, 2, 3].map(|n| mirels_standing(mirels(n)).grade);
        assert_eq!(grades, [Grade::Low, Grade::Middle, Grade::High]);
        // 6 to 8 is not exactly 8.
        let open = MirelsParts { site: Some(1), pain: Some(2), lesion: Some(2), size: None };
        assert_eq!(mirels_standing(open).grade, Grade::Low);
    }
}
