//! Questions with a closed set of answers, which a card lets the clinician answer with one click (guideline.md section 4).
//!
//! An answer becomes an Observation; the next call reads it like any other fact. Deliberately absent: scores and
//! presentations, which need a form.

use super::super::fact::Fact;

/// What a card asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// What the MRI shows.
    Result,
    /// Whether cord compression is suspected.
    Suspicion,
    /// Whether anything is new or worse since the treatment.
    NewSinceTreatment,
    /// Whether life expectancy is at least three months.
    LifeExpectancy,
    /// Whether radiotherapy is tolerable.
    RadiotherapyTolerable,
    /// Whether the prostate cancer progresses on hormones.
    ProstateProgression,
}

/// One answer to a [`Question`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// The report was read: the cord is not compressed.
    NoCompression,
    /// The cord is compressed, ESCC 2.
    Grade2,
    /// The cord is compressed, ESCC 3.
    Grade3,
    /// Cord compression is suspected.
    Suspected,
    /// It is not.
    NotSuspected,
    /// Nothing is new or worse since the treatment.
    NothingNew,
    /// Less than three months.
    LifeBelow3,
    /// Three months or more.
    LifeAtLeast3,
    /// Radiotherapy is tolerable.
    Tolerable,
    /// It is not.
    NotTolerable,
    /// The prostate cancer progresses on hormones.
    Progresses,
    /// It does not.
    DoesNotProgress,
}

impl Question {
    /// Every question.
    pub const ALL: [Self; 6] = [
        Self::Result,
        Self::Suspicion,
        Self::NewSinceTreatment,
        Self::LifeExpectancy,
        Self::RadiotherapyTolerable,
        Self::ProstateProgression,
    ];

    /// Its answers, as the card offers them: one to three.
    pub const fn answers(self) -> &'static [Answer] {
        match self {
            Self::Result => &[Answer::NoCompression, Answer::Grade2, Answer::Grade3],
            Self::Suspicion => &[Answer::Suspected, Answer::NotSuspected],
            Self::NewSinceTreatment => &[Answer::NothingNew],
            Self::LifeExpectancy => &[Answer::LifeBelow3, Answer::LifeAtLeast3],
            Self::RadiotherapyTolerable => &[Answer::Tolerable, Answer::NotTolerable],
            Self::ProstateProgression => &[Answer::Progresses, Answer::DoesNotProgress],
        }
    }

    /// The question that a missing fact asks, where its answers are a closed set.
    pub(in crate::guideline) const fn of(fact: Fact) -> Option<Self> {
        match fact {
            Fact::LifeExpectancy => Some(Self::LifeExpectancy),
            Fact::Performance => Some(Self::RadiotherapyTolerable),
            Fact::ProstateProgressionOnHormones => Some(Self::ProstateProgression),
            _ => None,
        }
    }
}

impl Answer {
    /// The question that it answers.
    pub fn question(self) -> Question {
        let asks = |question: &Question| question.answers().contains(&self);
        Question::ALL.into_iter().find(asks).unwrap_or(Question::Result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_one_question() {
        for question in Question::ALL {
            assert!((1..=3).contains(&question.answers().len()));
            for answer in question.answers() {
                assert_eq!(answer.question(), question);
            }
        }
    }
}
