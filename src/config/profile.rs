//! What an EHR offers: the profiles of `hooks/profiles`, or a file of a site of the same form (design.md section 6).
//!
//! Absent on purpose: what is asked for ([`crate::services`] makes the templates from this).

use crate::domain::Source;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The profiles that come with the service, by name.
const BUILT_IN: &[(&str, &str)] = &[
    (Profile::GENERIC, include_str!("../../hooks/profiles/generic.toml")),
    ("epic", include_str!("../../hooks/profiles/epic.toml")),
    ("oracle", include_str!("../../hooks/profiles/oracle.toml")),
];

/// What the EHR of a client offers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Profile {
    /// One of the built-in names, or the file as the configuration names it.
    pub name: String,
    /// Types that it does not have: none of them is on record there.
    not_offered: BTreeSet<Source>,
    /// Search parameters that a type does not have.
    without: BTreeMap<Source, BTreeSet<String>>,
}

/// A profile as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Where it is known from; for readers of the file.
    #[serde(rename = "source")]
    _source: String,
    not_offered: Vec<String>,
    #[serde(default)]
    without: BTreeMap<String, Vec<String>>,
}

impl Default for Profile {
    /// Everything is offered.
    fn default() -> Self {
        Self { name: Self::GENERIC.to_owned(), not_offered: BTreeSet::new(), without: BTreeMap::new() }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Profile {
    /// The profile of whoever says nothing else.
    pub const GENERIC: &str = "generic";

    /// The names of the built-in profiles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A built-in profile; `None`: there is none of this name.
    ///
    /// # Errors
    ///
    /// What is wrong with it; a test holds that nothing is.
    pub fn built_in(name: &str) -> Option<Result<Self, String>> {
        let (name, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Some(Self::read(name, text))
    }

    /// Reads a profile.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in one sentence.
    pub fn read(name: &str, text: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let mut profile = Self { name: name.to_owned(), ..Self::default() };
        for resource_type in &written.not_offered {
            profile.leave_out(resource_type)?;
        }
        for (resource_type, parameters) in written.without {
            let source = source(&resource_type)?;
            if parameters.iter().any(|parameter| parameter == "patient") {
                return Err(format!("`{resource_type}` cannot be without `patient`; list it as not offered"));
            }
            profile.without.entry(source).or_default().extend(parameters);
        }
        Ok(profile)
    }

    /// Takes a type out.
    ///
    /// # Errors
    ///
    /// No template asks for the type, or there is no advice without it.
    pub fn leave_out(&mut self, resource_type: &str) -> Result<(), String> {
        let source = source(resource_type)?;
        if source == Source::Medication {
            let problem = "is never searched, and one that an order names cannot be none; leave it out here";
            return Err(format!("`{resource_type}` {problem}"));
        }
        if matches!(source, Source::Patient | Source::Condition) {
            return Err(format!("there is no advice without `{resource_type}`, so it must be offered"));
        }
        self.not_offered.insert(source);
        Ok(())
    }

    /// Whether it has resources of this type.
    pub fn offers(&self, source: Source) -> bool {
        !self.not_offered.contains(&source)
    }

    /// Whether a search of this type takes a parameter.
    pub fn takes(&self, source: Source, parameter: &str) -> bool {
        self.without.get(&source).is_none_or(|without| !without.contains(parameter))
    }

    /// The types that it does not have.
    pub fn not_offered(&self) -> impl Iterator<Item = Source> {
        self.not_offered.iter().copied()
    }
}

/// The type of this name, among those that are asked for.
fn source(resource_type: &str) -> Result<Source, String> {
    Source::named(resource_type)
        .ok_or_else(|| format!("`{resource_type}` is no resource type that is asked for"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_profiles_can_be_read() {
        assert_eq!(Profile::built_in(Profile::GENERIC), Some(Ok(Profile::default())));
        for name in Profile::names() {
            assert_eq!(Profile::built_in(name).unwrap().unwrap().name, name);
        }
        assert_eq!(Profile::built_in("meditech"), None);
    }

    #[test]
    fn what_the_large_ehrs_offer() {
        let epic = Profile::built_in("epic").unwrap().unwrap();
        assert!(!epic.offers(Source::MedicationStatement) && epic.offers(Source::ImagingStudy));
        assert!(epic.takes(Source::Encounter, "type") && epic.takes(Source::Condition, "_count"));
        let oracle = Profile::built_in("oracle").unwrap().unwrap();
        assert!(!oracle.offers(Source::ImagingStudy) && oracle.offers(Source::DiagnosticReport));
        assert!(!oracle.takes(Source::Encounter, "type") && oracle.takes(Source::Encounter, "_count"));
        assert!(!oracle.takes(Source::Condition, "_count"));
    }

    #[test]
    fn a_wrong_profile_says_what_is_wrong() {
        for (text, expected) in [
            ("not_offered = []", "source"),
            ("source = \"x\"\nnot_offered = [\"Condition\"]", "`Condition`"),
            ("source = \"x\"\nnot_offered = [\"Goal\"]", "`Goal` is no resource type"),
            ("source = \"x\"\nnot_offered = [\"Medication\"]", "never searched"),
            ("source = \"x\"\nnot_offered = []\n[without]\nEncounter = [\"patient\"]", "not offered"),
            ("source = \"x\"\nnot_offered = []\nwithot = {}", "withot"),
            ("source =", ""),
        ] {
            let fault = Profile::read("x", text).unwrap_err();
            assert!(fault.contains(expected) && !fault.contains('\n'), "{text}: {fault}");
        }
    }
}
