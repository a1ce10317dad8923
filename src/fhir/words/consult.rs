//! Referrals and visits, as words (guideline.md section 2, "Consults").

use super::Words;
use super::triggers::Triggers;
use crate::codes::ConceptSet;
use crate::concept::Concept;
use std::sync::LazyLock;

/// The consults that the text of an order or a visit names. `is_visit`: the record is a visit, so that no word of
/// referral is needed.
pub fn consult(text: &str, is_visit: bool) -> ConceptSet {
    static TRIGGERS: LazyLock<Triggers> =
        LazyLock::new(|| Triggers::of_table(|words| _ = named(words, true)));
    if !TRIGGERS.may_stand_in(text) {
        debug_assert!(
            named(&Words::of(text), is_visit).is_empty(),
            "a word of consults is missing among the triggers: {text}"
        );
        return ConceptSet::NONE;
    }
    named(&Words::of(text), is_visit)
}

fn named(words: &Words, is_visit: bool) -> ConceptSet {
    let mut found = ConceptSet::NONE;
    if words.begins(&["declin", "refus", "cancel"])
        || words.any(&["no", "not", "without", "kein", "keine", "nicht"])
    {
        return found;
    }
    let board = words.begins(&["tumorboard", "tumorkonferenz", "mdt"])
        || words.any(&["tumor", "tumour", "cancer", "spine", "oncology"])
            && words.any(&["board", "conference", "mdm"])
        || words.begins(&["multidisciplin", "interdisziplin"])
            && words.any(&["meeting", "team", "conference", "review", "discussion", "konferenz"]);
    if board {
        found = found.with(Concept::MdtConsult);
    }
    let asks = words.begins(&[
        "refer",
        "consult",
        "konsil",
        "ueberweisung",
        "vorstellung",
        "evaluat",
        "opinion",
        "clinic",
        "visit",
        "appointment",
        "sprechstunde",
    ]);
    if !(asks || is_visit) {
        return found;
    }
    let spine = words.any(&["spine", "spinal", "wirbelsaeule", "wirbelsaeulen", "wirbelsaeulenchirurgie"]);
    let orthopaedic = words.begins(&["orthop"]);
    if words.begins(&["neurosurg", "neurochirurg", "wirbelsaeulenchirurg"])
        || spine && (orthopaedic || words.begins(&["surg", "chirurg"]))
    {
        found = found.with(Concept::SpineSurgeryConsult);
    } else if orthopaedic {
        found = found.with(Concept::OrthopaedicConsult);
    }
    let radiation = words.any(&["radiation", "rad", "clinical"]) && words.begins(&["onc"])
        || words.begins(&["radioonko", "strahlenther", "radiotherap", "radiooncolog"]);
    if radiation && asks {
        found = found.with(Concept::RadiationOncologyConsult);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consult_is_named_or_not() {
        for (text, is_visit, concept) in [
            ("Ambulatory referral to Neurosurgery", false, Concept::SpineSurgeryConsult),
            ("Spine surgery consult", false, Concept::SpineSurgeryConsult),
            ("Orthopaedic spine clinic", true, Concept::SpineSurgeryConsult),
            ("Konsil Neurochirurgie", false, Concept::SpineSurgeryConsult),
            ("Tumour board discussion", false, Concept::MdtConsult),
            ("Spine MDT", false, Concept::MdtConsult),
            ("Tumorkonferenz", false, Concept::MdtConsult),
            ("Rad onc consult", false, Concept::RadiationOncologyConsult),
            ("Consult to radiation oncology", false, Concept::RadiationOncologyConsult),
            ("Konsil Strahlentherapie", false, Concept::RadiationOncologyConsult),
            ("Referral to orthopedic surgery", false, Concept::OrthopaedicConsult),
        ] {
            assert_eq!(consult(text, is_visit), ConceptSet::NONE.with(concept), "{text}");
        }
        for text in [
            "Neurology consult",
            "Radiation oncology",
            "Spine surgery",
            "Referral declined: neurosurgery",
            "Palliative radiotherapy T8",
            "Medical oncology consult",
            "MRI spine",
            "Spinal fusion",
            "board",
        ] {
            assert!(consult(text, false).is_empty(), "{text}: {:?}", consult(text, false));
        }
    }
}
