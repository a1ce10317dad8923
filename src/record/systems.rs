//! Code systems whose codes are kept, each with the shape that its codes have. What is of another system is renamed.

use crate::fhir::ValueSets;
use std::sync::LazyLock;

/// What a code of a system looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A concept id of SNOMED CT, with its check digit.
    Snomed,
    /// A number, a hyphen and a check digit.
    Loinc,
    Rxnorm,
    Icd10,
    Icd10Pcs,
    Icd9,
    Icd11,
    Atc,
    Cpt,
    Hcpcs,
    Ndc,
    Radlex,
    Nucc,
    /// Known to our value sets.
    Known,
    /// One of [`super::kept::UNITS`].
    Unit,
    /// One of [`CODES`].
    Word,
}

/// The systems, by every name that is kept as it is.
const SYSTEMS: &[(&str, Shape)] = &[
    ("http://snomed.info/sct", Shape::Snomed),
    ("urn:oid:2.16.840.1.113883.6.96", Shape::Snomed),
    ("http://loinc.org", Shape::Loinc),
    ("urn:oid:2.16.840.1.113883.6.1", Shape::Loinc),
    ("http://www.nlm.nih.gov/research/umls/rxnorm", Shape::Rxnorm),
    ("urn:oid:2.16.840.1.113883.6.88", Shape::Rxnorm),
    ("http://hl7.org/fhir/sid/icd-10-cm", Shape::Icd10),
    ("http://hl7.org/fhir/sid/icd-10", Shape::Icd10),
    ("http://hl7.org/fhir/sid/icd-10-am", Shape::Icd10),
    ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", Shape::Icd10),
    ("http://fhir.de/CodeSystem/dimdi/icd-10-gm", Shape::Icd10),
    ("urn:oid:2.16.840.1.113883.6.90", Shape::Icd10),
    ("urn:oid:2.16.840.1.113883.6.3", Shape::Icd10),
    ("urn:oid:2.16.840.1.113883.6.135", Shape::Icd10),
    ("urn:oid:1.2.276.0.76.5.409", Shape::Icd10),
    ("http://www.cms.gov/Medicare/Coding/ICD10", Shape::Icd10Pcs),
    ("http://hl7.org/fhir/sid/icd-10-pcs", Shape::Icd10Pcs),
    ("urn:oid:2.16.840.1.113883.6.4", Shape::Icd10Pcs),
    ("http://hl7.org/fhir/sid/icd-9-cm", Shape::Icd9),
    ("http://hl7.org/fhir/sid/icd-9", Shape::Icd9),
    ("urn:oid:2.16.840.1.113883.6.103", Shape::Icd9),
    ("urn:oid:2.16.840.1.113883.6.42", Shape::Icd9),
    ("http://id.who.int/icd/release/11/mms", Shape::Icd11),
    ("http://id.who.int/icd11/mms", Shape::Icd11),
    ("http://hl7.org/fhir/sid/icd-11", Shape::Icd11),
    ("urn:oid:2.16.840.1.113883.6.347", Shape::Icd11),
    ("http://www.whocc.no/atc", Shape::Atc),
    ("http://fhir.de/CodeSystem/bfarm/atc", Shape::Atc),
    ("http://fhir.de/CodeSystem/dimdi/atc", Shape::Atc),
    ("urn:oid:2.16.840.1.113883.6.73", Shape::Atc),
    ("http://www.ama-assn.org/go/cpt", Shape::Cpt),
    ("urn:oid:2.16.840.1.113883.6.12", Shape::Cpt),
    ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", Shape::Hcpcs),
    ("http://terminology.hl7.org/CodeSystem/HCPCS", Shape::Hcpcs),
    ("http://terminology.hl7.org/CodeSystem/HCPCS-all-codes", Shape::Hcpcs),
    ("urn:oid:2.16.840.1.113883.6.14", Shape::Hcpcs),
    ("urn:oid:2.16.840.1.113883.6.285", Shape::Hcpcs),
    ("http://hl7.org/fhir/sid/ndc", Shape::Ndc),
    ("urn:oid:2.16.840.1.113883.6.69", Shape::Ndc),
    ("http://www.radlex.org", Shape::Radlex),
    ("http://radlex.org", Shape::Radlex),
    ("http://playbook.radlex.org", Shape::Radlex),
    ("urn:oid:2.16.840.1.113883.6.256", Shape::Radlex),
    ("http://nucc.org/provider-taxonomy", Shape::Nucc),
    ("urn:oid:2.16.840.1.113883.6.101", Shape::Nucc),
    ("urn:spinal-mets-cds:finding", Shape::Known),
    ("https://radelement.org", Shape::Known),
    ("http://radelement.org", Shape::Known),
    ("http://unitsofmeasure.org", Shape::Unit),
    ("http://dicom.nema.org/resources/ontology/DCM", Shape::Word),
    ("http://hl7.org/fhir/request-priority", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/condition-clinical", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/condition-ver-status", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/condition-category", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/observation-category", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/data-absent-reason", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/v3-ActCode", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/v3-RoleCode", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/v2-0074", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/v2-0136", Shape::Word),
    ("http://terminology.hl7.org/CodeSystem/v2-0532", Shape::Word),
];

/// The codes that are kept of HL7 and DICOM.
const CODES: &[&str] = &[
    "active",
    "inactive",
    "recurrence",
    "relapse",
    "remission",
    "resolved",
    "confirmed",
    "unconfirmed",
    "provisional",
    "differential",
    "refuted",
    "entered-in-error",
    "problem-list-item",
    "encounter-diagnosis",
    "exam",
    "laboratory",
    "imaging",
    "social-history",
    "survey",
    "vital-signs",
    "procedure",
    "therapy",
    "activity",
    "presumed",
    "unknown",
    "not-performed",
    "routine",
    "urgent",
    "asap",
    "stat",
    "L",
    "LL",
    "N",
    "H",
    "HH",
    "A",
    "AA",
    "POS",
    "NEG",
    "IND",
    "DET",
    "ND",
    "Y",
    "ASKU",
    "NASK",
    "UNK",
    "NA",
    "NI",
    "AMB",
    "EMER",
    "IMP",
    "ACUTE",
    "NONAC",
    "OBSENC",
    "SS",
    "VR",
    "HH",
    "RAD",
    "NMR",
    "CT",
    "MR",
    "PT",
    "NM",
    "CR",
    "DX",
    "US",
    "XA",
    "MTH",
    "FTH",
    "LAB",
];

/// The sets that know our own codes.
static SETS: LazyLock<Option<ValueSets>> = LazyLock::new(|| ValueSets::built_in().ok());

/// Whether a system is one that is the same everywhere.
pub(super) fn is_public(system: &str) -> bool {
    SYSTEMS.iter().any(|(name, _)| *name == system)
}

/// Whether a text can be a code of a public system.
pub(super) fn is_code(system: &str, code: &str) -> bool {
    let Some((_, shape)) = SYSTEMS.iter().find(|(name, _)| *name == system) else { return false };
    match shape {
        Shape::Snomed => is_snomed(code),
        Shape::Loinc => is_loinc(code),
        Shape::Rxnorm => (1..=7).contains(&code.len()) && is_digits(code),
        Shape::Icd10 => is_icd10(code),
        Shape::Icd10Pcs => is_shape(code, "?????????", 3..=7) && has_digit(code),
        Shape::Icd9 => is_icd9(code),
        Shape::Icd11 => code.split(['/', '&']).all(is_icd11),
        Shape::Atc => is_shape(code, "A99AA99", 3..=7),
        Shape::Cpt => is_shape(code, "9999?", 5..=5),
        Shape::Hcpcs => is_shape(code, "A9999", 5..=5),
        Shape::Ndc => is_ndc(code),
        Shape::Radlex => ["RID", "RPID"]
            .iter()
            .any(|start| code.strip_prefix(start).is_some_and(|rest| rest.len() <= 6 && is_digits(rest))),
        Shape::Nucc => is_shape(code, "999??????A", 10..=10) && code.ends_with('X'),
        Shape::Known => SETS.as_ref().is_some_and(|sets| !sets.concepts(Some(system), code).is_empty()),
        Shape::Unit => super::kept::UNITS.contains(&code),
        Shape::Word => CODES.contains(&code),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether each byte is of the kind at its place: `A` a capital, `9` a digit, `?` either.
fn is_shape(code: &str, shape: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    let fits = |(byte, kind): (u8, u8)| match kind {
        b'A' => byte.is_ascii_uppercase(),
        b'9' => byte.is_ascii_digit(),
        _ => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
    };
    lengths.contains(&code.len()) && code.len() <= shape.len() && code.bytes().zip(shape.bytes()).all(fits)
}

/// 6 to 18 digits that end with a partition of concepts and a check digit (Verhoeff).
fn is_snomed(code: &str) -> bool {
    const TURNED: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    // The product in the dihedral group of ten elements.
    let times = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let turned = |place: usize, digit: u8| {
        TURNED.get(place % 8).and_then(|row| row.get(usize::from(digit))).copied().unwrap_or_default()
    };
    let is_long = (6..=18).contains(&code.len()) && is_digits(code) && !code.starts_with('0');
    let digits = code.bytes().rev().map(|byte| byte.wrapping_sub(b'0'));
    let check =
        |_: ()| digits.enumerate().fold(0, |sum, (place, digit)| times(sum, turned(place, digit))) == 0;
    let partition = |_: ()| {
        let place = code.len() - 3;
        matches!(code.get(place..place + 2), Some("00" | "10"))
    };
    is_long && partition(()) && check(())
}

/// `12345-6` with its check digit (Luhn), as it is or behind `LA` or `LP`.
fn is_loinc(code: &str) -> bool {
    let bare = code.strip_prefix("LA").or_else(|| code.strip_prefix("LP")).unwrap_or(code);
    let Some((number, check)) = bare.split_once('-') else { return false };
    if number.len() > 7 || !is_digits(number) || check.len() != 1 || !is_digits(check) {
        return false;
    }
    let doubled = |(place, byte): (usize, u8)| {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        let digit = if place % 2 == 0 { digit * 2 } else { digit };
        if digit > 9 { digit - 9 } else { digit }
    };
    let sum: u32 = number.bytes().rev().enumerate().map(doubled).sum();
    check.parse() == Ok((10 - sum % 10) % 10)
}

/// `C79.51`, `M54`, `C7951`.
fn is_icd10(code: &str) -> bool {
    let bare = match code.split_once('.') {
        Some((category, rest)) if category.len() == 3 && !rest.is_empty() => format!("{category}{rest}"),
        Some(_) => return false,
        None => code.to_owned(),
    };
    is_shape(&bare, "A9?????", 3..=7)
}

/// `198.5`, `V58.65`, `1985`.
fn is_icd9(code: &str) -> bool {
    let number = code.strip_prefix(['V', 'E']).unwrap_or(code);
    let (category, rest) = number.split_once('.').unwrap_or((number, "0"));
    (2..=5).contains(&category.len()) && is_digits(category) && rest.len() <= 2 && is_digits(rest)
}

/// A stem or an extension of ICD-11, such as `2E03` or `ME84.2`.
fn is_icd11(code: &str) -> bool {
    let (stem, rest) = code.split_once('.').unwrap_or((code, "0"));
    let is_rest = (1..=3).contains(&rest.len()) && is_shape(rest, "???", 1..=3);
    is_rest
        && (is_shape(stem, "?A9?", 4..=4) || is_shape(stem, "XA9?", 4..=6) || is_shape(stem, "XA?9", 4..=4))
}

/// Ten or eleven digits, or `63020-0049-01` and its shorter forms.
fn is_ndc(code: &str) -> bool {
    let parts: Vec<&str> = code.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_form = matches!(
        lengths.as_slice(),
        [10 | 11] | [5, 4, 2] | [4, 4, 2] | [5, 3, 2] | [5, 4, 1] | [5, 4] | [4, 4] | [5, 3]
    );
    is_form && parts.into_iter().all(is_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_the_shape_of_its_system() {
        for (system, good, bad) in [
            ("http://snomed.info/sct", "161891005", "161891006"),
            ("http://snomed.info/sct", "94222008", "123456789"),
            ("http://loinc.org", "2160-0", "2160-1"),
            ("http://loinc.org", "24968-0", "555-123-4567"),
            ("http://www.nlm.nih.gov/research/umls/rxnorm", "77655", "078051120"),
            ("http://hl7.org/fhir/sid/icd-10-cm", "C79.51", "J.Smith"),
            ("http://hl7.org/fhir/sid/icd-10-cm", "S22.000A", "SMITH"),
            ("http://hl7.org/fhir/sid/icd-9-cm", "198.5", "078-05-1120"),
            ("http://id.who.int/icd/release/11/mms", "2E03", "JOHN"),
            ("http://id.who.int/icd/release/11/mms", "ME84.2", "SMITH/JOHN"),
            ("http://www.whocc.no/atc", "L01XG01", "LEAK"),
            ("http://www.ama-assn.org/go/cpt", "72141", "7214"),
            ("http://hl7.org/fhir/sid/ndc", "63020-0049-01", "078-05-1120"),
            ("http://www.radlex.org", "RPID2510", "RPID-Smith"),
            ("urn:spinal-mets-cds:finding", "comfort-care", "john-smith-1961"),
            ("http://unitsofmeasure.org", "Gy", "Smith"),
            ("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "smith"),
        ] {
            assert!(is_code(system, good), "{system} {good}");
            assert!(!is_code(system, bad), "{system} {bad}");
        }
        for elsewhere in ["http://hl7.org/fhir/sid/us-ssn", "http://snomed.info/sct/John-Smith", ""] {
            assert!(!is_public(elsewhere) && !is_code(elsewhere, "161891005"), "{elsewhere}");
        }
    }
}
