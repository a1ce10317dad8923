//! The answers to the yes/no judgements as a table sees them, and the condition on one.
//!
//! A table whose input carries [`Judged`] can decide by any judgement: a cell that holds an [`Asked`] brings the words, the
//! test and the fact, and from the row follow the fact on the card and what is missing. Deliberately absent: which records
//! answer ([`crate::guideline::judged`]), and performance, which reads its judgement by a look-back of its own.

use super::row::Answer;
use crate::domain::Judgement;
use crate::guideline::fact::Fact;

/// The answer to each judgement. Without one: what nobody judged, and what two records of one time answer differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(in crate::guideline) struct Judged {
    /// A bit for each judgement that is answered.
    answered: u16,
    /// A bit for each that is answered with yes.
    yes: u16,
}

impl Judged {
    /// The same with one more answer.
    pub(in crate::guideline) const fn with(self, judgement: Judgement, yes: bool) -> Self {
        let bit = 1 << judgement as u16;
        Self { answered: self.answered | bit, yes: if yes { self.yes | bit } else { self.yes & !bit } }
    }

    /// The answer to a judgement.
    pub(in crate::guideline) const fn answer(self, judgement: Judgement) -> Option<bool> {
        let bit = 1 << judgement as u16;
        if self.answered & bit == 0 { None } else { Some(self.yes & bit != 0) }
    }
}

/// A condition on a judgement: any of these answers; `None`: that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) struct Asked(
    pub(in crate::guideline) Judgement,
    pub(in crate::guideline) &'static [Option<bool>],
);

impl Asked {
    /// The condition in words.
    pub(in crate::guideline) fn says(self) -> String {
        let name = Fact::of_judgement(self.0).plain_name().to_lowercase();
        let answers: Vec<&str> = self
            .1
            .iter()
            .map(|answer| match answer {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not recorded",
            })
            .collect();
        if self.1 == [Some(true)] { name } else { format!("{name}: {}", answers.join(" or ")) }
    }

    /// Whether it is met.
    pub(in crate::guideline) fn answer(self, judged: Judged) -> Answer {
        match judged.answer(self.0) {
            answer if self.1.contains(&answer) => Answer::Yes,
            None => Answer::NotOnRecord,
            Some(_) => Answer::No,
        }
    }

    /// The fact that decides it.
    pub(in crate::guideline) fn asks(self) -> &'static [Fact] {
        let fact = Fact::of_judgement(self.0);
        Fact::ALL.iter().find(|known| **known == fact).map_or(&[], std::slice::from_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_judgement_keeps_its_own_answer() {
        for one in Judgement::ALL {
            for other in Judgement::ALL.iter().filter(|other| *other != one) {
                let judged = Judged::default().with(*one, true).with(*other, false);
                assert_eq!((judged.answer(*one), judged.answer(*other)), (Some(true), Some(false)));
                assert_eq!(judged.with(*one, false).answer(*one), Some(false));
                assert_eq!(Judged::default().with(*one, true).answer(*other), None);
            }
        }
    }

    #[test]
    fn a_condition_says_what_it_asks_for() {
        let pain = |answers| Asked(Judgement::MechanicalPain, answers);
        assert_eq!(pain(&[Some(true)]).says(), "mechanical pain");
        assert_eq!(pain(&[Some(false), None]).says(), "mechanical pain: no or not recorded");
        assert_eq!(pain(&[None]).asks(), [Fact::MechanicalPain]);
        let none = Judged::default();
        assert_eq!(pain(&[Some(true)]).answer(none), Answer::NotOnRecord);
        assert_eq!(pain(&[None]).answer(none), Answer::Yes);
        assert_eq!(pain(&[None]).answer(none.with(Judgement::MechanicalPain, false)), Answer::No);
    }
}
