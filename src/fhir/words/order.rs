//! Orders for radiotherapy and spine surgery, and parts of the body, as words.
//!
//! Deliberately absent: referrals and consults, planning, and anything that speaks of an earlier treatment: they are not
//! orders to treat.

use super::dose::scheme;
use super::imaging::denied;
use super::spine::{levels_of, spine_of};
use super::triggers::Triggers;
use super::{Words, names_spine};
use std::sync::LazyLock;

/// Whether a text orders radiotherapy.
pub fn radiotherapy(text: &str) -> bool {
    static TRIGGERS: LazyLock<Triggers> =
        LazyLock::new(|| Triggers::of_table(|words| _ = radiotherapy_at(words, 0)));
    if !TRIGGERS.may_stand_in(text) && scheme(text).is_none() {
        debug_assert!(
            !names_radiotherapy(&Words::of(text)),
            "a word of radiotherapy is missing among the triggers: {text}"
        );
        return false;
    }
    let words = Words::of(text);
    if speaks_of_something_else(&words) || words.any(&["biopsy", "frame", "toxicity", "myelopathy"]) {
        return false;
    }
    let has_scheme = scheme(text).is_some();
    let department = words.any(&["oncology", "oncologist", "department", "clinic"]);
    if department && !has_scheme {
        return false;
    }
    has_scheme || names_radiotherapy(&words)
}

fn names_radiotherapy(words: &Words) -> bool {
    (0..words.len()).any(|i| radiotherapy_at(words, i) && !denied(words, i, i))
}

fn radiotherapy_at(words: &Words, i: usize) -> bool {
    if words.is(i, RADIOTHERAPY) {
        return true;
    }
    if words.is(i, &["radiation", "irradiation"]) {
        return !words.is_at(i, 1, RADIATION_OF_ANOTHER_KIND);
    }
    if words.is(i, &["stereotactic"]) {
        return words.any(&["radiotherapy", "radiation", "body", "ablative"]);
    }
    // "RT" is also "right" and "respiratory therapy".
    let capitals = words.get(i).is_some_and(|word| word.capitals);
    words.is(i, &["rt"])
        && capitals
        && (words.is_at(i, 1, &["to"])
            || words.is_at(i, -1, &["palliative", "beam", "conventional", "stereotactic", "body"])
            || spine_of(words)
            || !levels_of(words).is_empty())
}

/// Whether a text asks for a consult, plans, or speaks of an earlier treatment.
pub fn referral(text: &str) -> bool {
    speaks_of_something_else(&Words::of(text))
}

/// Whether a text orders surgery of the spine. `site_is_spine`: the body site says so already.
pub fn spine_surgery(text: &str, site_is_spine: bool) -> bool {
    static TRIGGERS: LazyLock<Triggers> =
        LazyLock::new(|| Triggers::of_table(|words| _ = surgery_at(words, 0, || true)));
    if !TRIGGERS.may_stand_in(text) {
        debug_assert!(
            !names_surgery(&Words::of(text), || true),
            "a word of surgery is missing among the triggers: {text}"
        );
        return false;
    }
    let words = Words::of(text);
    if speaks_of_something_else(&words) || words.any(&["traction", "table"]) {
        return false;
    }
    let of_spine = site_is_spine || names_spine(text) || words.any(&["spine", "spinal"]);
    let cement = words.any(&[
        "vertebroplasty",
        "kyphoplasty",
        "cementoplasty",
        "cement",
        "augmentation",
        "injection",
        "nerve",
    ]);
    names_surgery(&words, || of_spine && !cement)
}

fn names_surgery(words: &Words, of_spine: impl Fn() -> bool) -> bool {
    (0..words.len()).any(|i| surgery_at(words, i, &of_spine) && !denied(words, i, i))
}

fn surgery_at(words: &Words, i: usize, of_spine: impl Fn() -> bool) -> bool {
    words.is(i, SPINE_SURGERY)
        || words.is(i, SURGERY_OF_A_SITE) && of_spine()
        || words.is(i, &["spine", "spinal"]) && words.is_at(i, 1, &["surgery", "operation"])
        || words.is(i, &["separation"]) && words.is_at(i, 1, &["surgery"])
}

/// Whether a text names a part of the body that is not the spine.
pub fn other_part(text: &str) -> bool {
    Words::of(text).any(OTHER_PARTS)
}

/// Whether a text names a bone that is no vertebra.
pub fn other_bone(text: &str) -> bool {
    Words::of(text).any(OTHER_BONES)
}

fn speaks_of_something_else(words: &Words) -> bool {
    words.any(NOT_AN_ORDER)
}

/// Words of referral, of planning, of imaging, and of what was done before.
const NOT_AN_ORDER: &[&str] = &[
    "consult",
    "consultation",
    "consultant",
    "consults",
    "referral",
    "refer",
    "referred",
    "evaluation",
    "evaluate",
    "assessment",
    "assess",
    "opinion",
    "review",
    "discussion",
    "discuss",
    "board",
    "mdt",
    "planning",
    "simulation",
    "simulator",
    "follow",
    "followup",
    "education",
    "counselling",
    "counseling",
    "history",
    "prior",
    "previous",
    "previously",
    "post",
    "after",
    "status",
    "mri",
    "mr",
    "ct",
    "mrt",
    "xray",
    "radiograph",
    "scan",
];
const RADIOTHERAPY: &[&str] = &[
    "radiotherapy",
    "radiotherapie",
    "radiothérapie",
    "radioterapia",
    "strahlentherapie",
    "bestrahlung",
    "bestraling",
    "ebrt",
    "cebrt",
    "xrt",
    "sbrt",
    "sabr",
    "radiosurgery",
];
const RADIATION_OF_ANOTHER_KIND: &[&str] = &[
    "exposure",
    "safety",
    "protection",
    "dermatitis",
    "pneumonitis",
    "necrosis",
    "proctitis",
    "cystitis",
    "enteritis",
    "mucositis",
    "oesophagitis",
    "esophagitis",
    "injury",
    "dose",
    "badge",
    "monitoring",
];
const SPINE_SURGERY: &[&str] = &[
    "laminectomy",
    "hemilaminectomy",
    "laminotomy",
    "laminoplasty",
    "vertebrectomy",
    "corpectomy",
    "spondylectomy",
    "spondylodesis",
    "discectomy",
    "microdiscectomy",
];
const SURGERY_OF_A_SITE: &[&str] = &[
    "decompression",
    "fusion",
    "stabilisation",
    "stabilization",
    "instrumentation",
    "instrumented",
    "fixation",
    "spondylosyndesis",
];
/// Bones into whose category a vertebra falls (M84.48, M84.58), and some others.
const OTHER_BONES: &[&str] = &[
    "clavicle", "cranium", "femur", "humerus", "jaw", "mandible", "maxilla", "pelvis", "rib", "ribs",
    "rippe", "rippen", "schaedel", "scapula", "skull", "sternum", "tibia",
];
const OTHER_PARTS: &[&str] = &[
    "abdomen",
    "acetabulum",
    "adrenal",
    "ankle",
    "anus",
    "arm",
    "axilla",
    "bladder",
    "brain",
    "breast",
    "cervix",
    "chest",
    "clavicle",
    "colon",
    "cranial",
    "elbow",
    "eye",
    "femur",
    "femoral",
    "foot",
    "forearm",
    "hand",
    "head",
    "hip",
    "humerus",
    "ilium",
    "intracranial",
    "kidney",
    "knee",
    "larynx",
    "leg",
    "liver",
    "lung",
    "mediastinum",
    "nasopharynx",
    "neck",
    "oesophagus",
    "esophagus",
    "orbit",
    "ovary",
    "pancreas",
    "pelvis",
    "pelvic",
    "prostate",
    "prostatic",
    "rectum",
    "rib",
    "ribs",
    "scapula",
    "shoulder",
    "skin",
    "skull",
    "stomach",
    "testis",
    "thigh",
    "throat",
    "thyroid",
    "tibia",
    "tongue",
    "uterus",
    "wrist",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radiotherapy_is_ordered_or_not() {
        for text in [
            "Palliative radiotherapy",
            "Radiation therapy to T8",
            "palliative radiation T8",
            "EBRT L3",
            "SBRT spine",
            "Stereotactic body radiation therapy",
            "RT to T8",
            "palliative RT",
            "XRT spine",
            "8 Gy x 1 to T8",
            "Radiation oncology: 20 Gy in 5 fractions",
            "Bestrahlung BWK 8",
        ] {
            assert!(radiotherapy(text), "{text}");
        }
        for text in [
            "",
            "Radiation oncology consult",
            "Referral to radiation oncology for SBRT 24 Gy in 2 fractions",
            "Radiotherapy planning CT",
            "CT simulation for SBRT",
            "Radiation oncology",
            "RT knee arthroplasty",
            "rt hip",
            "RT evaluation",
            "radiation dermatitis care",
            "stereotactic biopsy of brain",
            "MRI brain before stereotactic radiosurgery",
            "Follow-up after radiotherapy",
            "Prior radiotherapy",
            "no radiotherapy",
            "Physiotherapy",
            "chemotherapy",
        ] {
            assert!(!radiotherapy(text), "{text}");
        }
    }

    #[test]
    fn spine_surgery_is_ordered_or_not() {
        for text in [
            "Laminectomy T8",
            "Decompression of spinal cord",
            "Decompression and fusion T7-T9",
            "spinal fusion",
            "Corpectomy L2",
            "vertebrectomy",
            "posterior stabilisation of the thoracic spine",
            "Spine surgery",
            "separation surgery",
            "kyphoplasty and laminectomy T8",
        ] {
            assert!(spine_surgery(text, false), "{text}");
        }
        for text in [
            "",
            "Vertebroplasty T8",
            "balloon kyphoplasty of the spine",
            "Cement stabilisation of T8 vertebra",
            "Spine surgery consult",
            "Referral to spine surgery",
            "Carpal tunnel decompression",
            "ankle fusion",
            "MRI spine after laminectomy",
            "spinal decompression table",
            "spinal cord stimulator",
            "no laminectomy",
        ] {
            assert!(!spine_surgery(text, false), "{text}");
        }
        assert!(spine_surgery("Decompression", true) && !spine_surgery("Decompression", false));
    }

    #[test]
    fn parts_are_named_or_not() {
        assert!(other_part("left breast") && other_part("whole brain") && !other_part("T8"));
    }
}
