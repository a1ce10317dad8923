//! Tokens of clients, as a caller of [`spinal_mets_cds::auth`] sees them: forged ones, and key sets that misbehave.

mod audience;
mod claims;
mod files;
mod header;
mod helpers;
mod key_server;
mod keys;
mod log;
mod remote;
mod replay;
mod sandbox;
mod tenants;
