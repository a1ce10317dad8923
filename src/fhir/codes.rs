//! From a coding to the concepts that it stands for.
//!
//! [`ValueSets`] holds the value sets in force: the files of `hooks/value-sets/`, compiled in, and those that a site
//! adds. A look-up gives a [`ConceptSet`], because a code may stand for several concepts. ICD-10 categories match by
//! prefix, as their codes are built that way, and so do those of ICD-9-CM, ICD-11, ATC and HCPCS; SNOMED CT hierarchies are
//! not followed, so each SNOMED code is listed. A National Drug Code is found by its product. The largest sets are in
//! `hooks/value-sets/derived.tsv`, which is read faster than JSON.
//!
//! Deliberately absent: what a concept means for a patient (the mappers), and terminology servers: the answer of the
//! service must not depend on whether one can be reached.

use super::category::CategoryCode;
use super::concept::Concept;
use super::ndc::{self, NdcTable};
use super::systems::{canonical, canonical_key, system_key};
pub use super::value_set_file::ValueSetError;
use super::value_set_file::{self, Include, Listed, Set};
use engine::domain::{Consult, Region, Site, SuggestedOrder};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub use super::systems::aliases;
pub use super::systems::{CPT, FINDING_SYSTEM, ICD10CM, ICD10PCS, LOINC, RXNORM, SNOMED};
pub(super) use super::systems::{NDC, is_hierarchical, same_system};

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
    /// An ICD-10 category or the product of a National Drug Code: it stands for every code that begins with it, and cannot be
    /// searched for.
    pub is_category: bool,
}

/// The codes of one system.
#[derive(Debug)]
enum Table {
    /// Codes that stand for themselves.
    Plain(Lookup<Box<str>>),
    /// Codes, and categories that stand for every code that begins with them.
    ByCategory(ByCategory),
    /// National Drug Codes.
    Ndc(NdcTable),
}

/// The codes of a system in which a prefix is a category.
#[derive(Debug, Default)]
struct ByCategory {
    exact: Lookup<CategoryCode>,
    categories: Lookup<CategoryCode>,
    /// Categories from which a value set takes codes away.
    partly: Lookup<CategoryCode, Vec<Partly>>,
}

/// What a category stands for, but for some of its codes.
#[derive(Debug)]
struct Partly {
    concept: Concept,
    without: Vec<Listed>,
}

impl ByCategory {
    fn concepts(&self, code: &str) -> ConceptSet {
        let Some(code) = CategoryCode::new(code) else { return ConceptSet::NONE };
        let mut found = self.exact.get(&code).copied().unwrap_or_default();
        for category in code.categories() {
            found = found.union(self.categories.get(&category).copied().unwrap_or_default());
            if !self.partly.is_empty() {
                for partly in self.partly.get(&category).into_iter().flatten() {
                    if !partly.without.iter().any(|listed| listed.covers(code)) {
                        found = found.with(partly.concept);
                    }
                }
            }
        }
        found
    }
}

/// From a name or a code. The hash need not withstand chosen keys: nobody but the site adds any.
pub(super) type Lookup<K, V = ConceptSet> = HashMap<K, V, foldhash::fast::FixedState>;

/// A row as it is kept: system, code as written, whether it is a category.
type Row = (Arc<str>, Box<str>, bool);

/// The sets that `hooks/value-sets/derive/derive.py` writes: concepts, system, lists, codes.
const DERIVED: &str = include_str!("../../hooks/value-sets/derived.tsv");

/// The value sets in force.
#[derive(Debug, Default)]
pub struct ValueSets {
    /// Name of a system, with and without scheme and trailing slash, aliases included, to its place in `tables`.
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
            sets.add(&value_set_file::parse(&file, concept.built_in_value_set())?);
        }
        sets.add_derived(DERIVED);
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
        read.iter().for_each(|set| self.add(set));
        Ok(())
    }

    /// Adds the codings by which the site's order entry knows what is suggested: an order that comes back under one of them is
    /// that order.
    pub fn add_orders(&mut self, site: &Site) {
        for (order, codings) in &site.orders {
            let concept = match order {
                SuggestedOrder::WholeSpineMri => Concept::MriWholeSpine,
                SuggestedOrder::RegionalMri(Region::Cervical) => Concept::MriCervical,
                SuggestedOrder::RegionalMri(Region::Thoracic) => Concept::MriThoracic,
                SuggestedOrder::RegionalMri(Region::Lumbar) => Concept::MriLumbar,
                SuggestedOrder::RegionalMri(Region::Sacral) => continue,
                SuggestedOrder::Referral(Consult::SpineSurgery) => Concept::SpineSurgeryConsult,
                SuggestedOrder::Referral(Consult::Mdt) => Concept::MdtConsult,
                SuggestedOrder::Referral(Consult::RadiationOncology) => Concept::RadiationOncologyConsult,
                SuggestedOrder::Referral(Consult::Orthopaedic) => Concept::OrthopaedicConsult,
            };
            let include = codings.iter().map(|coding| Include {
                system: coding.system.clone(),
                codes: vec![Listed { code: coding.code.clone(), is_category: false }],
            });
            self.add(&Set { concept, include: include.collect(), exclude: Vec::new() });
        }
    }

    /// The concepts of a coding. A coding without a system stands for nothing.
    pub fn concepts(&self, system: Option<&str>, code: &str) -> ConceptSet {
        let Some(system) = system else { return ConceptSet::NONE };
        let place = self.systems.get(system).or_else(|| self.systems.get(system_key(system)));
        let place = place.or_else(|| self.systems.get(canonical_key(system)));
        match place.and_then(|i| self.tables.get(*i)) {
            None => ConceptSet::NONE,
            Some(Table::Plain(codes)) => codes.get(code.trim()).copied().unwrap_or_default(),
            Some(Table::ByCategory(codes)) => codes.concepts(code),
            Some(Table::Ndc(codes)) => codes.concepts(code),
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

    fn add(&mut self, set: &Set) {
        for include in &set.include {
            let system: Arc<str> = canonical(&include.system).into();
            let place = self.place_of(&system);
            let Some(table) = self.tables.get_mut(place) else { continue };
            let without: Vec<&Listed> = set
                .exclude
                .iter()
                .filter(|exclude| canonical(&exclude.system) == &*system)
                .flat_map(|exclude| &exclude.codes)
                .collect();
            for listed in &include.codes {
                if without.iter().any(|out| out.takes_away(listed)) {
                    continue;
                }
                table.insert(listed, set.concept, &without);
                let is_category = listed.is_category || table.is_category(&listed.code);
                let row = (Arc::clone(&system), listed.code.as_str().into(), is_category);
                self.rows.entry(set.concept).or_default().insert(row);
            }
        }
    }

    /// Adds the rows of the derived table. What it names wrongly is left out; a test keeps this from happening.
    fn add_derived(&mut self, table: &str) {
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let (Some(ids), Some(system), _, Some(codes)) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let known = |id: &str| Concept::ALL.iter().copied().find(|concept| concept.id() == id);
            let concepts: Vec<Concept> = ids.split(' ').filter_map(known).collect();
            let set = concepts.iter().fold(ConceptSet::NONE, |set, concept| set.with(*concept));
            let system: Arc<str> = system.into();
            let place = self.place_of(&system);
            let Some(table) = self.tables.get_mut(place) else { continue };
            codes.split(' ').for_each(|code| table.insert_exact(code, set));
            for concept in concepts {
                let row = |code: &str| (Arc::clone(&system), code.into(), table.is_category(code));
                self.rows.entry(concept).or_default().extend(codes.split(' ').map(row));
            }
        }
    }

    /// The place of a system's table, made when the system is new.
    fn place_of(&mut self, system: &str) -> usize {
        if let Some(place) = self.systems.get(system_key(system)) {
            return *place;
        }
        let place = self.tables.len();
        self.tables.push(match system {
            NDC => Table::Ndc(NdcTable::default()),
            _ if is_hierarchical(system) => Table::ByCategory(ByCategory::default()),
            _ => Table::Plain(Lookup::default()),
        });
        for name in aliases(system).chain([system]) {
            self.systems.insert(system_key(name).into(), place);
            // As it is written most often: found without a look at its parts.
            self.systems.insert(name.into(), place);
        }
        place
    }
}

impl Table {
    /// Whether a code stands for others by the way it is written.
    fn is_category(&self, code: &str) -> bool {
        matches!(self, Self::Ndc(_)) && ndc::is_product(code)
    }

    /// Adds a code of a system without categories.
    fn insert_exact(&mut self, code: &str, concepts: ConceptSet) {
        match self {
            Self::Plain(codes) => {
                let set = codes.entry(code.into()).or_default();
                *set = set.union(concepts);
            }
            Self::Ndc(codes) => codes.insert(code, concepts),
            Self::ByCategory(_) => {}
        }
    }

    fn insert(&mut self, listed: &Listed, concept: Concept, without: &[&Listed]) {
        let Self::ByCategory(codes) = self else {
            return self.insert_exact(&listed.code, ConceptSet::NONE.with(concept));
        };
        // What is in such a system and not built like its codes matches nothing.
        let Some(code) = CategoryCode::new(&listed.code) else { return };
        let below: Vec<Listed> =
            without.iter().filter(|out| out.is_below(code)).map(|out| (*out).clone()).collect();
        if listed.is_category && !below.is_empty() {
            codes.partly.entry(code).or_default().push(Partly { concept, without: below });
            return;
        }
        let part = if listed.is_category { &mut codes.categories } else { &mut codes.exact };
        let set = part.entry(code).or_default();
        *set = set.with(concept);
    }
}

/// Whether a code can be a category of its system: well formed, of at least three characters.
pub(super) fn is_category_code(code: &str) -> bool {
    CategoryCode::new(code).is_some_and(CategoryCode::is_category)
}

#[cfg(test)]
#[path = "codes_tests.rs"]
mod tests;
