//! Section 3.2: how soon the MRI must be. Hit policy: the first row that holds, over all findings that no adequate
//! MRI answers; each finding passes the table alone and the fastest row that any of them reaches decides.
//!
//! Deliberately absent: orders that may already meet the window ([`super::orders`]), and the words of the card.

use super::advice::Indicator;
use super::code::Code;
use super::deadline::{Deadline, deadline};
use super::fact::Fact;
use super::finding;
use super::mescc::{self, Imaging, Suspected};
use super::picture::{Counting, Picture};
use super::scope::SpinalMetastases;
use crate::domain::{Evidence, Facts, Priority, Progression, Sign, When};
use chrono::Duration;

/// An onset at most this long ago is recent (G-09, G-10).
pub(super) const RECENT: Duration = Duration::days(7);

/// What one finding brings to the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// MESCC suspected, or confirmed without MRI.
    MesccSuspected,
    /// A radicular deficit.
    RadicularDeficit,
    /// Limb weakness that is not radicular, without spinal context.
    OtherWeakness,
    /// Radicular pain, unilateral or of unknown side.
    RadicularPain,
    /// Local back pain.
    BackPain,
    /// Spinal metastases suspected, no symptom on record.
    SuspicionOnly,
}

/// Time since the documented onset; a date-only onset takes the shortest that it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Onset {
    /// At most 7 days (168 hours).
    UpTo7Days,
    /// More than 7 days.
    Over7Days,
    /// Not documented.
    Unknown,
}

/// How the deficit develops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Course {
    /// Progressive.
    Progressive,
    /// Stable.
    Stable,
    /// Improving.
    Improving,
    /// Not recorded.
    Unknown,
}

/// One finding as the table sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Presented {
    pub(super) kind: Kind,
    pub(super) onset: Onset,
    pub(super) course: Course,
    pub(super) cancer_active: bool,
}

/// A row: an empty cell accepts every value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) kind: Kind,
    pub(super) onset: &'static [Onset],
    pub(super) course: &'static [Course],
    /// `true`: only with active cancer.
    pub(super) active_cancer: bool,
    pub(super) code: Code,
    pub(super) window: Option<Duration>,
    pub(super) within: &'static str,
    pub(super) indicator: Indicator,
    pub(super) priority: Priority,
    pub(super) statements: &'static [&'static str],
}

use Course::{Improving, Progressive, Stable};
use Indicator::{Critical, Info, Warning};
use Onset::{Over7Days, UpTo7Days};

const fn hours(n: i64) -> Option<Duration> {
    Some(Duration::hours(n))
}

/// The table. Rows 2 and 3 each have two ways to hold.
#[rustfmt::skip]
pub(super) const ROWS: [Row; 8] = [
    Row { id: "mri-timing/1", kind: Kind::MesccSuspected, onset: &[], course: &[], active_cancer: false,
          code: Code::MriWithin12h, window: hours(12), within: "12 hours",
          indicator: Critical, priority: Priority::Stat, statements: &["G-03", "G-11"] },
    Row { id: "mri-timing/2", kind: Kind::RadicularDeficit, onset: &[UpTo7Days, Onset::Unknown], course: &[Progressive, Course::Unknown], active_cancer: false,
          code: Code::MriWithin24h, window: hours(24), within: "24 hours",
          indicator: Critical, priority: Priority::Asap, statements: &["G-03", "G-10"] },
    Row { id: "mri-timing/2", kind: Kind::OtherWeakness, onset: &[UpTo7Days], course: &[Progressive, Course::Unknown], active_cancer: true,
          code: Code::MriWithin24h, window: hours(24), within: "24 hours",
          indicator: Critical, priority: Priority::Asap, statements: &["G-03", "G-10"] },
    Row { id: "mri-timing/3", kind: Kind::RadicularDeficit, onset: &[Over7Days], course: &[Progressive, Course::Unknown], active_cancer: false,
          code: Code::MriWithin48h, window: hours(48), within: "48 hours",
          indicator: Warning, priority: Priority::Urgent, statements: &["G-03", "G-09"] },
    Row { id: "mri-timing/3", kind: Kind::RadicularDeficit, onset: &[], course: &[Stable, Improving], active_cancer: false,
          code: Code::MriWithin48h, window: hours(48), within: "48 hours",
          indicator: Warning, priority: Priority::Urgent, statements: &["G-03", "G-09"] },
    Row { id: "mri-timing/4", kind: Kind::RadicularPain, onset: &[], course: &[], active_cancer: false,
          code: Code::MriWithin1Week, window: hours(7 * 24), within: "1 week",
          indicator: Warning, priority: Priority::Routine, statements: &["G-03", "G-08"] },
    Row { id: "mri-timing/5", kind: Kind::BackPain, onset: &[], course: &[], active_cancer: false,
          code: Code::MriWithin2Weeks, window: hours(14 * 24), within: "2 weeks",
          indicator: Info, priority: Priority::Routine, statements: &["G-03", "G-07"] },
    Row { id: "mri-timing/6", kind: Kind::SuspicionOnly, onset: &[], course: &[], active_cancer: false,
          code: Code::MriAskPresentation, window: None, within: "",
          indicator: Info, priority: Priority::Routine, statements: &["G-03", "G-06"] },
];

/// Position in [`ROWS`] of the first row that holds.
pub(super) fn first_row(presented: Presented) -> Option<usize> {
    first_of(&ROWS, presented)
}

/// Position of the first row that holds.
pub(super) fn first_of(rows: &[Row], presented: Presented) -> Option<usize> {
    rows.iter().position(|row| {
        row.kind == presented.kind
            && (row.onset.is_empty() || row.onset.contains(&presented.onset))
            && (row.course.is_empty() || row.course.contains(&presented.course))
            && (!row.active_cancer || presented.cancer_active)
    })
}

impl Row {
    /// Whether comfort care leaves the row standing, one step milder (guideline.md section 3, "Scope").
    pub(super) const fn stays_in_comfort_care(&self) -> bool {
        matches!(self.code, Code::MriWithin12h | Code::MriWithin24h)
    }

    /// Window and priority when the deadline has passed: one row faster, counted from now.
    pub(super) fn when_overdue(&self) -> (Option<Duration>, Priority) {
        let faster = self.faster();
        (faster.window, faster.priority)
    }

    /// The window of [`Self::when_overdue`] in words.
    pub(super) fn within_when_overdue(&self) -> &'static str {
        self.faster().within
    }

    fn faster(&self) -> &Self {
        let faster = match self.code {
            Code::MriWithin2Weeks => Code::MriWithin1Week,
            Code::MriWithin1Week => Code::MriWithin48h,
            Code::MriWithin48h => Code::MriWithin24h,
            _ => Code::MriWithin12h,
        };
        ROWS.iter().find(|row| self.window.is_some() && row.code == faster).unwrap_or(self)
    }
}

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

/// The row that holds.
#[derive(Debug)]
pub(super) struct Need<'p, 'f> {
    pub(super) row: &'static Row,
    pub(super) because: Because<'p, 'f>,
    /// When the row's own findings presented; absent in row 6.
    pub(super) start: Option<When>,
    /// The deadline that follows; absent in row 6.
    pub(super) deadline: Option<Deadline>,
    /// The own deadline of another finding, of a slower row, has passed.
    pub(super) other_overdue: bool,
}

impl Need<'_, '_> {
    /// Whether the deadline has passed.
    pub(super) fn overdue(&self) -> bool {
        self.deadline.is_some_and(|d| d.overdue)
    }
}

/// The need for an MRI, unless adequate imaging answers every finding. `suspected`: section 3.1.
pub(super) fn need<'p, 'f>(
    picture: &'p Picture<'f>,
    suspected: &[Suspected<'p, 'f>],
) -> Option<Need<'p, 'f>> {
    let reached: Vec<(usize, &Counting<'f>)> = presented(picture)
        .into_iter()
        .filter(|(_, counting)| !counting.is_answered(&picture.studies))
        .filter_map(|(presented, counting)| Some((first_row(presented)?, counting)))
        .collect();
    let unimaged: Vec<_> = suspected.iter().filter(|s| matches!(s.imaging, Imaging::None)).cloned().collect();
    if !unimaged.is_empty() {
        let start = finding::earliest(unimaged.iter().map(|s| s.presentation));
        return by_row(0, Because::Mescc(unimaged), start, &reached, picture);
    }

    if let Some(code) = reached.iter().map(|(row, _)| *row).min().and_then(|i| ROWS.get(i)).map(|r| r.code) {
        let own: Vec<_> = reached
            .iter()
            .filter(|(i, _)| ROWS.get(*i).is_some_and(|row| row.code == code))
            .map(|(_, counting)| *counting)
            .collect();
        let row = reached.iter().map(|(row, _)| *row).min()?;
        let start = finding::earliest(own.iter().map(|c| c.presentation(&picture.studies, picture.clock)));
        return by_row(row, Because::Findings(own), start, &reached, picture);
    }

    let suspicion_only = Presented {
        kind: Kind::SuspicionOnly,
        onset: Onset::Unknown,
        course: Course::Unknown,
        cancer_active: picture.disease.cancer_active,
    };
    let open = open_suspicions(picture);
    if open.is_empty() {
        None
    } else {
        by_row(first_row(suspicion_only)?, Because::Suspicion(open), None, &reached, picture)
    }
}

fn by_row<'p, 'f>(
    row: usize,
    because: Because<'p, 'f>,
    start: Option<When>,
    reached: &[(usize, &Counting<'f>)],
    picture: &Picture<'f>,
) -> Option<Need<'p, 'f>> {
    let row = ROWS.get(row)?;
    let due = |window: Duration, start: When| deadline(start, window, picture.clock.now);
    let other_overdue = reached.iter().any(|(other, counting)| {
        let other = ROWS.get(*other).filter(|other| other.code != row.code);
        let window = other.and_then(|other| other.window);
        window
            .is_some_and(|window| due(window, counting.presentation(&picture.studies, picture.clock)).overdue)
    });
    let deadline = row.window.zip(start).map(|(window, start)| due(window, start));
    Some(Need { row, because, start, deadline, other_overdue })
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
        return Onset::Over7Days;
    }
    match finding.onset {
        Some(onset) if onset.shortest_age(picture.clock.now) <= RECENT => Onset::UpTo7Days,
        Some(_) => Onset::Over7Days,
        None => Onset::Unknown,
    }
}

/// Suspicions without any symptom or sign on record, that no whole-spine MRI since has answered and no treatment covers.
fn open_suspicions<'f>(picture: &Picture<'f>) -> Vec<&'f Evidence> {
    let symptom = picture
        .counting
        .iter()
        .map(|c| &c.finding)
        .chain(picture.covered.iter().map(|(finding, _)| finding))
        .any(|f| !f.is(Sign::SpinalMetastasesSuspected));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overdue_moves_one_row_faster_and_stays_at_the_fastest() {
        let faster: Vec<i64> = ROWS
            .iter()
            .filter_map(|row| row.window.and(row.when_overdue().0))
            .map(|window| window.num_hours())
            .collect();
        assert_eq!(faster, [12, 12, 12, 24, 24, 48, 7 * 24]);
    }
}
