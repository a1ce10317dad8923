//! The kind of tumour, as far as a rule asks for it.
//!
//! Codes first; the wording of a primary cancer refines them, because classifications of organs do not name the tissue.
//! Deliberately absent: whether the cancer is active, and what a kind of tumour permits.

use super::coded::Coded;
use super::concept::Concept;
use super::context::{Context, Entry, extension_name};
use super::reader::{Object, items};
use engine::domain::Histology;

/// What the Condition's code says besides the kind of tumour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    /// It names a primary cancer, by code or display.
    pub(super) primary: bool,
    /// It names a secondary cancer.
    pub(super) secondary: bool,
    /// Only the display says so.
    pub(super) by_display: bool,
    /// Not active, or in remission by its code.
    pub(super) in_remission: bool,
}

/// The kind of tumour that a Condition names. Of several codes the most telling counts, whatever their order.
pub(super) fn of(entry: &Entry<'_>, cx: &mut Context<'_>, code: &Coded<'_>, named: Named) -> Histology {
    let morphology = morphology(entry, cx);
    let has = |concept| {
        code.concepts.has(concept) || morphology.as_ref().is_some_and(|coded| coded.concepts.has(concept))
    };
    let wordings: Vec<String> = code
        .wordings()
        .into_iter()
        .chain(morphology.iter().flat_map(Coded::wordings))
        .map(|wording| wording.to_lowercase().replace('-', " "))
        .collect();
    let says = |words: &[&str]| wordings.iter().any(|text| words.iter().any(|word| text.contains(word)));

    let worded = named.by_display || (named.primary && code.concepts.is_empty());
    if has(Concept::Myeloma) || worded && says(&["myeloma", "plasmacytoma"]) {
        return Histology::Myeloma { in_remission: named.in_remission };
    }
    if has(Concept::Lymphoma) || has(Concept::AggressiveLymphoma) || worded && says(&["lymphoma", "hodgkin"])
    {
        let aggressive = has(Concept::AggressiveLymphoma) || wordings.iter().any(|text| is_aggressive(text));
        return if aggressive { Histology::LymphomaAggressive } else { Histology::LymphomaOther };
    }
    if has(Concept::ProstateCancer) {
        return Histology::Prostate;
    }
    if named.secondary {
        return Histology::Unknown;
    }
    if has(Concept::GermCellTumour) || named.primary && says(&["germ cell", "seminoma"]) {
        return Histology::GermCell;
    }
    if has(Concept::SmallCellCarcinoma) || named.primary && wordings.iter().any(|text| is_small_cell(text)) {
        return Histology::SmallCell;
    }
    if worded && says(&["prostate"]) {
        return Histology::Prostate;
    }
    if says(&["leukemia", "leukaemia"]) && (named.by_display || has(Concept::NotASolidTumour)) {
        return Histology::Leukaemia;
    }
    let of_an_organ = code.concepts.has(Concept::PrimaryMalignancy)
        || named.by_display && named.primary && !says(&["leukemia", "leukaemia", "unspecified"]);
    if of_an_organ && !has(Concept::NotASolidTumour) { Histology::OtherSolid } else { Histology::Unknown }
}

/// Words by which a lymphoma is high grade, or Hodgkin's.
fn is_aggressive(lower: &str) -> bool {
    let hodgkin = lower.contains("hodgkin") && !lower.contains("non hodgkin");
    hodgkin
        || ["diffuse large b", "burkitt", "lymphoblastic lymphoma"].iter().any(|word| lower.contains(word))
}

/// "Small cell carcinoma", but not "non-small cell".
fn is_small_cell(lower: &str) -> bool {
    let other = ["non small", "nonsmall", "not small", "lymph", "exclud"];
    lower.contains("small cell") && !other.iter().any(|word| lower.contains(word))
}

/// The histology extension of mCODE.
fn morphology<'a>(entry: &Entry<'a>, cx: &mut Context<'_>) -> Option<Coded<'a>> {
    let raws = entry.object.get("extension").map(items).unwrap_or_default();
    let extension = raws
        .into_iter()
        .filter_map(Object::read)
        .find(|e| extension_name(e) == "mcode-histology-morphology-behavior")?;
    let raw = extension.get("valueCodeableConcept")?;
    cx.coded_from(entry, raw, "extension")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_tissue_are_read_with_care() {
        for text in ["hodgkin's disease", "diffuse large b cell lymphoma", "burkitt lymphoma"] {
            assert!(is_aggressive(text), "{text}");
        }
        for text in ["non hodgkin lymphoma", "follicular lymphoma", "small cell b cell lymphoma"] {
            assert!(!is_aggressive(text), "{text}");
        }
        for text in ["small cell carcinoma of lung", "carcinoma, small cell"] {
            assert!(is_small_cell(text), "{text}");
        }
        for text in ["non small cell lung cancer", "nonsmall cell", "small cell b cell lymphoma"] {
            assert!(!is_small_cell(text), "{text}");
        }
    }
}
