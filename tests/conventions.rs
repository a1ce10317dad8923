//! The project's own rules, as tests: layers, headings, line counts, services and hooks in step.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "helpers of a test: a surprise is a failure")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folder of the root crate and what it may import (`src/ARCHITECTURE.md`). The inner crates need no row: what their
/// `Cargo.toml` does not name they cannot import.
const LAYERS: &[(&str, &[&str])] = &[
    ("ehr", &["cds_hooks", "clock", "config", "outbound", "json"]),
    ("services", &["domain", "guideline", "fhir", "cds_hooks", "ehr", "json"]),
    ("cases", &["domain", "guideline", "fhir", "cds_hooks", "services", "outbound::install_crypto"]),
    ("config", &["domain", "fhir::ValueSets", "jwks", "tls"]),
    ("auth", &["config", "jwks", "outbound"]),
    ("store", &["config", "services", "cds_hooks::feedback", "guideline", "clock"]),
    ("insights", &["store", "services::card_id", "cds_hooks::Fault", "guideline::page"]),
    (
        "web",
        &[
            "services",
            "cds_hooks",
            "clock",
            "config",
            "auth",
            "ehr",
            "outbound",
            "store",
            "insights",
            "tls",
            "fhir::NoteKind",
            "guideline::page",
            "chart",
        ],
    ),
    (
        "chart",
        &[
            "domain",
            "guideline::Fact",
            "guideline::Panel",
            "guideline::page",
            "fhir",
            "json",
            "services",
            "cases::case",
            "cases::shift",
        ],
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn layers_import_only_downward() {
    let mut breaches = Vec::new();
    for (folder, allowed) in LAYERS {
        for file in files_below(&root().join("src").join(folder), ".rs") {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.lines().take_while(|l| *l != "#[cfg(test)]");
            for line in code.filter(|l| !l.trim_start().starts_with("//")) {
                for (at, _) in line.match_indices("crate::") {
                    let rest = &line[at + "crate::".len()..];
                    let imported: String =
                        rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
                    let fine = imported.split("::").next() == Some(folder)
                        || allowed.iter().any(|a| imported == *a || imported.starts_with(&format!("{a}::")));
                    if !fine {
                        breaches.push(format!("{}: {}", file.display(), line.trim()));
                    }
                }
            }
        }
    }
    assert!(breaches.is_empty(), "imports against the layers:\n{}", breaches.join("\n"));
}

#[test]
fn every_module_opens_with_what_it_is_for() {
    for file in files_below(&root().join("src"), ".rs") {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!") || text.starts_with("#!["), "{} has no heading", file.display());
    }
}

#[test]
fn no_source_file_is_longer_than_a_reader_wants() {
    let long: Vec<_> = files_below(&root().join("src"), ".rs")
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (text.lines().take_while(|line| *line != "#[cfg(test)]").count(), file)
        })
        .filter(|(lines, _)| *lines > 400)
        .collect();
    assert!(long.is_empty(), "over 400 lines: {long:?}");
}

#[test]
fn scripts_and_styles_of_the_page_are_short_and_load_nothing_from_elsewhere() {
    let folder = root().join("src/chart/assets");
    let own = [".js", ".css"].iter().flat_map(|ending| files_below(&folder, ending));
    let own: Vec<_> = own.filter(|file| !file.starts_with(folder.join("vendor"))).collect();
    assert!(own.len() > 15, "only {} files looked at", own.len());
    for file in own {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("// ") || text.starts_with("/* "), "{} has no heading", file.display());
        assert!(text.lines().count() <= 250, "{} is too long", file.display());
        let path = file.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        assert!(spinal_mets_cds::chart::assets::find(&path).is_some(), "{path} is not served");
        for foreign in ["import(", "@import", "url(http", "eval(", "new Function", "document.write"] {
            assert!(!text.contains(foreign), "{path}: {foreign}");
        }
        let fetched = text.lines().filter(|line| line.contains(" from \"") || line.contains("fetch(\""));
        for line in fetched {
            assert!(
                line.contains("\"./") || line.contains("(\"/") || line.contains("(\"`"),
                "{path}: {line}"
            );
        }
    }
}

#[test]
fn only_the_web_layer_names_status_codes_in_one_file() {
    for file in files_below(&root().join("src"), ".rs") {
        let text = fs::read_to_string(&file).unwrap();
        if text.contains("StatusCode::") {
            let allowed = ["web/error.rs", "cases/ask.rs", "cases/run.rs"];
            let path = file.to_string_lossy().replace('\\', "/");
            assert!(allowed.iter().any(|a| path.ends_with(a)), "{path} names a status code");
        }
    }
}

#[test]
fn hooks_and_discovery_are_the_same_list() {
    let folders: BTreeSet<String> = fs::read_dir(root().join("hooks"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| root().join("hooks").join(name).join("service.json").exists())
        .collect();
    let sets = spinal_mets_cds::fhir::codes::ValueSets::built_in().unwrap();
    let services =
        spinal_mets_cds::services::Services::new(sets, spinal_mets_cds::domain::Site::default()).unwrap();
    let discovery: serde_json::Value = serde_json::from_slice(services.discovery()).unwrap();
    let listed: BTreeSet<String> = discovery["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|service| service["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(folders, listed);
}

#[test]
fn the_repository_carries_no_machine_paths() {
    let mut checked = 0;
    for folder in ["src", "tests", "hooks", "fhir-fixtures", "benches"] {
        for ending in [".rs", ".md", ".toml", ".json"] {
            for file in files_below(&root().join(folder), ending) {
                let text = fs::read_to_string(&file).unwrap_or_default();
                for needle in [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")] {
                    assert!(!text.contains(needle), "{} names {needle}", file.display());
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "only {checked} files looked at");
}
