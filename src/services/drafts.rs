//! The draft orders of a call, and which of them it is about (rows H-3 to H-6).
//!
//! Drafts are read from the call alone: most exist nowhere else. Absent on purpose: what an order is for.

use super::gather::MOST_NOTES;
use crate::cds_hooks::{Context, Fault};
use crate::domain::Source;
use crate::fhir::{DraftOrder, Note, NoteKind, Reference};
use crate::guideline::Occasion;
use crate::json::{Json, Object};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Which orders a service is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orders {
    /// None: the hook brings no orders.
    None,
    /// The drafts named in `selections`.
    Selected,
    /// Every draft.
    All,
    /// The orders named in `dispatchedOrders`; the data has them.
    Dispatched,
    /// The appointments that are being booked.
    Appointments,
    /// None: the patient leaves.
    Leaving,
}

impl Orders {
    /// When such a service is asked.
    pub const fn occasion(self) -> Occasion {
        match self {
            Self::None => Occasion::PatientView,
            Self::Selected | Self::All | Self::Dispatched => Occasion::OrderCheck,
            Self::Appointments => Occasion::Booking,
            Self::Leaving => Occasion::Discharge,
        }
    }

    /// Whether there is nothing to say without an order or appointment.
    pub const fn asks_about_orders(self) -> bool {
        !matches!(self, Self::None | Self::Leaving)
    }
}

/// The drafts of a call and what was odd about them.
#[derive(Debug, Default)]
pub struct Drafts<'a> {
    /// The drafts, in the order sent.
    pub orders: Vec<DraftOrder<'a>>,
    /// Entries that could not be read.
    pub notes: Vec<Note>,
    /// `dispatchedOrders` as sent: the data has them.
    pub dispatched: Vec<Cow<'a, str>>,
}

impl<'a> Drafts<'a> {
    /// Reads the drafts of `context`.
    ///
    /// # Errors
    ///
    /// A [`Fault`] when a member that `orders` needs is missing or of the wrong type.
    pub fn read(context: &Context<'a>, orders: Orders) -> Result<Self, Fault> {
        let selections = match orders {
            Orders::None | Orders::Leaving => return Ok(Self::default()),
            Orders::Dispatched => {
                return Ok(Self { dispatched: context.dispatched_orders()?, ..Self::default() });
            }
            Orders::Selected => context.selections()?,
            Orders::Appointments | Orders::All => Vec::new(),
        };
        let (bundle, member) = match orders {
            Orders::Appointments => (context.appointments()?, "appointments"),
            _ => (context.draft_orders()?, "draftOrders"),
        };
        let all = !matches!(orders, Orders::Selected);
        let mut drafts = Self::default();
        for (index, entry) in drafts.entries(&bundle, member).enumerate() {
            let draft = Object::read(entry)
                .and_then(|entry| DraftOrder::read(entry.get("resource")?, entry.get("fullUrl"), all));
            // An appointment is no order, nor the other way round.
            let is_appointment = |draft: &DraftOrder<'_>| draft.names.kind() == "Appointment";
            let fits = |draft: &DraftOrder<'_>| is_appointment(draft) == (orders == Orders::Appointments);
            if let Some(draft) = draft.filter(fits) {
                drafts.orders.push(draft);
            } else if drafts.notes.len() < MOST_NOTES {
                let place = format!("{member}.entry[{index}]");
                drafts.notes.push(Note::on(NoteKind::MalformedResource, place));
            }
        }
        let wanted: HashSet<_> = selections.iter().map(|selection| Reference::parse(selection)).collect();
        let mut carriers: HashMap<&str, usize> = HashMap::new();
        for id in drafts.orders.iter().flat_map(|order| order.names.ids()) {
            *carriers.entry(id).or_default() += 1;
        }
        let is_wanted = |order: &DraftOrder<'_>| {
            order.names.ids().any(|id| {
                let named = |kind| Reference { kind, id, is_contained: false };
                let is_unique = carriers.get(id) == Some(&1);
                wanted.contains(&named(Some(order.names.kind())))
                    || is_unique && wanted.contains(&named(None))
            })
        };
        let marks: Vec<bool> = drafts.orders.iter().map(is_wanted).collect();
        for (order, is_wanted) in drafts.orders.iter_mut().zip(marks) {
            order.selected |= is_wanted;
        }
        Ok(drafts)
    }

    /// Whether the call is about any of them.
    pub fn any_selected(&self) -> bool {
        let can_be_read = |reference: &Cow<'_, str>| {
            matches!(Reference::parse(reference).kind, None | Some("ServiceRequest" | "MedicationRequest"))
        };
        self.orders.iter().any(|order| order.selected) || self.dispatched.iter().any(can_be_read)
    }

    /// The kinds of the orders that are dispatched.
    pub(super) fn kinds(&self) -> Vec<Source> {
        let kinds = [Source::ServiceRequest, Source::MedicationRequest].into_iter();
        let is_named = |kind: &Source| {
            self.dispatched.iter().any(|it| Reference::parse(it).kind == Some(kind.resource_type()))
        };
        kinds.filter(is_named).collect()
    }

    fn entries(&mut self, bundle: &Object<'a>, member: &str) -> impl Iterator<Item = Json<'a>> + use<'a> {
        let entries = bundle.get("entry");
        if entries.is_some_and(|entries| !entries.is_array()) {
            self.notes.push(Note::at(NoteKind::MalformedElement, member, "entry"));
        }
        entries.into_iter().flat_map(Json::items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cds_hooks::Request;
    use crate::json::Document;

    const ORDERS: &str = r#"{"resourceType":"Bundle","entry":[
        {"resource":{"resourceType":"ServiceRequest","id":"a"}},
        {"resource":{"resourceType":"MedicationRequest","id":"a"}},
        {"fullUrl":"urn:uuid:77","resource":{"resourceType":"ServiceRequest"}},
        {"fullUrl":"https://ehr.example.org/fhir/ServiceRequest/9","resource":{"resourceType":"ServiceRequest","id":"b"}},
        {"resource":null}, 7, {"resource":{"id":"x"}}, {"resource":[]}]}"#;

    fn read(selections: &str, orders: &str, which: Orders) -> Result<(String, usize), Fault> {
        let body = format!(
            r#"{{"hook":"order-select","hookInstance":"x","context":{{"userId":"Practitioner/1","patientId":"1",
            "selections":{selections},"draftOrders":{orders}}}}}"#
        );
        let body = Document::parse(&body).unwrap();
        let request = Request::read(&body).unwrap();
        let drafts = Drafts::read(&request.context, which)?;
        let marks = drafts.orders.iter().map(|order| if order.selected { 'x' } else { '-' }).collect();
        Ok((marks, drafts.notes.len()))
    }

    #[test]
    fn selections_are_matched_in_every_form() {
        for (selections, marks) in [
            (r#"["ServiceRequest/a"]"#, "x---"),
            (r#"["MedicationRequest/a","ServiceRequest/b"]"#, "-x-x"),
            (r#"["https://ehr.example.org/fhir/ServiceRequest/a"]"#, "x---"),
            (r#"["urn:uuid:77"]"#, "--x-"),
            (r#"["ServiceRequest/77"]"#, "--x-"),
            (r#"["b"]"#, "---x"),
            (r#"["ServiceRequest/9"]"#, "---x"),
            (r#"["a"]"#, "----"),
            (r#"["DeviceRequest/b"]"#, "----"),
            (r#"[null,7,{},"","/","ServiceRequest/"]"#, "----"),
            ("[]", "----"),
        ] {
            assert_eq!(
                read(selections, ORDERS, Orders::Selected).unwrap(),
                (marks.to_owned(), 4),
                "{selections}"
            );
        }
    }

    #[test]
    fn all_drafts_count_where_the_service_says_so() {
        assert_eq!(read("null", ORDERS, Orders::All).unwrap(), ("xxxx".to_owned(), 4));
        assert_eq!(read("null", "null", Orders::None).unwrap(), (String::new(), 0));
    }

    #[test]
    fn missing_or_wrong_members_are_named() {
        for selections in ["null", "\"ServiceRequest/a\"", "{}", "7"] {
            let fault = read(selections, ORDERS, Orders::Selected).unwrap_err();
            assert_eq!(fault.member, "context.selections");
        }
        for orders in ["null", "[]", "\"x\"", "7", r#"{"resourceType":"ServiceRequest"}"#] {
            let fault = read("[]", orders, Orders::Selected).unwrap_err();
            assert_eq!(fault.member, "context.draftOrders");
        }
    }

    #[test]
    fn a_bundle_may_be_sparse() {
        for (orders, notes) in
            [("{}", 0), (r#"{"resourceType":"Bundle"}"#, 0), (r#"{"entry":{"resource":{}}}"#, 1)]
        {
            assert_eq!(read(r#"["a"]"#, orders, Orders::Selected).unwrap(), (String::new(), notes));
        }
    }
}
