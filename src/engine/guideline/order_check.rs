//! Section 3.8, imaging rows: drafts that cannot meet the need for a whole-spine MRI.
//!
//! An X-ray is replaced, a partial MRI is widened, a late MRI is brought forward; beside an MRI draft no second MRI is
//! asked for. Deliberately absent: orders that the hook does not ask about (they are context), and every other kind.

use super::advice::{Advice, FactUsed, Group, Proposal, Recommendation, Step, Timing};
use super::compose::{self, Parts, compose, distinct, distinct_facts};
use super::describe;
use super::emergency;
use super::fact::Fact;
use super::mri_timing::Need;
use super::orders::{self, Timeliness, WholeOrder};
use super::picture::Picture;
use super::say::{Act, Booked, Headline, Label, MriAct, MriButton, Named, OrderState, RecordText};
use super::tables::order_imaging::{Change, Drafted, ROWS, Row};
use super::tables::row::first;
use crate::domain::{Evidence, Facts, ImagingOrder, Modality, OrderStatus, Regions, Site, WholeSpineMriAs};
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// So many whole-spine orders that are already there are named.
const ORDERS_NAMED: usize = 3;

/// A selected draft and the row that it falls under.
type Hit<'f> = (&'f ImagingOrder, &'static Row);

/// The card on the selected imaging drafts that cannot meet the need.
pub(super) fn advise(picture: &Picture<'_>, need: &Need<'_, '_>, site: &Site) -> Option<Advice> {
    let whole = orders::whole_spine(picture.facts, need, picture.clock.now);
    if whole.iter().any(|order| order.timeliness == Timeliness::InTime) {
        return None;
    }
    let timeliness = timeliness(&whole);
    let hits: Vec<Hit<'_>> = selected(picture.facts)
        .into_iter()
        .filter_map(|order| Some((order, first(&ROWS, &drafted(order, &timeliness))?)))
        .collect();
    // What a row finds wanting is one set: one whole-spine MRI takes the place of all.
    card(picture, need, site, &whole, &hits)
}

/// The selected drafts for imaging.
pub(super) fn selected(facts: &Facts) -> Vec<&ImagingOrder> {
    let drafts = facts.imaging_orders.iter();
    drafts.filter(|order| order.status == OrderStatus::Draft { selected: true }).collect()
}

fn card(
    picture: &Picture<'_>,
    need: &Need<'_, '_>,
    site: &Site,
    whole: &[WholeOrder<'_>],
    drafted: &[Hit<'_>],
) -> Option<Advice> {
    let indicator_of = |row: &Row| {
        if row.gives.follows_need() {
            emergency::indicator(need, picture.facts).max(row.indicator)
        } else {
            row.indicator
        }
    };
    let mut fired: Vec<&'static Row> =
        ROWS.iter().filter(|row| drafted.iter().any(|(_, hit)| hit.id == row.id)).collect();
    // Led by the worst, then the first row.
    fired.sort_by_key(|row| std::cmp::Reverse(indicator_of(row)));
    let lead = *fired.first()?;

    let timing_row = emergency::row_recommendation(picture, need);
    let with_need = fired.iter().any(|row| row.gives.follows_need());
    let mut recommendations: Vec<Recommendation> =
        fired.iter().map(|row| recommendation(row, lead, drafted, whole, picture.facts)).collect();
    if with_need {
        recommendations.push(timing_row);
    } else if let Some(only) = recommendations.first_mut() {
        // Only a date is asked for: the need stands behind it as facts.
        only.facts.extend(timing_row.facts);
        only.missing = timing_row.missing;
    }

    let missing: Vec<Fact> =
        distinct(recommendations.iter().flat_map(|r| r.missing.iter().copied()).collect());
    let selected: Vec<&ImagingOrder> = drafted.iter().map(|(order, _)| *order).collect();
    let proposals = proposals(picture, need, site, &selected, whole);
    // Another order is there that cannot be changed from here.
    let stuck = proposals.is_empty() && !whole.is_empty();
    let mut acts: Vec<Act> = emergency::goals_of_care(picture).into_iter().collect();
    acts.push(act(need, lead, &selected, picture.facts.orders_signed));
    if matches!(lead.gives, Change::BringForward | Change::StateDate) {
        acts.extend(rest_of_set(&selected, whole));
    }
    if stuck || lead.gives == Change::BringForward {
        acts.extend(emergency::counts_in_time(need, picture.clock.now));
    }
    if selected.iter().any(|order| order.from_text) {
        acts.push(Act::RecognisedFromText);
    }
    acts.extend(need.counts_from());
    acts.extend(emergency::earlier_overdue(need));
    acts.extend(emergency::extended(need));
    if proposals.is_empty() {
        let there = whole.iter().filter_map(|order| order.parts.first()).take(ORDERS_NAMED);
        acts.extend(there.map(|order| Act::AlreadyThere(Named::of(&order.evidence))));
        acts.extend(selected.iter().any(|order| named(order).is_none()).then_some(Act::DraftWithoutId));
    }
    acts.extend(emergency::mr_safety(picture));

    let headline = Headline::Mri {
        act: mri_act(lead, need, &selected, whole, stuck, picture),
        trigger: describe::trigger(need, picture),
        due: need.deadline(),
        earlier: need.is_set_by_another(),
    };
    Some(compose(
        picture,
        Parts {
            indicator: indicator_of(lead),
            recommendations,
            acts,
            gaps: compose::gaps_of(&missing),
            proposals,
            deadline: need.deadline().map(|d| (d.at, d.overdue)),
            reason: emergency::reason(need),
            ..Parts::of(Group::OrderCheck, headline)
        },
    ))
}

fn recommendation(
    row: &Row,
    lead: &Row,
    drafted: &[Hit<'_>],
    whole: &[WholeOrder<'_>],
    facts: &Facts,
) -> Recommendation {
    let mut used: Vec<FactUsed> = drafted
        .iter()
        .filter(|(_, hit)| hit.id == row.id)
        .map(|(order, _)| describe::order_fact(order, drafted_as(order, facts.orders_signed)))
        .collect();
    if row.id == lead.id {
        let drafts: Vec<&ImagingOrder> = drafted.iter().map(|(order, _)| *order).collect();
        used.extend(emergency::late_order_facts(whole, &drafts, facts));
    }
    row.recommendation(distinct_facts(used), Vec::new())
}

/// Of each order that is, or is part of, a whole-spine order: the best timeliness.
pub(super) fn timeliness(whole: &[WholeOrder<'_>]) -> HashMap<*const ImagingOrder, Timeliness> {
    let mut found: HashMap<*const ImagingOrder, Timeliness> = HashMap::new();
    for order in whole {
        for part in &order.parts {
            let best = found.entry(std::ptr::from_ref(*part)).or_insert(order.timeliness);
            *best = (*best).min(order.timeliness);
        }
    }
    found
}

/// A selected draft as the table sees it.
pub(super) fn drafted(order: &ImagingOrder, whole: &HashMap<*const ImagingOrder, Timeliness>) -> Drafted {
    if order.modality != Modality::Mri {
        return Drafted::CannotExclude;
    }
    match whole.get(&std::ptr::from_ref(order)).copied() {
        Some(Timeliness::InTime) => Drafted::InTime,
        Some(Timeliness::Undated) => Drafted::UndatedWholeSpine,
        Some(Timeliness::NotInTime) => Drafted::LateWholeSpine,
        None => Drafted::PartialMri,
    }
}

/// What belongs to a whole-spine MRI of several orders and was not selected: the button leaves it as it is.
fn rest_of_set(selected: &[&ImagingOrder], whole: &[WholeOrder<'_>]) -> Option<Act> {
    let is_selected = |part: &ImagingOrder| selected.iter().any(|order| std::ptr::eq(*order, part));
    let sets = whole.iter().filter(|set| set.parts.iter().any(|part| is_selected(part)));
    let rest = sets.flat_map(|set| &set.parts).filter(|part| !is_selected(part));
    let rest: Vec<RecordText> = distinct(rest.map(|part| part.evidence.label.as_str().into()).collect());
    (!rest.is_empty()).then_some(Act::DateAlso(rest))
}

const fn drafted_as(order: &ImagingOrder, signed: bool) -> OrderState {
    let ImagingOrder { modality, regions, from_text, .. } = *order;
    OrderState::Imaging { modality, regions, from_text, signed }
}

fn mri_act(
    lead: &Row,
    need: &Need<'_, '_>,
    selected: &[&ImagingOrder],
    whole: &[WholeOrder<'_>],
    stuck: bool,
    picture: &Picture<'_>,
) -> MriAct {
    let (now, may_delete) = (picture.clock.now, picture.facts.mri_safety.is_empty());
    let there = |order: Option<&&ImagingOrder>| {
        match order.map_or(Booked::Undated, |order| emergency::booked(order, now)) {
            // A draft is not booked yet.
            Booked::Undated if order.is_some_and(|order| is_draft(order, picture.facts)) => MriAct::StateDate,
            booked => MriAct::Existing(booked),
        }
    };
    if stuck {
        return there(whole.first().and_then(|order| order.parts.first()));
    }
    match lead.gives {
        // With a device on record nothing is taken away.
        Change::Replace if !may_delete => MriAct::Order { again: describe::again(need, picture) },
        Change::Replace => {
            let other = selected.iter().find(|order| order.modality != Modality::Mri);
            MriAct::InsteadOf(other.map(|order| order.modality))
        }
        Change::Widen => MriAct::Extend,
        Change::BringForward => there(selected.iter().find(|order| order.modality == Modality::Mri)),
        Change::StateDate => MriAct::StateDate,
    }
}

/// Whether an order is a draft that nobody signed.
const fn is_draft(order: &ImagingOrder, facts: &Facts) -> bool {
    matches!(order.status, OrderStatus::Draft { .. }) && !facts.orders_signed
}

const fn is_partial_mri(order: &ImagingOrder) -> bool {
    matches!(order.modality, Modality::Mri) && !order.regions.is_whole()
}

fn act(need: &Need<'_, '_>, lead: &Row, selected: &[&ImagingOrder], signed: bool) -> Act {
    match lead.gives {
        // The MRI of a part that is drafted beside the other imaging is the one to extend.
        Change::Replace if selected.iter().any(|order| is_partial_mri(order)) && !signed => {
            Act::CoverWholeSpine(need.deadline())
        }
        Change::Replace => Act::OrderInstead(need.deadline()),
        Change::Widen => Act::CoverWholeSpine(need.deadline()),
        Change::BringForward => Act::GiveTime(need.deadline()),
        Change::StateDate => Act::GiveDate(need.deadline()),
    }
}

/// What one click can do. Only selected drafts are changed or deleted; with a device on record nothing is deleted; no
/// second whole-spine MRI is created beside one that exists.
fn proposals(
    picture: &Picture<'_>,
    need: &Need<'_, '_>,
    site: &Site,
    selected: &[&ImagingOrder],
    whole: &[WholeOrder<'_>],
) -> Vec<Proposal> {
    let now = picture.clock.now;
    let mut timing = emergency::timing(need, now);
    let overdue = need.overdue();
    let in_whole = timeliness(whole);
    let of_whole: Vec<&ImagingOrder> =
        selected.iter().copied().filter(|o| in_whole.contains_key(&std::ptr::from_ref(*o))).collect();
    let regions = of_whole.iter().fold(Regions::default(), |all: Regions, o| all.with(o.regions));
    let part = (!of_whole.is_empty() && !regions.is_whole()).then_some(regions);
    let proposal = |button: MriButton, timing: Timing, steps: Vec<Step>| Proposal {
        label: Label::Mri {
            button,
            end: timing.end,
            overdue,
            part,
            drops: steps.iter().any(|step| matches!(step, Step::Delete { .. })),
        },
        steps,
    };
    let may_delete = picture.facts.mri_safety.is_empty();
    let is_mri = |order: &&ImagingOrder| order.modality == Modality::Mri;
    if picture.facts.orders_signed {
        // What is signed is not changed from here; what is missing can be added.
        let create = emergency::order_proposal(timing, overdue, site).steps;
        return whole.is_empty().then(|| proposal(MriButton::Add, timing, create)).into_iter().collect();
    }
    let replaced: Option<Vec<Step>> =
        selected.iter().filter(|o| may_delete && !is_mri(o)).map(|o| delete(o)).collect();

    if !of_whole.is_empty() {
        if whole.iter().any(|w| w.timeliness == Timeliness::Undated) {
            timing.priority = None;
        }
        let passed = timing.end.is_none() && of_whole.iter().any(|order| has_passed(order, now));
        let button = if passed { MriButton::ClearTime } else { MriButton::SetTime };
        let updates: Option<Vec<Step>> = of_whole.iter().map(|o| update(o, false, timing, now)).collect();
        let steps = replaced.zip(updates).map(|(replaced, updates)| [replaced, updates].concat());
        return steps.map(|steps| proposal(button, timing, steps)).into_iter().collect();
    }
    if !whole.is_empty() {
        return Vec::new();
    }
    let partial: Vec<&ImagingOrder> = selected.iter().copied().filter(is_mri).collect();
    if let Some((first, rest)) = partial.split_first() {
        let steps =
            replaced.and_then(|replaced| extend(first, rest, replaced, timing, site, may_delete, now));
        return steps.map(|steps| proposal(MriButton::Extend, timing, steps)).into_iter().collect();
    }

    let create = emergency::order_proposal(timing, overdue, site).steps;
    let add = proposal(MriButton::Add, timing, create.clone());
    match replaced {
        Some(replaced) if !replaced.is_empty() => {
            vec![proposal(MriButton::ReplaceBy, timing, [replaced, create].concat()), add]
        }
        _ => vec![add],
    }
}

/// Widens the first partial MRI; a site that orders by region keeps its drafts and gets the missing regions.
fn extend(
    first: &ImagingOrder,
    rest: &[&ImagingOrder],
    mut steps: Vec<Step>,
    timing: Timing,
    site: &Site,
    may_delete: bool,
    now: DateTime<Utc>,
) -> Option<Vec<Step>> {
    if site.whole_spine_mri_as == WholeSpineMriAs::Regions && !first.regions.is_empty() {
        let covered = rest.iter().fold(first.regions, |all: Regions, o| all.with(o.regions));
        steps.push(Step::CreateRegionalMri(covered.missing_from_whole(), timing));
        steps.push(update(first, false, timing, now)?);
        for order in rest {
            steps.push(update(order, false, timing, now)?);
        }
    } else {
        for order in rest.iter().filter(|_| may_delete) {
            steps.push(delete(order)?);
        }
        steps.push(update(first, true, timing, now)?);
    }
    Some(steps)
}

fn has_passed(order: &ImagingOrder, now: DateTime<Utc>) -> bool {
    order.due.is_some_and(|due| due.latest() < now)
}

/// Changes a draft. A draft without an id cannot be named to the client, so it cannot be changed from here.
fn update(order: &ImagingOrder, widen: bool, timing: Timing, now: DateTime<Utc>) -> Option<Step> {
    let clear_time = has_passed(order, now);
    let (reference, label) = named(order)?;
    Some(Step::Update { reference, label, widen, timing, clear_time })
}

fn delete(order: &ImagingOrder) -> Option<Step> {
    let (reference, label) = named(order)?;
    Some(Step::Delete { reference, label })
}

fn named(order: &ImagingOrder) -> Option<(String, RecordText)> {
    let Evidence { reference, label, .. } = &order.evidence;
    reference.contains('/').then(|| (reference.clone(), label.as_str().into()))
}
