//! Procedure: surgery of the spine, radiotherapy, and MRI studies recorded as procedures.
//!
//! A treatment can silence an alarm, so only one that surely took place counts. Deliberately absent: dose and
//! technique, and which findings a treatment answers.

use super::coded::{BodySite, Coded};
use super::concept::Concept;
use super::context::{Context, Entry, extension_name, extensions};
use super::imaging::{self, PERFORMED};
use super::note::NoteKind;
use super::reader::{Object, items, text};
use super::subject;
use crate::domain::{SpineTreatment, TreatmentKind};
use serde_json::value::RawValue;

/// The most irradiated volumes that are followed; a course has a handful.
const MOST_VOLUMES: usize = 32;

/// Reads one Procedure.
pub(super) fn read(entry: &Entry<'_>, cx: &mut Context<'_>) {
    let code = cx.coded(entry, "code").unwrap_or_default();
    let Some(kind) = kind(entry, &code) else {
        if !imaging::procedure(entry, cx, &code) && code.concepts.is_empty() {
            cx.note(NoteKind::CodeNotKnown, entry, "code");
        }
        return;
    };
    let running = match (cx.text(entry, "status").as_deref(), kind) {
        (Some("in-progress" | "on-hold"), _) => true,
        // A course that was broken off was given in part; an operation that was broken off was not done.
        (Some("completed"), _) | (Some("stopped"), TreatmentKind::Radiotherapy) => false,
        _ => return cx.note(NoteKind::NotInForce, entry, "status"),
    };
    let span = cx.span(entry, &PERFORMED);
    if span.start.is_some_and(|start| start.earliest() > cx.now) {
        return cx.note(NoteKind::ValueNotAllowed, entry, "performed");
    }
    let mut site = cx.body_site(entry);
    if kind == TreatmentKind::Radiotherapy {
        add_volumes(entry, cx, &mut site);
    }
    let evidence = Context::evidence(entry, code.label(), span.end.or(span.start));
    let surgery = kind == TreatmentKind::SpineSurgery;
    cx.facts.treatments.push(SpineTreatment {
        kind,
        start: span.start,
        end: span.end.filter(|_| !running),
        running,
        names_spine: surgery || site.spine,
        names_no_site: !site.stated,
        levels: site.levels,
        evidence,
    });
}

fn kind(entry: &Entry<'_>, code: &Coded<'_>) -> Option<TreatmentKind> {
    let radiotherapy = code.concepts.has(Concept::Radiotherapy)
        || Context::has_profile(entry, |name| {
            (name.starts_with("mcode-") || name.starts_with("codexrt-"))
                && ["radiotherapy", "radiation", "brachytherapy"].iter().any(|word| name.contains(word))
        });
    if code.concepts.has(Concept::SpineSurgery) {
        Some(TreatmentKind::SpineSurgery)
    } else if radiotherapy {
        Some(TreatmentKind::Radiotherapy)
    } else {
        None
    }
}

/// Adds the irradiated volumes, which mCODE names by reference to a BodyStructure.
fn add_volumes(entry: &Entry<'_>, cx: &mut Context<'_>, site: &mut BodySite) {
    let doses = entry.object.get("extension").map(items).unwrap_or_default();
    let dosed = |raw: &&RawValue| {
        Object::read(raw).is_some_and(|e| extension_name(&e) == "mcode-radiotherapy-dose-delivered-to-volume")
    };
    for dose in doses.into_iter().filter(dosed).take(MOST_VOLUMES) {
        for volume in extensions(dose).filter(|part| extension_name(part) == "volume").take(MOST_VOLUMES) {
            let Some(reference) = volume.get("valueReference").and_then(Object::read) else { continue };
            // A volume that cannot be read is a site all the same, and nobody knows that it is the spine.
            site.stated = true;
            if let Some(display) = reference.get("display").and_then(text) {
                site.add_text(&display);
            }
            let Some(target) = reference.get("reference").and_then(text) else { continue };
            let found = match target.strip_prefix('#') {
                Some(id) => contained(entry, cx, id),
                None => cx.body_structures.get(&subject::type_and_id(&target)).copied(),
            };
            match found {
                Some(volume) => site.merge(&volume),
                None => cx.note(NoteKind::MakesNoFact, entry, "extension"),
            }
        }
    }
}

fn contained(entry: &Entry<'_>, cx: &mut Context<'_>, id: &str) -> Option<BodySite> {
    let all = entry.object.get("contained").map(items).unwrap_or_default();
    let mut structures = all.into_iter().filter_map(Object::read).filter_map(Entry::new);
    let mut structure = structures.find(|found| {
        found.resource_type == "BodyStructure"
            && found.object.get("id").and_then(text).is_some_and(|found| found == id)
    })?;
    structure.reference.clone_from(&entry.reference);
    Some(body_structure(&structure, cx))
}

/// The place that a BodyStructure describes.
pub(super) fn body_structure(entry: &Entry<'_>, cx: &mut Context<'_>) -> BodySite {
    let mut site = BodySite::default();
    if let Some(location) = cx.coded(entry, "location") {
        site.add(&location);
    }
    for qualifier in cx.coded_list(entry, "locationQualifier") {
        site.add(&qualifier);
    }
    if let Some(description) = cx.text(entry, "description") {
        site.add_text(&description);
    }
    site
}
