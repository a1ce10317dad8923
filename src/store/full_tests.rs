//! A disk that is full for a while, by SQLite's own limit of pages: no entry is acknowledged that is not on disk.

use super::record::MOST_ENTRIES;
use super::*;
use crate::cds_hooks::feedback;
use crate::guideline::Code;
use serde_json::json;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

const CLIENT: &str = "general-hospital";

fn now() -> DateTime<Utc> {
    "2026-05-05T08:30:00Z".parse().unwrap()
}

/// A store whose file has room for so many pages; a table without a use takes some of them.
async fn with_room(folder: &TempDir, pages: u32) -> (Store, SqliteConnection) {
    let url = format!("sqlite://{}/s.db", folder.path().display());
    let settings = config::Store { url: url.clone(), keep_user_comments: false, card_id_key: None };
    let mut store = Store::new(&settings, &[CLIENT.to_owned()]).unwrap();
    store.check().await.unwrap();
    *store.database.lock().await = None;
    let mut beside = SqliteConnection::connect(&url).await.unwrap();
    for statement in ["CREATE TABLE ballast (b BLOB)", "INSERT INTO ballast VALUES (zeroblob(400000))"] {
        sqlx::query(statement).execute(&mut beside).await.unwrap();
    }
    if let Address::Sqlite { options, .. } = &mut store.address {
        *options = options.clone().pragma("max_page_count", pages.to_string());
    }
    (store, beside)
}

/// Sends entries with times of their own; how many were acknowledged.
async fn send(store: &Store, round: i64, entries: i64) -> Result<u64, StoreError> {
    let card = store.ids().load().issuer(CLIENT, 0, now()).card(Code::MriWithin12h);
    let entries: Vec<_> = (0..entries)
        .map(|i| {
            let at = now() + TimeDelta::milliseconds(round * 1_000 + i);
            json!({"card": card, "outcome": "overridden", "outcomeTimestamp": at.to_rfc3339()})
        })
        .collect();
    let batch = feedback::read(json!({ "feedback": entries }).to_string().as_bytes()).unwrap();
    store.record(&batch, CLIENT, now()).await.map(|summary| summary.stored)
}

async fn on_disk(beside: &mut SqliteConnection) -> u64 {
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM feedback").fetch_one(beside).await.unwrap();
    u64::try_from(rows).unwrap()
}

#[tokio::test]
async fn what_is_acknowledged_is_on_disk_before_while_and_after_the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut beside) = with_room(&folder, 200).await;
    let (mut acknowledged, mut refused) = (0, 0);
    for round in 0..200 {
        match send(&store, round, 50).await {
            Ok(stored) => acknowledged += stored,
            Err(error) => {
                assert!(error.to_string().contains("full"), "{error}");
                refused += 1;
            }
        }
        assert_eq!(on_disk(&mut beside).await, acknowledged, "round {round}");
    }
    assert!(acknowledged > 0 && refused > 100, "{acknowledged}, {refused}");
    assert!(store.check().await.unwrap_err().to_string().contains("full"));

    sqlx::query("DROP TABLE ballast").execute(&mut beside).await.unwrap();
    store.check().await.unwrap();
    for round in 200..220 {
        acknowledged += send(&store, round, 10).await.unwrap();
        assert_eq!(on_disk(&mut beside).await, acknowledged, "round {round}");
    }
}

#[tokio::test]
async fn a_caller_that_is_gone_in_the_middle_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut beside) = with_room(&folder, 10_000).await;
    store.check().await.unwrap();
    let mut acknowledged = 0;
    for round in 0..40 {
        // Polled once or twice, then dropped, as by a deadline.
        let begun = send(&store, round, 600);
        drop(tokio::time::timeout(Duration::from_micros(300), begun).await);
        let before = on_disk(&mut beside).await;
        acknowledged += send(&store, 1_000 + round, 1).await.unwrap();
        assert!(on_disk(&mut beside).await > before, "round {round}");
    }
    assert_eq!(acknowledged, 40);
}

#[tokio::test]
async fn of_one_card_only_so_many_entries_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut beside) = with_room(&folder, 10_000).await;
    let card = store.ids().load().issuer(CLIENT, 0, now()).card(Code::MriWithin12h);
    let entries = |from: i64, to: i64| {
        let entry = |i| {
            let at = (now() + TimeDelta::milliseconds(i)).to_rfc3339();
            json!({"card": card, "outcome": "overridden", "outcomeTimestamp": at})
        };
        let entries: Vec<_> = (from..to).map(entry).collect();
        feedback::read(json!({ "feedback": entries }).to_string().as_bytes()).unwrap()
    };
    let most = i64::try_from(MOST_ENTRIES).unwrap();
    let first = store.record(&entries(0, most - 10), CLIENT, now()).await.unwrap();
    assert_eq!((first.stored, first.beyond, first.is_too_much()), (MOST_ENTRIES - 10, 0, false));
    let second = store.record(&entries(most, most + 30), CLIENT, now()).await.unwrap();
    assert_eq!((second.stored, second.beyond, second.is_too_much()), (10, 20, false));
    let third = store.record(&entries(2 * most, 2 * most + 5), CLIENT, now()).await.unwrap();
    assert_eq!((third.stored, third.beyond, third.is_too_much()), (0, 5, true));
    assert_eq!(on_disk(&mut beside).await, MOST_ENTRIES);
    assert_eq!(send(&store, 1, 3).await.unwrap(), 3, "another card is not concerned");
}
