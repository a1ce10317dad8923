//! Consults, medication, and draft orders other than imaging.

use super::facts::Evidence;
use super::imaging::OrderStatus;
use super::spine::Levels;
use super::when::When;

/// A consult that the guideline asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Consult {
    /// `spine-surgery-consult`
    SpineSurgery,
    /// `mdt-consult`
    Mdt,
    /// `radiation-oncology-consult`
    RadiationOncology,
    /// `orthopaedic-consult`
    Orthopaedic,
}

/// A consult on record: a ServiceRequest, Procedure or Encounter with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsultRecord {
    /// Which one.
    pub consult: Consult,
    /// `true`: done (completed, finished); `false`: requested (draft, active, planned).
    pub done: bool,
    /// When it was done or requested.
    pub when: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A drug that a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Drug {
    /// Zoledronic acid.
    ZoledronicAcid,
    /// Another bisphosphonate, or denosumab at the oncology dose.
    OtherBoneAgent,
    /// A corticosteroid.
    Corticosteroid,
    /// Antineoplastic therapy (mCODE cancer-related medication).
    Antineoplastic,
}

/// A drug on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicationRecord {
    /// Which one.
    pub drug: Drug,
    /// Active order or statement, or an administration in progress or completed within the look-back of its mapper.
    pub current: bool,
    /// When it was ordered, stated or given.
    pub when: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// How radiotherapy is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Technique {
    /// Stereotactic: said so in code or text, or at least 500 cGy per fraction in at most 5 fractions with a total above 8 Gy.
    Sbrt,
    /// Conventional: whatever else has a dose, or is called external beam radiotherapy.
    Conventional,
    /// Neither can be told.
    #[default]
    Unknown,
}

/// A dose and how it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Dose {
    /// Total in cGy; `None` without a unit.
    pub total_cgy: Option<u32>,
    /// Number of fractions.
    pub fractions: Option<u16>,
    /// Technique.
    pub technique: Technique,
}

/// Where a treatment or order is aimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aim {
    /// The spine, with the levels named (none: "spine").
    Spine(Levels),
    /// No body site at all.
    Unstated,
    /// A body site elsewhere.
    Elsewhere,
}

/// A draft or placed order for radiotherapy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RadiotherapyOrder {
    /// Draft, active or completed.
    pub status: OrderStatus,
    /// Prescribed dose.
    pub dose: Dose,
    /// Dose or technique was read from text.
    pub from_text: bool,
    /// Where it is aimed.
    pub aim: Aim,
    /// The order itself.
    pub evidence: Evidence,
}

/// A draft or placed order for spine surgery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurgeryOrder {
    /// Draft, active or completed.
    pub status: OrderStatus,
    /// Where it is aimed.
    pub aim: Aim,
    /// The order itself.
    pub evidence: Evidence,
}

/// A draft order for zoledronic acid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoledronicOrder {
    /// Draft, active or completed.
    pub status: OrderStatus,
    /// The order itself.
    pub evidence: Evidence,
}
