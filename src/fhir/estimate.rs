//! Performance status and life expectancy: which values are allowed.
//!
//! Deliberately absent: what a status or an expectancy permits.

use super::answer::{Value, values};
use super::coded::Coded;
use super::codes::{LOINC, ValueSets, same_system};
use super::quantity::{Quantity, factor, rounded, whole};
use super::reader::{Object, items};
use engine::domain::Performance;
use json::Json;

/// The scale of a performance status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// ECOG, 0 to 4; 5 is death and a data error in a living patient.
    Ecog,
    /// Karnofsky, 0 to 100.
    Karnofsky,
}

/// The LOINC answer for a performance status; `None` where the list has none.
pub fn performance_answer(status: Performance) -> Option<&'static str> {
    let (scale, value) = match status {
        Performance::Ecog(value) => (Scale::Ecog, value),
        Performance::Karnofsky(value) => (Scale::Karnofsky, value),
    };
    scale.answers().iter().find(|(_, points)| *points == u32::from(value)).map(|(code, _)| *code)
}

impl Scale {
    fn status(self, value: u32) -> Option<Performance> {
        let value = u8::try_from(value).ok()?;
        match self {
            Self::Ecog => (value <= 4).then_some(Performance::Ecog(value)),
            Self::Karnofsky => (value <= 100).then_some(Performance::Karnofsky(value)),
        }
    }

    /// The LOINC answer list.
    const fn answers(self) -> &'static [(&'static str, u32)] {
        match self {
            Self::Ecog => &[
                ("LA9622-7", 0),
                ("LA9623-5", 1),
                ("LA9624-3", 2),
                ("LA9625-0", 3),
                ("LA9626-8", 4),
                ("LA9627-6", 5),
            ],
            Self::Karnofsky => &[
                ("LA9627-6", 0),
                ("LA29184-1", 10),
                ("LA29183-3", 20),
                ("LA29182-5", 30),
                ("LA29181-7", 40),
                ("LA29180-9", 50),
                ("LA29179-1", 60),
                ("LA29178-3", 70),
                ("LA29177-5", 80),
                ("LA29176-7", 90),
                ("LA29175-9", 100),
            ],
        }
    }

    /// The answers of the LOINC answer lists.
    fn of_code(self, coded: &Coded<'_>) -> Option<u32> {
        let loinc = |system: &str| same_system(system, LOINC);
        let of_loinc = coded.codings.iter().filter(|coding| coding.system.as_deref().is_some_and(loinc));
        let answers = of_loinc.filter_map(|coding| {
            let code = coding.code.as_deref()?;
            self.answers().iter().find(|(answer, _)| *answer == code).map(|(_, value)| *value)
        });
        only(answers)
    }

    /// "ECOG 2", "KPS 80 %", "1: restricted in strenuous activity". A range, a comparison or a second figure of the
    /// scale makes it unclear.
    fn of_text(self, text: &str) -> Option<u32> {
        let fillers = [
            "ecog",
            "who",
            "zubrod",
            "karnofsky",
            "kps",
            "ps",
            "performance",
            "status",
            "score",
            "scale",
            "grade",
        ];
        let lower = text.to_lowercase();
        if lower.starts_with('-') || lower.contains(['<', '>', '≤', '≥', '~', '?', '±', '+']) {
            return None;
        }
        let mut words = lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty() && !fillers.contains(word));
        let value: u32 = words.next()?.parse().ok()?;
        let top = if self == Self::Ecog { 5 } else { 100 };
        let other_figure = |word: &str| word.parse::<u32>().is_ok_and(|n| n <= top);
        (!words.any(other_figure)).then_some(value)
    }
}

/// One value, if all agree.
fn only<T: PartialEq>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// The performance status that an Observation or component states; `None` when it states none that is on the scale.
/// Without a value the coded interpretation, which mCODE puts beside it, is read.
pub(super) fn performance(scale: Scale, object: &Object<'_>, value_sets: &ValueSets) -> Option<Performance> {
    let found = values(object, value_sets);
    let coded = |coded: &Coded<'_>| {
        let worded = || only(coded.wordings().into_iter().filter_map(|wording| scale.of_text(wording)));
        scale.of_code(coded).or_else(worded)
    };
    let value = match found.as_slice() {
        [] => {
            let raws = object.get("interpretation").map(items).unwrap_or_default();
            let read = raws.into_iter().filter_map(|raw| Coded::read(raw, value_sets));
            only(read.filter_map(|coded| scale.of_code(&coded)))
        }
        [Value::Number(n, _)] => whole(*n),
        [Value::Coded(value)] => coded(value),
        [Value::Text(text)] => scale.of_text(text),
        _ => None,
    };
    scale.status(value?)
}

/// A life expectancy in hundredths of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Expectancy {
    /// At least this long.
    pub(super) at_least: Option<u32>,
    /// At most this long.
    pub(super) at_most: Option<u32>,
    /// The upper bound itself is excluded.
    pub(super) below: bool,
}

/// Three months, in hundredths.
const THREE_MONTHS: u32 = 300;
/// Longer than anybody lives, in months.
const LONGEST: f64 = 1_500.0;
/// Months in a unit. A clinician's "90 days" and "13 weeks" are three months, so a month is 30 days here.
const MONTHS: &[(&[&str], f64)] = &[
    (&["mo", "mo_j", "mo_g", "month", "months", "mos"], 1.0),
    (&["wk", "week", "weeks"], 7.0 / 30.0),
    (&["d", "day", "days"], 1.0 / 30.0),
    (&["a", "a_j", "a_g", "year", "years", "yr", "yrs"], 12.0),
];

/// The life expectancy that a Quantity, a Range, or the code `lt-3-months` or `ge-3-months` states; `None` for any other
/// value.
pub(super) fn life_expectancy(object: &Object<'_>, value_sets: &ValueSets) -> Option<Expectancy> {
    let found = values(object, value_sets);
    match found.as_slice() {
        [Value::Coded(coded)] => only(coded.codes().chain(coded.text.as_deref()).filter_map(of_code)),
        [Value::Text(text)] => of_code(text),
        [_] => match (object.get("valueQuantity"), object.get("valueRange")) {
            (Some(raw), None) => of_quantity(raw),
            (None, Some(raw)) => of_range(raw),
            _ => None,
        },
        _ => None,
    }
}

fn of_code(code: &str) -> Option<Expectancy> {
    match code {
        "lt-3-months" => Some(Expectancy { at_most: Some(THREE_MONTHS), below: true, at_least: None }),
        "ge-3-months" => Some(Expectancy { at_least: Some(THREE_MONTHS), ..Expectancy::default() }),
        _ => None,
    }
}

fn hundredths(quantity: &Quantity<'_>) -> Option<u32> {
    let months = quantity.value * factor(&quantity.unit, MONTHS)?;
    rounded((months <= LONGEST).then_some(months * 100.0)?)
}

fn of_quantity(raw: Json<'_>) -> Option<Expectancy> {
    let quantity = Quantity::read(raw)?;
    let value = Some(hundredths(&quantity)?);
    match quantity.comparator.as_deref() {
        None => Some(Expectancy { at_least: value, at_most: value, below: false }),
        Some("<") => Some(Expectancy { at_least: None, at_most: value, below: true }),
        Some("<=") => Some(Expectancy { at_least: None, at_most: value, below: false }),
        Some(">" | ">=") => Some(Expectancy { at_least: value, at_most: None, below: false }),
        Some(_) => None,
    }
}

fn of_range(raw: Json<'_>) -> Option<Expectancy> {
    let range = Object::read(raw)?;
    let bound = |name: &str| match range.get(name) {
        None => Some(None),
        Some(raw) => {
            let quantity = Quantity::read(raw).filter(|quantity| quantity.comparator.is_none())?;
            Some(Some(hundredths(&quantity)?))
        }
    };
    let (at_least, at_most) = (bound("low")?, bound("high")?);
    let in_order = match (at_least, at_most) {
        (Some(low), Some(high)) => low <= high,
        (low, high) => low.is_some() || high.is_some(),
    };
    in_order.then_some(Expectancy { at_least, at_most, below: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::Document;

    #[test]
    fn a_status_in_words_is_one_figure() {
        for (scale, text, expected) in [
            (Scale::Ecog, "ECOG 2", Some(2)),
            (Scale::Ecog, "2", Some(2)),
            (Scale::Ecog, "Grade 1: restricted in strenuous activity", Some(1)),
            (Scale::Ecog, "2 - up and about 50% of waking hours", Some(2)),
            (Scale::Ecog, "ECOG 5", Some(5)),
            (Scale::Ecog, "1-2", None),
            (Scale::Ecog, "ECOG 1 or 2", None),
            (Scale::Ecog, "<2", None),
            (Scale::Ecog, "-1", None),
            (Scale::Ecog, "2.5", None),
            (Scale::Ecog, "two", None),
            (Scale::Karnofsky, "KPS 80%", Some(80)),
            (Scale::Karnofsky, "70-80", None),
            (Scale::Karnofsky, "", None),
        ] {
            assert_eq!(scale.of_text(text), expected, "{text}");
        }
        assert_eq!(Scale::Ecog.status(5), None);
        assert_eq!(Scale::Karnofsky.status(101), None);
        assert_eq!(Scale::Karnofsky.status(0), Some(Performance::Karnofsky(0)));
    }

    #[test]
    fn expectancies_are_bounds_in_months() {
        let read = |json: &str| {
            let document = Document::parse(json).unwrap();
            let sets = ValueSets::default();
            life_expectancy(&Object::read(document.root()).unwrap(), &sets)
                .map(|e| (e.at_least, e.at_most, e.below))
        };
        for (json, expected) in [
            (r#"{"valueQuantity":{"value":6,"code":"mo"}}"#, Some((Some(600), Some(600), false))),
            (r#"{"valueQuantity":{"value":2.5,"unit":"Months"}}"#, Some((Some(250), Some(250), false))),
            (r#"{"valueQuantity":{"value":13,"code":"wk"}}"#, Some((Some(303), Some(303), false))),
            (r#"{"valueQuantity":{"value":12,"code":"wk"}}"#, Some((Some(280), Some(280), false))),
            (r#"{"valueQuantity":{"value":90,"code":"d"}}"#, Some((Some(300), Some(300), false))),
            (r#"{"valueQuantity":{"value":1,"code":"a"}}"#, Some((Some(1200), Some(1200), false))),
            (r#"{"valueQuantity":{"value":3,"code":"mo","comparator":"<"}}"#, Some((None, Some(300), true))),
            (
                r#"{"valueQuantity":{"value":3,"code":"mo","comparator":"<="}}"#,
                Some((None, Some(300), false)),
            ),
            (r#"{"valueQuantity":{"value":3,"code":"mo","comparator":">"}}"#, Some((Some(300), None, false))),
            (r#"{"valueQuantity":{"value":3,"code":"mo","comparator":"ad"}}"#, None),
            (r#"{"valueQuantity":{"value":3}}"#, None),
            (r#"{"valueQuantity":{"value":3,"code":"h"}}"#, None),
            (r#"{"valueQuantity":{"value":-3,"code":"mo"}}"#, None),
            (r#"{"valueQuantity":{"value":3000,"code":"mo"}}"#, None),
            (r#"{"valueQuantity":{"value":"3","code":"mo"}}"#, None),
            (
                r#"{"valueRange":{"low":{"value":3,"code":"mo"},"high":{"value":6,"code":"mo"}}}"#,
                Some((Some(300), Some(600), false)),
            ),
            (r#"{"valueRange":{"low":{"value":3,"code":"mo"}}}"#, Some((Some(300), None, false))),
            (r#"{"valueRange":{"high":{"value":2,"code":"mo"}}}"#, Some((None, Some(200), false))),
            (r#"{"valueRange":{"low":{"value":6,"code":"mo"},"high":{"value":3,"code":"mo"}}}"#, None),
            (r#"{"valueRange":{"low":{"value":3},"high":{"value":6,"code":"mo"}}}"#, None),
            (r#"{"valueRange":{"x":1}}"#, None),
            (r#"{"valueString":"lt-3-months"}"#, Some((None, Some(300), true))),
            (r#"{"valueString":"months"}"#, None),
            (
                r#"{"valueCodeableConcept":{"coding":[{"code":"ge-3-months"}]}}"#,
                Some((Some(300), None, false)),
            ),
            (r#"{"valueCodeableConcept":{"coding":[{"code":"ge-3-months"},{"code":"lt-3-months"}]}}"#, None),
            (r#"{"valueInteger":3}"#, None),
            (r#"{}"#, None),
        ] {
            assert_eq!(read(json), expected, "{json}");
        }
    }
}
