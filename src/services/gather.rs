//! What came, key by key, and what therefore could not be had (rows P-13 to P-24).
//!
//! "None on record", "not sent" and "the client tried and failed" are three different answers, and only the first
//! lets a fact be denied. What was fetched goes through the same reading as prefetch. Absent on purpose: what the
//! resources say, and fetching (`fetch`).

use super::outcome::{MissingKey, Outcome};
use super::prefetch::{Kind, Template};
use crate::domain::Source;
use crate::ehr::{Ended, Fetched, next_link};
use crate::fhir::{Note, NoteKind, resource_key};
use crate::json::{Json, Object};
use std::borrow::Cow;

/// What the data of one call amounts to.
#[derive(Debug, Default, Clone)]
pub struct Gathered<'a> {
    /// Every resource that came under a key of ours.
    pub resources: Vec<Json<'a>>,
    /// Every key that is asked for, in the order of discovery, and those that came unasked.
    pub keys: Vec<Key<'a>>,
    /// Values and entries of the wrong shape.
    pub notes: Vec<Note>,
    /// What came where one resource is read.
    read: Option<Json<'a>>,
}

/// A prefetch key of one call: what it asks for, and what became of it.
#[derive(Debug, Clone)]
pub struct Key<'a> {
    /// What it asks for.
    pub template: &'a Template,
    /// What became of it.
    pub outcome: Outcome,
    /// The first page, where prefetch brought no more.
    pub first_page: Option<FirstPage<'a>>,
}

/// A first page that came in prefetch.
#[derive(Debug, Clone)]
pub struct FirstPage<'a> {
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
pub fn gather<'a>(prefetch: &Object<'a>, templates: &'a [Template]) -> Gathered<'a> {
    let mut gathered = Gathered { keys: Vec::with_capacity(templates.len()), ..Gathered::default() };
    for template in templates {
        let mut first_page = None;
        let outcome = match prefetch.raw(&template.key) {
            None => {
                if prefetch.contradicts(&template.key) {
                    gathered.notes.push(Note::on(NoteKind::PrefetchShape, &*template.key));
                }
                Outcome::Absent
            }
            Some(value) => {
                let taken = gathered.take(value, template);
                let next = taken.next.filter(|_| !taken.outcome.is_missing());
                if taken.outcome == Outcome::Empty && (next.is_some() || taken.announced) {
                    // Nothing of what there is: as if it had not been sent.
                    Outcome::Absent
                } else if let Some(link) = next {
                    first_page = Some(FirstPage { link, sound: taken.outcome.is_complete() });
                    Outcome::Truncated
                } else {
                    taken.outcome
                }
            }
        };
        if template.query.is_none() && outcome.is_missing() {
            // It was not asked for, so nothing is missing.
            continue;
        }
        gathered.keys.push(Key { template, outcome, first_page });
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
    /// Whether `total` says that there is something, on this page or on another.
    announced: bool,
}

impl From<Outcome> for Taken<'_> {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, next: None, announced: false }
    }
}

impl<'a> Gathered<'a> {
    /// The kinds of resource that could not be had.
    pub fn lacking(&self) -> Lacking {
        let mut lacking = Lacking::default();
        for key in &self.keys {
            let source = key.template.source;
            let mut of_kind = self.keys.iter().filter(|other| other.template.source == source);
            if of_kind.all(|other| other.outcome.is_missing()) {
                add(&mut lacking.unavailable, source);
            } else if !key.outcome.is_complete() {
                add(&mut lacking.incomplete, source);
            }
        }
        lacking
    }

    /// What came as the Patient is none where it is somebody else: everything that follows would be dropped, and the
    /// answer would be silence about a patient of whom nothing is known (P-20, P-23). A Patient without an id passes.
    pub fn check_patient(&mut self, patient_id: &str) {
        let Some((_, id)) = self.read.and_then(resource_key) else { return };
        if id == patient_id {
            return;
        }
        for key in self.keys.iter_mut().filter(|key| key.template.kind == Kind::Read) {
            key.outcome = Outcome::OtherPatient;
        }
    }

    /// The essential keys that could not be had (P-20, P-24).
    pub fn missing(&self) -> Vec<MissingKey> {
        let missing = self.keys.iter().filter(|key| key.template.essential && key.outcome.is_missing());
        missing.map(|key| MissingKey { key: key.template.key.clone(), outcome: key.outcome }).collect()
    }

    /// The keys of these kinds, where no key of the kind could be had.
    pub fn unread(&self, kinds: Vec<Source>) -> Vec<MissingKey> {
        let unavailable = self.lacking().unavailable;
        let unread = |key: &&Key<'_>| {
            kinds.contains(&key.template.source) && unavailable.contains(&key.template.source)
        };
        let keys = self.keys.iter().filter(unread);
        keys.map(|key| MissingKey { key: key.template.key.clone(), outcome: key.outcome }).collect()
    }

    /// Adds what was fetched for the key at `place`: all of it, or what was missing after its first page.
    pub fn add(&mut self, place: usize, fetched: &'a Fetched) {
        let Some(key) = self.keys.get(place) else { return };
        let template = key.template;
        let first = key.first_page.as_ref().map(|page| page.sound);
        let (mut usable, mut whole) = (first.is_some(), first != Some(false));
        let before = self.resources.len();
        let (mut failed, mut announced) = (false, false);
        for page in &fetched.pages {
            // "Nothing there" is a Bundle when a server says it.
            let page = page.root();
            let taken = if page.is_null() { Outcome::Failed.into() } else { self.take(page, template) };
            let outcome = taken.outcome;
            announced |= taken.announced;
            usable |= !outcome.is_missing();
            whole &= outcome.is_complete();
            failed |= outcome.is_missing();
        }
        let something = first.is_some() || self.resources.len() > before;
        let outcome = match fetched.ended {
            Ended::Fully if whole && usable && (something || !announced) => Outcome::Fetched,
            // Nothing among what may be seen is no "none on record".
            Ended::InPart if usable => Outcome::Truncated,
            // Empty pages before a failure tell nothing.
            _ if something => Outcome::Truncated,
            Ended::Refused => Outcome::Refused,
            Ended::TimedOut if !failed => Outcome::TimedOut,
            Ended::Fully | Ended::InPart | Ended::Failed | Ended::TimedOut => Outcome::Failed,
        };
        if let Some(key) = self.keys.get_mut(place) {
            key.outcome = outcome;
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
            ("Bundle", Kind::Read) if object.get("entry").is_none() => Outcome::Empty.into(),
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
        let entries = bundle.get("entry");
        if entries.is_some_and(|entries| !entries.is_array()) || bundle.contradicts("entry") {
            self.notes.push(Note::at(NoteKind::PrefetchShape, &*template.key, "entry"));
            return Outcome::Absent.into();
        }
        let (mut failed, mut taken, mut unread, mut hollow) = (false, 0_usize, 0_usize, 0_usize);
        for (index, entry) in entries.into_iter().flat_map(Json::items).enumerate() {
            let place = || format!("{}.entry[{index}]", template.key);
            let Some(entry) = Object::read(entry).filter(|entry| !entry.contradicts("resource")) else {
                self.note_entry(Note::on(NoteKind::MalformedResource, place()));
                unread += 1;
                continue;
            };
            let Some(resource) = entry.get("resource") else {
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
        let total: Option<u64> = bundle.get("total").and_then(|total| total.get().parse().ok());
        // Nothing but rubbish is no answer; rubbish among resources is an answer in part.
        let outcome = if failed {
            Outcome::Failed
        } else if taken == 0 && (unread > 0 || hollow > 0) {
            Outcome::Absent
        } else if unread > 0 {
            Outcome::Truncated
        } else if taken == 0 {
            Outcome::Empty
        } else {
            Outcome::Provided
        };
        Taken { outcome, next: next_link(bundle), announced: total.is_some_and(|total| total > 0) }
    }
}

/// `resource` as an OperationOutcome.
fn operation_outcome(resource: Json<'_>) -> Option<Object<'_>> {
    Object::read(resource).filter(|it| it.text("resourceType").is_some_and(|kind| kind == "OperationOutcome"))
}

/// Whether an outcome beside entries tells of a failure: any issue that is not plainly a warning or less.
fn is_failure(outcome: &Object<'_>) -> bool {
    let mut issues = outcome.raw("issue").into_iter().flat_map(Json::items).peekable();
    let harmless = |issue: Json<'_>| {
        let severity = Object::read(issue).and_then(|issue| issue.text("severity"));
        matches!(severity.as_deref(), Some("warning" | "information" | "success"))
    };
    issues.peek().is_none() || !issues.all(harmless)
}

fn is_outcome_entry(entry: &Object<'_>) -> bool {
    let mode = entry.get("search").and_then(Object::read).and_then(|search| search.text("mode"));
    mode.is_some_and(|mode| mode == "outcome")
}

#[cfg(test)]
#[path = "gather_tests.rs"]
mod tests;
