//! Charts that nobody lived, with the answers that their stories ask for.
//!
//! A story ([`story`], [`alarm`], [`silent`]) says what is true of a patient and, from the guideline's tables alone, which cards that asks for. The
//! same truth is then told in whatever way charts tell it: codes drawn from all systems of the value sets ([`code`]), written
//! as resources of several forms ([`chart`]), among things that mean nothing here ([`mess`]). So an answer that differs is a
//! fault of the reading or of the rules, not of the story. All of it follows from a seed. Deliberately absent: a look at what
//! the program answers.

pub mod alarm;
pub mod chart;
pub mod code;
pub mod mess;
pub mod random;
pub mod silent;
pub mod story;
pub mod write;

pub use chart::{Chart, Maker};
pub use code::Codes;
pub use random::Random;
pub use story::{Expected, Hook, Story};

use chrono::{DateTime, Utc};

/// One made-up patient.
#[derive(Debug, Clone)]
pub struct Patient {
    /// Number in its run, from 1.
    pub number: u64,
    /// What happened.
    pub story: Story,
    /// The bare id of the Patient.
    pub id: String,
    /// Resources, drafts and the clock.
    pub chart: Chart,
    /// The cards of the story's own hook.
    pub expected: Vec<Expected>,
    /// The cards when the chart is opened, without any draft.
    pub expected_on_view: Vec<Expected>,
}

/// The patient of this number in the run of a seed; the stories take turns.
pub fn patient(codes: &Codes, seed: u64, number: u64, now: DateTime<Utc>) -> Patient {
    let mut random = Random::new(seed, number);
    let story = Story::of(number);
    let id = format!("syn-{number}");
    let mut maker = Maker::new(codes, &mut random, &id, now);
    let (expected, expected_on_view) = alarm::tell(story, &mut maker);
    mess::add(&mut maker);
    Patient { number, story, chart: maker.finished(), id, expected, expected_on_view }
}
