//! A token is taken once (SEC-15, Q-23).

use super::helpers::{
    CALL, ISSUER, SERVICE, Site, URL, after, authenticator, call, client, now, reason, set,
};
use crate::support::tokens::{Signer, claims, key_set};
use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use serde_json::json;
use spinal_mets_cds::auth::{ClockSteps, Endpoint, Reason};
use spinal_mets_cds::clock::Moment;
use spinal_mets_cds::config::KeySource;
use std::time::Duration;

#[actix_web::test]
async fn the_same_token_is_refused_as_long_as_it_would_live() {
    let site = Site::new();
    let token = site.token(|_, _| ());
    assert_eq!(reason(&site.call(&token).await), None);
    for seconds in [0, 1, 299, 300, 359] {
        let again = call(&site.authenticator, &token, after(seconds)).await;
        assert_eq!(reason(&again), Some(Reason::Replayed), "after {seconds} s");
    }
    assert_eq!(reason(&call(&site.authenticator, &token, after(360)).await), Some(Reason::Expired));
}

#[actix_web::test]
async fn an_id_is_taken_once_whatever_token_carries_it() {
    let site = Site::new();
    let with_id = |seconds: i64| {
        site.token(|_, claims| {
            set(claims, "jti", json!("id-1"));
            set(claims, "iat", json!(after(seconds).timestamp()));
        })
    };
    assert_eq!(reason(&site.call(&with_id(0)).await), None);
    assert_eq!(reason(&site.call(&with_id(1)).await), Some(Reason::Replayed));
}

#[actix_web::test]
async fn a_token_taken_for_a_service_does_not_open_its_feedback() {
    let site = Site::new();
    let value = format!("Bearer {}", site.token(|_, _| ()));
    let feedback = Endpoint::Feedback(SERVICE);
    assert!(site.authenticator.authenticate(Some(value.as_bytes()), CALL, now()).await.is_ok());
    let again = site.authenticator.authenticate(Some(value.as_bytes()), feedback, now()).await;
    assert_eq!(reason(&again), Some(Reason::Replayed));
}

#[actix_web::test]
async fn a_refused_token_burns_no_id() {
    let site = Site::new();
    let forger = Signer::new(Algorithm::ES384, "key-1");
    let good = claims(ISSUER, URL, now());
    let mut elsewhere = good.clone();
    set(&mut elsewhere, "aud", json!("https://cds.example.org/cds-services"));
    let mut other_key = site.signer.header();
    set(&mut other_key, "kid", json!("key-2"));
    for (refused, expected) in [
        (forger.sign(&forger.header(), &good), Reason::Signature),
        (site.signer.sign(&site.signer.header(), &elsewhere), Reason::Audience),
        (site.signer.sign(&other_key, &good), Reason::UnknownKey),
    ] {
        assert_eq!(reason(&site.call(&refused).await), Some(expected));
    }
    assert_eq!(reason(&site.call(&site.signer.sign(&site.signer.header(), &good)).await), None);
}

#[actix_web::test]
async fn of_many_calls_at_once_with_one_token_one_is_let_in() {
    let site = Site::new();
    let token = site.token(|_, _| ());
    let outcomes = join_all((0..50).map(|_| site.call(&token))).await;
    let let_in = outcomes.iter().filter(|it| it.is_ok()).count();
    let replayed = outcomes.iter().filter(|it| reason(it) == Some(Reason::Replayed)).count();
    assert_eq!((let_in, replayed), (1, 49));
}

#[actix_web::test]
async fn clients_have_ids_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let signer = Signer::new(Algorithm::ES384, "key-1");
    std::fs::write(&path, key_set(&[&signer])).unwrap();
    let first = client(KeySource::File(path.clone()));
    let mut second = client(KeySource::File(path));
    (second.name, second.issuer) = ("other-hospital".to_owned(), "https://other.example.org".to_owned());
    let authenticator = authenticator(&[first, second], false);
    for (issuer, name) in [(ISSUER, "general-hospital"), ("https://other.example.org", "other-hospital")] {
        let mut claims = claims(issuer, URL, now());
        set(&mut claims, "jti", json!("id-1"));
        let client = call(&authenticator, &signer.sign(&signer.header(), &claims), now()).await.unwrap();
        assert_eq!(client.name, name);
    }
}

/// So many seconds after [`now`], by a wall clock that is so much ahead.
fn ahead(seconds: u64, ahead: i64) -> Moment {
    let wall = after(i64::try_from(seconds).unwrap() + ahead);
    Moment { wall, steady: Duration::from_secs(seconds) }
}

#[actix_web::test]
async fn a_clock_that_was_ahead_and_is_put_right_refuses_no_good_token() {
    let site = Site::new();
    let call = async |token: &str, at: Moment| {
        let value = format!("Bearer {token}");
        let outcome = site.authenticator.authenticate(Some(value.as_bytes()), CALL, at).await;
        reason(&outcome)
    };
    let fresh = |at: Moment| site.signer.token(ISSUER, URL, at.wall);
    // Good tokens, a minute apart: right, an hour ahead for ten minutes, and right again.
    let offsets = (0..30).map(|minute| (minute * 60, if (5..15).contains(&minute) { 3_600 } else { 0 }));
    let mut used = Vec::new();
    for (seconds, offset) in offsets {
        let at = ahead(seconds, offset);
        let token = fresh(at);
        assert_eq!(call(&token, at).await, None, "after {seconds} s");
        assert_eq!(call(&token, at).await, Some(Reason::Replayed), "after {seconds} s");
        used.push(token);
        // No token is taken a second time, however often the clock is set.
        for token in &used {
            assert!(call(token, at).await.is_some(), "after {seconds} s");
        }
    }
    assert_eq!(site.authenticator.clock_steps(), ClockSteps { forward: 1, back: 1 });
}
