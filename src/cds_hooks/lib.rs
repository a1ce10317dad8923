//! The wire types of CDS Hooks 2.0.1. FHIR resources stay raw JSON. Never here: any other folder of ours.

pub mod authorization;
pub mod card;
pub mod discovery;
pub mod feedback;
pub mod outcome;
pub mod request;

pub use authorization::FhirAuthorization;
pub use card::{
    Action, ActionSelectionBehavior, ActionType, Card, Coding, Indicator, Link, LinkType, Response,
    SelectionBehavior, SourceLabel, Suggestion,
};
pub use discovery::{Discovery, ServiceEntry, SpecVersion};
pub use outcome::{IssueCode, Outcome};
pub use request::{Context, Fault, Request, WITHOUT_USER, document};
