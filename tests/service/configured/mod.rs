//! A configured service as a hospital runs it: the program with a file, real tokens, real keys, TLS, limits.

mod access;
mod admin;
mod correlation;
mod cors;
mod fetching;
mod key_server;
pub(crate) mod limits;
mod panel;
mod secrets;
pub(crate) mod service;
mod shadow;
mod tls;
mod traces;
