//! What the engine answers: recommendations with their reasons, and proposals for orders.
//!
//! One [`Advice`] becomes one card. Deliberately absent: uuids, JSON and FHIR; those are the work of the services.

use crate::domain::{Priority, Regions, When};
use chrono::{DateTime, Utc};

/// Code system of recommendation codes (guideline.md section 4).
pub const RECOMMENDATION_SYSTEM: &str = "urn:spinal-mets-cds:recommendation";

/// Version of the decisions; it changes whenever advice for the same patient may change.
pub const GUIDELINE_VERSION: &str = "2026.1";

/// How urgent a card is, rising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Indicator {
    /// For information.
    Info,
    /// Needs attention.
    Warning,
    /// Needs action now.
    Critical,
}

/// A recommendation code (guideline.md section 3). Codes never change meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// MRI timing row 1.
    MriWithin12h,
    /// MRI timing row 2.
    MriWithin24h,
    /// MRI timing row 3.
    MriWithin48h,
    /// MRI timing row 4.
    MriWithin1Week,
    /// MRI timing row 5.
    MriWithin2Weeks,
    /// MRI timing row 6.
    MriAskPresentation,
    /// Adequate MRI without a coded result, 24 hours after presentation.
    MesccResultNeeded,
    /// A sign that does not make MESCC suspected, but asks.
    MesccQuestion,
    /// Findings that began before a treatment that is recent.
    ReassessAfterTreatment,
    /// X-ray, CT or bone scan drafted where an MRI is due.
    ImagingCannotExclude,
    /// MRI of part of the spine drafted.
    MriExtendToWholeSpine,
    /// Whole-spine MRI drafted, not in time.
    MriOrderTooLate,
    /// Whole-spine MRI drafted without a date, rows 4 and 5.
    MriStateDate,
}

impl Code {
    /// The code as the outside sees it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MriWithin12h => "mri-within-12h",
            Self::MriWithin24h => "mri-within-24h",
            Self::MriWithin48h => "mri-within-48h",
            Self::MriWithin1Week => "mri-within-1-week",
            Self::MriWithin2Weeks => "mri-within-2-weeks",
            Self::MriAskPresentation => "mri-ask-presentation",
            Self::MesccResultNeeded => "mescc-result-needed",
            Self::MesccQuestion => "mescc-question",
            Self::ReassessAfterTreatment => "reassess-after-treatment",
            Self::ImagingCannotExclude => "imaging-cannot-exclude",
            Self::MriExtendToWholeSpine => "mri-extend-to-whole-spine",
            Self::MriOrderTooLate => "mri-order-too-late",
            Self::MriStateDate => "mri-state-date",
        }
    }
}

/// A fact that made a recommendation fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactUsed {
    /// Its name in guideline.md section 2.
    pub fact: &'static str,
    /// Its value, in the engine's words.
    pub value: String,
    /// How the chart words it. From the record: escape before showing.
    pub label: Option<String>,
    /// The date of the record.
    pub date: Option<When>,
    /// `Type/id`.
    pub reference: Option<String>,
}

/// One recommendation of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    /// Its code.
    pub code: Code,
    /// The statements that it rests on.
    pub statements: &'static [&'static str],
    /// The row that fired, as `table/row`.
    pub row: &'static str,
    /// The facts that made it fire.
    pub facts: Vec<FactUsed>,
    /// The facts that were missing, by their names.
    pub missing: Vec<&'static str>,
}

/// Priority and end of a proposed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// `ServiceRequest.priority`.
    pub priority: Priority,
    /// End of the occurrence period that starts now; `None`: no period (row 6).
    pub end: Option<DateTime<Utc>>,
}

/// One change to the orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Remove a selected draft.
    Delete {
        /// `Type/id` of the draft.
        reference: String,
        /// How the chart names it.
        label: String,
    },
    /// Order a whole-spine MRI as the site does it.
    CreateWholeSpineMri,
    /// Order an MRI of single regions, one order each.
    CreateRegionalMri(Regions),
    /// Change a selected draft: time and priority, and its code when `widen` is set.
    Update {
        /// `Type/id` of the draft.
        reference: String,
        /// How the chart names it.
        label: String,
        /// Make it a whole-spine MRI.
        widen: bool,
    },
}

/// Something that can be done with one click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Text of the button.
    pub label: String,
    /// Its changes, taken together; never empty.
    pub steps: Vec<Step>,
    /// Priority and time for the MRI orders among them.
    pub timing: Timing,
}

/// The groups that become one card each (guideline.md section 4), in the order of ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Sections 3.1 to 3.3.
    Emergency,
    /// Section 3.8.
    OrderCheck,
}

/// One card's worth of advice.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// Which card.
    pub group: Group,
    /// The worst indicator of its recommendations.
    pub indicator: Indicator,
    /// Lead first; never empty.
    pub recommendations: Vec<Recommendation>,
    /// By when; absent where no window runs.
    pub deadline: Option<DateTime<Utc>>,
    /// Whether the deadline has passed; present with `deadline`.
    pub overdue: Option<bool>,
    /// Action first, then the reason, then the deadline; at most 139 characters, no text from the record.
    pub summary: String,
    /// Sentences under "Why"; text from the record is escaped.
    pub why: Vec<String>,
    /// Sentences under "What to do".
    pub what_to_do: Vec<String>,
    /// Sentences under "Not known".
    pub not_known: Vec<String>,
    /// Proposals; may be empty.
    pub proposals: Vec<Proposal>,
    /// The Conditions that triggered it, for `reasonReference`.
    pub reason_references: Vec<String>,
    /// The trigger in words, for `reasonCode` where no Condition stands behind it.
    pub reason_text: &'static str,
}
