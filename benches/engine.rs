//! The engine alone, over the patients of the fixture cases: no JSON, no FHIR, no card.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that meets a surprise stops, and prints its figures"
)]

mod support;

use spinal_mets_cds::cases::Case;
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::domain::{Facts, Site};
use spinal_mets_cds::fhir::{self, Chart, ValueSets};
use spinal_mets_cds::guideline::{self, Occasion};
use spinal_mets_cds::json::{Document, Json};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

const ROUNDS: usize = 200;

type Patient = (Facts, chrono::DateTime<chrono::Utc>);

/// The facts of every case that can be read as a chart, at its own time.
fn patients() -> Vec<Patient> {
    let value_sets = ValueSets::built_in().unwrap();
    let read = |case: &Case| {
        let bundle = CaseBundle::load(&case.folder).ok()?;
        let text = serde_json::to_string(bundle.resources()).unwrap();
        let document = Document::parse(&text).unwrap();
        let resources: Vec<Json<'_>> = document.root().items().collect();
        let chart = Chart { patient_id: bundle.only_patient().ok()?, resources, ..Chart::default() };
        Some((fhir::read(&chart, &value_sets, &Site::default(), case.told.now).facts, case.told.now))
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    find(&[folder]).cases.iter().filter_map(read).collect()
}

/// Microseconds a patient: the best round of many, so that other work on the machine does not count.
fn microseconds((facts, now): &Patient, site: &Site) -> f64 {
    let round = || {
        let start = Instant::now();
        black_box(guideline::assess(black_box(facts), site, *now, Occasion::PatientView));
        start.elapsed().as_secs_f64() * 1e6
    };
    (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min)
}

fn main() {
    let site = Site::default();
    let (advised, silent): (Vec<_>, Vec<_>) = patients()
        .into_iter()
        .partition(|(facts, now)| !guideline::assess(facts, &site, *now, Occasion::PatientView).is_empty());
    println!("the engine alone, microseconds a patient: min / median / 95th of 100 / max");
    let measured = [advised, silent]
        .map(|group| -> Vec<f64> { group.iter().map(|it| microseconds(it, &site)).collect() });
    let [advised, silent] = measured;
    for (label, mut times) in
        [("all", [&advised[..], &silent].concat()), ("with advice", advised), ("without", silent)]
    {
        times.sort_by(f64::total_cmp);
        let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
        println!(
            "{:4} {label:12} {:6.2} / {:6.2} / {:6.2} / {:6.2}",
            times.len(),
            at(0.0),
            at(0.5),
            at(0.95),
            at(1.0)
        );
    }
}
