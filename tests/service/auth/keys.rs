//! Which key of a set may verify which token (SEC-12).

use super::helpers::{ISSUER, URL, call, now, reason, set, with_keys};
use crate::support::tokens::{Signer, base64, claims, set_of};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use spinal_mets_cds::auth::Reason;
use spinal_mets_cds::jwks::{KeySet, KeySetFault};

/// What becomes of a token of `signer` when the set holds `key`, and another that does not matter.
async fn outcome(signer: &Signer, key: Value) -> Option<Reason> {
    let bystander = Signer::new(Algorithm::ES384, "bystander");
    let authenticator = with_keys(&[key, bystander.jwk()], |client| {
        client.algorithms = vec![signer.algorithm, Algorithm::ES384];
    });
    let token = signer.token(ISSUER, URL, now());
    reason(&call(&authenticator, &token, now()).await)
}

#[actix_web::test]
async fn a_key_serves_what_it_says_it_is_for() {
    for algorithm in [Algorithm::ES384, Algorithm::RS384, Algorithm::EdDSA] {
        let signer = Signer::new(algorithm, "k");
        let name = format!("{algorithm:?}");
        for (members, expected) in [
            (json!({ "kid": "k" }), None),
            (json!({ "kid": "k", "use": "sig" }), None),
            (json!({ "kid": "k", "alg": name }), None),
            (json!({ "kid": "k", "key_ops": ["verify"] }), None),
            (json!({ "kid": "k", "key_ops": ["sign", "verify"], "x5t": "abc", "other": 1 }), None),
            (json!({ "kid": "k", "use": "enc" }), Some(Reason::UnknownKey)),
            (json!({ "kid": "k", "use": "SIG" }), Some(Reason::UnknownKey)),
            (json!({ "kid": "k", "key_ops": ["sign"] }), Some(Reason::UnknownKey)),
            (json!({ "kid": "k", "key_ops": [] }), Some(Reason::UnknownKey)),
            (json!({ "kid": "k", "alg": "RS512" }), Some(Reason::UnknownKey)),
            (json!({ "kid": "k", "alg": "ECDH-ES" }), Some(Reason::UnknownKey)),
            (json!({ "kid": "k", "alg": "HS256" }), Some(Reason::UnknownKey)),
            (json!({ "kid": "K" }), Some(Reason::UnknownKey)),
            (json!({ "kid": 1 }), Some(Reason::UnknownKey)),
            (json!({}), Some(Reason::UnknownKey)),
            (json!({ "kid": "k", "kty": "oct" }), Some(Reason::UnknownKey)),
        ] {
            let found = outcome(&signer, signer.jwk_with(&members)).await;
            assert_eq!(found, expected, "{name}: {members}");
        }
    }
}

#[actix_web::test]
async fn a_key_of_another_kind_or_curve_is_not_tried() {
    use Algorithm::{ES256, ES384, EdDSA, PS256, RS384};
    for signing in [ES256, ES384, EdDSA, PS256, RS384] {
        for published in [ES256, ES384, EdDSA, RS384] {
            let fits = signing == published || (signing == PS256 && published == RS384);
            if fits {
                continue;
            }
            let key = Signer::new(published, "k").jwk_with(&json!({ "kid": "k" }));
            let found = outcome(&Signer::new(signing, "k"), key).await;
            assert_eq!(found, Some(Reason::UnknownKey), "{signing:?} and a key for {published:?}");
        }
    }
}

#[actix_web::test]
async fn keys_that_are_too_weak_or_none_verify_nothing() {
    let rsa = Signer::new(Algorithm::RS384, "k");
    for (member, value) in [
        // 1,024 bits, as long as they come and padded to look longer.
        ("n", base64(&[0xff; 128])),
        ("n", base64(&[vec![0; 128], vec![0xff; 128]].concat())),
        ("n", base64(&[0xff; 2048])),
        ("n", "!".to_owned()),
        ("n", String::new()),
        // With an exponent of 1 every signature would be its own proof.
        ("e", base64(&[1])),
        ("e", String::new()),
        ("e", base64(&[0])),
    ] {
        let mut key = rsa.jwk();
        set(&mut key, member, json!(value));
        let found = outcome(&rsa, key).await;
        assert!(matches!(found, Some(Reason::UnknownKey | Reason::Signature)), "{member} {value}: {found:?}");
    }
    let elliptic = Signer::new(Algorithm::ES384, "k");
    for (member, value) in
        [("x", base64(&[0; 48])), ("x", base64(&[1; 47])), ("y", base64(&[7; 48])), ("crv", "P-256".into())]
    {
        let mut key = elliptic.jwk();
        set(&mut key, member, json!(value));
        let found = outcome(&elliptic, key).await;
        assert!(matches!(found, Some(Reason::UnknownKey | Reason::Signature)), "{member} {value}: {found:?}");
    }
    let edwards = Signer::new(Algorithm::EdDSA, "k");
    for x in [base64(&[0; 32]), base64(&[1; 31]), base64(&[0xff; 32])] {
        let mut key = edwards.jwk();
        set(&mut key, "x", json!(x));
        let found = outcome(&edwards, key).await;
        assert!(matches!(found, Some(Reason::UnknownKey | Reason::Signature)), "{x}: {found:?}");
    }
}

#[actix_web::test]
async fn an_exponent_of_one_forges_nothing() {
    // With e = 1 the padded digest is its own signature; whoever can publish such a key must not be believed.
    let rsa = Signer::new(Algorithm::RS384, "k");
    let mut key = rsa.jwk();
    set(&mut key, "e", json!("AQ"));
    let authenticator = with_keys(&[key], |_| ());
    let token = rsa.token(ISSUER, URL, now());
    let message = token.rsplit_once('.').unwrap().0;
    let digest = <sha2::Sha384 as sha2::Digest>::digest(message.as_bytes());
    // EMSA-PKCS1-v1_5 (RFC 8017, 9.2) with the DER prefix of SHA-384.
    let prefix = [0x30, 0x41, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2, 5, 0, 4, 0x30];
    let info = [prefix.as_slice(), &digest].concat();
    let padded = [vec![0, 1], vec![0xff; 256 - 3 - info.len()], vec![0], info].concat();
    let forged = format!("{message}.{}", base64(&padded));
    assert_eq!(reason(&call(&authenticator, &forged, now()).await), Some(Reason::Signature));
}

#[actix_web::test]
async fn of_two_keys_with_one_name_the_one_that_fits_serves() {
    let (first, second) = (Signer::new(Algorithm::ES384, "k"), Signer::new(Algorithm::ES384, "k"));
    let rsa = Signer::new(Algorithm::RS384, "k");
    let authenticator = with_keys(&[first.jwk(), second.jwk(), rsa.jwk()], |_| ());
    for signer in [&first, &second, &rsa] {
        let token = signer.token(ISSUER, URL, now());
        assert_eq!(reason(&call(&authenticator, &token, now()).await), None);
    }
    let token = Signer::new(Algorithm::ES384, "k").sign(&first.header(), &claims(ISSUER, URL, now()));
    assert_eq!(reason(&call(&authenticator, &token, now()).await), Some(Reason::Signature));
}

#[test]
fn a_set_is_an_object_with_usable_keys() {
    let good = Signer::new(Algorithm::ES384, "k").jwk();
    let read = |text: String| KeySet::read(text.as_bytes()).map(|_| ()).err();
    let copies = |count: usize| set_of(&vec![good.clone(); count]);
    assert_eq!(read(copies(100)), None);
    assert_eq!(read(copies(101)), Some(KeySetFault::TooManyKeys));
    for text in
        ["", "null", "[]", "{}", "<html><body>keys</body></html>", r#"{"keys":{}}"#, r#"{"keys":null}"#]
    {
        assert_eq!(read(text.to_owned()), Some(KeySetFault::NotASet), "{text}");
    }
    assert_eq!(read(good.to_string()), Some(KeySetFault::NotASet), "a key alone");
    assert_eq!(read("[".repeat(100_000)), Some(KeySetFault::NotASet), "deep");
    assert_eq!(read(r#"{"keys":[]}"#.to_owned()), Some(KeySetFault::Empty));
    for keys in [json!([null, 1, "x", [], {}]), json!([{ "kty": "oct", "kid": "k", "k": "c2VjcmV0" }])] {
        assert_eq!(read(set_of(keys.as_array().unwrap())), Some(KeySetFault::NoUsableKey), "{keys}");
    }
    // What is odd does not spoil what is fine.
    assert_eq!(read(set_of(&[json!(null), json!({ "kty": "AKP", "kid": "pq" }), good])), None);
}
