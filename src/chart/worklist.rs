//! The worklist of a population as a page: `GET /worklist` over a folder of worklists.
//!
//! Only reads. A folder has a file a run; the page shows the one that stands last by its name, or the one that is asked for,
//! a part at a time.

use super::frame::{self, Clock};
use super::moment;
use crate::worklist::{Line, read};
use chrono_tz::Tz;
use maud::{Markup, html};
use std::path::{Path, PathBuf};

/// So many lines stand on one page.
const LINES: usize = 200;

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
    /// Lines, patients and overdue lines of the whole file, or of the code.
    all: usize,
    overdue: usize,
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
            p.lead { "One line a recommendation, by deadline, as " code { "evaluate --export" } " wrote it." }
        }
        @match (folder, file) {
            (None, _) => p.caution { "No folder is shown. Start the sandbox with " code { "serve --worklist FOLDER" } "." },
            (Some(_), None) => p.caution { "The folder has no worklist yet: no .csv and no .ndjson." },
            (Some(_), Some(file)) => (list(&files, file, asked)),
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

fn list(files: &[PathBuf], file: &Path, asked: &Asked) -> Markup {
    let name = name_of(file);
    html! {
        nav.groups aria-label="Runs" {
            ul { @for other in files.iter().rev() { (run(&name_of(other), &name)) } }
        }
        @match shown(file, asked) {
            Err(why) => p.caution { (format!("{why:#}")) },
            Ok(shown) => {
                p { (shown.all) @if shown.all == 1 { " line, " } @else { " lines, " } (shown.overdue) " overdue"
                    @if let Some(code) = &asked.code { " of " code { (code) } } "." }
                search.search {
                    label for="search" { "Search this page" }
                    input #search type="search" autocomplete="off" spellcheck="false" placeholder="a patient, a code, a word";
                    p #found role="status" aria-live="polite" {}
                }
                table.worklist {
                    thead { tr { @for title in ["Due", "Patient", "What", "Not known"] { th scope="col" { (title) } } } }
                    tbody { @for line in &shown.lines { (row(line, &name)) } }
                }
                (pages(&shown, asked, &name))
            }
        }
    }
}

fn run(name: &str, here: &str) -> Markup {
    html! { li { a href={ "/worklist?file=" (encoded(name)) } aria-current=[(name == here).then_some("true")] { (name) } } }
}

fn row(line: &Line, file: &str) -> Markup {
    let by_code = format!("/worklist?file={}&code={}", encoded(file), encoded(&line.code));
    html! {
        tr data-overdue[line.overdue] {
            td.due {
                @if let Some(deadline) = &line.deadline {
                    time datetime=(deadline) { (moment::for_people(deadline, Tz::UTC)) }
                    @if line.overdue { " " strong { "overdue" } }
                } @else { "no deadline" }
                @if let Some(change) = line.change { " " span.change { (change.name()) } }
            }
            th scope="row" { (line.patient) }
            td {
                p { (line.summary) }
                p.meta {
                    span.expected data-indicator=(line.indicator) { (line.indicator) " " a href=(by_code) { code { (line.code) } } }
                    span.name { (line.row) }
                }
                @if !line.facts.is_empty() {
                    details { summary { (line.facts.len()) " facts" } ul { @for fact in &line.facts { li { (fact) } } } }
                }
            }
            td { (line.missing.join(", ")) }
        }
    }
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

fn shown(file: &Path, asked: &Asked) -> anyhow::Result<Shown> {
    let mut shown = Shown { lines: Vec::new(), all: 0, overdue: 0 };
    read(file, &mut |line| {
        if asked.code.as_ref().is_some_and(|code| *code != line.code) {
            return;
        }
        shown.overdue += usize::from(line.overdue);
        if shown.all >= asked.from && shown.lines.len() < LINES {
            shown.lines.push(line);
        }
        shown.all += 1;
    })?;
    Ok(shown)
}

/// The worklists of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let is_one =
        |file: &PathBuf| file.is_file() && file.extension().is_some_and(|it| it == "csv" || it == "ndjson");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_one).collect();
    files.sort();
    files
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
