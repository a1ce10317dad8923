//! The claims of a token (SEC-8, SEC-14, SEC-16).

use super::helpers::{CALL, Change, ISSUER, Site, URL, now, reason, seconds, set};
use crate::support::tokens::claims;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use spinal_mets_cds::auth::Reason;

/// A change of the claims of a good token, which was issued now and lives for five minutes.
fn claim_changes() -> Vec<Change> {
    vec![
        ("iss", Value::Null, Some(Reason::Malformed)),
        ("iss", json!([ISSUER]), Some(Reason::Malformed)),
        ("iss", json!("https://ehr.example.org/"), Some(Reason::Issuer)),
        ("iss", json!("https://EHR.example.org"), Some(Reason::Issuer)),
        ("iss", json!("general-hospital"), Some(Reason::Issuer)),
        ("aud", Value::Null, Some(Reason::Malformed)),
        ("exp", Value::Null, Some(Reason::Malformed)),
        ("iat", Value::Null, Some(Reason::Malformed)),
        ("jti", Value::Null, Some(Reason::Malformed)),
        ("jti", json!(""), Some(Reason::Malformed)),
        ("jti", json!(7), Some(Reason::Malformed)),
        ("jti", json!("j".repeat(1025)), Some(Reason::Malformed)),
        ("exp", json!("1777968300"), Some(Reason::Malformed)),
        ("exp", json!(true), Some(Reason::Malformed)),
        ("exp", json!([]), Some(Reason::Malformed)),
        ("iat", json!("2026-05-05T08:00:00Z"), Some(Reason::Malformed)),
        ("nbf", json!("soon"), Some(Reason::Malformed)),
        // Sixty seconds of leeway on each side.
        ("exp", seconds(-59.5), Some(Reason::Lifetime)),
        ("exp", seconds(-60.0), Some(Reason::Expired)),
        ("exp", seconds(299.25), None),
        ("exp", json!(0), Some(Reason::Expired)),
        ("exp", json!(-1.5), Some(Reason::Expired)),
        ("exp", json!(1e300), Some(Reason::Lifetime)),
        ("exp", json!(-1e300), Some(Reason::Expired)),
        ("iat", seconds(60.0), None),
        ("iat", seconds(60.5), Some(Reason::NotYet)),
        ("iat", json!(1e300), Some(Reason::NotYet)),
        ("iat", json!(-1e300), Some(Reason::Lifetime)),
        ("iat", seconds(-0.75), None),
        ("nbf", seconds(-300.0), None),
        ("nbf", seconds(60.0), None),
        ("nbf", seconds(60.5), Some(Reason::NotYet)),
        ("nbf", json!(1e300), Some(Reason::NotYet)),
        // An hour at most.
        ("exp", seconds(3600.0), None),
        ("exp", seconds(3600.5), Some(Reason::Lifetime)),
        ("exp", seconds(0.0), Some(Reason::Lifetime)),
        ("iat", seconds(-3300.0), None),
        ("iat", seconds(-3300.5), Some(Reason::Lifetime)),
        // What is not asked for is not looked at.
        ("tenant", json!("elsewhere"), None),
        ("sub", json!(17), None),
        ("fhirContext", json!({ "any": ["thing"] }), None),
    ]
}

#[actix_web::test]
async fn each_claim_counts() {
    let site = Site::new();
    for (member, value, expected) in claim_changes() {
        let token = site.token(|_, claims| set(claims, member, value.clone()));
        assert_eq!(reason(&site.call(&token).await), expected, "{member}: {value}");
    }
}

#[actix_web::test]
async fn a_token_in_its_last_minute_of_leeway_is_taken_and_not_after_it() {
    let site = Site::new();
    for (ago, expected) in [(359.5, None), (360.0, Some(Reason::Expired))] {
        let token = site.token(|_, claims| {
            set(claims, "iat", seconds(-ago));
            set(claims, "exp", seconds(300.0 - ago));
        });
        assert_eq!(reason(&site.call(&token).await), expected, "issued {ago} s ago");
    }
}

#[actix_web::test]
async fn numbers_that_are_none_are_no_times() {
    let site = Site::new();
    for odd in ["1e999", "-1e999", "NaN", "Infinity", "1777968300.", "01777968300", "0x69f9a32c"] {
        let text = claims(ISSUER, URL, now()).to_string();
        let text = text.replace(r#""exp":1777968300"#, &format!(r#""exp":{odd}"#));
        assert!(text.contains(odd), "the claims hold the number: {text}");
        let token = site.signer.sign_text(&site.signer.header().to_string(), &text);
        assert_eq!(reason(&site.call(&token).await), Some(Reason::Malformed), "{odd}");
    }
}

#[actix_web::test]
async fn a_tenant_is_asked_for_where_tenants_are_listed() {
    let site = Site::with(Algorithm::ES384, |client| client.tenants = vec!["ward-1".into(), "ward-2".into()]);
    for (value, expected) in [
        (json!("ward-2"), None),
        (json!("ward-3"), Some(Reason::Tenant)),
        (json!("WARD-1"), Some(Reason::Tenant)),
        (json!(""), Some(Reason::Tenant)),
        (Value::Null, Some(Reason::Tenant)),
        (json!(["ward-1"]), Some(Reason::Malformed)),
    ] {
        let token = site.token(|_, claims| set(claims, "tenant", value.clone()));
        assert_eq!(reason(&site.call(&token).await), expected, "{value}");
    }
}

#[actix_web::test]
async fn a_token_as_one_vendor_describes_it_is_taken() {
    // RS384, an opaque kid with signs of base64, nbf five minutes before iat, fifteen minutes of life, and a subject.
    let kid = "dGhpcyBpcyBh/+aWQ==";
    let signer = crate::support::tokens::Signer::new(Algorithm::RS384, kid);
    let authenticator = super::helpers::with_keys(&[signer.jwk()], |_| ());
    let mut claims = claims(ISSUER, URL, now());
    set(&mut claims, "nbf", seconds(-300.0));
    set(&mut claims, "exp", seconds(900.0));
    set(&mut claims, "sub", json!("48163c5e-0000-4000-8000-000000000000"));
    let value = format!("Bearer {}", signer.sign(&signer.header(), &claims));
    assert_eq!(reason(&authenticator.authenticate(Some(value.as_bytes()), CALL, now()).await), None);
}
