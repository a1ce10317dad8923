//! Every row has a silent or calmer twin: a chart that differs from one where the row fires by one thing, and where it does not.
//!
//! Without a twin nobody has shown that the row keeps quiet. Twins are found by comparing charts. Where the nearest chart differs
//! by more, such as a visit that has nothing to do with it, the case names its twin in `case.toml`; of such a twin another row may
//! fire, as long as nothing is worse.

use super::{ANSWERS, rows};
use serde_json::Value;
use spinal_mets_cds::cases::Case;
use spinal_mets_cds::cases::bundle::CaseBundle;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// How far twins may be apart: one resource in place of another, or one more, or one setting.
const ONE_THING: usize = 2;

/// A case with what its chart holds and what was said.
struct Answered {
    case: &'static Case,
    /// The resources as text, sorted; ids and the person left out.
    chart: Vec<String>,
    /// The circumstances that `case.toml` gives.
    settings: [String; 7],
    rows: BTreeSet<String>,
    /// 0 without a card, up to 3 for a critical one.
    worst: usize,
}

static ANSWERED: LazyLock<Vec<Answered>> = LazyLock::new(|| {
    let charts = ANSWERS.iter().filter(|(case, _)| !case.is_hostile());
    charts.map(|(case, answer)| answered(case, answer)).collect()
});

fn answered(case: &'static Case, answer: &Value) -> Answered {
    let cards = answer["cards"].as_array().unwrap();
    let recommendations = cards.iter().flat_map(|card| {
        card["extension"]["org.spinal-mets-cds.rationale"]["recommendations"].as_array().unwrap()
    });
    let rank = |card: &Value| match card["indicator"].as_str() {
        Some("critical") => 3,
        Some("warning") => 2,
        _ => 1,
    };
    let bundle = CaseBundle::load(&case.folder).unwrap();
    let mut chart: Vec<String> = bundle.resources().iter().cloned().map(impersonal).collect();
    chart.sort_unstable();
    let told = &case.told;
    Answered {
        case,
        chart,
        settings: [
            told.hook.clone().unwrap_or_default(),
            told.now.to_string(),
            told.user.clone(),
            format!("{} {}", told.drafts.len(), told.selections.len()),
            told.unavailable.join(" "),
            told.absent.join(" "),
            format!("{:?}", told.facility),
        ],
        rows: recommendations.map(|it| it["row"].as_str().unwrap().to_owned()).collect(),
        worst: cards.iter().map(rank).max().unwrap_or(0),
    }
}

/// A resource as text without its id, and of a Patient only what advice depends on: a minor, and a death.
fn impersonal(mut resource: Value) -> String {
    if resource["resourceType"] == "Patient" {
        let minor = resource["birthDate"].as_str() > Some("2008-05-04");
        return format!("Patient {minor} {}", resource.get("deceasedDateTime").is_some());
    }
    resource.as_object_mut().unwrap().remove("id");
    resource.to_string()
}

impl Answered {
    /// In how many resources and settings two cases differ.
    fn distance(&self, other: &Self) -> usize {
        let settings = self.settings.iter().zip(&other.settings).filter(|(a, b)| a != b).count();
        let (mut left, mut right) = (self.chart.iter().peekable(), other.chart.iter().peekable());
        let mut resources = 0;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let order = a.cmp(b);
            resources += usize::from(order.is_ne());
            if order.is_le() {
                left.next();
            }
            if order.is_ge() {
                right.next();
            }
        }
        resources + left.count() + right.count() + settings
    }

    /// Whether this case says less than another: no card, nothing as bad, or the same rows but some.
    fn is_calmer_than(&self, other: &Self) -> bool {
        self.worst < other.worst || (self.rows.len() < other.rows.len() && self.rows.is_subset(&other.rows))
    }
}

/// Whether comparing charts shows that a case is the twin of another for a row.
fn is_twin(row: &str, loud: &Answered, quiet: &Answered) -> bool {
    !quiet.rows.contains(row) && quiet.is_calmer_than(loud) && loud.distance(quiet) <= ONE_THING
}

/// Whether a case names the other as its twin for a row.
fn is_named_twin(row: &str, loud: &Answered, quiet: &Answered) -> bool {
    let named = loud.case.told.twin.as_deref() == Some(quiet.case.name.as_str());
    named && !quiet.rows.contains(row) && quiet.worst <= loud.worst
}

#[test]
fn every_row_has_a_silent_or_calmer_twin() {
    let mut without = Vec::new();
    for row in rows() {
        let loud: Vec<&Answered> = ANSWERED.iter().filter(|it| it.rows.contains(row)).collect();
        let shown =
            |loud: &Answered, quiet: &Answered| is_named_twin(row, loud, quiet) || is_twin(row, loud, quiet);
        if loud.iter().any(|loud| ANSWERED.iter().any(|quiet| shown(loud, quiet))) {
            continue;
        }
        let pairs = loud.iter().flat_map(|loud| ANSWERED.iter().map(move |quiet| (*loud, quiet)));
        let nearest = pairs
            .filter(|(loud, quiet)| !quiet.rows.contains(row) && quiet.is_calmer_than(loud))
            .min_by_key(|(loud, quiet)| loud.distance(quiet));
        let nearest = nearest.map_or_else(String::new, |(loud, quiet)| {
            format!("; nearest: {} and {}, {} apart", loud.case.name, quiet.case.name, loud.distance(quiet))
        });
        without.push(format!("{row}{nearest}"));
    }
    assert!(
        without.is_empty(),
        "no case shows by one difference that these rows keep quiet; add one, or name it in `twin` of case.toml:\n{}",
        without.join("\n")
    );
}

#[test]
fn a_named_twin_is_one_and_is_needed() {
    for loud in ANSWERED.iter() {
        let Some(name) = &loud.case.told.twin else { continue };
        let Some(quiet) = ANSWERED.iter().find(|it| it.case.name == *name) else {
            panic!("{}: its twin {name} is no case with a chart", loud.case.name)
        };
        assert!(
            loud.rows.iter().any(|row| is_named_twin(row, loud, quiet)),
            "{}: its twin {name} fires every row that it fires, or something worse",
            loud.case.name
        );
        assert!(
            !loud.rows.iter().any(|row| is_twin(row, loud, quiet)),
            "{}: its twin is found without being named; take `twin` out",
            loud.case.name
        );
    }
}
