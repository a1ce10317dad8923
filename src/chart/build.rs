//! Build script: packs the fixture cases into one compressed file that goes into the binary.
//!
//! So the demo page works from any folder. The layout is the least that [`fixtures`](super::fixtures) can read back:
//! `decision/name`, `case.toml` and `bundle.json` of each case in order, each ended by a NUL, all deflated. Deliberately
//! absent: hostile cases (they have no chart), and any look into the files.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by the environment where to read and write"
)]
fn main() -> Result<(), Box<dyn Error>> {
    // Asked when it runs: a checkout may have moved since this script was compiled.
    let cases = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("fhir-fixtures");
    println!("cargo::rerun-if-changed=fhir-fixtures");
    println!("cargo::rerun-if-changed=src/chart/build.rs");

    let mut folders: Vec<PathBuf> = Vec::new();
    for decision in entries(&cases)?.into_iter().filter(|path| path.is_dir()) {
        folders.extend(entries(&decision)?.into_iter().filter(|case| case.join("bundle.json").is_file()));
    }
    folders.sort();
    let mut text: Vec<u8> = Vec::new();
    for folder in folders {
        let parts = folder.strip_prefix(&cases)?.iter().map(|part| part.to_string_lossy());
        let name = parts.collect::<Vec<_>>().join("/");
        for part in [name.into_bytes(), fs::read(folder.join("case.toml"))?, packed(&folder)?] {
            if part.contains(&0) {
                return Err(format!("{}: a NUL in a fixture", folder.display()).into());
            }
            text.extend(part);
            text.push(0);
        }
    }
    let out = std::env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("fixtures.bin"), miniz_oxide::deflate::compress_to_vec(&text, 6))?;
    Ok(())
}

/// What is in a folder.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

/// The Bundle without the spaces of its indentation, which are half of it.
fn packed(folder: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let text = fs::read_to_string(folder.join("bundle.json"))?;
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    Ok(lines.join("\n").into_bytes())
}
