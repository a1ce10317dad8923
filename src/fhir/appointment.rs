//! Appointments that are being booked: those for an MRI of the spine, by their service type, their reason, or the order that they
//! rest on.
//!
//! A visit that speaks of an MRI is none. Deliberately absent: whether one is in time.

use super::coded::Coded;
use super::context::{Context, Entry, contained};
use super::identity::Reference;
use super::note::NoteKind;
use super::order::imaging_of;
use super::reader::{Object, items, text};
use super::words;
use engine::domain::{ImagingOrder, Modality, OrderStatus, Regions};
use std::collections::HashMap;

/// So many appointments are read before somebody asks again whether the answer is still wanted.
const AT_ONCE: usize = 64;
/// Orders of one appointment that are looked up.
const MOST_ORDERS: usize = 20;
/// Magnetic resonance imaging in SNOMED CT, whatever of.
const ANY_MRI: &str = "113091000";
/// Words of a visit about an MRI. "After" is none of them: images are made before and after contrast.
const VISIT: &[&str] =
    &["visit", "clinic", "consult", "consultation", "review", "result", "results", "discuss", "discussion"];
/// Words of a department that makes images: what it is to make stands in the reason.
const DEPARTMENT: &[&str] = &["radiology", "imaging", "diagnostic", "diagnostics"];
/// Words beside MRI that name no part of the body.
const PLAIN: &[&str] = &["exam", "examination", "imaging", "scan"];
/// What a visit follows.
const AFTER_IMAGING: &[&str] = &["after mr", "after ct", "after imaging", "after scan"];

/// An MRI of the spine: its regions, whether it was read from words, and how it is called.
type Mri = (Regions, bool, String);

/// The orders on which an appointment may rest.
struct Orders<'e, 'a> {
    /// Those in force that are for an MRI of the spine.
    placed: HashMap<String, Mri>,
    /// Every other one: whatever became of the order, the appointment is for what it orders.
    others: HashMap<&'e str, &'e Entry<'a>>,
}

/// Reads the appointments of a call. `None`: nobody waits for the answer any more.
pub(super) fn read_all<'e, 'a: 'e>(
    entries: impl Iterator<Item = &'e Entry<'a>>,
    chart: &'e [Entry<'a>],
    cx: &mut Context<'_>,
    is_wanted: &dyn Fn() -> bool,
) -> Option<()> {
    let mut entries = entries.enumerate().peekable();
    if entries.peek().is_none() {
        return Some(());
    }
    let mris = cx.facts.imaging_orders.iter().filter(|order| order.modality == Modality::Mri);
    let placed: HashMap<String, Mri> = mris
        .map(|it| (it.evidence.reference.clone(), (it.regions, it.from_text, it.evidence.label.clone())))
        .collect();
    let others = chart.iter().filter(|it| it.resource_type == "ServiceRequest");
    let others = others.map(|it| (it.reference.as_str(), it)).collect();
    let orders = Orders { placed, others };
    for (place, entry) in entries {
        if place.is_multiple_of(AT_ONCE) && !is_wanted() {
            return None;
        }
        read(entry, cx, &orders);
    }
    Some(())
}

fn read(entry: &Entry<'_>, cx: &mut Context<'_>, orders: &Orders<'_, '_>) {
    if entry.object.contradicts("status") {
        return cx.note(NoteKind::MalformedElement, entry, "status");
    }
    if let Some("cancelled" | "noshow" | "fulfilled" | "entered-in-error") =
        cx.text(entry, "status").as_deref()
    {
        return cx.note(NoteKind::NotInForce, entry, "status");
    }
    let Some((regions, from_text, label)) = mri(entry, cx, orders) else {
        return cx.note(NoteKind::CodeNotKnown, entry, "serviceType");
    };
    let start = cx.date(entry, "start");
    cx.facts.imaging_orders.push(ImagingOrder {
        status: OrderStatus::Draft { selected: true },
        modality: Modality::Mri,
        regions,
        priority: None,
        due: start,
        authored: None,
        from_text,
        evidence: Context::evidence(entry, label, start),
    });
}

/// What the appointment is for. A service type decides where it names imaging: an MRI of the spine, or something else.
fn mri(entry: &Entry<'_>, cx: &mut Context<'_>, orders: &Orders<'_, '_>) -> Option<Mri> {
    let service = cx.coded_list(entry, "serviceType");
    let reasons = cx.coded_list(entry, "reasonCode");
    let said = words_of(&service);
    // A code is no visit, whatever stands beside it.
    let coded = service.iter().any(|code| !code.concepts.is_empty());
    if !coded && is_visit(&said) {
        return None;
    }
    if let Some(found) = service.iter().find_map(imaging_of) {
        return of_mri(found, &service);
    }
    // Kind and part may stand in two concepts, or the part in the reason.
    let spine = |text: &str| words::imaging(text).filter(|it| it.spine && it.modality == Modality::Mri);
    let whole = spine(&said);
    let in_reason = || is_any_mri(&service, &said).then(|| spine(&format!("MRI {}", words_of(&reasons))))?;
    if let Some(found) = whole.or_else(in_reason) {
        return Some((found.regions, true, label(&service)));
    }
    if words::names_imaging(&said) && !is_any_mri(&service, &said) {
        return None;
    }
    let by_reason = || {
        let order = reasons.iter().filter(|reason| is_order(reason)).find_map(imaging_of)?;
        of_mri(order, &reasons)
    };
    let by_department = service.is_empty() || has_word(&said, DEPARTMENT);
    by_department.then(by_reason).flatten().or_else(|| of_its_order(entry, cx, orders))
}

fn of_mri((modality, regions, from_text): (Modality, Regions, bool), codes: &[Coded<'_>]) -> Option<Mri> {
    (modality == Modality::Mri).then(|| (regions, from_text, label(codes)))
}

/// Whether a reason is an order for imaging: by its code, or by words that begin with it and speak of no visit.
fn is_order(reason: &Coded<'_>) -> bool {
    let words = reason.wordings().join(" ");
    !reason.concepts.is_empty() || !is_visit(&words) && words::begins_with_imaging(&words)
}

fn words_of(codes: &[Coded<'_>]) -> String {
    codes.iter().flat_map(Coded::wordings).collect::<Vec<_>>().join(" ")
}

fn label(codes: &[Coded<'_>]) -> String {
    codes.iter().map(Coded::label).find(|label| !label.is_empty()).unwrap_or_default()
}

fn is_visit(words: &str) -> bool {
    let lower = words.to_lowercase();
    has_word(words, VISIT) || AFTER_IMAGING.iter().any(|after| lower.contains(after))
}

fn has_word(words: &str, listed: &[&str]) -> bool {
    let lower = words.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).any(|word| listed.contains(&word))
}

/// Whether no more is said than that it is an MRI.
fn is_any_mri(service: &[Coded<'_>], said: &str) -> bool {
    let by_code = service.iter().flat_map(Coded::codes).any(|code| code == ANY_MRI);
    let is_plain = |word: &str| words::names_mri(word) || PLAIN.contains(&word.to_lowercase().as_str());
    by_code || words::names_mri(said) && said.split_whitespace().all(is_plain)
}

/// What its order orders, where that is an MRI of the spine.
fn of_its_order(entry: &Entry<'_>, cx: &mut Context<'_>, orders: &Orders<'_, '_>) -> Option<Mri> {
    let based_on = entry.object.get("basedOn").map(items).unwrap_or_default();
    based_on.into_iter().take(MOST_ORDERS).find_map(|raw| {
        let reference = Object::read(raw)?.raw("reference").and_then(text)?;
        let named = Reference::parse(&reference);
        if named.is_contained {
            return ordered(&contained(entry, "ServiceRequest", named.id)?, cx);
        }
        let target = named.target("ServiceRequest");
        let placed = orders.placed.get(&target).cloned();
        placed.or_else(|| ordered(orders.others.get(target.as_str())?, cx))
    })
}

/// What an order is for, by its code alone.
fn ordered(order: &Entry<'_>, cx: &mut Context<'_>) -> Option<Mri> {
    let code = cx.coded(order, "code")?;
    let found = imaging_of(&code).filter(|found| found.0 == Modality::Mri)?;
    Some((found.1, found.2, code.label()))
}
