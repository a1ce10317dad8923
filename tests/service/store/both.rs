//! What must hold on either database; each check runs on both.

use super::helpers::{
    CLIENT, Place, accepted, at, batch, card, count, counts, now, open, overridden, question, record,
    settings, suggestion,
};
use base64::Engine;
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use spinal_mets_cds::clock::Clock;
use spinal_mets_cds::guideline::Code;
use spinal_mets_cds::store::{Count, Fate, Purged, Rotated, Store, StoreError, Summary};

const AT: &str = "2026-05-05T08:40:00Z";
const LATER: &str = "2026-05-05T08:50:00Z";

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
pub(super) use on_both;

on_both!(
    what_is_told_twice_is_kept_once,
    the_last_word_on_a_card_counts,
    ids_that_are_not_ours_are_counted_and_not_kept,
    nobody_answers_for_another_client,
    every_process_and_every_start_knows_the_same_ids,
    a_key_from_a_file_is_taken,
    a_new_key_makes_ids_when_all_have_read_it,
    a_known_key_ends_at_once,
    a_comment_is_kept_only_where_configured,
    nothing_that_is_sent_breaks_the_store,
    shown_cards_of_all_processes_add_up,
    a_token_is_new_once,
    old_entries_are_purged,
);

async fn nobody_answers_for_another_client(place: Place) {
    let store = place.open();
    store.check().await.unwrap();
    let shown = card(&store, Code::MriWithin12h);
    let told = accepted(&shown, &suggestion(&store, Code::MriWithin12h), AT);
    assert_eq!(
        record(&store, &[told]).await,
        Summary { stored: 1, repeated: 0, unknown: 0, beyond: 0, ..Summary::default() }
    );
    let answer = batch(&[overridden(&shown, LATER)]);
    let summary = store.record(&answer, "another-hospital", now()).await.unwrap();
    assert_eq!(summary, Summary { stored: 0, repeated: 0, unknown: 1, beyond: 0, ..Summary::default() });
    assert_eq!(counts(&store).await.cards[0].fate, Fate::Accepted);
}

async fn what_is_told_twice_is_kept_once(place: Place) {
    let store = place.open();
    store.check().await.unwrap();
    let (first, second) = (card(&store, Code::MriWithin12h), card(&store, Code::MriWithin12h));
    let entries = [
        overridden(&first, AT),
        accepted(&second, &suggestion(&store, Code::MriWithin12h), AT),
        overridden(&format!("urn:uuid:{}", first.to_uppercase()), AT),
    ];
    assert_eq!(
        record(&store, &entries).await,
        Summary { stored: 2, repeated: 1, unknown: 0, beyond: 0, ..Summary::default() }
    );
    assert_eq!(
        record(&store, &entries).await,
        Summary { stored: 0, repeated: 3, unknown: 0, beyond: 0, ..Summary::default() }
    );
    let again = place.open();
    assert_eq!(
        record(&again, &entries).await,
        Summary { stored: 0, repeated: 3, unknown: 0, beyond: 0, ..Summary::default() }
    );
    assert_eq!(record(&store, &[]).await, Summary::default());
}

async fn the_last_word_on_a_card_counts(place: Place) {
    let store = place.open();
    store.check().await.unwrap();
    let changed = card(&store, Code::SurgeryPreferred);
    let both = card(&store, Code::SurgeryPreferred);
    let taken = suggestion(&store, Code::SurgeryPreferred);
    record(
        &store,
        &[
            accepted(&changed, &taken, AT),
            overridden(&changed, LATER),
            overridden(&both, AT),
            accepted(&both, &taken, AT),
            json!({"card": card(&store, Code::SurgeryPreferred), "outcome": "overridden", "outcomeTimestamp": AT}),
        ],
    )
    .await;
    let mut told = counts(&store).await.cards;
    told.sort_by_key(|count| format!("{:?}", count.fate));
    let number = Code::SurgeryPreferred.number();
    let count = |fate| Count {
        day: now().date_naive(),
        recommendation: number,
        guideline_version: spinal_mets_cds::guideline::GUIDELINE_VERSION.to_owned(),
        fate,
        cards: 1,
    };
    let reason = Some("already-imaged".to_owned());
    assert_eq!(told, [count(Fate::Accepted), count(Fate::Overridden(None)), count(Fate::Overridden(reason))]);
}

async fn ids_that_are_not_ours_are_counted_and_not_kept(place: Place) {
    let store = place.open();
    store.check().await.unwrap();
    let forged = uuid::Uuid::new_v4().to_string();
    let entries = [
        overridden(&forged, AT),
        overridden("Mrs Smith", AT),
        overridden(&suggestion(&store, Code::MriWithin12h), AT),
    ];
    assert_eq!(
        record(&store, &entries).await,
        Summary { stored: 0, repeated: 0, unknown: 3, beyond: 0, ..Summary::default() }
    );
    let mixed = [overridden(&forged, AT), overridden(&card(&store, Code::MriWithin12h), AT)];
    assert_eq!(
        record(&store, &mixed).await,
        Summary { stored: 1, repeated: 0, unknown: 1, beyond: 0, ..Summary::default() }
    );
    let counts = counts(&store).await;
    assert_eq!((counts.unknown, counts.cards.len()), (4, 1));
}

/// Asks as a load balancer does: six processes that make one file on a slow disk may wait longer for its lock than one
/// request lasts.
async fn ready_soon(store: &Store) -> Result<(), StoreError> {
    for _again in 0..5 {
        if store.check().await.is_ok() {
            return Ok(());
        }
    }
    store.check().await
}

async fn every_process_and_every_start_knows_the_same_ids(place: Place) {
    let stores: Vec<_> = (0..6).map(|_| place.open()).collect();
    for ready in join_all(stores.iter().map(ready_soon)).await {
        ready.unwrap();
    }
    let (first, second) = (&stores[0], &stores[1]);
    let ids = [card(first, Code::MriWithin24h), card(second, Code::MriWithin24h)];
    let third = place.open();
    for store in [first, second, &third] {
        let told = record(store, &[overridden(&ids[0], AT), overridden(&ids[1], AT)]).await;
        assert_eq!(told.unknown, 0);
    }
    assert_eq!(counts(&third).await.cards[0].cards, 2);
}

async fn a_key_from_a_file_is_taken(mut place: Place) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    place.settings.card_id_key = Some(path.clone());
    let fault = |problem| StoreError::Key { path: path.clone(), problem };
    let refused = |place: &Place| spinal_mets_cds::store::Store::new(&place.settings, &[]).unwrap_err();
    assert_eq!(refused(&place), fault("cannot be read"));
    std::fs::write(&path, "c2hvcnQ=").unwrap();
    assert_eq!(refused(&place), fault("is not 32 bytes in base64"));
    std::fs::write(&path, base64::engine::general_purpose::STANDARD.encode([7; 32]) + "\n").unwrap();
    let store = place.open();
    let id = card(&store, Code::MriWithin24h);
    store.check().await.unwrap();
    assert_eq!(record(&place.open(), &[overridden(&id, AT)]).await.stored, 1);
    // A new key in the first line, the old one behind it: ids of both are read, and the new one makes them.
    let key = |byte| base64::engine::general_purpose::STANDARD.encode([byte; 32]);
    std::fs::write(&path, format!("{}\n{}\n", key(8), key(7))).unwrap();
    let both = place.open();
    let newer = card(&both, Code::MriWithin12h);
    assert_eq!(record(&both, &[overridden(&id, AT), overridden(&newer, AT)]).await.unknown, 0);
    std::fs::write(&path, key(7)).unwrap();
    assert_eq!(record(&place.open(), &[overridden(&newer, AT)]).await.unknown, 1);
    std::fs::write(&path, vec![key(7); 9].join("\n")).unwrap();
    assert_eq!(refused(&place), fault("holds more than 8 keys"));
    place.settings.card_id_key = None;
    assert_eq!(record(&place.open(), &[overridden(&id, AT)]).await.unknown, 1);
}

/// Whether a store knows a card.
async fn knows(store: &Store, card: &str) -> bool {
    record(store, &[overridden(card, AT)]).await.unknown == 0
}

async fn a_new_key_makes_ids_when_all_have_read_it(place: Place) {
    let running = place.open();
    running.check().await.unwrap();
    let before = card(&running, Code::MriWithin12h);
    let now = Clock::System.now();
    let rotated = running.rotate_id_key(now, false).await.unwrap();
    assert_eq!(rotated, Rotated { from: now + TimeDelta::minutes(5), older: 1 });
    // Its time has not come: a replica that starts now makes ids that the others know.
    let waiting = place.open();
    waiting.check().await.unwrap();
    assert!(knows(&running, &card(&waiting, Code::MriWithin24h)).await && knows(&waiting, &before).await);
    // One whose time came a minute ago.
    running.rotate_id_key(now - TimeDelta::minutes(6), false).await.unwrap();
    let started = place.open();
    started.check().await.unwrap();
    let after = card(&started, Code::MriWithin24h);
    assert!(knows(&started, &before).await && !knows(&waiting, &after).await);
    // Neither of the keys that are in use or are to come goes by age; the first does.
    assert_eq!(started.purge(now - TimeDelta::minutes(2)).await.unwrap().keys, 0);
    assert_eq!(started.purge(now).await.unwrap().keys, 1);
    let later = place.open();
    later.check().await.unwrap();
    assert!(knows(&later, &after).await && !knows(&later, &before).await);
}

async fn a_known_key_ends_at_once(place: Place) {
    let store = place.open();
    store.check().await.unwrap();
    let known = card(&store, Code::MriWithin12h);
    let now = Clock::System.now();
    assert_eq!(store.rotate_id_key(now, true).await.unwrap(), Rotated { from: now, older: 0 });
    let started = place.open();
    started.check().await.unwrap();
    assert!(!knows(&started, &known).await && knows(&started, &card(&started, Code::MriWithin12h)).await);
}

async fn a_comment_is_kept_only_where_configured(mut place: Place) {
    for keep in [false, true] {
        place.settings.keep_user_comments = keep;
        let store = place.open();
        store.check().await.unwrap();
        record(&store, &[overridden(&card(&store, Code::MriWithin12h), AT)]).await;
        assert_eq!(comments(&place).await, i64::from(keep));
    }
}

async fn comments(place: &Place) -> i64 {
    const KEPT: &str = "SELECT COUNT(*) FROM feedback WHERE comment = 'canary of Mrs Smith'";
    let url = &place.settings.url;
    if url.starts_with("sqlite") {
        let pool = sqlx::SqlitePool::connect(url).await.unwrap();
        return sqlx::query_scalar(KEPT).fetch_one(&pool).await.unwrap();
    }
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    sqlx::query_scalar(KEPT).fetch_one(&pool).await.unwrap()
}

async fn nothing_that_is_sent_breaks_the_store(mut place: Place) {
    place.settings.keep_user_comments = true;
    let store = place.open();
    store.check().await.unwrap();
    let mut odd: Vec<_> = (0..1200).map(|_| overridden(&card(&store, Code::MriWithin12h), AT)).collect();
    let mut hostile = overridden(&card(&store, Code::MriWithin12h), "9999-12-31T23:59:59.999999999Z");
    hostile["overrideReason"] = json!({
        "reason": {"system": "\u{0}", "code": "'; DROP TABLE feedback; --"},
        "userComment": format!("\u{0}'\u{feff}\u{202e}{}", "😀".repeat(5000)),
    });
    odd.push(hostile);
    odd.push(overridden("\u{0}", "0000-01-01T00:00:00Z"));
    odd.push(accepted(&card(&store, Code::MriWithin12h), "\u{0}'", "1969-12-31T23:59:59Z"));
    assert_eq!(
        record(&store, &odd).await,
        Summary { stored: 1202, repeated: 0, unknown: 1, beyond: 0, ..Summary::default() }
    );
    let client = "a client with 'quotes' and ü";
    assert_eq!(store.record(&batch(&odd), client, now()).await.unwrap().unknown, 1203);
    let counts = counts(&store).await;
    let other = Fate::Overridden(Some("other".to_owned()));
    assert_eq!(counts.cards.iter().find(|count| count.fate == other).unwrap().cards, 1);
}

async fn shown_cards_of_all_processes_add_up(place: Place) {
    let (first, second) = (place.open(), place.open());
    let service = "spinal-metastases-patient-view";
    for store in [&first, &second] {
        let [one, other] = ["1", "2"].map(|patient| question(Code::MriWithin12h, patient, None));
        // Whoever counts nothing remembers nothing.
        count(store, CLIENT, "no-such-service", std::slice::from_ref(&one));
        count(store, "nobody", service, std::slice::from_ref(&one));
        for _ in 0..3 {
            count(store, CLIENT, service, &[one.clone(), question(Code::SurgeryPreferred, "1", None)]);
        }
        count(store, CLIENT, service, &[other]);
        store.flush(now()).await.unwrap();
        store.flush(now()).await.unwrap();
    }
    for service in ["spinal-metastases-order-select", "spinal-metastases-order-sign"] {
        count(&first, CLIENT, service, &[question(Code::MriWithin12h, "1", Some("ServiceRequest/1"))]);
    }
    first.flush(now()).await.unwrap();
    let mut told: Vec<(u8, u64)> = Vec::new();
    for count in counts(&second).await.cards {
        assert_eq!((count.fate, count.day), (Fate::Shown, now().date_naive()));
        told.push((count.recommendation, count.cards));
    }
    told.sort_unstable();
    assert_eq!(told, [(Code::MriWithin12h.number(), 5), (Code::SurgeryPreferred.number(), 2)]);
}

async fn a_token_is_new_once(place: Place) {
    let (first, second) = (place.open(), place.open());
    first.check().await.unwrap();
    second.check().await.unwrap();
    let expires = at("2026-05-05T08:35:00Z");
    let ask = |store| {
        let store: &spinal_mets_cds::store::Store = store;
        store.remember_token("digest", expires, now())
    };
    let (a, b, c, d) = tokio::join!(ask(&first), ask(&second), ask(&first), ask(&second));
    let taken = [a, b, c, d].into_iter().filter(|new| *new.as_ref().unwrap()).count();
    assert_eq!(taken, 1);
    assert!(first.remember_token("another", expires, now()).await.unwrap());
    // Once it has expired it may be forgotten, and only then.
    assert_eq!(first.forget_expired_tokens(now()).await.unwrap(), 0);
    let later = at("2026-05-05T08:36:00Z");
    assert!(second.remember_token("digest", at("2026-05-05T08:40:00Z"), later).await.unwrap());
    assert_eq!(second.forget_expired_tokens(later).await.unwrap(), 1);
    assert!(!first.remember_token("digest", at("2026-05-05T08:40:00Z"), later).await.unwrap());
}

async fn old_entries_are_purged(place: Place) {
    let store = place.open();
    store.check().await.unwrap();
    let (old, new) = (at("2026-05-02T08:00:00Z"), now());
    let entries: Vec<_> = (0..1500).map(|_| overridden(&card(&store, Code::MriWithin12h), AT)).collect();
    store.record(&batch(&entries), CLIENT, old).await.unwrap();
    for received in [old, new] {
        let told = [overridden("not ours", AT), overridden(&card(&store, Code::MriWithin12h), AT)];
        store.record(&batch(&told), CLIENT, received).await.unwrap();
        count(
            &store,
            CLIENT,
            "spinal-metastases-patient-view",
            &[question(Code::MriWithin12h, &received.to_string(), None)],
        );
        store.flush(received).await.unwrap();
    }
    let before = at("2026-05-05T08:00:00Z");
    assert_eq!(
        store.purge(before).await.unwrap(),
        Purged { feedback: 1501, counters: 2, ..Purged::default() }
    );
    assert_eq!(store.purge(before).await.unwrap(), Purged::default());
    let counts = counts(&store).await;
    assert_eq!(counts.unknown, 1);
    assert!(counts.cards.len() == 2 && counts.cards.iter().all(|count| count.cards == 1), "{counts:?}");
    // Nothing is made where nothing is.
    let nowhere = settings(format!("sqlite://{}/no.db", tempfile::tempdir().unwrap().path().display()));
    assert!(open(&nowhere).that_exists().purge(before).await.is_err());
}
