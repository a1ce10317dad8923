//! One run over many charts: what differs is made as small as possible and told with its FHIR.

use super::answer::Program;
use super::chart::{Chart, Record};
use super::fhir::resources;
use super::generate::{Theme, chart};
use spinal_mets_cds::synthesize::Random;
use std::collections::BTreeMap;

/// The most different kinds of fault that one run tells.
const MOST: usize = 12;

/// What is wrong with a chart.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// Faults of one kind are told once.
    pub(crate) kind: String,
    pub(crate) what: String,
}

/// The charts and the seed of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) charts: u64,
    seed: u64,
    /// The number of the first chart.
    first: u64,
}

impl Run {
    /// A run of `charts` charts, if the environment asks for nothing else.
    #[expect(clippy::disallowed_methods, reason = "the length of a test run is no setting of the service")]
    pub(crate) fn of(charts: u64) -> Self {
        let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
        Self {
            charts: number("MODEL_CHARTS").unwrap_or(charts),
            seed: number("MODEL_SEED").unwrap_or(1),
            first: number("MODEL_FIRST").unwrap_or(0),
        }
    }

    /// Holds `check` against every chart of the themes. `check` may draw from the chart's own numbers.
    ///
    /// # Panics
    ///
    /// When any chart shows a fault; the message has the smallest chart of each kind.
    pub(crate) fn check(
        self,
        themes: &[Theme],
        check: impl Fn(&Program, &Chart, &mut Random) -> Option<Fault>,
    ) {
        let program = Program::new();
        let mut found: BTreeMap<String, (Chart, Fault, u64)> = BTreeMap::new();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for number in self.first..self.first.saturating_add(self.charts) {
            let mut random = Random::new(self.seed, number);
            let theme = random.one_of(themes);
            let made = chart(&mut random, theme);
            let again = random.clone();
            let Some(fault) = check(&program, &made, &mut again.clone()) else { continue };
            *counts.entry(fault.kind.clone()).or_default() += 1;
            let known = found.get(&fault.kind).map_or(usize::MAX, |(chart, ..)| chart.records.len());
            if known == usize::MAX && found.len() >= MOST {
                break;
            }
            if known > 3 && counts[&fault.kind] < 20 {
                let (small, fault) =
                    smallest(&made, fault, |chart| check(&program, chart, &mut again.clone()));
                if small.records.len() < known {
                    found.insert(fault.kind.clone(), (small, fault, number));
                }
            }
        }
        let told: Vec<String> = found
            .into_iter()
            .map(|(kind, (chart, fault, number))| {
                format!(
                    "{kind} ({} charts, first kept: {number})\n{}\n{}",
                    counts[&kind],
                    fault.what,
                    shown(&chart)
                )
            })
            .collect();
        assert!(told.is_empty(), "MODEL_SEED={}\n\n{}", self.seed, told.join("\n\n"));
    }
}

/// Drops records as long as the same kind of fault stays.
fn smallest(chart: &Chart, fault: Fault, check: impl Fn(&Chart) -> Option<Fault>) -> (Chart, Fault) {
    let (mut chart, mut fault) = (chart.clone(), fault);
    let mut place = 0;
    while place < chart.records.len() {
        let mut smaller = chart.clone();
        smaller.records.remove(place);
        match check(&smaller).filter(|left| left.kind == fault.kind) {
            Some(left) => (chart, fault, place) = (smaller, left, 0),
            None => place += 1,
        }
    }
    (chart, fault)
}

/// A chart for a reader: its records with times before the clock, and its FHIR.
fn shown(chart: &Chart) -> String {
    let records: Vec<String> = chart.records.iter().map(|record| relative(record, chart.now)).collect();
    let fhir = resources(chart);
    let now = super::resources::written(super::chart::When::At(chart.now));
    format!(
        "now {now} {:?}, age {}\n  {}\n  {}\n  drafts {} selections {:?}",
        chart.hook,
        chart.age,
        records.join("\n  "),
        serde_json::Value::Array(fhir.chart),
        serde_json::Value::Array(fhir.drafts),
        fhir.selections,
    )
}

/// The record's debug text with moments as hours before now.
fn relative(record: &Record, now: i64) -> String {
    let text = format!("{record:?}");
    let mut told = String::new();
    for part in text.split_inclusive(['(', ')']) {
        let number = part.strip_suffix(')').and_then(|digits| digits.parse::<i64>().ok());
        match number.filter(|number| *number > 1_000_000_000) {
            Some(moment) => told.push_str(&format!("{:.2} h ago)", (now - moment) as f64 / 3_600.0)),
            None => told.push_str(part),
        }
    }
    told
}
