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
    if reference.strip_prefix("Patient/") == Some(patient_id) {
        return true;
    }
    // A contained patient has no identity of its own.
    if reference.starts_with('#') {
        return true;
    }
    if let Some(uuid) = reference.strip_prefix("urn:uuid:").or_else(|| reference.strip_prefix("urn:oid:")) {
        return uuid == patient_id;
    }
    matches!(parts(&reference), (None | Some("Patient"), id) if id == patient_id)
}

/// The `Type/id` of a relative, absolute or versioned reference.
pub(super) fn type_and_id(reference: &str) -> String {
    match parts(reference) {
        (Some(kind), id) => format!("{kind}/{id}"),
        (None, id) => id.to_owned(),
    }
}

/// Type, where there is one, and id.
fn parts(reference: &str) -> (Option<&str>, &str) {
    let unversioned = reference.find("/_history").and_then(|end| reference.get(..end)).unwrap_or(reference);
    let mut parts = unversioned.trim_end_matches('/').rsplit('/');
    let id = parts.next().unwrap_or_default();
    (parts.next(), id)
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
