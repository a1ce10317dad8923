//! Which questions the cards of one call let the clinician answer (guideline.md section 4, "Answers").
//!
//! Each decision offers the answers to what it asks; here they are brought down to what one answer of the service may
//! hold. Deliberately absent: which fact is missing, and what an answer records.

use super::advice::{Advice, Proposal, Step};
use super::fact::Fact;
use super::say::{Label, Question};

/// Most answers that a card offers.
const MOST_ANSWERS: usize = 3;

/// The answers to a question, one click each. `studies`: what they speak of, as `Type/id`.
pub(super) fn to(question: Question, studies: &[String]) -> impl Iterator<Item = Proposal> {
    let studies = studies.to_vec();
    question.answers().iter().map(move |answer| Proposal {
        label: Label::Answer(*answer),
        steps: vec![Step::Record { answer: *answer, study_references: studies.clone() }],
    })
}

/// The answers to the questions that missing facts ask.
pub(super) fn to_missing(missing: &[Fact]) -> impl Iterator<Item = Proposal> {
    missing.iter().copied().filter_map(Question::of).flat_map(|question| to(question, &[]))
}

/// Every question is asked once, on the first card that asks it; a card offers whole sets of answers, [`MOST_ANSWERS`] at
/// most. Answers exclude each other; an order beside them may be taken too.
pub(super) fn settle(all: &mut [Advice]) {
    let mut asked: Vec<Question> = Vec::new();
    for advice in all {
        let mut here: Vec<Question> = Vec::new();
        for question in advice.proposals.iter().filter_map(question_of) {
            let answers: usize = here.iter().map(|question| question.answers().len()).sum();
            let fits = answers + question.answers().len() <= MOST_ANSWERS;
            if fits && !here.contains(&question) && !asked.contains(&question) {
                here.push(question);
            }
        }
        let kept = |proposal: &Proposal| question_of(proposal).is_none_or(|it| here.contains(&it));
        advice.proposals.retain(kept);
        if !here.is_empty() {
            advice.several = here.len() > 1 || advice.proposals.iter().any(|it| question_of(it).is_none());
        }
        asked.extend(here);
    }
}

/// The question that a proposal answers; `None` for an order.
fn question_of(proposal: &Proposal) -> Option<Question> {
    proposal.steps.iter().find_map(|step| match step {
        Step::Record { answer, .. } => Some(answer.question()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::advice::Group;
    use super::super::advice::tests::card;
    use super::super::stability::referral;
    use super::*;
    use crate::domain::Consult;

    #[test]
    fn answers_to_one_question_exclude_each_other_and_anything_beside_them_may_be_taken_too() {
        let several = |questions: &[Question], order: bool| {
            let mut one = card(Group::Emergency);
            one.proposals = questions.iter().flat_map(|question| to(*question, &[])).collect();
            one.proposals.extend(order.then(|| referral(Consult::Mdt, None, false)));
            let mut all = [one];
            settle(&mut all);
            all[0].several
        };
        assert!(!several(&[Question::LifeExpectancy], false));
        assert!(several(&[Question::LifeExpectancy], true));
        assert!(several(&[Question::NewSinceTreatment, Question::Suspicion], false));
        assert!(!several(&[], true), "orders exclude each other where their card says so");
    }

    #[test]
    fn a_question_is_asked_once_and_no_more_than_three_answers_are_offered() {
        let asking = |questions: &[Question]| {
            let mut one = card(Group::Emergency);
            one.proposals = questions.iter().flat_map(|question| to(*question, &[])).collect();
            one
        };
        let (life, tolerable) = (Question::LifeExpectancy, Question::RadiotherapyTolerable);
        let mut all = [asking(&[life, tolerable]), asking(&[life, tolerable]), asking(&[life])];
        settle(&mut all);
        let asked =
            |card: &Advice| -> Vec<Question> { card.proposals.iter().filter_map(question_of).collect() };
        assert_eq!(asked(&all[0]), [life, life], "both of its answers");
        assert_eq!(asked(&all[1]), [tolerable, tolerable]);
        assert_eq!(asked(&all[2]), []);
    }
}
