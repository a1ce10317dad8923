//! Scores, judgements and measurements: what a clinician or a laboratory put a value on.
//!
//! Absent means unknown, never "no". Deliberately absent: bands and thresholds, which belong to the guideline.

use super::facts::Evidence;
use super::spine::Levels;
use super::when::When;

/// The six components of the Spinal Instability Neoplastic Score, in points; `None` is unknown. Values that are not in a
/// component's list never get here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SinsParts {
    /// Location: 0, 1, 2 or 3.
    pub location: Option<u8>,
    /// Pain: 0, 1 or 3.
    pub pain: Option<u8>,
    /// Bone lesion: 0, 1 or 2.
    pub lesion: Option<u8>,
    /// Alignment: 0, 2 or 4.
    pub alignment: Option<u8>,
    /// Vertebral body collapse: 0, 1, 2 or 3.
    pub collapse: Option<u8>,
    /// Posterolateral involvement: 0, 1 or 3.
    pub posterolateral: Option<u8>,
}

/// One recorded SINS, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinsRecord {
    /// The lesion's levels; empty when none is named.
    pub levels: Levels,
    /// Recorded total, 0 to 18.
    pub total: Option<u8>,
    /// Recorded components.
    pub parts: SinsParts,
    /// Latest of effective and issued.
    pub seen: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A value of a score that is off its scale, or no plain number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffScaleRecord {
    /// The number, where it is one.
    pub value: Option<u8>,
    /// It is of one component and not of the whole score.
    pub is_part: bool,
    /// Where it stands.
    pub evidence: Evidence,
}

/// The four components of Mirels' score, 1 to 3 points each; `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MirelsParts {
    /// Site.
    pub site: Option<u8>,
    /// Pain.
    pub pain: Option<u8>,
    /// Lesion.
    pub lesion: Option<u8>,
    /// Size.
    pub size: Option<u8>,
}

/// One recorded Mirels score, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirelsRecord {
    /// The bone, as the body site codes or words it, lower case; empty when none is named. Tells lesions apart.
    pub bone: String,
    /// The words of the body site; empty without any.
    pub bone_words: String,
    /// Recorded total, 4 to 12.
    pub total: Option<u8>,
    /// Recorded components.
    pub parts: MirelsParts,
    /// Latest of effective and issued.
    pub seen: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A performance status on its scale. ECOG 5 and values off the scale are data errors and never get here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Performance {
    /// ECOG 0 to 4.
    Ecog(u8),
    /// Karnofsky 0 to 100.
    Karnofsky(u8),
}

/// A recorded performance status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerformanceRecord {
    /// The value.
    pub value: Performance,
    /// Latest of effective and issued.
    pub seen: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A recorded life expectancy, in hundredths of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeExpectancyRecord {
    /// At least this long; `None`: no lower bound recorded.
    pub at_least: Option<u32>,
    /// At most this long, and for `lt-3-months` less than it; `None`: no upper bound recorded.
    pub at_most: Option<u32>,
    /// The upper bound itself is excluded (`lt-3-months`, or a quantity with comparator `<`).
    pub below: bool,
    /// Latest of effective and issued.
    pub seen: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}

macro_rules! judgements {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A yes/no judgement of `urn:spinal-mets-cds:finding`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Judgement {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Judgement {
            /// Every judgement.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

judgements! {
    /// `radiotherapy-tolerable`
    RadiotherapyTolerable,
    /// `reirradiation-feasible`
    ReirradiationFeasible,
    /// `deterioration-despite-radiotherapy`
    DeteriorationDespiteRadiotherapy,
    /// `progression-after-radiotherapy`
    ProgressionAfterRadiotherapy,
    /// `area-amenable-to-surgery`
    AreaAmenableToSurgery,
    /// `significant-lytic-disease`
    SignificantLyticDisease,
    /// `mechanical-pain`
    MechanicalPain,
    /// `prostate-progression-on-hormones`
    ProstateProgressionOnHormones,
    /// `antineoplastic-therapy`
    AntineoplasticTherapy,
    /// `no-new-findings-since-treatment`
    NoNewFindingsSinceTreatment,
}

/// One recorded judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgementRecord {
    /// What was judged.
    pub judgement: Judgement,
    /// Yes or no.
    pub answer: bool,
    /// Latest of effective and issued (Condition: recorded date, else onset).
    pub seen: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A measured value, in hundredths of its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    /// Hundredths of the unit that the fact names.
    pub hundredths: u32,
    /// Latest of effective and issued.
    pub seen: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A calcium as it was measured: to be shown, never compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CalciumAmount {
    /// Hundredths of the unit.
    pub hundredths: u32,
    /// mg/dL; else mmol/L.
    pub milligrams: bool,
}

/// A serum calcium. Without interpretation and reference range it is unknown whether it is low.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalciumRecord {
    /// Interpretation L or LL, or below its reference range; `None`: neither is recorded.
    pub low: Option<bool>,
    /// What was measured, where it is in a unit that a reader knows.
    pub amount: Option<CalciumAmount>,
    /// Latest of effective and issued.
    pub seen: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}
