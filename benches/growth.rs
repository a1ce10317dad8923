//! The cost of a call as the body grows, in process, from 9 KB to 8 MB.
//!
//! Sizes take turns. A cost that is linear shows a steady figure a byte and an exponent of 1 in the fit of all sizes.

#![allow(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that meets a surprise stops, and prints its figures"
)]

mod support;

use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 9;
/// Sizes of the bodies, in quarters of a part.
const SIZES: [usize; 6] = [1, 4, 40, 160, 400, 1130];

fn main() {
    let (services, now) = (support::services(), support::now());
    let bodies: Vec<String> = SIZES.iter().map(|quarters| support::body(*quarters)).collect();
    let microseconds = |body: &String| {
        let calls = (4_000_000 / body.len()).clamp(1, 200);
        let start = Instant::now();
        for _ in 0..calls {
            let answer = services.call(support::SERVICE, body.as_bytes(), now).unwrap();
            assert_eq!(answer.response.cards.len(), 1);
            black_box(serde_json::to_vec(&answer.response).unwrap());
        }
        start.elapsed().as_secs_f64() * 1e6 / calls as f64
    };
    let round = || -> Vec<f64> { bodies.iter().map(microseconds).collect() };
    let _warm_up = round();
    let rounds: Vec<Vec<f64>> = (0..ROUNDS).map(|_| round()).collect();

    println!("| bytes | microseconds a call | ns a byte |\n|---|---|---|");
    let mut points = Vec::new();
    for (place, body) in bodies.iter().enumerate() {
        let mut times: Vec<f64> = rounds.iter().map(|round| round[place]).collect();
        times.sort_by(f64::total_cmp);
        let (least, middle, most) = (times[0], times[ROUNDS / 2], times[ROUNDS - 1]);
        let bytes = body.len() as f64;
        println!("| {bytes} | {least:.0} / {middle:.0} / {most:.0} | {:.2} |", middle * 1e3 / bytes);
        points.push((bytes.ln(), middle.ln()));
    }
    println!("\ntime ~ bytes ^ {:.3}", slope(&points));
}

/// The slope of the straight line through the points with the least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let mean = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let both: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    both / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
}
