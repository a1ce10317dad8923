#![doc = include_str!("ARCHITECTURE.md")]

pub mod cases;
pub mod cds_hooks;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod fhir;
pub mod guideline;
pub mod json;
pub mod outbound;
pub mod services;
pub mod telemetry;
pub mod web;
