//! `serve`: the service, in sandbox mode.
//!
//! Absent in this version: configured mode. Without it there are no tokens, so only this machine is served.

use crate::clock::Clock;
use crate::domain::Site;
use crate::fhir::ValueSets;
use crate::services::Services;
use crate::telemetry;
use crate::web::{Application, Settings};
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Arguments of `serve`.
#[derive(Debug, Clone, clap::Args)]
pub struct ServeArgs {
    /// Configuration file (not in this version)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address to listen on; without a configuration a loopback address. Port 0 takes any free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Freezes the clock at this moment, for trials
    #[arg(long, value_name = "RFC3339", value_parser = super::parse_time)]
    pub now: Option<DateTime<Utc>>,
}

/// Serves until it is told to stop.
///
/// # Errors
///
/// When the arguments ask for something that is not offered, or the address cannot be bound.
pub fn run(args: ServeArgs) -> anyhow::Result<()> {
    if args.config.is_some() {
        bail!("--config is not offered in this version; leave it out to serve this machine in sandbox mode");
    }
    if !args.listen.ip().is_loopback() {
        bail!(
            "without --config only a loopback address is served, such as 127.0.0.1:{}; {} is not one",
            args.listen.port(),
            args.listen.ip()
        );
    }
    telemetry::init();
    let value_sets = ValueSets::built_in().context("the built-in value sets cannot be read")?;
    let services = Services::new(value_sets, Site::default())?;
    let clock = args.now.map_or(Clock::System, Clock::Frozen);
    actix_web::rt::System::new().block_on(async move {
        let application = Application::build(&Settings::sandbox(args.listen), services, clock)
            .with_context(|| format!("cannot listen on {}", args.listen))?;
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "listening on http://{}", application.address())?;
        stdout.flush()?;
        drop(stdout);
        application.run().await.context("the server stopped")
    })
}
