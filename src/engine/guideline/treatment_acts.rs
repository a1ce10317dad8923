//! The treatment card: its act, and what is to be done, from the inputs of the modality table.
//!
//! Deliberately absent: the decisions ([`super::tables`], [`super::treatment`]), and words.

use super::code::Code;
use super::lesion::Band;
use super::measure::{Criterion, Life};
use super::picture::Picture;
use super::say::{Act, ModalityAct};
use super::tables::modality::{self, Inputs};
use crate::domain::{CancerStatus, Histology};

/// The act of the row. `systemic`: that of systemic therapy, as it would be said here. `asked`: spine surgery was asked; `asks_tolerable`: that alone decides.
pub(super) fn act(
    row: &modality::Row,
    inputs: Inputs,
    systemic: ModalityAct,
    (asked, asks_tolerable): (bool, bool),
) -> ModalityAct {
    match row.code {
        Code::SurgeryCandidacyConflict => ModalityAct::Conflict { unstable: inputs.sins == Band::Unstable },
        Code::SurgeryPreferred => ModalityAct::Surgery { unstable: inputs.sins == Band::Unstable, asked },
        Code::SystemicTherapyPrimary => systemic,
        Code::RadiotherapyPreferred => ModalityAct::Radiotherapy,
        Code::RadiotherapyPreferredProvisional => {
            let mdt = inputs.sins == Band::PotentiallyUnstable;
            ModalityAct::Provisional { mdt, estimate: !mdt || inputs.time == Criterion::Unknown }
        }
        _ if inputs.surgery_indicated() && inputs.unamenable() && inputs.life == Life::AtLeast3 => {
            ModalityAct::NotAmenable { unstable: inputs.sins == Band::Unstable }
        }
        _ if inputs.surgery_indicated() => {
            ModalityAct::StateLifeExpectancy { unstable: inputs.sins == Band::Unstable }
        }
        _ if asks_tolerable => ModalityAct::AskTolerable,
        _ => ModalityAct::CompleteCriteria,
    }
}

/// What is to be done.
pub(super) fn acts(
    picture: &Picture<'_>,
    row: &modality::Row,
    inputs: Inputs,
    (asked, asks_tolerable): (bool, bool),
) -> Vec<Act> {
    let mut acts = match row.code {
        Code::SurgeryCandidacyConflict => vec![Act::DiscussConflict],
        Code::SurgeryPreferred => vec![if asked { Act::PlanSurgery } else { Act::ReferToSurgery }],
        Code::SystemicTherapyPrimary => vec![Act::AskOncology],
        Code::ModalityUndetermined if inputs.surgery_indicated() && inputs.life == Life::Unknown => {
            vec![Act::RecordLifeExpectancy]
        }
        Code::ModalityUndetermined if inputs.surgery_indicated() => vec![Act::PresentNotAmenable],
        Code::ModalityUndetermined => vec![
            if asks_tolerable { Act::AskTolerable } else { Act::CompleteCriteria },
            Act::Criteria {
                performance: inputs.performance,
                stable: inputs.stable(),
                irradiable: inputs.irradiable,
                time: inputs.time,
            },
        ],
        Code::RadiotherapyPreferred => vec![Act::ReferToRadiotherapy],
        Code::RadiotherapyPreferredProvisional => [vec![Act::ReferToRadiotherapy], pending(inputs)].concat(),
        _ => Vec::new(),
    };
    if inputs.sins == Band::Stable && !inputs.surgery_indicated() {
        acts.push(Act::StableSpine);
    }
    if chemosensitive(picture) {
        acts.push(Act::MayBeChemosensitive);
    }
    acts
}

/// What row 6 waits for.
fn pending(inputs: Inputs) -> Vec<Act> {
    let team = (inputs.sins == Band::PotentiallyUnstable).then_some(Act::AwaitMdt);
    let estimate = (inputs.time == Criterion::Unknown).then_some(Act::AwaitEstimate);
    team.into_iter().chain(estimate).collect()
}

/// Other lymphoma, germ-cell or small-cell tumour: a line, not a row.
fn chemosensitive(picture: &Picture<'_>) -> bool {
    picture.facts.cancer.iter().any(|c| {
        c.status == CancerStatus::Active
            && matches!(c.histology, Histology::LymphomaOther | Histology::GermCell | Histology::SmallCell)
    })
}
