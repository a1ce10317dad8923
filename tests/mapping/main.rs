//! From FHIR resources to facts, through the door that the services use.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may stop a test")]

mod care;
mod chart;
mod helpers;
mod hostile;
mod orders;
mod references;
mod scores;
mod versions;
