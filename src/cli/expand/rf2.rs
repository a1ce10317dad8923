//! A SNOMED CT release in RF2: its active concepts, and their "is a" relationships.

use super::Hierarchy;
use anyhow::{Context, bail};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// "Is a (attribute)".
const IS_A: &str = "116680003";
const CONCEPT_COLUMNS: [&str; 5] = ["id", "effectiveTime", "active", "moduleId", "definitionStatusId"];
const RELATIONSHIP_COLUMNS: [&str; 10] = [
    "id",
    "effectiveTime",
    "active",
    "moduleId",
    "sourceId",
    "destinationId",
    "relationshipGroup",
    "typeId",
    "characteristicTypeId",
    "modifierId",
];

/// The hierarchy of a release. Several files of a kind (an extension beside the international edition) count together.
#[derive(Debug)]
pub(super) struct Release {
    date: String,
    active: HashSet<u64>,
    children: HashMap<u64, Vec<u64>>,
}

impl Release {
    /// Reads the snapshot files below a folder.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let (mut concepts, mut relationships) = (Vec::new(), Vec::new());
        find(folder, &mut concepts, &mut relationships)
            .with_context(|| format!("cannot read `{}`", folder.display()))?;
        for (files, kind) in
            [(&concepts, "sct2_Concept_Snapshot"), (&relationships, "sct2_Relationship_Snapshot")]
        {
            if files.is_empty() {
                bail!(
                    "`{}` holds no `{kind}…txt`; name the folder of an unpacked RF2 release",
                    folder.display()
                );
            }
        }
        let mut release = Self { date: String::new(), active: HashSet::new(), children: HashMap::new() };
        let mut newest = String::new();
        for file in &concepts {
            rows(file, &CONCEPT_COLUMNS, &mut |fields| {
                let [concept, time, active, ..] = fields else { return Ok(()) };
                if newest.as_str() < *time {
                    newest = (*time).to_owned();
                }
                if *active == "1" {
                    release.active.insert(id(concept)?);
                }
                Ok(())
            })?;
        }
        for file in &relationships {
            rows(file, &RELATIONSHIP_COLUMNS, &mut |fields| {
                let [_, _, active, _, source, destination, _, kind, ..] = fields else { return Ok(()) };
                if *active == "1" && *kind == IS_A {
                    release.children.entry(id(destination)?).or_default().push(id(source)?);
                }
                Ok(())
            })?;
        }
        release.date = match (newest.get(0..4), newest.get(4..6), newest.get(6..8)) {
            (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
            _ => bail!("no concept of the release has an effectiveTime"),
        };
        Ok(release)
    }
}

impl Hierarchy for Release {
    fn date(&self) -> &str {
        &self.date
    }

    fn with_descendants(&mut self, root: u64) -> anyhow::Result<BTreeSet<u64>> {
        if !self.active.contains(&root) {
            bail!("{root} is no active concept of the release");
        }
        // Depth first, with the way that leads to a concept: whoever meets it again goes in a circle.
        let (mut found, mut way) = (BTreeSet::new(), HashSet::new());
        let mut stack = vec![(root, false)];
        while let Some((concept, done)) = stack.pop() {
            if done {
                way.remove(&concept);
                continue;
            }
            if way.contains(&concept) {
                bail!("the hierarchy goes in a circle through {concept}; the release is damaged");
            }
            if !found.insert(concept) {
                continue;
            }
            way.insert(concept);
            stack.push((concept, true));
            let children = self.children.get(&concept).into_iter().flatten();
            stack.extend(children.filter(|child| self.active.contains(child)).map(|child| (*child, false)));
        }
        Ok(found)
    }
}

fn id(text: &str) -> anyhow::Result<u64> {
    text.parse().with_context(|| format!("`{text}` is no SNOMED CT id"))
}

fn find(folder: &Path, concepts: &mut Vec<PathBuf>, relationships: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, concepts, relationships)?;
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.ends_with(".txt") {
            continue;
        }
        if name.contains("sct2_Concept_Snapshot") {
            concepts.push(path);
        } else if name.contains("sct2_Relationship_Snapshot") {
            relationships.push(path);
        }
    }
    Ok(())
}

/// The rows of a file whose first line names the columns.
fn rows(
    file: &Path,
    columns: &[&str],
    take: &mut dyn FnMut(&[&str]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let mut lines = text.lines();
    let header: Vec<&str> =
        lines.next().unwrap_or_default().trim_start_matches('\u{feff}').split('\t').collect();
    if header != columns {
        bail!("`{}`: its first line does not name the columns {}", file.display(), columns.join(", "));
    }
    for (number, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let place = || format!("`{}`, line {}", file.display(), number + 2);
        if fields.len() != columns.len() {
            bail!("{}: {} columns, expected {}", place(), fields.len(), columns.len());
        }
        take(&fields).with_context(place)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A release of these concepts and "child parent" pairs.
    fn release(concepts: &[u64], pairs: &[(u64, u64)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let terminology = folder.path().join("Snapshot/Terminology");
        fs::create_dir_all(&terminology).unwrap();
        let mut text = CONCEPT_COLUMNS.join("\t") + "\r\n";
        concepts.iter().for_each(|id| text.push_str(&format!("{id}\t20260101\t1\t9\t9\r\n")));
        text.push_str("77\t20250101\t0\t9\t9\r\n");
        fs::write(terminology.join("sct2_Concept_Snapshot_INT_20260101.txt"), text).unwrap();
        let mut text = RELATIONSHIP_COLUMNS.join("\t") + "\r\n";
        for (child, parent) in pairs {
            text.push_str(&format!("5\t20260101\t1\t9\t{child}\t{parent}\t0\t{IS_A}\t9\t9\r\n"));
        }
        text.push_str(&format!("5\t20260101\t0\t9\t4\t1\t0\t{IS_A}\t9\t9\r\n"));
        text.push_str("5\t20260101\t1\t9\t4\t1\t0\t363698007\t9\t9\r\n");
        fs::write(terminology.join("sct2_Relationship_Snapshot_INT_20260101.txt"), text).unwrap();
        folder
    }

    #[test]
    fn the_closure_follows_active_is_a_relationships() {
        let folder = release(&[1, 2, 3, 4, 5], &[(2, 1), (3, 2), (3, 1), (77, 1), (5, 4)]);
        let mut release = Release::read(folder.path()).unwrap();
        assert_eq!(release.date(), "2026-01-01");
        assert_eq!(release.with_descendants(1).unwrap(), BTreeSet::from([1, 2, 3]));
        assert_eq!(release.with_descendants(4).unwrap(), BTreeSet::from([4, 5]));
        assert!(release.with_descendants(77).unwrap_err().to_string().contains("no active concept"));
    }

    #[test]
    fn a_circle_a_missing_file_and_a_damaged_line_are_told() {
        let folder = release(&[1, 2, 3], &[(2, 1), (3, 2), (2, 3)]);
        let error = Release::read(folder.path()).unwrap().with_descendants(1).unwrap_err();
        assert!(error.to_string().contains("circle"), "{error}");
        let empty = tempfile::tempdir().unwrap();
        assert!(Release::read(empty.path()).unwrap_err().to_string().contains("sct2_Concept_Snapshot"));
        let file = folder.path().join("Snapshot/Terminology/sct2_Concept_Snapshot_INT_20260101.txt");
        for (text, expected) in [("a\tb\n", "columns"), ("", "columns")] {
            fs::write(&file, text).unwrap();
            let error = format!("{:#}", Release::read(folder.path()).unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
        let header = CONCEPT_COLUMNS.join("\t");
        for (line, expected) in
            [("1\t20260101\t1", "line 2: 3 columns"), ("x\t20260101\t1\t9\t9", "`x` is no")]
        {
            fs::write(&file, format!("{header}\n{line}\n")).unwrap();
            let error = format!("{:#}", Release::read(folder.path()).unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
    }
}
