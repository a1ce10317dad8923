//! The cards of section 3.1 and 3.2 that ask instead of setting a deadline: the result of an MRI that was made, a sign
//! that may mean cord compression, and findings that a treatment covers.
//!
//! Deliberately absent: the table ([`super::tables::mescc`]), and which signs and findings it is asked about
//! ([`super::mescc`], [`super::treated`]).

use super::advice::{Advice, FactUsed, Group, Indicator, Proposal, Recommendation};
use super::answers;
use super::compose::{self, Parts, compose, distinct_facts};
use super::deadline::deadline;
use super::describe::{self, fact, finding_facts};
use super::emergency;
use super::fact::Fact;
use super::finding::Finding;
use super::mescc::{self, Imaging, MesccSign, Suspected};
use super::mescc_treatment;
use super::mri_timing;
use super::picture::Picture;
use super::say::{Act, Gap, Headline, Question, SignName, Treated, Value};
use super::study::WholeStudy;
use super::tables::mescc::{Asked, QUESTION, REASSESS, ROWS, Row};
use super::tables::row::first;
use super::treated::Treatment;
use crate::domain::{Aim, Escc, Judgement, Sign, TreatmentKind, When};
use chrono::{DateTime, Duration, Utc};
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
        covered: open_covered(picture).next().is_some(),
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
    let studies = studies_of(needed.iter().map(|(_, _, study)| *study));
    let parts = needed.iter().flat_map(|(_, _, study)| &study.parts);
    facts
        .extend(parts.map(|mri| fact(Fact::SpineMri, Value::StudyWithoutResult(mri.regions), &mri.evidence)));
    let comfort = picture.facts.comfort_care.is_some();
    let presentation = needed.iter().map(|(_, one, _)| one.presentation).reduce(When::or_earlier)?;
    let due = deadline(presentation, mescc_treatment::TREAT_WITHIN, now);
    let graded = picture.facts.escc.iter().any(|it| {
        it.grade == Escc::G1c && it.seen.is_some_and(|seen| seen.latest() >= study.when.earliest())
    });
    let acts = [Act::ReadStudy { made: study.when, graded }, Act::RecordResult, Act::TreatIfCompressed(due)];
    Some(simple(
        picture,
        if comfort { row.indicator.milder() } else { row.indicator },
        row.recommendation(distinct_facts(facts), vec![Fact::Escc]),
        Headline::ReadStudy { made: study.when, graded, sign: first.sign.name, due },
        emergency::goals_of_care(picture).into_iter().chain(acts).collect(),
        (Gap::Result, answers::to(Question::Result, &studies).collect()),
    ))
}

/// The studies, as `Type/id`, each once.
pub(super) fn studies_of<'s>(studies: impl Iterator<Item = &'s WholeStudy<'s>>) -> Vec<String> {
    compose::distinct(studies.flat_map(|it| &it.parts).map(|mri| mri.evidence.reference.clone()).collect())
}

pub(super) fn question_card(picture: &Picture<'_>, questions: &[MesccSign<'_, '_>]) -> Advice {
    let members = questions.iter().flat_map(|sign| sign.members.iter());
    let facts: Vec<FactUsed> = members.flat_map(|c| finding_facts(&c.finding)).map(as_sign).collect();
    let sign = questions.first().map_or(SignName::One(Sign::MesccSuspected), |sign| sign.name);
    let old = questions.first().is_some_and(|sign| mescc::is_old(sign, picture));
    let since = questions.first().and_then(|sign| describe::onset(sign.members.iter().map(|c| &c.finding)));
    simple(
        picture,
        QUESTION.indicator,
        QUESTION.recommendation(distinct_facts(facts), vec![Fact::MesccSigns]),
        Headline::AskMescc {
            sign,
            more: questions.len() > 1,
            old,
            since,
            patient: describe::patient(picture),
        },
        vec![Act::RecordSuspicion, Act::MriIfSuspected],
        (Gap::Sign { dated: since.is_some() }, answers::to(Question::Suspicion, &[]).collect()),
    )
}

/// A weakness that only asks stands in the card as a sign.
fn as_sign(mut used: FactUsed) -> FactUsed {
    if used.fact == Fact::Deficit {
        used.fact = Fact::MesccSigns;
    }
    if let Value::Finding { asks, .. } = &mut used.value {
        *asks = true;
    }
    used
}

/// Whether nothing is new or worse since a treatment: the latest answer, of two of one time the one that calms less; one
/// without a date answers nothing.
fn latest_answer(picture: &Picture<'_>) -> Option<(When, bool)> {
    let judgements = picture.facts.judgements.iter();
    let answers = judgements.filter(|record| record.judgement == Judgement::NoNewFindingsSinceTreatment);
    answers
        .filter_map(|record| Some((record.seen?, record.answer)))
        .max_by_key(|&(when, nothing_new)| (when.latest(), !nothing_new))
}

/// The findings that a treatment covers, with it, but for what was answered: nothing is new or worse since that treatment
/// began.
fn open_covered<'p, 'f>(picture: &'p Picture<'f>) -> impl Iterator<Item = &'p (Finding<'f>, Treatment<'f>)> {
    let calmed = latest_answer(picture).filter(|(_, nothing_new)| *nothing_new).map(|(when, _)| when);
    let is_open = move |by: &Treatment<'_>| calmed.is_none_or(|calmed| !calmed.is_at_or_after(by.start));
    picture.covered.iter().filter(move |(_, by)| is_open(by))
}

pub(super) fn reassess_card(picture: &Picture<'_>) -> Advice {
    let mut facts: Vec<FactUsed> = Vec::new();
    for (finding, by) in open_covered(picture) {
        // As the first line dates it.
        let value = match (by.record.kind, by.record.aim) {
            (TreatmentKind::Radiotherapy, Aim::Unstated) => Value::TreatmentWithoutSite,
            (kind, _) => Value::Treatment(kind),
        };
        let treated = fact(Fact::TreatmentSinceOnset, value, &by.record.evidence);
        facts.push(FactUsed { date: Some(by.start), ..treated });
        facts.extend(finding_facts(finding));
    }
    let since = open_covered(picture).last().map(|(_, by)| Treated {
        kind: by.record.kind,
        start: by.start,
        end: by.record.end.filter(|end| end.latest() - by.start.earliest() > Duration::days(1)),
        running: by.record.running,
    });
    let answered = latest_answer(picture).is_some_and(|(when, nothing_new)| {
        !nothing_new && since.is_some_and(|by| when.is_at_or_after(by.start))
    });
    let said = latest_answer(picture).filter(|_| answered).map(|(when, _)| Act::SaidNew(when));
    simple(
        picture,
        REASSESS.indicator,
        REASSESS.recommendation(distinct_facts(facts), vec![Fact::DeficitProgression]),
        Headline::AskNewOrWorse { since, answered },
        [Act::RecordNewFindings].into_iter().chain(said).collect(),
        (Gap::NewSinceTreatment, answers::to(Question::NewSinceTreatment, &[]).collect()),
    )
}

fn simple(
    picture: &Picture<'_>,
    indicator: Indicator,
    recommendation: Recommendation,
    headline: Headline,
    acts: Vec<Act>,
    (gap, proposals): (Gap, Vec<Proposal>),
) -> Advice {
    let parts = Parts {
        indicator,
        recommendations: vec![recommendation],
        acts,
        gaps: vec![gap],
        proposals,
        ..Parts::of(Group::Emergency, headline)
    };
    compose(picture, parts)
}
