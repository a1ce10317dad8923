//! Whose resource it is.
//!
//! A resource that names nobody is taken to be of the patient asked about: it came in an answer about that patient.
//! Deliberately absent: looking references up.

use super::context::Entry;
use super::identity::Reference;
use super::reader::{Object, items, text};

/// Whether a resource belongs to the patient asked about. One that names two subjects belongs to nobody who could be told.
pub(super) fn is_of(entry: &Entry<'_>, patient_id: &str) -> bool {
    if entry.resource_type == "Patient" {
        return !entry.object.contradicts("id")
            && entry.object.raw("id").and_then(text).is_none_or(|id| id == patient_id);
    }
    if entry.resource_type == "Appointment" {
        return takes_part(entry, patient_id);
    }
    if entry.object.contradicts("subject") || entry.object.contradicts("patient") {
        return false;
    }
    let subject = entry.object.get("subject").or_else(|| entry.object.get("patient"));
    let Some(subject) = subject.and_then(Object::read) else { return true };
    if subject.contradicts("reference") {
        return false;
    }
    let Some(reference) = subject.raw("reference").and_then(text) else { return true };
    // As nearly all are written.
    if reference.strip_prefix("Patient/").is_some_and(|id| id == patient_id) && is_plain(patient_id) {
        return true;
    }
    let named = Reference::parse(&reference);
    // A contained patient has no identity of its own.
    named.is_contained || matches!(named.kind, None | Some("Patient")) && named.id == patient_id
}

/// Whether an id is nothing but an id: no part of a path, and no blank at an end.
fn is_plain(id: &str) -> bool {
    Reference { kind: None, id, is_contained: false }.has_valid_id()
}

/// Whether an appointment is the patient's: it names this one, or no patient at all.
fn takes_part(entry: &Entry<'_>, patient_id: &str) -> bool {
    if entry.object.contradicts("participant") {
        return false;
    }
    let (mut others, mut own) = (false, false);
    for raw in entry.object.get("participant").map(items).unwrap_or_default() {
        let Some(actor) = Object::read(raw).and_then(|it| it.get("actor")).and_then(Object::read) else {
            continue;
        };
        if actor.contradicts("reference") {
            return false;
        }
        let Some(reference) = actor.raw("reference").and_then(text) else { continue };
        let named = Reference::parse(&reference);
        let typed = actor.raw("type").and_then(text).is_some_and(|kind| kind == "Patient");
        if named.kind == Some("Patient") || named.kind.is_none() && typed {
            own |= named.id == patient_id;
            others |= named.id != patient_id;
        }
    }
    if own {
        return true;
    }
    !others
}
