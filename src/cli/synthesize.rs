//! `synthesize`: made-up patients with the answers that their stories ask for, as cases or as an export.

use super::bar::Bar;
use super::parse_time;
use crate::fhir::ValueSets;
use crate::synthesize::write::Export;
use crate::synthesize::{Codes, Patient, patient};
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// So many patients are made at once, before they are written.
const AT_ONCE: u64 = 1_000;

/// What `synthesize` takes.
#[derive(Debug, Args)]
pub struct SynthesizeArgs {
    /// Where all chance comes from: the same seed, count and clock make the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many patients; the stories take turns.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// The clock of the stories.
    #[arg(long, value_name = "RFC3339", value_parser = parse_time, default_value = "2026-05-04T10:00:00Z")]
    now: DateTime<Utc>,
    /// Write case folders into this new folder, for `replay`.
    #[arg(long, value_name = "FOLDER", required_unless_present = "export", conflicts_with = "export")]
    cases: Option<PathBuf>,
    /// Write a Bulk Data export into this new folder, for `evaluate --export`.
    #[arg(long, value_name = "FOLDER")]
    export: Option<PathBuf>,
    /// Write what an export must be answered with: a line of JSON for each patient.
    #[arg(long, value_name = "FILE", requires = "export", conflicts_with = "cases")]
    answers: Option<PathBuf>,
}

/// Makes the patients.
///
/// # Errors
///
/// When a folder is not new, or nothing can be written.
pub fn run(args: &SynthesizeArgs) -> anyhow::Result<ExitCode> {
    let sets = ValueSets::built_in().context("the built-in value sets cannot be read")?;
    let codes = Codes::new(&sets);
    if let Some(folder) = args.cases.as_deref().or(args.export.as_deref()) {
        is_new(folder)?;
    }
    let mut export = match &args.export {
        Some(folder) => Some(
            Export::create(folder, args.answers.as_deref()).with_context(|| folder.display().to_string())?,
        ),
        None => None,
    };
    let bar = Bar::of_patients("making", args.count);
    let mut first = 1;
    while first <= args.count {
        let last = args.count.min(first.saturating_add(AT_ONCE - 1));
        let made: Vec<Patient> = (first..=last)
            .into_par_iter()
            .map(|number| patient(&codes, args.seed, number, args.now))
            .collect();
        if let Some(folder) = &args.cases {
            made.par_iter()
                .try_for_each(|patient| patient.write_case(folder))
                .with_context(|| folder.display().to_string())?;
        }
        if let Some(export) = &mut export {
            made.iter()
                .try_for_each(|patient| export.add(patient))
                .context("the export cannot be written")?;
        }
        bar.show(last, None);
        first = last + 1;
    }
    if let Some(export) = export {
        export.finish().context("the export cannot be written")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A folder in which something lies already is left alone: old cases beside new ones would be run as if they were of them.
fn is_new(folder: &Path) -> anyhow::Result<()> {
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{}: something lies in this folder; name a new one", folder.display());
    }
    Ok(())
}
