//! The demo page in a real headless Chromium: the scenarios beside this file, and fixture patients against their
//! `case.toml`.
//!
//! Needs Node, Chromium and the packages of `package.json` in `target/tmp/browser` (`.ci/check` puts them there). Without
//! them the tests are skipped on a developer's machine, with a line on stderr, and fail where `CI` is `true`.
//!
//! A browser takes about half a second a patient, so it opens one of each picture: hook, and for every card its lead code,
//! its indicator and whether it has suggestions (of silent ones, one a decision). `EVERY_PATIENT=1` opens all of them. That
//! every case gives its cards is held elsewhere, in process and over HTTP.

#![cfg(test)]

#[path = "../service/support/running.rs"]
mod running;
mod smart;
mod smart_access;

use running::Running;
use serde_json::Value;
use spinal_mets_cds::cases::case::Expect;
use spinal_mets_cds::chart::fixtures::{self, Fixture};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// One browser at a time: two of them slow each other down.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// What the scenarios need.
struct Tools {
    chromium: PathBuf,
    modules: PathBuf,
}

#[expect(clippy::disallowed_methods, reason = "a test asks where its tools are")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn in_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&variable("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn tools() -> Result<Tools, String> {
    in_path("node").ok_or("node is not installed")?;
    let chromium = variable("CHROMIUM").map(PathBuf::from).or_else(|| in_path("chromium"));
    let chromium = chromium.ok_or("chromium is not installed (or name it in CHROMIUM)")?;
    let modules = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    if !modules.join("node_modules/playwright-core").is_dir() {
        return Err(format!("{} has no node_modules: run .ci/check once", modules.display()));
    }
    Ok(Tools { chromium, modules })
}

/// Plays a scenario; gives what it printed. `None`: skipped.
fn play(scenario: &str) -> Option<String> {
    play_with(scenario, &[])
}

/// What the scenarios need. `None`: skipped, and told.
fn tools_or_skip(scenario: &str) -> Option<Tools> {
    match tools() {
        Ok(tools) => Some(tools),
        Err(why) if variable("CI").as_deref() == Some("true") => panic!("browser tests cannot run: {why}"),
        Err(why) => {
            // Past the capture of the test harness, so that nobody takes it for a success.
            writeln!(std::io::stderr(), "SKIPPED browser test {scenario}: {why}").unwrap();
            None
        }
    }
}

/// A scenario, ready to be played.
fn script(tools: &Tools, scenario: &str) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(format!("{scenario}.mjs"));
    let mut command = Command::new("node");
    command.arg(script).env("BROWSER_MODULES", &tools.modules).env("CHROMIUM", &tools.chromium);
    command
}

/// Plays a scenario with the names of the patients that it opens.
fn play_with(scenario: &str, patients: &[&str]) -> Option<String> {
    let tools = tools_or_skip(scenario)?;
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let service = Running::at("2026-05-04T10:00:00Z");
    let output = script(&tools, scenario)
        .env("BASE_URL", &service.base)
        .env("PATIENTS", patients.join(" "))
        .env("LOOKS", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/looks"))
        .env("DIFFERENCES", concat!(env!("CARGO_TARGET_TMPDIR"), "/looks"))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{scenario}:\n{}", text(&output.stderr));
    Some(text(&output.stdout))
}

#[test]
fn orders_are_replaced_signed_and_cards_dismissed() {
    play("orders");
}

#[test]
fn what_if_moves_the_cards_and_names_the_difference() {
    play("what-if");
}

#[test]
fn brought_files_are_shown_and_broken_ones_explained() {
    play("own");
}

#[test]
fn a_card_that_asks_is_answered_in_its_panel() {
    play("panel");
}

#[test]
fn the_keyboard_is_enough() {
    play("keyboard");
}

#[test]
fn the_screens_look_as_their_pictures() {
    play("looks");
}

#[test]
fn the_pages_are_accessible() {
    play("accessible");
}

/// What a patient looks like on the page, without its words.
fn picture(fixture: &Fixture) -> String {
    let card = |card: &Expect| {
        let answers = card.suggestions.as_ref().is_some_and(|suggestions| !suggestions.is_empty());
        format!("{:?} {} {answers}", card.codes.first(), card.indicator)
    };
    let told = &fixture.told;
    let decision = if told.expect.is_empty() { fixture.decision } else { "" };
    format!("{:?} {decision} {:?}", told.hook, told.expect.iter().map(card).collect::<Vec<_>>())
}

/// The patients that the browser opens.
fn opened() -> Vec<&'static Fixture> {
    if variable("EVERY_PATIENT").is_some() {
        return fixtures::all().iter().collect();
    }
    let mut pictures = BTreeMap::new();
    for fixture in fixtures::all() {
        pictures.entry(picture(fixture)).or_insert(fixture);
    }
    pictures.into_values().collect()
}

#[test]
fn a_patient_of_each_picture_shows_the_cards_of_its_case() {
    let patients = opened();
    let names: Vec<&str> = patients.iter().map(|fixture| fixture.name).collect();
    let Some(printed) = play_with("fixtures", &names) else { return };
    let shown: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut differences = Vec::new();
    for fixture in &patients {
        let Some(screen) = shown.iter().find(|one| one["name"] == fixture.name) else {
            differences.push(format!("{}: not opened", fixture.name));
            continue;
        };
        if screen["drawn"].as_u64().unwrap() < 4 {
            differences.push(format!("{}: pictures or tables are missing", fixture.name));
        }
        if fixture.needs_own_site() {
            continue;
        }
        let hook = fixture.told.hook.as_deref().unwrap();
        let cards = screen["shown"][hook].as_array().unwrap();
        if cards.len() != fixture.told.expect.len() {
            differences.push(format!("{}: {} cards shown", fixture.name, cards.len()));
        }
        for (expected, card) in fixture.told.expect.iter().zip(cards) {
            let found = compare(expected, card);
            differences.extend(found.into_iter().map(|what| format!("{}: {what}", fixture.name)));
        }
    }
    assert_eq!(shown.len(), patients.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What the screen shows otherwise than the case expects.
fn compare(expected: &Expect, card: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differ = |fine: bool, what: &str| {
        if !fine {
            differences.push(format!("{what} in {card}"));
        }
    };
    let texts = |name: &str| -> Vec<&str> {
        card[name].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
    };
    let holds = |text: &Value, word: &str| {
        let text = text.as_str().unwrap().to_lowercase();
        text.contains(&word.to_lowercase())
    };
    differ(texts("codes") == expected.codes, "codes");
    differ(card["indicator"] == *expected.indicator, "indicator");
    let word = match &*expected.indicator {
        "critical" => "Critical",
        "warning" => "Warning",
        _ => "For information",
    };
    differ(holds(&card["word"], word), "the word for the indicator");
    if let Some(deadline) = expected.deadline {
        let at = card["deadline"].as_str().map(|at| at.parse::<chrono::DateTime<chrono::Utc>>().unwrap());
        // A case with a clock of its own is moved to that of the service.
        differ(at.is_some_and(|at| (at - deadline).num_minutes().abs() <= 1), "deadline");
    }
    if let Some(overdue) = expected.overdue {
        differ(card["overdue"] == overdue, "overdue");
    }
    for word in expected.summary_has.iter().flatten() {
        differ(holds(&card["summary"], word), word);
    }
    if let Some(suggestions) = &expected.suggestions {
        differ(texts("suggestions").len() == suggestions.len(), "suggestions");
    }
    for title in ["Do now", "Why", "Source"] {
        differ(holds(&card["detail"], title), title);
    }
    differences
}
