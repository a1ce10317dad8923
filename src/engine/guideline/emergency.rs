//! The emergency card on patient-view: sections 3.1 to 3.3 put into recommendations, sentences and proposals.
//!
//! Deliberately absent: the decisions themselves ([`super::mescc`], [`super::mri_timing`]), drafts and selections
//! ([`super::order_check`]).

use super::advice::{Advice, FactUsed, Group, Indicator, Proposal, Recommendation, Step, Timing};
use super::compose::{self, Parts, compose, distinct, merge};
use super::describe::{self, bare_fact, fact, finding_facts, moment};
use super::fact::Fact;
use super::mescc::Suspected;
use super::mescc_treatment;
use super::mri_timing::{self, Because, Need};
use super::orders::{self, Timeliness, WholeOrder};
use super::picture::Picture;
use super::questions;
use super::tables::mri_timing::Kind;
use crate::domain::{Facts, ImagingOrder, Modality, OrderStatus, Progression, Regions, Side, Site};
use chrono::{DateTime, Utc};

/// The card, if any part of it fires. `need`: the row that holds, `None` also where comfort care silences it.
pub(super) fn advise(
    picture: &Picture<'_>,
    suspected: &[Suspected<'_, '_>],
    need: Option<&Need<'_, '_>>,
    row_holds: bool,
    site: &Site,
) -> Option<Advice> {
    let comfort = picture.facts.comfort_care.is_some();
    let mri = need.and_then(|need| mri_card(picture, need, site));
    let treat = mescc_treatment::advise(picture, suspected, site);
    // Row 1 and the treatment of its sign are led by the MRI; beside a later finding the faster deadline leads.
    let of_the_sign = need.is_some_and(|need| matches!(need.because, Because::Mescc(_)));
    let faster = mri.as_ref().zip(treat.as_ref()).is_some_and(|(mri, treat)| treat.deadline < mri.deadline);
    let pair = if faster && !of_the_sign { [treat, mri] } else { [mri, treat] };
    // The result that is waited for leads in a tie.
    let result = questions::result_card(picture, suspected, site);
    let mut advice: Option<Advice> = result.into_iter().chain(pair.into_iter().flatten()).fold(None, merge);
    if !row_holds {
        let questions = mri_timing::questions(picture);
        if !questions.is_empty() && !comfort {
            advice = merge(advice, questions::question_card(picture, &questions, site));
        }
    }
    if !picture.covered.is_empty() && !comfort {
        advice = merge(advice, questions::reassess_card(picture, site));
    }
    advice
}

/// The indicator of a row: one step up when overdue, one step down in comfort care.
pub(super) fn indicator(need: &Need<'_, '_>, facts: &Facts) -> Indicator {
    let raised = if need.overdue() { need.row.indicator.worse() } else { need.row.indicator };
    if facts.comfort_care.is_some() { raised.milder() } else { raised }
}

/// Priority and end of the order that meets the need: the earlier of the deadline and now + window; when overdue,
/// one row faster counted from now.
pub(super) fn timing(need: &Need<'_, '_>, now: DateTime<Utc>) -> Timing {
    match need.deadline {
        Some(d) if d.overdue => {
            let faster = need.row.gives.overdue;
            Timing { priority: Some(faster.priority), end: faster.length.map(|w| now + w) }
        }
        Some(d) => Timing {
            priority: Some(need.row.gives.window.priority),
            end: need.row.gives.window.length.map(|window| d.at.min(now + window)),
        },
        None => Timing { priority: Some(need.row.gives.window.priority), end: None },
    }
}

/// "by …", "overdue since …", or nothing.
pub(super) fn due_phrase(need: &Need<'_, '_>, site: &Site) -> String {
    match need.deadline {
        Some(d) if d.overdue => format!("; overdue since {}", moment(d.at, site.time_zone)),
        Some(d) => format!("; by {}", moment(d.at, site.time_zone)),
        None => String::new(),
    }
}

/// The recommendation of the row, with its facts and what was missing.
pub(super) fn row_recommendation(picture: &Picture<'_>, need: &Need<'_, '_>, site: &Site) -> Recommendation {
    let zone = site.time_zone;
    let mut facts: Vec<FactUsed> = Vec::new();
    let mut missing: Vec<Fact> = Vec::new();
    match &need.because {
        Because::Mescc(suspected) => {
            for one in suspected {
                let members = one.sign.members.iter().chain(&one.with);
                facts.extend(members.flat_map(|c| finding_facts(&c.finding, zone)));
            }
        }
        Because::Findings(findings) => {
            for counting in findings {
                facts.extend(finding_facts(&counting.finding, zone));
                missing.extend(unknown_of(
                    need,
                    counting.finding.onset.is_some(),
                    counting.finding.course,
                    counting.finding.side,
                ));
            }
        }
        Because::Suspicion(records) => {
            facts.extend(records.iter().map(|e| fact(Fact::SpinalMetastases, "suspected", e)));
            missing.push(Fact::Presentation);
        }
    }
    // The other findings stand in the card as facts; so does what puts the patient at risk.
    facts.extend(picture.counting.iter().flat_map(|c| finding_facts(&c.finding, zone)));
    facts.extend(picture.disease.because.iter().map(|(name, value, e)| fact(*name, *value, e)));
    facts.extend(context_facts(picture.facts));
    let studies = describe::inadequate_studies(need, picture);
    if studies.is_empty() {
        facts.extend(compose::absent(picture.facts, Fact::SpineMri, "none on record"));
    }
    facts.extend(studies);
    let facts = distinct(facts);
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
        facts.mri_safety.iter().map(|e| fact(Fact::MriSafety, "needs an MR-safety review", e)).collect();
    used.extend(facts.comfort_care.as_ref().map(|e| fact(Fact::GoalsOfCare, "comfort", e)));
    used.extend(facts.pregnant.as_ref().map(|e| fact(Fact::Pregnancy, "yes", e)));
    used.extend(
        facts
            .age_years
            .filter(|age| *age < super::ADULT)
            .map(|age| bare_fact(Fact::AgeYears, age.to_string())),
    );
    used
}

/// Goals of care come first.
pub(super) const COMFORT: &str = "Ask first whether this fits the goals of care: comfort care is recorded, so this card is shown one step milder.";

/// What stands first on every card in comfort care.
pub(super) fn goals_of_care(picture: &Picture<'_>) -> Option<String> {
    picture.facts.comfort_care.is_some().then(|| COMFORT.to_owned())
}

/// What to do about MR safety, for every MRI card.
pub(super) fn standing_advice(picture: &Picture<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    if !picture.facts.mri_safety.is_empty() {
        lines.push(
            "Have MR safety reviewed now: a device or implant is on record. The clock runs on, and plain films are no substitute."
                .to_owned(),
        );
    }
    lines
}

fn mri_card(picture: &Picture<'_>, need: &Need<'_, '_>, site: &Site) -> Option<Advice> {
    let now = picture.clock.now;
    let existing = orders::whole_spine(picture.facts, need, now);
    if existing.iter().any(|order| order.timeliness != Timeliness::NotInTime) {
        return None;
    }
    let mut recommendation = row_recommendation(picture, need, site);
    recommendation.facts.extend(late_order_facts(&existing, &[]));
    recommendation.facts.extend(other_order_facts(picture.facts));

    let gives = need.row.gives;
    let action = match (need.overdue(), gives.window.length) {
        (true, _) => format!("MRI of the whole spine within {} from now", gives.overdue.words()),
        (false, None) => "Order an MRI of the whole spine and record the presentation".to_owned(),
        (false, Some(_)) => format!("MRI of the whole spine within {}", gives.window.words()),
    };
    let summary = describe::summary(&action, need, picture, &due_phrase(need, site));

    let mut what_to_do: Vec<String> = goals_of_care(picture).into_iter().collect();
    what_to_do.push(format!("{}.", order_sentence(need, &existing, site)));
    what_to_do.extend(clock_sentence(need, site));
    what_to_do.extend(earlier_overdue(need));
    what_to_do.extend(extended(need));
    if gives.window.length.is_none() {
        what_to_do.push("Record symptoms and deficits: the presentation sets the deadline.".to_owned());
    }
    what_to_do
        .push("Do not rely on X-ray, CT or bone scan: they cannot exclude spinal metastases.".to_owned());
    what_to_do.extend(standing_advice(picture));

    let proposals =
        if existing.is_empty() { vec![order_proposal(timing(need, now), site)] } else { Vec::new() };
    let not_known = compose::not_known_facts(&recommendation.missing);
    Some(compose(
        picture,
        site,
        Parts {
            group: Group::Emergency,
            indicator: indicator(need, picture.facts),
            summary,
            recommendations: vec![recommendation],
            what_to_do,
            not_known,
            proposals,
            deadline: need.deadline.map(|d| (d.at, d.overdue)),
            reason_text: reason_text(need),
            ..Parts::default()
        },
    ))
}

/// The clock is that of the row's own findings; an earlier finding may be late already, and the card says so.
pub(super) fn earlier_overdue(need: &Need<'_, '_>) -> Option<String> {
    (need.other_overdue && !need.overdue())
        .then(|| "An earlier finding is overdue by its own row already: do not use up the time.".to_owned())
}

/// A stable or improving deficit is not in the summary: the card says that the row is extended from it.
pub(super) fn extended(need: &Need<'_, '_>) -> Option<String> {
    need.row.is_extended().then(|| {
        "Extended from the summary, which speaks of progressing deficits only: this one is recorded as stable or improving."
            .to_owned()
    })
}

/// Why the deadline is where it is.
pub(super) fn clock_sentence(need: &Need<'_, '_>, site: &Site) -> Option<String> {
    let start = need.start?;
    Some(format!("The deadline counts from {}, when this was recorded.", start.for_people(site.time_zone)))
}

fn order_sentence(need: &Need<'_, '_>, existing: &[WholeOrder<'_>], site: &Site) -> String {
    let due = match need.deadline {
        Some(d) if d.overdue => {
            format!("as soon as possible (the deadline was {})", moment(d.at, site.time_zone))
        }
        Some(d) => format!("by {}", moment(d.at, site.time_zone)),
        None => "now".to_owned(),
    };
    let named = existing.first().and_then(|order| order.parts.first());
    match named {
        Some(order) => format!(
            "Bring forward the MRI that is already ordered ({}, {}): it is needed {due}",
            describe::escape(&order.evidence.label),
            describe::escape(&order.evidence.reference)
        ),
        None => format!("Order an MRI of the whole spine with T1 and T2 sequences, {due}"),
    }
}

/// One click for the whole-spine MRI, as the site orders it.
pub(super) fn order_proposal(timing: Timing, site: &Site) -> Proposal {
    let steps = match site.whole_spine_mri_as {
        crate::domain::WholeSpineMriAs::One => vec![Step::CreateWholeSpineMri(timing)],
        crate::domain::WholeSpineMriAs::Regions => vec![Step::CreateRegionalMri(Regions::WHOLE, timing)],
    };
    Proposal { label: format!("Order MRI whole spine{}", by(timing, site)), steps }
}

/// " by …" for the label of a proposal.
pub(super) fn by(timing: Timing, site: &Site) -> String {
    timing.end.map_or_else(String::new, |end| format!(" by {}", moment(end, site.time_zone)))
}

/// Whole-spine orders that are not in time, those left out that the card speaks of anyway.
pub(super) fn late_order_facts(existing: &[WholeOrder<'_>], but: &[&ImagingOrder]) -> Vec<FactUsed> {
    existing
        .iter()
        .filter(|order| order.timeliness == Timeliness::NotInTime)
        .flat_map(|order| order.parts.iter())
        .filter(|order| !but.contains(order))
        .map(|order| describe::order_fact(order, "MRI ordered, not in time"))
        .collect()
}

/// Orders that do not make a whole spine, and completed ones without a study.
fn other_order_facts(facts: &Facts) -> Vec<FactUsed> {
    let say = |order: &ImagingOrder| match (order.status, order.modality) {
        (OrderStatus::Completed, Modality::Mri)
            if facts.spine_mri.is_empty() && !Fact::SpineMri.is_unread(facts) =>
        {
            Some("MRI order marked completed, but no study is on record")
        }
        (OrderStatus::Active, Modality::Mri) if !order.regions.is_whole() => {
            Some("MRI ordered for part of the spine")
        }
        _ => None,
    };
    facts.imaging_orders.iter().filter_map(|o| Some(describe::order_fact(o, say(o)?))).collect()
}

/// The trigger's words for the suggested order.
pub(super) fn reason_text(need: &Need<'_, '_>) -> &'static str {
    match need.row.kind() {
        Some(Kind::MesccSuspected) => "Suspected metastatic epidural spinal cord compression",
        Some(Kind::RadicularDeficit) => "Radicular deficit, spinal metastases to be excluded",
        Some(Kind::OtherWeakness) => "New limb weakness, spinal metastases to be excluded",
        Some(Kind::RadicularPain) => "Radicular pain, spinal metastases to be excluded",
        Some(Kind::BackPain) => "Back pain, spinal metastases to be excluded",
        Some(Kind::SuspicionOnly) | None => "Suspected spinal metastases",
    }
}
