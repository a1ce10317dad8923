//! A block of decision inputs, and the tour of all its combinations.

use super::broken::{self, Asked};
use super::traced::trace_faults;
use crate::domain::{Facts, Site};
use crate::guideline::{Advice, Occasion, assess_with_trace};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// An input with its values.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    pub(super) name: &'static str,
    pub(super) values: &'static [&'static str],
}

/// One input moves from one value to another.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) axis: &'static str,
    pub(super) from: &'static [&'static str],
    pub(super) to: &'static [&'static str],
}

/// Inputs that are combined in every way.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) name: &'static str,
    pub(super) axes: &'static [Axis],
    pub(super) build: fn(&Combination<'_>) -> Situation,
    /// Steps that make the patient worse: no later deadline.
    pub(super) worse: &'static [Step],
    /// Steps from the most dangerous value to unknown: no later deadline.
    pub(super) unknown: &'static [Step],
}

/// What the engine is asked.
pub(super) struct Situation {
    pub(super) facts: Facts,
    pub(super) site: Site,
    pub(super) occasion: Occasion,
}

/// One combination of a block.
#[derive(Clone)]
pub(super) struct Combination<'b> {
    block: &'b Block,
    digits: Vec<usize>,
}

impl Combination<'_> {
    /// The value of an input; a name that the block does not have gives an empty value.
    pub(super) fn of(&self, axis: &str) -> &'static str {
        let position = self.block.axes.iter().position(|a| a.name == axis);
        position.map_or("", |at| self.block.axes[at].values[self.digits[at]])
    }

    /// What the engine is asked.
    pub(super) fn build(&self) -> Situation {
        (self.block.build)(self)
    }

    /// Whether an input has this value.
    pub(super) fn is(&self, axis: &str, value: &str) -> bool {
        self.of(axis) == value
    }
}

impl fmt::Display for Combination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for axis in self.block.axes {
            write!(f, "{}={}; ", axis.name, self.of(axis.name))?;
        }
        Ok(())
    }
}

impl Block {
    pub(super) fn size(&self) -> usize {
        self.axes.iter().map(|axis| axis.values.len()).product()
    }

    pub(super) fn combination(&self, mut rank: usize) -> Combination<'_> {
        let digits = self.axes.iter().map(|axis| {
            let digit = rank % axis.values.len();
            rank /= axis.values.len();
            digit
        });
        Combination { digits: digits.collect(), block: self }
    }

    fn rank(&self, combination: &Combination<'_>) -> usize {
        let digits = self.axes.iter().zip(&combination.digits).rev();
        digits.fold(0, |rank, (axis, digit)| rank * axis.values.len() + digit)
    }
}

/// What is wrong, how often, and the first combination that shows it.
#[derive(Default)]
pub(super) struct Faults(BTreeMap<String, (usize, String)>);

impl Faults {
    fn add(&mut self, fault: String, combination: &dyn fmt::Display) {
        self.0.entry(fault).or_insert_with(|| (0, combination.to_string())).0 += 1;
    }

    fn join(&mut self, other: Self) {
        for (fault, (count, example)) in other.0 {
            self.0.entry(fault).or_insert_with(|| (0, example)).0 += count;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .take(20)
            .try_for_each(|(fault, (count, example))| writeln!(f, "{count} × {fault}\n    {example}"))
    }
}

/// What a tour found.
#[derive(Default)]
pub(super) struct Tour {
    /// The deadline of the emergency card of each combination, by rank.
    pub(super) visits: Vec<Option<DateTime<Utc>>>,
    /// The rows that fired.
    pub(super) rows: BTreeSet<&'static str>,
    pub(super) faults: Faults,
    /// What the tables were asked.
    pub(super) asked: Asked,
}

/// Visits every combination of a block, on every core.
pub(super) fn tour(block: &Block, check: fn(&Combination<'_>, &Situation, &[Advice]) -> Vec<String>) -> Tour {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let share = block.size().div_ceil(cores);
    let parts: Vec<Tour> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..cores).map(|core| scope.spawn(move || part(block, core * share, share, check))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    parts.into_iter().fold(Tour::default(), |mut all, part| {
        all.visits.extend(part.visits);
        all.rows.extend(part.rows);
        all.faults.join(part.faults);
        broken::join(&mut all.asked, part.asked);
        all
    })
}

fn part(
    block: &Block,
    first: usize,
    share: usize,
    check: fn(&Combination<'_>, &Situation, &[Advice]) -> Vec<String>,
) -> Tour {
    let mut found = Tour::default();
    for rank in first..block.size().min(first + share) {
        let combination = block.combination(rank);
        let situation = combination.build();
        let now = super::patients::now();
        let (advice, trace) = assess_with_trace(&situation.facts, &situation.site, now, situation.occasion);
        for fault in check(&combination, &situation, &advice).into_iter().chain(trace_faults(&advice, &trace))
        {
            found.faults.add(fault, &combination);
        }
        found.rows.extend(advice.iter().flat_map(|a| a.recommendations.iter().map(|r| r.row)));
        found.visits.push(advice.iter().find_map(|a| a.deadline));
    }
    found.asked = broken::take();
    found
}

/// The steps that lengthen a deadline, those left out that `excepted` allows. Silence is the longest deadline.
pub(super) fn lengthened(
    block: &Block,
    visits: &[Option<DateTime<Utc>>],
    steps: &[Step],
    excepted: fn(&Combination<'_>, &Combination<'_>) -> bool,
) -> Faults {
    let mut faults = Faults::default();
    for rank in 0..visits.len() {
        let Some(before) = visits[rank] else { continue };
        let calm = block.combination(rank);
        for step in steps.iter().filter(|step| step.from.contains(&calm.of(step.axis))) {
            let at = block.axes.iter().position(|axis| axis.name == step.axis).unwrap();
            for to in step.to {
                let mut moved = calm.clone();
                moved.digits[at] = block.axes[at].values.iter().position(|value| value == to).unwrap();
                let after = visits[block.rank(&moved)];
                if after.is_none_or(|after| after > before) && !excepted(&calm, &moved) {
                    let later = after.map_or("no deadline".to_owned(), |a| format!("{} later", a - before));
                    let fault = format!("{}: {} → {to}: {later}", step.axis, calm.of(step.axis));
                    faults.add(fault, &calm);
                }
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {

    #[test]
    fn every_combination_has_its_own_rank() {
        let block = &super::super::blocks::CLOCK;
        for rank in (0..block.size()).step_by(11) {
            assert_eq!(block.rank(&block.combination(rank)), rank);
        }
    }
}
