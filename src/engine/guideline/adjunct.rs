//! Section 3.7: zoledronic acid and vertebroplasty, one card.
//!
//! Deliberately absent: any other bone agent, and whether a patient is fit for a procedure: the operator judges that.

use super::advice::{Advice, FactUsed, Group, Recommendation};
use super::answers;
use super::compose::{DRUG_SOURCES, Parts, absent, compose, unread};
use super::describe::fact;
use super::fact::Fact;
use super::finding::Clock;
use super::judged;
use super::measure::{self, Criterion};
use super::mescc;
use super::picture::Picture;
use super::say::{Act, Excluded, Headline, Known, Reason as OrderReason, Value};
use super::tables::adjunct::{Adjuncts, ROWS, VERTEBROPLASTY};
use super::tables::row::worst;
use crate::domain::{Certainty, Drug, Evidence, Facts, Histology, Judgement, Sign, Site, When};
use chrono::Duration;

/// Least creatinine clearance for zoledronic acid, in hundredths of mL/min.
pub(super) const LEAST_CLEARANCE: u32 = 3_000;

/// Dose context of the US label: least clearance in hundredths of mL/min, and the dose. A value between two printed rows
/// takes the lower dose. No dose has a trailing zero, which can be read as ten times as much.
pub(super) const DOSES: [(u32, &str); 4] =
    [(6_001, "4 mg"), (5_000, "3.5 mg"), (4_000, "3.3 mg"), (LEAST_CLEARANCE, "3 mg")];

/// What may exclude zoledronic acid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// An allergy to a bisphosphonate.
    Allergy,
    /// Pregnancy.
    Pregnancy,
    /// Creatinine clearance below [`LEAST_CLEARANCE`].
    Clearance,
    /// Low calcium.
    Calcium,
    /// Prostate cancer without documented progression on hormones.
    Prostate,
    /// No solid tumour known from which the bone metastases come.
    Primary,
    /// Another bone agent is current.
    OtherAgent,
}

impl Reason {
    /// The fact that it looks at.
    pub(super) const fn fact(self) -> Fact {
        match self {
            Self::Allergy => Fact::BisphosphonateAllergy,
            Self::Pregnancy => Fact::Pregnancy,
            Self::Clearance => Fact::CreatinineClearance,
            Self::Calcium => Fact::Calcium,
            Self::Prostate => Fact::ProstateProgressionOnHormones,
            Self::Primary => Fact::Cancer,
            Self::OtherAgent => Fact::BoneAgent,
        }
    }
}

/// One reason for or against zoledronic acid.
#[derive(Debug, Clone)]
pub(super) struct Exclusion<'f> {
    pub(super) reason: Reason,
    pub(super) value: Value,
    /// `NotMet`: it excludes; `Unknown`: missing.
    pub(super) state: Criterion,
    pub(super) evidence: Vec<&'f Evidence>,
}

/// Myeloma, or documented bone metastases; whether of a solid tumour is [`primary`]'s answer.
pub(super) fn zoledronic_indication(facts: &Facts) -> Option<&Evidence> {
    let metastasis = facts.metastases.iter().find(|m| m.certainty == Certainty::Documented);
    myeloma(facts).or(metastasis.map(|m| &m.evidence))
}

/// Myeloma in remission is still myeloma: only the modality table asks for remission.
fn myeloma(facts: &Facts) -> Option<&Evidence> {
    facts.cancer.iter().find(|c| matches!(c.histology, Histology::Myeloma { .. })).map(|c| &c.evidence)
}

/// Why a tumour is not known to be solid, for bone metastases without myeloma. A metastasis is no primary; a cancer of the
/// past is one.
fn primary(facts: &Facts) -> Option<Exclusion<'_>> {
    if myeloma(facts).is_some() {
        return None;
    }
    let primaries = || facts.cancer.iter().filter(|c| !c.secondary);
    let solid = |wanted: Option<bool>| primaries().any(|c| c.histology.is_solid() == wanted);
    if solid(Some(true)) {
        None
    } else if solid(None) || primaries().next().is_none() {
        Some(exclusion(Reason::Primary, Value::NoSolidTumour, Criterion::Unknown, Vec::new()))
    } else {
        let records = primaries().map(|c| &c.evidence).collect();
        Some(exclusion(Reason::Primary, Value::BloodCancerAlone, Criterion::NotMet, records))
    }
}

/// What excludes zoledronic acid, or is missing: allergy, pregnancy, clearance, calcium, prostate without progression.
pub(super) fn exclusions<'f>(picture: &Picture<'f>, site: &Site) -> Vec<Exclusion<'f>> {
    let facts = picture.facts;
    let clock = Clock { look_back: Duration::days(site.look_back.laboratory.into()), ..picture.clock };
    let mut found: Vec<Exclusion<'f>> = primary(facts).into_iter().collect();
    if let Some(allergy) = facts.bisphosphonate_allergy.first() {
        found.push(exclusion(Reason::Allergy, Value::Yes, Criterion::NotMet, vec![allergy]));
    } else if Fact::BisphosphonateAllergy.is_unread(facts) {
        found.push(exclusion(Reason::Allergy, Value::NotRead, Criterion::Unknown, Vec::new()));
    }
    if let Some(pregnant) = &facts.pregnant {
        found.push(exclusion(Reason::Pregnancy, Value::Yes, Criterion::NotMet, vec![pregnant]));
    }
    match measure::clearance(picture, site) {
        Some((clearance, evidence)) if clearance < LEAST_CLEARANCE => {
            found.push(exclusion(
                Reason::Clearance,
                Value::Clearance(clearance),
                Criterion::NotMet,
                evidence,
            ));
        }
        Some(_) => {}
        None => found.push(exclusion(Reason::Clearance, Value::Unknown, Criterion::Unknown, Vec::new())),
    }
    let calcium = facts
        .calcium
        .iter()
        .filter(|c| c.seen.is_none_or(|when| clock.counts(when)))
        .max_by_key(|c| (c.seen.map(When::latest), c.low == Some(true)));
    match calcium.map(|c| (c.low, c.amount, &c.evidence)) {
        Some((Some(true), amount, evidence)) => {
            found.push(exclusion(
                Reason::Calcium,
                Value::Calcium(amount, Some(true)),
                Criterion::NotMet,
                vec![evidence],
            ));
        }
        Some((Some(false), ..)) => {}
        Some((None, amount, evidence)) => {
            found.push(exclusion(
                Reason::Calcium,
                Value::Calcium(amount, None),
                Criterion::Unknown,
                vec![evidence],
            ));
        }
        None => found.push(exclusion(Reason::Calcium, Value::Unknown, Criterion::Unknown, Vec::new())),
    }
    match progression_on_hormones(picture) {
        None | Some(Some((true, _))) => {}
        Some(Some((false, evidence))) => {
            found.push(exclusion(Reason::Prostate, Value::No, Criterion::NotMet, vec![evidence]))
        }
        Some(None) => found.push(exclusion(Reason::Prostate, Value::Unknown, Criterion::Unknown, Vec::new())),
    }
    found
}

const fn exclusion(
    reason: Reason,
    value: Value,
    state: Criterion,
    evidence: Vec<&Evidence>,
) -> Exclusion<'_> {
    Exclusion { reason, value, state, evidence }
}

impl Exclusion<'_> {
    /// As a card says it.
    pub(super) const fn said(&self) -> Excluded {
        match (self.reason, self.value) {
            (Reason::Allergy, _) => Excluded::Allergy,
            (Reason::Pregnancy, _) => Excluded::Pregnancy,
            (Reason::Primary, _) => Excluded::Primary,
            (Reason::Calcium, Value::Calcium(amount, _)) => Excluded::Calcium(amount),
            (Reason::Calcium, _) => Excluded::Calcium(None),
            (Reason::OtherAgent, _) => Excluded::OtherAgent,
            (Reason::Prostate, _) => Excluded::Prostate,
            (Reason::Clearance, Value::Clearance(hundredths)) => Excluded::Clearance(hundredths),
            (Reason::Clearance, _) => Excluded::Clearance(0),
        }
    }
}

/// The dose of [`DOSES`] for a clearance in hundredths of mL/min.
pub(super) fn dose(clearance: u32) -> &'static str {
    DOSES.iter().find(|(least, _)| clearance >= *least).map_or("no dose", |(_, dose)| dose)
}

/// The adjunct card.
pub(super) fn advise(picture: &Picture<'_>, site: &Site) -> Option<Advice> {
    let exclusions = exclusions(picture, site);
    let input = input(picture, &exclusions);
    let zoledronic = zoledronic(picture, &input, &exclusions, site);
    let vertebroplasty = vertebroplasty(picture, &input);
    let fits = zoledronic.as_ref().is_some_and(|(recommendation, _)| recommendation.missing.is_empty());
    let (headline, hits) = if fits {
        let clearance = measure::clearance(picture, site).map_or(0, |(clearance, _)| clearance);
        let myeloma = myeloma(picture.facts).is_some();
        (Headline::Zoledronic { myeloma, clearance }, [zoledronic, vertebroplasty])
    } else {
        // Missing facts are a line in a card that is there anyway, never a card of their own.
        let all_read = vertebroplasty.as_ref()?.0.missing.is_empty();
        (Headline::Vertebroplasty { all_read }, [vertebroplasty, zoledronic])
    };
    let (recommendations, acts): (Vec<Recommendation>, Vec<Act>) = hits.into_iter().flatten().unzip();
    let missing = recommendations.iter().flat_map(|it| it.missing.iter().copied()).collect::<Vec<_>>();
    let parts = Parts {
        indicator: worst(&ROWS, &recommendations)?,
        proposals: answers::to_missing(&missing).collect(),
        recommendations,
        acts,
        reason: OrderReason::BoneMetastases,
        rests_on: DRUG_SOURCES.to_vec(),
        ..Parts::of(Group::Adjunct, headline)
    };
    Some(compose(picture, parts))
}

/// What passes the table.
pub(super) fn input(picture: &Picture<'_>, exclusions: &[Exclusion<'_>]) -> Adjuncts {
    let agents = [Drug::ZoledronicAcid, Drug::OtherBoneAgent];
    // A deficit or sign that a treatment covers is still there; urinary incontinence is neither.
    let covered = picture.covered.iter().any(|(finding, _)| {
        !finding.is(Sign::BackPain)
            && !finding.is(Sign::RadicularPain)
            && !finding.is(Sign::SpinalMetastasesSuspected)
            && !finding.is(Sign::UrinaryIncontinence)
    });
    let judged = judged::judged(picture);
    let fracture = !picture.facts.vertebral_fractures.is_empty();
    // Looking for signs is the most work, so it is done only where pain and fracture ask for it.
    let painful = judged.answer(Judgement::MechanicalPain) == Some(true) && fracture;
    Adjuncts {
        bone_disease: zoledronic_indication(picture.facts).is_some(),
        therapy: measure::antineoplastic(picture).is_some(),
        bone_agent: agents.into_iter().any(|drug| measure::drug(picture, drug).is_some()),
        excluded: exclusions.iter().any(|e| e.state == Criterion::NotMet),
        missing: !missing(picture, exclusions).is_empty(),
        judged,
        fracture,
        deficit: covered
            || picture.radicular_deficits().next().is_some()
            || picture.of(Sign::LimbWeakness).next().is_some(),
        sign: painful && !mescc::signs(picture).is_empty(),
    }
}

/// The facts that may exclude zoledronic acid and are not known.
fn missing(picture: &Picture<'_>, exclusions: &[Exclusion<'_>]) -> Vec<Fact> {
    let unknown = exclusions.iter().filter(|e| e.state == Criterion::Unknown).map(|e| e.reason.fact());
    unknown.chain(unread(picture.facts, &[Fact::BoneAgent])).collect()
}

/// Whether prostate cancer progresses on hormones, as far as that is recorded; `None` without prostate cancer. Active, in
/// remission or past: any prostate cancer asks.
fn progression_on_hormones<'f>(picture: &Picture<'f>) -> Option<Option<(bool, &'f Evidence)>> {
    let has_prostate_cancer = picture.facts.cancer.iter().any(|c| c.histology == Histology::Prostate);
    has_prostate_cancer.then(|| measure::judgement(picture, Judgement::ProstateProgressionOnHormones, None))
}

/// Zoledronic acid with its line; `missing` is filled where only facts are missing.
fn zoledronic(
    picture: &Picture<'_>,
    input: &Adjuncts,
    exclusions: &[Exclusion<'_>],
    site: &Site,
) -> Option<(Recommendation, Act)> {
    let indication = zoledronic_indication(picture.facts)?;
    let therapy = measure::antineoplastic(picture)?;
    let missing = missing(picture, exclusions);
    let row = ROWS.iter().filter(|row| row.id != VERTEBROPLASTY.id).find(|row| row.holds(input))?;
    let clear = [Fact::BisphosphonateAllergy, Fact::BoneAgent]
        .into_iter()
        .filter_map(|name| absent(picture.facts, name, Value::NoneOnRecord));
    let known = if myeloma(picture.facts).is_some() { Known::Myeloma } else { Known::Documented };
    let mut facts: Vec<FactUsed> = vec![
        fact(Fact::BoneMetastases, Value::Disease(known), indication),
        fact(Fact::AntineoplasticTherapy, Value::Current, therapy),
    ];
    facts.extend(clear);
    let normal = picture.facts.calcium.iter().filter(|c| c.low == Some(false));
    facts.extend(
        normal
            .max_by_key(|c| c.seen.map(When::latest))
            .map(|c| fact(Fact::Calcium, Value::Calcium(c.amount, Some(false)), &c.evidence)),
    );
    let clearance = measure::clearance(picture, site);
    if let Some((value, evidence)) = &clearance {
        facts.extend(evidence.iter().map(|e| fact(Fact::CreatinineClearance, Value::Clearance(*value), e)));
    }
    if let Some(Some((true, evidence))) = progression_on_hormones(picture) {
        facts.push(fact(Fact::ProstateProgressionOnHormones, Value::Yes, evidence));
    }
    facts.extend(judged::facts(picture, std::slice::from_ref(row)));
    let recommendation = row.recommendation(facts, missing);
    if recommendation.missing.is_empty() {
        let (value, _) = clearance?;
        return Some((recommendation, Act::Zoledronic(value)));
    }
    let act = Act::ZoledronicMissing(recommendation.missing.clone());
    Some((recommendation, act))
}

/// Vertebroplasty: mechanical pain and vertebral fracture, no deficit, no sign of MESCC.
fn vertebroplasty(picture: &Picture<'_>, input: &Adjuncts) -> Option<(Recommendation, Act)> {
    if !VERTEBROPLASTY.holds(input) {
        return None;
    }
    let fractures = &picture.facts.vertebral_fractures;
    let mut facts = judged::facts(picture, std::slice::from_ref(&VERTEBROPLASTY));
    facts.extend(fractures.iter().map(|e| fact(Fact::BaselineVcf, Value::Yes, e)));
    let missing = unread(picture.facts, &[Fact::Deficit, Fact::MesccSigns]);
    Some((VERTEBROPLASTY.recommendation(facts, missing), Act::Vertebroplasty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_rows_the_lower_dose() {
        for (clearance, expected) in [
            (6_001, "4 mg"),
            (6_000, "3.5 mg"),
            (5_000, "3.5 mg"),
            (4_999, "3.3 mg"),
            (4_000, "3.3 mg"),
            (3_999, "3 mg"),
            (3_000, "3 mg"),
        ] {
            assert_eq!(dose(clearance), expected, "{clearance}");
        }
    }
}
