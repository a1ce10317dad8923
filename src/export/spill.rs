//! Records by part: in memory up to a limit, in files beyond it.

use super::hash::PARTS;
use super::record::Record;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// Records of one kind, by part.
#[derive(Debug)]
pub(super) struct Spill {
    folder: PathBuf,
    name: String,
    parts: Vec<Held>,
    in_memory: usize,
    limit: usize,
}

/// What is held of a part.
#[derive(Debug, Default)]
struct Held {
    buffer: Vec<u8>,
    /// Bytes in its file.
    spilled: u64,
}

impl Spill {
    /// Nothing yet. Files of this name go to the folder once the limit of bytes is passed.
    pub(super) fn new(folder: &Path, name: String, limit: usize) -> Self {
        let parts = (0..PARTS).map(|_| Held::default()).collect();
        Self { folder: folder.to_owned(), name, parts, in_memory: 0, limit }
    }

    /// Takes up what an earlier run has written.
    pub(super) fn again(folder: &Path, name: String, limit: usize) -> io::Result<Self> {
        let mut spill = Self::new(folder, name, limit);
        for number in 0..PARTS {
            let spilled = match std::fs::metadata(spill.file(number)) {
                Ok(about) => about.len(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
                Err(error) => return Err(error),
            };
            if let Some(part) = spill.parts.get_mut(number) {
                part.spilled = spilled;
            }
        }
        Ok(spill)
    }

    /// Adds a record to a part.
    pub(super) fn add(&mut self, part: usize, record: &Record) -> io::Result<()> {
        if let Some(part) = self.parts.get_mut(part) {
            let before = part.buffer.len();
            write(record, &mut part.buffer);
            self.in_memory += part.buffer.len() - before;
        }
        if self.in_memory > self.limit { self.flush() } else { Ok(()) }
    }

    /// Writes to files what is in memory.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        for number in 0..self.parts.len() {
            let file = self.file(number);
            let Some(part) = self.parts.get_mut(number).filter(|part| !part.buffer.is_empty()) else {
                continue;
            };
            // What an interrupted run has left under this name is not added to.
            let mut file = match part.spilled {
                0 => File::create(file)?,
                _ => OpenOptions::new().append(true).open(file)?,
            };
            file.write_all(&part.buffer)?;
            part.spilled += part.buffer.len() as u64;
            part.buffer.clear();
        }
        self.in_memory = 0;
        Ok(())
    }

    /// Bytes of a part.
    pub(super) fn bytes(&self, part: usize) -> u64 {
        self.parts.get(part).map_or(0, |part| part.spilled + part.buffer.len() as u64)
    }

    /// The records of a part, one after the other.
    pub(super) fn read(&self, part: usize) -> io::Result<Records<'_>> {
        let Some(held) = self.parts.get(part) else { return Ok(Records(Box::new(io::empty()))) };
        let memory = held.buffer.as_slice();
        if held.spilled == 0 {
            return Ok(Records(Box::new(memory)));
        }
        let file = BufReader::with_capacity(1 << 20, File::open(self.file(part))?);
        Ok(Records(Box::new(file.chain(memory))))
    }

    /// Forgets a part.
    pub(super) fn forget(&mut self, part: usize) -> io::Result<()> {
        let file = self.file(part);
        let Some(part) = self.parts.get_mut(part) else { return Ok(()) };
        self.in_memory -= part.buffer.len();
        let spilled = part.spilled > 0;
        *part = Held::default();
        if spilled { std::fs::remove_file(file) } else { Ok(()) }
    }

    fn file(&self, part: usize) -> PathBuf {
        self.folder.join(format!("{}-{part:03}", self.name))
    }
}

/// Records on their way back.
pub(super) struct Records<'a>(Box<dyn Read + 'a>);

impl Iterator for Records<'_> {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut length = [0; 4];
        match self.0.read(&mut length[..1]) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(error)),
        }
        Some(self.0.read_exact(&mut length[1..]).and_then(|()| {
            let first = self.text_of(u32::from_le_bytes(length))?;
            Ok(Record { owner: first, kind: self.text()?, id: self.text()?, raw: self.text()? })
        }))
    }
}

impl Records<'_> {
    fn text(&mut self) -> io::Result<String> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length)?;
        self.text_of(u32::from_le_bytes(length))
    }

    fn text_of(&mut self, length: u32) -> io::Result<String> {
        let mut bytes = vec![0; length as usize];
        self.0.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

/// Each text with its length before it. A JSON document is never longer than 4 GiB.
fn write(record: &Record, to: &mut Vec<u8>) {
    for text in [&record.owner, &record.kind, &record.id, &record.raw] {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        to.extend_from_slice(&length.to_le_bytes());
        to.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: usize) -> Record {
        let text = |what: &str| format!("{what}{number}");
        Record { owner: text("ö"), kind: text("k"), id: String::new(), raw: text("{\n}") }
    }

    #[test]
    fn records_come_back_in_their_order_from_memory_and_from_files() {
        for limit in [0, 100, 1 << 20] {
            let folder = tempfile::tempdir().unwrap();
            let mut spill = Spill::new(folder.path(), "test".to_owned(), limit);
            for number in 0..1_000 {
                spill.add(number % 7, &record(number)).unwrap();
            }
            let read =
                |spill: &Spill, part| spill.read(part).unwrap().map(|it| it.unwrap()).collect::<Vec<_>>();
            for part in 0..7 {
                let expected: Vec<Record> = (0..1_000).filter(|it| it % 7 == part).map(record).collect();
                assert_eq!(read(&spill, part), expected, "{limit}");
            }
            assert!(spill.bytes(0) > 1_000 && spill.bytes(7) == 0 && read(&spill, 7).is_empty());
            spill.flush().unwrap();
            let again = Spill::again(folder.path(), "test".to_owned(), limit).unwrap();
            assert_eq!(read(&again, 3), read(&spill, 3));
            spill.forget(3).unwrap();
            assert!(read(&spill, 3).is_empty() && spill.bytes(3) == 0);
        }
    }

    #[test]
    fn what_an_interrupted_run_has_left_is_not_added_to() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("test-000"), "half a rec").unwrap();
        let mut spill = Spill::new(folder.path(), "test".to_owned(), 0);
        for number in 0..3 {
            spill.add(0, &record(number)).unwrap();
        }
        let read: Vec<Record> = spill.read(0).unwrap().map(|it| it.unwrap()).collect();
        assert_eq!(read, [record(0), record(1), record(2)]);
    }

    #[test]
    fn a_file_that_was_cut_off_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut spill = Spill::new(folder.path(), "test".to_owned(), 0);
        spill.add(0, &record(1)).unwrap();
        let file = folder.path().join("test-000");
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
        assert!(spill.read(0).unwrap().any(|it| it.is_err()));
    }
}
