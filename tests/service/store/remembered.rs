//! Answers that keep cards away, on either database.

use super::both::on_both;
use super::helpers::{CLIENT, Place, accepted, at, batch, now, open, overridden, suggestion};
use super::postgres::Postgres;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use spinal_mets_cds::clock::Clock;
use spinal_mets_cds::guideline::Code;
use spinal_mets_cds::services::{Likeness, Recalled};
use spinal_mets_cds::store::{Store, Summary};
use sqlx::Connection;
use std::time::Duration;

const AT: &str = "2026-05-05T08:25:00Z";
const LEAD: Code = Code::SurgeryPreferred;
/// Nobody is in a hurry.
const PATIENCE: Duration = Duration::from_secs(60);

on_both!(
    an_override_with_a_reason_is_known_to_every_replica_and_after_a_restart,
    what_is_no_answer_is_not_remembered,
    nobody_silences_a_card_of_another_client,
    what_was_accepted_later_wakes_in_whatever_order_it_comes,
    a_replaced_key_keeps_what_was_answered_and_a_known_one_ends_it,
    one_client_silences_only_so_many_cards_a_day,
    answers_are_forgotten_when_they_are_over,
    without_repeat_nothing_is_remembered,
);

fn remembering(place: &Place) -> Store {
    place.open().remembering(true)
}

/// A card about something, as the store of now makes its id.
fn likeness(store: &Store, about: &str) -> Likeness {
    Likeness { lead: LEAD, digests: store.ids().load().digests(about.as_bytes()) }
}

fn card_about(store: &Store, about: &str) -> String {
    let ids = store.ids().load_full();
    ids.issuer(CLIENT, 0, now()).card_about(LEAD, ids.digests(about.as_bytes())[0])
}

async fn tell(store: &Store, entries: &[Value]) -> Summary {
    store.record(&batch(entries), CLIENT, now()).await.unwrap()
}

async fn recalled(store: &Store, about: &str) -> Option<DateTime<Utc>> {
    let asked = [likeness(store, "something else"), likeness(store, about)];
    let Recalled(known) = store.recall(CLIENT, 0, &asked, PATIENCE).await.unwrap();
    assert_eq!((known.len(), known[0]), (2, None));
    known[1]
}

async fn an_override_with_a_reason_is_known_to_every_replica_and_after_a_restart(place: Place) {
    let (one, two) = (remembering(&place), remembering(&place));
    one.check().await.unwrap();
    two.check().await.unwrap();
    assert_eq!(recalled(&one, "this").await, None);
    let told = overridden(&card_about(&one, "this"), AT);
    for again in [1, 0] {
        let summary = tell(&one, std::slice::from_ref(&told)).await;
        assert_eq!((summary.stored, summary.remembered, summary.not_remembered), (again, 1, 0));
        for store in [&one, &two, &remembering(&place)] {
            store.check().await.unwrap();
            assert_eq!(recalled(store, "this").await, Some(at(AT)));
        }
    }
    // The later of two answers counts, and no later time than it was told at.
    tell(&two, &[overridden(&card_about(&two, "this"), "2026-05-05T09:00:00Z")]).await;
    assert_eq!(recalled(&one, "this").await, Some(now()));
    tell(&two, &[overridden(&card_about(&two, "this"), AT)]).await;
    assert_eq!(recalled(&one, "this").await, Some(now()));
    // Another service, another lead: another card.
    let Recalled(known) = one.recall(CLIENT, 1, &[likeness(&one, "this")], PATIENCE).await.unwrap();
    assert_eq!(known, [None]);
    let other = Likeness { lead: Code::MriWithin12h, ..likeness(&one, "this") };
    assert_eq!(one.recall(CLIENT, 0, &[other], PATIENCE).await.unwrap(), Recalled(vec![None]));
    let unknown = Likeness { lead: LEAD, digests: Vec::new() };
    assert_eq!(one.recall(CLIENT, 0, &[unknown], PATIENCE).await.unwrap(), Recalled(vec![None]));
}

async fn what_is_no_answer_is_not_remembered(place: Place) {
    let store = remembering(&place);
    store.check().await.unwrap();
    let card = card_about(&store, "this");
    let without = json!({"card": card, "outcome": "overridden", "outcomeTimestamp": AT});
    let mut own_words = overridden(&card, "2026-05-05T08:26:00Z");
    own_words["overrideReason"]["reason"]["code"] = "closed".into();
    let mut comment = without.clone();
    comment["overrideReason"] = json!({"userComment": "no"});
    comment["outcomeTimestamp"] = "2026-05-05T08:27:00Z".into();
    let unknown = overridden(&uuid::Uuid::new_v4().to_string(), AT);
    let of_suggestion = overridden(&suggestion(&store, LEAD), AT);
    let summary = tell(&store, &[without, own_words, comment, unknown, of_suggestion]).await;
    assert_eq!((summary.stored, summary.unknown, summary.remembered), (3, 2, 0));
    assert_eq!(recalled(&store, "this").await, None);
}

async fn nobody_silences_a_card_of_another_client(place: Place) {
    let store = remembering(&place);
    store.check().await.unwrap();
    let told = batch(&[overridden(&card_about(&store, "this"), AT)]);
    let summary = store.record(&told, "another-hospital", now()).await.unwrap();
    assert_eq!((summary.unknown, summary.remembered), (1, 0));
    assert_eq!(recalled(&store, "this").await, None);
    // An answer of the client holds for the client alone.
    tell(&store, &[overridden(&card_about(&store, "this"), AT)]).await;
    let asked = [likeness(&store, "this")];
    assert_eq!(store.recall("another-hospital", 0, &asked, PATIENCE).await.unwrap(), Recalled(vec![None]));
    assert_eq!(recalled(&store, "this").await, Some(at(AT)));
}

async fn what_was_accepted_later_wakes_in_whatever_order_it_comes(place: Place) {
    let store = remembering(&place);
    store.check().await.unwrap();
    let told = |about: &str| {
        let card = card_about(&store, about);
        let taken = accepted(&card, &suggestion(&store, LEAD), "2026-05-05T08:26:00Z");
        [overridden(&card, AT), taken]
    };
    let [first, second] = [told("in order"), told("the other way round")];
    for entry in [&first[0], &first[1], &second[1], &second[0]] {
        tell(&store, std::slice::from_ref(entry)).await;
    }
    assert_eq!(recalled(&store, "in order").await, None);
    assert_eq!(recalled(&store, "the other way round").await, None);
    tell(&store, &[overridden(&card_about(&store, "in order"), "2026-05-05T08:27:00Z")]).await;
    assert!(recalled(&store, "in order").await.is_some(), "the last word counts");
}

async fn a_replaced_key_keeps_what_was_answered_and_a_known_one_ends_it(place: Place) {
    let store = remembering(&place);
    store.check().await.unwrap();
    let before = card_about(&store, "this");
    tell(&store, &[overridden(&before, AT)]).await;
    let clock = Clock::System.now();
    store.rotate_id_key(clock - TimeDelta::minutes(6), false).await.unwrap();
    let after = remembering(&place);
    after.check().await.unwrap();
    assert_ne!(card_about(&after, "this"), before);
    assert_eq!(recalled(&after, "this").await, Some(at(AT)));
    // An answer under the new key is known to a replica that has not yet begun to use it, once that has read it.
    tell(&after, &[overridden(&card_about(&after, "that"), AT)]).await;
    let waiting = remembering(&place);
    waiting.check().await.unwrap();
    assert_eq!(recalled(&waiting, "that").await, Some(at(AT)));
    // What was accepted under the new key wakes what was answered under the old one.
    tell(&after, &[accepted(&card_about(&after, "this"), &suggestion(&after, LEAD), "2026-05-05T08:26:00Z")])
        .await;
    assert_eq!(recalled(&waiting, "this").await, None);
    store.rotate_id_key(clock, true).await.unwrap();
    let ended = remembering(&place);
    ended.check().await.unwrap();
    assert_eq!(recalled(&ended, "that").await, None, "everything is shown");
}

async fn one_client_silences_only_so_many_cards_a_day(place: Place) {
    let store = remembering(&place);
    store.check().await.unwrap();
    let told = |from: usize, to: usize| -> Vec<Value> {
        (from..to).map(|number| overridden(&card_about(&store, &number.to_string()), AT)).collect()
    };
    let first = tell(&store, &told(0, 450)).await;
    assert_eq!((first.stored, first.remembered, first.not_remembered), (450, 450, 0));
    let second = tell(&store, &told(450, 600)).await;
    assert_eq!((second.stored, second.remembered, second.not_remembered), (150, 50, 100));
    let third = tell(&store, &told(600, 610)).await;
    assert_eq!((third.stored, third.remembered, third.not_remembered), (10, 0, 10));
    // What is accepted wakes a card all the same.
    let card = card_about(&store, "0");
    tell(&store, &[accepted(&card, &suggestion(&store, LEAD), "2026-05-05T08:26:00Z")]).await;
    assert_eq!(recalled(&store, "0").await, None);
    assert!(recalled(&store, "1").await.is_some());
    // The next day there is room again.
    let next = store.record(&batch(&told(700, 710)), CLIENT, now() + TimeDelta::days(1)).await.unwrap();
    assert_eq!((next.remembered, next.not_remembered), (10, 0));
}

async fn answers_are_forgotten_when_they_are_over(place: Place) {
    let store = remembering(&place);
    store.check().await.unwrap();
    tell(&store, &[overridden(&card_about(&store, "this"), AT)]).await;
    assert_eq!(store.forget_answers(now() + TimeDelta::days(30)).await.unwrap(), 0);
    assert!(recalled(&store, "this").await.is_some());
    assert_eq!(store.forget_answers(now() + TimeDelta::days(32)).await.unwrap(), 1);
    assert_eq!(recalled(&store, "this").await, None);
    tell(&store, &[overridden(&card_about(&store, "that"), AT)]).await;
    assert_eq!(store.purge(now()).await.unwrap().answers, 0);
    assert_eq!(store.purge(now() + TimeDelta::seconds(1)).await.unwrap().answers, 1);
    assert_eq!(recalled(&store, "that").await, None);
}

async fn without_repeat_nothing_is_remembered(place: Place) {
    let store = place.open();
    store.check().await.unwrap();
    let summary = tell(&store, &[overridden(&card_about(&store, "this"), AT)]).await;
    assert_eq!((summary.stored, summary.remembered), (1, 0));
    assert_eq!(recalled(&store, "this").await, None);
}

#[tokio::test]
async fn a_store_that_is_slow_is_waited_for_once_and_shows_everything() {
    let Some(server) = Postgres::start() else { return };
    let place = super::helpers::settings(server.database());
    let store = open(&place).remembering(true);
    store.check().await.unwrap();
    tell(&store, &[overridden(&card_about(&store, "this"), AT)]).await;
    assert!(recalled(&store, "this").await.is_some());
    let mut other = sqlx::PgConnection::connect(&place.url).await.unwrap();
    sqlx::query("BEGIN").execute(&mut other).await.unwrap();
    sqlx::query("LOCK TABLE remembered IN ACCESS EXCLUSIVE MODE").execute(&mut other).await.unwrap();
    let asked = [likeness(&store, "this")];
    let refusal = async |within| store.recall(CLIENT, 0, &asked, within).await.unwrap_err().to_string();
    // A call that has no time left says nothing about the store.
    assert!(refusal(Duration::from_millis(1)).await.contains("in time"));
    assert!(refusal(PATIENCE).await.contains("in time"));
    assert!(refusal(PATIENCE).await.contains("a moment ago"));
    assert!(store.availability().is_available(), "feedback and tokens are not concerned");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    store.check().await.unwrap();
    assert!(recalled(&store, "this").await.is_some());
    server.stop();
    assert!(store.recall(CLIENT, 0, &asked, PATIENCE).await.is_err());
}
