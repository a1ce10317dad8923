//! Section 3.4: stability of documented spinal metastases by SINS, and of long bones by Mirels. Each lesion passes the table
//! alone.
//!
//! Deliberately absent: SINS 6 or less, which is a line in the treatment card.

use super::row::{Answer, Condition, Gives, RowSpec};
use super::{About, SYMPTOMATIC, Table};
use crate::domain::Consult;
use crate::guideline::advice::Indicator::{Critical, Info, Warning};
use crate::guideline::code::Code;
use crate::guideline::fact::Fact;
use crate::guideline::interval::Interval;
use crate::guideline::lesion::{Band, STABLE_MOST, UNSTABLE_LEAST};
use crate::guideline::say::StabilityAct;
use crate::guideline::trace;

/// Least Mirels of high fracture risk (G-18).
pub(in crate::guideline) const MIRELS_HIGH: u8 = 9;

/// What passes the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Scored {
    /// A lesion of the spine.
    Sins(Band),
    /// No usable SINS.
    NoSins {
        /// Symptomatic in the sense of section 3.5.
        symptomatic: bool,
        /// An MRI row holds, or a treatment waits for its effect.
        waits: bool,
    },
    /// A lesion of a long bone.
    Mirels(Interval),
}

/// A condition of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Test {
    /// The SINS is in this band.
    Sins(Band),
    /// There is no usable SINS.
    NoUsableSins,
    /// Symptomatic in the sense of section 3.5.
    Symptomatic,
    /// No MRI row holds, and no treatment waits for its effect.
    NothingWaits,
    /// Mirels at least 9.
    MirelsHigh,
    /// The Mirels interval reaches 9.
    MirelsReachesHigh,
    /// Mirels exactly 8.
    MirelsJustBelow,
}

impl Condition for Test {
    type Input = Scored;

    fn says(self) -> String {
        match self {
            Self::Sins(Band::Unstable) => format!("SINS min {UNSTABLE_LEAST} or more"),
            Self::Sins(Band::PotentiallyUnstable) => {
                format!("SINS min and max within {} to {}", STABLE_MOST + 1, UNSTABLE_LEAST - 1)
            }
            Self::Sins(Band::Indeterminate) => "SINS min and max in different bands".to_owned(),
            Self::Sins(Band::Stable) => format!("SINS max {STABLE_MOST} or less"),
            Self::Sins(Band::Unknown) | Self::NoUsableSins => {
                "no usable SINS (none, outdated, off scale)".to_owned()
            }
            Self::Symptomatic => "symptomatic".to_owned(),
            Self::NothingWaits => "no MRI row holds and no treatment covers findings".to_owned(),
            Self::MirelsHigh => format!("Mirels min {MIRELS_HIGH} or more"),
            Self::MirelsReachesHigh => format!("Mirels min below {MIRELS_HIGH}, max {MIRELS_HIGH} or more"),
            Self::MirelsJustBelow => format!("Mirels exactly {}", MIRELS_HIGH - 1),
        }
    }

    fn answer(self, scored: &Scored) -> Answer {
        match (self, *scored) {
            (Self::Sins(wanted), Scored::Sins(band)) => Answer::known(band == wanted),
            (Self::NoUsableSins, Scored::NoSins { .. }) => Answer::Yes,
            (Self::NoUsableSins, Scored::Sins(_)) => Answer::No,
            (Self::Symptomatic, Scored::NoSins { symptomatic, .. }) => Answer::on_record(symptomatic),
            (Self::NothingWaits, Scored::NoSins { waits, .. }) => Answer::known(!waits),
            (Self::MirelsHigh, Scored::Mirels(score)) => Answer::known(score.min >= MIRELS_HIGH),
            (Self::MirelsReachesHigh, Scored::Mirels(score)) => {
                Answer::known(score.min < MIRELS_HIGH && score.max >= MIRELS_HIGH)
            }
            (Self::MirelsJustBelow, Scored::Mirels(score)) => {
                Answer::known(score.min == MIRELS_HIGH - 1 && score.max == MIRELS_HIGH - 1)
            }
            _ => Answer::NotOnRecord,
        }
    }

    fn asks(self) -> &'static [Fact] {
        match self {
            Self::Sins(_) => &[Fact::Sins],
            // A score that could not be read is not asked for; that is said where the row is used.
            Self::NoUsableSins | Self::NothingWaits => &[],
            Self::Symptomatic => SYMPTOMATIC,
            Self::MirelsHigh | Self::MirelsReachesHigh | Self::MirelsJustBelow => &[Fact::Mirels],
        }
    }
}

/// What a row asks for.
#[derive(Debug, Clone, Copy)]
pub(in crate::guideline) struct Ask {
    /// The act that the card names.
    pub(in crate::guideline) act: StabilityAct,
    /// It is proposed, and silences the row on patient-view once it is requested or done.
    pub(in crate::guideline) consult: Option<Consult>,
}

impl Ask {
    /// Whether the row asks for a score, or for the missing parts of one.
    pub(in crate::guideline) const fn asks_for_score(self) -> bool {
        matches!(
            self.act,
            StabilityAct::CompleteSins | StabilityAct::RecordSins | StabilityAct::CompleteMirels
        )
    }
}

impl Gives for Ask {
    fn offers(self) -> String {
        self.consult.offers()
    }
}

/// A row of the table.
pub(in crate::guideline) type Row = RowSpec<Test, Ask>;

/// The table.
#[rustfmt::skip]
pub(in crate::guideline) static ROWS: [Row; 7] = [
    Row { id: "stability/sins-surgery", when: &[Test::Sins(Band::Unstable)],
          code: Code::SinsSurgeryIndicated, indicator: Critical, gives: Ask { act: StabilityAct::SpineSurgery, consult: Some(Consult::SpineSurgery) }, statements: &["G-14", "G-17", "G-24"] },
    Row { id: "stability/sins-mdt", when: &[Test::Sins(Band::PotentiallyUnstable)],
          code: Code::SinsMdtConsult, indicator: Warning, gives: Ask { act: StabilityAct::Mdt, consult: Some(Consult::Mdt) }, statements: &["G-14", "G-16"] },
    Row { id: "stability/sins-indeterminate", when: &[Test::Sins(Band::Indeterminate)],
          code: Code::SinsIndeterminate, indicator: Warning, gives: Ask { act: StabilityAct::CompleteSins, consult: Some(Consult::Mdt) }, statements: &["G-14", "G-16"] },
    Row { id: "stability/sins-not-recorded", when: &[Test::NoUsableSins, Test::Symptomatic, Test::NothingWaits],
          code: Code::SinsNotRecorded, indicator: Info, gives: Ask { act: StabilityAct::RecordSins, consult: None }, statements: &["G-14"] },
    Row { id: "stability/mirels-high", when: &[Test::MirelsHigh],
          code: Code::MirelsHighFractureRisk, indicator: Warning, gives: Ask { act: StabilityAct::Orthopaedics, consult: Some(Consult::Orthopaedic) }, statements: &["G-18"] },
    Row { id: "stability/mirels-indeterminate", when: &[Test::MirelsReachesHigh],
          code: Code::MirelsIndeterminate, indicator: Info, gives: Ask { act: StabilityAct::CompleteMirels, consult: None }, statements: &["G-18"] },
    Row { id: "stability/mirels-borderline", when: &[Test::MirelsJustBelow],
          code: Code::MirelsBorderline, indicator: Info, gives: Ask { act: StabilityAct::WeighMirels, consult: None }, statements: &["G-18"] },
];

impl Row {
    /// The score that the row looks at.
    pub(in crate::guideline) fn scores(&self) -> Fact {
        let mirels = [Test::MirelsHigh, Test::MirelsReachesHigh, Test::MirelsJustBelow];
        if self.when.iter().any(|test| mirels.contains(test)) { Fact::Mirels } else { Fact::Sins }
    }
}

/// Stability.
pub(in crate::guideline) static TABLE: Table<Test, Ask> = Table {
    about: About {
        anchor: "stability",
        title: "Stability of the spine (SINS) and of long bones (Mirels)",
        first_decides: false,
        read: "Each lesion passes the table alone. SINS rows ask for documented spinal metastases, Mirels rows for documented bone metastases. The consult of a row, requested or done since the score, silences it when the chart is opened.",
        also: &[
            Fact::LifeExpectancy,
            Fact::Escc,
            Fact::SpineSurgeryConsult,
            Fact::MdtConsult,
            Fact::OrthopaedicConsult,
        ],
        notes: || {
            vec![
                format!("SINS {STABLE_MOST} or less is stable: no card, a line in the treatment card (G-15)."),
                "With parts missing a score is the interval from its least to its greatest possible total."
                    .to_owned(),
                "Of repeated scores of one level the latest counts, be it a total or components that settle a band. One without a date counts where it is no lower."
                    .to_owned(),
            ]
        },
    },
    rows: &ROWS,
    passes: trace::stability,
};
