//! The fixture cases, answered by the program as a tester runs it: in process, and over HTTP at another clock.

#![cfg(test)]

#[path = "service/support/running.rs"]
mod running;

use running::Running;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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
