//! The token of the public CDS Hooks sandbox: its shape, with a key pair of our own.

use super::helpers::{CALL, SERVICE, authenticator, client, now, reason};
use crate::support::tokens::{Signer, set_of};
use jsonwebtoken::Algorithm;
use serde_json::json;
use spinal_mets_cds::auth::{Endpoint, Reason};
use spinal_mets_cds::config::KeySource;

const ISSUER: &str = "https://sandbox.cds-hooks.org";
const JKU: &str = "https://sandbox.cds-hooks.org/.well-known/jwks.json";
const KID: &str = "5c0e1a3e-6a1d-4c0b-9d2a-0f6d6e0c7b11";

#[actix_web::test]
async fn its_token_is_taken_with_its_key_set_in_a_file_whatever_its_jku() {
    let signer = Signer::new(Algorithm::ES384, KID);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, set_of(&[signer.jwk()])).unwrap();
    let token = |audience: String, issued: i64| {
        let header = json!({ "alg": "ES384", "typ": "JWT", "kid": KID, "jku": JKU });
        let jti = uuid::Uuid::new_v4();
        // `exp` comes before `iat`, and both are rounded to the nearest second.
        let claims =
            json!({ "iss": ISSUER, "aud": audience, "exp": issued + 300, "iat": issued, "jti": jti });
        format!("Bearer {}", signer.sign(&header, &claims))
    };
    let service = format!("https://cds.example.org/cds-services/{SERVICE}");
    let feedback = format!("{service}/feedback");

    let mut sandbox = client(KeySource::File(path));
    sandbox.issuer = ISSUER.to_owned();
    let open = authenticator(std::slice::from_ref(&sandbox), false);
    let issued = now().timestamp() + 1;
    for (endpoint, audience) in [(CALL, &service), (Endpoint::Feedback(SERVICE), &feedback)] {
        let value = token(audience.clone(), issued);
        assert_eq!(reason(&open.authenticate(Some(value.as_bytes()), endpoint, now()).await), None);
    }
    // It sends one on discovery too; that opens no service.
    let value = token("https://cds.example.org/cds-services".to_owned(), issued);
    assert_eq!(reason(&open.authenticate(Some(value.as_bytes()), CALL, now()).await), Some(Reason::Audience));
}
