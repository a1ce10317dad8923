//! Consults that the guideline asks for: ServiceRequest, Procedure and Encounter, by code, by the specialty that is asked
//! for, or by the words of the order or visit.
//!
//! A consult silences or opens something, so one that is planned for the future is not done. Deliberately absent: whether a
//! consult is recent enough.

use super::asked::Meaning;
use super::care;
use super::coded::Coded;
use super::codes::ConceptSet;
use super::concept::Concept;
use super::context::{Context, DateChoice, Entry, Span};
use super::note::NoteKind;
use super::words;
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

/// The code of an order or Procedure that is a consult, by its codes or, where they name nothing, by its words and the
/// specialty asked for. Imaging, drugs and treatments keep their own meaning.
pub(super) fn named<'a>(entry: &Entry<'_>, cx: &mut Context<'_>, code: &Coded<'a>) -> Option<Coded<'a>> {
    let named = |concepts| Coded { concepts, text: Some(code.label().into()), ..Coded::default() };
    if !code.concepts.is_empty() {
        return is_consult(code).then(|| named(code.concepts));
    }
    let wordings = code.wordings();
    let mut concepts =
        wordings.iter().map(|text| words::consult(text, false)).fold(ConceptSet::NONE, ConceptSet::union);
    if concepts.is_empty() && !wordings.iter().any(|text| names_an_act(text)) {
        let asked = cx.coded(entry, "performerType").unwrap_or_default();
        concepts = specialty(&asked);
    }
    if concepts.is_empty() {
        return None;
    }
    cx.note(NoteKind::FromText, entry, "code");
    Some(named(concepts))
}

/// Whether a text orders something else than a consult.
fn names_an_act(text: &str) -> bool {
    words::imaging(text).is_some() || words::radiotherapy(text) || words::spine_surgery(text, false)
}

/// The consults that a specialty stands for, by code or words.
fn specialty(coded: &Coded<'_>) -> ConceptSet {
    let coded_ones = consults_of(coded.concepts);
    if !coded_ones.is_empty() {
        return coded_ones;
    }
    let of = |text: &str| words::consult(&format!("consult {text}"), true);
    coded.wordings().into_iter().map(of).fold(ConceptSet::NONE, ConceptSet::union)
}

/// The consults among some concepts.
fn consults_of(concepts: ConceptSet) -> ConceptSet {
    consults(concepts).fold(ConceptSet::NONE, |set, (concept, _)| set.with(concept))
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
    care::encounter(entry, cx, &codes);
    for code in codes.iter_mut().filter(|code| code.concepts.is_empty()) {
        let in_words = code.wordings().into_iter().map(|text| words::consult(text, true));
        code.concepts = in_words.fold(ConceptSet::NONE, ConceptSet::union);
    }
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
