//! `check-response`: holds discovery, answers and feedback of any service against the rows of the requirement list.
//!
//! Each document is judged by itself: a file, a line of NDJSON, what stands at a URL. Deliberately absent: the rules
//! ([`crate::check`]).

use super::evaluate::input::{self, Step};
use super::{EXIT_BAD_INPUT, EXIT_DIFFERS, output};
use crate::check::{Asked, Finding, Findings, Kind, Report, Severity, check, check_transport};
use crate::config::Limits;
use crate::outbound::{Budget, Outbound};
use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use url::{Host, Url};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What `check-response` takes.
#[derive(Debug, Args)]
pub struct CheckResponseArgs {
    /// JSON files, NDJSON, folders of these, or URLs of discovery.
    #[arg(required = true, value_name = "PATH_OR_URL")]
    sources: Vec<String>,
    /// What the documents are; told from each by default.
    #[arg(long, value_enum)]
    kind: Option<KindArg>,
    /// The hook request that the answers answer: then their actions are held against it.
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// How the findings are shown.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// What is only advised counts too.
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindArg {
    Discovery,
    Answer,
    Feedback,
}

impl From<KindArg> for Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Discovery => Self::Discovery,
            KindArg::Answer => Self::Answer,
            KindArg::Feedback => Self::Feedback,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A line a finding: how binding, row, place, what is wrong, what to do.
    Text,
    /// An object a document.
    Json,
}

/// The run so far.
struct Run<'a> {
    args: &'a CheckResponseArgs,
    asked: Option<Asked>,
    /// The reports of `--format json`, which are one array.
    reports: Vec<Value>,
    has_findings: bool,
    errors: Vec<String>,
}

/// Checks the documents.
///
/// # Errors
///
/// When the request cannot be read, or nothing can be written.
pub fn run(args: &CheckResponseArgs) -> anyhow::Result<ExitCode> {
    let asked = args.request.as_ref().map(|file| {
        let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        Asked::read(&bytes).with_context(|| format!("{} cannot be used", file.display()))
    });
    let asked = asked.transpose()?;
    let mut run = Run { args, asked, reports: Vec::new(), has_findings: false, errors: Vec::new() };
    let is_url = |it: &&String| it.starts_with("http://") || it.starts_with("https://");
    let (urls, paths): (Vec<&String>, Vec<&String>) = args.sources.iter().partition(is_url);
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    input::walk(&paths, &mut |step| match step {
        Step::Document { source, bytes } => run.document(&source, &bytes, |_| {}),
        Step::Error(error) => {
            run.errors.push(error);
            Ok(())
        }
        Step::Together(_) => Ok(()),
    })?;
    for url in urls {
        run.url(url)?;
    }
    if matches!(args.format, Format::Json) {
        output::say(&format!("{:#}\n", Value::from(run.reports)))?;
    }
    run.errors.iter().for_each(|error| output::complain(error));
    Ok(match (run.errors.is_empty(), run.has_findings) {
        (false, _) => ExitCode::from(EXIT_BAD_INPUT),
        (true, true) => ExitCode::from(EXIT_DIFFERS),
        (true, false) => ExitCode::SUCCESS,
    })
}

impl Run<'_> {
    fn document(
        &mut self,
        source: &str,
        bytes: &[u8],
        more: impl FnOnce(&mut Findings),
    ) -> std::io::Result<()> {
        let mut report = match check(bytes, self.args.kind.map(Kind::from), self.asked.as_ref()) {
            Ok(report) => report,
            Err(unknown) => {
                self.errors.push(format!("{source}: {unknown}"));
                return Ok(());
            }
        };
        more(&mut report.findings);
        let count = |severity| report.findings.count(severity);
        self.has_findings |= count(Severity::Must) > 0 || self.args.strict && count(Severity::Should) > 0;
        match self.args.format {
            Format::Text => output::say(&text(source, &report)),
            Format::Json => {
                self.reports.push(object(source, &report));
                Ok(())
            }
        }
    }

    fn url(&mut self, written: &str) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        match Url::parse(written).map_err(|error| anyhow!(error)).and_then(|url| {
            let fetched = runtime.block_on(fetch(&url))?;
            Ok((url, fetched))
        }) {
            Ok((url, (media_type, body))) => {
                let is_open = url.scheme() == "http" && !is_loopback(&url);
                self.document(written, &body, |findings| {
                    check_transport(media_type.as_deref(), is_open, findings);
                })?;
            }
            Err(error) => self.errors.push(format!("{written}: {error}")),
        }
        Ok(())
    }
}

/// The media type and the body of what stands at a URL. The tester names it, so it may be anywhere.
async fn fetch(url: &Url) -> anyhow::Result<(Option<String>, Vec<u8>)> {
    let budget = Budget { bytes: Limits::default().request_bytes, time: TIMEOUT };
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    let fetched = Outbound::new(true)?.get(url, headers, budget).await?;
    let media_type =
        fetched.headers.get(CONTENT_TYPE).map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
    Ok((media_type, fetched.body.unwrap_or_default()))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A document in lines; what could steer a terminal is a space.
fn text(source: &str, report: &Report) -> String {
    let kind = report.kind.map_or("not JSON", Kind::as_str);
    let mut text = format!("{source} ({kind}): {}\n", summary(&report.findings));
    for Finding { rule, place, problem } in report.findings.told() {
        let place = if place.is_empty() { "the top" } else { place };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {:<6}  {:<6}  {}: {}. {}",
            rule.severity(),
            rule.row(),
            place.replace(char::is_control, " "),
            problem.replace(char::is_control, " "),
            rule.remedy()
        );
    }
    if report.findings.untold() > 0 {
        let _ = writeln!(text, "  and {} more", report.findings.untold());
    }
    text
}

fn summary(findings: &Findings) -> String {
    let count = |severity, one: &str, more: &str| match findings.count(severity) {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {more}")),
    };
    let must = count(Severity::Must, "fault", "faults");
    let should = count(Severity::Should, "piece of advice", "pieces of advice");
    let told: Vec<String> = must.into_iter().chain(should).collect();
    if told.is_empty() { "no findings".to_owned() } else { told.join(", ") }
}

fn object(source: &str, report: &Report) -> Value {
    let finding = |it: &Finding| {
        json!({
            "severity": it.rule.severity().as_str(),
            "row": it.rule.row(),
            "place": it.place,
            "problem": it.problem,
            "remedy": it.rule.remedy(),
        })
    };
    json!({
        "source": source,
        "kind": report.kind.map(Kind::as_str),
        "must": report.findings.count(Severity::Must),
        "should": report.findings.count(Severity::Should),
        "findings": report.findings.told().iter().map(finding).collect::<Vec<_>>(),
    })
}
