//! What a line of `concepts!` says besides its codes: what the concept means, and how prefetch asks for it.
//!
//! Two kinds of resource types are asked for in two ways. Conditions, Procedures, orders, drugs and the like are few: all
//! of a patient are asked for, so a concept in them needs no request of its own. Observations, reports and encounters are
//! searched by code: what is read in them must be in a [`Group`], or say why it is not. A Medication belongs to no patient: it
//! is read by the reference of an order, and no search asks for one.

use super::concept::Concept;
use engine::domain::{Consult, Judgement, Regions, Sign, Source};

/// What a code of a concept means. The mappers are built from this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A diagnosis of cancer or metastases, or a part of one.
    Diagnosis,
    /// A symptom or sign, there or denied.
    Sign(Sign),
    /// Another finding that is there or denied.
    Statement,
    /// A clinician's judgement: it decides between treatments, so its value must be plain.
    Judgement(Judgement),
    /// A judgement that counts as a finding besides: a doubtful value of it is not lost.
    JudgementAndStatement(Judgement),
    /// A grade, score, course or status with values of its own.
    Score,
    /// Performance status, an estimate, or a laboratory value.
    Measurement,
    /// An MRI of the spine, of these regions.
    Mri(Regions),
    /// Other imaging of the spine.
    Imaging,
    /// Surgery or radiotherapy.
    Treatment,
    /// A consult.
    Consult(Consult),
    /// A drug.
    Drug,
    /// It keeps a text or another code from meaning what it would otherwise mean.
    Exclusion,
    /// It says more of what another code names: a side, a place, a course.
    Qualifier,
}

/// How the codes of a concept are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedIn {
    /// Every resource of the types in which it is read is asked for.
    All,
    /// With the codes of a group, besides the types of which every resource is asked for.
    Group(Group),
    /// Not by its codes, and why.
    NotAsked(&'static str),
}

/// Concepts whose codes are asked for in one search. A long search is sent in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Observations of symptoms and signs.
    ObservationsSigns,
    /// Observations of scores and judgements.
    ObservationsScores,
    /// Observations of performance status, laboratory values, pregnancy, fractures and implants.
    ObservationsStatus,
    /// Reports of an MRI of the spine, whatever their category.
    DiagnosticReportsMri,
    /// Encounters that are consults.
    Encounters,
}

impl Group {
    /// Every group.
    pub const ALL: &'static [Self] = &[
        Self::ObservationsSigns,
        Self::ObservationsScores,
        Self::ObservationsStatus,
        Self::DiagnosticReportsMri,
        Self::Encounters,
    ];

    /// The prefetch key. Keys do not change.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ObservationsSigns => "observationsSigns",
            Self::ObservationsScores => "observationsScores",
            Self::ObservationsStatus => "observationsStatus",
            Self::DiagnosticReportsMri => "diagnosticReportsMri",
            Self::Encounters => "encounters",
        }
    }

    /// The resource type that is searched.
    pub const fn source(self) -> Source {
        match self {
            Self::ObservationsSigns | Self::ObservationsScores | Self::ObservationsStatus => {
                Source::Observation
            }
            Self::DiagnosticReportsMri => Source::DiagnosticReport,
            Self::Encounters => Source::Encounter,
        }
    }

    /// The search parameter that takes the codes.
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Encounters => "type",
            _ => "code",
        }
    }

    /// The concepts that are asked for here.
    pub fn concepts(self) -> impl Iterator<Item = Concept> {
        Concept::ALL.iter().copied().filter(move |concept| concept.asked_in() == AskedIn::Group(self))
    }
}

/// An element in which codes are read although no search reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSearched {
    /// The resource type.
    pub source: Source,
    /// The element.
    pub element: &'static str,
    /// Why it is not asked for.
    pub why: &'static str,
}

/// Elements that are read and that the searches by code do not reach. What stands in them is used where the resource comes
/// for another reason.
pub const NOT_SEARCHED: &[NotSearched] = &[
    NotSearched {
        source: Source::Observation,
        element: "component.code",
        why: "the search by `code` sees the Observation's own code; `combo-code` is offered by few servers",
    },
    NotSearched {
        source: Source::Encounter,
        element: "type",
        why: "words of a consult and hospice care: the search is for the codes of consults",
    },
    NotSearched {
        source: Source::Encounter,
        element: "serviceType",
        why: "FHIR R4 has no search parameter for it",
    },
    NotSearched {
        source: Source::Encounter,
        element: "reasonCode",
        why: "a second search of Encounters for a consult that its type names as a rule",
    },
];

/// Whether every resource of a type is asked for: no group searches it by code.
const fn is_asked_whole(source: Source) -> bool {
    let mut groups = Group::ALL;
    while let [group, rest @ ..] = groups {
        if group.source() as u8 == source as u8 {
            return false;
        }
        groups = rest;
    }
    true
}

/// Whether the request of a concept reaches every resource type in which it is read.
const fn is_asked_where_read(concept: Concept) -> bool {
    let (mut by_code, mut reached) = (0, 0);
    let mut sources = concept.read_in();
    while let [source, rest @ ..] = sources {
        if !is_asked_whole(*source) {
            by_code += 1;
            if let AskedIn::Group(group) = concept.asked_in()
                && group.source() as u8 == *source as u8
            {
                reached += 1;
            }
        }
        sources = rest;
    }
    match concept.asked_in() {
        AskedIn::All => by_code == 0,
        AskedIn::Group(_) => by_code == 1 && reached == 1,
        AskedIn::NotAsked(why) => !why.is_empty(),
    }
}

const _: () = {
    let mut concepts = Concept::ALL;
    while let [concept, rest @ ..] = concepts {
        assert!(is_asked_where_read(*concept), "a concept is read in a type that its request does not reach");
        concepts = rest;
    }
};

#[cfg(test)]
#[path = "asked_tests.rs"]
mod tests;
