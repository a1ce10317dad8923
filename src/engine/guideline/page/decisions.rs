//! The decisions of the page, table by table, from the constants that evaluate.
//!
//! Deliberately absent: the order check ([`super::orders`]), and how it is written down ([`super::markdown`],
//! [`super::html`]).

use super::{Decision, PrintedRow, orders};
use crate::guideline::Fact;
use crate::guideline::row::CodedRow;
use crate::guideline::say::SignName;
use crate::guideline::tables::{self, AnyTable, PRESENTED};
use crate::guideline::{adjunct, english, mescc, mescc_treatment, questions, regimen, regimen_card};

/// The decisions, in the order in which they are made.
pub(super) fn all() -> Vec<Decision> {
    vec![
        mescc_state(),
        tables::mri_timing::TABLE.printed(),
        mescc_treatment(),
        tables::stability::TABLE.printed(),
        tables::modality::TABLE.printed(),
        regimen(),
        adjunct(),
        orders::imaging(),
        orders::radiotherapy(),
        orders::treatment("order-surgery", "Draft for spine surgery", &[Fact::Order, Fact::LifeExpectancy]),
        orders::treatment(
            "order-zoledronic",
            "Draft for zoledronic acid",
            &[
                Fact::BoneAgent,
                Fact::Order,
                Fact::BisphosphonateAllergy,
                Fact::CreatinineClearance,
                Fact::Calcium,
                Fact::ProstateProgressionOnHormones,
            ],
        ),
    ]
}

fn mescc_state() -> Decision {
    let names = |signs: &[crate::domain::Sign]| {
        let names: Vec<&str> = signs.iter().map(|sign| english::sign(SignName::One(*sign))).collect();
        names.join(", ")
    };
    Decision {
        anchor: "mescc",
        title: "Cord compression (MESCC): suspected, imaged, in question",
        first_decides: false,
        read: "Every row that holds is shown; they share one card with the MRI row.",
        looks_at: PRESENTED.to_vec(),
        rows: coded(&questions::ROWS),
        notes: vec![
            format!(
                "MESCC is suspected by a specific sign: {}, weakness of both legs, bilateral radicular deficit or pain, ESCC 2 or 3.",
                names(&mescc::SPECIFIC)
            ),
            format!(
                "Or by a non-specific sign together with back pain, radicular pain, or documented or suspected spinal metastases: {}, {}.",
                names(&mescc::NON_SPECIFIC),
                english::sign(SignName::OtherWeakness)
            ),
            "Confirmed: ESCC 2 or 3, or a cord-compression diagnosis with adequate MRI. Excluded: adequate MRI since onset with ESCC 0 to 1b, or the suspicion withdrawn after sign and MRI; what is confirmed stays confirmed when a suspicion is withdrawn.".to_owned(),
            "Each sign is judged by itself.".to_owned(),
            "A sign that began before the look-back and that nobody recorded as worse since only asks; an old cord-compression diagnosis that is coded again confirms nothing.".to_owned(),
            "A cord-compression diagnosis recorded at or after an MRI that was read as ESCC 0 to 1b is suspected: it asks for a new MRI, with the clock from the diagnosis.".to_owned(),
            "A pain recorded later does not revive a sign that an MRI excluded; it takes its own row.".to_owned(),
            "The latest grade speaks of the latest whole-spine MRI at or before it, and it answers every sign that this MRI answers.".to_owned(),
            format!(
                "A result that nobody recorded is asked for until {} hours after the MRI as critical, until {} days as a warning, until {} days for information. Then the MRI has answered the sign, and treatment is decided without waiting.",
                questions::RESULT_CRITICAL.num_hours(),
                questions::RESULT_WARNING.num_days(),
                questions::RESULT_INFO.num_days()
            ),
            "A suspicion of metastases older than its look-back keeps the patient at risk like a cancer of the past; it makes nothing suspected.".to_owned(),
        ],
    }
}

fn mescc_treatment() -> Decision {
    Decision {
        anchor: "mescc-treatment",
        title: "Treatment of suspected or confirmed MESCC",
        first_decides: false,
        read: "Every row that holds is shown.",
        looks_at: vec![
            Fact::LocalBackPain,
            Fact::RadicularPain,
            Fact::Deficit,
            Fact::Escc,
            Fact::SpineMri,
            Fact::LifeExpectancy,
            Fact::SpineSurgeryConsult,
            Fact::RadiationOncologyConsult,
        ],
        rows: coded(&mescc_treatment::ROWS)
            .into_iter()
            .map(|row| match row.id {
                id if id == mescc_treatment::NO_SURGERY.id => {
                    PrintedRow { what: "Surgery leaves the list", ..row }
                }
                _ => row,
            })
            .collect(),
        notes: vec![format!(
            "Treatment is due {} hours after presentation.",
            mescc_treatment::TREAT_WITHIN.num_hours()
        )],
    }
}

fn regimen() -> Decision {
    let schemes: Vec<String> = regimen::SBRT
        .iter()
        .map(|scheme| format!("{} ({})", english::scheme(scheme), scheme.statement))
        .collect();
    Decision {
        anchor: "regimen",
        title: "Regimen of radiotherapy",
        first_decides: false,
        read: "Only beside modality/5 and modality/6. Every row that holds is shown.",
        looks_at: vec![
            Fact::PriorRadiotherapy,
            Fact::ProgressionAfterRadiotherapy,
            Fact::LifeExpectancy,
            Fact::LocalBackPain,
            Fact::RadicularPain,
            Fact::Deficit,
            Fact::Sins,
            Fact::Escc,
            Fact::BaselineVcf,
            Fact::SignificantLyticDisease,
            Fact::SpineSurgeryConsult,
        ],
        rows: coded(&regimen::ROWS),
        notes: vec![
            format!("Schemes, none ranked: {}.", schemes.join("; ")),
            format!(
                "More than {} Gy in one fraction raises the risk of fracture; exactly that does not.",
                regimen::RISKY_FRACTION / 100
            ),
            format!(
                "Reirradiation less than 5 months ({} days) after the last course, or after an unknown time, carries a caution.",
                regimen_card::SHORT_INTERVAL.num_days()
            ),
            "Where a risk of fracture is known, the single-fraction scheme is annotated.".to_owned(),
            "Beside findings with a date, one without is met by a consult within the look-back of symptoms."
                .to_owned(),
        ],
    }
}

fn adjunct() -> Decision {
    let millilitres = |hundredths: u32| f64::from(hundredths) / 100.0;
    let doses: Vec<String> = adjunct::DOSES
        .iter()
        .map(|(least, dose)| match least % 100 {
            0 => format!("from {} mL/min {dose}", millilitres(*least)),
            _ => format!("above {} mL/min {dose}", least / 100),
        })
        .collect();
    Decision {
        anchor: "adjunct",
        title: "Adjuncts: zoledronic acid and vertebroplasty",
        first_decides: false,
        read: "One card for all rows that hold; it waits while an MRI row holds.",
        looks_at: vec![
            Fact::AntineoplasticTherapy,
            Fact::BoneAgent,
            Fact::BisphosphonateAllergy,
            Fact::CreatinineClearance,
            Fact::Calcium,
            Fact::ProstateProgressionOnHormones,
            Fact::MechanicalPain,
            Fact::BaselineVcf,
            Fact::Deficit,
        ],
        rows: coded(&adjunct::ROWS),
        notes: vec![
            format!(
                "Creatinine clearance below {} mL/min excludes zoledronic acid. Doses of the US label: {}.",
                millilitres(adjunct::LEAST_CLEARANCE),
                doses.join(", ")
            ),
            "A tumour of the past counts as a primary tumour. One whose kind its code does not tell is a missing fact.".to_owned(),
        ],
    }
}

fn coded(rows: &[CodedRow]) -> Vec<PrintedRow> {
    rows.iter().map(coded_row).collect()
}

pub(super) fn coded_row(row: &CodedRow) -> PrintedRow {
    PrintedRow {
        id: row.id,
        holds: (row.holds)(),
        what: row.code.what(),
        code: row.code.as_str(),
        indicator: row.indicator.word().to_owned(),
        offers: row.offers.to_owned(),
        statements: row.statements,
    }
}
