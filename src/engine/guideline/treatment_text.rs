//! The treatment card in words: its first line, what to do, and what was not known.
//!
//! Deliberately absent: the decisions ([`super::modality`], [`super::treatment`]).

use super::code::Code;
use super::lesion::Band;
use super::measure::{Criterion, Life};
use super::picture::Picture;
use super::tables::modality::{self, Inputs};
use crate::domain::{CancerStatus, Histology};

/// The first line. `therapy_unread`: whether an antineoplastic therapy is current could not be read.
pub(super) fn summary(row: &modality::Row, inputs: Inputs, therapy_unread: bool) -> String {
    match row.code {
        Code::SurgeryCandidacyConflict => {
            "Urgent spine, MDT and palliative discussion: surgery indicated, life expectancy below 3 months"
                .to_owned()
        }
        Code::SurgeryPreferred => {
            let why =
                if inputs.sins == Band::Unstable { "unstable spine" } else { "failure after radiotherapy" };
            format!(
                "Refer to spine surgery, the preferred treatment: {why}, life expectancy at least 3 months"
            )
        }
        Code::SystemicTherapyPrimary if therapy_unread => {
            "Ask oncology for systemic therapy first: highly chemosensitive tumour, current therapy could not be read"
                .to_owned()
        }
        Code::SystemicTherapyPrimary => {
            "Ask oncology for systemic therapy first: highly chemosensitive tumour, none current on record"
                .to_owned()
        }
        Code::RadiotherapyPreferred => "Refer for radiotherapy, the preferred treatment".to_owned(),
        Code::RadiotherapyPreferredProvisional => {
            let pending = match (inputs.sins, inputs.time) {
                (Band::PotentiallyUnstable, Criterion::Unknown) => "MDT and life expectancy pending",
                (Band::PotentiallyUnstable, _) => "MDT pending",
                _ => "life expectancy pending",
            };
            format!("Plan radiotherapy, provisionally preferred ({pending})")
        }
        _ if inputs.surgery_indicated() && inputs.unamenable && inputs.life == Life::AtLeast3 => {
            "Discuss in the multidisciplinary team: surgery is indicated, but the area is not amenable to it"
                .to_owned()
        }
        _ if inputs.surgery_indicated() => {
            "State the life expectancy: surgery is indicated if it is at least 3 months".to_owned()
        }
        _ if inputs.performance == Criterion::Unknown => {
            "Ask whether radiotherapy is tolerable, and complete its criteria: symptomatic spinal metastases"
                .to_owned()
        }
        _ => "Complete the criteria for radiotherapy: symptomatic spinal metastases, modality undetermined"
            .to_owned(),
    }
}

pub(super) fn what_to_do(picture: &Picture<'_>, row: &modality::Row, inputs: Inputs) -> Vec<String> {
    let mut lines = match row.code {
        Code::SurgeryCandidacyConflict => vec![
            "Discuss urgently with spine surgery, the multidisciplinary team and palliative care: neither surgery nor radiotherapy is simply preferred. Vertebroplasty may be considered.".to_owned(),
        ],
        Code::SurgeryPreferred => vec!["Refer to spine surgery.".to_owned()],
        Code::SystemicTherapyPrimary => {
            vec!["Ask oncology whether systemic therapy is the primary treatment.".to_owned()]
        }
        Code::ModalityUndetermined if inputs.surgery_indicated() && inputs.life == Life::Unknown => {
            vec!["Record the life expectancy; surgery needs at least 3 months.".to_owned()]
        }
        Code::ModalityUndetermined if inputs.surgery_indicated() => {
            vec!["Present to the multidisciplinary team: the area is recorded as not amenable to surgery.".to_owned()]
        }
        Code::ModalityUndetermined => vec![format!(
            "Criteria for radiotherapy — performance: {}; mechanical stability (SINS): {}; not irradiated before, or SBRT available: {}; time for the effect: {}.",
            word(inputs.performance), word(inputs.stable()), word(inputs.irradiable), word(inputs.time)
        )],
        Code::RadiotherapyPreferredProvisional => pending(inputs),
        _ => Vec::new(),
    };
    if inputs.sins == Band::Stable && !inputs.surgery_indicated() {
        lines.push("SINS 6 or less: stable, no surgery for stability (G-15).".to_owned());
    }
    if chemosensitive(picture) {
        lines.push("The tumour may be chemosensitive: ask oncology.".to_owned());
    }
    lines
}

pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// What row 6 waits for.
fn pending(inputs: Inputs) -> Vec<String> {
    let team = (inputs.sins == Band::PotentiallyUnstable)
        .then(|| "Pending: the multidisciplinary team's answer (SINS 7 to 12).".to_owned());
    let estimate = (inputs.time == Criterion::Unknown)
        .then(|| "Pending: the life expectancy (is it at least 1 month?).".to_owned());
    team.into_iter().chain(estimate).collect()
}

/// Other lymphoma, germ-cell or small-cell tumour: a line, not a row.
fn chemosensitive(picture: &Picture<'_>) -> bool {
    picture.facts.cancer.iter().any(|c| {
        c.status == CancerStatus::Active
            && matches!(c.histology, Histology::LymphomaOther | Histology::GermCell | Histology::SmallCell)
    })
}

const fn word(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Met => "met",
        Criterion::NotMet => "not met",
        Criterion::Unknown => "unknown",
    }
}
