//! Section 3.1: is metastatic epidural spinal cord compression (MESCC) suspected, and what did the MRI say?
//!
//! Deliberately absent: the MRI window (section 3.2) and treatment (section 3.3).

use super::denial;
use super::finding::{self, Kind};
use super::picture::{Counting, Picture};
use super::say::SignName;
use super::scope::SpinalMetastases;
use super::study::{self, Reached, WholeStudy};
use crate::domain::{Escc, Limb, Paralysis, Side, Sign, When};
use chrono::{DateTime, Utc};
use std::collections::HashSet;
use std::rc::Rc;

/// A sign of cord compression: one finding, or two that make it together (left and right).
#[derive(Debug, Clone)]
pub(super) struct MesccSign<'p, 'f> {
    pub(super) name: SignName,
    pub(super) members: Vec<&'p Counting<'f>>,
}

/// What the imaging of a suspected sign gave.
#[derive(Debug, Clone)]
pub(super) enum Imaging<'f> {
    /// No adequate MRI since the sign.
    None,
    /// Adequate MRI, no coded result.
    NoResult(WholeStudy<'f>),
    /// Adequate MRI, cord compression excluded.
    Excluded,
    /// Adequate MRI, cord compression confirmed.
    Confirmed,
}

/// A sign that makes MESCC suspected.
#[derive(Debug, Clone)]
pub(super) struct Suspected<'p, 'f> {
    pub(super) sign: MesccSign<'p, 'f>,
    /// Pain that makes a non-specific sign suspicious; empty for a specific one.
    pub(super) with: Rc<[&'p Counting<'f>]>,
    pub(super) presentation: When,
    pub(super) imaging: Imaging<'f>,
}

/// Specific signs, in the order in which a clinician would want to hear them.
pub(super) const SPECIFIC: [Sign; 8] = [
    Sign::CordCompression,
    Sign::CaudaEquina,
    Sign::Paraparesis,
    Sign::SaddleAnaesthesia,
    Sign::SensoryLevel,
    Sign::Myelopathy,
    Sign::LhermitteSign,
    Sign::MesccSuspected,
];

/// Signs that need pain or spinal metastases beside them.
pub(super) const NON_SPECIFIC: [Sign; 3] =
    [Sign::GaitDisturbance, Sign::UrinaryRetention, Sign::BladderOrBowelDisturbance];

/// Every sign that makes MESCC suspected, specific ones first.
pub(super) fn suspected<'p, 'f>(picture: &'p Picture<'f>) -> Vec<Suspected<'p, 'f>> {
    let none: Rc<[_]> = Rc::from([]);
    let pains: Rc<[_]> = picture.pains().collect();
    let specific = specific(picture).into_iter().map(|sign| (sign, Rc::clone(&none)));
    let in_context = !pains.is_empty() || has_spinal_metastases(picture);
    let non_specific =
        non_specific(picture).into_iter().filter(|_| in_context).map(|s| (s, Rc::clone(&pains)));
    let said = Said::of(picture);
    specific
        .chain(non_specific)
        .filter(|(sign, _)| !is_old(sign, picture))
        .map(|(sign, with)| assess(sign, with, picture, &said))
        .collect()
}

/// The findings behind some signs, each once: those of a sign, then the pain beside it, which all signs share.
pub(super) fn findings_of<'s, 'p: 's, 'f: 's>(
    signs: impl Iterator<Item = &'s Suspected<'p, 'f>>,
) -> Vec<&'p Counting<'f>> {
    let mut seen = HashSet::new();
    let mut pain_seen = false;
    let mut found = Vec::new();
    for one in signs {
        let pain = if pain_seen { &[] } else { &*one.with };
        pain_seen |= !pain.is_empty();
        let members = one.sign.members.iter().chain(pain).copied();
        found.extend(members.filter(|counting| seen.insert(std::ptr::from_ref(*counting))));
    }
    found
}

/// What the whole chart says of the result of studies.
struct Said {
    /// The study after which the suspicion was withdrawn.
    withdrawn: Option<Reached>,
    /// The least of what a study must not predate to be confirmed by a cord-compression diagnosis that is not old.
    diagnosed: Option<DateTime<Utc>>,
}

impl Said {
    fn of(picture: &Picture<'_>) -> Self {
        let denied = denial::latest_denial(picture.facts, Sign::MesccSuspected);
        let diagnoses = picture.of(Sign::CordCompression).filter(|c| !c.finding.is_old(picture.clock));
        Self {
            withdrawn: denied.and_then(|denied| picture.studies.latest_until(denied)),
            diagnosed: diagnoses.map(|c| c.finding.need()).min(),
        }
    }

    /// The suspicion was withdrawn after the sign and an MRI that answers it.
    fn is_withdrawn(&self, need: DateTime<Utc>) -> bool {
        self.withdrawn.is_some_and(|study| study.reach >= need)
    }

    /// Whether a diagnosis was imaged and confirms what the study shows.
    fn is_diagnosed(&self, study: When) -> bool {
        self.diagnosed.is_some_and(|need| need <= study::reach(study))
    }
}

/// Signs that only ask whether the cord is compressed: old ones recorded again, non-specific ones alone, and urinary
/// incontinence; none that an MRI or the clinician has answered.
pub(super) fn asking<'p, 'f>(picture: &'p Picture<'f>) -> Vec<MesccSign<'p, 'f>> {
    let alone = picture.pains().next().is_none() && !has_spinal_metastases(picture);
    let denied = denial::latest_denial(picture.facts, Sign::MesccSuspected);
    let incontinence = single(picture, Sign::UrinaryIncontinence);
    let specific = specific(picture).into_iter().filter(|sign| is_old(sign, picture));
    let non_specific = non_specific(picture).into_iter().filter(|sign| alone || is_old(sign, picture));
    specific
        .chain(non_specific)
        .chain(incontinence)
        .filter(|sign| {
            let imaged = picture.studies.adequate_when(sign.need()).is_some();
            let denied = denied.is_some_and(|denied| study::reach(denied) >= sign.need());
            !imaged && !denied
        })
        .collect()
}

/// Every sign of cord compression that counts, whatever its age and context; urinary incontinence only asks.
pub(super) fn signs<'p, 'f>(picture: &'p Picture<'f>) -> Vec<MesccSign<'p, 'f>> {
    specific(picture).into_iter().chain(non_specific(picture)).collect()
}

impl MesccSign<'_, '_> {
    /// The moment that a study must not predate.
    fn need(&self) -> DateTime<Utc> {
        let needs = self.members.iter().map(|c| c.finding.need());
        needs.max().unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// When it presented: together means that the last of its findings was there.
    fn presentation(&self, picture: &Picture<'_>) -> When {
        let presented = self.members.iter().map(|c| c.presentation(&picture.studies, picture.clock));
        presented.reduce(When::or_later).unwrap_or(When::instant(picture.clock.now))
    }

    fn is(&self, sign: Sign) -> bool {
        self.members.iter().all(|c| c.finding.is(sign))
    }
}

fn has_spinal_metastases(picture: &Picture<'_>) -> bool {
    picture.disease.spinal_metastases != SpinalMetastases::NoneOnRecord
}

pub(super) fn is_old(sign: &MesccSign<'_, '_>, picture: &Picture<'_>) -> bool {
    sign.members.iter().all(|c| c.finding.is_old(picture.clock))
}

fn single<'p, 'f>(picture: &'p Picture<'f>, sign: Sign) -> Vec<MesccSign<'p, 'f>> {
    picture.of(sign).map(|c| MesccSign { name: named(sign, c), members: vec![c] }).collect()
}

/// The name of a sign: of a paralysis the worst that its records name.
fn named(sign: Sign, counting: &Counting<'_>) -> SignName {
    if sign != Sign::Paraparesis {
        return SignName::One(sign);
    }
    let worded = counting.finding.evidence.iter().filter_map(|it| Paralysis::worded(&it.label)).max();
    worded.map_or(SignName::One(sign), SignName::Paralysis)
}

fn specific<'p, 'f>(picture: &'p Picture<'f>) -> Vec<MesccSign<'p, 'f>> {
    let mut signs: Vec<_> = SPECIFIC.iter().flat_map(|sign| single(picture, *sign)).collect();
    let weak = picture.weakness_of_both_legs();
    let legs = weak.iter().all(|counting| counting.finding.limb == Some(Limb::Leg));
    let name = if legs { SignName::WeaknessOfBothLegs } else { SignName::WeaknessOnBothSides };
    signs.extend(bilateral(picture, name, weak));
    signs.extend(bilateral(picture, SignName::BilateralDeficit, picture.radicular_deficits().collect()));
    signs.extend(bilateral(picture, SignName::BilateralPain, picture.of(Sign::RadicularPain).collect()));
    for counting in &picture.counting {
        if let Kind::HighEscc(grade) = counting.finding.kind {
            signs.push(MesccSign { name: SignName::Escc(grade), members: vec![counting] });
        }
    }
    signs
}

fn non_specific<'p, 'f>(picture: &'p Picture<'f>) -> Vec<MesccSign<'p, 'f>> {
    let mut signs: Vec<_> = NON_SPECIFIC.iter().flat_map(|sign| single(picture, *sign)).collect();
    signs.extend(
        picture.other_weakness().map(|c| MesccSign { name: SignName::OtherWeakness, members: vec![c] }),
    );
    signs
}

/// Findings that name both sides, each by itself, and every pair of a left and a right one.
fn bilateral<'p, 'f>(
    picture: &'p Picture<'f>,
    name: SignName,
    findings: Vec<&'p Counting<'f>>,
) -> Vec<MesccSign<'p, 'f>> {
    let both = findings.iter().filter(|c| c.finding.side == Some(Side::Both));
    let mut signs: Vec<_> = both.map(|c| MesccSign { name, members: vec![*c] }).collect();
    let right = deciding(picture, &findings, Side::Right);
    for left in deciding(picture, &findings, Side::Left) {
        signs.extend(right.iter().map(|right| MesccSign { name, members: vec![left, right] }));
    }
    signs
}

/// Of the findings of one side those that can decide a pair: old or not, answered by a study or not, each by the earliest
/// presentation, by what a study must not predate least, and most. So that many records make no more pairs than a few.
fn deciding<'p, 'f>(
    picture: &Picture<'f>,
    findings: &[&'p Counting<'f>],
    side: Side,
) -> Vec<&'p Counting<'f>> {
    let here = || findings.iter().copied().filter(|c| c.finding.side == Some(side));
    if here().nth(1).is_none() {
        return here().collect();
    }
    let mut chosen: Vec<&'p Counting<'f>> = Vec::new();
    let presented = |c: &&Counting<'f>| {
        let when = c.presentation(&picture.studies, picture.clock);
        (when.earliest(), when.latest())
    };
    for (old, answered) in [(false, false), (false, true), (true, false), (true, true)] {
        let class = || {
            here().filter(|c| {
                c.finding.is_old(picture.clock) == old && c.is_answered(&picture.studies) == answered
            })
        };
        let picked = [
            class().min_by_key(presented),
            class().min_by_key(|c| c.finding.need()),
            class().max_by_key(|c| c.finding.need()),
        ];
        for one in picked.into_iter().flatten() {
            if !chosen.iter().any(|other| std::ptr::eq(*other, one)) {
                chosen.push(one);
            }
        }
    }
    chosen
}

/// What a study says of a sign; each sign is judged by itself.
fn assess<'p, 'f>(
    sign: MesccSign<'p, 'f>,
    with: Rc<[&'p Counting<'f>]>,
    picture: &'p Picture<'f>,
    said: &Said,
) -> Suspected<'p, 'f> {
    let need = sign.need();
    let presentation = sign.presentation(picture);
    let Some(study) = picture.studies.adequate(need) else {
        return Suspected { sign, with, presentation, imaging: Imaging::None };
    };
    let graded = picture.graded.filter(|graded| graded.study.reach >= need);
    if let Some(graded) = graded.filter(|graded| graded.grade <= Escc::G1b) {
        // A diagnosis recorded at or after the study contradicts its low grade: it asks for a new study.
        let again =
            sign.is(Sign::CordCompression).then(|| recorded_since(&sign, graded.study, picture)).flatten();
        // The study that was read as low is not the new one, though a diagnosis of its day may be of before it.
        let newer = |when: &WholeStudy<'_>| when.when.earliest() > graded.study.when.earliest();
        let imaging = match again {
            None => Imaging::Excluded,
            // The new study was made; with it the diagnosis stands.
            Some(when) if picture.studies.adequate(when.earliest()).is_some_and(|study| newer(&study)) => {
                Imaging::Confirmed
            }
            Some(_) => Imaging::None,
        };
        return Suspected { presentation: again.unwrap_or(presentation), sign, with, imaging };
    }
    let by_itself = |c: &&Counting<'_>| c.finding.is(Sign::CordCompression) || c.finding.is_high_escc();
    let confirmed = graded.is_some_and(|graded| graded.grade >= Escc::G2)
        || sign.members.iter().any(by_itself)
        || (!said.is_withdrawn(need) && said.is_diagnosed(study.when));
    let imaging = if confirmed {
        Imaging::Confirmed
    } else if said.is_withdrawn(need) {
        Imaging::Excluded
    } else {
        Imaging::NoResult(study)
    };
    Suspected { sign, with, presentation, imaging }
}

/// When a sign was first recorded at or after a study.
fn recorded_since(sign: &MesccSign<'_, '_>, study: Reached, picture: &Picture<'_>) -> Option<When> {
    let events = sign.members.iter().flat_map(|c| c.finding.events()).map(|event| event.when);
    finding::earliest(events.filter(|when| when.is_at_or_after(study.when) && picture.clock.counts(*when)))
}
