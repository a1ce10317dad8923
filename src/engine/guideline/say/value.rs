//! Values of facts.

use super::super::measure::Criterion;
use super::SignName;
use crate::domain::{
    CalciumAmount, Escc, Levels, Limb, Modality, Paralysis, Performance, Progression, Regions, Side, Sign,
    TreatmentKind, When,
};

/// A score, or what its parts allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Score {
    /// Least total.
    pub least: u8,
    /// Greatest total.
    pub most: u8,
    /// The levels of the lesion.
    pub levels: Levels,
}

/// Life expectancy as recorded, in hundredths of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LifeSaid {
    /// At least.
    pub at_least: Option<u32>,
    /// At most.
    pub at_most: Option<u32>,
    /// Less than `at_most`.
    pub below: bool,
    /// Different ones of one time.
    pub contradicts: bool,
}

/// Performance as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Performed {
    /// On a scale.
    Scale(Performance),
    /// Whether the clinician calls radiotherapy tolerable.
    Judged(Criterion),
}

/// What is known of the disease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Known {
    /// Documented.
    Documented,
    /// Suspected.
    Suspected,
    /// Suspected, too long ago to count.
    SuspectedOnce,
    /// Suspected by a clinician.
    SuspectedByClinician,
    /// Documented by a vertebral lesion of myeloma or lymphoma.
    DocumentedByLesion,
    /// The code of a sign says that it is metastatic.
    MetastaticByCode,
    /// An active cancer.
    Active,
    /// A cancer of the past.
    History,
    /// Myeloma, which is treated as bone metastases are.
    Myeloma,
}

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// A symptom or sign.
    Sign(Sign),
    /// A paralysis, as its record names it.
    Paralysis(Paralysis),
    /// A high grade of epidural compression.
    Escc(Escc),
}

/// Why a study does not answer a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StudyFault {
    /// It has no date.
    NoDate,
    /// Its date is in the future.
    Future,
    /// It was made before the findings began.
    BeforeOnset,
    /// No T1 or no T2 sequence.
    Sequences {
        /// T1 is missing.
        t1: bool,
        /// T2 is missing.
        t2: bool,
    },
    /// Part of the spine only.
    Partial,
    /// It was made before the finding was recorded as new or worse.
    BeforeRecord,
    /// It was graded so, which the diagnosis of cord compression contradicts.
    ReadAsLow(Escc),
}

/// The state of an imaging order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderState {
    /// A whole-spine MRI that is not in time.
    NotInTime,
    /// Signed.
    Signed,
    /// Ordered, and in time.
    InTime,
    /// An appointment after the deadline.
    BookedLate,
    /// An appointment whose time has passed.
    BookedPassed,
    /// Drafted for a time that is too late, or without one.
    DraftedNotInTime,
    /// An MRI order marked completed, and no study.
    CompletedWithoutStudy,
    /// An MRI of part of the spine.
    Partial,
    /// A draft for imaging.
    Imaging {
        /// Of which kind.
        modality: Modality,
        /// Of what.
        regions: Regions,
        /// It was recognised from its text.
        from_text: bool,
        /// It is signed.
        signed: bool,
    },
    /// Another draft.
    Drafted,
}

/// The value of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// A consult.
    Consulted {
        /// Done; else requested.
        done: bool,
    },
    /// Yes.
    Yes,
    /// No.
    No,
    /// Unknown.
    Unknown,
    /// A calcium, and whether it is low; `None`: nobody recorded that.
    Calcium(Option<CalciumAmount>, Option<bool>),
    /// Current.
    Current,
    /// Another drug is current.
    AnotherIsCurrent,
    /// None on record.
    NoneOnRecord,
    /// None on record at the site that the card is about.
    NoneAtThisSite,
    /// None done on record.
    NoneDone,
    /// Done, before what it would have to speak of.
    DoneBefore,
    /// No usable score on record.
    NoUsableScore,
    /// A value of a score that is off its scale, or no plain number.
    OffScale {
        /// The number, where it is one.
        value: Option<u8>,
        /// It is of one component.
        is_part: bool,
    },
    /// A consult that was done, or requested, before the score.
    BeforeScore {
        /// Done.
        done: bool,
    },
    /// It could not be read.
    NotRead,
    /// It was read from text.
    FromText,
    /// No solid tumour on record.
    NoSolidTumour,
    /// Lymphoma or leukaemia alone.
    BloodCancerAlone,
    /// A device or implant that needs a review.
    NeedsMrReview,
    /// Comfort care.
    Comfort,
    /// Age in years.
    Age(u16),
    /// The disease.
    Disease(Known),
    /// A sign of cord compression.
    Sign(SignName),
    /// A sign of cord compression, and when it was last recorded as worse.
    WorseSign(SignName, When),
    /// A finding.
    Finding {
        /// It asks whether it is a sign, and is none yet.
        asks: bool,
        /// What it is.
        what: What,
        /// Which limb.
        limb: Option<Limb>,
        /// Which side.
        side: Option<Side>,
        /// Since when.
        onset: Option<When>,
        /// How it develops.
        course: Option<Progression>,
        /// When it was last recorded as worse, where that is another time than its own record's.
        worse: Option<When>,
    },
    /// Life expectancy.
    Life(LifeSaid),
    /// Performance.
    Performance(Performed),
    /// A score.
    Score(Score),
    /// A course of radiotherapy at these levels.
    Course(Levels),
    /// Radiotherapy at some time, somewhere.
    RadiotherapyHistory,
    /// A treatment of the spine.
    Treatment(TreatmentKind),
    /// Radiotherapy whose site nobody recorded: it counts as the spine.
    TreatmentWithoutSite,
    /// A study, and why it does not answer.
    Study(Regions, StudyFault),
    /// A study without a coded result.
    StudyWithoutResult(Regions),
    /// Creatinine clearance, in hundredths of mL/min.
    Clearance(u32),
    /// An order.
    Order(OrderState),
}

impl Value {
    /// Yes or no.
    pub(in crate::guideline) const fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}
