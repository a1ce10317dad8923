//! Whose resource it is.
//!
//! A resource that names nobody is taken to be of the patient asked about: it came in an answer about that patient.
//! Deliberately absent: looking references up.

use super::context::Entry;
use super::reader::{Object, text};

/// Whether a resource belongs to the patient asked about.
pub(super) fn is_of(entry: &Entry<'_>, patient_id: &str) -> bool {
    if entry.resource_type == "Patient" {
        return entry.object.get("id").and_then(text).is_none_or(|id| id == patient_id);
    }
    let subject = entry.object.get("subject").or_else(|| entry.object.get("patient"));
    let Some(reference) = subject.and_then(Object::read).and_then(|subject| subject.get("reference")) else {
        return true;
    };
    let Some(reference) = text(reference) else { return true };
    // A contained patient has no identity of its own.
    if reference.starts_with('#') {
        return true;
    }
    if let Some(uuid) = reference.strip_prefix("urn:uuid:").or_else(|| reference.strip_prefix("urn:oid:")) {
        return uuid == patient_id;
    }
    let named = type_and_id(&reference);
    named.strip_prefix("Patient/").map_or(named == patient_id, |id| id == patient_id)
}

/// The `Type/id` of a relative, absolute or versioned reference.
pub(super) fn type_and_id(reference: &str) -> String {
    let unversioned = reference.split("/_history").next().unwrap_or_default();
    let mut parts = unversioned.trim_end_matches('/').rsplit('/');
    match (parts.next(), parts.next()) {
        (Some(id), Some(kind)) => format!("{kind}/{id}"),
        (Some(id), None) => id.to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_cut_to_type_and_id() {
        for reference in
            ["Patient/1", "https://ehr.example.org/fhir/Patient/1", "Patient/1/_history/3", "a/Patient/1/"]
        {
            assert_eq!(type_and_id(reference), "Patient/1", "{reference}");
        }
        assert_eq!(type_and_id("1"), "1");
    }
}
