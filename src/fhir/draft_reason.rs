//! The coded reason of a selected draft: a recorded suspicion for the time of the call (guideline.md section 2, "Reasons").
//!
//! Deliberately absent: which orders are asked for their reason (`order`, `treatment_order`), and reasons in words.

use super::coded::Coded;
use super::concept::Concept;
use super::context::{Context, Entry};
use super::order::label;
use super::reference::codes_of_reasons;
use engine::domain::{Levels, Sign, SignRecord};

/// What a reason is counted as, the first that fits. A compression that need not be metastatic is the sign that it is
/// anywhere else, and puts nobody at risk.
const COUNTS_AS: &[(&[Concept], Sign)] = &[
    (&[Concept::MesccSuspected, Concept::MetastaticByCode], Sign::MesccSuspected),
    (&[Concept::CordCompression], Sign::CordCompression),
    (&[Concept::CaudaEquina], Sign::CaudaEquina),
    (
        &[
            Concept::SpinalMetastasesSuspected,
            Concept::SpineMetastasis,
            Concept::BoneMetastasis,
            Concept::SecondaryMalignancy,
        ],
        Sign::SpinalMetastasesSuspected,
    ),
];

/// Makes a suspicion of the reasons of a draft for imaging, radiotherapy or surgery of the spine.
pub(super) fn read(entry: &Entry<'_>, cx: &mut Context<'_>, code: &Coded<'_>) {
    let mut signs: Vec<Sign> = codes_of_reasons(entry, cx);
    signs.extend(cx.coded_list(entry, "reasonCode").iter().filter_map(sign));
    signs.sort_unstable();
    signs.dedup();
    let authored = cx.date(entry, "authoredOn");
    for sign in signs {
        cx.facts.signs.push(SignRecord {
            sign,
            affirmed: true,
            side: None,
            limb: None,
            levels: Levels::NONE,
            seen: authored.into_iter().collect(),
            onset: None,
            stands_alone: false,
            progression: None,
            severity: None,
            metastatic_by_code: false,
            evidence: Context::evidence(entry, label(code, &[]), authored),
        });
    }
}

/// The sign that a coded reason counts as.
pub(super) fn sign(coded: &Coded<'_>) -> Option<Sign> {
    COUNTS_AS.iter().find(|(concepts, _)| coded.has_any(concepts)).map(|(_, sign)| *sign)
}
