//! Why a clinician dismisses a card: the reasons that are offered, by family of card (guideline.md section 4).
//!
//! A code once given keeps its meaning for ever. Deliberately absent: HL7's own reasons, which clients may offer beside
//! ours and which feedback keeps as they are.

use crate::cds_hooks::Coding;
use crate::guideline::{Code, Recommendation};

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

/// The reasons that a card offers, by the row that leads it.
pub(super) fn of(lead: &Recommendation) -> Vec<Coding> {
    let family = family(lead);
    let offered = REASONS.iter().filter(|(.., families)| families.contains(&family));
    let coding = |(code, words, _): &(&str, &str, _)| Coding {
        system: OVERRIDE_REASON_SYSTEM.to_owned(),
        code: (*code).to_owned(),
        display: Some((*words).to_owned()),
    };
    offered.map(coding).collect()
}

/// By the table of the row. Vertebroplasty stands in the table of drugs and is none.
fn family(lead: &Recommendation) -> Family {
    match lead.row.split('/').next().unwrap_or_default() {
        "mri-timing" | "mescc" | "mescc-treatment" | "order-imaging" => Imaging,
        "adjunct" if lead.code == Code::VertebroplastyConsider => Treatment,
        "adjunct" | "order-zoledronic" => Drugs,
        _ => Treatment,
    }
}
