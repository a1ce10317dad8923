//! The command line: what each subcommand takes, and how a run ends.
//!
//! Exit codes: 0 done, 1 a case differs, a document breaks a rule, or a file of an export that may be data was left out,
//! 2 wrong usage or input that cannot be read. Every failure is one line on stderr; a configuration tells all its faults, a
//! line each.

pub mod backup;
mod bar;
pub mod check_config;
pub mod check_health;
pub mod check_response;
pub mod compare;
pub mod coverage;
pub mod evaluate;
pub mod expand;
pub mod guideline;
pub mod manual;
pub mod output;
pub mod purge;
pub mod record;
pub mod replay;
pub mod rotate_card_key;
pub mod serve;
pub mod synthesize;

use crate::config::Faults;
use chrono::{DateTime, Utc};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

/// A case differs, a document breaks a rule, or something that may be data was left out.
pub const EXIT_DIFFERS: u8 = 1;
/// Wrong usage, or input that cannot be read.
pub const EXIT_BAD_INPUT: u8 = 2;

/// Guideline cards for spinal metastases: the CDS Hooks service and its tools.
#[derive(Debug, Parser)]
#[command(name = "spinal-mets-cds", version = crate::version::line(), about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service.
    Serve(serve::ServeArgs),
    /// Run the sandbox and keep its calls as cases, without the people in them.
    Record(record::RecordArgs),
    /// Run cases and compare their answers with what they expect.
    Replay(replay::ReplayArgs),
    /// Show what the guideline says about the patients in files.
    Evaluate(evaluate::EvaluateArgs),
    /// Say which patients get other cards from another build or service.
    Compare(compare::CompareArgs),
    /// Print the rules, or explain a recommendation code.
    Guideline(guideline::GuidelineArgs),
    /// Say everything that is wrong with a configuration.
    CheckConfig(check_config::CheckConfigArgs),
    /// Say whether the service of a configuration answers on this machine.
    CheckHealth(check_health::CheckHealthArgs),
    /// Hold discovery, answers and feedback of any CDS Hooks service against the specification.
    CheckResponse(check_response::CheckResponseArgs),
    /// List the codes of files that made no fact because they are not known.
    Coverage(coverage::CoverageArgs),
    /// Make patients up, with the answers that their stories ask for.
    Synthesize(synthesize::SynthesizeArgs),
    /// Write value sets out that are defined by hierarchies of SNOMED CT.
    Expand(expand::ExpandArgs),
    /// Delete old feedback.
    Purge(purge::PurgeArgs),
    /// Copy the database file while the service runs.
    Backup(backup::BackupArgs),
    /// Make a new key of card ids; those of the older ones are still read.
    RotateCardKey(rotate_card_key::RotateCardKeyArgs),
    /// Write man pages and shell completions into a folder.
    Manual(manual::ManualArgs),
}

/// Runs the program with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return explain_usage(&error),
    };
    let ended = match cli.command {
        Command::Serve(args) => serve::run(args).map(|()| ExitCode::SUCCESS),
        Command::Record(args) => record::run(args).map(|()| ExitCode::SUCCESS),
        Command::Replay(args) => replay::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Guideline(args) => guideline::run(&args),
        Command::CheckConfig(args) => check_config::run(&args),
        Command::CheckHealth(args) => check_health::run(&args),
        Command::CheckResponse(args) => check_response::run(&args),
        Command::Coverage(args) => coverage::run(&args),
        Command::Synthesize(args) => synthesize::run(&args),
        Command::Expand(args) => expand::run(&args),
        Command::Purge(args) => purge::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Manual(args) => manual::run(&args, Cli::command()),
        Command::RotateCardKey(args) => rotate_card_key::run(&args),
    };
    ended.unwrap_or_else(|error| {
        match error.downcast_ref::<Faults>() {
            Some(faults) => faults.lines().for_each(|line| output::complain(&line)),
            None => output::complain(&format!("{error:#}")),
        }
        ExitCode::from(EXIT_BAD_INPUT)
    })
}

/// Help goes to stdout as it is; a mistake becomes one line.
fn explain_usage(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return match output::say(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(EXIT_BAD_INPUT),
        };
    }
    let what: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let what = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a subcommand is missing".to_owned(),
        _ => what.join(" ").trim_start_matches("error: ").to_owned(),
    };
    output::complain(&format!("{what} (see --help)"));
    ExitCode::from(EXIT_BAD_INPUT)
}

/// A time on the command line.
fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.with_timezone(&Utc))
        .map_err(|_| "not a time with an offset such as 2026-05-04T10:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_time_needs_its_offset() {
        assert!(parse_time("2026-05-04T10:00:00+02:00").is_ok());
        assert!(parse_time("2026-05-04T10:00:00").is_err());
    }
}
