//! What the guideline is: the attributes that one asks of a source of decision support (45 CFR 170.315 (b)(11)(iv)(A), an
//! evidence-based intervention), as far as they are known.
//!
//! Use of a datum follows from the facts that decisions look at. What the source does not say is said to be that: nothing is
//! guessed.

use super::{Decision, names};
use crate::domain::Source;
use crate::guideline::advice::GUIDELINE_VERSION;
use crate::guideline::{ADULT, Fact};
use serde::Serialize;

/// One attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// What is asked.
    pub name: &'static str,
    /// What is known.
    pub says: String,
    /// Of a kind of data: whether any decision uses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<bool>,
    /// The facts that carry it, by their names in the rationale of a card.
    #[serde(skip_serializing_if = "<[Fact]>::is_empty", serialize_with = "names")]
    pub facts: &'static [Fact],
    /// The decisions that look at one of them, by their anchors; empty where all do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<&'static str>,
}

/// A kind of data: its name, the facts that carry it, and what is done with it.
const DATA: [(&str, &[Fact], &str); 9] = [
    ("Use of race", &[], ""),
    ("Use of ethnicity", &[], ""),
    ("Use of language", &[], ""),
    ("Use of sexual orientation", &[], ""),
    ("Use of gender identity", &[], ""),
    (
        "Use of sex",
        &[Fact::Sex, Fact::CreatinineClearance],
        "`Patient.gender`, for the creatinine clearance (Cockcroft–Gault) where none is recorded.",
    ),
    (
        "Use of date of birth",
        &[Fact::AgeYears, Fact::CreatinineClearance],
        "`Patient.birthDate`, for the age: it says who is an adult, and goes into the creatinine clearance.",
    ),
    ("Use of social determinants of health", &[], ""),
    (
        "Use of health status assessments",
        &[Fact::Performance, Fact::LifeExpectancy, Fact::Pregnancy, Fact::GoalsOfCare],
        "Performance status, life expectancy, pregnancy and comfort care, as clinicians recorded them.",
    ),
];

/// Every attribute.
pub(super) fn attributes(decisions: &[Decision], always: &[Fact]) -> Vec<Attribute> {
    let said = |name, says: String| Attribute { name, says, used: None, facts: &[], decisions: Vec::new() };
    let mut all = vec![
        said(
            "Citation",
            "“Treatment for Spinal Metastases (guideline summary)”. Authors, publisher, year and grades of evidence: not \
             stated by the source, which refers to one further source that it does not name."
                .to_owned(),
        ),
        said(
            "Developer",
            "Of the source: not stated there. Of the rules made from it: the developers of spinal-mets-cds; the page says with \
             each decision how an open sentence was read."
                .to_owned(),
        ),
        said("Funding", "Of the source: not stated there. Of this program: none is recorded.".to_owned()),
        said(
            "Release and revision",
            format!(
                "Of the source: not stated there. Of the rules: decisions {GUIDELINE_VERSION} (year, and number within it), in \
                 release {}; the changelog marks each change that can alter advice.",
                env!("CARGO_PKG_VERSION")
            ),
        ),
        said(
            "Whom it is for",
            format!(
                "Clinicians who care for people with known or suspected spinal metastases. Under {ADULT} or pregnant: \
                 imaging, MESCC and the order checks alone."
            ),
        ),
        said(
            "Where the data come from",
            format!("FHIR R4: {}.", Source::ALL.map(Source::resource_type).join(", ")),
        ),
    ];
    all.extend(DATA.into_iter().map(|(name, facts, how)| data(name, facts, how, decisions, always)));
    all
}

fn data(
    name: &'static str,
    facts: &'static [Fact],
    how: &str,
    decisions: &[Decision],
    always: &[Fact],
) -> Attribute {
    let looks = |looked_at: &[Fact]| facts.iter().any(|fact| looked_at.contains(fact));
    let everywhere = looks(always);
    let of: Vec<&str> =
        decisions.iter().filter(|it| looks(&it.looks_at)).map(|decision| decision.anchor).collect();
    let used = everywhere || !of.is_empty();
    let says = match (used, everywhere) {
        (false, _) => "Not used: no decision looks at it, and it is not asked for.".to_owned(),
        (true, true) => format!("Used by every decision. {how}"),
        (true, false) => format!("Used. {how}"),
    };
    Attribute { name, says, used: Some(used), facts, decisions: if everywhere { Vec::new() } else { of } }
}
