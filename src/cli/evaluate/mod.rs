//! `evaluate`: what the guideline says about the patients in files.
//!
//! A chart goes straight to reading and assessing, not through the prefetch templates, so that a tester sees everything
//! that the program could know. A hook request goes through the service that it is meant for. A broken file is reported,
//! the others are evaluated, and the run ends with exit code 2. Deliberately absent: fetching from a FHIR server.

mod facts;
mod input;
mod patients;
mod render;

use super::{EXIT_BAD_INPUT, output, parse_time};
use crate::cases::target::{InProcessTarget, Target};
use crate::cds_hooks::Card;
use crate::clock::Clock;
use crate::domain::{Facts, Site};
use crate::fhir::{self, Chart, DraftOrder, Note, ValueSets};
use crate::guideline::{self, Occasion};
use crate::services::cards::{CardContext, cards};
use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use indexmap::IndexMap;
use input::CallInput;
use patients::PatientChart;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `evaluate` takes.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// FHIR Bundles, single hook requests, single resources, NDJSON, or folders of these.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What is asked about a chart; a hook request asks by itself.
    #[arg(long, value_enum, default_value = "patient-view")]
    hook: Hook,
    /// Only this patient (bare id).
    #[arg(long, value_name = "ID")]
    patient: Option<String>,
    /// With `--hook order-select`: only these draft orders are selected (`Type/id`); by default every draft is.
    #[arg(long, value_name = "TYPE/ID")]
    select: Vec<String>,
    /// The clock; the present by default.
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    now: Option<DateTime<Utc>>,
    /// How the outcome is shown.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hook {
    PatientView,
    OrderSelect,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// What was found about one patient.
#[derive(Debug)]
struct Evaluation {
    /// The file or folder.
    source: String,
    /// Bare id of the patient.
    patient: String,
    /// Why the service refused the call, if it did.
    refused: Option<String>,
    cards: Vec<Card>,
    facts: Facts,
    notes: Vec<Note>,
}

/// Everything that is shown.
#[derive(Debug, Default)]
struct Findings {
    evaluations: Vec<Evaluation>,
    /// Per file or folder: how many resources of each type belong to no patient.
    nobody: Vec<(String, IndexMap<String, usize>)>,
    /// What could not be read.
    errors: Vec<String>,
}

/// Evaluates the patients.
///
/// # Errors
///
/// When the question itself cannot be answered for any file.
pub fn run(args: &EvaluateArgs) -> anyhow::Result<ExitCode> {
    if !args.select.is_empty() && args.hook != Hook::OrderSelect {
        bail!("--select needs --hook order-select");
    }
    let now = args.now.unwrap_or_else(|| Clock::System.now());
    let input = input::read(&args.paths);
    let value_sets = ValueSets::built_in().context("the built-in value sets cannot be read")?;
    let site = Site::default();
    let services = InProcessTarget::new(site.clone()).map_err(|why| anyhow!(why))?;
    let wanted = |id: &str| args.patient.as_deref().is_none_or(|p| p == id);

    let mut findings = Findings { errors: input.errors, ..Findings::default() };
    let mut drafts = Vec::new();
    for chart in &input.charts {
        let grouped = patients::group(chart, args.hook == Hook::OrderSelect);
        for patient in grouped.patients.iter().filter(|p| wanted(&p.id)) {
            drafts.extend(patient.drafts.iter().map(|(reference, _)| reference.clone()));
            let found = assess(patient, args, &value_sets, &site, now);
            findings.evaluations.push(Evaluation { source: chart.source.clone(), ..found });
        }
        if !grouped.nobody.is_empty() || grouped.patients.is_empty() {
            findings.nobody.push((chart.source.clone(), grouped.nobody));
        }
    }
    for call in input.calls.iter().filter(|c| wanted(&c.patient)) {
        findings.evaluations.push(ask(call, &services, now));
    }

    if let Some(stray) = args.select.iter().find(|s| !drafts.contains(s)) {
        bail!("--select {stray}: no draft order of this name");
    }
    if let (Some(id), true) = (&args.patient, findings.evaluations.is_empty()) {
        findings.errors.push(format!("--patient {id}: no such patient"));
    }
    output::say(&match args.format {
        Format::Text => render::text(&findings, site.time_zone),
        Format::Json => format!("{:#}\n", render::json(&findings, site.time_zone)),
    })?;
    findings.errors.iter().for_each(|error| output::complain(error));
    Ok(if findings.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_BAD_INPUT) })
}

fn assess(
    patient: &PatientChart,
    args: &EvaluateArgs,
    value_sets: &ValueSets,
    site: &Site,
    now: DateTime<Utc>,
) -> Evaluation {
    let selected = |reference: &String| args.select.is_empty() || args.select.contains(reference);
    let chart = Chart {
        patient_id: &patient.id,
        resources: patient.resources.iter().map(AsRef::as_ref).collect(),
        drafts: patient
            .drafts
            .iter()
            .map(|(reference, raw)| DraftOrder { raw, selected: selected(reference) })
            .collect(),
        ..Chart::default()
    };
    let occasion = match args.hook {
        Hook::PatientView => Occasion::PatientView,
        Hook::OrderSelect => Occasion::OrderCheck,
    };
    let reading = fhir::read(&chart, value_sets, site, now);
    let advice = guideline::assess(&reading.facts, site, now, occasion);
    let context = CardContext {
        facts: &reading.facts,
        site,
        now,
        patient_id: &patient.id,
        encounter_id: None,
        drafts: &chart.drafts,
    };
    let cards = cards(&advice, &context);
    let (patient, source) = (patient.id.clone(), String::new());
    Evaluation { source, patient, refused: None, cards, facts: reading.facts, notes: reading.notes }
}

fn ask(call: &CallInput, target: &InProcessTarget, now: DateTime<Utc>) -> Evaluation {
    let mut found = Evaluation {
        source: call.source.clone(),
        patient: call.patient.clone(),
        refused: None,
        cards: Vec::new(),
        facts: Facts::default(),
        notes: Vec::new(),
    };
    let Some(service) = target.offered().iter().find(|s| s.hook == call.hook) else {
        found.refused = Some("no service is offered for its hook".to_owned());
        return found;
    };
    match target.services().call(&service.id, &call.body, now) {
        Ok(answer) => {
            found.cards = answer.response.cards;
            found.facts = answer.facts;
            found.notes = answer.notes;
        }
        Err(refused) => found.refused = Some(refused.to_string()),
    }
    found
}
