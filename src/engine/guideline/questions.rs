//! The cards of section 3.1 and 3.2 that ask instead of setting a deadline: the result of an MRI that was made, a sign
//! that may mean cord compression, and findings that a treatment covers.
//!
//! Deliberately absent: when they fire ([`super::mescc`], [`super::treated`]).

use super::advice::{Advice, FactUsed, Group, Indicator, Recommendation};
use super::code::Code;
use super::compose::{Parts, compose, distinct};
use super::describe::{self, fact, finding_facts};
use super::fact::Fact;
use super::mescc::{Imaging, MesccSign, Suspected};
use super::mescc_treatment::TREAT_WITHIN;
use super::picture::Picture;
use super::row::CodedRow;
use crate::domain::{Site, TreatmentKind};

/// A sign asks whether the cord is compressed.
pub(super) const QUESTION: CodedRow = CodedRow {
    id: "mescc/question",
    holds: || {
        "no MRI row holds, and there is a non-specific sign alone, urinary incontinence, or an old sign recorded again; until an MRI or the clinician has answered it".to_owned()
    },
    code: Code::MesccQuestion,
    indicator: Indicator::Info,
    offers: "",
    statements: &["G-06", "G-11"],
};

/// The result of the MRI is asked for.
pub(super) const RESULT_NEEDED: CodedRow = CodedRow {
    id: "mescc/result-needed",
    holds: || {
        format!(
            "MESCC suspected, adequate MRI since onset without a coded result (ESCC 1c counts as none), more than {} hours after presentation",
            TREAT_WITHIN.num_hours()
        )
    },
    code: Code::MesccResultNeeded,
    indicator: Indicator::Warning,
    offers: "",
    statements: &["G-11", "G-12"],
};

/// Findings that a treatment covers.
pub(super) const REASSESS: CodedRow = CodedRow {
    id: "mescc/reassess",
    holds: || {
        "findings that began before a treatment of the spine which runs or ended recently, and that nobody recorded as worse since; patient-view only".to_owned()
    },
    code: Code::ReassessAfterTreatment,
    indicator: Indicator::Info,
    offers: "",
    statements: &["G-06"],
};

/// The rows, in the order of the printed table.
pub(super) const ROWS: [CodedRow; 3] = [QUESTION, RESULT_NEEDED, REASSESS];

pub(super) fn result_card(picture: &Picture<'_>, needed: &[&Suspected<'_, '_>], site: &Site) -> Advice {
    let zone = site.time_zone;
    let members = || needed.iter().flat_map(|s| s.sign.members.iter().chain(&s.with));
    let mut facts: Vec<FactUsed> = members().flat_map(|c| finding_facts(&c.finding, zone)).collect();
    for one in needed {
        if let Imaging::NoResult(study) = &one.imaging {
            facts.extend(
                study.parts.iter().map(|mri| {
                    fact(Fact::SpineMri, format!("{}, no coded result", mri.regions), &mri.evidence)
                }),
            );
        }
    }
    let indicator =
        if picture.facts.comfort_care.is_some() { Indicator::Info } else { RESULT_NEEDED.indicator };
    let first = needed.first().map_or("sign", |s| s.sign.name);
    simple(
        picture,
        site,
        indicator,
        RESULT_NEEDED.recommendation(distinct(facts), vec![Fact::Escc]),
        format!(
            "Record the MRI result now; if the cord is compressed, treat at once: cord compression suspected ({first})"
        ),
        vec![
            "If the MRI shows cord compression, treat now.".to_owned(),
            "Record the result (ESCC grade), or record that cord compression is not suspected.".to_owned(),
        ],
        vec!["The result of the whole-spine MRI: no ESCC grade or diagnosis is recorded.".to_owned()],
    )
}

pub(super) fn question_card(picture: &Picture<'_>, questions: &[MesccSign<'_, '_>], site: &Site) -> Advice {
    let members = questions.iter().flat_map(|sign| sign.members.iter());
    let facts: Vec<FactUsed> =
        members.flat_map(|c| finding_facts(&c.finding, site.time_zone)).map(as_sign).collect();
    let first = questions.first().map_or("sign", |s| s.name);
    let more = if questions.len() > 1 { " and other signs" } else { "" };
    simple(
        picture,
        site,
        QUESTION.indicator,
        QUESTION.recommendation(distinct(facts), vec![Fact::MesccSigns]),
        format!(
            "Ask whether cord compression is suspected: {first}{more} on record, {}",
            describe::patient(picture)
        ),
        vec![
            "Record whether cord compression is suspected, and any pain, deficit or recent change."
                .to_owned(),
            "If it is suspected, MRI of the whole spine is due within 12 hours.".to_owned(),
        ],
        vec!["Whether the sign is new or worse, and whether it comes from the spine.".to_owned()],
    )
}

/// A weakness that only asks stands in the card as a sign.
fn as_sign(mut used: FactUsed) -> FactUsed {
    if used.fact == Fact::Deficit {
        used.fact = Fact::MesccSigns;
    }
    used
}

pub(super) fn reassess_card(picture: &Picture<'_>, site: &Site) -> Advice {
    let zone = site.time_zone;
    let mut facts: Vec<FactUsed> = Vec::new();
    let mut treatment = "treatment";
    let mut since = String::new();
    for (finding, by) in &picture.covered {
        let (name, value) = match by.record.kind {
            TreatmentKind::SpineSurgery => ("spine surgery", "spine surgery"),
            TreatmentKind::Radiotherapy => ("radiotherapy", "radiotherapy of the spine"),
        };
        treatment = name;
        since = by.start.for_people(zone);
        facts.push(fact(Fact::TreatmentSinceOnset, value, &by.record.evidence));
        facts.extend(finding_facts(finding, zone));
    }
    simple(
        picture,
        site,
        REASSESS.indicator,
        REASSESS.recommendation(distinct(facts), vec![Fact::DeficitProgression]),
        format!(
            "Ask whether anything is new or worse since the {treatment} of {since}; earlier findings are not counted"
        ),
        vec![
            "Record any new or worse pain, deficit or sign: a new finding starts a new MRI deadline."
                .to_owned(),
        ],
        vec!["Whether anything is new or worse since the treatment.".to_owned()],
    )
}

fn simple(
    picture: &Picture<'_>,
    site: &Site,
    indicator: Indicator,
    recommendation: Recommendation,
    summary: String,
    what_to_do: Vec<String>,
    not_known: Vec<String>,
) -> Advice {
    let recommendations = vec![recommendation];
    let parts = Parts {
        group: Group::Emergency,
        indicator,
        summary,
        recommendations,
        what_to_do,
        not_known,
        ..Parts::default()
    };
    compose(picture, site, parts)
}
