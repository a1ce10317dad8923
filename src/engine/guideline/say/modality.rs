//! What the treatment card says: the modality, the regimen, and the values on which they are chosen.

use super::super::fact::Fact;
use super::{LifeSaid, Performed, Score, SignName};
use crate::domain::Levels;

/// What closes the gate before SBRT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateReason {
    /// A score.
    Score(Score),
    /// A vertebral fracture.
    Fracture,
    /// A sign of cord compression; `None`: read from words.
    Sign(Option<SignName>),
    /// A fact that is not known.
    Unknown {
        /// Which one.
        fact: Fact,
        /// What may hold it could not be read.
        unread: bool,
        /// What its recorded parts allow.
        part: Option<Score>,
    },
}

/// What is on record of a surgeon who must be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surgeon {
    /// Nobody was asked.
    NotAsked,
    /// Asked, and the answer is not on record.
    Asked,
    /// Seen, before what must be asked about.
    SawBefore,
}

/// The values on which a treatment is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criteria {
    /// The highest SINS.
    pub score: Option<Score>,
    /// Performance.
    pub performance: Option<Performed>,
    /// Life expectancy.
    pub life: Option<LifeSaid>,
    /// Whether the site was irradiated; `None`: not known.
    pub irradiated: Option<bool>,
    /// Another part of the spine was irradiated.
    pub elsewhere: bool,
    /// It was irradiated, and there is no SBRT here.
    pub no_sbrt: bool,
    /// The levels of the metastases, as far as they are named.
    pub levels: Levels,
    /// What closes the gate before SBRT.
    pub gate: Option<GateReason>,
    /// What is on record of spine surgery, where it closes the gate.
    pub surgeon: Surgeon,
    /// Progression after radiotherapy that cannot be repeated; else what failed is radiotherapy with corticosteroids.
    pub progressed: bool,
    /// The facts that are missing.
    pub open: Vec<Fact>,
}

/// A cancer that systemic therapy treats first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BloodCancer {
    /// Multiple myeloma or plasmacytoma.
    Myeloma,
    /// High-grade or Hodgkin lymphoma.
    AggressiveLymphoma,
}

/// What the modality table gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModalityAct {
    /// Surgery is indicated, and life expectancy too short for it.
    Conflict {
        /// Because the spine is unstable; else because radiotherapy failed.
        unstable: bool,
    },
    /// Surgery.
    Surgery {
        /// Because the spine is unstable; else because radiotherapy failed.
        unstable: bool,
        /// Spine surgery was asked, or saw the patient, since that was known.
        asked: bool,
    },
    /// Systemic therapy first.
    Systemic {
        /// Whether therapy is current could not be read.
        therapy_unread: bool,
        /// Which cancer.
        cancer: Option<BloodCancer>,
    },
    /// Radiotherapy.
    Radiotherapy,
    /// Radiotherapy, once what is pending is known.
    Provisional {
        /// The multidisciplinary answer is pending.
        mdt: bool,
        /// The estimate of life expectancy is pending.
        estimate: bool,
    },
    /// Surgery is indicated, and the area not amenable to it.
    NotAmenable {
        /// Because the spine is unstable; else because radiotherapy failed.
        unstable: bool,
    },
    /// Surgery is indicated, life expectancy unknown.
    StateLifeExpectancy {
        /// Because the spine is unstable; else because radiotherapy failed.
        unstable: bool,
    },
    /// Whether radiotherapy is tolerable is not known.
    AskTolerable,
    /// Another criterion of radiotherapy is open or not met.
    CompleteCriteria,
}

/// What section 3.6 adds to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegimenAct {
    /// Whether the site was irradiated could not be read.
    PriorUnread,
    /// Conventional radiotherapy alone.
    Conventional,
    /// SBRT or conventional.
    Either,
    /// SBRT of an irradiated site.
    Reirradiation,
    /// Spine surgery is asked first.
    SurgeryFirst,
}
