//! All patients of an export: read once, then taken up part by part.

use super::deleted::Deleted;
use super::hash::{PARTS, Shard, hash, part};
use super::part::{Maker, Part};
use super::read::{self, Contents, Taken};
use super::record::Belongs;
use super::shared::Shared;
use super::spill::Spill;
use super::tree::{Kind, Skipped, find};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where an export lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A folder with all that is below it, or one file.
    Path(PathBuf),
    /// Standard input: a document a line, compressed or not.
    StandardInput,
}

/// What was left out, and why.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Files that were not read.
    pub skipped: Vec<Skipped>,
    /// Documents that could not be read, by file: how many, and what is wrong with the first.
    pub unread: BTreeMap<String, (usize, String)>,
    /// Resources that belong to no patient, by type.
    pub nobody: BTreeMap<String, usize>,
    /// Resources that the export says were deleted.
    pub deleted: usize,
}

impl Left {
    /// Whether something was left out that may have been data.
    pub fn is_doubtful(&self) -> bool {
        !self.unread.is_empty() || self.skipped.iter().any(|it| !it.is_known)
    }
}

/// How far reading is: bytes of files taken in, and of how many where that is known.
pub type Progress<'a> = &'a dyn Fn(u64, Option<u64>);

/// The patients of an export.
#[derive(Debug)]
pub struct Population {
    folder: PathBuf,
    patients: Spill,
    deleted: Deleted,
    left: Left,
    memory: usize,
}

/// Of the memory, one part in so many for records that wait to be spilled, and one for those of a part that is taken up;
/// the rest is for what evaluation makes of them.
const SHARE: usize = 8;
/// The name of the file that says that reading is done.
const READ: &str = "read.json";
/// The name of the file with what was deleted.
const DELETED: &str = "deleted";

impl Population {
    /// Reads an export. Records beyond a share of the memory go to files of the folder, which must be empty.
    ///
    /// # Errors
    ///
    /// When the export cannot be looked at, or nothing can be written to the folder.
    pub fn read(
        source: &Source,
        shard: Shard,
        memory: usize,
        folder: &Path,
        progress: Progress<'_>,
    ) -> io::Result<Self> {
        let limit = memory / SHARE;
        let mut reader = Reader {
            patients: Spill::new(folder, "patients".to_owned(), limit),
            shared: Shared::new(folder, limit),
            deleted: Deleted::default(),
            left: Left::default(),
            shard,
        };
        let taken: Taken = Arc::new(AtomicU64::new(0));
        match source {
            Source::StandardInput => {
                let from = read::standard_input(&taken)?;
                read::documents(from, Kind::Lines, limit, &mut |document| {
                    progress(taken.load(Ordering::Relaxed), None);
                    reader.take("standard input", document)
                })?;
            }
            Source::Path(path) => {
                let (files, skipped) = find(path)?;
                reader.left.skipped = skipped;
                let size = |path: &Path| std::fs::metadata(path).map_or(0, |about| about.len());
                let total = files.iter().map(|file| size(&file.path)).sum();
                for file in &files {
                    let named = file.path.strip_prefix(path).unwrap_or(&file.path).display().to_string();
                    let named = if named.is_empty() { path.display().to_string() } else { named };
                    match read::open_counted(&file.path, &taken) {
                        Ok(from) => read::documents(from, file.kind, limit, &mut |document| {
                            progress(taken.load(Ordering::Relaxed), Some(total));
                            reader.take(&named, document)
                        })?,
                        Err(error) => reader.unread(&named, &format!("cannot be opened: {error}")),
                    }
                }
            }
        }
        reader.finish(folder, memory)
    }

    /// Writes down in the folder that reading is done, so that a later run can go on.
    ///
    /// # Errors
    ///
    /// When that cannot be written.
    pub fn keep(&mut self) -> io::Result<()> {
        self.patients.flush()?;
        std::fs::write(self.folder.join(DELETED), self.deleted.to_bytes())?;
        let left = serde_json::to_vec(&self.left)?;
        super::write_whole(&self.folder.join(READ), &left)
    }

    /// Takes up what an earlier run has kept in the folder; `None`: it did not come to the end of reading.
    ///
    /// # Errors
    ///
    /// When the files cannot be read.
    pub fn again(memory: usize, folder: &Path) -> io::Result<Option<Self>> {
        let left = match std::fs::read(folder.join(READ)) {
            Ok(left) => serde_json::from_slice(&left)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let patients = Spill::again(folder, "patients".to_owned(), memory / SHARE)?;
        let deleted = Deleted::from_bytes(&std::fs::read(folder.join(DELETED))?);
        Ok(Some(Self { folder: folder.to_owned(), patients, deleted, left, memory }))
    }

    /// How many parts there are; each has a number below that.
    pub const fn parts(&self) -> usize {
        PARTS
    }

    /// Hands the patients of a part over, in pieces that fit into memory.
    ///
    /// # Errors
    ///
    /// When its file cannot be read, or one from `take`.
    pub fn part(&self, number: usize, take: &mut dyn FnMut(Part) -> io::Result<()>) -> io::Result<()> {
        let maker = Maker { folder: &self.folder, deleted: &self.deleted, most: self.memory / SHARE };
        maker.each(self.patients.read(number)?, self.patients.bytes(number), 0, take)
    }

    /// What was left out.
    pub const fn left(&self) -> &Left {
        &self.left
    }
}

/// An export while it is read.
struct Reader {
    patients: Spill,
    shared: Shared,
    deleted: Deleted,
    left: Left,
    shard: Shard,
}

impl Reader {
    fn take(&mut self, file: &str, document: Contents) -> io::Result<()> {
        document.unread.iter().for_each(|why| self.unread(file, why));
        document.deleted.iter().for_each(|url| self.deleted.add(url));
        for resource in document.resources {
            match resource {
                Belongs::Patient(record, wanted) => {
                    let hash = hash(&record.owner);
                    if !self.shard.takes(hash) {
                        continue;
                    }
                    for name in wanted {
                        self.shared.want(name, &record.owner)?;
                    }
                    self.patients.add(part(hash), &record)?;
                }
                Belongs::Shared(record) => self.shared.add(&record)?,
                Belongs::Nobody(kind) => *self.left.nobody.entry(kind).or_default() += 1,
            }
        }
        Ok(())
    }

    fn unread(&mut self, file: &str, why: &str) {
        let unread = self.left.unread.entry(file.to_owned()).or_insert_with(|| (0, why.to_owned()));
        unread.0 += 1;
    }

    fn finish(mut self, folder: &Path, memory: usize) -> io::Result<Population> {
        self.shared.bring(&mut self.patients)?;
        self.left.deleted = self.deleted.len();
        self.left.skipped.sort();
        let Self { patients, deleted, left, .. } = self;
        Ok(Population { folder: folder.to_owned(), patients, deleted, left, memory })
    }
}
