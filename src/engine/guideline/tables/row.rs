//! A row of a decision table, and the one way in which rows are held against what is known of a patient.
//!
//! Deliberately absent: what the tables look at; each brings its own input and conditions.

use crate::guideline::advice::{FactUsed, Indicator, Recommendation};
use crate::guideline::code::Code;
use crate::guideline::fact::Fact;
use std::fmt::Debug;

/// Whether a condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Answer {
    /// It is.
    Yes,
    /// What is known says that it is not.
    No,
    /// Nothing on record says that it is.
    NotOnRecord,
    /// A fact that decides it is missing.
    Unknown,
}

impl Answer {
    /// Known either way.
    pub(in crate::guideline) const fn known(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    /// Met by what is on record, or not on record.
    pub(in crate::guideline) const fn on_record(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::NotOnRecord }
    }
}

/// One condition of a row. Its words and its test stand in one place and take their numbers from the same constants.
pub(in crate::guideline) trait Condition: Copy + Debug + Send + Sync + 'static {
    /// What the table looks at.
    type Input: Debug;

    /// The condition in words.
    fn says(self) -> String;

    /// Whether it is met.
    fn answer(self, input: &Self::Input) -> Answer;

    /// The facts that decide it.
    fn asks(self) -> &'static [Fact];
}

/// What a row gives beside its code: a window, a referral, or nothing.
pub(in crate::guideline) trait Gives: Copy + Debug + Send + Sync + 'static {
    /// Window, priority and what can be done with one click, as printed; empty for none.
    fn offers(self) -> String;

    /// What the row asks for, where the sentence of its code does not say it.
    fn what(self) -> Option<&'static str> {
        None
    }

    /// The indicator as printed.
    fn indicator(self, indicator: Indicator) -> String {
        indicator.word().to_owned()
    }
}

/// What can be done with one click, as printed; empty for nothing.
impl Gives for &'static str {
    fn offers(self) -> String {
        self.to_owned()
    }
}

/// A row: all of its conditions together. Two rows with one id are two ways in which it holds.
#[derive(Debug, Clone, Copy)]
pub(in crate::guideline) struct RowSpec<C: 'static, G> {
    /// `table/row`.
    pub(in crate::guideline) id: &'static str,
    /// When it holds.
    pub(in crate::guideline) when: &'static [C],
    /// The code that it gives.
    pub(in crate::guideline) code: Code,
    /// Its indicator, before overdue raises it or comfort care lowers it.
    pub(in crate::guideline) indicator: Indicator,
    /// What it gives beside its code.
    pub(in crate::guideline) gives: G,
    /// The statements that it rests on.
    pub(in crate::guideline) statements: &'static [&'static str],
}

impl<C: Condition, G: Gives> RowSpec<C, G> {
    /// Whether every condition is met.
    pub(in crate::guideline) fn holds(&self, input: &C::Input) -> bool {
        self.when.iter().all(|condition| condition.answer(input) == Answer::Yes)
    }

    /// The row as a recommendation with its facts. There is no other way to make one.
    pub(in crate::guideline) const fn recommendation(
        &self,
        facts: Vec<FactUsed>,
        missing: Vec<Fact>,
    ) -> Recommendation {
        Recommendation { code: self.code, statements: self.statements, row: self.id, facts, missing }
    }

    /// When it holds, in words.
    pub(in crate::guideline) fn says(&self) -> String {
        self.when.iter().map(|condition| condition.says()).collect::<Vec<_>>().join("; ")
    }
}

/// The first row that holds.
pub(in crate::guideline) fn first<'r, C: Condition, G: Gives>(
    rows: &'r [RowSpec<C, G>],
    input: &C::Input,
) -> Option<&'r RowSpec<C, G>> {
    rows.iter().find(|row| row.holds(input))
}
