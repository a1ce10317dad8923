//! Notes in words: what was ignored or doubtful, one line per kind and type of resource.
//!
//! A note holds no value of the record, so neither do these lines.

use crate::fhir::{Note, NoteKind};
use indexmap::IndexMap;

/// How many places of one kind of note are named.
const PLACES_SHOWN: usize = 3;

/// One line per kind of note and type of resource, with the first places; kinds by their stable names.
pub fn lines(notes: &[Note]) -> Vec<String> {
    grouped(notes, |kind| kind.name().to_owned())
}

/// The same in words for a reader of the chart.
pub(super) fn for_readers(notes: &[Note]) -> Vec<String> {
    grouped(notes, words)
}

/// What a reader calls a kind of note.
pub(super) fn words(kind: NoteKind) -> String {
    match kind {
        NoteKind::MakesNoFact => "not used by the guideline".to_owned(),
        other => other.name().replace('-', " "),
    }
}

fn grouped(notes: &[Note], called: impl Fn(NoteKind) -> String) -> Vec<String> {
    let mut grouped: IndexMap<String, Vec<&str>> = IndexMap::new();
    for note in notes {
        let kind = note.place.split_once('/').map_or("", |(kind, _)| kind);
        let element = if note.element.is_empty() { String::new() } else { format!(".{}", note.element) };
        grouped.entry(format!("{}: {kind}{element}", called(note.kind))).or_default().push(&note.place);
    }
    grouped
        .iter()
        .map(|(what, places)| {
            let shown: Vec<&str> = places.iter().take(PLACES_SHOWN).copied().collect();
            let more = if places.len() > shown.len() { ", …" } else { "" };
            format!("{what} ×{} ({}{more})", places.len(), shown.join(", "))
        })
        .collect()
}
