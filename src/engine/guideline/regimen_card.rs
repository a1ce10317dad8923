//! What section 3.6 adds to the treatment card when radiotherapy is preferred.

use super::advice::{FactUsed, Step};
use super::compose::{Parts, absent, not_known_facts};
use super::describe::{bare_fact, fact};
use super::fact::Fact;
use super::measure::{self, Life, Prior};
use super::picture::Picture;
use super::regimen::{self, Gate};
use super::row::CodedRow;
use super::stability::referral;
use super::treatment::{self, Basis};
use crate::domain::{Aim, Consult, Facts, Levels, Site, SpineTreatment};
use chrono::Duration;

/// An interval since the last course below this gets a caution, in days (5 months).
pub(super) const SHORT_INTERVAL: Duration = Duration::days(152);

/// Caution lines of every SBRT card (G-67, G-68, G-59).
const CORD: &str = "SBRT: epidural progression is the commonest failure; delineate the cord with care and keep its dose constraints (myelopathy 1.2 % in reirradiation series).";

/// The regimen; `None` where the guideline names none: irradiated before without progression, or without SBRT.
pub(super) fn regimen(picture: &Picture<'_>, basis: &Basis<'_, '_>, site: &Site) -> Option<Parts> {
    let gate = regimen::gate(picture, &basis.sins.lesions);
    match &basis.prior {
        Prior::Unknown => Some(Parts {
            summary: "prior radiotherapy could not be read".to_owned(),
            what_to_do: vec![
                "Find out whether the site was irradiated before: the regimen depends on it.".to_owned(),
            ],
            proposals: vec![referral(Consult::RadiationOncology, None, false)],
            ..Parts::default()
        }),
        Prior::At(..) if !site.sbrt_available => None,
        Prior::At(..) => {
            let recorded = basis.progression.map(|(yes, _)| yes);
            let progressed = recorded == Some(true)
                || (recorded.is_none() && treatment::began_after(picture, &basis.prior));
            progressed.then(|| reirradiation(picture, basis, &gate))
        }
        Prior::None if !site.sbrt_available => {
            let mut parts =
                Parts { summary: "conventional (SBRT not available)".to_owned(), ..Parts::default() };
            add_conventional(picture.facts, &mut parts, basis);
            parts.proposals.push(referral(Consult::RadiationOncology, None, false));
            Some(parts)
        }
        Prior::None => Some(de_novo(picture, basis, &gate)),
    }
}

fn de_novo(picture: &Picture<'_>, basis: &Basis<'_, '_>, gate: &Gate<'_>) -> Parts {
    let schemes: Vec<&str> = regimen::SBRT.iter().map(|scheme| scheme.text).collect();
    let risks = regimen::fracture_risks(picture, &basis.sins.lesions);
    let mut parts = Parts { summary: "SBRT or conventional".to_owned(), ..Parts::default() };
    let none_before = absent(picture.facts, Fact::PriorRadiotherapy, "none on record").into_iter().collect();
    parts.recommendations.push(regimen::SBRT_DE_NOVO.recommendation(none_before, Vec::new()));
    parts.what_to_do.push(format!("SBRT, alternatives without a rank: {}.", schemes.join("; ")));
    parts.what_to_do.push(CORD.to_owned());
    add_conventional(picture.facts, &mut parts, basis);
    if gate.is_closed() {
        close(picture.facts, &mut parts, gate);
    } else {
        let sbrt = regimen::SBRT.iter().map(|scheme| {
            let risky = !risks.is_empty() && scheme.fractions == 1;
            let note = if risky { " (above 19 Gy: higher vertebral fracture risk)" } else { "" };
            format!("{}{note}", scheme.text)
        });
        let conventional = format!("conventional {}", conventional(basis).1);
        let schemes: Vec<String> = sbrt.chain([conventional]).collect();
        let mut proposal = referral(Consult::RadiationOncology, None, false);
        for step in &mut proposal.steps {
            if let Step::Refer { alternatives, .. } = step {
                *alternatives = Some(format!("Alternatives without a rank: {}.", schemes.join("; ")));
            }
        }
        parts.proposals.push(proposal);
    }
    if !risks.is_empty() {
        let facts: Vec<FactUsed> =
            risks.into_iter().map(|(name, value, evidence)| fact(name, value, evidence)).collect();
        parts.what_to_do.push(
            "More than 19 Gy in one fraction: the fracture risk is raised here (12 % after SBRT in reirradiation series)."
                .to_owned(),
        );
        parts.recommendations.push(regimen::VCF_RISK.recommendation(facts, Vec::new()));
    }
    parts
}

fn reirradiation(picture: &Picture<'_>, basis: &Basis<'_, '_>, gate: &Gate<'_>) -> Parts {
    let mut parts = Parts { summary: "reirradiation by SBRT".to_owned(), ..Parts::default() };
    let Prior::At(courses, history) = &basis.prior else { return parts };
    let mut facts: Vec<FactUsed> = courses
        .iter()
        .map(|c| fact(Fact::PriorRadiotherapy, measure::course_words(c), &c.evidence))
        .collect();
    facts.extend(
        history.iter().map(|e| fact(Fact::PriorRadiotherapy, "history, site and time not stated", e)),
    );
    parts.recommendations.push(regimen::SBRT_REIRRADIATION.recommendation(facts, Vec::new()));
    parts.what_to_do.push(
        "SBRT is the recommended option at a site irradiated before; the guideline names no dose scheme for it. Do not assume a poor prognosis."
            .to_owned(),
    );
    let not_irradiated = not_irradiated(picture, courses);
    if !not_irradiated.is_empty() {
        let levels: Vec<String> = not_irradiated.iter().map(|level| level.to_string()).collect();
        parts.what_to_do.push(format!(
            "Not irradiated before: {}; the schemes for sites not irradiated apply there.",
            levels.join(", ")
        ));
    }
    let last = courses.iter().filter_map(|c| c.end.or(c.start)).max_by_key(|when| when.latest());
    let short = last.is_none_or(|when| when.shortest_age(picture.clock.now) < SHORT_INTERVAL);
    if short || !history.is_empty() {
        parts
            .what_to_do
            .push("Caution: the interval since the last course is below 5 months, or not known.".to_owned());
    }
    parts.what_to_do.push(CORD.to_owned());
    if gate.is_closed() {
        close(picture.facts, &mut parts, gate);
    } else {
        let asks = Some("SBRT reirradiation".to_owned());
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
    absent(chart, name, "none done on record").unwrap_or_else(|| bare_fact(name, "could not be read"))
}

fn close(chart: &Facts, parts: &mut Parts, gate: &Gate<'_>) {
    parts.indicator = regimen::GATE.indicator;
    parts.summary = "Ask spine surgery before SBRT".to_owned();
    let mut facts = treatment::gate_facts(gate);
    if facts.is_empty() {
        facts.push(no_consult(chart));
    }
    parts.recommendations.push(regimen::GATE.recommendation(facts, gate.unknown.clone()));
    parts.what_to_do.insert(0, "Ask spine surgery before SBRT: the gate comes first.".to_owned());
    parts.not_known.extend(not_known_facts(&gate.unknown));
    parts.proposals.push(referral(Consult::SpineSurgery, None, false));
}

/// The row of conventional radiotherapy and its schemes: 8 Gy in 1 fraction only with a life expectancy below 3 months.
fn conventional(basis: &Basis<'_, '_>) -> (&'static CodedRow, &'static str) {
    if basis.life.class == Life::Below3 {
        (&regimen::CEBRT_SHORT, "8 Gy in 1 fraction, or 20 to 30 Gy in several")
    } else {
        (&regimen::CEBRT, regimen::SEVERAL)
    }
}

fn add_conventional(chart: &Facts, parts: &mut Parts, basis: &Basis<'_, '_>) {
    let (row, schemes) = conventional(basis);
    let none_before = absent(chart, Fact::PriorRadiotherapy, "none on record").into_iter().collect();
    parts.recommendations.push(row.recommendation(none_before, Vec::new()));
    parts.what_to_do.push(format!(
        "Conventional alternative: {schemes} (pain response about 70 %; about 20 % need reirradiation within months)."
    ));
}
