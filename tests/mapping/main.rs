//! From FHIR resources to facts, through the door that the services use.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may stop a test")]

mod appointments;
mod care;
mod disease;
mod drafts;
mod helpers;
mod hostile;
mod judgements;
mod orders;
mod patient;
mod references;
mod scores;
mod signs;
mod studies;
mod treatments;
mod versions;
