//! One stage again and again, and nothing else: for a profiler that counts instructions.
//!
//! `profile STAGE QUARTERS TIMES`, QUARTERS 0 for the body of small resources; the stages are `call`, `value` and `views`.
//! The stages `body` and `order` print the body of a call of patient-view and of order-select, `bundle` the same patient as a
//! Bundle, TIMES times, a line each.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that meets a surprise stops"
)]

mod support;

use std::hint::black_box;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, stage, quarters, times] = arguments.as_slice() else { panic!("profile STAGE QUARTERS TIMES") };
    let body = match quarters.parse().unwrap() {
        0 => support::small_body(),
        quarters => support::body(quarters),
    };
    let services = support::services();
    let now = support::now();
    for _ in 0..times.parse::<usize>().unwrap() {
        match stage.as_str() {
            "call" => {
                let answer = services.call(support::SERVICE, body.as_bytes(), now).unwrap();
                assert_eq!(answer.response.cards.len(), 1);
                black_box(serde_json::to_vec(&answer.response).unwrap());
            }
            "value" => _ = black_box(support::as_value(black_box(body.as_bytes()))),
            "views" => _ = black_box(support::as_views(black_box(body.as_bytes()))),
            "body" => print!("{body}"),
            "order" => print!("{}", support::order_body(quarters.parse().unwrap())),
            "bundle" => println!("{}", support::bundle(quarters.parse().unwrap())),
            _ => panic!("no stage {stage}"),
        }
    }
}
