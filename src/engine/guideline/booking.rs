//! An MRI of the spine that is being booked, held against the deadline of its row (guideline.md section 4).
//!
//! In time is what section 3.2 calls in time: up to the deadline, and once that has passed, within the faster row's window from now.
//! Deliberately absent: what another order in time would change: a late appointment is said to be late whatever else is ordered.

use super::advice::{Advice, Group};
use super::compose::{self, Parts, compose};
use super::describe;
use super::emergency;
use super::mri_timing::Need;
use super::picture::Picture;
use super::say::{Act, Headline, MriAct, Named, OrderState};
use super::tables::order_imaging::too_late;
use crate::domain::{ImagingOrder, Modality, OrderStatus, When};

/// The card of the row, led by the appointment that is too late. Rows without a deadline have none.
pub(super) fn advise(picture: &Picture<'_>, need: &Need<'_, '_>) -> Option<Advice> {
    let (deadline, too_late) = (need.deadline()?, too_late()?);
    let now = picture.clock.now;
    let horizon = need.horizon(now)?;
    let is_asked = |order: &&ImagingOrder| {
        order.status == OrderStatus::Draft { selected: true } && order.modality == Modality::Mri
    };
    let booked = || picture.facts.imaging_orders.iter().filter(is_asked);
    let in_time = |due: When| due.latest() >= now && due.earliest() <= horizon;
    // Of several that are booked together one in time is enough; the others follow it.
    if booked().any(|order| order.regions.is_whole() && order.due.is_some_and(in_time)) {
        return None;
    }
    let mut late: Vec<&ImagingOrder> =
        booked().filter(|order| order.due.is_some_and(|due| !in_time(due))).collect();
    late.sort_by_key(|order| order.due.map(When::earliest));
    let first = *late.first()?;
    let has_passed = |order: &ImagingOrder| order.due.is_some_and(|due| due.latest() < now);
    let facts = late
        .iter()
        .map(|order| {
            let state = if has_passed(order) { OrderState::BookedPassed } else { OrderState::BookedLate };
            describe::order_fact(order, state)
        })
        .collect();
    let is_part = |order: &ImagingOrder| !order.regions.is_whole() && !order.regions.is_empty();
    let row = emergency::row_recommendation(picture, need);
    let gaps = compose::gaps_of(&row.missing);
    let headline = Headline::Mri {
        act: MriAct::Appointment(emergency::booked(first, now), is_part(first)),
        trigger: describe::trigger(need, picture),
        due: Some(deadline),
        earlier: need.is_set_by_another(),
    };
    let mut acts: Vec<Act> = emergency::goals_of_care(picture).into_iter().collect();
    acts.push(Act::MoveAppointment {
        order: Named::of(&first.evidence),
        passed: has_passed(first),
        due: Some(deadline),
    });
    let partial = late.iter().any(|order| is_part(order));
    acts.extend(partial.then_some(Act::CoverWholeSpine(Some(deadline))));
    acts.extend(emergency::counts_in_time(need, now));
    acts.extend(need.counts_from());
    acts.extend(emergency::earlier_overdue(need));
    acts.extend(emergency::extended(need));
    acts.extend(emergency::mr_safety(picture));
    let indicator = emergency::indicator(need, picture.facts).max(too_late.indicator);
    Some(compose(
        picture,
        Parts {
            indicator,
            recommendations: vec![too_late.recommendation(facts, Vec::new()), row],
            acts,
            gaps,
            deadline: Some((deadline.at, deadline.overdue)),
            reason: emergency::reason(need),
            ..Parts::of(Group::Emergency, headline)
        },
    ))
}
