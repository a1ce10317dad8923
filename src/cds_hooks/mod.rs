//! The wire types of CDS Hooks 2.0.1. FHIR resources stay raw JSON. Never here: any other folder of ours.

pub mod card;

pub use card::{
    Action, ActionType, Card, Coding, Indicator, Response, SelectionBehavior, SourceLabel, Suggestion,
};
