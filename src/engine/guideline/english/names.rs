//! Names of single things: signs, sides, levels, windows, consults.

use super::super::deadline::Deadline;
use super::super::measure::{Criterion, Life, THREE_MONTHS, months};
use super::super::say::{Complaint, PatientKind, Reason, SignName};
use crate::domain::{Consult, Escc, Levels, Progression, Side, Sign, moment};
use chrono::Duration;
use chrono_tz::Tz;

/// A sign of cord compression.
pub(in crate::guideline) const fn sign(name: SignName) -> &'static str {
    match name {
        SignName::One(Sign::MesccSuspected) => "clinician's suspicion",
        SignName::One(sign) => finding(sign),
        SignName::WeaknessOfBothLegs => "weakness of both legs",
        SignName::BilateralDeficit => "bilateral radicular deficit",
        SignName::BilateralPain => "bilateral radicular pain",
        SignName::OtherWeakness => "limb weakness not in one root",
        SignName::Escc(Escc::G3) => "ESCC 3",
        SignName::Escc(_) => "ESCC 2",
    }
}

/// A finding.
pub(super) const fn finding(sign: Sign) -> &'static str {
    match sign {
        Sign::BackPain => "back pain",
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
        PatientKind::MesccSuspected => "cord compression suspected",
    }
}

/// What asks for an MRI.
pub(super) const fn complaint(complaint: Complaint) -> &'static str {
    match complaint {
        Complaint::RadicularDeficit => "radicular deficit",
        Complaint::OtherWeakness => "new limb weakness",
        Complaint::RadicularPain => "radicular pain",
        Complaint::BackPain => "back pain",
    }
}

/// A window: hours up to two days, then weeks.
pub(super) fn window(window: Duration) -> String {
    match window.num_weeks() {
        0 => format!("{} hours", window.num_hours()),
        1 => "1 week".to_owned(),
        weeks => format!("{weeks} weeks"),
    }
}

/// "by …" or "overdue since …", after a semicolon.
pub(super) fn due(due: Option<Deadline>, zone: Tz) -> String {
    due.map_or_else(String::new, |due| {
        let word = if due.overdue { "overdue since" } else { "by" };
        format!("; {word} {}", moment(due.at, zone))
    })
}

/// A life expectancy against what surgery needs.
pub(super) fn life(life: Life) -> String {
    let months = months(THREE_MONTHS);
    match life {
        Life::Below3 => format!("less than {months} months"),
        Life::AtLeast3 => format!("at least {months} months"),
        Life::Unknown => format!("cannot be told against {months} months"),
    }
}

/// A criterion.
pub(super) const fn criterion(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Met => "met",
        Criterion::NotMet => "not met",
        Criterion::Unknown => "unknown",
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
        Reason::Complaint(Complaint::BackPain) => "Back pain, spinal metastases to be excluded",
    }
}
