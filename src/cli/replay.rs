//! `replay`: runs cases in process or against a running service, and says what differs.

use super::{EXIT_BAD_INPUT, EXIT_DIFFERS, output, parse_time};
use crate::cases::find::find;
use crate::cases::report::{self, Count};
use crate::cases::run::{Outcome, ServiceClock, Verdict, run as run_case};
use crate::cases::target::{HttpTarget, InProcessTarget, Target};
use crate::cases::update::update;
use crate::clock::Clock;
use crate::domain::Site;
use anyhow::{Context, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// A request takes a moment to arrive, so a case is moved a little ahead of a running clock: less than the second by
/// which cases stand beside a limit, more than a service nearby needs.
const LEAD: TimeDelta = TimeDelta::milliseconds(500);

/// What `replay` takes.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Case folders, or folders of cases.
    #[arg(default_value = "fhir-fixtures")]
    paths: Vec<PathBuf>,
    /// Ask a running service at this base address instead of this program.
    #[arg(long, value_name = "BASE")]
    url: Option<String>,
    /// The service's clock; every date of a case is moved to it. By default the case's own clock, and with --url the
    /// present. A service started with the same --now answers without a running clock.
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    now: Option<DateTime<Utc>>,
    /// Write the outcome as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// How the outcome is shown.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Rewrite the expectations of cases that differ from the answers. Read the changes before you commit them.
    #[arg(long, conflicts_with_all = ["url", "now"])]
    update: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Runs the cases.
///
/// # Errors
///
/// When nothing could be run or reported.
pub fn run(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let found = find(&args.paths);
    if !found.errors.is_empty() {
        found.errors.iter().for_each(|error| output::complain(&error.to_string()));
        return Ok(ExitCode::from(EXIT_BAD_INPUT));
    }
    let target: Box<dyn Target> = match &args.url {
        Some(base) => Box::new(HttpTarget::connect(base).map_err(|why| anyhow!(why))?),
        None => Box::new(InProcessTarget::new(Site::default()).map_err(|why| anyhow!(why))?),
    };

    let mut outcomes = Vec::new();
    for case in &found.cases {
        let clock = match (args.now, &args.url) {
            (Some(now), _) => ServiceClock::Frozen(now),
            (None, Some(_)) => ServiceClock::Running(Clock::System.now() + LEAD),
            (None, None) => ServiceClock::OfTheCase,
        };
        let outcome = run_case(case, target.as_ref(), clock);
        if let (true, Outcome { verdict: Verdict::Differs(_), reply: Some(reply), .. }) =
            (args.update, &outcome)
        {
            update(case, reply)?;
        }
        outcomes.push(outcome);
    }

    if let Some(file) = &args.junit {
        let xml = report::junit(&outcomes).map_err(|why| anyhow!(why))?;
        std::fs::write(file, xml).with_context(|| file.display().to_string())?;
    }
    let text = match args.format {
        Format::Table => report::table(&outcomes),
        Format::Json => format!("{:#}\n", report::json(&outcomes)),
    };
    output::say(&text)?;

    let count = Count::of(&outcomes);
    Ok(match (count.broken, count.differ) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) if args.update => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(EXIT_DIFFERS),
        _ => {
            output::complain(&format!("{} of the cases could not be run", count.broken));
            ExitCode::from(EXIT_BAD_INPUT)
        }
    })
}
