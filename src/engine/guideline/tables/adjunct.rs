//! Section 3.7: zoledronic acid and vertebroplasty, one card.
//!
//! Deliberately absent: any other bone agent, and whether a patient is fit for a procedure: the operator judges that.

use super::judged::{Asked, Judged};
use super::row::{Answer, Condition, RowSpec};
use super::{About, Table};
use crate::domain::Judgement;
use crate::guideline::adjunct::{DOSES, LEAST_CLEARANCE};
use crate::guideline::advice::Indicator::Info;
use crate::guideline::code::Code;
use crate::guideline::fact::Fact;
use crate::guideline::trace;

/// What passes the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) struct Adjuncts {
    /// Myeloma, or documented bone metastases.
    pub(in crate::guideline) bone_disease: bool,
    /// Antineoplastic therapy is current.
    pub(in crate::guideline) therapy: bool,
    /// A bone agent is current.
    pub(in crate::guideline) bone_agent: bool,
    /// A known fact excludes zoledronic acid.
    pub(in crate::guideline) excluded: bool,
    /// A fact that may exclude it is missing.
    pub(in crate::guideline) missing: bool,
    /// The yes/no judgements.
    pub(in crate::guideline) judged: Judged,
    /// A vertebral fracture.
    pub(in crate::guideline) fracture: bool,
    /// A deficit, or one that a treatment covers.
    pub(in crate::guideline) deficit: bool,
    /// A sign of MESCC.
    pub(in crate::guideline) sign: bool,
}

/// A condition of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Test {
    /// Myeloma, or documented bone metastases.
    BoneDisease,
    /// Antineoplastic therapy is current.
    Therapy,
    /// No bone agent is current.
    NoBoneAgent,
    /// Nothing known excludes zoledronic acid.
    NotExcluded,
    /// Everything that may exclude it is known.
    AllKnown,
    /// Something that may exclude it is missing.
    SomethingMissing,
    /// A judgement is answered so.
    Judged(Asked),
    /// A vertebral fracture.
    Fracture,
    /// No deficit and no sign of MESCC.
    NoDeficit,
}

/// What excludes zoledronic acid beside a bone agent.
const EXCLUDES: &[Fact] = &[
    Fact::BisphosphonateAllergy,
    Fact::Pregnancy,
    Fact::CreatinineClearance,
    Fact::Calcium,
    Fact::Cancer,
    Fact::ProstateProgressionOnHormones,
];

impl Condition for Test {
    type Input = Adjuncts;

    fn says(self) -> String {
        match self {
            Self::BoneDisease => "myeloma, or documented bone metastases of a solid tumour".to_owned(),
            Self::Therapy => "current antineoplastic therapy".to_owned(),
            Self::NoBoneAgent => "no current bone agent".to_owned(),
            Self::NotExcluded => "none of: bisphosphonate allergy, pregnancy, creatinine clearance too low, calcium low, lymphoma or leukaemia as the only tumour, prostate cancer in any state (active, remission, history) without documented progression on hormones".to_owned(),
            Self::AllKnown => "all of these known".to_owned(),
            Self::SomethingMissing => "some of these not known".to_owned(),
            Self::Judged(asked) => asked.says(),
            Self::Fracture => "a vertebral fracture".to_owned(),
            Self::NoDeficit => "no deficit and no sign of MESCC".to_owned(),
        }
    }

    fn answer(self, it: &Adjuncts) -> Answer {
        match self {
            Self::BoneDisease => Answer::on_record(it.bone_disease),
            Self::Therapy => Answer::on_record(it.therapy),
            Self::NoBoneAgent => Answer::known(!it.bone_agent),
            Self::NotExcluded => Answer::known(!it.excluded),
            Self::AllKnown if it.missing => Answer::Unknown,
            Self::AllKnown => Answer::Yes,
            Self::SomethingMissing => Answer::known(it.missing),
            Self::Judged(asked) => asked.answer(it.judged),
            Self::Fracture => Answer::on_record(it.fracture),
            Self::NoDeficit => Answer::known(!it.deficit && !it.sign),
        }
    }

    fn asks(self) -> &'static [Fact] {
        match self {
            Self::BoneDisease => &[Fact::Cancer, Fact::BoneMetastases],
            Self::Therapy => &[Fact::AntineoplasticTherapy],
            Self::NoBoneAgent => &[Fact::BoneAgent],
            Self::NotExcluded | Self::AllKnown | Self::SomethingMissing => EXCLUDES,
            Self::Judged(asked) => asked.asks(),
            Self::Fracture => &[Fact::BaselineVcf],
            Self::NoDeficit => &[Fact::Deficit, Fact::MesccSigns],
        }
    }

    fn judges(self) -> Option<Asked> {
        if let Self::Judged(asked) = self { Some(asked) } else { None }
    }
}

/// A row of the table.
pub(in crate::guideline) type Row = RowSpec<Test, &'static str>;

/// Zoledronic acid fits.
pub(in crate::guideline) static ZOLEDRONIC: Row = RowSpec {
    id: "adjunct/zoledronic",
    when: &[Test::BoneDisease, Test::Therapy, Test::NoBoneAgent, Test::NotExcluded, Test::AllKnown],
    code: Code::ZoledronicAcidEligible,
    indicator: Info,
    gives: "",
    statements: &["G-48", "G-49", "G-50"],
};

/// Zoledronic acid may fit.
pub(in crate::guideline) static ZOLEDRONIC_FACTS: Row = RowSpec {
    id: "adjunct/zoledronic-facts",
    when: &[Test::BoneDisease, Test::Therapy, Test::NoBoneAgent, Test::NotExcluded, Test::SomethingMissing],
    code: Code::ZoledronicAcidNeedsFacts,
    indicator: Info,
    gives: "a line in a card that is there anyway, never a card of its own",
    statements: &["G-48", "G-49", "G-50"],
};

/// Vertebroplasty may help.
pub(in crate::guideline) static VERTEBROPLASTY: Row = RowSpec {
    id: "adjunct/vertebroplasty",
    when: &[Test::Judged(Asked(Judgement::MechanicalPain, &[Some(true)])), Test::Fracture, Test::NoDeficit],
    code: Code::VertebroplastyConsider,
    indicator: Info,
    gives: "",
    statements: &["G-51", "G-52", "G-53"],
};

/// The table.
pub(in crate::guideline) static ROWS: [Row; 3] = [ZOLEDRONIC, ZOLEDRONIC_FACTS, VERTEBROPLASTY];

/// Adjuncts.
pub(in crate::guideline) static TABLE: Table<Test, &'static str> = Table {
    about: About {
        anchor: "adjunct",
        title: "Adjuncts: zoledronic acid and vertebroplasty",
        first_decides: false,
        read: "One card for all rows that hold; it waits while an MRI row holds.",
        also: &[],
        notes: || {
            let millilitres = |hundredths: u32| f64::from(hundredths) / 100.0;
            let doses: Vec<String> = DOSES
                .iter()
                .map(|(least, dose)| match least % 100 {
                    0 => format!("from {} mL/min {dose}", millilitres(*least)),
                    _ => format!("above {} mL/min {dose}", least / 100),
                })
                .collect();
            vec![
                format!(
                    "Creatinine clearance below {} mL/min excludes zoledronic acid. Doses of the US label: {}.",
                    millilitres(LEAST_CLEARANCE),
                    doses.join(", ")
                ),
                "A metastasis is no primary tumour. A tumour of the past counts as a primary tumour. One whose kind its code does not tell is a missing fact.".to_owned(),
            ]
        },
    },
    rows: &ROWS,
    passes: trace::adjunct,
};
