//! The header of a token and the value around it (SEC-5, SEC-6, SEC-7, SEC-11, SEC-19).

use super::helpers::{CALL, Change, ISSUER, Site, URL, call, now, reason, set, with_keys};
use crate::support::tokens::{Signer, base64, claims, symmetric, unsigned};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use spinal_mets_cds::auth::{Denied, Reason};
use spinal_mets_cds::config::Client;

#[actix_web::test]
async fn a_good_token_gives_the_client() {
    let site = Site::new();
    let client = site.call(&site.token(|_, _| ())).await.unwrap();
    assert_eq!(client.name, "general-hospital");
}

#[actix_web::test]
async fn algorithms_are_those_that_the_client_may_use() {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    for algorithm in [ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512] {
        let default = Site::with(algorithm, |_| ());
        let by_default = reason(&default.call(&default.token(|_, _| ())).await);
        let is_default = matches!(algorithm, ES384 | RS384);
        assert_eq!(by_default, (!is_default).then_some(Reason::Algorithm), "{algorithm:?}");

        let set = Site::with(algorithm, |client| client.algorithms = vec![algorithm]);
        assert_eq!(reason(&set.call(&set.token(|_, _| ())).await), None, "{algorithm:?} by setting");
    }
}

/// A change of the header of a good token, and what becomes of it.
fn header_changes() -> Vec<Change> {
    let key = Signer::new(Algorithm::ES384, "key-1");
    vec![
        ("alg", json!("none"), Some(Reason::Algorithm)),
        ("alg", json!("None"), Some(Reason::Algorithm)),
        ("alg", json!("es384"), Some(Reason::Algorithm)),
        ("alg", json!("ES512"), Some(Reason::Algorithm)),
        ("alg", json!("HS384"), Some(Reason::Algorithm)),
        ("alg", json!(""), Some(Reason::Algorithm)),
        ("alg", json!(384), Some(Reason::Malformed)),
        ("alg", Value::Null, Some(Reason::Malformed)),
        // Allowed for this client, but not what its key is for.
        ("alg", json!("RS384"), Some(Reason::UnknownKey)),
        ("typ", json!("jwt"), None),
        ("typ", json!("JWS"), Some(Reason::Type)),
        ("typ", json!("at+jwt"), Some(Reason::Type)),
        ("typ", Value::Null, Some(Reason::Type)),
        ("typ", json!(1), Some(Reason::Malformed)),
        ("kid", Value::Null, Some(Reason::KeyId)),
        ("kid", json!(""), Some(Reason::Malformed)),
        ("kid", json!(1), Some(Reason::Malformed)),
        ("kid", json!("key-2"), Some(Reason::UnknownKey)),
        ("kid", json!("KEY-1"), Some(Reason::UnknownKey)),
        ("kid", json!("../key-1"), Some(Reason::UnknownKey)),
        ("kid", json!("k".repeat(1025)), Some(Reason::Malformed)),
        ("jku", json!(["https://ehr.example.org/keys"]), Some(Reason::Malformed)),
        ("crit", json!(["exp"]), Some(Reason::CriticalExtension)),
        ("crit", json!([]), Some(Reason::CriticalExtension)),
        ("crit", json!("exp"), Some(Reason::CriticalExtension)),
        ("b64", json!(false), Some(Reason::CriticalExtension)),
        // Keys that a token brings along are not looked at; this one was signed with the client's own.
        ("jwk", key.jwk(), None),
        ("x5u", json!("https://evil.example/chain.pem"), None),
        ("x5c", json!(["MIIB"]), None),
        ("cty", json!("JWT"), None),
    ]
}

#[actix_web::test]
async fn each_member_of_the_header_counts() {
    let site = Site::new();
    for (member, value, expected) in header_changes() {
        let token = site.token(|header, _| set(header, member, value.clone()));
        assert_eq!(reason(&site.call(&token).await), expected, "{member}: {value}");
    }
    // `null` stands for no critical extension in no specification.
    let token = site.token(|header, _| {
        header.as_object_mut().unwrap().insert("crit".to_owned(), Value::Null);
    });
    assert_eq!(reason(&site.call(&token).await), Some(Reason::CriticalExtension));
}

#[actix_web::test]
async fn a_key_that_the_token_brings_along_verifies_nothing() {
    let site = Site::new();
    let forger = Signer::new(Algorithm::ES384, "key-1");
    let mut header = forger.header();
    set(&mut header, "jwk", forger.jwk());
    let token = forger.sign(&header, &claims(ISSUER, URL, now()));
    assert_eq!(reason(&site.call(&token).await), Some(Reason::Signature));
}

#[actix_web::test]
async fn without_a_signature_of_the_client_nothing_passes() {
    let site = Site::new();
    let claims = claims(ISSUER, URL, now());
    let header = site.signer.header();
    let good = site.signer.sign(&header, &claims);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other = site.token(|_, _| ());
    let none =
        unsigned(&json!({ "alg": "none", "typ": "JWT", "kid": "key-1" }).to_string(), &claims.to_string());
    for (token, expected) in [
        (format!("{none}."), Reason::Algorithm),
        (format!("{none}.{signature}"), Reason::Algorithm),
        (none, Reason::Malformed),
        (format!("{message}."), Reason::Signature),
        (format!("{message}.{}", base64(&[0; 96])), Reason::Signature),
        (format!("{message}.{}", other.rsplit_once('.').unwrap().1), Reason::Signature),
        (format!("{message}.{signature}="), Reason::Signature),
        (format!("{message}.{signature}AA"), Reason::Signature),
        (format!("{message}.!"), Reason::Signature),
        (format!("{message}.{signature} x"), Reason::Signature),
    ] {
        assert_eq!(reason(&site.call(&token).await), Some(expected), "{token}");
    }
    // None of them burnt the id.
    assert_eq!(reason(&site.call(&good).await), None);
}

#[actix_web::test]
async fn a_public_key_is_no_shared_secret() {
    // Even where a slip in the configuration lets symmetric algorithms through.
    let slip = |client: &mut Client| client.algorithms = vec![Algorithm::HS256, Algorithm::ES384];
    let signer = Signer::new(Algorithm::ES384, "key-1");
    let octets = json!({ "kty": "oct", "kid": "key-2", "k": base64(b"secret"), "alg": "HS256" });
    let authenticator = with_keys(&[signer.jwk(), octets], slip);
    let point = signer.jwk();
    for (kid, secret) in [
        ("key-1", point.to_string().into_bytes()),
        ("key-1", point["x"].as_str().unwrap().as_bytes().to_vec()),
        ("key-2", b"secret".to_vec()),
    ] {
        let header = json!({ "alg": "HS256", "typ": "JWT", "kid": kid });
        let token = symmetric(&secret, &header, &claims(ISSUER, URL, now()));
        assert_eq!(reason(&call(&authenticator, &token, now()).await), Some(Reason::Algorithm), "{kid}");
    }
}

#[actix_web::test]
async fn the_value_of_the_header_is_bearer_and_three_parts() {
    let site = Site::new();
    let good = site.token(|_, _| ());
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let malformed: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"Bearer".to_vec(),
        b"Bearer ".to_vec(),
        b"Bearer ..".to_vec(),
        b"Bearer \xff\xfe.x.y".to_vec(),
        good.clone().into_bytes(),
        format!("Basic {good}").into_bytes(),
        format!("BearerX {good}").into_bytes(),
        format!("Bearer {good}, Bearer {good}").into_bytes(),
        format!("Bearer {header}.{claims}").into_bytes(),
        format!("Bearer {header}.{claims}.{signature}.{signature}").into_bytes(),
        format!("Bearer {header}=.{claims}.{signature}").into_bytes(),
        format!("Bearer {header}. {claims}.{signature}").into_bytes(),
        format!("Bearer {header}.!{claims}.{signature}").into_bytes(),
        format!("Bearer {}.{claims}.{signature}", base64(b"not json")).into_bytes(),
        format!("Bearer {}.{claims}.{signature}", base64(b"{}")).into_bytes(),
        format!("Bearer {}.{claims}.{signature}", base64("[".repeat(9_000).as_bytes())).into_bytes(),
        format!("Bearer {header}.{claims}.{}", "A".repeat(17_000)).into_bytes(),
    ];
    for value in malformed {
        let outcome = site.authenticator.authenticate(Some(&value), CALL, now()).await;
        assert_eq!(reason(&outcome), Some(Reason::Malformed), "{}", String::from_utf8_lossy(&value));
    }
    let missing = site.authenticator.authenticate(None, CALL, now()).await;
    assert_eq!(reason(&missing), Some(Reason::Missing));
    // The name of the scheme has no case, and more than one space is allowed (RFC 9110, 11.1 and 11.4).
    let value = format!("bEARER   {good}");
    assert_eq!(reason(&site.authenticator.authenticate(Some(value.as_bytes()), CALL, now()).await), None);
}

#[actix_web::test]
async fn parts_that_two_readers_could_read_differently_are_refused() {
    let site = Site::new();
    let header = site.signer.header().to_string();
    let claims = claims(ISSUER, URL, now()).to_string();
    let twice = |part: &str, member: &str| format!("{},{member}}}", part.strip_suffix('}').unwrap());
    for (header, claims) in [
        (twice(&header, r#""alg":"ES384""#), claims.clone()),
        (twice(&header, r#""kid":"key-1""#), claims.clone()),
        // The same name, spelt with an escape.
        (header.clone(), twice(&claims, "\"\\u0061ud\":\"https://other.example\"")),
        (header.clone(), twice(&claims, r#""exp":99999999999"#)),
        (header.clone(), twice(&claims, r#""jti":"other""#)),
        (header.clone(), format!("{claims} {{}}")),
        (r#"["ES384","key-1","JWT",null,false,false]"#.to_owned(), claims.clone()),
        (header.clone(), format!(r#"["{ISSUER}","{URL}",1777968300,1777968000,null,"1",null]"#)),
        (format!("\u{feff}{header}"), claims.clone()),
    ] {
        let token = site.signer.sign_text(&header, &claims);
        assert_eq!(reason(&site.call(&token).await), Some(Reason::Malformed), "{header} {claims}");
    }
}

#[actix_web::test]
async fn a_refusal_names_the_client_and_key_only_where_the_issuer_is_known() {
    let site = Site::new();
    let evil = "key\u{7}\n\u{1b}[31m\u{202e}".to_owned() + &"x".repeat(200);
    let denied = |outcome| match outcome {
        Err(Denied::Rejected { reason, client, kid }) => (reason, client, kid),
        other => panic!("{other:?}"),
    };
    let token = site.token(|header, _| set(header, "kid", json!(evil)));
    let (why, client, kid) = denied(site.call(&token).await);
    assert_eq!((why, client.as_deref()), (Reason::UnknownKey, Some("general-hospital")));
    let kid = kid.unwrap();
    assert!(kid.len() == 100 && kid.starts_with("key???[31m?x"), "{kid}");

    let token = site.token(|_, claims| set(claims, "iss", json!("https://other.example")));
    assert_eq!(denied(site.call(&token).await), (Reason::Issuer, None, None));

    // What the program may write of a refusal holds no part of the token.
    let token = site.token(|header, _| set(header, "jku", json!("https://evil.example")));
    let written = format!("{:?}", site.call(&token).await);
    for part in token.split('.').chain(["evil"]) {
        assert!(!written.contains(part), "{written}");
    }
}
