//! Section 3.8, imaging rows: drafts that cannot meet the need for a whole-spine MRI.

use super::mri_timing::{Mri, rows_that};
use super::row::{Answer, Condition, Gives, RowSpec};
use super::{About, PRESENTED, Table};
use crate::guideline::advice::Indicator::{self, Info, Warning};
use crate::guideline::code::Code;
use crate::guideline::fact::Fact;
use crate::guideline::trace;

/// What is drafted; each row asks for one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::guideline) enum Drafted {
    /// X-ray, CT or bone scan of the spine.
    CannotExclude,
    /// MRI of part of the spine.
    PartialMri,
    /// Whole-spine MRI, not in time.
    LateWholeSpine,
    /// Whole-spine MRI without a date, where a routine order is enough.
    UndatedWholeSpine,
    /// Whole-spine MRI, in time: no row.
    InTime,
}

impl Condition for Drafted {
    type Input = Self;

    fn says(self) -> String {
        match self {
            Self::CannotExclude => "X-ray, CT or bone scan of the spine is selected",
            Self::PartialMri => "MRI of part of the spine is selected",
            Self::LateWholeSpine => "whole-spine MRI is selected and not in time",
            Self::UndatedWholeSpine => {
                return format!(
                    "whole-spine MRI without a date is selected, routine or without a priority, and {} holds",
                    rows_that(Mri::is_routine).join(" or ")
                );
            }
            Self::InTime => "whole-spine MRI is selected and in time",
        }
        .to_owned()
    }

    fn answer(self, drafted: &Self) -> Answer {
        Answer::known(self == *drafted)
    }

    fn asks(self) -> &'static [Fact] {
        &[Fact::SpineMriOrders]
    }
}

/// What a row asks to be done with the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Change {
    /// A whole-spine MRI takes its place.
    Replace,
    /// It covers the whole spine.
    Widen,
    /// It is done earlier.
    BringForward,
    /// It gets a date.
    StateDate,
}

impl Change {
    /// Whether the indicator of the MRI row counts where it is worse; not where only a date is asked for.
    pub(in crate::guideline) const fn follows_need(self) -> bool {
        !matches!(self, Self::StateDate)
    }
}

impl Gives for Change {
    fn offers(self) -> String {
        match self {
            Self::Replace => "replace by, or add, the whole-spine MRI",
            Self::Widen => "update the draft to the whole spine with the row's priority and period",
            Self::BringForward => "update priority and period",
            Self::StateDate => "update the period",
        }
        .to_owned()
    }

    fn indicator(self, least: Indicator) -> String {
        if self.follows_need() {
            format!("that of the MRI row, at least {}", least.word())
        } else {
            least.word().to_owned()
        }
    }
}

/// A row of the table.
pub(in crate::guideline) type Row = RowSpec<Drafted, Change>;

/// The table.
#[rustfmt::skip]
pub(in crate::guideline) static ROWS: [Row; 4] = [
    Row { id: "order-imaging/exclude", when: &[Drafted::CannotExclude], code: Code::ImagingCannotExclude, indicator: Warning,
          gives: Change::Replace, statements: &["G-05", "G-13", "G-63"] },
    Row { id: "order-imaging/extend", when: &[Drafted::PartialMri], code: Code::MriExtendToWholeSpine, indicator: Warning,
          gives: Change::Widen, statements: &["G-03", "G-04"] },
    Row { id: "order-imaging/too-late", when: &[Drafted::LateWholeSpine], code: Code::MriOrderTooLate, indicator: Warning,
          gives: Change::BringForward, statements: &["G-63"] },
    Row { id: "order-imaging/state-date", when: &[Drafted::UndatedWholeSpine], code: Code::MriStateDate, indicator: Info,
          gives: Change::StateDate, statements: &["G-06"] },
];

/// The row of a whole-spine MRI that is too late.
pub(in crate::guideline) fn too_late() -> Option<&'static Row> {
    ROWS.iter().find(|row| row.gives == Change::BringForward)
}

/// Drafts for imaging.
pub(in crate::guideline) static TABLE: Table<Drafted, Change> = Table {
    about: About {
        anchor: "order-imaging",
        title: "Draft for imaging of the spine",
        first_decides: false,
        read: "While an MRI row holds and no whole-spine MRI is ordered or drafted in time. The code of the MRI row stands beside all but the last.",
        also: PRESENTED,
        notes: || {
            vec!["With a device or implant on record nothing is deleted: the MRI is only added.".to_owned()]
        },
    },
    rows: &ROWS,
    passes: trace::order_imaging,
};
