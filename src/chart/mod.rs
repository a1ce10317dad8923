//! The chart page.

pub mod facts;
pub mod input;
pub mod notes;
pub mod patients;
