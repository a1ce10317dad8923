//! The files and folders that a tester names, one document after the other.
//!
//! A document is a file, or a line of NDJSON: what has been handed over is not held. Resources that lie about one by one
//! belong together by folder; those named one by one on the command line belong together too. A file that cannot be read
//! is an error by itself and stops nothing. What is compressed with gzip is read as if it were not. What a document means is told by [`crate::chart::input`].

use crate::export::open;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

/// What is met on the way, in this order: documents, and the end of those whose single resources belong together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A JSON text, with the file (and the line) that it stands in.
    Document { source: String, bytes: Vec<u8> },
    /// The single resources so far make one chart, of this name.
    Together(String),
    /// What could not be read, and why.
    Error(String),
}

/// Walks files, then folders; goes on as long as `take` gives no error.
pub(crate) fn walk<E>(paths: &[PathBuf], take: &mut impl FnMut(Step) -> Result<(), E>) -> Result<(), E> {
    let (folders, files): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.is_dir());
    for path in &files {
        read_file(path, take)?;
    }
    let named = match files.as_slice() {
        [single] if folders.is_empty() => single.display().to_string(),
        _ => "command line".to_owned(),
    };
    take(Step::Together(named))?;
    folders.into_iter().try_for_each(|folder| read_folder(folder, take))
}

fn read_folder<E>(folder: &Path, take: &mut impl FnMut(Step) -> Result<(), E>) -> Result<(), E> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return take(Step::Error(format!("{}: {error}", folder.display()))),
    };
    let mut entries: Vec<_> = entries
        .filter_map(Result::ok)
        .filter_map(|e| e.file_type().ok().map(|kind| (e.path(), kind.is_dir())))
        .collect();
    entries.sort();
    for (path, _) in entries.iter().filter(|(path, is_folder)| !is_folder && has_json(path)) {
        read_file(path, take)?;
    }
    take(Step::Together(folder.display().to_string()))?;
    entries.iter().filter(|(_, is_folder)| *is_folder).try_for_each(|(path, _)| read_folder(path, take))
}

/// In a folder only these files are looked at; a file that is named on the command line may be called anything.
fn has_json(path: &Path) -> bool {
    is_lines(path) || ends_with(path, "json")
}

fn is_lines(path: &Path) -> bool {
    ends_with(path, "ndjson") || ends_with(path, "jsonl")
}

/// By its name, compressed or not.
fn ends_with(path: &Path, ending: &str) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.strip_suffix(".gz").unwrap_or(&name).ends_with(&format!(".{ending}"))
}

fn read_file<E>(path: &Path, take: &mut impl FnMut(Step) -> Result<(), E>) -> Result<(), E> {
    let source = path.display().to_string();
    let failed = |error: io::Error| Step::Error(format!("{source}: {error}"));
    let mut text = match open(path) {
        Ok(text) => text,
        Err(error) => return take(failed(error)),
    };
    if !is_lines(path) {
        let mut bytes = Vec::new();
        return take(match text.read_to_end(&mut bytes) {
            Ok(_) => Step::Document { source, bytes },
            Err(error) => failed(error),
        });
    }
    for (number, line) in text.split(b'\n').enumerate() {
        match line {
            Ok(bytes) if is_blank(&bytes) => {}
            Ok(bytes) => take(Step::Document { source: format!("{source}:{}", number + 1), bytes })?,
            // What follows an unreadable line is as unreadable.
            Err(error) => return take(failed(error)),
        }
    }
    Ok(())
}

/// Whether a line holds nothing, a mark of the byte order aside.
fn is_blank(line: &[u8]) -> bool {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The steps in short, with paths below the folder.
    fn steps(root: &Path, names: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = names.iter().map(|name| root.join(name)).collect();
        let mut steps = Vec::new();
        walk(&paths, &mut |step| {
            steps.push(match step {
                Step::Document { source, bytes } => format!("{source} {}", String::from_utf8_lossy(&bytes)),
                Step::Together(source) => format!("together {source}"),
                Step::Error(error) => format!("error {error}"),
            });
            Ok::<(), ()>(())
        })
        .unwrap();
        let root = format!("{}/", root.display());
        steps.iter().map(|step| step.replace(&root, "")).collect()
    }

    #[test]
    fn files_come_before_folders_and_each_folder_ends_before_those_inside_it() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "in/b.json", "B");
        write(root.path(), "in/a.ndjson", "\u{feff}\n1\n\r\n2\r\n");
        write(root.path(), "in/deep/c.json", "C");
        write(root.path(), "in/README.md", "not looked at");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"3").unwrap();
        std::fs::write(root.path().join("in/z.ndjson.gz"), packed.finish().unwrap()).unwrap();
        write(root.path(), "named.txt", "N");
        assert_eq!(
            steps(root.path(), &["in", "named.txt"]),
            [
                "named.txt N",
                "together command line",
                "in/a.ndjson:2 1",
                "in/a.ndjson:4 2\r",
                "in/b.json B",
                "in/z.ndjson.gz:1 3",
                "together in",
                "in/deep/c.json C",
                "together in/deep"
            ]
        );
        assert_eq!(steps(root.path(), &["named.txt"]), ["named.txt N", "together named.txt"]);
    }

    #[test]
    fn what_is_not_there_is_an_error_and_the_rest_is_read() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "a.json", "A");
        let steps = steps(root.path(), &["none.ndjson", "a.json"]);
        assert!(steps[0].starts_with("error none.ndjson: "), "{steps:?}");
        assert_eq!(steps[1..], ["a.json A", "together command line"]);
    }

    #[test]
    fn a_reader_that_has_enough_is_given_nothing_more() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "a.ndjson", "1\n2\n3");
        let mut taken = 0;
        let ended = walk(&[root.path().to_path_buf()], &mut |_| {
            taken += 1;
            if taken == 3 { Err("enough") } else { Ok(()) }
        });
        assert_eq!((ended, taken), (Err("enough"), 3));
    }
}
