//! One card for an order, or for several of one need: radiotherapy, spine surgery and zoledronic acid (guideline.md sections
//! 3.8 and 4).
//!
//! Deliberately absent: which rows hold for an order ([`super::order_treatment`]).

use super::advice::{Advice, FactUsed, Group, Indicator, Proposal, Recommendation};
use super::answers;
use super::compose::{NAMED, Parts, compose, distinct, distinct_facts, gaps_of};
use super::describe::fact;
use super::fact::Fact;
use super::picture::Picture;
use super::say::{Act, Gap, Headline, Named, OrderAct, OrderState, Value};
use super::tables::row::{Condition, RowSpec};
use crate::domain::{Evidence, Source};
use std::rc::Rc;

/// A row that holds for an order.
#[derive(Clone)]
pub(super) struct Hit {
    pub(super) indicator: Indicator,
    pub(super) recommendation: Recommendation,
    pub(super) act: OrderAct,
    pub(super) proposals: Vec<Proposal>,
}

impl Hit {
    pub(super) fn new<C: Condition>(
        row: &RowSpec<C, &'static str>,
        act: OrderAct,
        facts: Vec<FactUsed>,
        missing: Vec<Fact>,
    ) -> Self {
        let recommendation = row.recommendation(facts, missing);
        Self { indicator: row.indicator, recommendation, act, proposals: Vec::new() }
    }

    pub(super) fn offering(self, proposals: Vec<Proposal>) -> Self {
        Self { proposals, ..self }
    }
}

/// An order with what is said of it, the worst first.
pub(super) type Found<'f> = (&'f Evidence, bool, &'static [Source], Rc<[Hit]>);

/// Whether two orders get one card: the same lead, and the same suggestions, of which there are some.
pub(super) fn is_one_need((.., one): &Found<'_>, (.., other): &Found<'_>) -> bool {
    let lead = |hits: &[Hit]| hits.first().map(|hit| hit.recommendation.code);
    if lead(one) != lead(other) {
        return false;
    }
    let offered = offers(one);
    !offered.is_empty() && (Rc::ptr_eq(one, other) || offered == offers(other))
}

/// What a card suggests: orders, then answers.
fn offers(hits: &[Hit]) -> Vec<Proposal> {
    let orders = hits.iter().flat_map(|hit| hit.proposals.iter().cloned());
    distinct(orders.chain(answers::to_missing(&missing(hits))).collect())
}

/// The facts that are missing, each once.
fn missing(hits: &[Hit]) -> Vec<Fact> {
    distinct(hits.iter().flat_map(|hit| hit.recommendation.missing.iter().copied()).collect())
}

/// So many orders have lines of their own on a card; all are among its facts.
const ORDERS_SAID: usize = 2;

/// One card for an order, or for several of one need, led by its worst, then first row; it names the orders.
/// `beside`: what orders without a card rest on, which might have had one if all had been read.
pub(super) fn card(
    picture: &Picture<'_>,
    orders: &[Found<'_>],
    beside: &[Source],
    outdated: &[Gap],
) -> Option<Advice> {
    let (order, _, rests_on, hits) = orders.first()?;
    let lead = hits.first()?;
    let others = orders.len() - 1;
    let headline = Headline::Order { label: order.label.as_str().into(), others, act: lead.act.clone() };
    let said = orders.iter().take(ORDERS_SAID);
    let mut acts: Vec<Act> = said
        .flat_map(|(order, .., hits)| hits.iter().map(|hit| Act::Order(Named::of(order), hit.act.clone())))
        .collect();
    if orders.iter().any(|(_, from_text, ..)| *from_text) {
        acts.push(Act::DoseFromText);
    }
    // The rows of all orders, each once; the first that holds of a row speaks, and every order is among its facts.
    let mut rows: Vec<Hit> = Vec::new();
    let state = if picture.facts.orders_signed { OrderState::Signed } else { OrderState::Drafted };
    for (order, .., hits) in orders.iter().take(NAMED) {
        for hit in hits.iter() {
            let drafted = fact(Fact::Order, Value::Order(state), order);
            let known = rows.iter_mut().find(|row| row.recommendation.row == hit.recommendation.row);
            let row = match known {
                Some(row) => row,
                None => {
                    rows.push(hit.clone());
                    rows.last_mut()?
                }
            };
            let before = row.recommendation.facts.iter().take_while(|used| used.fact == Fact::Order).count();
            row.recommendation.facts.insert(before, drafted);
            row.recommendation.facts.extend(hit.recommendation.facts.iter().cloned());
            row.recommendation.missing.extend(&hit.recommendation.missing);
        }
    }
    let proposals = offers(hits);
    let missing = missing(&rows);
    let of_missing = |gap: &&Gap| match gap {
        Gap::Outdated { fact, .. } => missing.contains(fact),
        Gap::ClearanceLacks { .. } => missing.contains(&Fact::CreatinineClearance),
        _ => false,
    };
    let outdated: Vec<Gap> = outdated.iter().filter(of_missing).cloned().collect();
    // What a clearance lacks says more than that there is none.
    let is_said = outdated.iter().any(|gap| matches!(gap, Gap::ClearanceLacks { .. }));
    let mut gaps = gaps_of(&missing);
    gaps.retain(|gap| !is_said || *gap != Gap::Fact(Fact::CreatinineClearance));
    let recommendations = rows
        .into_iter()
        .map(|hit| {
            let mut recommendation = hit.recommendation;
            recommendation.facts = distinct_facts(recommendation.facts);
            recommendation.missing = distinct(recommendation.missing);
            recommendation
        })
        .collect();
    Some(compose(
        picture,
        Parts {
            indicator: lead.indicator,
            recommendations,
            acts,
            gaps: [gaps, outdated].concat(),
            proposals,
            rests_on: [rests_on, beside].concat(),
            ..Parts::of(Group::OrderCheck, headline)
        },
    ))
}
