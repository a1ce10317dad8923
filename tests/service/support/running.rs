//! The service as a process of its own, for what drives it from outside.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The running service in a folder of its own; it ends with the test.
pub(crate) struct Running {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    /// Of its database.
    folder: tempfile::TempDir,
}

impl Running {
    /// Starts it as a sandbox at this clock.
    pub(crate) fn at(now: &str) -> Self {
        Self::with(tempfile::tempdir().unwrap(), &["--now", now])
    }

    /// Starts it in this folder, with these further arguments.
    pub(crate) fn with(folder: tempfile::TempDir, arguments: &[&str]) -> Self {
        Self::command(folder, "serve", arguments)
    }

    /// Starts a command that serves.
    pub(crate) fn command(folder: tempfile::TempDir, name: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
            .args([name, "--listen", "127.0.0.1:0"])
            .args(arguments)
            .current_dir(folder.path())
            .env("RUST_LOG", "off")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base =
            line.trim().strip_prefix("listening on ").expect("the first line names the address").to_owned();
        Self { child, base, folder }
    }

    /// Where it runs.
    #[allow(dead_code, reason = "most tests look at its answers alone")]
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
