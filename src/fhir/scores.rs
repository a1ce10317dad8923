//! ESCC grades, SINS and Mirels points: which values are allowed.
//!
//! Deliberately absent: what a grade or score means.

use super::answer::Value;
use super::coded::Coded;
use super::quantity::{Points, points};
use super::reader::Object;
use engine::domain::scales::{MIRELS, SINS};
use engine::domain::{Escc, MirelsParts, Scale, SinsParts};

/// The grade that a value states; `None` for a look-alike (1, 1d, 4, "2-3"), or for two that disagree.
pub(super) fn escc(values: &[Value<'_>]) -> Option<Escc> {
    let [value] = values else { return None };
    match value {
        Value::Text(text) => escc_of_text(text),
        // A number has lost the letter of grade 1.
        Value::Number(_, "0") => Some(Escc::G0),
        Value::Number(_, "2") => Some(Escc::G2),
        Value::Number(_, "3") => Some(Escc::G3),
        Value::Coded(coded) => {
            let codes = coded.codes().filter_map(escc_of_text);
            let mut grades = codes.chain(coded.wordings().into_iter().filter_map(escc_of_text));
            let first = grades.next()?;
            grades.all(|grade| grade == first).then_some(first)
        }
        _ => None,
    }
}

fn escc_of_text(text: &str) -> Option<Escc> {
    let lower = text.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let filler = ["escc", "bilsky", "grade", "score", "scale", "epidural", "spinal", "cord", "compression"];
    let mut rest = words.filter(|word| !filler.contains(word));
    let grade = match rest.next()? {
        "0" => Escc::G0,
        "1a" => Escc::G1a,
        "1b" => Escc::G1b,
        "1c" => Escc::G1c,
        "2" => Escc::G2,
        "3" => Escc::G3,
        _ => return None,
    };
    // A sign before the figure ("-2", "<3") or a decimal ("2.0") makes it another thing.
    let plain = !lower.contains(['<', '>', '+', '.', '?', '~', '≥', '≤', '±']) && !lower.starts_with('-');
    (rest.next().is_none() && plain).then_some(grade)
}

/// The parts of one score that an Observation states.
#[derive(Debug, Default)]
pub(super) struct Score<P> {
    /// The total, if it is on the scale.
    pub(super) total: Option<u8>,
    /// The components.
    pub(super) parts: P,
    /// How the first usable value is worded; `None`: there is none.
    pub(super) label: Option<String>,
}

/// What became of one value of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// There was none.
    Nothing,
    /// It counts.
    Used,
    /// It is off its scale: the number; or no plain number.
    NotAllowed(Option<u8>),
}

impl Score<SinsParts> {
    /// Takes the value of the whole score or of one of its components.
    pub(super) fn take_sins(&mut self, coded: &Coded<'_>, object: &Object<'_>) -> Taken {
        let Some(part) = part_code(coded, "sins-") else { return Taken::NotAllowed(None) };
        let slot: &mut Option<u8> = match part {
            "location" => &mut self.parts.location,
            "pain" => &mut self.parts.pain,
            "lesion" => &mut self.parts.lesion,
            "alignment" => &mut self.parts.alignment,
            "collapse" => &mut self.parts.collapse,
            "posterolateral" => &mut self.parts.posterolateral,
            _ => &mut self.total,
        };
        let allowed = |points: u8| allows(&SINS, part, points);
        take(slot, allowed, &mut self.label, coded, object)
    }
}

impl Score<MirelsParts> {
    /// Takes the value of the whole score or of one of its components.
    pub(super) fn take_mirels(&mut self, coded: &Coded<'_>, object: &Object<'_>) -> Taken {
        let Some(part) = part_code(coded, "mirels-") else { return Taken::NotAllowed(None) };
        let slot: &mut Option<u8> = match part {
            "site" => &mut self.parts.site,
            "pain" => &mut self.parts.pain,
            "lesion" => &mut self.parts.lesion,
            "size" => &mut self.parts.size,
            _ => &mut self.total,
        };
        let allowed = |points: u8| allows(&MIRELS, part, points);
        take(slot, allowed, &mut self.label, coded, object)
    }
}

/// Whether a code names one component of the SINS.
pub(super) fn is_part_of_sins(coded: &Coded<'_>) -> bool {
    part_code(coded, "sins-")
        .is_some_and(|part| SINS.iter().any(|scale| !part.is_empty() && scale.code.ends_with(part)))
}

/// The name of the component after its prefix; a code that a site added has none and stands for the total. `None`: its
/// codings name several, and which one the value is of cannot be told.
fn part_code<'c>(coded: &'c Coded<'_>, prefix: &str) -> Option<&'c str> {
    let known = coded.codings.iter().filter(|coding| !coding.concepts.is_empty());
    let mut names = known.filter_map(|coding| coding.code.as_deref()?.strip_prefix(prefix));
    let Some(first) = names.next() else { return Some("") };
    names.all(|name| name == first).then_some(first)
}

/// Whether a component of these may have these points; what names none of them is the total.
fn allows(scales: &[Scale], part: &str, points: u8) -> bool {
    match scales.iter().find(|scale| scale.code.ends_with(part) && !part.is_empty()) {
        Some(scale) => scale.allows(points),
        None => {
            let (least, most): (u8, u8) =
                (scales.iter().map(Scale::least).sum(), scales.iter().map(Scale::most).sum());
            (least..=most).contains(&points)
        }
    }
}

/// Of two values of one component in one Observation the higher counts.
fn take(
    slot: &mut Option<u8>,
    allowed: impl Fn(u8) -> bool,
    label: &mut Option<String>,
    coded: &Coded<'_>,
    object: &Object<'_>,
) -> Taken {
    match points(object) {
        Points::Absent => Taken::Nothing,
        Points::Stated(n) if allowed(n) => {
            *slot = (*slot).max(Some(n));
            label.get_or_insert_with(|| coded.label());
            Taken::Used
        }
        Points::Stated(n) => Taken::NotAllowed(Some(n)),
        Points::Unusable => Taken::NotAllowed(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escc_grade_is_a_label() {
        for (text, grade) in [
            ("0", Some(Escc::G0)),
            ("1A", Some(Escc::G1a)),
            ("ESCC 1b", Some(Escc::G1b)),
            ("Bilsky 1c", Some(Escc::G1c)),
            ("Grade 2", Some(Escc::G2)),
            ("escc-3", Some(Escc::G3)),
            ("1", None),
            ("1d", None),
            ("4", None),
            ("2-3", None),
            ("2.0", None),
            ("-2", None),
            ("<3", None),
            ("O", None),
            ("II", None),
            ("３", None),
            ("RDES288.3", None),
            ("no 2", None),
            ("", None),
        ] {
            assert_eq!(escc_of_text(text), grade, "{text}");
        }
    }
}
