//! Codes that somebody looked at and that stand for no fact: "palliative care" is known, and no goal of comfort.
//!
//! They make no fact, as unknown codes do, but a card does not count such problems among what was not understood. Drugs and
//! orders it does: their codes are left out, too, because a source was missing or because what they cover is not plain.

use super::coded::Coded;
use super::codes::Lookup;
use super::systems::canonical_key;
use std::sync::LazyLock;

/// System, code, and `in` or the reason why the code is in no set.
const REVIEWED: &str = include_str!("reviewed-codes.tsv");

/// The codes, each with the keys of its systems: few codes of a chart are among them, whatever their system.
static LEFT_OUT: LazyLock<Lookup<&str, Vec<&str>>> = LazyLock::new(|| {
    let lines = REVIEWED.lines().filter(|line| !line.starts_with('#'));
    let fields = lines.filter_map(|line| {
        let (system, rest) = line.split_once('\t')?;
        let (code, decision) = rest.split_once('\t')?;
        let is_in = decision == "in" || decision.starts_with("in:");
        (!is_in).then_some((canonical_key(system), code))
    });
    let mut left_out: Lookup<&str, Vec<&str>> = Lookup::default();
    fields.for_each(|(system, code)| left_out.entry(code).or_default().push(system));
    left_out
});

/// Whether any of its codes is one of these.
pub(super) fn is_left_out(coded: &Coded<'_>) -> bool {
    coded.codings.iter().any(|coding| {
        let (Some(system), Some(code)) = (&coding.system, &coding.code) else { return false };
        LEFT_OUT.get(code.trim()).is_some_and(|systems| systems.contains(&canonical_key(system)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::codes::ValueSets;
    use super::*;
    use json::Document;

    #[test]
    fn a_code_that_was_left_out_is_no_unknown_one() {
        let sets = ValueSets::built_in().unwrap();
        for (text, expected) in [
            (r#"{"coding":[{"system":"http://snomed.info/sct","code":"103735009"}]}"#, true),
            (
                r#"{"coding":[{"system":"s","code":"1"},{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"R53.1"}]}"#,
                true,
            ),
            (r#"{"coding":[{"system":"urn:oid:2.16.840.1.113883.6.96","code":"103735009"}]}"#, true),
            (r#"{"coding":[{"system":"http://snomed.info/sct","code":"94602001"}]}"#, false),
            (r#"{"coding":[{"code":"103735009"}],"text":"palliative care"}"#, false),
        ] {
            let document = Document::parse(text).unwrap();
            let coded = Coded::read(document.root(), &sets).unwrap();
            assert_eq!(is_left_out(&coded), expected, "{text}");
        }
    }
}
