//! The cards of section 3.1 and 3.2 that ask instead of setting a deadline: the result of an MRI that was made, a sign
//! that may mean cord compression, and findings that a treatment covers.
//!
//! Deliberately absent: when they fire ([`super::mescc`], [`super::treated`]).

use super::advice::{Advice, FactUsed, Group, Indicator, Recommendation};
use super::code::Code;
use super::compose::{Parts, compose, distinct_facts};
use super::deadline::deadline;
use super::describe::{self, fact, finding_facts};
use super::emergency;
use super::fact::Fact;
use super::mescc::{self, Imaging, MesccSign, Suspected};
use super::mescc_treatment;
use super::mri_timing;
use super::picture::Picture;
use super::row::CodedRow;
use super::say::{Act, Gap, Headline, SignName, Value};
use super::study::WholeStudy;
use crate::domain::{Sign, When};
use chrono::{DateTime, Duration, Utc};
use std::cmp::Reverse;

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

/// How long after the study its missing result is asked for (guideline.md section 3.1): critical, warning, info.
pub(super) const RESULT_CRITICAL: Duration = Duration::hours(72);
/// The same, as a warning.
pub(super) const RESULT_WARNING: Duration = Duration::days(7);
/// The same, for information; then the study has answered the sign.
pub(super) const RESULT_INFO: Duration = Duration::days(30);

/// The result of the MRI is asked for, the longer ago the milder.
pub(super) const RESULT_NEEDED: [CodedRow; 3] = [
    result_needed(
        || {
            format!(
                "MESCC suspected, adequate MRI since onset without a coded result (ESCC 1c counts as none), until {} hours after the study",
                RESULT_CRITICAL.num_hours()
            )
        },
        Indicator::Critical,
    ),
    result_needed(
        || format!("the same, until {} days after the study", RESULT_WARNING.num_days()),
        Indicator::Warning,
    ),
    result_needed(
        || format!("the same, until {} days after the study; then silent", RESULT_INFO.num_days()),
        Indicator::Info,
    ),
];

const fn result_needed(holds: fn() -> String, indicator: Indicator) -> CodedRow {
    CodedRow {
        id: "mescc/result-needed",
        holds,
        code: Code::MesccResultNeeded,
        indicator,
        offers: "",
        statements: &["G-11", "G-12"],
    }
}

/// The row for a study of that time that has no result; `None` once the study has answered the sign.
pub(super) fn result_row(study: When, now: DateTime<Utc>) -> Option<&'static CodedRow> {
    let [critical, warning, info] = &RESULT_NEEDED;
    match study.shortest_age(now) {
        age if age <= RESULT_CRITICAL => Some(critical),
        age if age <= RESULT_WARNING => Some(warning),
        age if age <= RESULT_INFO => Some(info),
        _ => None,
    }
}

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
pub(super) const ROWS: [CodedRow; 5] = {
    let [critical, warning, info] = RESULT_NEEDED;
    [QUESTION, critical, warning, info, REASSESS]
};

/// Asks for the result of the MRI; `None` where every study is too long ago to ask for it.
pub(super) fn result_card(picture: &Picture<'_>, suspected: &[Suspected<'_, '_>]) -> Option<Advice> {
    // A result that could not be read is not one that nobody recorded.
    if mri_timing::result_is_unread(picture.facts) {
        return None;
    }
    let now = picture.clock.now;
    let mut needed: Vec<(&CodedRow, &Suspected<'_, '_>, &WholeStudy<'_>)> = suspected
        .iter()
        .filter_map(|one| match &one.imaging {
            Imaging::NoResult(study) => Some((result_row(study.when, now)?, one, study)),
            _ => None,
        })
        .collect();
    needed.sort_by_key(|(row, ..)| Reverse(row.indicator));
    let (row, first, study) = *needed.first()?;

    let members = mescc::findings_of(needed.iter().map(|(_, one, _)| *one));
    let mut facts: Vec<FactUsed> = members.into_iter().flat_map(|c| finding_facts(&c.finding)).collect();
    let parts = needed.iter().flat_map(|(_, _, study)| &study.parts);
    facts
        .extend(parts.map(|mri| fact(Fact::SpineMri, Value::StudyWithoutResult(mri.regions), &mri.evidence)));
    let comfort = picture.facts.comfort_care.is_some();
    let presentation = needed.iter().map(|(_, one, _)| one.presentation).reduce(When::or_earlier)?;
    let due = deadline(presentation, mescc_treatment::TREAT_WITHIN, now);
    let acts = [Act::ReadStudy(study.when), Act::RecordResult, Act::TreatIfCompressed(due)];
    Some(simple(
        picture,
        if comfort { row.indicator.milder() } else { row.indicator },
        row.recommendation(distinct_facts(facts), vec![Fact::Escc]),
        Headline::ReadStudy { made: study.when, sign: first.sign.name },
        emergency::goals_of_care(picture).into_iter().chain(acts).collect(),
        Gap::Result,
    ))
}

pub(super) fn question_card(picture: &Picture<'_>, questions: &[MesccSign<'_, '_>]) -> Advice {
    let members = questions.iter().flat_map(|sign| sign.members.iter());
    let facts: Vec<FactUsed> = members.flat_map(|c| finding_facts(&c.finding)).map(as_sign).collect();
    let sign = questions.first().map_or(SignName::One(Sign::MesccSuspected), |sign| sign.name);
    simple(
        picture,
        QUESTION.indicator,
        QUESTION.recommendation(distinct_facts(facts), vec![Fact::MesccSigns]),
        Headline::AskMescc { sign, more: questions.len() > 1, patient: describe::patient(picture) },
        vec![Act::RecordSuspicion, Act::MriIfSuspected],
        Gap::Sign,
    )
}

/// A weakness that only asks stands in the card as a sign.
fn as_sign(mut used: FactUsed) -> FactUsed {
    if used.fact == Fact::Deficit {
        used.fact = Fact::MesccSigns;
    }
    used
}

pub(super) fn reassess_card(picture: &Picture<'_>) -> Advice {
    let mut facts: Vec<FactUsed> = Vec::new();
    for (finding, by) in &picture.covered {
        facts.push(fact(Fact::TreatmentSinceOnset, Value::Treatment(by.record.kind), &by.record.evidence));
        facts.extend(finding_facts(finding));
    }
    let since = picture.covered.last().map(|(_, by)| (by.record.kind, by.start));
    simple(
        picture,
        REASSESS.indicator,
        REASSESS.recommendation(distinct_facts(facts), vec![Fact::DeficitProgression]),
        Headline::AskNewOrWorse { since },
        vec![Act::RecordNewFindings],
        Gap::NewSinceTreatment,
    )
}

fn simple(
    picture: &Picture<'_>,
    indicator: Indicator,
    recommendation: Recommendation,
    headline: Headline,
    acts: Vec<Act>,
    gap: Gap,
) -> Advice {
    let parts = Parts {
        indicator,
        recommendations: vec![recommendation],
        acts,
        gaps: vec![gap],
        ..Parts::of(Group::Emergency, headline)
    };
    compose(picture, parts)
}
