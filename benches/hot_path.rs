//! The whole call over HTTP against two yardsticks, as ratios of one run.
//!
//! All sides are actix-web servers on loopback with one worker, called over one kept-alive connection: ours does
//! everything (envelope, prefetch states, mapping, rules, cards, serialisation); the yardsticks parse the same body as
//! `serde_json::Value`, or split it into resources and read a borrowed view of each, and answer a constant 2 KB. Rounds
//! alternate, so that a slow moment of the machine meets all.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that meets a surprise stops, and prints its figures"
)]

mod support;

use actix_web::{App, HttpResponse, HttpServer, web};
use spinal_mets_cds::clock::Clock;
use spinal_mets_cds::config::Config;
use spinal_mets_cds::web::Application;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::Instant;

const ROUNDS: usize = 15;

/// The path of the calls: ours, and each yardstick's.
const PATHS: [&str; 3] = ["/cds-services/spinal-metastases-patient-view", "/value", "/views"];

fn constant() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body("x".repeat(2048))
}

async fn value(body: web::Bytes) -> HttpResponse {
    std::hint::black_box(support::as_value(&body));
    constant()
}

async fn views(body: web::Bytes) -> HttpResponse {
    std::hint::black_box(support::as_views(&body));
    constant()
}

fn statistics(mut times: Vec<f64>) -> (f64, f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[0], times[times.len() / 2], times[times.len() - 1])
}

/// Starts both servers on a thread of their own and gives their addresses: ours, the yardsticks'.
fn start() -> (SocketAddr, SocketAddr) {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            let config = Config { listen: any, workers: 1, ..Config::sandbox() };
            let ours =
                Application::build(&config, support::services(), Clock::Frozen(support::now())).unwrap();
            let yardsticks = HttpServer::new(|| {
                App::new()
                    .app_data(web::PayloadConfig::new(1 << 24))
                    .route("/value", web::post().to(value))
                    .route("/views", web::post().to(views))
            })
            .workers(1)
            .bind(any)
            .unwrap();
            tell.send((ours.address(), yardsticks.addrs()[0])).unwrap();
            let yardsticks = actix_web::rt::spawn(yardsticks.run());
            ours.run().await.unwrap();
            yardsticks.await.unwrap().unwrap();
        });
    });
    told.recv().unwrap()
}

/// One connection that posts the same request again and again.
struct Caller {
    stream: TcpStream,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Caller {
    fn new(to: SocketAddr, path: &str, body: &str) -> Self {
        let stream = TcpStream::connect(to).unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self { stream, request: [head.as_bytes(), body.as_bytes()].concat(), buffer: vec![0; 1 << 20] }
    }

    /// Sends the request and reads the whole answer; returns its length.
    fn call(&mut self) -> usize {
        self.stream.write_all(&self.request).unwrap();
        let mut filled = 0;
        loop {
            filled += self.stream.read(&mut self.buffer[filled..]).unwrap();
            let text = &self.buffer[..filled];
            let Some(end) = text.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&text[..end]).to_lowercase();
            assert!(head.starts_with("http/1.1 200"), "{head}");
            let length: usize = head
                .split("content-length: ")
                .nth(1)
                .and_then(|l| l.split_whitespace().next())
                .unwrap()
                .parse()
                .unwrap();
            if filled >= end + 4 + length {
                return filled;
            }
        }
    }

    fn microseconds_a_call(&mut self, calls: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..calls {
            std::hint::black_box(self.call());
        }
        start.elapsed().as_secs_f64() * 1e6 / calls as f64
    }
}

fn main() {
    let (ours_at, yardsticks_at) = start();
    println!(
        "whole call over loopback, one connection, {ROUNDS} alternating rounds; microseconds: min / median / max"
    );
    for quarters in [4, 40] {
        let body = support::body(quarters);
        let calls = (10_000_000 / body.len()).clamp(20, 1000);
        let at = [ours_at, yardsticks_at, yardsticks_at];
        let mut callers: Vec<Caller> =
            at.iter().zip(PATHS).map(|(at, path)| Caller::new(*at, path, &body)).collect();
        let filled = callers[0].call();
        let answer = String::from_utf8_lossy(&callers[0].buffer[..filled]).into_owned();
        assert!(answer.contains("mri-within-1-week"), "the call must give its card: {answer}");
        let mut round =
            || -> Vec<f64> { callers.iter_mut().map(|it| it.microseconds_a_call(calls)).collect() };
        let _warm_up = round();
        let rounds: Vec<Vec<f64>> = (0..ROUNDS).map(|_| round()).collect();
        println!("{} bytes, {calls} calls a round", body.len());
        let of = |pick: fn(&[f64]) -> f64| statistics(rounds.iter().map(|it| pick(it)).collect());
        for (name, figures) in [
            ("whole call             ", of(|it| it[0])),
            ("serde_json::Value      ", of(|it| it[1])),
            ("borrowed views         ", of(|it| it[2])),
            ("calls per Value call   ", of(|it| it[1] / it[0])),
            ("calls per views call   ", of(|it| it[2] / it[0])),
        ] {
            println!("  {name} {:9.2} / {:9.2} / {:9.2}", figures.0, figures.1, figures.2);
        }
    }
}
