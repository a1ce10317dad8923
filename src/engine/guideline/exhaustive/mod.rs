//! The invariants of the engine over every combination of its decision inputs, not over a sample.
//!
//! The tables are checked over every value of their cells ([`tables`]). The way from records to cards is checked in
//! blocks ([`blocks`]): decisions that share an input share a block, and a block visits every combination of its values
//! ([`space`]). What must hold is written as functions over data ([`checks`]), so that broken tables and broken advice
//! show that each is caught. How the space was cut: `ARCHITECTURE.md`, "The exhaustive check".
//!
//! `cargo test --lib exhaustive -- --nocapture` prints how many combinations were visited, and in what time.

mod blocks;
mod checks;
mod judged;
mod orders;
mod patients;
mod space;
mod tables;
mod traced;

use super::page::page;
use space::{Block, Tour, lengthened, tour};
use std::collections::BTreeSet;
use std::time::Instant;

/// Visits a block and says how long it took.
fn visit(block: &Block) -> Tour {
    let started = Instant::now();
    let found = tour(block, checks::faults);
    println!("{:>16}: {:>7} combinations in {:.1?}", block.name, found.visits.len(), started.elapsed());
    found
}

#[test]
fn every_combination_keeps_the_invariants_and_every_row_is_reached() {
    let mut reached = BTreeSet::new();
    let mut faults = String::new();
    for block in blocks::BLOCKS.iter().chain(orders::BLOCKS) {
        let found = visit(block);
        reached.extend(found.rows);
        let worse = lengthened(block, &found.visits, block.worse, blocks::is_excepted);
        let unknown = lengthened(block, &found.visits, block.unknown, blocks::is_excepted);
        faults.push_str(&format!("{}{worse}{unknown}", found.faults));
    }
    assert!(faults.is_empty(), "\n{faults}");
    let printed: BTreeSet<&str> = page().rows().map(|(_, row)| row.id).collect();
    assert_eq!(reached, printed, "rows that no combination reaches, or that are not printed");
}

#[test]
fn a_later_deadline_for_a_worse_patient_is_caught_and_both_exceptions_are_needed() {
    let block = &blocks::CLOCK;
    let mut deadlines = tour(block, checks::faults).visits;
    for steps in [block.worse, block.unknown] {
        assert!(lengthened(block, &deadlines, steps, blocks::is_excepted).is_empty());
        assert!(!lengthened(block, &deadlines, steps, |_, _| false).is_empty());
    }
    for deadline in deadlines.iter_mut().step_by(7) {
        *deadline = deadline.map(|at| at + chrono::Duration::days(30));
    }
    for steps in [block.worse, block.unknown] {
        assert!(!lengthened(block, &deadlines, steps, blocks::is_excepted).is_empty());
    }
}
