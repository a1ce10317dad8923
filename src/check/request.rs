//! The request that an answer answers: whom it is about, what it shows, what it asks about (rows S-9, S-11, S-12, L-2).

use super::action::KEPT;
use crate::json::{Document, Json, Object};
use std::collections::{HashMap, HashSet};
use thiserror::Error;
use url::Url;

/// What an answer is held against.
#[derive(Debug, Default)]
pub struct Asked {
    hook: String,
    /// Bare id.
    patient: Option<String>,
    /// What the request shows, as `Type/id`: in the context, in the prefetch, or by name.
    shown: HashSet<String>,
    /// What of it stands in the context, each with those of [`KEPT`] that it has.
    in_context: HashMap<String, Vec<&'static str>>,
    /// The ids of selected orders; `None` where the hook selects none.
    selected: Option<HashSet<String>>,
}

/// The file is no hook request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this is no hook request: {0}")]
pub struct NoRequest(String);

impl Asked {
    /// Reads a hook request.
    ///
    /// # Errors
    ///
    /// When it is not JSON, or has no `hook` or no `context`.
    pub fn read(bytes: &[u8]) -> Result<Self, NoRequest> {
        let text = std::str::from_utf8(bytes).map_err(|error| NoRequest(error.to_string()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = Document::parse(text).map_err(|error| NoRequest(error.to_string()))?;
        let request = Object::of_any_size(document.root()).unwrap_or_default();
        let needs = |what: &str| NoRequest(format!("`{what}` is missing or of another type"));
        let hook = request.text("hook").ok_or_else(|| needs("hook"))?.into_owned();
        let json = request.get("context").ok_or_else(|| needs("context"))?;
        let context = Object::of_any_size(json).ok_or_else(|| needs("context"))?;
        let mut asked =
            Self { hook, patient: context.text("patientId").map(|it| bare(&it)), ..Self::default() };
        each_resource(json, &mut |name, resource| {
            let has = |it: &&str| resource.raw(it).is_some();
            asked.in_context.insert(name, KEPT.iter().copied().filter(has).collect());
        });
        let listed = |name| context.get(name).into_iter().flat_map(Json::items).filter_map(Json::string);
        asked.selected =
            context.raw("selections").map(|_| listed("selections").map(|it| bare(&it)).collect());
        for order in listed("dispatchedOrders") {
            asked.in_context.entry(order.into_owned()).or_default();
        }
        asked.shown = asked.in_context.keys().cloned().collect();
        if let Some(prefetch) = request.get("prefetch") {
            each_resource(prefetch, &mut |name, _| {
                asked.shown.insert(name);
            });
        }
        Ok(asked)
    }

    /// Whether the request shows this resource (`Type/id`).
    pub(super) fn shows(&self, target: &str) -> bool {
        self.shown.contains(target)
    }

    /// Whether the hook asks about it: it is in the context, and selected where the hook selects.
    pub(super) fn asks_about(&self, target: &str) -> bool {
        let selected = |list: &HashSet<String>| self.hook != "order-select" || list.contains(&bare(target));
        self.in_context.contains_key(target) && self.selected.as_ref().is_none_or(selected)
    }

    /// Those of [`KEPT`] that a resource of the context has.
    pub(super) fn members_of(&self, target: &str) -> impl Iterator<Item = &'static str> {
        self.in_context.get(target).into_iter().flatten().copied()
    }

    /// Whether a reference is to the patient of the request, or to nobody who can be compared.
    pub(super) fn is_about(&self, reference: &str) -> bool {
        let names_a_patient = reference.split('/').any(|it| it == "Patient");
        !names_a_patient || self.patient.as_ref().is_none_or(|id| *id == bare(reference))
    }

    /// Whether a URL names the patient of the request.
    pub(super) fn is_named_in(&self, url: &Url) -> bool {
        // A shorter id stands in URLs by chance.
        let Some(id) = self.patient.as_ref().filter(|id| id.len() > 3) else { return false };
        let in_path = url.path_segments().is_some_and(|mut parts| parts.any(|it| it == id));
        in_path || url.query_pairs().any(|(_, value)| bare(&value) == *id)
    }
}

/// The id at the end of a reference in any form.
fn bare(reference: &str) -> String {
    reference.rsplit(['/', ':']).next().unwrap_or_default().to_owned()
}

/// Every object with a type and an id, at any depth.
fn each_resource<'a>(json: Json<'a>, take: &mut impl FnMut(String, &Object<'a>)) {
    let mut open = vec![json];
    while let Some(json) = open.pop() {
        open.extend(json.items());
        open.extend(json.members().map(|(_, value)| value));
        let Some(object) = Object::of_any_size(json) else { continue };
        if let (Some(kind), Some(id)) = (object.text("resourceType"), object.text("id")) {
            take(format!("{kind}/{id}"), &object);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn order_select() -> Asked {
        let draft =
            |id: &str| json!({"resource": {"resourceType": "ServiceRequest", "id": id, "status": "draft"}});
        let request = json!({
            "hook": "order-select",
            "context": {
                "patientId": "Patient/pat-1",
                "selections": ["ServiceRequest/a"],
                "draftOrders": {"resourceType": "Bundle", "entry": [draft("a"), draft("b")]}
            },
            "prefetch": {"conditions": {"resourceType": "Bundle", "entry": [
                {"resource": {"resourceType": "Condition", "id": "c"}}
            ]}}
        });
        Asked::read(request.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_is_shown_and_what_is_asked_about() {
        let asked = order_select();
        let told = |target| (asked.shows(target), asked.asks_about(target));
        assert_eq!(told("ServiceRequest/a"), (true, true));
        assert_eq!(told("ServiceRequest/b"), (true, false));
        assert_eq!(told("Condition/c"), (true, false));
        assert_eq!(told("ServiceRequest/z"), (false, false));
        assert_eq!(asked.members_of("ServiceRequest/a").collect::<Vec<_>>(), ["status"]);
    }

    #[test]
    fn the_patient_is_known_in_every_form() {
        let asked = order_select();
        for same in ["Patient/pat-1", "https://ehr.example.org/fhir/Patient/pat-1", "Group/g", "urn:uuid:x"] {
            assert!(asked.is_about(same), "{same}");
        }
        assert!(!asked.is_about("Patient/pat-2"));
        let named = |url: &str| asked.is_named_in(&url.parse().unwrap());
        assert!(named("https://app.example.org/?p=pat-1") && named("https://app.example.org/pat-1/x"));
        assert!(!named("https://app.example.org/pat-10"));
    }

    #[test]
    fn what_is_no_request_is_told() {
        for (text, told) in [("[]", "`hook`"), ("{\"hook\":\"x\"}", "`context`"), ("{", "EOF")] {
            let error = Asked::read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
