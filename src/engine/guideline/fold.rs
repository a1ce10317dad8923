//! One need, one card (guideline.md section 4): a card folds into one above it that offers all that it suggests.
//!
//! Deliberately absent: order cards, which are one card for all orders with the same lead and suggestions
//! ([`super::order_treatment`]).

use super::advice::{Advice, Group, Step};
use super::compose::distinct;
use super::say::{Alternatives, Answer, Asks};
use crate::domain::Consult;

/// What a suggestion does, whatever its priority and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// What is asked for belongs to it: one scheme is not another.
    Refer(Consult, Option<Asks>, Option<Alternatives>),
    OrderMri,
    Change(String),
    Record(Answer),
}

fn kind(step: &Step) -> Kind {
    match step {
        Step::Refer { consult, asks, alternatives, .. } => Kind::Refer(*consult, *asks, *alternatives),
        Step::CreateWholeSpineMri(_) | Step::CreateRegionalMri(..) => Kind::OrderMri,
        Step::Delete { reference, .. } | Step::Update { reference, .. } => Kind::Change(reference.clone()),
        Step::Record { answer, .. } => Kind::Record(*answer),
    }
}

fn kinds(advice: &Advice) -> Vec<Kind> {
    advice.proposals.iter().flat_map(|proposal| &proposal.steps).map(kind).collect()
}

/// Folds the cards of one call, which come worst first.
pub(super) fn fold(all: Vec<Advice>) -> Vec<Advice> {
    let mut kept: Vec<Advice> = Vec::new();
    for lower in all {
        match kept.iter_mut().find(|upper| covers(upper, &lower)) {
            Some(upper) => take_in(upper, lower),
            None => {
                let mut lower = lower;
                for upper in &mut kept {
                    leave_to(upper, &mut lower);
                }
                kept.push(lower);
            }
        }
    }
    kept
}

/// Whether a card offers all that one below it suggests, which is something.
fn covers(upper: &Advice, lower: &Advice) -> bool {
    let offered = kinds(upper);
    let wanted = kinds(lower);
    let orders = lower.group == Group::OrderCheck;
    !orders && !wanted.is_empty() && wanted.iter().all(|kind| offered.contains(kind))
}

/// The lead, the first line and the indicator of the upper card stay.
fn take_in(upper: &mut Advice, lower: Advice) {
    make_urgent(upper, &lower);
    upper.recommendations.extend(lower.recommendations);
    upper.folded.push(lower.headline);
    upper.more.extend(
        lower
            .more
            .into_iter()
            .filter(|one| upper.more.iter().all(|it| it.fact != one.fact))
            .collect::<Vec<_>>(),
    );
    upper.gaps = distinct([std::mem::take(&mut upper.gaps), lower.gaps].concat());
    upper.done = upper.done.take().or(lower.done);
}

/// What a card above offers is not offered again: the more urgent one stands, there.
fn leave_to(upper: &mut Advice, lower: &mut Advice) {
    let offered = kinds(upper);
    let is_offered = |steps: &[Step]| {
        steps.iter().all(|step| matches!(step, Step::Refer { .. }) && offered.contains(&kind(step)))
    };
    if lower.proposals.iter().any(|proposal| is_offered(&proposal.steps)) {
        make_urgent(upper, lower);
        lower.proposals.retain(|proposal| !is_offered(&proposal.steps));
    }
}

fn make_urgent(upper: &mut Advice, lower: &Advice) {
    let steps = lower.proposals.iter().flat_map(|proposal| &proposal.steps);
    let urgent: Vec<Consult> = steps
        .filter_map(|step| match step {
            Step::Refer { consult, urgent: true, .. } => Some(*consult),
            _ => None,
        })
        .collect();
    for step in upper.proposals.iter_mut().flat_map(|proposal| &mut proposal.steps) {
        if let Step::Refer { consult, urgent: is_urgent, .. } = step {
            *is_urgent |= urgent.contains(consult);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::advice::MoreRecords;
    use super::super::advice::tests::card;
    use super::super::fact::Fact;
    use super::*;

    #[test]
    fn of_many_records_the_number_is_kept_of_every_fact_once() {
        let more = |fact, records| MoreRecords { fact, records, newest: None };
        let mut upper = card(Group::Stability);
        upper.more = vec![more(Fact::Sins, 20), more(Fact::Performance, 14)];
        let mut lower = card(Group::Treatment);
        lower.more = vec![more(Fact::Sins, 30), more(Fact::LifeExpectancy, 15)];
        take_in(&mut upper, lower);
        let kept = [more(Fact::Sins, 20), more(Fact::Performance, 14), more(Fact::LifeExpectancy, 15)];
        assert_eq!(upper.more, kept);
    }
}
