//! Who is let in, and that the others learn nothing.

use super::key_server::KeyServer;
use super::service::{CLIENT, Reply, Service, VIEW, now, send, view_request};
use crate::support::tokens::{Signer, key_set, symmetric, unsigned};
use jsonwebtoken::Algorithm;
use reqwest::Method;
use serde_json::json;
use std::sync::atomic::Ordering;

#[actix_web::test]
async fn a_good_token_gets_cards_that_link_to_the_guideline() {
    let service = Service::start();
    let reply = send(service.call()).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let card = &reply.json()["cards"][0];
    assert_eq!(card["source"]["url"], "https://cds.example.org/guideline#mri-timing-2");
    let line = service.log();
    let line: serde_json::Value =
        serde_json::from_str(line.lines().find(|line| line.contains("hook call")).unwrap()).unwrap();
    assert_eq!(
        (&line["client"], &line["token"], &line["status"]),
        (&json!("general-hospital"), &json!("accepted"), &json!(200))
    );
}

#[actix_web::test]
async fn discovery_and_the_pages_for_everybody_need_no_token() {
    let service = Service::start();
    for path in ["/cds-services", "/cds-services/", "/guideline", "/healthz", "/readyz"] {
        assert_eq!(service.get(path).await.status, 200, "{path}");
        let bad = service.request(Method::GET, path).bearer_auth("not.a.token");
        assert_eq!(send(bad).await.status, 200, "{path}");
    }
    assert_eq!(send(service.request(Method::POST, "/cds-services/x").body("{}")).await.status, 404);
    assert_eq!(service.get(VIEW).await.status, 405);
}

#[actix_web::test]
async fn discovery_shows_a_caller_the_templates_of_its_own_ehr() {
    let service = Service::start_with(&format!("{CLIENT}profile = \"epic\"\n"), |_| ());
    let keys = |reply: &Reply| -> Vec<String> {
        assert_eq!((reply.status, reply.header("vary")), (200, Some("Authorization")), "{}", reply.text);
        reply.json()["services"][0]["prefetch"].as_object().unwrap().keys().cloned().collect()
    };
    let everybody = keys(&service.get("/cds-services").await);
    assert!(everybody.contains(&"medicationStatements".to_owned()));
    let with = |token: String| service.request(Method::GET, "/cds-services").bearer_auth(token);
    let token = service.token(|_, claims| claims["aud"] = json!("https://cds.example.org/cds-services"));
    let own = keys(&send(with(token.clone())).await);
    assert!(!own.contains(&"medicationStatements".to_owned()) && own.len() + 1 == everybody.len(), "{own:?}");
    // Used, for something else, or forged: what everybody sees, and no word of why.
    for token in [token, service.token(|_, _| ()), "not.a.token".to_owned()] {
        assert_eq!(keys(&send(with(token)).await), everybody);
    }
    let log = service.log();
    let said = log.lines().filter(|line| line.contains("does not offer MedicationStatement"));
    assert_eq!(said.count(), 1, "it is said once, at start: {log}");
}

#[actix_web::test]
async fn a_service_that_is_switched_off_is_neither_listed_nor_answered() {
    let off = "[services]\noff = [\"spinal-metastases-encounter-discharge\"]\n";
    let service = Service::start_with(&format!("{CLIENT}profile = \"epic\"\n{off}"), |_| ());
    let token = service.token(|_, claims| claims["aud"] = json!("https://cds.example.org/cds-services"));
    let own = service.request(Method::GET, "/cds-services").bearer_auth(token);
    for reply in [service.get("/cds-services").await, send(own).await] {
        assert!(!reply.text.contains("encounter-discharge") && reply.text.contains("order-dispatch"));
    }
    let path = "/cds-services/spinal-metastases-encounter-discharge";
    assert_eq!(send(service.request(Method::POST, path).body("{}")).await.status, 404);
}

/// The reply but for the name that each call gets.
async fn send_unnamed(request: reqwest::RequestBuilder) -> Reply {
    let mut reply = send(request).await;
    reply.headers.retain(|(name, _)| name != "x-request-id");
    reply
}

#[actix_web::test]
async fn every_other_token_is_refused_with_the_same_bytes_and_nothing_is_called() {
    let elsewhere = KeyServer::start(key_set(&[]));
    let service = Service::start();
    let foreign_jku = format!("http://{}/jwks.json", elsewhere.address);
    let stranger = Signer::new(Algorithm::ES384, "key-1");
    let used = service.token(|_, _| ());
    assert_eq!(send(service.call_with(&used)).await.status, 200);
    let header = service.signer.header().to_string();
    let claims = crate::support::tokens::claims(super::service::ISSUER, super::service::VIEW_URL, now());
    let at = claims["iat"].as_i64().unwrap();
    let no_algorithm = json!({"alg": "none", "typ": "JWT", "kid": "key-1"}).to_string();
    let public_key = service.signer.jwk().to_string();
    let tokens = [
        ("garbage", "not.a.token".to_owned()),
        ("forged", stranger.sign(&service.signer.header(), &claims)),
        ("expired", service.token(|_, c| c["exp"] = json!(at - 100))),
        ("future", service.token(|_, c| (c["iat"], c["exp"]) = (json!(at + 200), json!(at + 400)))),
        ("long-lived", service.token(|_, c| c["exp"] = json!(at + 4_000))),
        ("wrong audience", service.token(|_, c| c["aud"] = json!("https://cds.example.org/cds-services"))),
        ("other host", service.token(|_, c| c["aud"] = json!(format!("http://{}{VIEW}", service.address)))),
        ("unknown issuer", service.token(|_, c| c["iss"] = json!("https://elsewhere.example.org"))),
        ("none", unsigned(&no_algorithm, &claims.to_string()) + "."),
        (
            "HS256 with the public key",
            symmetric(public_key.as_bytes(), &json!({"alg": "HS256", "typ": "JWT", "kid": "key-1"}), &claims),
        ),
        (
            "embedded key",
            stranger
                .sign(&json!({"alg": "ES384", "typ": "JWT", "kid": "key-1", "jwk": stranger.jwk()}), &claims),
        ),
        ("crit", service.token(|h, _| (h["crit"], h["x"]) = (json!(["x"]), json!(1)))),
        ("unknown key", service.token(|h, _| h["kid"] = json!("key-2"))),
        (
            "key mismatch",
            service.signer.sign(&json!({"alg": "RS384", "typ": "JWT", "kid": "key-1"}), &claims),
        ),
        ("replayed", used),
        ("no signature", unsigned(&header, &claims.to_string())),
    ];
    let without =
        service.request(Method::POST, VIEW).header("content-type", "application/json").body(view_request());
    let first: Reply = send_unnamed(without).await;
    assert_eq!(first.status, 401);
    assert_eq!(first.header("www-authenticate"), Some("Bearer"));
    for (name, token) in tokens {
        assert_eq!(send_unnamed(service.call_with(&token)).await, first, "{name}");
    }
    let twice = service.call().bearer_auth(service.token(|_, _| ()));
    assert_eq!(send_unnamed(twice).await, first);
    // The keys come from a file, so it does not matter what a token names, and nothing is fetched from there.
    let foreign = service.token(|header, _| header["jku"] = json!(foreign_jku));
    assert_eq!(send(service.call_with(&foreign)).await.status, 200);
    assert_eq!(elsewhere.count(), 0);
    // None of them burnt what a good one needs.
    assert_eq!(send(service.call()).await.status, 200);
    for reason in [
        "malformed",
        "signature",
        "expired",
        "not-yet",
        "lifetime",
        "audience",
        "issuer",
        "algorithm",
        "critical-extension",
        "unknown-key",
        "replayed",
        "missing",
    ] {
        assert!(service.log().contains(&format!("\"token\":\"{reason}\"")), "{reason} is not in the log");
    }
}

fn with_url(address: impl std::fmt::Display) -> String {
    CLIENT.replace("jwks_file = \"jwks.json\"", &format!("jwks_url = \"http://{address}/jwks.json\""))
        + "[network]\nallow_private = true\n"
}

#[actix_web::test]
async fn a_key_server_that_dies_neither_opens_nor_hangs_anything() {
    let signer = Signer::new(Algorithm::ES384, "key-1");
    let keys = KeyServer::start(key_set(&[&signer]));
    let mut service = Service::start_with(&with_url(keys.address), |_| ());
    service.signer = signer;
    assert_eq!(send(service.call()).await.status, 200);
    keys.down.store(true, Ordering::SeqCst);
    // The last set serves; a key that it lacks does not exist.
    assert_eq!(send(service.call()).await.status, 200);
    assert_eq!(send(service.call_with(&service.token(|h, _| h["kid"] = json!("key-2")))).await.status, 401);
    let stranger = Signer::new(Algorithm::ES384, "key-1");
    let claims = crate::support::tokens::claims(super::service::ISSUER, super::service::VIEW_URL, now());
    assert_eq!(send(service.call_with(&stranger.sign(&stranger.header(), &claims))).await.status, 401);
}

#[actix_web::test]
async fn without_any_key_the_answer_is_503_and_readiness_names_the_client() {
    let keys = KeyServer::start(String::new());
    keys.down.store(true, Ordering::SeqCst);
    let service = Service::start_with(&with_url(keys.address), |_| ());
    let reply = send(service.call()).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{}", reply.text);
    assert_eq!(reply.json()["resourceType"], "OperationOutcome");
    let ready = service.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json()["clientsWithoutKeys"], json!(["general-hospital"]));
    assert_eq!(service.get("/readyz?without=store").await.status, 503);
    // Whoever is no client of ours learns nothing of it.
    assert_eq!(send(service.call_with("a.b.c")).await.status, 401);
    assert_eq!(service.get("/healthz").await.status, 200);
}

#[actix_web::test]
async fn a_rotated_key_is_taken_and_the_old_one_ends() {
    let old = Signer::new(Algorithm::ES384, "key-1");
    let keys = KeyServer::start(key_set(&[&old]));
    let mut service = Service::start_with(&with_url(keys.address), |_| ());
    service.signer = old;
    assert_eq!(send(service.call()).await.status, 200);
    let new = Signer::new(Algorithm::ES384, "key-2");
    *keys.body.lock().unwrap() = key_set(&[&new]);
    let old = std::mem::replace(&mut service.signer, new);
    // The pause between two fetches that calls ask for is 10 seconds; wait for its end, and not for ever.
    let mut status = 0;
    for _ in 0..30 {
        status = send(service.call()).await.status;
        if status == 200 {
            break;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    assert_eq!(status, 200);
    service.signer = old;
    assert_eq!(send(service.call()).await.status, 401);
}
