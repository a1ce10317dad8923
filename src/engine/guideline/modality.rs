//! Section 3.5: which modality. Hit policy: the first row that holds.
//!
//! The inputs are small and closed, so that the table can be checked over every combination. Deliberately absent: how the
//! inputs follow from the chart ([`super::treatment`]).

use super::advice::Indicator;
use super::code::Code;
use super::lesion::Band;
use super::measure::{Criterion, Life};

/// Everything that the table looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Inputs {
    /// G-24, by SINS.
    pub(super) sins: Band,
    /// G-25 or G-26 holds.
    pub(super) other_indication: bool,
    pub(super) life: Life,
    /// The area is recorded as not amenable to surgery.
    pub(super) unamenable: bool,
    /// Myeloma not in remission or aggressive lymphoma, without current antineoplastic therapy.
    pub(super) systemic_first: bool,
    pub(super) symptomatic: bool,
    /// G-19, performance.
    pub(super) performance: Criterion,
    /// G-21, not irradiated before or SBRT available.
    pub(super) irradiable: Criterion,
    /// G-22, time for the effect.
    pub(super) time: Criterion,
}

/// What G-19 to G-22 give together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Criteria {
    /// All hold.
    AllMet,
    /// Only the multidisciplinary answer (SINS 7 to 12) or the estimate of life expectancy is pending.
    OnlyPending,
    /// Otherwise.
    Otherwise,
}

impl Inputs {
    /// A surgery indication: G-24, G-25 or G-26.
    pub(super) fn surgery_indicated(self) -> bool {
        self.sins == Band::Unstable || self.other_indication
    }

    /// G-20: no mechanical instability.
    pub(super) fn stable(self) -> Criterion {
        match self.sins {
            Band::Stable => Criterion::Met,
            Band::PotentiallyUnstable | Band::Unstable => Criterion::NotMet,
            Band::Indeterminate | Band::Unknown => Criterion::Unknown,
        }
    }

    /// G-19 to G-22 together.
    pub(super) fn criteria(self) -> Criteria {
        use Criterion::{Met, Unknown};
        if self.performance != Met || self.irradiable != Met {
            return Criteria::Otherwise;
        }
        match (self.sins, self.time) {
            (Band::Stable, Met) => Criteria::AllMet,
            (Band::Stable, Unknown) | (Band::PotentiallyUnstable, Met | Unknown) => Criteria::OnlyPending,
            _ => Criteria::Otherwise,
        }
    }
}

/// A row; `None` accepts every value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) indicated: Option<bool>,
    pub(super) life: Option<Life>,
    pub(super) unamenable: Option<bool>,
    pub(super) systemic_first: Option<bool>,
    pub(super) symptomatic: Option<bool>,
    pub(super) criteria: Option<Criteria>,
    pub(super) code: Code,
    pub(super) indicator: Indicator,
    pub(super) statements: &'static [&'static str],
}

/// The table. Row 1 is critical with SINS 13 or more, and then stands in the stability card.
#[rustfmt::skip]
pub(super) const ROWS: [Row; 8] = [
    Row { id: "modality/1", indicated: Some(true), life: Some(Life::Below3), unamenable: None, systemic_first: None, symptomatic: None, criteria: None,
          code: Code::SurgeryCandidacyConflict, indicator: Indicator::Warning, statements: &["G-23", "G-25", "G-26", "G-43"] },
    Row { id: "modality/2", indicated: Some(true), life: Some(Life::AtLeast3), unamenable: Some(false), systemic_first: None, symptomatic: None, criteria: None,
          code: Code::SurgeryPreferred, indicator: Indicator::Warning, statements: &["G-23", "G-24", "G-25", "G-26", "G-27", "G-44", "G-45", "G-46", "G-47"] },
    Row { id: "modality/3", indicated: Some(true), life: Some(Life::Unknown), unamenable: None, systemic_first: None, symptomatic: None, criteria: None,
          code: Code::ModalityUndetermined, indicator: Indicator::Warning, statements: &["G-23", "G-24", "G-25", "G-26"] },
    Row { id: "modality/3", indicated: Some(true), life: Some(Life::AtLeast3), unamenable: Some(true), systemic_first: None, symptomatic: None, criteria: None,
          code: Code::ModalityUndetermined, indicator: Indicator::Warning, statements: &["G-23", "G-24", "G-25", "G-26", "G-27"] },
    Row { id: "modality/4", indicated: Some(false), life: None, unamenable: None, systemic_first: Some(true), symptomatic: None, criteria: None,
          code: Code::SystemicTherapyPrimary, indicator: Indicator::Info, statements: &["G-29"] },
    Row { id: "modality/5", indicated: Some(false), life: None, unamenable: None, systemic_first: Some(false), symptomatic: Some(true), criteria: Some(Criteria::AllMet),
          code: Code::RadiotherapyPreferred, indicator: Indicator::Info, statements: &["G-01", "G-15", "G-19", "G-20", "G-21", "G-22"] },
    Row { id: "modality/6", indicated: Some(false), life: None, unamenable: None, systemic_first: Some(false), symptomatic: Some(true), criteria: Some(Criteria::OnlyPending),
          code: Code::RadiotherapyPreferredProvisional, indicator: Indicator::Info, statements: &["G-01", "G-16", "G-19", "G-20", "G-21", "G-22"] },
    Row { id: "modality/7", indicated: Some(false), life: None, unamenable: None, systemic_first: Some(false), symptomatic: Some(true), criteria: Some(Criteria::Otherwise),
          code: Code::ModalityUndetermined, indicator: Indicator::Info, statements: &["G-19", "G-20", "G-21", "G-22"] },
];

/// Position in [`ROWS`] of the first row that holds; `None` for a patient without indication and without symptoms.
pub(super) fn first_row(inputs: Inputs) -> Option<usize> {
    first_of(&ROWS, inputs)
}

/// Position of the first row that holds.
pub(super) fn first_of(rows: &[Row], inputs: Inputs) -> Option<usize> {
    let fits = |cell: Option<bool>, value: bool| cell.is_none_or(|wanted| wanted == value);
    rows.iter().position(|row| {
        fits(row.indicated, inputs.surgery_indicated())
            && row.life.is_none_or(|life| life == inputs.life)
            && fits(row.unamenable, inputs.unamenable)
            && fits(row.systemic_first, inputs.systemic_first)
            && fits(row.symptomatic, inputs.symptomatic)
            && row.criteria.is_none_or(|criteria| criteria == inputs.criteria())
    })
}

/// Every value of the inputs, for the exhaustive check.
#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Every combination of the inputs.
    pub(in crate::guideline) fn all() -> impl Iterator<Item = Inputs> {
        let bands =
            [Band::Unknown, Band::Stable, Band::Indeterminate, Band::PotentiallyUnstable, Band::Unstable];
        let lives = [Life::Below3, Life::AtLeast3, Life::Unknown];
        let criteria = [Criterion::Met, Criterion::NotMet, Criterion::Unknown];
        let flags = [false, true];
        bands.into_iter().flat_map(move |sins| {
            lives.into_iter().flat_map(move |life| {
                criteria.into_iter().flat_map(move |performance| {
                    criteria.into_iter().flat_map(move |irradiable| {
                        criteria.into_iter().flat_map(move |time| {
                            flags.into_iter().flat_map(move |other_indication| {
                                flags.into_iter().flat_map(move |unamenable| {
                                    flags.into_iter().flat_map(move |systemic_first| {
                                        flags.into_iter().map(move |symptomatic| Inputs {
                                            sins,
                                            other_indication,
                                            life,
                                            unamenable,
                                            systemic_first,
                                            symptomatic,
                                            performance,
                                            irradiable,
                                            time,
                                        })
                                    })
                                })
                            })
                        })
                    })
                })
            })
        })
    }
}
