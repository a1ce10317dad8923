//! What the protocol asks of a service: checked on every answer to every fixture, and listed row by row with the test that
//! shows it (`hooks/CONFORMANCE.md`).

#[cfg(test)]
mod answers;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod next_version;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod rules;
#[cfg(test)]
#[path = "../service/support/uuids.rs"]
mod uuids;
