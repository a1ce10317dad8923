//! Facts with their values: as lines of a card, and for a rationale.

use super::super::advice::{FactUsed, MoreRecords};
use super::super::fact::Fact;
use super::super::measure::Criterion;
use super::super::say::{Known, LifeSaid, OrderState, Performed, Score, StudyFault, Value, What};
use super::escape::escape;
use super::{Reader, names};
use crate::domain::{CalciumAmount, Limb, Modality, Performance, Progression, Sign, TreatmentKind, When};

/// Most characters of how the chart words something.
const LABEL: usize = 60;

/// Facts of one kind and value are one line, with the newest date and their number.
pub(super) fn lines<'a>(facts: impl Iterator<Item = &'a FactUsed>, reader: &Reader<'_>) -> Vec<String> {
    let mut kinds: Vec<(&FactUsed, Vec<&FactUsed>)> = Vec::new();
    for used in facts {
        match kinds.iter_mut().find(|(first, _)| first.fact == used.fact && first.value == used.value) {
            Some((_, records)) if records.iter().any(|it| it.reference == used.reference) => {}
            Some((_, records)) => records.push(used),
            None => kinds.push((used, vec![used])),
        }
    }
    kinds.iter().map(|(first, records)| line(first, records, reader)).collect()
}

fn line(first: &FactUsed, records: &[&FactUsed], reader: &Reader<'_>) -> String {
    // Urinary incontinence is no sign of it (guideline.md section 2).
    let asks = matches!(
        first.value,
        Value::Finding { asks: true, .. }
            | Value::Finding { what: What::Sign(Sign::UrinaryIncontinence), .. }
    );
    let name = if asks { "Cause not recorded" } else { first.fact.plain_name() };
    let value = value(&first.value, &|when| reader.when(when));
    // A value that begins with the name of the fact is not led by it once more.
    let (head, rest) = value.split_at_checked(name.len()).unwrap_or_default();
    let mut text =
        if head.eq_ignore_ascii_case(name) { [name, rest].concat() } else { [name, ": ", &value].concat() };
    let newest = records.iter().filter_map(|it| it.date).max_by_key(|date| date.latest());
    let newest = newest.map(|date| reader.when(date));
    let mut source: Vec<String> = Vec::new();
    match records {
        [_, _, ..] => {
            source.push(several(first, records, reader));
        }
        _ => {
            let label =
                first.label.as_ref().map(|label| label.raw().trim()).filter(|label| !label.is_empty());
            let said = |label: &&str| !text.to_lowercase().contains(&label.to_lowercase());
            source.extend(label.filter(said).map(|label| format!("\"{}\"", escape(&cut(label)))));
            source.extend(newest);
        }
    }
    if !source.is_empty() {
        text.push_str(&[" (", &source.join(", "), ")"].concat());
    }
    text
}

/// Where a value comes from that several records give: a score may stand by an older record beside a newer one, and a
/// clearance of several is calculated.
fn several(first: &FactUsed, records: &[&FactUsed], reader: &Reader<'_>) -> String {
    let number = records.len();
    let dates = || records.iter().filter_map(|it| it.date);
    let newest = dates().max_by_key(|date| date.latest()).map(|date| reader.when(date));
    let oldest = dates().min_by_key(|date| date.latest()).map(|date| reader.when(date));
    match (first.value, newest) {
        (Value::Clearance(_), newest) => {
            let at = newest.map_or_else(String::new, |newest| format!(", {newest}"));
            format!("calculated from creatinine, weight, age and sex{at}")
        }
        (Value::Score(_), Some(newest)) => match oldest.filter(|oldest| *oldest != newest) {
            Some(oldest) => format!("from {number} records, {oldest} to {newest}"),
            None => format!("from {number} records, {newest}"),
        },
        (_, Some(newest)) => format!("{number} records, newest {newest}"),
        (_, None) => format!("{number} records"),
    }
}

/// The line about the records that are not named.
pub(super) fn more_records(more: &MoreRecords, reader: &Reader<'_>) -> String {
    let newest = more.newest.map_or_else(String::new, |when| format!(", newest {}", reader.when(when)));
    format!("{}: {} records{newest}", more.fact.plain_name(), more.records)
}

/// Text of the record, no longer than a line bears.
pub(super) fn cut(label: &str) -> String {
    if label.chars().count() <= LABEL {
        return label.to_owned();
    }
    label.chars().take(LABEL - 1).chain(['…']).collect()
}

/// A value, with its dates as `date` writes them.
pub(super) fn value(value: &Value, date: &dyn Fn(When) -> String) -> String {
    let fixed = match value {
        Value::Yes => "yes",
        Value::No => "no",
        Value::Unknown => "unknown",
        Value::Current => "current",
        Value::AnotherIsCurrent => "another is current",
        Value::NoneOnRecord => "none on record",
        Value::NoneAtThisSite => "none on record at this site",
        Value::Consulted { done: true } => "done",
        Value::Consulted { done: false } => "requested",
        Value::NoneDone => "none done on record",
        Value::DoneBefore => "done before the present findings",
        Value::NoUsableScore => "no usable score on record",
        Value::OffScale { value: None, .. } => "no point on the scale, not used",
        Value::BeforeScore { done: true } => "done before the score",
        Value::BeforeScore { done: false } => "requested before the score",
        Value::NotRead => "could not be read",
        Value::FromText => "read from text",
        Value::NoSolidTumour => "no solid tumour on record",
        Value::BloodCancerAlone => "lymphoma or leukaemia alone",
        Value::NeedsMrReview => "needs an MR-safety review",
        Value::Comfort => "comfort",
        Value::RadiotherapyHistory => "history, site and time not stated",
        Value::Treatment(kind) => treatment(*kind),
        Value::TreatmentWithoutSite => "radiotherapy, no site recorded, taken as of the spine",
        Value::Sign(name) => names::sign(*name),
        Value::Disease(known) => disease(*known),
        Value::Course(levels) if levels.is_empty() => "no level named, taken as the same site: check it",
        _ => return built(value, date),
    };
    fixed.to_owned()
}

fn built(value: &Value, date: &dyn Fn(When) -> String) -> String {
    match value {
        Value::Age(years) => years.to_string(),
        Value::Calcium(amount, low) => {
            let low = match low {
                Some(true) => "low",
                Some(false) => "not low",
                None => "unknown whether low",
            };
            amount.map_or_else(|| low.to_owned(), |amount| format!("{}, {low}", calcium(amount)))
        }
        Value::Finding { what, limb, side, onset, course, worse, .. } => {
            let mut words = match what {
                What::Sign(sign) => vec![names::finding(*sign).to_owned()],
                What::Paralysis(paralysis) => vec![names::paralysis(*paralysis).to_owned()],
                What::Escc(grade) => vec![grade.label().to_owned()],
            };
            words.extend(limb.map(|limb| if limb == Limb::Arm { "arm" } else { "leg" }.to_owned()));
            words.extend(side.map(|side| names::side(side).to_owned()));
            words.extend(onset.map(|onset| format!("onset {}", date(onset))));
            words.extend(match (course, worse) {
                (Some(Progression::Progressive), Some(worse)) => Some(recorded_worse(*worse, date)),
                (course, _) => course.map(|course| names::course(course).to_owned()),
            });
            words.join(", ")
        }
        Value::WorseSign(name, worse) => format!("{}, {}", names::sign(*name), recorded_worse(*worse, date)),
        Value::Life(life) => months_of(*life),
        Value::Performance(performed) => performance(*performed),
        Value::OffScale { value: Some(value), is_part: true } => {
            format!("a part is {value}, which is none of its values, and not used")
        }
        Value::OffScale { value: Some(value), .. } => format!("{value}, off the scale, not used"),
        Value::Score(of) => score(*of),
        Value::Course(levels) => format!("at {}", names::levels(*levels)),
        Value::Study(regions, fault) => format!("{regions}, {}", study_fault(*fault)),
        Value::StudyWithoutResult(regions) => format!("{regions}, no result that decides"),
        Value::Clearance(hundredths) => millilitres(*hundredths),
        Value::Order(state) => order(*state),
        _ => String::new(),
    }
}

/// A calcium, such as "2.1 mmol/L".
pub(super) fn calcium(amount: CalciumAmount) -> String {
    let unit = if amount.milligrams { "mg/dL" } else { "mmol/L" };
    let (whole, hundredths) = (amount.hundredths / 100, amount.hundredths % 100);
    let number = format!("{whole}.{hundredths:02}");
    format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
}

fn recorded_worse(worse: When, date: &dyn Fn(When) -> String) -> String {
    format!("recorded as worse {}", date(worse))
}

/// A treatment.
pub(super) const fn treatment(kind: TreatmentKind) -> &'static str {
    match kind {
        TreatmentKind::SpineSurgery => "spine surgery",
        TreatmentKind::Radiotherapy => "radiotherapy of the spine",
    }
}

const fn disease(known: Known) -> &'static str {
    match known {
        Known::Documented => "documented",
        Known::Suspected => "suspected",
        Known::SuspectedOnce => "suspected once, too long ago to count",
        Known::SuspectedByClinician => "suspected by a clinician",
        Known::DocumentedByLesion => "taken from a vertebral fracture or SINS in blood cancer",
        Known::MetastaticByCode => "metastatic cord compression, by its code",
        Known::Active => "active",
        Known::History => "history",
        Known::Myeloma => "myeloma, treated alike",
    }
}

/// Performance, by its scale or by the clinician's judgement.
pub(super) fn performance(performed: Performed) -> String {
    match performed {
        Performed::Scale(Performance::Ecog(grade)) => format!("ECOG {grade}"),
        Performed::Scale(Performance::Karnofsky(percent)) => format!("Karnofsky {percent}"),
        Performed::Judged(Criterion::Met) => "radiotherapy tolerable".to_owned(),
        Performed::Judged(Criterion::NotMet) => "radiotherapy not tolerable".to_owned(),
        Performed::Judged(Criterion::Unknown) => "answers contradict each other".to_owned(),
    }
}

/// Life expectancy with its name.
pub(super) fn life_expectancy(life: LifeSaid) -> String {
    format!("life expectancy {}", months_of(life))
}

/// Life expectancy as it was recorded.
pub(super) fn months_of(life: LifeSaid) -> String {
    let number = |hundredths: u32| match (hundredths / 100, hundredths % 100) {
        (whole, 0) => whole.to_string(),
        (whole, rest) => format!("{whole}.{rest:02}").trim_end_matches('0').to_owned(),
    };
    match (life.at_least, life.at_most) {
        _ if life.contradicts => "contradicts itself".to_owned(),
        (Some(100), Some(100)) => "1 month".to_owned(),
        (Some(least), Some(most)) if least == most => format!("{} months", number(least)),
        (Some(least), Some(most)) => format!("{} to {} months", number(least), number(most)),
        (Some(100), None) => "at least 1 month".to_owned(),
        (Some(least), None) => format!("at least {} months", number(least)),
        (None, Some(100)) if life.below => "less than 1 month".to_owned(),
        (None, Some(most)) if life.below => format!("less than {} months", number(most)),
        (None, Some(most)) => format!("at most {} months", number(most)),
        (None, None) => "unknown".to_owned(),
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

/// A risk of fracture with its value.
pub(super) fn risk((fact, of): (Fact, Value)) -> String {
    match of {
        Value::Score(of) => format!("SINS {}", score(of)),
        _ => fact.plain_name().to_lowercase(),
    }
}

/// A clearance. It is cut and not rounded: one just below a bound never reads as the bound.
pub(super) fn millilitres(hundredths: u32) -> String {
    format!("{}.{} mL/min", hundredths / 100, hundredths / 10 % 10)
}

const fn study_fault(fault: StudyFault) -> &'static str {
    match fault {
        StudyFault::NoDate => "without a date, so it cannot be placed",
        StudyFault::Future => "dated in the future, so it cannot be placed",
        StudyFault::BeforeOnset => "made before the finding began that asks for a new one",
        StudyFault::Sequences { t1: true, t2: true } => "T1 and T2 missing from its series",
        StudyFault::Sequences { t2: true, .. } => "T2 missing from its series",
        StudyFault::Sequences { .. } => "T1 missing from its series",
        StudyFault::Partial => "part of the spine only",
        StudyFault::BeforeRecord => "made before the finding was recorded as new or worse",
        StudyFault::ReadAsLow(_) => "graded as no compression, which the diagnosis contradicts",
    }
}

fn order(state: OrderState) -> String {
    match state {
        OrderState::NotInTime => "MRI ordered, not in time".to_owned(),
        OrderState::InTime => "MRI ordered, in time, still to be made".to_owned(),
        OrderState::BookedLate => "MRI appointment after the deadline".to_owned(),
        OrderState::BookedPassed => "MRI appointment that has passed".to_owned(),
        OrderState::DraftedNotInTime => "MRI drafted, not in time".to_owned(),
        OrderState::CompletedWithoutStudy => {
            "MRI order marked completed, but no study is on record".to_owned()
        }
        OrderState::Partial => "MRI ordered for part of the spine".to_owned(),
        OrderState::Drafted => "drafted".to_owned(),
        OrderState::Signed => "signed".to_owned(),
        OrderState::Imaging { modality, regions, from_text, signed } => {
            let text = if from_text { ", read from text" } else { "" };
            let state = if signed { "ordered" } else { "drafted" };
            match modality {
                Modality::BoneScan => format!("bone scan {state}{text}"),
                modality => format!("{} {state}: {regions}{text}", modality.name()),
            }
        }
    }
}
