//! Treated since onset (guideline.md section 3.2).
//!
//! While a treatment of the spine runs and for 90 days after it, findings that began before it and are not recorded
//! as worse since do not count. Later, those recorded since the treatment count again, with the clock from that record.
//! Deliberately absent: vertebroplasty and kyphoplasty, which never reach [`SpineTreatment`].

use super::finding::{Clock, Event, Finding};
use crate::domain::{Aim, Facts, Progression, SpineTreatment, TreatmentKind, When};
use chrono::Duration;
use std::rc::Rc;

/// How long after its end a treatment covers the findings that began before it.
pub(super) const COVERS_FOR: Duration = Duration::days(90);

/// A course that is still marked as running after this time was forgotten, not given: it must not silence for ever.
pub(super) const RUNS_AT_MOST: Duration = Duration::days(180);

/// A treatment with its place in time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Treatment<'f> {
    pub(super) start: When,
    end: When,
    running: bool,
    pub(super) record: &'f SpineTreatment,
}

impl Treatment<'_> {
    /// Whether it covers findings that began before it.
    pub(super) fn covers(&self, clock: Clock) -> bool {
        let runs = self.running && self.start.shortest_age(clock.now) <= RUNS_AT_MOST;
        runs || self.end.shortest_age(clock.now) <= COVERS_FOR
    }
}

/// What the treatments leave of a finding.
#[derive(Debug)]
pub(super) enum Effect<'f> {
    /// It counts. `since`: only records after that time start the clock.
    Counts { since: Option<When> },
    /// It is covered by this treatment and does not count.
    Covered(Treatment<'f>),
    /// It began before a treatment that is long over and was not recorded since.
    Gone,
}

/// The treatments that can be placed in time: surgery of the spine; radiotherapy that names the spine, or names no
/// site where spinal metastases are documented. Radiotherapy without a site in anybody else silences nothing.
pub(super) fn treatments(facts: &Facts, spinal_metastases_documented: bool) -> Vec<Treatment<'_>> {
    let mut found: Vec<Treatment<'_>> = facts
        .treatments
        .iter()
        .filter(|t| {
            t.kind == TreatmentKind::SpineSurgery
                || matches!(t.aim, Aim::Spine(_))
                || (t.aim == Aim::Unstated && spinal_metastases_documented)
        })
        .filter_map(|record| {
            let start = record.start.or(record.end)?;
            Some(Treatment { start, end: record.end.unwrap_or(start), running: record.running, record })
        })
        .collect();
    found.sort_by(|a, b| {
        (a.start.earliest(), &a.record.evidence.reference)
            .cmp(&(b.start.earliest(), &b.record.evidence.reference))
    });
    found
}

/// Settles one finding against the treatments, in the order in which they were given, and adjusts its beginning.
pub(super) fn settle<'f>(
    finding: &mut Finding<'_>,
    treatments: &[Treatment<'f>],
    worse: &Rc<[Event]>,
    clock: Clock,
) -> Effect<'f> {
    let mut since = None;
    let mut last_worse = None;
    for treatment in treatments {
        let elsewhere = matches!(treatment.record.aim, Aim::Spine(levels)
            if treatment.record.kind == TreatmentKind::Radiotherapy && !levels.same_site(finding.levels));
        if elsewhere || finding.begin.is_surely_after(treatment.start) {
            continue;
        }
        if finding.take_worse_despite(worse, treatment.start) || last_worse.is_none() {
            last_worse = Some(LastWorse::of(finding));
        }
        if last_worse.as_ref().is_some_and(|worse| worse.may_be_since(treatment.start)) {
            since = Some(treatment.start);
        } else if treatment.covers(clock) {
            return Effect::Covered(*treatment);
        } else {
            let Some(again) = finding.first_after(treatment.end) else {
                return Effect::Gone;
            };
            finding.begin = again.when;
            since = Some(treatment.end);
        }
    }
    Effect::Counts { since }
}

/// The latest records that a finding got worse.
struct LastWorse {
    any: Option<When>,
    /// The latest that is not what the finding was first recorded with.
    further: Option<When>,
}

impl LastWorse {
    fn of(finding: &Finding<'_>) -> Self {
        Self {
            any: finding.worse().max_by_key(|when| when.earliest()),
            further: finding.worse_again().max_by_key(|when| when.latest()),
        }
    }

    /// Whether one is since a treatment that began then. On one day, either of them without a time of day, it may be; not
    /// what the finding was first recorded with.
    fn may_be_since(&self, start: When) -> bool {
        self.any.is_some_and(|when| when.is_surely_after(start))
            || self.further.is_some_and(|when| when.is_at_or_after(start))
    }
}

/// "Deterioration despite" or "progression after radiotherapy" is "recorded as worse" from its own date on, for what was
/// treated before it.
pub(super) fn worse_despite(facts: &Facts, clock: Clock) -> Rc<[Event]> {
    let dates = facts.worse_despite_treatment.iter().map(|e| e.date.unwrap_or(When::instant(clock.now)));
    let says = Some(Progression::Progressive);
    dates.filter(|when| clock.counts(*when)).map(|when| Event { when, says }).collect()
}
