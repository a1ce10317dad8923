//! The words of a card, in English: all of them, and nothing else makes any.
//!
//! An [`Advice`] comes as values ([`super::say`]); here they become its first line, its detail and its buttons. Numbers in a
//! sentence are the constants that decide. Text from the record is escaped here, once. Deliberately absent: decisions.
//! No deciding module may use this one (`tests/conventions.rs`).

mod acts;
mod buttons;
mod escape;
mod facts;
pub(super) mod first_line;
mod gaps;
mod names;

use super::advice::{Advice, FactUsed};
use super::statement;
use chrono_tz::Tz;

pub(super) use buttons::scheme;
pub use buttons::{
    alternatives, asks, label, make_whole, note, order_mri, order_region, refer_to, remove, set,
};
pub use names::reason;
pub(super) use names::sign;

/// Most characters of a summary (requirement C-2).
pub const SUMMARY_LENGTH: usize = 139;

/// The first line of a card. The exhaustive check holds that it fits; cutting it is the last resort.
pub fn summary(advice: &Advice, zone: Tz) -> String {
    fit(first_line::first_line(&advice.headline, zone))
}

fn fit(summary: String) -> String {
    if summary.chars().count() <= SUMMARY_LENGTH {
        return summary;
    }
    summary.chars().take(SUMMARY_LENGTH - 1).chain(std::iter::once('…')).collect()
}

/// The text of a card, in GitHub Flavored Markdown.
pub fn detail(advice: &Advice, zone: Tz) -> String {
    let facts = advice.recommendations.iter().flat_map(|it| &it.facts);
    let more = advice.more.iter().map(|more| facts::more_records(more, zone));
    let mut ids: Vec<&str> =
        advice.recommendations.iter().flat_map(|it| it.statements.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    [
        section("Why", facts.map(|fact| facts::sentence(fact, zone)).chain(more)),
        section("What to do", advice.acts.iter().map(|act| acts::sentence(act, zone))),
        section("Not known", advice.gaps.iter().filter_map(|gap| gaps::sentence(gap, zone))),
        section("Source", ids.iter().map(|id| format!("{id}: {}", statement::says(id)))),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("\n\n")
}

/// A heading with its lines, without repeats; `None` without lines.
fn section(title: &str, lines: impl Iterator<Item = String>) -> Option<String> {
    let mut items: Vec<String> = Vec::new();
    for line in lines {
        let item = format!("- {line}");
        if !items.contains(&item) {
            items.push(item);
        }
    }
    (!items.is_empty()).then(|| format!("**{title}**\n\n{}", items.join("\n")))
}

/// The value of a fact, for a rationale.
pub fn value(used: &FactUsed, zone: Tz) -> String {
    facts::value(&used.value, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_never_exceeds_its_length_in_characters() {
        assert_eq!(fit("short".to_owned()), "short");
        assert_eq!(fit("ü".repeat(200)).chars().count(), SUMMARY_LENGTH);
        let exact = "x".repeat(SUMMARY_LENGTH);
        assert_eq!(fit(exact.clone()), exact);
    }
}
