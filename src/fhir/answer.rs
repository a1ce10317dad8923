//! What the value of an Observation (or of a component) says about the finding that its code names.
//!
//! A value that is not understood counts as "yes, it is there" with a note: a finding that somebody troubled to record
//! is not lost to a spelling. Only a clear negation denies. Deliberately absent: values with a meaning of their own
//! (grades, scores, courses).

use super::coded::Coded;
use super::codes::ValueSets;
use super::reader::{Object, boolean, number, text};
use json::Json;
use std::borrow::Cow;

/// One `value[x]`.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Boolean(bool),
    Coded(Coded<'a>),
    Text(Cow<'a, str>),
    /// A string where a boolean is due.
    Misplaced(Cow<'a, str>),
    /// Integer or Quantity, with the JSON text of the number.
    Number(f64, &'a str),
    /// A legal type that says nothing about yes or no.
    Other,
    /// The wrong JSON type.
    Malformed,
}

/// The values of an Observation or component: at most one in sound data.
pub(super) fn values<'a>(object: &Object<'a>, value_sets: &ValueSets) -> Vec<Value<'a>> {
    let read = |(kind, raw): (Cow<'_, str>, Json<'a>)| {
        let value = match &*kind {
            "Boolean" => boolean(raw).map(Value::Boolean).or_else(|| text(raw).map(Value::Misplaced)),
            "CodeableConcept" => Coded::read(raw, value_sets).map(Value::Coded),
            "String" => text(raw).map(Value::Text),
            "Integer" => number(raw).map(|n| Value::Number(n, raw.get())),
            "Quantity" => Object::read(raw)
                .and_then(|quantity| quantity.get("value"))
                .and_then(|raw| Some(Value::Number(number(raw)?, raw.get()))),
            _ => Some(Value::Other),
        };
        value.unwrap_or(Value::Malformed)
    };
    object.choice("value").map(read).collect()
}

/// Yes, no, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is there; severity 1 mild to 3 severe where stated.
    Yes {
        severity: Option<u8>,
        /// The value was not understood, or is of a type that the finding does not have.
        doubtful: bool,
    },
    /// It is not there. `doubtful`: said by a number.
    No { doubtful: bool },
    /// Not known, not assessed.
    Unknown,
}

const YES: Answer = Answer::Yes { severity: None, doubtful: false };
const DOUBTFUL: Answer = Answer::Yes { severity: None, doubtful: true };
const NO: Answer = Answer::No { doubtful: false };

/// The answer of an Observation or component whose code names a finding. Without a value the finding is there
/// ("boolean or presence"), unless the value is said to be missing or the interpretation is negative.
pub(super) fn answer(object: &Object<'_>, value_sets: &ValueSets) -> Answer {
    let answers = values(object, value_sets).iter().map(of_value).collect::<Vec<_>>();
    // Several values contradict the standard: the dangerous one counts.
    let strongest = answers.iter().copied().max_by_key(|answer| match answer {
        Answer::Yes { severity, doubtful } => (3, severity.unwrap_or(0), !doubtful),
        Answer::No { .. } => (2, 0, true),
        Answer::Unknown => (1, 0, true),
    });
    match strongest {
        Some(answer) => answer,
        None if object.get("dataAbsentReason").is_some() => Answer::Unknown,
        None if is_negative(object, value_sets) => NO,
        None => YES,
    }
}

/// Whether `interpretation` says negative or absent.
fn is_negative(object: &Object<'_>, value_sets: &ValueSets) -> bool {
    let raws = object.get("interpretation").map(super::reader::items).unwrap_or_default();
    let read: Vec<Coded<'_>> = raws.into_iter().filter_map(|raw| Coded::read(raw, value_sets)).collect();
    let mut codes = read.iter().flat_map(Coded::codes).peekable();
    codes.peek().is_some()
        && codes.all(|code| matches!(code, "NEG" | "ND" | "260385009" | "260415000" | "2667000"))
}

fn of_value(value: &Value<'_>) -> Answer {
    match value {
        Value::Boolean(true) => YES,
        Value::Boolean(false) => NO,
        Value::Coded(coded) => of_coded(coded),
        Value::Text(text) => of_text(text),
        Value::Misplaced(text) => match of_text(text) {
            Answer::Yes { severity, .. } => Answer::Yes { severity, doubtful: true },
            Answer::No { .. } => Answer::No { doubtful: true },
            Answer::Unknown => Answer::Unknown,
        },
        // A number for a yes-or-no finding is most often an intensity: nought is a denial.
        Value::Number(n, _) if *n == 0.0 => Answer::No { doubtful: true },
        Value::Number(..) | Value::Other | Value::Malformed => DOUBTFUL,
    }
}

fn of_coded(coded: &Coded<'_>) -> Answer {
    let mut found: Vec<Answer> =
        coded.codings.iter().filter_map(|c| of_code(c.system.as_deref(), c.code.as_deref()?)).collect();
    if found.is_empty() {
        let wordings = coded.wordings();
        found = wordings.into_iter().map(of_text).filter(|answer| *answer != DOUBTFUL).collect();
    }
    let first = found.first().copied();
    match first {
        Some(first) if found.iter().all(|answer| *answer == first) => first,
        // A side, a course or the finding itself as the value says that the finding is there.
        None if !coded.concepts.is_empty() => YES,
        _ => DOUBTFUL,
    }
}

/// The codes by which systems say yes, no, how much, and not known.
fn of_code(system: Option<&str>, code: &str) -> Option<Answer> {
    let severity = |n| Some(Answer::Yes { severity: Some(n), doubtful: false });
    match code {
        "373066001" | "52101004" | "260373001" | "10828004" | "LA33-6" | "LA9633-4" => Some(YES),
        "373067005" | "2667000" | "260415000" | "260385009" | "LA32-8" | "LA9634-2" => Some(NO),
        "255604002" => severity(1),
        "6736007" => severity(2),
        "24484000" => severity(3),
        "261665006" | "UNK" | "ASKU" | "NASK" | "NA" | "unknown" | "asked-unknown" => Some(Answer::Unknown),
        "Y" | "N" => {
            let table = system.is_some_and(|s| s.ends_with("0136") || s.ends_with("0532"));
            table.then_some(if code == "Y" { YES } else { NO })
        }
        "NEG" | "POS" => system
            .is_some_and(|s| s.contains("ObservationInterpretation"))
            .then_some(if code == "POS" { YES } else { NO }),
        _ => None,
    }
}

/// Words that deny.
const NEGATORS: &[&str] =
    &["no", "not", "none", "absent", "negative", "denies", "denied", "never", "without", "nil", "false", "n"];
/// Words after which "not" says that nobody looked.
const NOT_LOOKED: &[&str] = &[
    "assessed",
    "tested",
    "examined",
    "known",
    "done",
    "recorded",
    "evaluated",
    "applicable",
    "asked",
    "performed",
];
/// Words that "not" turns into a denial.
const SEEN: &[&str] = &[
    "present",
    "seen",
    "observed",
    "noted",
    "detected",
    "reported",
    "evident",
    "found",
    "identified",
    "demonstrated",
    "suspected",
    "felt",
];
/// Words that leave a negation a negation. Not among them: "sensation", "power", "reflexes", "control", whose
/// absence is the finding.
const HARMLESS: &[&str] = &[
    "a",
    "any",
    "of",
    "or",
    "for",
    "the",
    "in",
    "at",
    "on",
    "evidence",
    "sign",
    "signs",
    "symptom",
    "symptoms",
    "complaint",
    "complaints",
    "finding",
    "findings",
    "suspicion",
    "concern",
    "pain",
    "back",
    "backache",
    "neck",
    "radicular",
    "radiculopathy",
    "sciatica",
    "weakness",
    "paresis",
    "deficit",
    "deficits",
    "numbness",
    "tingling",
    "anaesthesia",
    "anesthesia",
    "saddle",
    "sensory",
    "level",
    "lhermitte",
    "paraparesis",
    "paraplegia",
    "myelopathy",
    "cauda",
    "equina",
    "syndrome",
    "cord",
    "compression",
    "gait",
    "ataxia",
    "disturbance",
    "retention",
    "urinary",
    "bowel",
    "bladder",
    "incontinence",
    "metastasis",
    "metastases",
    "spinal",
    "epidural",
    "mescc",
    "left",
    "right",
    "leg",
    "arm",
    "limb",
    "lower",
    "upper",
    "current",
    "currently",
    "today",
    "known",
    "new",
];
const AFFIRMING: &[&str] =
    &["yes", "present", "positive", "true", "y", "confirmed", "detected", "affirmed", "reported", "ongoing"];

fn of_text(text: &str) -> Answer {
    let lower = text.trim().trim_end_matches(['.', '!']).to_lowercase();
    let spoken = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let words: Vec<&str> =
        spoken.skip_while(|word| matches!(*word, "the" | "patient" | "pt" | "she" | "he")).collect();
    let one_clause = !lower.contains([',', ';', '.', '?', '/', '+']);
    if let ["unknown" | "unclear" | "unsure", ..] | ["unable", "to", ..] | ["not", "sure" | "certain"] =
        words.as_slice()
    {
        return Answer::Unknown;
    }
    if let ["not", rest] = words.as_slice()
        && NOT_LOOKED.contains(rest)
    {
        return Answer::Unknown;
    }
    if one_clause && is_negation(&words) {
        return NO;
    }
    let negated = words.iter().any(|word| NEGATORS.contains(word));
    if negated {
        return DOUBTFUL;
    }
    let severity = words.iter().filter_map(|word| severity_of(word)).max();
    let affirming = words.first().is_some_and(|word| AFFIRMING.contains(word));
    if affirming || severity.is_some() { Answer::Yes { severity, doubtful: false } } else { DOUBTFUL }
}

/// Whether the words are one negation and nothing that takes it back: the negator stands first or last, and each other
/// word is on the list of harmless ones.
fn is_negation(words: &[&str]) -> bool {
    let (first, last) = match (words.first(), words.last()) {
        (Some(first), Some(last)) => (*first, *last),
        _ => return false,
    };
    if words.len() == 1 && matches!(first, "resolved" | "normal" | "neg") {
        return true;
    }
    let negators = words.iter().filter(|word| NEGATORS.contains(word)).count();
    let at_an_end = NEGATORS.contains(&first) || NEGATORS.contains(&last);
    let seen_is_negated = words.contains(&"not");
    negators == 1
        && at_an_end
        && words.iter().all(|word| {
            NEGATORS.contains(word) || HARMLESS.contains(word) || (seen_is_negated && SEEN.contains(word))
        })
}

/// 1 mild, 2 moderate, 3 severe.
pub(super) fn severity_of(word: &str) -> Option<u8> {
    match word {
        "mild" | "slight" => Some(1),
        "moderate" => Some(2),
        "severe" | "marked" => Some(3),
        _ => None,
    }
}

/// The severity that a CodeableConcept states, by code or by word.
pub(super) fn severity(coded: &Coded<'_>) -> Option<u8> {
    match of_coded(coded) {
        Answer::Yes { severity, .. } => severity,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_negations_deny() {
        for text in [
            "no",
            "None",
            "absent",
            "negative",
            "Denies back pain",
            "Patient denies",
            "no weakness",
            "No evidence of cord compression",
            "not present",
            "Not detected.",
            "weakness: absent",
            "denied",
            "resolved",
            "no signs or symptoms",
        ] {
            assert_eq!(of_text(text), NO, "{text}");
        }
    }

    #[test]
    fn an_absence_that_is_the_finding_does_not_deny() {
        for text in [
            "No sensation below T8",
            "absent reflexes",
            "no control of the bladder",
            "no change",
            "no improvement",
            "not resolved",
            "no doubt",
            "no weakness, but pain",
            "pain present, no weakness",
            "not absent",
            "worse",
            "no longer able to walk",
            "no severe pain",
            "left leg",
            "2/5",
            "not excluded",
            "not normal",
        ] {
            assert_eq!(of_text(text), DOUBTFUL, "{text}");
        }
    }

    #[test]
    fn affirmation_and_severity() {
        assert_eq!(of_text("Yes"), YES);
        assert_eq!(of_text("present, left"), YES);
        assert_eq!(of_text("mild to moderate"), Answer::Yes { severity: Some(2), doubtful: false });
        assert_eq!(of_text("Severe"), Answer::Yes { severity: Some(3), doubtful: false });
        for text in ["unknown", "not assessed", "Unable to examine", "not done", "not sure"] {
            assert_eq!(of_text(text), Answer::Unknown, "{text}");
        }
    }

    #[test]
    fn only_a_yes_no_table_gives_meaning_to_one_letter() {
        assert_eq!(of_code(Some("http://terminology.hl7.org/CodeSystem/v2-0136"), "N"), Some(NO));
        assert_eq!(of_code(Some("http://example.org/grades"), "N"), None);
        assert_eq!(of_code(None, "Y"), None);
    }
}
