//! The offer: the entries of `GET /cds-services` (CDS Hooks 2.0.1, "Discovery").
//!
//! An entry is read from its `hooks/<id>/service.json`; the prefetch templates are added at start, because they
//! follow from the value sets in force. Absent on purpose: `version` and `hookVersion` (rows D-10, D-11, Q-17).

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The whole offer.
#[derive(Debug, Serialize)]
pub struct Discovery<'a> {
    /// The services, one per hook.
    pub services: Vec<&'a ServiceEntry>,
}

/// One service of the offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceEntry {
    /// The hook that calls it.
    pub hook: String,
    /// Last part of its address: lower-case letters, digits and hyphens. Never changes.
    pub id: String,
    /// For people who pick services.
    pub title: String,
    /// What it does, in plain text that is also valid markdown.
    pub description: String,
    /// What it needs of a client.
    pub usage_requirements: String,
    /// Prefetch key to query template; the files have none.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub prefetch: IndexMap<String, String>,
}
