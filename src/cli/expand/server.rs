//! A FHIR terminology server: `ValueSet/$expand` of the implicit value set of a concept and all below it, page by page.

use super::Hierarchy;
use crate::outbound::install_crypto;
use anyhow::{Context, bail};
use reqwest::blocking::Client;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::time::Duration;

/// How many codes are asked for at once.
const PAGE: usize = 1_000;
/// More pages than the largest hierarchy has.
const MOST_PAGES: usize = 1_000;
/// How long one page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(120);
const SNOMED: &str = "http://snomed.info/sct";

/// A server.
#[derive(Debug)]
pub(super) struct Server {
    base: String,
    client: Client,
    date: String,
}

#[derive(Deserialize)]
struct Answer {
    expansion: Option<Expansion>,
}

#[derive(Deserialize)]
struct Expansion {
    timestamp: Option<String>,
    total: Option<usize>,
    #[serde(default)]
    contains: Vec<Contained>,
}

#[derive(Deserialize)]
struct Contained {
    system: Option<String>,
    code: Option<String>,
    #[serde(default)]
    contains: Vec<Contained>,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    issue: Vec<Issue>,
}

#[derive(Deserialize)]
struct Issue {
    diagnostics: Option<String>,
}

impl Server {
    /// A server that has not been asked yet.
    pub(super) fn new(base: &str) -> anyhow::Result<Self> {
        install_crypto();
        let client = Client::builder().timeout(PAGE_TIMEOUT).build().context("no HTTP client can be made")?;
        Ok(Self { base: base.trim_end_matches('/').to_owned(), client, date: String::new() })
    }

    fn page(&self, root: u64, offset: usize) -> anyhow::Result<Expansion> {
        let url = format!("{}/ValueSet/$expand", self.base);
        let query = [
            ("url", format!("{SNOMED}?fhir_vs=isa/{root}")),
            ("count", PAGE.to_string()),
            ("offset", offset.to_string()),
        ];
        let mut asked = reqwest::Url::parse(&url).with_context(|| format!("`{url}` is no URL"))?;
        asked.query_pairs_mut().extend_pairs(query);
        let request = self.client.get(asked).header("Accept", "application/fhir+json");
        let response = request.send().with_context(|| format!("`{url}` cannot be asked"))?;
        let status = response.status();
        let body = response.bytes().with_context(|| format!("the answer of `{url}` cannot be read"))?;
        if !status.is_success() {
            let outcome: Option<Outcome> = serde_json::from_slice(&body).ok();
            let why =
                outcome.and_then(|outcome| outcome.issue.into_iter().find_map(|issue| issue.diagnostics));
            bail!(
                "`{url}` answers {status} for {root}: {}",
                why.unwrap_or_else(|| "no reason given".to_owned())
            );
        }
        let answer: Answer =
            serde_json::from_slice(&body).with_context(|| format!("the answer of `{url}` is no ValueSet"))?;
        answer.expansion.with_context(|| format!("the answer of `{url}` for {root} has no expansion"))
    }
}

impl Hierarchy for Server {
    fn date(&self) -> &str {
        &self.date
    }

    fn with_descendants(&mut self, root: u64) -> anyhow::Result<BTreeSet<u64>> {
        let (mut found, mut offset) = (BTreeSet::new(), 0);
        for _ in 0..MOST_PAGES {
            let page = self.page(root, offset)?;
            if let Some(date) = page.timestamp.as_deref().and_then(|time| time.get(..10)) {
                date.clone_into(&mut self.date);
            }
            let before = found.len();
            let count = page.contains.len();
            collect(&page.contains, &mut found)?;
            offset += count;
            if page.total.is_some_and(|total| found.len() < total) && found.len() == before && before > 0 {
                let total = page.total.unwrap_or_default();
                bail!("the server says that {root} has {total} codes, and sends no new ones after {before}");
            }
            let complete = page.total.map_or(count < PAGE, |total| found.len() >= total || count == 0);
            if complete {
                if found.is_empty() {
                    bail!("the server knows nothing below {root}");
                }
                return Ok(found);
            }
        }
        bail!("the expansion of {root} has no end")
    }
}

fn collect(contained: &[Contained], found: &mut BTreeSet<u64>) -> anyhow::Result<()> {
    for entry in contained {
        if entry.system.as_deref().is_some_and(|system| system != SNOMED) {
            bail!("the expansion holds a code of another system");
        }
        if let Some(code) = &entry.code {
            found.insert(code.parse().with_context(|| format!("`{code}` is no SNOMED CT id"))?);
        }
        collect(&entry.contains, found)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread;

    /// A server that answers each request in turn with a status and a body, and gives back what it was asked.
    fn stub(answers: Vec<(u16, String)>) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/fhir", listener.local_addr().unwrap());
        let served = thread::spawn(move || {
            let mut asked = Vec::new();
            for (status, body) in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                asked.push(line);
                let mut header = String::new();
                while reader.read_line(&mut header).unwrap() > 2 {
                    header.clear();
                }
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
                stream.write_all((head + &body).as_bytes()).unwrap();
            }
            asked
        });
        (base, served)
    }

    fn page(total: usize, codes: std::ops::Range<u64>) -> (u16, String) {
        let contains: Vec<_> =
            codes.map(|code| serde_json::json!({ "system": SNOMED, "code": code.to_string() })).collect();
        let expansion =
            serde_json::json!({ "timestamp": "2026-02-03T04:05:06Z", "total": total, "contains": contains });
        (200, serde_json::json!({ "resourceType": "ValueSet", "expansion": expansion }).to_string())
    }

    #[test]
    fn pages_are_asked_for_until_all_codes_are_there() {
        let (base, served) =
            stub(vec![page(2_500, 1..1_001), page(2_500, 1_001..2_001), page(2_500, 2_001..2_501)]);
        let mut server = Server::new(&base).unwrap();
        assert_eq!(server.with_descendants(7).unwrap().len(), 2_500);
        assert_eq!(server.date(), "2026-02-03");
        let asked = served.join().unwrap();
        assert!(asked[0].contains("isa%2F7") && asked[0].contains("offset=0"), "{asked:?}");
        assert!(asked[2].contains("offset=2000"), "{asked:?}");
    }

    #[test]
    fn what_a_server_gets_wrong_is_told() {
        let refused = r#"{"resourceType":"OperationOutcome","issue":[{"diagnostics":"unknown concept"}]}"#;
        let foreign = r#"{"expansion":{"contains":[{"system":"s","code":"1"}]}}"#;
        for (answers, expected) in [
            (vec![(404, refused.to_owned())], "unknown concept"),
            (vec![(500, "oops".to_owned())], "no reason given"),
            (vec![(200, "oops".to_owned())], "no ValueSet"),
            (vec![(200, "{}".to_owned())], "no expansion"),
            (vec![(200, foreign.to_owned())], "another system"),
            (vec![page(0, 1..1)], "knows nothing"),
            (vec![page(2_000, 1..1_001), page(2_000, 1..1_001)], "no new ones"),
        ] {
            let (base, served) = stub(answers);
            let error = format!("{:#}", Server::new(&base).unwrap().with_descendants(7).unwrap_err());
            assert!(error.contains(expected), "{expected}: {error}");
            served.join().unwrap();
        }
    }
}
