//! Every card of every fixture, read as a clinician reads it: its length, the order of its parts, and what must never stand
//! in it. `cargo test --test cards -- --nocapture` prints how long the texts are; with `CARDS=FILE` the cards are written
//! there, to be read by eye. `UPDATE_CARDS=1 cargo test --test cards` writes the cards of `docs/cards.md` anew.

#![cfg(test)]

use serde_json::{Value, json};
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::target::{InProcessTarget, at_its_facility};
use spinal_mets_cds::domain::Site;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// Most characters of a first line, of a text, and of the text in the middle of all.
const SUMMARY: usize = 139;
const DETAIL: usize = 1_200;
const MEDIAN: usize = 600;

/// The parts of a text, in their order; those in the middle may be left out.
const HEADINGS: [&str; 5] = ["Do now", "Done so far", "Why", "Not known", "Source"];

/// What says a class where its value is known.
const CLASSES: [&str; 4] = ["adequate for", "9 or more", "13 or more", "cannot be told"];

/// The answer to every case that is asked through prefetch, by the name of the case.
fn answers() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let plain = InProcessTarget::new(Site::default()).unwrap();
    let mut answers = Vec::new();
    for case in find(&[folder]).cases.iter().filter(|c| !c.is_hostile()) {
        let reply = at_its_facility(case, &plain, |target| {
            let bundle = CaseBundle::load(&case.folder).unwrap();
            let request = build(&case.told, bundle, target.offered()).unwrap();
            let body = request.body.to_string();
            target.ask(&request.service, "application/json", body.as_bytes(), case.told.now).unwrap()
        });
        answers.push((case.name.clone(), reply.unwrap().body));
    }
    answers
}

fn items<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value[member].as_array().into_iter().flatten()
}

/// Text outside of quotation marks: what a record says is not ours.
fn ours(text: &str) -> String {
    text.split('"').step_by(2).collect()
}

/// Whether a year stands in a text.
fn has_year(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
    words.iter().any(|word| word.len() == 4 && (word.starts_with("19") || word.starts_with("20")))
}

/// Everything that is wrong with a card.
fn faults(card: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let (summary, detail) = (card["summary"].as_str().unwrap(), card["detail"].as_str().unwrap());
    let mut holds = |wrong: bool, what: &str| {
        if wrong {
            found.push(what.to_owned());
        }
    };
    holds(summary.chars().count() > SUMMARY, "a first line that is too long");
    holds(summary.contains('…') && !summary.contains('"'), "a first line that was cut");
    holds(has_year(&ours(summary)), "a year in the first line");
    holds(ours(summary).contains("on record"), "\"on record\" in the first line");
    holds(detail.chars().count() > DETAIL, "a text that is too long");

    let headings: Vec<&str> =
        detail.lines().filter_map(|l| l.strip_prefix("**")?.strip_suffix("**")).collect();
    let places: Vec<Option<usize>> =
        headings.iter().map(|heading| HEADINGS.iter().position(|it| it == heading)).collect();
    holds(places.iter().any(Option::is_none), "a heading that nobody knows");
    holds(!places.is_sorted_by(|a, b| a < b), "headings out of order");
    holds(headings.first() != Some(&"Do now") || headings.last() != Some(&"Source"), "a part is missing");
    let part = |heading: &str| -> Vec<&str> {
        let after = detail.lines().skip_while(|line| *line != format!("**{heading}**")).skip(1);
        after.take_while(|line| !line.starts_with("**")).filter_map(|line| line.strip_prefix("- ")).collect()
    };
    holds(part("Do now").len() > 3, "more than three acts");

    let recommendations = &card["extension"]["org.spinal-mets-cds.rationale"];
    let references = items(recommendations, "recommendations").flat_map(|it| items(it, "facts"));
    for reference in references.filter_map(|fact| fact["reference"].as_str()) {
        let said = detail.contains(reference) || summary.contains(reference);
        holds(reference.contains('/') && said, "the id of a resource");
    }
    let said = format!("{summary}\n{detail}").to_lowercase();
    let confirmed = ours(&said).contains("confirmed") || said.contains("treat now: due");
    holds(confirmed && said.contains("if the cord"), "\"confirmed\" beside \"if\"");
    for class in CLASSES {
        holds(ours(&said).contains(class), "a class instead of its value");
    }
    let fired: BTreeSet<&str> = items(recommendations, "recommendations")
        .flat_map(|it| items(it, "statements"))
        .filter_map(Value::as_str)
        .collect();
    let source = part("Source");
    let cited: BTreeSet<&str> = source.iter().flat_map(|line| line.split(", ")).collect();
    holds(source.len() != 1 || cited != fired, "other statements than those of the rows that fired");
    for suggestion in items(card, "suggestions") {
        buttons(suggestion, recommendations, &mut holds);
    }
    let offered: Vec<String> = items(card, "suggestions").map(|it| without_uuids(&it["actions"])).collect();
    let twice = offered.iter().enumerate().any(|(at, one)| offered[at + 1..].contains(one));
    holds(twice, "one suggestion twice");
    found
}

/// Whether a button says what it does, and what it makes says what it is for.
fn buttons(suggestion: &Value, rationale: &Value, holds: &mut impl FnMut(bool, &str)) {
    let label = suggestion["label"].as_str().unwrap();
    let deletes = items(suggestion, "actions").any(|action| action["type"] == "delete");
    let says_so = ["Drop", "Replace"].iter().any(|word| label.starts_with(word));
    holds(deletes && !says_so, "a button that takes orders away and does not say so");
    let timing = items(rationale, "recommendations")
        .filter(|it| it["row"].as_str().is_some_and(|row| row.starts_with("mri-timing/")))
        .flat_map(|it| items(it, "facts"));
    let timed: Vec<&str> = timing.filter_map(|fact| fact["reference"].as_str()).collect();
    for resource in items(suggestion, "actions").map(|action| &action["resource"]) {
        let name = resource["code"]["text"].as_str().unwrap_or_default().to_lowercase();
        if resource["resourceType"] == "Observation" {
            let denies = [" no ", " not "].iter().any(|word| name.contains(word));
            holds(denies, "an answer whose name denies what its value says");
        }
        let is_mri = name.contains("mri") && resource["resourceType"] == "ServiceRequest";
        let has_time = ["occurrencePeriod", "occurrenceDateTime", "occurrenceTiming"]
            .iter()
            .any(|member| resource.get(*member).is_some());
        holds(is_mri && label.contains("et the time") && !has_time, "a button that sets no time");
        let mut reasons = items(resource, "reasonReference").filter_map(|it| it["reference"].as_str());
        let created = is_mri && label.starts_with("Order");
        let known = |reason: &str| timed.is_empty() || timed.contains(&reason);
        holds(created && !reasons.all(known), "an MRI for a reason of another row");
    }
}

fn without_uuids(actions: &Value) -> String {
    let mut actions = actions.clone();
    for action in actions.as_array_mut().into_iter().flatten() {
        action.as_object_mut().unwrap().remove("uuid");
    }
    actions.to_string()
}

/// The referrals and answers that more than one card of an answer of the service offers.
fn acts_twice(answer: &Value) -> Vec<String> {
    let act = |action: &Value| {
        let resource = &action["resource"];
        let ours =
            items(&resource["code"], "coding").find(|it| it["system"] == "urn:spinal-mets-cds:finding")?;
        // A referral asks for something, an answer has a value.
        Some(format!("{} {} {}", ours["code"], resource["orderDetail"], resource["valueBoolean"]))
    };
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut twice = Vec::new();
    for card in items(answer, "cards") {
        let actions = items(card, "suggestions").flat_map(|it| items(it, "actions"));
        let here: BTreeSet<String> = actions.filter_map(act).collect();
        twice.extend(here.iter().filter(|act| seen.contains(*act)).cloned());
        seen.extend(here);
    }
    twice
}

/// The value below which that many of a hundred are.
fn percentile(lengths: &[usize], of_hundred: usize) -> usize {
    lengths[(lengths.len() - 1) * of_hundred / 100]
}

fn write(name: &str, card: &Value, out: &mut String) {
    let text = |member: &str| card[member].as_str().unwrap_or_default().to_owned();
    let code = card["source"]["topic"]["code"].as_str().unwrap_or_default();
    writeln!(out, "=== {name} [{}] {code}", text("indicator")).unwrap();
    writeln!(out, "{}\n{}", text("summary"), text("detail")).unwrap();
    for suggestion in items(card, "suggestions") {
        writeln!(out, "  > {}", suggestion["label"].as_str().unwrap_or_default()).unwrap();
    }
}

/// The file that takes every card for a reader; none when nobody asks.
#[expect(clippy::disallowed_methods, reason = "a test asks whether somebody wants to read")]
fn wanted() -> Option<String> {
    std::env::var("CARDS").ok()
}

#[test]
fn every_card_reads_as_a_card_should() {
    let (mut wrong, mut written, mut lengths) = (String::new(), String::new(), Vec::new());
    for (name, answer) in answers() {
        for act in acts_twice(&answer) {
            writeln!(wrong, "{name}: offered by two cards: {act}").unwrap();
        }
        for card in items(&answer, "cards") {
            write(&name, card, &mut written);
            lengths.push(card["detail"].as_str().unwrap().chars().count());
            for fault in faults(card) {
                writeln!(wrong, "{name}: {fault}\n  {}", card["summary"]).unwrap();
            }
        }
    }
    if let Some(path) = wanted() {
        std::fs::write(path, written).unwrap();
    }
    lengths.sort_unstable();
    let (median, most) = (percentile(&lengths, 50), percentile(&lengths, 100));
    println!(
        "{} cards: median {median} characters, 90th percentile {}, longest {most}",
        lengths.len(),
        percentile(&lengths, 90)
    );
    assert!(lengths.len() > 400, "only {} cards", lengths.len());
    assert!(median <= MEDIAN, "a median of {median} characters");
    assert!(wrong.is_empty(), "{wrong}");
}

/// One card of each kind, by its case; the stories are those of the cases.
const SHOWN: [(&str, &str); 6] = [
    ("Emergency", "stories/story-lung-weak-leg-no-pain"),
    ("The result of an MRI is asked for", "mescc/mescc-mri-done-result-pending"),
    ("Stability", "stability/stability-sins-13"),
    ("Treatment", "modality/modality-7-ecog-3"),
    ("Bone agents and vertebroplasty", "adjunct/adjunct-both"),
    ("An order that is being signed", "order-radiotherapy/select-rt-8gy-prognosis-a-year"),
];

/// A card as it reads, with its buttons.
fn printed(card: &Value) -> String {
    let text = |member: &str| card[member].as_str().unwrap_or_default();
    let mut out = format!("> **{}** · {}\n>\n", text("indicator"), text("summary"));
    for line in text("detail").lines() {
        out.push_str(format!("> {line}").trim_end());
        out.push('\n');
    }
    let buttons = items(card, "suggestions").filter_map(|it| it["label"].as_str());
    let buttons: Vec<String> = buttons.map(|label| format!("`{label}`")).collect();
    if !buttons.is_empty() {
        write!(out, ">\n> {}\n", buttons.join(" ")).unwrap();
    }
    out
}

#[test]
fn the_cards_of_the_documentation_are_those_of_the_service() {
    let all = answers();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut made = String::from(
        "# Six cards\n\nOne of each kind, as the service gives them for a case of [fhir-fixtures](../fhir-fixtures/README.md). \
         `UPDATE_CARDS=1 cargo test --test cards` writes this page.\n",
    );
    for (title, name) in SHOWN {
        let (_, answer) =
            all.iter().find(|(case, _)| case == name).unwrap_or_else(|| panic!("no case {name}"));
        let told = find(&[root.join("fhir-fixtures").join(name)]).cases.remove(0).told;
        let card = items(answer, "cards").next().unwrap_or_else(|| panic!("{name} has no card"));
        write!(made, "\n## {title}\n\n{}\n\n{}", told.story, printed(card)).unwrap();
    }
    let file = root.join("docs/cards.md");
    #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
    if std::env::var_os("UPDATE_CARDS").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == made, "{} is stale: UPDATE_CARDS=1 writes it", file.display());
}

/// A card without a fault, with a change.
fn broken(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let action = json!({"type": "create", "description": "a", "uuid": "1"});
    let mut card = json!({
        "summary": "MRI of the whole spine by today 20:00: left radicular pain",
        "detail": "**Do now**\n\n- Order an MRI.\n\n**Why**\n\n- Radicular pain, left (\"of 2019\", 3 May)\n\n**Source**\n\n- G-03, G-08",
        "suggestions": [{"label": "Order", "actions": [action]}],
        "extension": {"org.spinal-mets-cds.rationale": {"recommendations": [
            {"row": "mri-timing/4", "statements": ["G-03", "G-08"], "facts": [{"fact": "radicular_pain", "reference": "Condition/c-1"}]}
        ]}}
    });
    assert!(faults(&card).is_empty(), "{:?}", faults(&card));
    change(&mut card);
    faults(&card)
}

#[test]
fn each_fault_of_a_card_is_found() {
    let with_detail = |from: &str, to: &str| {
        broken(|card| card["detail"] = card["detail"].as_str().unwrap().replace(from, to).into())
    };
    let long = "x".repeat(1_300);
    for (found, expected) in [
        (broken(|card| card["summary"] = "x".repeat(140).into()), "too long"),
        (broken(|card| card["summary"] = "MRI by 5 May 2026".into()), "a year"),
        (broken(|card| card["summary"] = "MRI: gait disturbance on record".into()), "on record"),
        (broken(|card| card["summary"] = "Treat now: confirmed; if the cord is compressed".into()), "beside"),
        (broken(|card| card["summary"] = "Mirels 9 or more".into()), "a class"),
        (with_detail("Order an MRI.", &long), "a text that is too long"),
        (with_detail("**Do now**", "**What to do**"), "nobody knows"),
        (with_detail("**Why**", "**Not known**\n\n- a\n\n**Why**"), "out of order"),
        (with_detail("**Source**\n\n- G-03, G-08", ""), "missing"),
        (with_detail("- Order an MRI.", "- a\n- b\n- c\n- d"), "three acts"),
        (with_detail("3 May", "Condition/c-1"), "id of a resource"),
        (with_detail("G-08", "G-07"), "other statements"),
        (broken(|card| card["suggestions"][0]["actions"][0]["type"] = "delete".into()), "takes orders away"),
        (
            broken(|card| {
                let answer = json!({"resourceType": "Observation", "code": {"text": "Cord compression not suspected"}});
                card["suggestions"][0]["actions"][0]["resource"] = answer;
            }),
            "denies what its value says",
        ),
        (
            broken(|card| {
                let order = json!({"resourceType": "ServiceRequest", "code": {"text": "MRI whole spine"}});
                card["suggestions"][0]["label"] = "Set the time: MRI whole spine".into();
                card["suggestions"][0]["actions"][0]["resource"] = order;
            }),
            "sets no time",
        ),
        (
            broken(|card| {
                let order = json!({"resourceType": "ServiceRequest", "code": {"text": "MRI whole spine"},
                    "reasonReference": [{"reference": "Condition/other"}]});
                card["suggestions"][0]["label"] = "Order MRI whole spine".into();
                card["suggestions"][0]["actions"][0]["resource"] = order;
            }),
            "another row",
        ),
        (
            broken(|card| {
                let once = card["suggestions"][0].clone();
                card["suggestions"].as_array_mut().unwrap().push(once);
            }),
            "twice",
        ),
    ] {
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}: {found:?}");
    }
}
