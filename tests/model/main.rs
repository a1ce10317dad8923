//! Whole made-up charts against the program: what must hold between two charts (`metamorphic`), and a second model of the
//! guideline, written from its text alone, that must give the same emergency card (`agree`, `rules`).
//!
//! Each run starts from a seed and prints it where it fails: `MODEL_SEED=n` runs it again, `MODEL_FIRST=n` from that chart on,
//! `MODEL_CHARTS=1000000` makes a long run of it.

#[cfg(test)]
mod agree;
#[cfg(test)]
mod answer;
#[cfg(test)]
mod chart;
#[cfg(test)]
mod fhir;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod generate_treatment;
#[cfg(test)]
mod metamorphic;
#[cfg(test)]
mod repeated;
#[cfg(test)]
mod resources;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod run;
#[cfg(test)]
#[path = "../service/support/uuids.rs"]
mod uuids;
