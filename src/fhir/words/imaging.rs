//! Imaging orders and studies, as words.

use super::spine::{levels_of, regions_of, spine_of};
use super::triggers::Triggers;
use super::{Gap, Words};
use engine::domain::{Modality, Regions};
use std::sync::LazyLock;

/// What a text says about an imaging order or study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImagingText {
    /// The kind of imaging.
    pub modality: Modality,
    /// The regions of the spine; empty when none is stated.
    pub regions: Regions,
    /// The text names the spine or a vertebral level.
    pub spine: bool,
    /// The text names the whole body, or is a bone scan that names no part of it.
    pub whole_body: bool,
}

/// Reads an imaging order or study from its text.
///
/// `None` unless it asks for one kind of imaging, of the spine or of the whole body. A kind that is denied, refused or
/// past is not asked for ("CT spine, MRI not possible" is a CT). PET, angiography, guidance and planning are other
/// things.
pub fn imaging(text: &str) -> Option<ImagingText> {
    if !may_name_imaging(text) {
        return None;
    }
    let words = Words::of(text);
    let modality = modality(&words)?;
    let spine = spine_of(&words) || !levels_of(&words).is_empty();
    let whole = |i: usize| words.is(i, &["whole", "total", "full", "entire"]) && words.is_at(i, 1, &["body"]);
    let whole_body =
        (0..words.len()).any(whole) || modality == Modality::BoneScan && !spine && !words.any(OTHER_PARTS);
    (spine || whole_body).then(|| ImagingText { modality, regions: regions_of(&words), spine, whole_body })
}

/// Whether a text names a kind of imaging, whatever of.
pub fn names_imaging(text: &str) -> bool {
    may_name_imaging(text) && modality(&Words::of(text)).is_some()
}

/// Whether a text names an MRI, whatever of.
pub fn names_mri(text: &str) -> bool {
    may_name_imaging(text) && modality(&Words::of(text)) == Some(Modality::Mri)
}

/// Whether a text has a word that may name a kind of imaging; most texts have none.
fn may_name_imaging(text: &str) -> bool {
    static TRIGGERS: LazyLock<Triggers> =
        LazyLock::new(|| Triggers::of_table(|words| _ = modality_at(words, 0)));
    let may = TRIGGERS.may_stand_in(text);
    debug_assert!(
        may || modality(&Words::of(text)).is_none(),
        "a kind of imaging is missing among the triggers: {text}"
    );
    may
}

/// Whether the first word of a text names a kind of imaging.
pub fn begins_with_imaging(text: &str) -> bool {
    text.split_whitespace().next().is_some_and(names_imaging)
}

/// Whether a series description names a T1-weighted sequence.
pub fn names_t1(description: &str) -> bool {
    names_sequence(description, "t1")
}

/// Whether a series description names a T2-weighted sequence. STIR alone does not name it.
pub fn names_t2(description: &str) -> bool {
    names_sequence(description, "t2")
}

/// Parts of the body that a bone scan may be limited to.
const OTHER_PARTS: &[&str] = &[
    "ankle", "ankles", "arm", "elbow", "femur", "feet", "foot", "hand", "hands", "hip", "hips", "humerus",
    "jaw", "knee", "knees", "leg", "legs", "mandible", "marrow", "pelvis", "shoulder", "skull", "tibia",
    "wrist", "wrists",
];
/// What follows a modality when it is not diagnostic imaging of the spine.
const OTHER_USE: &[&str] = &[
    "angiogram",
    "angiography",
    "arthrogram",
    "arthrography",
    "cholangiopancreatography",
    "compatible",
    "conditional",
    "crystallography",
    "elastography",
    "enterography",
    "guidance",
    "guided",
    "neurography",
    "safe",
    "safety",
    "spectroscopy",
    "surgeon",
    "surgery",
    "therapy",
    "urography",
    "venography",
];
const DENIAL_BEFORE: &[&str] = &[
    "avoid", "cannot", "declined", "declines", "instead", "last", "no", "not", "outside", "previous",
    "prior", "recent", "refused", "refuses", "unable", "without",
];
const DENIAL_AFTER: &[&str] = &[
    "cancelled",
    "canceled",
    "contraindicated",
    "declined",
    "impossible",
    "not",
    "refused",
    "unavailable",
    "unsafe",
];
const FILLERS: &[&str] = &[
    "a", "an", "any", "are", "been", "cervical", "entire", "for", "further", "has", "have", "is", "lumbar",
    "more", "need", "needs", "of", "scan", "spine", "the", "thoracic", "to", "undergo", "was", "whole",
];
/// Words of a CT that is made for treatment, or as a part of a bone scan.
const NOT_DIAGNOSTIC_CT: &[&str] = &["planning", "simulation", "simulator", "spect"];
const MRI: &[&str] = &["mri", "mris", "mrt", "irm", "kernspintomographie", "resonancia"];
const XRAY: &[&str] = &[
    "xray",
    "xrays",
    "xr",
    "radiograph",
    "radiographs",
    "radiography",
    "radiographie",
    "radiografia",
    "radiografía",
    "roentgen",
    "roentgenaufnahme",
];

const SCINTIGRAPHY: &[&str] =
    &["scintigraphy", "scintigram", "scintigraphie", "szintigraphie", "scintigrafie"];
const BONE: &[&str] = &["bone", "bones", "skeletal", "skeleton", "osseuse"];

/// The one modality that is asked for; `None` when several are, because which of them the spine belongs to is a guess.
fn modality(words: &Words) -> Option<Modality> {
    if words.any(&["pet", "petct", "positron"]) {
        return None;
    }
    let mut asked = (0..words.len()).filter_map(|i| {
        let (modality, last) = modality_at(words, i)?;
        let other_ct = modality == Modality::Ct && words.any(NOT_DIAGNOSTIC_CT);
        (!other_ct && !words.is_at(last, 1, OTHER_USE) && !denied(words, i, last)).then_some(modality)
    });
    let first = asked.next()?;
    asked.all(|other| other == first).then_some(first)
}

/// The modality that begins at a word, and its last word.
fn modality_at(words: &Words, i: usize) -> Option<(Modality, usize)> {
    let is = |list: &[&str]| words.is(i, list);
    let two = |second: &[&str]| words.is_at(i, 1, second);
    let capitals = || words.get(i).is_some_and(|word| word.capitals);
    let one = if is(&["mr"]) {
        capitals().then_some(Modality::Mri)
    } else if is(&["ct", "computertomographie"]) {
        Some(Modality::Ct)
    } else if is(&["cr", "dx"]) {
        (capitals() && names_spine_word(words)).then_some(Modality::XRay)
    } else if is(&["films"]) {
        (!words.is_at(i, -1, &["plain"]) && names_spine_word(words)).then_some(Modality::XRay)
    } else if is(&["knochenszintigraphie", "skelettszintigraphie", "botscan"]) {
        Some(Modality::BoneScan)
    } else if is(MRI) {
        Some(Modality::Mri)
    } else if is(XRAY) {
        Some(Modality::XRay)
    } else if is(SCINTIGRAPHY) && words.any(BONE) {
        Some(Modality::BoneScan)
    } else {
        None
    };
    if let Some(modality) = one {
        return Some((modality, i));
    }
    let pair = if is(&["magnetic"]) && two(&["resonance"]) {
        Modality::Mri
    } else if is(&["computed", "computerised", "computerized"]) && two(&["tomography"]) {
        Modality::Ct
    } else if is(&["x"]) && two(&["ray", "rays"]) || is(&["plain"]) && two(&["film", "films"]) {
        Modality::XRay
    } else if is(&["bone"]) && two(&["scan", "scans", "scanning", "spect"]) || is(&["nm"]) && two(&["bone"]) {
        Modality::BoneScan
    } else {
        return None;
    };
    Some((pair, i + 1))
}

/// "CR", "DX" and "films" mean other things too: they are X-rays where the spine stands beside them.
fn names_spine_word(words: &Words) -> bool {
    words.any(&["spine", "spn", "wirbelsaeule"])
}

pub(super) fn denied(words: &Words, first: usize, last: usize) -> bool {
    let before = (0..first).rev().find(|i| !words.is(*i, FILLERS));
    let after = (last + 1..words.len()).find(|i| !words.is(*i, FILLERS));
    before.is_some_and(|i| words.is(i, DENIAL_BEFORE)) || after.is_some_and(|i| words.is(i, DENIAL_AFTER))
}

fn names_sequence(description: &str, name: &str) -> bool {
    let words = Words::of(description);
    (0..words.len()).any(|i| {
        let word = words.text(i);
        let word =
            ["sag", "cor", "tra", "ax"].iter().find_map(|plane| word.strip_prefix(plane)).unwrap_or(word);
        let rest = word.strip_prefix(name);
        let named = rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
        // "T1-T6" is a part of the spine, not a sequence.
        let range = rest == Some("")
            && words.get(i + 1).is_some_and(|next| {
                next.gap == Gap::Dash && !matches!(next.text.as_str(), "t1" | "t2") && is_level(&next.text)
            });
        named && !range
    })
}

fn is_level(word: &str) -> bool {
    let number = word.strip_prefix(['t', 'l', 's']).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::domain::Region;

    fn read(text: &str) -> String {
        match imaging(text) {
            None => "none".to_owned(),
            Some(found) => {
                let body = if found.whole_body { ", whole body" } else { "" };
                let spine = if found.spine { found.regions.to_string() } else { "no spine".to_owned() };
                format!("{} {spine}{body}", found.modality.name())
            }
        }
    }

    #[test]
    fn orders_of_the_spine_are_read() {
        let cases = [
            ("MRI whole spine", "MRI whole spine"),
            ("MRI of the whole spine with T1 and T2", "MRI whole spine"),
            ("mri lumbar spine without contrast", "MRI lumbar spine"),
            ("MR Cervical and thoracic and lumbar spine WO contrast", "MRI whole spine"),
            ("Magnetic resonance imaging of entire vertebral column", "MRI whole spine"),
            ("MRI C/T/L spine", "MRI whole spine"),
            ("MRI T-spine and L-spine", "MRI thoracic and lumbar spine"),
            ("MRI spine", "MRI spine, region not stated"),
            ("MRI lumbar", "MRI lumbar spine"),
            ("MRI lumbosacral spine", "MRI lumbar and sacral spine"),
            ("MRI T8", "MRI thoracic spine"),
            ("Kernspintomographie der gesamten Wirbelsäule", "MRI whole spine"),
            ("MRT LWS", "MRI lumbar spine"),
            ("IRM rachis entier", "MRI whole spine"),
            ("X-ray lumbar spine", "X-ray lumbar spine"),
            ("XR THORACIC SPINE 2 VIEWS", "X-ray thoracic spine"),
            ("Plain films of the spine", "X-ray spine, region not stated"),
            ("Radiograph, cervical spine", "X-ray cervical spine"),
            ("CT spine", "CT spine, region not stated"),
            ("CT of T7-T9", "CT thoracic spine"),
            ("Computed tomography myelogram of the lumbar spine", "CT lumbar spine"),
            ("CT spine, MRI contraindicated", "CT spine, region not stated"),
            ("CT spine instead of MRI", "CT spine, region not stated"),
            ("no MRI, X-ray lumbar spine", "X-ray lumbar spine"),
            ("Bone SPECT/CT of the spine", "bone scan spine, region not stated"),
            ("MRI whole spine contraindicated, CT spine", "CT whole spine"),
            ("MRI spine, no contrast", "MRI spine, region not stated"),
            ("No contrast MRI spine", "MRI spine, region not stated"),
            ("Bone scan", "bone scan no spine, whole body"),
            ("Whole body bone scintigraphy", "bone scan no spine, whole body"),
            ("bone scan of the spine", "bone scan spine, region not stated"),
            ("NM Bone Views", "bone scan no spine, whole body"),
            ("Whole body MRI", "MRI no spine, whole body"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_read() {
        let cases = [
            "",
            "MRI brain",
            "CT chest",
            "CT thoracic",
            "MRCP",
            "electron boost to the spine",
            "no MRI of the spine",
            "MRI spine declined",
            "MRI not possible, spine pain",
            "MRI lumbar plexus",
            "MRI cervical cancer staging",
            "Lumbar puncture under CT",
            "CT-guided biopsy of T8",
            "Planning CT spine",
            "CT simulation for T8 SBRT",
            "PET/CT spine",
            "Positron emission tomography with computed tomography of whole body",
            "MR angiography of the spine",
            "MRI-safe pacemaker, spinal stenosis",
            "Mr Smith, spine clinic",
            "bone density scan",
            "bone scan left foot",
            "bone marrow biopsy",
            "Spine surgery referral",
            "XRT spine",
            "skeletal survey",
            "ultrasound lumbar spine",
            "8 Gy x 1 to T8",
            "fMRI",
            "CTA thoracic aorta",
            "cardiac MRI",
            "X-ray of iliac spine",
            "brain MRI, whole spine CT",
            "MRI brain, CT whole spine",
            "X-ray lumbar spine, then MRI",
        ];
        for text in cases {
            assert_eq!(imaging(text), None, "{text}");
        }
    }

    #[test]
    fn the_regions_of_a_text_are_those_of_the_spine() {
        let found = imaging("MRI cervical spine and thoracic aorta").unwrap();
        assert_eq!(found.regions, Regions::of(Region::Cervical));
    }

    #[test]
    fn sequences_are_named_or_not() {
        let cases = [
            ("SAG T1", true, false),
            ("t2_tse_sag", false, true),
            ("Axial T2 FSE", false, true),
            ("T1W TSE", true, false),
            ("sagT1 post", true, false),
            ("T1/T2 map", true, true),
            ("STIR sag", false, false),
            ("T12 axial", false, false),
            ("T1-T6 axial localiser", false, false),
            ("DWI", false, false),
            ("", false, false),
        ];
        for (text, t1, t2) in cases {
            assert_eq!((names_t1(text), names_t2(text)), (t1, t2), "{text}");
        }
    }
}
