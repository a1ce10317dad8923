//! The documents of an export, read in batches on all cores.

use super::record::{Belongs, sort};
use super::tree::Kind;
use crate::chart::input::{ChartInput, Input, read};
use flate2::read::MultiGzDecoder;
use rayon::prelude::*;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Documents are read in batches of so many bytes.
const BATCH: usize = 4 << 20;
/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What a document holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) resources: Vec<Belongs>,
    /// Urls of what it deletes.
    pub(super) deleted: Vec<String>,
    /// What of it could not be read.
    pub(super) unread: Vec<String>,
}

/// Bytes of files that were taken in, as they lie on disk.
pub(super) type Taken = Arc<AtomicU64>;

/// Opens a file, compressed with gzip or not.
///
/// # Errors
///
/// When it cannot be opened or begun.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    unpack(File::open(path)?)
}

/// The same, and counts what is taken in of it.
pub(super) fn open_counted(path: &Path, taken: &Taken) -> io::Result<Box<dyn BufRead>> {
    unpack(Counted { inner: File::open(path)?, taken: Arc::clone(taken) })
}

/// Standard input, compressed or not.
pub(super) fn standard_input(taken: &Taken) -> io::Result<Box<dyn BufRead>> {
    unpack(Counted { inner: io::stdin(), taken: Arc::clone(taken) })
}

fn unpack(plain: impl Read + 'static) -> io::Result<Box<dyn BufRead>> {
    let mut plain = BufReader::with_capacity(1 << 20, plain);
    if plain.fill_buf()?.starts_with(&GZIP) {
        return Ok(Box::new(BufReader::with_capacity(1 << 20, MultiGzDecoder::new(plain))));
    }
    Ok(Box::new(plain))
}

/// Reads all documents and hands over what they hold, in their order. No document may be longer than `longest` bytes.
pub(super) fn documents(
    mut from: Box<dyn BufRead>,
    kind: Kind,
    longest: usize,
    take: &mut impl FnMut(Contents) -> io::Result<()>,
) -> io::Result<()> {
    let mut line = 0;
    loop {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let mut ended = None;
        while bytes < BATCH {
            line += 1;
            let mut text = Vec::new();
            match next(&mut from, kind, longest, &mut text) {
                Ok(0) => ended = Some(Ok(())),
                Ok(_) if text.trim_ascii().is_empty() => continue,
                Ok(length) if length > longest => {
                    batch.push((line, Err(format!("longer than {longest} bytes; give it more --memory"))));
                    continue;
                }
                Ok(length) => {
                    bytes += length;
                    batch.push((line, Ok(text)));
                    continue;
                }
                // What follows is as unreadable.
                Err(error) => ended = Some(Err(error)),
            }
            break;
        }
        let read: Vec<Contents> =
            batch.into_par_iter().map(|(line, text)| document(line, kind, text)).collect();
        read.into_iter().try_for_each(&mut *take)?;
        match ended {
            Some(Err(error)) => {
                let unread = vec![format!("cannot be read on from line {line}: {error}")];
                return take(Contents { unread, ..Contents::default() });
            }
            Some(Ok(())) => return Ok(()),
            None => {}
        }
    }
}

/// Takes the next document in, up to a byte more than is allowed; gives its length, of which nothing is kept beyond that.
fn next(from: &mut dyn BufRead, kind: Kind, longest: usize, text: &mut Vec<u8>) -> io::Result<usize> {
    let most = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
    let mut bounded = from.take(most);
    let length = match kind {
        Kind::Lines => bounded.read_until(b'\n', text)?,
        Kind::Whole => bounded.read_to_end(text)?,
    };
    if length > longest && text.last() != Some(&b'\n') {
        text.clear();
        text.push(b'?');
        match kind {
            Kind::Lines => from.skip_until(b'\n')?,
            Kind::Whole => usize::try_from(io::copy(from, &mut io::sink())?).unwrap_or(usize::MAX),
        };
    }
    Ok(length)
}

fn document(line: usize, kind: Kind, text: Result<Vec<u8>, String>) -> Contents {
    let place = match kind {
        Kind::Lines => format!("line {line}"),
        Kind::Whole => "all of it".to_owned(),
    };
    let text = match text {
        Ok(text) => text,
        Err(why) => return Contents { unread: vec![format!("{place}: {why}")], ..Contents::default() },
    };
    let (mut loose, mut found) = (ChartInput::default(), Input::default());
    read(&text, &place, false, &mut loose, &mut found);
    let calls =
        found.calls.iter().map(|call| format!("{}: a hook request is no part of an export", call.source));
    let mut unread: Vec<String> = calls.collect();
    unread.extend(found.errors);
    let mut resources = sort(&loose.resources);
    resources.extend(found.charts.iter().flat_map(|chart| sort(&chart.resources)));
    Contents { resources, deleted: found.deleted, unread }
}

/// Counts what is read of a file.
struct Counted<R> {
    inner: R,
    taken: Taken,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(to)?;
        self.taken.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}
