//! Facts with their values, as lines and for a rationale.

use super::super::advice::{FactUsed, MoreRecords};
use super::super::compose::NAMED;
use super::super::measure::Criterion;
use super::super::say::{Known, OrderState, Score, StudyFault, Value, What};
use super::escape::escape;
use super::names;
use crate::domain::{Limb, Modality, TreatmentKind};
use chrono_tz::Tz;

/// One line for the card.
pub(super) fn sentence(used: &FactUsed, zone: Tz) -> String {
    let name = used.fact.plain_name();
    let value = value(&used.value, zone);
    // A value that begins with the name of the fact is not led by it once more.
    let (head, rest) = value.split_at_checked(name.len()).unwrap_or_default();
    let mut text =
        if head.eq_ignore_ascii_case(name) { [name, rest].concat() } else { [name, ": ", &value].concat() };
    let mut source: Vec<String> = Vec::new();
    let label = used.label.as_ref().map(|label| label.raw()).filter(|label| !label.is_empty());
    source.extend(label.map(|label| ["\"", &escape(label), "\""].concat()));
    source.extend(used.date.map(|d| d.for_people(zone)));
    source.extend(used.reference.as_deref().map(escape));
    if !source.is_empty() {
        text.push_str(&[" (", &source.join(", "), ")"].concat());
    }
    text
}

/// The line about the records that are not named.
pub(super) fn more_records(more: &MoreRecords, zone: Tz) -> String {
    let newest = more.newest.map_or_else(String::new, |when| format!(", newest {}", when.for_people(zone)));
    format!("{}: {} records{newest}; {NAMED} of them are named here", more.fact.plain_name(), more.records)
}

/// A value.
pub(super) fn value(value: &Value, zone: Tz) -> String {
    let fixed = match value {
        Value::Yes => "yes",
        Value::No => "no",
        Value::Unknown => "unknown",
        Value::Low => "low",
        Value::NotLow => "not low",
        Value::UnknownWhetherLow => "unknown whether low",
        Value::Current => "current",
        Value::AnotherIsCurrent => "another is current",
        Value::NoneOnRecord => "none on record",
        Value::NoneDone => "none done on record",
        Value::NoUsableScore => "no usable score on record",
        Value::NotRead => "could not be read",
        Value::FromText => "read from text",
        Value::NoSolidTumour => "no solid tumour on record",
        Value::BloodCancerAlone => "lymphoma or leukaemia alone",
        Value::NeedsMrReview => "needs an MR-safety review",
        Value::Comfort => "comfort",
        Value::RadiotherapyHistory => "history, site and time not stated",
        Value::Treatment(TreatmentKind::SpineSurgery) => "spine surgery",
        Value::Treatment(TreatmentKind::Radiotherapy) => "radiotherapy of the spine",
        Value::Performance(Criterion::Met) => "adequate for radiotherapy",
        Value::Performance(Criterion::NotMet) => "not adequate for radiotherapy",
        Value::Performance(Criterion::Unknown) => "ask whether radiotherapy is tolerable",
        Value::Sign(name) => names::sign(*name),
        Value::Disease(known) => disease(*known),
        Value::Course(levels) if levels.is_empty() => "no level named, taken as the same site: check it",
        _ => return built(value, zone),
    };
    fixed.to_owned()
}

fn built(value: &Value, zone: Tz) -> String {
    match value {
        Value::Age(years) => years.to_string(),
        Value::Finding { what, limb, side, onset, course } => {
            let mut words = match what {
                What::Sign(sign) => vec![names::finding(*sign).to_owned()],
                What::Escc(grade) => vec![grade.label().to_owned()],
            };
            words.extend(limb.map(|limb| if limb == Limb::Arm { "arm" } else { "leg" }.to_owned()));
            words.extend(side.map(|side| names::side(side).to_owned()));
            words.extend(onset.map(|onset| format!("onset {}", onset.for_people(zone))));
            words.extend(course.map(|course| names::course(course).to_owned()));
            words.join(", ")
        }
        Value::Life(life) => names::life(*life),
        Value::Score(of) => score(*of),
        Value::Course(levels) => format!("at {}", names::levels(*levels)),
        Value::Study(regions, fault) => format!("{regions} — {}", study_fault(*fault)),
        Value::StudyWithoutResult(regions) => format!("{regions}, no coded result"),
        Value::Clearance(hundredths) => millilitres(*hundredths),
        Value::Order(state) => order(*state),
        _ => String::new(),
    }
}

const fn disease(known: Known) -> &'static str {
    match known {
        Known::Documented => "documented",
        Known::Suspected => "suspected",
        Known::SuspectedOnce => "suspected once, too long ago to count",
        Known::SuspectedByClinician => "suspected by a clinician",
        Known::DocumentedByLesion => "documented by a vertebral lesion of the blood cancer",
        Known::MetastaticByCode => "metastatic by its code",
        Known::Active => "active",
        Known::History => "history",
        Known::BoneDisease => "documented, or myeloma",
    }
}

/// A score with the first and last of its levels.
pub(super) fn score(score: Score) -> String {
    let Score { least, most, levels } = score;
    let score = if least == most { least.to_string() } else { format!("{least} to {most}") };
    match (levels.iter().next(), levels.iter().last()) {
        (Some(first), Some(last)) if first == last => format!("{score} at {first}"),
        (Some(first), Some(last)) => format!("{score} at {first} to {last}"),
        _ => score,
    }
}

/// A clearance.
pub(super) fn millilitres(hundredths: u32) -> String {
    format!("{}.{} mL/min", hundredths / 100, hundredths / 10 % 10)
}

const fn study_fault(fault: StudyFault) -> &'static str {
    match fault {
        StudyFault::NoDate => "without a date, so it cannot be placed",
        StudyFault::Future => "dated in the future, so it cannot be placed",
        StudyFault::BeforeOnset => "made before the present findings began",
        StudyFault::Sequences => "no T1 or no T2 sequence among its series",
        StudyFault::Partial => "part of the spine only",
        StudyFault::BeforeRecord => "made before the finding was recorded as new or worse",
    }
}

fn order(state: OrderState) -> String {
    match state {
        OrderState::NotInTime => "MRI ordered, not in time".to_owned(),
        OrderState::CompletedWithoutStudy => {
            "MRI order marked completed, but no study is on record".to_owned()
        }
        OrderState::Partial => "MRI ordered for part of the spine".to_owned(),
        OrderState::Drafted => "drafted".to_owned(),
        OrderState::Imaging { modality, regions, from_text } => {
            let text = if from_text { ", read from text" } else { "" };
            match modality {
                Modality::BoneScan => format!("bone scan drafted{text}"),
                modality => format!("{} drafted: {regions}{text}", modality.name()),
            }
        }
    }
}
