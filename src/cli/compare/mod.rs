//! `compare`: which patients get other cards from another build or service.
//!
//! An export is evaluated by both programs, side by side, and their answers are read together, patient by patient; cases are
//! asked of both. What changes advice is told apart from what changes words alone. Deliberately absent: a judgement which of
//! the two is right.

mod cases;
mod export;
mod report;

use super::{EXIT_DIFFERS, output, parse_time};
use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use report::Report;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `compare` takes.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// A Bulk Data export, as `evaluate --export` takes it: every patient is compared.
    #[arg(long, value_name = "DIR", required_unless_present = "cases", conflicts_with = "cases")]
    export: Option<PathBuf>,
    /// Case folders, or folders of cases: every answer is compared.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    cases: Vec<PathBuf>,
    /// The other side, taken for the older one: a program file of another build, or with --cases the base address of a
    /// running sandbox with the same --now.
    #[arg(long, value_name = "BASE_OR_BINARY")]
    against: String,
    /// The clock of both sides; the present by default.
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    now: Option<DateTime<Utc>>,
    /// Codes that a line with a star in the first section of this changelog names, in backticks, may change.
    #[arg(long, value_name = "FILE")]
    changelog: Option<PathBuf>,
    /// How the outcome is shown: for people, or a line of JSON for each patient that changed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Ndjson,
}

/// Compares.
///
/// # Errors
///
/// When one of the sides cannot answer, or nothing can be written.
pub fn run(args: &CompareArgs) -> anyhow::Result<ExitCode> {
    let starred = match &args.changelog {
        Some(file) => starred(&std::fs::read_to_string(file).with_context(|| file.display().to_string())?),
        None => BTreeSet::new(),
    };
    let now = args.now.unwrap_or_else(|| crate::clock::Clock::System.now());
    let mut report = Report::new(args.format, starred);
    match &args.export {
        Some(folder) => export::compare(folder, Path::new(&args.against), now, &mut report)?,
        None => cases::compare(&args.cases, &args.against, now, &mut report)?,
    }
    let is_settled = report.finish()?;
    if !is_settled {
        output::complain("advice changed for codes that no starred line of the changelog names");
    }
    Ok(if is_settled { ExitCode::SUCCESS } else { ExitCode::from(EXIT_DIFFERS) })
}

/// The words in backticks of the starred lines in the first section of a changelog.
fn starred(changelog: &str) -> BTreeSet<String> {
    let mut sections = changelog.split("\n## ");
    let first = sections.nth(1).unwrap_or_default();
    let entries = first.split("\n- ").skip(1).filter(|entry| entry.starts_with('★'));
    entries.flat_map(|entry| entry.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_starred_lines_of_the_first_section_name_codes() {
        let text = "# Changelog\n\n## Unreleased\n\n- ★ `a-code` and\n  `b-code` change.\n- `c-code` is explained.\n\n## 1.0\n\n- ★ `d-code`\n";
        assert_eq!(starred(text), BTreeSet::from(["a-code".to_owned(), "b-code".to_owned()]));
        assert!(starred("").is_empty());
    }
}
