//! The cards of section 3.1 and 3.2 that ask instead of setting a deadline: the result of an MRI that was made, a sign
//! that may mean cord compression, and findings that a treatment covers.
//!
//! Deliberately absent: the table ([`super::tables::mescc`]), and which signs and findings it is asked about
//! ([`super::mescc`], [`super::treated`]).

use super::advice::{Advice, FactUsed, Group, Indicator, Recommendation};
use super::compose::{Parts, compose, distinct_facts};
use super::deadline::deadline;
use super::describe::{self, fact, finding_facts};
use super::emergency;
use super::fact::Fact;
use super::mescc::{self, Imaging, MesccSign, Suspected};
use super::mescc_treatment;
use super::mri_timing;
use super::picture::Picture;
use super::say::{Act, Gap, Headline, SignName, Value};
use super::study::WholeStudy;
use super::tables::mescc::{Asked, QUESTION, REASSESS, ROWS, Row};
use super::tables::row::first;
use crate::domain::{Sign, When};
use chrono::{DateTime, Utc};
use std::cmp::Reverse;

/// What passes the table. `questions`: the signs that ask, looked for where no MRI row holds.
pub(super) fn asked(
    picture: &Picture<'_>,
    suspected: &[Suspected<'_, '_>],
    questions: &[MesccSign<'_, '_>],
    mri_row: bool,
) -> Asked {
    let ages = suspected.iter().filter_map(|one| match &one.imaging {
        Imaging::NoResult(study) => Some(study.when.shortest_age(picture.clock.now)),
        _ => None,
    });
    Asked {
        mri_row,
        sign: !questions.is_empty(),
        without_result: ages.min().filter(|_| !is_confirmed(suspected)),
        result_unread: mri_timing::result_is_unread(picture.facts),
        covered: !picture.covered.is_empty(),
        comfort_care: picture.facts.comfort_care.is_some(),
    }
}

/// The row for a study of that time that has no result; `None` once the study has answered the sign.
pub(super) fn result_row(study: When, now: DateTime<Utc>) -> Option<&'static Row> {
    first(&ROWS, &Asked { without_result: Some(study.shortest_age(now)), ..Asked::default() })
}

/// Whether the cord is known to be compressed.
fn is_confirmed(suspected: &[Suspected<'_, '_>]) -> bool {
    suspected.iter().any(|one| matches!(one.imaging, Imaging::Confirmed))
}

/// Asks for the result of the MRI; `None` where every study is too long ago to ask for it.
pub(super) fn result_card(picture: &Picture<'_>, suspected: &[Suspected<'_, '_>]) -> Option<Advice> {
    // A result that could not be read is not one that nobody recorded; and where the cord is known to be compressed no
    // result decides any more: "confirmed" and "if" never stand in one card.
    if is_confirmed(suspected) || mri_timing::result_is_unread(picture.facts) {
        return None;
    }
    let now = picture.clock.now;
    let mut needed: Vec<(&Row, &Suspected<'_, '_>, &WholeStudy<'_>)> = suspected
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
        Headline::ReadStudy { made: study.when, sign: first.sign.name, due },
        emergency::goals_of_care(picture).into_iter().chain(acts).collect(),
        Gap::Result,
    ))
}

pub(super) fn question_card(picture: &Picture<'_>, questions: &[MesccSign<'_, '_>]) -> Advice {
    let members = questions.iter().flat_map(|sign| sign.members.iter());
    let facts: Vec<FactUsed> = members.flat_map(|c| finding_facts(&c.finding)).map(as_sign).collect();
    let sign = questions.first().map_or(SignName::One(Sign::MesccSuspected), |sign| sign.name);
    let since = questions.first().and_then(|sign| describe::onset(sign.members.iter().map(|c| &c.finding)));
    simple(
        picture,
        QUESTION.indicator,
        QUESTION.recommendation(distinct_facts(facts), vec![Fact::MesccSigns]),
        Headline::AskMescc { sign, more: questions.len() > 1, since, patient: describe::patient(picture) },
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
