//! What is counted and kept week by week, on both databases.

use super::helpers::{CLIENT, Place, at, counts};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use spinal_mets_cds::config::Shadow;
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::fhir::ValueSets;
use spinal_mets_cds::insights::{Insights, Query, Shift};
use spinal_mets_cds::services::{Answer, Services};
use spinal_mets_cds::store::{Judged, Purged, Sampled, Store};

const SERVICE: &str = "spinal-metastases-patient-view";

/// Runs each check on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($($check:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $check() {
                super::$check(super::Place::sqlite().unwrap()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $check() {
                if let Some(place) = super::Place::postgres() {
                    super::$check(place).await;
                }
            })+
        }
    };
}

on_both!(
    a_shift_that_is_planted_over_weeks_is_found_and_nothing_else_is,
    the_sample_depends_on_the_seed_and_on_nothing_else,
    what_is_old_is_forgotten,
);

/// The first day of the weeks, a Monday.
fn first_week() -> DateTime<Utc> {
    at("2026-02-02T10:00:00Z")
}

/// The answers of three kinds of patients: with a finding in codes that are known, with the same in a code of the EHR's own, and
/// without one.
struct Kinds {
    known: Answer,
    unknown: Answer,
    nothing: Answer,
}

fn kinds() -> Kinds {
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    let now = at("2026-05-05T08:00:00Z");
    let example: Value =
        serde_json::from_str(include_str!("../../../hooks/spinal-metastases-patient-view/request.json"))
            .unwrap();
    let ask = |call: &Value| services.call(SERVICE, call.to_string().as_bytes(), now).unwrap();
    let mut local = example.clone();
    for entry in local["prefetch"]["conditions"]["entry"].as_array_mut().unwrap().iter_mut().skip(1) {
        entry["resource"]["code"] = json!({"coding": [{"system": "urn:oid:1.2.3", "code": "OWN-1"}]});
    }
    let mut healthy = example.clone();
    for (key, value) in healthy["prefetch"].as_object_mut().unwrap() {
        if key != "patient" {
            *value = Value::Null;
        }
    }
    Kinds { known: ask(&example), unknown: ask(&local), nothing: ask(&healthy) }
}

/// The shifts of the whole time.
async fn shifts(store: &Store) -> Vec<Shift> {
    let (from, to) = (first_week().date_naive(), (first_week() + TimeDelta::weeks(20)).date_naive());
    let query = Query::read(&format!("from={from}&to={to}"), to).unwrap();
    let weekly = store.weekly((from, to), None, None).await.unwrap();
    Insights::of(&counts(store).await, (&weekly, &[]), &query).weeks.shifts
}

/// Calls of each week: of 500 about a fifth with a finding, a little more or less by a seed. From week `changed` on the EHR sends a code of
/// its own.
async fn weeks(stores: &[&Store], kinds: &Kinds, changed: i64) {
    let mut seed: u32 = 7;
    for week in 0..16 {
        let now = first_week() + TimeDelta::weeks(week);
        for call in 0..500_u32 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let answer = match (seed >> 16) % 100 {
                0..20 if week < changed => &kinds.known,
                0..20 => &kinds.unknown,
                _ => &kinds.nothing,
            };
            let store = stores[usize::try_from(call).unwrap() % stores.len()];
            store.watch().count(CLIENT, SERVICE, answer, &vec![true; answer.outlines.len()]);
        }
        for store in stores {
            store.flush(now).await.unwrap();
        }
    }
}

async fn a_shift_that_is_planted_over_weeks_is_found_and_nothing_else_is(place: Place) {
    let (one, other) = (place.open(), place.open());
    let kinds = kinds();
    assert!(!kinds.known.outlines.is_empty() && kinds.nothing.outlines.is_empty());
    weeks(&[&one, &other], &kinds, 10).await;
    let found = shifts(&one).await;
    let planted = (first_week() + TimeDelta::weeks(10)).date_naive();
    assert!(found.iter().all(|shift| shift.week == planted), "{found:?}");
    let of = |what: &str, name: &str| found.iter().find(|it| it.what == what && it.name == name);
    let unknown = of("unknown", "problems").expect("codes that nobody knows");
    assert!(unknown.standard_errors > 4.0 && unknown.before == 0.0 && unknown.now > 100.0, "{unknown:?}");
    let row = kinds.known.outlines[0].rows[0];
    let card = of("card", row).expect("cards of the row");
    assert!(card.standard_errors < -4.0 && card.now < card.before / 2.0, "{card:?}");
    assert!(found.iter().any(|it| it.what == "fact" && it.standard_errors < -4.0), "{found:?}");
    assert_eq!(of("fact", "cancer"), None, "what both kinds have did not change");
    assert!(found.iter().all(|it| it.service == SERVICE));
}

#[tokio::test]
async fn without_a_shift_nothing_is_found() {
    let place = Place::sqlite().unwrap();
    let store = place.open();
    weeks(&[&store], &kinds(), 99).await;
    assert_eq!(shifts(&store).await, []);
}

fn in_shadow(place: &Place, shadow: Shadow) -> Store {
    place.open().with_shadow(&[CLIENT.to_owned()], &shadow)
}

/// The example at other ages of its findings: each another outline.
fn answers() -> Vec<Answer> {
    let services = Services::new(ValueSets::built_in().unwrap(), Site::default()).unwrap();
    let example = include_str!("../../../hooks/spinal-metastases-patient-view/request.json");
    let ask = |hours: i64| {
        let now = at("2026-05-05T08:00:00Z") + TimeDelta::hours(hours);
        services.call(SERVICE, example.as_bytes(), now).unwrap()
    };
    [0, 12, 30, 60, 24 * 5, 24 * 10, 24 * 20, 24 * 40].map(ask).into_iter().collect()
}

fn offer(store: &Store, answer: &Answer, now: DateTime<Utc>) {
    store.sample().offer(answer, &vec![true; answer.outlines.len()], now);
}

async fn cases(store: &Store) -> Vec<Sampled> {
    let (from, to) = (first_week().date_naive(), (first_week() + TimeDelta::weeks(20)).date_naive());
    store.cases(from, to).await.unwrap()
}

async fn the_sample_depends_on_the_seed_and_on_nothing_else(place: Place) {
    let shadow = Shadow { enabled: true, cases_per_week: 3, ..Shadow::default() };
    let now = first_week();
    // All of them, in a store of one process.
    let alone = Place::sqlite().unwrap();
    let all = in_shadow(&alone, Shadow { cases_per_week: 500, ..shadow });
    let answers = answers();
    answers.iter().for_each(|answer| offer(&all, answer, now));
    all.flush(now).await.unwrap();
    let all = cases(&all).await;
    assert!(all.len() > 5, "{}", all.len());

    // Two replicas that see them in another order, each a part of them and some both.
    let (one, other) = (in_shadow(&place, shadow), in_shadow(&place, shadow));
    answers.iter().rev().take(6).for_each(|answer| offer(&one, answer, now));
    answers.iter().take(5).for_each(|answer| offer(&other, answer, now));
    for store in [&one, &other] {
        store.flush(now).await.unwrap();
    }
    let drawn = cases(&one).await;
    let contents = |cases: &[Sampled]| cases.iter().map(|it| it.case.clone()).collect::<Vec<_>>();
    assert_eq!(contents(&drawn), contents(&all[..3]));
    assert!(drawn.iter().all(|it| it.judged.is_none() && it.times > 0));

    // Another seed draws others, a week has a sample of its own, and what was judged stays.
    let judged = drawn[2].clone();
    assert!(one.judge(judged.week, judged.place, Judged::Wrong).await.unwrap());
    assert!(one.judge(judged.week, judged.place, Judged::Right).await.unwrap(), "the last word counts");
    assert!(!one.judge(judged.week, judged.place + 1, Judged::Right).await.unwrap());
    let smaller = in_shadow(&place, Shadow { cases_per_week: 1, ..shadow });
    let later = now + TimeDelta::weeks(1);
    for at in [now, later] {
        answers.iter().for_each(|answer| offer(&smaller, answer, at));
    }
    smaller.flush(later).await.unwrap();
    let left = cases(&other).await;
    let of_week = |first: bool| left.iter().filter(|it| (it.week == now.date_naive()) == first).count();
    assert_eq!((of_week(true), of_week(false)), (2, 1), "{left:?}");
    let kept = left.iter().find(|it| it.place == judged.place && it.week == judged.week).unwrap();
    assert_eq!(kept.judged, Some(Judged::Right));
    let another = Place::sqlite().unwrap();
    let seeded = in_shadow(&another, Shadow { seed: 2, ..shadow });
    answers.iter().for_each(|answer| offer(&seeded, answer, now));
    seeded.flush(now).await.unwrap();
    assert_ne!(contents(&cases(&seeded).await), contents(&drawn));

    // Without shadow mode nothing is kept.
    let plain = place.open();
    answers.iter().for_each(|answer| offer(&plain, answer, later + TimeDelta::weeks(1)));
    plain.flush(later + TimeDelta::weeks(1)).await.unwrap();
    assert_eq!(cases(&plain).await.len(), 3);
}

async fn what_is_old_is_forgotten(place: Place) {
    let shadow = Shadow { enabled: true, keep_days: 30, ..Shadow::default() };
    let store = in_shadow(&place, shadow);
    let answers = answers();
    let weeks = [first_week(), first_week() + TimeDelta::weeks(6)];
    for now in weeks {
        offer(&store, &answers[0], now);
        store.watch().count(CLIENT, SERVICE, &answers[0], &[true]);
        store.flush(now).await.unwrap();
    }
    assert_eq!(store.forget_old_cases(weeks[0] + TimeDelta::days(30)).await.unwrap(), 0);
    // Also by a service whose shadow mode has been turned off.
    let off = in_shadow(&place, Shadow { enabled: false, ..shadow });
    assert!(off.forget_old_cases(weeks[1]).await.unwrap() > 0);
    assert!(cases(&store).await.iter().all(|it| it.week == weeks[1].date_naive()));
    let purged = store.purge(weeks[1]).await.unwrap();
    assert!(purged.weekly > 2 && purged.cases == 0, "{purged:?}");
    let purged = store.purge(weeks[1] + TimeDelta::weeks(2)).await.unwrap();
    assert!(purged.weekly > 2 && purged.cases > 0, "{purged:?}");
    assert_eq!(store.purge(weeks[1] + TimeDelta::weeks(2)).await.unwrap(), Purged::default());
}
