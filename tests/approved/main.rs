//! Every answer of every fixture, as it was read and approved: `tests/approved/<decision>.md`. A change of a word, of a fact or
//! of a button shows as a difference of these files, case by case, so that whoever reviews it sees what clinicians will see.
//!
//! `UPDATE_APPROVED=1 cargo test --test approved` writes them anew; read the difference before it is committed.

#![cfg(test)]

use serde_json::Value;
use sha2::{Digest, Sha256};
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::target::{InProcessTarget, at_its_facility};
use spinal_mets_cds::domain::Site;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

fn items<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value[member].as_array().into_iter().flatten()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// The texts of a list, in one line.
fn list(value: &Value, member: &str) -> String {
    items(value, member).filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

/// What identifies a text that is too long to be shown: the same text gives the same.
fn digest(value: &Value) -> String {
    let mut value = value.clone();
    without_uuids(&mut value);
    let hash = Sha256::digest(value.to_string().as_bytes());
    hash.iter().take(4).fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// Ids of cards and suggestions are other ones each time.
fn without_uuids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| name != "uuid");
            members.values_mut().for_each(without_uuids);
        }
        Value::Array(values) => values.iter_mut().for_each(without_uuids),
        _ => {}
    }
}

/// A card: what is read, what is pressed, what it rests on.
fn card(card: &Value) -> String {
    let mut out = format!("**{}** {}\n\n", text(card, "indicator"), text(card, "summary"));
    for line in text(card, "detail").lines().filter(|line| !line.is_empty()) {
        writeln!(out, "{line}").unwrap();
    }
    for suggestion in items(card, "suggestions") {
        let actions: Vec<String> = items(suggestion, "actions")
            .map(|action| {
                format!("{} {} {}", text(action, "type"), text(action, "description"), digest(action))
            })
            .collect();
        writeln!(out, "* `{}` {}", text(suggestion, "label"), actions.join("; ")).unwrap();
    }
    for link in items(card, "links") {
        writeln!(out, "* link `{}`", text(link, "label")).unwrap();
    }
    let reasons: Vec<&str> = items(card, "overrideReasons").map(|reason| text(reason, "code")).collect();
    writeln!(out, "* reasons {}", reasons.join(", ")).unwrap();
    let rationale = &card["extension"]["org.spinal-mets-cds.rationale"];
    for row in items(rationale, "recommendations") {
        writeln!(out, "* {} {} ({})", text(row, "row"), text(row, "code"), list(row, "statements")).unwrap();
        for fact in items(row, "facts") {
            let (name, value) = (text(fact, "fact"), text(fact, "value"));
            writeln!(out, "  {name} = {value} {} {}", text(fact, "date"), text(fact, "reference")).unwrap();
        }
        let missing = list(row, "missing");
        if !missing.is_empty() {
            writeln!(out, "  missing {missing}").unwrap();
        }
    }
    let members = rationale.as_object().into_iter().flatten();
    for (name, value) in members.filter(|(name, _)| *name != "recommendations") {
        writeln!(out, "* {name} {value}").unwrap();
    }
    out
}

/// The answers by decision.
fn answers() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let plain = InProcessTarget::new(Site::default()).unwrap();
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    for case in find(&[folder]).cases.iter().filter(|case| !case.is_hostile()) {
        let reply = at_its_facility(case, &plain, |target| {
            let bundle = CaseBundle::load(&case.folder).unwrap();
            let request = build(&case.told, bundle, target.offered()).unwrap();
            let body = request.body.to_string();
            target.ask(&request.service, "application/json", body.as_bytes(), case.told.now).unwrap()
        });
        let body = reply.unwrap().body;
        let (decision, name) = case.name.split_once('/').unwrap();
        let page = pages.entry(decision.to_owned()).or_insert_with(|| format!("# {decision}\n"));
        write!(page, "\n## {name}\n\n{}\n", case.told.story).unwrap();
        for one in items(&body, "cards") {
            write!(page, "\n{}", card(one)).unwrap();
        }
        for action in items(&body, "systemActions") {
            write!(page, "\nsystem action {}\n", digest(action)).unwrap();
        }
    }
    pages.into_iter().map(|(decision, page)| (decision, trimmed(&page))).collect()
}

/// Without blanks at the ends of lines.
fn trimmed(page: &str) -> String {
    page.lines().fold(String::new(), |mut all, line| {
        all.push_str(line.trim_end());
        all.push('\n');
        all
    })
}

#[test]
fn every_answer_is_as_it_was_approved() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/approved");
    let mut differs = Vec::new();
    let made = answers();
    for (decision, page) in &made {
        let file = folder.join(format!("{decision}.md"));
        #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
        if std::env::var_os("UPDATE_APPROVED").is_some() {
            std::fs::write(&file, page).unwrap();
        }
        let written = std::fs::read_to_string(&file).unwrap_or_default();
        if written != *page {
            let place = written.lines().zip(page.lines()).find(|(was, is)| was != is);
            differs.push(format!("{}: {place:?}", file.display()));
        }
    }
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = name.strip_suffix(".md").is_none_or(|decision| made.contains_key(decision));
        assert!(known, "{name} is of no fixture");
    }
    assert!(differs.is_empty(), "UPDATE_APPROVED=1 writes them anew:\n{}", differs.join("\n"));
}
