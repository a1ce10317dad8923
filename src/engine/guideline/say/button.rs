//! Buttons, and what they put into an order.

use super::super::regimen::Scheme;
use super::{Answer, Complaint, Team};
use crate::domain::{Consult, Regions};
use chrono::{DateTime, Utc};

/// What a referral asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// A scheme of SBRT.
    Sbrt(&'static Scheme),
    /// Conventional radiotherapy in several fractions.
    Conventional,
    /// SBRT of an irradiated site.
    Reirradiation,
}

/// The schemes that a referral lists, none ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternatives {
    /// A risk of fracture is known: single fractions are annotated.
    pub risky: bool,
    /// 8 Gy in 1 fraction is among them.
    pub single: bool,
}

/// What a button does with an MRI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MriButton {
    /// Order it.
    Order,
    /// Add it to what is drafted.
    Add,
    /// Give a draft of it another time.
    SetTime,
    /// Take the passed time of a draft of it out.
    ClearTime,
    /// Extend a draft to it.
    Extend,
    /// Put it in the place of drafts.
    ReplaceBy,
}

/// The text of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// A whole-spine MRI.
    Mri {
        /// What it does.
        button: MriButton,
        /// By that time.
        end: Option<DateTime<Utc>>,
        /// It is overdue: at that time at the latest.
        overdue: bool,
        /// Regions, where the drafts that it changes are parts of a whole-spine MRI and not all of them.
        part: Option<Regions>,
        /// It takes other imaging away, which the name of the button does not say by itself.
        drops: bool,
    },
    /// A referral.
    Refer(Consult, Option<Asks>),
    /// Urgent referrals to these teams.
    ReferUrgently(Team),
    /// Records an answer.
    Answer(Answer),
}

/// The trigger of an order, for `reasonCode` where no Condition stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Spinal metastases.
    SpinalMetastases,
    /// Suspected spinal metastases.
    Suspected,
    /// Symptomatic spinal metastases.
    Symptomatic,
    /// Bone metastases.
    BoneMetastases,
    /// Suspected cord compression.
    Mescc,
    /// A complaint, metastases to be excluded.
    Complaint(Complaint),
}
