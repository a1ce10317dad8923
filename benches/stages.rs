//! Each stage of a hook call by itself, the whole call in process, and the two yardsticks, with their allocations.
//!
//! Divan interleaves nothing: figures of one run may be compared when the machine is quiet, and only ratios count.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that meets a surprise stops, and prints its figures"
)]

mod support;

use divan::{AllocProfiler, Bencher};
use spinal_mets_cds::domain::{Facts, Site};
use spinal_mets_cds::fhir::{self, Chart, ValueSets};
use spinal_mets_cds::guideline::{self, Advice, Occasion};
use spinal_mets_cds::json::{Document, Json};
use spinal_mets_cds::services::IdKey;
use spinal_mets_cds::services::cards::{CardContext, cards};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    for quarters in support::SIZES {
        println!("argument {quarters}: {} bytes", support::body(quarters).len());
    }
    divan::main();
}

/// Every resource of the body, as a chart.
fn chart<'a>(document: &'a Document<'a>) -> Chart<'a> {
    let inside = |value: Json<'a>, name: &'static str| value.named(name).last();
    let prefetch = inside(document.root(), "prefetch").unwrap();
    let values = prefetch.members().map(|(_, value)| value);
    let resources = values.flat_map(|value| match inside(value, "entry") {
        Some(entries) => entries.items().filter_map(|entry| inside(entry, "resource")).collect(),
        None => vec![value],
    });
    Chart { patient_id: "p", resources: resources.collect(), ..Chart::default() }
}

fn facts(quarters: usize) -> Facts {
    let body = support::body(quarters);
    let document = Document::parse(&body).unwrap();
    fhir::read(&chart(&document), &ValueSets::built_in().unwrap(), &Site::default(), support::now()).facts
}

fn advice(facts: &Facts) -> Vec<Advice> {
    guideline::assess(facts, &Site::default(), support::now(), Occasion::PatientView)
}

#[divan::bench(args = support::SIZES)]
fn index(bencher: Bencher<'_, '_>, quarters: usize) {
    let body = support::body(quarters);
    bencher.bench(|| Document::parse(&body).unwrap());
}

#[divan::bench(args = support::SIZES)]
fn read_and_facts(bencher: Bencher<'_, '_>, quarters: usize) {
    let body = support::body(quarters);
    let value_sets = ValueSets::built_in().unwrap();
    bencher.bench(|| {
        let document = Document::parse(&body).unwrap();
        fhir::read(&chart(&document), &value_sets, &Site::default(), support::now())
    });
}

#[divan::bench(args = support::SIZES)]
fn engine(bencher: Bencher<'_, '_>, quarters: usize) {
    let facts = facts(quarters);
    bencher.bench(|| advice(&facts));
}

#[divan::bench(args = support::SIZES)]
fn cards_of_advice(bencher: Bencher<'_, '_>, quarters: usize) {
    let facts = facts(quarters);
    let advice = advice(&facts);
    let site = Site::default();
    let key = IdKey::random();
    let context = CardContext {
        dialect: spinal_mets_cds::services::Dialect::default(),
        facts: &facts,
        site: &site,
        now: support::now(),
        patient_id: "p",
        encounter_id: None,
        user_id: None,
        drafts: &[],
        ids: key.issuer(spinal_mets_cds::services::NO_CLIENT, 0, support::now()),
        guideline_url: None,
        panel_url: None,
        ways: &[],
    };
    bencher.bench(|| serde_json::to_vec(&cards(&advice, &context)).unwrap());
}

#[divan::bench(args = support::SIZES)]
fn whole_call(bencher: Bencher<'_, '_>, quarters: usize) {
    let body = support::body(quarters);
    let services = support::services();
    bencher.bench(|| {
        let answer = services.call(support::SERVICE, body.as_bytes(), support::now()).unwrap();
        serde_json::to_vec(&answer.response).unwrap()
    });
}

#[divan::bench(args = support::SIZES)]
fn yardstick_value(bencher: Bencher<'_, '_>, quarters: usize) {
    let body = support::body(quarters);
    bencher.bench(|| support::as_value(body.as_bytes()));
}

#[divan::bench(args = support::SIZES)]
fn yardstick_views(bencher: Bencher<'_, '_>, quarters: usize) {
    let body = support::body(quarters);
    bencher.bench(|| support::as_views(body.as_bytes()));
}
