//! A temporary PostgreSQL of its own: made, started on a free port as a user without rights, stopped and removed.
//!
//! Where PostgreSQL is not installed a test that needs it says so and does nothing; with `CI=true` it fails instead.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use tempfile::TempDir;

/// Attempts to reach a server that is starting, a tenth of a second apart.
const ATTEMPTS: u32 = 300;

pub(crate) struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    server: Mutex<Option<Child>>,
}

static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());

/// The server that all tests of this program share while any of them runs; `None` where there is none.
pub(crate) fn shared() -> Option<Arc<Postgres>> {
    let mut shared = SHARED.lock().unwrap();
    if let Some(running) = shared.upgrade() {
        return Some(running);
    }
    let started = Arc::new(Postgres::start()?);
    *shared = Arc::downgrade(&started);
    Some(started)
}

#[expect(clippy::disallowed_methods, reason = "whether this is CI stands in the environment alone")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// The newest installed programs.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("bin/initdb").exists())
        .map(|path| (path.file_name().unwrap().to_string_lossy().parse().unwrap_or(0), path.join("bin")))
        .collect();
    found.sort();
    if let Some((_, newest)) = found.pop() {
        return Some(newest);
    }
    let told = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = PathBuf::from(String::from_utf8_lossy(&told.stdout).trim());
    folder.join("initdb").exists().then_some(folder)
}

fn is_root() -> bool {
    let told = Command::new("id").arg("-u").output().unwrap();
    told.stdout.trim_ascii() == b"0"
}

/// A program of PostgreSQL, which refuses to run as root.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Postgres {
    /// Starts a server of one's own.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(!is_ci(), "PostgreSQL is not installed; .ci/check installs it");
            // Not by a macro, whose output is shown only when a test fails.
            writeln!(std::io::stderr(), "SKIPPED: PostgreSQL is not installed; nothing was tested with it")
                .unwrap();
            return None;
        };
        let folder = tempfile::Builder::new().prefix("spinal-mets-cds-").tempdir().unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let data = folder.path().join("data");
        let mut initdb = unprivileged(&programs.join("initdb"));
        initdb
            .args(["--auth=trust", "--username=test", "--no-sync", "--encoding=UTF8", "--pgdata"])
            .arg(&data);
        run(initdb.current_dir(folder.path()));
        let postgres = Self { folder, programs, port: free_port(), server: Mutex::new(None) };
        postgres.go_on();
        Some(postgres)
    }

    /// Starts the server again on the same port.
    pub(crate) fn go_on(&self) {
        let mut command = unprivileged(&self.programs.join("postgres"));
        command.arg("-D").arg(self.folder.path().join("data"));
        command.arg("-k").arg(self.folder.path());
        command.args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
        command.current_dir(self.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        *self.server.lock().unwrap() = Some(command.spawn().unwrap());
        for _ in 0..ATTEMPTS {
            if self.psql("postgres", "SELECT 1").is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("PostgreSQL did not start");
    }

    /// Stops the server at once, as a crash would.
    pub(crate) fn stop(&self) {
        if let Some(mut server) = self.server.lock().unwrap().take() {
            run(Command::new("kill").args(["-QUIT", &server.id().to_string()]));
            server.wait().unwrap();
        }
    }

    /// What a statement answers; `None` when it fails.
    pub(crate) fn psql(&self, database: &str, statement: &str) -> Option<String> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "test", "-d", database]);
        let output = psql.args(["-A", "-t", "-c", statement]).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    /// An empty database; its URL.
    pub(crate) fn database(&self) -> String {
        let name = format!("d{}", uuid::Uuid::new_v4().simple());
        self.psql("postgres", &format!("CREATE DATABASE {name}")).unwrap();
        format!("postgres://test@127.0.0.1:{}/{name}", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}
