//! The list of stories, and what an expected card is.
//!
//! Beside the alarms stand stories that look like one and ask for nothing.

use crate::guideline::Code;
use chrono::{DateTime, Utc};

/// One card that a story asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Recommendations, the lead first.
    pub codes: Vec<Code>,
    /// `info`, `warning` or `critical`.
    pub indicator: &'static str,
    /// When it is due, where the story fixes that.
    pub deadline: Option<DateTime<Utc>>,
}

/// The hook that a story fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// The chart is opened.
    PatientView,
    /// The drafts are selected.
    OrderSelect,
    /// The drafts are signed.
    OrderSign,
}

impl Hook {
    /// As CDS Hooks calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PatientView => "patient-view",
            Self::OrderSelect => "order-select",
            Self::OrderSign => "order-sign",
        }
    }
}

macro_rules! stories {
    ($($name:ident = $id:literal, $hook:ident, $what:literal;)+) => {
        /// What happened to a patient.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Story {
            $(#[doc = $what] $name,)+
        }

        impl Story {
            /// Every story.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name in the names of cases.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }

            /// What happened, for a clinician.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$name => $what),+ }
            }

            /// When the question is asked.
            pub const fn hook(self) -> Hook {
                match self { $(Self::$name => Hook::$hook),+ }
            }
        }
    };
}

#[rustfmt::skip]
stories! {
    BackPain = "back-pain", PatientView, "Back pain of the last days in a patient with cancer, now or once.";
    RadicularPain = "radicular-pain", PatientView, "Radicular pain of one side, or of none that is named, in a patient with cancer, now or once.";
    RapidDeficit = "rapid-deficit", PatientView, "A radicular deficit that began within the last days, in a patient with cancer.";
    SlowDeficit = "slow-deficit", PatientView, "A radicular deficit of some weeks, in a patient with cancer.";
    CordSign = "cord-sign", PatientView, "A sign of the cord or of the cauda equina within the last hours, in a patient with cancer.";
    UnreadStudy = "unread-study", PatientView, "A sign of the cord, imaged and without a coded result.";
    PotentiallyUnstable = "potentially-unstable", PatientView, "A vertebral metastasis with a SINS of 7 to 12 and no complaint.";
    Unstable = "unstable", PatientView, "A vertebral metastasis with a SINS of 13 or more; months to live.";
    UnstableShortLife = "unstable-short-life", PatientView, "A vertebral metastasis with a SINS of 13 or more; weeks to live.";
    LongBone = "long-bone", PatientView, "A metastasis of the femur with a Mirels score of 9 or more.";
    Irradiate = "irradiate", PatientView, "A painful, stable vertebral metastasis, imaged; fit, never irradiated, months to live.";
    IrradiatePending = "irradiate-pending", PatientView, "A painful, stable vertebral metastasis, imaged; fit, never irradiated, nobody said how long to live.";
    Chemosensitive = "chemosensitive", PatientView, "Untreated myeloma or high-grade lymphoma with a vertebral lesion.";
    BoneAgent = "bone-agent", PatientView, "A bone metastasis of a solid tumour under treatment, good kidneys, normal calcium, no bone agent.";
    OtherImaging = "other-imaging", OrderSelect, "Back pain in a patient with cancer; an X-ray, a CT or a bone scan is ordered.";
    PartialMri = "partial-mri", OrderSelect, "Back pain in a patient with cancer; an MRI of the lumbar spine is ordered.";
    EightGray = "eight-gray", OrderSign, "8 Gy in one fraction to a vertebral metastasis of a patient with months to live.";
    SilentNoCancer = "silent-no-cancer", PatientView, "Back pain or cauda equina syndrome in a patient without cancer.";
    SilentOldPain = "silent-old-pain", PatientView, "Back pain of long ago in a patient with cancer.";
    SilentNoFinding = "silent-no-finding", PatientView, "Cancer without any finding.";
    SilentDeceased = "silent-deceased", PatientView, "A patient who died, with every sign.";
    SilentImaged = "silent-imaged", PatientView, "Back pain, and an MRI of the whole spine since.";
    SilentOrdered = "silent-ordered", PatientView, "Back pain, and an MRI of the whole spine ordered in time.";
    SilentStable = "silent-stable", PatientView, "A vertebral metastasis with a SINS of 6 or less and no complaint.";
    SilentSkinCancer = "silent-skin-cancer", PatientView, "Radicular pain in a patient with a basal cell carcinoma alone.";
    SilentEnteredInError = "silent-entered-in-error", PatientView, "A sign that was entered in error, in a patient with cancer.";
    SilentExcluded = "silent-excluded", PatientView, "A sign of the cord, imaged since: ESCC 0.";
    SilentDenied = "silent-denied", PatientView, "Back pain that was asked about and denied, in a patient with cancer.";
    SilentOrder = "silent-order", OrderSelect, "An X-ray of the spine for back pain in a patient without cancer.";
}

impl Story {
    /// The story of a patient of this number, from 1: all of them take turns.
    pub fn of(number: u64) -> Self {
        let turn = number.saturating_sub(1) % Self::ALL.len() as u64;
        usize::try_from(turn).ok().and_then(|turn| Self::ALL.get(turn)).copied().unwrap_or(Self::BackPain)
    }
}
