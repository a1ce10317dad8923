//! A row of a decision table, and the one way in which rows are held against what is known of a patient.
//!
//! Deliberately absent: what the tables look at; each brings its own input and conditions.

use super::bearing::bears;
use super::judged::Asked;
use crate::domain::Facts;
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

    /// The judgement that it asks for, where it is one and nothing else.
    fn judges(self) -> Option<Asked> {
        None
    }
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

/// The seal of a recommendation: only a row can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByRow(());

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not: this condition is not met.
    DoesNotHold {
        /// The condition, in words.
        unmet: String,
    },
    /// It cannot be told.
    CannotTell {
        /// The facts that are missing, or could not be read.
        missing: Vec<Fact>,
    },
}

impl<C: Condition, G: Gives> RowSpec<C, G> {
    /// Whether every condition is met.
    pub(in crate::guideline) fn holds(&self, input: &C::Input) -> bool {
        self.when.iter().all(|condition| condition.answer(input) == Answer::Yes)
    }

    /// The judgements that the row asks for: it holds only while nobody recorded them.
    pub(in crate::guideline) fn asked(&self) -> impl Iterator<Item = Fact> {
        let judged = self.when.iter().filter_map(|condition| condition.judges());
        judged.filter(|asked| asked.1 == [None]).flat_map(Asked::asks).copied()
    }

    /// The row as a recommendation with its facts. There is no other way to make one. A judgement that the row asks for is
    /// missing, unless it is among the facts: a row that stands in for another may come beside it.
    pub(in crate::guideline) fn recommendation(
        &self,
        facts: Vec<FactUsed>,
        mut missing: Vec<Fact>,
    ) -> Recommendation {
        let made = ByRow(());
        for fact in self.asked() {
            if !missing.contains(&fact) && facts.iter().all(|used| used.fact != fact) {
                missing.push(fact);
            }
        }
        let bearing = self.statements.iter().copied().filter(|id| bears(id, &facts, &missing));
        let statements = bearing.collect();
        Recommendation { code: self.code, statements, row: self.id, facts, missing, made }
    }

    /// When it holds, in words.
    pub(in crate::guideline) fn says(&self) -> String {
        self.when.iter().map(|condition| condition.says()).collect::<Vec<_>>().join("; ")
    }

    /// What became of the row, over everything that passes the table: the input that comes nearest to it speaks for it.
    pub(in crate::guideline) fn verdict(&self, inputs: &[C::Input], chart: &Facts) -> Verdict {
        let nearest = inputs.iter().map(|input| self.judge(input, chart)).max_by_key(|(near, _)| *near);
        match (nearest, self.when.first()) {
            (Some((_, verdict)), _) => verdict,
            (None, Some(first)) => unmet(*first, chart),
            (None, None) => Verdict::Holds,
        }
    }

    /// The verdict over one input, and how near it comes: how many conditions are met or may be.
    fn judge(&self, input: &C::Input, chart: &Facts) -> (usize, Verdict) {
        let mut missing: Vec<Fact> = Vec::new();
        for (met, condition) in self.when.iter().enumerate() {
            match condition.answer(input) {
                Answer::Yes => {}
                Answer::Unknown => missing.extend(condition.asks()),
                Answer::No => return (met, Verdict::DoesNotHold { unmet: condition.says() }),
                Answer::NotOnRecord => match unmet(*condition, chart) {
                    Verdict::CannotTell { missing: unread } => missing.extend(unread),
                    verdict => return (met, verdict),
                },
            }
        }
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            (self.when.len() + 1, Verdict::Holds)
        } else {
            (self.when.len(), Verdict::CannotTell { missing })
        }
    }
}

/// What follows from a condition that nothing on record meets: where its facts could not be read it cannot be told.
fn unmet<C: Condition>(condition: C, chart: &Facts) -> Verdict {
    let missing: Vec<Fact> = condition.asks().iter().copied().filter(|fact| fact.is_unread(chart)).collect();
    if missing.is_empty() {
        Verdict::DoesNotHold { unmet: condition.says() }
    } else {
        Verdict::CannotTell { missing }
    }
}

/// The worst indicator of the rows that some recommendations came from.
pub(in crate::guideline) fn worst<C: Condition, G: Gives>(
    rows: &[RowSpec<C, G>],
    shown: &[Recommendation],
) -> Option<Indicator> {
    let on_card = |row: &&RowSpec<C, G>| shown.iter().any(|it| it.row == row.id);
    rows.iter().filter(on_card).map(|row| row.indicator).max()
}

/// The first row that holds.
pub(in crate::guideline) fn first<'r, C: Condition, G: Gives>(
    rows: &'r [RowSpec<C, G>],
    input: &C::Input,
) -> Option<&'r RowSpec<C, G>> {
    rows.iter().find(|row| row.holds(input))
}

#[cfg(test)]
mod tests {
    use super::super::mri_timing::{Course, Kind, Onset, Presented, ROWS};
    use super::*;
    use crate::domain::Source;

    fn deficit(onset: Onset, course: Course) -> Presented {
        Presented { kind: Kind::RadicularDeficit, onset, course, cancer_active: true }
    }

    /// The verdict of a way in which the row of this id holds.
    fn verdict((id, way): (&str, usize), inputs: &[Presented], chart: &Facts) -> Verdict {
        ROWS.iter().filter(|row| row.id == id).nth(way).unwrap().verdict(inputs, chart)
    }

    const FAST_DEFICIT: (&str, usize) = ("mri-timing/2", 0);
    const OLD_DEFICIT: (&str, usize) = ("mri-timing/3", 0);
    const CALM_DEFICIT: (&str, usize) = ("mri-timing/3", 1);
    const BACK_PAIN: (&str, usize) = ("mri-timing/5", 0);

    #[test]
    fn a_row_that_does_not_hold_names_the_condition_that_is_not_met() {
        let read = Facts::default();
        let recent = deficit(Onset::Recent, Course::Progressive);
        assert_eq!(verdict(FAST_DEFICIT, &[recent], &read), Verdict::Holds);
        let unmet = |words: &str| Verdict::DoesNotHold { unmet: words.to_owned() };
        assert_eq!(verdict(OLD_DEFICIT, &[recent], &read), unmet("onset more than 7 days ago"));
        assert_eq!(verdict(BACK_PAIN, &[recent], &read), unmet("local back pain only"));
        assert_eq!(verdict(BACK_PAIN, &[], &read), unmet("local back pain only"));
    }

    #[test]
    fn what_is_unknown_or_could_not_be_read_cannot_be_told() {
        let read = Facts::default();
        let unread = Facts { unavailable: vec![Source::Condition], ..Facts::default() };
        let unknown = deficit(Onset::Recent, Course::Unknown);
        let course = Verdict::CannotTell { missing: vec![Fact::DeficitProgression] };
        assert_eq!(verdict(CALM_DEFICIT, &[unknown], &read), course);
        assert_eq!(
            verdict(BACK_PAIN, &[], &unread),
            Verdict::CannotTell { missing: vec![Fact::LocalBackPain] }
        );
        // What is known to be otherwise stays so, whatever else could not be read.
        let earlier = deficit(Onset::Earlier, Course::Progressive);
        assert!(matches!(verdict(FAST_DEFICIT, &[earlier], &unread), Verdict::DoesNotHold { .. }));
    }

    #[test]
    fn the_input_that_comes_nearest_speaks_for_the_row() {
        let inputs = [deficit(Onset::Earlier, Course::Stable), deficit(Onset::Recent, Course::Stable)];
        let unmet = "progressive or course unknown".to_owned();
        assert_eq!(verdict(FAST_DEFICIT, &inputs, &Facts::default()), Verdict::DoesNotHold { unmet });
    }
}
