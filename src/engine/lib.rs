//! The engine: what may be known about a patient ([`domain`]), and what follows from it ([`guideline`]).
//!
//! Pure and total. Its dependencies hold what it may know: dates and time zones. Never here: FHIR, HTTP, a clock, I/O, logging.

pub mod domain;
pub mod guideline;
