#![doc = include_str!("ARCHITECTURE.md")]

pub mod auth;
pub mod cases;
pub mod chart;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod correlation;
pub mod ehr;
pub mod export;
pub mod insights;
pub mod jwks;
pub mod outbound;
pub mod pinned;
pub mod record;
pub mod services;
pub mod smart;
pub mod spans;
pub mod store;
pub mod synthesize;
pub mod telemetry;
pub mod tls;
pub mod version;
pub mod web;
pub mod worklist;

pub use engine::{domain, guideline};
pub use {cds_hooks, fhir, json};
