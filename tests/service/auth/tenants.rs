//! Several clients of one issuer, the `jku` that a token may name, and a token for discovery.

use super::helpers::{BASE, ISSUER, URL, authenticator, call, client, now, reason, set};
use super::key_server::{Behaviour, KeyServer};
use crate::support::tokens::{Signer, claims, key_set};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use spinal_mets_cds::auth::{Authenticator, Denied, Endpoint, Reason};
use spinal_mets_cds::config::{Client, KeySource};
use std::fs;
use std::path::Path;

fn hospital(name: &str, keys: &Path, tenants: &[&str]) -> Client {
    Client {
        name: name.to_owned(),
        tenants: tenants.iter().map(|it| (*it).to_owned()).collect(),
        ..client(KeySource::File(keys.to_owned()))
    }
}

/// Who a token of this tenant is, or why it is refused and for whom that is logged.
async fn who(authenticator: &Authenticator, signer: &Signer, tenant: Value) -> Result<String, String> {
    let mut claims = claims(ISSUER, URL, now());
    set(&mut claims, "tenant", tenant);
    match call(authenticator, &signer.sign(&signer.header(), &claims), now()).await {
        Ok(client) => Ok(client.name.clone()),
        Err(Denied::Rejected { reason, client, .. }) => Err(format!("{reason} {client:?}")),
        Err(other) => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn clients_of_one_issuer_are_told_apart_by_the_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (folder.path().join("vendor.json"), folder.path().join("other.json"));
    let (vendor, rival) = (Signer::new(Algorithm::ES384, "key-1"), Signer::new(Algorithm::ES384, "key-1"));
    fs::write(&ours, key_set(&[&vendor])).unwrap();
    fs::write(&other, key_set(&[&rival])).unwrap();
    let clients = [
        hospital("north", &ours, &["n-1", "n-2"]),
        hospital("south", &ours, &["s-1"]),
        hospital("west", &other, &["w-1"]),
    ];
    for clients in [clients.to_vec(), clients.iter().rev().cloned().collect()] {
        let authenticator = authenticator(&clients, false);
        for (signer, tenant, expected) in [
            (&vendor, json!("n-2"), Ok("north".to_owned())),
            (&vendor, json!("s-1"), Ok("south".to_owned())),
            (&rival, json!("w-1"), Ok("west".to_owned())),
            // The keys of one hospital open no other.
            (&vendor, json!("w-1"), Err("signature Some(\"west\")".to_owned())),
            (&rival, json!("s-1"), Err("signature Some(\"south\")".to_owned())),
            // Nobody can say whose it is.
            (&vendor, json!("N-1"), Err("tenant None".to_owned())),
            (&vendor, Value::Null, Err("tenant None".to_owned())),
        ] {
            assert_eq!(who(&authenticator, signer, tenant.clone()).await, expected, "{tenant}");
        }
        assert_eq!(authenticator.key_fetches().len(), 2, "keys in one place are kept once");
    }
}

#[actix_web::test]
async fn a_jku_does_not_matter_where_the_keys_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    let signer = Signer::new(Algorithm::ES384, "key-1");
    fs::write(&keys, key_set(&[&signer])).unwrap();
    let authenticator = authenticator(&[client(KeySource::File(keys))], false);
    let mut header = signer.header();
    set(&mut header, "jku", json!("https://anywhere.example/keys"));
    let token = signer.sign(&header, &claims(ISSUER, URL, now()));
    assert_eq!(reason(&call(&authenticator, &token, now()).await), None);
}

#[actix_web::test]
async fn a_listed_jku_is_taken_and_the_list_changes_without_a_restart() {
    let signer = Signer::new(Algorithm::ES384, "key-1");
    let server = KeyServer::start(Behaviour::set(&key_set(&[&signer]))).await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("jku.txt");
    fs::write(&list, "# the vendor's list\nhttps://a.example/keys\n").unwrap();
    let mut client = client(KeySource::Url(server.url.clone()));
    client.jku = vec![server.url.to_string()];
    client.jku_file = Some(list.clone());
    let authenticator = authenticator(&[client], true);
    let outcome = async |jku: &str| {
        let mut header = signer.header();
        set(&mut header, "jku", json!(jku));
        let token = signer.sign(&header, &claims(ISSUER, URL, now()));
        reason(&call(&authenticator, &token, now()).await)
    };
    assert_eq!(outcome(server.url.as_str()).await, None);
    assert_eq!(outcome("https://a.example/keys").await, None);
    assert_eq!(outcome("https://b.example/keys").await, Some(Reason::KeySetUrl));
    for near in [
        "https://a.example/keys?",
        "https://A.example/keys",
        "https://a.example/keys/",
        "https://a.example.evil.example/keys",
        "https://a.example/key",
        "",
    ] {
        assert_eq!(outcome(near).await, Some(Reason::KeySetUrl), "{near}");
    }
    fs::write(&list, "https://b.example/keys").unwrap();
    authenticator.refresh(now()).await;
    assert_eq!(outcome("https://a.example/keys").await, Some(Reason::KeySetUrl));
    assert_eq!(outcome("https://b.example/keys").await, None);
    for broken in [Some("no url"), None] {
        match broken {
            Some(text) => fs::write(&list, text).unwrap(),
            None => fs::remove_file(&list).unwrap(),
        }
        authenticator.refresh(now()).await;
        assert_eq!(outcome("https://b.example/keys").await, None, "what it last said stays: {broken:?}");
    }
}

#[actix_web::test]
async fn a_token_for_discovery_opens_discovery_alone() {
    let site = super::helpers::Site::new();
    let discovery = format!("{BASE}/cds-services");
    for (audience, endpoint, expected) in [
        (&*discovery, Endpoint::Discovery, None),
        (URL, Endpoint::Discovery, Some(Reason::Audience)),
        (&*discovery, super::helpers::CALL, Some(Reason::Audience)),
    ] {
        let token = format!("Bearer {}", site.token(|_, claims| set(claims, "aud", json!(audience))));
        let outcome = site.authenticator.authenticate(Some(token.as_bytes()), endpoint, now()).await;
        assert_eq!(reason(&outcome), expected, "{audience} at {endpoint:?}");
    }
}
