//! What each value of a missing fact would lead to, by asking the modality table (guideline.md section 3.5).
//!
//! Only what decides is asked for with one click: a fact whose values all lead to the same recommendation decides nothing.

use super::code::Code;
use super::fact::Fact;
use super::lesion::{Band, SINS_MOST, STABLE_MOST, UNSTABLE_LEAST};
use super::measure::{Criterion, Life};
use super::say::{Gap, LeadsTo, Supposed};
use super::tables::modality::{Inputs, Offer, ROWS};
use super::tables::row::first;

/// What is known, as the modality table sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) inputs: Inputs,
    /// The guideline names a regimen for the site; without one radiotherapy gives way to another row.
    pub(super) has_regimen: bool,
    /// What the recorded parts of the score allow: from the first to the second.
    pub(super) sins: (u8, u8),
}

/// The missing facts that decide, each with what its values lead to.
pub(super) fn deciding(known: Known, missing: &[Fact]) -> Vec<(Fact, Vec<LeadsTo>)> {
    missing.iter().filter_map(|fact| Some((*fact, outcomes(known, *fact)?))).collect()
}

/// The lines of "Not known".
pub(super) fn gaps(missing: &[Fact], deciding: Vec<(Fact, Vec<LeadsTo>)>) -> Vec<Gap> {
    let others = missing.iter().filter(|fact| deciding.iter().all(|(decides, _)| decides != *fact));
    let others: Vec<Gap> = others.copied().map(Gap::Fact).collect();
    deciding.into_iter().map(|(fact, outcomes)| Gap::Decides(fact, outcomes)).chain(others).collect()
}

/// The missing facts that the card asks for with one click: life expectancy where it decides; whether radiotherapy is
/// tolerable where that alone is open, which is where it decides.
pub(super) fn answerable(missing: &[Fact], deciding: &[(Fact, Vec<LeadsTo>)]) -> Vec<Fact> {
    let decides = |fact: Fact| deciding.iter().any(|(decides, _)| *decides == fact);
    let asked = |fact: &&Fact| matches!(fact, Fact::LifeExpectancy | Fact::Performance) && decides(**fact);
    missing.iter().filter(asked).copied().collect()
}

impl Known {
    /// Whether radiotherapy would be preferred if it were tolerable.
    pub(super) fn fits_if_tolerable(self) -> bool {
        let tolerable = self.code(Inputs { performance: Criterion::Met, ..self.inputs });
        matches!(tolerable, Some(Code::RadiotherapyPreferred | Code::RadiotherapyPreferredProvisional))
    }

    fn code(self, inputs: Inputs) -> Option<Code> {
        first(&ROWS, &inputs).map(|row| match row.gives {
            Offer::Regimen { otherwise } if !self.has_regimen => otherwise.code,
            _ => row.code,
        })
    }
}

/// What the values of a fact lead to; `None` where they all lead to the same, or the fact has no closed set of values.
fn outcomes(known: Known, fact: Fact) -> Option<Vec<LeadsTo>> {
    let inputs = known.inputs;
    let supposed: Vec<(Supposed, Inputs)> = match fact {
        Fact::Sins => [
            (0, STABLE_MOST, Band::Stable),
            (STABLE_MOST + 1, UNSTABLE_LEAST - 1, Band::PotentiallyUnstable),
            (UNSTABLE_LEAST, SINS_MOST, Band::Unstable),
        ]
        .into_iter()
        .map(|(from, to, sins)| (from.max(known.sins.0), to.min(known.sins.1), sins))
        .filter(|(from, to, _)| from <= to)
        .map(|(from, to, sins)| (Supposed::Sins(from, to), Inputs { sins, ..inputs }))
        .collect(),
        Fact::LifeExpectancy => vec![
            (Supposed::AtLeast3(false), Inputs { life: Life::Below3, ..inputs }),
            (Supposed::AtLeast3(true), Inputs { life: Life::AtLeast3, time: Criterion::Met, ..inputs }),
        ],
        Fact::Performance => [true, false]
            .map(|yes| {
                let performance = if yes { Criterion::Met } else { Criterion::NotMet };
                (Supposed::Tolerable(yes), Inputs { performance, ..inputs })
            })
            .into(),
        _ => return None,
    };
    let outcomes: Vec<LeadsTo> =
        supposed.into_iter().map(|(value, inputs)| LeadsTo { value, code: known.code(inputs) }).collect();
    let (head, rest) = outcomes.split_first()?;
    rest.iter().any(|other| other.code != head.code).then_some(outcomes)
}
