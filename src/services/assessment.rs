//! A chart read and held against the guideline, also where several versions of a resource came and nothing tells the newest.
//!
//! Of such versions the one with the more urgent answer counts (guideline.md section 2). Which one that is depends on all rules
//! and on the rest of the chart: a withdrawn diagnosis silences, a withdrawn MRI alarms. So each version is tried, and the
//! answers are compared; no second copy of the rules decides. Resources are settled one after the other, in the order of their
//! names, so that the number of trials is the number of versions, and never the product. [`MOST_TRIALS`] bounds it: versions
//! beyond are read side by side, as records of their own.

use crate::domain::Site;
use crate::fhir::{self, Chart, NoteKind, Reading, ValueSets};
use crate::guideline::say::Gap;
use crate::guideline::{self, Advice, Indicator, Occasion};
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::HashSet;

/// How many readings of one chart are tried at most, to settle which version of a resource counts. A sound record has none to
/// settle; a page that was cut while it was written may have a few.
const MOST_TRIALS: usize = 16;

/// How urgent an answer is: its cards, the most urgent first, each by indicator, deadline and number of recommendations.
type Urgency = Vec<(Indicator, Reverse<DateTime<Utc>>, usize)>;

/// Reads a chart and holds it against the guideline. What of the chart is not to be read is marked in it.
pub fn assess(
    chart: &mut Chart<'_>,
    value_sets: &ValueSets,
    site: &Site,
    now: DateTime<Utc>,
    occasion: Occasion,
) -> (Reading, Vec<Advice>) {
    assess_while(chart, value_sets, site, now, occasion, &|| true).unwrap_or_default()
}

/// The same, as long as somebody waits for it. `None`: nobody does.
pub fn assess_while(
    chart: &mut Chart<'_>,
    value_sets: &ValueSets,
    site: &Site,
    now: DateTime<Utc>,
    occasion: Occasion,
    is_wanted: &dyn Fn() -> bool,
) -> Option<(Reading, Vec<Advice>)> {
    let read = |chart: &Chart<'_>| {
        let reading = fhir::read_while(chart, value_sets, site, now, is_wanted)?;
        let advice = guideline::assess_while(&reading.facts, site, now, occasion, is_wanted)?;
        Some((reading, advice))
    };
    let (mut reading, mut advice) = read(chart)?;
    if !reading.undecided.is_empty() {
        let (notes, undecided) = (std::mem::take(&mut reading.notes), std::mem::take(&mut reading.undecided));
        let mut trials = MOST_TRIALS;
        for resource in &undecided {
            let Some(rest) = trials.checked_sub(resource.versions.len()) else { continue };
            trials = rest;
            let before = chart.left_out.clone();
            let mut best: Option<(Urgency, HashSet<usize>)> = None;
            for version in &resource.versions {
                let others = resource.versions.iter().copied().filter(|other| other != version);
                chart.left_out = before.iter().copied().chain(others).collect();
                let urgency = urgency(&read(chart)?.1);
                // Of equal answers the first counts: the order of the versions is not that of arrival.
                if best.as_ref().is_none_or(|(most, _)| urgency > *most) {
                    best = Some((urgency, chart.left_out.clone()));
                }
            }
            chart.left_out = best.map_or(before, |(_, left_out)| left_out);
        }
        (reading, advice) = read(chart)?;
        // The first reading saw every version, and noted that they disagree.
        reading.notes = notes;
        reading.undecided = undecided;
    }
    say_where_versions_disagree(&mut advice, &reading);
    Some((reading, advice))
}

fn urgency(advice: &[Advice]) -> Urgency {
    let card = |card: &Advice| {
        let deadline = card.deadline.unwrap_or(DateTime::<Utc>::MAX_UTC);
        (card.indicator, Reverse(deadline), card.recommendations.len())
    };
    let mut cards: Urgency = advice.iter().map(card).collect();
    cards.sort_unstable_by(|a, b| b.cmp(a));
    cards
}

/// A card that uses a fact of a resource whose versions disagree says so.
fn say_where_versions_disagree(advice: &mut [Advice], reading: &Reading) {
    let disagreeing = reading.notes.iter().filter(|note| {
        matches!(note.kind, NoteKind::OlderVersion | NoteKind::VersionsDisagree) && is_plain(&note.place)
    });
    for note in disagreeing {
        let gap = Gap::Versions {
            reference: note.place.to_string(),
            newest: matches!(note.kind, NoteKind::OlderVersion),
        };
        let uses = |card: &&mut Advice| {
            let facts = card.recommendations.iter().flat_map(|it| &it.facts);
            facts.into_iter().any(|fact| fact.reference.as_deref() == Some(&*note.place))
        };
        for card in advice.iter_mut().filter(uses) {
            if !card.gaps.contains(&gap) {
                card.gaps.push(gap.clone());
            }
        }
    }
}

/// Whether a reference can stand in a sentence as it is: an id of FHIR has no other characters.
fn is_plain(reference: &str) -> bool {
    reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.'))
}
