//! Section 3.4: stability of documented spinal metastases by SINS, and of long bones by Mirels.
//!
//! Deliberately absent: SINS 6 or less, which is a line in the treatment card; and what else follows from an unstable
//! spine (section 3.5).

use super::advice::{Advice, FactUsed, Group, Indicator, Proposal, Recommendation, Step};
use super::code::Code;
use super::compose::{Parts, TREATMENT_SOURCES, absent, compose, distinct};
use super::describe::fact;
use super::fact::Fact;
use super::lesion::{self, Band, Lesion, SinsLesions, UNSTABLE_LEAST};
use super::measure::{self, Life, LifeExpectancy, Since, THREE_MONTHS};
use super::picture::Picture;
use super::row::{CodedRow, months};
use super::scope::SpinalMetastases;
use crate::domain::{Aim, Certainty, Consult, Evidence, Facts, Judgement, Site, TreatmentKind, When};

/// What a row looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Scored {
    /// A SINS band.
    Sins(Band),
    /// Mirels at least 9.
    MirelsHigh,
    /// The Mirels interval reaches 9.
    MirelsReaches9,
    /// Mirels exactly 8.
    Mirels8,
}

/// A row of the printed table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) scored: Scored,
    pub(super) code: Code,
    pub(super) indicator: Indicator,
    /// The consult that is proposed, and that silences the row on patient-view once it is requested or done.
    pub(super) consult: Option<Consult>,
    pub(super) statements: &'static [&'static str],
}

/// Least Mirels of high fracture risk (G-18).
pub(super) const MIRELS_HIGH: u8 = 9;

/// SINS 13 or more with a life expectancy below 3 months: modality row 1, in the stability card.
pub(super) const CONFLICT: CodedRow = CodedRow {
    id: "modality/1",
    holds: || {
        format!(
            "SINS min {UNSTABLE_LEAST} or more; life expectancy below {months} months; stands in the stability card instead of stability/sins-surgery",
            months = months(THREE_MONTHS)
        )
    },
    code: Code::SurgeryCandidacyConflict,
    indicator: Indicator::Critical,
    offers: "spine-surgery referral",
    statements: &["G-17", "G-24", "G-43"],
};

const SINS_SURGERY: Row = Row {
    id: "stability/sins-surgery",
    scored: Scored::Sins(Band::Unstable),
    code: Code::SinsSurgeryIndicated,
    indicator: Indicator::Critical,
    consult: Some(Consult::SpineSurgery),
    statements: &["G-14", "G-17", "G-24"],
};

const SINS_MDT: Row = Row {
    id: "stability/sins-mdt",
    scored: Scored::Sins(Band::PotentiallyUnstable),
    code: Code::SinsMdtConsult,
    indicator: Indicator::Warning,
    consult: Some(Consult::Mdt),
    statements: &["G-14", "G-16"],
};

const SINS_INDETERMINATE: Row = Row {
    id: "stability/sins-indeterminate",
    scored: Scored::Sins(Band::Indeterminate),
    code: Code::SinsIndeterminate,
    indicator: Indicator::Warning,
    consult: Some(Consult::Mdt),
    statements: &["G-14", "G-16"],
};

const SINS_NOT_RECORDED: Row = Row {
    id: "stability/sins-not-recorded",
    scored: Scored::Sins(Band::Unknown),
    code: Code::SinsNotRecorded,
    indicator: Indicator::Info,
    consult: None,
    statements: &["G-14"],
};

const MIRELS_HIGH_RISK: Row = Row {
    id: "stability/mirels-high",
    scored: Scored::MirelsHigh,
    code: Code::MirelsHighFractureRisk,
    indicator: Indicator::Warning,
    consult: Some(Consult::Orthopaedic),
    statements: &["G-18"],
};

const MIRELS_INDETERMINATE: Row = Row {
    id: "stability/mirels-indeterminate",
    scored: Scored::MirelsReaches9,
    code: Code::MirelsIndeterminate,
    indicator: Indicator::Info,
    consult: None,
    statements: &["G-18"],
};

const MIRELS_BORDERLINE: Row = Row {
    id: "stability/mirels-borderline",
    scored: Scored::Mirels8,
    code: Code::MirelsBorderline,
    indicator: Indicator::Info,
    consult: None,
    statements: &["G-18"],
};

/// The table.
pub(super) const ROWS: [Row; 7] = [
    SINS_SURGERY,
    SINS_MDT,
    SINS_INDETERMINATE,
    SINS_NOT_RECORDED,
    MIRELS_HIGH_RISK,
    MIRELS_INDETERMINATE,
    MIRELS_BORDERLINE,
];

/// What the stability card rests on.
#[derive(Debug)]
pub(super) struct Stability<'p, 'f> {
    pub(super) sins: &'p SinsLesions<'f>,
    pub(super) life: LifeExpectancy<'f>,
    /// Symptomatic in the sense of section 3.5.
    pub(super) symptomatic: bool,
    /// A timing row holds, or a treatment waits for its effect: `sins-not-recorded` waits.
    pub(super) waits: bool,
}

/// Whether a score is not asked for yet: while a treatment of the spine runs and for 90 days after it, and after spine surgery
/// at that level until a finding is recorded since.
pub(super) fn waits_for_treatment(picture: &Picture<'_>) -> bool {
    let levels = measure::lesion_levels(picture);
    let recorded_since = |when: When| {
        let events = picture.counting.iter().flat_map(|c| &c.finding.events).map(|event| event.when);
        let fractures = picture.facts.vertebral_fractures.iter().filter_map(|evidence| evidence.date);
        let pain = measure::judgement(picture, Judgement::MechanicalPain, Some(picture.clock));
        let pain = pain.and_then(|(yes, evidence)| evidence.date.filter(|_| yes));
        events.chain(fractures).chain(pain).any(|event| event.is_surely_after(when))
    };
    picture.treatments.iter().any(|treatment| {
        let here = matches!(treatment.record.aim, Aim::Spine(treated) if treated.same_site(levels));
        let operated = here && treatment.record.kind == TreatmentKind::SpineSurgery;
        treatment.covers(picture.clock) || (operated && !recorded_since(treatment.start))
    })
}

/// The row for a SINS band; `None` for a stable spine.
pub(super) const fn sins_row(band: Band) -> Option<&'static Row> {
    match band {
        Band::Unstable => Some(&SINS_SURGERY),
        Band::PotentiallyUnstable => Some(&SINS_MDT),
        Band::Indeterminate => Some(&SINS_INDETERMINATE),
        Band::Unknown => Some(&SINS_NOT_RECORDED),
        Band::Stable => None,
    }
}

/// The row for a Mirels interval.
pub(super) const fn mirels_row(min: u8, max: u8) -> Option<&'static Row> {
    if min >= MIRELS_HIGH {
        Some(&MIRELS_HIGH_RISK)
    } else if max >= MIRELS_HIGH {
        Some(&MIRELS_INDETERMINATE)
    } else if min == MIRELS_HIGH - 1 && max == MIRELS_HIGH - 1 {
        Some(&MIRELS_BORDERLINE)
    } else {
        None
    }
}

/// The stability card.
pub(super) fn advise(picture: &Picture<'_>, stability: &Stability<'_, '_>, site: &Site) -> Option<Advice> {
    let spinal = picture.disease.spinal_metastases == SpinalMetastases::Documented;
    let bone = spinal || picture.facts.metastases.iter().any(|m| m.certainty == Certainty::Documented);
    let mut hits: Vec<(&'static Row, Vec<Lesion<'_>>)> = Vec::new();
    if spinal {
        if stability.sins.lesions.is_empty() {
            let asks = stability.symptomatic && !stability.waits;
            // A score that could not be read is not one that nobody recorded.
            if asks && !Fact::Sins.is_unread(picture.facts) {
                hits.push((&SINS_NOT_RECORDED, Vec::new()));
            }
        } else {
            hits.extend(highest(&stability.sins.lesions, picture, |lesion| sins_row(lesion.band())));
        }
    }
    if bone {
        let mirels = lesion::mirels(picture, site);
        hits.extend(highest(&mirels, picture, |lesion| mirels_row(lesion.score.min, lesion.score.max)));
    }
    hits.sort_by_key(|(row, _)| ROWS.iter().position(|other| other.id == row.id));
    let (lead, lead_lesions) = hits.first()?;

    let conflict = lead.code == Code::SinsSurgeryIndicated && stability.life.class == Life::Below3;
    let recommendations: Vec<Recommendation> = hits
        .iter()
        .map(|(row, lesions)| {
            if conflict && row.code == Code::SinsSurgeryIndicated {
                conflict_recommendation(lesions, stability.life.evidence)
            } else {
                recommendation(row, lesions, picture.facts)
            }
        })
        .collect();
    let mut steps: Vec<Consult> = hits.iter().filter_map(|(row, _)| row.consult).collect();
    if conflict {
        steps.insert(0, Consult::Mdt);
    }
    steps.dedup();
    let urgent = lead.indicator == Indicator::Critical;
    let mut what_to_do: Vec<String> = hits.iter().map(|(row, _)| what_to_do(row, conflict)).collect();
    if hits.iter().flat_map(|(_, lesions)| lesions).any(|lesion| lesion.disagrees) {
        what_to_do
            .push("A recorded total disagrees with its components: the higher is used; check it.".to_owned());
    }
    let not_known = hits
        .iter()
        .filter(|(row, _)| matches!(row.code, Code::SinsIndeterminate | Code::MirelsIndeterminate))
        .flat_map(|(_, lesions)| lesions)
        .map(|lesion| format!("Parts of the score that decide: {}.", lesion.missing.join(", ")))
        .chain(measure::outdated(picture, site))
        .collect();
    Some(compose(
        picture,
        site,
        Parts {
            group: Group::Stability,
            indicator: hits.iter().map(|(row, _)| row.indicator).max().unwrap_or(lead.indicator),
            summary: summary(lead, conflict, lead_lesions),
            recommendations,
            what_to_do: distinct(what_to_do),
            not_known: distinct(not_known),
            proposals: steps.into_iter().map(|consult| referral(consult, None, urgent)).collect(),
            several: true,
            rests_on: TREATMENT_SOURCES,
            ..Parts::default()
        },
    ))
}

/// The row of the highest lesion whose consult was not requested or done since its score, with all lesions that reach it.
/// Of several lesions the highest is acted on (guideline.md section 2).
fn highest<'l>(
    lesions: &[Lesion<'l>],
    picture: &Picture<'_>,
    row_of: impl Fn(&Lesion<'l>) -> Option<&'static Row>,
) -> Option<(&'static Row, Vec<Lesion<'l>>)> {
    let rank = |lesion: &&Lesion<'l>| {
        let certain = row_of(lesion).is_some_and(|row| row.indicator == Indicator::Critical);
        (certain, lesion.score.max, lesion.score.min)
    };
    let open = |lesion: &&Lesion<'l>| {
        let consult = row_of(lesion).and_then(|row| row.consult);
        {
            // A score without a date is dated now, so that no old consult silences it.
            let since = Since::latest([Some(lesion.seen.unwrap_or(When::instant(picture.clock.now)))]);
            consult.is_none_or(|consult| measure::consult(picture, consult, since).is_none())
        }
    };
    let row = row_of(lesions.iter().filter(open).max_by_key(rank)?)?;
    let reaches = |lesion: &&Lesion<'l>| row_of(lesion).is_some_and(|r| r.id == row.id);
    Some((row, lesions.iter().filter(open).filter(reaches).cloned().collect()))
}

fn recommendation(row: &'static Row, lesions: &[Lesion<'_>], chart: &Facts) -> Recommendation {
    let sins = matches!(row.scored, Scored::Sins(_));
    let name = if sins { Fact::Sins } else { Fact::Mirels };
    let mut facts: Vec<FactUsed> = lesions.iter().flat_map(|lesion| lesion_facts(name, lesion)).collect();
    if facts.is_empty() {
        facts.extend(absent(chart, name, "no usable score on record"));
    }
    let missing = match row.code {
        Code::SinsIndeterminate | Code::SinsNotRecorded => vec![Fact::Sins],
        Code::MirelsIndeterminate => vec![Fact::Mirels],
        _ => Vec::new(),
    };
    Recommendation { code: row.code, statements: row.statements, row: row.id, facts, missing }
}

/// SINS 13 or more with a life expectancy below 3 months: neither surgery nor radiotherapy is simply preferred.
fn conflict_recommendation(lesions: &[Lesion<'_>], life: Option<&Evidence>) -> Recommendation {
    let mut facts: Vec<FactUsed> =
        lesions.iter().flat_map(|lesion| lesion_facts(Fact::Sins, lesion)).collect();
    facts.extend(life.map(|e| fact(Fact::LifeExpectancy, "less than 3 months", e)));
    CONFLICT.recommendation(facts, Vec::new())
}

/// A score as facts, one a record.
pub(super) fn lesion_facts(name: Fact, lesion: &Lesion<'_>) -> Vec<FactUsed> {
    let value = lesion.words();
    lesion.evidence.iter().map(|e| fact(name, value.clone(), e)).collect()
}

fn summary(lead: &Row, conflict: bool, lesions: &[Lesion<'_>]) -> String {
    let highest = lesions.iter().max_by_key(|l| (l.score.max, l.score.min));
    let score = highest.map_or_else(|| "SINS".to_owned(), |lesion| format!("SINS {}", lesion.words()));
    match lead.code {
        _ if conflict => {
            format!(
                "Urgent spine, MDT and palliative discussion: {score}, unstable, life expectancy below 3 months"
            )
        }
        Code::SinsSurgeryIndicated => {
            format!("Refer to spine surgery now: {score}, spine unstable, surgery indicated")
        }
        Code::SinsMdtConsult => {
            format!("Ask the multidisciplinary team: {score}, spine potentially unstable")
        }
        Code::SinsIndeterminate => {
            format!("Complete the SINS and ask the multidisciplinary team: {score}, parts missing")
        }
        Code::SinsNotRecorded => {
            "Record a SINS: symptomatic spinal metastases without a usable stability score".to_owned()
        }
        Code::MirelsHighFractureRisk => {
            "Refer to orthopaedics: Mirels 9 or more, high risk of fracture".to_owned()
        }
        Code::MirelsIndeterminate => {
            "Complete the Mirels score: the missing parts decide the fracture risk".to_owned()
        }
        _ => "Consider the fracture risk: Mirels 8, just below high risk".to_owned(),
    }
}

fn what_to_do(row: &Row, conflict: bool) -> String {
    match row.code {
        Code::SinsSurgeryIndicated if conflict => "Discuss at once with spine surgery, the multidisciplinary team and palliative care: the spine is unstable, and life expectancy is below what surgery needs. Vertebroplasty may be considered.",
        Code::SinsSurgeryIndicated => "Refer to spine surgery: an unstable spine is an indication for surgery.",
        Code::SinsMdtConsult => "Present to the multidisciplinary team before treatment is chosen.",
        Code::SinsIndeterminate => "Record the missing parts of the SINS; until then present to the multidisciplinary team.",
        Code::SinsNotRecorded => "Record the SINS: location, pain, lesion, alignment, collapse, posterolateral involvement.",
        Code::MirelsHighFractureRisk => "Refer to orthopaedics for prophylactic stabilisation of the long bone.",
        Code::MirelsIndeterminate => "Record the missing parts of the Mirels score.",
        _ => "Mirels 8 is borderline: weigh the fracture risk.",
    }
    .to_owned()
}

/// One click for a referral.
pub(super) fn referral(consult: Consult, asks: Option<String>, urgent: bool) -> Proposal {
    let name = match consult {
        Consult::SpineSurgery => "spine surgery",
        Consult::Mdt => "the multidisciplinary team",
        Consult::RadiationOncology => "radiation oncology",
        Consult::Orthopaedic => "orthopaedics",
    };
    let label = match &asks {
        Some(asks) => format!("Refer to {name}: {asks}"),
        None => format!("Refer to {name}"),
    };
    Proposal { label, steps: vec![Step::Refer { consult, asks, alternatives: None, urgent }] }
}
