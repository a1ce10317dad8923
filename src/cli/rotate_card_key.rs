//! `rotate-card-key`: a new key of card ids, beside those whose ids are still read.

use super::check_config::load;
use super::output;
use crate::clock::Clock;
use crate::config;
use crate::store::Store;
use anyhow::{Context, bail};
use chrono::SecondsFormat;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `rotate-card-key`.
#[derive(Debug, Clone, clap::Args)]
pub struct RotateCardKeyArgs {
    /// The configuration that names the store; without it the sandbox file in the current folder
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// After a key came to be known: the new one makes ids now, and feedback on cards of the older ones is not taken
    #[arg(long)]
    pub at_once: bool,
}

/// Puts a new key into the store, and says from when on it makes ids.
///
/// # Errors
///
/// When the configuration or the store cannot be used, or the keys stand in a file of the site.
pub fn run(args: &RotateCardKeyArgs) -> anyhow::Result<ExitCode> {
    let settings = match &args.config {
        Some(file) => load(file)?.store,
        None => config::Store::sandbox(),
    };
    if let Some(file) = &settings.card_id_key {
        bail!("the keys of card ids stand in {}, a line each: change them there", file.display());
    }
    let store = Store::new(&settings, &[])?.that_exists();
    let rotated = actix_web::rt::System::new()
        .block_on(store.rotate_id_key(Clock::System.now(), args.at_once))
        .context("the key was not changed")?;
    output::say(&format!(
        "the new key makes ids of cards from {} on; ids of {} older keys are read\n",
        rotated.from.to_rfc3339_opts(SecondsFormat::Secs, true),
        rotated.older
    ))?;
    Ok(ExitCode::SUCCESS)
}
