//! First lines, and what stands in them.
//!
//! Deliberately absent: the values on which a treatment is chosen ([`super::modality`]).

use super::super::deadline::Deadline;
use super::{Criteria, LifeSaid, ModalityAct, OrderAct, RecordText, RegimenAct, Score, StudyFault};
use crate::domain::{Escc, Modality, Paralysis, Side, Sign, TreatmentKind, When};

/// A sign of cord compression, as section 3.1 makes it of one finding or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignName {
    /// One finding.
    One(Sign),
    /// A paralysis, as its records name it.
    Paralysis(Paralysis),
    /// Weakness of both legs.
    WeaknessOfBothLegs,
    /// Weakness of limbs on both sides that are not named.
    WeaknessOnBothSides,
    /// A radicular deficit on both sides.
    BilateralDeficit,
    /// Radicular pain on both sides.
    BilateralPain,
    /// Limb weakness without radicular pain of the same side.
    OtherWeakness,
    /// A high grade of epidural compression.
    Escc(Escc),
}

/// The patient, for a first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatientKind {
    /// Spinal metastases are documented.
    SpinalMetastases,
    /// They are suspected.
    SpinalMetastasesSuspected,
    /// Active cancer.
    ActiveCancer,
    /// Bone metastases.
    BoneMetastases,
    /// A cancer of the past.
    HistoryOfCancer,
    /// Spinal metastases were suspected, too long ago to count.
    SuspectedOnce,
    /// None of these.
    MesccSuspected,
}

/// What asks for an MRI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complaint {
    /// A radicular deficit.
    RadicularDeficit,
    /// Limb weakness that is not radicular.
    OtherWeakness,
    /// Radicular pain.
    RadicularPain,
    /// Back pain.
    BackPain,
}

/// Why the MRI is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A sign of cord compression.
    Mescc {
        /// The first of them.
        sign: SignName,
        /// There are others.
        more: bool,
        /// It is suspicious beside a pain.
        with_pain: bool,
        /// Since when, where that is recorded.
        since: Option<When>,
    },
    /// A finding.
    Finding {
        /// Which one.
        complaint: Complaint,
        /// Its side, where it has one.
        side: Option<Side>,
        /// Whose it is.
        patient: PatientKind,
        /// Since when, where that is recorded.
        since: Option<When>,
        /// When it was recorded as worse, where the deadline counts from there.
        worse: Option<When>,
    },
    /// A suspicion of metastases.
    Suspicion {
        /// No symptom or sign is on record, answered ones and suspected cord compression included, and all that may hold one
        /// was read.
        no_symptom: bool,
    },
}

/// When an order that is not in time is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked {
    /// Too late.
    Later(When),
    /// Its time has passed.
    Passed(When),
    /// It has none.
    Undated,
}

/// Where the imaging of cord compression stands, for its treatment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreatState {
    /// No MRI, and none in time.
    Unimaged,
    /// No MRI; one is ordered for then, in time.
    Booked(When),
    /// An MRI without a coded result.
    Imaged,
    /// Confirmed.
    Confirmed,
}

/// Whom to call for the treatment of cord compression: who is an option, and was not asked since the sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Team {
    /// Spine surgery and radiation oncology.
    Both,
    /// Spine surgery alone.
    SpineSurgery,
    /// Radiation oncology alone.
    RadiationOncology,
    /// Nobody: all were asked.
    Asked,
}

/// A treatment, and when it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Treated {
    /// Surgery or radiotherapy.
    pub kind: TreatmentKind,
    /// When it began.
    pub start: When,
    /// When it ended, where it lasted longer than a day.
    pub end: Option<When>,
    /// It is still given.
    pub running: bool,
}

/// The latest MRI of the whole spine, and why there must be another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// When it was made; `None` if the record does not say.
    pub made: Option<When>,
    /// Why it does not answer the findings.
    pub fault: StudyFault,
}

/// What is asked of the MRI, for the first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MriAct {
    /// It is ordered.
    Order {
        /// There is an MRI of the whole spine that does not answer the findings.
        again: Option<Again>,
    },
    /// An MRI, and the presentation that sets its deadline.
    AskPresentation,
    /// An MRI instead of what is drafted.
    InsteadOf(Option<Modality>),
    /// The drafted MRI covers the whole spine.
    Extend,
    /// An order or draft that is not in time comes earlier.
    Existing(Booked),
    /// The drafted MRI has a date.
    StateDate,
    /// The appointment that is being booked is not in time; `true`: it is for a part of the spine alone.
    Appointment(Booked, bool),
    /// The patient leaves before the ordered one, of that time.
    BeforeLeaving(Option<When>),
}

/// A score that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastScore {
    /// Too old to count, and when it was recorded.
    TooOld(When),
    /// Off its scale, or no plain number.
    OffScale(Option<u8>),
}

/// What a score asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StabilityAct {
    /// Unstable, and life expectancy too short for surgery.
    Conflict,
    /// Unstable.
    SpineSurgery,
    /// Potentially unstable.
    Mdt,
    /// Parts of the SINS are missing.
    CompleteSins,
    /// There is no SINS that counts.
    RecordSins,
    /// High fracture risk.
    Orthopaedics,
    /// Parts of the Mirels score are missing.
    CompleteMirels,
    /// Just below high fracture risk.
    WeighMirels,
}

/// A long bone whose score asks for something on a card that is led by the spine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BesideSpine {
    /// For what.
    pub act: StabilityAct,
    /// Its highest score.
    pub score: Score,
    /// The bone, as the record names it.
    pub bone: RecordText,
}

/// The first line of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Headline {
    /// An MRI is needed.
    Mri {
        /// What is asked of it.
        act: MriAct,
        /// Why.
        trigger: Trigger,
        /// By when.
        due: Option<Deadline>,
        /// The deadline is that of an earlier finding.
        earlier: bool,
    },
    /// An MRI was made and its result is not recorded.
    ReadStudy {
        /// When it was made.
        made: When,
        /// A grade is recorded that does not decide: ESCC 1c.
        graded: bool,
        /// The sign that it answers.
        sign: SignName,
        /// By when the cord is treated, if it is compressed.
        due: Deadline,
    },
    /// A sign asks whether the cord is compressed.
    AskMescc {
        /// The first of them.
        sign: SignName,
        /// There are others.
        more: bool,
        /// It is long-standing: what is new is asked.
        old: bool,
        /// Since when, where that is recorded.
        since: Option<When>,
        /// Whose they are.
        patient: PatientKind,
    },
    /// Whether anything is new since a treatment.
    AskNewOrWorse {
        /// Which treatment, and when it was given.
        since: Option<Treated>,
        /// It was answered: something is.
        answered: bool,
    },
    /// Cord compression is treated.
    Treat {
        /// Where its imaging stands.
        state: TreatState,
        /// The first sign.
        sign: Option<SignName>,
        /// Whom to call.
        team: Team,
        /// By when.
        due: Deadline,
    },
    /// A score asks for something.
    Stability {
        /// For what.
        act: StabilityAct,
        /// The highest score.
        score: Option<Score>,
        /// The long bone that it is of, as the record names it; empty for a vertebra.
        bone: RecordText,
        /// Life expectancy, where it decides.
        life: Option<LifeSaid>,
        /// What was recorded and cannot be used, where no score can.
        last: Option<LastScore>,
        /// The team that is asked for was asked before the score.
        again: bool,
        /// What a long bone asks for, beside what the spine does.
        beside: Option<BesideSpine>,
    },
    /// A modality.
    Treatment {
        /// Which one.
        modality: ModalityAct,
        /// Its regimen.
        regimen: Option<RegimenAct>,
        /// The values that decide.
        criteria: Criteria,
    },
    /// Zoledronic acid fits.
    Zoledronic {
        /// For myeloma; else for bone metastases.
        myeloma: bool,
        /// Creatinine clearance, in hundredths of mL/min.
        clearance: u32,
    },
    /// Vertebroplasty may help.
    Vertebroplasty {
        /// All that may tell of a deficit was read.
        all_read: bool,
    },
    /// An order other than imaging.
    Order {
        /// How the chart words it.
        label: RecordText,
        /// How many more orders the card is about.
        others: usize,
        /// What is asked of it.
        act: OrderAct,
    },
}
