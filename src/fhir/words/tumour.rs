//! Cancers and metastases as people type them, in English and German; a part of [`problem`](super::problem()).

use super::Words;
use super::spine::{levels_of, spine_of};
use crate::codes::ConceptSet;
use crate::concept::Concept;

const ORGANS: &[&str] = &[
    "breast",
    "mamma",
    "lung",
    "bronchial",
    "prostate",
    "colon",
    "colorectal",
    "rectal",
    "rectum",
    "renal",
    "kidney",
    "bladder",
    "gastric",
    "stomach",
    "pancreatic",
    "pancreas",
    "liver",
    "thyroid",
    "ovarian",
    "ovary",
    "cervix",
    "cervical",
    "endometrial",
    "uterine",
    "oesophageal",
    "esophageal",
    "testicular",
    "bowel",
    "head",
    "tongue",
    "larynx",
];
const PRIMARY: &[&str] = &[
    "cancer",
    "malignancy",
    "nsclc",
    "sclc",
    "rcc",
    "hcc",
    "crpc",
    "mcrpc",
    "mcspc",
    "mbc",
    "nhl",
    "dlbcl",
    "krebs",
];
const ENDINGS: &[&str] = &[
    "carcinoma",
    "carcinomas",
    "karzinom",
    "karzinoms",
    "sarcoma",
    "sarkom",
    "lymphoma",
    "lymphom",
    "myeloma",
    "myelom",
    "leukemia",
    "leukaemia",
    "leukaemie",
    "melanoma",
    "melanom",
    "krebs",
    "plasmacytoma",
    "plasmozytom",
    "glioblastoma",
    "glioblastom",
    "neuroblastoma",
    "neuroblastom",
    "seminoma",
    "seminom",
    "mesothelioma",
    "mesotheliom",
];
const BONES: &[&str] =
    &["bone", "bones", "bony", "osseous", "skeletal", "skeleton", "knochen", "ossaer", "ossaere", "ossaeren"];

/// The cancers and metastases that a text names.
pub(super) fn cancer_of(words: &Words) -> ConceptSet {
    if words.begins(&["basal"])
        || (words.any(&["skin", "nonmelanoma"]) || words.begins(&["haut"]))
            && !words.ends(&["melanoma", "melanom"])
    {
        return ConceptSet::NONE;
    }
    let mut found = ConceptSet::NONE;
    let secondary = words.any(&["mets", "met"])
        && (words.any(BONES) || words.any(ORGANS) || spine_of(words) || words.any(&["brain", "nodal"]))
        || words.any(&["mcrpc", "mbc"])
        || words.holds(&["metasta"])
        || words.ends(&["filiae"]);
    if secondary {
        found = found.with(Concept::SecondaryMalignancy);
        if words.any(BONES) || words.begins(&["knochen", "skelett"]) {
            found = found.with(Concept::BoneMetastasis);
        }
        if spine_of(words) || !levels_of(words).is_empty() || words.begins(&["wirbel"]) {
            found = found.with(Concept::SpineMetastasis).with(Concept::BoneMetastasis);
        }
    }
    let malignant = words.any(&["malignant", "maligner", "malignes", "maligne"])
        && words.begins(&["neoplas", "tumor", "tumour", "melanom"]);
    let ca = words.any(&["ca"]) && words.any(ORGANS);
    let lymphoma =
        words.ends(&["lymphoma", "lymphom"]) || words.any(&["nhl", "dlbcl"]) || words.begins(&["hodgkin"]);
    if words.any(PRIMARY) || words.ends(ENDINGS) || ca || malignant || lymphoma {
        found = found.with(if secondary { Concept::SecondaryMalignancy } else { Concept::PrimaryMalignancy });
        if words.ends(&["myeloma", "myelom", "plasmacytoma", "plasmozytom"]) {
            found = found.with(Concept::Myeloma);
        }
        if lymphoma {
            found = found.with(Concept::Lymphoma);
        }
        if words.begins(&["prostat"]) || words.any(&["crpc", "mcrpc", "mcspc"]) {
            found = found.with(Concept::ProstateCancer);
        }
    }
    found
}
