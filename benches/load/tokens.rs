//! Signed tokens for a load test, each good for one call.
//!
//! `load_tokens FOLDER AUDIENCE CLOCK COUNT` writes for ES384 and RS384 a key set (`ES384.jwks`) and `COUNT` tokens of the
//! issuer `https://ES384.example.org`, one a line (`ES384.tokens`). `CLOCK` is the moment that the server takes for now.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a tool of load tests that meets a surprise stops"
)]

#[path = "../../tests/service/support/tokens.rs"]
#[allow(dead_code, reason = "a load test signs good tokens alone")]
mod tokens;

use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use std::path::Path;
use tokens::Signer;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, audience, clock, count] = arguments.as_slice() else {
        panic!("load_tokens FOLDER AUDIENCE CLOCK COUNT")
    };
    let now: DateTime<Utc> = clock.parse().unwrap();
    for algorithm in [Algorithm::ES384, Algorithm::RS384] {
        let name = format!("{algorithm:?}");
        let signer = Signer::new(algorithm, &name);
        let issuer = format!("https://{name}.example.org");
        let file = |ending: &str| Path::new(folder).join(format!("{name}.{ending}"));
        let mut lines = String::new();
        for _ in 0..count.parse::<usize>().unwrap() {
            lines.push_str(&signer.token(&issuer, audience, now));
            lines.push('\n');
        }
        std::fs::write(file("jwks"), tokens::key_set(&[&signer])).unwrap();
        std::fs::write(file("tokens"), lines).unwrap();
    }
}
