//! Both sides evaluate the export; their answers, in the order of the patients, are read together.

use super::Report;
use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Compares every patient of the export.
pub(super) fn compare(
    folder: &Path,
    against: &Path,
    now: DateTime<Utc>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let this = std::env::current_exe().context("this program cannot be found")?;
    is_this_program(against)?;
    let (mut old, mut new) = (Side::start(against, folder, now)?, Side::start(&this, folder, now)?);
    let (mut before, mut after) = (old.next()?, new.next()?);
    loop {
        let (is_old, is_new) = match (&before, &after) {
            (None, None) => break,
            (Some(_), None) => (true, false),
            (None, Some(_)) => (false, true),
            (Some(a), Some(b)) => (a.id <= b.id, b.id <= a.id),
        };
        let a = if is_old { std::mem::replace(&mut before, old.next()?) } else { None };
        let b = if is_new { std::mem::replace(&mut after, new.next()?) } else { None };
        let Some(name) = a.as_ref().or(b.as_ref()).map(|patient| patient.id.clone()) else { break };
        let cards = |side: Option<Patient>| side.map(|patient| patient.cards).unwrap_or_default();
        report.compare(&name, &cards(a), &cards(b))?;
    }
    old.end()?;
    new.end()?;
    if report.compared() == 0 {
        bail!("{}: nothing was compared, there is no patient in it", folder.display());
    }
    Ok(())
}

/// Any program ends somehow: only what gives its name as ours does is a build of it.
fn is_this_program(program: &Path) -> anyhow::Result<()> {
    let name = program.display();
    if !program.is_file() {
        bail!("{name}: no program file; with --export the other side is one");
    }
    let asked = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    let asked = asked.with_context(|| name.to_string())?;
    if !asked.stdout.starts_with(concat!(env!("CARGO_PKG_NAME"), " ").as_bytes()) {
        let said = String::from_utf8_lossy(&asked.stderr);
        bail!("{name}: did not answer as this program when asked for its --version {}", said.trim());
    }
    Ok(())
}

/// A patient in an answer.
struct Patient {
    id: String,
    cards: Vec<Value>,
}

/// One side at work.
struct Side {
    name: String,
    child: Child,
    lines: BufReader<ChildStdout>,
    /// What it says on standard error.
    said: File,
}

impl Side {
    fn start(program: &Path, folder: &Path, now: DateTime<Utc>) -> anyhow::Result<Self> {
        let name = program.display().to_string();
        // A file: a pipe that nobody reads until the end would hold up a side that names many files.
        let said = tempfile::tempfile().context("no temporary file")?;
        let mut child = Command::new(program)
            .args(["evaluate", "--format", "json", "--now", &now.to_rfc3339(), "--export"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(said.try_clone().with_context(|| name.clone())?)
            .spawn()
            .with_context(|| name.clone())?;
        let lines = BufReader::new(child.stdout.take().ok_or_else(|| anyhow!("{name}: no output"))?);
        Ok(Self { name, child, lines, said })
    }

    /// The next patient: a line each.
    fn next(&mut self) -> anyhow::Result<Option<Patient>> {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).with_context(|| self.name.clone())? == 0 {
                return Ok(None);
            }
            let text = line.trim().trim_end_matches(',');
            if !text.starts_with("{\"") {
                continue;
            }
            let mut patient: Value = serde_json::from_str(text).with_context(|| self.name.clone())?;
            let cards = patient.get_mut("cards").and_then(Value::as_array_mut).map(std::mem::take);
            let id = patient.get("patient").and_then(Value::as_str).unwrap_or_default().to_owned();
            return Ok(Some(Patient { id, cards: cards.unwrap_or_default() }));
        }
    }

    /// The side has said all; 0 and 1 are the ends of a run that was made.
    fn end(mut self) -> anyhow::Result<()> {
        let ended = self.child.wait().with_context(|| self.name.clone())?;
        let mut said = String::new();
        self.said
            .rewind()
            .and_then(|()| self.said.read_to_string(&mut said))
            .with_context(|| self.name.clone())?;
        match ended.code() {
            Some(0 | 1) => Ok(()),
            _ => bail!("{}: {ended}: {}", self.name, said.trim()),
        }
    }
}
