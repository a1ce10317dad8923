//! A chart as the guideline speaks of it: a list of dated records, without a code and without FHIR.

/// A moment, in seconds since 1970.
pub(crate) type Moment = i64;
pub(crate) const HOUR: Moment = 3_600;
pub(crate) const DAY: Moment = 24 * HOUR;

/// A date as precise as it was recorded. Days are days of the facility, whose zone is UTC here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum When {
    At(Moment),
    /// The day that begins at this moment.
    Day(Moment),
    /// What two records leave open together; no record has such a date.
    Between(Moment, Moment),
}

impl When {
    /// The earliest moment that it may mean.
    pub(crate) fn earliest(self) -> Moment {
        match self {
            Self::At(moment) | Self::Day(moment) | Self::Between(moment, _) => moment,
        }
    }

    /// The end of the day, or the moment itself.
    pub(crate) fn latest(self) -> Moment {
        match self {
            Self::At(moment) | Self::Between(_, moment) => moment,
            Self::Day(start) => start + DAY,
        }
    }

    /// Whether this came at or after `other`: on the same day, either of them without a time, counts as after.
    pub(crate) fn at_or_after(self, other: Self) -> bool {
        match (self, other) {
            (Self::At(a), Self::At(b)) => a >= b,
            _ => day_of(self.earliest()) >= day_of(other.earliest()),
        }
    }
}

pub(crate) fn day_of(moment: Moment) -> Moment {
    moment.div_euclid(DAY) * DAY
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Left,
    Right,
    Both,
}

/// Symptoms and signs that are yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Sign {
    BackPain,
    RadicularPain,
    /// A deficit that is coded as radicular.
    RadicularDeficit,
    /// Weakness of one leg, or of both by its side.
    LegWeakness,
    Paraparesis,
    SaddleAnaesthesia,
    SensoryLevel,
    Lhermitte,
    CaudaEquina,
    CordCompression,
    MesccSuspected,
    Gait,
    Retention,
    Bowel,
    UrinaryIncontinence,
    /// `spinal-metastases-suspected`.
    MetastasesSuspected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Course {
    Progressive,
    Stable,
    Improving,
}

/// How a finding is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    Condition,
    Observation,
}

/// One record of a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Finding {
    pub(crate) sign: Sign,
    pub(crate) side: Option<Side>,
    pub(crate) affirmed: bool,
    pub(crate) form: Form,
    /// When it was recorded. An Observation without `onset` has it as its effective time, one with `onset` as `issued`.
    pub(crate) seen: Option<When>,
    /// A Condition's `onset[x]`, or the effective time of an Observation that was issued later.
    pub(crate) onset: Option<When>,
    /// Course said in the same resource.
    pub(crate) course: Option<Course>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Cancer {
    Breast,
    Prostate,
    Myeloma,
    AggressiveLymphoma,
    OtherLymphoma,
    SmallCell,
    SkinOnly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CancerState {
    Active,
    Remission,
    HistoryCode,
}

/// Where a metastasis sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Site {
    Spine(Level),
    Bone,
}

/// The levels that charts are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Level {
    T8,
    L3,
    /// The spine, no level named.
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Grade {
    G0,
    G1b,
    G1c,
    G2,
    G3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Region {
    Whole,
    Thoracic,
    Lumbar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Modality {
    Mri,
    Ct,
    XRay,
    BoneScan,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Priority {
    Routine,
    Urgent,
    Asap,
    Stat,
}

/// An order of imaging of the spine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Imaging {
    /// A draft of the call, and whether it is selected; else an active order.
    pub(crate) draft: Option<bool>,
    pub(crate) modality: Modality,
    pub(crate) region: Region,
    pub(crate) priority: Option<Priority>,
    pub(crate) due: Option<When>,
    pub(crate) authored: Option<When>,
}

/// A treatment of the spine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Treatment {
    pub(crate) surgery: bool,
    pub(crate) level: Level,
    pub(crate) start: When,
    /// `None`: it is running.
    pub(crate) end: Option<When>,
}

/// What a radiotherapy order says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Dose {
    pub(crate) centigray: i64,
    pub(crate) fractions: i64,
    /// Said by its code; else by its numbers alone.
    pub(crate) stereotactic: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Judgement {
    RadiotherapyTolerable,
    ReirradiationFeasible,
    DeteriorationDespiteRadiotherapy,
    ProgressionAfterRadiotherapy,
    AreaAmenable,
    LyticDisease,
    MechanicalPain,
    ProstateProgression,
    AntineoplasticTherapy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Consult {
    SpineSurgery,
    Mdt,
    RadiationOncology,
    Orthopaedic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Drug {
    Zoledronic,
    Denosumab,
    Corticosteroid,
}

/// Life expectancy in months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Expectancy {
    Months(i64),
    Range(i64, i64),
    BelowThree,
    ThreeOrMore,
}

/// One entry of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Record {
    Cancer(Cancer, CancerState),
    Metastasis {
        site: Site,
        suspected: bool,
        recurrent: bool,
        seen: Option<When>,
    },
    Finding(Finding),
    /// `deficit-progression`.
    Course {
        course: Course,
        seen: When,
    },
    Escc {
        grade: Grade,
        seen: When,
    },
    Study {
        region: Region,
        at: When,
        t1_missing: bool,
    },
    Imaging(Imaging),
    Treatment(Treatment),
    SinsTotal {
        level: Level,
        total: i64,
        seen: When,
    },
    /// Location, pain, lesion, alignment, collapse, posterolateral.
    SinsParts {
        level: Level,
        parts: [Option<i64>; 6],
        seen: When,
    },
    MirelsTotal {
        total: i64,
        seen: When,
    },
    /// Site, pain, lesion, size.
    MirelsParts {
        parts: [Option<i64>; 4],
        seen: When,
    },
    Ecog {
        value: i64,
        seen: When,
    },
    Karnofsky {
        value: i64,
        seen: When,
    },
    Expectancy {
        value: Expectancy,
        seen: When,
    },
    Judgement {
        judgement: Judgement,
        yes: bool,
        seen: When,
    },
    Consult {
        consult: Consult,
        done: bool,
        at: Option<When>,
    },
    Fracture {
        seen: Option<When>,
    },
    Drug {
        drug: Drug,
        at: When,
    },
    Clearance {
        value: i64,
        seen: When,
    },
    Calcium {
        low: Option<bool>,
        seen: When,
    },
    Allergy,
    Pacemaker,
    Pregnant {
        seen: When,
    },
    ComfortCare {
        yes: bool,
        seen: When,
    },
    Deceased,
    RadiotherapyDraft {
        level: Level,
        dose: Dose,
        selected: bool,
    },
    SurgeryDraft {
        level: Level,
        selected: bool,
    },
    ZoledronicDraft {
        selected: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Hook {
    PatientView,
    OrderSelect,
    OrderSign,
}

/// A chart, the clock and the hook that asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Chart {
    pub(crate) now: Moment,
    pub(crate) hook: Hook,
    pub(crate) age: i64,
    pub(crate) records: Vec<Record>,
}
