//! Section 2 of the guideline as far as symptoms and signs go: records become findings.

use super::super::chart::*;

/// Look-back of symptoms and deficits.
pub(crate) const LOOK_BACK: Moment = 90 * DAY;
/// Look-back of ESCC.
const ESCC_DAYS: Moment = 30 * DAY;
/// A diagnosis or grade belongs to a study of so many days before it.
const REPORTED_WITHIN: Moment = 14 * DAY;

/// A finding that is current, whatever number of records tell of it.
#[derive(Debug, Clone)]
pub(crate) struct Active {
    pub(crate) sign: Sign,
    pub(crate) side: Option<Side>,
    /// When it was recorded within the look-back: the clock starts with the earliest.
    pub(crate) recorded: Vec<When>,
    /// Studies from this moment on answer it: the onset, or what was recorded after a treatment of the past.
    pub(crate) counts_from: When,
    /// The documented onset.
    pub(crate) onset: Option<When>,
    /// The onset, else the first record: what studies and treatments are held against.
    pub(crate) began: When,
    /// When it was first recorded.
    pub(crate) first: Option<When>,
    pub(crate) course: Option<Course>,
    /// When it was recorded as worse, later than it was first recorded.
    pub(crate) worse: Option<When>,
    /// Every record of worse since the onset.
    pub(crate) worse_notes: Vec<When>,
    /// Whether that was after a study that had answered it.
    pub(crate) since_study: bool,
    /// The study that had answered it before.
    pub(crate) studied: Option<When>,
    /// Notes of its course, whatever they say: at those times it was recorded too.
    pub(crate) noted: Vec<When>,
    /// Whether it began more than 90 days ago and was not recorded as worse since.
    pub(crate) old: bool,
    /// Whether none of its records has a date.
    pub(crate) undated: bool,
}

impl Active {
    /// The clock: "a later record that says progressive or worse restarts the clock, not the onset".
    pub(crate) fn clock(&self) -> Vec<When> {
        let all = self.recorded.iter().chain(&self.noted).copied();
        match self.worse {
            None => all.collect(),
            Some(worse) if self.since_study => {
                let later = |when: &When| self.studied.is_none_or(|study| !study.at_or_after(*when));
                self.worse_notes.iter().copied().filter(later).chain([worse]).collect()
            }
            // What may have been recorded as late as "worse" counts beside it.
            Some(worse) => all.filter(|when| when.at_or_after(worse)).chain([worse]).collect(),
        }
    }

    /// When its clock starts.
    pub(crate) fn starts(&self) -> When {
        earliest(self.clock()).unwrap_or(self.began)
    }

    pub(crate) fn presented(&self) -> When {
        earliest(self.recorded.iter().copied()).unwrap_or(self.began)
    }

    /// "At or after the onset of the current findings", and "a finding recorded as new or worse after the study makes the
    /// study inadequate".
    pub(crate) fn answered_by(&self, study: When) -> bool {
        study.at_or_after(self.counts_from) && self.worse_notes.iter().all(|worse| study.at_or_after(*worse))
    }
}

/// A whole-spine MRI with T1 and T2 not known to be missing, and what was made of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Study {
    pub(crate) at: When,
    /// The first coded reading; ESCC 1c counts as none.
    pub(crate) grade: Option<Grade>,
}

impl Study {
    pub(crate) fn is_low(&self) -> bool {
        self.grade.is_some_and(|grade| grade <= Grade::G1b)
    }
}

/// The adequate studies, with their results.
pub(crate) fn studies(chart: &Chart) -> Vec<Study> {
    let mut made: Vec<When> = Vec::new();
    for record in &chart.records {
        if let Record::Study { region: Region::Whole, at, t1_missing: false } = record {
            made.push(*at);
        }
    }
    made.sort_by_key(|at| (at.earliest(), at.latest()));
    made.iter()
        .enumerate()
        .map(|(place, at)| {
            let next = made.get(place + 1);
            let mut read: Vec<(Moment, Grade)> = grades(chart)
                .filter(|(seen, grade)| {
                    // However late it was coded: the text bounds the date that a high grade takes, not what a grade speaks of.
                    *grade != Grade::G1c
                        && seen.at_or_after(*at)
                        && next.is_none_or(|next| !seen.at_or_after(*next))
                })
                .map(|(seen, grade)| (seen.earliest(), grade))
                .collect();
            read.sort_by_key(|(seen, grade)| (*seen, std::cmp::Reverse(*grade)));
            Study { at: *at, grade: read.first().map(|(_, grade)| *grade) }
        })
        .collect()
}

fn grades(chart: &Chart) -> impl Iterator<Item = (When, Grade)> {
    chart
        .records
        .iter()
        .filter_map(|r| if let Record::Escc { grade, seen } = r { Some((*seen, *grade)) } else { None })
}

fn records(chart: &Chart) -> Vec<Finding> {
    chart.records.iter().filter_map(|r| if let Record::Finding(f) = r { Some(*f) } else { None }).collect()
}

/// Every recorded, effective and issued date.
fn dates(finding: &Finding) -> Vec<When> {
    match finding.form {
        Form::Condition => finding.seen.into_iter().collect(),
        Form::Observation => finding.seen.into_iter().chain(finding.onset).collect(),
    }
}

pub(crate) fn last(finding: &Finding) -> Option<Moment> {
    dates(finding).iter().map(|when| when.latest()).max()
}

fn onset(finding: &Finding) -> Option<When> {
    match finding.form {
        Form::Condition => finding.onset,
        Form::Observation => finding.onset.or(finding.seen),
    }
}

/// When a record by itself says that it began: its onset, else its first date.
fn own_beginning(finding: &Finding) -> Option<When> {
    onset(finding).or_else(|| first_date(finding))
}

fn earliest(dates: impl IntoIterator<Item = When>) -> Option<When> {
    dates.into_iter().min_by_key(|when| (when.earliest(), when.latest()))
}

/// "Repeated Observations of one fact and side are one finding until one denies it, and its onset is the earliest; a
/// Condition with its own onset[x] is a finding by itself."
pub(crate) fn active(chart: &Chart) -> Vec<Active> {
    let mut groups: Vec<Vec<Finding>> = Vec::new();
    let all = records(chart);
    for finding in all.iter().filter(|finding| finding.affirmed) {
        let denied = all.iter().filter(|no| {
            !no.affirmed
                && no.sign == finding.sign
                && (matches!(no.side, None | Some(Side::Both)) || no.side == finding.side)
        });
        let closed =
            denied.filter_map(|no| no.seen).any(|no| last(finding).is_some_and(|yes| yes <= no.earliest()));
        let alone = finding.form == Form::Condition && finding.onset.is_some();
        if closed && !alone {
            continue;
        }
        let same = groups.iter_mut().find(|group| {
            let one = group[0];
            let one_alone = one.form == Form::Condition && one.onset.is_some();
            // What has no date counts as current by itself.
            let dated = |it: &Finding| it.onset.is_some() || !dates(it).is_empty();
            !alone
                && !one_alone
                && one.sign == finding.sign
                && one.side == finding.side
                && dated(&one) == dated(finding)
        });
        match same {
            Some(group) => group.push(*finding),
            None => groups.push(vec![*finding]),
        }
    }
    groups.iter().filter_map(|group| one(chart, group)).collect()
}

fn one(chart: &Chart, group: &[Finding]) -> Option<Active> {
    let oldest = chart.now - LOOK_BACK;
    let first = group[0];
    let seen: Vec<When> = group.iter().flat_map(dates).collect();
    let onset = earliest(group.iter().filter_map(onset));
    let recent: Vec<When> = seen.iter().copied().filter(|when| when.latest() >= oldest).collect();
    let undated = group.iter().any(|finding| dates(finding).is_empty() && finding.onset.is_none());
    let recorded = if !recent.is_empty() {
        recent
    } else if seen.is_empty() && onset.is_some() {
        // "Without a recorded, effective or issued date the onset."
        onset.into_iter().filter(|onset| onset.latest() >= oldest).collect()
    } else if undated {
        // "Without any date: now, and the finding counts as current."
        vec![now_or_answer(chart)]
    } else {
        Vec::new()
    };
    // Else only a note of its course may tell that it is still there.
    let noted = || notes(chart, first.sign).map(|(seen, _)| seen).collect();
    let mut recorded = if recorded.is_empty() { noted() } else { recorded };
    if recorded.is_empty() {
        return None;
    }
    let first_record = earliest(seen.iter().copied()).or_else(|| earliest(recorded.iter().copied()));
    // "Its onset is the earliest", and what was recorded had begun.
    let began = earliest(onset.into_iter().chain(first_record))?;
    // A reading: of a date without a time and a time on that day the time counts, so that one more record that says less makes
    // no older MRI an answer.
    let timed = |when: &When| matches!(when, When::At(at) if day_of(*at) == began.earliest());
    let began = match began {
        When::Day(_) => earliest(group.iter().filter_map(own_beginning).filter(timed)).unwrap_or(began),
        _ => began,
    };
    // "Later, findings recorded since the treatment count again, with the clock from that record."
    let mut counts_from = began;
    for record in &chart.records {
        if let Record::Treatment(Treatment { start, end: Some(end), .. }) = record
            && end.latest() + LOOK_BACK < chart.now
            && start.at_or_after(began)
            && !worse_since(chart, group, began, *start)
        {
            recorded.retain(|when| when.earliest() > end.latest());
            counts_from = earliest(recorded.iter().copied())?;
        }
    }
    let (course, worse, since_study, worse_notes) = course(chart, group, began);
    // A note of worse that is itself older than the look-back says nothing of today.
    let old = began.latest() < oldest && !worse_notes.iter().any(|worse| worse.latest() >= oldest);
    Some(Active {
        sign: first.sign,
        side: first.side,
        recorded,
        counts_from,
        onset,
        began,
        first: earliest(seen.iter().copied()).or(onset),
        course,
        old,
        undated: seen.is_empty() && onset.is_none(),
        worse,
        worse_notes,
        since_study,
        studied: studies(chart).into_iter().map(|study| study.at).rfind(|at| at.at_or_after(began)),
        noted: notes(chart, first.sign)
            .map(|(seen, _)| seen)
            .filter(|seen| seen.latest() >= counts_from.earliest())
            .collect(),
    })
}

/// Deterioration and progression after radiotherapy, a metastasis that came back among them, are "recorded as worse" from
/// their own date on.
pub(crate) fn worse_despite_treatment(chart: &Chart) -> impl Iterator<Item = When> {
    let oldest = chart.now - LOOK_BACK;
    let all = chart.records.iter().filter_map(|record| match record {
        Record::Judgement {
            judgement: Judgement::DeteriorationDespiteRadiotherapy | Judgement::ProgressionAfterRadiotherapy,
            yes: true,
            seen,
        } => Some(*seen),
        Record::Metastasis { recurrent: true, seen, .. } => Some(seen.unwrap_or(When::At(chart.now))),
        _ => None,
    });
    all.filter(move |when| when.latest() >= oldest)
}

/// Whether a treated finding was recorded as worse since the treatment began: then it counts, however long that is over.
fn worse_since(chart: &Chart, group: &[Finding], began: When, start: When) -> bool {
    let (_, _, _, notes) = course(chart, group, began);
    worse_despite_treatment(chart).chain(notes).any(|worse| worse.at_or_after(start))
}

/// "Where a whole-spine MRI of the last 14 days or a treatment within the look-back exists, that date is its onset and
/// presentation."
pub(crate) fn now_or_answer(chart: &Chart) -> When {
    let studies = chart.records.iter().filter_map(|record| match record {
        Record::Study { region: Region::Whole, at, t1_missing: false }
            if chart.now - at.latest() <= 14 * DAY =>
        {
            Some(*at)
        }
        _ => None,
    });
    let treatments = chart.records.iter().filter_map(|record| match record {
        // A course that was never closed counts for 180 days.
        Record::Treatment(Treatment { start, end: None, .. }) if chart.now - start.latest() <= 180 * DAY => {
            Some(*start)
        }
        Record::Treatment(Treatment { start, end: Some(end), .. })
            if chart.now - end.latest() <= LOOK_BACK =>
        {
            Some(*start)
        }
        _ => None,
    });
    let latest = |when: &When| (when.earliest(), when.latest());
    // A reading: where both exist, the MRI, which the text names first.
    studies.max_by_key(latest).or_else(|| treatments.max_by_key(latest)).unwrap_or(When::At(chart.now))
}

/// Courses of limb deficits, noted by themselves.
fn notes(chart: &Chart, sign: Sign) -> impl Iterator<Item = (When, Course)> {
    let limb = matches!(sign, Sign::RadicularDeficit | Sign::LegWeakness | Sign::Paraparesis);
    let oldest = chart.now - LOOK_BACK;
    chart.records.iter().filter_map(move |record| match record {
        Record::Course { course, seen } if limb && seen.latest() >= oldest => Some((*seen, *course)),
        _ => None,
    })
}

/// The latest course, and when it was first recorded as worse, surely later than the finding itself. Where two dates leave the order open, the
/// dangerous course is the later.
fn course(chart: &Chart, group: &[Finding], began: When) -> (Option<Course>, Option<When>, bool, Vec<When>) {
    let mut said: Vec<(When, Course)> =
        group.iter().filter_map(|f| Some((first_date(f).unwrap_or(began), f.course?))).collect();
    said.extend(notes(chart, group[0].sign).filter(|(seen, _)| seen.at_or_after(began)));
    said.sort_by_key(|(when, course)| match course {
        Course::Progressive => (when.latest(), true),
        _ => (when.earliest(), false),
    });
    let is_worse = |(_, course): &&(When, Course)| *course == Course::Progressive;
    // "A later record that says progressive or worse restarts the clock": the first of them, after a study that had answered
    // the finding the first since. To say so again moves no deadline later, and neither does a note of stable or improving.
    // What is older than the look-back starts no clock.
    let recent = |when: &When| when.latest() >= chart.now - LOOK_BACK;
    let worse = || said.iter().filter(is_worse).map(|(when, _)| *when).filter(recent);
    let study = studies(chart).into_iter().map(|study| study.at).rfind(|at| at.at_or_after(began));
    let since_study = study.and_then(|study| earliest(worse().filter(|when| !study.at_or_after(*when))));
    let restart = since_study.or_else(|| earliest(worse()));
    let may_be_later = |when: &When| *when != began && when.latest() > began.earliest();
    let notes = said.iter().filter(is_worse).map(|(when, _)| *when).filter(may_be_later).collect();
    (said.last().map(|(_, course)| *course), restart, since_study.is_some(), notes)
}

fn first_date(finding: &Finding) -> Option<When> {
    earliest(dates(finding))
}

/// ESCC 2 or 3 of the last 30 days, as a sign. Its onset is the date of the study that it reads.
pub(crate) fn compression_grade(chart: &Chart, studies: &[Study]) -> Option<(When, When)> {
    let high =
        grades(chart).filter(|(seen, grade)| *grade >= Grade::G2 && seen.latest() >= chart.now - ESCC_DAYS);
    let newest = grades(chart).max_by_key(|(seen, grade)| (seen.latest(), *grade));
    // A later lower grade takes it back.
    newest.filter(|(_, grade)| *grade >= Grade::G2)?;
    let first = high.min_by_key(|(seen, _)| seen.earliest())?.0;
    let read = studies.iter().rev().find(|study| {
        first.at_or_after(study.at)
            && first.earliest() - study.at.latest() <= REPORTED_WITHIN
            && !study.is_low()
    });
    Some((first, read.map_or(first, |study| study.at)))
}
