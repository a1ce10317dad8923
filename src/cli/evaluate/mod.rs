//! `evaluate`: what the guideline says about the patients in files.
//!
//! A chart goes straight to reading and assessing, not through the prefetch templates, so that a tester sees everything
//! that the program could know. A hook request goes through the service that it is meant for. A broken file is reported,
//! the others are evaluated, and the run ends with exit code 2. Documents are evaluated side by side on all cores and
//! shown in their order, a batch at a time, so that thousands of patients need no more memory than the largest chart
//! and one batch. Nothing is fetched from a FHIR server. Absent here: a whole export as one population ([`export`]).

mod export;
pub(super) mod input;
mod render;
mod report;

use self::export::ExportArgs;
use self::input::Step;
use self::report::{Report, Shown};
use super::{EXIT_BAD_INPUT, output, parse_time};
use crate::cases::search::type_of;
use crate::cases::target::{InProcessTarget, Target};
use crate::cds_hooks::Card;
use crate::chart;
use crate::chart::input::{CallInput, ChartInput, Input, Loaded};
use crate::chart::patients::{self, PatientChart};
use crate::clock::Clock;
use crate::domain::{Facts, Site};
use crate::fhir::{Chart, DraftOrder, Note, ValueSets};
use crate::guideline::{Occasion, assess_with_trace};
use crate::json::Document;
use crate::services::Dialect;
use crate::services::assessment::assess;
use crate::services::cards::{CardContext, cards};
use crate::services::offered;
use crate::services::{Answer, IdKey};
use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use indexmap::IndexMap;
use rayon::prelude::*;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::ExitCode;

/// What `evaluate` takes.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// FHIR Bundles, single hook requests, single resources, NDJSON, or folders of these.
    #[arg(required_unless_present = "export", value_name = "PATH")]
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
    /// How the outcome is shown; a worklist (`ndjson`, `csv`) of an export alone.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    export: ExportArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hook {
    PatientView,
    OrderSelect,
    OrderSign,
    EncounterDischarge,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    /// A worklist: one recommendation a line, as JSON.
    Ndjson,
    /// The same as a table.
    Csv,
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
    /// Why there is no card, where there is none: a sentence a reason.
    why_no_card: Vec<String>,
    facts: Facts,
    notes: Vec<Note>,
    /// Resources of types that the services never ask for, by type.
    not_asked_for: IndexMap<String, usize>,
}

/// Documents are read and evaluated in batches of this many bytes, so that memory stays bounded.
const BATCH_BYTES: usize = 4 << 20;

/// Documents that wait to be evaluated, with their places.
#[derive(Default)]
struct Batch {
    documents: Vec<(String, Vec<u8>)>,
    bytes: usize,
}

/// Evaluates the patients.
///
/// # Errors
///
/// When the question itself cannot be answered for any file, or nothing can be written.
pub fn run(args: &EvaluateArgs) -> anyhow::Result<ExitCode> {
    if !args.select.is_empty() && args.hook != Hook::OrderSelect {
        bail!("--select needs --hook order-select");
    }
    let mut setup = Setup {
        value_sets: ValueSets::built_in().context("the built-in value sets cannot be read")?,
        site: Site::default(),
        services: InProcessTarget::new(Site::default()).map_err(|why| anyhow!(why))?,
        now: args.now.unwrap_or_else(|| Clock::System.now()),
        args,
    };
    if let Some(path) = &args.export.export {
        return export::run(&mut setup, path);
    }
    if matches!(args.format, Format::Ndjson | Format::Csv) {
        bail!("a worklist (--format ndjson or csv) needs --export");
    }
    let mut report = Report::start(args.format)?;
    match setup.walk(&mut report) {
        Err(gone) if gone.kind() == ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
        ended => ended?,
    }
    for reference in &args.select {
        if !report.met_draft(reference) {
            report.error(format!("--select {reference}: no draft order of this name"));
        }
    }
    if let (Some(id), 0) = (&args.patient, report.patients()) {
        report.error(format!("--patient {id}: no such patient"));
    }
    let errors = report.finish()?;
    errors.iter().for_each(|error| output::complain(error));
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_BAD_INPUT) })
}

/// What answers, and when.
struct Setup<'a> {
    value_sets: ValueSets,
    site: Site,
    services: InProcessTarget,
    now: DateTime<Utc>,
    args: &'a EvaluateArgs,
}

impl Setup<'_> {
    fn walk(&self, report: &mut Report) -> io::Result<()> {
        let (mut batch, mut loose) = (Batch::default(), Vec::new());
        input::walk(&self.args.paths, &mut |step| {
            match step {
                Step::Error(error) => {
                    self.evaluate(&mut batch, &mut loose, report)?;
                    report.error(error);
                }
                Step::Document { source, bytes } => {
                    batch.bytes += bytes.len();
                    batch.documents.push((source, bytes));
                    if batch.bytes >= BATCH_BYTES {
                        self.evaluate(&mut batch, &mut loose, report)?;
                    }
                }
                Step::Together(source) => {
                    self.evaluate(&mut batch, &mut loose, report)?;
                    let chart = ChartInput { source, resources: std::mem::take(&mut loose) };
                    if !chart.resources.is_empty() {
                        report.show(self.chart(&chart))?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Evaluates the documents and empties the batch. Single resources go to `loose`, until all of their chart are there.
    fn evaluate(&self, batch: &mut Batch, loose: &mut Vec<Loaded>, report: &mut Report) -> io::Result<()> {
        let Batch { documents, .. } = std::mem::take(batch);
        let read: Vec<(Shown, Vec<Loaded>)> =
            documents.into_par_iter().map(|(source, bytes)| self.document(&source, &bytes)).collect();
        for (shown, single) in read {
            report.show(shown)?;
            loose.extend(single);
        }
        Ok(())
    }

    fn document(&self, source: &str, bytes: &[u8]) -> (Shown, Vec<Loaded>) {
        let (mut found, mut loose) = (Input::default(), ChartInput::default());
        chart::input::read(bytes, source, false, &mut loose, &mut found);
        let mut shown = Shown::unread(found.errors);
        found.charts.iter().for_each(|chart| shown.append(self.chart(chart)));
        let calls = found.calls.iter().filter(|call| self.wanted(&call.patient));
        calls.for_each(|call| shown.evaluation(&self.ask(call), self.args.format, self.site.time_zone));
        (shown, loose.resources)
    }

    /// The patients of a chart.
    fn chart(&self, chart: &ChartInput) -> Shown {
        let grouped = patients::group(chart, self.args.hook != Hook::PatientView);
        let evaluated: Vec<Shown> = grouped
            .patients
            .par_iter()
            .filter(|patient| self.wanted(&patient.id))
            .map(|patient| {
                let mut shown = Shown::default();
                let drafts = patient.drafts.iter().map(|(reference, _)| reference);
                shown.drafts.extend(drafts.filter(|draft| self.args.select.contains(draft)).cloned());
                let found = self.assess(chart.source.clone(), patient);
                shown.evaluation(&found, self.args.format, self.site.time_zone);
                shown
            })
            .collect();
        let mut shown = Shown::default();
        evaluated.into_iter().for_each(|patient| shown.append(patient));
        if !grouped.nobody.is_empty() || grouped.patients.is_empty() {
            shown.nobody(&chart.source, &grouped.nobody, self.args.format);
        }
        shown
    }

    fn wanted(&self, patient: &str) -> bool {
        self.args.patient.as_deref().is_none_or(|id| id == patient)
    }

    fn assess(&self, source: String, patient: &PatientChart) -> Evaluation {
        let args = self.args;
        let selected = |reference: &String| args.select.is_empty() || args.select.contains(reference);
        // What was loaded is JSON, so no document is left out.
        let resources: Vec<Document<'_>> =
            patient.resources.iter().filter_map(|raw| Document::parse(raw.get()).ok()).collect();
        let drafts: Vec<(bool, Document<'_>)> = patient
            .drafts
            .iter()
            .filter_map(|(reference, raw)| Some((selected(reference), Document::parse(raw.get()).ok()?)))
            .collect();
        let mut chart = Chart {
            patient_id: &patient.id,
            resources: resources.iter().map(Document::root).collect(),
            drafts: drafts
                .iter()
                .filter_map(|(selected, draft)| DraftOrder::read(draft.root(), None, *selected))
                .collect(),
            ..Chart::default()
        };
        let occasion = match args.hook {
            Hook::PatientView => Occasion::PatientView,
            Hook::OrderSelect | Hook::OrderSign => Occasion::OrderCheck,
            Hook::EncounterDischarge => Occasion::Discharge,
        };
        let (reading, advice) = assess(&mut chart, &self.value_sets, &self.site, self.now, occasion);
        // Nobody sends feedback on what a command prints.
        let ids = IdKey::random();
        let context = CardContext {
            facts: &reading.facts,
            site: &self.site,
            now: self.now,
            patient_id: &patient.id,
            encounter_id: None,
            user_id: None,
            drafts: &chart.drafts,
            dialect: Dialect::default(),
            ids: ids.issuer(crate::services::NO_CLIENT, 0, self.now),
            guideline_url: None,
            panel_url: None,
            ways: &[],
        };
        Evaluation {
            source,
            patient: patient.id.clone(),
            refused: None,
            cards: cards(&advice, &context),
            why_no_card: self.why_no_card(advice.is_empty(), &reading.facts, occasion),
            not_asked_for: self.not_asked_for(patient),
            facts: reading.facts,
            notes: reading.notes,
        }
    }

    /// The reasons for silence; none where there is a card.
    fn why_no_card(&self, silent: bool, facts: &Facts, occasion: Occasion) -> Vec<String> {
        if !silent {
            return Vec::new();
        }
        let (_, trace) = assess_with_trace(facts, &self.site, self.now, occasion);
        trace.why_silent(self.site.time_zone)
    }

    fn why_no_card_of_a_call(&self, answer: &Answer, service: &str) -> Vec<String> {
        if answer.outcomes.iter().next().is_none() {
            let nothing = "The call asks nothing: its user is the patient or a relative, or no selection is among its drafts.";
            return vec![nothing.to_owned()];
        }
        let occasion = offered::occasion(service).unwrap_or(Occasion::PatientView);
        self.why_no_card(answer.response.cards.is_empty(), &answer.facts, occasion)
    }

    fn not_asked_for(&self, patient: &PatientChart) -> IndexMap<String, usize> {
        let asked = |kind: &str| {
            let mut templates = self.services.offered().iter().flat_map(|s| s.prefetch.values());
            templates.any(|template| type_of(template) == kind)
        };
        let kinds = patient.kinds.iter().filter(|(kind, _)| !asked(kind));
        kinds.map(|(kind, number)| (kind.clone(), *number)).collect()
    }

    fn ask(&self, call: &CallInput) -> Evaluation {
        let mut found = Evaluation {
            source: call.source.clone(),
            patient: call.patient.clone(),
            refused: None,
            cards: Vec::new(),
            why_no_card: Vec::new(),
            facts: Facts::default(),
            notes: Vec::new(),
            not_asked_for: IndexMap::new(),
        };
        let Some(service) = self.services.offered().iter().find(|s| s.hook == call.hook) else {
            found.refused = Some("no service is offered for its hook".to_owned());
            return found;
        };
        match self.services.services().call(&service.id, &call.body, self.now) {
            Ok(answer) => {
                found.why_no_card = self.why_no_card_of_a_call(&answer, &service.id);
                found.cards = answer.response.cards;
                found.facts = answer.facts;
                found.notes = answer.notes;
            }
            Err(refused) => found.refused = Some(refused.to_string()),
        }
        found
    }
}
