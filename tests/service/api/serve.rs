//! The `serve` command, run as a stranger would.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"));
    program.stdin(Stdio::null());
    program
}

fn refused(arguments: &[&str]) -> Output {
    let output = program().args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    output
}

#[test]
fn only_loopback_is_served_without_a_configuration() {
    for address in ["0.0.0.0:0", "192.0.2.1:8080", "[::]:0"] {
        let output = refused(&["serve", "--listen", address]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains("loopback"), "{said}");
    }
}

#[test]
fn wrong_arguments_are_told_and_nothing_is_started() {
    for arguments in [
        ["serve", "--config", "missing.toml"].as_slice(),
        &["serve", "--listen", "nonsense"],
        &["serve", "--now", "yesterday"],
        &["serve", "--unknown"],
    ] {
        assert!(!refused(arguments).stderr.is_empty());
    }
}

#[test]
fn an_address_in_use_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = String::from_utf8(refused(&["serve", "--listen", &address]).stderr).unwrap();
    assert!(said.contains(&address), "{said}");
}

#[test]
fn it_prints_one_line_serves_and_ends_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = program()
        .args(["serve", "--listen", "127.0.0.1:0", "--now", "2026-05-05T08:00:00Z"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").unwrap();
    assert!(address.starts_with("127.0.0.1:") && !address.ends_with(":0"), "{line}");

    let body = include_str!("../../../hooks/spinal-metastases-patient-view/request.json");
    let answer = post(address, body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    terminate(&child);
    assert!(child.wait().unwrap().success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let calls: Vec<&str> = log.lines().filter(|line| line.contains("hook call")).collect();
    assert_eq!(calls.len(), 1, "{log}");
    assert!(calls[0].contains("status=200") && calls[0].contains("hook=\"patient-view\""), "{log}");
    for secret in ["example-1", "example-dr", "example-visit", "Malignant", "0b0a3f5e"] {
        assert!(body.contains(secret) && !log.contains(secret), "{secret}");
    }
}

fn post(address: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "Host: localhost\r\nConnection: close\r\nContent-Type: application/json";
    let path = super::helpers::VIEW;
    write!(stream, "POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn terminate(child: &Child) {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
}
