//! What names a resource, and what a reference names.
//!
//! Ids and references are read here and nowhere else, so that a draft that is selected, read and changed is the same draft in
//! all three places. Deliberately absent: looking up what is named.

use super::reader::text;
use json::{Json, Object};
use std::borrow::Cow;

/// Longest id (FHIR R4, "id"), in characters. Anything longer names nothing.
const LONGEST_ID: usize = 64;

/// Type and id of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity<'a> {
    /// The resource type.
    pub kind: Cow<'a, str>,
    /// The id; `None` when it has none that names it.
    pub id: Option<Cow<'a, str>>,
}

impl<'a> Identity<'a> {
    /// Reads it; `None` without a type. A resource that writes `id` or `resourceType` twice has no id, because another reader
    /// may take it for another resource: it is read, and never changed or removed.
    pub fn read(resource: &Object<'a>) -> Option<Self> {
        let kind = resource.raw("resourceType").and_then(text)?;
        let named_once = !resource.repeats("id") && !resource.repeats("resourceType");
        let id = resource.raw("id").and_then(text).filter(|id| named_once && id.len() <= LONGEST_ID);
        Some(Self { kind, id })
    }

    /// `Type/id`, or the type alone.
    pub fn reference(&self) -> String {
        match &self.id {
            Some(id) => [&*self.kind, "/", &**id].concat(),
            None => self.kind.clone().into_owned(),
        }
    }
}

/// Type and id of a resource, without reading the rest. `None` when the value is not an object or lacks either of them.
pub fn resource_key(raw: Json<'_>) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let Identity { kind, id } = Identity::read(&Object::read(raw)?)?;
    Some((kind, id?))
}

/// What a reference names: `Type/id`, relative or absolute, with or without a version; `urn:uuid:…`; `#id` of a contained
/// resource; a bare id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reference<'t> {
    /// The resource type, where it is said.
    pub kind: Option<&'t str>,
    /// The id.
    pub id: &'t str,
    /// It names a resource that the referring one contains.
    pub is_contained: bool,
}

impl<'t> Reference<'t> {
    /// Takes a reference apart; every text names something, though perhaps nothing that exists.
    pub fn parse(text: &'t str) -> Self {
        let text = text.trim();
        if let Some(id) = text.strip_prefix('#') {
            return Self { kind: None, id, is_contained: true };
        }
        // Searching for one byte is much cheaper than searching for the part of a path.
        let version = if text.as_bytes().contains(&b'_') { text.find("/_history") } else { None };
        let unversioned = version.and_then(|end| text.get(..end)).unwrap_or(text);
        let mut parts = unversioned.trim_end_matches('/').rsplit('/');
        let id = parts.next().unwrap_or_default();
        let id = id.strip_prefix("urn:uuid:").or_else(|| id.strip_prefix("urn:oid:")).unwrap_or(id);
        Self { kind: parts.next().filter(|kind| !kind.is_empty()), id, is_contained: false }
    }

    /// Whether the id is one that FHIR R4 allows: 1 to 64 letters, digits, hyphens and dots.
    pub fn has_valid_id(self) -> bool {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        (1..=LONGEST_ID).contains(&self.id.len()) && self.id.bytes().all(allowed)
    }

    /// `Type/id` of what it names among the resources of a type; it may name one of another type itself.
    pub fn target(self, expected: &str) -> String {
        [self.kind.unwrap_or(expected), "/", self.id].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::Document;

    #[test]
    fn references_are_taken_apart_in_every_form() {
        for (text, kind, id) in [
            ("Patient/1", Some("Patient"), "1"),
            (" Patient/1 ", Some("Patient"), "1"),
            ("https://ehr.example.org/fhir/Patient/1", Some("Patient"), "1"),
            ("Patient/1/_history/3", Some("Patient"), "1"),
            ("https://ehr.example.org/fhir/Patient/1/_history/3", Some("Patient"), "1"),
            ("a/Patient/1/", Some("Patient"), "1"),
            ("urn:uuid:77", None, "77"),
            ("urn:oid:1.2", None, "1.2"),
            ("1", None, "1"),
            ("", None, ""),
            ("/", None, ""),
        ] {
            assert_eq!(Reference::parse(text), Reference { kind, id, is_contained: false }, "{text}");
        }
        assert!(Reference::parse("#m").is_contained);
        assert_eq!(Reference::parse("urn:uuid:77").target("Medication"), "Medication/77");
        assert_eq!(Reference::parse("Substance/1").target("Medication"), "Substance/1");
    }

    #[test]
    fn who_writes_a_name_twice_has_none() {
        let identity = |text: &str| {
            let document = Document::parse(text).unwrap();
            Identity::read(&Object::read(document.root()).unwrap()).map(|found| found.reference())
        };
        for (text, expected) in [
            (r#"{"resourceType":"X","id":"1"}"#, Some("X/1")),
            (r#"{"resourceType":"X"}"#, Some("X")),
            (r#"{"resourceType":"X","id":7}"#, Some("X")),
            (r#"{"resourceType":"X","id":"1","id":"2"}"#, Some("X")),
            (r#"{"resourceType":"X","id":"2","\u0069d":"1"}"#, Some("X")),
            (r#"{"resourceType":"X","id":"1","id":"1"}"#, Some("X")),
            (r#"{"resourceType":"X","resourceType":"X","id":"1"}"#, Some("X")),
            (r#"{"resourceType":"X","resourceType":"Y","id":"1"}"#, None),
            (r#"{"id":"1"}"#, None),
        ] {
            assert_eq!(identity(text).as_deref(), expected, "{text}");
        }
        let long = format!(r#"{{"resourceType":"X","id":"{}"}}"#, "i".repeat(65));
        assert_eq!(identity(&long).as_deref(), Some("X"));
    }
}
