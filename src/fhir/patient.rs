//! Patient: age, sex, and whether the patient has died.
//!
//! A death that the record states badly is no death: silence about a living patient is the worse mistake.

use super::context::{Context, Entry};
use super::note::NoteKind;
use super::reader::boolean;
use engine::domain::Sex;

/// Ages beyond this are taken for typing errors, in years.
const OLDEST: u16 = 130;

/// Reads the patient asked about. One that carries the id speaks alone; of several without an id none can be told from a
/// stranger, whose death or age must not silence anything.
pub(super) fn read(entries: &[Entry<'_>], cx: &mut Context<'_>) {
    let patients = || entries.iter().filter(|entry| entry.resource_type == "Patient");
    let named = patients().find(|entry| entry.id.is_some());
    let mut nameless = patients().filter(|entry| entry.id.is_none());
    let only = nameless.next().filter(|_| nameless.next().is_none());
    let read = named.or(only);
    for other in patients().filter(|other| read.is_none_or(|read| !std::ptr::eq(read, *other))) {
        cx.note(NoteKind::Duplicate, other, "");
    }
    if let Some(entry) = read {
        read_one(entry, cx);
    }
}

fn read_one(entry: &Entry<'_>, cx: &mut Context<'_>) {
    cx.facts.patient = Some(entry.reference.clone());
    cx.facts.age_years = age(entry, cx);
    cx.facts.deceased = deceased(entry, cx);
    cx.facts.sex = sex(entry, cx);
}

fn sex(entry: &Entry<'_>, cx: &mut Context<'_>) -> Option<Sex> {
    match cx.text(entry, "gender").as_deref()? {
        "female" => Some(Sex::Female),
        "male" => Some(Sex::Male),
        "other" | "unknown" => None,
        _ => {
            cx.note(NoteKind::MalformedElement, entry, "gender");
            None
        }
    }
}

/// Completed years. A partial birth date takes the oldest age that it allows, as an unknown age counts as adult.
fn age(entry: &Entry<'_>, cx: &mut Context<'_>) -> Option<u16> {
    let born = cx.date(entry, "birthDate")?.earliest().with_timezone(&cx.zone).date_naive();
    let years = cx.now.with_timezone(&cx.zone).date_naive().years_since(born);
    let age = years.and_then(|years| u16::try_from(years).ok()).filter(|years| *years <= OLDEST);
    if age.is_none() {
        cx.note(NoteKind::ValueNotAllowed, entry, "birthDate");
    }
    age
}

fn deceased(entry: &Entry<'_>, cx: &mut Context<'_>) -> bool {
    let stated = entry.object.get("deceasedBoolean").map(boolean);
    if stated == Some(None) {
        cx.note(NoteKind::MalformedElement, entry, "deceasedBoolean");
    }
    let dated = match cx.date(entry, "deceasedDateTime") {
        Some(when) if when.earliest() > cx.now => {
            cx.note(NoteKind::ValueNotAllowed, entry, "deceasedDateTime");
            false
        }
        Some(_) if stated == Some(Some(false)) => {
            cx.note(NoteKind::ValueNotAllowed, entry, "deceasedBoolean");
            false
        }
        when => when.is_some(),
    };
    for name in ["_deceasedBoolean", "_deceasedDateTime"] {
        if entry.object.get(name).is_some() {
            cx.note(NoteKind::MakesNoFact, entry, name);
        }
    }
    dated || stated == Some(Some(true))
}
