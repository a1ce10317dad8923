//! Tokens of clients, as a caller of [`spinal_mets_cds::auth`] sees them: forged ones, and key sets that misbehave.

#[cfg(test)]
mod audience;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod files;
#[cfg(test)]
mod header;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod key_server;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod log;
#[cfg(test)]
mod remote;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
#[path = "../support/tokens.rs"]
mod tokens;
