//! What must hold for the cards of every combination, as functions over data.

use super::patients::{DAY, hours};
use super::space::{Combination, Situation};
use crate::domain::OrderStatus;
use crate::guideline::english::SUMMARY_LENGTH;
use crate::guideline::page::page;
use crate::guideline::say::Asks;
use crate::guideline::{Advice, Code, Group, Indicator, MOST_CARDS, Occasion, Step, english, statement};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Printed rows with their codes.
static ROWS: LazyLock<BTreeMap<&'static str, &'static str>> =
    LazyLock::new(|| page().rows().map(|(_, row)| (row.id, row.code)).collect());

/// Everything that is wrong with the answer to a combination.
pub(super) fn faults(combination: &Combination<'_>, situation: &Situation, advice: &[Advice]) -> Vec<String> {
    let mut found = deck_faults(advice, situation.occasion);
    found.extend(advice.iter().flat_map(card_faults));
    found.extend(step_faults(advice, situation));
    if !combination.of("who").is_empty() && !advice.is_empty() {
        found.push("speaks of a patient whom it does not concern".to_owned());
    }
    found.extend(result_fault(combination, advice));
    let codes = codes(advice);
    let short = ["below 3 months", "2 months", "half a month"].contains(&combination.of("life expectancy"));
    if codes.contains(&Code::SurgeryPreferred) && short {
        found.push("surgery is preferred with a life expectancy below 3 months".to_owned());
    }
    if offers_scheme(advice) && !may_offer_scheme(combination) {
        found.push("offers an SBRT scheme that it must not offer".to_owned());
    }
    found
}

/// A missing result is asked for as long and as loud as the age of its study says, worked out from the inputs alone.
fn result_fault(combination: &Combination<'_>, advice: &[Advice]) -> Option<String> {
    let made = combination.of("study made");
    if made.is_empty() {
        return None;
    }
    let read = combination.is("results", "read");
    let open = read && !combination.is("grade", "0") && !combination.is("later", "suspicion withdrawn");
    // A diagnosis of an hour ago is the result of a study of the 14 days before it.
    let diagnosed = combination.is("later", "cord compression") && hours(made) <= 14 * DAY;
    let expected = match hours(made) {
        _ if !open || diagnosed => None,
        ..=72 => Some(Indicator::Critical),
        73..=168 => Some(Indicator::Warning),
        169..=720 => Some(Indicator::Info),
        _ => None,
    };
    let card = advice.iter().find(|a| a.recommendations.iter().any(|r| r.code == Code::MesccResultNeeded));
    if card.is_some() != expected.is_some() {
        return Some(format!("a study made {made} ago: its result is asked for, or not, against the rule"));
    }
    let milder = combination.is("scope", "comfort care");
    let least = expected.map(|expected| if milder { expected.milder() } else { expected });
    let calm = card.zip(least).is_some_and(|(card, least)| card.indicator < least);
    calm.then(|| format!("a study made {made} ago: its result is asked for too calmly"))
}

fn codes(advice: &[Advice]) -> BTreeSet<Code> {
    advice.iter().flat_map(|a| a.recommendations.iter().map(|r| r.code)).collect()
}

/// The cards together: their number, their order, one a group, and no contradiction.
fn deck_faults(advice: &[Advice], occasion: Occasion) -> Vec<String> {
    let mut found = Vec::new();
    if advice.len() > MOST_CARDS {
        found.push(format!("{} cards", advice.len()));
    }
    let key = |a: &Advice| (std::cmp::Reverse(a.indicator), a.group);
    if !advice.is_sorted_by_key(key) {
        found.push("the worst card is not the first".to_owned());
    }
    let groups: BTreeSet<Group> = advice.iter().map(|a| a.group).collect();
    if occasion == Occasion::PatientView && groups.len() != advice.len() {
        found.push("two cards of one group".to_owned());
    }
    let codes = codes(advice);
    let beside = [
        Code::RadiotherapyPreferred,
        Code::RadiotherapyPreferredProvisional,
        Code::SystemicTherapyPrimary,
        Code::SurgeryCandidacyConflict,
        Code::MesccTreatWithin24h,
    ];
    for code in beside.iter().filter(|code| codes.contains(code)) {
        if codes.contains(&Code::SurgeryPreferred) {
            found.push(format!("surgery-preferred beside {}", code.as_str()));
        }
    }
    found
}

/// One card: every recommendation has its row, statements and facts; the summary fits; a deadline says whether it passed.
fn card_faults(advice: &Advice) -> Vec<String> {
    let mut found = Vec::new();
    let site = crate::domain::Site::default();
    let reader = english::Reader { site: &site, now: super::patients::now() };
    found.extend(summary_fault(&english::uncut_summary(advice, &reader)));
    if advice.recommendations.is_empty() {
        found.push("a card without a recommendation".to_owned());
    }
    for recommendation in &advice.recommendations {
        let row = recommendation.row;
        if ROWS.get(row) != Some(&recommendation.code.as_str()) {
            found.push(format!("row {row} with code {} is not printed", recommendation.code.as_str()));
        }
        if recommendation.statements.is_empty() {
            found.push(format!("{row} cites no statement"));
        }
        for id in recommendation.statements.iter().filter(|id| statement::says(id).is_empty()) {
            found.push(format!("{row} cites {id}, which says nothing"));
        }
        if recommendation.facts.is_empty() {
            found.push(format!("{row} ({}) cites no fact", recommendation.code.as_str()));
        }
    }
    if advice.deadline.is_some() != advice.overdue.is_some() {
        found.push("a deadline without overdue, or the reverse".to_owned());
    }
    if advice.proposals.iter().any(|proposal| proposal.steps.is_empty()) {
        found.push("a proposal that changes nothing".to_owned());
    }
    found
}

/// A first line that the cards would have to cut.
fn summary_fault(summary: &str) -> Option<String> {
    let length = summary.chars().count();
    (length == 0 || length > SUMMARY_LENGTH).then(|| format!("summary of {length} characters: {summary}"))
}

/// Only selected drafts are changed, and with a device on record nothing is deleted.
fn step_faults(advice: &[Advice], situation: &Situation) -> Vec<String> {
    let facts = &situation.facts;
    let mut found = Vec::new();
    for step in advice.iter().flat_map(|a| &a.proposals).flat_map(|p| &p.steps) {
        let (Step::Delete { reference, .. } | Step::Update { reference, .. }) = step else { continue };
        let selected = facts.imaging_orders.iter().any(|order| {
            order.status == OrderStatus::Draft { selected: true } && order.evidence.reference == *reference
        });
        if !selected {
            found.push(format!("{reference} is changed, which is not selected"));
        }
        if matches!(step, Step::Delete { .. }) && !facts.mri_safety.is_empty() {
            found.push("deletes an order in a patient with a device".to_owned());
        }
    }
    found
}

fn offers_scheme(advice: &[Advice]) -> bool {
    let steps = advice.iter().flat_map(|a| &a.proposals).flat_map(|p| &p.steps);
    steps.into_iter().any(|step| match step {
        Step::Refer { asks, alternatives, .. } => {
            matches!(asks, Some(Asks::Sbrt(_))) || alternatives.is_some()
        }
        _ => false,
    })
}

/// Worked out from the inputs alone, not with the engine's gate: SBRT available, no prior radiotherapy, no untreated
/// MESCC, and spine surgery has answered or there is nothing to ask it.
fn may_offer_scheme(combination: &Combination<'_>) -> bool {
    let none = |axis: &str| ["", "none"].contains(&combination.of(axis));
    let calm =
        combination.is("SINS", "6") && none("fracture") && !combination.of("symptom").starts_with("sign");
    !combination.is("SBRT", "no")
        && none("prior radiotherapy")
        && !combination.is("symptom", "sign")
        && (calm || combination.is("consult", "spine surgery done"))
}

#[cfg(test)]
mod tests {
    use super::super::blocks::BLOCKS;
    use super::super::orders::BLOCKS as ORDER_BLOCKS;
    use super::*;
    use crate::domain::Consult;
    use crate::guideline::say::{Label, MriButton};
    use crate::guideline::{Indicator, Proposal, assess, regimen};

    /// The answer to the first combination that gives this code, of this block, or of another where none of its own does.
    fn answer(name: &str, code: Code) -> (Combination<'static>, Situation, Vec<Advice>) {
        let own = BLOCKS.iter().filter(|block| block.name == name);
        own.chain(BLOCKS)
            .chain(ORDER_BLOCKS)
            .flat_map(|block| (0..block.size()).map(|rank| block.combination(rank)))
            .find_map(|combination| {
                let situation = combination.build();
                let now = super::super::patients::now();
                let advice = assess(&situation.facts, &situation.site, now, situation.occasion);
                codes(&advice).contains(&code).then_some((combination, situation, advice))
            })
            .unwrap()
    }

    /// The faults after a change that must be caught.
    fn broken(name: &str, code: Code, change: impl FnOnce(&mut Vec<Advice>)) -> String {
        let (combination, situation, mut advice) = answer(name, code);
        assert!(faults(&combination, &situation, &advice).is_empty());
        change(&mut advice);
        faults(&combination, &situation, &advice).join("\n")
    }

    #[test]
    fn a_recommendation_without_ground_is_caught() {
        let code = Code::MriWithin24h;
        let found = broken("clock", code, |all| all[0].recommendations[0].statements.clear());
        assert!(found.contains("cites no statement"), "{found}");
        let found = broken("clock", code, |all| all[0].recommendations[0].statements = vec!["G-99"]);
        assert!(found.contains("G-99"), "{found}");
        let found = broken("clock", code, |all| all[0].recommendations[0].facts.clear());
        assert!(found.contains("cites no fact"), "{found}");
        let found = broken("clock", code, |all| all[0].recommendations[0].row = "mri-timing/9");
        assert!(found.contains("not printed"), "{found}");
        let found = broken("clock", code, |all| all[0].recommendations[0].code = Code::MriWithin48h);
        assert!(found.contains("not printed"), "{found}");
        let found = broken("clock", code, |all| all[0].recommendations.clear());
        assert!(found.contains("without a recommendation"), "{found}");
    }

    #[test]
    fn a_summary_that_would_be_cut_is_caught() {
        assert!(summary_fault(&"ü".repeat(140)).unwrap().contains("140 characters"));
        assert_eq!(summary_fault(&"ü".repeat(139)), None);
        assert!(summary_fault("").is_some());
    }

    #[test]
    fn too_many_cards_and_cards_out_of_order_are_caught() {
        let found = broken("clock", Code::MriWithin24h, |all| *all = vec![all[0].clone(); 5]);
        assert!(found.contains("5 cards") && found.contains("one group"), "{found}");
        let found = broken("clock", Code::MriWithin24h, |all| {
            let calmer = Advice { indicator: Indicator::Info, ..all[0].clone() };
            all.insert(0, calmer);
        });
        assert!(found.contains("not the first"), "{found}");
    }

    #[test]
    fn surgery_against_its_precondition_or_beside_another_modality_is_caught() {
        let found = broken("modality", Code::SurgeryPreferred, |all| {
            let other = all[0].recommendations[0].clone();
            // The treatment card folds into the stability card, which suggests the same.
            all[0].recommendations.push(crate::guideline::Recommendation {
                code: Code::RadiotherapyPreferred,
                row: "modality/5",
                ..other
            });
        });
        assert!(found.contains("beside radiotherapy-preferred"), "{found}");
        let found = broken("modality", Code::SurgeryCandidacyConflict, |all| {
            all[0].recommendations[0].code = Code::SurgeryPreferred;
            all[0].recommendations[0].row = "modality/2";
        });
        assert!(found.contains("below 3 months"), "{found}");
    }

    #[test]
    fn a_scheme_behind_a_closed_gate_is_caught() {
        let found = broken("regimen", Code::SbrtConsultSurgeryFirst, |all| {
            let consult = Consult::RadiationOncology;
            let asks = Some(Asks::Sbrt(&regimen::SBRT[0]));
            let steps = vec![Step::Refer { consult, asks, alternatives: None, urgent: false }];
            all[0].proposals.push(Proposal { label: Label::Refer(consult, asks), steps });
        });
        assert!(found.contains("SBRT scheme"), "{found}");
    }

    #[test]
    fn a_change_to_somebody_elses_order_is_caught() {
        let found = broken("clock", Code::MriWithin24h, |all| {
            let steps = vec![Step::Delete { reference: "ServiceRequest/x".to_owned(), label: "".into() }];
            all[0].proposals.push(Proposal {
                label: Label::Mri {
                    button: MriButton::ReplaceBy,
                    end: None,
                    overdue: false,
                    part: None,
                    drops: true,
                },
                steps,
            });
        });
        assert!(found.contains("not selected"), "{found}");
    }
}
