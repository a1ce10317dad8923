//! A changed draft, as the client sent it.
//!
//! An update returns the whole draft with code, priority, occurrence\[x\] and orderDetail changed and every other member
//! as it was, to the byte (guideline.md section 3.2; requirement S-9).

use super::cards::{CardContext, rfc3339};
use super::suggestion::whole_spine_code;
use crate::domain::ImagingOrder;
use crate::fhir::DraftOrder;
use crate::guideline::Timing;
use crate::json::{Document, Json, Object};
use fhir_sdk::DateTime as FhirDateTime;
use fhir_sdk::r4b::types::CodeableConcept;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::HashMap;
use std::str::FromStr;

/// Drafts, and what they order, by the name under which each may be changed.
pub(super) struct Drafts<'a> {
    drafts: HashMap<String, &'a DraftOrder<'a>>,
    orders: HashMap<&'a str, &'a ImagingOrder>,
}

impl<'a> Drafts<'a> {
    /// Of two with one name the first counts; neither is ever changed.
    pub(super) fn of(context: &CardContext<'a>) -> Self {
        let orders = context.facts.imaging_orders.iter().rev();
        Self {
            drafts: context.drafts.iter().rev().filter_map(|draft| Some((draft.name()?, draft))).collect(),
            orders: orders.map(|order| (order.evidence.reference.as_str(), order)).collect(),
        }
    }
}

impl Drafts<'_> {
    /// Whether the call brought a draft of this name: an order that was dispatched is not taken away by a click.
    pub(super) fn has(&self, reference: &str) -> bool {
        self.drafts.contains_key(reference)
    }
}

/// Every member that may hold the time of an order.
const OCCURRENCE: [&str; 6] = [
    "occurrenceDateTime",
    "_occurrenceDateTime",
    "occurrencePeriod",
    "_occurrencePeriod",
    "occurrenceTiming",
    "_occurrenceTiming",
];

/// Whether a member that holds the time of an order has the shape that FHIR gives it.
fn is_valid_time(name: &str, value: &RawValue) -> bool {
    let Ok(document) = Document::parse(value.get()) else { return false };
    let value = document.root();
    let is_date = |value: Json<'_>| value.string().is_some_and(|text| FhirDateTime::from_str(&text).is_ok());
    let object = Object::read(value);
    match name {
        "occurrenceDateTime" => is_date(value),
        "occurrencePeriod" => object.is_some_and(|period| {
            ["start", "end"].into_iter().filter_map(|name| period.raw(name)).all(is_date)
        }),
        _ => object.is_some(),
    }
}

/// `occurrencePeriod` from now to the proposed end; `None` where no window runs.
#[derive(Serialize)]
pub(super) struct OccurrencePeriod {
    pub(super) start: String,
    pub(super) end: String,
}

/// The period of an order; `None` where no window runs.
pub(super) fn period(timing: &Timing, context: &CardContext<'_>) -> Option<OccurrencePeriod> {
    timing.end.map(|end| OccurrencePeriod { start: rfc3339(context.now), end: rfc3339(end) })
}

/// The whole draft as sent, with priority and time changed, and its code when it is to be widened. A higher priority of
/// the draft's own stays; a priority or time that is not valid does not.
pub(super) fn changed_draft(
    reference: &str,
    widen: bool,
    timing: &Timing,
    clear_time: bool,
    drafts: &Drafts<'_>,
    context: &CardContext<'_>,
) -> Option<Box<RawValue>> {
    let draft = drafts.drafts.get(reference)?;
    let mut members: IndexMap<String, Box<RawValue>> = serde_json::from_str(draft.raw.get()).ok()?;
    let order = drafts.orders.get(reference);
    let present = order.and_then(|order| order.priority);
    if let Some(priority) = timing.priority.filter(|wanted| present.is_none_or(|present| present < *wanted)) {
        members.insert("priority".to_owned(), to_raw_value(priority.code()).ok()?);
    } else if present.is_none() {
        members.shift_remove("priority");
    }
    members.retain(|name, value| !OCCURRENCE.contains(&&**name) || is_valid_time(name, value));
    let period = period(timing, context);
    if clear_time || period.is_some() {
        for member in OCCURRENCE {
            members.shift_remove(member);
        }
    }
    if let Some(period) = period {
        members.insert("occurrencePeriod".to_owned(), to_raw_value(&period).ok()?);
    }
    if widen {
        members.shift_remove("_code");
        members.insert("code".to_owned(), to_raw_value(&whole_spine_code(context)?).ok()?);
        let detail = CodeableConcept::builder()
            .text("Cervical, thoracic and lumbar spine, T1- and T2-weighted".to_owned())
            .build()
            .ok()?;
        let mut details: Vec<Box<RawValue>> = members
            .get("orderDetail")
            .and_then(|present| serde_json::from_str(present.get()).ok())
            .unwrap_or_default();
        details.push(to_raw_value(&detail).ok()?);
        members.insert("orderDetail".to_owned(), to_raw_value(&details).ok()?);
    }
    to_raw_value(&members).ok()
}
