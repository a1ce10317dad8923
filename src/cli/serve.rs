//! `serve`: the service, in sandbox mode or as a configuration says.
//!
//! The sandbox has no tokens, so it serves this machine alone.

use super::{check_config, output};
use crate::clock::Clock;
use crate::config::Config;
use crate::fhir::ValueSets;
use crate::services::Services;
use crate::telemetry::{self, Format};
use crate::web::Application;
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Arguments of `serve`.
#[derive(Debug, Clone, clap::Args)]
pub struct ServeArgs {
    /// Configuration file; without it the sandbox: loopback only, no tokens
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address to listen on, instead of the configured one; in the sandbox a loopback address, 127.0.0.1:8080 by
    /// default. Port 0 takes any free port
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Freezes the clock of the sandbox at this moment, for trials
    #[arg(long, value_name = "RFC3339", value_parser = super::parse_time)]
    pub now: Option<DateTime<Utc>>,
    /// Shows the worklists of this folder at /worklist; for the sandbox
    #[arg(long, value_name = "FOLDER", conflicts_with = "config")]
    pub worklist: Option<PathBuf>,
}

/// Serves until it is told to stop.
///
/// # Errors
///
/// When the arguments ask for something that is not offered, or the address cannot be bound.
pub fn run(args: ServeArgs) -> anyhow::Result<()> {
    let (mut config, clock) = match &args.config {
        None => sandbox(args.listen, args.now)?,
        Some(file) => configured(file, &args)?,
    };
    config.bench.worklist = args.worklist;
    serve(config, clock)
}

/// Serves as this configuration says until it is told to stop.
pub(super) fn serve(config: Config, clock: Clock) -> anyhow::Result<()> {
    let services = services(&config)?;
    telemetry::init(if config.deployment().is_some() { Format::Json } else { Format::Text });
    let clients = config.deployment().map(|deployment| &*deployment.clients).unwrap_or_default();
    for line in clients.iter().filter_map(check_config::not_offered) {
        tracing::info!(why = line, "an EHR does not offer all that is asked for");
    }
    if config.shadow.enabled {
        tracing::warn!("shadow mode: no card is shown to anybody");
    }
    actix_web::rt::System::new().block_on(async move {
        let application = Application::build(&config, services, clock)?;
        let listening = format!("listening on {}\n", application.url());
        let running = actix_web::rt::spawn(application.run());
        // Whoever reads the line may stop the service at once: by then it must listen to signals.
        tokio::task::yield_now().await;
        output::say(&listening)?;
        running.await.context("the server broke off")?.context("the server stopped")
    })
}

/// A sandbox at this address and with this clock.
pub(super) fn sandbox(
    listen: Option<SocketAddr>,
    now: Option<DateTime<Utc>>,
) -> anyhow::Result<(Config, Clock)> {
    let sandbox = Config::sandbox();
    let config = Config { listen: listen.unwrap_or(sandbox.listen), ..sandbox };
    if !config.listen.ip().is_loopback() {
        bail!(
            "without --config only a loopback address is served, such as 127.0.0.1:{}; {} is not one",
            config.listen.port(),
            config.listen.ip()
        );
    }
    Ok((config, now.map_or(Clock::System, Clock::Frozen)))
}

fn configured(file: &Path, args: &ServeArgs) -> anyhow::Result<(Config, Clock)> {
    if args.now.is_some() {
        bail!("--now is for the sandbox; a configured service goes by the clock of the machine");
    }
    let mut config = check_config::load(file)?;
    config.listen = args.listen.unwrap_or(config.listen);
    Ok((config, Clock::System))
}

fn services(config: &Config) -> anyhow::Result<Services> {
    let mut sets = ValueSets::built_in().context("the built-in value sets cannot be read")?;
    if let Some(folder) = &config.value_sets {
        sets.add_folder(folder)?;
    }
    let services =
        Services::new(sets, config.facility.clone())?.offering(&config.services_off, config.spec_version)?;
    Ok(match config.deployment() {
        Some(deployment) if deployment.smart.is_some() => {
            services.with_base_url(&deployment.public_base_url).with_panel(&deployment.public_base_url)
        }
        Some(deployment) => services.with_base_url(&deployment.public_base_url),
        None => services,
    })
}
