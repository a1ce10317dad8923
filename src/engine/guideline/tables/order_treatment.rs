//! Section 3.8, the other rows: drafts for radiotherapy, spine surgery and zoledronic acid.

use super::regimen::{Before, GATE_FACTS, GateIs, RISK_FACTS, fracture_risk};
use super::row::{Answer, Condition, RowSpec};
use super::{About, SYMPTOMATIC, Table, adjunct};
use crate::domain::Technique;
use crate::guideline::advice::Indicator::{Critical, Info, Warning};
use crate::guideline::code::Code;
use crate::guideline::fact::Fact;
use crate::guideline::lesion::UNSTABLE_LEAST;
use crate::guideline::measure::Life;
use crate::guideline::regimen::{RISKY_FRACTION, single_fraction};
use crate::guideline::trace;

/// A draft for radiotherapy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) struct Radiotherapy {
    /// Its dose is 8 Gy in 1 fraction.
    pub(in crate::guideline) single_fraction: bool,
    pub(in crate::guideline) technique: Technique,
    /// Its dose per fraction raises the risk of fracture.
    pub(in crate::guideline) risky_fraction: bool,
    /// Whether dose and fractions are among the schemes.
    pub(in crate::guideline) listed: Option<bool>,
    pub(in crate::guideline) life: Life,
    /// A lesion at the site is unstable.
    pub(in crate::guideline) unstable: bool,
    pub(in crate::guideline) before: Before,
    pub(in crate::guideline) gate: GateIs,
    pub(in crate::guideline) fracture_risk: bool,
}

/// A condition of a row on radiotherapy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum OfRadiotherapy {
    /// 8 Gy in 1 fraction.
    SingleFraction,
    /// Not SBRT.
    NotSbrt,
    /// SBRT.
    Sbrt,
    /// SBRT with a dose per fraction that raises the risk of fracture.
    SbrtRiskyFraction,
    /// Conventional radiotherapy.
    Conventional,
    /// Life expectancy is in this class.
    Life(Life),
    /// A lesion at the site is unstable.
    Unstable,
    /// The site was irradiated before.
    Irradiated,
    /// The gate before SBRT is closed by a known finding.
    GateClosedByFinding,
    /// The gate before SBRT is closed by what is unknown.
    GateClosedByUnknown,
    /// A known risk factor of fracture.
    FractureRisk,
    /// Dose and fractions are outside of the schemes.
    NotListed,
    /// Not SBRT of a site that was irradiated before.
    Checked,
}

impl Condition for OfRadiotherapy {
    type Input = Radiotherapy;

    fn says(self) -> String {
        match self {
            Self::SingleFraction => single_fraction(),
            Self::NotSbrt => "not SBRT, whatever its stated intent".to_owned(),
            Self::Sbrt => "SBRT".to_owned(),
            Self::SbrtRiskyFraction => format!("SBRT above {} Gy per fraction", RISKY_FRACTION / 100),
            Self::Conventional => "conventional radiotherapy".to_owned(),
            Self::Life(life) => life.says(),
            Self::Unstable => format!("any radiotherapy; SINS min {UNSTABLE_LEAST} or more at the site"),
            Self::Irradiated => "prior radiotherapy at the site".to_owned(),
            Self::GateClosedByFinding => "the gate before SBRT is closed by a known finding".to_owned(),
            Self::GateClosedByUnknown => {
                "the gate before SBRT is closed by an unknown finding only".to_owned()
            }
            Self::FractureRisk => format!("{} at the site", fracture_risk()),
            Self::NotListed => "dose and fractions outside the listed schemes".to_owned(),
            Self::Checked => "SBRT at a site irradiated before is not checked".to_owned(),
        }
    }

    fn answer(self, it: &Radiotherapy) -> Answer {
        let sbrt = it.technique == Technique::Sbrt;
        match self {
            Self::SingleFraction => Answer::known(it.single_fraction),
            Self::NotSbrt => Answer::known(!sbrt),
            Self::Sbrt => Answer::known(sbrt),
            Self::SbrtRiskyFraction => Answer::known(sbrt && it.risky_fraction),
            Self::Conventional => Answer::known(it.technique == Technique::Conventional),
            Self::Life(life) => it.life.answer(life),
            Self::Unstable => Answer::on_record(it.unstable),
            Self::Irradiated if it.before == Before::Unknown => Answer::Unknown,
            Self::Irradiated => Answer::on_record(it.before == Before::Irradiated),
            Self::GateClosedByFinding => Answer::known(it.gate == GateIs::ClosedByFinding),
            Self::GateClosedByUnknown => Answer::known(it.gate == GateIs::ClosedByUnknown),
            Self::FractureRisk => Answer::on_record(it.fracture_risk),
            Self::NotListed => it.listed.map_or(Answer::Unknown, |listed| Answer::known(!listed)),
            Self::Checked => Answer::known(!(sbrt && it.before == Before::Irradiated)),
        }
    }

    fn asks(self) -> &'static [Fact] {
        match self {
            Self::SingleFraction
            | Self::NotSbrt
            | Self::Sbrt
            | Self::SbrtRiskyFraction
            | Self::Conventional
            | Self::NotListed => &[Fact::Order],
            Self::Life(_) => &[Fact::LifeExpectancy],
            Self::Unstable => &[Fact::Sins],
            Self::Irradiated | Self::Checked => &[Fact::PriorRadiotherapy],
            Self::GateClosedByFinding | Self::GateClosedByUnknown => GATE_FACTS,
            Self::FractureRisk => RISK_FACTS,
        }
    }
}

/// A row on radiotherapy.
pub(in crate::guideline) type RadiotherapyRow = RowSpec<OfRadiotherapy, &'static str>;

use OfRadiotherapy as Of;

/// 8 Gy in 1 fraction with a good prognosis.
pub(in crate::guideline) static EIGHT_GRAY_GOOD_PROGNOSIS: RadiotherapyRow = RowSpec {
    id: "order-radiotherapy/8gy-good-prognosis",
    when: &[Of::SingleFraction, Of::NotSbrt, Of::Life(Life::AtLeast3)],
    code: Code::Rt8gySingleGoodPrognosis,
    indicator: Warning,
    gives: "referral naming an SBRT scheme, where the regimen allows one; always: referral naming 20 to 30 Gy in several fractions",
    statements: &["G-64", "G-65"],
};

/// 8 Gy in 1 fraction, prognosis unknown.
pub(in crate::guideline) static EIGHT_GRAY_STATE_PROGNOSIS: RadiotherapyRow = RowSpec {
    id: "order-radiotherapy/8gy-state-prognosis",
    when: &[Of::SingleFraction, Of::NotSbrt, Of::Life(Life::Unknown)],
    code: Code::RtStatePrognosis,
    indicator: Info,
    gives: "",
    statements: &["G-64"],
};

/// Radiotherapy of an unstable spine.
pub(in crate::guideline) static UNSTABLE_SPINE: RadiotherapyRow = RowSpec {
    id: "order-radiotherapy/unstable-spine",
    when: &[Of::Unstable],
    code: Code::RtUnstableSpine,
    indicator: Critical,
    gives: "spine-surgery referral",
    statements: &["G-17", "G-20"],
};

/// Conventional radiotherapy of an irradiated site.
pub(in crate::guideline) static REIRRADIATION: RadiotherapyRow = RowSpec {
    id: "order-radiotherapy/reirradiation",
    when: &[Of::Conventional, Of::Irradiated],
    code: Code::RtReirradiationUseSbrt,
    indicator: Warning,
    gives: "referral for SBRT reirradiation",
    statements: &["G-40", "G-41"],
};

/// The gate before SBRT, closed by a finding.
pub(in crate::guideline) static GATE_BY_A_FINDING: RadiotherapyRow = RowSpec {
    id: "order-radiotherapy/gate",
    when: &[Of::Sbrt, Of::GateClosedByFinding],
    code: Code::SbrtConsultSurgeryFirst,
    indicator: Critical,
    gives: "spine-surgery referral",
    statements: &["G-60", "G-61", "G-62"],
};

/// The gate before SBRT, closed by what is unknown.
pub(in crate::guideline) static GATE_BY_THE_UNKNOWN: RadiotherapyRow = RowSpec {
    id: "order-radiotherapy/gate",
    when: &[Of::Sbrt, Of::GateClosedByUnknown],
    code: Code::SbrtConsultSurgeryFirst,
    indicator: Warning,
    gives: "spine-surgery referral",
    statements: &["G-60", "G-61", "G-62"],
};

/// A large fraction of SBRT where fracture is a risk.
pub(in crate::guideline) static VCF_RISK: RadiotherapyRow = RowSpec {
    id: "order-radiotherapy/vcf-risk",
    when: &[Of::SbrtRiskyFraction, Of::FractureRisk],
    code: Code::SbrtVcfRisk,
    indicator: Warning,
    gives: "",
    statements: &["G-54", "G-55", "G-56", "G-57", "G-58"],
};

/// Dose and fractions outside of the schemes.
pub(in crate::guideline) static NOT_LISTED: RadiotherapyRow = RowSpec {
    id: "order-radiotherapy/scheme-not-listed",
    when: &[Of::NotListed, Of::Checked],
    code: Code::RtSchemeNotListed,
    indicator: Info,
    gives: "",
    statements: &["G-32", "G-33", "G-34", "G-35", "G-36"],
};

/// The rows on radiotherapy.
pub(in crate::guideline) static RADIOTHERAPY_ROWS: [RadiotherapyRow; 8] = [
    EIGHT_GRAY_GOOD_PROGNOSIS,
    EIGHT_GRAY_STATE_PROGNOSIS,
    UNSTABLE_SPINE,
    REIRRADIATION,
    GATE_BY_A_FINDING,
    GATE_BY_THE_UNKNOWN,
    VCF_RISK,
    NOT_LISTED,
];

/// How the tables of this file are read.
const READ: &str = "One card an order, led by its worst, then first, row; every row that holds is shown. Consults silence nothing here, but a spine-surgery consult done opens the gate before SBRT.";

/// Drafts for radiotherapy.
pub(in crate::guideline) static RADIOTHERAPY: Table<OfRadiotherapy, &'static str> = Table {
    about: About {
        anchor: "order-radiotherapy",
        title: "Draft for radiotherapy",
        first_decides: false,
        read: READ,
        also: SYMPTOMATIC,
        notes: Vec::new,
    },
    rows: &RADIOTHERAPY_ROWS,
    passes: trace::order_radiotherapy,
};

/// A condition of a row on spine surgery: the class of life expectancy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) struct OfSurgery(Life);

impl Condition for OfSurgery {
    type Input = Life;

    fn says(self) -> String {
        self.0.says()
    }

    fn answer(self, life: &Life) -> Answer {
        life.answer(self.0)
    }

    fn asks(self) -> &'static [Fact] {
        &[Fact::LifeExpectancy]
    }
}

/// The rows on spine surgery.
#[rustfmt::skip]
pub(in crate::guideline) static SURGERY_ROWS: [RowSpec<OfSurgery, &'static str>; 2] = [
    RowSpec { id: "order-surgery/life-expectancy", when: &[OfSurgery(Life::Below3)],
              code: Code::SurgeryLifeExpectancy, indicator: Warning, gives: "", statements: &["G-43"] },
    RowSpec { id: "order-surgery/life-expectancy", when: &[OfSurgery(Life::Unknown)],
              code: Code::SurgeryLifeExpectancy, indicator: Info, gives: "", statements: &["G-43"] },
];

/// Drafts for spine surgery.
pub(in crate::guideline) static SURGERY: Table<OfSurgery, &'static str> = Table {
    about: About {
        anchor: "order-surgery",
        title: "Draft for spine surgery",
        first_decides: false,
        read: READ,
        also: &[Fact::Order],
        notes: Vec::new,
    },
    rows: &SURGERY_ROWS,
    passes: trace::order_surgery,
};

/// A draft for zoledronic acid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) struct Zoledronic {
    /// A known fact excludes it.
    pub(in crate::guideline) excluded: bool,
    /// A fact that may exclude it is missing.
    pub(in crate::guideline) missing: bool,
}

/// A condition of a row on zoledronic acid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum OfZoledronic {
    /// A known fact excludes it.
    Excluded,
    /// Only facts that may exclude it are missing.
    OnlyMissing,
}

impl Condition for OfZoledronic {
    type Input = Zoledronic;

    fn says(self) -> String {
        match self {
            Self::Excluded => {
                format!(
                    "{} excludes it by a known fact, or another bone agent is current",
                    adjunct::ZOLEDRONIC.id
                )
            }
            Self::OnlyMissing => "a fact that may exclude it is missing".to_owned(),
        }
    }

    fn answer(self, it: &Zoledronic) -> Answer {
        match self {
            Self::Excluded => Answer::on_record(it.excluded),
            Self::OnlyMissing => Answer::known(it.missing && !it.excluded),
        }
    }

    fn asks(self) -> &'static [Fact] {
        &[
            Fact::BoneAgent,
            Fact::Cancer,
            Fact::Pregnancy,
            Fact::BisphosphonateAllergy,
            Fact::CreatinineClearance,
            Fact::Calcium,
            Fact::ProstateProgressionOnHormones,
        ]
    }
}

/// The rows on zoledronic acid.
#[rustfmt::skip]
pub(in crate::guideline) static ZOLEDRONIC_ROWS: [RowSpec<OfZoledronic, &'static str>; 2] = [
    RowSpec { id: "order-zoledronic/check", when: &[OfZoledronic::Excluded],
              code: Code::ZoledronicAcidCheck, indicator: Warning, gives: "", statements: &["G-48", "G-49", "G-50"] },
    RowSpec { id: "order-zoledronic/check", when: &[OfZoledronic::OnlyMissing],
              code: Code::ZoledronicAcidCheck, indicator: Info, gives: "", statements: &["G-48", "G-49", "G-50"] },
];

/// Drafts for zoledronic acid.
pub(in crate::guideline) static ZOLEDRONIC: Table<OfZoledronic, &'static str> = Table {
    about: About {
        anchor: "order-zoledronic",
        title: "Draft for zoledronic acid",
        first_decides: false,
        read: READ,
        also: &[Fact::Order],
        notes: Vec::new,
    },
    rows: &ZOLEDRONIC_ROWS,
    passes: trace::order_zoledronic,
};
