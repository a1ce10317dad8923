//! Imaging studies, imaging orders, and treatments of the spine.

use super::care::{Aim, Dose};
use super::facts::Evidence;
use super::spine::Regions;
use super::when::When;

/// An MRI of the spine that has been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpineMri {
    /// When it was made; `None` if the record does not say.
    pub when: Option<When>,
    /// What it covered; empty when no region is stated.
    pub regions: Regions,
    /// The study lists its series by description and none names T1.
    pub t1_missing: bool,
    /// The study lists its series by description and none names T2.
    pub t2_missing: bool,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A kind of imaging that the order check knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Modality {
    /// Magnetic resonance imaging.
    Mri,
    /// Computed tomography, CT myelography included.
    Ct,
    /// Plain radiography.
    XRay,
    /// Bone scintigraphy.
    BoneScan,
}

impl Modality {
    /// The everyday name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mri => "MRI",
            Self::Ct => "CT",
            Self::XRay => "X-ray",
            Self::BoneScan => "bone scan",
        }
    }
}

/// `ServiceRequest.priority`, rising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Priority {
    /// routine
    Routine,
    /// urgent
    Urgent,
    /// asap
    Asap,
    /// stat
    Stat,
}

impl Priority {
    /// The code of `http://hl7.org/fhir/request-priority`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Routine => "routine",
            Self::Urgent => "urgent",
            Self::Asap => "asap",
            Self::Stat => "stat",
        }
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderStatus {
    /// In `draftOrders` of this call. `selected`: the hook asks about it (order-sign: every draft).
    Draft {
        /// Whether the hook asks about this draft.
        selected: bool,
    },
    /// Placed and active.
    Active,
    /// Placed and marked completed. Not a study by itself.
    Completed,
}

/// An order for imaging of the spine (bone scan: whole body too).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagingOrder {
    /// Draft, active or completed.
    pub status: OrderStatus,
    /// What kind of imaging.
    pub modality: Modality,
    /// What it covers; empty when no region is stated.
    pub regions: Regions,
    /// Priority; `None` is unknown and is not read as routine.
    pub priority: Option<Priority>,
    /// When it is to happen: the dateTime, else the period's end, else its start.
    pub due: Option<When>,
    /// `authoredOn`.
    pub authored: Option<When>,
    /// Recognised by the word table, not by a code.
    pub from_text: bool,
    /// The order itself; the label is how the chart names it.
    pub evidence: Evidence,
}

/// A treatment that counts for "treated since onset" (guideline.md section 3.2). Vertebroplasty and kyphoplasty do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TreatmentKind {
    /// Surgery of the spine.
    SpineSurgery,
    /// Radiotherapy.
    Radiotherapy,
}

/// A treatment in progress or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpineTreatment {
    /// Surgery or radiotherapy.
    pub kind: TreatmentKind,
    /// When it began.
    pub start: Option<When>,
    /// When it ended; `None` while it runs or when the record does not say.
    pub end: Option<When>,
    /// Still running (status in-progress or on-hold).
    pub running: bool,
    /// Where it is aimed; spine surgery is aimed at the spine.
    pub aim: Aim,
    /// Dose and technique; empty for surgery.
    pub dose: Dose,
    /// Where it stands.
    pub evidence: Evidence,
}
