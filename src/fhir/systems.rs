//! Code systems, and the names under which charts carry them.

use super::codes::Lookup;
use std::sync::LazyLock;

/// The code system of findings without a standard code, and of consults (guideline.md section 2).
pub const FINDING_SYSTEM: &str = "urn:spinal-mets-cds:finding";
/// SNOMED CT.
pub const SNOMED: &str = "http://snomed.info/sct";
/// ICD-10-CM. WHO ICD-10 and the national editions are read by the same rows: they have the same categories, with other
/// subdivisions.
pub const ICD10CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
/// ICD-10-PCS.
pub const ICD10PCS: &str = "http://www.cms.gov/Medicare/Coding/ICD10";
/// ICD-9-CM, diagnoses.
const ICD9CM: &str = "http://hl7.org/fhir/sid/icd-9-cm";
/// ICD-11 for mortality and morbidity statistics.
const ICD11: &str = "http://id.who.int/icd/release/11/mms";
/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// RxNorm.
pub const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
/// ATC.
const ATC: &str = "http://www.whocc.no/atc";
/// CPT.
pub const CPT: &str = "http://www.ama-assn.org/go/cpt";
/// HCPCS Level II.
const HCPCS: &str = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets";
/// National Drug Code.
pub(super) const NDC: &str = "http://hl7.org/fhir/sid/ndc";
/// RadLex, with the codes of its Playbook.
const RADLEX: &str = "http://www.radlex.org";
/// Health Care Provider Taxonomy of the NUCC.
const NUCC: &str = "http://nucc.org/provider-taxonomy";

/// Every system with a name of its own here.
const KNOWN: [&str; 14] = [
    SNOMED,
    ICD10CM,
    ICD10PCS,
    ICD9CM,
    ICD11,
    LOINC,
    RXNORM,
    ATC,
    CPT,
    HCPCS,
    NDC,
    RADLEX,
    NUCC,
    FINDING_SYSTEM,
];

/// Other names under which charts carry these systems. National editions and versions are told by [`canonical`].
const ALIASES: &[(&str, &str)] = &[
    ("urn:oid:2.16.840.1.113883.6.96", SNOMED),
    ("http://hl7.org/fhir/sid/icd-10", ICD10CM),
    ("urn:oid:2.16.840.1.113883.6.90", ICD10CM),
    ("urn:oid:2.16.840.1.113883.6.3", ICD10CM),
    ("urn:oid:2.16.840.1.113883.6.135", ICD10CM),
    ("urn:oid:1.2.276.0.76.5.409", ICD10CM),
    ("http://hl7.org/fhir/sid/icd-10-pcs", ICD10PCS),
    ("urn:oid:2.16.840.1.113883.6.4", ICD10PCS),
    ("urn:oid:2.16.840.1.113883.6.103", ICD9CM),
    ("urn:oid:2.16.840.1.113883.6.42", ICD9CM),
    ("http://hl7.org/fhir/sid/icd-9", ICD9CM),
    ("http://hl7.org/fhir/sid/icd-11", ICD11),
    ("http://id.who.int/icd11/mms", ICD11),
    ("urn:oid:2.16.840.1.113883.6.347", ICD11),
    ("urn:oid:2.16.840.1.113883.6.1", LOINC),
    ("urn:oid:2.16.840.1.113883.6.88", RXNORM),
    ("urn:oid:2.16.840.1.113883.6.73", ATC),
    ("http://fhir.de/CodeSystem/bfarm/atc", ATC),
    ("http://fhir.de/CodeSystem/dimdi/atc", ATC),
    ("urn:oid:2.16.840.1.113883.6.12", CPT),
    ("urn:oid:2.16.840.1.113883.6.14", HCPCS),
    ("urn:oid:2.16.840.1.113883.6.285", HCPCS),
    ("http://terminology.hl7.org/CodeSystem/HCPCS", HCPCS),
    ("http://terminology.hl7.org/CodeSystem/HCPCS-all-codes", HCPCS),
    ("urn:oid:2.16.840.1.113883.6.69", NDC),
    ("urn:oid:2.16.840.1.113883.6.256", RADLEX),
    ("http://radlex.org", RADLEX),
    ("http://playbook.radlex.org", RADLEX),
    ("urn:oid:2.16.840.1.113883.6.101", NUCC),
];

/// The other names of a system.
pub fn aliases(system: &str) -> impl Iterator<Item = &str> {
    ALIASES.iter().filter(move |(_, of)| *of == system).map(|(alias, _)| *alias)
}

/// The known names as they are written most often, and their keys in lower letters, each with the system and its key.
static NAMES: LazyLock<Lookup<Box<str>, (&'static str, &'static str)>> = LazyLock::new(|| {
    let mut names: Lookup<Box<str>, _> = Lookup::default();
    let own = KNOWN.into_iter().map(|system| (system, system));
    for (name, system) in own.chain(ALIASES.iter().copied()) {
        let key = system_key(name).to_ascii_lowercase();
        let known = *names.entry(key.as_str().into()).or_insert((system, system_key(system)));
        let oid = key.strip_prefix("urn:oid:").unwrap_or(&key);
        for written in [name, oid] {
            names.entry(written.into()).or_insert(known);
        }
    }
    names
});

/// Whether a name means the system, one of the constants of this file, by itself or as an alias.
pub(super) fn same_system(name: &str, system: &str) -> bool {
    name == system || canonical_key(name) == system_key(system)
}

/// The key of the system that a name stands for.
pub(super) fn canonical_key(name: &str) -> &str {
    known(name).map_or_else(|| system_key(name), |(_, key)| key)
}

/// The system that a name stands for, and its key; `None` for a system that is not known here.
fn known(name: &str) -> Option<(&'static str, &'static str)> {
    if let Some(known) = NAMES.get(name) {
        return Some(*known);
    }
    let lower = system_key(name).to_ascii_lowercase();
    NAMES.get(&*lower).copied().or_else(|| edition(&lower).map(|system| (system, system_key(system))))
}

/// Whether the codes of a system are built so that a prefix is a category.
pub(super) fn is_hierarchical(system: &str) -> bool {
    matches!(canonical(system), ICD10CM | ICD10PCS | ICD9CM | ICD11 | ATC | HCPCS)
}

/// The system that a name stands for: an alias, an edition or version of SNOMED CT or ICD-11, a national edition of
/// ICD-10. Otherwise the name itself.
pub(super) fn canonical(system: &str) -> &str {
    known(system).map_or(system, |(system, _)| system)
}

/// Editions and versions: `snomed.info/sct/<edition>/version/<date>`, `id.who.int/icd/release/11/<version>/mms`,
/// `…/icd-10-gm`, `…/icd-10-gm/2024`, `…/cim-10`.
fn edition(lower: &str) -> Option<&'static str> {
    if ["snomed.info/sct/", "snomed.info/xsct/"].iter().any(|start| lower.starts_with(start)) {
        return Some(SNOMED);
    }
    if lower.starts_with("id.who.int/icd/release/11/") {
        return Some(ICD11);
    }
    let is_version = |part: &str| {
        part == "version" || part.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte))
    };
    let last = lower.rsplit(['/', ':']).find(|part| !is_version(part)).unwrap_or_default();
    let procedures = ["pcs", "proc", "ops", "chop", "ccam", "achi"].iter().any(|word| last.contains(word));
    let begins = |names: &[&str]| names.iter().any(|name| last.starts_with(name));
    if procedures {
        None
    } else if begins(&["icd-10", "icd10", "cim-10", "cim10", "cie-10", "cie10", "cid-10", "cid10"]) {
        Some(ICD10CM)
    } else if begins(&["icd-9-cm", "icd9cm"]) {
        Some(ICD9CM)
    } else {
        None
    }
}

/// A system name without what charts get wrong: scheme http or https in either case, trailing slash, a version after a bar.
pub(super) fn system_key(system: &str) -> &str {
    let unversioned = if system.as_bytes().contains(&b'|') { system.split('|').next() } else { None };
    let system = unversioned.unwrap_or(system);
    let is_plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let has_no_blanks = is_plain(system.as_bytes().first()) && is_plain(system.as_bytes().last());
    let system = if has_no_blanks { system } else { system.trim() };
    let after = |scheme: &str| {
        let (start, rest) = system.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    after("http://").or_else(|| after("https://")).unwrap_or(system).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_known_by_every_name_of_its_editions() {
        for (name, system) in [
            ("http://snomed.info/sct/900000000000207008/version/20240901", SNOMED),
            ("http://snomed.info/sct/731000124108", SNOMED),
            ("http://snomed.info/sct|http://snomed.info/sct/83821000000107", SNOMED),
            ("HTTPS://snomed.info/sct/", SNOMED),
            ("HTTP://SNOMED.INFO/SCT", SNOMED),
            ("http://snomed.info/xsct/11000274103", SNOMED),
            ("urn:oid:2.16.840.1.113883.6.96", SNOMED),
            ("URN:OID:2.16.840.1.113883.6.96", SNOMED),
            ("2.16.840.1.113883.6.96", SNOMED),
            ("2.16.840.1.113883.6.88", RXNORM),
            ("2.16.840.1.113883.6.9", "2.16.840.1.113883.6.9"),
            ("http://hl7.org/fhir/sid/icd-10-cm/2024", ICD10CM),
            ("http://fhir.de/CodeSystem/bfarm/icd-10-gm/version/2024", ICD10CM),
            ("http://fhir.de/CodeSystem/bfarm/ops/2024", "http://fhir.de/CodeSystem/bfarm/ops/2024"),
            ("https://ris.example.org/2024", "https://ris.example.org/2024"),
            ("", ""),
            ("/", "/"),
            ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", ICD10CM),
            ("http://fhir.de/CodeSystem/dimdi/icd-10-gm", ICD10CM),
            ("http://hl7.org/fhir/sid/icd-10-am", ICD10CM),
            ("https://fhir.infoway-inforoute.ca/CodeSystem/icd-10-ca", ICD10CM),
            ("http://hl7.org/fhir/sid/icd-10-pcs", ICD10PCS),
            ("http://hl7.org/fhir/sid/icd-10-pcs-2024", "http://hl7.org/fhir/sid/icd-10-pcs-2024"),
            ("urn:oid:2.16.840.1.113883.6.103", ICD9CM),
            ("http://id.who.int/icd/release/11/2024-01/mms", ICD11),
            ("https://www.cms.gov/medicare/coding/hcpcsreleasecodesets", HCPCS),
            ("urn:oid:2.16.840.1.113883.6.69", NDC),
            ("https://hl7.org/fhir/sid/NDC", NDC),
            ("urn:oid:2.16.840.1.113883.6.256", RADLEX),
            ("http://www.RadLex.org/", RADLEX),
            ("http://playbook.radlex.org", RADLEX),
            ("urn:oid:2.16.840.1.113883.6.101", NUCC),
            ("https://ris.example.org/codes", "https://ris.example.org/codes"),
        ] {
            assert_eq!(canonical(name), system, "{name}");
        }
    }
}
