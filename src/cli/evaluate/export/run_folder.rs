//! The folder of a run: what it was asked, so that only the same question goes on, and the results of its parts.

use super::Setup;
use crate::export::{fingerprint, write_whole};
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the file with the question.
const QUESTION: &str = "question.json";

/// What a run was asked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Question {
    /// This program, build by build: two builds may answer differently.
    program: u64,
    /// The export, and what was asked of it.
    export: PathBuf,
    /// Names, sizes and times of its files.
    files: u64,
    asked: String,
    /// The clock, also where nobody gave one.
    now: DateTime<Utc>,
}

/// The folder of a run.
#[derive(Debug)]
pub(super) struct RunFolder {
    path: PathBuf,
    now: DateTime<Utc>,
}

impl RunFolder {
    /// Opens the folder: an empty one, or that of the same question.
    pub(super) fn open(path: &Path, export: &Path, setup: &Setup<'_>) -> anyhow::Result<Self> {
        let named = || path.display().to_string();
        std::fs::create_dir_all(path).with_context(named)?;
        let args = setup.args;
        let asked = format!(
            "{:?} {:?} {:?} {:?} {:?}",
            args.hook, args.patient, args.format, args.export.shard, args.export.since
        );
        let export = export.canonicalize().unwrap_or_else(|_| export.to_owned());
        // A pipe has none, and is never gone on with.
        let files = fingerprint(&export).unwrap_or_default();
        let program = std::env::current_exe().and_then(|program| fingerprint(&program)).unwrap_or_default();
        let mut question = Question { program, files, export, asked, now: setup.now };
        let file = path.join(QUESTION);
        match std::fs::read(&file) {
            Ok(text) => {
                let earlier: Question =
                    serde_json::from_slice(&text).with_context(|| file.display().to_string())?;
                if args.now.is_none() {
                    question.now = earlier.now;
                }
                if earlier != question {
                    bail!(
                        "{}: holds a run with another question, export or build; take another folder, or remove it",
                        path.display()
                    );
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if std::fs::read_dir(path).with_context(named)?.next().is_some() {
                    bail!("{}: not empty, and no run of this command", path.display());
                }
                write_whole(&file, &serde_json::to_vec(&question)?).with_context(named)?;
            }
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        }
        Ok(Self { path: path.to_owned(), now: question.now })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The clock of the run.
    pub(super) const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The file for what was found in a part.
    pub(super) fn results(&self, part: usize) -> PathBuf {
        self.path.join(format!("results-{part:03}"))
    }

    /// Removes all but the question: reading begins anew.
    pub(super) fn clear(&self) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            if entry.file_name() != QUESTION {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The run is at its end: nothing of it is kept. What cannot be removed stays.
    pub(super) fn done(&self) {
        if self.clear().is_ok() {
            let _ = std::fs::remove_file(self.path.join(QUESTION));
        }
    }
}
