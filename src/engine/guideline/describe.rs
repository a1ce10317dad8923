//! Findings, studies and orders as facts, and what triggers a need as values.
//!
//! Deliberately absent: words.

use super::advice::FactUsed;
use super::compose::unread;
use super::fact::Fact;
use super::finding::{Finding, Kind};
use super::mri_timing::{Because, Need};
use super::picture::{Counting, Picture, Sides};
use super::say::{Again, Complaint, OrderState, PatientKind, SignName, StudyFault, Trigger, Value, What};
use super::scope::SpinalMetastases;
use super::tables::mri_timing::Kind as Presents;
use crate::domain::{Escc, Evidence, ImagingOrder, Paralysis, Side, Sign, SpineMri, When};

/// Studies named on a card.
const STUDIES_NAMED: usize = 3;

/// A fact with its record.
pub(super) fn fact(name: Fact, value: Value, evidence: &Evidence) -> FactUsed {
    FactUsed {
        fact: name,
        value,
        label: Some(evidence.label.as_str().into()),
        date: evidence.date,
        // A resource without an id has no reference, only a type.
        reference: Some(evidence.reference.clone()).filter(|reference| reference.contains('/')),
    }
}

/// A fact about the whole chart, without a record of its own.
pub(super) const fn bare_fact(name: Fact, value: Value) -> FactUsed {
    FactUsed { fact: name, value, label: None, date: None, reference: None }
}

/// The facts behind a finding, one a record.
pub(super) fn finding_facts(finding: &Finding<'_>) -> Vec<FactUsed> {
    let (name, what) = match finding.kind {
        Kind::Sign(sign) => (fact_name(sign), What::Sign(sign)),
        Kind::HighEscc(grade) => (Fact::Escc, What::Escc(grade)),
    };
    let Finding { limb, side, course, .. } = *finding;
    let onset = stated_onset(finding);
    let worse = finding.worse().max_by_key(|when| when.latest());
    finding
        .evidence
        .iter()
        .map(|e| {
            let worse = worse.filter(|when| e.date != Some(*when));
            let what = match what {
                What::Sign(Sign::Paraparesis) => Paralysis::worded(&e.label).map_or(what, What::Paralysis),
                what => what,
            };
            fact(name, Value::Finding { asks: false, what, limb, side, onset, course, worse }, e)
        })
        .collect()
}

const fn fact_name(sign: Sign) -> Fact {
    match sign {
        Sign::BackPain => Fact::LocalBackPain,
        Sign::RadicularPain => Fact::RadicularPain,
        Sign::RadicularDeficit | Sign::LimbWeakness | Sign::LimbNumbness => Fact::Deficit,
        Sign::SpinalMetastasesSuspected => Fact::SpinalMetastases,
        _ => Fact::MesccSigns,
    }
}

/// The patient, for a first line.
pub(super) fn patient(picture: &Picture<'_>) -> PatientKind {
    let because = |wanted: Fact| picture.disease.because.iter().any(|(fact, ..)| *fact == wanted);
    match picture.disease.spinal_metastases {
        SpinalMetastases::Documented => PatientKind::SpinalMetastases,
        SpinalMetastases::Suspected => PatientKind::SpinalMetastasesSuspected,
        SpinalMetastases::NoneOnRecord if picture.disease.cancer_active => PatientKind::ActiveCancer,
        SpinalMetastases::NoneOnRecord if because(Fact::BoneMetastases) => PatientKind::BoneMetastases,
        SpinalMetastases::NoneOnRecord if because(Fact::Cancer) => PatientKind::HistoryOfCancer,
        SpinalMetastases::NoneOnRecord if because(Fact::SpinalMetastases) => PatientKind::SuspectedOnce,
        SpinalMetastases::NoneOnRecord => PatientKind::MesccSuspected,
    }
}

/// What triggers the need: the worst sign or finding, its side, and the kind of patient.
pub(super) fn trigger(need: &Need<'_, '_>, picture: &Picture<'_>) -> Trigger {
    match &need.because {
        Because::Mescc(suspected) => {
            let mut names: Vec<SignName> = suspected.iter().map(|s| s.sign.name).collect();
            names.dedup();
            Trigger::Mescc {
                sign: names.first().copied().unwrap_or(SignName::One(Sign::MesccSuspected)),
                more: names.len() > 1,
                with_pain: suspected.first().is_some_and(|s| !s.with.is_empty()),
                since: suspected.first().and_then(|s| both_since(&s.sign.members)),
            }
        }
        Because::Findings(findings) => {
            let sides = Sides::of(findings.iter().map(|c| c.finding.side));
            let side = match (sides.cover(Side::Left), sides.cover(Side::Right)) {
                (true, false) => Some(Side::Left),
                (false, true) => Some(Side::Right),
                _ => None,
            };
            let since = onset(findings.iter().map(|c| &c.finding));
            let complaint = complaint(need.row.kind());
            // The deadline may count from the day on which it got worse.
            let start = need.due.first().map(|due| due.start);
            let worse = start.filter(|start| {
                let mut worse = findings.iter().flat_map(|c| c.finding.worse());
                since.is_some_and(|since| start.is_surely_after(since)) && worse.any(|when| when == *start)
            });
            Trigger::Finding { complaint, side, patient: patient(picture), since, worse }
        }
        Because::Suspicion(_) => {
            let symptoms = [Fact::LocalBackPain, Fact::RadicularPain, Fact::Deficit, Fact::MesccSigns];
            let all_read = unread(picture.facts, &symptoms).is_empty();
            let sign = |finding: &Finding<'_>| finding.is(Sign::MesccSuspected);
            let covered = picture.covered.iter().any(|(finding, _)| sign(finding));
            let answered = picture.counting.iter().any(|counting| sign(&counting.finding));
            Trigger::Suspicion { no_symptom: all_read && !covered && !answered }
        }
    }
}

/// Since when all findings of a sign are there: two sides are two only since the later began.
fn both_since(members: &[&Counting<'_>]) -> Option<When> {
    let onsets: Option<Vec<When>> = members.iter().map(|c| c.finding.onset).collect();
    onsets?.into_iter().max_by_key(|onset| onset.earliest())
}

/// The onset that somebody stated. When a pain was observed is no onset of it, for a reader: it may be old.
fn stated_onset(finding: &Finding<'_>) -> Option<When> {
    let pain = finding.is(Sign::BackPain) || finding.is(Sign::RadicularPain);
    let observed = |e: &&Evidence| e.date == finding.onset && e.reference.starts_with("Observation/");
    finding.onset.filter(|_| !(pain && finding.evidence.iter().any(observed)))
}

/// The earliest recorded onset of some findings.
pub(super) fn onset<'a>(findings: impl Iterator<Item = &'a Finding<'a>>) -> Option<When> {
    findings.filter_map(stated_onset).min_by_key(|onset| onset.earliest())
}

/// What a row's finding is for a reader.
pub(super) const fn complaint(kind: Option<Presents>) -> Complaint {
    match kind {
        Some(Presents::RadicularDeficit) => Complaint::RadicularDeficit,
        Some(Presents::OtherWeakness) => Complaint::OtherWeakness,
        Some(Presents::RadicularPain) => Complaint::RadicularPain,
        _ => Complaint::BackPain,
    }
}

/// The studies that did not answer the need, latest first, each with the reason.
pub(super) fn inadequate_studies(need: &Need<'_, '_>, picture: &Picture<'_>) -> Vec<FactUsed> {
    let mut studies: Vec<&SpineMri> = picture.facts.spine_mri.iter().collect();
    studies
        .sort_by_key(|mri| (std::cmp::Reverse(mri.when.map(When::earliest)), mri.evidence.reference.clone()));
    studies
        .into_iter()
        .take(STUDIES_NAMED)
        .map(|mri| {
            fact(Fact::SpineMri, Value::Study(mri.regions, why_inadequate(mri, need, picture)), &mri.evidence)
        })
        .collect()
}

/// The latest MRI of the whole spine, and why another is needed.
pub(super) fn again(need: &Need<'_, '_>, picture: &Picture<'_>) -> Option<Again> {
    let whole = picture.facts.spine_mri.iter().filter(|mri| mri.regions.is_whole());
    let latest = whole.max_by_key(|mri| mri.when.map(When::earliest))?;
    Some(Again { made: latest.when, fault: why_inadequate(latest, need, picture) })
}

fn why_inadequate(mri: &SpineMri, need: &Need<'_, '_>, picture: &Picture<'_>) -> StudyFault {
    let Some(when) = mri.when else { return StudyFault::NoDate };
    if when.earliest() > picture.clock.now {
        return StudyFault::Future;
    }
    let began = began(need, picture);
    if began.is_some_and(|began| !when.is_at_or_after(began)) {
        return StudyFault::BeforeOnset;
    }
    let diagnosed = matches!(&need.because, Because::Mescc(signs)
        if signs.iter().any(|it| it.sign.name == SignName::One(Sign::CordCompression)));
    if let Some(read) =
        picture.graded.filter(|read| diagnosed && read.study.when == when && read.grade <= Escc::G1b)
    {
        return StudyFault::ReadAsLow(read.grade);
    }
    if mri.t1_missing || mri.t2_missing {
        return StudyFault::Sequences { t1: mri.t1_missing, t2: mri.t2_missing };
    }
    if !mri.regions.is_whole() {
        return StudyFault::Partial;
    }
    StudyFault::BeforeRecord
}

/// When the earliest of the findings behind the need began.
fn began(need: &Need<'_, '_>, picture: &Picture<'_>) -> Option<When> {
    let begins: Vec<When> = match &need.because {
        Because::Mescc(suspected) => {
            suspected.iter().flat_map(|s| s.sign.members.iter().map(|c| c.finding.begin)).collect()
        }
        Because::Findings(findings) => findings
            .iter()
            .filter(|c| picture.studies.adequate_when(c.finding.begin.earliest()).is_none())
            .map(|c| c.finding.begin)
            .collect(),
        Because::Suspicion(records) => records.iter().filter_map(|e| e.date).collect(),
    };
    begins.into_iter().min_by_key(|w| w.earliest())
}

/// An order as a fact.
pub(super) fn order_fact(order: &ImagingOrder, state: OrderState) -> FactUsed {
    fact(Fact::SpineMriOrders, Value::Order(state), &order.evidence)
}
