//! Which resources were deleted since an earlier export.

use super::hash::hash;
use std::collections::HashSet;

/// Resources that are not to be read, by the hash of `Type/id`: eight bytes each, however many.
#[derive(Debug, Default)]
pub(super) struct Deleted(HashSet<u64>);

impl Deleted {
    /// Adds what the request of a Bundle entry deletes, such as `Patient/1` or `https://ehr.example.org/fhir/Patient/1`.
    pub(super) fn add(&mut self, url: &str) {
        if let Some(name) = name(url) {
            self.0.insert(hash(&name));
        }
    }

    /// Whether a resource was deleted.
    pub(super) fn has(&self, kind: &str, id: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&hash(&format!("{kind}/{id}")))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// For the folder of a run that may be gone on with.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| hash.to_le_bytes()).collect()
    }

    /// What [`Self::to_bytes`] wrote.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.as_chunks::<8>().0.iter().map(|hash| u64::from_le_bytes(*hash)).collect())
    }
}

/// `Type/id` of a url; `None` for a conditional deletion, which says nothing by itself.
fn name(url: &str) -> Option<String> {
    let path = url.split('?').next()?.split("/_history/").next()?;
    let (before, id) = path.rsplit_once('/')?;
    let kind = before.rsplit('/').next()?;
    (!kind.is_empty() && !id.is_empty() && !url.contains('?')).then(|| format!("{kind}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deletion_names_one_resource() {
        let mut deleted = Deleted::default();
        for url in
            ["Patient/1", "https://x/fhir/Condition/2", "Observation/3/_history/4", "Patient?name=x", "5", ""]
        {
            deleted.add(url);
        }
        assert_eq!(deleted.len(), 3);
        for (kind, id) in [("Patient", "1"), ("Condition", "2"), ("Observation", "3")] {
            assert!(deleted.has(kind, id) && !deleted.has(kind, "9"));
            assert!(Deleted::from_bytes(&deleted.to_bytes()).has(kind, id));
        }
    }
}
