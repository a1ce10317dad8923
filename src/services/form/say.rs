//! What a choice says: a coded statement with its value and site.

use super::super::suggestion::{FINDING, SNOMED};

/// The value of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stated {
    /// It is there, or it is not.
    Boolean(bool),
    /// A label in text.
    Text(&'static str),
    /// A code of our own.
    Code(&'static str),
    /// Points.
    Integer(u8),
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// Systems, codes, displays.
    pub(super) codings: Vec<(&'static str, String, &'static str)>,
    pub(super) value: Stated,
    /// SNOMED CT code and name of the body site.
    pub(super) site: Option<(&'static str, &'static str)>,
}

impl Said {
    /// A statement by our own code.
    pub(super) fn ours(code: &str, value: Stated) -> Self {
        Self { codings: vec![(FINDING, code.to_owned(), "")], value, site: None }
    }

    /// A finding of SNOMED CT, there or not.
    pub(super) fn snomed(code: &str, display: &'static str, yes: bool) -> Self {
        Self { codings: vec![(SNOMED, code.to_owned(), display)], value: Stated::Boolean(yes), site: None }
    }

    /// The same with a further coding.
    pub(super) fn and(mut self, (system, code, display): (&'static str, &str, &'static str)) -> Self {
        self.codings.push((system, code.to_owned(), display));
        self
    }

    /// The same at a site.
    pub(super) fn at(self, code: &'static str, name: &'static str) -> Self {
        Self { site: Some((code, name)), ..self }
    }

    /// Whether it says that something is there.
    pub(super) fn affirms(&self) -> bool {
        self.value == Stated::Boolean(true)
    }
}
