//! `hooks/CONFORMANCE.md`: every row of the requirement list that binds a service, with the test that shows it or the reason
//! why it does not apply.
//!
//! The rows stand in `rows.toml`. A row without either, a test that does not exist, and a number that is left out of a
//! series fail. `UPDATE_CONFORMANCE=1 cargo test --test conformance` writes the page anew.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    section: Vec<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    title: String,
    /// First part of the ids, `SEC` of `SEC-3`.
    series: String,
    /// Numbers run from 1 to this.
    last: usize,
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    says: String,
    /// `file::test`, the file seen from the top of the repository.
    #[serde(default)]
    shown: Vec<String>,
    /// Why no test shows it: it binds the client, or nothing of it is offered.
    #[serde(default)]
    because: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn list() -> List {
    let text = fs::read_to_string(root().join("tests/conformance/rows.toml")).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("rows.toml: {error}"))
}

/// The ids of all rows.
pub(crate) fn ids() -> std::collections::BTreeSet<String> {
    list().section.into_iter().flat_map(|it| it.row).map(|it| it.id).collect()
}

/// Whether `file` holds a test of this name: a function right below a test attribute.
fn is_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(at, line)| {
        let declares =
            [format!("fn {name}("), format!("async fn {name}(")].iter().any(|it| line.starts_with(it));
        let attributes = lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
        declares && attributes.copied().any(|it| it.contains("test]") || it.contains("test("))
    })
}

#[test]
fn every_row_is_shown_by_a_test_that_exists_or_does_not_apply() {
    let mut wrong = Vec::new();
    let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
    for section in list().section {
        let expected: Vec<String> = (1..=section.last).map(|n| format!("{}-{n}", section.series)).collect();
        let ids: Vec<&String> = section.row.iter().map(|row| &row.id).collect();
        if ids != expected.iter().collect::<Vec<_>>() {
            wrong.push(format!("{}: rows {ids:?} instead of {} to {}", section.title, 1, section.last));
        }
        for row in section.row {
            if row.says.is_empty() || row.shown.is_empty() == row.because.is_empty() {
                wrong.push(format!("{}: needs either `shown` or `because`", row.id));
            }
            for shown in row.shown {
                let Some((file, name)) = shown.split_once("::") else {
                    wrong.push(format!("{}: `{shown}` is not file::test", row.id));
                    continue;
                };
                let path = root().join(file);
                let text = files
                    .entry(path.clone())
                    .or_insert_with(|| fs::read_to_string(&path).unwrap_or_default());
                if !is_test(text, name) {
                    wrong.push(format!("{}: there is no test {shown}", row.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_name_that_is_no_test_is_found_out() {
    let text =
        "#[test]\nfn shown() {}\n\nfn helper() {}\n\n#[actix_web::test]\n#[ignore]\nasync fn waits() {}\n";
    assert!(is_test(text, "shown") && is_test(text, "waits"));
    assert!(!is_test(text, "helper") && !is_test(text, "show"));
}

fn page(list: &List) -> String {
    let mut page = String::from(
        "# Conformance\n\nEvery requirement of CDS Hooks 2.0.1 that binds a service, and every decision of ours where the \
         specification is silent, with the tests that show it. Written by `UPDATE_CONFORMANCE=1 cargo test --test \
         conformance` from `tests/conformance/rows.toml`; do not edit it.\n",
    );
    let rows = list.section.iter().flat_map(|section| &section.row);
    let shown = rows.clone().filter(|row| !row.shown.is_empty()).count();
    writeln!(page, "\n{shown} rows are shown by tests, {} do not apply.", rows.count() - shown).unwrap();
    for section in &list.section {
        writeln!(page, "\n## {}\n\n| row | says | shown by |\n|---|---|---|", section.title).unwrap();
        for row in &section.row {
            let tests: Vec<String> = row.shown.iter().map(|test| format!("`{test}`")).collect();
            let by = if tests.is_empty() {
                format!("does not apply: {}", row.because)
            } else {
                tests.join("<br>")
            };
            writeln!(page, "| {} | {} | {by} |", row.id, row.says).unwrap();
        }
    }
    page
}

#[test]
fn the_page_is_the_list() {
    let file = root().join("hooks/CONFORMANCE.md");
    let made = page(&list());
    #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
    if std::env::var_os("UPDATE_CONFORMANCE").is_some() {
        fs::write(&file, &made).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap_or_default() == made, "hooks/CONFORMANCE.md is stale");
}
