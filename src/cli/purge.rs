//! `purge`: deletes feedback and counters that are older than a site wants to keep, while the service may be running.

use super::check_config::load;
use super::output;
use crate::clock::Clock;
use crate::config;
use crate::store::Store;
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `purge`.
#[derive(Debug, Clone, clap::Args)]
pub struct PurgeArgs {
    /// The configuration that names the store; without it the sandbox file in the current folder
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Age in days from which entries are deleted
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(..=36_500))]
    pub older_than: u32,
}

/// Deletes, and says how much.
///
/// # Errors
///
/// When the configuration or the store cannot be used. A database file that is not there is not made.
pub fn run(args: &PurgeArgs) -> anyhow::Result<ExitCode> {
    let settings = match &args.config {
        Some(file) => load(file)?.store,
        None => config::Store::sandbox(),
    };
    let before: DateTime<Utc> = Clock::System.now() - TimeDelta::days(i64::from(args.older_than));
    let store = Store::new(&settings, &[])?.that_exists();
    let purged = actix_web::rt::System::new()
        .block_on(store.purge(before))
        .context("nothing more could be deleted")?;
    let answers = match purged.answers {
        0 => String::new(),
        answers => format!(", {answers} remembered answers"),
    };
    let keys = match purged.keys {
        0 => String::new(),
        keys => format!(", {keys} replaced keys of card ids"),
    };
    output::say(&format!(
        "deleted what is older than {} days: {} entries of feedback, {} daily and {} weekly counters, {} cases{answers}{keys}\n",
        args.older_than, purged.feedback, purged.counters, purged.weekly, purged.cases
    ))?;
    Ok(ExitCode::SUCCESS)
}
