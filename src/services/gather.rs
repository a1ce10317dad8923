//! What came, key by key, and what therefore could not be had (rows P-13 to P-24).
//!
//! "None on record", "not sent" and "the client tried and failed" are three different answers, and only the first
//! lets a fact be denied. What was fetched goes through the same reading as prefetch. Absent on purpose: what the
//! resources say, and fetching (`fetch`).

use super::outcome::{MissingKey, Outcome};
use super::prefetch::{Kind, Template};
use crate::cds_hooks::Object;
use crate::domain::Source;
use crate::ehr::{Ended, Fetched, next_link};
use crate::fhir::{Note, NoteKind, resource_key};
use crate::json::Json;
use std::borrow::Cow;

/// What the data of one call amounts to.
#[derive(Debug, Default, Clone)]
pub struct Gathered<'a> {
    /// Every resource that came under a key of ours.
    pub resources: Vec<Json<'a>>,
    /// What became of each key, in the order of the templates.
    pub outcomes: Vec<Outcome>,
    /// Keys that came as a first page, by the place of their template.
    pub paged: Vec<Paged<'a>>,
    /// Values and entries of the wrong shape.
    pub notes: Vec<Note>,
    /// What came where one resource is read.
    read: Option<Json<'a>>,
}

/// A first page that came in prefetch.
#[derive(Debug, Clone)]
pub struct Paged<'a> {
    /// The place of its template.
    pub place: usize,
    /// Its `next` link.
    pub link: Cow<'a, str>,
    /// Whether every entry of it could be read.
    pub sound: bool,
}

/// Kinds of resource that could not be had as they should.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    /// No key of the kind could be had.
    pub unavailable: Vec<Source>,
    /// A part could not be had: one of several keys, further pages, or entries that are no resources.
    pub incomplete: Vec<Source>,
}

/// Notes on single entries end here; a body of nothing but rubbish would otherwise cost many times its own size.
pub(super) const MOST_NOTES: usize = 1_000;

/// Sorts what came under the keys of `templates`; other keys are ignored (P-19).
pub fn gather<'a>(prefetch: &Object<'a>, templates: &[Template]) -> Gathered<'a> {
    let mut gathered = Gathered { outcomes: Vec::with_capacity(templates.len()), ..Gathered::default() };
    for (place, template) in templates.iter().enumerate() {
        let outcome = match prefetch.get(&template.key) {
            None => Outcome::Absent,
            Some(value) => {
                let taken = gathered.take(value, template);
                let next = taken.next.filter(|_| !taken.outcome.is_missing());
                if next.is_some() && taken.outcome == Outcome::Empty {
                    // A first page with nothing on it tells nothing: as if it had not been sent.
                    Outcome::Absent
                } else if let Some(link) = next {
                    gathered.paged.push(Paged { place, link, sound: taken.outcome.is_complete() });
                    Outcome::Truncated
                } else {
                    taken.outcome
                }
            }
        };
        gathered.outcomes.push(outcome);
    }
    gathered
}

fn add(sources: &mut Vec<Source>, source: Source) {
    if !sources.contains(&source) {
        sources.push(source);
    }
}

/// What one value gave.
struct Taken<'a> {
    outcome: Outcome,
    /// The link to the next page, where there is one.
    next: Option<Cow<'a, str>>,
}

impl From<Outcome> for Taken<'_> {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, next: None }
    }
}

impl<'a> Gathered<'a> {
    /// The kinds of resource that could not be had.
    pub fn lacking(&self, templates: &[Template]) -> Lacking {
        let mut lacking = Lacking::default();
        for (template, outcome) in templates.iter().zip(&self.outcomes) {
            let source = template.source;
            let of_kind = templates.iter().zip(&self.outcomes).filter(|(other, _)| other.source == source);
            if of_kind.clone().all(|(_, outcome)| outcome.is_missing()) {
                add(&mut lacking.unavailable, source);
            } else if !outcome.is_complete() {
                add(&mut lacking.incomplete, source);
            }
        }
        lacking
    }

    /// What came as the Patient is none where it is somebody else: everything that follows would be dropped, and the
    /// answer would be silence about a patient of whom nothing is known (P-20, P-23). A Patient without an id passes.
    pub fn check_patient(&mut self, templates: &[Template], patient_id: &str) {
        let Some((_, id)) = self.read.and_then(resource_key) else { return };
        if id == patient_id {
            return;
        }
        for (template, outcome) in templates.iter().zip(&mut self.outcomes) {
            if template.kind == Kind::Read {
                *outcome = Outcome::OtherPatient;
            }
        }
    }

    /// The essential keys that could not be had (P-20, P-24).
    pub fn missing(&self, templates: &[Template]) -> Vec<MissingKey> {
        let keys = templates.iter().zip(&self.outcomes);
        let missing = keys.filter(|(template, outcome)| template.essential && outcome.is_missing());
        missing
            .map(|(template, outcome)| MissingKey { key: template.key.clone(), outcome: *outcome })
            .collect()
    }

    /// Adds what was fetched for the key at `place`: all of it, or what was missing after its first page.
    pub fn add(&mut self, place: usize, template: &Template, fetched: &'a Fetched) {
        let first = self.paged.iter().find(|paged| paged.place == place).map(|paged| paged.sound);
        let (mut usable, mut whole) = (first.is_some(), first != Some(false));
        let before = self.resources.len();
        let mut failed = false;
        for page in &fetched.pages {
            // "Nothing there" is a Bundle when a server says it.
            let page = page.root();
            let outcome = if page.is_null() { Outcome::Failed } else { self.take(page, template).outcome };
            usable |= !outcome.is_missing();
            whole &= outcome.is_complete();
            failed |= outcome.is_missing();
        }
        let outcome = match fetched.ended {
            Ended::Fully if whole && usable => Outcome::Fetched,
            // Empty pages before a failure tell nothing.
            _ if first.is_some() || self.resources.len() > before => Outcome::Truncated,
            Ended::Refused => Outcome::Refused,
            Ended::TimedOut if !failed => Outcome::TimedOut,
            Ended::Fully | Ended::Failed | Ended::TimedOut => Outcome::Failed,
        };
        if let Some(place) = self.outcomes.get_mut(place) {
            *place = outcome;
        }
    }

    /// Takes the value of one key. `null` and a Bundle without entries both mean "none", whatever the template is
    /// (P-15, P-16). An OperationOutcome in the place of the data is a failure whatever its severity: there is no
    /// data, and asking again is pointless (P-17). A wrong shape is as good as absent (P-22).
    fn take(&mut self, value: Json<'a>, template: &Template) -> Taken<'a> {
        if value.is_null() {
            return Outcome::Null.into();
        }
        let object = Object::read(value).unwrap_or_default();
        let kind = object.text("resourceType").unwrap_or_default();
        match (&*kind, template.kind) {
            ("OperationOutcome", _) => Outcome::Failed.into(),
            ("Bundle", Kind::Search) => self.take_bundle(&object, template),
            ("Bundle", Kind::Read) if object.present("entry").is_none() => Outcome::Empty.into(),
            (kind, Kind::Read) if kind == template.source.resource_type() => {
                self.resources.push(value);
                self.read = Some(value);
                Outcome::Provided.into()
            }
            _ => {
                self.notes.push(Note::on(NoteKind::PrefetchShape, &*template.key));
                Outcome::Absent.into()
            }
        }
    }

    fn note_entry(&mut self, note: Note) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(note);
        }
    }

    fn take_bundle(&mut self, bundle: &Object<'a>, template: &Template) -> Taken<'a> {
        let entries = bundle.present("entry");
        if entries.is_some_and(|entries| !entries.is_array()) {
            self.notes.push(Note::at(NoteKind::PrefetchShape, &*template.key, "entry"));
            return Outcome::Absent.into();
        }
        let (mut failed, mut taken, mut unread, mut hollow) = (false, 0_usize, 0_usize, 0_usize);
        for (index, entry) in entries.into_iter().flat_map(Json::items).enumerate() {
            let place = || format!("{}.entry[{index}]", template.key);
            let Some(entry) = Object::read(entry) else {
                self.note_entry(Note::on(NoteKind::MalformedResource, place()));
                unread += 1;
                continue;
            };
            let Some(resource) = entry.present("resource") else {
                hollow += 1;
                continue;
            };
            if let Some(outcome) = operation_outcome(resource) {
                failed |= is_failure(&outcome);
            } else if is_outcome_entry(&entry) {
                self.note_entry(Note::at(NoteKind::MalformedElement, place(), "search.mode"));
            } else if resource.is_object() {
                self.resources.push(resource);
                taken += 1;
            } else {
                self.note_entry(Note::on(NoteKind::MalformedResource, place()));
                unread += 1;
            }
        }
        let announced =
            || bundle.present("total").and_then(|total| total.get().parse().ok()).unwrap_or(0_u64);
        // Nothing but rubbish is no answer, and so is a count of what was not sent; rubbish among resources is an answer in
        // part.
        let outcome = if failed {
            Outcome::Failed
        } else if taken == 0 && (unread > 0 || hollow > 0 || announced() > 0) {
            Outcome::Absent
        } else if unread > 0 {
            Outcome::Truncated
        } else if taken == 0 {
            Outcome::Empty
        } else {
            Outcome::Provided
        };
        Taken { outcome, next: next_link(bundle) }
    }
}

/// `resource` as an OperationOutcome.
fn operation_outcome(resource: Json<'_>) -> Option<Object<'_>> {
    Object::read(resource).filter(|it| it.text("resourceType").is_some_and(|kind| kind == "OperationOutcome"))
}

/// Whether an outcome beside entries tells of a failure: any issue that is not plainly a warning or less.
fn is_failure(outcome: &Object<'_>) -> bool {
    let mut issues = outcome.get("issue").into_iter().flat_map(Json::items).peekable();
    let harmless = |issue: Json<'_>| {
        let severity = Object::read(issue).and_then(|issue| issue.text("severity"));
        matches!(severity.as_deref(), Some("warning" | "information" | "success"))
    };
    issues.peek().is_none() || !issues.all(harmless)
}

fn is_outcome_entry(entry: &Object<'_>) -> bool {
    let mode = entry.present("search").and_then(Object::read).and_then(|search| search.text("mode"));
    mode.is_some_and(|mode| mode == "outcome")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    fn templates() -> Vec<Template> {
        let template = |key: &str, source, kind, essential| Template {
            key: key.to_owned(),
            source,
            kind,
            query: "unused".to_owned(),
            essential,
        };
        vec![
            template("patient", Source::Patient, Kind::Read, true),
            template("conditions", Source::Condition, Kind::Search, true),
            template("observations", Source::Observation, Kind::Search, false),
            template("observations-2", Source::Observation, Kind::Search, false),
        ]
    }

    /// Resources, unavailable, incomplete, missing and the kinds of notes, as one line.
    fn told(patient: &str, conditions: &str, observations: &str, second: &str) -> String {
        let member = |key: &str, value: &str| match value {
            "" => String::new(),
            value => format!(r#""{key}":{value},"#),
        };
        let prefetch = format!(
            "{{{}{}{}{}\"surplus\":7}}",
            member("patient", patient),
            member("conditions", conditions),
            member("observations", observations),
            member("observations-2", second),
        );
        let document = Document::parse(&prefetch).unwrap();
        let object = Object::read(document.root()).unwrap();
        let gathered = gather(&object, &templates());
        let notes: Vec<String> = gathered.notes.iter().map(ToString::to_string).collect();
        let Lacking { unavailable, incomplete } = gathered.lacking(&templates());
        let missing: Vec<String> = gathered.missing(&templates()).into_iter().map(|it| it.key).collect();
        format!("{} {unavailable:?} {incomplete:?} {missing:?} {notes:?}", gathered.resources.len())
    }

    const PATIENT: &str = r#"{"resourceType":"Patient","id":"1"}"#;
    const EMPTY: &str = r#"{"resourceType":"Bundle","type":"searchset","total":0}"#;
    const FAILED: &str = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}"#;

    #[test]
    fn null_and_empty_are_answers() {
        let complete = "1 [] [] [] []";
        assert_eq!(told(PATIENT, EMPTY, "null", EMPTY), complete);
        assert_eq!(told(PATIENT, "null", r#"{"resourceType":"Bundle","entry":[]}"#, "null"), complete);
        assert_eq!(told("null", "null", "null", "null"), "0 [] [] [] []");
        assert_eq!(told(EMPTY, "null", "null", "null"), "0 [] [] [] []");
    }

    #[test]
    fn what_is_absent_or_failed_is_unavailable_and_missing_when_essential() {
        assert_eq!(
            told("", "", "", ""),
            r#"0 [Patient, Condition, Observation] [] ["patient", "conditions"] []"#
        );
        assert_eq!(told(PATIENT, FAILED, EMPTY, EMPTY), r#"1 [Condition] [] ["conditions"] []"#);
        assert_eq!(told(PATIENT, EMPTY, FAILED, FAILED), "1 [Observation] [] [] []");
        let in_entry = format!(
            r#"{{"resourceType":"Bundle","entry":[{{"resource":{FAILED},"search":{{"mode":"outcome"}}}}]}}"#
        );
        assert_eq!(told(PATIENT, EMPTY, &in_entry, ""), "1 [Observation] [] [] []");
    }

    #[test]
    fn one_failed_key_makes_the_kind_incomplete_and_the_other_is_used() {
        let one = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation"}}]}"#;
        assert_eq!(told(PATIENT, EMPTY, one, ""), "2 [] [Observation] [] []");
        assert_eq!(told(PATIENT, EMPTY, FAILED, EMPTY), "1 [] [Observation] [] []");
    }

    #[test]
    fn only_errors_beside_entries_fail() {
        let with = |severity: &str| {
            format!(
                r#"{{"resourceType":"Bundle","entry":[{{"resource":{{"resourceType":"Observation"}}}},
                {{"search":{{"mode":"outcome"}},"resource":{{"resourceType":"OperationOutcome","issue":[{{"severity":"{severity}"}}]}}}}]}}"#
            )
        };
        for harmless in ["warning", "information"] {
            assert_eq!(told(PATIENT, EMPTY, &with(harmless), EMPTY), "2 [] [] [] []");
        }
        for failure in ["error", "fatal", "unheard-of"] {
            assert_eq!(told(PATIENT, EMPTY, &with(failure), ""), "2 [Observation] [] [] []");
        }
    }

    #[test]
    fn a_wrong_shape_counts_as_absent() {
        for wrong in
            ["[]", "{}", "\"<html>\"", "7", "true", r#"{"resource":{"resourceType":"Bundle"},"response":{}}"#]
        {
            assert_eq!(
                told(wrong, wrong, EMPTY, EMPTY),
                r#"0 [Patient, Condition] [] ["patient", "conditions"] ["patient: prefetch-shape", "conditions: prefetch-shape"]"#,
                "{wrong}"
            );
        }
        let bundled = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{PATIENT}}}]}}"#);
        assert_eq!(
            told(&bundled, EMPTY, EMPTY, EMPTY),
            r#"0 [Patient] [] ["patient"] ["patient: prefetch-shape"]"#
        );
        let entry = r#"{"resourceType":"Bundle","entry":{"resource":{}}}"#;
        assert_eq!(
            told(PATIENT, EMPTY, entry, EMPTY),
            r#"1 [] [Observation] [] ["observations.entry: prefetch-shape"]"#
        );
        let single = r#"{"resourceType":"Condition"}"#;
        assert_eq!(
            told(PATIENT, single, EMPTY, EMPTY),
            r#"1 [Condition] [] ["conditions"] ["conditions: prefetch-shape"]"#
        );
    }

    #[test]
    fn a_next_link_makes_the_kind_incomplete() {
        let paged = r#"{"resourceType":"Bundle","link":[7,{"relation":"self"},{"relation":"next","url":"x"}],
            "entry":[{"resource":{"resourceType":"Observation"}}]}"#;
        assert_eq!(told(PATIENT, EMPTY, EMPTY, paged), "2 [] [Observation] [] []");
        let nothing_yet = r#"{"resourceType":"Bundle","link":[{"relation":"next","url":"x"}]}"#;
        assert_eq!(told(PATIENT, nothing_yet, EMPTY, EMPTY), r#"1 [Condition] [] ["conditions"] []"#);
    }

    #[test]
    fn somebody_elses_patient_is_none_and_one_without_an_id_passes() {
        for (sent, missing) in [
            (PATIENT, ""),
            (r#"{"resourceType":"Patient"}"#, ""),
            ("null", ""),
            (r#"{"resourceType":"Patient","id":"2"}"#, "patient"),
        ] {
            let document = format!(r#"{{"patient":{sent},"conditions":null}}"#);
            let document = Document::parse(&document).unwrap();
            let mut gathered = gather(&Object::read(document.root()).unwrap(), &templates());
            gathered.check_patient(&templates(), "1");
            let keys: Vec<String> = gathered.missing(&templates()).iter().map(ToString::to_string).collect();
            assert_eq!(keys.is_empty(), missing.is_empty(), "{sent}: {keys:?}");
            assert!(
                keys.iter().all(|key| key.starts_with("patient (the Patient that came is not")),
                "{keys:?}"
            );
        }
    }

    #[test]
    fn empty_pages_before_a_failure_are_no_answer() {
        let (templates, nothing) = (templates(), Object::default());
        let page =
            |entries: &str| Document::of(format!(r#"{{"resourceType":"Bundle","entry":[{entries}]}}"#));
        let one = r#"{"resource":{"resourceType":"Condition"}}"#;
        for (entries, ended, outcome) in [
            ("", Ended::Fully, Outcome::Fetched),
            ("", Ended::TimedOut, Outcome::TimedOut),
            ("", Ended::Refused, Outcome::Refused),
            ("", Ended::Failed, Outcome::Failed),
            (one, Ended::Failed, Outcome::Truncated),
        ] {
            let fetched = Fetched { pages: vec![page(entries).unwrap()], ended };
            let mut gathered = gather(&nothing, &templates);
            gathered.add(1, &templates[1], &fetched);
            assert_eq!(gathered.outcomes[1], outcome, "{entries} {ended:?}");
        }
    }

    #[test]
    fn a_bundle_of_rubbish_does_not_flood_the_notes() {
        let rubbish = format!(r#"{{"resourceType":"Bundle","entry":[{}0]}}"#, "0,".repeat(50_000));
        let object = format!(r#"{{"conditions":{rubbish}}}"#);
        let document = Document::parse(&object).unwrap();
        let object = Object::read(document.root()).unwrap();
        assert_eq!(gather(&object, &templates()).notes.len(), MOST_NOTES);
    }

    #[test]
    fn nothing_but_rubbish_is_no_answer() {
        let rubbish = r#"{"resourceType":"Bundle","entry":[null,5,{},{"resource":"x"}]}"#;
        for none in [
            r#"{"resourceType":"Bundle","total":12}"#,
            r#"{"resourceType":"Bundle","entry":[{"fullUrl":"x"}]}"#,
        ] {
            assert_eq!(told(PATIENT, none, EMPTY, EMPTY), r#"1 [Condition] [] ["conditions"] []"#);
        }
        let told = told(PATIENT, rubbish, EMPTY, EMPTY);
        assert!(told.starts_with(r#"1 [Condition] [] ["conditions"]"#), "{told}");
    }

    #[test]
    fn odd_entries_are_noted_one_by_one() {
        let odd = r#"{"resourceType":"Bundle","entry":[null,7,{},{"resource":null},{"fullUrl":"x"},
            {"search":{"mode":"outcome"},"resource":{"resourceType":"Observation"}},
            {"resource":{"resourceType":"Observation","note":"OperationOutcome"}}]}"#;
        assert_eq!(
            told(PATIENT, EMPTY, odd, EMPTY),
            "2 [] [Observation] [] [\"observations.entry[0]: malformed-resource\", \"observations.entry[1]: malformed-resource\", \
             \"observations.entry[5].search.mode: malformed-element\"]"
        );
    }
}
