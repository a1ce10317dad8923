//! `backup`: a copy of the database file, while the service may be running.

use super::check_config::load;
use super::output;
use crate::config;
use crate::store::Store;
use anyhow::{Context, bail};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `backup`.
#[derive(Debug, Clone, clap::Args)]
pub struct BackupArgs {
    /// The configuration that names the store; without it the sandbox file in the current folder
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the copy is written; nothing may be there
    #[arg(value_name = "COPY")]
    pub to: PathBuf,
}

/// Writes the copy.
///
/// # Errors
///
/// When the configuration or the store cannot be used, or the store is a PostgreSQL server.
pub fn run(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let settings = match &args.config {
        Some(file) => load(file)?.store,
        None => config::Store::sandbox(),
    };
    let store = Store::new(&settings, &[])?.that_exists();
    let is_done = actix_web::rt::System::new()
        .block_on(store.back_up(&args.to))
        .with_context(|| format!("{} could not be written", args.to.display()))?;
    if !is_done {
        bail!("the store is a PostgreSQL server: back it up with pg_dump");
    }
    output::say(&format!(
        "{} holds the feedback, the counters and the keys of card ids\n",
        args.to.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
