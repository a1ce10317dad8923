//! The decisions of the page, table by table, from the constants that evaluate.
//!
//! Deliberately absent: the order check ([`super::orders`]), and how it is written down ([`super::markdown`],
//! [`super::html`]).

use super::words::{self, indicator, referral};
use super::{Decision, PrintedRow, orders};
use crate::guideline::Fact;
use crate::guideline::row::CodedRow;
use crate::guideline::{
    adjunct, lesion, measure, mescc, mescc_treatment, modality, mri_timing, questions, regimen, regimen_card,
    stability,
};

/// What a patient presents with, and what is imaged and ordered.
pub(super) const PRESENTED: &[Fact] = &[
    Fact::LocalBackPain,
    Fact::RadicularPain,
    Fact::RadicularPainSide,
    Fact::Deficit,
    Fact::DeficitOnset,
    Fact::DeficitProgression,
    Fact::DeficitSide,
    Fact::Presentation,
    Fact::Escc,
    Fact::SpineMri,
    Fact::SpineMriOrders,
    Fact::MriSafety,
];

/// The decisions, in the order in which they are made.
pub(super) fn all() -> Vec<Decision> {
    vec![
        mescc_state(),
        mri_timing(),
        mescc_treatment(),
        stability(),
        modality(),
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
    let names = |signs: &[(crate::domain::Sign, &'static str)]| {
        signs.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    };
    Decision {
        anchor: "mescc",
        title: "Cord compression (MESCC): suspected, imaged, in question",
        read: "Every row that holds is shown; they share one card with the MRI row.",
        looks_at: PRESENTED,
        rows: coded(&questions::ROWS),
        notes: vec![
            format!(
                "MESCC is suspected by a specific sign: {}, weakness of both legs, bilateral radicular deficit or pain, ESCC 2 or 3.",
                names(&mescc::SPECIFIC)
            ),
            format!(
                "Or by a non-specific sign together with back pain, radicular pain, or documented or suspected spinal metastases: {}, {}.",
                names(&mescc::NON_SPECIFIC),
                mescc::OTHER_WEAKNESS
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

fn mri_timing() -> Decision {
    let rows = mri_timing::ROWS
        .iter()
        .map(|row| {
            let window = match row.window {
                Some(_) => format!("within {}; ", row.within),
                None => String::new(),
            };
            let comfort = if row.stays_in_comfort_care() { "" } else { "; silent in comfort care" };
            PrintedRow {
                id: row.id,
                holds: words::mri_timing(row),
                what: row.code.what(),
                code: row.code.as_str(),
                indicator: indicator(row.indicator).to_owned(),
                offers: format!("{window}order of priority {}{comfort}", row.priority.code()),
                statements: row.statements,
            }
        })
        .collect();
    Decision {
        anchor: "mri-timing",
        title: "How soon the MRI of the whole spine",
        read: "Each finding passes the table alone; the first row that any of them reaches holds. Adequate imaging answers a finding.",
        looks_at: PRESENTED,
        rows,
        notes: vec![
            "A stable or improving radicular deficit is an extension of the summary, shown as such."
                .to_owned(),
            "An onset given as a date takes the shortest time that it allows.".to_owned(),
            "Where onset and MRI both have a time, the times decide, whatever the date of recording looks like. Of a date without a time and a time on that day the time counts.".to_owned(),
            "The clock starts with the earliest record of the row's findings. One more record never makes it later; the first record of worse restarts it, a note of stable or improving and further records of worse do not. Of a finding that got worse after its MRI, what is worse counts.".to_owned(),
            "A date without a day starts the clock with its last day, or now; a date in the future starts it now.".to_owned(),
            "A whole-spine MRI that is ordered in time silences the row when the chart is opened.".to_owned(),
        ],
    }
}

fn mescc_treatment() -> Decision {
    Decision {
        anchor: "mescc-treatment",
        title: "Treatment of suspected or confirmed MESCC",
        read: "Every row that holds is shown.",
        looks_at: &[
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

fn stability() -> Decision {
    let rows = stability::ROWS
        .iter()
        .map(|row| PrintedRow {
            id: row.id,
            holds: words::scored(row.scored),
            what: row.code.what(),
            code: row.code.as_str(),
            indicator: indicator(row.indicator).to_owned(),
            offers: referral(row.consult).to_owned(),
            statements: row.statements,
        })
        .collect();
    Decision {
        anchor: "stability",
        title: "Stability of the spine (SINS) and of long bones (Mirels)",
        read: "Each lesion passes the table alone. SINS rows ask for documented spinal metastases, Mirels rows for documented bone metastases. The consult of a row, requested or done since the score, silences it when the chart is opened.",
        looks_at: &[
            Fact::Sins,
            Fact::Mirels,
            Fact::LifeExpectancy,
            Fact::LocalBackPain,
            Fact::RadicularPain,
            Fact::Deficit,
            Fact::Escc,
            Fact::MechanicalPain,
            Fact::BaselineVcf,
            Fact::SpineSurgeryConsult,
            Fact::MdtConsult,
            Fact::OrthopaedicConsult,
        ],
        rows,
        notes: vec![
            format!(
                "SINS {} or less is stable: no card, a line in the treatment card (G-15).",
                lesion::STABLE_MOST
            ),
            "With parts missing a score is the interval from its least to its greatest possible total."
                .to_owned(),
            "Of repeated scores of one level the latest counts, be it a total or a whole set of components. "
                .to_owned(),
        ],
    }
}

fn modality() -> Decision {
    let rows = modality::ROWS.iter().map(|row| PrintedRow {
        id: row.id,
        holds: words::modality(row),
        what: row.code.what(),
        code: row.code.as_str(),
        indicator: indicator(row.indicator).to_owned(),
        offers: modality_offers(row.code).to_owned(),
        statements: row.statements,
    });
    let mut rows: Vec<PrintedRow> = rows.collect();
    rows.splice(0..0, coded(std::slice::from_ref(&stability::CONFLICT)));
    let months = |hundredths: u32| hundredths / 100;
    Decision {
        anchor: "modality",
        title: "Modality: surgery, radiotherapy or systemic therapy",
        read: "Adults with documented spinal metastases and no untreated MESCC. The first row that holds.",
        looks_at: &[
            Fact::Sins,
            Fact::LifeExpectancy,
            Fact::Performance,
            Fact::PriorRadiotherapy,
            Fact::ProgressionAfterRadiotherapy,
            Fact::ReirradiationFeasible,
            Fact::DeteriorationDespiteRadiotherapy,
            Fact::CorticosteroidsGiven,
            Fact::AreaAmenableToSurgery,
            Fact::MechanicalPain,
            Fact::BaselineVcf,
            Fact::LocalBackPain,
            Fact::RadicularPain,
            Fact::Deficit,
            Fact::Escc,
            Fact::AntineoplasticTherapy,
            Fact::RadiationOncologyConsult,
            Fact::MdtConsult,
        ],
        rows,
        notes: vec![
            format!(
                "Surgery indication: SINS min {} or more (G-24); or prior radiotherapy at the site, progression after it, and repeat radiation recorded as not feasible (G-25); or deterioration despite radiotherapy and corticosteroids, both recorded (G-26).",
                lesion::UNSTABLE_LEAST
            ),
            format!(
                "Radiotherapy criteria: tolerable, or ECOG 0 to {}, or Karnofsky {} or more (G-19; worse scores ask, they do not exclude); SINS max {} or less (G-20); not irradiated before at the site, or SBRT available (G-21); life expectancy at least {} month (G-22; in reirradiation unknown counts as enough, G-66).",
                measure::ECOG_MOST,
                measure::KARNOFSKY_LEAST,
                lesion::STABLE_MOST,
                months(measure::ONE_MONTH)
            ),
            format!(
                "Life expectancy is held against {} months; a range that straddles them is unknown. By itself it recommends nothing.",
                months(measure::THREE_MONTHS)
            ),
            "Systemic therapy first: active myeloma not in remission, or aggressive lymphoma, without current antineoplastic therapy. Another lymphoma, a germ-cell or a small-cell tumour is a line: ask oncology.".to_owned(),
            "Irradiated before at the site without progression, rows 5 and 6 give way to row 7: the guideline names no regimen. Row 3 and row 7 wait while an MRI row holds.".to_owned(),
            "A radiation-oncology or multidisciplinary consult since metastases, symptoms and progression silences rows 5 to 7 when the chart is opened. Metastases count as documented by a Condition, else, in myeloma and lymphoma, by the fracture or the first score; mechanical pain and pathological fracture are symptoms. Where none of these has a date, a consult within the look-back of symptoms silences.".to_owned(),
            "A traumatic or osteoporotic fracture of a vertebra, and the sequela of one, is a fracture at baseline; it is no symptom.".to_owned(),
        ],
    }
}

const fn modality_offers(code: crate::guideline::Code) -> &'static str {
    use crate::guideline::Code;
    match code {
        Code::SurgeryPreferred => "spine-surgery referral",
        Code::SurgeryCandidacyConflict | Code::ModalityUndetermined => "multidisciplinary referral",
        Code::RadiotherapyPreferred | Code::RadiotherapyPreferredProvisional => "those of the regimen",
        _ => "",
    }
}

fn regimen() -> Decision {
    let schemes: Vec<String> =
        regimen::SBRT.iter().map(|scheme| format!("{} ({})", scheme.text, scheme.statement)).collect();
    Decision {
        anchor: "regimen",
        title: "Regimen of radiotherapy",
        read: "Only beside modality/5 and modality/6. Every row that holds is shown.",
        looks_at: &[
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
        read: "One card for all rows that hold; it waits while an MRI row holds.",
        looks_at: &[
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
        indicator: indicator(row.indicator).to_owned(),
        offers: row.offers.to_owned(),
        statements: row.statements,
    }
}
