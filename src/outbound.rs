//! Every connection that this program makes by itself goes through here: key sets and FHIR servers.
//!
//! An address may be attacker-controlled, so: https, public addresses (literal or resolved), no redirects, no proxy,
//! bounded time and size, unless a test set-up allows private ones (SEC-18, F-10). Absent on purpose: whether a URL is
//! trusted at all; the caller has compared it with the configuration before.
