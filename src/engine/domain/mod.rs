//! The words that every layer shares: what may be known about a patient, and how a site is set up.
//!
//! Plain data and total functions. Deliberately absent: FHIR, HTTP, JSON, the clock, and every rule of the
//! guideline (those are in [`crate::guideline`]).

pub mod care;
pub mod facts;
pub mod imaging;
pub mod scales;
pub mod scores;
pub mod signs;
pub mod site;
pub mod spine;
pub mod when;

pub use care::{
    Aim, Consult, ConsultRecord, Dose, Drug, MedicationRecord, RadiotherapyOrder, SurgeryOrder, Technique,
    ZoledronicOrder,
};
pub use facts::{
    CancerRecord, CancerStatus, Certainty, Evidence, Facts, FromText, Histology, MetastasisRecord,
    MetastasisSite, NotUnderstood, Sex, Source,
};
pub use imaging::{ImagingOrder, Modality, OrderStatus, Priority, SpineMri, SpineTreatment, TreatmentKind};
pub use scales::{Rung, Scale};
pub use scores::{
    CalciumAmount, CalciumRecord, Judgement, JudgementRecord, LifeExpectancyRecord, Measurement, MirelsParts,
    MirelsRecord, OffScaleRecord, Performance, PerformanceRecord, SinsParts, SinsRecord,
};
pub use signs::{Escc, EsccRecord, Limb, Paralysis, Progression, ProgressionRecord, Side, Sign, SignRecord};
pub use site::{Coding, Contact, Contacts, LookBack, OrderIntent, Site, SuggestedOrder, WholeSpineMriAs};
pub use spine::{Level, Levels, Region, Regions};
pub use when::{Precision, When, moment};
