//! Which Conditions are cancers, and which cancers are metastases of spine or bone.
//!
//! Deliberately absent: whether the patient is at risk, which is the engine's conclusion.

use super::coded::{BodySite, Coded};
use super::codes::{SNOMED, same_system};
use super::concept::Concept;
use super::condition::Clinical;
use super::context::{Context, Entry};
use super::histology::{self, Named};
use super::note::NoteKind;
use super::words;
use engine::domain::{CancerRecord, CancerStatus, Certainty, MetastasisRecord, MetastasisSite, When};

/// What a Condition says about its diagnosis besides naming it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Diagnosis {
    pub(super) clinical: Clinical,
    pub(super) certainty: Certainty,
    pub(super) site: BodySite,
    pub(super) recorded: Option<When>,
    pub(super) onset: Option<When>,
}

/// What kind of cancer a code names.
#[derive(Debug, Clone, Copy, Default)]
struct Kind {
    primary: bool,
    secondary: bool,
    history: bool,
    /// Only the display says so.
    by_display: bool,
}

/// Whether a Condition without a known code is a cancer, by its profile or its displays.
pub(super) fn is_one(entry: &Entry<'_>, code: &Coded<'_>) -> bool {
    let is_named = |kind: Kind| kind.primary || kind.secondary || kind.history;
    is_named(by_code(entry, code)) || is_named(by_display(code))
}

/// Makes the records of a cancer. `false` when the Condition is none.
pub(super) fn record(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    code: &Coded<'_>,
    diagnosis: &Diagnosis,
) -> bool {
    let mut kind = by_code(entry, code);
    if !(kind.primary || kind.secondary || kind.history || code.concepts.has(Concept::NonMelanomaSkinCancer))
    {
        kind = by_display(code);
        if !(kind.primary || kind.secondary || kind.history) {
            return false;
        }
        cx.note(NoteKind::FromText, entry, "code");
    }
    if !(kind.primary || kind.secondary || kind.history) {
        // A non-melanoma skin cancer: known, and no cancer in this guideline.
        cx.note(NoteKind::MakesNoFact, entry, "code");
        return true;
    }
    let evidence = Context::evidence(entry, code.label(), diagnosis.recorded.or(diagnosis.onset));
    let in_remission = diagnosis.clinical != Clinical::CameBack
        && (code.concepts.has(Concept::CancerInRemission) || says_remission(code));
    let current = diagnosis.clinical != Clinical::Past && !in_remission;
    let status = if current && (kind.primary || kind.secondary) {
        CancerStatus::Active
    } else {
        CancerStatus::History
    };
    let named = Named {
        primary: kind.primary,
        secondary: kind.secondary,
        by_display: kind.by_display,
        in_remission: !current,
    };
    let histology = histology::of(entry, cx, code, named);
    let secondary = kind.secondary && !kind.primary;
    cx.facts.cancer.push(CancerRecord { status, secondary, histology, evidence: evidence.clone() });
    let site = metastasis_site(code, kind, histology.is_myeloma_or_lymphoma(), diagnosis.site);
    if let Some(site) = site.filter(|_| current) {
        let seen = diagnosis.recorded.or(diagnosis.onset);
        if diagnosis.clinical == Clinical::CameBack {
            cx.facts.worse_despite_treatment.push(evidence.clone());
        }
        let recurrent = diagnosis.clinical == Clinical::CameBack;
        cx.facts.metastases.push(MetastasisRecord {
            site,
            certainty: diagnosis.certainty,
            seen,
            recurrent,
            evidence,
        });
    }
    true
}

fn by_code(entry: &Entry<'_>, code: &Coded<'_>) -> Kind {
    let profile = |end: &'static str| Context::has_profile(entry, |name| name.ends_with(end));
    let skin_only = code.concepts.has(Concept::NonMelanomaSkinCancer);
    let blood = code.has_any(&[Concept::Myeloma, Concept::Lymphoma]);
    let secondary =
        code.has_any(&[Concept::SecondaryMalignancy, Concept::SpineMetastasis, Concept::BoneMetastasis])
            || profile("secondary-cancer-condition");
    let primary = code.has_any(&[Concept::PrimaryMalignancy, Concept::CancerInRemission])
        || profile("primary-cancer-condition");
    let history = code.has_any(&[Concept::HistoryOfMalignancy, Concept::HistoryOfMetastaticCancer]);
    Kind {
        primary: blood || (primary && !skin_only),
        secondary,
        history: history && !skin_only,
        by_display: false,
    }
}

/// Where a metastasis sits; `None` when it is neither of the spine nor of bone.
fn metastasis_site(code: &Coded<'_>, kind: Kind, blood: bool, stated: BodySite) -> Option<MetastasisSite> {
    let mut site = stated;
    if kind.secondary {
        for wording in code.wordings().into_iter().filter(|wording| words::names_spine(wording)) {
            site.add_text(wording);
        }
    }
    let of_spine =
        code.concepts.has(Concept::SpineMetastasis) || ((kind.secondary || blood) && site.vertebral);
    if of_spine {
        Some(MetastasisSite::Spine(site.levels))
    } else if code.concepts.has(Concept::BoneMetastasis) {
        Some(MetastasisSite::Bone)
    } else {
        None
    }
}

/// ICD-10-CM writes "in remission" as a fifth character: 1 in C86, C88 and C90 to C95 (C90.01), A in C81 to C85
/// (C83.3A), but B in C84.7, where A is a site.
fn says_remission(code: &Coded<'_>) -> bool {
    code.codes().any(|code| {
        let plain: Vec<char> = code.chars().filter(|c| *c != '.').map(|c| c.to_ascii_uppercase()).collect();
        matches!(
            plain.as_slice(),
            ['C', '9', '0'..='5', _, '1'] | ['C', '8', '6' | '8', _, '1'] | ['C', '8', '4', '7', 'B']
        ) || matches!(plain.as_slice(), ['C', '8', '1'..='5', _, 'A'])
            && !matches!(plain.as_slice(), ['C', '8', '4', '7', 'A'])
    })
}

/// A SNOMED CT code beyond the built-in ones whose display plainly names a malignancy, as the last resort. A display of the
/// past makes history; one of doubt, of family or of screening makes nothing.
fn by_display(code: &Coded<'_>) -> Kind {
    let unknown = code.codings.iter().filter(|coding| {
        coding.concepts.is_empty()
            && coding.code.is_some()
            && coding.system.as_deref().is_some_and(|system| same_system(system, SNOMED))
    });
    let mut kind = Kind { by_display: true, ..Kind::default() };
    for display in unknown.filter_map(|coding| coding.display.as_deref()) {
        let lower = display.to_lowercase();
        if !names_malignancy(&lower) {
            continue;
        }
        match words::stop(display) {
            Some(words::Stop::Other) => {}
            Some(words::Stop::Past) => kind.history = true,
            None => {
                let secondary = lower.contains("secondary") || lower.contains("metasta");
                kind.secondary |= secondary;
                kind.primary |= !secondary;
            }
        }
    }
    kind
}

/// Phrases beside which a malignant word is no malignancy.
const NOT_A_CANCER: &[&str] = &[
    "in situ",
    "in-situ",
    "no evidence",
    "basal cell",
    "squamous cell carcinoma of skin",
    "squamous cell carcinoma of the skin",
    "non-melanoma",
    "nonmelanoma",
    "pseudo",
    "fast track",
    "urgent cancer",
    "cancer services",
];

fn names_malignancy(lower: &str) -> bool {
    let phrases = ["malignant neoplasm", "malignant tumor", "malignant tumour"];
    let endings = ["carcinoma", "sarcoma", "lymphoma", "myeloma", "leukemia", "leukaemia", "melanoma"];
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    let named = lower.contains("malignant") && phrases.iter().any(|phrase| lower.contains(phrase))
        || words.any(|word| word == "cancer" || endings.iter().any(|ending| word.ends_with(ending)));
    named && !NOT_A_CANCER.iter().any(|phrase| lower.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remission_is_a_fifth_character() {
        let says = |code: &str| {
            let text = format!(r#"{{"coding":[{{"code":"{code}"}}]}}"#);
            let document = json::Document::parse(&text).unwrap();
            says_remission(&Coded::read(document.root(), &super::super::ValueSets::default()).unwrap())
        };
        for code in ["C90.01", "C9001", "C91.A1", "C88.41", "C86.01", "C83.3A", "C84.7B", "C84.AA", "c81.9a"]
        {
            assert!(says(code), "{code}");
        }
        for code in ["C90.00", "C81.01", "C84.7A", "C83.31", "C90.02", "C50.911", "C83.398"] {
            assert!(!says(code), "{code}");
        }
    }

    #[test]
    fn a_display_must_say_malignant_plainly() {
        for display in
            ["malignant tumor of pleura", "adenocarcinoma of lung", "ewing's sarcoma", "cancer of bladder"]
        {
            assert!(names_malignancy(display), "{display}");
        }
        for display in [
            "carcinoma in situ of breast",
            "family history of cancer",
            "suspected lung cancer",
            "basal cell carcinoma",
            "neoplasm of uncertain behavior",
            "benign neoplasm",
            "cancer screening",
            "at risk of breast cancer",
            "fear of cancer",
            "no evidence of malignant neoplasm",
            "cancerophobia",
            "carcinoid syndrome",
        ] {
            let stopped = words::stop(display).is_some();
            assert!(stopped || !names_malignancy(display), "{display}");
        }
    }
}
