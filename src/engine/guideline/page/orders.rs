//! The order check on the page.

use super::decisions::coded_row;
use super::{Decision, PrintedRow};
use crate::guideline::tables::PRESENTED;
use crate::guideline::{Fact, order_check, order_rows};

/// Drafts for imaging.
pub(super) fn imaging() -> Decision {
    let rows = order_check::ROWS
        .iter()
        .map(|row| PrintedRow {
            id: row.id,
            holds: row.holds.to_owned(),
            what: row.code.what(),
            code: row.code.as_str(),
            indicator: if row.follows_need {
                format!("that of the MRI row, at least {}", row.at_least.word())
            } else {
                row.at_least.word().to_owned()
            },
            offers: row.offers.to_owned(),
            statements: row.statements,
        })
        .collect();
    Decision {
        anchor: "order-imaging",
        title: "Draft for imaging of the spine",
        first_decides: false,
        read: "While an MRI row holds and no whole-spine MRI is ordered or drafted in time. The code of the MRI row stands beside all but the last.",
        looks_at: PRESENTED.to_vec(),
        rows,
        notes: vec![
            "With a device or implant on record nothing is deleted: the MRI is only added.".to_owned(),
        ],
    }
}

/// Drafts for radiotherapy.
pub(super) fn radiotherapy() -> Decision {
    treatment(
        "order-radiotherapy",
        "Draft for radiotherapy",
        &[
            Fact::Order,
            Fact::LifeExpectancy,
            Fact::Sins,
            Fact::PriorRadiotherapy,
            Fact::BaselineVcf,
            Fact::Escc,
            Fact::LocalBackPain,
            Fact::RadicularPain,
            Fact::Deficit,
            Fact::SignificantLyticDisease,
            Fact::SpineSurgeryConsult,
        ],
    )
}

/// Drafts of one kind of treatment.
pub(super) fn treatment(anchor: &'static str, title: &'static str, looks_at: &'static [Fact]) -> Decision {
    let rows = order_rows::ROWS
        .iter()
        .filter(|row| row.id.split('/').next() == Some(anchor))
        .map(coded_row)
        .collect();
    let read = "One card an order, led by its worst, then first, row; every row that holds is shown. Consults silence nothing here, but a spine-surgery consult done opens the gate before SBRT.";
    let looks_at = looks_at.to_vec();
    Decision { anchor, title, first_decides: false, read, looks_at, rows, notes: Vec::new() }
}
