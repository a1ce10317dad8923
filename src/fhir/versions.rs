//! Several versions of one resource: the newest counts (guideline.md section 2).
//!
//! Newer is what `meta.lastUpdated` says, and where it says nothing for two versions, `meta.versionId` as a number. Where neither
//! tells, all versions that may be the newest are read and reported as [`Undecided`]; which of them gives the more urgent answer,
//! only the engine can tell. Order of arrival plays no part. Deliberately absent: what a version says.

use super::Chart;
use super::context::{Context, Entry};
use super::dates;
use super::note::NoteKind;
use super::reader::{Object, text};
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// A resource of which several versions came, and nothing tells the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// `Type/id`.
    pub reference: String,
    /// The places of its versions in [`Chart::resources`], in an order that does not depend on that of arrival.
    pub versions: Vec<usize>,
}

/// What tells how new a version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Age {
    updated: Option<DateTime<Utc>>,
    version: Option<u64>,
}

impl Age {
    fn read(entry: &Entry<'_>, cx: &Context<'_>) -> Self {
        let meta = entry.object.get("meta").and_then(Object::read).unwrap_or_default();
        let updated = meta.raw("lastUpdated").and_then(text).and_then(|at| dates::read(&at, cx.zone));
        let version = meta.raw("versionId").and_then(text).and_then(|version| version.parse().ok());
        Self { updated: updated.map(|dated| dated.when.latest()), version }
    }
}

/// The highest version numbers of a resource, by what they can be held against.
#[derive(Debug, Default)]
struct Highest {
    updated: Option<DateTime<Utc>>,
    /// Of all versions.
    version: Option<u64>,
    /// Of those without a time.
    version_untimed: Option<u64>,
    /// Of those of one time.
    version_at: HashMap<DateTime<Utc>, u64>,
}

impl Highest {
    fn of(ages: &[Age]) -> Self {
        let mut highest = Self::default();
        for Age { updated, version } in ages {
            highest.updated = highest.updated.max(*updated);
            highest.version = highest.version.max(*version);
            match (updated, version) {
                (None, _) => highest.version_untimed = highest.version_untimed.max(*version),
                (Some(at), Some(version)) => {
                    let present = highest.version_at.entry(*at).or_default();
                    *present = (*present).max(*version);
                }
                (Some(_), None) => {}
            }
        }
        highest
    }

    /// Whether another version is newer.
    fn is_above(&self, age: Age) -> bool {
        let Some(at) = age.updated else {
            return age.version.is_some_and(|own| self.version > Some(own));
        };
        let later = self.updated > Some(at);
        let numbered = age.version.is_some_and(|own| {
            self.version_untimed > Some(own) || self.version_at.get(&at).is_some_and(|highest| *highest > own)
        });
        later || numbered
    }
}

/// The entries that count. Linear in their number, apart from sorting versions of one resource that nothing tells apart.
pub(super) fn settle<'a>(
    entries: Vec<(usize, Entry<'a>)>,
    chart: &Chart<'a>,
    cx: &mut Context<'_>,
) -> (Vec<Entry<'a>>, Vec<Undecided>) {
    // Most charts have one version of everything.
    let state = foldhash::fast::RandomState::default();
    let mut first: HashMap<(&str, &str), usize, _> = HashMap::with_capacity_and_hasher(entries.len(), state);
    let mut groups: HashMap<usize, Vec<usize>> = HashMap::new();
    for (i, (_, entry)) in entries.iter().enumerate() {
        if let Some(id) = &entry.id {
            let first = *first.entry((&*entry.resource_type, &**id)).or_insert(i);
            if first != i {
                groups.entry(first).or_insert_with(|| vec![first]).push(i);
            }
        }
    }
    if groups.is_empty() {
        return (entries.into_iter().map(|(_, entry)| entry).collect(), Vec::new());
    }
    let mut left_out = vec![false; entries.len()];
    let mut undecided = Vec::new();
    for group in groups.into_values() {
        undecided.extend(settle_one(&group, &entries, chart, &mut left_out, cx));
    }
    undecided.sort_by(|a: &Undecided, b| a.reference.cmp(&b.reference));
    let kept = entries.into_iter().zip(left_out).filter(|(_, left_out)| !left_out).map(|(entry, _)| entry);
    let mut kept: Vec<(usize, Entry<'a>)> = kept.collect();
    if !undecided.is_empty() {
        // Versions side by side are read in an order of their own, behind all else.
        let places = undecided.iter().flat_map(|resource| &resource.versions);
        let ranks: HashMap<usize, usize> =
            places.enumerate().map(|(rank, place)| (*place, rank + 1)).collect();
        kept.sort_by_key(|(place, _)| ranks.get(place).copied().unwrap_or_default());
    }
    (kept.into_iter().map(|(_, entry)| entry).collect(), undecided)
}

/// Marks the versions of one resource that do not count.
fn settle_one(
    group: &[usize],
    entries: &[(usize, Entry<'_>)],
    chart: &Chart<'_>,
    left_out: &mut [bool],
    cx: &mut Context<'_>,
) -> Option<Undecided> {
    let versions = || group.iter().filter_map(|i| Some((*i, entries.get(*i)?)));
    let written = |place: usize| chart.resources.get(place).map(|raw| raw.get()).unwrap_or_default();
    let ages: Vec<Age> = versions().map(|(_, (_, entry))| Age::read(entry, cx)).collect();
    let highest = Highest::of(&ages);
    let newest = |age: &Age| !highest.is_above(*age);
    // Times and numbers may contradict each other so that each version is older than another: then nothing tells.
    let told = ages.iter().any(newest);
    let mut candidates: Vec<(&str, usize, usize)> = Vec::new();
    for ((i, (place, entry)), age) in versions().zip(&ages) {
        if told && !newest(age) {
            cx.note(NoteKind::OlderVersion, entry, "meta");
            leave_out(left_out, i);
        } else {
            candidates.push((written(*place), *place, i));
        }
    }
    candidates.sort_unstable();
    let mut distinct: Vec<usize> = Vec::with_capacity(candidates.len());
    let mut last = None;
    for (text, place, i) in candidates {
        if last == Some(text) {
            if let Some((_, entry)) = entries.get(i) {
                cx.note(NoteKind::Duplicate, entry, "");
            }
            leave_out(left_out, i);
        } else {
            distinct.push(place);
            last = Some(text);
        }
    }
    let (_, first) = group.first().and_then(|i| entries.get(*i))?;
    if distinct.len() < 2 {
        return None;
    }
    cx.note(NoteKind::VersionsDisagree, first, "meta");
    Some(Undecided { reference: first.reference.clone(), versions: distinct })
}

fn leave_out(left_out: &mut [bool], i: usize) {
    if let Some(mark) = left_out.get_mut(i) {
        *mark = true;
    }
}
