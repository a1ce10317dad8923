//! `expand`: value sets defined by hierarchies of SNOMED CT become lists of codes that `value_sets` loads.
//!
//! The hierarchy comes from a release of the site (RF2 snapshot) or from a terminology server; never at run time, because an
//! answer must not depend on whether a server can be reached. Everything is worked out before anything is written.

mod rf2;
mod server;

use super::output;
use anyhow::{Context, bail};
use aws_lc_rs::digest::{SHA256, digest};
use clap::Args;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `expand` takes.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Source {
    /// A SNOMED CT release: the folder with the snapshot's concept and relationship files, at any depth.
    #[arg(long, value_name = "DIR")]
    rf2: Option<PathBuf>,
    /// The base URL of a FHIR R4 terminology server.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

/// What `expand` takes.
#[derive(Debug, Args)]
pub struct ExpandArgs {
    #[command(flatten)]
    source: Source,
    /// Where the value sets are written.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// The definitions: concept, roots whose descendants are in, roots whose descendants are out.
const DEFINITIONS: &str = include_str!("../../../hooks/value-sets/intensional.tsv");

/// A concept of ours by hierarchies of SNOMED CT.
#[derive(Debug)]
struct Definition {
    concept: &'static str,
    include: Vec<u64>,
    exclude: Vec<u64>,
}

/// Where hierarchies come from.
trait Hierarchy {
    /// The release, as `YYYY-MM-DD`.
    fn date(&self) -> &str;
    /// A concept and everything below it.
    fn with_descendants(&mut self, root: u64) -> anyhow::Result<BTreeSet<u64>>;
}

/// Writes the value sets.
///
/// # Errors
///
/// When the release or the server cannot be used, or nothing can be written; then nothing is.
pub fn run(args: &ExpandArgs) -> anyhow::Result<ExitCode> {
    let mut hierarchy: Box<dyn Hierarchy> = match (&args.source.rf2, &args.source.server) {
        (Some(folder), _) => Box::new(rf2::Release::read(folder)?),
        (None, Some(base)) => Box::new(server::Server::new(base)?),
        (None, None) => bail!("--rf2 or --server is missing"),
    };
    let mut files = Vec::new();
    for definition in definitions()? {
        let codes = expand(&definition, hierarchy.as_mut())
            .with_context(|| format!("the value set `{}` cannot be written out", definition.concept))?;
        files.push((
            definition.concept,
            value_set(definition.concept, hierarchy.date(), &codes),
            codes.len(),
        ));
    }
    write_all(&args.out, &files).with_context(|| format!("cannot write to `{}`", args.out.display()))?;
    let lines: String = files.iter().map(|(concept, _, number)| format!("{number}\t{concept}\n")).collect();
    output::say(&lines)?;
    Ok(ExitCode::SUCCESS)
}

fn definitions() -> anyhow::Result<Vec<Definition>> {
    let ids = |text: &str| -> anyhow::Result<Vec<u64>> {
        text.split_whitespace()
            .map(|id| id.parse().with_context(|| format!("`{id}` is no SNOMED CT id")))
            .collect()
    };
    let lines = DEFINITIONS.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut fields = line.split('\t');
            let concept = fields.next().unwrap_or_default();
            let include = ids(fields.next().unwrap_or_default())?;
            Ok(Definition { concept, include, exclude: ids(fields.next().unwrap_or_default())? })
        })
        .collect()
}

fn expand(definition: &Definition, hierarchy: &mut dyn Hierarchy) -> anyhow::Result<BTreeSet<u64>> {
    let mut codes = BTreeSet::new();
    for root in &definition.include {
        codes.append(&mut hierarchy.with_descendants(*root)?);
    }
    for root in &definition.exclude {
        for code in hierarchy.with_descendants(*root)? {
            codes.remove(&code);
        }
    }
    if codes.is_empty() {
        bail!("nothing is left of it");
    }
    Ok(codes)
}

/// The file: enumerated, dated by the release, with the hash of its codes.
fn value_set(concept: &str, date: &str, codes: &BTreeSet<u64>) -> String {
    let codes: Vec<String> = codes.iter().map(u64::to_string).collect();
    let mut hash = String::new();
    for byte in digest(&SHA256, codes.join("\n").as_bytes()).as_ref() {
        // Writing to a String cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    let concepts: Vec<_> = codes.iter().map(|code| json!({ "code": code })).collect();
    let set = json!({
        "resourceType": "ValueSet",
        "url": format!("urn:spinal-mets-cds:ValueSet:{concept}"),
        "identifier": [{ "system": "urn:spinal-mets-cds:sha256", "value": hash }],
        "version": date,
        "date": date,
        "status": "active",
        "compose": { "include": [{ "system": "http://snomed.info/sct", "concept": concepts }] }
    });
    format!("{set:#}\n")
}

/// Writes all files under other names first: where one cannot be written, none has its own name.
fn write_all(folder: &Path, files: &[(&str, String, usize)]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let part = |concept: &str| folder.join(format!("{concept}.json.part"));
    let written = files.iter().try_for_each(|(concept, text, _)| fs::write(part(concept), text));
    if let Err(error) = written {
        for (concept, ..) in files {
            let _ = fs::remove_file(part(concept));
        }
        return Err(error);
    }
    files
        .iter()
        .try_for_each(|(concept, ..)| fs::rename(part(concept), folder.join(format!("{concept}.json"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_is_of_a_concept_that_value_sets_can_extend() {
        let folder = tempfile::tempdir().unwrap();
        let definitions = definitions().unwrap();
        assert!(definitions.len() > 15);
        let files: Vec<_> = definitions
            .iter()
            .map(|d| (d.concept, value_set(d.concept, "2026-01-01", &d.include.iter().copied().collect()), 1))
            .collect();
        write_all(folder.path(), &files).unwrap();
        crate::fhir::ValueSets::built_in().unwrap().add_folder(folder.path()).unwrap();
        assert!(
            fs::read_dir(folder.path()).unwrap().all(|f| f.unwrap().path().extension().unwrap() == "json")
        );
    }
}
