//! `compare`: the same build says nothing; a planted change is named with exactly its patients.

use super::layouts::{charts, flat};
use super::{NOW, text};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_spinal-mets-cds");

fn compare(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(["compare", "--now", NOW]).args(arguments).output().unwrap()
}

/// Another build: this one, with something between it and whoever reads its output.
fn other_build(folder: &Path, script: &str) -> PathBuf {
    let path = folder.join("other-build");
    fs::write(&path, format!("#!/bin/sh\n{}\n", script.replace("PROGRAM", PROGRAM))).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_planted_change_is_named_with_exactly_its_patients() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    fs::create_dir(&export).unwrap();
    flat(&charts(8), &export);
    let export = export.to_str().unwrap();

    let same = compare(&["--export", export, "--against", PROGRAM]);
    assert_eq!(same.status.code(), Some(0), "{}", text(&same.stderr));
    assert!(text(&same.stdout).ends_with("compared: other advice for 0, other words alone for 0\n"));

    // The other build does not know the row of two weeks, nor the first patient.
    let other = other_build(
        folder.path(),
        r#"PROGRAM "$@" | sed '3d; s/"mri-within-2-weeks"/"mri-some-day"/g; s/Why/Because/'"#,
    );
    let listed = Command::new(PROGRAM)
        .args(["evaluate", "--now", NOW, "--format", "ndjson", "--export", export])
        .output()
        .unwrap();
    let line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let listed: Vec<Value> = text(&listed.stdout).lines().map(line).collect();
    let mut expected: Vec<&str> = listed
        .iter()
        .filter(|it| it["code"] == "mri-within-2-weeks")
        .map(|it| it["patient"].as_str().unwrap())
        .collect();
    expected.sort_unstable();
    let changed = compare(&["--export", export, "--against", other.to_str().unwrap(), "--format", "ndjson"]);
    assert_eq!(changed.status.code(), Some(1), "{}", text(&changed.stderr));
    let told: Vec<Value> = text(&changed.stdout).lines().map(line).collect();
    let gained = |it: &&Value| {
        it["advice"]
            .as_array()
            .unwrap()
            .iter()
            .any(|a| a["code"] == "mri-within-2-weeks" && a["change"] == "gained")
    };
    let names: Vec<&str> = told.iter().filter(gained).map(|it| it["name"].as_str().unwrap()).collect();
    assert!(expected.len() > 3);
    assert_eq!(names, expected);
    // Words alone are told too, and are no other advice.
    assert!(told.iter().any(|it| it["advice"].as_array().unwrap().is_empty()));
    assert!(text(&changed.stderr).contains("no starred line"));
    // What the changelog stars may change.
    let changelog = folder.path().join("CHANGELOG.md");
    let codes: Vec<String> = told
        .iter()
        .flat_map(|it| it["advice"].as_array().unwrap().clone())
        .map(|advice| format!("`{}`", advice["code"].as_str().unwrap()))
        .collect();
    fs::write(&changelog, format!("# Changelog\n\n## Unreleased\n\n- ★ Others: {}.\n", codes.join(" ")))
        .unwrap();
    let starred = [
        "--export",
        export,
        "--against",
        other.to_str().unwrap(),
        "--changelog",
        changelog.to_str().unwrap(),
    ];
    assert_eq!(compare(&starred).status.code(), Some(0));
}

#[test]
fn a_side_that_names_many_files_does_not_wait_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    fs::create_dir(&export).unwrap();
    flat(&charts(80), &export);
    // More than a pipe holds.
    for number in 0..2_000 {
        fs::write(export.join(format!("a-file-that-nobody-knows-by-its-name-{number}.parquet")), "").unwrap();
    }
    let same = compare(&["--export", export.to_str().unwrap(), "--against", PROGRAM]);
    assert_eq!(same.status.code(), Some(0), "{}", text(&same.stderr));
}

#[test]
fn cases_are_asked_of_another_build_and_of_a_running_service() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures/mri-timing");
    let cases = cases.to_str().unwrap();
    let same = compare(&["--cases", cases, "--against", PROGRAM]);
    assert_eq!(same.status.code(), Some(0), "{}", text(&same.stdout));
    assert!(text(&same.stdout).contains("compared: other advice for 0, other words alone for 0"));
    // A build that lives a day later.
    let folder = tempfile::tempdir().unwrap();
    let other =
        other_build(folder.path(), r#"exec PROGRAM serve --listen 127.0.0.1:0 --now 2026-05-05T10:00:00Z"#);
    let changed = compare(&["--cases", cases, "--against", other.to_str().unwrap()]);
    assert_eq!(changed.status.code(), Some(1), "{}", text(&changed.stderr));
    assert!(text(&changed.stdout).contains(" instead of "), "{}", text(&changed.stdout));
}

#[test]
fn a_side_that_cannot_answer_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().to_str().unwrap();
    let broken = other_build(folder.path(), "echo 'cannot do that' >&2; exit 2");
    for (against, told) in
        [("no-such-program", "no-such-program"), (broken.to_str().unwrap(), "cannot do that")]
    {
        let output = compare(&["--export", export, "--against", against]);
        assert_eq!(output.status.code(), Some(2), "{against}");
        assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
    assert_eq!(compare(&["--against", PROGRAM]).status.code(), Some(2));
    // Programs that are no build of this one.
    for other in ["/bin/true", "/bin/cat", "/usr/bin/yes", "/bin/echo"] {
        let output = compare(&["--export", export, "--against", other]);
        assert_eq!(output.status.code(), Some(2), "{other}");
        assert!(text(&output.stderr).contains("did not answer as this program"), "{other}");
    }
    let empty = tempfile::tempdir().unwrap();
    let output = compare(&["--export", empty.path().to_str().unwrap(), "--against", PROGRAM]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("nothing was compared"), "{}", text(&output.stderr));
}
