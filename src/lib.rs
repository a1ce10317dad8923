#![doc = include_str!("ARCHITECTURE.md")]

pub mod auth;
pub mod cases;
pub mod cds_hooks;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod ehr;
pub mod fhir;
pub mod guideline;
pub mod jwks;
pub mod outbound;
pub mod services;
pub mod telemetry;
pub mod tls;
pub mod web;
