//! From a coding to the concepts that it stands for.
//!
//! [`ValueSets`] holds the value sets in force: the files of `hooks/value-sets/`, compiled in, and those that a site
//! adds. A look-up gives a [`ConceptSet`], because a code may stand for several concepts. ICD-10 categories match by
//! prefix, as their codes are built that way; SNOMED CT hierarchies are not followed, so each SNOMED code is listed.
//!
//! Deliberately absent: what a concept means for a patient (the mappers), and terminology servers: the answer of the
//! service must not depend on whether one can be reached.

use super::concept::Concept;
pub use super::value_set_file::ValueSetError;
use super::value_set_file::{self, Include};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::Path;

/// The code system of findings without a standard code, and of consults (guideline.md section 2).
pub const FINDING_SYSTEM: &str = "urn:spinal-mets-cds:finding";
/// SNOMED CT.
pub const SNOMED: &str = "http://snomed.info/sct";
/// ICD-10-CM. WHO ICD-10 is read by the same rows: it has the same categories, with fewer subdivisions.
pub const ICD10CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
/// ICD-10-PCS.
pub const ICD10PCS: &str = "http://www.cms.gov/Medicare/Coding/ICD10";
/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// RxNorm.
pub const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
/// CPT.
pub const CPT: &str = "http://www.ama-assn.org/go/cpt";

/// Other names under which charts carry these systems.
const ALIASES: &[(&str, &str)] = &[
    ("urn:oid:2.16.840.1.113883.6.96", SNOMED),
    ("http://hl7.org/fhir/sid/icd-10", ICD10CM),
    ("urn:oid:2.16.840.1.113883.6.90", ICD10CM),
    ("urn:oid:2.16.840.1.113883.6.3", ICD10CM),
    ("http://hl7.org/fhir/sid/icd-10-pcs", ICD10PCS),
    ("urn:oid:2.16.840.1.113883.6.4", ICD10PCS),
    ("urn:oid:2.16.840.1.113883.6.1", LOINC),
    ("urn:oid:2.16.840.1.113883.6.88", RXNORM),
    ("urn:oid:2.16.840.1.113883.6.12", CPT),
];

/// A set of concepts, small enough to pass by value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ConceptSet(u128);

const _: () = assert!(Concept::ALL.len() <= 128, "ConceptSet has one bit a concept");

impl ConceptSet {
    /// No concept.
    pub const NONE: Self = Self(0);

    /// Whether the concept is in the set.
    pub const fn has(self, concept: Concept) -> bool {
        self.0 & (1 << concept as u8) != 0
    }

    /// Whether any concept of the other set is in this one.
    pub const fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the set has no concept.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set with one more concept.
    #[must_use]
    pub const fn with(self, concept: Concept) -> Self {
        Self(self.0 | (1 << concept as u8))
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The concepts in the order of [`Concept::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Concept> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let concept = Concept::ALL.get(rest.trailing_zeros() as usize).copied()?;
            rest &= rest - 1;
            Some(concept)
        })
    }
}

impl fmt::Debug for ConceptSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// One row of a value set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeRow<'a> {
    /// Canonical system URI.
    pub system: &'a str,
    /// The code as the value set writes it.
    pub code: &'a str,
    /// An ICD-10 category: it stands for every code that begins with it, and cannot be searched for.
    pub is_category: bool,
}

/// The codes of one system.
#[derive(Debug)]
enum Table {
    /// Codes that stand for themselves.
    Plain(Lookup<Box<str>>),
    /// ICD-10: codes, and categories that stand for every code that begins with them.
    Icd { exact: Lookup<IcdCode>, categories: Lookup<IcdCode> },
}

/// From a name or a code. The hash need not withstand chosen keys: nobody but the site adds any.
type Lookup<K, V = ConceptSet> = HashMap<K, V, foldhash::fast::FixedState>;

/// A row as it is kept: system, code as written, whether it is a category.
type Row = (Box<str>, Box<str>, bool);

/// The value sets in force.
#[derive(Debug, Default)]
pub struct ValueSets {
    /// Name of a system without scheme and trailing slash, aliases included, to its place in `tables`.
    systems: Lookup<Box<str>, usize>,
    tables: Vec<Table>,
    rows: BTreeMap<Concept, BTreeSet<Row>>,
}

impl ValueSets {
    /// The value sets that come with the program.
    ///
    /// # Errors
    /// When a compiled-in file is not a value set that can be used; a test keeps this from happening.
    pub fn built_in() -> Result<Self, ValueSetError> {
        let mut sets = Self::default();
        for concept in Concept::ALL {
            let file = Path::new("hooks/value-sets").join(concept.id()).with_extension("json");
            let (named, includes) = value_set_file::parse(&file, concept.built_in_value_set())?;
            sets.add(named, &includes);
        }
        Ok(sets)
    }

    /// Adds a site's own codes: every `*.json` file of the folder, each a `ValueSet` with the url of a built-in one.
    /// Either all files are added or, on an error, none.
    ///
    /// # Errors
    /// When the folder or a file cannot be read, or a file is not a value set that can be used. The message names the
    /// file and what to do.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), ValueSetError> {
        let read = value_set_file::read_folder(folder)?;
        for (concept, includes) in &read {
            self.add(*concept, includes);
        }
        Ok(())
    }

    /// The concepts of a coding. A coding without a system stands for nothing.
    pub fn concepts(&self, system: Option<&str>, code: &str) -> ConceptSet {
        let Some(system) = system else { return ConceptSet::NONE };
        let place = self.systems.get(system_key(system));
        match place.and_then(|i| self.tables.get(*i)) {
            None => ConceptSet::NONE,
            Some(Table::Plain(codes)) => codes.get(code.trim()).copied().unwrap_or_default(),
            Some(Table::Icd { exact, categories }) => {
                let Some(code) = IcdCode::new(code) else { return ConceptSet::NONE };
                let found = exact.get(&code).copied().unwrap_or_default();
                code.categories()
                    .filter_map(|category| categories.get(&category))
                    .fold(found, |all, set| all.union(*set))
            }
        }
    }

    /// The rows of a concept's value set, sorted by system and code.
    pub fn codes(&self, concept: Concept) -> impl Iterator<Item = CodeRow<'_>> {
        self.rows.get(&concept).into_iter().flatten().map(|(system, code, is_category)| CodeRow {
            system,
            code,
            is_category: *is_category,
        })
    }

    fn add(&mut self, concept: Concept, includes: &[Include]) {
        for include in includes {
            let system = canonical(&include.system);
            let place = self.place_of(system);
            let Some(table) = self.tables.get_mut(place) else { continue };
            for (code, is_category) in &include.codes {
                // What is in an ICD system and not built like its codes matches nothing.
                let set = match table {
                    Table::Plain(codes) => Some(codes.entry(code.as_str().into()).or_default()),
                    Table::Icd { exact, categories } => {
                        let part = if *is_category { categories } else { exact };
                        IcdCode::new(code).map(|code| part.entry(code).or_default())
                    }
                };
                if let Some(set) = set {
                    *set = set.with(concept);
                }
                let row = (system.into(), code.as_str().into(), *is_category);
                self.rows.entry(concept).or_default().insert(row);
            }
        }
    }

    /// The place of a system's table, made when the system is new.
    fn place_of(&mut self, system: &str) -> usize {
        if let Some(place) = self.systems.get(system_key(system)) {
            return *place;
        }
        let place = self.tables.len();
        let icd = Table::Icd { exact: Lookup::default(), categories: Lookup::default() };
        self.tables.push(if is_icd(system) { icd } else { Table::Plain(Lookup::default()) });
        let aliases = ALIASES.iter().filter(|(_, of)| *of == system).map(|(alias, _)| *alias);
        for name in aliases.chain([system]) {
            self.systems.insert(system_key(name).into(), place);
        }
        place
    }
}

/// Whether a name means the system, one of the constants of this file, by itself or as an alias.
pub(super) fn same_system(name: &str, system: &str) -> bool {
    let key = system_key(name);
    key == system_key(system) || ALIASES.iter().any(|(alias, of)| *of == system && system_key(alias) == key)
}

/// Whether the codes of a system are built so that a prefix is a category.
pub(super) fn is_icd(system: &str) -> bool {
    matches!(canonical(system), ICD10CM | ICD10PCS)
}

/// Whether a code can be a category of its system: a well-formed ICD code of at least three characters.
pub(super) fn is_category_code(code: &str) -> bool {
    IcdCode::new(code).is_some_and(IcdCode::is_category)
}

/// The system that an alias stands for; otherwise the name itself.
fn canonical(system: &str) -> &str {
    let key = system_key(system);
    let known = [SNOMED, ICD10CM, ICD10PCS, LOINC, RXNORM, CPT];
    let by_name = known.into_iter().find(|name| system_key(name) == key);
    let by_alias = || ALIASES.iter().find(|(alias, _)| system_key(alias) == key).map(|(_, of)| *of);
    by_name.or_else(by_alias).unwrap_or(system)
}

/// A system name without what charts get wrong: scheme http or https, trailing slash.
fn system_key(system: &str) -> &str {
    let system = system.trim();
    let rest = system.strip_prefix("http://").or_else(|| system.strip_prefix("https://")).unwrap_or(system);
    rest.trim_end_matches('/')
}

/// An ICD code in one form: upper case, without the dot, its characters from the lowest byte up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct IcdCode(u64);

impl IcdCode {
    const SHORTEST_CATEGORY: u32 = 3;

    /// `None` when it is not built like an ICD code, or longer than eight characters: then it matches nothing. The marks
    /// that national editions append (dagger, asterisk, dash for "any subdivision") fall away; a range of codes
    /// ("C00-C75") is not a code.
    fn new(code: &str) -> Option<Self> {
        let code = code.trim().trim_end_matches(['*', '+', '!', '†', '-', '.']);
        let mut bytes = [0; 8];
        let mut places = bytes.iter_mut();
        for byte in code.bytes().filter(|byte| *byte != b'.') {
            *places.next()? = byte.is_ascii_alphanumeric().then_some(byte.to_ascii_uppercase())?;
        }
        let icd = Self(u64::from_le_bytes(bytes));
        (icd.len() > 0).then_some(icd)
    }

    const fn len(self) -> u32 {
        (u64::BITS - self.0.leading_zeros()).div_ceil(8)
    }

    /// Whether it is long enough for a category.
    const fn is_category(self) -> bool {
        self.len() >= Self::SHORTEST_CATEGORY
    }

    /// Every category that it can belong to, itself included.
    fn categories(self) -> impl Iterator<Item = Self> {
        (Self::SHORTEST_CATEGORY..=self.len())
            .map(move |length| Self(self.0 & (u64::MAX >> (64 - 8 * length))))
    }
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
