//! The store in trouble: every wait ends, the reason is said, and it works again without a restart.

use super::helpers::{
    CLIENT, Place, batch, card, count, counts, now, open, overridden, question, record, settings,
};
use super::postgres::Postgres;
use spinal_mets_cds::guideline::Code;
use spinal_mets_cds::store::{Store, StoreError};
use sqlx::Connection;
use std::path::PathBuf;

const AT: &str = "2026-05-05T08:40:00Z";

async fn refusal(store: &Store) -> String {
    let entry = overridden(&card(store, Code::MriWithin12h), AT);
    match store.record(&batch(&[entry]), CLIENT, now()).await.unwrap_err() {
        StoreError::Unavailable(why) => why.into_owned(),
        StoreError::Gone(why) => why.to_owned(),
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_locked_file_is_waited_for_and_then_said() {
    let place = Place::sqlite().unwrap();
    let store = place.open();
    store.check().await.unwrap();
    let mut other = sqlx::SqliteConnection::connect(&place.settings.url).await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    assert!(refusal(&store).await.contains("lock"));
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    record(&store, &[overridden(&card(&store, Code::MriWithin12h), AT)]).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("later");
    let store = open(&settings(format!("sqlite://{}/feedback.db", missing.display())));
    assert!(refusal(&store).await.contains("cannot be opened"));
    count(&store, CLIENT, "spinal-metastases-patient-view", &[question(Code::MriWithin12h, "1", None)]);
    assert!(store.flush(now()).await.is_err());
    std::fs::create_dir(&missing).unwrap();
    store.flush(now()).await.unwrap();
    assert_eq!(counts(&store).await.cards[0].cards, 1, "what was counted in between is not lost");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feedback.db");
    let text = "not a database, and of some length".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let store = open(&settings(format!("sqlite://{}", path.display())));
    assert!(refusal(&store).await.contains("no database"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_readable_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite().unwrap();
    let store = place.open();
    store.check().await.unwrap();
    record(&store, &[overridden(&card(&store, Code::MriWithin12h), AT)]).await;
    let path = place.settings.url.trim_start_matches("sqlite://");
    for ending in ["", "-wal"] {
        let mode = std::fs::metadata(format!("{path}{ending}")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{ending}");
    }
}

#[tokio::test]
async fn a_server_that_goes_away_is_found_again() {
    let Some(server) = Postgres::start() else { return };
    let store = open(&settings(server.database()));
    store.check().await.unwrap();
    let first = card(&store, Code::MriWithin12h);
    record(&store, &[overridden(&first, AT)]).await;
    server.stop();
    assert!(refusal(&store).await.contains("connection"));
    assert!(store.check().await.is_err());
    // Known to be away: a hook call does not wait for it.
    let token = store.remember_token("digest", now(), now()).await.unwrap_err();
    assert!(token.to_string().contains("a moment ago"), "{token}");
    server.go_on();
    assert_eq!(record(&store, &[overridden(&first, AT)]).await.repeated, 1);
}

#[tokio::test]
async fn a_server_that_starts_later_is_found() {
    let Some(server) = Postgres::start() else { return };
    let url = server.database();
    server.stop();
    let store = open(&settings(url));
    assert!(refusal(&store).await.contains("connection"));
    server.go_on();
    store.check().await.unwrap();
    assert_eq!(record(&store, &[overridden(&card(&store, Code::MriWithin12h), AT)]).await.stored, 1);
}

/// A store of a file with one entry in it, and the path of the file.
async fn with_an_entry(place: &Place) -> (Store, PathBuf) {
    let store = place.open();
    store.check().await.unwrap();
    record(&store, &[overridden(&card(&store, Code::MriWithin12h), AT)]).await;
    (store, PathBuf::from(place.settings.url.trim_start_matches("sqlite://")))
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_moved_away_is_noticed_and_none_is_made_in_its_place() {
    let place = Place::sqlite().unwrap();
    let (store, path) = with_an_entry(&place).await;
    let elsewhere = path.with_extension("away");
    std::fs::rename(&path, &elsewhere).unwrap();
    for _ in 0..2 {
        refusal(&store).await;
        assert!(store.check().await.is_err());
        assert!(!path.exists());
    }
    std::fs::rename(&elsewhere, &path).unwrap();
    store.check().await.unwrap();
    let again = record(&store, &[overridden(&card(&store, Code::MriWithin12h), AT)]).await;
    assert_eq!(again.stored, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_replaced_or_overwritten_is_noticed() {
    for overwrite in [false, true] {
        let place = Place::sqlite().unwrap();
        let (store, path) = with_an_entry(&place).await;
        // All of it stands in the file by now, and nothing in the log, from which SQLite would mend the file.
        let mut beside = sqlx::SqliteConnection::connect(&place.settings.url).await.unwrap();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut beside).await.unwrap();
        beside.close().await.unwrap();
        if !overwrite {
            std::fs::remove_file(&path).unwrap();
        }
        std::fs::write(&path, "a text that is no database").unwrap();
        assert!(refusal(&store).await.contains("replaced or overwritten"));
        assert!(store.check().await.is_err());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_log_that_is_deleted_is_noticed() {
    let place = Place::sqlite().unwrap();
    let (store, path) = with_an_entry(&place).await;
    std::fs::remove_file(path.with_extension("db-wal")).unwrap();
    assert!(refusal(&store).await.contains("cannot be read back"));
}

#[tokio::test]
async fn a_token_taken_during_an_outage_is_known_to_other_replicas_afterwards() {
    let Some(server) = Postgres::start() else { return };
    let settings = settings(server.database());
    let (store, other) = (open(&settings), open(&settings));
    store.check().await.unwrap();
    other.check().await.unwrap();
    server.stop();
    let end = now() + chrono::TimeDelta::minutes(5);
    assert!(store.remember_token("digest", end, now()).await.is_err());
    server.go_on();
    store.check().await.unwrap();
    store.write_unwritten().await.unwrap();
    other.check().await.unwrap();
    assert!(!other.remember_token("digest", end, now()).await.unwrap(), "it was used");
    assert!(other.remember_token("another", end, now()).await.unwrap());
}
