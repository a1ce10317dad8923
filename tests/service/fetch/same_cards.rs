//! The same cards whichever way the data came: every subset of the prefetch keys that hold something, with the rest
//! read from a real FHIR server.

use super::helpers::{Setup, TOKEN, cards, take_out, with_access};
use serde_json::{Value, json};
use spinal_mets_cds::cases::bundle::{CaseBundle, reference_of};
use spinal_mets_cds::cases::case::Case;
use spinal_mets_cds::cases::request::{OfferedService, build};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Cases of all three hooks, with conditions, findings, studies, treatments, orders and drugs.
const CASES: [&str; 13] = [
    "mri-timing/row-1-bilateral-deficit",
    "stability/stability-score-before-surgery-at-the-level",
    "modality/modality-1-deterioration-despite-both",
    "modality/modality-3-progression-prognosis-unknown",
    "modality/modality-5-spine-surgery-does-not-silence",
    "adjunct/adjunct-zoledronic-denosumab",
    "reading/silent-family-history",
    "order-imaging/select-adequate-mri-exists",
    "order-radiotherapy/select-rt-8gy-at-irradiated-site",
    "order-zoledronic/select-zoledronic-clearance-unknown",
    "order-imaging/sign-ct-among-other-drafts",
    "order-radiotherapy/sign-six-drafts",
    "order-radiotherapy/sign-radiotherapy-and-zoledronic",
];
/// More keys that hold something would make too many subsets.
const MOST_KEYS: usize = 9;

/// The FHIR server in `server/`; it ends with the test.
struct FhirServer {
    process: Child,
    base: String,
}

impl Drop for FhirServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl FhirServer {
    /// `None`, told on stderr, where Node or the packages of the server are not installed; `.ci/check` installs them.
    fn start() -> Option<Self> {
        let program = program("server.mjs")?;
        let started = Command::new("node")
            .arg(&program)
            .env("FHIR_TOKEN", TOKEN)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut process) = started else { return missing("node cannot be started") };
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base =
            line.trim().strip_prefix("listening on ").expect("the server tells its address").to_owned();
        Some(Self { process, base })
    }
}

/// A program of `server/`, beside the packages that it needs. `None`, told on stderr, where they are not installed.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fhir-server");
    if !folder.join("node_modules/.package-lock.json").exists() {
        return missing("its packages are not installed");
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/service/fetch/server").join(name);
    let program = folder.join(name);
    std::fs::copy(source, &program).unwrap();
    Some(program)
}

#[expect(clippy::disallowed_methods, reason = "a check that must be complete says so in its environment")]
pub(crate) fn missing<T>(why: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "the FHIR server for the tests cannot run: {why}");
    // Past the capture of test output: a skipped test must be seen.
    writeln!(std::io::stderr(), "SKIPPED: the FHIR server for the tests cannot run: {why}; see .ci/check")
        .unwrap();
    None
}

#[tokio::test]
async fn every_subset_of_the_keys_gives_the_same_cards() {
    let Some(server) = FhirServer::start() else { return };
    let http = reqwest::Client::new();
    let mut compared = 0;
    for name in CASES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures").join(name);
        let tenant = name.replace('/', "-");
        let case = Case::load(&folder, name.to_owned()).unwrap();
        let bundle = CaseBundle::load(&folder).unwrap();
        let drafts = &case.told.drafts;
        let stored: Vec<Value> = bundle
            .resources()
            .iter()
            .filter(|resource| !drafts.contains(&reference_of(resource).unwrap()))
            .map(|resource| json!({ "resource": resource }))
            .collect();
        let loaded = http
            .put(format!("{}/{tenant}", server.base))
            .bearer_auth(TOKEN)
            .body(json!({ "entry": stored }).to_string())
            .send()
            .await
            .unwrap();
        assert!(loaded.status().is_success(), "{name}: {}", loaded.text().await.unwrap());

        let base = format!("{}/{tenant}/fhir", server.base);
        let mut setup = Setup::for_server(&base);
        setup.now = case.told.now;
        let discovery: Value = serde_json::from_slice(setup.services.discovery()).unwrap();
        let offered: Vec<OfferedService> = serde_json::from_value(discovery["services"].clone()).unwrap();
        let request = build(&case.told, bundle, &offered).unwrap();
        let call = with_access(request.body, &base);
        let expected = setup.call(&request.service, &call).await.unwrap();
        assert_eq!(expected.response.cards.len(), case.told.expect.len(), "{name}");

        let keys: Vec<&String> = call["prefetch"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, value)| value["resourceType"] != "Bundle" || value["entry"].get(0).is_some())
            .map(|(key, _)| key)
            .collect();
        assert!((2..=MOST_KEYS).contains(&keys.len()), "{name}: {} keys", keys.len());
        let mut subsets: Vec<Value> = (0..1_u32 << keys.len())
            .map(|subset| {
                let mut part = call.clone();
                for (_, key) in keys.iter().enumerate().filter(|(i, _)| subset & 1 << i != 0) {
                    take_out(&mut part, key);
                }
                part
            })
            .collect();
        let mut nothing = call.clone();
        nothing.as_object_mut().unwrap().remove("prefetch");
        subsets.push(nothing);
        for part in subsets {
            let answer = setup.call(&request.service, &part).await.unwrap();
            let sent: Vec<&String> = part["prefetch"].as_object().iter().flat_map(|it| it.keys()).collect();
            assert_eq!(cards(&answer), cards(&expected), "{name}, sent {sent:?}: {:?}", answer.outcomes);
            assert_eq!(answer.facts, expected.facts, "{name}, sent {sent:?}");
            compared += 1;
        }
    }
    assert!(compared > 500, "only {compared} compared");
}
