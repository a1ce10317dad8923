//! Laboratory values and weight, in the unit that the rules use.
//!
//! A value without a unit, with a comparator, or beyond what a living body shows is not used. Deliberately absent: any
//! threshold, and estimated filtration rates, which are normalised to body surface and are no clearance.

use super::coded::Coded;
use super::codes::ValueSets;
use super::concept::Concept;
use super::quantity::{Quantity, rounded};
use super::reader::{Object, items};
use engine::domain::CalciumAmount;

/// A measured quantity: its units with their factors, and what is possible.
struct Kind {
    factors: &'static [(&'static [&'static str], f64)],
    most: f64,
}

/// mg/dL; 88.42 µmol/L are 1 mg/dL.
const CREATININE: Kind = Kind {
    factors: &[
        (&["mg/dL", "mg/100mL"], 1.0),
        (&["umol/L", "µmol/L", "μmol/L", "mcmol/L"], 1.0 / 88.42),
        (&["mmol/L"], 1000.0 / 88.42),
        (&["mg/L"], 0.1),
    ],
    most: 50.0,
};
/// mL/min.
const CLEARANCE: Kind = Kind { factors: &[(&["mL/min"], 1.0), (&["mL/s"], 60.0)], most: 500.0 };
/// kg.
const WEIGHT: Kind = Kind {
    factors: &[
        (&["kg"], 1.0),
        (&["g"], 0.001),
        (&["[lb_av]", "lb", "lbs", "lb_av", "pound", "pounds"], 0.453_592_37),
    ],
    most: 600.0,
};

/// The hundredths of its unit that an Observation or component states for creatinine (mg/dL), creatinine clearance
/// (mL/min) or body weight (kg); `None` when the value is not usable.
pub(super) fn measured(concept: Concept, object: &Object<'_>) -> Option<u32> {
    let kind = match concept {
        Concept::Creatinine => CREATININE,
        Concept::CreatinineClearance => CLEARANCE,
        Concept::BodyWeight => WEIGHT,
        _ => return None,
    };
    let value = Quantity::read(object.get("valueQuantity")?)?.times(kind.factors)?;
    rounded((value <= kind.most).then_some(value * 100.0)?).filter(|hundredths| *hundredths > 0)
}

/// A calcium as it was measured, in one of the two units in use.
pub(super) fn calcium(object: &Object<'_>) -> Option<CalciumAmount> {
    /// More is no calcium of a living body, whatever the unit.
    const MOST: f64 = 50.0;
    let quantity = Quantity::read(object.get("valueQuantity")?)?;
    let in_units = [("mmol/L", false), ("mg/dL", true)].into_iter();
    let mut known = in_units.filter_map(|(unit, milligrams)| {
        let value = quantity.times(&[(&[unit], 1.0)]).filter(|value| *value <= MOST)?;
        Some(CalciumAmount { hundredths: rounded(value * 100.0)?, milligrams })
    });
    known.next().filter(|amount| amount.hundredths > 0)
}

/// Whether a value is low: by its interpretation, or because it is below its reference range of the same unit. Either
/// alone makes it low; `None` when neither is there.
pub(super) fn is_low(object: &Object<'_>, value_sets: &ValueSets) -> Option<bool> {
    let by_interpretation = interpreted(object, value_sets);
    let by_range = below_range(object);
    match (by_interpretation, by_range) {
        (None, None) => None,
        (a, b) => Some(a == Some(true) || b == Some(true)),
    }
}

fn interpreted(object: &Object<'_>, value_sets: &ValueSets) -> Option<bool> {
    let raws = object.get("interpretation").map(items).unwrap_or_default();
    let read: Vec<Coded<'_>> = raws.into_iter().filter_map(|raw| Coded::read(raw, value_sets)).collect();
    let says = |wanted: &[&str]| read.iter().flat_map(Coded::codes).any(|code| wanted.contains(&code));
    if says(&["L", "LL", "LU"]) {
        Some(true)
    } else if says(&["N", "H", "HH", "HU"]) {
        Some(false)
    } else {
        None
    }
}

fn below_range(object: &Object<'_>) -> Option<bool> {
    let value = object.get("valueQuantity").and_then(Quantity::read)?;
    if value.comparator.is_some() {
        return None;
    }
    let ranges = object.get("referenceRange").map(items).unwrap_or_default();
    let lows = ranges.into_iter().filter_map(Object::read).filter_map(|range| {
        let low = range.get("low").and_then(Quantity::read)?;
        (low.comparator.is_none() && low.unit.eq_ignore_ascii_case(&value.unit)).then_some(low.value)
    });
    lows.map(|low| value.value < low).reduce(|a, b| a || b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::Document;

    #[test]
    fn values_are_converted_or_not_used() {
        use Concept::{BodyWeight, Creatinine, CreatinineClearance};
        for (concept, quantity, expected) in [
            (Creatinine, r#"{"value":1.1,"code":"mg/dL"}"#, Some(110)),
            (Creatinine, r#"{"value":97,"code":"umol/L"}"#, Some(110)),
            (Creatinine, r#"{"value":97,"unit":"µmol/l"}"#, Some(110)),
            (Creatinine, r#"{"value":1.1}"#, None),
            (Creatinine, r#"{"value":1.1,"code":"mg"}"#, None),
            (Creatinine, r#"{"value":1.1,"code":"mg/dL","comparator":"<"}"#, None),
            (Creatinine, r#"{"value":0,"code":"mg/dL"}"#, None),
            (Creatinine, r#"{"value":-1,"code":"mg/dL"}"#, None),
            (Creatinine, r#"{"value":97,"code":"mg/dL"}"#, None),
            (CreatinineClearance, r#"{"value":29.5,"unit":"mL/min"}"#, Some(2950)),
            (CreatinineClearance, r#"{"value":29.5,"unit":"mL/min/{1.73_m2}"}"#, None),
            (BodyWeight, r#"{"value":150,"code":"[lb_av]"}"#, Some(6804)),
            (BodyWeight, r#"{"value":70000,"code":"g"}"#, Some(7000)),
            (BodyWeight, r#"{"value":70,"code":"st"}"#, None),
            (Concept::Calcium, r#"{"value":70,"code":"kg"}"#, None),
        ] {
            let text = format!(r#"{{"valueQuantity":{quantity}}}"#);
            let document = Document::parse(&text).unwrap();
            assert_eq!(measured(concept, &Object::read(document.root()).unwrap()), expected, "{quantity}");
        }
    }

    #[test]
    fn low_is_said_or_measured() {
        let value = r#""valueQuantity":{"value":7.9,"unit":"mg/dL"}"#;
        let range = r#""referenceRange":[{"low":{"value":8.5,"unit":"mg/dL"}}]"#;
        let code = |c: &str| format!(r#""interpretation":[{{"coding":[{{"code":"{c}"}}]}}]"#);
        for (members, expected) in [
            (value.to_owned(), None),
            (code("L"), Some(true)),
            (code("LL"), Some(true)),
            (code("N"), Some(false)),
            (code("H"), Some(false)),
            (code("A"), None),
            (format!("{value},{range}"), Some(true)),
            (format!("{value},{range},{}", code("N")), Some(true)),
            (format!("{value},{}", range.replace("8.5", "7.9")), Some(false)),
            (format!("{value},{}", range.replace("mg/dL", "mmol/L")), None),
            (format!("{value},{}", range.replace("low", "high")), None),
        ] {
            let text = format!("{{{members}}}");
            let document = Document::parse(&text).unwrap();
            let object = Object::read(document.root()).unwrap();
            assert_eq!(is_low(&object, &ValueSets::default()), expected, "{members}");
        }
    }
}
