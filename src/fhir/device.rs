//! Device: implants that need an MR-safety review.
//!
//! Deliberately absent: whether MRI is possible, which only a review of the implant can tell.

use super::concept::Concept;
use super::context::{Context, Entry};
use super::note::NoteKind;

/// Reads one Device. A status that is absent or not known counts: the implant may well be there.
pub(super) fn read(entry: &Entry<'_>, cx: &mut Context<'_>) {
    if let Some("inactive" | "entered-in-error") = cx.text(entry, "status").as_deref() {
        return cx.note(NoteKind::NotInForce, entry, "status");
    }
    let Some(code) = cx.coded(entry, "type").filter(|code| code.concepts.has(Concept::MriSafety)) else {
        return cx.note(NoteKind::CodeNotKnown, entry, "type");
    };
    let evidence = Context::evidence(entry, code.label(), None);
    cx.facts.mri_safety.push(evidence);
}
