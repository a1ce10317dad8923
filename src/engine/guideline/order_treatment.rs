//! Section 3.8, the other rows: radiotherapy, spine surgery and zoledronic acid, one card an order.
//!
//! Deliberately absent: imaging ([`super::order_check`]); orders aimed elsewhere, which are none of the guideline's
//! business; and our own referrals, which are no treatment orders.

use super::MOST_CARDS;
use super::adjunct::{self, Exclusion, Reason};
use super::advice::{Advice, FactUsed};
use super::compose::{DRUG_SOURCES, TREATMENT_SOURCES};
use super::describe::fact;
use super::fact::Fact;
use super::lesion::{Lesion, UNSTABLE_LEAST};
use super::measure::{self, Criterion, Life, LifeExpectancy, Prior};
use super::order_card::{Found, Hit, card, is_one_need};
use super::outdated;
use super::picture::Picture;
use super::regimen::{self, Gate};
use super::regimen_card;
use super::say::{Asks, OrderAct, Value};
use super::scope::SpinalMetastases;
use super::stability::{lesion_facts, referral};
use super::tables::order_treatment::{
    EIGHT_GRAY_GOOD_PROGNOSIS, EIGHT_GRAY_STATE_PROGNOSIS, GATE_BY_A_FINDING, GATE_BY_THE_UNKNOWN,
    NOT_LISTED, REIRRADIATION, Radiotherapy, RadiotherapyRow, SURGERY_ROWS, UNSTABLE_SPINE, VCF_RISK,
    ZOLEDRONIC_ROWS, Zoledronic,
};
use super::tables::regimen::GateIs;
use super::tables::row::first;
use super::treatment;
use crate::domain::{
    Aim, Consult, Dose, Drug, Evidence, Levels, OrderStatus, RadiotherapyOrder, Site, Source, SpineTreatment,
    SurgeryOrder, Technique, When, ZoledronicOrder,
};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::rc::Rc;

/// The cards on selected drafts for radiotherapy, surgery and zoledronic acid.
/// `schemes`: whether section 3.6 may name schemes for this patient at all.
pub(super) fn advise(
    picture: &Picture<'_>,
    lesions: &[Lesion<'_>],
    schemes: bool,
    site: &Site,
) -> Vec<Advice> {
    let life = measure::life_expectancy(picture, site);
    let mut found: Vec<Found<'_>> = Vec::new();
    // What is said of an order follows from its aim and its dose; equal ones are many.
    let mut by_aim_and_dose: HashMap<(Aim, Dose), Rc<[Hit]>> = HashMap::new();
    for order in radiotherapy_drafts(picture) {
        let hits = by_aim_and_dose
            .entry((order.aim, order.dose))
            .or_insert_with(|| sorted(radiotherapy(picture, lesions, &life, order, schemes, site)));
        found.push((&order.evidence, order.from_text, TREATMENT_SOURCES, Rc::clone(hits)));
    }
    let of_surgery = sorted(surgery(&life).into_iter().collect());
    for order in surgery_drafts(picture) {
        found.push((&order.evidence, false, TREATMENT_SOURCES, Rc::clone(&of_surgery)));
    }
    let drafts: Vec<&ZoledronicOrder> = zoledronic_drafts(picture).collect();
    let of_zoledronic = drafts.first().map(|_| sorted(zoledronic(picture, site).into_iter().collect()));
    for (order, hits) in drafts.into_iter().zip(of_zoledronic.iter().cycle()) {
        found.push((&order.evidence, false, DRUG_SOURCES, Rc::clone(hits)));
    }
    found.sort_by_key(|(.., hits)| Reverse(hits.first().map(|hit| hit.indicator)));
    // Orders with the same lead and the same suggestions are one card. Only the worst become cards.
    let mut cards: Vec<Vec<Found<'_>>> = Vec::new();
    let (found, silent): (Vec<Found<'_>>, Vec<Found<'_>>) =
        found.into_iter().partition(|(.., hits)| !hits.is_empty());
    for one in found {
        let is_full = cards.len() == MOST_CARDS;
        let place = cards.iter().position(|card| card.first().is_some_and(|first| is_one_need(first, &one)));
        match place.and_then(|place| cards.get_mut(place)) {
            Some(card) => card.push(one),
            None if is_full => {}
            None => cards.push(vec![one]),
        }
    }
    // Of an order without a card the first one says what was not read.
    let mut beside: Vec<Source> = silent.iter().flat_map(|(_, _, rests_on, _)| *rests_on).copied().collect();
    let lacks = measure::clearance_lacks(picture, site);
    let outdated: Vec<_> = outdated::values(picture, site)
        .into_iter()
        .chain(outdated::laboratory(picture, site))
        .chain(lacks)
        .collect();
    let said = |orders: &Vec<Found<'_>>| card(picture, orders, &std::mem::take(&mut beside), &outdated);
    cards.iter().filter_map(said).collect()
}

fn sorted(mut hits: Vec<Hit>) -> Rc<[Hit]> {
    hits.sort_by_key(|hit| Reverse(hit.indicator));
    hits.into()
}

const fn is_selected(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Draft { selected: true })
}

/// Whether an order is aimed at the spine: by its own word, or by nobody's where spinal metastases are documented.
fn concerns(picture: &Picture<'_>, aim: Aim) -> bool {
    let documented = picture.disease.spinal_metastases == SpinalMetastases::Documented;
    matches!(aim, Aim::Spine(_)) || (aim == Aim::Unstated && documented)
}

/// The selected drafts for radiotherapy of the spine.
pub(super) fn radiotherapy_drafts<'f>(picture: &Picture<'f>) -> impl Iterator<Item = &'f RadiotherapyOrder> {
    let orders = picture.facts.radiotherapy_orders.iter();
    orders.filter(|order| is_selected(order.status) && concerns(picture, order.aim))
}

/// The selected drafts for surgery of the spine.
pub(super) fn surgery_drafts<'f>(picture: &Picture<'f>) -> impl Iterator<Item = &'f SurgeryOrder> {
    let orders = picture.facts.surgery_orders.iter();
    orders.filter(|order| is_selected(order.status) && concerns(picture, order.aim))
}

/// The selected drafts for zoledronic acid, where there is a disease of bone.
pub(super) fn zoledronic_drafts<'f>(picture: &Picture<'f>) -> impl Iterator<Item = &'f ZoledronicOrder> {
    let facts = picture.facts;
    let bone = adjunct::zoledronic_indication(facts).is_some();
    facts.zoledronic_orders.iter().filter(move |order| bone && is_selected(order.status))
}

/// The lesions at the site of a draft, and what is known of radiotherapy there.
pub(super) fn at_site<'f>(
    picture: &Picture<'f>,
    lesions: &[Lesion<'f>],
    order: &RadiotherapyOrder,
) -> (Vec<Lesion<'f>>, Prior<'f>) {
    let levels = if let Aim::Spine(levels) = order.aim { levels } else { Levels::NONE };
    let here = lesions.iter().filter(|l| l.levels.same_site(levels)).cloned().collect();
    (here, measure::prior_radiotherapy(picture, levels))
}

/// A draft for radiotherapy as the table sees it.
pub(super) fn seen(
    picture: &Picture<'_>,
    here: &[Lesion<'_>],
    prior: &Prior<'_>,
    life: Life,
    order: &RadiotherapyOrder,
) -> Radiotherapy {
    let dose = order.dose;
    Radiotherapy {
        single_fraction: (dose.total_cgy, dose.fractions)
            == (Some(regimen::SINGLE_8_GY.0), Some(regimen::SINGLE_8_GY.1)),
        technique: regimen::effective_technique(dose),
        risky_fraction: regimen::per_fraction(dose)
            .is_some_and(|fraction| fraction > regimen::RISKY_FRACTION),
        listed: regimen::is_listed(dose),
        life,
        unstable: here.iter().any(is_unstable),
        before: prior.before(),
        gate: regimen::gate(picture, here).state(),
        fracture_risk: !regimen::fracture_risks(picture, here).is_empty(),
    }
}

const fn is_unstable(lesion: &Lesion<'_>) -> bool {
    lesion.score.min >= UNSTABLE_LEAST
}

fn radiotherapy(
    picture: &Picture<'_>,
    lesions: &[Lesion<'_>],
    life: &LifeExpectancy<'_>,
    order: &RadiotherapyOrder,
    schemes: bool,
    site: &Site,
) -> Vec<Hit> {
    let (here, prior) = at_site(picture, lesions, order);
    let input = seen(picture, &here, &prior, life.class, order);
    let gate = regimen::gate(picture, &here);
    let mut hits = Vec::new();

    if EIGHT_GRAY_GOOD_PROGNOSIS.holds(&input) {
        let allowed =
            schemes && site.sbrt_available && matches!(prior, Prior::None) && input.gate == GateIs::Open;
        hits.push(eight_gray(life, allowed, matches!(prior, Prior::At(..))));
    }
    if EIGHT_GRAY_STATE_PROGNOSIS.holds(&input) {
        let act = OrderAct::SingleFractionStateLife(life.said);
        let said = life.fact().into_iter().collect();
        hits.push(Hit::new(&EIGHT_GRAY_STATE_PROGNOSIS, act, said, vec![Fact::LifeExpectancy]));
    }
    let unstable = || here.iter().filter(|lesion| is_unstable(lesion));
    if let Some(highest) = unstable().max_by_key(|l| (l.score.min, l.score.max))
        && UNSTABLE_SPINE.holds(&input)
    {
        let scores = unstable().flat_map(|l| lesion_facts(Fact::Sins, l));
        let facts = scores.chain(spine_surgeon(picture)).collect();
        let refer = referral(Consult::SpineSurgery, None, true);
        let act = OrderAct::UnstableSpine(highest.said());
        let hit = Hit::new(&UNSTABLE_SPINE, act, facts, Vec::new());
        hits.push(hit.offering(vec![refer]));
    }
    if let Prior::At(courses, history) = &prior
        && REIRRADIATION.holds(&input)
    {
        hits.push(reirradiation(courses, history, &gate, site));
    }
    if GATE_BY_A_FINDING.holds(&input) {
        let facts = treatment::gate_facts(&gate).into_iter().chain(spine_surgeon(picture)).collect();
        hits.push(closed_gate(&GATE_BY_A_FINDING, facts, &gate, true));
    }
    if GATE_BY_THE_UNKNOWN.holds(&input) {
        let facts = regimen_card::no_consult(picture, &gate);
        hits.push(closed_gate(&GATE_BY_THE_UNKNOWN, facts, &gate, false));
    }
    let risks = regimen::fracture_risks(picture, &here);
    if let Some((name, value, _)) = risks.first()
        && VCF_RISK.holds(&input)
    {
        let dose = order.dose.total_cgy.zip(order.dose.fractions);
        let act = OrderAct::FractureRisk { factor: (*name, *value), dose };
        let facts = risks.into_iter().map(|(name, value, e)| fact(name, value, e)).collect();
        hits.push(Hit::new(&VCF_RISK, act, facts, Vec::new()));
    }
    if NOT_LISTED.holds(&input) {
        let act = OrderAct::NotListed {
            dose: order.dose.total_cgy.zip(order.dose.fractions),
            sbrt: input.technique == Technique::Sbrt,
            single: life.class != Life::AtLeast3,
        };
        hits.push(Hit::new(&NOT_LISTED, act, Vec::new(), Vec::new()));
    }
    hits
}

/// The latest consult of spine surgery, as a fact: it silences no order, and the card says that it is there.
fn spine_surgeon(picture: &Picture<'_>) -> Option<FactUsed> {
    let consults = picture.facts.consults.iter().filter(|record| record.consult == Consult::SpineSurgery);
    let latest = consults.max_by_key(|record| (record.when.map(When::latest), record.done))?;
    Some(fact(Fact::SpineSurgeryConsult, Value::Consulted { done: latest.done }, &latest.evidence))
}

/// Conventional radiotherapy at an irradiated site: SBRT instead, but never past a closed gate.
fn reirradiation(courses: &[&SpineTreatment], history: &[&Evidence], gate: &Gate<'_>, site: &Site) -> Hit {
    let mut facts: Vec<FactUsed> =
        courses.iter().map(|c| fact(Fact::PriorRadiotherapy, measure::course(c), &c.evidence)).collect();
    facts.extend(history.iter().map(|e| fact(Fact::PriorRadiotherapy, Value::RadiotherapyHistory, e)));
    let (gate_closed, available) = (gate.is_closed(), site.sbrt_available);
    let proposals = if gate_closed {
        vec![referral(Consult::SpineSurgery, None, false)]
    } else if available {
        vec![referral(Consult::RadiationOncology, Some(Asks::Reirradiation), false)]
    } else {
        Vec::new()
    };
    let act = OrderAct::Reirradiation { gate: gate.reason().filter(|_| gate_closed), available };
    Hit::new(&REIRRADIATION, act, facts, Vec::new()).offering(proposals)
}

/// 8 Gy in 1 fraction with a good prognosis. `schemes`: SBRT may be named; `irradiated`: the site was, before.
fn eight_gray(life: &LifeExpectancy<'_>, schemes: bool, irradiated: bool) -> Hit {
    let proposals = regimen::SBRT
        .iter()
        .filter(|_| schemes)
        .map(Asks::Sbrt)
        .chain([Asks::Conventional])
        .map(|scheme| referral(Consult::RadiationOncology, Some(scheme), false))
        .collect();
    let facts = life.fact().into_iter().collect();
    let act = OrderAct::SingleFraction { life: life.said.unwrap_or_default(), sbrt: schemes, irradiated };
    let hit = Hit::new(&EIGHT_GRAY_GOOD_PROGNOSIS, act, facts, Vec::new());
    hit.offering(proposals)
}

fn closed_gate(row: &RadiotherapyRow, facts: Vec<FactUsed>, gate: &Gate<'_>, urgent: bool) -> Hit {
    let refer = referral(Consult::SpineSurgery, None, urgent);
    Hit::new(row, OrderAct::SurgeryFirst(gate.reason(), gate.surgeon()), facts, gate.unknown.clone())
        .offering(vec![refer])
}

fn surgery(life: &LifeExpectancy<'_>) -> Option<Hit> {
    let row = first(&SURGERY_ROWS, &life.class)?;
    let (act, missing) = if life.class == Life::Unknown {
        (OrderAct::SurgeryStateLife(life.said), vec![Fact::LifeExpectancy])
    } else {
        (OrderAct::ReconsiderSurgery(life.said.unwrap_or_default()), Vec::new())
    };
    Some(Hit::new(row, act, life.fact().into_iter().collect(), missing))
}

/// What speaks against zoledronic acid, another bone agent included.
pub(super) fn against<'f>(picture: &Picture<'f>, site: &Site) -> Vec<Exclusion<'f>> {
    let mut exclusions = adjunct::exclusions(picture, site);
    exclusions.extend(measure::drug(picture, Drug::OtherBoneAgent).map(|e| Exclusion {
        reason: Reason::OtherAgent,
        value: Value::AnotherIsCurrent,
        state: Criterion::NotMet,
        evidence: vec![e],
    }));
    exclusions
}

/// A draft for zoledronic acid as the table sees it.
pub(super) fn checked(exclusions: &[Exclusion<'_>]) -> Zoledronic {
    Zoledronic {
        excluded: exclusions.iter().any(|e| e.state == Criterion::NotMet),
        missing: exclusions.iter().any(|e| e.state == Criterion::Unknown),
    }
}

fn zoledronic(picture: &Picture<'_>, site: &Site) -> Option<Hit> {
    let exclusions = against(picture, site);
    let row = first(&ZOLEDRONIC_ROWS, &checked(&exclusions))?;
    let facts = exclusions
        .iter()
        .flat_map(|e| e.evidence.iter().map(|record| fact(e.reason.fact(), e.value, record)))
        .collect();
    let missing: Vec<Fact> =
        exclusions.iter().filter(|e| e.state == Criterion::Unknown).map(|e| e.reason.fact()).collect();
    let act = match exclusions.iter().find(|e| e.state == Criterion::NotMet) {
        Some(known) => OrderAct::ZoledronicExcluded(known.said()),
        None => {
            let calcium = exclusions.iter().find_map(|e| match e.value {
                Value::Calcium(amount, None) => amount,
                _ => None,
            });
            let (unread, lacking) = missing.iter().partition(|fact| fact.is_unread(picture.facts));
            OrderAct::ZoledronicMissing { lacking, unread, calcium }
        }
    };
    Some(Hit::new(row, act, facts, missing))
}
