//! A key set in a file: read at the start, and again when it changes (SEC-12).

use super::helpers::{ISSUER, URL, after, authenticator, call, client, now, reason};
use crate::support::tokens::{Signer, key_set};
use jsonwebtoken::Algorithm;
use spinal_mets_cds::auth::{Authenticator, Reason};
use spinal_mets_cds::config::KeySource;
use spinal_mets_cds::outbound::Outbound;
use std::fs;

async fn outcome(authenticator: &Authenticator, signer: &Signer) -> Option<Reason> {
    reason(&call(authenticator, &signer.token(ISSUER, URL, now()), now()).await)
}

#[actix_web::test]
async fn a_changed_file_is_read_and_a_broken_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let (old, new) = (Signer::new(Algorithm::ES384, "old"), Signer::new(Algorithm::ES384, "new"));
    fs::write(&path, key_set(&[&old])).unwrap();
    let authenticator = authenticator(&[client(KeySource::File(path.clone()))], false);
    assert_eq!(outcome(&authenticator, &old).await, None);
    assert_eq!(outcome(&authenticator, &new).await, Some(Reason::UnknownKey));

    for broken in ["", "{", "<html></html>", r#"{"keys":[{}]}"#] {
        fs::write(&path, broken).unwrap();
        authenticator.refresh(now()).await;
        assert_eq!(outcome(&authenticator, &old).await, None, "{broken}");
    }
    fs::remove_file(&path).unwrap();
    authenticator.refresh(now()).await;
    assert_eq!(outcome(&authenticator, &old).await, None, "gone");

    // Both for a while, then the old one goes.
    fs::write(&path, key_set(&[&old, &new])).unwrap();
    authenticator.refresh(now()).await;
    assert_eq!(outcome(&authenticator, &old).await, None);
    assert_eq!(outcome(&authenticator, &new).await, None);
    fs::write(&path, key_set(&[&new])).unwrap();
    authenticator.refresh(now()).await;
    assert_eq!(outcome(&authenticator, &old).await, Some(Reason::UnknownKey));
    assert_eq!(outcome(&authenticator, &new).await, None);

    // The same content after a broken one is a change as well.
    fs::write(&path, "{").unwrap();
    authenticator.refresh(now()).await;
    fs::write(&path, key_set(&[&new, &old])).unwrap();
    authenticator.refresh(now()).await;
    assert_eq!(outcome(&authenticator, &old).await, None);

    // All of them taken back.
    fs::write(&path, r#"{"keys":[]}"#).unwrap();
    authenticator.refresh(now()).await;
    assert_eq!(outcome(&authenticator, &old).await, Some(Reason::UnknownKey));
    assert_eq!(authenticator.without_keys(now()), ["general-hospital"]);
    fs::write(&path, key_set(&[&new])).unwrap();
    authenticator.refresh(now()).await;
    assert_eq!(outcome(&authenticator, &new).await, None);
}

#[actix_web::test]
async fn keys_from_a_file_do_not_age() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let signer = Signer::new(Algorithm::ES384, "key-1");
    fs::write(&path, key_set(&[&signer])).unwrap();
    let authenticator = authenticator(&[client(KeySource::File(path))], false);
    let next_month = after(30 * 86_400);
    let token = signer.token(ISSUER, URL, next_month);
    assert_eq!(reason(&call(&authenticator, &token, next_month).await), None);
    assert!(authenticator.without_keys(next_month).is_empty());
}

#[test]
fn a_file_that_cannot_be_used_stops_the_start_and_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let (absent, broken) = (folder.path().join("absent.json"), folder.path().join("broken.json"));
    fs::write(&broken, r#"{"keys":[]}"#).unwrap();
    for path in [absent, broken] {
        let outbound = Outbound::new(false).unwrap();
        let base = "https://cds.example.org".parse().unwrap();
        let clients = [client(KeySource::File(path.clone()))];
        let error = Authenticator::new(&base, &clients, &outbound, now()).unwrap_err().to_string();
        assert!(error.contains("general-hospital") && error.contains(path.to_str().unwrap()), "{error}");
    }
}
