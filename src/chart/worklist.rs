//! The worklist of a population as a page: `GET /worklist` over a folder of worklists.
//!
//! Only reads. A folder has a file a run; the page shows the one that stands last by its name, or the one that is asked for,
//! a part at a time.

use super::frame::{self, Clock};
use super::worklist_rows::{grouped, row};
use crate::worklist::{Change, Line, read};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// So many lines stand on one page.
const LINES: usize = 200;
/// A file of more lines is shown in its own order: the others are sorted in memory, some 150 bytes a line.
const MOST_SORTED: usize = 500_000;

/// What a reader asks for.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The name of a file of the folder.
    file: Option<String>,
    /// The number of lines that are left out before the first.
    from: usize,
    /// Only this recommendation code.
    code: Option<String>,
}

/// What the page shows.
struct Shown {
    lines: Vec<Line>,
    /// Lines and overdue lines of the whole file, or of the code.
    all: usize,
    overdue: usize,
    /// How many of those were not overdue when the list was written.
    since: usize,
    is_sorted: bool,
}

/// The page; `None` where a file is asked for that is not there.
pub fn page(folder: Option<&Path>, asked: &Asked, clock: Clock) -> Option<String> {
    let files = folder.map(files).unwrap_or_default();
    let file = match &asked.file {
        Some(name) => Some(files.iter().find(|file| name_of(file) == *name)?),
        None => files.last(),
    };
    let body = html! {
        div.intro {
            h1 { "Worklist" }
            p.lead { "Open recommendations of the population, soonest first." }
        }
        @match (folder, file) {
            (None, _) => p.caution { "No folder is shown. Start the sandbox with " code { "serve --worklist FOLDER" } "." },
            (Some(_), None) => p.caution { "The folder has no worklist yet: no .csv and no .ndjson." },
            (Some(_), Some(file)) => (list(&files, file, asked, clock.now)),
        }
    };
    Some(frame::page(&frame::Page {
        title: "Worklist",
        here: "/worklist",
        styles: &["base.css", "list.css", "worklist.css", "print.css"],
        script: "worklist.js",
        clock,
        data: &[],
        body,
    }))
}

fn list(files: &[PathBuf], file: &Path, asked: &Asked, now: DateTime<Utc>) -> Markup {
    let name = name_of(file);
    html! {
        nav.groups aria-label="Runs" {
            ul { @for other in files.iter().rev() { (run(&name_of(other), &name)) } }
        }
        @match shown(file, asked, now, MOST_SORTED) {
            Err(why) => p.caution { (format!("{why:#}")) },
            Ok(shown) => {
                p { (shown.all) @if shown.all == 1 { " line, " } @else { " lines, " } (shown.overdue) " overdue"
                    @if let Some(code) = &asked.code { " of " code { (code) } }
                    @if shown.since > 0 { ", " (shown.since) " since it was written" }
                    @if !shown.is_sorted { ", in the order of the file" } "." }
                search.search {
                    label for="search" { "Search this page" }
                    input #search type="search" autocomplete="off" spellcheck="false" placeholder="a patient, a code, a word";
                    p #found role="status" aria-live="polite" {}
                }
                table.worklist {
                    thead { tr { @for title in ["Due", "Patient", "What", "Not known"] { th scope="col" { (title) } } } }
                    tbody { @for same in &grouped(&shown.lines) { (row(same, &name)) } }
                }
                (pages(&shown, asked, &name))
            }
        }
    }
}

fn run(name: &str, here: &str) -> Markup {
    html! { li { a href={ "/worklist?file=" (encoded(name)) } aria-current=[(name == here).then_some("true")] { (name) } } }
}

fn pages(shown: &Shown, asked: &Asked, file: &str) -> Markup {
    let address = |from: usize| {
        let code = asked.code.as_deref().map(|code| format!("&code={}", encoded(code))).unwrap_or_default();
        format!("/worklist?file={}&from={from}{code}", encoded(file))
    };
    let next = asked.from.saturating_add(LINES);
    html! {
        p.pages {
            @if asked.from > 0 { a href=(address(asked.from.saturating_sub(LINES))) rel="prev" { "Earlier" } " " }
            @if next < shown.all { a href=(address(next)) rel="next" { "Later" } }
        }
    }
}

/// What is shown of a file: twice read, so that only the places of its lines are held and those that are shown.
fn shown(file: &Path, asked: &Asked, now: DateTime<Utc>, most: usize) -> anyhow::Result<Shown> {
    let is_asked = |line: &Line| asked.code.as_ref().is_none_or(|code| *code == line.code);
    let mut shown = Shown { lines: Vec::new(), all: 0, overdue: 0, since: 0, is_sorted: true };
    let mut places: Vec<(String, usize)> = Vec::new();
    read(file, &mut |line| {
        if !is_asked(&line) {
            return;
        }
        let is_overdue = line.overdue || has_passed(&line, now);
        shown.overdue += usize::from(is_overdue);
        shown.since += usize::from(is_overdue && !line.overdue);
        // Shards that were put one after the other are each in order, and the file is not.
        if shown.all < most {
            places.push((line.order(), shown.all));
        }
        shown.all += 1;
    })?;
    shown.is_sorted = shown.all <= most;
    if shown.is_sorted {
        places.sort_unstable();
    } else {
        places = (0..shown.all).skip(asked.from).take(LINES).map(|number| (String::new(), number)).collect();
    }
    let from = if shown.is_sorted { asked.from } else { 0 };
    let wanted: HashMap<usize, usize> = places
        .iter()
        .skip(from)
        .take(LINES)
        .enumerate()
        .map(|(place, (_, number))| (*number, place))
        .collect();
    drop(places);
    let (mut number, mut found) = (0, Vec::new());
    read(file, &mut |mut line| {
        if !is_asked(&line) {
            return;
        }
        if let Some(place) = wanted.get(&number) {
            line.overdue = line.overdue || has_passed(&line, now);
            found.push((*place, line));
        }
        number += 1;
    })?;
    found.sort_unstable_by_key(|(place, _)| *place);
    shown.lines = found.into_iter().map(|(_, line)| line).collect();
    Ok(shown)
}

/// Whether the deadline of a line that is still to be worked on lies before the clock of the page.
fn has_passed(line: &Line, now: DateTime<Utc>) -> bool {
    let deadline = line.deadline.as_deref().and_then(|it| DateTime::parse_from_rfc3339(it).ok());
    line.change != Some(Change::Cleared) && deadline.is_some_and(|it| it < now)
}

/// The worklists of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    // A name that begins with a dot is of a list that is being written.
    let is_one = |file: &PathBuf| {
        let is_list = file.extension().is_some_and(|it| it == "csv" || it == "ndjson");
        is_list && !name_of(file).starts_with('.') && file.is_file()
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_one).collect();
    files.sort();
    files
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

pub(super) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_one_after_the_other_are_by_deadline_and_what_has_passed_is_overdue() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.ndjson");
        let line = |number: usize, deadline: &str, change| {
            let deadline = Some(deadline.to_owned());
            Line { patient: format!("p{number}"), deadline, change, ..Line::default() }.json()
        };
        let mut text = String::new();
        // Two shards, each by deadline.
        for shard in 0..2 {
            for hour in 0..300 {
                let deadline = format!("2026-05-{:02}T{:02}:00:00Z", 1 + hour / 24, hour % 24);
                text.push_str(&line(shard + 2 * hour, &deadline, None));
            }
        }
        text.push_str(&line(9_999, "2026-05-01T00:00:00Z", Some(Change::Cleared)));
        std::fs::write(&file, text).unwrap();
        let now = "2026-05-02T00:30:00Z".parse().unwrap();
        let mut patients = Vec::new();
        for from in [0, LINES, 2 * LINES, 3 * LINES] {
            let shown = shown(&file, &Asked { from, ..Asked::default() }, now, MOST_SORTED).unwrap();
            assert_eq!((shown.all, shown.overdue, shown.since, shown.is_sorted), (601, 50, 50, true));
            let marked = shown.lines.iter().filter(|line| line.overdue).count();
            assert_eq!(marked, if from == 0 { 50 } else { 0 });
            patients.extend(shown.lines.into_iter().map(|line| line.patient).filter(|it| it != "p9999"));
        }
        assert_eq!(patients, (0..600).map(|number| format!("p{number}")).collect::<Vec<_>>());
        // Too many to sort: as they stand.
        let unsorted = shown(&file, &Asked { from: 299, ..Asked::default() }, now, 100).unwrap();
        assert!(
            !unsorted.is_sorted && unsorted.lines[0].patient == "p598" && unsorted.lines[1].patient == "p1"
        );
    }
}
