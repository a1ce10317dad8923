//! What was recorded and is too old to count: it is named with its date, and with its value where one tells.

use super::fact::Fact;
use super::picture::Picture;
use super::say::{Gap, LifeSaid, Performed, Score, Value};
use crate::domain::{LifeExpectancyRecord, SinsRecord, Site, When};
use chrono::Duration;

/// Laboratory values that are too old to count, each with its date.
pub(super) fn laboratory(picture: &Picture<'_>, site: &Site) -> Vec<Gap> {
    let facts = picture.facts;
    let clearance = facts.creatinine_clearance.iter().chain(&facts.creatinine);
    let clearance = clearance.map(|it| (Fact::CreatinineClearance, it.seen));
    let calcium = facts.calcium.iter().map(|it| (Fact::Calcium, it.seen));
    let days = site.look_back.laboratory;
    outdated(picture, clearance.chain(calcium).map(|(name, seen)| (name, seen, days, None)))
}

/// Scores and estimates that are too old to count, each with its date.
pub(super) fn values(picture: &Picture<'_>, site: &Site) -> Vec<Gap> {
    let look_back = site.look_back;
    let facts = picture.facts;
    let total = |r: &SinsRecord| {
        r.total.map(|total| Value::Score(Score { least: total, most: total, levels: r.levels }))
    };
    let scores = facts.sins.iter().map(|r| (Fact::Sins, r.seen, look_back.sins, total(r)));
    let lives = facts.life_expectancy.iter().map(|r| {
        let LifeExpectancyRecord { at_least, at_most, below, .. } = *r;
        let said = LifeSaid { at_least, at_most, below, ..LifeSaid::default() };
        (Fact::LifeExpectancy, r.seen, look_back.life_expectancy, Some(Value::Life(said)))
    });
    let performances = facts.performance.iter().map(|r| {
        let said = Value::Performance(Performed::Scale(r.value));
        (Fact::Performance, r.seen, look_back.performance, Some(said))
    });
    outdated(picture, scores.chain(lives).chain(performances))
}

/// Of each fact the latest record, where it is older than so many days.
fn outdated(
    picture: &Picture<'_>,
    records: impl Iterator<Item = (Fact, Option<When>, u16, Option<Value>)>,
) -> Vec<Gap> {
    let mut latest: Vec<(Fact, When, u16, Option<Value>)> = Vec::new();
    for (name, seen, days, value) in records {
        let Some(when) = seen else { continue };
        match latest.iter_mut().find(|(other, ..)| *other == name) {
            Some(entry) if entry.1.latest() < when.latest() => (entry.1, entry.3) = (when, value),
            Some(_) => {}
            None => latest.push((name, when, days, value)),
        }
    }
    latest
        .into_iter()
        .filter(|(_, when, days, _)| when.shortest_age(picture.clock.now) > Duration::days((*days).into()))
        .map(|(fact, when, days, value)| Gap::Outdated { fact, when, days, value })
        .collect()
}
