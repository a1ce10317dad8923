//! `manual`: man pages and completions, from the definition of the command line itself.

use super::output;
use anyhow::Context;
use clap_complete::Shell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The shells whose completions are written.
const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Fish, Shell::Zsh];

/// Arguments of `manual`.
#[derive(Debug, Clone, clap::Args)]
pub struct ManualArgs {
    /// The folder that they are written to; it is made where it is not there
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// Writes `man1` and `completions` into the folder.
///
/// # Errors
///
/// When a file cannot be written.
pub fn run(args: &ManualArgs, mut command: clap::Command) -> anyhow::Result<ExitCode> {
    let (pages, completions) = (args.folder.join("man1"), args.folder.join("completions"));
    write(&mut command, &pages, &completions)
        .with_context(|| format!("{} cannot be written", args.folder.display()))?;
    output::say(&format!("{} and {}\n", pages.display(), completions.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn write(command: &mut clap::Command, pages: &Path, completions: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(pages)?;
    std::fs::create_dir_all(completions)?;
    let name = command.get_name().to_owned();
    for shell in SHELLS {
        clap_complete::generate_to(shell, command, &name, completions)?;
    }
    clap_mangen::generate_to(command.clone(), pages)
}
