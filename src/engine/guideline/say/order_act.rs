//! What is asked of an order for radiotherapy, surgery or zoledronic acid.

use super::super::fact::Fact;
use super::{GateReason, LifeSaid, Score, Surgeon, Value};
use crate::domain::CalciumAmount;

/// What excludes zoledronic acid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excluded {
    /// An allergy to a bisphosphonate.
    Allergy,
    /// Pregnancy.
    Pregnancy,
    /// No solid tumour.
    Primary,
    /// Low calcium, as it was measured.
    Calcium(Option<CalciumAmount>),
    /// Another bone agent is current.
    OtherAgent,
    /// Prostate cancer that does not progress on hormones.
    Prostate,
    /// Creatinine clearance too low, in hundredths of mL/min.
    Clearance(u32),
}

/// What is asked of an order for radiotherapy, surgery or zoledronic acid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderAct {
    /// The spine is unstable.
    UnstableSpine(Score),
    /// Total in cGy and fractions are not among the schemes of the guideline.
    NotListed {
        /// Dose and fractions.
        dose: Option<(u32, u16)>,
        /// It counts as SBRT.
        sbrt: bool,
        /// 8 Gy in 1 fraction is listed for this patient.
        single: bool,
    },
    /// The site was irradiated before.
    Reirradiation {
        /// Spine surgery is asked first, for this reason.
        gate: Option<GateReason>,
        /// SBRT is available here.
        available: bool,
    },
    /// 8 Gy in 1 fraction with a good prognosis.
    SingleFraction {
        /// Life expectancy.
        life: LifeSaid,
        /// SBRT may take its place.
        sbrt: bool,
        /// The site was irradiated before: no other conventional scheme takes its place.
        irradiated: bool,
    },
    /// 8 Gy in 1 fraction, prognosis unknown: what is recorded does not tell.
    SingleFractionStateLife(Option<LifeSaid>),
    /// The gate before SBRT is closed, and what is on record of spine surgery.
    SurgeryFirst(Option<GateReason>, Surgeon),
    /// A large fraction with a risk of fracture.
    FractureRisk {
        /// What raises it.
        factor: (Fact, Value),
        /// Total dose in cGy, and fractions.
        dose: Option<(u32, u16)>,
    },
    /// Surgery with a short life expectancy.
    ReconsiderSurgery(LifeSaid),
    /// Surgery, life expectancy unknown: what is recorded does not tell.
    SurgeryStateLife(Option<LifeSaid>),
    /// Zoledronic acid against an exclusion.
    ZoledronicExcluded(Excluded),
    /// Zoledronic acid with facts missing.
    ZoledronicMissing {
        /// Those that are to be recorded.
        lacking: Vec<Fact>,
        /// Those that may stand in what could not be read.
        unread: Vec<Fact>,
        /// Calcium as it was measured, where nothing tells whether it is low.
        calcium: Option<CalciumAmount>,
    },
}
