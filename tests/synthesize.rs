//! Made-up patients: the program answers as their stories ask, as cases and as an export, and a seed makes them again.

#![cfg(test)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const NOW: &str = "2026-05-04T10:00:00Z";

fn program(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds")).args(arguments).current_dir(folder).output().unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = program(folder, arguments);
    let out = String::from_utf8(output.stdout).unwrap();
    let differences: Vec<&str> = out.lines().filter(|line| !line.ends_with("  ok")).take(30).collect();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {err}\n{}", differences.join("\n"));
    out
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            let below = files(&entry.path()).into_iter();
            found.extend(below.map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    found
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn made_up_cases_are_answered_as_their_stories_ask() {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["synthesize", "--seed", "11", "--count", "1160", "--cases", "cases"]);
    let out = done(folder.path(), &["replay", "cases"]);
    assert!(out.contains("1160 cases: 1160 as expected"), "{out}");
    // Half of a check is that it can fail: a card too few, and one too many.
    for (story, from, to) in [
        ("000001-back-pain", "codes = [\"mri-within-2-weeks\"]", "codes = [\"mri-within-1-week\"]"),
        ("000005-cord-sign", "[[expect]]", "[[expect]]\ncodes = [\"x\"]\nindicator = \"info\"\n[[expect]]"),
    ] {
        let file = folder.path().join("cases").join(story).join("case.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        assert_eq!(program(folder.path(), &["replay", "cases", "--filter", story]).status.code(), Some(1));
    }
}

#[test]
fn a_made_up_export_is_answered_as_its_stories_ask() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--seed", "12", "--count", "580", "--export", "export", "--answers", "answers.ndjson"];
    done(folder.path(), &[&["synthesize"], &arguments[..]].concat());
    let worklist =
        done(folder.path(), &["evaluate", "--export", "export", "--format", "ndjson", "--now", NOW]);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in lines(&worklist) {
        let code = line["code"].as_str().unwrap().to_owned();
        found.entry(line["patient"].as_str().unwrap().to_owned()).or_default().insert(code);
    }
    let answers = lines(&fs::read_to_string(folder.path().join("answers.ndjson")).unwrap());
    assert_eq!(answers.len(), 580);
    for answer in answers {
        let cards = answer["cards"].as_array().unwrap().iter();
        let asked: BTreeSet<String> = cards
            .flat_map(|card| card["codes"].as_array().unwrap())
            .map(|code| code.as_str().unwrap().to_owned())
            .collect();
        let got = found.remove(answer["patient"].as_str().unwrap()).unwrap_or_default();
        assert_eq!(got, asked, "{answer}");
    }
    assert_eq!(found, BTreeMap::new(), "somebody else got a card");
}

#[test]
fn a_seed_makes_the_same_bytes_and_another_makes_others() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, seed: &str, kind: &str| {
        done(folder.path(), &["synthesize", "--seed", seed, "--count", "87", kind, name]);
        files(&folder.path().join(name))
    };
    for kind in ["--cases", "--export"] {
        let one = make(&format!("one{kind}"), "5", kind);
        assert!(one.len() > 5);
        assert_eq!(one, make(&format!("again{kind}"), "5", kind));
        assert_ne!(one, make(&format!("other{kind}"), "6", kind));
    }
}

#[test]
fn the_charts_are_as_odd_as_real_ones() {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["synthesize", "--seed", "3", "--count", "580", "--export", "export"]);
    let text = |kind: &str| {
        fs::read_to_string(folder.path().join("export").join(kind).with_extension("ndjson")).unwrap()
    };
    let conditions = lines(&text("Condition"));
    let some = |what: &str, holds: &dyn Fn(&Value) -> bool| {
        let number = conditions.iter().filter(|it| holds(it)).count();
        assert!(number > 5, "{what}: {number} of {}", conditions.len());
    };
    some("older versions", &|it| it["meta"]["versionId"] == "1");
    some("in words alone", &|it| it["code"]["coding"].is_null() && it["code"]["text"].is_string());
    some("months", &|it| it["recordedDate"].as_str().unwrap().len() == 7);
    some("of somebody else", &|it| it["subject"]["reference"].as_str().unwrap().ends_with("-relative"));
    some("without a display", &|it| it["code"]["coding"][0]["display"].is_null());
    some("with a display", &|it| it["code"]["coding"][0]["display"].is_string());
    let systems: BTreeSet<&str> =
        conditions.iter().filter_map(|it| it["code"]["coding"][0]["system"].as_str()).collect();
    assert!(systems.len() > 10, "{systems:?}");
    for kind in ["Patient", "Observation", "ImagingStudy", "ServiceRequest", "DocumentReference", "Encounter"]
    {
        assert!(!text(kind).is_empty(), "{kind}");
    }
}

#[test]
fn a_folder_in_which_something_lies_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("full")).unwrap();
    fs::write(folder.path().join("full/mine"), "x").unwrap();
    for arguments in [
        vec!["--count", "1", "--cases", "full"],
        vec!["--count", "0", "--cases", "new"],
        vec!["--count", "1"],
        vec!["--count", "1", "--cases", "a", "--export", "b"],
        vec!["--count", "1", "--cases", "a", "--answers", "b"],
    ] {
        let output = program(folder.path(), &[vec!["synthesize"], arguments.clone()].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
