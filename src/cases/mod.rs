//! The testers' cases: a chart, a question and the expected answer, kept as files.
//!
//! A case travels one straight line: its folder is read ([`case`], [`bundle`]), a small imitation of a FHIR server
//! answers the prefetch templates of discovery ([`search`], [`request`]), a service answers ([`target`]), and the answer
//! is held against the expectation ([`compare`]). Against another clock every date is moved first ([`shift`]).
//! Deliberately absent: anything that a running service needs. Nothing here is reached by a request.

pub mod bundle;
pub mod case;
pub mod compare;
pub mod difference;
pub mod find;
pub mod report;
pub mod request;
pub mod run;
pub mod search;
pub mod shift;
pub mod suggestion;
pub mod target;
pub mod update;

pub use case::Case;

use std::path::{Path, PathBuf};

/// A file of a case that cannot be used, with the reason in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct CaseError {
    path: PathBuf,
    why: String,
}

impl CaseError {
    /// An error about one file.
    pub fn new(path: &Path, why: impl Into<String>) -> Self {
        Self { path: path.to_path_buf(), why: why.into() }
    }
}
