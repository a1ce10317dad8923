//! What must not change an answer, over every fixture: the order and number of resources, the order of codings, which of
//! several keys of one type a resource came under, and how the offset of an instant is written. And a second reader:
//! resources that went through fhir-sdk's typed model give the same cards. A chart that is read whole gives the same cards as
//! through the service's own prefetch, versions of a resource in any order the same, and no answer repeats a name.

#![cfg(test)]

use chrono::{DateTime, FixedOffset, SecondsFormat};
use fhir_sdk::r4b::resources as typed;
use serde_json::{Value, json};
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::case::Case;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::target::{InProcessTarget, Target, at_its_facility};
use spinal_mets_cds::config::Profile;
use spinal_mets_cds::domain::{Site, Source};
use spinal_mets_cds::fhir::{Chart, DraftOrder, ValueSets};
use spinal_mets_cds::guideline::{Fact, Occasion};
use spinal_mets_cds::json::Document;
use spinal_mets_cds::services::IdKey;
use spinal_mets_cds::services::assessment::assess;
use spinal_mets_cds::services::cards::{CardContext, cards};
use spinal_mets_cds::services::offered;
use spinal_mets_cds::services::prefetch::{Template, templates};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

#[path = "../benches/support/many.rs"]
mod many;
#[path = "service/support/uuids.rs"]
mod uuids;

use uuids::without_uuids;

/// Everything of an answer but its uuids.
fn told(target: &dyn Target, service: &str, body: &Value, case: &Case) -> Value {
    let reply = target.ask(service, "application/json", body.to_string().as_bytes(), case.told.now).unwrap();
    let mut answer = reply.body;
    without_uuids(&mut answer);
    answer
}

fn entries(body: &mut Value) -> impl Iterator<Item = &mut Vec<Value>> {
    body["prefetch"].as_object_mut().unwrap().values_mut().filter_map(|v| v.get_mut("entry")?.as_array_mut())
}

fn reversed(body: &mut Value) {
    entries(body).for_each(|entry| entry.reverse());
}

fn doubled(body: &mut Value) {
    entries(body).for_each(|entry| entry.extend(entry.clone()));
}

/// Moves every Observation to the last of the keys that hold Observations.
fn moved_to_another_key(body: &mut Value) {
    let prefetch = body["prefetch"].as_object_mut().unwrap();
    let keys: Vec<String> = prefetch
        .iter()
        .filter(|(key, value)| key.starts_with("observations") && value["resourceType"] == "Bundle")
        .map(|(key, _)| key.clone())
        .collect();
    let Some((last, others)) = keys.split_last() else { return };
    let mut moved: Vec<Value> = Vec::new();
    for key in others {
        // A count of what is no longer there would say that something is withheld.
        prefetch[key].as_object_mut().unwrap().remove("total");
        if let Some(entry) = prefetch[key].get_mut("entry").and_then(Value::as_array_mut) {
            moved.append(entry);
        }
    }
    let bundle = prefetch[last].as_object_mut().unwrap();
    bundle.entry("entry").or_insert_with(|| Value::Array(Vec::new())).as_array_mut().unwrap().extend(moved);
}

fn codings_reversed(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if key == "coding"
                    && let Some(codings) = member.as_array_mut()
                {
                    codings.reverse();
                }
                codings_reversed(member);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(codings_reversed),
        _ => {}
    }
}

/// Writes every instant with another offset. Drafts stay: an update gives them back as they came.
fn zones_moved(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(zones_moved),
        Value::Array(items) => items.iter_mut().for_each(zones_moved),
        Value::String(text) if text.len() >= 20 => {
            if let Ok(at) = DateTime::parse_from_rfc3339(text) {
                let offset = FixedOffset::east_opt(5 * 3600 + 1800).unwrap();
                *text = at.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::AutoSi, false);
            }
        }
        _ => {}
    }
}

/// A resource through the typed model and back; `None` where the model rejects it. Only the types that the service reads:
/// the model of every type of FHIR costs more than a minute of build.
fn through_the_typed_model(resource: &Value) -> Option<Value> {
    macro_rules! by_type {
        ($($name:ident),+) => {
            match resource["resourceType"].as_str()? {
                $(stringify!($name) => serde_json::from_value::<typed::$name>(resource.clone())
                    .ok()
                    .and_then(|typed| serde_json::to_value(&typed).ok()),)+
                _ => None,
            }
        };
    }
    by_type!(
        AllergyIntolerance,
        BodyStructure,
        Condition,
        Device,
        DiagnosticReport,
        Encounter,
        ImagingStudy,
        Medication,
        MedicationAdministration,
        MedicationRequest,
        MedicationStatement,
        Observation,
        Patient,
        Procedure,
        ServiceRequest
    )
}

/// Every resource through the typed reader and back; one that the typed model rejects stays as it was.
fn through_the_second_reader(body: &mut Value, read: &mut usize, rejected: &mut usize) {
    for entry in entries(body).flatten() {
        match through_the_typed_model(&entry["resource"]) {
            Some(resource) => {
                *read += 1;
                entry["resource"] = resource;
            }
            None => *rejected += 1,
        }
    }
}

/// Every case that is asked through prefetch, with its request.
fn each_case(mut check: impl FnMut(&Case, &dyn Target, &str, &Value)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let plain = InProcessTarget::new(Site::default()).unwrap();
    let mut asked = 0;
    for case in find(&[folder]).cases.iter().filter(|c| !c.is_hostile()) {
        let bundle = CaseBundle::load(&case.folder).unwrap();
        at_its_facility(case, &plain, |target| {
            let request = build(&case.told, bundle, target.offered()).unwrap();
            check(case, target, &request.service, &request.body);
        })
        .unwrap();
        asked += 1;
    }
    assert!(asked > 500, "only {asked} cases");
}

#[test]
fn order_number_and_spelling_of_the_data_change_nothing() {
    type Change = (&'static str, fn(&mut Value));
    let changes: [Change; 5] = [
        ("reversed", reversed),
        ("doubled", doubled),
        ("moved to another key", moved_to_another_key),
        ("codings reversed", |body| codings_reversed(&mut body["prefetch"])),
        ("instants in another zone", |body| zones_moved(&mut body["prefetch"])),
    ];
    let mut differences = Vec::new();
    each_case(|case, target, service, body| {
        let plain = told(target, service, body, case);
        for (name, change) in changes {
            let mut changed = body.clone();
            change(&mut changed);
            if told(target, service, &changed, case) != plain {
                differences.push(format!("{}: {name}", case.name));
            }
        }
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn resources_from_a_typed_reader_give_the_same_cards() {
    let (mut read, mut rejected) = (0, 0);
    let mut differences = Vec::new();
    each_case(|case, target, service, body| {
        let mut typed = body.clone();
        through_the_second_reader(&mut typed, &mut read, &mut rejected);
        if told(target, service, &typed, case) != told(target, service, body, case) {
            differences.push(case.name.clone());
        }
    });
    assert!(read > 1_000, "only {read} resources went through the typed reader, {rejected} were rejected");
    assert!(differences.is_empty(), "{read} read, {rejected} rejected\n{}", differences.join("\n"));
}

/// The cards of a case whose resources are all read, whatever the templates ask for; `None` where the service reads nothing.
fn cards_of_the_whole_chart(case: &Case, service: &str, body: &Value, sets: &ValueSets) -> Option<Value> {
    let context = &body["context"];
    let mut bundle = CaseBundle::load(&case.folder).unwrap();
    let is_dispatch = body["hook"] == "order-dispatch";
    let drafts = if is_dispatch { Vec::new() } else { bundle.take_out(&case.told.drafts).unwrap() };
    let written = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>();
    let (resources, drafts) = (written(bundle.resources()), written(&drafts));
    let parsed = |texts: &'_ [String]| -> Vec<Document<'static>> {
        texts.iter().map(|text| Document::of(text.clone()).unwrap()).collect()
    };
    let (resources, drafts) = (parsed(&resources), parsed(&drafts));
    let selections = context["selections"].as_array().cloned().unwrap_or_default();
    let all = body["hook"] == "order-sign" || body["hook"] == "appointment-book";
    let draft = |draft| {
        let mut order = DraftOrder::read(Document::root(draft), None, all)?;
        order.selected |=
            selections.iter().filter_map(Value::as_str).any(|it| order.name().as_deref() == Some(it));
        Some(order)
    };
    let drafts: Vec<DraftOrder<'_>> = drafts.iter().filter_map(draft).collect();
    let dispatched = context["dispatchedOrders"].as_array().into_iter().flatten();
    let dispatched: Vec<Cow<'_, str>> = dispatched.filter_map(Value::as_str).map(Cow::Borrowed).collect();
    let occasion = offered::occasion(service)?;
    let asked = dispatched.len() + drafts.iter().filter(|draft| draft.selected).count();
    if occasion == Occasion::OrderCheck && asked == 0 {
        return None;
    }
    let patient_id = context["patientId"].as_str()?;
    let mut chart = Chart {
        patient_id,
        resources: resources.iter().map(Document::root).collect(),
        drafts,
        dispatched,
        ..Chart::default()
    };
    let site = case.told.facility.as_ref().map(|facility| facility.site()).unwrap_or_default();
    let (reading, advice) = assess(&mut chart, sets, &site, case.told.now, occasion);
    let ids = IdKey::random();
    let context = CardContext {
        dialect: spinal_mets_cds::services::Dialect::default(),
        facts: &reading.facts,
        site: &site,
        now: case.told.now,
        patient_id,
        encounter_id: context["encounterId"].as_str(),
        user_id: context["userId"].as_str(),
        drafts: &chart.drafts,
        ids: ids.issuer(spinal_mets_cds::services::NO_CLIENT, 0, case.told.now),
        guideline_url: None,
        panel_url: None,
        ways: &[],
    };
    let mut made = serde_json::to_value(cards(&advice, &context)).unwrap();
    without_uuids(&mut made);
    Some(made)
}

#[test]
fn a_whole_chart_and_its_prefetch_give_the_same_cards() {
    let sets = ValueSets::built_in().unwrap();
    let (mut compared, mut differences) = (0, Vec::new());
    each_case(|case, target, service, body| {
        let by_service = told(target, service, body, case);
        let is_complete = case.told.absent.is_empty() && case.told.unavailable.is_empty();
        if let Some(cards) = by_service.get("cards").filter(|_| is_complete)
            && !case.told.user.starts_with("Patient/")
            && !case.told.user.starts_with("RelatedPerson/")
            && let Some(whole) = cards_of_the_whole_chart(case, service, body, &sets)
        {
            compared += 1;
            if whole != *cards {
                differences.push(case.name.clone());
            }
        }
    });
    assert!(compared > 400, "only {compared} cases were compared");
    assert!(differences.is_empty(), "{compared} compared\n{}", differences.join("\n"));
}

/// Marks every resource as the newest, and adds an older version that takes it back, before or behind it.
fn with_older_versions(body: &mut Value, older_first: bool) {
    for entry in entries(body) {
        let given = std::mem::take(entry);
        for mut newest in given {
            if newest["resource"]["id"].is_null() {
                entry.push(newest);
                continue;
            }
            let mut older = newest.clone();
            newest["resource"]["meta"]["lastUpdated"] = Value::from("2026-05-02T09:00:00Z");
            older["resource"]["meta"]["lastUpdated"] = Value::from("2026-05-01T09:00:00Z");
            older["resource"]["status"] = Value::from("entered-in-error");
            older["resource"]["verificationStatus"] = Value::from("entered-in-error");
            entry.extend(if older_first { [older, newest] } else { [newest, older] });
        }
        // A count of the versions is no count of the resources, yet all of them are here.
    }
    for bundle in body["prefetch"].as_object_mut().unwrap().values_mut() {
        bundle.as_object_mut().map(|members| members.remove("total"));
    }
}

/// Adds a version that takes each resource back, and nothing that tells which is newer.
fn with_undecided_versions(body: &mut Value, withdrawn_first: bool) {
    with_older_versions(body, withdrawn_first);
    for entry in entries(body).flatten() {
        if let Some(meta) = entry["resource"]["meta"].as_object_mut() {
            meta.remove("lastUpdated");
        }
    }
}

#[test]
fn versions_count_by_their_age_and_not_by_their_place() {
    let mut differences = Vec::new();
    // A card says in its text that versions of a resource disagree; all else must be as with the newest alone.
    let without_text = |mut answer: Value| {
        for card in answer["cards"].as_array_mut().into_iter().flatten() {
            card.as_object_mut().map(|card| card.remove("detail"));
        }
        answer
    };
    each_case(|case, target, service, body| {
        let ask = |change: fn(&mut Value, bool), first: bool| {
            let mut body = body.clone();
            change(&mut body, first);
            told(target, service, &body, case)
        };
        let (older_first, newer_first) = (ask(with_older_versions, true), ask(with_older_versions, false));
        if older_first != newer_first {
            differences.push(format!("{}: the place of a version counts", case.name));
        }
        if without_text(older_first) != without_text(told(target, service, body, case)) {
            differences.push(format!("{}: an older version counts", case.name));
        }
        if ask(with_undecided_versions, true) != ask(with_undecided_versions, false) {
            differences
                .push(format!("{}: the place of a version counts where nothing tells its age", case.name));
        }
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn no_object_of_an_answer_repeats_a_name() {
    let (mut orders, mut differences) = (0, Vec::new());
    let plain = InProcessTarget::new(Site::default()).unwrap();
    each_case(|case, _, service, body| {
        let own = case.told.facility.as_ref().map(|facility| InProcessTarget::new(facility.site()).unwrap());
        let target = own.as_ref().unwrap_or(&plain);
        let body = body.to_string();
        let Ok(answer) = target.services().call(service, body.as_bytes(), case.told.now) else { return };
        let text = serde_json::to_string(&answer.response).unwrap();
        orders += text.matches("\"resourceType\":\"ServiceRequest\"").count();
        if Document::parse(&text).unwrap().root().repeats_a_name_inside() {
            differences.push(case.name.clone());
        }
    });
    assert!(orders > 100, "only {orders} orders were looked at");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What an answer says is not on record, by the words that say it, and the facts of which they speak.
const ABSENCES: [(&str, &[Fact]); 6] = [
    ("cord sign", &[Fact::LocalBackPain, Fact::RadicularPain, Fact::Deficit, Fact::MesccSigns]),
    ("deficit", &[Fact::Deficit, Fact::MesccSigns]),
    ("exclusion", &[Fact::BisphosphonateAllergy, Fact::Pregnancy, Fact::Calcium, Fact::CreatinineClearance]),
    ("study", &[Fact::SpineMri]),
    ("escc grade or diagnosis", &[Fact::Escc, Fact::MesccSigns]),
    ("none current", &[Fact::AntineoplasticTherapy]),
];

/// Whether a piece of text says that something is not there.
fn says_none(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).collect();
    let none = words.iter().position(|word| ["no", "none"].contains(word));
    none.is_some_and(|at| {
        words[at..].iter().any(|word| ["record", "recorded", "usable", "coded"].contains(word))
    })
}

/// What a card lists as not done.
const NOT_DONE: [(&str, Fact); 8] = [
    ("spine mri", Fact::SpineMri),
    ("coded result", Fact::Escc),
    ("coded result of the last mri", Fact::Escc),
    ("mri order", Fact::SpineMriOrders),
    ("spine-surgery consult", Fact::SpineSurgeryConsult),
    ("radiation-oncology consult", Fact::RadiationOncologyConsult),
    ("mdt", Fact::MdtConsult),
    ("corticosteroid", Fact::CorticosteroidsGiven),
];

/// The facts of which such a piece of text speaks.
fn facts_of(piece: &str) -> Vec<Fact> {
    if let Some(list) = piece.strip_prefix("- none on record: ") {
        let fact = |name: &str| NOT_DONE.iter().find(|(known, _)| *known == name).map(|(_, fact)| *fact);
        return list
            .split(", ")
            .map(|name| fact(name).unwrap_or_else(|| panic!("what is {name}?")))
            .collect();
    }
    let of_result = ["coded result", "no result that decides", "no escc grade that decides"];
    if of_result.iter().any(|words| piece.contains(words)) {
        return vec![Fact::Escc, Fact::MesccSigns];
    }
    let named = |fact: &&Fact| piece.starts_with(&format!("- {}: ", fact.plain_name().to_lowercase()));
    if let Some(fact) = Fact::ALL.iter().find(named) {
        return vec![*fact];
    }
    let known = ABSENCES.iter().find(|(words, _)| piece.contains(words));
    known.unwrap_or_else(|| panic!("no fact is known for what this says: {piece}")).1.to_vec()
}

/// The facts that a card calls not on record, and those that a row of it asks to record.
fn called_absent(card: &Value) -> Vec<(Fact, String)> {
    let mut found = Vec::new();
    let detail = card["detail"].as_str().unwrap_or_default();
    let told = detail.split("**Source**").next().unwrap_or_default();
    let pieces =
        told.lines().chain([card["summary"].as_str().unwrap()]).flat_map(|line| line.split(['.', ';']));
    for piece in pieces.map(str::to_lowercase).filter(|piece| says_none(piece)) {
        found.extend(facts_of(&piece).into_iter().map(|fact| (fact, piece.clone())));
    }
    let rationale = &card["extension"]["org.spinal-mets-cds.rationale"];
    for recommendation in rationale["recommendations"].as_array().unwrap() {
        for fact in recommendation["facts"].as_array().into_iter().flatten() {
            let value = fact["value"].as_str().unwrap();
            if value.contains("coded result") {
                found.extend(facts_of(value).into_iter().map(|fact| (fact, value.to_owned())));
            } else if says_none(value) {
                found.push((Fact::named(fact["fact"].as_str().unwrap()).unwrap(), value.to_owned()));
            }
        }
        let code = recommendation["code"].as_str().unwrap();
        if ["sins-not-recorded", "mescc-result-needed", "modality-undetermined"].contains(&code) {
            let missing = recommendation["missing"].as_array().into_iter().flatten();
            found.extend(missing.map(|fact| (Fact::named(fact.as_str().unwrap()).unwrap(), code.to_owned())));
        }
    }
    found
}

/// Takes a key away, lets it fail, or leaves only its first page; gives the type that is not read whole any more.
fn without(body: &mut Value, key: &str, how: usize) -> Option<Source> {
    static TEMPLATES: LazyLock<Vec<Template>> =
        LazyLock::new(|| templates(&ValueSets::built_in().unwrap(), &Profile::default()));
    let template = TEMPLATES.iter().find(|template| template.key == key)?;
    let prefetch = body["prefetch"].as_object_mut()?;
    match how % 3 {
        0 => _ = prefetch.remove(key),
        1 => {
            _ = prefetch.insert(
                key.to_owned(),
                json!({"resourceType": "OperationOutcome", "issue": [
            {"severity": "error", "code": "exception"}]}),
            )
        }
        _ => {
            // Only a Bundle has pages.
            let bundle = prefetch.get_mut(key)?;
            if bundle["resourceType"] != "Bundle" {
                return None;
            }
            let link = json!([{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]);
            bundle.as_object_mut()?.insert("link".to_owned(), link);
        }
    }
    Some(template.source)
}

#[test]
fn what_was_not_read_is_never_called_not_recorded() {
    let (mut asked, mut absences) = (0, 0);
    let mut faults = BTreeMap::new();
    each_case(|case, target, service, body| {
        let keys: Vec<String> =
            body["prefetch"].as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
        // Every key by itself, and some with one other: which of them, and how they fail, turns with the case.
        for (at, key) in keys.iter().enumerate() {
            let other = keys.get((at + 1 + asked % keys.len()) % keys.len()).filter(|_| asked % 4 == 0);
            for other in [None, other].into_iter().take(1 + usize::from(other.is_some())) {
                let mut changed = body.clone();
                let gone: Vec<Source> = [Some(key), other]
                    .into_iter()
                    .flatten()
                    .filter_map(|key| without(&mut changed, key, asked))
                    .collect();
                asked += 1;
                let answer = told(target, service, &changed, case);
                for card in answer["cards"].as_array().into_iter().flatten() {
                    for (fact, words) in called_absent(card) {
                        absences += 1;
                        if fact.sources().iter().any(|source| gone.contains(source)) {
                            faults
                                .entry(format!("{fact:?}: {words}"))
                                .or_insert_with(|| format!("{}, without {gone:?}", case.name));
                        }
                    }
                }
            }
        }
    });
    println!("{asked} calls, {absences} facts called absent");
    assert!(asked > 10_000 && absences > 1_000, "{asked} calls, {absences} facts called absent");
    assert!(faults.is_empty(), "{faults:#?}");
}

/// So many records of one fact a recommendation names at most.
const NAMED: usize = 12;
/// More lines than any card needs, however long the chart is.
const LINES: usize = 120;

#[test]
fn no_card_grows_with_the_number_of_records() {
    let mut counted = 0;
    each_case(|case, target, service, body| {
        let answer = told(target, service, &many::many(body, 20), case);
        for card in answer["cards"].as_array().into_iter().flatten() {
            let rationale = &card["extension"]["org.spinal-mets-cds.rationale"];
            for recommendation in rationale["recommendations"].as_array().unwrap() {
                let mut records: BTreeMap<&str, usize> = BTreeMap::new();
                for fact in recommendation["facts"].as_array().into_iter().flatten() {
                    *records.entry(fact["fact"].as_str().unwrap()).or_default() += 1;
                }
                for (fact, records) in records {
                    assert!(records <= NAMED, "{}: {records} of {fact}", case.folder.display());
                }
            }
            for more in rationale["more"].as_array().into_iter().flatten() {
                assert!(more["records"].as_u64().unwrap() > 12, "{more}");
                counted += 1;
            }
            let lines = card["detail"].as_str().unwrap().lines().count();
            assert!(lines <= LINES, "{}: {lines} lines", case.folder.display());
        }
    });
    assert!(counted > 300, "only {counted} cards had more records than they name");
}
