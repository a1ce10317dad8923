//! Why a clinician dismisses a card: the reasons that are offered, by family of card (guideline.md section 4).
//!
//! A code once given keeps its meaning for ever. Deliberately absent: HL7's own reasons, which clients may offer beside
//! ours and which feedback keeps as they are.

use crate::cds_hooks::Coding;
use crate::guideline::{Code, Group};

/// Code system of override reasons.
pub const OVERRIDE_REASON_SYSTEM: &str = "urn:spinal-mets-cds:override-reason";

/// Cards that are dismissed for the same reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Imaging and emergency.
    Imaging,
    /// Stability, treatment, radiotherapy and surgery orders; vertebroplasty.
    Treatment,
    /// Drugs.
    Drugs,
}

use Family::{Drugs, Imaging, Treatment};

/// A reason, its words, and the families that offer it.
#[rustfmt::skip]
const REASONS: [(&str, &str, &[Family]); 11] = [
    ("already-imaged", "Whole spine already imaged", &[Imaging]),
    ("already-arranged", "Already arranged", &[Imaging]),
    ("not-suspected", "Spinal metastases or cord compression not suspected", &[Imaging]),
    ("mri-unsafe-alternative-arranged", "MRI unsafe, alternative arranged", &[Imaging]),
    ("already-referred", "Already referred", &[Treatment]),
    ("team-decided-otherwise", "The team decided otherwise", &[Treatment, Drugs]),
    ("not-fit-for-treatment", "Not fit for this treatment", &[Treatment, Drugs]),
    ("comfort-care", "Comfort care", &[Imaging, Treatment]),
    ("patient-declines", "Patient declines", &[Imaging, Treatment, Drugs]),
    ("disagree-with-guideline", "Disagree with the guideline here", &[Imaging, Treatment, Drugs]),
    ("data-wrong", "The data are wrong", &[Imaging, Treatment, Drugs]),
];

/// Every code.
pub fn codes() -> impl Iterator<Item = &'static str> {
    REASONS.iter().map(|(code, ..)| *code)
}

/// The reasons that a card offers.
pub(super) fn of(group: Group, lead: Code) -> Vec<Coding> {
    let family = family(group, lead);
    let offered = REASONS.iter().filter(|(.., families)| families.contains(&family));
    let coding = |(code, words, _): &(&str, &str, _)| Coding {
        system: OVERRIDE_REASON_SYSTEM.to_owned(),
        code: (*code).to_owned(),
        display: Some((*words).to_owned()),
    };
    offered.map(coding).collect()
}

const fn family(group: Group, lead: Code) -> Family {
    match (group, lead) {
        (Group::Emergency, _) => Imaging,
        (_, Code::ZoledronicAcidEligible | Code::ZoledronicAcidNeedsFacts | Code::ZoledronicAcidCheck) => {
            Drugs
        }
        (Group::Stability | Group::Treatment | Group::Adjunct, _) => Treatment,
        (
            Group::OrderCheck,
            Code::Rt8gySingleGoodPrognosis
            | Code::RtStatePrognosis
            | Code::RtUnstableSpine
            | Code::RtReirradiationUseSbrt
            | Code::RtSchemeNotListed
            | Code::SurgeryLifeExpectancy
            | Code::SbrtConsultSurgeryFirst
            | Code::SbrtVcfRisk,
        ) => Treatment,
        (Group::OrderCheck, _) => Imaging,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(group: Group, lead: Code) -> Vec<String> {
        of(group, lead).into_iter().map(|coding| coding.code).collect()
    }

    #[test]
    fn each_family_has_its_reasons() {
        let imaging = codes(Group::Emergency, Code::MriWithin12h);
        assert_eq!(imaging, codes(Group::OrderCheck, Code::ImagingCannotExclude));
        assert_eq!(imaging.len(), 8);
        let treatment = codes(Group::Stability, Code::SinsMdtConsult);
        assert_eq!(treatment, codes(Group::OrderCheck, Code::RtSchemeNotListed));
        assert_eq!(treatment, codes(Group::Adjunct, Code::VertebroplastyConsider));
        assert_eq!(
            treatment,
            [
                "already-referred",
                "team-decided-otherwise",
                "not-fit-for-treatment",
                "comfort-care",
                "patient-declines",
                "disagree-with-guideline",
                "data-wrong"
            ]
        );
        let drugs = codes(Group::Adjunct, Code::ZoledronicAcidEligible);
        assert_eq!(drugs, codes(Group::OrderCheck, Code::ZoledronicAcidCheck));
        assert_eq!(
            drugs,
            [
                "team-decided-otherwise",
                "not-fit-for-treatment",
                "patient-declines",
                "disagree-with-guideline",
                "data-wrong"
            ]
        );
    }
}
