//! Section 3.2: how soon the MRI of the whole spine must be. Hit policy: the first row that holds; each finding passes the
//! table alone.

use super::row::{Answer, Condition, Gives, RowSpec};
use super::{About, PRESENTED, Table};
use crate::domain::Priority;
use crate::guideline::advice::Indicator::{Critical, Info, Warning};
use crate::guideline::code::Code;
use crate::guideline::english;
use crate::guideline::fact::Fact;
use crate::guideline::trace;
use chrono::Duration;

/// An onset at most this long ago is recent (G-09, G-10).
pub(in crate::guideline) const RECENT: Duration = Duration::days(7);

/// What one finding brings to the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::guideline) enum Kind {
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
pub(in crate::guideline) enum Onset {
    /// At most [`RECENT`].
    Recent,
    /// More than [`RECENT`].
    Earlier,
    /// Not documented.
    Unknown,
}

/// How the deficit develops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::guideline) enum Course {
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
pub(in crate::guideline) struct Presented {
    pub(in crate::guideline) kind: Kind,
    pub(in crate::guideline) onset: Onset,
    pub(in crate::guideline) course: Course,
    pub(in crate::guideline) cancer_active: bool,
}

/// A cell of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Cell {
    /// The finding is of this kind.
    Kind(Kind),
    /// Its onset is one of these.
    Onset(&'static [Onset]),
    /// Its course is one of these.
    Course(&'static [Course]),
    /// The cancer is active.
    ActiveCancer,
}

impl Condition for Cell {
    type Input = Presented;

    fn says(self) -> String {
        let days = RECENT.num_days();
        let onset = |onset: &Onset| match onset {
            Onset::Recent => format!("onset at most {days} days ago"),
            Onset::Earlier => format!("onset more than {days} days ago"),
            Onset::Unknown => "onset unknown".to_owned(),
        };
        let course = |course: &Course| match course {
            Course::Progressive => "progressive",
            Course::Stable => "stable",
            Course::Improving => "improving",
            Course::Unknown => "course unknown",
        };
        match self {
            Self::Kind(Kind::MesccSuspected) => "MESCC suspected, or confirmed without MRI".to_owned(),
            Self::Kind(Kind::RadicularDeficit) => "radicular deficit".to_owned(),
            Self::Kind(Kind::OtherWeakness) => {
                "limb weakness not in one root, without spinal context".to_owned()
            }
            Self::Kind(Kind::RadicularPain) => "radicular pain, unilateral or side unknown".to_owned(),
            Self::Kind(Kind::BackPain) => "local back pain only".to_owned(),
            Self::Kind(Kind::SuspicionOnly) => "spinal metastases suspected, no symptom on record".to_owned(),
            Self::Onset(any) => any.iter().map(onset).collect::<Vec<_>>().join(" or "),
            Self::Course(any) => any.iter().map(course).collect::<Vec<_>>().join(" or "),
            Self::ActiveCancer => "active cancer".to_owned(),
        }
    }

    fn answer(self, presented: &Presented) -> Answer {
        match self {
            Self::Kind(kind) => Answer::on_record(presented.kind == kind),
            Self::Onset(any) if any.contains(&presented.onset) => Answer::Yes,
            Self::Onset(_) if presented.onset == Onset::Unknown => Answer::Unknown,
            Self::Course(any) if any.contains(&presented.course) => Answer::Yes,
            Self::Course(_) if presented.course == Course::Unknown => Answer::Unknown,
            Self::Onset(_) | Self::Course(_) => Answer::No,
            Self::ActiveCancer => Answer::on_record(presented.cancer_active),
        }
    }

    fn asks(self) -> &'static [Fact] {
        match self {
            Self::Kind(Kind::MesccSuspected) => &[Fact::MesccSigns, Fact::Escc, Fact::Deficit],
            Self::Kind(Kind::RadicularDeficit | Kind::OtherWeakness) => &[Fact::Deficit, Fact::DeficitSide],
            Self::Kind(Kind::RadicularPain) => &[Fact::RadicularPain, Fact::RadicularPainSide],
            Self::Kind(Kind::BackPain) => &[Fact::LocalBackPain],
            Self::Kind(Kind::SuspicionOnly) => &[Fact::SpinalMetastases, Fact::Presentation],
            Self::Onset(_) => &[Fact::DeficitOnset],
            Self::Course(_) => &[Fact::DeficitProgression],
            Self::ActiveCancer => &[Fact::Cancer],
        }
    }
}

/// A time for the MRI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) struct Window {
    /// From the presentation; `None`: no window runs.
    pub(in crate::guideline) length: Option<Duration>,
    /// The priority of the order.
    pub(in crate::guideline) priority: Priority,
}

impl Window {
    /// Its length in words; empty where no window runs.
    pub(in crate::guideline) fn words(self) -> String {
        self.length.map(english::window).unwrap_or_default()
    }
}

const fn within(hours: i64, priority: Priority) -> Window {
    Window { length: Some(Duration::hours(hours)), priority }
}

const HOURS_12: Window = within(12, Priority::Stat);
const HOURS_24: Window = within(24, Priority::Asap);
const HOURS_48: Window = within(48, Priority::Urgent);
const WEEK: Window = within(7 * 24, Priority::Routine);
const WEEKS_2: Window = within(14 * 24, Priority::Routine);
const NO_WINDOW: Window = Window { length: None, priority: Priority::Routine };

/// What a row of the table gives.
#[derive(Debug, Clone, Copy)]
pub(in crate::guideline) struct Mri {
    /// From the presentation.
    pub(in crate::guideline) window: Window,
    /// Once that has passed: one row faster, counted from now.
    pub(in crate::guideline) overdue: Window,
    /// Whether no record moves its deadline later. The deadlines of all such rows count together, the earliest first.
    pub(in crate::guideline) never_later: bool,
    /// Whether comfort care leaves the row standing, one step milder (guideline.md section 3, "Scope").
    pub(in crate::guideline) in_comfort_care: bool,
}

impl Gives for Mri {
    fn offers(self) -> String {
        let Window { length, priority } = self.window;
        let within = length.map_or_else(String::new, |_| format!("within {}; ", self.window.words()));
        let comfort = if self.in_comfort_care { "" } else { "; silent in comfort care" };
        format!("{within}order of priority {}{comfort}", priority.code())
    }
}

/// A row of the table.
pub(in crate::guideline) type Row = RowSpec<Cell, Mri>;

use Cell::{ActiveCancer, Course as Of, Kind as Is, Onset as Since};
use Course::{Improving, Progressive, Stable};
use Onset::{Earlier, Recent};

/// The table. Rows 2 and 3 each have two ways to hold.
#[rustfmt::skip]
pub(in crate::guideline) static ROWS: [Row; 8] = [
    Row { id: "mri-timing/1", when: &[Is(Kind::MesccSuspected)],
          code: Code::MriWithin12h, indicator: Critical, gives: Mri { window: HOURS_12, overdue: HOURS_12, never_later: true, in_comfort_care: true }, statements: &["G-03", "G-11"] },
    Row { id: "mri-timing/2", when: &[Is(Kind::RadicularDeficit), Since(&[Recent, Onset::Unknown]), Of(&[Progressive, Course::Unknown])],
          code: Code::MriWithin24h, indicator: Critical, gives: Mri { window: HOURS_24, overdue: HOURS_12, never_later: true, in_comfort_care: true }, statements: &["G-03", "G-10"] },
    Row { id: "mri-timing/2", when: &[Is(Kind::OtherWeakness), Since(&[Recent]), Of(&[Progressive, Course::Unknown]), ActiveCancer],
          code: Code::MriWithin24h, indicator: Critical, gives: Mri { window: HOURS_24, overdue: HOURS_12, never_later: true, in_comfort_care: true }, statements: &["G-03", "G-10"] },
    Row { id: "mri-timing/3", when: &[Is(Kind::RadicularDeficit), Since(&[Earlier]), Of(&[Progressive, Course::Unknown])],
          code: Code::MriWithin48h, indicator: Warning, gives: Mri { window: HOURS_48, overdue: HOURS_24, never_later: true, in_comfort_care: false }, statements: &["G-03", "G-09"] },
    Row { id: "mri-timing/3", when: &[Is(Kind::RadicularDeficit), Of(&[Stable, Improving])],
          code: Code::MriWithin48h, indicator: Warning, gives: Mri { window: HOURS_48, overdue: HOURS_24, never_later: true, in_comfort_care: false }, statements: &["G-03", "G-09"] },
    Row { id: "mri-timing/4", when: &[Is(Kind::RadicularPain)],
          code: Code::MriWithin1Week, indicator: Warning, gives: Mri { window: WEEK, overdue: HOURS_48, never_later: false, in_comfort_care: false }, statements: &["G-03", "G-08"] },
    Row { id: "mri-timing/5", when: &[Is(Kind::BackPain)],
          code: Code::MriWithin2Weeks, indicator: Info, gives: Mri { window: WEEKS_2, overdue: WEEK, never_later: false, in_comfort_care: false }, statements: &["G-03", "G-07"] },
    Row { id: "mri-timing/6", when: &[Is(Kind::SuspicionOnly)],
          code: Code::MriAskPresentation, indicator: Info, gives: Mri { window: NO_WINDOW, overdue: NO_WINDOW, never_later: false, in_comfort_care: false }, statements: &["G-03", "G-06"] },
];

/// The ids of the rows that give this, as a reader names them, each once.
pub(in crate::guideline) fn rows_that(give: impl Fn(&Mri) -> bool) -> Vec<&'static str> {
    let mut ids: Vec<&'static str> = ROWS.iter().filter(|row| give(&row.gives)).map(|row| row.id).collect();
    ids.dedup();
    ids
}

impl Mri {
    /// Whether an order without a date may be left to the routine: it is asked for a date, and for no other priority.
    pub(in crate::guideline) fn is_routine(&self) -> bool {
        self.window.length.is_some() && self.window.priority == Priority::Routine
    }
}

impl Row {
    /// What the findings of the row are.
    pub(in crate::guideline) fn kind(&self) -> Option<Kind> {
        self.when.iter().find_map(|cell| if let Is(kind) = cell { Some(*kind) } else { None })
    }

    /// Whether the row is for deficits that are stable or improving.
    pub(in crate::guideline) fn is_extended(&self) -> bool {
        self.when.iter().any(|cell| matches!(cell, Of(any) if any.contains(&Stable)))
    }
}

/// How soon the MRI.
pub(in crate::guideline) static TABLE: Table<Cell, Mri> = Table {
    about: About {
        anchor: "mri-timing",
        title: "How soon the MRI of the whole spine",
        first_decides: true,
        read: "Each finding passes the table alone; the first row that any of them reaches holds. Adequate imaging answers a finding.",
        also: PRESENTED,
        notes: || {
            [
                "A stable or improving radicular deficit is an extension of the summary, shown as such.",
                "An onset given as a date takes the shortest time that it allows.",
                "Where onset and MRI both have a time, the times decide, whatever the date of recording looks like. Of a date without a time and a time on that day the time counts.",
                "The clock starts with the earliest record of the row's findings. One more record never makes it later; the first record of worse restarts it, a note of stable or improving and further records of worse do not. Of a finding that got worse after its MRI, what is worse counts.",
                "A date without a day starts the clock with its last day, or now; a date in the future starts it now.",
                "A whole-spine MRI that is ordered in time silences the row when the chart is opened.",
            ]
            .map(str::to_owned)
            .to_vec()
        },
    },
    rows: &ROWS,
    passes: trace::mri_timing,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_routine_order_is_asked_for_a_date_in_the_rows_that_have_a_window() {
        assert_eq!(rows_that(Mri::is_routine), ["mri-timing/4", "mri-timing/5"]);
    }

    #[test]
    fn overdue_is_the_window_of_the_next_faster_row_and_stays_at_the_fastest() {
        let mut windows: Vec<Window> = Vec::new();
        for row in ROWS.iter().filter(|row| row.gives.window.length.is_some()) {
            let faster = windows.iter().rev().find(|other| **other != row.gives.window);
            assert_eq!(row.gives.overdue, *faster.unwrap_or(&row.gives.window), "{}", row.id);
            windows.push(row.gives.window);
        }
        let words: Vec<String> = windows.iter().map(|window| window.words()).collect();
        assert_eq!(words, ["12 hours", "24 hours", "24 hours", "48 hours", "48 hours", "1 week", "2 weeks"]);
    }
}
