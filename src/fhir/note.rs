//! What was ignored or doubtful while reading, and why.
//!
//! A note is for testers and for counters. It names the resource and the element, never a value from the record,
//! so that it may be logged by kind.

use std::fmt;

/// Why something was not used, or was used with doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoteKind {
    /// The resource is not JSON of the expected shape.
    MalformedResource,
    /// An element has the wrong type or an impossible value.
    MalformedElement,
    /// The resource belongs to another patient.
    OtherPatient,
    /// The resource type is not one that is read (DSTU2 shapes included).
    UnknownResourceType,
    /// Entered in error, cancelled, refuted, not done or `doNotPerform`.
    NotInForce,
    /// No code that is known here.
    CodeNotKnown,
    /// A known code that makes no fact (too common to count, or its condition is not met).
    MakesNoFact,
    /// A value that the fact does not allow.
    ValueNotAllowed,
    /// A prefetch value of the wrong shape.
    PrefetchShape,
    /// The same version of a resource came twice, or a stored copy of a draft.
    Duplicate,
    /// Another version of a resource came too, and says something else; the newest counts.
    OlderVersion,
    /// Versions of a resource say different things, and nothing tells which is the newest.
    VersionsDisagree,
    /// A name in it comes twice. Where its values differ, the element is not used.
    RepeatedName,
    /// An order that the hook names is not among the data.
    OrderNotSent,
    /// Read from text, not from a code.
    FromText,
}

impl NoteKind {
    /// A stable name, for counters and for `--format json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MalformedResource => "malformed-resource",
            Self::MalformedElement => "malformed-element",
            Self::OtherPatient => "other-patient",
            Self::UnknownResourceType => "unknown-resource-type",
            Self::NotInForce => "not-in-force",
            Self::CodeNotKnown => "code-not-known",
            Self::MakesNoFact => "makes-no-fact",
            Self::ValueNotAllowed => "value-not-allowed",
            Self::PrefetchShape => "prefetch-shape",
            Self::Duplicate => "duplicate",
            Self::OlderVersion => "older-version",
            Self::VersionsDisagree => "versions-disagree",
            Self::RepeatedName => "repeated-name",
            Self::OrderNotSent => "order-not-sent",
            Self::FromText => "from-text",
        }
    }
}

/// One remark about one resource or element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Why.
    pub kind: NoteKind,
    /// `Type/id`, or a prefetch key, or `entry[3]` when the resource has no name.
    pub place: String,
    /// The element concerned, as a FHIR path without the type; empty for the whole resource.
    pub element: &'static str,
}

impl Note {
    /// A note on a whole resource.
    pub fn on(kind: NoteKind, place: impl Into<String>) -> Self {
        Self { kind, place: place.into(), element: "" }
    }

    /// A note on one element.
    pub fn at(kind: NoteKind, place: impl Into<String>, element: &'static str) -> Self {
        Self { kind, place: place.into(), element }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        if !self.element.is_empty() {
            write!(f, ".{}", self.element)?;
        }
        write!(f, ": {}", self.kind.name())
    }
}
