//! Section 3.8, the other rows: radiotherapy, spine surgery and zoledronic acid, one card an order.
//!
//! Deliberately absent: imaging ([`super::order_check`]); orders aimed elsewhere, which are none of the guideline's
//! business; and our own referrals, which are no treatment orders.

use super::MOST_CARDS;
use super::adjunct::{self, Exclusion, Reason};
use super::advice::{Advice, FactUsed, Group, Proposal};
use super::compose::{DRUG_SOURCES, Parts, TREATMENT_SOURCES, compose, distinct, distinct_facts, gaps_of};
use super::describe::fact;
use super::fact::Fact;
use super::lesion::{Lesion, UNSTABLE_LEAST};
use super::measure::{self, Criterion, Life, LifeExpectancy, Prior};
use super::order_rows::{
    EIGHT_GRAY_GOOD_PROGNOSIS, EIGHT_GRAY_STATE_PROGNOSIS, GATE_BY_A_FINDING, GATE_BY_THE_UNKNOWN,
    NOT_LISTED, REIRRADIATION, SURGERY_SHORT_LIFE, SURGERY_STATE_LIFE, UNSTABLE_SPINE, VCF_RISK,
    ZOLEDRONIC_EXCLUDED, ZOLEDRONIC_MISSING,
};
use super::picture::Picture;
use super::regimen;
use super::regimen_card;
use super::row::CodedRow;
use super::say::{Act, Asks, Headline, Named, OrderAct, OrderState, Value};
use super::scope::SpinalMetastases;
use super::stability::{lesion_facts, referral};
use super::treatment;
use crate::domain::{
    Aim, Certainty, Consult, Dose, Drug, Evidence, Levels, OrderStatus, RadiotherapyOrder, Site, Source,
    SpineTreatment, Technique,
};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::rc::Rc;

/// A row that fires for an order.
#[derive(Clone)]
struct Hit {
    row: CodedRow,
    act: OrderAct,
    facts: Vec<FactUsed>,
    missing: Vec<Fact>,
    proposals: Vec<Proposal>,
}

/// The cards on selected drafts for radiotherapy, surgery and zoledronic acid.
/// `schemes`: whether section 3.6 may name schemes for this patient at all.
pub(super) fn advise(
    picture: &Picture<'_>,
    lesions: &[Lesion<'_>],
    schemes: bool,
    site: &Site,
) -> Vec<Advice> {
    let selected = |status: OrderStatus| status == OrderStatus::Draft { selected: true };
    let documented = picture.disease.spinal_metastases == SpinalMetastases::Documented;
    let concerns = |aim: Aim| matches!(aim, Aim::Spine(_)) || (aim == Aim::Unstated && documented);
    let life = measure::life_expectancy(picture, site);
    let facts = picture.facts;
    let mut found: Vec<Found<'_>> = Vec::new();
    // What is said of an order follows from its aim and its dose; equal ones are many.
    let mut by_aim_and_dose: HashMap<(Aim, Dose), Rc<[Hit]>> = HashMap::new();
    for order in facts.radiotherapy_orders.iter().filter(|o| selected(o.status) && concerns(o.aim)) {
        let hits = by_aim_and_dose
            .entry((order.aim, order.dose))
            .or_insert_with(|| sorted(radiotherapy(picture, lesions, &life, order, schemes, site)));
        found.push((&order.evidence, order.from_text, TREATMENT_SOURCES, Rc::clone(hits)));
    }
    let of_surgery = sorted(surgery(&life));
    for order in facts.surgery_orders.iter().filter(|o| selected(o.status) && concerns(o.aim)) {
        found.push((&order.evidence, false, TREATMENT_SOURCES, Rc::clone(&of_surgery)));
    }
    let bone = adjunct::zoledronic_indication(facts).is_some()
        || facts.metastases.iter().any(|m| m.certainty == Certainty::Documented);
    let drafted = facts.zoledronic_orders.iter().filter(|o| selected(o.status) && bone);
    let of_zoledronic = drafted.clone().next().map(|_| sorted(zoledronic(picture, site)));
    for (order, hits) in drafted.zip(of_zoledronic.iter().cycle()) {
        found.push((&order.evidence, false, DRUG_SOURCES, Rc::clone(hits)));
    }
    // Only the worst become cards.
    found.sort_by_key(|(.., hits)| Reverse(hits.first().map(|hit| hit.row.indicator)));
    let worst = found.into_iter().take(MOST_CARDS);
    worst
        .filter_map(|(order, from_text, rests_on, hits)| {
            card(picture, order, from_text, rests_on, hits.to_vec())
        })
        .collect()
}

/// An order with what is said of it, the worst first.
type Found<'f> = (&'f Evidence, bool, &'static [Source], Rc<[Hit]>);

fn sorted(mut hits: Vec<Hit>) -> Rc<[Hit]> {
    hits.sort_by_key(|hit| Reverse(hit.row.indicator));
    hits.into()
}

fn radiotherapy(
    picture: &Picture<'_>,
    lesions: &[Lesion<'_>],
    life: &LifeExpectancy<'_>,
    order: &RadiotherapyOrder,
    schemes: bool,
    site: &Site,
) -> Vec<Hit> {
    let levels = if let Aim::Spine(levels) = order.aim { levels } else { Levels::NONE };
    let here: Vec<Lesion<'_>> = lesions.iter().filter(|l| l.levels.same_site(levels)).cloned().collect();
    let technique = regimen::effective_technique(order.dose);
    let prior = measure::prior_radiotherapy(picture, levels);
    let irradiated = matches!(prior, Prior::At(..));
    let sbrt = technique == Technique::Sbrt;
    let mut hits = Vec::new();

    let single_8_gy = (order.dose.total_cgy, order.dose.fractions)
        == (Some(regimen::SINGLE_8_GY.0), Some(regimen::SINGLE_8_GY.1));
    if single_8_gy && !sbrt {
        let gate_open = !regimen::gate(picture, &here).is_closed();
        let allowed = schemes && site.sbrt_available && matches!(prior, Prior::None) && gate_open;
        hits.extend(eight_gray(life, allowed));
    }
    let unstable: Vec<&Lesion<'_>> = here.iter().filter(|l| l.score.min >= UNSTABLE_LEAST).collect();
    if !unstable.is_empty() {
        hits.push(Hit {
            row: UNSTABLE_SPINE,
            act: OrderAct::UnstableSpine,
            facts: unstable.iter().flat_map(|l| lesion_facts(Fact::Sins, l)).collect(),
            missing: Vec::new(),
            proposals: vec![referral(Consult::SpineSurgery, None, true)],
        });
    }
    if let (Technique::Conventional, Prior::At(courses, history)) = (technique, &prior) {
        hits.push(reirradiation(picture, courses, history, &here, site));
    }
    if sbrt {
        hits.extend(stereotactic(picture, &here, order));
    }
    let checked = !(sbrt && irradiated);
    if checked && regimen::is_listed(order.dose) == Some(false) {
        hits.push(Hit {
            row: NOT_LISTED,
            act: OrderAct::NotListed(order.dose.total_cgy.zip(order.dose.fractions)),
            facts: Vec::new(),
            missing: Vec::new(),
            proposals: Vec::new(),
        });
    }
    hits
}

/// Conventional radiotherapy at an irradiated site: SBRT instead, but never past a closed gate.
fn reirradiation(
    picture: &Picture<'_>,
    courses: &[&SpineTreatment],
    history: &[&Evidence],
    here: &[Lesion<'_>],
    site: &Site,
) -> Hit {
    let mut facts: Vec<FactUsed> =
        courses.iter().map(|c| fact(Fact::PriorRadiotherapy, measure::course(c), &c.evidence)).collect();
    facts.extend(history.iter().map(|e| fact(Fact::PriorRadiotherapy, Value::RadiotherapyHistory, e)));
    let gate = regimen::gate(picture, here);
    let (gate_closed, available) = (gate.is_closed(), site.sbrt_available);
    let proposals = if gate_closed {
        vec![referral(Consult::SpineSurgery, None, false)]
    } else if available {
        vec![referral(Consult::RadiationOncology, Some(Asks::Reirradiation), false)]
    } else {
        Vec::new()
    };
    let act = OrderAct::Reirradiation { gate_closed, available };
    Hit { row: REIRRADIATION, act, facts, missing: Vec::new(), proposals }
}

fn eight_gray(life: &LifeExpectancy<'_>, schemes: bool) -> Option<Hit> {
    match life.class {
        Life::AtLeast3 => Some(Hit {
            row: EIGHT_GRAY_GOOD_PROGNOSIS,
            act: OrderAct::SingleFraction,
            facts: life
                .evidence
                .map(|e| fact(Fact::LifeExpectancy, Value::Life(life.class), e))
                .into_iter()
                .collect(),
            missing: Vec::new(),
            proposals: regimen::SBRT
                .iter()
                .filter(|_| schemes)
                .map(Asks::Sbrt)
                .chain([Asks::Conventional])
                .map(|scheme| referral(Consult::RadiationOncology, Some(scheme), false))
                .collect(),
        }),
        Life::Unknown => Some(Hit {
            row: EIGHT_GRAY_STATE_PROGNOSIS,
            act: OrderAct::SingleFractionStateLife,
            facts: Vec::new(),
            missing: vec![Fact::LifeExpectancy],
            proposals: Vec::new(),
        }),
        Life::Below3 => None,
    }
}

fn stereotactic(picture: &Picture<'_>, here: &[Lesion<'_>], order: &RadiotherapyOrder) -> Vec<Hit> {
    let mut hits = Vec::new();
    let gate = regimen::gate(picture, here);
    if gate.is_closed() {
        let known = gate.is_closed_by_a_finding();
        hits.push(Hit {
            row: if known { GATE_BY_A_FINDING } else { GATE_BY_THE_UNKNOWN },
            act: OrderAct::SurgeryFirst,
            facts: if known {
                treatment::gate_facts(&gate)
            } else {
                vec![regimen_card::no_consult(picture.facts)]
            },
            missing: gate.unknown.clone(),
            proposals: vec![referral(Consult::SpineSurgery, None, known)],
        });
    }
    let risks = regimen::fracture_risks(picture, here);
    let large = regimen::per_fraction(order.dose).is_some_and(|fraction| fraction > regimen::RISKY_FRACTION);
    if large && !risks.is_empty() {
        hits.push(Hit {
            row: VCF_RISK,
            act: OrderAct::FractureRisk,
            facts: risks.into_iter().map(|(name, value, e)| fact(name, value, e)).collect(),
            missing: Vec::new(),
            proposals: Vec::new(),
        });
    }
    hits
}

fn surgery(life: &LifeExpectancy<'_>) -> Vec<Hit> {
    let (row, act, missing) = match life.class {
        Life::AtLeast3 => return Vec::new(),
        Life::Below3 => (SURGERY_SHORT_LIFE, OrderAct::ReconsiderSurgery, Vec::new()),
        Life::Unknown => (SURGERY_STATE_LIFE, OrderAct::SurgeryStateLife, vec![Fact::LifeExpectancy]),
    };
    vec![Hit {
        row,
        act,
        facts: life
            .evidence
            .map(|e| fact(Fact::LifeExpectancy, Value::Life(life.class), e))
            .into_iter()
            .collect(),
        missing,
        proposals: Vec::new(),
    }]
}

fn zoledronic(picture: &Picture<'_>, site: &Site) -> Vec<Hit> {
    let mut exclusions = adjunct::exclusions(picture, site);
    exclusions.extend(measure::drug(picture, Drug::OtherBoneAgent).map(|e| Exclusion {
        reason: Reason::OtherAgent,
        value: Value::AnotherIsCurrent,
        state: Criterion::NotMet,
        evidence: vec![e],
    }));
    let known: Vec<_> = exclusions.iter().filter(|e| e.state == Criterion::NotMet).collect();
    if exclusions.is_empty() {
        return Vec::new();
    }
    let facts = exclusions
        .iter()
        .flat_map(|e| e.evidence.iter().map(|record| fact(e.reason.fact(), e.value, record)))
        .collect();
    let missing: Vec<Fact> =
        exclusions.iter().filter(|e| e.state == Criterion::Unknown).map(|e| e.reason.fact()).collect();
    let (row, act) = match known.first() {
        Some(first) => (ZOLEDRONIC_EXCLUDED, OrderAct::ZoledronicExcluded(first.said())),
        None => (ZOLEDRONIC_MISSING, OrderAct::ZoledronicMissing(missing.clone())),
    };
    vec![Hit { row, act, facts, missing, proposals: Vec::new() }]
}

/// One card for an order, led by its worst, then first row; it names the order.
fn card(
    picture: &Picture<'_>,
    order: &Evidence,
    from_text: bool,
    rests_on: &'static [Source],
    hits: Vec<Hit>,
) -> Option<Advice> {
    let lead = hits.first()?;
    let indicator = lead.row.indicator;
    let headline = Headline::Order { label: order.label.as_str().into(), act: lead.act.clone() };
    let mut acts: Vec<Act> = hits.iter().map(|hit| Act::Order(Named::of(order), hit.act.clone())).collect();
    if from_text {
        acts.push(Act::DoseFromText);
    }
    let missing: Vec<Fact> = distinct(hits.iter().flat_map(|h| h.missing.iter().copied()).collect());
    let proposals = distinct(hits.iter().flat_map(|h| h.proposals.iter().cloned()).collect());
    let recommendations = hits
        .into_iter()
        .map(|hit| {
            let mut facts = vec![fact(Fact::Order, Value::Order(OrderState::Drafted), order)];
            facts.extend(hit.facts);
            hit.row.recommendation(distinct_facts(facts), hit.missing)
        })
        .collect();
    Some(compose(
        picture,
        Parts {
            indicator,
            recommendations,
            acts,
            gaps: gaps_of(&missing),
            proposals,
            rests_on,
            ..Parts::of(Group::OrderCheck, headline)
        },
    ))
}
