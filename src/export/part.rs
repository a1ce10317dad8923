//! A part of the population: patients with all that is theirs, in an order that does not depend on the files.

use super::deleted::Deleted;
use super::hash::{PIECES, hash, piece};
use super::record::Record;
use super::spill::{Records, Spill};
use std::io;
use std::path::Path;

/// A patient with everything of theirs.
#[derive(Debug)]
pub struct Patient {
    /// Bare id.
    pub id: String,
    /// What belongs to the patient, in an order of its own.
    pub resources: Vec<Resource>,
}

/// A resource of a patient.
#[derive(Debug)]
pub struct Resource {
    /// Its type.
    pub kind: String,
    /// Its id; empty when it has none.
    pub id: String,
    /// The resource as it was written.
    pub raw: String,
}

/// Patients that are in memory together, in the order of their ids.
#[derive(Debug, Default)]
pub struct Part {
    /// The patients.
    pub patients: Vec<Patient>,
    /// Patients who were deleted, with all that was theirs.
    pub deleted: usize,
}

/// What a part is made with.
pub(super) struct Maker<'a> {
    pub(super) folder: &'a Path,
    pub(super) deleted: &'a Deleted,
    /// The most bytes of records that are held at once.
    pub(super) most: usize,
}

/// How often a part is cut at most. Beyond that, one patient alone fills it.
const DEEPEST: u32 = 4;

impl Maker<'_> {
    /// Hands the patients of these records over, in pieces that fit into memory.
    pub(super) fn each(
        &self,
        records: Records<'_>,
        bytes: u64,
        depth: u32,
        take: &mut dyn FnMut(Part) -> io::Result<()>,
    ) -> io::Result<()> {
        if bytes <= self.most as u64 || depth >= DEEPEST {
            return take(self.part(records)?);
        }
        let mut pieces = Spill::new(self.folder, format!("piece-{depth}"), self.most);
        for record in records {
            let record = record?;
            pieces.add(piece(hash(&record.owner), depth), &record)?;
        }
        pieces.flush()?;
        for number in 0..PIECES {
            self.each(pieces.read(number)?, pieces.bytes(number), depth + 1, take)?;
            pieces.forget(number)?;
        }
        Ok(())
    }

    fn part(&self, records: Records<'_>) -> io::Result<Part> {
        let mut records = records.collect::<io::Result<Vec<Record>>>()?;
        records.sort_unstable();
        // The same text twice says nothing more.
        records.dedup();
        let mut part = Part::default();
        for of_patient in records.chunk_by_mut(|a, b| a.owner == b.owner) {
            let Some(id) = of_patient.first().map(|first| first.owner.clone()) else { continue };
            if self.deleted.has("Patient", &id) {
                part.deleted += 1;
                continue;
            }
            let kept = of_patient.iter_mut().filter(|it| !self.deleted.has(&it.kind, &it.id));
            let resources: Vec<Resource> = kept
                .map(|record| Resource {
                    kind: std::mem::take(&mut record.kind),
                    id: std::mem::take(&mut record.id),
                    raw: std::mem::take(&mut record.raw),
                })
                .collect();
            if !resources.is_empty() {
                part.patients.push(Patient { id, resources });
            }
        }
        Ok(part)
    }
}
