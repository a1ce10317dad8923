//! The drugs that a rule looks at, as words.
//!
//! A drug is known by the beginning of its name, so that salts and brands of one substance are found. Deliberately absent:
//! doses.

use super::triggers::Triggers;
use super::{Gap, Words};
use std::sync::LazyLock;

/// The names: how a name begins, and the kind of drug. Sorted by name; none begins with another.
const NAMES: &str = include_str!("drug-names.tsv");

/// Whether a text names zoledronic acid.
pub fn zoledronic_acid(text: &str) -> bool {
    names(text, "zoledronic-acid")
}

/// Whether a text names a bisphosphonate, zoledronic acid included.
pub fn bisphosphonate(text: &str) -> bool {
    zoledronic_acid(text)
        || names(text, "bisphosphonate")
        || begins(text, &["bisphosphon", "biphosphon", "diphosphon"])
}

/// Whether a text names another bone agent: a bisphosphonate, or denosumab but for what is given for osteoporosis.
pub fn other_bone_agent(text: &str) -> bool {
    names(text, "bisphosphonate") || names(text, "bone-agent") && !osteoporosis_denosumab(text)
}

/// Whether a text names denosumab as it is given for osteoporosis.
pub fn osteoporosis_denosumab(text: &str) -> bool {
    begins(text, &OSTEOPOROSIS)
}

/// Denosumab as it is given for osteoporosis.
const OSTEOPOROSIS: [&str; 1] = ["prolia"];

/// Whether a text names a corticosteroid that acts on the whole body.
pub fn corticosteroid(text: &str) -> bool {
    names(text, "corticosteroid")
}

/// Whether a text names an antineoplastic or an endocrine therapy of cancer that acts on the whole body.
pub fn antineoplastic(text: &str) -> bool {
    names(text, "antineoplastic")
        && !begins(text, &["cream", "ointment", "topical", "ophthalm", "creme", "salbe"])
}

/// Whether a text says that a drug is not taken now: stopped, finished, only thought of, or not tolerated. Drugs have other words
/// for it than problems: "if needed" and "prior to chemotherapy" are said of what is taken.
pub fn not_taken(text: &str) -> bool {
    let words = Words::of(text);
    let slashed = |i: usize| {
        words.text(i) == "d"
            && words.get(i + 1).is_some_and(|word| word.text == "c" && word.gap == Gap::Slash)
    };
    begins(text, NOT_TAKEN)
        || words
            .any(&["no", "not", "never", "without", "held", "hold", "dc", "dced", "ex", "hx", "zn", "nicht"])
        || words.phrase(&["z", "n"])
        || (0..words.len()).any(slashed)
}

/// How words of [`not_taken`] begin, in English and German.
const NOT_TAKEN: &[&str] = &[
    "stopped",
    "discontinu",
    "ceased",
    "complet",
    "finish",
    "former",
    "previous",
    "histor",
    "past",
    "consider",
    "planned",
    "propos",
    "allerg",
    "intoler",
    "refus",
    "declin",
    "avoid",
    "contraindic",
    "kein",
    "abgesetzt",
    "beendet",
    "pausiert",
    "geplant",
    "frueher",
    "kontraindi",
    "unvertraeg",
    "ausgesetzt",
];

/// Whether a text may name one of the drugs; "no" is certain, and cheap.
pub fn may_name_drug(text: &str) -> bool {
    static TRIGGERS: LazyLock<Triggers> =
        LazyLock::new(|| Triggers::of_starts(SORTED.iter().map(|(name, _)| *name).chain(OSTEOPOROSIS)));
    TRIGGERS.may_stand_in(text)
}

fn names(text: &str, kind: &str) -> bool {
    let words = Words::of(text);
    (0..words.len()).any(|i| kind_of(words.text(i)) == Some(kind))
}

static SORTED: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    NAMES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).collect()
});

/// The kind of drug that a word names.
fn kind_of(word: &str) -> Option<&'static str> {
    let after = SORTED.partition_point(|(name, _)| *name <= word);
    let (name, kind) = SORTED.get(after.checked_sub(1)?)?;
    word.starts_with(name).then_some(*kind)
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
    fn the_names_are_sorted_and_none_begins_with_another() {
        let names: Vec<&str> = NAMES
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_once('\t').unwrap().0)
            .collect();
        assert!(names.len() > 250);
        for pair in names.windows(2) {
            assert!(pair[0] < pair[1] && !pair[1].starts_with(pair[0]), "{pair:?}");
        }
        for text in [
            "lenalidomide 25 mg capsule",
            "Cisplatin i.v.",
            "nab-Paclitaxel",
            "Leuprorelinum",
            "Goserelin implant",
            "trastuzumab emtansine",
            "Cyclophosphamid",
        ] {
            assert!(antineoplastic(text), "{text}");
        }
        for text in [
            "methotrexate 10 mg weekly",
            "fluorouracil 5 % cream",
            "tofacitinib",
            "adalimumab",
            "",
            "cisapride",
        ] {
            assert!(!antineoplastic(text), "{text}");
        }
    }

    #[test]
    fn a_drug_is_taken_or_not() {
        for text in [
            "bortezomib (stopped 2024)",
            "Bortezomib - discontinued due to neuropathy",
            "dexamethasone d/c",
            "Z.n. Bortezomib",
            "no bortezomib",
            "docetaxel completed 03/2025",
            "consider bortezomib",
            "history of tamoxifen use",
            "Tamoxifen abgesetzt",
            "planned: docetaxel",
            "geplant: Docetaxel",
            "allergy to paclitaxel",
            "Zoledronsäure: Unverträglichkeit",
            "frühere Therapie mit Letrozol",
        ] {
            assert!(not_taken(text), "{text}");
        }
        for text in [
            "Tamoxifen 20 mg 1-0-0",
            "dexamethasone 4 mg if needed",
            "dexamethasone 8 mg 12 h prior to docetaxel",
            "Dexamethason 4 mg bei Bedarf",
            "lenalidomide 25 mg days 1-21",
            "D-Vitamin and C-Vitamin with denosumab",
        ] {
            assert!(!not_taken(text), "{text}");
        }
    }

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
