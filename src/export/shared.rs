//! Resources without a patient: brought to those who refer to them.

use super::hash::{PARTS, hash, part};
use super::record::Record;
use super::spill::Spill;
use std::collections::HashMap;
use std::io;
use std::path::Path;

/// What is referred to, and who refers to it.
#[derive(Debug)]
pub(super) struct Shared {
    resources: Spill,
    wanted: Spill,
}

impl Shared {
    pub(super) fn new(folder: &Path, limit: usize) -> Self {
        Self {
            resources: Spill::new(folder, "shared".to_owned(), limit / 2),
            wanted: Spill::new(folder, "wanted".to_owned(), limit / 2),
        }
    }

    /// A resource that others may refer to.
    pub(super) fn add(&mut self, record: &Record) -> io::Result<()> {
        self.resources.add(part(hash(&record.owner)), record)
    }

    /// A patient refers to a resource (`Type/id`).
    pub(super) fn want(&mut self, name: String, patient: &str) -> io::Result<()> {
        let place = part(hash(&name));
        let wish = Record { owner: name, kind: String::new(), id: patient.to_owned(), raw: String::new() };
        self.wanted.add(place, &wish)
    }

    /// Adds each resource to the patients that refer to it.
    pub(super) fn bring(mut self, patients: &mut Spill) -> io::Result<()> {
        for number in 0..PARTS {
            let mut resources: HashMap<String, Vec<Record>> = HashMap::new();
            for record in self.resources.read(number)? {
                let record = record?;
                resources.entry(record.owner.clone()).or_default().push(record);
            }
            if !resources.is_empty() {
                for wish in self.wanted.read(number)? {
                    let wish = wish?;
                    let place = part(hash(&wish.id));
                    for found in resources.get(&wish.owner).into_iter().flatten() {
                        patients.add(place, &Record { owner: wish.id.clone(), ..found.clone() })?;
                    }
                }
            }
            self.resources.forget(number)?;
            self.wanted.forget(number)?;
        }
        Ok(())
    }
}
