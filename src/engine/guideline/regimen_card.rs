//! What section 3.6 adds to the treatment card when radiotherapy is preferred.

use super::advice::{FactUsed, Indicator, Proposal, Recommendation, Step};
use super::compose::{absent, gaps_of};
use super::describe::{bare_fact, fact};
use super::fact::Fact;
use super::measure::{self, Life, Prior};
use super::picture::Picture;
use super::regimen::{self, Gate};
use super::row::CodedRow;
use super::say::{Act, Alternatives, Asks, Gap, RegimenAct, Value};
use super::stability::referral;
use super::treatment::{self, Basis};
use crate::domain::{Aim, Consult, Facts, Levels, Site, SpineTreatment};
use chrono::Duration;

/// An interval since the last course below this gets a caution, in days (5 months).
pub(super) const SHORT_INTERVAL: Duration = Duration::days(152);

/// What section 3.6 adds to the card.
#[derive(Debug)]
pub(super) struct Regimen {
    pub(super) act: RegimenAct,
    pub(super) indicator: Indicator,
    pub(super) recommendations: Vec<Recommendation>,
    pub(super) acts: Vec<Act>,
    pub(super) gaps: Vec<Gap>,
    pub(super) proposals: Vec<Proposal>,
}

impl Regimen {
    const fn of(act: RegimenAct) -> Self {
        Self {
            act,
            indicator: Indicator::Info,
            recommendations: Vec::new(),
            acts: Vec::new(),
            gaps: Vec::new(),
            proposals: Vec::new(),
        }
    }
}

/// The regimen; `None` where the guideline names none: irradiated before without progression, or without SBRT.
pub(super) fn regimen(picture: &Picture<'_>, basis: &Basis<'_, '_>, site: &Site) -> Option<Regimen> {
    let gate = regimen::gate(picture, &basis.sins.lesions);
    match &basis.prior {
        Prior::Unknown => Some(Regimen {
            acts: vec![Act::FindOutPrior],
            proposals: vec![referral(Consult::RadiationOncology, None, false)],
            ..Regimen::of(RegimenAct::PriorUnread)
        }),
        Prior::At(..) if !site.sbrt_available => None,
        Prior::At(..) => {
            let recorded = basis.progression.map(|(yes, _)| yes);
            let progressed = recorded == Some(true)
                || (recorded.is_none() && treatment::began_after(picture, &basis.prior));
            progressed.then(|| reirradiation(picture, basis, &gate))
        }
        Prior::None if !site.sbrt_available => {
            let mut parts = Regimen::of(RegimenAct::Conventional);
            add_conventional(picture.facts, &mut parts, basis);
            parts.proposals.push(referral(Consult::RadiationOncology, None, false));
            Some(parts)
        }
        Prior::None => Some(de_novo(picture, basis, &gate)),
    }
}

fn de_novo(picture: &Picture<'_>, basis: &Basis<'_, '_>, gate: &Gate<'_>) -> Regimen {
    let risks = regimen::fracture_risks(picture, &basis.sins.lesions);
    let mut parts = Regimen::of(RegimenAct::Either);
    let none_before =
        absent(picture.facts, Fact::PriorRadiotherapy, Value::NoneOnRecord).into_iter().collect();
    parts.recommendations.push(regimen::SBRT_DE_NOVO.recommendation(none_before, Vec::new()));
    parts.acts.extend([Act::SbrtSchemes, Act::CordCaution]);
    add_conventional(picture.facts, &mut parts, basis);
    if gate.is_closed() {
        close(picture.facts, &mut parts, gate);
    } else {
        let schemes = Alternatives { risky: !risks.is_empty(), single: conventional(basis).1 };
        let mut proposal = referral(Consult::RadiationOncology, None, false);
        for step in &mut proposal.steps {
            if let Step::Refer { alternatives, .. } = step {
                *alternatives = Some(schemes);
            }
        }
        parts.proposals.push(proposal);
    }
    if !risks.is_empty() {
        let facts: Vec<FactUsed> =
            risks.into_iter().map(|(name, value, evidence)| fact(name, value, evidence)).collect();
        parts.acts.push(Act::FractureRisk);
        parts.recommendations.push(regimen::VCF_RISK.recommendation(facts, Vec::new()));
    }
    parts
}

fn reirradiation(picture: &Picture<'_>, basis: &Basis<'_, '_>, gate: &Gate<'_>) -> Regimen {
    let mut parts = Regimen::of(RegimenAct::Reirradiation);
    let Prior::At(courses, history) = &basis.prior else { return parts };
    let mut facts: Vec<FactUsed> =
        courses.iter().map(|c| fact(Fact::PriorRadiotherapy, measure::course(c), &c.evidence)).collect();
    facts.extend(history.iter().map(|e| fact(Fact::PriorRadiotherapy, Value::RadiotherapyHistory, e)));
    parts.recommendations.push(regimen::SBRT_REIRRADIATION.recommendation(facts, Vec::new()));
    parts.acts.push(Act::Reirradiate);
    let not_irradiated = not_irradiated(picture, courses);
    if !not_irradiated.is_empty() {
        parts.acts.push(Act::NotIrradiated(not_irradiated));
    }
    let last = courses.iter().filter_map(|c| c.end.or(c.start)).max_by_key(|when| when.latest());
    let short = last.is_none_or(|when| when.shortest_age(picture.clock.now) < SHORT_INTERVAL);
    if short || !history.is_empty() {
        parts.acts.push(Act::ShortInterval);
    }
    parts.acts.push(Act::CordCaution);
    if gate.is_closed() {
        close(picture.facts, &mut parts, gate);
    } else {
        let asks = Some(Asks::Reirradiation);
        parts.proposals.push(referral(Consult::RadiationOncology, asks, false));
    }
    parts
}

/// Levels of documented metastases that no course reached; none as soon as a course names no level.
fn not_irradiated(picture: &Picture<'_>, courses: &[&SpineTreatment]) -> Levels {
    let mut irradiated = Levels::NONE;
    for course in courses {
        match course.aim {
            Aim::Spine(levels) if !levels.is_empty() => irradiated = irradiated.union(levels),
            _ => return Levels::NONE,
        }
    }
    let lesions = measure::lesion_levels(picture);
    lesions.iter().filter(|level| !irradiated.has(*level)).fold(Levels::NONE, Levels::with)
}

/// No spine-surgery consult, as a fact.
pub(super) fn no_consult(chart: &Facts) -> FactUsed {
    let name = Fact::SpineSurgeryConsult;
    absent(chart, name, Value::NoneDone).unwrap_or_else(|| bare_fact(name, Value::NotRead))
}

fn close(chart: &Facts, parts: &mut Regimen, gate: &Gate<'_>) {
    parts.indicator = regimen::GATE.indicator;
    parts.act = RegimenAct::SurgeryFirst;
    let mut facts = treatment::gate_facts(gate);
    if facts.is_empty() {
        facts.push(no_consult(chart));
    }
    parts.recommendations.push(regimen::GATE.recommendation(facts, gate.unknown.clone()));
    parts.acts.insert(0, Act::SurgeryFirst);
    parts.gaps.extend(gaps_of(&gate.unknown));
    parts.proposals.push(referral(Consult::SpineSurgery, None, false));
}

/// The row of conventional radiotherapy, and whether 8 Gy in 1 fraction is named: only with a life expectancy below 3 months.
fn conventional(basis: &Basis<'_, '_>) -> (&'static CodedRow, bool) {
    if basis.life.class == Life::Below3 { (&regimen::CEBRT_SHORT, true) } else { (&regimen::CEBRT, false) }
}

fn add_conventional(chart: &Facts, parts: &mut Regimen, basis: &Basis<'_, '_>) {
    let (row, single) = conventional(basis);
    let none_before = absent(chart, Fact::PriorRadiotherapy, Value::NoneOnRecord).into_iter().collect();
    parts.recommendations.push(row.recommendation(none_before, Vec::new()));
    parts.acts.push(Act::Conventional { single });
}
