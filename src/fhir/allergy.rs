//! AllergyIntolerance: bisphosphonates that the patient does not tolerate.
//!
//! Deliberately absent: any other substance, and how bad the reaction was.

use super::coded::Coded;
use super::concept::Concept;
use super::condition::Status;
use super::context::{Context, Entry};
use super::note::NoteKind;
use super::reader::{Object, items};
use super::words;

/// Reads one AllergyIntolerance. A status that is absent or not known counts: the danger lies in missing it.
pub(super) fn read(entry: &Entry<'_>, cx: &mut Context<'_>) {
    for (element, out_of_force) in [
        ("clinicalStatus", ["inactive", "resolved"]),
        ("verificationStatus", ["refuted", "entered-in-error"]),
    ] {
        if Status::read(entry, cx, element).says(&out_of_force) {
            return cx.note(NoteKind::NotInForce, entry, element);
        }
    }
    let mut substances: Vec<Coded<'_>> = cx.coded(entry, "code").into_iter().collect();
    for raw in entry.object.get("reaction").map(items).unwrap_or_default() {
        let substance = Object::read(raw).and_then(|reaction| reaction.get("substance"));
        substances.extend(substance.and_then(|raw| cx.coded_from(entry, raw, "reaction")));
    }
    let coded = |coded: &&Coded<'_>| coded.has_any(&[Concept::ZoledronicAcid, Concept::Bisphosphonate]);
    let worded = |coded: &&Coded<'_>| {
        coded.concepts.is_empty() && coded.wordings().into_iter().any(words::bisphosphonate)
    };
    let found = match substances.iter().find(coded) {
        Some(found) => found,
        None => match substances.iter().find(worded) {
            Some(found) => {
                cx.note(NoteKind::FromText, entry, "code");
                found
            }
            None => return cx.note(NoteKind::CodeNotKnown, entry, "code"),
        },
    };
    let label = found.label();
    let recorded = cx.date(entry, "recordedDate");
    let evidence = Context::evidence(entry, label, recorded);
    cx.facts.bisphosphonate_allergy.push(evidence);
}
