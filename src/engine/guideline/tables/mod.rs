//! The decision tables: one file each, with what it looks at, its conditions, its rows, and what is printed beside them.
//!
//! A row is written once ([`row::RowSpec`]). From the list of tables ([`TABLES`]) follow the evaluation, the guideline page,
//! what explains a code, and what is said of the rows that do not hold. Deliberately absent: how the inputs follow from a
//! chart, and what a row that holds says on a card.

pub(super) mod adjunct;
mod bearing;
pub(super) mod judged;
pub(super) mod mescc;
pub(super) mod mescc_treatment;
pub(super) mod modality;
pub(super) mod mri_timing;
pub(super) mod order_imaging;
pub(super) mod order_treatment;
pub(super) mod regimen;
pub(super) mod row;
pub(super) mod stability;

use super::advice::Advice;
use super::case::Case;
use super::fact::Fact;
use super::page::{Decision, PrintedRow};
use super::trace::{Pass, TableTrace};
use crate::domain::Consult;
use row::{Condition, Gives, RowSpec};

/// Every table, in the order in which they are put to a patient.
pub(super) static TABLES: [&dyn AnyTable; 11] = [
    &mescc::TABLE,
    &mri_timing::TABLE,
    &mescc_treatment::TABLE,
    &stability::TABLE,
    &modality::TABLE,
    &regimen::TABLE,
    &adjunct::TABLE,
    &order_imaging::TABLE,
    &order_treatment::RADIOTHERAPY,
    &order_treatment::SURGERY,
    &order_treatment::ZOLEDRONIC,
];

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
    Fact::DeteriorationDespiteRadiotherapy,
    Fact::ProgressionAfterRadiotherapy,
];

/// What makes metastases symptomatic (section 3.5).
pub(super) const SYMPTOMATIC: &[Fact] =
    &[Fact::LocalBackPain, Fact::RadicularPain, Fact::Deficit, Fact::MechanicalPain, Fact::BaselineVcf];

/// What a reader is told of a table beside its rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    /// Its anchor on the page, and what the ids of its rows begin with.
    pub(super) anchor: &'static str,
    /// Its heading.
    pub(super) title: &'static str,
    /// Whether the first row that holds decides, or every row that holds is shown.
    pub(super) first_decides: bool,
    /// How the rows are read.
    pub(super) read: &'static str,
    /// The facts that it looks at beside those of its rows: what silences a row, what its inputs are made from.
    pub(super) also: &'static [Fact],
    /// What else belongs to it: schemes, doses, bands.
    pub(super) notes: fn() -> Vec<String>,
}

/// A table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<C: Condition, G: 'static> {
    pub(super) about: About,
    pub(super) rows: &'static [RowSpec<C, G>],
    /// What is put to it for a patient.
    pub(super) passes: fn(&Case<'_, '_>) -> Vec<Pass<C::Input>>,
}

/// A table whose inputs and conditions are its own business.
pub(super) trait AnyTable: Sync {
    /// The table as printed.
    fn printed(&self) -> Decision;

    /// What became of its rows for a patient.
    fn trace(&self, case: &Case<'_, '_>, advice: &[Advice]) -> Vec<TableTrace>;
}

impl<C: Condition, G: Gives> AnyTable for Table<C, G> {
    fn printed(&self) -> Decision {
        let conditions = self.rows.iter().flat_map(|row| row.when);
        let mut looks_at: Vec<Fact> = Vec::new();
        for fact in conditions.flat_map(|condition| condition.asks()).chain(self.about.also) {
            if !looks_at.contains(fact) {
                looks_at.push(*fact);
            }
        }
        looks_at.sort_unstable();
        Decision {
            anchor: self.about.anchor,
            title: self.about.title,
            first_decides: self.about.first_decides,
            read: self.about.read,
            looks_at,
            rows: self.rows.iter().map(printed).collect(),
            notes: (self.about.notes)(),
        }
    }

    fn trace(&self, case: &Case<'_, '_>, advice: &[Advice]) -> Vec<TableTrace> {
        Self::trace(self, case, advice)
    }
}

fn printed<C: Condition, G: Gives>(row: &RowSpec<C, G>) -> PrintedRow {
    PrintedRow {
        id: row.id,
        holds: row.says(),
        what: row.gives.what().unwrap_or(row.code.what()),
        code: row.code.as_str(),
        indicator: row.gives.indicator(row.indicator),
        offers: row.gives.offers(),
        statements: row.statements,
    }
}

/// A referral, `None` for none.
impl Gives for Option<Consult> {
    fn offers(self) -> String {
        match self {
            Some(Consult::SpineSurgery) => "spine-surgery referral",
            Some(Consult::Mdt) => "multidisciplinary referral",
            Some(Consult::RadiationOncology) => "radiation-oncology referral",
            Some(Consult::Orthopaedic) => "orthopaedic referral",
            None => "",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_names_each_fact_that_it_looks_at_once() {
        for table in TABLES {
            let Decision { looks_at, anchor, .. } = table.printed();
            assert!(!looks_at.is_empty() && looks_at.is_sorted_by(|one, next| one < next), "{anchor}");
        }
    }
}
