//! Why a clinician dismisses a card: the reasons that are offered, by family of card (guideline.md section 4).
//!
//! A code once given keeps its meaning for ever. In the next version of CDS Hooks the code of HL7's list stands in the place
//! of ours where one says the same; the words stay ours.

use crate::cds_hooks::{Coding, SpecVersion};
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

/// HL7's list of reasons, suggested by the next version of CDS Hooks; clients may offer it beside ours.
pub const NON_ADHERENCE_SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes";

/// Its codes for use at the point of care, and "indication or order exists".
pub const NON_ADHERENCE: [&str; 13] = [
    "cds-not-applicable",
    "cds-suboptimal-context",
    "recipient-disagrees-evidence",
    "recipient-concerns-outcomes",
    "does-not-align-preferences",
    "not-convenient-feasible",
    "action-completed",
    "indication-order-exists",
    "patient-contraindication",
    "patient-refuses",
    "too-costly-uncovered",
    "service-not-available",
    "recipient-does-not-understand",
];

/// A reason, its words, the families that offer it, and HL7's code where one says the same to the reader of a card.
#[rustfmt::skip]
const REASONS: [(&str, &str, &[Family], Option<&str>); 11] = [
    ("already-imaged", "Whole spine already imaged", &[Imaging], Some("action-completed")),
    ("already-arranged", "Already arranged", &[Imaging], Some("indication-order-exists")),
    ("not-suspected", "Spinal metastases or cord compression not suspected", &[Imaging], Some("cds-not-applicable")),
    ("mri-unsafe-alternative-arranged", "MRI unsafe, alternative arranged", &[Imaging], Some("patient-contraindication")),
    ("already-referred", "Already referred", &[Treatment], Some("indication-order-exists")),
    ("team-decided-otherwise", "The team decided otherwise", &[Treatment, Drugs], None),
    ("not-fit-for-treatment", "Not fit for this treatment", &[Treatment, Drugs], None),
    ("comfort-care", "Comfort care", &[Imaging, Treatment], None),
    ("patient-declines", "Patient declines", &[Imaging, Treatment, Drugs], Some("patient-refuses")),
    ("disagree-with-guideline", "Disagree with the guideline here", &[Imaging, Treatment, Drugs], Some("recipient-disagrees-evidence")),
    ("data-wrong", "The data are wrong", &[Imaging, Treatment, Drugs], None),
];

/// Every code.
pub fn codes() -> impl Iterator<Item = &'static str> {
    REASONS.iter().map(|(code, ..)| *code)
}

/// The reasons that a card offers, by the row that leads it.
pub(super) fn of(lead: &Recommendation, version: SpecVersion) -> Vec<Coding> {
    let family = family(lead);
    let offered = REASONS.iter().filter(|(_, _, families, _)| families.contains(&family));
    let coding = |(ours, words, _, theirs): &(&str, &str, _, Option<&str>)| {
        let (system, code) = match theirs.filter(|_| version == SpecVersion::Ballot3) {
            Some(theirs) => (NON_ADHERENCE_SYSTEM, theirs),
            None => (OVERRIDE_REASON_SYSTEM, *ours),
        };
        Coding { system: system.to_owned(), code: code.to_owned(), display: Some((*words).to_owned()) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_of_hl7_stand_for_one_reason_each_in_a_family() {
        for family in [Imaging, Treatment, Drugs] {
            let mut seen = BTreeSet::new();
            for (ours, _, families, theirs) in REASONS {
                let Some(theirs) = theirs.filter(|_| families.contains(&family)) else { continue };
                assert!(seen.insert(theirs), "{family:?}: {theirs} stands for two reasons");
                assert!(NON_ADHERENCE.contains(&theirs), "{ours}");
            }
            assert!(seen.len() >= 2, "{family:?}");
        }
    }
}
