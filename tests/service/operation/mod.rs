//! What those who run the service go by: alarms and dashboard against the counters, the page for sites against the program.

mod counters;
mod page;

use std::path::Path;

/// A file of the repository.
fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}
