//! Problems as people type them, in English and German (guideline.md section 2, "Text").
//!
//! The table names concepts; what is read this way may only raise (the mappers see to it). A text with any word of
//! [`stop`](mod@super::stop) makes no fact, so nothing here looks at what a phrase refers to.

use super::spine::{levels_of, spine_of};
use super::triggers::Triggers;
use super::tumour::cancer_of;
use super::{Words, stop};
use crate::codes::ConceptSet;
use crate::concept::Concept;
use std::sync::LazyLock;

/// What a problem's text names.
pub fn problem(text: &str) -> ConceptSet {
    static TRIGGERS: LazyLock<Triggers> = LazyLock::new(|| Triggers::of_table(|words| _ = named(words)));
    // Most texts name nothing.
    if !TRIGGERS.may_stand_in(text) {
        debug_assert!(
            named(&Words::of(text)).is_empty(),
            "a word of the table is missing among its triggers: {text}"
        );
        return ConceptSet::NONE;
    }
    let words = Words::of(text);
    let found = named(&words);
    let doubtful = || stop(text).is_some() || words.any(&["or", "oder"]);
    if found == ConceptSet::NONE || doubtful() { ConceptSet::NONE } else { found }
}

/// What the words name, whatever the others say about it.
fn named(words: &Words) -> ConceptSet {
    let mut found = cancer_of(words);
    for (concept, names) in SIGNS {
        if names(words) {
            found = found.with(*concept);
        }
    }
    found
}

type Test = fn(&Words) -> bool;

/// Each sign with the words that name it.
const SIGNS: &[(Concept, Test)] = &[
    (Concept::BackPain, back_pain),
    (Concept::RadicularPain, radicular_pain),
    (Concept::LimbWeakness, limb_weakness),
    (Concept::Paraparesis, |w| w.any(PARAPARESIS) && !inborn(w) || unable_to_move(w)),
    (Concept::CordCompression, cord_compression),
    (Concept::CaudaEquina, |w| {
        (w.any(&["cauda", "kauda"]) && w.any(&["equina", "syndrome", "syndrom"])) || w.any(&["kaudasyndrom"])
    }),
    (Concept::Myelopathy, |w| {
        w.any(MYELOPATHY) && !inborn(w) || w.phrase(&["upper", "motor"]) && !of_the_brain(w)
    }),
    (Concept::SaddleAnaesthesia, saddle),
    (Concept::SensoryLevel, |w| w.phrase(&["sensory", "level"]) || w.phrase(&["sensibles", "niveau"])),
    (Concept::LhermitteSign, |w| w.any(&["lhermitte", "lhermittes"])),
    (Concept::GaitDisturbance, gait),
    (Concept::UrinaryRetention, |w| {
        w.any(&["retention"]) && w.any(&["urinary", "urine"]) || w.begins(&["harnverhalt"])
    }),
    (Concept::BladderOrBowelDisturbance, bladder_or_bowel),
    (Concept::UrinaryIncontinence, |w| {
        w.any(&["incontinence"]) && w.any(&["urinary", "urine", "bladder"]) || w.begins(&["harninkontinenz"])
    }),
    (Concept::VertebralFracture, vertebral_fracture),
];

const PAIN: &[&str] = &["pain", "pains", "ache", "aches", "schmerz", "schmerzen"];
const BACK: &[&str] = &[
    "back",
    "neck",
    "spine",
    "spinal",
    "interscapular",
    "lumbar",
    "paraspinal",
    "ruecken",
    "nacken",
    "kreuz",
    "wirbelsaeule",
    "hws",
    "bws",
    "lws",
];
const BACK_PAIN: &[&str] = &[
    "backache",
    "backpain",
    "lbp",
    "lumbago",
    "dorsalgia",
    "cervicalgia",
    "rueckenschmerz",
    "rueckenschmerzen",
    "kreuzschmerz",
    "kreuzschmerzen",
    "nackenschmerz",
    "nackenschmerzen",
    "lumbalgie",
    "dorsalgie",
    "zervikalgie",
    "lumbalsyndrom",
    "zervikalsyndrom",
    "cervicalsyndrom",
];
const RADICULAR: &[&str] = &[
    "sciatica",
    "radiculopathy",
    "radiculitis",
    "lumbosciatica",
    "ischialgie",
    "lumboischialgie",
    "radikulopathie",
    "radikulitis",
    "ischias",
];
const LIMBS: &[&str] = &[
    "leg",
    "legs",
    "arm",
    "arms",
    "limb",
    "limbs",
    "foot",
    "feet",
    "hand",
    "hands",
    "le",
    "les",
    "ue",
    "ues",
    "ble",
    "bue",
    "rle",
    "lle",
    "rue",
    "lue",
    "bles",
    "extremity",
    "extremities",
    "bein",
    "beine",
    "beinen",
    "beines",
    "fuss",
    "haende",
];
const WEAK: &[&str] =
    &["weakness", "weak", "paresis", "monoparesis", "monoplegia", "schwaeche", "parese", "laehmung"];
const WEAK_LIMB: &[&str] = &[
    "footdrop",
    "wristdrop",
    "fussheberschwaeche",
    "fussheberparese",
    "beinschwaeche",
    "beinparese",
    "armschwaeche",
    "armparese",
    "monoparese",
    "fallhand",
];
const PARAPARESIS: &[&str] = &[
    "paraparesis",
    "paraplegia",
    "quadriparesis",
    "quadriplegia",
    "tetraparesis",
    "tetraplegia",
    "paraparese",
    "paraplegie",
    "tetraparese",
    "tetraplegie",
    "querschnitt",
    "querschnittlaehmung",
    "querschnittslaehmung",
    "querschnittsyndrom",
    "querschnittssyndrom",
];
const MYELOPATHY: &[&str] = &[
    "myelopathy",
    "myelopathie",
    "hyperreflexia",
    "hyperreflexie",
    "babinski",
    "clonus",
    "pyramidenbahnzeichen",
];

/// Words of another cause of weakness, or of weakness that no root or cord explains.
fn another_cause(words: &Words) -> bool {
    of_the_brain(words)
        || words.any(&[
            "generalized",
            "generalised",
            "general",
            "global",
            "proximal",
            "myopathy",
            "neuropathy",
            "facial",
            "face",
            "vocal",
            "muscular",
            "dystrophy",
            "polio",
            "myasthenia",
            "fatigue",
            "deconditioning",
            "alcohol",
            "drug",
            "generalisierte",
            "allgemeine",
        ])
}

/// Words of a paralysis that is no finding of today.
fn inborn(words: &Words) -> bool {
    words.any(&[
        "hereditary",
        "congenital",
        "friedreich",
        "palsy",
        "birth",
        "bifida",
        "polio",
        "als",
        "hereditaere",
        "angeborene",
        "geburt",
    ]) || words.phrase(&["multiple", "sclerosis"])
        || words.phrase(&["multiple", "sklerose"])
}

fn of_the_brain(words: &Words) -> bool {
    words.any(&[
        "stroke",
        "cva",
        "tia",
        "cerebral",
        "cerebellar",
        "brain",
        "hemiparesis",
        "hemiplegia",
        "parkinson",
        "parkinsons",
        "hereditary",
        "congenital",
        "friedreich",
        "spinocerebellar",
        "sclerosis",
        "als",
        "palsy",
        "schlaganfall",
        "apoplex",
        "hirninfarkt",
        "zerebellaer",
        "hereditaere",
        "angeborene",
    ])
}

fn back_pain(words: &Words) -> bool {
    let pain_near = |i: usize| {
        words.is(i, BACK)
            && ((1..=2).any(|d| words.is(i + d, PAIN))
                || (1..=3).any(|d| i.checked_sub(d).is_some_and(|j| words.is(j, PAIN)))
                    && !words.begins(&["radiat"]))
    };
    let syndrome = |i: usize| words.is(i, &["hws", "bws", "lws"]) && words.is_at(i, 1, &["syndrom"]);
    words.any(BACK_PAIN)
        || (0..words.len()).any(syndrome)
        || (0..words.len()).any(pain_near) && !words.any(&["abdominal", "chest", "flank", "epigastric"])
}

fn radicular_pain(words: &Words) -> bool {
    let shooting = words.any(&[
        "shooting",
        "radiating",
        "radiates",
        "band",
        "girdle",
        "bandlike",
        "ausstrahlend",
        "ausstrahlende",
    ]);
    words.any(RADICULAR)
        || words.any(PAIN) && words.begins(&["radicul", "radikul"])
        || words.phrase(&["pinched", "nerve"])
        || words.begins(&["wurzelreiz", "nervenwurzelreiz", "wurzelkompression", "nervenwurzelkompression"])
        || words.phrase(&["nerve", "root"]) && words.any(&["compression", "pain", "irritation"])
        || shooting
            && words.any(PAIN)
            && (words.any(LIMBS) && !words.any(&["chest", "angina", "jaw"]) || !levels_of(words).is_empty())
}

fn limb_weakness(words: &Words) -> bool {
    let drop = |i: usize| {
        words.is(i, &["drop"])
            && (words.is_at(i, -1, &["foot", "wrist"]) || words.is_at(i, 1, &["foot", "wrist"]))
    };
    let named = words.any(WEAK) && words.any(LIMBS)
        || words.any(WEAK_LIMB)
        || (0..words.len()).any(drop)
        || words.phrase(&["giving", "way"]) && words.any(LIMBS)
        || words.phrase(&["difficulty", "lifting"]) && words.any(LIMBS);
    named && !another_cause(words)
}

fn unable_to_move(words: &Words) -> bool {
    words.phrase(&["unable", "to", "move"]) && words.any(&["legs"]) && !another_cause(words)
}

fn cord_compression(words: &Words) -> bool {
    words.any(&["mscc", "mescc", "myelonkompression", "rueckenmarkkompression", "rueckenmarkskompression"])
        || words.any(&["compression", "kompression"])
            && words.any(&["cord", "myelon", "epidural", "thecal", "rueckenmark"])
}

fn saddle(words: &Words) -> bool {
    let numb = words.begins(&["numb", "anaesth", "anesth", "hypaesth", "hypesth", "taub", "sensory"]);
    words.begins(&["reithosen"]) || numb && words.any(&["saddle", "perianal", "perineal", "perineum"])
}

fn gait(words: &Words) -> bool {
    let disturbed =
        ["unstead", "instab", "unstab", "ataxi", "disturb", "abnorm", "difficult", "impair", "spastic"];
    let named = words.any(&["gait"]) && words.begins(&disturbed)
        || words.any(&["ataxia", "ataxic", "ataxie"])
        || words.begins(&["gangstoerung", "gangunsicher", "gangataxie"])
        || words.phrase(&["unsteady", "on"]);
    named && !another_cause(words)
}

fn bladder_or_bowel(words: &Words) -> bool {
    words.any(&["incontinence"]) && words.any(&["bowel", "fecal", "faecal", "stool", "double"])
        || words.begins(&[
            "stuhlinkontinenz",
            "blasenstoerung",
            "blasenlaehmung",
            "mastdarm",
            "blasenentleerungsstoerung",
        ])
        || words.any(&["neurogenic", "neurogene"]) && words.any(&["bladder", "bowel", "blase", "darm"])
        || words.phrase(&["loss", "of"])
            && words.any(&["control"])
            && words.any(&["bladder", "bowel", "bowels"])
}

fn vertebral_fracture(words: &Words) -> bool {
    let of_spine = || spine_of(words) || !levels_of(words).is_empty() || words.begins(&["verteb", "wirbel"]);
    words.any(&["vcf", "wirbelkoerperfraktur", "wirbelkoerpersinterung"])
        || (words.begins(&["fractur", "fraktur", "collapse"])
            || words.any(&["fx", "frx"])
            || words.ends(&["fraktur"]))
            && of_spine()
            && !words.begins(&["trauma", "osteopor"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_named_as_people_type_them() {
        for (text, concept) in [
            ("Chronic LBP", Concept::BackPain),
            ("Pain, back, thoracic", Concept::BackPain),
            ("severe T-spine pain", Concept::BackPain),
            ("Rückenschmerzen seit 3 Wochen", Concept::BackPain),
            ("Rueckenschmerzen", Concept::BackPain),
            ("Ru\u{308}ckenschmerzen", Concept::BackPain),
            ("LWS-Syndrom", Concept::BackPain),
            ("BWS-Schmerzen", Concept::BackPain),
            ("BWK 12 Sinterungsfraktur", Concept::VertebralFracture),
            ("multiple Knochenfiliae", Concept::BoneMetastasis),
            ("Zervikalsyndrom", Concept::BackPain),
            ("Wurzelreizsyndrom L5 links", Concept::RadicularPain),
            ("Beinschwaeche beidseits", Concept::LimbWeakness),
            ("Querschnittlähmung ab Th8", Concept::Paraparesis),
            ("compression fx L1", Concept::VertebralFracture),
            ("Glioblastoma multiforme", Concept::PrimaryMalignancy),
            ("Pleuramesotheliom", Concept::PrimaryMalignancy),
            ("Hodgkin's disease", Concept::Lymphoma),
            ("L-sided sciatica", Concept::RadicularPain),
            ("band-like pain around chest at T6", Concept::RadicularPain),
            ("BLE weakness", Concept::LimbWeakness),
            ("difficulty lifting R foot", Concept::LimbWeakness),
            ("Fußheberparese links", Concept::LimbWeakness),
            ("unable to move legs", Concept::Paraparesis),
            ("inkompletter Querschnitt", Concept::Paraparesis),
            ("metastatic spinal cord compression (MSCC) at T10", Concept::CordCompression),
            ("numbness in saddle area", Concept::SaddleAnaesthesia),
            ("gait instability", Concept::GaitDisturbance),
            ("Harnverhalt", Concept::UrinaryRetention),
            ("loss of bladder control", Concept::BladderOrBowelDisturbance),
            ("Bone mets to T8, L2", Concept::SpineMetastasis),
            ("Knochenmetastasen", Concept::BoneMetastasis),
            ("brain mets", Concept::SecondaryMalignancy),
            ("Breast CA", Concept::PrimaryMalignancy),
            ("Mammakarzinom links", Concept::PrimaryMalignancy),
            ("multiple myeloma", Concept::Myeloma),
            ("compression fracture T12", Concept::VertebralFracture),
        ] {
            assert!(problem(text).has(concept), "{text}: {:?}", problem(text));
        }
    }

    #[test]
    fn other_texts_name_nothing() {
        for text in [
            "",
            "back acne",
            "back strain",
            "chest pain",
            "neck mass",
            "leg pain",
            "spinal stenosis L4-5",
            "numbness both legs",
            "generalized weakness",
            "facial weakness",
            "left leg weakness after stroke",
            "ataxia, hereditary",
            "hereditary spastic paraplegia",
            "Paraplegie seit Geburt",
            "cerebral palsy with spastic paraplegia",
            "multiple sclerosis with myelopathy",
            "hip fx",
            "chest pain radiating to arm",
            "Plattenepithelkarzinom der Haut",
            "Hautkrebs",
            "thyroid nodule T3",
            "umbilical cord compression",
            "vocal cord paralysis",
            "meningioma",
            "hospice care",
            "comfort measures only",
            "benign prostatic hyperplasia",
            "basal cell carcinoma of nose",
            "abdominal pain radiating to back",
            "osteoporosis of spine",
            "CABG",
            "ca 19-9",
            "calcium",
            "hypertension",
            "wrist fracture",
        ] {
            assert!(problem(text).is_empty(), "{text}: {:?}", problem(text));
        }
    }
}
