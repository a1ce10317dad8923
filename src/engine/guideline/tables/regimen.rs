//! Section 3.6: the regimens of radiotherapy, and the gate before SBRT.
//!
//! Schemes are alternatives; none is ranked or recommended over another. Deliberately absent: any scheme for
//! reirradiation, because the guideline gives none.

use super::row::{Answer, Condition, RowSpec};
use super::{About, SYMPTOMATIC, Table};
use crate::guideline::advice::Indicator::{Info, Warning};
use crate::guideline::code::Code;
use crate::guideline::english;
use crate::guideline::fact::Fact;
use crate::guideline::lesion::STABLE_MOST;
use crate::guideline::measure::Life;
use crate::guideline::regimen::{RISKY_FRACTION, SBRT, single_fraction};
use crate::guideline::regimen_card::SHORT_INTERVAL;
use crate::guideline::trace;

/// What is known of radiotherapy at the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Before {
    /// None on record.
    Never,
    /// Irradiated before.
    Irradiated,
    /// Not everything that may tell of it could be read.
    Unknown,
}

/// The gate before SBRT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum GateIs {
    /// Open.
    Open,
    /// Closed by a known finding.
    ClosedByFinding,
    /// Closed by what is not known.
    ClosedByUnknown,
}

/// What passes the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) struct Radiotherapy {
    pub(in crate::guideline) before: Before,
    pub(in crate::guideline) sbrt_available: bool,
    pub(in crate::guideline) life: Life,
    /// It progressed after that radiotherapy, or findings began after it and progression is not recorded as no.
    pub(in crate::guideline) progressed: bool,
    pub(in crate::guideline) gate: GateIs,
    /// A known risk factor of fracture.
    pub(in crate::guideline) fracture_risk: bool,
}

/// A condition of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Test {
    /// No radiotherapy at the site.
    NeverIrradiated,
    /// Radiotherapy at the site.
    Irradiated,
    /// Progression since.
    Progressed,
    /// The site has SBRT.
    SbrtAvailable,
    /// Life expectancy below 3 months.
    LifeShort,
    /// Life expectancy at least 3 months, or unknown.
    LifeNotShort,
    /// A row that names SBRT holds.
    SbrtOnCard,
    /// The row of SBRT at a site that was not irradiated holds.
    SbrtDeNovo,
    /// The gate is closed.
    GateClosed,
    /// A known risk factor of fracture.
    FractureRisk,
}

/// What closes the gate before SBRT, in words.
fn gate() -> String {
    format!(
        "SINS max is {} or more or unknown, or there is a vertebral fracture of any cause or it is unknown, or any sign of MESCC; and no spine-surgery consult done since. What has no date is met by a consult of the look-back",
        STABLE_MOST + 1
    )
}

/// What raises the risk of fracture, in words.
pub(super) fn fracture_risk() -> String {
    format!("significant lytic disease, a vertebral fracture, or SINS min {} or more", STABLE_MOST + 1)
}

/// The facts that close the gate.
pub(super) const GATE_FACTS: &[Fact] = &[
    Fact::Sins,
    Fact::BaselineVcf,
    Fact::MesccSigns,
    Fact::Escc,
    Fact::LocalBackPain,
    Fact::RadicularPain,
    Fact::Deficit,
    Fact::SpineSurgeryConsult,
];

/// The facts that raise the risk of fracture.
pub(super) const RISK_FACTS: &[Fact] = &[Fact::SignificantLyticDisease, Fact::BaselineVcf, Fact::Sins];

impl Radiotherapy {
    /// SBRT at a site that was not irradiated.
    const fn de_novo(self) -> bool {
        self.sbrt_available && matches!(self.before, Before::Never)
    }

    /// SBRT at a site irradiated before.
    const fn again(self) -> bool {
        self.sbrt_available && self.progressed && matches!(self.before, Before::Irradiated)
    }
}

impl Condition for Test {
    type Input = Radiotherapy;

    fn says(self) -> String {
        match self {
            Self::NeverIrradiated => "no prior radiotherapy at the site".to_owned(),
            Self::Irradiated => "prior radiotherapy at the site".to_owned(),
            Self::Progressed => "progression recorded, or current findings began after that course and progression is not recorded as no".to_owned(),
            Self::SbrtAvailable => "SBRT available".to_owned(),
            Self::LifeShort => format!("{}: {} is named too", Life::Below3.says(), single_fraction()),
            Self::LifeNotShort => {
                format!("{} or unknown: {} is not named", Life::AtLeast3.says(), single_fraction())
            }
            Self::SbrtOnCard => "SBRT is on the card".to_owned(),
            Self::SbrtDeNovo => SBRT_DE_NOVO.id.to_owned(),
            Self::GateClosed => gate(),
            Self::FractureRisk => fracture_risk(),
        }
    }

    fn answer(self, it: &Radiotherapy) -> Answer {
        match self {
            Self::NeverIrradiated | Self::Irradiated if it.before == Before::Unknown => Answer::Unknown,
            Self::NeverIrradiated => Answer::known(it.before == Before::Never),
            Self::Irradiated => Answer::on_record(it.before == Before::Irradiated),
            Self::Progressed => Answer::on_record(it.progressed),
            Self::SbrtAvailable => Answer::known(it.sbrt_available),
            Self::LifeShort => it.life.answer(Life::Below3),
            Self::LifeNotShort => Answer::known(it.life != Life::Below3),
            Self::SbrtOnCard => Answer::known(it.de_novo() || it.again()),
            Self::SbrtDeNovo => Answer::known(it.de_novo()),
            Self::GateClosed => Answer::known(it.gate != GateIs::Open),
            Self::FractureRisk => Answer::on_record(it.fracture_risk),
        }
    }

    fn asks(self) -> &'static [Fact] {
        match self {
            Self::NeverIrradiated | Self::Irradiated => &[Fact::PriorRadiotherapy],
            Self::Progressed => &[Fact::ProgressionAfterRadiotherapy],
            Self::LifeShort | Self::LifeNotShort => &[Fact::LifeExpectancy],
            Self::GateClosed => GATE_FACTS,
            Self::FractureRisk => RISK_FACTS,
            Self::SbrtAvailable | Self::SbrtOnCard | Self::SbrtDeNovo => &[],
        }
    }
}

/// A row of the table.
pub(in crate::guideline) type Row = RowSpec<Test, &'static str>;

/// Schemes of SBRT beside conventional radiotherapy.
pub(in crate::guideline) static SBRT_DE_NOVO: Row = RowSpec {
    id: "regimen/sbrt-de-novo",
    when: &[Test::NeverIrradiated, Test::SbrtAvailable],
    code: Code::SbrtDeNovo,
    indicator: Info,
    gives: "one referral to radiation oncology with all schemes in its note, SBRT and conventional, none ranked; none with a closed gate",
    statements: &["G-02", "G-30", "G-31", "G-32", "G-33", "G-34", "G-35", "G-67", "G-68"],
};

/// Conventional radiotherapy, 8 Gy in 1 fraction not named.
pub(in crate::guideline) static CEBRT: Row = RowSpec {
    id: "regimen/cebrt",
    when: &[Test::NeverIrradiated, Test::LifeNotShort],
    code: Code::CebrtPalliative,
    indicator: Info,
    gives: "radiation-oncology referral where SBRT is not available",
    statements: &["G-36", "G-37", "G-38", "G-64", "G-65"],
};

/// Conventional radiotherapy, 8 Gy in 1 fraction among its schemes.
pub(in crate::guideline) static CEBRT_SHORT: Row = RowSpec {
    id: "regimen/cebrt",
    when: &[Test::NeverIrradiated, Test::LifeShort],
    code: Code::CebrtPalliative,
    indicator: Info,
    gives: "radiation-oncology referral where SBRT is not available",
    statements: &["G-36", "G-37", "G-38"],
};

/// SBRT at a site irradiated before.
pub(in crate::guideline) static SBRT_REIRRADIATION: Row = RowSpec {
    id: "regimen/sbrt-reirradiation",
    when: &[Test::Irradiated, Test::Progressed, Test::SbrtAvailable],
    code: Code::SbrtReirradiation,
    indicator: Info,
    gives: "radiation-oncology referral for SBRT reirradiation, without a dose; none with a closed gate",
    statements: &["G-39", "G-40", "G-41", "G-42", "G-66", "G-67", "G-68", "G-59"],
};

/// Spine surgery is asked first.
pub(in crate::guideline) static GATE: Row = RowSpec {
    id: "regimen/gate",
    when: &[Test::SbrtOnCard, Test::GateClosed],
    code: Code::SbrtConsultSurgeryFirst,
    indicator: Warning,
    gives: "spine-surgery referral instead of the schemes",
    statements: &["G-60", "G-61", "G-62"],
};

/// Risk factors of fracture are named.
pub(in crate::guideline) static VCF_RISK: Row = RowSpec {
    id: "regimen/vcf-risk",
    when: &[Test::SbrtDeNovo, Test::FractureRisk],
    code: Code::SbrtVcfRisk,
    indicator: Info,
    gives: "",
    statements: &["G-54", "G-55", "G-56", "G-57", "G-58"],
};

/// The table.
pub(in crate::guideline) static ROWS: [Row; 6] =
    [SBRT_DE_NOVO, CEBRT, CEBRT_SHORT, SBRT_REIRRADIATION, GATE, VCF_RISK];

/// The regimen.
pub(in crate::guideline) static TABLE: Table<Test, &'static str> = Table {
    about: About {
        anchor: "regimen",
        title: "Regimen of radiotherapy",
        first_decides: false,
        read: "Only beside modality/5 and modality/6. Every row that holds is shown.",
        also: SYMPTOMATIC,
        notes: || {
            let schemes: Vec<String> =
                SBRT.iter().map(|s| format!("{} ({})", english::scheme(s), s.statement)).collect();
            vec![
                format!("Schemes, none ranked: {}.", schemes.join("; ")),
                format!(
                    "More than {} Gy in one fraction raises the risk of fracture; exactly that does not.",
                    RISKY_FRACTION / 100
                ),
                format!(
                    "Reirradiation less than 5 months ({} days) after the last course, or after an unknown time, carries a caution.",
                    SHORT_INTERVAL.num_days()
                ),
                "Where a risk of fracture is known, the single-fraction scheme is annotated.".to_owned(),
                "Beside findings with a date, one without is met by a consult within the look-back of symptoms."
                    .to_owned(),
            ]
        },
    },
    rows: &ROWS,
    passes: trace::regimen,
};
