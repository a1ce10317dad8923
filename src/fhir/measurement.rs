//! Performance status, life expectancy and laboratory values of an Observation, as records.
//!
//! Deliberately absent: which values are allowed (in `estimate` and `laboratory`).

use super::asked::Meaning;
use super::coded::Coded;
use super::codes::ConceptSet;
use super::concept::Concept;
use super::context::{Context, Entry};
use super::estimate::{self, Scale};
use super::laboratory;
use super::note::NoteKind;
use super::reader::Object;
use engine::domain::{CalciumRecord, LifeExpectancyRecord, Measurement, PerformanceRecord, When};

/// Whether a code names something that is read here.
pub(super) fn is_measurement(concepts: ConceptSet) -> bool {
    measured(concepts).is_some()
}

/// The first of some concepts that is a measurement.
fn measured(concepts: ConceptSet) -> Option<Concept> {
    concepts.iter().find(|concept| concept.meaning() == Meaning::Measurement)
}

/// Makes the record of an Observation or component. A value that is not allowed is a note and no record.
pub(super) fn read(
    entry: &Entry<'_>,
    cx: &mut Context<'_>,
    coded: &Coded<'_>,
    object: &Object<'_>,
    seen: Option<When>,
) {
    let evidence = Context::evidence(entry, coded.label(), seen);
    let Some(concept) = measured(coded.concepts) else { return };
    let measurement =
        || laboratory::measured(concept, object).map(|hundredths| (hundredths, evidence.clone()));
    let record = |(hundredths, evidence)| Measurement { hundredths, seen, evidence };
    let read = match concept {
        Concept::Ecog | Concept::Karnofsky => {
            let scale = if concept == Concept::Ecog { Scale::Ecog } else { Scale::Karnofsky };
            let value = estimate::performance(scale, object, cx.value_sets);
            let record = value.map(|value| PerformanceRecord { value, seen, evidence: evidence.clone() });
            push(&mut cx.facts.performance, record)
        }
        Concept::LifeExpectancy => {
            let record = estimate::life_expectancy(object, cx.value_sets).map(|e| LifeExpectancyRecord {
                at_least: e.at_least,
                at_most: e.at_most,
                below: e.below,
                seen,
                evidence: evidence.clone(),
            });
            push(&mut cx.facts.life_expectancy, record)
        }
        Concept::Creatinine => push(&mut cx.facts.creatinine, measurement().map(record)),
        Concept::CreatinineClearance => push(&mut cx.facts.creatinine_clearance, measurement().map(record)),
        Concept::BodyWeight => push(&mut cx.facts.weight, measurement().map(record)),
        _ => {
            let low = laboratory::is_low(object, cx.value_sets);
            let stated = low.is_some() || object.get("valueQuantity").is_some();
            let record = stated.then(|| CalciumRecord {
                low,
                amount: laboratory::calcium(object),
                seen,
                evidence: evidence.clone(),
            });
            push(&mut cx.facts.calcium, record)
        }
    };
    if !read {
        cx.note(NoteKind::ValueNotAllowed, entry, "value");
    }
}

fn push<T>(records: &mut Vec<T>, record: Option<T>) -> bool {
    let read = record.is_some();
    records.extend(record);
    read
}
