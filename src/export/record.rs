//! A resource on its way to its patient.

use crate::chart::input::Loaded;
use crate::chart::patients::{LocalNames, SHARED, owner, shared_names};

/// A resource, with what sorting it needs to know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Record {
    /// Bare id of the patient that it belongs to, or the name (`Type/id`) of a resource that others refer to.
    pub(super) owner: String,
    /// Its type.
    pub(super) kind: String,
    /// Its id; empty when it has none.
    pub(super) id: String,
    /// The resource as it was written.
    pub(super) raw: String,
}

/// Whom a resource belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// To a patient, and it refers to these resources (`Type/id`) that may have none.
    Patient(Record, Vec<String>),
    /// To whoever refers to it.
    Shared(Record),
    /// To nobody whom this is about; its type.
    Nobody(String),
}

/// Sorts the resources of one document. Names that hold inside a Bundle alone are written out.
pub(super) fn sort(resources: &[Loaded]) -> Vec<Belongs> {
    let local = LocalNames::of(resources);
    let sorted = resources.iter().map(|resource| {
        let raw = local.write_out(resource.raw.get()).into_owned();
        let (kind, id) = (resource.kind.clone(), resource.id.clone().unwrap_or_default());
        match owner(resource, &local) {
            Some(owner) => {
                let wanted = shared_names(&raw);
                Belongs::Patient(Record { owner: owner.to_owned(), kind, id, raw }, wanted)
            }
            None if SHARED.contains(&kind.as_str()) && !id.is_empty() => {
                Belongs::Shared(Record { owner: format!("{kind}/{id}"), kind, id, raw })
            }
            None => Belongs::Nobody(kind),
        }
    });
    sorted.collect()
}
