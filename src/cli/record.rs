//! `record`: the sandbox, whose calls are kept as cases without the people in them.

use super::{parse_time, serve};
use chrono::{DateTime, Utc};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What `record` takes.
#[derive(Debug, clap::Args)]
pub struct RecordArgs {
    /// Folder for the cases; what lies there stays
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Loopback address to listen on, 127.0.0.1:8080 by default. Port 0 takes any free port
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Freezes the clock at this moment
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    now: Option<DateTime<Utc>>,
}

/// Serves and records until it is told to stop.
///
/// # Errors
///
/// When the folder cannot be used, or the address is none of this machine.
pub fn run(args: RecordArgs) -> anyhow::Result<()> {
    let (mut config, clock) = serve::sandbox(args.listen, args.now)?;
    config.bench.record = Some(args.folder);
    serve::serve(config, clock)
}
