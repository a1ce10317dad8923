//! From starting the program to its first answer, a whole hook call of 20 KB over HTTP.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that meets a surprise stops, and prints its figures"
)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 15;

fn main() {
    let body = support::body(4);
    let mut times: Vec<f64> = (0..ROUNDS).map(|_| first_answer(&body)).collect();
    times.sort_by(f64::total_cmp);
    println!(
        "from start to first answer, {ROUNDS} rounds, milliseconds: {:.1} / {:.1} / {:.1}",
        times[0],
        times[ROUNDS / 2],
        times[ROUNDS - 1]
    );
}

fn first_answer(body: &str) -> f64 {
    let start = Instant::now();
    let mut server = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
        .args(["serve", "--listen", "127.0.0.1:0", "--now", &support::now().to_rfc3339()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().split_once("http://").unwrap().1;
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /cds-services/{} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        support::SERVICE,
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let took = start.elapsed().as_secs_f64() * 1e3;
    assert!(answer.contains("mri-within-1-week"), "the call must give its card: {answer}");
    server.kill().unwrap();
    server.wait().unwrap();
    took
}
