//! Why a table is not asked, or a row that holds is not shown: each reason with its sentence.

use crate::domain::{Consult, Source, When, moment};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// A reason to show nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// The patient has died.
    Deceased,
    /// Nothing on record puts the patient at risk.
    NotAtRisk {
        /// What may tell of it and could not be read.
        unread: Vec<Source>,
    },
    /// No symptom, deficit or sign counts.
    NoFinding {
        /// How far back they count, in days.
        days: u16,
        /// What may tell of them and could not be read.
        unread: Vec<Source>,
    },
    /// A whole-spine MRI answers every finding.
    Answered {
        /// When it was made.
        made: When,
    },
    /// A treatment covers every finding.
    Covered {
        /// When it began.
        began: When,
    },
    /// A whole-spine MRI is ordered.
    Ordered {
        /// When it is due.
        due: Option<When>,
        /// By when it is needed.
        needed: Option<DateTime<Utc>>,
    },
    /// Comfort care is recorded.
    ComfortCare,
    /// The patient is a child.
    Child,
    /// The patient is pregnant.
    Pregnant,
    /// No spinal metastases are documented.
    NoSpinalMetastases,
    /// No metastases are documented.
    NoMetastases,
    /// Cord compression is suspected, and neither excluded nor treated.
    CordCompressionOpen,
    /// It waits while an MRI row holds.
    WaitsForMri,
    /// A consult covers it.
    Consulted {
        /// Which one.
        consult: Consult,
        /// When it was requested or done.
        when: Option<When>,
        /// Whether it was done.
        done: bool,
    },
    /// Of several lesions the highest is acted on.
    HigherLesion,
    /// Another row stands for it.
    StandsAs {
        /// `table/row`.
        row: &'static str,
    },
    /// A fact that it would ask for could not be read.
    Unread,
    /// The guideline names no regimen.
    NoRegimen,
    /// Radiotherapy is not what the table of modality gives.
    NotRadiotherapy,
    /// It is a line in a card that is there anyway.
    NoCardOfItsOwn,
    /// No MRI row holds.
    NoMriRow,
    /// No draft that cannot meet the need is selected.
    NoDraft,
    /// The hook speaks of another moment: at discharge of rows 1 to 3, at booking of a late appointment.
    OtherMoment,
    /// There are more urgent cards, and at most four are shown.
    MostCards,
}

impl Silence {
    /// How early it is named among other reasons; `None` for what tells nothing by itself.
    pub(super) const fn tells(&self) -> Option<u8> {
        match self {
            Self::Deceased | Self::NotAtRisk { .. } | Self::ComfortCare | Self::Child | Self::Pregnant => {
                Some(0)
            }
            Self::Answered { .. } | Self::Covered { .. } | Self::Ordered { .. } => Some(1),
            Self::Consulted { .. } | Self::NoFinding { .. } | Self::Unread => Some(2),
            Self::NoSpinalMetastases | Self::NoMetastases => Some(3),
            _ => None,
        }
    }

    /// The reason in a sentence.
    pub fn sentence(&self, zone: Tz) -> String {
        match self {
            Self::Deceased => "The patient is recorded as deceased.".to_owned(),
            Self::NotAtRisk { unread } => format!(
                "No cancer is on record, no metastases, and no suspicion of them or of cord compression.{}",
                unread_sources(unread)
            ),
            Self::NoFinding { days, unread } => format!(
                "No symptom, deficit or sign was recorded in the last {days} days.{}",
                unread_sources(unread)
            ),
            Self::Answered { made } => {
                format!("The MRI of the whole spine of {} answers every finding.", made.for_people(zone))
            }
            Self::Covered { began } => format!(
                "The treatment of {} covers every finding; nobody recorded anything as worse since.",
                began.for_people(zone)
            ),
            Self::Ordered { due, needed } => {
                let due = match due {
                    Some(due) => format!("due {}", due.for_people(zone)),
                    None => "without a date".to_owned(),
                };
                let needed = needed.map(|at| format!("; it is needed by {}", moment(at, zone)));
                format!("MRI of the whole spine is ordered, {due}{}.", needed.unwrap_or_default())
            }
            Self::ComfortCare => "Comfort care is recorded.".to_owned(),
            Self::Child => "The patient is under 18 years old.".to_owned(),
            Self::Pregnant => "A pregnancy is recorded.".to_owned(),
            Self::NoSpinalMetastases => "No spinal metastases are documented.".to_owned(),
            Self::NoMetastases => "No metastases of spine or bone are documented.".to_owned(),
            Self::CordCompressionOpen => {
                "Cord compression is suspected, and neither excluded nor treated; that comes first.".to_owned()
            }
            Self::WaitsForMri => "It waits for the MRI of the spine that is needed.".to_owned(),
            Self::Consulted { consult, when, done } => {
                let name = match consult {
                    Consult::SpineSurgery => "A spine-surgery consult",
                    Consult::Mdt => "A multidisciplinary consult",
                    Consult::RadiationOncology => "A radiation-oncology consult",
                    Consult::Orthopaedic => "An orthopaedic consult",
                };
                let when = when.map(|when| format!(" on {}", when.for_people(zone))).unwrap_or_default();
                format!("{name} was {}{when}.", if *done { "done" } else { "requested" })
            }
            Self::HigherLesion => "Another lesion has a higher score, and the highest is acted on.".to_owned(),
            Self::StandsAs { row } => format!("{row} stands for it."),
            Self::Unread => "What it would ask for may be on record: it could not be read.".to_owned(),
            Self::NoRegimen => {
                "The site was irradiated before, and the guideline names no regimen for it: modality/7 stands for it."
                    .to_owned()
            }
            Self::NotRadiotherapy => "Radiotherapy is not what the table of modality gives.".to_owned(),
            Self::NoCardOfItsOwn => "It is a line in a card that is there anyway, and there is none.".to_owned(),
            Self::NoMriRow => "No MRI of the spine is needed now.".to_owned(),
            Self::OtherMoment => {
                "Not at this moment: a discharge is told of urgent rows, a booking of a late appointment.".to_owned()
            }
            Self::NoDraft => "No selected draft falls short of the MRI that is needed.".to_owned(),
            Self::MostCards => "More urgent cards come first, and at most four are shown.".to_owned(),
        }
    }
}

/// What could not be read, as a further sentence.
fn unread_sources(sources: &[Source]) -> String {
    if sources.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = sources.iter().map(|source| source.plain_name()).collect();
    format!(" Could not be read, or only in part: {}.", names.join(", "))
}
