//! What is not known.

use super::super::code::Code;
use super::super::fact::Fact;
use super::Value;
use crate::domain::{NotUnderstood, Source, When};

/// A component of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// SINS location.
    Location,
    /// Pain.
    Pain,
    /// Bone lesion.
    Lesion,
    /// SINS alignment.
    Alignment,
    /// SINS collapse.
    Collapse,
    /// SINS posterolateral involvement.
    Posterolateral,
    /// Mirels site.
    Site,
    /// Mirels size.
    Size,
}

/// A value of a missing fact, and the recommendation to which it leads; `None`: to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadsTo {
    /// The value.
    pub value: Supposed,
    /// The code of the row.
    pub code: Option<Code>,
}

/// A value that a missing fact may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supposed {
    /// SINS from the first to the second.
    Sins(u8, u8),
    /// Life expectancy of at least three months, or less.
    AtLeast3(bool),
    /// Radiotherapy is tolerable, or not.
    Tolerable(bool),
}

/// A line of what is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// A fact that a decision needs.
    Fact(Fact),
    /// A creatinine is recorded, and these are missing to work out a clearance.
    ClearanceLacks {
        /// Weight.
        weight: bool,
        /// Age.
        age: bool,
        /// Sex.
        sex: bool,
    },
    /// A fact that decides, and the modality to which each of its values leads.
    Decides(Fact, Vec<LeadsTo>),
    /// Components of a score that decide.
    Parts(Vec<Part>),
    /// The last value is too old to count.
    Outdated {
        /// Of which fact.
        fact: Fact,
        /// When it was recorded.
        when: When,
        /// After how many days it no longer counts.
        days: u16,
        /// What it was, where one value tells.
        value: Option<Value>,
    },
    /// The result of the MRI.
    Result,
    /// Whether a sign is new or worse, and comes from the spine.
    Sign {
        /// Since when is on record.
        dated: bool,
    },
    /// Whether anything is new since the treatment.
    NewSinceTreatment,
    /// Whether life expectancy is long enough: surgery stays on the list.
    LifeForSurgery,
    /// Whether corticosteroids were given: a deterioration despite radiotherapy indicates surgery only with them.
    Corticosteroid,
    /// What could not be read.
    Unread(Vec<Source>),
    /// What was read in part.
    PartlyRead(Vec<Source>),
    /// Records with codes that nobody here knows.
    NotUnderstood(NotUnderstood),
    /// Several versions of a resource came.
    Versions {
        /// `Type/id`.
        reference: String,
        /// The newest was used; else the more urgent reading.
        newest: bool,
    },
}
