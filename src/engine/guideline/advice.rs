//! What the engine answers: recommendations with their reasons, and proposals for orders.
//!
//! One [`Advice`] becomes one card. Deliberately absent: words, which [`super::english`] makes; uuids, JSON and FHIR, which
//! are the work of the services.

use super::code::Code;
use super::fact::Fact;
use super::say::{Act, Alternatives, Answer, Asks, Done, Gap, Headline, Label, Reason, RecordText, Value};
use super::tables::row::ByRow;
use crate::domain::{Consult, Priority, Regions, When};
use chrono::{DateTime, Utc};

/// Code system of recommendation codes (guideline.md section 4).
pub const RECOMMENDATION_SYSTEM: &str = "urn:spinal-mets-cds:recommendation";

/// Version of the decisions; it changes whenever advice for the same patient may change.
pub const GUIDELINE_VERSION: &str = "2026.2";

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

impl Indicator {
    /// As on a card.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// One step more urgent.
    pub(super) const fn worse(self) -> Self {
        match self {
            Self::Info => Self::Warning,
            Self::Warning | Self::Critical => Self::Critical,
        }
    }

    /// One step milder.
    pub(super) const fn milder(self) -> Self {
        match self {
            Self::Critical => Self::Warning,
            Self::Warning | Self::Info => Self::Info,
        }
    }
}

/// A fact that made a recommendation fire.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FactUsed {
    /// Which one.
    pub fact: Fact,
    /// Its value.
    pub value: Value,
    /// How the chart words it.
    pub label: Option<RecordText>,
    /// The date of the record.
    pub date: Option<When>,
    /// `Type/id`.
    pub reference: Option<String>,
}

/// A fact with more records than a card names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoreRecords {
    /// Which fact.
    pub fact: Fact,
    /// How many records there are, named or not.
    pub records: usize,
    /// The date of the newest.
    pub newest: Option<When>,
}

/// One recommendation of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    /// Its code.
    pub code: Code,
    /// The statements that it rests on: those of its row that bear on the patient.
    pub statements: Vec<&'static str>,
    /// The row that fired, as `table/row`.
    pub row: &'static str,
    /// The facts that made it fire.
    pub facts: Vec<FactUsed>,
    /// The facts that were missing.
    pub missing: Vec<Fact>,
    /// Its row made it.
    pub made: ByRow,
}

/// Priority and end of a proposed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// `ServiceRequest.priority`; `None`: left as it is. A draft's higher priority stays.
    pub priority: Option<Priority>,
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
        label: RecordText,
    },
    /// Order a whole-spine MRI as the site does it.
    CreateWholeSpineMri(Timing),
    /// Order an MRI of single regions, one order each.
    CreateRegionalMri(Regions, Timing),
    /// Change a selected draft: time and priority, and its code when `widen` is set.
    Update {
        /// `Type/id` of the draft.
        reference: String,
        /// How the chart names it.
        label: RecordText,
        /// Make it a whole-spine MRI.
        widen: bool,
        /// Its new priority and time.
        timing: Timing,
        /// Its time has passed: it is taken out where no new one is set.
        clear_time: bool,
    },
    /// Refer to a consult.
    Refer {
        /// Which one.
        consult: Consult,
        /// What to ask for, beyond the consult itself.
        asks: Option<Asks>,
        /// What its note says beside the reasons: alternatives that the consult chooses from.
        alternatives: Option<Alternatives>,
        /// Whether it is urgent.
        urgent: bool,
    },
    /// Record an answer as an Observation.
    Record {
        /// Which answer.
        answer: Answer,
        /// The studies of which it speaks, as `Type/id`.
        study_references: Vec<String>,
    },
}

/// Something that can be done with one click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Text of the button.
    pub label: Label,
    /// Its changes, taken together; never empty.
    pub steps: Vec<Step>,
}

/// The groups that become one card each (guideline.md section 4), in the order of ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Sections 3.1 to 3.3.
    Emergency,
    /// Section 3.4.
    Stability,
    /// Sections 3.5 and 3.6.
    Treatment,
    /// Section 3.7.
    Adjunct,
    /// Section 3.8.
    OrderCheck,
}

/// One card's worth of advice.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Facts of which there are more records than are named.
    pub more: Vec<MoreRecords>,
    /// Its first line.
    pub headline: Headline,
    /// The first lines of the cards that folded into it.
    pub folded: Vec<Headline>,
    /// What to do.
    pub acts: Vec<Act>,
    /// What was done so far, on the emergency and the treatment card.
    pub done: Option<Done>,
    /// What is not known.
    pub gaps: Vec<Gap>,
    /// Proposals; may be empty.
    pub proposals: Vec<Proposal>,
    /// Whether several proposals may be taken: they serve different needs.
    pub several: bool,
    /// The Conditions that triggered it, for `reasonReference`.
    pub reason_references: Vec<String>,
    /// The trigger, for `reasonCode` where no Condition stands behind it.
    pub reason: Reason,
}

#[cfg(test)]
#[path = "advice_tests.rs"]
pub(super) mod tests;
