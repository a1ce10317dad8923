//! `replay`: runs cases in process or against a running service, and says what differs.

mod client;
mod review;

use super::bar::Bar;
use super::{EXIT_BAD_INPUT, EXIT_DIFFERS, output, parse_time};
use crate::cases::Case;
use crate::cases::find::find;
use crate::cases::report::{self, Count};
use crate::cases::run::{Outcome, ServiceClock, Verdict, run as run_case};
use crate::cases::target::{HttpTarget, InProcessTarget, Target};
use crate::cases::update::update;
use crate::clock::Clock;
use crate::domain::Site;
use crate::export::Shard;
use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, ValueEnum};
use rayon::prelude::*;
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
    /// Show each case that differs and ask whether its answer is right; of those that are, rewrite the expectations.
    #[arg(long, conflicts_with_all = ["url", "now", "update", "format"])]
    review: bool,
    /// Only cases whose name, `covers` or expected codes contain this text; may be given several times.
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Only one share of the cases, such as 1/4, for several machines side by side.
    #[arg(long, value_name = "M/N")]
    shard: Option<Shard>,
    /// Private key (PEM, PKCS#8) of a client of a configured service: each call carries a token that is signed with it.
    #[arg(long, value_name = "FILE", requires_all = ["url", "issuer", "key_id"])]
    client_key: Option<PathBuf>,
    /// `iss` of the tokens.
    #[arg(long, value_name = "URL", requires = "client_key")]
    issuer: Option<String>,
    /// `kid` of the tokens: what the client's key set calls the key.
    #[arg(long, value_name = "KID", requires = "client_key")]
    key_id: Option<String>,
    /// What `public_base_url` of the service says, where it is not the --url.
    #[arg(long, value_name = "BASE", requires = "client_key")]
    audience: Option<String>,
    /// `tenant` of the tokens.
    #[arg(long, value_name = "NAME", requires = "client_key")]
    tenant: Option<String>,
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
    let is_whole = args.filter.is_empty() && args.shard.is_none();
    let mut cases = found.cases;
    cases.retain(|case| is_named(case, &args.filter));
    if cases.is_empty() {
        bail!("no case contains {}", args.filter.join(" or "));
    }
    cases.retain(|case| args.shard.is_none_or(|shard| shard.has(&case.name)));

    let outcomes = ask_all(args, &cases)?;
    if let Some(file) = &args.junit {
        let xml = report::junit(&outcomes).map_err(|why| anyhow!(why))?;
        std::fs::write(file, xml).with_context(|| file.display().to_string())?;
    }
    // Of one case or a choice of them nobody asks what it leaves out.
    let codes = if is_whole && cases.len() > 1 { report::codes_without_case(&cases) } else { Vec::new() };
    match args.format {
        Format::Table => {
            output::say(&report::table(&outcomes))?;
            output::say(&footer(&outcomes, &codes))?;
        }
        Format::Json => output::say(&format!("{:#}\n", report::json(&outcomes, &codes)))?,
    }
    let accepted = if args.review { review::review(&cases, &outcomes)? } else { 0 };
    let count = Count::of(&outcomes);
    Ok(match (count.broken, count.differ - accepted) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) if args.update => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(EXIT_DIFFERS),
        _ => {
            output::complain(&format!("{} of the cases could not be run", count.broken));
            ExitCode::from(EXIT_BAD_INPUT)
        }
    })
}

/// Whether a case is one of those that are asked for.
fn is_named(case: &Case, texts: &[String]) -> bool {
    let codes = case.told.expect.iter().flat_map(|card| &card.codes);
    let mut names = std::iter::once(&case.name).chain(&case.told.covers).chain(codes);
    texts.is_empty() || names.any(|name| texts.iter().any(|text| name.contains(text)))
}

/// Asks all of them, side by side; the outcomes stand in the order of the cases.
fn ask_all(args: &ReplayArgs, cases: &[Case]) -> anyhow::Result<Vec<Outcome>> {
    let target: Box<dyn Target> = match &args.url {
        Some(base) => {
            let target = HttpTarget::connect(base).map_err(|why| anyhow!(why))?;
            Box::new(match &args.client_key {
                Some(key) => target.with_tokens(client::authorize(args, key)?),
                None => target,
            })
        }
        None => Box::new(InProcessTarget::new(Site::default()).map_err(|why| anyhow!(why))?),
    };
    let bar = Bar::of_patients("replaying", cases.len() as u64);
    let ask = |case: &Case| {
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
        bar.one_more();
        Ok(outcome)
    };
    cases.par_iter().map(ask).collect()
}

/// What stands below the table of several cases.
fn footer(outcomes: &[Outcome], codes_without_case: &[&str]) -> String {
    let mut lines: Vec<String> = report::slowest(outcomes).into_iter().collect();
    if !codes_without_case.is_empty() {
        lines.push(format!("no case expects: {}", codes_without_case.join(", ")));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}
