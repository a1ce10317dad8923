//! `coverage`: which codes of a folder made no fact because nobody here knows them.
//!
//! Printed by system and frequency, as a FHIR ValueSet for each system: a site moves what it wants to be read into the value
//! sets of the concepts that it means, and loads those with `value_sets`. Deliberately absent: what a code should mean.

use super::evaluate::input::{self, Step};
use super::{EXIT_BAD_INPUT, output};
use crate::chart::input::{ChartInput, Input, read};
use crate::fhir::{UnknownCode, ValueSets, unknown_codes};
use crate::json::Document;
use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `coverage` takes.
#[derive(Debug, Args)]
pub struct CoverageArgs {
    /// FHIR Bundles, single resources, NDJSON, or folders of these.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The site's own value sets, which are known too.
    #[arg(long, value_name = "FOLDER")]
    value_sets: Option<PathBuf>,
    /// How the codes are shown.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A line a code: how often, resource type, system, code, display.
    Text,
    /// A ValueSet a system, the most frequent codes first.
    Json,
}

/// Codes and how often they came.
type Counted = BTreeMap<UnknownCode, usize>;

/// Lists the codes.
///
/// # Errors
///
/// When the value sets cannot be read, or nothing can be written.
pub fn run(args: &CoverageArgs) -> anyhow::Result<ExitCode> {
    let mut sets = ValueSets::built_in().context("the built-in value sets cannot be read")?;
    if let Some(folder) = &args.value_sets {
        sets.add_folder(folder)?;
    }
    let (mut counted, mut errors) = (Counted::new(), Vec::new());
    input::walk(&args.paths, &mut |step| {
        match step {
            Step::Error(error) => errors.push(error),
            Step::Document { source, bytes } => {
                let (mut found, mut loose) = (Input::default(), ChartInput::default());
                read(&bytes, &source, false, &mut loose, &mut found);
                errors.append(&mut found.errors);
                let charts = found.charts.iter().flat_map(|chart| &chart.resources);
                for resource in charts.chain(&loose.resources) {
                    if let Ok(document) = Document::parse(resource.raw.get()) {
                        for code in unknown_codes(document.root(), &sets) {
                            *counted.entry(code).or_default() += 1;
                        }
                    }
                }
            }
            Step::Together(_) => {}
        }
        Ok::<(), std::io::Error>(())
    })?;
    let mut rows: Vec<(&UnknownCode, usize)> = counted.iter().map(|(code, number)| (code, *number)).collect();
    rows.sort_by(|a, b| (&a.0.system, b.1, a.0).cmp(&(&b.0.system, a.1, b.0)));
    output::say(&match args.format {
        Format::Text => rows.iter().map(|(code, number)| line(code, *number)).collect::<String>(),
        Format::Json => format!("{:#}\n", Value::from(value_sets(&rows))),
    })?;
    errors.iter().for_each(|error| output::complain(error));
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_BAD_INPUT) })
}

/// One code; what could steer a terminal is a space.
fn line(code: &UnknownCode, number: usize) -> String {
    let plain = |text: &str| text.replace(char::is_control, " ");
    let (system, name, display) = (plain(&code.system), plain(&code.code), plain(&code.display));
    format!("{number}\t{}\t{system}\t{name}\t{display}\n", code.resource_type)
}

/// A ValueSet a system. It names no concept yet: that is the site's to say.
fn value_sets(rows: &[(&UnknownCode, usize)]) -> Vec<Value> {
    rows.chunk_by(|a, b| a.0.system == b.0.system)
        .filter_map(|group| {
            let system = &group.first()?.0.system;
            let concepts: Vec<Value> = group
                .iter()
                .map(|(code, number)| {
                    json!({ "code": code.code, "display": code.display,
                            "designation": [{ "value": format!("{number} times in {}", code.resource_type) }] })
                })
                .collect();
            Some(json!({
                "resourceType": "ValueSet",
                "url": "urn:spinal-mets-cds:ValueSet:",
                "status": "draft",
                "description": "Codes that no concept knows. Move those that are to be read into a value set with the url of \
                                their concept, and set its status to active.",
                "compose": { "include": [{ "system": system, "concept": concepts }] }
            }))
        })
        .collect()
}
