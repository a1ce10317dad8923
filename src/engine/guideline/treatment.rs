//! The treatment card: sections 3.5 (modality) and 3.6 (regimen) from the chart to recommendations.
//!
//! Adults with documented spinal metastases and no untreated MESCC. Deliberately absent: the tables themselves
//! ([`super::tables`]).

use super::advice::{Advice, FactUsed, Group, Indicator, Recommendation};
use super::answers;
use super::code::Code;
use super::compose::{Parts, TREATMENT_SOURCES, absent, compose, unread};
use super::describe::{fact, finding_facts};
use super::fact::Fact;
use super::judged;
use super::leads_to;
use super::lesion::{self, Band, Lesion, SINS_MOST, SinsLesions, UNSTABLE_LEAST};
use super::measure::{self, Criterion, Life, LifeExpectancy, Prior, Since};
use super::outdated;
use super::picture::Picture;
use super::regimen;
use super::regimen_card;
use super::say::{BloodCancer, Criteria, Gap, Headline, ModalityAct, Reason, Value};
use super::stability::lesion_facts;
use super::symptoms;
use super::tables::judged::Judged;
use super::tables::modality::{self, Inputs, Offer, ROWS};
use super::tables::row::{first, worst};
use super::trace::Silence;
use super::treatment_acts;
use crate::domain::{
    CancerStatus, Certainty, Consult, ConsultRecord, Evidence, Facts, Histology, Judgement, MetastasisRecord,
    MetastasisSite, Site, When,
};

/// What the treatment decisions rest on, worked out once a call.
#[derive(Debug)]
pub(super) struct Basis<'p, 'f> {
    pub(super) sins: &'p SinsLesions<'f>,
    pub(super) life: LifeExpectancy<'f>,
    pub(super) prior: Prior<'f>,
    pub(super) performance: (Criterion, Option<&'f Evidence>),
    /// Progression after radiotherapy: yes, no, or not recorded.
    pub(super) progression: Option<(bool, &'f Evidence)>,
    pub(super) symptomatic: bool,
    /// A timing row holds without adequate imaging.
    pub(super) waits: bool,
}

/// Works the basis out.
pub(super) fn basis<'p, 'f>(
    picture: &'p Picture<'f>,
    sins: &'p SinsLesions<'f>,
    waits: bool,
    site: &Site,
) -> Basis<'p, 'f> {
    let prior = measure::prior_radiotherapy(picture, measure::lesion_levels(picture));
    Basis {
        sins,
        life: measure::life_expectancy(picture, site),
        progression: progression(picture, &prior),
        prior,
        performance: measure::performance(picture, site),
        symptomatic: symptoms::symptomatic(picture),
        waits,
    }
}

/// Recorded progression after radiotherapy; a metastasis in recurrence or relapse counts as yes.
fn progression<'f>(picture: &Picture<'f>, prior: &Prior<'f>) -> Option<(bool, &'f Evidence)> {
    let judged = measure::judgement(picture, Judgement::ProgressionAfterRadiotherapy, None);
    // Of several the latest; one without a date may be.
    let latest = |m: &&MetastasisRecord| (m.evidence.date.is_none(), m.evidence.date.map(When::latest));
    let recurrent = recurrences(picture.facts).max_by_key(latest).map(|m| (true, &m.evidence));
    let recurrent = recurrent.filter(|_| matches!(prior, Prior::At(..)));
    let (Some((_, judged_at)), Some((_, recurred))) = (judged, recurrent) else {
        return judged.or(recurrent);
    };
    // The later of the two counts; a recurrence without a date counts.
    let later =
        judged_at.date.zip(recurred.date).is_none_or(|(judged, recurred)| recurred.is_surely_after(judged));
    if later { recurrent } else { judged }
}

/// Metastases in recurrence or relapse.
fn recurrences(facts: &Facts) -> impl Iterator<Item = &MetastasisRecord> {
    facts.metastases.iter().filter(|metastasis| metastasis.recurrent)
}

/// G-25: progression at an irradiated site, and repeat radiation not feasible.
fn not_again(basis: &Basis<'_, '_>, judged: Judged) -> bool {
    matches!(basis.prior, Prior::At(..))
        && basis.progression.is_some_and(|(yes, _)| yes)
        && judged.answer(Judgement::ReirradiationFeasible) == Some(false)
}

/// The inputs of the modality table.
pub(super) fn inputs(picture: &Picture<'_>, basis: &Basis<'_, '_>, site: &Site) -> Inputs {
    let judged = judged::judged(picture);
    let irradiated = matches!(basis.prior, Prior::At(..));
    // G-25 and G-26.
    let not_again = not_again(basis, judged);
    let despite = judged.answer(Judgement::DeteriorationDespiteRadiotherapy) == Some(true)
        && measure::corticosteroid(picture).is_some();
    Inputs {
        sins: lesion::worst_band(&basis.sins.lesions),
        other_indication: not_again || despite,
        life: basis.life.class,
        systemic_first: systemic_first(picture),
        symptomatic: basis.symptomatic,
        performance: basis.performance.0,
        irradiable: match (&basis.prior, site.sbrt_available) {
            (_, true) | (Prior::None, false) => Criterion::Met,
            (Prior::At(..), false) => Criterion::NotMet,
            (Prior::Unknown, false) => Criterion::Unknown,
        },
        time: match basis.life.long_enough {
            // G-66: in reirradiation an unknown life expectancy counts as enough.
            Criterion::Unknown if irradiated => Criterion::Met,
            other => other,
        },
        judged,
    }
}

/// Row 4: myeloma not in remission, or aggressive lymphoma, without current antineoplastic therapy.
fn systemic_first(picture: &Picture<'_>) -> bool {
    chemosensitive(picture).is_some() && measure::antineoplastic(picture).is_none()
}

/// Active myeloma that is not in remission, else active aggressive lymphoma.
fn chemosensitive(picture: &Picture<'_>) -> Option<BloodCancer> {
    let active = || picture.facts.cancer.iter().filter(|c| c.status == CancerStatus::Active);
    if active().any(|c| c.histology == Histology::Myeloma { in_remission: false }) {
        return Some(BloodCancer::Myeloma);
    }
    active().any(|c| c.histology == Histology::LymphomaAggressive).then_some(BloodCancer::AggressiveLymphoma)
}

/// Whether the modality table gives radiotherapy (rows 5 and 6), so that schemes may be named at all.
pub(super) fn radiotherapy_fits(picture: &Picture<'_>, basis: &Basis<'_, '_>, site: &Site) -> bool {
    let row = first(&ROWS, &inputs(picture, basis, site));
    row.is_some_and(|row| matches!(row.gives, Offer::Regimen { .. }))
}

/// The treatment card.
pub(super) fn advise(picture: &Picture<'_>, basis: &Basis<'_, '_>, site: &Site) -> Option<Advice> {
    let inputs = inputs(picture, basis, site);
    let row = first(&ROWS, &inputs)?;
    let (row, regimen) = match row.gives {
        Offer::InStabilityCard => return None,
        Offer::Regimen { otherwise } => match regimen_card::regimen(picture, basis, site) {
            Some(regimen) => (row, Some(regimen)),
            // Irradiated before without progression: the guideline names no regimen.
            None => (otherwise, None),
        },
        Offer::Refer { .. } | Offer::Nothing => (row, None),
    };
    if silenced(picture, basis, inputs, row).is_some() {
        return None;
    }
    let recommendation = recommendation(picture, basis, inputs, row);
    let referred = asked_already(picture, basis, inputs, row.gives);
    let systemic = ModalityAct::Systemic {
        therapy_unread: Fact::AntineoplasticTherapy.is_unread(picture.facts),
        cancer: chemosensitive(picture),
    };
    // Asked for only where something is missing: most cards need no more than the row.
    let has_regimen = regimen.is_some()
        || !recommendation.missing.is_empty() && regimen_card::regimen(picture, basis, site).is_some();
    // No part that is missing makes the worst less than the least of any.
    let least = basis.sins.lesions.iter().map(|lesion| lesion.score.min).max().unwrap_or(0);
    let most = highest(basis).map_or(SINS_MOST, |lesion| lesion.said().most.max(least));
    let known = leads_to::Known { inputs, has_regimen, sins: (least, most) };
    let asks_tolerable = inputs.performance == Criterion::Unknown && known.fits_if_tolerable();
    let headline = Headline::Treatment {
        modality: treatment_acts::act(row, inputs, systemic, (referred, asks_tolerable)),
        regimen: regimen.as_ref().map(|regimen| regimen.act),
        criteria: criteria(picture, basis, site, recommendation.missing.clone()),
    };
    let deciding = leads_to::deciding(known, &recommendation.missing);
    let asked: Vec<Fact> = leads_to::answerable(&recommendation.missing, &deciding);
    let mut parts = Parts {
        indicator: row.indicator,
        acts: treatment_acts::acts(picture, row, inputs, (referred, asks_tolerable)),
        gaps: [leads_to::gaps(&recommendation.missing, deciding), outdated::values(picture, site)].concat(),
        recommendations: vec![recommendation],
        reason: Reason::Symptomatic,
        rests_on: TREATMENT_SOURCES.to_vec(),
        ..Parts::of(Group::Treatment, headline)
    };
    let despite = inputs.judged.answer(Judgement::DeteriorationDespiteRadiotherapy) == Some(true);
    if despite && measure::corticosteroid(picture).is_none() {
        parts.gaps.insert(0, Gap::Corticosteroid);
    }
    if let Some(regimen) = regimen {
        let worst = worst(&super::tables::regimen::ROWS, &regimen.recommendations);
        parts.indicator = parts.indicator.max(worst.unwrap_or(row.indicator));
        parts.recommendations.extend(regimen.recommendations);
        parts.acts.extend(regimen.acts);
        parts.gaps.extend(regimen.gaps);
        parts.proposals.extend(regimen.proposals);
    } else {
        parts.proposals.extend(proposal(row.gives).filter(|_| !referred));
    }
    parts.proposals.extend(answers::to_missing(&asked));
    Some(compose(picture, parts))
}

/// Why a row that holds is not shown.
pub(super) fn silenced(
    picture: &Picture<'_>,
    basis: &Basis<'_, '_>,
    inputs: Inputs,
    row: &modality::Row,
) -> Option<Silence> {
    let undetermined = row.code == Code::ModalityUndetermined;
    if undetermined && basis.waits {
        return Some(Silence::WaitsForMri);
    }
    let asked = row.indicator == Indicator::Info && row.code != Code::SystemicTherapyPrimary;
    if let Some(record) = consulted(picture, basis).filter(|_| asked) {
        return Some(Silence::Consulted { consult: record.consult, when: record.when, done: record.done });
    }
    // What could not be read is not asked for: it may well be recorded.
    let missing = [missing(picture, basis, inputs, row), row.asked().collect()].concat();
    let lacks = undetermined && !unread(picture.facts, &missing).is_empty();
    lacks.then_some(Silence::Unread)
}

/// The values on which the treatment is chosen.
fn criteria(picture: &Picture<'_>, basis: &Basis<'_, '_>, site: &Site, open: Vec<Fact>) -> Criteria {
    let gate = regimen::gate(picture, &basis.sins.lesions);
    Criteria {
        score: highest(basis).map(Lesion::said),
        performance: basis.performance.1.map(|e| measure::performed(picture, basis.performance.0, e)),
        life: basis.life.said,
        irradiated: match basis.prior {
            Prior::None => Some(false),
            Prior::At(..) => Some(true),
            Prior::Unknown => None,
        },
        elsewhere: measure::spine_irradiated(picture),
        no_sbrt: matches!(basis.prior, Prior::At(..)) && !site.sbrt_available,
        levels: measure::lesion_levels(picture),
        gate: gate.reason(),
        surgeon: gate.surgeon(),
        progressed: not_again(basis, judged::judged(picture)),
        open,
    }
}

/// The lesion that decides: what is known to be unstable speaks before what may be.
fn highest<'b, 'f>(basis: &'b Basis<'_, 'f>) -> Option<&'b Lesion<'f>> {
    let worst = |lesion: &&Lesion<'_>| (lesion.band() == Band::Unstable, lesion.score.max, lesion.score.min);
    basis.sins.lesions.iter().max_by_key(worst)
}

/// Whether the consult that a row offers for an unstable spine was asked since every score of instability: it is not offered again.
fn asked_already(picture: &Picture<'_>, basis: &Basis<'_, '_>, inputs: Inputs, offer: Offer) -> bool {
    let Offer::Refer { consult, .. } = offer else { return false };
    let unstable = basis.sins.lesions.iter().filter(|lesion| lesion.score.max >= UNSTABLE_LEAST);
    let scores: Option<Vec<When>> = unstable.map(|lesion| lesion.seen).collect();
    let Some(scores) = scores.filter(|_| inputs.sins == Band::Unstable) else { return false };
    let since = Since::latest(scores.into_iter().map(Some));
    measure::consult(picture, consult, since).is_some_and(|record| record.when.is_some())
}

/// A radiation-oncology or MDT consult since the latest of metastases documented, onset of the current symptoms and
/// recorded progression; where none of these has a date, any consult of the look-back. That a metastasis came back is news to
/// who was asked before, irradiated or not.
fn consulted<'f>(picture: &Picture<'f>, basis: &Basis<'_, '_>) -> Option<&'f ConsultRecord> {
    let onsets = symptoms::symptoms(picture).map(|c| c.finding.dated());
    let mechanical = symptoms::mechanical_pain(picture).map(|evidence| evidence.date);
    let fractures =
        picture.facts.vertebral_fractures.iter().map(|e| e.date).filter(|date| picture.is_current(*date));
    let progressed = basis.progression.filter(|(yes, _)| *yes).map(|(_, evidence)| evidence.date);
    let came_back = recurrences(picture.facts).map(|metastasis| metastasis.evidence.date);
    let dates = documented(picture.facts).into_iter().chain(onsets).chain(mechanical).chain(fractures);
    let dated: Vec<Option<When>> = dates.chain(came_back).chain(progressed).filter(Option::is_some).collect();
    let since = Since::latest(dated);
    [Consult::RadiationOncology, Consult::Mdt]
        .into_iter()
        .find_map(|consult| measure::consult(picture, consult, since))
}

/// When spinal metastases were documented: by a Condition, else in myeloma and lymphoma by the fracture or the first score
/// of a vertebra.
fn documented(facts: &Facts) -> Vec<Option<When>> {
    let conditions = facts
        .metastases
        .iter()
        .filter(|m| m.certainty == Certainty::Documented && matches!(m.site, MetastasisSite::Spine(_)));
    let dates: Vec<Option<When>> = conditions.map(|m| m.seen).collect();
    if !dates.is_empty() {
        return dates;
    }
    let scored = facts.sins.iter().filter_map(|record| record.seen).min_by_key(|when| when.earliest());
    facts.vertebral_fractures.iter().map(|e| e.date).chain([scored]).collect()
}

fn proposal(offer: Offer) -> Option<super::advice::Proposal> {
    match offer {
        Offer::Refer { consult, urgent } => Some(super::stability::referral(consult, None, urgent)),
        Offer::Regimen { .. } | Offer::Nothing | Offer::InStabilityCard => None,
    }
}

fn recommendation(
    picture: &Picture<'_>,
    basis: &Basis<'_, '_>,
    inputs: Inputs,
    row: &modality::Row,
) -> Recommendation {
    let mut facts: Vec<FactUsed> =
        basis.sins.lesions.iter().flat_map(|lesion| lesion_facts(Fact::Sins, lesion)).collect();
    facts.extend(basis.life.fact());
    facts.extend(basis.performance.1.map(|e| {
        let said = measure::performed(picture, inputs.performance, e);
        fact(Fact::Performance, Value::Performance(said), e)
    }));
    match &basis.prior {
        Prior::None => {
            let none =
                if measure::spine_irradiated(picture) { Value::NoneAtThisSite } else { Value::NoneOnRecord };
            facts.extend(absent(picture.facts, Fact::PriorRadiotherapy, none));
        }
        Prior::Unknown => {}
        Prior::At(courses, history) => {
            facts.extend(
                courses.iter().map(|c| fact(Fact::PriorRadiotherapy, measure::course(c), &c.evidence)),
            );
            facts
                .extend(history.iter().map(|e| fact(Fact::PriorRadiotherapy, Value::RadiotherapyHistory, e)));
        }
    }
    facts.extend(
        basis.progression.map(|(yes, e)| fact(Fact::ProgressionAfterRadiotherapy, Value::of(yes), e)),
    );
    let said = |judgement| {
        let answer = measure::judgement(picture, judgement, None);
        answer.map(|(yes, e)| fact(Fact::of_judgement(judgement), Value::of(yes), e))
    };
    facts.extend(said(Judgement::ReirradiationFeasible));
    facts.extend(said(Judgement::DeteriorationDespiteRadiotherapy));
    facts.extend(judged::facts(picture, &ROWS));
    facts.extend(said(Judgement::MechanicalPain));
    facts.extend(measure::corticosteroid(picture).map(|e| fact(Fact::CorticosteroidsGiven, Value::Yes, e)));
    facts.extend(
        picture
            .facts
            .vertebral_fractures
            .iter()
            .chain(&picture.facts.other_vertebral_fractures)
            .map(|e| fact(Fact::BaselineVcf, Value::Yes, e)),
    );
    facts.extend(picture.counting.iter().flat_map(|c| finding_facts(&c.finding)));

    let missing = missing(picture, basis, inputs, row);
    row.recommendation(facts, missing)
}

/// The facts that decide and are missing.
fn missing(picture: &Picture<'_>, basis: &Basis<'_, '_>, inputs: Inputs, row: &modality::Row) -> Vec<Fact> {
    let mut missing = Vec::new();
    let for_radiotherapy = !inputs.surgery_indicated() && row.code != Code::SystemicTherapyPrimary;
    if for_radiotherapy && matches!(inputs.sins, Band::Unknown | Band::Indeterminate) {
        missing.push(Fact::Sins);
    }
    if row.code != Code::SystemicTherapyPrimary && inputs.life == Life::Unknown {
        missing.push(Fact::LifeExpectancy);
    }
    if for_radiotherapy && inputs.performance == Criterion::Unknown {
        missing.push(Fact::Performance);
    }
    if row.code == Code::SystemicTherapyPrimary && Fact::AntineoplasticTherapy.is_unread(picture.facts) {
        missing.push(Fact::AntineoplasticTherapy);
    }
    if matches!(basis.prior, Prior::Unknown) && !inputs.surgery_indicated() {
        missing.push(Fact::PriorRadiotherapy);
    }
    missing
}

/// Evidence lines for a gate, as facts.
pub(super) fn gate_facts(gate: &regimen::Gate<'_>) -> Vec<FactUsed> {
    gate.known
        .iter()
        .flat_map(|(name, value, evidence)| evidence.iter().map(move |e| fact(*name, *value, e)))
        .collect()
}
