//! What every mapper is given, and the small readings that all of them share.
//!
//! Deliberately absent: the elements of any one resource type.

use super::coded::{BodySite, Coded};
use super::codes::ValueSets;
use super::dates;
use super::identity::Identity;
use super::medication::Product;
use super::note::{Note, NoteKind};
use super::reader::{Object, items, text};
use super::reference::{Place, Reason, referred_site};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use engine::domain::{Evidence, Facts, RadiotherapyOrder, Side, SpineTreatment, When};
use json::{Json, is_empty};
use std::borrow::Cow;
use std::collections::HashMap;

/// One resource.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) object: Object<'a>,
    pub(super) resource_type: Cow<'a, str>,
    /// `Type/id`, or the type alone.
    pub(super) reference: String,
    pub(super) id: Option<Cow<'a, str>>,
}

impl<'a> Entry<'a> {
    /// The resource; `None` without a type.
    pub(super) fn new(object: Object<'a>) -> Option<Self> {
        Identity::read(&object).map(|identity| Self::named(object, identity))
    }

    /// The resource, under a name that is known already.
    pub(super) fn named(object: Object<'a>, identity: Identity<'a>) -> Self {
        let reference = identity.reference();
        Self { object, resource_type: identity.kind, reference, id: identity.id }
    }
}

/// A yes or no of which the latest counts (comfort care, pregnancy).
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) affirmed: bool,
    pub(super) evidence: Evidence,
}

/// The reading under way.
#[derive(Debug)]
pub(super) struct Context<'c> {
    pub(super) value_sets: &'c ValueSets,
    pub(super) zone: Tz,
    pub(super) now: DateTime<Utc>,
    pub(super) facts: Facts,
    pub(super) notes: Vec<Note>,
    pub(super) comfort_care: Vec<Statement>,
    pub(super) pregnancy: Vec<Statement>,
    /// BodyStructure resources by reference.
    pub(super) body_structures: HashMap<String, Place>,
    /// Medication resources by reference.
    pub(super) medications: HashMap<String, Product>,
    /// An order that counts refers to a Medication that did not come, and says nothing else of it.
    pub(super) medication_unread: bool,
    /// Where the Conditions are that orders give as their reason, by reference.
    pub(super) reasons: HashMap<String, Reason>,
    /// Phases, plans and fractions of radiotherapy, until it is known which of them a course on record covers.
    pub(super) treatment_parts: Vec<SpineTreatment>,
    /// The same of orders.
    pub(super) order_parts: Vec<RadiotherapyOrder>,
}

/// The names of a choice of dates (`effective[x]`, `onset[x]`, …).
#[derive(Debug)]
pub(super) struct DateChoice {
    pub(super) date_time: &'static str,
    pub(super) instant: &'static str,
    pub(super) period: &'static str,
    /// Forms that are legal but give no date here.
    pub(super) without_date: &'static [&'static str],
}

/// `effective[x]` of Observation and DiagnosticReport.
pub(super) const EFFECTIVE: DateChoice = DateChoice {
    date_time: "effectiveDateTime",
    instant: "effectiveInstant",
    period: "effectivePeriod",
    without_date: &["effectiveTiming"],
};

/// Start and end of an event; both the same for a single date.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    pub(super) start: Option<When>,
    pub(super) end: Option<When>,
    /// An element of this choice is there, usable or not.
    pub(super) stated: bool,
}

impl Span {
    /// The start, else the end.
    pub(super) fn first(self) -> Option<When> {
        self.start.or(self.end)
    }
}

impl<'c> Context<'c> {
    /// Nothing read yet.
    pub(super) fn new(value_sets: &'c ValueSets, zone: Tz, now: DateTime<Utc>) -> Self {
        Self {
            value_sets,
            zone,
            now,
            facts: Facts::default(),
            notes: Vec::new(),
            comfort_care: Vec::new(),
            pregnancy: Vec::new(),
            body_structures: HashMap::new(),
            medications: HashMap::new(),
            medication_unread: false,
            reasons: HashMap::new(),
            treatment_parts: Vec::new(),
            order_parts: Vec::new(),
        }
    }
}

impl Context<'_> {
    /// Notes an element.
    pub(super) fn note(&mut self, kind: NoteKind, entry: &Entry<'_>, element: &'static str) {
        self.notes.push(Note::at(kind, entry.reference.as_str(), element));
    }

    /// A string element; another type is noted.
    pub(super) fn text<'a>(&mut self, entry: &Entry<'a>, name: &'static str) -> Option<Cow<'a, str>> {
        let raw = entry.object.raw(name)?;
        let value = text(raw);
        if value.is_none() && !is_empty(raw) {
            self.note(NoteKind::MalformedElement, entry, name);
        }
        value
    }

    /// A CodeableConcept element; a wrong type, of a part too, is noted.
    pub(super) fn coded<'a>(&mut self, entry: &Entry<'a>, name: &'static str) -> Option<Coded<'a>> {
        let raw = entry.object.get(name)?;
        self.coded_from(entry, raw, name)
    }

    /// Every CodeableConcept of a list element.
    pub(super) fn coded_list<'a>(&mut self, entry: &Entry<'a>, name: &'static str) -> Vec<Coded<'a>> {
        let raws = entry.object.get(name).map(items).unwrap_or_default();
        raws.into_iter().filter_map(|raw| self.coded_from(entry, raw, name)).collect()
    }

    /// A CodeableConcept at hand.
    pub(super) fn coded_from<'a>(
        &mut self,
        entry: &Entry<'_>,
        raw: Json<'a>,
        name: &'static str,
    ) -> Option<Coded<'a>> {
        let coded = Coded::read(raw, self.value_sets);
        if coded.as_ref().is_none_or(|coded| coded.malformed) {
            self.note(NoteKind::MalformedElement, entry, name);
        }
        coded
    }

    /// `bodySite`, one or many, with the qualifiers that mCODE puts into its extensions, and the BodyStructures that stand
    /// in its place.
    pub(super) fn body_site(&mut self, entry: &Entry<'_>) -> BodySite {
        let mut site = BodySite::default();
        for raw in entry.object.get("bodySite").map(items).unwrap_or_default() {
            if let Some(coded) = self.coded_from(entry, raw, "bodySite") {
                site.add(&coded);
            }
            for qualifier in extensions(raw).filter_map(|e| e.get("valueCodeableConcept")) {
                if let Some(coded) = self.coded_from(entry, qualifier, "bodySite") {
                    site.add(&coded);
                }
            }
        }
        site.merge(&referred_site(entry, self));
        site
    }

    /// A name for `bodySite` that tells two sites apart: its smallest code with the side, else its words; empty without
    /// any.
    pub(super) fn body_site_name(&mut self, entry: &Entry<'_>) -> String {
        let Some(raw) = entry.object.get("bodySite").and_then(|raw| items(raw).next()) else {
            return String::new();
        };
        let Some(coded) = Coded::read(raw, self.value_sets) else { return String::new() };
        let side = match self.body_site(entry).side {
            Some(Side::Left) => " left",
            Some(Side::Right) => " right",
            Some(Side::Both) => " both",
            None => "",
        };
        let name = match coded.codes().min() {
            Some(code) => format!("{code}{side}"),
            None => coded.wordings().first().copied().unwrap_or_default().to_owned(),
        };
        name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The words of `bodySite`; empty without any.
    pub(super) fn body_site_words(&self, entry: &Entry<'_>) -> String {
        let raw = entry.object.get("bodySite").and_then(|raw| items(raw).next());
        let coded = raw.and_then(|raw| Coded::read(raw, self.value_sets));
        coded.and_then(|coded| coded.wordings().first().map(|words| (*words).to_owned())).unwrap_or_default()
    }

    /// A date element; an impossible one is noted.
    pub(super) fn date(&mut self, entry: &Entry<'_>, name: &'static str) -> Option<When> {
        let raw = entry.object.get(name)?;
        self.date_from(entry, raw, name)
    }

    /// A date at hand.
    pub(super) fn date_from(&mut self, entry: &Entry<'_>, raw: Json<'_>, name: &'static str) -> Option<When> {
        let dated = text(raw).and_then(|text| dates::read(&text, self.zone));
        if dated.is_none_or(|dated| dated.assumed_zone) {
            self.note(NoteKind::MalformedElement, entry, name);
        }
        dated.map(|dated| dated.when)
    }

    /// A choice of dates.
    pub(super) fn span(&mut self, entry: &Entry<'_>, choice: &DateChoice) -> Span {
        let mut span = Span::default();
        for name in [choice.date_time, choice.instant] {
            if let Some(raw) = entry.object.get(name) {
                span.stated = true;
                let when = self.date_from(entry, raw, name);
                span = Span { start: span.start.or(when), end: span.end.or(when), stated: true };
            }
        }
        if let Some(raw) = entry.object.get(choice.period) {
            span.stated = true;
            match Object::read(raw) {
                Some(period) => {
                    let start = period.get("start").and_then(|raw| self.date_from(entry, raw, choice.period));
                    let end = period.get("end").and_then(|raw| self.date_from(entry, raw, choice.period));
                    span = Span { start: span.start.or(start), end: span.end.or(end), stated: true };
                }
                None => self.note(NoteKind::MalformedElement, entry, choice.period),
            }
        }
        for name in choice.without_date {
            if entry.object.get(name).is_some() {
                span.stated = true;
                self.note(NoteKind::MakesNoFact, entry, name);
            }
        }
        span
    }

    /// Evidence that a record stands here.
    pub(super) fn evidence(entry: &Entry<'_>, label: String, date: Option<When>) -> Evidence {
        Evidence { reference: entry.reference.clone(), label, date }
    }

    /// Whether the resource claims one of these profiles, by a test of the last part of the canonical url.
    pub(super) fn has_profile(entry: &Entry<'_>, wanted: impl Fn(&str) -> bool) -> bool {
        let Some(meta) = entry.object.get("meta").and_then(Object::read) else { return false };
        let profiles = meta.get("profile").map(items).unwrap_or_default();
        profiles.into_iter().filter_map(text).any(|url| {
            let name = url.rsplit('/').next().unwrap_or_default();
            wanted(name.split('|').next().unwrap_or_default())
        })
    }
}

/// A contained resource, under the name of the resource that contains it.
pub(super) fn contained<'a>(entry: &Entry<'a>, resource_type: &str, id: &str) -> Option<Entry<'a>> {
    let all = entry.object.get("contained").map(items).unwrap_or_default();
    let mut resources = all.into_iter().filter_map(Object::read).filter_map(Entry::new);
    let mut found = resources.find(|found| {
        found.resource_type == resource_type
            && found.object.raw("id").and_then(text).is_some_and(|found| found == id)
    })?;
    found.reference.clone_from(&entry.reference);
    Some(found)
}

/// The extensions of an element or resource.
pub(super) fn extensions<'a>(raw: Json<'a>) -> impl Iterator<Item = Object<'a>> {
    let list = Object::read(raw).and_then(|object| object.get("extension")).map(items).unwrap_or_default();
    list.into_iter().filter_map(Object::read)
}

/// The last part of an extension's url.
pub(super) fn extension_name<'a>(extension: &Object<'a>) -> Cow<'a, str> {
    match extension.raw("url").and_then(text) {
        Some(Cow::Borrowed(url)) => Cow::Borrowed(url.rsplit('/').next().unwrap_or_default()),
        Some(Cow::Owned(url)) => Cow::Owned(url.rsplit('/').next().unwrap_or_default().to_owned()),
        None => Cow::Borrowed(""),
    }
}

/// The latest of some dates; of two that end together, the one that begins later.
pub(super) fn latest(dates: impl IntoIterator<Item = When>) -> Option<When> {
    dates.into_iter().max_by_key(|when| (when.latest(), when.earliest()))
}
