//! The demo page: what a clinician would see, with the real services behind it. Data in, HTML, SVG or JSON out.
//!
//! The browser plays the EHR. It has the chart ([`fixtures`], or a text that the user brings: [`input`]), resolves the
//! prefetch templates of discovery and calls the public services, like any client; its scripts are in `assets/`. This
//! folder only draws: the list of patients ([`list`]), the frame of a page ([`frame`]), what a chart with its cards
//! looks like ([`view`]), the panel in which a card's questions are answered ([`panel`]), and the worklist of a population
//! ([`worklist`]). [`smart`] frames the panel on a patient of an EHR. Deliberately absent: HTTP, a clock, a decision, and a
//! second way to a card: the list asks the same services ([`ward`]).

pub mod assets;
pub mod facts;
pub mod fixtures;
pub mod frame;
pub mod groups;
pub mod input;
pub mod list;
pub mod moment;
pub mod notes;
pub mod panel;
pub mod path;
pub mod patients;
mod problem;
pub mod read;
pub mod record;
pub mod smart;
pub mod spine;
mod spine_key;
pub mod spine_marks;
pub mod tables;
pub mod timeline;
pub mod timeline_rows;
pub mod view;
pub mod ward;
pub mod worklist;
mod worklist_rows;
