//! The emergency card on patient-view: sections 3.1 to 3.3 put into recommendations, acts and proposals.
//!
//! Deliberately absent: the decisions themselves ([`super::mescc`], [`super::mri_timing`]), drafts and selections
//! ([`super::order_check`]).

use super::advice::{Advice, FactUsed, Group, Indicator, Proposal, Recommendation, Step, Timing};
use super::compose::{self, Parts, compose, distinct, distinct_facts, merge};
use super::describe::{self, bare_fact, fact, finding_facts};
use super::fact::Fact;
use super::measure;
use super::mescc::{self, Suspected};
use super::mescc_treatment;
use super::mri_timing::{self, Because, Need};
use super::orders::{self, Timeliness, WholeOrder};
use super::picture::Picture;
use super::questions;
use super::say::{
    Act, Booked, Headline, Known, Label, MriAct, MriButton, Named, OrderState, Reason, TreatState, Value,
};
use super::tables::mescc::{QUESTION, REASSESS};
use super::tables::mri_timing::Kind;
use crate::domain::{
    Facts, ImagingOrder, Judgement, Modality, OrderStatus, Progression, Regions, Side, Site, When,
};
use chrono::{DateTime, Utc};
use std::collections::HashSet;

/// The card, if any part of it fires. `need`: the row that holds, `None` also where comfort care silences it.
pub(super) fn advise(
    picture: &Picture<'_>,
    suspected: &[Suspected<'_, '_>],
    need: Option<&Need<'_, '_>>,
    row_holds: bool,
    site: &Site,
) -> Option<Advice> {
    let mut advice = imaging_and_treatment(picture, suspected, need, site, false);
    let signs = if row_holds { Vec::new() } else { mri_timing::questions(picture) };
    let asked = questions::asked(picture, suspected, &signs, row_holds);
    if QUESTION.holds(&asked) {
        advice = merge(advice, questions::question_card(picture, &signs));
    }
    if REASSESS.holds(&asked) {
        advice = merge(advice, questions::reassess_card(picture));
    }
    advice
}

/// The card at discharge: rows 1 to 3, the treatment of cord compression, and a study that nobody has read. An order in
/// time does not silence it, because the patient leaves before it (guideline.md section 4).
pub(super) fn before_leaving(
    picture: &Picture<'_>,
    suspected: &[Suspected<'_, '_>],
    need: Option<&Need<'_, '_>>,
    site: &Site,
) -> Option<Advice> {
    let urgent = need.filter(|need| need.row.gives.never_later);
    imaging_and_treatment(picture, suspected, urgent, site, true)
}

/// The MRI row, the treatment, and the result that is waited for.
fn imaging_and_treatment(
    picture: &Picture<'_>,
    suspected: &[Suspected<'_, '_>],
    need: Option<&Need<'_, '_>>,
    site: &Site,
    leaving: bool,
) -> Option<Advice> {
    let mri = need.and_then(|need| mri_card(picture, need, site, leaving));
    let treat = mescc_treatment::advise(picture, suspected, in_time(picture, need), site);
    // Row 1 and the treatment of its sign are led by the MRI; beside a later finding the faster deadline leads.
    let of_the_sign = need.is_some_and(|need| matches!(need.because, Because::Mescc(_)));
    let faster = mri.as_ref().zip(treat.as_ref()).is_some_and(|(mri, treat)| treat.deadline < mri.deadline);
    // The result that is waited for leads beside an MRI row in a tie, and beside the treatment always.
    let result = questions::result_card(picture, suspected).map(|result| {
        let leads = mri.as_ref().is_none_or(|mri| mri.indicator <= result.indicator);
        let beside = treat.as_ref().filter(|_| leads).map_or(result.indicator, |treat| treat.indicator);
        Advice { indicator: result.indicator.max(beside), ..result }
    });
    // A compression that is confirmed waits for no image of a new sign.
    let confirmed = treat
        .as_ref()
        .is_some_and(|treat| matches!(treat.headline, Headline::Treat { state: TreatState::Confirmed, .. }));
    let treat_first = faster && (confirmed || !of_the_sign);
    let pair = if treat_first { [treat, mri] } else { [mri, treat] };
    result.into_iter().chain(pair.into_iter().flatten()).fold(None, merge)
}

/// When the whole-spine MRI that is ordered in time is to be made.
fn in_time(picture: &Picture<'_>, need: Option<&Need<'_, '_>>) -> Option<When> {
    let orders = orders::whole_spine(picture.facts, need?, picture.clock.now);
    let in_time = orders.iter().filter(|order| order.timeliness != Timeliness::NotInTime);
    in_time.flat_map(|order| &order.parts).filter_map(|order| order.due).max_by_key(|due| due.latest())
}

/// The indicator of a row: one step up when overdue, one step down in comfort care.
pub(super) fn indicator(need: &Need<'_, '_>, facts: &Facts) -> Indicator {
    let raised = if need.overdue() { need.row.indicator.worse() } else { need.row.indicator };
    if facts.comfort_care.is_some() { raised.milder() } else { raised }
}

/// Priority and end of the order that meets the need: the earlier of the deadline and now + window; when overdue,
/// one row faster counted from now. Never later than what any other finding of rows 1 to 3 asks for.
pub(super) fn timing(need: &Need<'_, '_>, now: DateTime<Utc>) -> Timing {
    let window = if need.overdue() { need.row.gives.overdue } else { need.row.gives.window };
    let end = need.horizon(now).zip(window.length).map(|(horizon, length)| horizon.min(now + length));
    Timing { priority: Some(window.priority), end }
}

/// The recommendation of the row, with its facts and what was missing.
pub(super) fn row_recommendation(picture: &Picture<'_>, need: &Need<'_, '_>) -> Recommendation {
    let mut facts: Vec<FactUsed> = Vec::new();
    let mut missing: Vec<Fact> = Vec::new();
    match &need.because {
        Because::Mescc(suspected) => {
            let findings = mescc::findings_of(suspected.iter());
            facts.extend(findings.into_iter().flat_map(|c| finding_facts(&c.finding)));
        }
        Because::Findings(findings) => {
            for counting in findings {
                facts.extend(finding_facts(&counting.finding));
                missing.extend(unknown_of(
                    need,
                    counting.finding.onset.is_some(),
                    counting.finding.course.or(counting
                        .finding
                        .worse()
                        .next()
                        .map(|_| Progression::Progressive)),
                    counting.finding.side,
                ));
            }
        }
        Because::Suspicion(records) => {
            facts.extend(
                records.iter().map(|e| fact(Fact::SpinalMetastases, Value::Disease(Known::Suspected), e)),
            );
            missing.push(Fact::Presentation);
        }
    }
    // What says that a treated finding got worse restarts its clock.
    let worse = [Judgement::DeteriorationDespiteRadiotherapy, Judgement::ProgressionAfterRadiotherapy];
    facts.extend(worse.into_iter().filter_map(|judgement| {
        let (yes, evidence) = measure::judgement(picture, judgement, None)?;
        (yes && !picture.treatments.is_empty())
            .then(|| fact(Fact::of_judgement(judgement), Value::Yes, evidence))
    }));
    // The other findings stand in the card as facts; so does what puts the patient at risk.
    facts.extend(picture.counting.iter().flat_map(|c| finding_facts(&c.finding)));
    facts.extend(
        picture.disease.because.iter().map(|(name, known, e)| fact(*name, Value::Disease(*known), e)),
    );
    let studies = describe::inadequate_studies(need, picture);
    if studies.is_empty() {
        facts.extend(compose::absent(picture.facts, Fact::SpineMri, Value::NoneOnRecord));
    }
    facts.extend(studies);
    let facts = distinct_facts(facts);
    let unread = compose::unread(picture.facts, &RESTING);
    missing.extend(unread.into_iter().filter(|name| facts.iter().all(|known| known.fact != *name)));
    need.row.recommendation(facts, distinct(missing))
}

/// The facts that MRI timing rests on.
const RESTING: [Fact; 9] = [
    Fact::Deficit,
    Fact::RadicularPain,
    Fact::LocalBackPain,
    Fact::MesccSigns,
    Fact::Escc,
    Fact::TreatmentSinceOnset,
    Fact::SpineMri,
    Fact::SpineMriOrders,
    Fact::MriSafety,
];

fn unknown_of(
    need: &Need<'_, '_>,
    has_onset: bool,
    course: Option<Progression>,
    side: Option<Side>,
) -> Vec<Fact> {
    match need.row.kind() {
        Some(Kind::RadicularDeficit | Kind::OtherWeakness) => {
            let onset = (!has_onset).then_some(Fact::DeficitOnset);
            let course = course.is_none().then_some(Fact::DeficitProgression);
            let side = side.is_none().then_some(Fact::DeficitSide);
            [onset, course, side].into_iter().flatten().collect()
        }
        Some(Kind::RadicularPain) => side.is_none().then_some(Fact::RadicularPainSide).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Facts that change how a card is read: devices, goals of care, pregnancy, age under 18.
pub(super) fn context_facts(facts: &Facts) -> Vec<FactUsed> {
    let mut used: Vec<FactUsed> =
        facts.mri_safety.iter().map(|e| fact(Fact::MriSafety, Value::NeedsMrReview, e)).collect();
    used.extend(facts.comfort_care.as_ref().map(|e| fact(Fact::GoalsOfCare, Value::Comfort, e)));
    used.extend(facts.pregnant.as_ref().map(|e| fact(Fact::Pregnancy, Value::Yes, e)));
    used.extend(
        facts
            .age_years
            .filter(|age| *age < super::ADULT)
            .map(|age| bare_fact(Fact::AgeYears, Value::Age(age))),
    );
    used
}

/// What stands first on every card in comfort care.
pub(super) fn goals_of_care(picture: &Picture<'_>) -> Option<Act> {
    picture.facts.comfort_care.is_some().then_some(Act::GoalsOfCare)
}

/// What to do about MR safety, for every MRI card.
pub(super) fn mr_safety(picture: &Picture<'_>) -> Option<Act> {
    (!picture.facts.mri_safety.is_empty()).then_some(Act::ReviewMrSafety)
}

/// `leaving`: the patient leaves now, so that an order in time is not enough.
fn mri_card(picture: &Picture<'_>, need: &Need<'_, '_>, site: &Site, leaving: bool) -> Option<Advice> {
    let now = picture.clock.now;
    let existing = orders::whole_spine(picture.facts, need, now);
    let in_time = existing.iter().find(|order| order.timeliness != Timeliness::NotInTime);
    if in_time.is_some() && !leaving {
        return None;
    }
    // Of a set the last part is the time of the whole.
    let in_time = in_time.and_then(|order| order.parts.iter().max_by_key(|part| part.due.map(When::latest)));
    let mut recommendation = row_recommendation(picture, need);
    recommendation.facts.extend(late_order_facts(&existing, &[], picture.facts));
    recommendation.facts.extend(in_time.map(|order| describe::order_fact(order, OrderState::InTime)));
    recommendation.facts.extend(other_order_facts(picture.facts));

    let gives = need.row.gives;
    let act = match existing.first().and_then(|order| order.parts.first()) {
        _ if in_time.is_some() => MriAct::BeforeLeaving(in_time.and_then(|order| order.due)),
        Some(order) => MriAct::Existing(booked(order, now)),
        None if gives.window.length.is_none() => MriAct::AskPresentation,
        None => MriAct::Order { again: describe::again(need, picture) },
    };
    let headline = Headline::Mri {
        act,
        trigger: describe::trigger(need, picture),
        due: need.deadline(),
        earlier: need.is_set_by_another(),
    };

    let mut acts: Vec<Act> = goals_of_care(picture).into_iter().collect();
    acts.push(match in_time.or(existing.first().and_then(|order| order.parts.first())) {
        Some(order) if in_time.is_some() => Act::LeavesBefore(Named::of(&order.evidence), need.deadline()),
        Some(order) => Act::BringForward(Named::of(&order.evidence), need.deadline()),
        None => Act::OrderMri(need.deadline()),
    });
    if in_time.is_none() && !existing.is_empty() {
        acts.extend(counts_in_time(need, now));
    }
    acts.extend(need.counts_from());
    acts.extend(earlier_overdue(need));
    acts.extend(extended(need));
    acts.extend(gives.window.length.is_none().then_some(Act::RecordPresentation));
    acts.push(Act::OnlyMri);
    acts.extend(mr_safety(picture));

    let proposals = if existing.is_empty() {
        vec![order_proposal(timing(need, now), need.overdue(), site)]
    } else {
        Vec::new()
    };
    let gaps = compose::gaps_of(&recommendation.missing);
    Some(compose(
        picture,
        Parts {
            indicator: indicator(need, picture.facts),
            recommendations: vec![recommendation],
            acts,
            gaps,
            proposals,
            deadline: need.deadline().map(|d| (d.at, d.overdue)),
            reason: reason(need),
            ..Parts::of(Group::Emergency, headline)
        },
    ))
}

/// When an order that is not in time is to happen.
pub(super) fn booked(order: &ImagingOrder, now: DateTime<Utc>) -> Booked {
    match order.due {
        Some(due) if due.latest() < now => Booked::Passed(due),
        Some(due) => Booked::Later(due),
        None => Booked::Undated,
    }
}

/// Until when an order still counts as in time once the deadline has passed.
pub(super) fn counts_in_time(need: &Need<'_, '_>, now: DateTime<Utc>) -> Option<Act> {
    need.horizon(now).filter(|_| need.overdue()).map(Act::CountsInTime)
}

/// The clock is that of the row's own findings; an earlier finding may be late already, and the card says so.
pub(super) fn earlier_overdue(need: &Need<'_, '_>) -> Option<Act> {
    need.other_overdue.filter(|_| !need.overdue()).map(Act::EarlierOverdue)
}

/// A stable or improving deficit is not in the summary: the card says that the row is extended from it.
pub(super) fn extended(need: &Need<'_, '_>) -> Option<Act> {
    need.row.is_extended().then_some(Act::Extended)
}

/// One click for the whole-spine MRI, as the site orders it.
pub(super) fn order_proposal(timing: Timing, overdue: bool, site: &Site) -> Proposal {
    let steps = match site.whole_spine_mri_as {
        crate::domain::WholeSpineMriAs::One => vec![Step::CreateWholeSpineMri(timing)],
        crate::domain::WholeSpineMriAs::Regions => vec![Step::CreateRegionalMri(Regions::WHOLE, timing)],
    };
    Proposal {
        label: Label::Mri { button: MriButton::Order, end: timing.end, overdue, part: None, drops: false },
        steps,
    }
}

/// Whole-spine orders that are not in time, those left out that the card speaks of anyway.
pub(super) fn late_order_facts(
    existing: &[WholeOrder<'_>],
    but: &[&ImagingOrder],
    facts: &Facts,
) -> Vec<FactUsed> {
    let but: HashSet<*const ImagingOrder> = but.iter().map(|order| std::ptr::from_ref(*order)).collect();
    existing
        .iter()
        .filter(|order| order.timeliness == Timeliness::NotInTime)
        .flat_map(|order| order.parts.iter())
        .filter(|order| !but.contains(&std::ptr::from_ref(**order)))
        .map(|order| {
            let drafted = matches!(order.status, OrderStatus::Draft { .. }) && !facts.orders_signed;
            describe::order_fact(
                order,
                if drafted { OrderState::DraftedNotInTime } else { OrderState::NotInTime },
            )
        })
        .collect()
}

/// Orders that do not make a whole spine, and completed ones without a study.
fn other_order_facts(facts: &Facts) -> Vec<FactUsed> {
    let say = |order: &ImagingOrder| match (order.status, order.modality) {
        (OrderStatus::Completed, Modality::Mri)
            if facts.spine_mri.is_empty() && !Fact::SpineMri.is_unread(facts) =>
        {
            Some(OrderState::CompletedWithoutStudy)
        }
        (OrderStatus::Active, Modality::Mri) if !order.regions.is_whole() => Some(OrderState::Partial),
        _ => None,
    };
    facts.imaging_orders.iter().filter_map(|o| Some(describe::order_fact(o, say(o)?))).collect()
}

/// The trigger, for the suggested order.
pub(super) fn reason(need: &Need<'_, '_>) -> Reason {
    match need.row.kind() {
        Some(Kind::MesccSuspected) => Reason::Mescc,
        Some(Kind::SuspicionOnly) | None => Reason::Suspected,
        kind => Reason::Complaint(describe::complaint(kind)),
    }
}

#[cfg(test)]
#[path = "emergency_tests.rs"]
mod tests;
