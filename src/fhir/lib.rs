//! FHIR R4 resources in, [`Facts`] and notes out.
//!
//! Each resource is read into a small borrowed view of the elements that facts need; a bad resource or a bad element
//! is a [`Note`], never a failed call. Never here: a rule of the guideline, the network, the clock.

mod allergy;
mod answer;
mod appointment;
pub mod asked;
mod cancer;
mod care;
mod category;
mod coded;
pub mod codes;
pub mod concept;
mod condition;
mod consult;
mod context;
mod dates;
mod device;
mod dose;
mod draft;
mod draft_reason;
mod estimate;
mod finding;
mod histology;
mod identity;
mod imaging;
mod laboratory;
mod left_out;
pub mod levels;
mod measurement;
mod medication;
mod ndc;
pub mod note;
mod observation;
mod order;
mod patient;
mod quantity;
mod reader;
mod reference;
mod scores;
mod subject;
mod systems;
mod treatment;
mod treatment_order;
mod unknown;
mod value_set_file;
mod versions;
pub mod words;

use chrono::{DateTime, Duration, Utc};
pub use codes::{ConceptSet, ValueSets};
pub use concept::Concept;
use context::{Context, Entry, Statement};
pub use draft::{DraftNames, DraftOrder};
use engine::domain::{Evidence, Facts, Site, Source};
pub use estimate::performance_answer;
pub use identity::{Identity, Reference, resource_key};
use json::Json;
pub use medication::medication_reference;
pub use note::{Note, NoteKind};
use reader::Object;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
pub use unknown::{UnknownCode, unknown_codes};
pub use versions::Undecided;

/// What there is to read about one patient.
#[derive(Debug, Default)]
pub struct Chart<'a> {
    /// The patient asked about (bare id). Resources of another patient are dropped with a note.
    pub patient_id: &'a str,
    /// Resources from prefetch or a bundle, in any order.
    pub resources: Vec<Json<'a>>,
    /// Places in `resources` of versions that are not to be read, because another version of the same resource is
    /// ([`Undecided`]).
    pub left_out: HashSet<usize>,
    /// Draft orders of the call.
    pub drafts: Vec<DraftOrder<'a>>,
    /// References of orders among `resources` that the call asks about as it asks about drafts.
    pub dispatched: Vec<Cow<'a, str>>,
    /// Resource types that could not be had.
    pub unavailable: Vec<Source>,
    /// Resource types of which only the first page came.
    pub incomplete: Vec<Source>,
}

/// What reading gave.
#[derive(Debug, Default)]
pub struct Reading {
    /// What the chart states.
    pub facts: Facts,
    /// What was ignored or doubtful.
    pub notes: Vec<Note>,
    /// Resources of which several versions came and nothing tells the newest. All of these versions were read.
    pub undecided: Vec<Undecided>,
}

/// How long a statement about pregnancy counts, in days.
const PREGNANCY_DAYS: i64 = 365;

/// Reads a chart. Never fails: what cannot be used is a note. Neither the order of the resources nor that of the codings
/// in them changes the facts.
pub fn read(chart: &Chart<'_>, value_sets: &ValueSets, site: &Site, now: DateTime<Utc>) -> Reading {
    read_while(chart, value_sets, site, now, &|| true).unwrap_or_default()
}

/// So many resources are read before somebody asks again whether the answer is still wanted.
const AT_ONCE: usize = 256;

/// The same, as long as somebody waits for it. `None`: nobody does.
pub fn read_while(
    chart: &Chart<'_>,
    value_sets: &ValueSets,
    site: &Site,
    now: DateTime<Utc>,
    is_wanted: &dyn Fn() -> bool,
) -> Option<Reading> {
    let mut cx = Context::new(value_sets, site.time_zone, now);
    let mut drafts = read_drafts(chart, &mut cx);
    let named = drafts.iter().filter_map(|(entry, _)| Some((entry.resource_type.clone(), entry.id.clone()?)));
    let named: HashSet<Key<'_>, foldhash::fast::RandomState> = named.collect();
    let resources = chart.resources.iter().enumerate().filter(|(place, _)| !chart.left_out.contains(place));
    let mut entries: Vec<(usize, Entry<'_>)> = Vec::with_capacity(chart.resources.len());
    for (place, raw) in resources {
        if place.is_multiple_of(AT_ONCE) && !is_wanted() {
            return None;
        }
        let Some(entry) = accept(*raw, || format!("entry[{place}]"), chart, &mut cx) else { continue };
        // A draft that carries the id of a stored order is the newer copy of it.
        let key = entry.id.as_ref().map(|id| (entry.resource_type.clone(), id.clone()));
        if key.is_some_and(|key| named.contains(&key)) {
            cx.note(NoteKind::Duplicate, &entry, "");
        } else {
            entries.push((place, entry));
        }
    }
    let (entries, undecided) = versions::settle(entries, chart, &mut cx);
    let of_drafts = drafts.iter().map(|(entry, draft)| (entry, draft.names.full_url()));
    reference::collect(of_drafts, &entries, &mut cx);
    take_doubtful_names(&mut drafts);
    for (place, (entry, draft)) in drafts.iter().enumerate() {
        if place.is_multiple_of(AT_ONCE) && !is_wanted() {
            return None;
        }
        match entry.resource_type.as_ref() {
            "ServiceRequest" => order::draft(entry, &mut cx, draft.selected),
            "MedicationRequest" => medication::draft(entry, &mut cx, draft.selected),
            _ => {}
        }
    }
    patient::read(&entries, &mut cx);
    let mut dispatched = Dispatched::new(&chart.dispatched);
    for (place, entry) in entries.iter().enumerate() {
        if place.is_multiple_of(AT_ONCE) && !is_wanted() {
            return None;
        }
        match entry.resource_type.as_ref() {
            "ServiceRequest" if dispatched.names(entry) => order::dispatched(entry, &mut cx),
            "MedicationRequest" if dispatched.names(entry) => medication::dispatched(entry, &mut cx),
            _ => read_resource(entry, &mut cx),
        }
    }
    cx.facts.orders_signed = !chart.dispatched.is_empty();
    dispatched.note_those_that_did_not_come(&mut cx);
    // After the placed orders, on which an appointment may rest.
    let booked = drafts.iter().map(|(entry, _)| entry).filter(|entry| entry.resource_type == "Appointment");
    appointment::read_all(booked, &entries, &mut cx, is_wanted)?;
    treatment::settle_parts(&mut cx);
    treatment_order::settle_parts(&mut cx);
    cx.facts.unavailable = sorted(&chart.unavailable);
    cx.facts.incomplete = sorted(&chart.incomplete);
    if cx.medication_unread && !cx.facts.unavailable.contains(&Source::Medication) {
        cx.facts.incomplete = sorted(&[&*chart.incomplete, &[Source::Medication]].concat());
    }
    is_wanted().then(|| Reading { undecided, ..finish(cx) })
}

/// Orders that are dispatched, by their ids, and whether each came. There may be as many as a body holds.
struct Dispatched<'a>(HashMap<&'a str, Vec<(Option<&'a str>, bool)>, foldhash::fast::RandomState>);

impl<'a> Dispatched<'a> {
    fn new(references: &'a [Cow<'_, str>]) -> Self {
        let mut named: HashMap<&str, Vec<_>, _> = HashMap::default();
        let orders = references.iter().map(|reference| Reference::parse(reference));
        for reference in orders.filter(|it| {
            !it.is_contained && matches!(it.kind, None | Some("ServiceRequest" | "MedicationRequest"))
        }) {
            let kinds = named.entry(reference.id).or_default();
            if !kinds.contains(&(reference.kind, false)) {
                kinds.push((reference.kind, false));
            }
        }
        Self(named)
    }

    fn names(&mut self, entry: &Entry<'_>) -> bool {
        let named = entry.id.as_deref().and_then(|id| self.0.get_mut(id));
        let mut is_named = false;
        for (kind, came) in named.into_iter().flatten() {
            if kind.is_none_or(|kind| kind == entry.resource_type) {
                (*came, is_named) = (true, true);
            }
        }
        is_named
    }

    fn note_those_that_did_not_come(&self, cx: &mut Context<'_>) {
        if self.0.values().flatten().any(|(_, came)| !came) {
            cx.notes.push(Note::on(NoteKind::OrderNotSent, "dispatchedOrders"));
        }
    }
}

/// The drafts that can be read.
fn read_drafts<'a, 'c>(chart: &'c Chart<'a>, cx: &mut Context<'_>) -> Vec<(Entry<'a>, &'c DraftOrder<'a>)> {
    let mut drafts = Vec::with_capacity(chart.drafts.len());
    for draft in &chart.drafts {
        let Some(object) = Object::read(draft.raw) else { continue };
        let entry = Entry::named(object, draft.names.identity().clone());
        drafts.extend(accept_entry(entry, draft.raw, chart, cx).map(|entry| (entry, draft)));
    }
    drafts
}

/// A draft that is changed or removed is named to the client. Two drafts with one id are two orders that the user sees, and a
/// name that both answer to names neither. A draft in which a name comes twice cannot be sent back as it was meant.
fn take_doubtful_names(drafts: &mut [(Entry<'_>, &DraftOrder<'_>)]) {
    let mut carriers: HashMap<String, usize> = HashMap::new();
    for (entry, _) in drafts.iter().filter(|(entry, _)| entry.id.is_some()) {
        *carriers.entry(entry.reference.clone()).or_default() += 1;
    }
    for (entry, draft) in drafts {
        let is_shared = carriers.get(&entry.reference).is_some_and(|number| *number > 1);
        if is_shared || draft.raw.repeats_a_name_inside() {
            entry.id = None;
            entry.reference = entry.resource_type.clone().into_owned();
        }
    }
}

fn read_resource(entry: &Entry<'_>, cx: &mut Context<'_>) {
    match entry.resource_type.as_ref() {
        "Condition" => condition::read(entry, cx),
        "Observation" => observation::read(entry, cx),
        "ImagingStudy" => imaging::study(entry, cx),
        "DiagnosticReport" => imaging::report(entry, cx),
        "Procedure" => treatment::read(entry, cx),
        "ServiceRequest" => order::placed(entry, cx),
        "Encounter" => consult::encounter(entry, cx),
        "MedicationRequest" => medication::request(entry, cx),
        "MedicationStatement" => medication::statement(entry, cx),
        "MedicationAdministration" => medication::administration(entry, cx),
        "AllergyIntolerance" => allergy::read(entry, cx),
        "Device" => device::read(entry, cx),
        _ => {}
    }
}

/// Type and id. The ids are the client's, so a hash of them is seeded for each process.
type Key<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The resource as an entry; `None`, with a note, for what is malformed or of another patient.
fn accept<'a>(
    raw: Json<'a>,
    place: impl Fn() -> String,
    chart: &Chart<'_>,
    cx: &mut Context<'_>,
) -> Option<Entry<'a>> {
    let Some(entry) = Object::read(raw).and_then(Entry::new) else {
        cx.notes.push(Note::on(NoteKind::MalformedResource, place()));
        return None;
    };
    accept_entry(entry, raw, chart, cx)
}

fn accept_entry<'a>(
    entry: Entry<'a>,
    raw: Json<'a>,
    chart: &Chart<'_>,
    cx: &mut Context<'_>,
) -> Option<Entry<'a>> {
    if matches!(entry.resource_type.as_ref(), "ProcedureRequest" | "DiagnosticOrder" | "MedicationOrder") {
        cx.note(NoteKind::UnknownResourceType, &entry, "");
        return None;
    }
    if raw.repeats_a_name_inside() {
        cx.note(NoteKind::RepeatedName, &entry, "");
    }
    if !subject::is_of(&entry, chart.patient_id) {
        cx.note(NoteKind::OtherPatient, &entry, "");
        return None;
    }
    Some(entry)
}

/// Settles what needs all resources, and puts everything into an order of its own.
fn finish(mut cx: Context<'_>) -> Reading {
    let since = cx.now - Duration::days(PREGNANCY_DAYS);
    cx.pregnancy.retain(|statement| statement.evidence.date.is_none_or(|when| when.latest() >= since));
    let mut facts = cx.facts;
    facts.pregnant = latest_yes(cx.pregnancy);
    facts.comfort_care = latest_yes(cx.comfort_care);
    arrange(&mut facts.cancer, |record| &record.evidence);
    arrange(&mut facts.metastases, |record| &record.evidence);
    arrange(&mut facts.vertebral_fractures, |evidence| evidence);
    arrange(&mut facts.other_vertebral_fractures, |evidence| evidence);
    arrange(&mut facts.from_text.cancer, |record| &record.evidence);
    arrange(&mut facts.from_text.metastases, |record| &record.evidence);
    arrange(&mut facts.from_text.vertebral_fractures, |evidence| evidence);
    arrange(&mut facts.from_text.signs, |record| &record.evidence);
    arrange(&mut facts.sins, |record| &record.evidence);
    arrange(&mut facts.sins_off_scale, |record| &record.evidence);
    arrange(&mut facts.mirels, |record| &record.evidence);
    arrange(&mut facts.performance, |record| &record.evidence);
    arrange(&mut facts.life_expectancy, |record| &record.evidence);
    arrange(&mut facts.judgements, |record| &record.evidence);
    arrange(&mut facts.consults, |record| &record.evidence);
    arrange(&mut facts.medications, |record| &record.evidence);
    arrange(&mut facts.radiotherapy_history, |evidence| evidence);
    arrange(&mut facts.creatinine, |record| &record.evidence);
    arrange(&mut facts.creatinine_clearance, |record| &record.evidence);
    arrange(&mut facts.weight, |record| &record.evidence);
    arrange(&mut facts.calcium, |record| &record.evidence);
    arrange(&mut facts.bisphosphonate_allergy, |evidence| evidence);
    arrange(&mut facts.radiotherapy_orders, |record| &record.evidence);
    arrange(&mut facts.surgery_orders, |record| &record.evidence);
    arrange(&mut facts.zoledronic_orders, |record| &record.evidence);
    arrange(&mut facts.signs, |record| &record.evidence);
    arrange(&mut facts.progressions, |record| &record.evidence);
    arrange(&mut facts.worse_despite_treatment, |evidence| evidence);
    arrange(&mut facts.escc, |record| &record.evidence);
    arrange(&mut facts.spine_mri, |record| &record.evidence);
    arrange(&mut facts.imaging_orders, |record| &record.evidence);
    arrange(&mut facts.treatments, |record| &record.evidence);
    arrange(&mut facts.mri_safety, |evidence| evidence);
    let mut notes = cx.notes;
    notes.sort_by(|a, b| (&a.place, a.element, a.kind).cmp(&(&b.place, b.element, b.kind)));
    notes.dedup();
    facts.not_understood = unknown::count(&notes);
    Reading { facts, notes, undecided: Vec::new() }
}

/// Sorts records by resource; those of one resource, or of resources without id, by what they say.
fn arrange<T: Debug>(records: &mut [T], evidence: fn(&T) -> &Evidence) {
    records.sort_by(|a, b| evidence(a).reference.cmp(&evidence(b).reference));
    for group in records.chunk_by_mut(|a, b| evidence(a).reference == evidence(b).reference) {
        if group.len() > 1 {
            group.sort_by_cached_key(|record| format!("{record:?}"));
        }
    }
}

/// The evidence of the latest statement, if that one affirms. A statement without a date is the oldest; of two of one
/// time, the affirming one counts.
fn latest_yes(statements: Vec<Statement>) -> Option<Evidence> {
    let key = |statement: &Statement| {
        let date = statement.evidence.date.map(|when| (when.latest(), when.earliest()));
        (date, statement.affirmed, statement.evidence.reference.clone(), statement.evidence.label.clone())
    };
    statements.into_iter().max_by_key(key).filter(|statement| statement.affirmed).map(|s| s.evidence)
}

fn sorted(sources: &[Source]) -> Vec<Source> {
    let mut sources = sources.to_vec();
    sources.sort_unstable();
    sources.dedup();
    sources
}
