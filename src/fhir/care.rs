//! Hospice care as a Procedure, a ServiceRequest or an Encounter: it is comfort care while it is active or in progress
//! (guideline.md section 2).
//!
//! As a Condition or an Observation it is read where these are.

use super::coded::Coded;
use super::concept::Concept;
use super::context::{Context, Entry, Statement};
use super::imaging::PERFORMED;
use super::note::NoteKind;
use super::order::OCCURRENCE;

/// Reads a Procedure.
pub(super) fn procedure(entry: &Entry<'_>, cx: &mut Context<'_>, code: &Coded<'_>) {
    let performed = cx.span(entry, &PERFORMED);
    record(entry, cx, code, &["in-progress"], performed.start.or(performed.end));
}

/// Reads a placed order. `false` when it is none of comfort care.
pub(super) fn request(entry: &Entry<'_>, cx: &mut Context<'_>, code: &Coded<'_>) -> bool {
    if !code.concepts.has(Concept::ComfortCare) {
        return false;
    }
    let occurrence = cx.span(entry, &OCCURRENCE);
    let authored = cx.date(entry, "authoredOn");
    record(entry, cx, code, &["active"], authored.or(occurrence.start));
    true
}

/// Reads the types of an Encounter.
pub(super) fn encounter(entry: &Entry<'_>, cx: &mut Context<'_>, codes: &[Coded<'_>]) {
    for code in codes.iter().filter(|code| code.concepts.has(Concept::ComfortCare)) {
        record(entry, cx, code, &["in-progress", "arrived", "onleave"], None);
    }
}

fn record(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    code: &Coded<'_>,
    running: &[&str],
    when: Option<engine::domain::When>,
) {
    let status = cx.text(entry, "status");
    if !status.as_deref().is_some_and(|status| running.contains(&status)) {
        return cx.note(NoteKind::NotInForce, entry, "status");
    }
    let evidence = Context::evidence(entry, code.label(), when);
    cx.comfort_care.push(Statement { affirmed: true, evidence });
}
