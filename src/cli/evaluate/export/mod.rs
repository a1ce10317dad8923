//! `evaluate --export`: a Bulk Data export as one population, and its worklist.
//!
//! The population is read once and taken up part by part (`crate::export`); what is said about its patients is put in
//! order and printed at the end. With a work folder each finished part stays, so that an interrupted run goes on.

mod results;
mod run_folder;
mod since;

use super::{Evaluation, Format, Hook, Setup, render};
use crate::chart::patients::PatientChart;
use crate::cli::bar::Bar;
use crate::cli::{EXIT_DIFFERS, output};
use crate::export::{Left, Patient, Population, Shard, Source};
use crate::worklist::Line;
use anyhow::{Context, bail};
use clap::Args;
use rayon::prelude::*;
use results::{Key, Results};
use run_folder::RunFolder;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use since::Since;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `evaluate --export` takes.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// A Bulk Data export as one population: a folder in any layout, one file, or `-` for standard input. NDJSON and JSON,
    /// also with gzip.
    #[arg(long, value_name = "DIR|-", conflicts_with = "paths")]
    pub(super) export: Option<PathBuf>,
    /// An earlier worklist (`--format ndjson` or `csv`): each line says what has changed since.
    #[arg(long, value_name = "FILE", requires = "export")]
    since: Option<PathBuf>,
    /// Only the patients of one share of several runs, such as 1/4; their outputs are put one after the other.
    #[arg(long, value_name = "M/N", requires = "export")]
    shard: Option<Shard>,
    /// Memory for records, such as 512MB; what is beyond it goes to files.
    #[arg(long, value_name = "SIZE", requires = "export", default_value = "512MB", value_parser = size)]
    memory: usize,
    /// Keep what is done in this folder, so that the same command goes on after an interruption. It needs as much room as
    /// the export without compression. By default a temporary folder, which is removed.
    #[arg(long, value_name = "FOLDER", requires = "export")]
    work_dir: Option<PathBuf>,
}

/// A number of bytes: digits, then nothing, KB, MB or GB (powers of 1,000).
fn size(text: &str) -> Result<usize, String> {
    const LEAST: usize = 16_000_000;
    let wrong = || "not a size such as 512MB or 2GB, from 16MB on".to_owned();
    let upper = text.trim().to_ascii_uppercase();
    let digits = upper.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match upper.get(digits.len()..).unwrap_or_default().trim() {
        "" | "B" => 1,
        "K" | "KB" => 1_000,
        "M" | "MB" => 1_000_000,
        "G" | "GB" => 1_000_000_000,
        _ => return Err(wrong()),
    };
    let bytes = digits.parse::<usize>().ok().and_then(|number| number.checked_mul(unit)).ok_or_else(wrong)?;
    if bytes < LEAST { Err(wrong()) } else { Ok(bytes) }
}

/// What the run came to.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
struct Counts {
    patients: usize,
    with_cards: usize,
    deleted: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} patients, {} with a card", self.patients, self.with_cards)
    }
}

/// Evaluates the population.
///
/// # Errors
///
/// When the export or the work folder cannot be used, or nothing can be written.
pub(super) fn run(setup: &mut Setup<'_>, path: &Path) -> anyhow::Result<ExitCode> {
    let args = &setup.args.export;
    if setup.args.hook != Hook::PatientView && setup.args.hook != Hook::EncounterDischarge {
        bail!("--export asks about charts: --hook patient-view or encounter-discharge");
    }
    let source = if path == Path::new("-") { Source::StandardInput } else { Source::Path(path.to_owned()) };
    if let Source::Path(path) = &source {
        std::fs::metadata(path).with_context(|| path.display().to_string())?;
    }
    let since = args.since.as_deref().map(Since::read).transpose()?;
    let shard = args.shard.unwrap_or(Shard::WHOLE);
    let temporary;
    let folder = match &args.work_dir {
        Some(_) if source == Source::StandardInput => {
            bail!("--work-dir needs a folder: a pipe cannot be read again")
        }
        Some(folder) => folder.as_path(),
        None => {
            temporary = tempfile::tempdir().context("no temporary folder (TMPDIR names another place)")?;
            temporary.path()
        }
    };
    let folder = RunFolder::open(folder, path, setup)?;
    setup.now = folder.now();
    let population = read(&folder, &source, shard, args.memory, args.work_dir.is_some())?;
    let (results, counts) = evaluate(setup, &folder, &population, since.as_ref())?;
    let printed = print(setup.args.format, &results, &counts, population.left(), since, shard);
    match printed {
        Err(gone) if gone.kind() == io::ErrorKind::BrokenPipe => {}
        ended => ended?,
    }
    let left = population.left();
    tell(left, &counts, setup.args.format);
    if args.work_dir.is_some() {
        folder.done();
    }
    Ok(if left.is_doubtful() { ExitCode::from(EXIT_DIFFERS) } else { ExitCode::SUCCESS })
}

fn read(
    folder: &RunFolder,
    source: &Source,
    shard: Shard,
    memory: usize,
    is_kept: bool,
) -> anyhow::Result<Population> {
    if let Some(population) = Population::again(memory, folder.path())? {
        output::complain("goes on: the export was read before");
        return Ok(population);
    }
    folder.clear().with_context(|| folder.path().display().to_string())?;
    let bar = Bar::of_bytes("reading");
    let mut population =
        Population::read(source, shard, memory, folder.path(), &|done, total| bar.show(done, total))
            .context("the export cannot be read, or not be spilled to files")?;
    if is_kept {
        population.keep().context("the work folder cannot be written")?;
    }
    Ok(population)
}

/// Evaluates each part that is not done yet.
fn evaluate(
    setup: &Setup<'_>,
    folder: &RunFolder,
    population: &Population,
    since: Option<&Since>,
) -> anyhow::Result<(Results, Counts)> {
    let bar = Bar::of_parts("evaluating", population.parts());
    for number in 0..population.parts() {
        let file = folder.results(number);
        if !file.exists() {
            let (mut rows, mut counts) = (Vec::new(), Counts::default());
            population.part(number, &mut |part| {
                counts.deleted += part.deleted;
                let wanted = part.patients.par_iter().filter(|patient| setup.wanted(&patient.id));
                let found: Vec<(bool, Vec<(Key, String)>)> =
                    wanted.map(|patient| of_patient(setup, patient, since)).collect();
                for (has_cards, found) in found {
                    counts.patients += 1;
                    counts.with_cards += usize::from(has_cards);
                    rows.extend(found);
                }
                Ok(())
            })?;
            Results::write(&file, &rows, &counts)?;
        }
        bar.show(number as u64 + 1, None);
    }
    Results::open((0..population.parts()).map(|number| folder.results(number)))
}

/// What is printed of a patient, with the place of each piece.
fn of_patient(setup: &Setup<'_>, patient: &Patient, since: Option<&Since>) -> (bool, Vec<(Key, String)>) {
    let found = setup.assess("export".to_owned(), &chart(patient));
    let has_cards = !found.cards.is_empty();
    let format = setup.args.format;
    let rows = match format {
        Format::Text => vec![(Key::of_patient(&found.patient), render::text(&found, setup.site.time_zone))],
        Format::Json => {
            vec![(Key::of_patient(&found.patient), without_ids(render::json(&found, setup.site.time_zone)))]
        }
        Format::Ndjson | Format::Csv => work(&found)
            .into_iter()
            .map(|mut line| {
                line.change = since.map(|since| since.change(&line));
                (Key(line.order()), printed(&line, format, since.is_some()))
            })
            .collect(),
    };
    (has_cards, rows)
}

fn work(found: &Evaluation) -> Vec<Line> {
    let cards = found.cards.iter().filter_map(|card| serde_json::to_value(card).ok());
    cards.flat_map(|card| Line::of_card(&found.patient, &card)).collect()
}

fn printed(line: &Line, format: Format, with_change: bool) -> String {
    if matches!(format, Format::Csv) { line.row(with_change) } else { line.json() }
}

/// Ids of cards are for feedback, which nobody gives here; they would be others in each run.
fn without_ids(mut patient: Value) -> String {
    fn strip(value: &mut Value) {
        if let Value::Object(members) = value {
            members.remove("uuid");
        }
    }
    for card in patient.get_mut("cards").and_then(Value::as_array_mut).into_iter().flatten() {
        strip(card);
        card.get_mut("suggestions").and_then(Value::as_array_mut).into_iter().flatten().for_each(strip);
    }
    patient.to_string()
}

fn chart(patient: &Patient) -> PatientChart {
    let mut chart = PatientChart::new(&patient.id);
    for resource in &patient.resources {
        // What was read is JSON, so no resource is left out.
        if let Ok(raw) = RawValue::from_string(resource.raw.clone()) {
            chart.add(&resource.kind, Some(&resource.id), None, raw, false);
        }
    }
    chart
}

/// Prints what was found, in its order.
fn print(
    format: Format,
    results: &Results,
    counts: &Counts,
    left: &Left,
    since: Option<Since>,
    shard: Shard,
) -> io::Result<()> {
    let mut out = output::Buffered::new();
    match format {
        Format::Text => {
            results.each(|_, text| out.write(text))?;
            out.write(&format!("{counts}\n"))?;
        }
        Format::Json => {
            let mut first = true;
            out.write("{\n  \"patients\": [")?;
            results.each(|_, text| {
                out.write(if std::mem::take(&mut first) { "\n" } else { ",\n" })?;
                out.write(text)
            })?;
            let rest = json!({ "deletedPatients": counts.deleted, "nobody": left.nobody,
                               "skipped": left.skipped, "unread": left.unread });
            let rest = rest.to_string();
            out.write(&format!("\n  ],\n{}\n", rest.strip_prefix('{').unwrap_or(&rest)))?;
        }
        Format::Ndjson | Format::Csv => {
            if matches!(format, Format::Csv) && shard.is_first() {
                out.write(&Line::header(since.is_some()))?;
            }
            results.each(|_, text| out.write(text))?;
            if let Some(since) = since {
                for line in since.cleared(shard, results)? {
                    out.write(&printed(&line, format, true))?;
                }
            }
        }
    }
    out.finish()
}

/// Says on standard error what was left out, and how many there are.
fn tell(left: &Left, counts: &Counts, format: Format) {
    for skipped in &left.skipped {
        let word = if skipped.is_known { "skipped" } else { "SKIPPED, though it may be data" };
        output::complain(&format!("{word}: {}: {}", skipped.path.display(), skipped.why));
    }
    for (file, (number, first)) in &left.unread {
        output::complain(&format!("{file}: {number} not read; the first: {first}"));
    }
    if !left.nobody.is_empty() {
        let kinds: Vec<String> =
            left.nobody.iter().map(|(kind, number)| format!("{kind} {number}")).collect();
        output::complain(&format!("of no patient, left out: {}", kinds.join(", ")));
    }
    if left.deleted > 0 {
        output::complain(&format!("{} deleted, with them {} patients", left.deleted, counts.deleted));
    }
    if matches!(format, Format::Ndjson | Format::Csv) {
        output::complain(&counts.to_string());
    }
}
