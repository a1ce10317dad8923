//! From records to findings: what is current, since when, and how it develops (guideline.md sections 2 and 3.2).
//!
//! Repeated records of one fact, side and limb are one finding until one denies it; its onset is the earliest.
//! A Condition with its own onset is a finding by itself. Deliberately absent: what a finding calls for.

use super::denial::denials;
pub(super) use super::progression::Event;
use super::progression::{Stated, course, in_time_order, rises_and_falls};
use crate::domain::{
    Escc, Evidence, Facts, Levels, Limb, Precision, Progression, Side, Sign, SignRecord, When,
};
use chrono::{DateTime, Duration, Utc};
use std::rc::Rc;

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A recorded symptom or sign.
    Sign(Sign),
    /// An ESCC grade of 2 or 3.
    HighEscc(Escc),
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
    /// Dated statements of its own records.
    own: Vec<Event>,
    /// What is stated beside it.
    beside: Beside,
    /// How it develops, by the latest statement within the look-back.
    pub(super) course: Option<Progression>,
    pub(super) evidence: Vec<&'f Evidence>,
}

/// Dated statements that many findings share, so that many findings and many statements do not multiply.
#[derive(Debug, Clone, Default)]
struct Beside {
    /// Progression of deficits on its side; what is at or after the first record counts.
    progressions: Option<Rc<[Event]>>,
    /// Worse despite a treatment that it had; what is at or after this moment counts.
    despite: Option<(Rc<[Event]>, When)>,
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

impl<'f> Finding<'f> {
    /// A finding of one record, whose kind is no symptom.
    pub(super) fn of_one(
        kind: Kind,
        seen: When,
        begin: When,
        is_dated: bool,
        evidence: &'f Evidence,
    ) -> Self {
        Self {
            kind,
            side: None,
            limb: None,
            levels: Levels::NONE,
            onset: None,
            first: seen,
            begin,
            own: is_dated.then_some(Event { when: seen, says: None }).into_iter().collect(),
            beside: Beside::default(),
            course: None,
            evidence: vec![evidence],
        }
    }
}

impl Finding<'_> {
    /// Dated statements, in no order; none for an undated finding.
    pub(super) fn events(&self) -> impl Iterator<Item = Event> + Clone + '_ {
        self.recorded().chain(self.despite()).copied()
    }

    /// Its own dated statements and those of the progression of deficits.
    fn recorded(&self) -> impl Iterator<Item = &Event> + Clone {
        let progressions = self.beside.progressions.iter().flat_map(|events| events.iter());
        self.own.iter().chain(progressions.filter(|event| event.when.is_at_or_after(self.first)))
    }

    /// What says that it is worse despite a treatment that it had.
    fn despite(&self) -> impl Iterator<Item = &Event> + Clone {
        let despite = self.beside.despite.iter();
        despite.flat_map(|(events, after)| events.iter().filter(|event| event.when.is_at_or_after(*after)))
    }

    /// The first dated statement after a time.
    pub(super) fn first_after(&self, time: When) -> Option<Event> {
        self.events().filter(|event| event.when.is_surely_after(time)).min_by_key(in_time_order)
    }

    /// The first dated statement.
    pub(super) fn first_event(&self) -> Option<Event> {
        self.events().min_by_key(in_time_order)
    }

    /// The first dated statement of its own records.
    pub(super) fn first_record(&self) -> Option<Event> {
        self.own.iter().copied().min_by_key(in_time_order)
    }

    /// A treatment of that time has dealt with it; what is recorded as worse despite treatment since counts. Gives whether
    /// more may count than before.
    pub(super) fn take_worse_despite(&mut self, worse: &Rc<[Event]>, treated: When) -> bool {
        // Of two moments the one that lets more count.
        let lets_in = |when: When| when.earliest();
        match &mut self.beside.despite {
            Some((_, after)) if lets_in(*after) <= lets_in(treated) => false,
            despite => {
                *despite = Some((Rc::clone(worse), treated));
                true
            }
        }
    }

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
        self.events().next().is_some().then_some(self.begin)
    }

    /// The moment that a study must not predate: the beginning, or the last record that says "worse".
    pub(super) fn need(&self) -> DateTime<Utc> {
        self.worse().map(When::earliest).fold(self.begin.earliest(), DateTime::max)
    }

    /// When it was recorded as worse.
    pub(super) fn worse(&self) -> impl Iterator<Item = When> + '_ {
        self.events().filter(|e| e.says == Some(Progression::Progressive)).map(|e| e.when)
    }

    /// When it was recorded as worse, but for what it was first recorded with. What is said of a treatment is never that.
    pub(super) fn worse_again(&self) -> impl Iterator<Item = When> + '_ {
        let first = self.first_record().map(|event| event.when);
        let recorded = self.recorded().filter(move |event| Some(event.when) != first);
        let worse = recorded.chain(self.despite()).filter(|e| e.says == Some(Progression::Progressive));
        worse.map(|event| event.when)
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
        // A note of worse on the day of the treatment may be later than it.
        let after_cut = |event: &Event, cut: When| {
            let worse = event.says == Some(Progression::Progressive);
            event.when.is_surely_after(cut) || worse && event.when.is_at_or_after(cut)
        };
        let counts =
            |event: &Event| clock.counts(event.when) && since.is_none_or(|cut| after_cut(event, cut));
        let worse =
            self.events().filter(counts).filter(|e| e.says == Some(Progression::Progressive)).map(|e| e.when);
        let start =
            |times: &mut dyn Iterator<Item = When>| earliest(times.map(|when| starts(when, clock.now)));
        let after = |study: When| start(&mut worse.clone().filter(|when| when.is_surely_after(study)));
        // "Worse" restarts the clock: what was surely recorded before it no longer counts. A record that may be as late does.
        let first_worse = worse.clone().min_by_key(|when| when.earliest());
        let before = |when: When| first_worse.is_some_and(|worse| worse.is_surely_after(when));
        // Beside a note a finding without any date keeps the date that it takes.
        let undated = self.own.is_empty() && self.beside.progressions.is_some();
        let undated = undated.then_some(Event { when: self.first, says: None });
        let counting = self.events().chain(undated).filter(counts).map(|e| e.when);
        studied
            .and_then(after)
            .or_else(|| start(&mut counting.filter(|when| !before(*when))))
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

/// Records that are one finding: the same sign, side and limb, each with a date or each without any. What has no date counts
/// as current by itself; it must not take the date of another.
struct Merged<'f> {
    sign: Sign,
    side: Option<Side>,
    limb: Option<Limb>,
    is_dated: bool,
    records: Vec<&'f SignRecord>,
}

impl Merged<'_> {
    fn is_of(&self, sign: Sign, side: Option<Side>, is_dated: bool) -> bool {
        self.sign == sign && self.side == side && self.is_dated == is_dated
    }
}

/// All current findings. `undated`: the time that a finding without any date takes.
pub(super) fn current<'f>(facts: &'f Facts, clock: Clock, undated: When) -> Vec<Finding<'f>> {
    let mut findings: Vec<Finding<'f>> = Vec::new();
    let mut merged: Vec<Merged<'f>> = Vec::new();
    let closing = denials(facts);
    let stated = Stated::of(&facts.progressions);
    for record in facts.signs.iter().filter(|r| r.affirmed) {
        if record.stands_alone {
            findings.push(fold(&[record], &stated, clock, undated));
        } else if !closing.iter().any(|denial| denial.closes(record)) {
            let (sign, side, limb) = (record.sign, record.side, record.limb);
            let is_dated = record.onset.is_some() || !record.seen.is_empty();
            let same = |it: &&mut Merged<'f>| it.is_of(sign, side, is_dated) && it.limb == limb;
            match merged.iter_mut().find(same) {
                Some(known) => known.records.push(record),
                None => merged.push(Merged { sign, side, limb, is_dated, records: vec![record] }),
            }
        }
    }
    join_unnamed_limbs(&mut merged);
    findings.extend(merged.iter().map(|it| fold(&it.records, &stated, clock, undated)));
    findings.retain(|f| f.events().next().is_none() || f.events().any(|e| clock.counts(e.when)));
    let key = |f: &Finding<'f>| (f.begin.earliest(), f.evidence.first().map(|e| e.reference.as_str()));
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
    findings
}

/// A record that names no limb joins the one finding of its sign and side that does; where both arm and leg are named
/// it stays by itself.
fn join_unnamed_limbs(merged: &mut Vec<Merged<'_>>) {
    let (unnamed, mut named): (Vec<_>, Vec<_>) =
        std::mem::take(merged).into_iter().partition(|it| it.limb.is_none());
    for group in unnamed {
        let mut same = named.iter_mut().filter(|it| it.is_of(group.sign, group.side, group.is_dated));
        match (same.next(), same.next()) {
            (Some(known), None) => known.records.extend(group.records),
            _ => named.push(group),
        }
    }
    *merged = named;
}

fn fold<'f>(records: &[&'f SignRecord], stated: &Stated, clock: Clock, undated: When) -> Finding<'f> {
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
    let beside = if deficit {
        let (dated, undated) = stated.on(side);
        undated_says.extend(undated);
        Beside { progressions: Some(dated), despite: None }
    } else {
        Beside::default()
    };

    let mut finding = Finding {
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
        own: events,
        beside,
        course: None,
        evidence: records.iter().map(|r| &r.evidence).collect(),
    };
    finding.course = course(finding.events(), &undated_says, clock);
    finding
}

/// When records that are one finding began: the earliest of their onsets, and of the dates of those that state none. An
/// onset with a time stands whatever the date of its recording looks like; of a date without a time and a time on that day
/// the time counts, where nothing comes between them.
fn begin(records: &[&SignRecord]) -> Option<When> {
    let of_record = |record: &&SignRecord| {
        let seen = record.seen.iter().copied().min_by_key(|when| when.earliest());
        match record.onset {
            Some(onset) if onset.is_instant() => Some(onset),
            onset => onset.into_iter().chain(seen).min_by_key(|when| when.earliest()),
        }
    };
    let mut times: Vec<When> = records.iter().filter_map(of_record).collect();
    times.sort_by_key(|when| (when.earliest(), when.latest()));
    times.dedup();
    let (first, next) = (*times.first()?, times.get(1).copied());
    let sharper = |when: &When| !first.is_instant() && when.is_instant() && when.earliest() < first.latest();
    Some(next.filter(sharper).unwrap_or(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn the_order_of_records_changes_no_beginning() {
        let at = |month, day, hour| Utc.with_ymd_and_hms(2026, month, day, hour, 0, 0).unwrap();
        let month = When::stretch(at(4, 1, 0), at(5, 1, 0), Precision::Month);
        let day = When::stretch(at(4, 5, 0), at(4, 6, 0), Precision::Day);
        let (that_day, later) = (When::instant(at(4, 5, 9)), When::instant(at(4, 20, 9)));
        let begins = |times: &[When]| {
            let record = |when: &When| SignRecord {
                sign: Sign::BackPain,
                affirmed: true,
                side: None,
                limb: None,
                levels: Levels::NONE,
                seen: vec![*when],
                onset: None,
                stands_alone: false,
                progression: None,
                severity: None,
                metastatic_by_code: false,
                evidence: Evidence { reference: String::new(), label: String::new(), date: None },
            };
            let records: Vec<SignRecord> = times.iter().map(record).collect();
            let forwards = begin(&records.iter().collect::<Vec<_>>());
            assert_eq!(begin(&records.iter().rev().collect::<Vec<_>>()), forwards);
            forwards
        };
        assert_eq!(begins(&[day, that_day, later]), Some(that_day));
        assert_eq!(begins(&[day, day, that_day]), Some(that_day));
        assert_eq!(begins(&[day, later]), Some(day));
        assert_eq!(begins(&[month, day, later]), Some(month));
        assert_eq!(begins(&[month, later]), Some(later));
    }
}
