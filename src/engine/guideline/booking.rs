//! An MRI of the spine that is being booked, held against the deadline of its row (guideline.md section 4).
//!
//! Deliberately absent: whether the MRI covers the whole spine, and what an order in time would change: an appointment after
//! the deadline is said to be late whatever else is ordered.

use super::advice::{Advice, Group};
use super::compose::{self, Parts, compose};
use super::describe;
use super::emergency;
use super::mri_timing::Need;
use super::picture::Picture;
use super::say::{Act, Booked, Headline, MriAct, Named, OrderState};
use super::tables::order_imaging::too_late;
use crate::domain::{ImagingOrder, Modality, OrderStatus};

/// The card of the row, led by the appointment that is too late. Rows without a deadline have none.
pub(super) fn advise(picture: &Picture<'_>, need: &Need<'_, '_>) -> Option<Advice> {
    let (deadline, too_late) = (need.deadline()?, too_late()?);
    let late: Vec<&ImagingOrder> = picture
        .facts
        .imaging_orders
        .iter()
        .filter(|order| {
            order.status == OrderStatus::Draft { selected: true } && order.modality == Modality::Mri
        })
        .filter(|order| order.due.is_some_and(|due| due.earliest() > deadline.at))
        .collect();
    let first = *late.first()?;
    let facts = late.iter().map(|order| describe::order_fact(order, OrderState::BookedLate)).collect();
    let row = emergency::row_recommendation(picture, need);
    let gaps = compose::gaps_of(&row.missing);
    let headline = Headline::Mri {
        act: MriAct::Existing(first.due.map_or(Booked::Undated, Booked::Later)),
        trigger: describe::trigger(need, picture),
        due: Some(deadline),
        earlier: need.is_set_by_another(),
    };
    let mut acts: Vec<Act> = emergency::goals_of_care(picture).into_iter().collect();
    acts.push(Act::BringForward(Named::of(&first.evidence), Some(deadline)));
    acts.extend(need.counts_from());
    acts.extend(emergency::earlier_overdue(need));
    acts.extend(emergency::extended(need));
    acts.push(Act::OnlyMri);
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
