//! `guideline`: the rules as a clinician reads them, all of them or those of one code.
//!
//! Deliberately absent: the rules; they are printed from the constants that decide ([`crate::guideline::page`]).

use super::output;
use crate::guideline::page::{Page, page};
use crate::guideline::{Code, Fact};
use crate::services::plan;
use anyhow::anyhow;
use clap::{Args, Subcommand, ValueEnum};
use std::fmt::Write;
use std::process::ExitCode;

/// At most this many codes are named for one that is unknown.
const NEAREST: usize = 5;

/// What `guideline` takes.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct GuidelineArgs {
    /// How the page is written.
    #[arg(long, value_enum, default_value = "markdown")]
    format: Format,
    #[command(subcommand)]
    ask: Option<Ask>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Markdown,
    Json,
    /// FHIR R4: a Bundle of PlanDefinitions, ActivityDefinitions, ValueSets, the Questionnaire and a Library.
    Fhir,
}

#[derive(Debug, Subcommand)]
enum Ask {
    /// Say when a recommendation code is given, how urgent it is, and on what it rests.
    Explain {
        /// The code, as `card.source.topic` and the rationale name it.
        code: String,
    },
    /// Say what the guideline is: its source, and which kinds of data it uses.
    About,
}

/// Prints the page, or explains a code.
///
/// # Errors
///
/// When the code is unknown, or nothing can be written.
pub fn run(args: &GuidelineArgs) -> anyhow::Result<ExitCode> {
    let page = page();
    let text = match (&args.ask, args.format) {
        (Some(Ask::Explain { code }), _) => explain(&page, code).map_err(|why| anyhow!(why))?,
        (Some(Ask::About), _) => page.about_in_words(),
        (None, Format::Markdown) => page.to_markdown(),
        (None, Format::Json) => page.to_json()? + "\n",
        (None, Format::Fhir) => serde_json::to_string_pretty(&plan::bundle(&page)?)? + "\n",
    };
    output::say(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A code in words.
fn explain(page: &Page, asked: &str) -> Result<String, String> {
    let known = Code::named(asked).ok_or_else(|| unknown(asked))?;
    let code = known.as_str();
    let mut out = format!("{code} (decisions {})\n{}.\n", page.guideline_version, known.what());
    let mut statements: Vec<&str> = Vec::new();
    let mut looks_at: Vec<Fact> = Vec::new();
    for (decision, row) in page.rows().filter(|(_, row)| row.code == code) {
        let offers = if row.offers.is_empty() { String::new() } else { format!("; {}", row.offers) };
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "\n{} — {}\n  holds when: {}\n  gives: {}{offers}\n  rests on: {}\n",
            row.id,
            decision.title,
            row.holds,
            row.indicator,
            row.statements.join(", ")
        );
        statements.extend(row.statements);
        looks_at.extend(&decision.looks_at);
    }
    statements.sort_unstable();
    statements.dedup();
    looks_at.extend(page.looks_at_always);
    let mut looks_at: Vec<&str> = looks_at.into_iter().map(Fact::name).collect();
    looks_at.sort_unstable();
    looks_at.dedup();
    let _ = writeln!(out, "\nLooks at: {}", looks_at.join(", "));
    let _ = writeln!(out, "\nStatements");
    for statement in page.statements.iter().filter(|s| statements.contains(&s.id)) {
        let _ = writeln!(out, "  {} {}", statement.id, statement.says);
    }
    Ok(out)
}

/// Names the codes that share most words with the one that was asked for, or all of them.
fn unknown(asked: &str) -> String {
    let asked_lower = asked.to_lowercase();
    let words: Vec<&str> =
        asked_lower.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 1).collect();
    let shared = |code: &str| code.split('-').filter(|part| words.contains(part)).count();
    let mut near: Vec<(usize, &str)> =
        Code::ALL.iter().map(|code| (shared(code.as_str()), code.as_str())).filter(|(n, _)| *n > 0).collect();
    near.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    let names: Vec<&str> = near.iter().take(NEAREST).map(|(_, code)| *code).collect();
    if names.is_empty() {
        let all: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        format!("`{asked}` is not a recommendation code; the codes are: {}", all.join(", "))
    } else {
        format!("`{asked}` is not a recommendation code; perhaps: {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_with_its_rows_and_statements() {
        let page = page();
        for code in Code::ALL {
            let text = explain(&page, code.as_str()).unwrap();
            assert!(text.contains("holds when: ") && text.contains("\n  G-"), "{text}");
        }
    }

    #[test]
    fn an_unknown_code_gets_its_neighbours() {
        let page = page();
        let why = explain(&page, "mri-within-24").unwrap_err();
        assert!(why.contains("mri-within-24h") && !why.contains("cebrt"), "{why}");
        let why = explain(&page, "zzz").unwrap_err();
        assert!(why.contains("cebrt-palliative") && why.contains("mri-within-12h"), "{why}");
    }
}
