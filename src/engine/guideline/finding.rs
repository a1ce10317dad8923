//! From records to findings: what is current, since when, and how it develops (guideline.md sections 2 and 3.2).
//!
//! Repeated records of one fact, side and limb are one finding until one denies it; its onset is the earliest.
//! A Condition with its own onset is a finding by itself. Deliberately absent: what a finding calls for.

use crate::domain::{
    Escc, Evidence, Facts, Levels, Limb, Progression, ProgressionRecord, Side, Sign, SignRecord, When,
};
use chrono::{DateTime, Duration, Utc};

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A recorded symptom or sign.
    Sign(Sign),
    /// An ESCC grade of 2 or 3.
    HighEscc(Escc),
}

/// A dated statement about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) when: When,
    pub(super) says: Option<Progression>,
}

/// A current finding.
#[derive(Debug, Clone)]
pub(super) struct Finding<'f> {
    pub(super) kind: Kind,
    pub(super) side: Option<Side>,
    pub(super) limb: Option<Limb>,
    /// The vertebral levels that all of its records name; none: any site.
    pub(super) levels: Levels,
    /// The documented onset: the earliest of its records.
    pub(super) onset: Option<When>,
    /// Onset or first record, whichever is earlier, before any adjustment.
    pub(super) first: When,
    /// Since when a study or a treatment must date to have met this finding.
    pub(super) begin: When,
    /// Dated statements in time order; empty for an undated finding.
    pub(super) events: Vec<Event>,
    /// How it develops, by the latest statement within the look-back.
    pub(super) course: Option<Progression>,
    pub(super) metastatic_by_code: bool,
    pub(super) evidence: Vec<&'f Evidence>,
}

/// The clock and the window in which a record counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) now: DateTime<Utc>,
    pub(super) look_back: Duration,
}

impl Clock {
    /// Whether a record of that time counts as current: the shortest age that it allows is within the look-back.
    pub(super) fn counts(self, when: When) -> bool {
        when.shortest_age(self.now) <= self.look_back
    }
}

impl Finding<'_> {
    /// Whether the sign is this one.
    pub(super) fn is(&self, sign: Sign) -> bool {
        self.kind == Kind::Sign(sign)
    }

    /// The times that a study must not predate: the beginning, and every record that says "worse".
    pub(super) fn needs(&self) -> impl Iterator<Item = When> + '_ {
        std::iter::once(self.begin).chain(self.worse())
    }

    /// When it was recorded as worse.
    pub(super) fn worse(&self) -> impl Iterator<Item = When> + '_ {
        self.events.iter().filter(|e| e.says == Some(Progression::Progressive)).map(|e| e.when)
    }

    /// Whether its onset or first record is more than the look-back ago and nobody recorded it as worse since
    /// (guideline.md section 3.1: such a sign only asks).
    pub(super) fn is_old(&self, clock: Clock) -> bool {
        !clock.counts(self.first) && !self.worse().any(|w| clock.counts(w))
    }

    /// When it presented: its earliest record within the look-back; a later record that says "worse" restarts it.
    /// `since`: only records after that time count (a study or a treatment dealt with the earlier ones).
    pub(super) fn presentation(&self, clock: Clock, since: Option<When>) -> When {
        let counting = self
            .events
            .iter()
            .filter(|e| clock.counts(e.when) && since.is_none_or(|cut| e.when.is_surely_after(cut)));
        let mut start: Option<Event> = None;
        for event in counting {
            match (start, event.says) {
                (None, _) => start = Some(*event),
                (Some(run), Some(Progression::Progressive)) if run.says != Some(Progression::Progressive) => {
                    start = Some(*event);
                }
                (Some(run), Some(says)) => start = Some(Event { when: run.when, says: Some(says) }),
                (Some(_), None) => {}
            }
        }
        let when = start.map_or(self.begin, |run| run.when);
        if when.earliest() > clock.now { When::instant(clock.now) } else { when }
    }
}

/// Records that are one finding: the same sign, side and limb.
type Merged<'f> = (Sign, Option<Side>, Option<Limb>, Vec<&'f SignRecord>);

/// All current findings. `undated`: the time that a finding without any date takes.
pub(super) fn current<'f>(facts: &'f Facts, clock: Clock, undated: When) -> Vec<Finding<'f>> {
    let mut findings: Vec<Finding<'f>> = Vec::new();
    let mut merged: Vec<Merged<'f>> = Vec::new();
    for record in facts.signs.iter().filter(|r| r.affirmed) {
        if record.stands_alone {
            findings.push(fold(&[record], &facts.progressions, clock, undated));
        } else if !facts.signs.iter().any(|denial| closes(denial, record)) {
            let key = (record.sign, record.side, record.limb);
            match merged.iter_mut().find(|(sign, side, limb, _)| (*sign, *side, *limb) == key) {
                Some((.., records)) => records.push(record),
                None => merged.push((record.sign, record.side, record.limb, vec![record])),
            }
        }
    }
    join_unnamed_limbs(&mut merged);
    findings.extend(merged.iter().map(|(.., records)| fold(records, &facts.progressions, clock, undated)));
    findings.retain(|f| f.events.is_empty() || f.events.iter().any(|e| clock.counts(e.when)));
    findings.sort_by_key(|f| (f.begin.earliest(), f.evidence.first().map(|e| e.reference.clone())));
    findings
}

/// A record that names no limb joins the one finding of its sign and side that does; where both arm and leg are named
/// it stays by itself.
fn join_unnamed_limbs(merged: &mut Vec<Merged<'_>>) {
    let (unnamed, mut named): (Vec<_>, Vec<_>) =
        std::mem::take(merged).into_iter().partition(|(_, _, limb, _)| limb.is_none());
    for group in unnamed {
        let mut same = named.iter_mut().filter(|(sign, side, _, _)| (*sign, *side) == (group.0, group.1));
        match (same.next(), same.next()) {
            (Some((.., records)), None) => records.extend(group.3),
            _ => named.push(group),
        }
    }
    *merged = named;
}

/// Denials of a sign, as the latest time at which each was recorded.
pub(super) fn denials(facts: &Facts, sign: Sign) -> impl Iterator<Item = (When, &Evidence)> {
    facts
        .signs
        .iter()
        .filter(move |r| r.sign == sign && !r.affirmed)
        .filter_map(|r| Some((latest_record(r)?, &r.evidence)))
}

/// Whether a denial ends the finding that a record belongs to. An undated denial cannot be placed and ends nothing.
fn closes(denial: &SignRecord, record: &SignRecord) -> bool {
    let covers_side = matches!(denial.side, None | Some(Side::Both)) || denial.side == record.side;
    let covers_limb = denial.limb.is_none() || denial.limb == record.limb;
    let later = match (latest_record(denial), latest_record(record)) {
        (Some(denied), Some(affirmed)) => denied.is_surely_after(affirmed),
        _ => false,
    };
    !denial.affirmed && denial.sign == record.sign && covers_side && covers_limb && later
}

/// The latest recorded, effective or issued date; without one, the onset.
fn latest_record(record: &SignRecord) -> Option<When> {
    record.seen.iter().copied().max_by_key(|w| w.latest()).or(record.onset)
}

fn fold<'f>(
    records: &[&'f SignRecord],
    progressions: &[ProgressionRecord],
    clock: Clock,
    undated: When,
) -> Finding<'f> {
    let mut events: Vec<Event> = Vec::new();
    let mut undated_says: Vec<Progression> = Vec::new();
    for record in records {
        let dated = events.len();
        let says = record.progression;
        events.extend(record.seen.iter().map(|&when| Event { when, says }));
        if record.seen.is_empty() {
            events.extend(record.onset.map(|when| Event { when, says }));
        }
        if events.len() == dated {
            undated_says.extend(says);
        }
    }
    events.extend(rises_and_falls(records));

    let onset = records.iter().filter_map(|r| r.onset).min_by_key(|w| w.earliest());
    let seen_first = events.iter().map(|e| e.when).min_by_key(|w| w.earliest());
    let first = [onset, seen_first].into_iter().flatten().min_by_key(|w| w.earliest()).unwrap_or(undated);

    let side = records.first().and_then(|r| r.side);
    let deficit = records.first().is_some_and(|r| {
        matches!(r.sign, Sign::RadicularDeficit | Sign::LimbWeakness | Sign::LimbNumbness | Sign::Paraparesis)
    });
    for record in progressions.iter().filter(|p| deficit && same_side(p.side, side)) {
        match record.seen {
            Some(when) if when.is_at_or_after(first) => {
                events.push(Event { when, says: Some(record.progression) });
            }
            Some(_) => {}
            None => undated_says.push(record.progression),
        }
    }
    sort(&mut events);
    let course = course(&events, &undated_says, clock);

    Finding {
        kind: records.first().map_or(Kind::Sign(Sign::BackPain), |r| Kind::Sign(r.sign)),
        side,
        limb: records.iter().find_map(|r| r.limb),
        levels: if records.iter().any(|r| r.levels.is_empty()) {
            Levels::NONE
        } else {
            records.iter().fold(Levels::NONE, |all, r| all.union(r.levels))
        },
        onset,
        first,
        begin: first,
        events,
        course,
        metastatic_by_code: records.iter().any(|r| r.metastatic_by_code),
        evidence: records.iter().map(|r| &r.evidence).collect(),
    }
}

/// In time order; at one time a statement of progression comes last, so that it decides.
pub(super) fn sort(events: &mut [Event]) {
    events.sort_by_key(|e| (e.when.earliest(), e.when.latest(), e.says == Some(Progression::Progressive)));
}

/// The latest statement within the look-back; "progressive" wins a tie, and wins when it has no date.
fn course(events: &[Event], undated: &[Progression], clock: Clock) -> Option<Progression> {
    if undated.contains(&Progression::Progressive) {
        return Some(Progression::Progressive);
    }
    let dated = events.iter().rev().filter(|e| clock.counts(e.when)).find_map(|e| e.says);
    dated.or_else(|| undated.first().copied())
}

/// Serial severities: a rise from one record to the next says "progressive", a fall "improving".
fn rises_and_falls(records: &[&SignRecord]) -> Vec<Event> {
    let mut graded: Vec<(When, u8)> =
        records.iter().filter_map(|r| Some((latest_record(r)?, r.severity?))).collect();
    graded.sort_by_key(|(when, severity)| (when.earliest(), *severity));
    graded
        .iter()
        .zip(graded.iter().skip(1))
        .filter(|((before, _), (after, _))| after.is_surely_after(*before))
        .filter_map(|((_, before), (when, after))| {
            let says = match after.cmp(before) {
                std::cmp::Ordering::Greater => Progression::Progressive,
                std::cmp::Ordering::Less => Progression::Improving,
                std::cmp::Ordering::Equal => return None,
            };
            Some(Event { when: *when, says: Some(says) })
        })
        .collect()
}

/// Whether a statement about one side speaks of a finding on another: an unknown or double side always matches.
fn same_side(statement: Option<Side>, finding: Option<Side>) -> bool {
    match (statement, finding) {
        (Some(a), Some(b)) => a == b || a == Side::Both || b == Side::Both,
        _ => true,
    }
}
