//! `docs/operate.md` has every alarm, every line of the log, and figures that were measured.

use super::read;
use std::collections::BTreeSet;
use std::path::Path;

const PAGE: &str = "docs/operate.md";

fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}

/// The cells of each row of the tables of a text.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| line.starts_with("| "));
    lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn each_alarm_stands_on_the_page_and_is_played() {
    let (page, rules) = (read(PAGE), read("packaging/prometheus/rules.yaml"));
    let played = read("packaging/prometheus/rules_test.yaml");
    let after = |text: &str, mark: &str| -> Vec<String> {
        let found = text.lines().filter_map(|line| line.trim().strip_prefix(mark).map(str::to_owned));
        found.collect()
    };
    let alarms = after(&rules, "- alert: ");
    assert!(alarms.len() > 10);
    assert_eq!(after(section(&page, "Alarms"), "### "), alarms);
    for alarm in &alarms {
        let times = played.matches(&format!("alertname: {alarm}\n")).count();
        assert!(times >= 2, "{alarm} is silent and raised in rules_test.yaml");
        let anchor = format!("runbook: {PAGE}#{}", alarm.to_lowercase());
        assert!(rules.contains(&anchor), "{anchor}");
    }
    // What the page refers to is an alarm.
    let named = page.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with("SpinalMetsCds"));
    let unknown: Vec<&str> = named.filter(|word| !alarms.iter().any(|it| it == word)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// A text without the breaks of its lines.
fn joined(text: &str) -> String {
    let mut pieces = text.split("\\\n");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |all, piece| all + piece.trim_start())
}

/// Messages of the log and their levels, as the calls of `tracing` in a program text write them.
fn messages(program: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for rest in program.split("tracing::").skip(1) {
        let Some((level, rest)) = rest.split_once("!(") else { continue };
        if !["trace", "debug", "info", "warn", "error"].contains(&level) {
            continue;
        }
        let (mut depth, mut in_text, mut before) = (1, false, ' ');
        let (mut text, mut last) = (String::new(), String::new());
        for c in rest.chars() {
            match c {
                '"' if before != '\\' => {
                    if in_text {
                        last = joined(&std::mem::take(&mut text));
                    }
                    in_text = !in_text;
                }
                c if in_text => text.push(c),
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            before = c;
        }
        found.push((last, level.to_owned()));
    }
    found
}

fn program_files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            program_files(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn each_line_of_the_log_stands_on_the_page() {
    let mut files = Vec::new();
    program_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let written: BTreeSet<(String, String)> = files.iter().flat_map(|text| messages(text)).collect();
    assert!(written.len() > 20, "{written:?}");
    let page = read(PAGE);
    let told: Vec<(String, String)> = rows(section(&page, "Log lines"))
        .iter()
        .filter(|row| row[0].starts_with('`'))
        .map(|row| (row[0].trim_matches('`').trim().to_owned(), row[1].to_owned()))
        .collect();
    let known: BTreeSet<(String, String)> = told.iter().cloned().collect();
    assert_eq!(known.len(), told.len(), "a line stands there twice");
    assert_eq!(known, written);
}

#[test]
fn a_message_is_found_behind_its_fields() {
    let program = "tracing::warn!(\n    client = f(\"a (b\"),\n    \"no \\\"key\\\" (of it)\"\n);\ntracing::info!(%why, \"fine\");";
    let pair = |text: &str, level: &str| (text.to_owned(), level.to_owned());
    assert_eq!(messages(program), [pair("no \\\"key\\\" (of it)", "warn"), pair("fine", "info")]);
}

/// The middle one of `low / median / high`.
fn median(cell: &str) -> &str {
    cell.split(" / ").nth(1).unwrap()
}

#[test]
fn the_capacity_is_what_was_measured() {
    let (page, benches) = (read(PAGE), read("benches/README.md"));
    let measured: Vec<Vec<&str>> = benches
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .filter(|row: &Vec<&str>| row.len() == 10 && row[0] != "server")
        .collect();
    let told: Vec<Vec<&str>> = rows(section(&page, "Capacity"))
        .into_iter()
        .filter(|row| row.len() == 5 && row[0] != "calls")
        .collect();
    assert!(told.len() >= 5 && measured.len() > 20);
    for row in told {
        let of = measured.iter().find(|it| it[..3].join(" ") == row[1]).unwrap_or_else(|| panic!("{row:?}"));
        assert_eq!([median(of[3]), median(of[6]), of[9]], row[2..], "{row:?}");
    }
}
