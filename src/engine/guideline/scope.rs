//! Who the guideline concerns (guideline.md section 3, "Scope") and what is known of the disease (section 2).

use super::denial;
use super::fact::Fact;
use super::finding::{Clock, Finding};
use super::say::Known;
use crate::domain::{CancerStatus, Certainty, Evidence, Facts, MetastasisSite, Sign, SignRecord};
use std::collections::HashSet;

/// What is on record of metastases of the spine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SpinalMetastases {
    /// Nothing, or bone metastases without a site and without pain.
    NoneOnRecord,
    /// Suspected: recorded as such, or bone metastases with back or radicular pain.
    Suspected,
    /// Documented.
    Documented,
}

/// What is known of the cancer.
#[derive(Debug)]
pub(super) struct Disease<'f> {
    pub(super) cancer_active: bool,
    pub(super) spinal_metastases: SpinalMetastases,
    pub(super) at_risk: bool,
    /// Each fact that puts the patient at risk: name, value, record.
    pub(super) because: Vec<(Fact, Known, &'f Evidence)>,
    /// Records of suspicion that are recent enough to ask for a presentation (row 6).
    pub(super) suspicions: Vec<&'f Evidence>,
}

/// Whether spinal metastases are documented, which no finding can change.
pub(super) fn spinal_metastases_documented(facts: &Facts) -> bool {
    let by_itself = facts
        .metastases
        .iter()
        .any(|m| matches!(m.site, MetastasisSite::Spine(_)) && m.certainty == Certainty::Documented);
    let blood = || facts.cancer.iter().any(|cancer| cancer.histology.is_myeloma_or_lymphoma());
    by_itself || ((!facts.vertebral_fractures.is_empty() || !facts.sins.is_empty()) && blood())
}

/// Reads the disease. `findings`: all current ones, treated or not.
pub(super) fn disease<'f>(facts: &'f Facts, findings: &[Finding<'f>], clock: Clock) -> Disease<'f> {
    let mut because = Vec::new();
    let mut suspicions = Vec::new();
    let mut once: HashSet<&str> = HashSet::new();
    let mut spinal = SpinalMetastases::NoneOnRecord;

    for metastasis in &facts.metastases {
        let recent = metastasis.seen.is_none_or(|when| clock.counts(when));
        match (metastasis.site, metastasis.certainty) {
            (MetastasisSite::Spine(_), Certainty::Documented) => {
                spinal = SpinalMetastases::Documented;
                because.push((Fact::SpinalMetastases, Known::Documented, &metastasis.evidence));
            }
            (MetastasisSite::Spine(_), Certainty::Suspected) if recent => {
                spinal = spinal.max(SpinalMetastases::Suspected);
                because.push((Fact::SpinalMetastases, Known::Suspected, &metastasis.evidence));
                suspicions.push(&metastasis.evidence);
            }
            (MetastasisSite::Bone, Certainty::Documented) => {
                because.push((Fact::BoneMetastases, Known::Documented, &metastasis.evidence));
            }
            (MetastasisSite::Bone, Certainty::Suspected) if recent => {
                because.push((Fact::BoneMetastases, Known::Suspected, &metastasis.evidence));
            }
            // An old suspicion keeps the patient at risk like a cancer of the past, and makes nothing suspected.
            (_, Certainty::Suspected) => {
                because.push((Fact::SpinalMetastases, Known::SuspectedOnce, &metastasis.evidence));
                once.insert(metastasis.evidence.reference.as_str());
            }
        }
    }
    let affirmed = || facts.signs.iter().filter(|record| record.affirmed);
    let by_itself = affirmed().filter(|record| record.metastatic_by_code);
    because.extend(by_itself.map(|record| (Fact::MesccSigns, Known::MetastaticByCode, &record.evidence)));
    for finding in findings.iter().filter(|f| f.is(Sign::SpinalMetastasesSuspected)) {
        spinal = spinal.max(SpinalMetastases::Suspected);
        because.extend(finding.evidence.iter().map(|e| (Fact::SpinalMetastases, Known::Suspected, *e)));
        suspicions.extend(&finding.evidence);
    }
    let pain = findings.iter().any(|f| f.is(Sign::BackPain) || f.is(Sign::RadicularPain));
    if pain && because.iter().any(|(fact, ..)| *fact == Fact::BoneMetastases) {
        spinal = spinal.max(SpinalMetastases::Suspected);
    }

    let mut named: HashSet<&str> = because.iter().map(|(_, _, e)| e.reference.as_str()).collect();
    let mut lesions_named = false;
    let mut cancer_active = false;
    for cancer in &facts.cancer {
        let once = cancer.secondary && once.contains(cancer.evidence.reference.as_str());
        let active = cancer.status == CancerStatus::Active && !once;
        cancer_active |= active;
        // A metastasis is said once, as a metastasis.
        if named.insert(&cancer.evidence.reference) {
            because.push((
                Fact::Cancer,
                if active { Known::Active } else { Known::History },
                &cancer.evidence,
            ));
        }
        // Of a second blood cancer they are the same.
        if cancer.histology.is_myeloma_or_lymphoma() && !std::mem::replace(&mut lesions_named, true) {
            let lesions = facts.vertebral_fractures.iter().chain(facts.sins.iter().map(|s| &s.evidence));
            for lesion in lesions {
                // What a Condition documents is not said once more by a score.
                let is_said =
                    because.iter().any(|it| (it.0, it.1) == (Fact::SpinalMetastases, Known::Documented));
                spinal = SpinalMetastases::Documented;
                if !is_said {
                    because.push((Fact::SpinalMetastases, Known::DocumentedByLesion, lesion));
                }
            }
        }
    }
    for finding in findings.iter().filter(|f| f.is(Sign::MesccSuspected)) {
        because.extend(finding.evidence.iter().map(|e| (Fact::MesccSigns, Known::SuspectedByClinician, *e)));
    }
    // A suspicion that was recorded and never denied, too long ago to be a finding.
    if because.is_empty() {
        let denials = denial::denials(facts);
        let old = |record: &&SignRecord| {
            matches!(record.sign, Sign::SpinalMetastasesSuspected | Sign::MesccSuspected)
                && !denials.iter().any(|it| it.closes(record))
        };
        let fact = |record: &SignRecord| {
            if record.sign == Sign::MesccSuspected { Fact::MesccSigns } else { Fact::SpinalMetastases }
        };
        because.extend(
            affirmed().filter(old).map(|record| (fact(record), Known::SuspectedOnce, &record.evidence)),
        );
    }
    because.dedup();
    Disease { cancer_active, spinal_metastases: spinal, at_risk: !because.is_empty(), because, suspicions }
}
