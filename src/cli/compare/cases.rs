//! Cases are asked of both sides at the same clock.

use super::Report;
use crate::cases::compare::{Reply, cards};
use crate::cases::find::find;
use crate::cases::run::{Outcome, ServiceClock, Verdict, run};
use crate::cases::target::{HttpTarget, InProcessTarget};
use crate::cli::output;
use crate::domain::Site;
use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Compares every case.
pub(super) fn compare(
    paths: &[PathBuf],
    against: &str,
    now: DateTime<Utc>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let found = find(paths);
    if let Some(error) = found.errors.first() {
        bail!("{error}");
    }
    let (_running, base) = if against.starts_with("http://") || against.starts_with("https://") {
        (None, against.to_owned())
    } else {
        let (running, base) = Sandbox::start(against, now)?;
        (Some(running), base)
    };
    let old = HttpTarget::connect(&base).map_err(|why| anyhow!(why))?;
    let new = InProcessTarget::new(Site::default()).map_err(|why| anyhow!(why))?;
    let clock = ServiceClock::Frozen(now);
    let mut left_out = 0;
    for case in &found.cases {
        let (before, after) = (run(case, &old, clock), run(case, &new, clock));
        match (answer(&before)?, answer(&after)?) {
            (Some(a), Some(b)) => match (cards(&a.body), cards(&b.body)) {
                (Some(old), Some(new)) => report.compare(&case.name, old, new)?,
                // Both refuse: the words of a refusal are no advice.
                (None, None) if a.status == b.status => report.compare(&case.name, &[], &[])?,
                _ => report.refused(&case.name, &said(a), &said(b))?,
            },
            _ => left_out += 1,
        }
    }
    if left_out > 0 {
        output::complain(&format!(
            "{left_out} cases need a facility of their own, or the HTTP layer: not compared"
        ));
    }
    Ok(())
}

/// The answer; `None` for a case that one of the sides cannot be asked.
fn answer(outcome: &Outcome) -> anyhow::Result<Option<&Reply>> {
    match &outcome.verdict {
        Verdict::Broken(why) => bail!("{}: {why}", outcome.name),
        Verdict::Skipped(_) => Ok(None),
        Verdict::AsExpected | Verdict::Differs(_) => Ok(outcome.reply.as_ref()),
    }
}

fn said(reply: &Reply) -> String {
    match cards(&reply.body) {
        Some(cards) => format!("{} cards", cards.len()),
        None => format!("refused with {}", reply.status),
    }
}

/// Another build as a sandbox of its own; it ends when this is dropped.
struct Sandbox {
    child: Child,
    /// Where it keeps what it stores; nobody gives feedback here.
    _folder: TempDir,
}

impl Sandbox {
    fn start(program: &str, now: DateTime<Utc>) -> anyhow::Result<(Self, String)> {
        let named = || program.to_owned();
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let program = std::fs::canonicalize(program).with_context(named)?;
        let mut child = Command::new(&program)
            .args(["serve", "--listen", "127.0.0.1:0", "--now", &now.to_rfc3339()])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(named)?;
        let stdout = child.stdout.take();
        let sandbox = Self { child, _folder: folder };
        let mut line = String::new();
        BufReader::new(stdout.ok_or_else(|| anyhow!("no output"))?)
            .read_line(&mut line)
            .with_context(named)?;
        match line.trim().strip_prefix("listening on ") {
            Some(base) => Ok((sandbox, base.to_owned())),
            None => bail!("{}: did not start as a sandbox", program.display()),
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
