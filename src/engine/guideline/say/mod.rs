//! What a card says, as values: its first line, its acts, what is not known, its buttons, and the values of its facts.
//!
//! Each value has its words in [`super::english`], and nowhere else. Deliberately absent: words; and text from the record
//! but as [`RecordText`], which the renderer alone shows, because it escapes it.

mod act;
mod button;
mod done;
mod first_line;
mod gap;
mod modality;
mod order_act;
mod question;
mod value;

use crate::domain::Evidence;
pub use act::Act;
pub use button::{Alternatives, Asks, Label, MriButton, Reason};
pub use done::{ConsultDone, Done, OrderDone, StudyDone};
pub use first_line::{
    Again, BesideSpine, Booked, Complaint, Headline, LastScore, MriAct, PatientKind, SignName, StabilityAct,
    Team, TreatState, Treated, Trigger,
};
pub use gap::{Gap, LeadsTo, Part, Supposed};
pub use modality::{BloodCancer, Criteria, GateReason, ModalityAct, RegimenAct, Surgeon};
pub use order_act::{Excluded, OrderAct};
pub use question::{Answer, Question};
pub use value::{Known, LifeSaid, OrderState, Performed, Score, StudyFault, Value, What};

/// Text of the record, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RecordText(String);

impl RecordText {
    /// As it came: not safe to show.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RecordText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// A resource as the chart names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named {
    /// How the chart words it.
    pub label: RecordText,
    /// `Type/id`.
    pub reference: RecordText,
}

impl Named {
    pub(super) fn of(evidence: &Evidence) -> Self {
        Self { label: evidence.label.as_str().into(), reference: evidence.reference.as_str().into() }
    }
}
