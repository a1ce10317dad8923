//! The cost of a call as the records of one patient grow, for the shape of every fixture.
//!
//! `cargo bench --bench shapes [PART OF A NAME …]` multiplies the records of each fixture until the call has some hundred
//! kilobytes, and twice that. It prints the fixtures whose cost grows the most, and ends with 1 when twice the records cost
//! more than three times as long.

#![allow(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that meets a surprise stops, and prints its figures"
)]

#[path = "support/many.rs"]
mod many;

use many::many;
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::target::{InProcessTarget, Target};
use spinal_mets_cds::domain::Site;
use std::path::Path;
use std::time::Instant;

/// Bytes of the smaller call.
const BYTES: usize = 400_000;
/// Twice the records may cost this many times as long.
const MOST: f64 = 3.0;
/// What is quicker than this may grow as it likes.
const QUICK_MS: f64 = 20.0;
/// So many lines are printed.
const SHOWN: usize = 25;

/// The bytes that a body grows to, where somebody asks for others.
#[expect(clippy::disallowed_methods, reason = "a bench is told its size by its caller")]
fn bytes() -> usize {
    std::env::var("BYTES").ok().and_then(|it| it.parse().ok()).unwrap_or(BYTES)
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let bytes = bytes();
    let target = InProcessTarget::new(Site::default()).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let mut seen: Vec<(f64, f64, usize, usize, usize, String)> = Vec::new();
    for case in find(&[folder]).cases.iter().filter(|case| !case.is_hostile()) {
        let name = case.folder.file_name().unwrap().to_string_lossy().into_owned();
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        let request = build(&case.told, CaseBundle::load(&case.folder).unwrap(), target.offered()).unwrap();
        let fixed = many(&request.body, 0).to_string().len();
        let of_one = request.body.to_string().len().saturating_sub(fixed).max(1);
        let copies = i32::try_from((bytes / of_one).clamp(2, 4000)).unwrap();
        let cost = |copies: i32| {
            let body = many(&request.body, copies).to_string();
            let mut least = f64::MAX;
            let mut answered = 0;
            for _ in 0..2 {
                let start = Instant::now();
                let reply =
                    target.ask(&request.service, "application/json", body.as_bytes(), case.told.now).unwrap();
                least = least.min(start.elapsed().as_secs_f64() * 1e3);
                answered = reply.body.to_string().len();
            }
            (least, body.len(), answered)
        };
        let (small, _, _) = cost(copies);
        let (large, length, answered) = cost(2 * copies);
        seen.push((large / small, large, 2 * usize::try_from(copies).unwrap(), length, answered, name));
    }
    seen.sort_by(|a, b| (b.0 * b.1).total_cmp(&(a.0 * a.1)));
    println!(
        "| fixture | copies | bytes | ms | times as long for twice | bytes of the answer |\n|---|---|---|---|---|---|"
    );
    for (growth, ms, copies, length, answered, name) in seen.iter().take(SHOWN) {
        println!("| {name} | {copies} | {length} | {ms:.0} | {growth:.1} | {answered} |");
    }
    let steep = seen.iter().filter(|(growth, ms, ..)| *growth > MOST && *ms > QUICK_MS).count();
    println!("\n{} fixtures, {steep} grow too fast", seen.len());
    if steep > 0 {
        std::process::exit(1);
    }
}
