//! What has changed since an earlier worklist.

use super::lines::Line;
use super::results::Results;
use crate::export::Shard;
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// What has become of a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Change {
    /// It was not there.
    New,
    /// It was there, and its deadline has passed since.
    Overdue,
    /// It was there.
    Same,
    /// It is no longer there.
    Cleared,
}

impl Change {
    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Overdue => "overdue",
            Self::Same => "same",
            Self::Cleared => "cleared",
        }
    }
}

/// An earlier worklist: of each patient and code, whether it was overdue.
#[derive(Debug, Default)]
pub(super) struct Since(BTreeMap<(String, String), bool>);

impl Since {
    /// Reads a worklist: lines of JSON, or a table.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let named = || file.display().to_string();
        let mut from = BufReader::new(File::open(file).with_context(named)?);
        let is_json = from.fill_buf().with_context(named)?.trim_ascii_start().starts_with(b"{");
        let since = if is_json { Self::lines(from) } else { Self::table(from) };
        since.with_context(named)
    }

    fn lines(from: impl BufRead) -> anyhow::Result<Self> {
        let mut since = Self::default();
        for (number, line) in from.lines().enumerate() {
            let line: Line = serde_json::from_str(&line?).with_context(|| format!("line {}", number + 1))?;
            if line.change != Some(Change::Cleared) {
                since.add(line.patient, line.code, line.overdue);
            }
        }
        Ok(since)
    }

    fn table(from: impl BufRead) -> anyhow::Result<Self> {
        let mut table = csv::Reader::from_reader(from);
        let columns = table.headers()?.clone();
        if columns.is_empty() {
            return Ok(Self::default());
        }
        let column = |name: &str| columns.iter().position(|it| it == name);
        let (Some(patient), Some(code), Some(overdue)) =
            (column("patient"), column("code"), column("overdue"))
        else {
            bail!("no worklist: it has no columns patient, code and overdue");
        };
        let change = column("change");
        let mut since = Self::default();
        for row in table.records() {
            let row = row?;
            let cell = |column: usize| row.get(column).unwrap_or_default();
            if change.is_none_or(|it| cell(it) != Change::Cleared.name()) {
                since.add(cell(patient).to_owned(), cell(code).to_owned(), cell(overdue) == "yes");
            }
        }
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
