//! The words of the page: cells of the tables as a clinician reads them.
//!
//! Deliberately absent: conditions that are code; they are printed from the constant beside that code.

use crate::domain::Consult;
use crate::guideline::advice::Indicator;
use crate::guideline::lesion::{Band, STABLE_MOST, UNSTABLE_LEAST};
use crate::guideline::measure::{Life, THREE_MONTHS};
use crate::guideline::modality::{self, Criteria};
use crate::guideline::mri_timing::{self, Course, Kind, Onset, RECENT};
use crate::guideline::row::months;
use crate::guideline::stability::{MIRELS_HIGH, Scored};

/// The indicator as on a card.
pub(super) const fn indicator(indicator: Indicator) -> &'static str {
    match indicator {
        Indicator::Info => "info",
        Indicator::Warning => "warning",
        Indicator::Critical => "critical",
    }
}

/// A referral, `None` for none.
pub(super) const fn referral(consult: Option<Consult>) -> &'static str {
    match consult {
        Some(Consult::SpineSurgery) => "spine-surgery referral",
        Some(Consult::Mdt) => "multidisciplinary referral",
        Some(Consult::RadiationOncology) => "radiation-oncology referral",
        Some(Consult::Orthopaedic) => "orthopaedic referral",
        None => "",
    }
}

/// The cells of an MRI timing row.
pub(super) fn mri_timing(row: &mri_timing::Row) -> String {
    let kind = match row.kind {
        Kind::MesccSuspected => "MESCC suspected, or confirmed without MRI",
        Kind::RadicularDeficit => "radicular deficit",
        Kind::OtherWeakness => "limb weakness not in one root, without spinal context",
        Kind::RadicularPain => "radicular pain, unilateral or side unknown",
        Kind::BackPain => "local back pain only",
        Kind::SuspicionOnly => "spinal metastases suspected, no symptom on record",
    };
    let days = RECENT.num_days();
    let onset = |onset: &Onset| match onset {
        Onset::UpTo7Days => format!("onset at most {days} days ago"),
        Onset::Over7Days => format!("onset more than {days} days ago"),
        Onset::Unknown => "onset unknown".to_owned(),
    };
    let course = |course: &Course| match course {
        Course::Progressive => "progressive".to_owned(),
        Course::Stable => "stable".to_owned(),
        Course::Improving => "improving".to_owned(),
        Course::Unknown => "course unknown".to_owned(),
    };
    let cells = [
        kind.to_owned(),
        row.onset.iter().map(onset).collect::<Vec<_>>().join(" or "),
        row.course.iter().map(course).collect::<Vec<_>>().join(" or "),
        if row.active_cancer { "active cancer".to_owned() } else { String::new() },
    ];
    joined(cells)
}

/// The cells of a modality row.
pub(super) fn modality(row: &modality::Row) -> String {
    let either = |cell: Option<bool>, yes: &str, no: &str| match cell {
        Some(true) => yes.to_owned(),
        Some(false) => no.to_owned(),
        None => String::new(),
    };
    let three = months(THREE_MONTHS);
    let life = match row.life {
        Some(Life::Below3) => format!("life expectancy below {three} months"),
        Some(Life::AtLeast3) => format!("life expectancy at least {three} months"),
        Some(Life::Unknown) => "life expectancy unknown".to_owned(),
        None => String::new(),
    };
    let criteria = match row.criteria {
        Some(Criteria::AllMet) => "all radiotherapy criteria met".to_owned(),
        Some(Criteria::OnlyPending) => {
            let (least, most) = (STABLE_MOST + 1, UNSTABLE_LEAST - 1);
            format!(
                "all radiotherapy criteria met but SINS {least} to {most}, or life expectancy unknown, or both"
            )
        }
        Some(Criteria::Otherwise) => "another radiotherapy criterion not met or unknown".to_owned(),
        None => String::new(),
    };
    joined([
        either(row.indicated, "surgery indication", "no surgery indication"),
        life,
        either(row.unamenable, "area recorded as not amenable to surgery", "area not recorded as unamenable"),
        either(row.systemic_first, "systemic therapy first", "not systemic therapy first"),
        either(row.symptomatic, "symptomatic", "not symptomatic"),
        criteria,
    ])
}

fn joined<const N: usize>(cells: [String; N]) -> String {
    cells.into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The cell of a stability row.
pub(super) fn scored(scored: Scored) -> String {
    match scored {
        Scored::Sins(Band::Unstable) => format!("SINS min {UNSTABLE_LEAST} or more"),
        Scored::Sins(Band::PotentiallyUnstable) => {
            format!("SINS min and max within {} to {}", STABLE_MOST + 1, UNSTABLE_LEAST - 1)
        }
        Scored::Sins(Band::Indeterminate) => "SINS min and max in different bands".to_owned(),
        Scored::Sins(Band::Unknown) => {
            "no usable SINS (none, outdated, off scale); symptomatic; no MRI row holds and no treatment covers findings"
                .to_owned()
        }
        Scored::Sins(Band::Stable) => format!("SINS max {STABLE_MOST} or less"),
        Scored::MirelsHigh => format!("Mirels min {MIRELS_HIGH} or more"),
        Scored::MirelsReaches9 => format!("Mirels min below {MIRELS_HIGH}, max {MIRELS_HIGH} or more"),
        Scored::Mirels8 => format!("Mirels exactly {}", MIRELS_HIGH - 1),
    }
}
