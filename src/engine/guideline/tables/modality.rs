//! Section 3.5: which modality. Hit policy: the first row that holds.
//!
//! The inputs are small and closed, so that the table can be checked over every combination. Deliberately absent: how the
//! inputs follow from the chart ([`crate::guideline::treatment`]).

use super::judged::{Asked, Judged};
use super::row::{Answer, Condition, Gives, RowSpec};
use super::{About, SYMPTOMATIC, Table};
use crate::domain::{Consult, Judgement};
use crate::guideline::advice::Indicator::{Critical, Info, Warning};
use crate::guideline::code::Code;
use crate::guideline::fact::Fact;
use crate::guideline::lesion::{Band, STABLE_MOST, UNSTABLE_LEAST};
use crate::guideline::measure::{
    Criterion, ECOG_MOST, KARNOFSKY_LEAST, Life, ONE_MONTH, THREE_MONTHS, months,
};
use crate::guideline::trace;

/// Everything that the table looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::guideline) struct Inputs {
    /// G-24, by SINS.
    pub(in crate::guideline) sins: Band,
    /// G-25 or G-26 holds.
    pub(in crate::guideline) other_indication: bool,
    pub(in crate::guideline) life: Life,
    /// Myeloma not in remission or aggressive lymphoma, without current antineoplastic therapy.
    pub(in crate::guideline) systemic_first: bool,
    pub(in crate::guideline) symptomatic: bool,
    /// G-19, performance.
    pub(in crate::guideline) performance: Criterion,
    /// G-21, not irradiated before or SBRT available.
    pub(in crate::guideline) irradiable: Criterion,
    /// G-22, time for the effect.
    pub(in crate::guideline) time: Criterion,
    /// The yes/no judgements.
    pub(in crate::guideline) judged: Judged,
}

/// What G-19 to G-22 give together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::guideline) enum Criteria {
    /// All hold.
    AllMet,
    /// Only the estimate of life expectancy is pending.
    LifePending,
    /// The multidisciplinary answer (SINS 7 to 12) is pending, and perhaps the estimate of life expectancy.
    TeamPending,
    /// Otherwise.
    Otherwise,
}

impl Inputs {
    /// The area is recorded as not amenable to surgery (G-27).
    pub(in crate::guideline) fn unamenable(self) -> bool {
        self.judged.answer(Judgement::AreaAmenableToSurgery) == Some(false)
    }

    /// A surgery indication: G-24, G-25 or G-26.
    pub(in crate::guideline) fn surgery_indicated(self) -> bool {
        self.sins == Band::Unstable || self.other_indication
    }

    /// G-20: no mechanical instability.
    pub(in crate::guideline) fn stable(self) -> Criterion {
        match self.sins {
            Band::Stable => Criterion::Met,
            Band::PotentiallyUnstable | Band::Unstable => Criterion::NotMet,
            Band::Indeterminate | Band::Unknown => Criterion::Unknown,
        }
    }

    /// G-19 to G-22 together.
    pub(in crate::guideline) fn criteria(self) -> Criteria {
        use Criterion::{Met, Unknown};
        if self.performance != Met || self.irradiable != Met {
            return Criteria::Otherwise;
        }
        match (self.sins, self.time) {
            (Band::Stable, Met) => Criteria::AllMet,
            (Band::Stable, Unknown) => Criteria::LifePending,
            (Band::PotentiallyUnstable, Met | Unknown) => Criteria::TeamPending,
            _ => Criteria::Otherwise,
        }
    }
}

/// A cell of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Cell {
    /// An unstable spine (G-24).
    Unstable,
    /// A surgery indication, or none.
    Indicated(bool),
    /// Life expectancy is in this class.
    Life(Life),
    /// A judgement is answered so.
    Judged(Asked),
    /// Systemic therapy comes first, or it does not.
    SystemicFirst(bool),
    /// Symptomatic spinal metastases.
    Symptomatic,
    /// What the criteria of radiotherapy give together.
    Criteria(Criteria),
}

impl Condition for Cell {
    type Input = Inputs;

    fn says(self) -> String {
        match self {
            Self::Unstable => format!("SINS min {UNSTABLE_LEAST} or more"),
            Self::Indicated(true) => "surgery indication".to_owned(),
            Self::Indicated(false) => "no surgery indication".to_owned(),
            Self::Life(life) => life.says(),
            Self::Judged(asked) => asked.says(),
            Self::SystemicFirst(true) => "systemic therapy first".to_owned(),
            Self::SystemicFirst(false) => "not systemic therapy first".to_owned(),
            Self::Symptomatic => "symptomatic".to_owned(),
            Self::Criteria(Criteria::AllMet) => "all radiotherapy criteria met".to_owned(),
            Self::Criteria(Criteria::LifePending) => {
                "all radiotherapy criteria met, but life expectancy unknown".to_owned()
            }
            Self::Criteria(Criteria::TeamPending) => format!(
                "all radiotherapy criteria met, but SINS {} to {}, whether or not life expectancy is known",
                STABLE_MOST + 1,
                UNSTABLE_LEAST - 1
            ),
            Self::Criteria(Criteria::Otherwise) => {
                "another radiotherapy criterion not met or unknown".to_owned()
            }
        }
    }

    fn answer(self, inputs: &Inputs) -> Answer {
        match self {
            Self::Unstable if matches!(inputs.sins, Band::Unknown | Band::Indeterminate) => Answer::Unknown,
            Self::Unstable => Answer::known(inputs.sins == Band::Unstable),
            Self::Indicated(true) => Answer::on_record(inputs.surgery_indicated()),
            Self::Indicated(false) => Answer::known(!inputs.surgery_indicated()),
            Self::Life(life) => inputs.life.answer(life),
            Self::Judged(asked) => asked.answer(inputs.judged),
            Self::SystemicFirst(true) => Answer::on_record(inputs.systemic_first),
            Self::SystemicFirst(false) => Answer::known(!inputs.systemic_first),
            Self::Symptomatic => Answer::on_record(inputs.symptomatic),
            Self::Criteria(criteria) => Answer::known(inputs.criteria() == criteria),
        }
    }

    fn asks(self) -> &'static [Fact] {
        match self {
            Self::Unstable => &[Fact::Sins],
            Self::Indicated(_) => &[
                Fact::Sins,
                Fact::PriorRadiotherapy,
                Fact::ProgressionAfterRadiotherapy,
                Fact::ReirradiationFeasible,
                Fact::DeteriorationDespiteRadiotherapy,
                Fact::CorticosteroidsGiven,
            ],
            Self::Life(_) => &[Fact::LifeExpectancy],
            Self::Judged(asked) => asked.asks(),
            Self::SystemicFirst(_) => &[Fact::Cancer, Fact::AntineoplasticTherapy],
            Self::Symptomatic => SYMPTOMATIC,
            Self::Criteria(_) => {
                &[Fact::Performance, Fact::Sins, Fact::PriorRadiotherapy, Fact::LifeExpectancy]
            }
        }
    }

    fn judges(self) -> Option<Asked> {
        if let Self::Judged(asked) = self { Some(asked) } else { None }
    }
}

/// What a row of the table gives.
#[derive(Debug, Clone, Copy)]
pub(in crate::guideline) enum Offer {
    /// A referral.
    Refer {
        /// To whom.
        consult: Consult,
        /// Whether it is urgent.
        urgent: bool,
    },
    /// What the regimen gives; where the guideline names none, this row takes the place of the row.
    Regimen {
        /// The row that asks for what decides.
        otherwise: &'static Row,
    },
    /// Nothing with one click.
    Nothing,
    /// It stands in the stability card, with the referral of that card.
    InStabilityCard,
}

impl Gives for Offer {
    fn offers(self) -> String {
        match self {
            Self::Refer { consult, .. } => Some(consult).offers(),
            Self::Regimen { .. } => "those of the regimen".to_owned(),
            Self::Nothing => String::new(),
            Self::InStabilityCard => {
                "spine-surgery referral; it stands in the stability card instead of stability/sins-surgery"
                    .to_owned()
            }
        }
    }
}

/// A row of the table.
pub(in crate::guideline) type Row = RowSpec<Cell, Offer>;

use Cell::{Criteria as All, Indicated, Life as Lives, Symptomatic, SystemicFirst, Unstable};

/// The area is recorded as not amenable to surgery (G-27).
const UNAMENABLE: Cell = Cell::Judged(Asked(Judgement::AreaAmenableToSurgery, &[Some(false)]));
/// It is not.
const NOT_UNAMENABLE: Cell = Cell::Judged(Asked(Judgement::AreaAmenableToSurgery, &[Some(true), None]));

const ASK_THE_TEAM: Offer = Offer::Refer { consult: Consult::Mdt, urgent: false };

/// An unstable spine and a life expectancy that is too short for surgery.
pub(in crate::guideline) static CONFLICT: Row = Row {
    id: "modality/1",
    when: &[Unstable, Lives(Life::Below3)],
    code: Code::SurgeryCandidacyConflict,
    indicator: Critical,
    gives: Offer::InStabilityCard,
    statements: &["G-17", "G-24", "G-43"],
};

/// A criterion of radiotherapy is not met, or not known.
static OTHERWISE: Row = Row {
    id: "modality/7",
    when: &[Indicated(false), SystemicFirst(false), Symptomatic, All(Criteria::Otherwise)],
    code: Code::ModalityUndetermined,
    indicator: Info,
    gives: ASK_THE_TEAM,
    statements: &["G-19", "G-20", "G-21", "G-22"],
};

/// The table. Rows 1, 3 and 6 each have two ways to hold.
#[rustfmt::skip]
pub(in crate::guideline) static ROWS: [Row; 10] = [
    CONFLICT,
    Row { id: "modality/1", when: &[Indicated(true), Lives(Life::Below3)],
          code: Code::SurgeryCandidacyConflict, indicator: Warning, gives: Offer::Refer { consult: Consult::Mdt, urgent: true }, statements: &["G-23", "G-25", "G-26", "G-43"] },
    Row { id: "modality/2", when: &[Indicated(true), Lives(Life::AtLeast3), NOT_UNAMENABLE],
          code: Code::SurgeryPreferred, indicator: Warning, gives: Offer::Refer { consult: Consult::SpineSurgery, urgent: true }, statements: &["G-23", "G-24", "G-25", "G-26", "G-27", "G-44", "G-45", "G-47"] },
    Row { id: "modality/3", when: &[Indicated(true), Lives(Life::Unknown)],
          code: Code::ModalityUndetermined, indicator: Warning, gives: ASK_THE_TEAM, statements: &["G-23", "G-24", "G-25", "G-26"] },
    Row { id: "modality/3", when: &[Indicated(true), Lives(Life::AtLeast3), UNAMENABLE],
          code: Code::ModalityUndetermined, indicator: Warning, gives: ASK_THE_TEAM, statements: &["G-23", "G-24", "G-25", "G-26", "G-27"] },
    Row { id: "modality/4", when: &[Indicated(false), SystemicFirst(true)],
          code: Code::SystemicTherapyPrimary, indicator: Info, gives: Offer::Nothing, statements: &["G-29"] },
    Row { id: "modality/5", when: &[Indicated(false), SystemicFirst(false), Symptomatic, All(Criteria::AllMet)],
          code: Code::RadiotherapyPreferred, indicator: Info, gives: Offer::Regimen { otherwise: &OTHERWISE }, statements: &["G-01", "G-15", "G-19", "G-20", "G-21", "G-22"] },
    Row { id: "modality/6", when: &[Indicated(false), SystemicFirst(false), Symptomatic, All(Criteria::LifePending)],
          code: Code::RadiotherapyPreferredProvisional, indicator: Info, gives: Offer::Regimen { otherwise: &OTHERWISE }, statements: &["G-01", "G-15", "G-19", "G-20", "G-21", "G-22"] },
    Row { id: "modality/6", when: &[Indicated(false), SystemicFirst(false), Symptomatic, All(Criteria::TeamPending)],
          code: Code::RadiotherapyPreferredProvisional, indicator: Info, gives: Offer::Regimen { otherwise: &OTHERWISE }, statements: &["G-01", "G-16", "G-19", "G-20", "G-21", "G-22"] },
    OTHERWISE,
];

/// Which modality.
pub(in crate::guideline) static TABLE: Table<Cell, Offer> = Table {
    about: About {
        anchor: "modality",
        title: "Modality: surgery, radiotherapy or systemic therapy",
        first_decides: true,
        read: "Adults with documented spinal metastases and no untreated MESCC. The first row that holds.",
        also: &[Fact::Escc, Fact::RadiationOncologyConsult, Fact::MdtConsult],
        notes,
    },
    rows: &ROWS,
    passes: trace::modality,
};

fn notes() -> Vec<String> {
    let three = months(THREE_MONTHS);
    vec![
        format!(
            "Surgery indication: SINS min {UNSTABLE_LEAST} or more (G-24); or prior radiotherapy at the site, progression after it, and repeat radiation recorded as not feasible (G-25); or deterioration despite radiotherapy and corticosteroids, both recorded (G-26).",
        ),
        format!(
            "Radiotherapy criteria: tolerable, or ECOG 0 to {ECOG_MOST}, or Karnofsky {KARNOFSKY_LEAST} or more (G-19; worse scores ask, they do not exclude); SINS max {STABLE_MOST} or less (G-20); not irradiated before at the site, or SBRT available (G-21); life expectancy at least {} month (G-22; in reirradiation unknown counts as enough, G-66).",
            months(ONE_MONTH)
        ),
        format!(
            "Life expectancy is held against {three} months; a range that straddles them is unknown. By itself it recommends nothing.",
        ),
        "Systemic therapy first: active myeloma not in remission, or aggressive lymphoma, without current antineoplastic therapy. Another lymphoma, a germ-cell or a small-cell tumour is a line: ask oncology.".to_owned(),
        "Irradiated before at the site without progression, rows 5 and 6 give way to row 7: the guideline names no regimen. Row 3 and row 7 wait while an MRI row holds.".to_owned(),
        "A radiation-oncology or multidisciplinary consult since metastases, symptoms and progression silences rows 5 to 7 when the chart is opened. Metastases count as documented by a Condition, else, in myeloma and lymphoma, by the fracture or the first score; mechanical pain and pathological fracture are symptoms. Where none of these has a date, a consult within the look-back of symptoms silences.".to_owned(),
        "A traumatic or osteoporotic fracture of a vertebra, and the sequela of one, is a fracture at baseline; it is no symptom.".to_owned(),
    ]
}

/// Every value of the inputs, for the exhaustive check.
#[cfg(test)]
pub(in crate::guideline) mod tests {
    use super::*;

    /// Every combination of the answers to the judgements that the rows ask for.
    fn judged() -> Vec<Judged> {
        let mut asked: Vec<Judgement> =
            ROWS.iter().flat_map(|row| row.when).filter_map(|cell| Some(cell.judges()?.0)).collect();
        asked.sort_unstable();
        asked.dedup();
        asked.into_iter().fold(vec![Judged::default()], |all, judgement| {
            let answers = |one: Judged| [one, one.with(judgement, true), one.with(judgement, false)];
            all.into_iter().flat_map(answers).collect()
        })
    }

    #[test]
    fn the_conflict_is_as_urgent_as_the_row_of_the_stability_card_that_it_stands_for() {
        let mut rows = crate::guideline::tables::stability::ROWS.iter();
        let row = rows.find(|row| row.code == Code::SinsSurgeryIndicated).unwrap();
        assert_eq!(CONFLICT.indicator, row.indicator);
    }

    #[test]
    fn a_row_asks_for_a_judgement_unless_it_is_among_the_facts() {
        const ASKED: &[Cell] = &[Cell::Judged(Asked(Judgement::AreaAmenableToSurgery, &[None]))];
        let row = Row { when: ASKED, ..ROWS[0] };
        let fact = Fact::AreaAmenableToSurgery;
        assert_eq!(row.recommendation(Vec::new(), Vec::new()).missing, [fact]);
        let known = crate::guideline::describe::bare_fact(fact, crate::guideline::say::Value::Yes);
        assert_eq!(row.recommendation(vec![known], Vec::new()).missing, []);
    }

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
                                judged().into_iter().flat_map(move |judged| {
                                    flags.into_iter().flat_map(move |systemic_first| {
                                        flags.into_iter().map(move |symptomatic| Inputs {
                                            sins,
                                            other_indication,
                                            life,
                                            systemic_first,
                                            symptomatic,
                                            performance,
                                            irradiable,
                                            time,
                                            judged,
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
