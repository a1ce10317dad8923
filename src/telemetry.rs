//! Log lines, on stderr, because stdout belongs to the answer of a command.
//!
//! The level is fixed: at a finer one the libraries below would write headers and tokens. A panic is logged by its
//! place alone, since its message may quote what was being read.

use tracing_subscriber::EnvFilter;

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// Sends log lines to stderr from now on. A second call changes nothing.
pub fn init(format: Format) {
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("warn,spinal_mets_cds=info"))
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let started = match format {
        Format::Text => lines.try_init(),
        Format::Json => lines.json().flatten_event(true).try_init(),
    };
    if started.is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "panic");
        }));
    }
}
