//! Section 3.1: the rows that ask instead of setting a deadline: the result of an MRI that was made, a sign that may mean cord
//! compression, and findings that a treatment covers.

use super::row::{Answer, Condition, RowSpec};
use super::{About, PRESENTED, Table};
use crate::domain::Sign;
use crate::guideline::advice::Indicator::{Critical, Info, Warning};
use crate::guideline::code::Code;
use crate::guideline::english;
use crate::guideline::fact::Fact;
use crate::guideline::mescc::{NON_SPECIFIC, SPECIFIC};
use crate::guideline::say::SignName;
use crate::guideline::trace;
use chrono::Duration;

/// How long after the study its missing result is asked for as critical.
const RESULT_CRITICAL: Duration = Duration::hours(72);
/// The same, as a warning.
const RESULT_WARNING: Duration = Duration::days(7);
/// The same, for information; then the study has answered the sign.
const RESULT_INFO: Duration = Duration::days(30);

/// What passes the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::guideline) struct Asked {
    /// An MRI row holds.
    pub(in crate::guideline) mri_row: bool,
    /// A sign asks whether the cord is compressed.
    pub(in crate::guideline) sign: bool,
    /// Of the studies that answer a suspected sign and have no result: how long ago the latest was made.
    pub(in crate::guideline) without_result: Option<Duration>,
    /// A result may be recorded where it could not be read.
    pub(in crate::guideline) result_unread: bool,
    /// Findings that a treatment covers.
    pub(in crate::guideline) covered: bool,
    /// Comfort care is recorded.
    pub(in crate::guideline) comfort_care: bool,
}

/// A condition of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guideline) enum Test {
    /// No MRI row holds.
    NoMriRow,
    /// A sign asks whether the cord is compressed.
    SignAsks,
    /// A study that answers a suspected sign has no result.
    ResultMissing,
    /// The study was made longer ago than the first, and at most as long ago as the second.
    StudyMade(Option<Duration>, Duration),
    /// Findings that a treatment covers.
    Covered,
    /// No comfort care is recorded.
    NoComfortCare,
}

/// A length of time in words.
fn words(length: Duration) -> String {
    match length.num_days() {
        days if days >= RESULT_WARNING.num_days() => format!("{days} days"),
        _ => format!("{} hours", length.num_hours()),
    }
}

impl Condition for Test {
    type Input = Asked;

    fn says(self) -> String {
        match self {
            Self::NoMriRow => "no MRI row holds".to_owned(),
            Self::SignAsks => "there is a non-specific sign alone, urinary incontinence, or an old sign recorded again; until an MRI or the clinician has answered it".to_owned(),
            Self::ResultMissing => "MESCC suspected, adequate MRI since onset without a coded result (ESCC 1c counts as none)".to_owned(),
            Self::StudyMade(None, most) => format!("until {} after the study", words(most)),
            Self::StudyMade(Some(more), most) => {
                format!("more than {} and until {} after the study", words(more), words(most))
            }
            Self::Covered => "findings that began before a treatment of the spine which runs or ended recently, and that nobody recorded as worse since, and nobody has recorded since it began that nothing is new; patient-view only".to_owned(),
            Self::NoComfortCare => "no comfort care".to_owned(),
        }
    }

    fn answer(self, asked: &Asked) -> Answer {
        match self {
            Self::NoMriRow => Answer::known(!asked.mri_row),
            Self::SignAsks => Answer::on_record(asked.sign),
            Self::ResultMissing if asked.result_unread => Answer::Unknown,
            Self::ResultMissing => Answer::on_record(asked.without_result.is_some()),
            Self::StudyMade(more, most) => Answer::known(
                asked.without_result.is_some_and(|age| age <= most && more.is_none_or(|more| age > more)),
            ),
            Self::Covered => Answer::on_record(asked.covered),
            Self::NoComfortCare => Answer::known(!asked.comfort_care),
        }
    }

    fn asks(self) -> &'static [Fact] {
        match self {
            Self::SignAsks => &[Fact::MesccSigns, Fact::Deficit],
            Self::ResultMissing => &[Fact::Escc, Fact::MesccSigns],
            Self::StudyMade(..) => &[Fact::SpineMri],
            Self::Covered => &[Fact::TreatmentSinceOnset, Fact::NoNewFindingsSinceTreatment],
            Self::NoMriRow | Self::NoComfortCare => &[],
        }
    }
}

/// A row of the table.
pub(in crate::guideline) type Row = RowSpec<Test, &'static str>;

/// A sign asks whether the cord is compressed.
pub(in crate::guideline) static QUESTION: Row = RowSpec {
    id: "mescc/question",
    when: &[Test::NoMriRow, Test::SignAsks, Test::NoComfortCare],
    code: Code::MesccQuestion,
    indicator: Info,
    gives: "",
    statements: &["G-06", "G-11"],
};

/// Findings that a treatment covers.
pub(in crate::guideline) static REASSESS: Row = RowSpec {
    id: "mescc/reassess",
    when: &[Test::Covered, Test::NoComfortCare],
    code: Code::ReassessAfterTreatment,
    indicator: Info,
    gives: "",
    statements: &["G-06"],
};

/// The table. The result of the MRI is asked for, the longer ago the milder.
#[rustfmt::skip]
pub(in crate::guideline) static ROWS: [Row; 5] = [
    QUESTION,
    Row { id: "mescc/result-needed", when: &[Test::ResultMissing, Test::StudyMade(None, RESULT_CRITICAL)],
          code: Code::MesccResultNeeded, indicator: Critical, gives: "", statements: &["G-11", "G-12"] },
    Row { id: "mescc/result-needed", when: &[Test::ResultMissing, Test::StudyMade(Some(RESULT_CRITICAL), RESULT_WARNING)],
          code: Code::MesccResultNeeded, indicator: Warning, gives: "", statements: &["G-11", "G-12"] },
    Row { id: "mescc/result-needed", when: &[Test::ResultMissing, Test::StudyMade(Some(RESULT_WARNING), RESULT_INFO)],
          code: Code::MesccResultNeeded, indicator: Info, gives: "then silent", statements: &["G-11", "G-12"] },
    REASSESS,
];

/// Cord compression: what is asked.
pub(in crate::guideline) static TABLE: Table<Test, &'static str> = Table {
    about: About {
        anchor: "mescc",
        title: "Cord compression (MESCC): suspected, imaged, in question",
        first_decides: false,
        read: "Every row that holds is shown; they share one card with the MRI row.",
        also: PRESENTED,
        notes,
    },
    rows: &ROWS,
    passes: trace::mescc,
};

fn notes() -> Vec<String> {
    let names = |signs: &[Sign]| {
        let names: Vec<&str> = signs.iter().map(|sign| english::sign(SignName::One(*sign))).collect();
        names.join(", ")
    };
    vec![
        format!(
            "MESCC is suspected by a specific sign: {}, weakness of both legs, bilateral radicular deficit or pain, ESCC 2 or 3.",
            names(&SPECIFIC)
        ),
        format!(
            "Or by a non-specific sign together with back pain, radicular pain, or documented or suspected spinal metastases: {}, {}.",
            names(&NON_SPECIFIC),
            english::sign(SignName::OtherWeakness)
        ),
            "Confirmed: ESCC 2 or 3, or a cord-compression diagnosis with adequate MRI. Excluded: adequate MRI since onset with ESCC 0 to 1b, or the suspicion withdrawn after sign and MRI; what is confirmed stays confirmed when a suspicion is withdrawn.".to_owned(),
            "Each sign is judged by itself.".to_owned(),
            "A sign that began before the look-back and that nobody recorded as worse since only asks; an old cord-compression diagnosis that is coded again confirms nothing.".to_owned(),
            "A cord-compression diagnosis recorded at or after an MRI that was read as ESCC 0 to 1b is suspected: it asks for a new MRI, with the clock from the diagnosis.".to_owned(),
            "A pain recorded later does not revive a sign that an MRI excluded; it takes its own row.".to_owned(),
            "The latest grade speaks of the latest whole-spine MRI at or before it, and it answers every sign that this MRI answers. A grade without a date counts where it is no milder than the latest.".to_owned(),
            format!(
                "A result that nobody recorded is asked for until {} after the MRI as critical, until {} as a warning, until {} for information. Then the MRI has answered the sign, and treatment is decided without waiting.",
                words(RESULT_CRITICAL),
                words(RESULT_WARNING),
                words(RESULT_INFO)
            ),
            "A suspicion of metastases older than its look-back keeps the patient at risk like a cancer of the past; it makes nothing suspected.".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Facts;
    use crate::guideline::tables::row::Verdict;

    #[test]
    fn the_time_after_a_study_is_told_in_hours_up_to_a_week() {
        let said: Vec<String> = ROWS[1..4].iter().map(Row::says).collect();
        let ends = [
            "until 72 hours after the study",
            "until 7 days after the study",
            "until 30 days after the study",
        ];
        assert!(said.iter().zip(ends).all(|(said, end)| said.ends_with(end)), "{said:?}");
    }

    #[test]
    fn without_a_study_nothing_was_made() {
        let asked = Asked { result_unread: true, ..Asked::default() };
        for row in &ROWS[1..4] {
            let verdict = row.verdict(&[asked], &Facts::default());
            assert!(matches!(verdict, Verdict::DoesNotHold { .. }), "{verdict:?}");
        }
    }
}
