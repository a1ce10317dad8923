//! The program: reads the command line and runs the command.

use clap::Parser;
use spinal_mets_cds::cli::serve::{self, ServeArgs};
use std::io::Write;
use std::process::ExitCode;

#[derive(Parser)]
#[command(version, about)]
enum Command {
    /// Runs the service
    Serve(ServeArgs),
}

fn main() -> ExitCode {
    let Command::Serve(args) = Command::parse();
    match serve::run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done about a stderr that is closed.
            drop(writeln!(std::io::stderr(), "error: {error:#}"));
            ExitCode::from(2)
        }
    }
}
