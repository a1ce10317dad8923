//! What was done so far, for the cards that ask for something to be done: MRI and its result, orders, consults, corticosteroid.
//!
//! Deliberately absent: whether it answers anything; that is for the decisions.

use super::fact::Fact;
use super::picture::{self, Picture};
use super::say::{ConsultDone, Done, OrderDone, StudyDone};
use crate::domain::{Aim, Consult, Drug, Modality, OrderStatus, When};
use std::cmp::Reverse;

/// Studies and orders named on a card; of the others the number is said.
const NAMED: usize = 2;

/// The facts of which a card says that they could not be read.
const ASKED: [Fact; 7] = [
    Fact::SpineMri,
    Fact::Escc,
    Fact::SpineMriOrders,
    Fact::SpineSurgeryConsult,
    Fact::RadiationOncologyConsult,
    Fact::MdtConsult,
    Fact::CorticosteroidsGiven,
];

/// What was done for the patient.
pub(super) fn done(picture: &Picture<'_>) -> Done {
    let facts = picture.facts;
    let mut studies: Vec<StudyDone> =
        facts.spine_mri.iter().map(|mri| StudyDone { when: mri.when, regions: mri.regions }).collect();
    studies.sort_by_key(|study| Reverse(study.when.map(When::latest)));
    let mut orders: Vec<OrderDone> = facts
        .imaging_orders
        .iter()
        .filter(|order| order.modality == Modality::Mri && order.status == OrderStatus::Active)
        .map(|order| OrderDone { regions: order.regions, due: order.due, priority: order.priority })
        .collect();
    orders.sort_by_key(|order| order.due.map(When::latest));
    let consult = |which: Consult| {
        let of = facts.consults.iter().filter(|record| record.consult == which);
        let latest = of.max_by_key(|record| (record.when.map(When::latest), record.done));
        (which, latest.map(|record| ConsultDone { done: record.done, when: record.when }))
    };
    let steroids = facts.medications.iter().filter(|record| record.drug == Drug::Corticosteroid);
    let given = steroids
        .filter(|record| record.current || record.when.is_some_and(|when| picture.clock.counts(when)));
    let treatments = facts.treatments.iter().filter(|record| matches!(record.aim, Aim::Spine(_)));
    let (more_studies, more_orders) =
        (studies.len().saturating_sub(NAMED), orders.len().saturating_sub(NAMED));
    studies.truncate(NAMED);
    orders.truncate(NAMED);
    Done {
        studies,
        more_studies,
        result: picture::latest_escc(facts, |_| true).map(|record| (record.grade, record.seen)),
        orders,
        more_orders,
        consults: [Consult::SpineSurgery, Consult::RadiationOncology, Consult::Mdt].map(consult),
        treatment: treatments
            .max_by_key(|record| record.start.map(When::earliest))
            .map(|record| (record.kind, record.start, record.end)),
        corticosteroid: given.max_by_key(|record| record.when.map(When::latest)).map(|record| record.when),
        unread: ASKED.into_iter().filter(|fact| fact.is_unread(facts)).collect(),
    }
}
