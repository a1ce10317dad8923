//! Names of single things: signs, sides, levels, windows, consults.

use super::super::fact::Fact;
use super::super::measure::{Criterion, THREE_MONTHS, months};
use super::super::say::{BloodCancer, Complaint, PatientKind, Reason, SignName, Team};
use super::super::tables::mri_timing;
use crate::domain::{Consult, Escc, Levels, Paralysis, Progression, Side, Sign};
use chrono::Duration;
use std::borrow::Cow;

/// A sign of cord compression.
pub(in crate::guideline) const fn sign(name: SignName) -> &'static str {
    match name {
        SignName::One(Sign::MesccSuspected) => "clinician's suspicion",
        SignName::One(sign) => finding(sign),
        SignName::Paralysis(paralysis) => self::paralysis(paralysis),
        SignName::WeaknessOfBothLegs => "weakness of both legs",
        SignName::WeaknessOnBothSides => "limb weakness on both sides",
        SignName::BilateralDeficit => "bilateral radicular deficit",
        SignName::BilateralPain => "bilateral radicular pain",
        SignName::OtherWeakness => "limb weakness",
        SignName::Escc(Escc::G3) => "ESCC 3",
        SignName::Escc(_) => "ESCC 2",
    }
}

/// A paralysis.
pub(super) const fn paralysis(paralysis: Paralysis) -> &'static str {
    match paralysis {
        Paralysis::Paraparesis => "paraparesis",
        Paralysis::Paraplegia => "paraplegia",
        Paralysis::Quadriparesis => "quadriparesis",
        Paralysis::Quadriplegia => "quadriplegia",
    }
}

/// A finding.
pub(super) const fn finding(sign: Sign) -> &'static str {
    match sign {
        Sign::BackPain => "back or neck pain",
        Sign::RadicularPain => "radicular pain",
        Sign::RadicularDeficit => "radicular deficit",
        Sign::LimbWeakness => "limb weakness",
        Sign::LimbNumbness => "limb numbness",
        Sign::Paraparesis => "paraparesis or paraplegia",
        Sign::SaddleAnaesthesia => "saddle anaesthesia",
        Sign::SensoryLevel => "sensory level",
        Sign::LhermitteSign => "Lhermitte's sign",
        Sign::Myelopathy => "myelopathy",
        Sign::CaudaEquina => "cauda equina syndrome",
        Sign::CordCompression => "cord compression diagnosis",
        Sign::MesccSuspected => "cord compression suspected by a clinician",
        Sign::GaitDisturbance => "gait disturbance",
        Sign::UrinaryRetention => "urinary retention",
        Sign::BladderOrBowelDisturbance => "bladder or bowel disturbance",
        Sign::UrinaryIncontinence => "urinary incontinence",
        Sign::SpinalMetastasesSuspected => "suspected by a clinician",
    }
}

/// A side.
pub(super) const fn side(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
        Side::Both => "both sides",
    }
}

/// The course of a deficit.
pub(super) const fn course(course: Progression) -> &'static str {
    match course {
        Progression::Progressive => "progressive",
        Progression::Stable => "stable",
        Progression::Improving => "improving",
    }
}

/// What the patient has.
pub(super) const fn patient(kind: PatientKind) -> &'static str {
    match kind {
        PatientKind::SpinalMetastases => "spinal metastases",
        PatientKind::SpinalMetastasesSuspected => "spinal metastases suspected",
        PatientKind::ActiveCancer => "active cancer",
        PatientKind::BoneMetastases => "bone metastases",
        PatientKind::HistoryOfCancer => "history of cancer",
        PatientKind::SuspectedOnce => "spinal metastases suspected once",
        PatientKind::MesccSuspected => "cord compression suspected once",
    }
}

/// What asks for an MRI.
pub(super) const fn complaint(complaint: Complaint) -> &'static str {
    match complaint {
        Complaint::RadicularDeficit => "radicular deficit",
        Complaint::OtherWeakness => "limb weakness",
        Complaint::RadicularPain => "radicular pain",
        Complaint::BackPain => "back or neck pain",
    }
}

/// A window: hours up to two days, then days, and weeks where it is whole weeks.
pub(in crate::guideline) fn window(window: Duration) -> String {
    match window.num_days() {
        7 => "1 week".to_owned(),
        days if days > 2 && days % 7 == 0 => format!("{} weeks", days / 7),
        days if days > 2 => format!("{days} days"),
        _ => format!("{} hours", window.num_hours()),
    }
}

/// The window of the first row of MRI timing.
pub(super) fn first_window() -> String {
    mri_timing::ROWS.iter().find_map(|row| row.gives.window.length).map(window).unwrap_or_default()
}

/// What surgery needs.
pub(super) fn long_enough() -> String {
    format!("at least {} months", months(THREE_MONTHS))
}

/// A fact that is asked for, in few words.
pub(super) fn asked(fact: Fact) -> Cow<'static, str> {
    let short = match fact {
        Fact::Performance => "performance status",
        Fact::PriorRadiotherapy => "earlier radiotherapy",
        Fact::LifeExpectancy => "life expectancy",
        Fact::BaselineVcf => "vertebral fracture",
        Fact::CreatinineClearance => "creatinine clearance",
        Fact::Calcium => "whether calcium is low",
        Fact::BisphosphonateAllergy => "bisphosphonate allergy",
        Fact::ProstateProgressionOnHormones => "prostate progression on hormones",
        Fact::BoneAgent => "current bone agent",
        Fact::Cancer => "primary tumour",
        other => return lower(other.plain_name()),
    };
    short.into()
}

/// A name within a sentence: a word begins small, an abbreviation stays.
pub(super) fn lower(name: &str) -> Cow<'_, str> {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(name.chars().skip(1)).collect::<String>().into()
        }
        _ => name.into(),
    }
}

/// A cancer that systemic therapy treats first.
pub(super) const fn blood_cancer(cancer: Option<BloodCancer>) -> &'static str {
    match cancer {
        Some(BloodCancer::Myeloma) => "myeloma",
        Some(BloodCancer::AggressiveLymphoma) => "aggressive lymphoma",
        None => "myeloma or aggressive lymphoma",
    }
}

/// A criterion.
pub(super) const fn criterion(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Met => "met",
        Criterion::NotMet => "not met",
        Criterion::Unknown => "open",
    }
}

/// Whom a referral goes to.
pub(super) const fn consult(consult: Consult) -> &'static str {
    match consult {
        Consult::SpineSurgery => "spine surgery",
        Consult::Mdt => "the multidisciplinary team",
        Consult::RadiationOncology => "radiation oncology",
        Consult::Orthopaedic => "orthopaedics",
    }
}

/// A team, for what was done.
pub(super) const fn team(consult: Consult) -> &'static str {
    match consult {
        Consult::Mdt => "MDT",
        other => self::consult(other),
    }
}

/// A consult that is not on record.
pub(super) const fn consult_name(consult: Consult) -> &'static str {
    match consult {
        Consult::SpineSurgery => "spine-surgery consult",
        Consult::Mdt => "MDT",
        Consult::RadiationOncology => "radiation-oncology consult",
        Consult::Orthopaedic => "orthopaedic consult",
    }
}

/// The teams that are asked.
pub(super) const fn teams(team: Team) -> &'static str {
    match team {
        Team::Both => "spine surgery and radiation oncology",
        Team::SpineSurgery => "spine surgery",
        Team::RadiationOncology => "radiation oncology",
        Team::Asked => "the teams that were asked",
    }
}

/// Whom to call; `None` where all were asked.
pub(super) const fn call(team: Team) -> Option<&'static str> {
    match team {
        Team::Both => Some("Call spine surgery and radiation oncology"),
        Team::SpineSurgery => Some("Call spine surgery"),
        Team::RadiationOncology => Some("Call radiation oncology"),
        Team::Asked => None,
    }
}

/// Levels, from top to bottom.
pub(super) fn levels(levels: Levels) -> String {
    levels.iter().map(|level| level.to_string()).collect::<Vec<_>>().join(", ")
}

/// The trigger of an order.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::SpinalMetastases => "Spinal metastases",
        Reason::Suspected => "Suspected spinal metastases",
        Reason::Symptomatic => "Symptomatic spinal metastases",
        Reason::BoneMetastases => "Bone metastases",
        Reason::Mescc => "Suspected metastatic epidural spinal cord compression",
        Reason::Complaint(Complaint::RadicularDeficit) => {
            "Radicular deficit, spinal metastases to be excluded"
        }
        Reason::Complaint(Complaint::OtherWeakness) => "New limb weakness, spinal metastases to be excluded",
        Reason::Complaint(Complaint::RadicularPain) => "Radicular pain, spinal metastases to be excluded",
        Reason::Complaint(Complaint::BackPain) => "Back or neck pain, spinal metastases to be excluded",
    }
}
