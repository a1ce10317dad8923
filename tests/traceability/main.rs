//! From statement to row to code to fixture and back: nothing of the guideline is without a rule, no rule without a case.
//!
//! Rows are collected from the answers to all fixtures, not from what the fixtures expect.

#![cfg(test)]

mod twins;

use serde_json::Value;
use spinal_mets_cds::cases::Case;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::run::{ServiceClock, run};
use spinal_mets_cds::cases::target::InProcessTarget;
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::guideline::page::{Page, page};
use spinal_mets_cds::guideline::{Code, Fact};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// The codes of the contract (guideline.md section 3) by the numbers that ids in the field carry. Both never change, so they
/// stand here once more: a line is never changed or removed.
const CONTRACT: [&str; 43] = [
    "mri-within-12h",
    "mri-within-24h",
    "mri-within-48h",
    "mri-within-1-week",
    "mri-within-2-weeks",
    "mri-ask-presentation",
    "mescc-treat-within-24h",
    "mescc-modality-mdt",
    "mescc-result-needed",
    "mescc-question",
    "reassess-after-treatment",
    "surgery-candidacy-conflict",
    "sins-surgery-indicated",
    "sins-mdt-consult",
    "sins-indeterminate",
    "sins-not-recorded",
    "mirels-high-fracture-risk",
    "mirels-indeterminate",
    "mirels-borderline",
    "surgery-preferred",
    "modality-undetermined",
    "systemic-therapy-primary",
    "radiotherapy-preferred",
    "radiotherapy-preferred-provisional",
    "sbrt-de-novo",
    "cebrt-palliative",
    "sbrt-reirradiation",
    "sbrt-consult-surgery-first",
    "sbrt-vcf-risk",
    "zoledronic-acid-eligible",
    "zoledronic-acid-needs-facts",
    "vertebroplasty-consider",
    "imaging-cannot-exclude",
    "mri-extend-to-whole-spine",
    "mri-order-too-late",
    "mri-state-date",
    "rt-8gy-single-good-prognosis",
    "rt-state-prognosis",
    "rt-unstable-spine",
    "rt-reirradiation-use-sbrt",
    "rt-scheme-not-listed",
    "surgery-life-expectancy",
    "zoledronic-acid-check",
];

/// One recommendation of an answer, with the case that it answers.
struct Fired {
    case: String,
    code: String,
    row: String,
    statements: Vec<String>,
    facts: Vec<String>,
    missing: Vec<String>,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let found = find(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures")]);
    assert!(found.errors.is_empty(), "{:?}", found.errors);
    assert!(found.cases.len() > 300, "the fixtures were not found");
    found.cases
});

/// Every case that was answered, each at its own site, with the answer.
static ANSWERS: LazyLock<Vec<(&Case, Value)>> = LazyLock::new(|| {
    let plain = InProcessTarget::new(Site::default()).unwrap();
    let answers = CASES.iter().filter_map(|case| {
        let own = case.told.facility.as_ref().map(|site| InProcessTarget::new(site.site()).unwrap());
        let target = own.as_ref().unwrap_or(&plain);
        Some((case, run(case, target, ServiceClock::OfTheCase).reply?.body))
    });
    answers.collect()
});

static FIRED: LazyLock<Vec<Fired>> = LazyLock::new(|| {
    let mut fired = Vec::new();
    for (case, answer) in ANSWERS.iter() {
        for card in answer["cards"].as_array().into_iter().flatten() {
            let rationale = &card["extension"]["org.spinal-mets-cds.rationale"];
            for recommendation in rationale["recommendations"].as_array().unwrap() {
                fired.push(Fired {
                    case: case.name.clone(),
                    code: recommendation["code"].as_str().unwrap().to_owned(),
                    row: recommendation["row"].as_str().unwrap().to_owned(),
                    statements: strings(&recommendation["statements"]),
                    facts: recommendation["facts"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|fact| fact["fact"].as_str().unwrap().to_owned())
                        .collect(),
                    missing: strings(&recommendation["missing"]),
                });
            }
        }
    }
    fired
});

static PAGE: LazyLock<Page> = LazyLock::new(page);

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn rows() -> BTreeSet<&'static str> {
    PAGE.rows().map(|(_, row)| row.id).collect()
}

#[test]
fn every_statement_is_the_ground_of_a_row() {
    let expected: Vec<String> = (1..=68).map(|n| format!("G-{n:02}")).collect();
    let ids: Vec<&str> = PAGE.statements.iter().map(|statement| statement.id).collect();
    assert_eq!(ids, expected);
    let unused: Vec<&str> = PAGE.statements.iter().filter(|s| s.rows.is_empty()).map(|s| s.id).collect();
    assert!(unused.is_empty(), "no row rests on {unused:?}");
}

#[test]
fn every_statement_is_cited_on_a_card_of_a_fixture() {
    let cited: BTreeSet<&str> = FIRED.iter().flat_map(|f| f.statements.iter().map(String::as_str)).collect();
    let silent: Vec<&str> = PAGE.statements.iter().map(|s| s.id).filter(|id| !cited.contains(id)).collect();
    assert!(silent.is_empty(), "no fixture's card cites {silent:?}");
}

#[test]
fn every_row_answers_a_fixture() {
    let fired: BTreeSet<&str> = FIRED.iter().map(|f| f.row.as_str()).collect();
    let without: Vec<&str> = rows().into_iter().filter(|row| !fired.contains(row)).collect();
    assert!(without.is_empty(), "no fixture's answer names the rows {without:?}");
}

#[test]
fn every_answer_rests_on_a_printed_row() {
    for fired in FIRED.iter() {
        let printed = PAGE.rows().find(|(_, row)| {
            // A row that holds for one of several reasons cites the statement of that one.
            let cited = fired.statements.iter().all(|id| row.statements.contains(&id.as_str()));
            row.id == fired.row && row.code == fired.code && cited && !fired.statements.is_empty()
        });
        let Some((decision, _)) = printed else {
            panic!("{}: {} of row {} is not printed so", fired.case, fired.code, fired.row)
        };
        for fact in fired.facts.iter().chain(&fired.missing).map(|name| Fact::named(name).unwrap()) {
            let printed = decision.looks_at.contains(&fact) || PAGE.looks_at_always.contains(&fact);
            assert!(printed, "{}: {} does not say that it looks at {fact:?}", fired.case, decision.anchor);
        }
    }
}

#[test]
fn every_code_of_the_contract_is_given_to_a_fixture() {
    let offered: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(offered, CONTRACT);
    for (number, code) in Code::ALL.iter().enumerate() {
        assert_eq!(usize::from(code.number()), number, "{}", code.as_str());
        assert_eq!(Code::numbered(code.number()), Some(*code));
    }
    assert_eq!(Code::numbered(200), None);
    let given: BTreeSet<&str> = FIRED.iter().map(|f| f.code.as_str()).collect();
    let never: Vec<&str> = CONTRACT.into_iter().filter(|code| !given.contains(code)).collect();
    assert!(never.is_empty(), "no fixture's answer gives {never:?}");
}

#[test]
fn every_row_that_a_fixture_claims_to_cover_exists() {
    let rows = rows();
    let tables: BTreeSet<&str> = PAGE.decisions.iter().map(|decision| decision.anchor).collect();
    let mut claims = 0;
    for case in CASES.iter() {
        for name in case.told.covers.iter().flat_map(|entry| entry.split([' ', ',', ':', ';'])) {
            if name.split_once('/').is_some_and(|(table, _)| tables.contains(table)) {
                assert!(rows.contains(name), "{} covers {name}, which is no row", case.name);
                claims += 1;
            }
        }
    }
    assert!(claims > 300, "{claims}");
}

#[test]
fn a_case_lies_below_its_decision_and_no_two_have_one_name() {
    let mut names = BTreeSet::new();
    for case in CASES.iter() {
        let parts: Vec<&str> = case.name.split('/').collect();
        let [_decision, name] = parts[..] else {
            panic!("{}: a case belongs in fhir-fixtures/<decision>/<case>", case.name)
        };
        assert!(names.insert(name), "{}: another decision has a case of this name", case.name);
    }
}

#[test]
fn the_people_fit_their_stories() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures/people.py");
    let output = Command::new("python3").arg("-B").arg(script).arg("--check").output();
    let output = output.expect("python3 starts; `.ci/check` installs it");
    let faults = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{faults}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_expected_codes_of_fixtures_exist() {
    for case in CASES.iter() {
        for code in case.told.expect.iter().flat_map(|expect| &expect.codes) {
            assert!(CONTRACT.contains(&code.as_str()), "{} expects {code}", case.name);
        }
    }
}
