//! Which records answer the yes/no judgements that the tables look at ([`super::tables::judged`]).

use super::advice::FactUsed;
use super::describe::fact;
use super::fact::Fact;
use super::measure;
use super::picture::Picture;
use super::say::Value;
use super::tables::judged::{Asked, Judged};
use super::tables::row::{Condition, RowSpec};
use crate::domain::{Evidence, Judgement};

/// The answers on record. Mechanical pain is a symptom: it counts within the look-back of symptoms.
pub(super) fn judged(picture: &Picture<'_>) -> Judged {
    Judgement::ALL.iter().fold(Judged::default(), |judged, judgement| match recorded(picture, *judgement) {
        Some((yes, _)) => judged.with(*judgement, yes),
        None => judged,
    })
}

fn recorded<'f>(picture: &Picture<'f>, judgement: Judgement) -> Option<(bool, &'f Evidence)> {
    let clock = (judgement == Judgement::MechanicalPain).then_some(picture.clock);
    measure::judgement(picture, judgement, clock)
}

/// What the conditions of these rows ask for and is on record.
pub(super) fn facts<C: Condition, G>(picture: &Picture<'_>, rows: &[RowSpec<C, G>]) -> Vec<FactUsed> {
    let mut asked: Vec<Judgement> = Vec::new();
    for Asked(judgement, _) in rows.iter().flat_map(|row| row.when).filter_map(|condition| condition.judges())
    {
        if !asked.contains(&judgement) {
            asked.push(judgement);
        }
    }
    let answered = asked.into_iter().filter_map(|judgement| Some((judgement, recorded(picture, judgement)?)));
    answered
        .map(|(judgement, (yes, evidence))| fact(Fact::of_judgement(judgement), Value::of(yes), evidence))
        .collect()
}
