//! Section 3.1: is metastatic epidural spinal cord compression (MESCC) suspected, and what did the MRI say?
//!
//! Deliberately absent: the MRI window (section 3.2) and treatment (section 3.3).

use super::finding::{self, Kind};
use super::picture::{Counting, Picture, latest_escc};
use super::scope::SpinalMetastases;
use super::study::{self, WholeStudy};
use crate::domain::{Escc, Side, Sign, When};

/// A sign of cord compression: one finding, or two that make it together (left and right).
#[derive(Debug, Clone)]
pub(super) struct MesccSign<'p, 'f> {
    pub(super) name: &'static str,
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
    pub(super) with: Vec<&'p Counting<'f>>,
    pub(super) presentation: When,
    pub(super) imaging: Imaging<'f>,
}

/// Specific signs, in the order in which a clinician would want to hear them.
pub(super) const SPECIFIC: [(Sign, &str); 8] = [
    (Sign::CordCompression, "cord compression diagnosis"),
    (Sign::CaudaEquina, "cauda equina syndrome"),
    (Sign::Paraparesis, "paraparesis or paraplegia"),
    (Sign::SaddleAnaesthesia, "saddle anaesthesia"),
    (Sign::SensoryLevel, "sensory level"),
    (Sign::Myelopathy, "myelopathy"),
    (Sign::LhermitteSign, "Lhermitte's sign"),
    (Sign::MesccSuspected, "clinician's suspicion"),
];

/// Signs that need pain or spinal metastases beside them.
pub(super) const NON_SPECIFIC: [(Sign, &str); 3] = [
    (Sign::GaitDisturbance, "gait disturbance"),
    (Sign::UrinaryRetention, "urinary retention"),
    (Sign::BladderOrBowelDisturbance, "bladder or bowel disturbance"),
];

pub(super) const OTHER_WEAKNESS: &str = "limb weakness not in one root";

/// Every sign that makes MESCC suspected, specific ones first.
pub(super) fn suspected<'p, 'f>(picture: &'p Picture<'f>) -> Vec<Suspected<'p, 'f>> {
    let specific = specific(picture).into_iter().map(|sign| (sign, Vec::new()));
    let pains: Vec<_> = picture.pains().collect();
    let in_context = !pains.is_empty() || has_spinal_metastases(picture);
    let non_specific = non_specific(picture).into_iter().filter(|_| in_context).map(|s| (s, pains.clone()));
    specific
        .chain(non_specific)
        .filter(|(sign, _)| !is_old(sign, picture))
        .map(|(sign, with)| assess(sign, with, picture))
        .collect()
}

/// Signs that only ask whether the cord is compressed: old ones recorded again, non-specific ones alone, and urinary
/// incontinence; none that an MRI or the clinician has answered.
pub(super) fn asking<'p, 'f>(picture: &'p Picture<'f>) -> Vec<MesccSign<'p, 'f>> {
    let alone = picture.pains().next().is_none() && !has_spinal_metastases(picture);
    let incontinence = single(picture, Sign::UrinaryIncontinence, "urinary incontinence");
    let specific = specific(picture).into_iter().filter(|sign| is_old(sign, picture));
    let non_specific = non_specific(picture).into_iter().filter(|sign| alone || is_old(sign, picture));
    specific
        .chain(non_specific)
        .chain(incontinence)
        .filter(|sign| {
            let needs: Vec<When> = sign.needs().collect();
            let imaged = study::adequate(picture.facts, picture.clock.now, &needs).is_some();
            let denied = finding::denials(picture.facts, Sign::MesccSuspected)
                .any(|(when, _)| needs.iter().all(|need| when.is_at_or_after(*need)));
            !imaged && !denied
        })
        .collect()
}

/// Every sign of cord compression that counts, whatever its age and context; urinary incontinence only asks.
pub(super) fn signs<'p, 'f>(picture: &'p Picture<'f>) -> Vec<MesccSign<'p, 'f>> {
    specific(picture).into_iter().chain(non_specific(picture)).collect()
}

impl MesccSign<'_, '_> {
    fn needs(&self) -> impl Iterator<Item = When> + '_ {
        self.members.iter().flat_map(|c| c.finding.needs())
    }
}

fn has_spinal_metastases(picture: &Picture<'_>) -> bool {
    picture.disease.spinal_metastases != SpinalMetastases::NoneOnRecord
}

fn is_old(sign: &MesccSign<'_, '_>, picture: &Picture<'_>) -> bool {
    sign.members.iter().all(|c| c.finding.is_old(picture.clock))
}

fn single<'p, 'f>(picture: &'p Picture<'f>, sign: Sign, name: &'static str) -> Vec<MesccSign<'p, 'f>> {
    picture.of(sign).map(|c| MesccSign { name, members: vec![c] }).collect()
}

fn specific<'p, 'f>(picture: &'p Picture<'f>) -> Vec<MesccSign<'p, 'f>> {
    let mut signs: Vec<_> = SPECIFIC.iter().flat_map(|(sign, name)| single(picture, *sign, name)).collect();
    signs.extend(bilateral("weakness of both legs", picture.weakness_of_both_legs()));
    signs.extend(bilateral("bilateral radicular deficit", picture.radicular_deficits().collect()));
    signs.extend(bilateral("bilateral radicular pain", picture.of(Sign::RadicularPain).collect()));
    for counting in &picture.counting {
        if let Kind::HighEscc(grade) = counting.finding.kind {
            let name = if grade == Escc::G3 { "ESCC 3" } else { "ESCC 2" };
            signs.push(MesccSign { name, members: vec![counting] });
        }
    }
    signs
}

fn non_specific<'p, 'f>(picture: &'p Picture<'f>) -> Vec<MesccSign<'p, 'f>> {
    let mut signs: Vec<_> =
        NON_SPECIFIC.iter().flat_map(|(sign, name)| single(picture, *sign, name)).collect();
    signs.extend(picture.other_weakness().map(|c| MesccSign { name: OTHER_WEAKNESS, members: vec![c] }));
    signs
}

/// Findings that name both sides, each by itself, and the first of the left together with the first of the right.
fn bilateral<'p, 'f>(name: &'static str, findings: Vec<&'p Counting<'f>>) -> Vec<MesccSign<'p, 'f>> {
    let both = findings.iter().filter(|c| c.finding.side == Some(Side::Both));
    let mut signs: Vec<_> = both.map(|c| MesccSign { name, members: vec![*c] }).collect();
    let first_of = |side| {
        findings
            .iter()
            .filter(|c| c.finding.side == Some(side))
            .min_by_key(|c| c.finding.begin.earliest())
            .copied()
    };
    if let (Some(left), Some(right)) = (first_of(Side::Left), first_of(Side::Right)) {
        signs.push(MesccSign { name, members: vec![left, right] });
    }
    signs
}

fn assess<'p, 'f>(
    sign: MesccSign<'p, 'f>,
    pains: Vec<&'p Counting<'f>>,
    picture: &'p Picture<'f>,
) -> Suspected<'p, 'f> {
    let facts = picture.facts;
    let (now, clock) = (picture.clock.now, picture.clock);
    let needs: Vec<When> = sign.needs().collect();
    let own_study = study::adequate(facts, now, &needs);

    // A non-specific sign is answered together with what makes it suspicious: spinal metastases, or a pain.
    let with_pain_only = !pains.is_empty() && !has_spinal_metastases(picture);
    let study = if with_pain_only {
        pains.iter().find_map(|pain| {
            let both: Vec<When> = needs.iter().copied().chain(pain.finding.needs()).collect();
            study::adequate(facts, now, &both)
        })
    } else {
        own_study.clone()
    };

    let together = |presentation: &dyn Fn(&Counting<'f>) -> When| {
        sign.members
            .iter()
            .map(|c| presentation(c))
            .max_by_key(|w| w.earliest())
            .unwrap_or(When::instant(now))
    };
    let (presentation, imaging) = match study {
        Some(study) => {
            let presentation = together(&|c| c.finding.presentation(clock, c.since));
            let imaging = result(&study, presentation, picture);
            (presentation, imaging)
        }
        // The study answered the sign, but the pain beside it is newer: the pain starts the clock.
        None if own_study.is_some() => {
            let newest = pains.iter().map(|c| c.presentation(facts, clock)).min_by_key(|w| w.earliest());
            (newest.unwrap_or(When::instant(now)), Imaging::None)
        }
        None => (together(&|c| c.presentation(facts, clock)), Imaging::None),
    };
    Suspected { sign, with: pains, presentation, imaging }
}

/// The coded result of a study: ESCC, a cord-compression diagnosis recorded since, or the suspicion withdrawn.
fn result<'f>(study: &WholeStudy<'f>, presentation: When, picture: &Picture<'f>) -> Imaging<'f> {
    let since_study = |when: When| when.is_at_or_after(study.when);
    let grade =
        latest_escc(picture.facts, |record| record.seen.is_none_or(since_study)).map(|record| record.grade);
    let diagnosed =
        picture.of(Sign::CordCompression).any(|c| c.finding.events.iter().any(|e| since_study(e.when)));
    let withdrawn = finding::denials(picture.facts, Sign::MesccSuspected)
        .any(|(when, _)| since_study(when) && when.is_at_or_after(presentation));
    let high = grade.is_some_and(|grade| grade >= Escc::G2);
    let low = grade.is_some_and(|grade| grade <= Escc::G1b);
    // A diagnosis since the study outweighs a low grade; one from before it is confirmed by it unless the grade is low.
    if high || diagnosed {
        Imaging::Confirmed
    } else if low || withdrawn {
        Imaging::Excluded
    } else if picture.of(Sign::CordCompression).next().is_some() {
        Imaging::Confirmed
    } else {
        Imaging::NoResult(study.clone())
    }
}
