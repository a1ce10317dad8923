//! The project's own rules, as tests: layers, headings, line counts, services and hooks in step.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "helpers of a test: a surprise is a failure")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folder of the root crate and what it may import (`src/ARCHITECTURE.md`). The inner crates need no row: what their
/// `Cargo.toml` does not name they cannot import.
const LAYERS: &[(&str, &[&str])] = &[
    ("ehr", &["cds_hooks", "clock", "config", "correlation", "outbound", "json", "spans"]),
    (
        "services",
        &["domain", "guideline", "fhir", "cds_hooks", "ehr", "json", "config::Client", "config::Profile"],
    ),
    ("smart", &["clock", "config", "correlation", "ehr", "jwks", "outbound", "services::form"]),
    ("check", &["json"]),
    (
        "cases",
        &[
            "domain",
            "guideline",
            "fhir",
            "cds_hooks",
            "services",
            "outbound::install_crypto",
            "clock::Stopwatch",
        ],
    ),
    ("synthesize", &["fhir", "guideline::Code", "cases::bundle", "cases::case"]),
    ("config", &["cds_hooks::SpecVersion", "domain", "fhir::ValueSets", "jwks", "tls"]),
    ("export", &["chart::input", "chart::patients"]),
    ("auth", &["config", "jwks", "outbound", "clock::Moment"]),
    ("store", &["config", "services", "cds_hooks::feedback", "guideline", "clock"]),
    (
        "insights",
        &[
            "store",
            "services::card_id",
            "services::offered",
            "services::Case",
            "cds_hooks::Fault",
            "guideline::Code",
            "guideline::page",
        ],
    ),
    (
        "web",
        &[
            "services",
            "cds_hooks",
            "clock",
            "config",
            "correlation",
            "auth",
            "ehr",
            "outbound",
            "smart",
            "spans",
            "store",
            "insights",
            "tls",
            "fhir::NoteKind",
            "guideline::page",
            "chart",
            "record",
            "version",
        ],
    ),
    ("worklist", &["cases::compare"]),
    ("record", &["cases", "services", "domain::Source", "fhir::ValueSets"]),
    (
        "chart",
        &[
            "domain",
            "guideline::Fact",
            "guideline::Panel",
            "guideline::RowTrace",
            "guideline::ScoredLesion",
            "guideline::TableTrace",
            "guideline::Trace",
            "guideline::page",
            "fhir",
            "json",
            "services",
            "cds_hooks",
            "cases::bundle",
            "cases::case",
            "cases::request",
            "cases::shift",
            "worklist",
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

/// A source file without its tests.
struct Source {
    /// Below `src`, with `/` between.
    path: String,
    program: String,
}

/// What of a file goes into the program: everything but the modules for tests, wherever they stand.
/// `rustfmt` puts the end of such a module at the margin.
fn program(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line != "#[cfg(test)]" {
            kept.push_str(line);
            kept.push('\n');
            continue;
        }
        // Further attributes, then the module: in a file of its own, or up to its brace.
        let item = lines.by_ref().find(|line| !line.starts_with("#[")).unwrap_or_default();
        assert!(item.contains("mod "), "only whole modules are for tests alone, and this is none: {item}");
        if item.ends_with('{') {
            lines.by_ref().find(|line| *line == "}");
        }
    }
    kept
}

/// Names of the modules for tests that have files of their own, and paths where they are given.
fn files_for_tests(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut names = Vec::new();
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| **line == "#[cfg(test)]") {
        // Attributes, then the module: what stands behind it is another item.
        let item = lines.iter().skip(at + 1).take_while(|line| !line.is_empty());
        let end = item.clone().position(|line| !line.starts_with("#[")).map_or(0, |at| at + 1);
        for line in item.take(end) {
            if let Some(path) = line.strip_prefix("#[path = \"") {
                names.push(path.trim_end_matches("\"]").to_owned());
            } else if let Some((_, name)) = line.trim_end_matches(';').split_once("mod ")
                && line.ends_with(';')
            {
                names.push(name.to_owned());
            }
        }
    }
    names
}

/// Every source file of the program and its inner crates, build scripts and files for tests alone left out.
fn sources() -> Vec<Source> {
    let src = root().join("src");
    let texts: Vec<(PathBuf, String)> = files_below(&src, ".rs")
        .into_iter()
        .filter(|file| !file.ends_with("build.rs"))
        .map(|file| (file.clone(), fs::read_to_string(file).unwrap()))
        .collect();
    let mut for_tests = Vec::new();
    for (file, text) in &texts {
        for name in files_for_tests(text) {
            let folder = file.parent().unwrap();
            for of in [folder.to_owned(), file.with_extension("")] {
                for_tests.extend([of.join(&name), of.join(format!("{name}.rs"))]);
            }
        }
    }
    let is_for_tests = |file: &Path| for_tests.iter().any(|it| file.starts_with(it));
    texts
        .iter()
        .filter(|(file, _)| !is_for_tests(file))
        .map(|(file, text)| {
            let path = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            Source { path, program: program(text) }
        })
        .collect()
}

#[test]
fn what_stands_after_a_module_of_tests_is_read_as_well() {
    let text = "//! A.\n#[cfg(test)]\nmod tests {\n    use crate::web;\n}\n\nuse crate::auth;\n\n#[cfg(test)]\n\
                #[path = \"b_tests.rs\"]\nmod tests;\n\n#[cfg(test)]\npub(super) mod c;\n";
    let program = program(text);
    assert!(program.contains("crate::auth") && !program.contains("crate::web"), "{program}");
    assert_eq!(files_for_tests(text), ["b_tests.rs", "tests", "c"]);
    let sources = sources();
    assert!(sources.len() > 150, "only {} files", sources.len());
    let paths: Vec<&str> = sources.iter().map(|source| source.path.as_str()).collect();
    assert!(paths.contains(&"engine/guideline/mod.rs") && paths.contains(&"services/gather.rs"));
    assert!(!paths.contains(&"services/gather_tests.rs"));
    assert!(!paths.iter().any(|path| path.starts_with("engine/guideline/exhaustive/")));
}

/// Paths of the root crate that a text imports.
fn imports(program: &str) -> Vec<String> {
    let code = program.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect())
        .collect()
}

#[test]
fn layers_import_only_downward() {
    let sources = sources();
    let mut breaches = Vec::new();
    for (folder, allowed) in LAYERS {
        let of_layer = |source: &&Source| source.path.starts_with(&format!("{folder}/"));
        for source in sources.iter().filter(of_layer) {
            for imported in imports(&source.program) {
                let fine = imported.split("::").next() == Some(folder)
                    || allowed.iter().any(|a| imported == *a || imported.starts_with(&format!("{a}::")));
                if !fine {
                    breaches.push(format!("{}: crate::{imported}", source.path));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "imports against the layers:\n{}", breaches.join("\n"));
}

/// Inner crates and what each may depend on besides its tests. The engine knows dates; its tables are written as JSON.
const INNER_CRATES: &[(&str, &[&str])] = &[
    ("engine", &["chrono", "chrono-tz", "serde", "serde_json"]),
    ("json", &["serde", "serde_json", "wide"]),
    ("fhir", &["chrono", "chrono-tz", "engine", "foldhash", "json", "serde", "serde_json", "thiserror"]),
    ("cds_hooks", &["chrono", "indexmap", "json", "serde", "serde_json", "thiserror", "url", "uuid"]),
];

#[test]
fn inner_crates_depend_on_what_they_may_know() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let workspace: toml::Table = workspace.parse().unwrap();
    let members: BTreeSet<&str> =
        workspace["workspace"]["members"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let listed: BTreeSet<String> = INNER_CRATES.iter().map(|(name, _)| format!("src/{name}")).collect();
    assert_eq!(members, listed.iter().map(String::as_str).collect());
    for (name, allowed) in INNER_CRATES {
        let text = fs::read_to_string(root().join("src").join(name).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        for dependency in manifest["dependencies"].as_table().unwrap().keys() {
            assert!(allowed.contains(&dependency.as_str()), "src/{name} must not depend on {dependency}");
        }
    }
}

/// What of a card may be text where it is decided: names of the guideline, and what comes from the record.
const TEXT_OF_ADVICE: &[&str] = &[
    "pub const fn word(self) -> &'static str {",
    "pub statements: Vec<&'static str>,",
    "pub row: &'static str,",
    "pub reference: Option<String>,",
    "pub reason_references: Vec<String>,",
    "reference: String,",
    "pub struct RecordText(String);",
    "pub fn raw(&self) -> &str {",
    "study_references: Vec<String>,",
    "impl From<&str> for RecordText {",
    "fn from(text: &str) -> Self {",
];

#[test]
fn the_words_of_a_card_are_made_in_one_place() {
    let mut read = 0;
    for source in sources().iter().filter(|source| source.path.starts_with("engine/guideline/")) {
        let file = source.path.trim_start_matches("engine/guideline/");
        let decides =
            !["english/", "page/", "tables/", "trace/"].iter().any(|folder| file.starts_with(folder));
        let code = source.program.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code.filter(|_| decides) {
            let named = line.contains("english") && line != "pub mod english;";
            assert!(!named, "{}: a decision knows no words: {line}", source.path);
            let is_of_advice = file == "advice.rs" || file.starts_with("say/");
            let types = line.replace(".as_str()", "").replace("struct ", "");
            let text = types.contains("String") || types.contains("str");
            if is_of_advice && text && !line.starts_with("pub const ") {
                assert!(TEXT_OF_ADVICE.contains(&line.trim()), "{}: words in advice: {line}", source.path);
                read += 1;
            }
        }
    }
    assert!(read >= TEXT_OF_ADVICE.len(), "{read}");
}

#[test]
fn one_file_reads_the_clock_one_folder_the_environment_one_file_names_statuses() {
    for Source { path, program } in sources() {
        let clock = ["Utc::now", "Local::now", "SystemTime::now", "Instant::now"];
        assert!(path == "clock.rs" || !clock.iter().any(|it| program.contains(it)), "{path} reads the clock");
        let environment = ["env::var", "env::vars"];
        assert!(
            path.starts_with("config/") || !environment.iter().any(|it| program.contains(it)),
            "{path} reads the environment"
        );
        assert!(path == "web/error.rs" || !program.contains("StatusCode::"), "{path} names a status code");
    }
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
    for Source { path, program } in sources() {
        let lines = program.lines().count();
        assert!(lines <= 400, "src/{path} has {lines} lines without its tests");
    }
}

/// What a visitor sees at the top of the repository.
const TOP: &[&str] = &[
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "benches",
    "docs",
    "fhir-fixtures",
    "fuzz",
    "hooks",
    "packaging",
    "src",
    "tests",
];

#[test]
fn nothing_else_stands_at_the_top() {
    let is_made = |name: &str| name == "target" || name.contains(".db");
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name.starts_with('.') || is_made(&name) || TOP.contains(&&*name), "{name} stands at the top");
    }
    let missing = TOP.iter().filter(|name| !root().join(name).exists());
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
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
    for folder in ["src", "tests", "hooks", "fhir-fixtures", "benches", "docs"] {
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

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

#[test]
fn the_readme_is_short_and_its_two_commands_are_those_of_the_gate() {
    let readme = read("README.md");
    let words = readme.split_whitespace().count();
    assert!(words <= 600, "{words} words");
    let block = readme.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let commands: Vec<&str> = block.lines().map(|line| line.split('#').next().unwrap().trim()).collect();
    assert_eq!(commands.len(), 2, "{block}");
    assert!(commands[0].starts_with("cargo run --release -- serve"), "{block}");
    let (folder, check) = commands[1].split_once('/').unwrap();
    let gate = read(&format!("{folder}/run"));
    assert!(
        gate.lines().any(|line| line.starts_with("exec ") && line.ends_with(&format!("/{check}\""))),
        "{gate}"
    );
}

/// The anchors of a page, as they are made from its headings.
fn anchors(markdown: &str) -> BTreeSet<String> {
    let heading = |line: &str| -> String {
        let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        title.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
    };
    markdown.lines().filter(|line| line.starts_with('#')).map(heading).collect()
}

#[test]
fn links_of_readme_and_docs_lead_somewhere() {
    let mut pages = files_below(&root().join("docs"), ".md");
    pages.push(root().join("README.md"));
    pages.extend(files_below(&root().join("hooks"), "README.md"));
    let mut followed = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let markdown = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let images = text.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for link in markdown.chain(images).filter(|link| !link.starts_with("http")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", page.display());
            if !anchor.is_empty() {
                let there = anchors(&fs::read_to_string(&target).unwrap());
                assert!(there.contains(anchor), "{}: {link} is none of {there:?}", page.display());
            }
            followed += 1;
        }
    }
    assert!(followed > 20, "only {followed} links");
}
