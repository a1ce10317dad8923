//! What was recorded and is too old to count: it is named with its date, and with its value where one tells.

use super::fact::Fact;
use super::picture::Picture;
use super::say::{Gap, LifeSaid, Performed, Score, Value};
use crate::domain::{LifeExpectancyRecord, SinsRecord, Site, When};
use chrono::Duration;

/// Values that are too old to count, each with its date.
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
    let mut latest: Vec<(Fact, When, u16, Option<Value>)> = Vec::new();
    for (name, seen, days, value) in scores.chain(lives).chain(performances) {
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
