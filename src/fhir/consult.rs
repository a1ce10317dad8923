//! Consults that the guideline asks for: ServiceRequest, Procedure and Encounter with the codes of
//! `urn:spinal-mets-cds:finding`, or those that a site adds.
//!
//! A consult silences or opens something, so one that is planned for the future is not done. Deliberately absent: the
//! words of a referral, and whether a consult is recent enough.

use super::asked::Meaning;
use super::coded::Coded;
use super::codes::ConceptSet;
use super::concept::Concept;
use super::context::{Context, DateChoice, Entry, Span};
use super::note::NoteKind;
use engine::domain::{Consult, ConsultRecord, When};

/// `period` of Encounter.
const PERIOD: DateChoice = DateChoice { date_time: "", instant: "", period: "period", without_date: &[] };

/// The consults among some concepts.
fn consults(concepts: ConceptSet) -> impl Iterator<Item = (Concept, Consult)> {
    concepts.iter().filter_map(|concept| match concept.meaning() {
        Meaning::Consult(consult) => Some((concept, consult)),
        _ => None,
    })
}

/// Whether a code names a consult.
pub(super) fn is_consult(coded: &Coded<'_>) -> bool {
    consults(coded.concepts).next().is_some()
}

/// Makes the records of a consult request. The request of a completed consult was written before the consult, so what
/// it was due for tells more.
pub(super) fn request(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    code: &Coded<'_>,
    is_draft: bool,
    occurrence: Span,
) {
    let done = match cx.text(entry, "status").as_deref() {
        Some("completed") if !is_draft => true,
        Some("draft" | "active") => false,
        _ if is_draft => false,
        _ => return cx.note(NoteKind::NotInForce, entry, "status"),
    };
    let authored = cx.date(entry, "authoredOn");
    let occurred = occurrence.end.or(occurrence.start);
    let when = if done { occurred.or(authored) } else { authored.or(occurred) };
    record(entry, cx, &[code], done, when);
}

/// Makes the records of a consult that is recorded as a Procedure.
pub(super) fn procedure(entry: &Entry<'_>, cx: &mut Context<'_>, code: &Coded<'_>, performed: Span) {
    let done = match cx.text(entry, "status").as_deref() {
        Some("completed") => true,
        Some("preparation" | "in-progress") => false,
        _ => return cx.note(NoteKind::NotInForce, entry, "status"),
    };
    record(entry, cx, &[code], done, performed.end.or(performed.start));
}

/// Reads one Encounter, which may be a consult.
pub(super) fn encounter(entry: &Entry<'_>, cx: &mut Context<'_>) {
    let mut codes = cx.coded_list(entry, "type");
    codes.extend(cx.coded(entry, "serviceType"));
    codes.extend(cx.coded_list(entry, "reasonCode"));
    codes.retain(is_consult);
    if codes.is_empty() {
        return;
    }
    let done = match cx.text(entry, "status").as_deref() {
        Some("finished") => true,
        Some("planned" | "arrived" | "triaged" | "in-progress") => false,
        _ => return cx.note(NoteKind::NotInForce, entry, "status"),
    };
    let period = cx.span(entry, &PERIOD);
    record(entry, cx, &codes.iter().collect::<Vec<_>>(), done, period.end.or(period.start));
}

fn record(entry: &Entry<'_>, cx: &mut Context<'_>, codes: &[&Coded<'_>], done: bool, when: Option<When>) {
    if done && when.is_some_and(|when| when.earliest() > cx.now) {
        return cx.note(NoteKind::ValueNotAllowed, entry, "");
    }
    let named = codes.iter().fold(ConceptSet::NONE, |all, coded| all.union(coded.concepts));
    for (concept, consult) in consults(named) {
        let naming = codes.iter().filter(|coded| coded.concepts.has(concept));
        if let Some(label) = naming.map(|coded| coded.label()).min() {
            let evidence = Context::evidence(entry, label, when);
            cx.facts.consults.push(ConsultRecord { consult, done, when, evidence });
        }
    }
}
