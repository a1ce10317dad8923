//! The codes of a referral: our own, by which a consult on record is recognised, and those that other systems know.

use super::suggestion::{CodeRow, SNOMED};
use crate::domain::Consult;

/// Our code of a consult, and its name.
pub(super) const fn consult_code(consult: Consult) -> (&'static str, &'static str) {
    match consult {
        Consult::SpineSurgery => ("spine-surgery-consult", "Spine surgery consult"),
        Consult::Mdt => ("mdt-consult", "Multidisciplinary team consult"),
        Consult::RadiationOncology => ("radiation-oncology-consult", "Radiation oncology consult"),
        Consult::Orthopaedic => ("orthopaedic-consult", "Orthopaedic consult"),
    }
}

/// How other systems know a referral.
pub(super) struct Standard {
    /// The code of the referral.
    pub(super) referral: CodeRow,
    /// The specialty that it goes to; `None` where no code is one.
    pub(super) specialty: Option<CodeRow>,
}

/// The standard codes of a referral.
pub(super) const fn standard(consult: Consult) -> Standard {
    const fn of(referral: CodeRow, specialty: Option<CodeRow>) -> Standard {
        Standard { referral, specialty }
    }
    match consult {
        Consult::SpineSurgery => of(
            (SNOMED, "308482002", "Referral to neurosurgeon (procedure)"),
            Some((SNOMED, "394610002", "Neurosurgery (qualifier value)")),
        ),
        Consult::Mdt => of(
            (SNOMED, "399414003", "Multidisciplinary care conference for cancer care planning (procedure)"),
            None,
        ),
        Consult::RadiationOncology => of(
            (SNOMED, "306256000", "Referral to radiotherapist (procedure)"),
            Some((SNOMED, "419815003", "Radiation oncology (qualifier value)")),
        ),
        Consult::Orthopaedic => of(
            (SNOMED, "308481009", "Referral to orthopedic surgeon (procedure)"),
            Some((SNOMED, "394801008", "Trauma and orthopaedics (qualifier value)")),
        ),
    }
}
