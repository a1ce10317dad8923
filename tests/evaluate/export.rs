//! `evaluate --export`: one population, whatever the layout, the memory and the number of runs.

use super::layouts::{Chart, LAYOUTS, charts, flat};
use super::{NOW, text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

/// Every fourth fixture.
static CHARTS: LazyLock<Vec<Chart>> = LazyLock::new(|| charts(4));

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"));
    command.args(["evaluate", "--now", NOW, "--export"]).arg(root).args(arguments);
    command
}

fn export(root: &Path, arguments: &[&str]) -> Output {
    command(root, arguments).output().unwrap()
}

/// What a run prints that ends with this exit code.
fn printed(root: &Path, arguments: &[&str], exit: i32) -> String {
    let output = export(root, arguments);
    assert_eq!(output.status.code(), Some(exit), "{}", text(&output.stderr));
    text(&output.stdout).to_owned()
}

fn laid_out(charts: &[Chart]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    flat(charts, root.path());
    root
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_layout_gives_the_same_answer_byte_by_byte() {
    for format in ["json", "text", "ndjson", "csv"] {
        let mut first: Option<String> = None;
        for (name, layout) in LAYOUTS {
            // What belongs to nobody is counted as often as it comes.
            if name == "all of it twice" && format == "json" {
                continue;
            }
            let root = tempfile::tempdir().unwrap();
            layout(&CHARTS, root.path());
            let answer = printed(root.path(), &["--format", format], 0);
            match &first {
                None => first = Some(answer),
                Some(first) => assert!(*first == answer, "{format}: {name} differs from {}", LAYOUTS[0].0),
            }
        }
        assert!(first.unwrap().len() > 10_000, "{format}");
    }
}

#[test]
fn a_pipe_is_read_as_a_folder_is_compressed_or_not() {
    let root = laid_out(&CHARTS);
    let expected = printed(root.path(), &["--format", "ndjson"], 0);
    let mut all = Vec::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for entry in fs::read_dir(root.path()).unwrap() {
        all.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    packed.write_all(&all).unwrap();
    for bytes in [all, packed.finish().unwrap()] {
        let mut run = command(Path::new("-"), &["--format", "ndjson"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = run.stdin.take().unwrap();
        let writer = std::thread::spawn(move || pipe.write_all(&bytes).unwrap());
        let output = run.wait_with_output().unwrap();
        writer.join().unwrap();
        assert!(text(&output.stdout) == expected);
    }
}

#[test]
fn a_patient_of_a_population_gets_what_the_bundle_alone_gets() {
    let root = laid_out(&CHARTS);
    let of_export = codes(&printed(root.path(), &["--format", "json"], 0));
    let alone = tempfile::tempdir().unwrap();
    LAYOUTS[4].1(&CHARTS, alone.path());
    let output = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
        .args(["evaluate", "--now", NOW, "--format", "json"])
        .arg(alone.path())
        .output()
        .unwrap();
    assert_eq!(of_export, codes(text(&output.stdout)));
    assert!(of_export.values().filter(|codes| !codes.is_empty()).count() > CHARTS.len() / 3);
}

/// The lead codes of each patient.
fn codes(json: &str) -> BTreeMap<String, Vec<String>> {
    let found: Value = serde_json::from_str(json).unwrap();
    let patients = found["patients"].as_array().unwrap().iter();
    let of = |patient: &Value| {
        let cards = patient["cards"].as_array().unwrap().iter();
        cards.map(|card| card["source"]["topic"]["code"].as_str().unwrap().to_owned()).collect()
    };
    patients.map(|patient| (patient["patient"].as_str().unwrap().to_owned(), of(patient))).collect()
}

#[test]
fn little_memory_changes_nothing() {
    // Beyond the least memory that can be asked for: some megabytes of records that say nothing.
    let root = laid_out(&CHARTS);
    let filler = format!(
        r#"{{"resourceType":"Observation","status":"final","note":[{{"text":"{}"}}],"subject":{{"reference":"Patient/"#,
        "x".repeat(3_000)
    );
    let many: Vec<String> = (0..12_000)
        .map(|number| format!(r#"{filler}{}"}},"id":"filler-{number}"}}"#, CHARTS[number % 9].patient))
        .collect();
    fs::write(root.path().join("Filler.ndjson"), many.join("\n")).unwrap();
    let roomy = printed(root.path(), &["--format", "ndjson", "--memory", "2GB"], 0);
    assert!(roomy == printed(root.path(), &["--format", "ndjson", "--memory", "16MB"], 0));
}

#[test]
fn shares_put_one_after_the_other_are_the_whole() {
    let root = laid_out(&CHARTS);
    let mut whole = lines(&printed(root.path(), &["--format", "ndjson"], 0));
    let mut parts = Vec::new();
    for number in 1..=3 {
        parts.extend(lines(&printed(
            root.path(),
            &["--format", "ndjson", "--shard", &format!("{number}/3")],
            0,
        )));
    }
    let order = |lines: &mut Vec<Value>| lines.sort_by_key(Value::to_string);
    order(&mut whole);
    order(&mut parts);
    assert_eq!(parts, whole);
    let table = |number: u8| printed(root.path(), &["--format", "csv", "--shard", &format!("{number}/2")], 0);
    assert!(table(1).starts_with("patient,code,row,") && !table(2).starts_with("patient,"));
}

#[test]
fn what_was_deleted_is_left_out() {
    let chart = || super::case_of("p");
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("all.ndjson"), chart().join("\n").replace("\n            ", " ")).unwrap();
    let cards = |exit| lines(&printed(root.path(), &["--format", "ndjson"], exit)).len();
    assert_eq!(cards(0), 1);
    let deletes = |what: &str| {
        let entry = format!(r#"{{"request":{{"method":"DELETE","url":"{what}"}}}}"#);
        format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entry}]}}"#)
    };
    fs::create_dir(root.path().join("deleted")).unwrap();
    for (what, left) in [("Condition/another", 1), ("Condition/p-pain", 0), ("Patient/p", 0)] {
        fs::write(root.path().join("deleted/1.ndjson"), deletes(what)).unwrap();
        assert_eq!(cards(0), left, "{what}");
    }
}

#[test]
fn every_file_that_is_not_read_is_named_and_doubt_ends_with_1() {
    let root = laid_out(&CHARTS[..20]);
    let expected = printed(root.path(), &["--format", "ndjson"], 0);
    let say = |name: &str, bytes: &[u8], exit| {
        let path = root.path().join(name);
        fs::write(&path, bytes).unwrap();
        let output = export(root.path(), &["--format", "ndjson"]);
        assert_eq!(output.status.code(), Some(exit), "{name}");
        assert!(text(&output.stdout) == expected, "{name}");
        assert!(text(&output.stderr).contains(name), "{name}: {}", text(&output.stderr));
        fs::remove_file(path).unwrap();
    };
    for name in ["log.ndjson", "manifest.json", "_SUCCESS", "README.md", ".hidden"] {
        say(name, b"{}", 0);
    }
    say("Condition.parquet", b"PAR1", 1);
    say("Condition.csv", b"id,code", 1);
    say("broken.ndjson", b"{\"resourceType\":\"Condition\"\n{}\n[", 1);
    say("cut.ndjson.gz", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1], 1);
    say("call.json", br#"{"hook":"patient-view","context":{"patientId":"x"}}"#, 1);
}

#[test]
fn an_earlier_worklist_tells_what_is_new_cleared_and_overdue() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("export");
    fs::create_dir(&root).unwrap();
    let write = |patients: &[&str]| {
        let lines: Vec<String> = patients.iter().flat_map(|patient| super::case_of(patient)).collect();
        fs::write(root.join("all.ndjson"), lines.join("\n").replace("\n            ", " ")).unwrap();
    };
    for format in ["ndjson", "csv"] {
        write(&["a", "b"]);
        let earlier = folder.path().join("earlier");
        fs::write(&earlier, printed(&root, &["--format", format], 0)).unwrap();
        write(&["b", "c"]);
        let since = |now: &str, format: &str| {
            let output = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
                .args(["evaluate", "--now", now, "--format", format, "--export"])
                .arg(&root)
                .arg("--since")
                .arg(&earlier)
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            text(&output.stdout).to_owned()
        };
        let changes = |now: &str| -> Vec<(String, String)> {
            let told = lines(&since(now, "ndjson"));
            let part = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
            told.iter().map(|line| (part(line, "patient"), part(line, "change"))).collect()
        };
        let expect = |all: [(&str, &str); 3]| all.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
        assert_eq!(changes(NOW), expect([("b", "same"), ("c", "new"), ("a", "cleared")]), "{format}");
        let later = "2026-05-20T10:00:00Z";
        assert_eq!(changes(later), expect([("b", "overdue"), ("c", "new"), ("a", "cleared")]), "{format}");
        // The table says the same, and a worklist with changes is an earlier one in its turn.
        assert!(since(NOW, "csv").lines().next().unwrap().ends_with(",change"));
        let again = since(NOW, format);
        fs::write(&earlier, again).unwrap();
        assert_eq!(changes(NOW)[..2], [("b".into(), "same".into()), ("c".into(), "same".into())], "{format}");
    }
}

#[test]
fn an_interrupted_run_goes_on_with_what_is_done() {
    let root = laid_out(&CHARTS);
    let expected = printed(root.path(), &["--format", "ndjson"], 0);
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().join("work");
    let arguments = ["--format", "ndjson", "--work-dir", work.to_str().unwrap()];
    // Interrupted once the first part is done; where the machine is too quick for that, it has ended by itself.
    let mut run =
        command(root.path(), &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while run.try_wait().unwrap().is_none() && !work.join("results-000").exists() {
        std::thread::yield_now();
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let output = export(root.path(), &arguments);
    assert!(text(&output.stdout) == expected);
    if work.join("read.json").exists() {
        panic!("the work folder is not empty after the end");
    }
    // Another question does not take it for its own.
    fs::create_dir_all(&work).unwrap();
    fs::write(work.join("something"), "else").unwrap();
    let output = export(root.path(), &arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("not empty"), "{}", text(&output.stderr));
}

#[test]
fn wrong_usage_is_one_line() {
    let root = laid_out(&CHARTS[..1]);
    for (arguments, told) in [
        (vec!["--memory", "12"], "16MB"),
        (vec!["--shard", "3/2"], "not a share"),
        (vec!["--hook", "order-sign"], "patient-view or encounter-discharge"),
        (vec!["--since", "no-such-file"], "no-such-file"),
    ] {
        let output = export(root.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(told) && text(&output.stderr).lines().count() == 1,
            "{arguments:?}"
        );
        assert!(output.stdout.is_empty());
    }
    assert_eq!(export(Path::new("no-such-folder"), &[]).status.code(), Some(2));
}
