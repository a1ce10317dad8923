//! The invariants of the engine over every combination of its decision inputs, not over a sample.
//!
//! The tables are checked over every value of their cells ([`tables`]). The way from records to cards is checked in
//! blocks ([`blocks`]): decisions that share an input share a block, and a block visits every combination of its values
//! ([`space`]). What must hold is written as functions over data ([`checks`]), so that broken advice shows that each is
//! caught; every row of every table is broken in turn ([`broken`]). How the space was cut: `ARCHITECTURE.md`, "The exhaustive check".
//!
//! `cargo test --lib exhaustive -- --nocapture` prints how many combinations were visited, and in what time.

mod blocks;
mod broken;
mod checks;
mod judged;
mod orders;
mod patients;
mod space;
mod tables;
mod traced;

use super::page::page;
use broken::Asked;
pub(super) use broken::note;
use space::{Block, Tour, lengthened, tour};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Instant;

/// Visits a block and says how long it took.
fn visit(block: &Block) -> Tour {
    let started = Instant::now();
    let found = tour(block, checks::faults);
    println!("{:>16}: {:>7} combinations in {:.1?}", block.name, found.visits.len(), started.elapsed());
    found
}

/// What all blocks showed.
#[derive(Default)]
struct Visited {
    faults: String,
    /// The rows that fired.
    rows: BTreeSet<&'static str>,
    /// What the tables were asked.
    asked: Asked,
}

/// Every combination of every block, visited once for all tests.
static VISITED: LazyLock<Visited> = LazyLock::new(|| {
    let mut all = Visited::default();
    for block in blocks::BLOCKS.iter().chain(orders::BLOCKS) {
        let found = visit(block);
        all.rows.extend(found.rows);
        broken::join(&mut all.asked, found.asked);
        let worse = lengthened(block, &found.visits, block.worse, blocks::is_excepted);
        let unknown = lengthened(block, &found.visits, block.unknown, blocks::is_excepted);
        all.faults.push_str(&format!("{}{worse}{unknown}", found.faults));
    }
    all
});

#[test]
fn every_combination_keeps_the_invariants_and_every_row_is_reached() {
    assert!(VISITED.faults.is_empty(), "\n{}", VISITED.faults);
    let printed: BTreeSet<&str> = page().rows().map(|(_, row)| row.id).collect();
    assert_eq!(VISITED.rows, printed, "rows that no combination reaches, or that are not printed");
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
