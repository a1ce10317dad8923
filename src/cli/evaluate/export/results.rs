//! What was found, in files by part until all of it is there, and then in its order.

use super::Counts;
use crate::export::write_whole;
use anyhow::Context;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Where a piece stands among all; compared as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(pub(super) String);

impl Key {
    /// Patients stand in the order of their ids.
    pub(super) fn of_patient(id: &str) -> Self {
        Self(id.to_owned())
    }
}

/// Pieces of text in their order. The texts stay in their files; the keys are held.
#[derive(Debug)]
pub(super) struct Results {
    files: Vec<PathBuf>,
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    key: Key,
    file: usize,
    start: u64,
    length: usize,
}

impl Results {
    /// Writes what was found in a part; the file is there whole or not at all.
    pub(super) fn write(file: &Path, rows: &[(Key, String)], counts: &Counts) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        frame(&serde_json::to_string(counts)?, &mut bytes);
        for (Key(key), text) in rows {
            frame(key, &mut bytes);
            frame(text, &mut bytes);
        }
        write_whole(file, &bytes).with_context(|| file.display().to_string())
    }

    /// Takes up all files that were written.
    pub(super) fn open(files: impl Iterator<Item = PathBuf>) -> anyhow::Result<(Self, Counts)> {
        let (mut results, mut all) = (Self { files: Vec::new(), places: Vec::new() }, Counts::default());
        for path in files {
            let named = || path.display().to_string();
            let counts = results.index(&path).with_context(named)?;
            all.patients += counts.patients;
            all.with_cards += counts.with_cards;
            all.deleted += counts.deleted;
            results.files.push(path);
        }
        results.places.sort_by(|a, b| a.key.cmp(&b.key));
        Ok((results, all))
    }

    fn index(&mut self, path: &Path) -> anyhow::Result<Counts> {
        let mut file = BufReader::new(File::open(path)?);
        let end = file.get_ref().metadata()?.len();
        let counts = serde_json::from_str(&text(&mut file)?)?;
        let mut at = file.stream_position()?;
        while at < end {
            let key = Key(text(&mut file)?);
            let length = length(&mut file)?;
            let start = file.stream_position()?;
            file.seek_relative(i64::try_from(length)?)?;
            at = start + length as u64;
            self.places.push(Place { key, file: self.files.len(), start, length });
        }
        Ok(counts)
    }

    /// Hands each piece over in its order.
    pub(super) fn each(&self, mut take: impl FnMut(&Key, &str) -> io::Result<()>) -> io::Result<()> {
        let mut open: Vec<File> = self.files.iter().map(File::open).collect::<io::Result<_>>()?;
        let mut bytes = Vec::new();
        for place in &self.places {
            let Some(file) = open.get_mut(place.file) else { continue };
            file.seek(SeekFrom::Start(place.start))?;
            bytes.resize(place.length, 0);
            file.read_exact(&mut bytes)?;
            take(&place.key, str::from_utf8(&bytes).map_err(io::Error::other)?)?;
        }
        Ok(())
    }
}

/// A text with its length before it.
fn frame(text: &str, to: &mut Vec<u8>) {
    to.extend_from_slice(&(text.len() as u64).to_le_bytes());
    to.extend_from_slice(text.as_bytes());
}

fn length(from: &mut impl Read) -> io::Result<usize> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    usize::try_from(u64::from_le_bytes(length)).map_err(io::Error::other)
}

fn text(from: &mut impl Read) -> io::Result<String> {
    let mut text = String::new();
    let length = length(from)?;
    if from.take(length as u64).read_to_string(&mut text)? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(text)
}
