//! Section 3.2: which findings pass the table of MRI timing, over all that no adequate MRI answers, and what follows from the
//! fastest row that any of them reaches.
//!
//! Deliberately absent: the table ([`super::tables::mri_timing`]), orders that may already meet the window ([`super::orders`]), and the words of the card.

use super::deadline::{Deadline, deadline};
use super::fact::Fact;
use super::finding;
use super::mescc::{self, Imaging, Suspected};
use super::picture::{Counting, Picture};
use super::say::Act;
use super::scope::SpinalMetastases;
use super::tables::mri_timing::{Course, Kind, Onset, Presented, RECENT, ROWS, Row, Window};
use super::tables::row::first;
use crate::domain::{Evidence, Facts, Progression, Sign, When};
use chrono::{DateTime, Utc};

/// Why the row holds.
#[derive(Debug)]
pub(super) enum Because<'p, 'f> {
    /// Signs of cord compression.
    Mescc(Vec<Suspected<'p, 'f>>),
    /// Findings that reached the row.
    Findings(Vec<&'p Counting<'f>>),
    /// Records of suspicion.
    Suspicion(Vec<&'f Evidence>),
}

/// A finding or sign that sets a deadline, by its own row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub(super) row: &'static Row,
    /// When it presented.
    pub(super) start: When,
    pub(super) deadline: Deadline,
}

impl Due {
    fn new(row: &'static Row, start: When, now: DateTime<Utc>) -> Option<Self> {
        Some(Self { row, start, deadline: deadline(start, row.gives.window.length?, now) })
    }

    /// What an order without a date must meet: where no record moves the deadline later, once overdue, one row faster.
    pub(super) fn asks(&self) -> Window {
        if self.deadline.overdue && self.row.gives.never_later {
            self.row.gives.overdue
        } else {
            self.row.gives.window
        }
    }

    /// The latest time that an order for it may be due: its deadline; overdue, one row faster counted from now.
    fn horizon(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let faster = self.row.gives.overdue.length.filter(|_| self.deadline.overdue);
        faster.map_or(self.deadline.at, |window| now + window)
    }
}

/// The row that holds.
#[derive(Debug)]
pub(super) struct Need<'p, 'f> {
    pub(super) row: &'static Row,
    pub(super) because: Because<'p, 'f>,
    /// What sets deadlines, the earliest first: of a row whose deadline no record moves later every finding that reaches such
    /// a row, else the row's own findings together; empty in row 6.
    pub(super) due: Vec<Due>,
    /// The own deadline of a finding of a later row has passed.
    pub(super) other_overdue: Option<Deadline>,
}

impl Need<'_, '_> {
    /// When what sets the deadline presented, and the window of its row where that is another one.
    pub(super) fn counts_from(&self) -> Option<Act> {
        let first = self.due.first()?;
        let other = first.row.gives.window.length.filter(|_| first.row.code != self.row.code);
        Some(other.map_or(Act::CountsFrom(first.start), |window| Act::EarlierSets(window, first.start)))
    }

    /// Whether the deadline is that of a finding that does not lead.
    pub(super) fn is_set_by_another(&self) -> bool {
        self.due.first().is_some_and(|first| first.row.code != self.row.code)
    }

    /// The earliest deadline; absent in row 6.
    pub(super) fn deadline(&self) -> Option<Deadline> {
        Some(self.due.first()?.deadline)
    }

    /// Whether the deadline has passed.
    pub(super) fn overdue(&self) -> bool {
        self.deadline().is_some_and(|d| d.overdue)
    }

    /// The latest time at which an order is in time for everything that sets a deadline; absent in row 6.
    pub(super) fn horizon(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.due.iter().map(|due| due.horizon(now)).min()
    }
}

/// The need for an MRI, unless adequate imaging answers every finding. `suspected`: section 3.1.
pub(super) fn need<'p, 'f>(
    picture: &'p Picture<'f>,
    suspected: &[Suspected<'p, 'f>],
) -> Option<Need<'p, 'f>> {
    let reached: Vec<(&'static Row, &Counting<'f>)> = presented(picture)
        .into_iter()
        .filter(|(_, counting)| !counting.is_answered(&picture.studies))
        .filter_map(|(presented, counting)| Some((first(&ROWS, &presented)?, counting)))
        .collect();
    let unimaged: Vec<_> = suspected.iter().filter(|s| matches!(s.imaging, Imaging::None)).cloned().collect();
    if !unimaged.is_empty() {
        let row = first(&ROWS, &undated(Kind::MesccSuspected, picture))?;
        return Some(by_row(row, Because::Mescc(unimaged), &reached, picture));
    }

    let fastest = ROWS.iter().find(|row| reached.iter().any(|(other, _)| std::ptr::eq(*other, *row)));
    if let Some(row) = fastest {
        let own: Vec<_> =
            reached.iter().filter(|(other, _)| other.code == row.code).map(|(_, c)| *c).collect();
        return Some(by_row(row, Because::Findings(own), &reached, picture));
    }

    let open = open_suspicions(picture);
    if open.is_empty() {
        return None;
    }
    let row = first(&ROWS, &undated(Kind::SuspicionOnly, picture))?;
    Some(by_row(row, Because::Suspicion(open), &reached, picture))
}

/// Everything that passes the table: findings that no MRI answers, suspected compression without an MRI, and suspicions of
/// metastases without a symptom.
pub(super) fn inputs(picture: &Picture<'_>, suspected: &[Suspected<'_, '_>]) -> Vec<Presented> {
    let findings = presented(picture).into_iter().filter(|(_, c)| !c.is_answered(&picture.studies));
    let mut inputs: Vec<Presented> = findings.map(|(presented, _)| presented).collect();
    if suspected.iter().any(|s| matches!(s.imaging, Imaging::None)) {
        inputs.push(undated(Kind::MesccSuspected, picture));
    }
    if !open_suspicions(picture).is_empty() {
        inputs.push(undated(Kind::SuspicionOnly, picture));
    }
    inputs
}

/// What has neither onset nor course.
const fn undated(kind: Kind, picture: &Picture<'_>) -> Presented {
    Presented {
        kind,
        onset: Onset::Unknown,
        course: Course::Unknown,
        cancer_active: picture.disease.cancer_active,
    }
}

fn by_row<'p, 'f>(
    row: &'static Row,
    because: Because<'p, 'f>,
    reached: &[(&'static Row, &Counting<'f>)],
    picture: &Picture<'f>,
) -> Need<'p, 'f> {
    let now = picture.clock.now;
    let presented = |counting: &Counting<'f>| counting.presentation(&picture.studies, picture.clock);
    let each: Vec<Due> =
        reached.iter().filter_map(|(other, counting)| Due::new(other, presented(counting), now)).collect();
    let counts =
        |other: &Row| if row.gives.never_later { other.gives.never_later } else { other.code == row.code };
    let own = each.iter().filter(|due| counts(due.row));
    let mut due: Vec<Due> = if row.gives.never_later {
        own.copied().collect()
    } else {
        let start = finding::earliest(own.map(|due| due.start));
        start.and_then(|start| Due::new(row, start, now)).into_iter().collect()
    };
    if let Because::Mescc(signs) = &because {
        due.extend(signs.iter().filter_map(|sign| Due::new(row, sign.presentation, now)));
    }
    due.sort_by_key(|due| due.deadline.at);
    let others = each.iter().filter(|other| !counts(other.row) && other.deadline.overdue);
    let other_overdue = others.map(|other| other.deadline).min_by_key(|deadline| deadline.at);
    Need { row, because, due, other_overdue }
}

/// Every finding as the table sees it.
fn presented<'p, 'f>(picture: &'p Picture<'f>) -> Vec<(Presented, &'p Counting<'f>)> {
    let see = |kind: Kind, counting: &Counting<'_>| Presented {
        kind,
        onset: onset(counting, picture),
        course: match counting.finding.course {
            Some(Progression::Progressive) => Course::Progressive,
            Some(Progression::Stable) => Course::Stable,
            Some(Progression::Improving) => Course::Improving,
            None => Course::Unknown,
        },
        cancer_active: picture.disease.cancer_active,
    };
    let deficits = picture.radicular_deficits().map(|c| (see(Kind::RadicularDeficit, c), c));
    let weakness = picture.other_weakness().map(|c| (see(Kind::OtherWeakness, c), c));
    let radicular = picture.of(Sign::RadicularPain).map(|c| (see(Kind::RadicularPain, c), c));
    let back = picture.of(Sign::BackPain).map(|c| (see(Kind::BackPain, c), c));
    deficits.chain(weakness).chain(radicular).chain(back).collect()
}

/// Row 2 and 3's time since onset. An old sign that only asks counts as more than 7 days.
fn onset(counting: &Counting<'_>, picture: &Picture<'_>) -> Onset {
    let finding = &counting.finding;
    if finding.is_old(picture.clock) {
        return Onset::Earlier;
    }
    match finding.onset {
        Some(onset) if onset.shortest_age(picture.clock.now) <= RECENT => Onset::Recent,
        Some(_) => Onset::Earlier,
        None => Onset::Unknown,
    }
}

/// Suspicions without any symptom or sign on record, that no whole-spine MRI since has answered and no treatment covers. That
/// somebody suspected compression as well is no presentation.
fn open_suspicions<'f>(picture: &Picture<'f>) -> Vec<&'f Evidence> {
    let symptom = picture
        .counting
        .iter()
        .map(|c| &c.finding)
        .chain(picture.covered.iter().map(|(finding, _)| finding))
        .any(|f| !f.is(Sign::SpinalMetastasesSuspected) && !f.is(Sign::MesccSuspected));
    if symptom || picture.disease.spinal_metastases == SpinalMetastases::Documented {
        return Vec::new();
    }
    picture
        .disease
        .suspicions
        .iter()
        .copied()
        .filter(|e| !picture.covered.iter().any(|(finding, _)| finding.evidence.contains(e)))
        .filter(|e| {
            let recorded = e.date.unwrap_or(picture.undated);
            picture.studies.adequate_when(recorded.earliest()).is_none()
        })
        .collect()
}

/// Whether the result of an MRI may be recorded where it could not be read: then nobody is asked to record it.
pub(super) fn result_is_unread(facts: &Facts) -> bool {
    Fact::Escc.is_unread(facts) || Fact::MesccSigns.is_unread(facts)
}

/// Questions of section 3.1, none where an MRI row holds.
pub(super) fn questions<'p, 'f>(picture: &'p Picture<'f>) -> Vec<mescc::MesccSign<'p, 'f>> {
    mescc::asking(picture)
}
