//! A Bulk Data export as one population, out of core.
//!
//! Whatever the layout (one file a type, folders a type, split, shuffled, compressed, Bundles, a pipe), every resource goes
//! to the place of its patient: a part of the population that is chosen by the hash of the patient's id. Parts are held in
//! memory up to a limit and spilled to files beyond it, and are taken up one after the other. Medications and BodyStructures
//! without a patient are looked up by those that refer to them. What was deleted is left out, and every file that was not
//! read is named. Deliberately absent: evaluation, and the order of what is printed (`cli/evaluate/export`).

mod deleted;
mod hash;
mod part;
mod population;
mod read;
mod record;
mod shared;
mod spill;
mod tree;

pub use hash::Shard;
pub use part::{Part, Patient, Resource};
pub use population::{Left, Population, Progress, Source};
pub use read::open;
use std::io;
use std::path::Path;
pub use tree::{Skipped, fingerprint};

/// Writes a file that is there whole or not at all, whenever the run is interrupted.
///
/// # Errors
///
/// When it cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, bytes)?;
    std::fs::rename(part, path)
}
