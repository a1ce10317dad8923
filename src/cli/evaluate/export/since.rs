//! What has changed since an earlier worklist.

use super::results::Results;
use crate::export::Shard;
use crate::worklist::{self, Change, Line};
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::Path;

/// An earlier worklist: of each patient and code, whether it was overdue.
#[derive(Debug, Default)]
pub(super) struct Since(BTreeMap<(String, String), bool>);

impl Since {
    /// Reads a worklist.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let mut since = Self::default();
        worklist::read(file, &mut |line| {
            if line.change != Some(Change::Cleared) {
                since.add(line.patient, line.code, line.overdue);
            }
        })?;
        Ok(since)
    }

    fn add(&mut self, patient: String, code: String, overdue: bool) {
        *self.0.entry((patient, code)).or_default() |= overdue;
    }

    /// What has become of a line of now.
    pub(super) fn change(&self, line: &Line) -> Change {
        match self.0.get(&(line.patient.clone(), line.code.clone())) {
            None => Change::New,
            Some(false) if line.overdue => Change::Overdue,
            Some(_) => Change::Same,
        }
    }

    /// What is no longer there, in the order of patients and codes.
    pub(super) fn cleared(self, shard: Shard, now: &Results) -> io::Result<Vec<Line>> {
        let mut still = HashSet::new();
        now.each(|key, _| {
            let mut parts = key.0.split('\n').skip(2);
            if let (Some(patient), Some(code)) = (parts.next(), parts.next()) {
                still.insert((patient.to_owned(), code.to_owned()));
            }
            Ok(())
        })?;
        let gone = self.0.into_keys().filter(|it| shard.has(&it.0) && !still.contains(it));
        let lines = gone.map(|(patient, code)| Line {
            patient,
            code,
            change: Some(Change::Cleared),
            ..Line::default()
        });
        Ok(lines.collect())
    }
}
