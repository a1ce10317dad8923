//! A key set behind a URL: cached, refreshed, rotated, and a server that fails in every way (SEC-11, SEC-12, SEC-18).
//!
//! Time is given to each call, so hours pass at once. Only the two seconds that a fetch may take are real.

use super::helpers::{ISSUER, URL, after, authenticator, call, client, now, reason, set};
use super::key_server::{Behaviour, KeyServer};
use crate::support::tokens::{Signer, claims, key_set};
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use serde_json::json;
use spinal_mets_cds::auth::{Authenticator, Denied, KeyFetches, Reason};
use spinal_mets_cds::config::{Client, KeySource};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for something that must end by itself.
const BOUND: Duration = Duration::from_secs(20);

/// A service whose one client has its keys behind the URL of a server.
struct Site {
    server: KeyServer,
    authenticator: Authenticator,
    signer: Signer,
}

impl Site {
    /// The server does what `behaviour` makes of the set with the client's key.
    async fn new(behaviour: impl FnOnce(&str) -> Behaviour) -> Self {
        let signer = Signer::new(Algorithm::ES384, "key-1");
        let server = KeyServer::start(behaviour(&key_set(&[&signer]))).await;
        let mut client = client(KeySource::Url(server.url.clone()));
        client.jku = vec![server.url.to_string()];
        Self { authenticator: authenticator(&[client], true), server, signer }
    }

    async fn call(&self, signer: &Signer, at: DateTime<Utc>) -> Result<Arc<Client>, Denied> {
        let token = signer.token(ISSUER, URL, at);
        let calling = call(&self.authenticator, &token, at);
        tokio::time::timeout(BOUND, calling).await.expect("the call does not hang")
    }

    async fn lets_in(&self, signer: &Signer, at: DateTime<Utc>) -> bool {
        match self.call(signer, at).await {
            Ok(_) => true,
            Err(Denied::Rejected { reason: Reason::UnknownKey, .. }) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn has_no_keys(&self, at: DateTime<Utc>) -> bool {
        let denied = self.call(&self.signer, at).await;
        let unavailable =
            matches!(denied, Err(Denied::KeysUnavailable { ref client }) if **client == *"general-hospital");
        assert!(unavailable || denied.is_ok(), "{denied:?}");
        unavailable
    }

    fn fetches(&self) -> (u64, u64) {
        match self.authenticator.key_fetches().as_slice() {
            [KeyFetches { client, fetched, failed }] if client == "general-hospital" => (*fetched, *failed),
            other => panic!("{other:?}"),
        }
    }
}

#[actix_web::test]
async fn a_set_is_fetched_once_and_serves_while_it_is_fresh() {
    let site = Site::new(|set| Behaviour::fresh_for(set, 600)).await;
    assert_eq!(site.authenticator.without_keys(now()), ["general-hospital"]);
    site.authenticator.refresh(now()).await;
    assert!(site.authenticator.without_keys(now()).is_empty());
    for seconds in [0, 1, 60, 599] {
        assert!(site.lets_in(&site.signer, after(seconds)).await);
        site.authenticator.refresh(after(seconds)).await;
    }
    assert_eq!(site.server.requests(), 1);
    site.authenticator.refresh(after(600)).await;
    assert_eq!(site.server.requests(), 2);
    assert_eq!(site.fetches(), (2, 0));
}

#[actix_web::test]
async fn a_call_before_the_first_refresh_fetches_the_set_and_many_do_so_once() {
    let site = Site::new(Behaviour::set).await;
    let outcomes = join_all((0..100).map(|_| site.call(&site.signer, now()))).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(site.server.connections(), 1);
}

#[actix_web::test]
async fn an_unchanged_set_is_confirmed_by_its_entity_tag() {
    let site = Site::new(|set| Behaviour::Tagged("\"v1\"", set.to_owned())).await;
    for round in 0..4 {
        site.authenticator.refresh(after(round * 3_600)).await;
    }
    assert_eq!((site.server.requests(), site.server.unchanged()), (4, 3));
    // The last confirmation counts: more than a day after the set came.
    let next_day = after(26 * 3_600);
    assert!(site.lets_in(&site.signer, next_day).await);
    // A new set with a new tag comes whole.
    let new = Signer::new(Algorithm::ES384, "key-2");
    site.server.now_does(Behaviour::Tagged("\"v2\"", key_set(&[&new])));
    site.authenticator.refresh(next_day).await;
    assert!(site.lets_in(&new, next_day).await);
}

#[actix_web::test]
async fn a_new_key_is_found_at_once_and_a_removed_one_stops_with_the_next_refresh() {
    let site = Site::new(|set| Behaviour::fresh_for(set, 3_600)).await;
    site.authenticator.refresh(now()).await;
    let new = Signer::new(Algorithm::ES384, "key-2");
    site.server.now_does(Behaviour::set(&key_set(&[&site.signer, &new])));
    assert!(site.lets_in(&new, after(60)).await);
    assert!(site.lets_in(&site.signer, after(60)).await);
    assert_eq!(site.server.requests(), 2);

    site.server.now_does(Behaviour::set(&key_set(&[&new])));
    assert!(site.lets_in(&site.signer, after(120)).await, "nobody has looked yet");
    site.authenticator.refresh(after(60 + 3_600)).await;
    assert!(!site.lets_in(&site.signer, after(61 + 3_600)).await);
    assert!(site.lets_in(&new, after(61 + 3_600)).await);
}

#[actix_web::test]
async fn unknown_keys_ask_the_server_once_in_ten_seconds() {
    let site = Site::new(Behaviour::set).await;
    site.authenticator.refresh(now()).await;
    let strangers: Vec<Signer> =
        (0..100).map(|i| Signer::new(Algorithm::ES384, &format!("stranger-{i}"))).collect();
    let outcomes = join_all(strangers.iter().map(|it| site.call(it, after(11)))).await;
    let refused =
        outcomes.iter().filter(|it| matches!(it, Err(Denied::Rejected { reason: Reason::UnknownKey, .. })));
    assert_eq!(refused.count(), 8, "few wait");
    let sent_away = outcomes.iter().filter(|it| matches!(it, Err(Denied::KeysUnavailable { .. })));
    assert_eq!(sent_away.count(), 92, "the others come again");
    assert_eq!(site.server.requests(), 2, "one for all hundred");
    for (seconds, requests) in [(12, 2), (20, 2), (21, 3), (30, 3), (31, 4)] {
        assert!(!site.lets_in(&strangers[0], after(seconds)).await);
        assert_eq!(site.server.requests(), requests, "after {seconds} s");
        // Whoever is known does not wait.
        assert!(site.lets_in(&site.signer, after(seconds)).await);
    }
}

#[actix_web::test]
async fn nothing_is_fetched_for_a_token_that_cannot_hold() {
    let site = Site::new(Behaviour::set).await;
    let evil = KeyServer::start(Behaviour::set(&key_set(&[&site.signer]))).await;
    let good = claims(ISSUER, URL, now());
    let header = site.signer.header();
    let changed = |member: &str, value: serde_json::Value| {
        let (mut header, mut claims) = (header.clone(), good.clone());
        let part = if good.get(member).is_some() { &mut claims } else { &mut header };
        set(part, member, value);
        site.signer.sign(&header, &claims)
    };
    for (token, expected) in [
        (changed("jku", json!(evil.url.as_str())), Reason::KeySetUrl),
        (changed("iss", json!("https://other.example")), Reason::Issuer),
        (changed("iss", json!(evil.url.as_str())), Reason::Issuer),
        (changed("alg", json!("none")), Reason::Algorithm),
        (changed("alg", json!("HS256")), Reason::Algorithm),
        (changed("crit", json!(["x"])), Reason::CriticalExtension),
        (changed("kid", json!(null)), Reason::KeyId),
        (changed("typ", json!(null)), Reason::Type),
        (changed("exp", json!(1)), Reason::Expired),
        (changed("aud", json!("https://other.example")), Reason::Audience),
        ("x.y.z".to_owned(), Reason::Malformed),
    ] {
        assert_eq!(reason(&call(&site.authenticator, &token, now()).await), Some(expected));
    }
    assert_eq!((site.server.connections(), evil.connections()), (0, 0));

    // Keys it brings along, or points at by certificate, are not fetched either.
    let mut header = header.clone();
    set(&mut header, "x5u", json!(evil.url.as_str()));
    set(&mut header, "jku", json!(site.server.url.as_str()));
    assert_eq!(reason(&call(&site.authenticator, &site.signer.sign(&header, &good), now()).await), None);
    assert_eq!((site.server.connections(), evil.connections()), (1, 0));
}

#[actix_web::test]
async fn without_any_key_and_with_a_dead_server_calls_are_told_to_come_back() {
    let site = Site::new(Behaviour::set).await;
    site.server.stop();
    tokio::task::yield_now().await;
    let outcomes = join_all((0..50).map(|_| site.has_no_keys(now()))).await;
    assert!(outcomes.into_iter().all(|it| it));
    assert_eq!(site.fetches(), (0, 1), "one try for all of them");
    assert!(site.has_no_keys(after(9)).await);
    assert_eq!(site.fetches(), (0, 1), "none for a while after");
    assert!(site.has_no_keys(after(10)).await);
    assert_eq!(site.fetches(), (0, 2));
    for seconds in [11, 15, 19] {
        site.authenticator.refresh(after(seconds)).await;
    }
    assert_eq!(site.fetches(), (0, 2), "nor does looking every few seconds ask more often");
    assert_eq!(site.authenticator.without_keys(now()), ["general-hospital"]);
}

#[actix_web::test]
async fn a_server_that_comes_back_opens_the_service_again() {
    let site = Site::new(|_| Behaviour::HangUp).await;
    assert!(site.has_no_keys(now()).await);
    site.server.now_does(Behaviour::set(&key_set(&[&site.signer])));
    assert!(site.has_no_keys(after(1)).await, "not asked again at once");
    site.authenticator.refresh(after(10)).await;
    assert!(!site.has_no_keys(after(10)).await);
}

#[actix_web::test]
async fn known_keys_serve_for_a_day_while_the_server_is_down() {
    let site = Site::new(|set| Behaviour::fresh_for(set, 60)).await;
    site.authenticator.refresh(now()).await;
    site.server.now_does(Behaviour::HangUp);
    let hour = 3_600;
    for hours in [1, 12, 23] {
        site.authenticator.refresh(after(hours * hour)).await;
        assert!(site.lets_in(&site.signer, after(hours * hour)).await, "after {hours} hours");
        // A key that nobody knows is refused as always; there are keys.
        let stranger = Signer::new(Algorithm::ES384, "stranger");
        assert!(!site.lets_in(&stranger, after(hours * hour)).await);
    }
    site.authenticator.refresh(after(24 * hour)).await;
    assert!(site.has_no_keys(after(24 * hour)).await);
    assert_eq!(site.authenticator.without_keys(after(24 * hour)), ["general-hospital"]);
    assert_eq!(site.fetches().0, 1);
}

#[actix_web::test]
async fn the_longest_freshness_leaves_time_to_repair_a_server() {
    let site = Site::new(|set| Behaviour::fresh_for(set, 86_400)).await;
    site.authenticator.refresh(now()).await;
    site.server.now_does(Behaviour::HangUp);
    site.authenticator.refresh(after(12 * 3_600)).await;
    assert_eq!(site.fetches(), (1, 1), "asked for again long before the set must go");
    assert!(site.lets_in(&site.signer, after(23 * 3_600)).await);
}

#[actix_web::test]
async fn keys_confirmed_by_a_clock_that_was_ahead_are_asked_for_again() {
    let site = Site::new(Behaviour::set).await;
    let ahead = after(365 * 86_400);
    site.authenticator.refresh(ahead).await;
    assert!(site.lets_in(&site.signer, ahead).await);
    assert_eq!(site.authenticator.without_keys(now()), ["general-hospital"]);
    site.authenticator.refresh(now()).await;
    assert!(site.lets_in(&site.signer, now()).await);
    assert_eq!(site.server.requests(), 2);
    // Also when it was ahead by so little that the keys may serve.
    let site = Site::new(Behaviour::set).await;
    site.authenticator.refresh(after(7_200)).await;
    assert!(site.lets_in(&site.signer, now()).await);
    site.authenticator.refresh(now()).await;
    assert_eq!(site.server.requests(), 2);
}

#[actix_web::test]
async fn an_answer_that_is_no_key_set_changes_nothing() {
    let site = Site::new(|set| Behaviour::fresh_for(set, 60)).await;
    site.authenticator.refresh(now()).await;
    let elsewhere = KeyServer::start(Behaviour::set(&key_set(&[&site.signer]))).await;
    let location = format!("Location: {}\r\n", elsewhere.url);
    let forged = key_set(&[&Signer::new(Algorithm::ES384, "key-1")]);
    let padded = format!("{}{}", " ".repeat(256 * 1024), key_set(&[&site.signer]));
    let answers = [
        Behaviour::Answer("302 Found", location.clone(), forged.clone()),
        Behaviour::Answer("307 Temporary Redirect", location, String::new()),
        Behaviour::Answer("304 Not Modified", String::new(), String::new()),
        Behaviour::Answer("500 Internal Server Error", String::new(), forged),
        Behaviour::status("404 Not Found"),
        Behaviour::status("204 No Content"),
        Behaviour::set(""),
        Behaviour::set("<!doctype html><title>Sign in</title>"),
        Behaviour::set("{}"),
        Behaviour::set(r#"{"keys":[{}]}"#),
        Behaviour::set("{\"keys\":["),
        Behaviour::set(&padded),
        Behaviour::Endless,
        Behaviour::HangUp,
    ];
    for (round, answer) in (1..).zip(answers) {
        site.server.now_does(answer);
        let at = after(round * 60);
        site.authenticator.refresh(at).await;
        assert!(site.lets_in(&site.signer, at).await, "round {round}");
    }
    // Among the failures: 304 to a request that named no entity tag.
    assert_eq!(site.fetches(), (1, 14));
    assert_eq!(elsewhere.connections(), 0, "a redirect is not followed");
}

#[actix_web::test]
async fn an_empty_set_takes_all_keys_back() {
    let site = Site::new(|set| Behaviour::fresh_for(set, 60)).await;
    site.authenticator.refresh(now()).await;
    assert!(site.lets_in(&site.signer, now()).await);
    site.server.now_does(Behaviour::set(r#"{"keys":[]}"#));
    site.authenticator.refresh(after(60)).await;
    assert!(!site.lets_in(&site.signer, after(60)).await);
    assert_eq!(site.authenticator.without_keys(after(60)), ["general-hospital"]);
    site.server.now_does(Behaviour::set(&key_set(&[&site.signer])));
    assert!(site.lets_in(&site.signer, after(71)).await);
}

#[actix_web::test]
async fn a_first_answer_that_is_no_key_set_opens_nothing() {
    for behaviour in [
        Behaviour::Answer("304 Not Modified", String::new(), String::new()),
        Behaviour::set("<!doctype html>"),
        Behaviour::set(r#"{"keys":[]}"#),
        Behaviour::Endless,
        Behaviour::HangUp,
    ] {
        let site = Site::new(|_| behaviour).await;
        assert!(site.has_no_keys(now()).await);
        assert_eq!(site.fetches(), (0, 1));
    }
}

#[actix_web::test]
async fn a_server_that_does_not_come_to_an_end_is_given_up() {
    for behaviour in [Behaviour::Silent, Behaviour::Trickle] {
        let site = Site::new(|_| behaviour).await;
        let outcomes = join_all((0..20).map(|_| site.has_no_keys(now()))).await;
        assert!(outcomes.into_iter().all(|it| it));
        assert_eq!((site.server.connections(), site.fetches()), (1, (0, 1)), "all shared one wait");
    }
}

#[actix_web::test]
async fn a_slow_server_holds_up_nobody_whose_key_is_known() {
    let site = Site::new(Behaviour::set).await;
    site.authenticator.refresh(now()).await;
    site.server.asked().await;
    site.server.now_does(Behaviour::Held(key_set(&[&site.signer])));
    let stranger = Signer::new(Algorithm::ES384, "stranger");
    let waiting = site.lets_in(&stranger, after(20));
    let others = async {
        site.server.asked().await;
        // The answer is let go only after these calls: they would never end if they waited for it.
        for _ in 0..10 {
            assert!(site.lets_in(&site.signer, after(20)).await);
        }
        site.server.release();
    };
    let (let_in, ()) = futures_util::future::join(waiting, others).await;
    assert!(!let_in);
}

#[actix_web::test]
async fn a_caller_that_hangs_up_does_not_stop_the_fetch_that_others_wait_for() {
    let site = Site::new(|set| Behaviour::Held(set.to_owned())).await;
    let hasty = site.call(&site.signer, now());
    tokio::select! {
        _ = hasty => panic!("the server has not answered"),
        () = site.server.asked() => {}
    }
    // The caller is gone with its future. The answer comes, and serves the next one without a second fetch.
    site.server.release();
    assert!(!site.has_no_keys(after(1)).await);
    assert_eq!(site.server.requests(), 1);
}

#[actix_web::test]
async fn a_private_address_is_not_called_unless_the_site_allows_it() {
    let signer = Signer::new(Algorithm::ES384, "key-1");
    let server = KeyServer::start(Behaviour::set(&key_set(&[&signer]))).await;
    let port = server.url.port().unwrap();
    for url in [
        server.url.to_string(),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://2130706433:{port}/"),
    ] {
        let client = client(KeySource::Url(url.parse().unwrap()));
        let authenticator = authenticator(&[client], false);
        authenticator.refresh(now()).await;
        let outcome = call(&authenticator, &signer.token(ISSUER, URL, now()), now()).await;
        assert!(matches!(outcome, Err(Denied::KeysUnavailable { .. })), "{url}: {outcome:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[actix_web::test]
async fn each_client_has_its_own_keys_and_its_own_failures() {
    let site = Site::new(Behaviour::set).await;
    let other = Signer::new(Algorithm::ES384, "key-1");
    let dead = KeyServer::start(Behaviour::HangUp).await;
    let second = KeyServer::start(Behaviour::set(&key_set(&[&other]))).await;
    let named = |name: &str, url: &url::Url| Client {
        name: name.to_owned(),
        issuer: format!("https://{name}.example"),
        ..client(KeySource::Url(url.clone()))
    };
    let clients = [named("one", &site.server.url), named("two", &second.url), named("three", &dead.url)];
    let authenticator = authenticator(&clients, true);
    authenticator.refresh(now()).await;
    assert_eq!(authenticator.without_keys(now()), ["three"]);
    for (issuer, signer, expected) in [
        ("https://one.example", &site.signer, None),
        ("https://two.example", &other, None),
        // Another client's key of the same name.
        ("https://one.example", &other, Some(Reason::Signature)),
        ("https://two.example", &site.signer, Some(Reason::Signature)),
    ] {
        let outcome = call(&authenticator, &signer.token(issuer, URL, now()), now()).await;
        assert_eq!(reason(&outcome), expected, "{issuer}");
    }
    let outcome = call(&authenticator, &other.token("https://three.example", URL, now()), now()).await;
    assert_eq!(outcome.unwrap_err(), Denied::KeysUnavailable { client: "three".into() });
}
