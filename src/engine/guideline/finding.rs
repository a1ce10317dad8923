//! From records to findings: what is current, since when, and how it develops (guideline.md sections 2 and 3.2).
//!
//! Repeated records of one fact, side and limb are one finding until one denies it; its onset is the earliest.
//! A Condition with its own onset is a finding by itself. Deliberately absent: what a finding calls for.

use crate::domain::{
    Escc, Evidence, Facts, Levels, Limb, Precision, Progression, ProgressionRecord, Side, Sign, SignRecord,
    When,
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

    /// Whether it is an ESCC grade of 2 or 3.
    pub(super) const fn is_high_escc(&self) -> bool {
        matches!(self.kind, Kind::HighEscc(_))
    }

    /// When it began; `None` where none of its records has a date.
    pub(super) fn dated(&self) -> Option<When> {
        (!self.events.is_empty()).then_some(self.begin)
    }

    /// The moment that a study must not predate: the beginning, or the last record that says "worse".
    pub(super) fn need(&self) -> DateTime<Utc> {
        self.worse().map(When::earliest).fold(self.begin.earliest(), DateTime::max)
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

    /// When it presented: its earliest record within the look-back; the first that says "worse" restarts the clock, a
    /// note of stable or improving never does, and neither does one more record. `since`: only records after that time
    /// count (a treatment dealt with the earlier ones). `studied`: a study that the finding had before it got worse.
    pub(super) fn presentation(&self, clock: Clock, since: Option<When>, studied: Option<When>) -> When {
        let counts = |event: &&Event| {
            clock.counts(event.when) && since.is_none_or(|cut| event.when.is_surely_after(cut))
        };
        let worse = self.events.iter().filter(counts).filter(|e| e.says == Some(Progression::Progressive));
        let start =
            |times: &mut dyn Iterator<Item = When>| earliest(times.map(|when| starts(when, clock.now)));
        let after = |study: When| {
            start(&mut worse.clone().map(|e| e.when).filter(|when| when.is_surely_after(study)))
        };
        studied
            .and_then(after)
            .or_else(|| start(&mut worse.clone().map(|e| e.when)))
            .or_else(|| start(&mut self.events.iter().filter(counts).map(|e| e.when)))
            .unwrap_or_else(|| starts(self.begin, clock.now))
    }
}

/// The earliest of some times: it begins and ends no later than any of them, so that one more never makes it later.
pub(super) fn earliest(times: impl Iterator<Item = When>) -> Option<When> {
    times.reduce(When::or_earlier)
}

/// When a clock starts that a record of that time sets off. The future starts it now; a date without a day with its last
/// day, or now.
fn starts(when: When, now: DateTime<Utc>) -> When {
    let vague = when.precision() < Precision::Day;
    if when.earliest() > now || (vague && when.latest() > now) {
        When::instant(now)
    } else if vague {
        When::instant(when.latest())
    } else {
        when
    }
}

/// Records that are one finding: the same sign, side and limb.
type Merged<'f> = (Sign, Option<Side>, Option<Limb>, Vec<&'f SignRecord>);

/// All current findings. `undated`: the time that a finding without any date takes.
pub(super) fn current<'f>(facts: &'f Facts, clock: Clock, undated: When) -> Vec<Finding<'f>> {
    let mut findings: Vec<Finding<'f>> = Vec::new();
    let mut merged: Vec<Merged<'f>> = Vec::new();
    let closing = closing(facts);
    for record in facts.signs.iter().filter(|r| r.affirmed) {
        if record.stands_alone {
            findings.push(fold(&[record], &facts.progressions, clock, undated));
        } else if !closing.iter().any(|denial| denial.closes(record)) {
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
    let key = |f: &Finding<'f>| (f.begin.earliest(), f.evidence.first().map(|e| e.reference.as_str()));
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
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

/// The latest denial of a sign, whatever its side.
pub(super) fn latest_denial(facts: &Facts, sign: Sign) -> Option<When> {
    let denials = facts.signs.iter().filter(|record| record.sign == sign && !record.affirmed);
    denials.filter_map(latest_record).max_by_key(|when| when.latest())
}

/// The latest denial of a sign on a side and limb.
struct Denial {
    sign: Sign,
    side: Option<Side>,
    limb: Option<Limb>,
    when: When,
}

impl Denial {
    /// Whether it ends the finding that a record belongs to.
    fn closes(&self, record: &SignRecord) -> bool {
        let covers_side = matches!(self.side, None | Some(Side::Both)) || self.side == record.side;
        let covers_limb = self.limb.is_none() || self.limb == record.limb;
        self.sign == record.sign
            && covers_side
            && covers_limb
            && latest_record(record).is_some_and(|affirmed| self.when.is_surely_after(affirmed))
    }
}

/// Whether a record was denied since.
pub(super) fn is_denied(facts: &Facts, record: &SignRecord) -> bool {
    closing(facts).iter().any(|denial| denial.closes(record))
}

/// The latest denial of each sign, side and limb. An undated denial cannot be placed and ends nothing.
fn closing(facts: &Facts) -> Vec<Denial> {
    let mut latest: Vec<Denial> = Vec::new();
    for record in facts.signs.iter().filter(|record| !record.affirmed) {
        let Some(when) = latest_record(record) else { continue };
        let (sign, side, limb) = (record.sign, record.side, record.limb);
        match latest.iter_mut().find(|d| (d.sign, d.side, d.limb) == (sign, side, limb)) {
            Some(denial) if denial.when.earliest() < when.earliest() => denial.when = when,
            Some(_) => {}
            None => latest.push(Denial { sign, side, limb, when }),
        }
    }
    latest
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
    let begin = begin(records).unwrap_or(first);

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
        begin,
        events,
        course,
        evidence: records.iter().map(|r| &r.evidence).collect(),
    }
}

/// When records that are one finding began: the earliest of their onsets, and of the dates of those that state none. An
/// onset with a time stands whatever the date of its recording looks like; of a date without a time and a time on that day
/// the time counts.
fn begin(records: &[&SignRecord]) -> Option<When> {
    let of_record = |record: &&SignRecord| {
        let seen = record.seen.iter().copied().min_by_key(|when| when.earliest());
        match record.onset {
            Some(onset) if onset.is_instant() => Some(onset),
            onset => onset.into_iter().chain(seen).min_by_key(|when| when.earliest()),
        }
    };
    records.iter().filter_map(of_record).reduce(sharper)
}

/// The earlier of two times; where one is a date that holds the other, the other.
fn sharper(a: When, b: When) -> When {
    let (first, second) = if b.earliest() < a.earliest() { (b, a) } else { (a, b) };
    let holds = !first.is_instant() && second.is_instant() && second.earliest() < first.latest();
    if holds { second } else { first }
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
