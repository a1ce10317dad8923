//! A card that comes again after it was answered (`[repeat]`), over every fixture: what is hidden, for how long, and that
//! whatever differs in a card brings it back.

#![cfg(test)]

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::target::{InProcessTarget, Target as _};
use spinal_mets_cds::cds_hooks::document;
use spinal_mets_cds::config::{Client, KeySource};
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::services::card_id::{IdKey, KEY_LENGTH};
use spinal_mets_cds::services::{Likeness, Recalled, Services};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

#[path = "service/support/uuids.rs"]
mod uuids;

/// A question of a fixture.
struct Asked {
    name: String,
    service: String,
    body: Value,
    now: DateTime<Utc>,
    /// Those of its site, with nothing remembered and with answers.
    services: [Arc<Services>; 2],
}

static ALL: LazyLock<Vec<Asked>> = LazyLock::new(all);

fn key() -> IdKey {
    IdKey::new(&[7; KEY_LENGTH])
}

fn services(site: Site, repeats: bool) -> Services {
    let base = url::Url::parse("https://cds.example.org").unwrap();
    let services = Services::new(ValueSets::built_in().unwrap(), site).unwrap();
    services.with_ids(key().shared()).with_base_url(&base).with_repeats(repeats)
}

fn all() -> Vec<Asked> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let plain = InProcessTarget::new(Site::default()).unwrap();
    let of_site = |site: Site| [false, true].map(|repeats| Arc::new(services(site.clone(), repeats)));
    let usual = of_site(Site::default());
    let cases = find(&[folder]).cases;
    let asked = cases.iter().filter(|case| !case.is_hostile()).map(|case| {
        let bundle = CaseBundle::load(&case.folder).unwrap();
        let request = build(&case.told, bundle, plain.offered()).unwrap();
        let own = case.told.facility.as_ref().map(|facility| of_site(facility.site()));
        let (service, body) = (request.service, request.body);
        let services = own.unwrap_or_else(|| usual.clone());
        Asked { name: case.name.clone(), service, body, now: case.told.now, services }
    });
    asked.collect()
}

/// The answer, and what its cards are known by; `None` where the call is refused.
fn ask(
    services: &Services,
    service: &str,
    body: &str,
    now: DateTime<Utc>,
    client: Option<&Client>,
    recall: impl FnOnce(&[Likeness]) -> Recalled,
) -> Option<(Value, Vec<Likeness>)> {
    let body = document(body.as_bytes()).unwrap();
    let mut pending = services.begin(service, &body, client).unwrap();
    let nothing = Default::default();
    let assessed = pending.assess_while(&nothing, now, &|| true).ok()?;
    let likenesses = assessed.likenesses().to_vec();
    let recalled = recall(&likenesses);
    let answer = assessed.write(&recalled).ok()?;
    Some((serde_json::to_value(&answer.response).unwrap(), likenesses))
}

fn nobody(_: &[Likeness]) -> Recalled {
    Recalled::default()
}

fn cards(answer: &Value) -> &[Value] {
    answer["cards"].as_array().unwrap()
}

#[test]
fn without_an_answer_every_card_is_as_it_was() {
    let mut seen = 0;
    for asked in ALL.iter() {
        let body = asked.body.to_string();
        let [off, on] = &asked.services;
        let told = |services| ask(services, &asked.service, &body, asked.now, None, nobody);
        let again = (told(off), told(on));
        let (Some((off, none)), Some((on, likenesses))) = (told(off), told(on)) else { continue };
        assert!(none.is_empty() && off.get("extension").is_none(), "{}", asked.name);
        assert_eq!(likenesses.len(), cards(&on).len(), "{}", asked.name);
        let without = |mut answer: Value| {
            uuids::without_uuids(&mut answer);
            answer.to_string()
        };
        assert_eq!(without(off.clone()), without(on.clone()), "{}", asked.name);
        // Nothing of the patient is in an id unless it is asked for; where it is, the id is the same within the hour.
        let ids = |answer: &Value| -> Vec<String> {
            cards(answer).iter().map(|card| card["uuid"].as_str().unwrap().to_owned()).collect()
        };
        let again = (again.0.unwrap().0, again.1.unwrap().0);
        for (place, likeness) in likenesses.iter().enumerate() {
            assert_ne!(ids(&off)[place], ids(&again.0)[place], "{}", asked.name);
            let same = ids(&on)[place] == ids(&again.1)[place];
            assert_eq!(same, !likeness.digests.is_empty(), "{}", asked.name);
        }
        let distinct: BTreeSet<String> = ids(&on).into_iter().collect();
        assert_eq!(distinct.len(), likenesses.len(), "{}: no two cards share an id", asked.name);
        seen += likenesses.len();
    }
    assert!(seen > 500, "only {seen} cards");
}

/// How a card is shown when it was answered so long ago.
fn shown_after(asked: &Asked, services: &Services, ago: TimeDelta) -> (Value, Value) {
    let body = asked.body.to_string();
    let whole = ask(services, &asked.service, &body, asked.now, None, nobody).unwrap().0;
    let answered = asked.now - ago;
    let all = |likenesses: &[Likeness]| Recalled(vec![Some(answered); likenesses.len()]);
    (whole, ask(services, &asked.service, &body, asked.now, None, all).unwrap().0)
}

#[test]
fn no_critical_card_is_ever_hidden_and_what_is_overdue_comes_back() {
    let (mut critical, mut hidden) = (0, 0);
    let short = [TimeDelta::zero(), TimeDelta::minutes(1), TimeDelta::hours(3)];
    let long = [TimeDelta::hours(4), TimeDelta::days(7), TimeDelta::days(29), TimeDelta::days(30)];
    for asked in ALL.iter() {
        let services = &asked.services[1];
        if ask(services, &asked.service, &asked.body.to_string(), asked.now, None, nobody).is_none() {
            continue;
        }
        for ago in short.iter().chain(&long) {
            let (whole, shown) = shown_after(asked, services, *ago);
            let mut left = cards(&shown).iter();
            let told: BTreeMap<String, Value> = shown["extension"]["org.spinal-mets-cds.repeats"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|it| (it["code"].as_str().unwrap().to_owned(), it.clone()))
                .collect();
            for card in cards(&whole) {
                let code = card["source"]["topic"]["code"].as_str().unwrap();
                let rationale = &card["extension"]["org.spinal-mets-cds.rationale"];
                let told = told.get(code);
                match card["indicator"].as_str().unwrap() {
                    "critical" => {
                        let now = left.next().unwrap_or_else(|| panic!("{}: {code} is hidden", asked.name));
                        for member in ["indicator", "summary", "source", "overrideReasons", "extension"] {
                            assert_eq!(now[member], card[member], "{}: {member}", asked.name);
                        }
                        assert_eq!(
                            now["suggestions"].as_array().map(Vec::len),
                            card["suggestions"].as_array().map(Vec::len)
                        );
                        let detail = now["detail"].as_str().unwrap();
                        if short.contains(ago) && told.is_some() {
                            critical += 1;
                            assert!(detail.starts_with("**Do now**"), "{}: {detail}", asked.name);
                            assert!(detail.contains("**In short**") && !detail.contains("**Why**"));
                            assert!(detail.len() < card["detail"].as_str().unwrap().len(), "{}", asked.name);
                            assert_eq!(now["links"][0]["url"], card["source"]["url"]);
                        } else {
                            assert_eq!(now["detail"], card["detail"], "{}", asked.name);
                        }
                    }
                    word => {
                        let is_over = rationale["overdue"] == true
                            || *ago >= TimeDelta::days(if word == "info" { 30 } else { 7 });
                        let due =
                            rationale["deadline"].as_str().map(|it| it.parse::<DateTime<Utc>>().unwrap());
                        let is_over = is_over || due.is_some_and(|due| due <= asked.now);
                        if is_over {
                            let now =
                                left.next().unwrap_or_else(|| panic!("{}: {code} is hidden", asked.name));
                            assert_eq!(now["detail"], card["detail"], "{}", asked.name);
                        } else {
                            hidden += 1;
                            let until: DateTime<Utc> =
                                told.unwrap()["until"].as_str().unwrap().parse().unwrap();
                            assert!(
                                until > asked.now && due.is_none_or(|due| until <= due),
                                "{}",
                                asked.name
                            );
                        }
                    }
                }
            }
            assert_eq!(left.next(), None, "{}: a card that nobody knows", asked.name);
        }
    }
    assert!(critical > 300 && hidden > 500, "{critical} critical, {hidden} hidden");
}

/// The cards of an answer by their ids, without what differs from call to call.
fn by_id(answer: &Value, likenesses: &[Likeness]) -> BTreeMap<String, Value> {
    let known = cards(answer).iter().zip(likenesses).filter(|(_, likeness)| !likeness.digests.is_empty());
    let card = |(card, _): (&Value, &Likeness)| {
        let (id, mut card) = (card["uuid"].as_str().unwrap().to_owned(), card.clone());
        uuids::without_uuids(&mut card);
        (id, card)
    };
    known.map(card).collect()
}

/// The record with one resource less, for each resource of its prefetch.
fn one_less(body: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    for (name, value) in body["prefetch"].as_object().unwrap() {
        let entries = value["entry"].as_array().map_or(0, Vec::len);
        for place in 0..entries {
            let mut less = body.clone();
            less["prefetch"][name]["entry"].as_array_mut().unwrap().remove(place);
            all.push(less);
        }
    }
    all
}

#[test]
fn two_cards_of_one_id_say_the_same() {
    let (mut same, mut other, mut differ) = (0_u32, 0_u32, Vec::new());
    for asked in ALL.iter() {
        let services = &asked.services[1];
        let told = |body: &Value, now| ask(services, &asked.service, &body.to_string(), now, None, nobody);
        let Some((whole, likenesses)) = told(&asked.body, asked.now) else { continue };
        let whole = by_id(&whole, &likenesses);
        for less in one_less(&asked.body) {
            let Some((answer, likenesses)) = told(&less, asked.now) else { continue };
            for (id, card) in by_id(&answer, &likenesses) {
                let Some(known) = whole.get(&id) else {
                    other += 1;
                    continue;
                };
                same += 1;
                for (member, value) in
                    card.as_object().unwrap().iter().filter(|(name, value)| known[*name] != **value)
                {
                    differ.push(format!("{}: {member}\n  {value}\n  {}", asked.name, known[member]));
                }
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(same > 400 && other > 1_000, "{same} the same, {other} another");
}

#[test]
fn a_card_is_known_again_when_nothing_but_time_has_passed() {
    let (mut known, mut lost) = (0_u32, BTreeMap::<String, u32>::new());
    for asked in ALL.iter() {
        let services = &asked.services[1];
        let told = |now| ask(services, &asked.service, &asked.body.to_string(), now, None, nobody);
        let (Some((answer, before)), Some((_, after))) =
            (told(asked.now), told(asked.now + TimeDelta::minutes(3)))
        else {
            continue;
        };
        for (card, likeness) in cards(&answer).iter().zip(&before) {
            if after.iter().any(|it| it.digests == likeness.digests) {
                known += 1;
            } else {
                let row = &card["extension"]["org.spinal-mets-cds.rationale"]["recommendations"][0]["row"];
                *lost.entry(row.as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
    }
    let lost_ones: u32 = lost.values().sum();
    assert!(known > 20 * lost_ones, "{known} known, {lost_ones} not: {lost:?}");
}

#[test]
fn an_answer_over_an_order_holds_for_that_order_as_it_is() {
    let (mut orders, mut dispatched) = (0, 0);
    for asked in ALL.iter() {
        let [_, services] = &asked.services;
        let known = |body: &Value| -> Vec<Vec<u64>> {
            let told = ask(services, &asked.service, &body.to_string(), asked.now, None, nobody);
            told.into_iter().flat_map(|(_, all)| all).map(|it| it.digests).collect()
        };
        let plain = known(&asked.body);
        if asked.service.ends_with("dispatch") {
            dispatched += plain.len();
            assert!(plain.iter().all(Vec::is_empty), "{}: its text is not in the call", asked.name);
        }
        if !asked.service.ends_with("sign") && !asked.service.ends_with("select") {
            continue;
        }
        let mut changed = asked.body.clone();
        for entry in changed["context"]["draftOrders"]["entry"].as_array_mut().into_iter().flatten() {
            entry["resource"]["language"] = "xx".into();
        }
        let changed = known(&changed);
        assert!(plain.iter().all(|it| !it.is_empty() && !changed.contains(it)), "{}", asked.name);
        orders += plain.len();
    }
    assert!(orders > 100 && dispatched > 0, "{orders} orders, {dispatched} dispatched");
}

#[test]
fn whose_card_it_is_belongs_to_what_it_is_known_by() {
    let asked = ALL.iter().find(|it| {
        it.service.ends_with("patient-view")
            && it.name == "mri-timing/again-notes-of-one-day-the-worse-counts"
    });
    let Asked { service, body, now, services: [_, services], .. } = asked.unwrap();
    let digests = |body: &Value, client: Option<&Client>| -> Vec<Vec<u64>> {
        let (_, all) = ask(services, service, &body.to_string(), *now, client, nobody).unwrap();
        all.into_iter().map(|it| it.digests).collect()
    };
    let plain = digests(body, None);
    assert!(!plain.is_empty());
    let at = |server: &str| {
        let mut body = body.clone();
        body["fhirServer"] = server.into();
        digests(&body, None)
    };
    let north = at("https://north.example.org/fhir");
    assert_ne!(north, plain);
    assert_ne!(north, at("https://south.example.org/fhir"), "one id at two servers is two people");
    assert_eq!(north, at("https://north.example.org/fhir/"));
    let client = Client::new("another", "https://another.example.org", KeySource::File("x".into()), &[]);
    assert_ne!(digests(body, Some(&client)), plain);
    let patient = body["context"]["patientId"].as_str().unwrap().to_owned();
    let other: Value = serde_json::from_str(&body.to_string().replace(&patient, "somebody-else")).unwrap();
    let others = digests(&other, None);
    assert_eq!(others.len(), plain.len());
    assert!(others.iter().all(|it| !plain.contains(it)), "the same facts of another patient");
}
