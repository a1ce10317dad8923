//! Quantities and whole numbers, as measurements and scores use them.
//!
//! A unit is never guessed: a value without one is not used where a unit matters. Deliberately absent: which unit a
//! fact wants.

use super::reader::{Object, number, text};
use json::Json;
use std::borrow::Cow;

/// A Quantity with a number in it.
#[derive(Debug)]
pub(super) struct Quantity<'a> {
    pub(super) value: f64,
    /// `<`, `<=`, `>=`, `>`, or what else stands there.
    pub(super) comparator: Option<Cow<'a, str>>,
    /// The unit's code, else its wording; empty without either.
    pub(super) unit: Cow<'a, str>,
}

impl<'a> Quantity<'a> {
    /// Reads it; `None` without a number.
    pub(super) fn read(raw: Json<'a>) -> Option<Self> {
        let object = Object::read(raw)?;
        let value = number(object.get("value")?)?;
        let comparator = object.get("comparator").map(|raw| text(raw).unwrap_or(Cow::Borrowed("?")));
        let unit = object.raw("code").and_then(text).or_else(|| object.get("unit").and_then(text));
        Some(Self { value, comparator, unit: unit.unwrap_or_default() })
    }

    /// The value in another unit, by the first row that names its unit (any letter case); `None` with a comparator or in
    /// a unit that no row names.
    pub(super) fn times(&self, factors: &[(&[&str], f64)]) -> Option<f64> {
        if self.comparator.is_some() {
            return None;
        }
        Some(self.value * factor(&self.unit, factors)?)
    }
}

/// The factor of a unit.
pub(super) fn factor(unit: &str, factors: &[(&[&str], f64)]) -> Option<f64> {
    let named = |units: &&[&str]| units.iter().any(|known| known.eq_ignore_ascii_case(unit));
    factors.iter().find(|(units, _)| named(units)).map(|(_, factor)| *factor)
}

/// A number as an unsigned one, rounded; `None` when it is negative or too large.
pub(super) fn rounded(value: f64) -> Option<u32> {
    let value = value.round();
    (value >= 0.0 && value <= f64::from(u32::MAX)).then_some(value as u32)
}

/// A whole number; `None` for a fraction, a negative number, or one that is too large.
pub(super) fn whole(value: f64) -> Option<u32> {
    if value.fract() == 0.0 { rounded(value) } else { None }
}

/// The points that a score element states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Points {
    /// No value at all, as for a mere container of components.
    Absent,
    /// A whole number.
    Stated(u8),
    /// A value that is no plain whole number.
    Unusable,
}

/// Reads `valueInteger`, or a `valueQuantity` without a unit other than "score" or "points".
pub(super) fn points(object: &Object<'_>) -> Points {
    let mut values = object.choice("value");
    let (first, second) = (values.next(), values.next());
    let stated = match first.as_ref().map(|(kind, raw)| (&**kind, *raw)) {
        None => return Points::Absent,
        _ if second.is_some() => None,
        Some(("Integer", raw)) => number(raw),
        Some(("Quantity", raw)) => Quantity::read(raw)
            .and_then(|q| q.times(&[(&["", "1", "{score}", "{points}", "score", "points", "point"], 1.0)])),
        _ => None,
    };
    let points = stated.and_then(whole).and_then(|n| u8::try_from(n).ok());
    points.map_or(Points::Unusable, Points::Stated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::Document;

    #[test]
    fn points_are_plain_whole_numbers() {
        for (json, expected) in [
            (r#"{"valueInteger":12}"#, Points::Stated(12)),
            (r#"{"valueQuantity":{"value":12.0,"code":"{score}"}}"#, Points::Stated(12)),
            (r#"{"valueQuantity":{"value":7,"unit":"Points"}}"#, Points::Stated(7)),
            (r#"{"valueQuantity":{"value":7,"unit":"mg"}}"#, Points::Unusable),
            (r#"{"valueQuantity":{"value":7,"comparator":">"}}"#, Points::Unusable),
            (r#"{"valueInteger":-1}"#, Points::Unusable),
            (r#"{"valueInteger":6.5}"#, Points::Unusable),
            (r#"{"valueInteger":300}"#, Points::Unusable),
            (r#"{"valueInteger":7,"valueString":"8"}"#, Points::Unusable),
            (r#"{"valueString":"7"}"#, Points::Unusable),
            (r#"{"value":7}"#, Points::Absent),
        ] {
            let document = Document::parse(json).unwrap();
            assert_eq!(points(&Object::read(document.root()).unwrap()), expected, "{json}");
        }
    }

    #[test]
    fn a_number_is_whole_or_none() {
        assert_eq!((whole(3.0), whole(3.5), whole(-1.0), whole(1e12)), (Some(3), None, None, None));
        assert_eq!((rounded(3.5), rounded(-0.4), rounded(-1.0)), (Some(4), Some(0), None));
    }
}
