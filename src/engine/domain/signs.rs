//! Symptoms and signs, as the record states them: one value per statement, not yet folded into findings.

use super::facts::Evidence;
use super::spine::Levels;
use super::when::When;

/// A symptom or sign that the MRI timing and MESCC decisions look at (guideline.md section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sign {
    /// Local back pain; neck and thoracic too.
    BackPain,
    /// Radicular pain or radiculopathy.
    RadicularPain,
    /// A deficit coded as radicular (`radicular-deficit`).
    RadicularDeficit,
    /// Weakness of a limb, or monoparesis; radicular only beside radicular pain of the same side.
    LimbWeakness,
    /// Numbness or hypaesthesia of a named limb; a deficit only beside radicular pain of the same side.
    LimbNumbness,
    /// Paraparesis, paraplegia or quadriplegia.
    Paraparesis,
    /// Saddle anaesthesia or numbness.
    SaddleAnaesthesia,
    /// A sensory level.
    SensoryLevel,
    /// Lhermitte's sign.
    LhermitteSign,
    /// Upper-motor-neurone signs or myelopathy.
    Myelopathy,
    /// Cauda equina syndrome.
    CaudaEquina,
    /// A cord compression diagnosis.
    CordCompression,
    /// A clinician's recorded suspicion of MESCC (`mescc-suspected`).
    MesccSuspected,
    /// Gait disturbance or ataxia.
    GaitDisturbance,
    /// Urinary retention.
    UrinaryRetention,
    /// Bowel incontinence, or another bladder or bowel disturbance.
    BladderOrBowelDisturbance,
    /// Urinary incontinence, which never makes MESCC suspected: it only asks.
    UrinaryIncontinence,
    /// A clinician's recorded suspicion of spinal metastases (`spinal-metastases-suspected`).
    SpinalMetastasesSuspected,
}

impl Sign {
    /// Whether it closes the gate before SBRT where it was read from words: whatever is more than a pain, or urinary
    /// incontinence.
    pub const fn closes_the_gate(self) -> bool {
        !matches!(
            self,
            Self::BackPain
                | Self::RadicularPain
                | Self::UrinaryIncontinence
                | Self::SpinalMetastasesSuspected
        )
    }
}

/// Which paralysis a record of [`Sign::Paraparesis`] means: for its name, never for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Paralysis {
    /// Weak legs.
    Paraparesis,
    /// Legs without power.
    Paraplegia,
    /// Weak arms and legs.
    Quadriparesis,
    /// Arms and legs without power.
    Quadriplegia,
}

impl Paralysis {
    /// The one that a record's own wording names.
    pub fn worded(label: &str) -> Option<Self> {
        let label = label.to_lowercase();
        let four = ["quadri", "tetra"].iter().any(|start| label.contains(start));
        let two = label.contains("para");
        match (label.contains("pleg"), label.contains("pares")) {
            (true, false) if four => Some(Self::Quadriplegia),
            (false, true) if four => Some(Self::Quadriparesis),
            (true, false) if two => Some(Self::Paraplegia),
            (false, true) if two => Some(Self::Paraparesis),
            _ => None,
        }
    }
}

/// The side of a finding. A side that nobody recorded is `None` where this is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Both sides in one record.
    Both,
}

/// The limb that a weakness or numbness names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limb {
    /// Arm or hand.
    Arm,
    /// Leg or foot.
    Leg,
}

/// How a deficit develops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Progression {
    /// Getting worse.
    Progressive,
    /// Not changing.
    Stable,
    /// Getting better.
    Improving,
}

/// One statement that a symptom or sign is there, or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignRecord {
    /// Which one.
    pub sign: Sign,
    /// `true`: it is there; `false`: the record denies it.
    pub affirmed: bool,
    /// The side, if stated.
    pub side: Option<Side>,
    /// The limb, if stated.
    pub limb: Option<Limb>,
    /// The vertebral levels that the body site of a back pain names; none: any site.
    pub levels: Levels,
    /// When it was recorded: every recorded, effective and issued date of the resource. Empty when it has none.
    pub seen: Vec<When>,
    /// When it began: `onset[x]` or `effective[x]`.
    pub onset: Option<When>,
    /// A Condition with its own `onset[x]` is a finding by itself and does not merge with other records.
    pub stands_alone: bool,
    /// Progression said in the same resource (disease-course extension, component).
    pub progression: Option<Progression>,
    /// Recorded severity in the same resource, 1 mild to 3 severe: a rise between records is progression.
    pub severity: Option<u8>,
    /// The code itself says that the cause is metastatic (713425003, 192906003), which puts the patient at risk.
    pub metastatic_by_code: bool,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A statement about how the deficit develops (`deficit-progression`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressionRecord {
    /// What it says.
    pub progression: Progression,
    /// The side that it speaks of; `None`: any deficit.
    pub side: Option<Side>,
    /// When it was recorded (latest of effective and issued).
    pub seen: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Epidural spinal cord compression grade: a label, never a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Escc {
    /// Bone only.
    G0,
    /// 1a.
    G1a,
    /// 1b.
    G1b,
    /// 1c; counts as no coded result (guideline.md section 3.1).
    G1c,
    /// 2.
    G2,
    /// 3.
    G3,
}

impl Escc {
    /// The label as written.
    pub const fn label(self) -> &'static str {
        match self {
            Self::G0 => "0",
            Self::G1a => "1a",
            Self::G1b => "1b",
            Self::G1c => "1c",
            Self::G2 => "2",
            Self::G3 => "3",
        }
    }
}

/// A recorded ESCC grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EsccRecord {
    /// The grade.
    pub grade: Escc,
    /// When it was recorded (latest of effective and issued).
    pub seen: Option<When>,
    /// Where it stands.
    pub evidence: Evidence,
}
