//! The printed guideline is the one that decides, and the commands that print it.
//!
//! `UPDATE_GUIDELINE=1 cargo test --test guideline_page` writes `src/engine/guideline/GUIDELINE.md`; review the change like code.

#![cfg(test)]

use spinal_mets_cds::guideline::page::page;
use std::path::Path;
use std::process::{Command, Output};

fn guideline(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds")).arg("guideline").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_written_page_is_the_one_that_decides() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/guideline/GUIDELINE.md");
    let markdown = page().to_markdown();
    #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
    if std::env::var_os("UPDATE_GUIDELINE").is_some() {
        std::fs::write(&file, &markdown).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written == markdown, "{} is stale: UPDATE_GUIDELINE=1 writes it", file.display());
}

#[test]
fn every_link_of_the_written_page_has_its_anchor() {
    let markdown = page().to_markdown();
    let links: Vec<&str> = markdown.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 150, "{}", links.len());
    for link in links {
        assert_eq!(markdown.matches(&format!("<a id=\"{link}\"></a>")).count(), 1, "{link}");
    }
}

#[test]
fn the_command_prints_the_page_for_people_and_programs() {
    let printed = guideline(&[]);
    assert!(printed.status.success());
    assert_eq!(text(&printed.stdout), page().to_markdown());
    let json = guideline(&["--format", "json"]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(value["statements"].as_array().unwrap().len(), 68);
    let rows = value["decisions"][1]["rows"].as_array().unwrap();
    assert_eq!(rows[0]["id"], "mri-timing/1");
    assert_eq!(rows[0]["code"], "mri-within-12h");
}

#[test]
fn the_command_prints_the_guideline_as_fhir_definitions() {
    let printed = guideline(&["--format", "fhir"]);
    assert!(printed.status.success());
    let bundle: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(bundle, spinal_mets_cds::services::plan::bundle(&page()).unwrap());
    assert_eq!((&bundle["resourceType"], &bundle["type"]), (&"Bundle".into(), &"collection".into()));
}

#[test]
fn the_command_says_what_the_guideline_is_as_the_page_does() {
    let said = guideline(&["about"]);
    assert!(said.status.success());
    let said = text(&said.stdout).to_owned();
    assert!(page().to_markdown().contains(&said) && page().to_html().contains("<div id=\"about\">"));
    for words in [
        "| Citation | “Treatment for Spinal Metastases",
        "| Use of race | Not used",
        "| `sex`, `creatinine_clearance` |",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_code_is_explained() {
    let explained = guideline(&["explain", "mri-within-24h"]);
    assert!(explained.status.success());
    let said = text(&explained.stdout);
    for words in ["mri-timing/2", "critical", "within 24 hours", "G-10", "deficit_onset", "active cancer"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn an_unknown_code_is_one_line_and_exit_2() {
    for (code, words) in [("mri-within-24", "mri-within-24h"), ("nonsense", "cebrt-palliative")] {
        let refused = guideline(&["explain", code]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(refused.stdout.is_empty());
        let said = text(&refused.stderr);
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(guideline(&["--format", "pdf"]).status.code(), Some(2));
}
