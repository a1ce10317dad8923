//! Everything that starts the service, or a part of it that talks to the outside, as one program: built and linked once.
//!
//! `cargo test --test service api::` runs one part. Parts that need PostgreSQL or Node say so when they are skipped.

#![cfg(test)]

mod api;
mod auth;
mod configured;
mod fetch;
mod operation;
mod store;
mod support;
