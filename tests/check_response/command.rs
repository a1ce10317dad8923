//! The command as a tester runs it: exit codes, what it prints, files, folders, lines, URLs; and the example of the documentation.

use super::samples::folder;
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"));
    command.arg("check-response").args(arguments).current_dir(folder()).output().unwrap()
}

fn told(arguments: &[&str], code: i32) -> (String, String) {
    let output = run(arguments);
    let (out, err) = (output.stdout.clone(), output.stderr.clone());
    let (out, err) = (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap());
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    (out, err)
}

#[test]
fn faults_end_with_1_advice_only_when_strict_and_what_cannot_be_read_with_2() {
    assert_eq!(told(&["greeting.json"], 0).0, "greeting.json (answer): no findings\n");
    told(&["--request", "pama-request.json", "pama.json", "--strict"], 0);
    told(&["opioid-faults.json"], 1);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let advised =
        file("advised.json", r#"{"cards":[{"summary":"x","indicator":"info","source":{"label":"x"}}]}"#);
    assert!(told(&[&advised], 0).0.contains("1 piece of advice\n"));
    told(&["--strict", &advised], 1);
    let (out, _) = told(&[&file("broken.json", "{\"cards\":[")], 1);
    assert!(out.contains("broken.json (not JSON): 1 fault\n  must    J-1     the top: "), "{out}");
    for (what, text) in [
        ("it is a hook request", r#"{"hook":"x","context":{}}"#),
        ("it is an OperationOutcome", r#"{"resourceType":"OperationOutcome"}"#),
        ("it is an array", r#"[{"summary":"x"}]"#),
        ("more than one kind", r#"{"cards":[],"feedback":[]}"#),
    ] {
        let (out, err) = told(&["greeting.json", &file("unknown.json", text)], 2);
        assert!(err.contains(what) && err.contains("--kind") && err.lines().count() == 1, "{err}");
        assert!(out.contains("greeting.json (answer): no findings"), "{out}");
    }
    told(&["--kind", "answer", &file("unknown.json", "[1]")], 1);
    assert!(told(&["nowhere.json"], 2).1.contains("nowhere.json: "));
    assert!(told(&["--request", "nowhere.json", "pama.json"], 2).1.contains("nowhere.json cannot be read"));
    assert!(told(&["--request", "greeting.json", "pama.json"], 2).1.contains("no hook request"));
    told(&[], 2);
    told(&["--kind", "card", "greeting.json"], 2);
}

#[test]
fn every_document_of_a_folder_and_of_lines_is_judged_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.ndjson"), "{\"cards\":[]}\n\n{\"services\":{}}\n").unwrap();
    fs::write(folder.path().join("b.json"), "{\"feedback\":[]}").unwrap();
    let path = folder.path().display().to_string();
    let (out, _) = told(&[&path], 1);
    let heads: Vec<String> =
        out.lines().filter(|it| !it.starts_with(' ')).map(|it| it.replace(&format!("{path}/"), "")).collect();
    assert_eq!(
        heads,
        [
            "a.ndjson:1 (answer): no findings",
            "a.ndjson:3 (discovery): 1 fault",
            "b.json (feedback): 1 piece of advice"
        ]
    );
    let (out, _) = told(&[&path, "--format", "json"], 1);
    let reports: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(reports.len(), 3);
    assert_eq!(reports[1]["findings"][0]["row"], "J-3");
    assert_eq!(reports[1]["findings"][0]["place"], "/services");
    assert_eq!((&reports[1]["must"], &reports[1]["kind"]), (&Value::from(1), &Value::from("discovery")));
}

#[test]
fn nothing_that_is_printed_steers_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.json");
    let text = r#"{"cards":[{"\u001b[2J\u009b\n":1,"indicator":"\u001b[31m\r\n","summary":"x","source":{"label":"x"}}]}"#;
    fs::write(&file, text).unwrap();
    let (out, _) = told(&[&file.display().to_string()], 1);
    assert!(!out.chars().any(|it| it.is_control() && it != '\n'), "{out:?}");
    assert_eq!(out.lines().count(), 4, "{out}");
}

/// A server that gives one answer to one call.
fn served(head: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 2048];
        let read = stream.read(&mut asked).unwrap();
        assert!(asked[..read].starts_with(b"GET /cds-services HTTP/1.1"));
        let answer = format!("{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).unwrap();
    });
    format!("http://{address}/cds-services")
}

#[test]
fn a_url_is_fetched() {
    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8";
    let url = served(json, r#"{"services":[]}"#);
    assert_eq!(told(&[&url], 0).0, format!("{url} (discovery): no findings\n"));
    let url = served("HTTP/1.1 200 OK\r\nContent-Type: text/html", r#"{"services":[{}]}"#);
    let (out, _) = told(&[&url], 1);
    assert!(out.contains("the media type is \"text/html\"") && out.contains("/services/0"), "{out}");
    for (head, why) in [
        ("HTTP/1.1 404 Not Found", "status 404"),
        ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/", "status 302"),
    ] {
        let (_, err) = told(&[&served(head, "{}")], 2);
        assert!(err.contains(why), "{err}");
    }
    let (_, err) = told(&["http://127.0.0.1:1/cds-services"], 2);
    assert!(err.contains("cannot be reached"), "{err}");
}

#[test]
fn the_example_of_the_documentation_prints_what_it_says() {
    let page = fs::read_to_string(root().join("docs/test.md")).unwrap();
    let (_, section) = page.split_once("## An answer of any service").unwrap();
    let mut blocks = section.split("```");
    let command = blocks.nth(1).unwrap().strip_prefix("sh\n").unwrap();
    let printed = blocks.nth(1).unwrap().strip_prefix("text\n").unwrap();
    let arguments = command.trim().strip_prefix("cargo run --release -- ").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
        .args(arguments.split_whitespace())
        .current_dir(root())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), printed);
    assert_eq!(output.status.code(), Some(1));
}
