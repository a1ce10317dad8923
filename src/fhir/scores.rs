//! ESCC grades and SINS points: which values are allowed.
//!
//! Deliberately absent: what a grade or score means.

use super::answer::Value;
use super::coded::Coded;
use crate::domain::Escc;

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

/// The points that a part of SINS allows.
fn allowed(code: &str) -> Option<&'static [i64]> {
    Some(match code {
        "sins-location" | "sins-collapse" => &[0, 1, 2, 3],
        "sins-pain" | "sins-posterolateral" => &[0, 1, 3],
        "sins-lesion" => &[0, 1, 2],
        "sins-alignment" => &[0, 2, 4],
        _ => return None,
    })
}

/// Whether a SINS value is one that its part allows; `None` without a value, as for a mere container of components.
pub(super) fn sins_is_usable(coded: &Coded<'_>, values: &[Value<'_>]) -> Option<bool> {
    let value = values.first()?;
    let Value::Number(_, json) = value else { return Some(false) };
    let Ok(points) = json.parse::<i64>() else { return Some(false) };
    let part = coded.codes().find_map(allowed);
    Some(part.map_or((0..=18).contains(&points), |list| list.contains(&points)))
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
