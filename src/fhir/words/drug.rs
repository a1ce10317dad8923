//! The drugs that a rule looks at, as words.
//!
//! A drug is known by the beginning of its name, so that salts and brands of one substance are found. Deliberately absent:
//! doses.

use super::Words;

/// Whether a text names zoledronic acid.
pub fn zoledronic_acid(text: &str) -> bool {
    begins(text, &["zoledron", "zometa", "reclast", "aclasta", "acide zolédronique"])
}

/// Whether a text names a bisphosphonate, zoledronic acid included.
pub fn bisphosphonate(text: &str) -> bool {
    zoledronic_acid(text)
        || begins(
            text,
            &[
                "bisphosphon",
                "biphosphon",
                "diphosphon",
                "pamidron",
                "ibandron",
                "alendron",
                "risedron",
                "clodron",
            ],
        )
}

/// Whether a text names another bone agent at the oncology dose: pamidronate, ibandronate, clodronate, Xgeva.
pub fn other_bone_agent(text: &str) -> bool {
    begins(text, &["pamidron", "ibandron", "clodron", "xgeva"])
}

/// Whether a text names denosumab as it is given for osteoporosis.
pub fn osteoporosis_denosumab(text: &str) -> bool {
    begins(text, &["prolia"])
}

/// Whether a text names a corticosteroid that acts on the whole body.
pub fn corticosteroid(text: &str) -> bool {
    begins(text, &["dexameth", "prednis", "methylprednis"])
}

/// Whether a text says that a drug acts where it is put.
pub fn local_use(text: &str) -> bool {
    begins(
        text,
        &[
            "ophthalm",
            "eye",
            "otic",
            "ear",
            "topical",
            "cream",
            "ointment",
            "nasal",
            "inhal",
            "mouthwash",
            "intra",
        ],
    ) && !begins(text, &["intrav", "intram"])
}

fn begins(text: &str, with: &[&str]) -> bool {
    let words = Words::of(text);
    (0..words.len()).any(|i| with.iter().any(|start| words.text(i).starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drugs_are_named_or_not() {
        for text in ["Zoledronic acid 4 mg IV", "zoledronate", "ZOMETA"] {
            assert!(zoledronic_acid(text) && bisphosphonate(text), "{text}");
        }
        assert!(
            !zoledronic_acid("pamidronate") && bisphosphonate("Pamidronate") && other_bone_agent("Xgeva")
        );
        assert!(!bisphosphonate("denosumab") && !bisphosphonate("penicillin"));
        assert!(osteoporosis_denosumab("Prolia 60 mg") && !osteoporosis_denosumab("denosumab"));
        assert!(corticosteroid("Dexamethasone 4 MG Oral Tablet") && !corticosteroid("dextrose"));
        assert!(local_use("dexamethasone eye drops") && !local_use("dexamethasone intravenous"));
    }
}
