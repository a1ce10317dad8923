//! Writes the corpora and the dictionary that the fuzzers start from: `seeds FOLDER`.

// The crate under test is instrumented here as well, and what it then calls is in libFuzzer.
use libfuzzer_sys as _;
use spinal_mets_cds_fuzz::clients;
use spinal_mets_cds_fuzz::fixtures::{Seed, charts, requests};
use spinal_mets_cds_fuzz::vocabulary::VOCABULARY;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("a folder to write to"));
    let (requests, charts) = (requests(), charts());
    assert!(requests.len() > 500 && charts.len() > 500, "only {} and {}", requests.len(), charts.len());
    write(&folder.join("request"), requests)?;
    write(&folder.join("mapping"), charts)?;
    write(&folder.join("token"), clients::seeds())?;
    let mut dictionary = String::new();
    for word in VOCABULARY.words() {
        let mut escaped = String::new();
        for byte in word.bytes() {
            let plain = byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
            let _ = if plain {
                write!(escaped, "{}", char::from(byte))
            } else {
                write!(escaped, "\\x{byte:02X}")
            };
        }
        // Longer words are refused.
        if word.len() <= 64 {
            let _ = writeln!(dictionary, "\"{escaped}\"");
        }
    }
    fs::write(folder.join("dictionary"), dictionary)
}

fn write(folder: &Path, seeds: Vec<Seed>) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    seeds.iter().try_for_each(|seed| fs::write(folder.join(&seed.name), &seed.bytes))
}
