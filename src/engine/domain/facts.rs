//! Everything that a rule may look at.
//!
//! [`Facts`] holds *records*: what the chart states, each with its date and its resource. What follows from them
//! (which finding is current, how old it is, which study answered it) is worked out by [`crate::guideline`],
//! because it needs a clock and the guideline's definitions.

use super::care::{ConsultRecord, MedicationRecord, RadiotherapyOrder, SurgeryOrder, ZoledronicOrder};
use super::imaging::{ImagingOrder, SpineMri, SpineTreatment};
use super::scores::{
    CalciumRecord, JudgementRecord, LifeExpectancyRecord, Measurement, MirelsRecord, OffScaleRecord,
    PerformanceRecord, SinsRecord,
};
use super::signs::{EsccRecord, ProgressionRecord, SignRecord};
use super::spine::Levels;
use super::when::When;
use std::borrow::Cow;

/// Where a statement stands in the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// `Type/id` of the resource; `Type` alone when it has no id.
    pub reference: String,
    /// How the chart words it (text, display, else the code). Comes from the record: escape before showing.
    pub label: String,
    /// The date that a reader would look for.
    pub date: Option<When>,
}

/// Whether a cancer is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CancerStatus {
    /// Resolved, in remission, inactive, or a history code.
    History,
    /// Active, recurrent, relapsed, or no clinical status.
    Active,
}

/// The kind of tumour, as far as a rule asks (guideline.md section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Histology {
    /// Multiple myeloma or plasmacytoma.
    Myeloma {
        /// In remission (C90.01).
        in_remission: bool,
    },
    /// High-grade or Hodgkin lymphoma.
    LymphomaAggressive,
    /// Any other lymphoma.
    LymphomaOther,
    /// Leukaemia.
    Leukaemia,
    /// Germ-cell tumour.
    GermCell,
    /// Small-cell carcinoma.
    SmallCell,
    /// Prostate cancer.
    Prostate,
    /// Another solid tumour.
    OtherSolid,
    /// Not told by the code.
    Unknown,
}

impl Histology {
    /// A solid tumour, as zoledronic acid asks for it; `None` where the code does not tell.
    pub const fn is_solid(self) -> Option<bool> {
        match self {
            Self::GermCell | Self::SmallCell | Self::Prostate | Self::OtherSolid => Some(true),
            Self::Myeloma { .. } | Self::LymphomaAggressive | Self::LymphomaOther | Self::Leukaemia => {
                Some(false)
            }
            Self::Unknown => None,
        }
    }

    /// Myeloma or lymphoma: with a vertebral lesion, a vertebral fracture, or a SINS on record it counts as documented
    /// spinal disease (guideline.md section 2).
    pub const fn is_myeloma_or_lymphoma(self) -> bool {
        matches!(self, Self::Myeloma { .. } | Self::LymphomaAggressive | Self::LymphomaOther)
    }
}

/// Administrative sex, for Cockcroft–Gault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// female
    Female,
    /// male
    Male,
}

/// A cancer on record, non-melanoma skin cancer left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancerRecord {
    /// Active or history.
    pub status: CancerStatus,
    /// It names a metastasis only, not the tumour that it came from.
    pub secondary: bool,
    /// What kind of tumour.
    pub histology: Histology,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Whether a metastasis is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// Provisional, differential or unconfirmed.
    Suspected,
    /// Otherwise.
    Documented,
}

/// What a metastasis record names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetastasisSite {
    /// The vertebral column, with the levels named.
    Spine(Levels),
    /// Bone, without a vertebral site.
    Bone,
}

/// A current metastasis of spine or bone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetastasisRecord {
    /// Spine or bone.
    pub site: MetastasisSite,
    /// Documented or suspected.
    pub certainty: Certainty,
    /// Latest recorded date, else the onset.
    pub seen: Option<When>,
    /// Clinical status recurrence or relapse: progression after radiotherapy, if there was any.
    pub recurrent: bool,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A kind of resource, for saying what could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// Patient
    Patient,
    /// Condition
    Condition,
    /// Observation
    Observation,
    /// Procedure
    Procedure,
    /// ServiceRequest
    ServiceRequest,
    /// ImagingStudy
    ImagingStudy,
    /// DiagnosticReport
    DiagnosticReport,
    /// MedicationRequest
    MedicationRequest,
    /// MedicationStatement
    MedicationStatement,
    /// MedicationAdministration
    MedicationAdministration,
    /// Medication
    Medication,
    /// AllergyIntolerance
    AllergyIntolerance,
    /// Device
    Device,
    /// Encounter
    Encounter,
    /// BodyStructure
    BodyStructure,
}

impl Source {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Patient,
        Self::Condition,
        Self::Observation,
        Self::Procedure,
        Self::ServiceRequest,
        Self::ImagingStudy,
        Self::DiagnosticReport,
        Self::MedicationRequest,
        Self::MedicationStatement,
        Self::MedicationAdministration,
        Self::Medication,
        Self::AllergyIntolerance,
        Self::Device,
        Self::Encounter,
        Self::BodyStructure,
    ];

    /// The kind of this FHIR resource type.
    pub fn named(resource_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.resource_type() == resource_type)
    }

    /// The FHIR resource type.
    pub const fn resource_type(self) -> &'static str {
        match self {
            Self::Patient => "Patient",
            Self::Condition => "Condition",
            Self::Observation => "Observation",
            Self::Procedure => "Procedure",
            Self::ServiceRequest => "ServiceRequest",
            Self::ImagingStudy => "ImagingStudy",
            Self::DiagnosticReport => "DiagnosticReport",
            Self::MedicationRequest => "MedicationRequest",
            Self::MedicationStatement => "MedicationStatement",
            Self::MedicationAdministration => "MedicationAdministration",
            Self::Medication => "Medication",
            Self::AllergyIntolerance => "AllergyIntolerance",
            Self::Device => "Device",
            Self::Encounter => "Encounter",
            Self::BodyStructure => "BodyStructure",
        }
    }

    /// What a clinician calls it.
    pub const fn plain_name(self) -> &'static str {
        match self {
            Self::Patient => "patient details",
            Self::Condition => "problem list",
            Self::Observation => "findings and scores",
            Self::Procedure => "procedures",
            Self::ServiceRequest => "orders",
            Self::ImagingStudy => "imaging studies",
            Self::DiagnosticReport => "imaging reports",
            Self::MedicationRequest => "prescriptions",
            Self::MedicationStatement => "medication list",
            Self::MedicationAdministration => "medication given",
            Self::Medication => "medication details",
            Self::AllergyIntolerance => "allergies",
            Self::Device => "implants and devices",
            Self::Encounter => "encounters",
            Self::BodyStructure => "body structures",
        }
    }
}

/// What was read from the words of a problem that has no code we know. It may only raise (guideline.md section 2, "Text"):
/// it is no part of the other records, so that a rule sees it only where it asks for [`Facts::with_text`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FromText {
    /// Cancers.
    pub cancer: Vec<CancerRecord>,
    /// Metastases of spine and bone.
    pub metastases: Vec<MetastasisRecord>,
    /// Vertebral fractures.
    pub vertebral_fractures: Vec<Evidence>,
    /// Symptoms and signs, affirmed ones only.
    pub signs: Vec<SignRecord>,
}

/// How many records had a code that nobody here knows: what they say counts for nothing, and a reader must be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NotUnderstood {
    /// Conditions.
    pub problems: usize,
    /// Prescriptions, medication lists and administrations.
    pub drugs: usize,
    /// Orders.
    pub orders: usize,
}

impl FromText {
    /// Whether nothing was read from words.
    pub const fn is_empty(&self) -> bool {
        self.cancer.is_empty()
            && self.metastases.is_empty()
            && self.vertebral_fractures.is_empty()
            && self.signs.is_empty()
    }
}

/// Everything that a rule may look at, as recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The patient's reference (`Patient/id`), if a Patient was read.
    pub patient: Option<String>,
    /// Age in completed years; unknown counts as adult.
    pub age_years: Option<u16>,
    /// Deceased is on record.
    pub deceased: bool,
    /// Pregnancy on record; `None` unknown.
    pub pregnant: Option<Evidence>,
    /// Comfort care is the recorded goal (`comfort-care` = true, latest statement).
    pub comfort_care: Option<Evidence>,
    /// Cancers, active and past.
    pub cancer: Vec<CancerRecord>,
    /// Metastases of spine and bone.
    pub metastases: Vec<MetastasisRecord>,
    /// Vertebral fractures, pathological or compression.
    pub vertebral_fractures: Vec<Evidence>,
    /// Vertebral fractures that are traumatic or osteoporotic, or the sequela of one: `baseline_vcf` alone.
    pub other_vertebral_fractures: Vec<Evidence>,
    /// SINS on record, any part of it.
    pub sins: Vec<SinsRecord>,
    /// SINS values that are no point on the scale: reported, not used.
    pub sins_off_scale: Vec<OffScaleRecord>,
    /// Mirels scores, any part of them.
    pub mirels: Vec<MirelsRecord>,
    /// Performance status.
    pub performance: Vec<PerformanceRecord>,
    /// Life expectancy.
    pub life_expectancy: Vec<LifeExpectancyRecord>,
    /// Yes/no judgements.
    pub judgements: Vec<JudgementRecord>,
    /// Consults requested and done.
    pub consults: Vec<ConsultRecord>,
    /// Medication that a rule looks at.
    pub medications: Vec<MedicationRecord>,
    /// History codes of radiotherapy (Z92.3, 429479009): a course at an unstated site and time.
    pub radiotherapy_history: Vec<Evidence>,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// Serum creatinine in mg/dL.
    pub creatinine: Vec<Measurement>,
    /// Creatinine clearance (not eGFR) in mL/min.
    pub creatinine_clearance: Vec<Measurement>,
    /// Body weight in kg.
    pub weight: Vec<Measurement>,
    /// Serum calcium.
    pub calcium: Vec<CalciumRecord>,
    /// Allergy or intolerance to a bisphosphonate, in force.
    pub bisphosphonate_allergy: Vec<Evidence>,
    /// Orders for radiotherapy.
    pub radiotherapy_orders: Vec<RadiotherapyOrder>,
    /// Orders for spine surgery.
    pub surgery_orders: Vec<SurgeryOrder>,
    /// Orders for zoledronic acid.
    pub zoledronic_orders: Vec<ZoledronicOrder>,
    /// Symptoms and signs, affirmed and denied.
    pub signs: Vec<SignRecord>,
    /// Statements on how a deficit develops.
    pub progressions: Vec<ProgressionRecord>,
    /// `deterioration-despite-radiotherapy` or `progression-after-radiotherapy` = yes.
    pub worse_despite_treatment: Vec<Evidence>,
    /// ESCC grades.
    pub escc: Vec<EsccRecord>,
    /// MRI studies of the spine.
    pub spine_mri: Vec<SpineMri>,
    /// Imaging orders of the spine, drafts and placed.
    pub imaging_orders: Vec<ImagingOrder>,
    /// Spine surgery and radiotherapy.
    pub treatments: Vec<SpineTreatment>,
    /// Devices and implants that need an MR-safety review.
    pub mri_safety: Vec<Evidence>,
    /// What was read from words.
    pub from_text: FromText,
    /// How many problems, drugs and orders had a code that nobody here knows.
    pub not_understood: NotUnderstood,
    /// The orders that the call asks about are signed: a card may not change them or take them away.
    pub orders_signed: bool,
    /// Resource types that could not be had.
    pub unavailable: Vec<Source>,
    /// Resource types of which only the first page came.
    pub incomplete: Vec<Source>,
}

impl Facts {
    /// The facts with those that were read from words among them: for what may be raised by them.
    pub fn with_text(&self) -> Cow<'_, Self> {
        if self.from_text.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut all = self.clone();
        let FromText { cancer, metastases, vertebral_fractures, signs } = std::mem::take(&mut all.from_text);
        all.cancer.extend(cancer);
        all.metastases.extend(metastases);
        all.vertebral_fractures.extend(vertebral_fractures);
        all.signs.extend(signs);
        Cow::Owned(all)
    }
}
