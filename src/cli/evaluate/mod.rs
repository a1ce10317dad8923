//! `evaluate`: what the guideline says about the patients in files.
//!
//! A chart goes straight to reading and assessing, not through the prefetch templates, so that a tester sees everything
//! that the program could know. A hook request goes through the service that it is meant for. A broken file is reported,
//! the others are evaluated, and the run ends with exit code 2. Deliberately absent: fetching from a FHIR server.

mod input;
mod parallel;
mod render;

use super::{EXIT_BAD_INPUT, output, parse_time};
use crate::cases::search::type_of;
use crate::cases::target::{InProcessTarget, Target};
use crate::cds_hooks::Card;
use crate::chart::input::CallInput;
use crate::chart::patients::{self, PatientChart};
use crate::clock::Clock;
use crate::domain::{Facts, Site};
use crate::fhir::{self, Chart, DraftOrder, Note, ValueSets};
use crate::guideline::{self, Occasion};
use crate::json::Document;
use crate::services::IdKey;
use crate::services::cards::{CardContext, cards};
use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use indexmap::IndexMap;
use serde_json::value::RawValue;
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
    OrderSign,
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
    /// Resources of types that the services never ask for, by type.
    not_asked_for: IndexMap<String, usize>,
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
    let input = input::read(&args.paths);
    let setup = Setup {
        value_sets: ValueSets::built_in().context("the built-in value sets cannot be read")?,
        site: Site::default(),
        services: InProcessTarget::new(Site::default()).map_err(|why| anyhow!(why))?,
        now: args.now.unwrap_or_else(|| Clock::System.now()),
    };
    let wanted = |id: &str| args.patient.as_deref().is_none_or(|p| p == id);

    let mut findings = Findings { errors: input.errors, ..Findings::default() };
    let drafts_apart = args.hook != Hook::PatientView;
    let grouped = parallel::map(&input.charts, |chart| (&chart.source, patients::group(chart, drafts_apart)));
    let mut questions = Vec::new();
    for (source, grouped) in &grouped {
        let patients = grouped.patients.iter().filter(|patient| wanted(&patient.id));
        questions.extend(patients.map(|patient| Question::Chart(source, patient)));
        if !grouped.nobody.is_empty() || grouped.patients.is_empty() {
            findings.nobody.push(((*source).clone(), grouped.nobody.clone()));
        }
    }
    questions.extend(input.calls.iter().filter(|call| wanted(&call.patient)).map(Question::Call));
    findings.evaluations = parallel::map(&questions, |question| match question {
        Question::Chart(source, patient) => setup.assess((*source).clone(), patient, args),
        Question::Call(call) => setup.ask(call),
    });

    let is_draft = |reference: &String| {
        let mut drafts = questions.iter().flat_map(Question::drafts);
        drafts.any(|(draft, _)| draft == reference)
    };
    if let Some(stray) = args.select.iter().find(|reference| !is_draft(reference)) {
        bail!("--select {stray}: no draft order of this name");
    }
    if let (Some(id), true) = (&args.patient, findings.evaluations.is_empty()) {
        findings.errors.push(format!("--patient {id}: no such patient"));
    }
    output::say(&match args.format {
        Format::Text => render::text(&findings, setup.site.time_zone),
        Format::Json => format!("{:#}\n", render::json(&findings, setup.site.time_zone)),
    })?;
    findings.errors.iter().for_each(|error| output::complain(error));
    Ok(if findings.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_BAD_INPUT) })
}

/// One patient to evaluate.
enum Question<'a> {
    /// The file or folder, and the patient in it.
    Chart(&'a String, &'a PatientChart),
    /// A hook request.
    Call(&'a CallInput),
}

impl Question<'_> {
    fn drafts(&self) -> &[(String, Box<RawValue>)] {
        match self {
            Self::Chart(_, patient) => &patient.drafts,
            Self::Call(_) => &[],
        }
    }
}

/// What answers, and when.
struct Setup {
    value_sets: ValueSets,
    site: Site,
    services: InProcessTarget,
    now: DateTime<Utc>,
}

impl Setup {
    fn assess(&self, source: String, patient: &PatientChart, args: &EvaluateArgs) -> Evaluation {
        let selected = |reference: &String| args.select.is_empty() || args.select.contains(reference);
        // What was loaded is JSON, so no document is left out.
        let resources: Vec<Document<'_>> =
            patient.resources.iter().filter_map(|raw| Document::parse(raw.get()).ok()).collect();
        let drafts: Vec<(bool, Document<'_>)> = patient
            .drafts
            .iter()
            .filter_map(|(reference, raw)| Some((selected(reference), Document::parse(raw.get()).ok()?)))
            .collect();
        let chart = Chart {
            patient_id: &patient.id,
            resources: resources.iter().map(Document::root).collect(),
            drafts: drafts
                .iter()
                .map(|(selected, draft)| DraftOrder {
                    raw: draft.root(),
                    full_url: None,
                    selected: *selected,
                })
                .collect(),
            ..Chart::default()
        };
        let occasion = match args.hook {
            Hook::PatientView => Occasion::PatientView,
            Hook::OrderSelect | Hook::OrderSign => Occasion::OrderCheck,
        };
        let reading = fhir::read(&chart, &self.value_sets, &self.site, self.now);
        let advice = guideline::assess(&reading.facts, &self.site, self.now, occasion);
        // Nobody sends feedback on what a command prints.
        let ids = IdKey::random();
        let context = CardContext {
            facts: &reading.facts,
            site: &self.site,
            now: self.now,
            patient_id: &patient.id,
            encounter_id: None,
            drafts: &chart.drafts,
            ids: ids.issuer(0, self.now),
            guideline_url: None,
        };
        Evaluation {
            source,
            patient: patient.id.clone(),
            refused: None,
            cards: cards(&advice, &context),
            not_asked_for: self.not_asked_for(patient),
            facts: reading.facts,
            notes: reading.notes,
        }
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
                found.cards = answer.response.cards;
                found.facts = answer.facts;
                found.notes = answer.notes;
            }
            Err(refused) => found.refused = Some(refused.to_string()),
        }
        found
    }
}
