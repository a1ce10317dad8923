//! Reading FHIR R4 `ValueSet` files, ours and a site's.
//!
//! Only what can be honoured is accepted: codes listed by system, categories of ICD, ATC and HCPCS as an `is-a` filter, and
//! exclusions of these from the same file. Anything else (imports, whole systems, SNOMED CT hierarchies that `expand` has not
//! written out) is an error that names the file and the remedy, because a value set that silently means less than it says
//! would hide a patient's findings.

use super::category::CategoryCode;
use super::codes::{is_category_code, is_hierarchical};
use super::concept::Concept;
use serde::Deserialize;
use std::path::{Path, PathBuf};

const URL_PREFIX: &str = "urn:spinal-mets-cds:ValueSet:";

/// Why a value set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ValueSetError {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`: {source}", file.display())]
    Read {
        /// The file or folder.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not JSON, or not shaped like a value set.
    #[error("`{}` is not a FHIR ValueSet in JSON: {source}", file.display())]
    Json {
        /// The file.
        file: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A file is a value set, but not one that can be used.
    #[error("`{}`: {problem}", file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// A value set: what is in it, and what is taken away from that.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) concept: Concept,
    pub(super) include: Vec<Include>,
    pub(super) exclude: Vec<Include>,
}

/// The codes that one `compose.include` or `compose.exclude` lists.
#[derive(Debug)]
pub(super) struct Include {
    pub(super) system: String,
    pub(super) codes: Vec<Listed>,
}

/// A code, or a category that stands for every code that begins with it.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) code: String,
    pub(super) is_category: bool,
}

impl Listed {
    /// Whether an excluded entry names the code.
    pub(super) fn covers(&self, code: CategoryCode) -> bool {
        CategoryCode::new(&self.code)
            .is_some_and(|own| if self.is_category { code.is_in(own) } else { code == own })
    }

    /// Whether an excluded entry takes the whole of an included one away.
    pub(super) fn takes_away(&self, listed: &Self) -> bool {
        let same = self.code == listed.code && self.is_category == listed.is_category;
        let within =
            || CategoryCode::new(&listed.code).is_some_and(|code| code.is_category() && self.covers(code));
        same || (self.is_category || !listed.is_category) && within()
    }

    /// Whether an excluded entry is a part of a category.
    pub(super) fn is_below(&self, category: CategoryCode) -> bool {
        CategoryCode::new(&self.code).is_some_and(|own| own.is_in(category))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    resource_type: String,
    url: String,
    status: String,
    compose: Compose,
}

#[derive(Deserialize)]
struct Compose {
    include: Vec<FileInclude>,
    #[serde(default)]
    exclude: Vec<FileInclude>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileInclude {
    system: Option<String>,
    #[serde(default)]
    concept: Vec<FileConcept>,
    #[serde(default)]
    filter: Vec<FileFilter>,
    value_set: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct FileConcept {
    code: String,
}

#[derive(Deserialize)]
struct FileFilter {
    property: String,
    op: String,
    value: String,
}

/// Every `*.json` file of a folder, in the order of their names.
pub(super) fn read_folder(folder: &Path) -> Result<Vec<Set>, ValueSetError> {
    let unreadable = |file: &Path| {
        let file = file.to_owned();
        |source| ValueSetError::Read { file, source }
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        if path.extension().is_some_and(|e| e == "json") {
            files.push(path);
        }
    }
    files.sort();
    let read = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).map_err(unreadable(file))?;
        parse(file, &text)
    };
    files.iter().map(read).collect()
}

/// One file: the concept that its url names, and what it lists.
pub(super) fn parse(file: &Path, text: &str) -> Result<Set, ValueSetError> {
    let set: File =
        serde_json::from_str(text).map_err(|source| ValueSetError::Json { file: file.to_owned(), source })?;
    check(set).map_err(|problem| ValueSetError::Unusable { file: file.to_owned(), problem })
}

fn check(set: File) -> Result<Set, String> {
    if set.resource_type != "ValueSet" {
        return Err(format!("`resourceType` is `{}`, expected `ValueSet`", set.resource_type));
    }
    let id = set.url.strip_prefix(URL_PREFIX).unwrap_or_default();
    let Some(concept) = Concept::ALL.iter().copied().find(|c| c.id() == id) else {
        return Err(format!(
            "no built-in value set has the url `{}`; copy the url of the set to be extended from `hooks/value-sets/`",
            set.url
        ));
    };
    if set.status != "active" {
        return Err(format!("`status` is `{}`; set it to `active` or take the file away", set.status));
    }
    let include: Vec<_> = set.compose.include.into_iter().map(check_include).collect::<Result<_, _>>()?;
    if include.is_empty() {
        return Err("`compose.include` is empty; list codes under `compose.include[].concept`".to_owned());
    }
    let exclude = set.compose.exclude.into_iter().map(check_include).collect::<Result<_, _>>()?;
    Ok(Set { concept, include, exclude })
}

fn check_include(include: FileInclude) -> Result<Include, String> {
    let Some(system) = include.system.filter(|s| !s.trim().is_empty()) else {
        return Err("an entry of `compose.include` has no `system`; a code without a system matches nothing"
            .to_owned());
    };
    if include.value_set.is_some() {
        return Err("`compose.include.valueSet` is not supported; list the codes themselves".to_owned());
    }
    if include.filter.len() + usize::from(!include.concept.is_empty()) > 1 {
        return Err("an entry of `compose.include` combines several filters, or a filter and codes, which FHIR reads as \
                    their intersection; give each filter an entry of its own"
            .to_owned());
    }
    let mut codes = Vec::new();
    for concept in include.concept {
        let code = concept.code.trim();
        if code.is_empty() {
            return Err(format!("an empty code is listed for `{system}`; take it away"));
        }
        codes.push(Listed { code: code.to_owned(), is_category: false });
    }
    for filter in include.filter {
        if filter.property != "concept" || filter.op != "is-a" {
            return Err(format!(
                "filter `{} {}` is not supported; use property `concept` and op `is-a`, or list the codes",
                filter.property, filter.op
            ));
        }
        if !is_hierarchical(&system) || !is_category_code(&filter.value) {
            return Err(format!(
                "`is-a {}` in `{system}` cannot be followed here: only categories of ICD, ATC and HCPCS of three characters or \
                 more can; write the codes out with the command `expand`, or list them under `concept`",
                filter.value
            ));
        }
        codes.push(Listed { code: filter.value, is_category: true });
    }
    if codes.is_empty() {
        return Err(format!("an entry for `{system}` lists no codes; list them under `concept`"));
    }
    Ok(Include { system, codes })
}
