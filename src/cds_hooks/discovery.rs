//! The offer: the entries of `GET /cds-services` (CDS Hooks 2.0.1, "Discovery").
//!
//! An entry is read from its `hooks/<id>/service.json`; the prefetch templates are added at start, because they
//! follow from the value sets in force. Absent on purpose: `hookVersion` (rows D-11, Q-17).

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A version of the CDS Hooks specification.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SpecVersion {
    /// The published one.
    #[default]
    V2_0_1,
    /// HL7's ballot of the next one: what is offered of it is trial use there.
    Ballot3,
}

impl SpecVersion {
    /// Every version that is offered.
    pub const ALL: [Self; 2] = [Self::V2_0_1, Self::Ballot3];

    /// As the specification writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2_0_1 => "2.0.1",
            Self::Ballot3 => "3.0.0-ballot",
        }
    }
}

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
    /// The version of the specification, where it is the next one: 2.0.1 has no such member (D-10).
    #[serde(default, skip_serializing_if = "Option::is_none", skip_deserializing)]
    pub version: Option<&'static str>,
    /// Prefetch key to query template; the files have none.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub prefetch: IndexMap<String, String>,
}
