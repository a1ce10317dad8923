//! The draft orders of a call, and which of them it is about (rows H-3 to H-6).
//!
//! Drafts are read from the call alone: most exist nowhere else. Absent on purpose: what an order is for.

use super::gather::MOST_NOTES;
use crate::cds_hooks::{Context, Fault, Object};
use crate::fhir::{DraftOrder, Note, NoteKind};
use crate::json::Json;
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
}

/// The drafts of a call and what was odd about them.
#[derive(Debug, Default)]
pub struct Drafts<'a> {
    /// The drafts, in the order sent.
    pub orders: Vec<DraftOrder<'a>>,
    /// Entries that could not be read.
    pub notes: Vec<Note>,
}

impl<'a> Drafts<'a> {
    /// Reads the drafts of `context`.
    ///
    /// # Errors
    ///
    /// A [`Fault`] when a member that `orders` needs is missing or of the wrong type.
    pub fn read(context: &Context<'a>, orders: Orders) -> Result<Self, Fault> {
        if orders == Orders::None {
            return Ok(Self::default());
        }
        let selections = match orders {
            Orders::Selected => context.selections()?,
            Orders::None | Orders::All => Vec::new(),
        };
        let bundle = context.draft_orders()?;
        let mut drafts = Self::default();
        let mut names = Vec::new();
        for (index, entry) in drafts.entries(&bundle).enumerate() {
            let entry = Object::read(entry);
            let raw = entry.as_ref().and_then(|entry| entry.get("resource"));
            let named =
                raw.zip(entry.as_ref()).and_then(|(raw, entry)| Names::read(&Object::read(raw)?, entry));
            if let Some((raw, name)) = raw.zip(named) {
                let full_url = entry.as_ref().and_then(|entry| entry.get("fullUrl"));
                drafts.orders.push(DraftOrder { raw, full_url, selected: orders == Orders::All });
                names.push(name);
            } else if drafts.notes.len() < MOST_NOTES {
                let place = format!("draftOrders.entry[{index}]");
                drafts.notes.push(Note::on(NoteKind::MalformedResource, place));
            }
        }
        let wanted: HashSet<_> = selections.iter().map(|selection| Reference::parse(selection)).collect();
        let mut carriers: HashMap<&str, usize> = HashMap::new();
        for id in names.iter().flat_map(Names::ids) {
            *carriers.entry(id).or_default() += 1;
        }
        for (order, name) in drafts.orders.iter_mut().zip(&names) {
            order.selected |= name.ids().any(|id| {
                let is_unique = carriers.get(id) == Some(&1);
                wanted.contains(&Reference { kind: Some(&name.kind), id })
                    || is_unique && wanted.contains(&Reference { kind: None, id })
            });
        }
        Ok(drafts)
    }

    /// Whether the call is about any of them.
    pub fn any_selected(&self) -> bool {
        self.orders.iter().any(|order| order.selected)
    }

    fn entries(&mut self, bundle: &Object<'a>) -> impl Iterator<Item = Json<'a>> + use<'a> {
        let entries = bundle.present("entry");
        if entries.is_some_and(|entries| !entries.is_array()) {
            self.notes.push(Note::at(NoteKind::MalformedElement, "draftOrders", "entry"));
        }
        entries.into_iter().flat_map(Json::items)
    }
}

/// The names that a draft answers to.
struct Names<'a> {
    kind: Cow<'a, str>,
    id: Option<Cow<'a, str>>,
    full_url: Option<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    fn read(resource: &Object<'a>, entry: &Object<'a>) -> Option<Self> {
        let kind = resource.text("resourceType")?;
        Some(Self { kind, id: resource.text("id"), full_url: entry.text("fullUrl") })
    }

    /// The id of the resource, and the one in the `fullUrl` where it is another.
    fn ids(&self) -> impl Iterator<Item = &str> {
        let id = self.id.as_deref();
        let from_url = self.full_url.as_deref().map(|url| Reference::parse(url).id);
        id.into_iter().chain(from_url.filter(move |from_url| id != Some(from_url)))
    }
}

/// What a selection or a `fullUrl` names: `Type/id`, relative or absolute, `urn:uuid:…`, or a bare id.
#[derive(PartialEq, Eq, Hash)]
struct Reference<'t> {
    kind: Option<&'t str>,
    id: &'t str,
}

impl<'t> Reference<'t> {
    fn parse(text: &'t str) -> Self {
        let text = text.trim();
        let (kind, id) = match text.rsplit_once('/') {
            Some((head, id)) => (head.rsplit('/').next().filter(|kind| !kind.is_empty()), id),
            None => (None, text),
        };
        Self { kind, id: id.strip_prefix("urn:uuid:").unwrap_or(id) }
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
