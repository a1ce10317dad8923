//! The worklist of a population: a line a recommendation, written by `evaluate --export` and read again.
//!
//! Two forms, lines of JSON and a table; whichever it is, a reader gets the same lines. Deliberately absent: how a population
//! comes to its lines, and what a page makes of them.

mod line;

pub use line::{Change, Line};

use anyhow::{Context, bail};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Reads a worklist, line by line.
///
/// # Errors
///
/// The file cannot be read, or is no worklist.
pub fn read(file: &Path, each: &mut dyn FnMut(Line)) -> anyhow::Result<()> {
    let named = || file.display().to_string();
    let mut from = BufReader::new(File::open(file).with_context(named)?);
    let is_json = from.fill_buf().with_context(named)?.trim_ascii_start().starts_with(b"{");
    if is_json { lines(from, each) } else { table(from, each) }.with_context(named)
}

fn lines(from: impl BufRead, each: &mut dyn FnMut(Line)) -> anyhow::Result<()> {
    for (number, line) in from.lines().enumerate() {
        each(serde_json::from_str(&line?).with_context(|| format!("line {}", number + 1))?);
    }
    Ok(())
}

fn table(from: impl BufRead, each: &mut dyn FnMut(Line)) -> anyhow::Result<()> {
    let mut table = csv::Reader::from_reader(from);
    let columns = table.headers()?.clone();
    let has = |name: &&str| columns.iter().any(|it| it == *name);
    if columns.is_empty() {
        return Ok(());
    }
    if !["patient", "code", "overdue"].iter().all(has) {
        bail!("no worklist: it has no columns patient, code and overdue");
    }
    for row in table.records() {
        let row = row?;
        // The header of the next table, where several lie one after the other.
        if row.iter().eq(columns.iter()) {
            continue;
        }
        each(Line::of_row(|name| {
            let place = columns.iter().position(|it| it == name);
            place.and_then(|place| row.get(place)).unwrap_or_default()
        }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let line = Line {
            patient: "p, \"q\"".to_owned(),
            code: "mri-within-24h".to_owned(),
            deadline: Some("2026-05-05T10:00:00Z".to_owned()),
            indicator: "critical".to_owned(),
            overdue: true,
            facts: vec!["deficit=left (Condition/1)".to_owned(), "cancer=active".to_owned()],
            change: Some(Change::New),
            ..Line::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let read_again = |name: &str, text: String| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            let mut found = Vec::new();
            read(&file, &mut |line| found.push(line)).map(|()| found)
        };
        let table = Line::header(true) + &line.row(true);
        assert_eq!(read_again("b", table).unwrap(), read_again("a", line.json()).unwrap());
        assert_eq!(read_again("a", line.json()).unwrap(), std::slice::from_ref(&line));
        // An id may begin like a formula.
        let odd = Line { patient: "-p".to_owned(), ..line.clone() };
        let table = Line::header(true) + &odd.row(true);
        assert!(table.contains("'-p"));
        assert_eq!(read_again("g", table).unwrap(), [odd]);
        let shards = (Line::header(true) + &line.row(true)).repeat(2);
        assert_eq!(read_again("f", shards).unwrap(), [line.clone(), line.clone()]);
        assert_eq!(read_again("c", String::new()).unwrap(), []);
        assert!(read_again("d", "a,b\n1,2\n".to_owned()).is_err());
        assert!(read_again("e", "{\"patient\": 3}\n".to_owned()).is_err());
    }
}
