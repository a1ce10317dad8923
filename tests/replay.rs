//! The fixture cases, answered by the program as a tester runs it: in process, and over HTTP at another clock.

#![cfg(test)]

#[path = "service/support/running.rs"]
mod running;
#[path = "service/support/tokens.rs"]
#[allow(dead_code, reason = "only the public halves of keys are wanted here")]
mod tokens;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::KeyPair;
use running::Running;
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Four weeks and a day after the clock of most cases, at the same time of day.
const ANOTHER_CLOCK: &str = "2026-06-02T10:00:00Z";

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn replay(arguments: &[&str]) -> Output {
    program(&["replay"]).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn assert_exit(output: &Output, code: i32) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{err}{}", differences(out));
}

/// The table without the cases that are as expected.
fn differences(table: &str) -> String {
    table.lines().filter(|line| !line.ends_with("  ok")).collect::<Vec<_>>().join("\n")
}

/// A copy of a fixture case that may be changed.
fn copy_of(case: &str) -> (tempfile::TempDir, PathBuf) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures").join(case);
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let case_file = folder.path().join("case.toml");
    (folder, case_file)
}

const A_CRITICAL_CASE: &str = "mri-timing/row-1-bilateral-deficit";

fn altered() -> (tempfile::TempDir, PathBuf) {
    let (folder, case_file) = copy_of(A_CRITICAL_CASE);
    let told = std::fs::read_to_string(&case_file).unwrap();
    assert!(told.contains("indicator = \"critical\""));
    std::fs::write(&case_file, told.replace("indicator = \"critical\"", "indicator = \"warning\"")).unwrap();
    (folder, case_file)
}

#[test]
fn every_case_is_as_expected_in_process() {
    let output = replay(&[]);
    assert_exit(&output, 0);
    assert!(text(&output.stdout).lines().count() > 200, "the fixtures were not found");
}

#[test]
fn every_case_is_as_expected_over_http_at_another_clock() {
    let served = Running::at(ANOTHER_CLOCK);
    let output = replay(&["--url", &served.base, "--now", ANOTHER_CLOCK]);
    assert_exit(&output, 0);
    let out = text(&output.stdout);
    assert!(out.contains("its facility settings need a service in process"), "{out}");
    assert!(!out.contains("run it with --url"), "{out}");
}

#[test]
fn every_case_is_as_expected_when_its_dates_move() {
    assert_exit(&replay(&["--now", ANOTHER_CLOCK]), 0);
}

#[test]
fn an_altered_case_differs_in_process_and_over_http() {
    let (folder, _) = altered();
    let path = folder.path().to_str().unwrap();
    let served = Running::at(ANOTHER_CLOCK);
    for more in [vec![], vec!["--url", &*served.base, "--now", ANOTHER_CLOCK]] {
        let output = replay(&[vec![path], more].concat());
        assert_exit(&output, 1);
        let out = text(&output.stdout);
        assert!(out.contains("DIFFERS") && out.contains("1 case: 0 as expected, 1 differs"), "{out}");
        assert!(out.contains("    card 1: indicator expected warning, got critical"), "{out}");
    }
}

#[test]
fn an_update_follows_the_answer_and_keeps_the_story() {
    let (folder, case_file) = altered();
    let story = std::fs::read_to_string(&case_file).unwrap().lines().next().unwrap().to_owned();
    let path = folder.path().to_str().unwrap();
    assert_exit(&replay(&[path, "--update"]), 0);
    assert_exit(&replay(&[path]), 0);
    let told = std::fs::read_to_string(&case_file).unwrap();
    assert!(told.starts_with(&story) && told.contains("indicator = \"critical\""), "{told}");
}

/// `replay --review` of a case, answered with these lines.
fn review(path: &str, answers: &str) -> Output {
    let mut child = program(&["replay", path, "--review"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_review_changes_what_its_reader_accepts_and_nothing_else() {
    let (folder, case_file) = altered();
    let before = std::fs::read_to_string(&case_file).unwrap();
    let path = folder.path().to_str().unwrap();
    for refusal in ["no\n", "what?\nn\n", "quit\n", ""] {
        let output = review(path, refusal);
        assert_exit(&output, 1);
        let out = text(&output.stdout);
        assert!(out.contains("indicator expected warning, got critical"), "{out}");
        assert!(out.contains("    critical: "), "the answer is not shown: {out}");
        assert_eq!(std::fs::read_to_string(&case_file).unwrap(), before);
    }
    assert_exit(&review(path, "yes\n"), 0);
    assert_exit(&replay(&[path]), 0);
}

/// The names of the cases that a replay with these arguments ran.
fn names(arguments: &[&str]) -> Vec<String> {
    let output = replay(&[arguments, &["--format", "json"]].concat());
    assert_exit(&output, 0);
    let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let cases = outcome["cases"].as_array().unwrap();
    cases.iter().map(|case| case["case"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn cases_are_chosen_by_name_row_or_code() {
    let by_name = names(&["--filter", "onset-exactly-168-hours"]);
    assert_eq!(by_name, ["mri-timing/onset-exactly-168-hours"]);
    let by_row = names(&["--filter", "mri-timing/4", "--filter", "onset-exactly-168-hours"]);
    assert!(by_row.len() > 2 && by_row.contains(&by_name[0]), "{by_row:?}");
    let by_code = names(&["--filter", "vertebroplasty-consider"]);
    assert!(by_code.len() > 1, "{by_code:?}");
}

#[test]
fn shares_of_the_cases_are_all_of_them_once() {
    let all = names(&["fhir-fixtures/clock"]);
    let mut shares: Vec<String> =
        (1..=3).flat_map(|n| names(&["fhir-fixtures/clock", "--shard", &format!("{n}/3")])).collect();
    shares.sort();
    assert!(all.len() > 5, "{all:?}");
    assert_eq!(shares, all);
}

#[test]
fn what_is_slow_and_what_no_case_expects_stands_below_the_table() {
    let output = replay(&["fhir-fixtures/clock"]);
    assert_exit(&output, 0);
    let out = text(&output.stdout);
    let footer: Vec<&str> = out.lines().rev().take(2).collect();
    assert!(footer[1].starts_with("slowest: ") && footer[1].matches(" ms").count() == 3, "{out}");
    let unexpected = footer[0].strip_prefix("no case expects: ").unwrap();
    assert!(
        unexpected.contains("vertebroplasty-consider") && !unexpected.contains("mri-within-24h"),
        "{out}"
    );
    let chosen = replay(&["fhir-fixtures/clock", "--filter", "a"]);
    assert!(!text(&chosen.stdout).contains("no case expects"), "a choice leaves out what it does not choose");
}

#[test]
fn a_configured_service_is_asked_with_the_tokens_of_its_client() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let pair = |name: &str| {
        let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        std::fs::write(file(name), pair.serialize_pem()).unwrap();
        pair
    };
    let (own, _) = (pair("own.pem"), pair("foreign.pem"));
    let (x, y) = own.public_key_raw()[1..].split_at(48);
    let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
    let key = json!({"kty": "EC", "crv": "P-384", "use": "sig", "alg": "ES384", "kid": "k", "x": x, "y": y});
    std::fs::write(file("jwks.json"), tokens::set_of(&[key])).unwrap();
    std::fs::write(
        file("config.toml"),
        "listen = \"127.0.0.1:0\"\npublic_base_url = \"https://cds.example.org\"\nbehind_proxy = true\n\
         [[clients]]\nname = \"general-hospital\"\nissuer = \"https://ehr.example.org\"\njwks_file = \"jwks.json\"\n\
         [facility]\nsbrt_available = true\ntime_zone = \"UTC\"\n",
    )
    .unwrap();
    let served = Running::with(folder, &["--config", "config.toml"]);
    let ask = |key: &str, issuer: &str| {
        let key = served.folder().join(key);
        replay(&[
            "--filter",
            "mri-timing/row-",
            "--url",
            &served.base,
            "--client-key",
            key.to_str().unwrap(),
            "--key-id",
            "k",
            "--issuer",
            issuer,
            "--audience",
            "https://cds.example.org/",
        ])
    };
    let output = ask("own.pem", "https://ehr.example.org");
    assert_exit(&output, 0);
    assert!(!text(&output.stdout).contains("0 as expected"), "{}", text(&output.stdout));
    for wrong in [ask("foreign.pem", "https://ehr.example.org"), ask("own.pem", "https://else.example.org")] {
        assert_exit(&wrong, 1);
        assert!(text(&wrong.stdout).contains("status: expected 200, got 401"), "{}", text(&wrong.stdout));
    }
    assert_exit(&ask("jwks.json", "https://ehr.example.org"), 2);
}

#[test]
fn a_build_server_and_a_program_can_read_the_outcome() {
    let (folder, _) = altered();
    let junit = folder.path().join("junit.xml");
    let output =
        replay(&[folder.path().to_str().unwrap(), "--junit", junit.to_str().unwrap(), "--format", "json"]);
    assert_exit(&output, 1);
    let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome["differ"], 1);
    let xml = std::fs::read_to_string(junit).unwrap();
    assert!(xml.contains("failures=\"1\"") && xml.contains("indicator expected"), "{xml}");
}

#[test]
fn what_cannot_be_run_is_one_line_and_exit_2() {
    let (folder, case_file) = copy_of(A_CRITICAL_CASE);
    let path = folder.path().to_str().unwrap();
    for arguments in [
        vec!["no/such/folder"],
        vec!["src"],
        vec!["--colour"],
        vec!["--now", "yesterday"],
        vec![path, "--url", "http://127.0.0.1:1"],
        vec![path, "--update", "--now", ANOTHER_CLOCK],
        vec![path, "--review", "--update"],
        vec![path, "--filter", "no-such-case"],
        vec![path, "--shard", "3/2"],
        vec![path, "--client-key", "Cargo.toml"],
    ] {
        let output = replay(&arguments);
        assert_exit(&output, 2);
        assert_eq!(text(&output.stderr).lines().count(), 1, "{}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    std::fs::write(&case_file, "story = \"S.\"\nindicatr = 1\n").unwrap();
    let output = replay(&[path]);
    assert_exit(&output, 2);
    assert!(text(&output.stderr).contains("indicatr"), "{}", text(&output.stderr));
}
