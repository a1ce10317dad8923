//! Drugs that a rule looks at: MedicationRequest, MedicationStatement, MedicationAdministration, and the Medication that
//! they refer to.
//!
//! Deliberately absent: doses, interactions, and every drug that no rule names.

use super::coded::Coded;
use super::concept::Concept;
use super::context::{Context, DateChoice, EFFECTIVE, Entry, contained};
use super::identity::Reference;
use super::note::NoteKind;
use super::reader::{Object, boolean, items, text};
use super::words;
use chrono::Duration;
use engine::domain::{Drug, MedicationRecord, OrderStatus, When, ZoledronicOrder};
use json::Json;
use std::borrow::Cow;

/// A bone agent or antineoplastic drug that was given counts as current for so many days: the longest usual interval of
/// bone agents is twelve weeks.
const GIVEN_DAYS: i64 = 90;
/// RxNorm "Prolia": denosumab as it is given for osteoporosis.
const PROLIA: &str = "993453";

/// `effective[x]` of MedicationAdministration and MedicationStatement.
const GIVEN: DateChoice = DateChoice { without_date: &[], ..EFFECTIVE };

/// What a resource says the drug is.
#[derive(Debug, Clone, Default)]
pub(super) struct Product {
    drugs: Vec<Drug>,
    label: String,
    from_text: bool,
    /// Its words say that it is stopped, planned, or not tolerated.
    not_taken: bool,
    /// It stands in a Medication that did not come, and the reference has no words for it.
    is_unread: bool,
}

impl Product {
    /// Tells the drugs from codes; from words only where no code is known.
    fn of(coded: &[Coded<'_>]) -> Self {
        let has = |concept| coded.iter().any(|coded| coded.concepts.has(concept));
        let known = coded.iter().any(|coded| !coded.concepts.is_empty());
        let wordings: Vec<&str> = coded.iter().flat_map(Coded::wordings).collect();
        let says = |test: fn(&str) -> bool| wordings.iter().any(|text| test(text));
        // Nearly all drugs are none that a rule looks at.
        let naming: Vec<&str> = wordings.iter().copied().filter(|text| words::may_name_drug(text)).collect();
        let names = |test: fn(&str) -> bool| naming.iter().any(|text| test(text));
        let named = |concept, test: fn(&str) -> bool| has(concept) || !known && names(test);
        let prolia = coded.iter().flat_map(Coded::codes).any(|code| code == PROLIA)
            || names(words::osteoporosis_denosumab);
        let other_bone_agent =
            (named(Concept::BoneAgent, words::other_bone_agent) || has(Concept::Bisphosphonate)) && !prolia;
        let drugs = [
            (Drug::ZoledronicAcid, named(Concept::ZoledronicAcid, words::zoledronic_acid)),
            (Drug::OtherBoneAgent, other_bone_agent),
            (
                Drug::Corticosteroid,
                named(Concept::Corticosteroid, words::corticosteroid) && !says(words::local_use),
            ),
            (Drug::Antineoplastic, named(Concept::AntineoplasticDrug, words::antineoplastic)),
        ];
        let drugs: Vec<Drug> = drugs.into_iter().filter(|(_, is)| *is).map(|(drug, _)| drug).collect();
        let labels = coded.iter().map(Coded::label).filter(|label| !label.is_empty());
        let from_text = !known && !drugs.is_empty();
        let not_taken = from_text && says(words::not_taken);
        Self { from_text, not_taken, drugs, label: labels.min().unwrap_or_default(), is_unread: false }
    }
}

/// Reads a Medication.
pub(super) fn medication(entry: &Entry<'_>, cx: &mut Context<'_>) -> Product {
    let mut codes: Vec<Coded<'_>> = cx.coded(entry, "code").into_iter().collect();
    for raw in entry.object.get("ingredient").map(items).unwrap_or_default() {
        let item = Object::read(raw).and_then(|ingredient| ingredient.get("itemCodeableConcept"));
        codes.extend(item.and_then(|raw| cx.coded_from(entry, raw, "ingredient")));
    }
    Product::of(&codes)
}

/// The reference to a Medication in an order, a statement or an administration, without reading the rest, and whether the
/// reference has words; `None` when it has none, names one that it contains, or its words tell a drug that a rule looks at.
pub fn medication_reference(raw: Json<'_>) -> Option<(Cow<'_, str>, bool)> {
    let object = Object::read(raw)?;
    let kind = object.raw("resourceType").and_then(text)?;
    if !matches!(&*kind, "MedicationRequest" | "MedicationStatement" | "MedicationAdministration") {
        return None;
    }
    let reference = object.get("medicationReference").and_then(Object::read)?;
    let display = display(&reference);
    let has_words = display.is_some();
    if has_words && !Product::of(&[Coded { text: display, ..Coded::default() }]).drugs.is_empty() {
        return None;
    }
    let target = reference.raw("reference").and_then(text)?;
    (!Reference::parse(&target).is_contained).then_some((target, has_words))
}

/// The words of a reference.
fn display<'a>(reference: &Object<'a>) -> Option<Cow<'a, str>> {
    reference.raw("display").and_then(text).filter(|display| !display.trim().is_empty())
}

/// What the resource is about, by code or by reference.
fn product(entry: &Entry<'_>, cx: &mut Context<'_>) -> Product {
    if let Some(coded) = cx.coded(entry, "medicationCodeableConcept") {
        return Product::of(&[coded]);
    }
    let Some(referred) = entry.object.get("medicationReference").and_then(Object::read) else {
        return Product::default();
    };
    let target = referred.raw("reference").and_then(text);
    let found = target.as_deref().map(Reference::parse).and_then(|named| {
        if named.is_contained {
            return contained(entry, "Medication", named.id).map(|found| medication(&found, cx));
        }
        cx.medications.get(&named.target("Medication")).cloned()
    });
    let display = display(&referred);
    let by_display = || {
        let is_unread = display.is_none();
        Product { is_unread, ..Product::of(&[Coded { text: display, ..Coded::default() }]) }
    };
    found.unwrap_or_else(by_display)
}

/// How a resource counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// Going on.
    Current,
    /// Given or taken, and over.
    Past,
}

/// Reads a MedicationRequest of the chart.
pub(super) fn request(entry: &Entry<'_>, cx: &mut Context<'_>) {
    if forbidden(entry, cx) {
        return;
    }
    let course = match cx.text(entry, "status").as_deref() {
        Some("active") => Course::Current,
        Some("completed" | "stopped" | "on-hold") => Course::Past,
        _ => return cx.note(NoteKind::NotInForce, entry, "status"),
    };
    if let Some("proposal" | "plan" | "option") = cx.text(entry, "intent").as_deref() {
        return cx.note(NoteKind::NotInForce, entry, "intent");
    }
    let course = if has_ended(entry, cx) { Course::Past } else { course };
    let when = cx.date(entry, "authoredOn");
    record(entry, cx, course, when, false);
}

/// Whether every dosage of an order has an end, and all of them are past.
fn has_ended(entry: &Entry<'_>, cx: &mut Context<'_>) -> bool {
    let dosages = entry.object.get("dosageInstruction").map(items).unwrap_or_default();
    let end = |raw| {
        let timing = Object::read(raw)?.get("timing").and_then(Object::read)?;
        let bounds =
            timing.get("repeat").and_then(Object::read)?.get("boundsPeriod").and_then(Object::read)?;
        bounds.get("end")
    };
    let ends: Vec<Option<Json<'_>>> = dosages.map(end).collect();
    let now = cx.now;
    let mut past = |end: Option<Json<'_>>| {
        end.and_then(|raw| cx.date_from(entry, raw, "dosageInstruction"))
            .is_some_and(|when| when.latest() < now)
    };
    !ends.is_empty() && ends.into_iter().all(&mut past)
}

/// Reads a MedicationStatement.
pub(super) fn statement(entry: &Entry<'_>, cx: &mut Context<'_>) {
    let course = match cx.text(entry, "status").as_deref() {
        Some("active") => Course::Current,
        Some("completed" | "stopped" | "on-hold") => Course::Past,
        _ => return cx.note(NoteKind::NotInForce, entry, "status"),
    };
    let taken = cx.span(entry, &GIVEN);
    let over =
        entry.object.get("effectivePeriod").is_some() && taken.end.is_some_and(|end| end.latest() < cx.now);
    let course = if over { Course::Past } else { course };
    let asserted = cx.date(entry, "dateAsserted");
    record(entry, cx, course, taken.end.or(taken.start).or(asserted), true);
}

/// Reads a MedicationAdministration.
pub(super) fn administration(entry: &Entry<'_>, cx: &mut Context<'_>) {
    let course = match cx.text(entry, "status").as_deref() {
        Some("in-progress") => Course::Current,
        Some("completed" | "stopped" | "on-hold") => Course::Past,
        _ => return cx.note(NoteKind::NotInForce, entry, "status"),
    };
    let given = cx.span(entry, &GIVEN);
    record(entry, cx, course, given.end.or(given.start), true);
}

/// Makes the records. `given`: the resource says that the drug was taken, not only ordered.
fn record(entry: &Entry<'_>, cx: &mut Context<'_>, course: Course, when: Option<When>, given: bool) {
    let product = product(entry, cx);
    if when.is_some_and(|when| when.earliest() > cx.now) && course == Course::Past {
        return cx.note(NoteKind::ValueNotAllowed, entry, "");
    }
    let since = cx.now - Duration::days(GIVEN_DAYS);
    let lately = given && when.is_some_and(|when| when.latest() >= since);
    cx.medication_unread |= product.is_unread && (course == Course::Current || lately);
    let mut drugs = product.drugs;
    let of_cancer = Context::has_profile(entry, |name| name.starts_with("mcode-cancer-related-medication"));
    if drugs.is_empty() && of_cancer {
        drugs.push(Drug::Antineoplastic);
    }
    if drugs.is_empty() && product.is_unread {
        // Not a code that nobody knows: it did not come.
        return;
    }
    if drugs.is_empty() {
        return cx.note(NoteKind::CodeNotKnown, entry, "medication");
    }
    if product.not_taken {
        return cx.note(NoteKind::MakesNoFact, entry, "medication");
    }
    if product.from_text {
        cx.note(NoteKind::FromText, entry, "medication");
    }
    for drug in drugs {
        // A bone agent acts for weeks, and a cycle that was given goes on; a course that is stated as over is over.
        let cycle = drug == Drug::Antineoplastic && entry.resource_type == "MedicationAdministration";
        let lasting = matches!(drug, Drug::ZoledronicAcid | Drug::OtherBoneAgent) || cycle;
        let current = course == Course::Current || lasting && lately;
        let evidence = Context::evidence(entry, product.label.clone(), when);
        cx.facts.medications.push(MedicationRecord { drug, current, when, evidence });
    }
}

/// Reads a draft of the call: only zoledronic acid is checked. Its status is not looked at.
pub(super) fn draft(entry: &Entry<'_>, cx: &mut Context<'_>, selected: bool) {
    if forbidden(entry, cx) {
        return;
    }
    let product = product(entry, cx);
    cx.medication_unread |= product.is_unread;
    if !product.drugs.contains(&Drug::ZoledronicAcid) {
        return;
    }
    if product.from_text {
        cx.note(NoteKind::FromText, entry, "medication");
    }
    let when = cx.date(entry, "authoredOn");
    let evidence = Context::evidence(entry, product.label, when);
    cx.facts.zoledronic_orders.push(ZoledronicOrder { status: OrderStatus::Draft { selected }, evidence });
}

/// Reads an order of the chart that is being dispatched: as a draft, where it is to be done.
pub(super) fn dispatched(entry: &Entry<'_>, cx: &mut Context<'_>) {
    if super::order::is_to_be_done(entry, cx) {
        draft(entry, cx, true);
    }
}

/// Whether the resource forbids what it names.
pub(super) fn forbidden(entry: &Entry<'_>, cx: &mut Context<'_>) -> bool {
    let Some(raw) = entry.object.get("doNotPerform") else { return false };
    match boolean(raw) {
        Some(false) => false,
        Some(true) => {
            cx.note(NoteKind::NotInForce, entry, "doNotPerform");
            true
        }
        None => {
            cx.note(NoteKind::MalformedElement, entry, "doNotPerform");
            false
        }
    }
}
