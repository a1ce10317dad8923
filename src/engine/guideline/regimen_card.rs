//! What section 3.6 adds to the treatment card when radiotherapy is preferred.

use super::advice::{FactUsed, Proposal, Recommendation, Step};
use super::compose::{absent, gaps_of};
use super::describe::{bare_fact, fact};
use super::fact::Fact;
use super::measure::{self, Prior};
use super::picture::Picture;
use super::regimen::{self, Gate};
use super::say::{Act, Alternatives, Asks, Gap, RegimenAct, Surgeon, Value};
use super::stability::referral;
use super::symptoms;
use super::tables::regimen::{
    Before, CEBRT, CEBRT_SHORT, GATE, Radiotherapy, Row, SBRT_DE_NOVO, SBRT_REIRRADIATION, VCF_RISK,
};
use super::treatment::{self, Basis};
use crate::domain::{Aim, Consult, Facts, Levels, Sign, Site, SpineTreatment, When};
use chrono::Duration;

/// An interval since the last course below this gets a caution, in days (5 months).
pub(super) const SHORT_INTERVAL: Duration = Duration::days(152);

/// What section 3.6 adds to the card.
#[derive(Debug)]
pub(super) struct Regimen {
    pub(super) act: RegimenAct,
    pub(super) recommendations: Vec<Recommendation>,
    pub(super) acts: Vec<Act>,
    pub(super) gaps: Vec<Gap>,
    pub(super) proposals: Vec<Proposal>,
}

impl Regimen {
    const fn of(act: RegimenAct) -> Self {
        Self { act, recommendations: Vec::new(), acts: Vec::new(), gaps: Vec::new(), proposals: Vec::new() }
    }
}

/// What passes the table.
pub(super) fn input(
    picture: &Picture<'_>,
    basis: &Basis<'_, '_>,
    gate: &Gate<'_>,
    site: &Site,
) -> Radiotherapy {
    let recorded = basis.progression.map(|(yes, _)| yes);
    Radiotherapy {
        before: basis.prior.before(),
        sbrt_available: site.sbrt_available,
        life: basis.life.class,
        progressed: recorded == Some(true) || (recorded.is_none() && began_after(picture, &basis.prior)),
        gate: gate.state(),
        fracture_risk: !regimen::fracture_risks(picture, &basis.sins.lesions).is_empty(),
    }
}

/// Whether findings that count, mechanical pain and pathological fracture included, began after the last course at
/// the site. Urinary incontinence is none; a fracture without a date establishes nothing.
fn began_after(picture: &Picture<'_>, prior: &Prior<'_>) -> bool {
    let Prior::At(courses, _) = prior else { return false };
    let ended = courses.iter().filter_map(|c| c.end.or(c.start)).max_by_key(|when| when.latest());
    let Some(ended) = ended else { return false };
    let mechanical = symptoms::mechanical_pain(picture).and_then(|evidence| evidence.date);
    let fractures = picture.facts.vertebral_fractures.iter().filter_map(|evidence| evidence.date);
    let findings = picture.counting.iter().filter(|c| !c.finding.is(Sign::UrinaryIncontinence));
    let begins = findings.map(|c| c.finding.begin).chain(mechanical).chain(fractures);
    begins.into_iter().any(|begin| begin.is_surely_after(ended))
}

/// The regimen; `None` where the guideline names none: irradiated before without progression, or without SBRT.
pub(super) fn regimen(picture: &Picture<'_>, basis: &Basis<'_, '_>, site: &Site) -> Option<Regimen> {
    let gate = regimen::gate(picture, &basis.sins.lesions);
    let input = input(picture, basis, &gate, site);
    if input.before == Before::Unknown {
        return Some(Regimen {
            acts: vec![Act::FindOutPrior],
            proposals: vec![referral(Consult::RadiationOncology, None, false)],
            ..Regimen::of(RegimenAct::PriorUnread)
        });
    }
    if SBRT_REIRRADIATION.holds(&input) {
        return Some(reirradiation(picture, &input, basis, &gate));
    }
    if SBRT_DE_NOVO.holds(&input) {
        return Some(de_novo(picture, &input, basis, &gate));
    }
    let row = conventional(&input)?;
    let mut parts = Regimen::of(RegimenAct::Conventional);
    add_conventional(picture.facts, &mut parts, row);
    parts.proposals.push(referral(Consult::RadiationOncology, None, false));
    Some(parts)
}

fn de_novo(picture: &Picture<'_>, input: &Radiotherapy, basis: &Basis<'_, '_>, gate: &Gate<'_>) -> Regimen {
    let risks = regimen::fracture_risks(picture, &basis.sins.lesions);
    let mut parts = Regimen::of(RegimenAct::Either);
    let none_before =
        absent(picture.facts, Fact::PriorRadiotherapy, Value::NoneOnRecord).into_iter().collect();
    parts.recommendations.push(SBRT_DE_NOVO.recommendation(none_before, Vec::new()));
    parts.acts.extend([Act::SbrtSchemes, Act::CordCaution]);
    let row = conventional(input);
    if let Some(row) = row {
        add_conventional(picture.facts, &mut parts, row);
    }
    if GATE.holds(input) {
        close(picture, &mut parts, gate);
    } else {
        let schemes =
            Alternatives { risky: !risks.is_empty(), single: row.is_some_and(|(_, single)| single) };
        let mut proposal = referral(Consult::RadiationOncology, None, false);
        for step in &mut proposal.steps {
            if let Step::Refer { alternatives, .. } = step {
                *alternatives = Some(schemes);
            }
        }
        parts.proposals.push(proposal);
    }
    if VCF_RISK.holds(input) {
        let facts: Vec<FactUsed> =
            risks.into_iter().map(|(name, value, evidence)| fact(name, value, evidence)).collect();
        parts.acts.push(Act::FractureRisk);
        parts.recommendations.push(VCF_RISK.recommendation(facts, Vec::new()));
    }
    parts
}

fn reirradiation(
    picture: &Picture<'_>,
    input: &Radiotherapy,
    basis: &Basis<'_, '_>,
    gate: &Gate<'_>,
) -> Regimen {
    let mut parts = Regimen::of(RegimenAct::Reirradiation);
    let Prior::At(courses, history) = &basis.prior else { return parts };
    let mut facts: Vec<FactUsed> =
        courses.iter().map(|c| fact(Fact::PriorRadiotherapy, measure::course(c), &c.evidence)).collect();
    facts.extend(history.iter().map(|e| fact(Fact::PriorRadiotherapy, Value::RadiotherapyHistory, e)));
    parts.recommendations.push(SBRT_REIRRADIATION.recommendation(facts, Vec::new()));
    parts.acts.push(Act::Reirradiate);
    let not_irradiated = not_irradiated(picture, courses);
    if !not_irradiated.is_empty() {
        parts.acts.push(Act::NotIrradiated(not_irradiated));
    }
    let last = courses.iter().filter_map(|c| c.end.or(c.start)).max_by_key(|when| when.latest());
    let short = last.is_none_or(|when| when.shortest_age(picture.clock.now) < SHORT_INTERVAL);
    if short || !history.is_empty() {
        parts.acts.push(Act::ShortInterval(last.filter(|_| history.is_empty())));
    }
    parts.acts.push(Act::CordCaution);
    if GATE.holds(input) {
        close(picture, &mut parts, gate);
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

/// No spine-surgery consult that opens the gate, as facts: the latest that was done before what closes it, with the symptoms
/// since, or none.
pub(super) fn no_consult(picture: &Picture<'_>, gate: &Gate<'_>) -> Vec<FactUsed> {
    let (name, chart) = (Fact::SpineSurgeryConsult, picture.facts);
    let done = chart.consults.iter().filter(|it| it.consult == Consult::SpineSurgery && it.done);
    let Some(earlier) = done.max_by_key(|it| it.when.map(When::latest)) else {
        return vec![absent(chart, name, Value::NoneDone).unwrap_or_else(|| bare_fact(name, Value::NotRead))];
    };
    // One without a date cannot be placed, nor one beside a finding without a date.
    let Some(seen) = earlier.when.filter(|_| gate.surgeon() == Surgeon::SawBefore) else {
        return vec![fact(name, Value::Consulted { done: true }, &earlier.evidence)];
    };
    let since = |used: &FactUsed| used.date.is_some_and(|date| date.is_surely_after(seen));
    let symptoms = symptoms::symptom_facts(picture).into_iter().filter(since);
    std::iter::once(fact(name, Value::DoneBefore, &earlier.evidence)).chain(symptoms).collect()
}

fn close(picture: &Picture<'_>, parts: &mut Regimen, gate: &Gate<'_>) {
    parts.act = RegimenAct::SurgeryFirst;
    let mut facts = treatment::gate_facts(gate);
    if facts.is_empty() || gate.surgeon() == Surgeon::SawBefore {
        facts.extend(no_consult(picture, gate));
    }
    parts.recommendations.push(GATE.recommendation(facts, gate.unknown.clone()));
    parts.acts.insert(0, Act::SurgeryFirst(gate.asked));
    parts.gaps.extend(gaps_of(&gate.unknown));
    parts.proposals.push(referral(Consult::SpineSurgery, None, false));
}

/// The row of conventional radiotherapy that holds, and whether 8 Gy in 1 fraction is named.
fn conventional(input: &Radiotherapy) -> Option<(&'static Row, bool)> {
    let row = [&CEBRT, &CEBRT_SHORT].into_iter().find(|row| row.holds(input))?;
    Some((row, CEBRT_SHORT.holds(input)))
}

fn add_conventional(chart: &Facts, parts: &mut Regimen, (row, single): (&Row, bool)) {
    let none_before = absent(chart, Fact::PriorRadiotherapy, Value::NoneOnRecord).into_iter().collect();
    parts.recommendations.push(row.recommendation(none_before, Vec::new()));
    parts.acts.push(Act::Conventional { single });
}
