//! Keys and tokens of clients that do not exist: good ones, and whatever a forger could make.
//!
//! The load test includes it by path. Keys are made when a test asks for them; none is kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::KeyPair;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// A key pair of a client, with the name under which its public half is published.
pub(crate) struct Signer {
    pub(crate) kid: String,
    pub(crate) algorithm: Algorithm,
    key: EncodingKey,
    public: Value,
}

/// One RSA pair serves all tests of a program: making one is slow.
static RSA: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_for(&rcgen::PKCS_RSA_SHA384).unwrap());

impl Signer {
    /// A new pair for this algorithm; the RSA pair is always the same.
    pub(crate) fn new(algorithm: Algorithm, kid: &str) -> Self {
        let (key, public) = match algorithm {
            Algorithm::ES256 => elliptic(&rcgen::PKCS_ECDSA_P256_SHA256, "P-256"),
            Algorithm::ES384 => elliptic(&rcgen::PKCS_ECDSA_P384_SHA384, "P-384"),
            Algorithm::EdDSA => {
                let pair = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
                let x = base64(pair.public_key_raw());
                (
                    EncodingKey::from_ed_der(&pair.serialize_der()),
                    json!({ "kty": "OKP", "crv": "Ed25519", "x": x }),
                )
            }
            _ => {
                let key = EncodingKey::from_rsa_pem(RSA.serialize_pem().as_bytes()).unwrap();
                let jwk = Jwk::from_encoding_key(&key, algorithm).unwrap();
                let mut public = serde_json::to_value(jwk).unwrap();
                public.as_object_mut().unwrap().remove("alg");
                (key, public)
            }
        };
        Self { kid: kid.to_owned(), algorithm, key, public }
    }

    /// The public half as it stands in a key set.
    pub(crate) fn jwk(&self) -> Value {
        self.jwk_with(&json!({ "kid": self.kid, "use": "sig", "alg": format!("{:?}", self.algorithm) }))
    }

    /// The public half with exactly these members beside those of the key itself.
    pub(crate) fn jwk_with(&self, members: &Value) -> Value {
        let mut jwk = self.public.clone();
        jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        jwk
    }

    /// The header of a good token.
    pub(crate) fn header(&self) -> Value {
        json!({ "alg": format!("{:?}", self.algorithm), "typ": "JWT", "kid": self.kid })
    }

    /// The token of these parts, signed with this pair by its own algorithm, whatever the header says.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    /// The same for parts that no JSON value can hold, such as a member given twice.
    pub(crate) fn sign_text(&self, header: &str, claims: &str) -> String {
        let message = unsigned(header, claims);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }

    /// A good token for one call.
    pub(crate) fn token(&self, issuer: &str, audience: &str, now: DateTime<Utc>) -> String {
        self.sign(&self.header(), &claims(issuer, audience, now))
    }
}

fn elliptic(algorithm: &'static rcgen::SignatureAlgorithm, curve: &str) -> (EncodingKey, Value) {
    let pair = KeyPair::generate_for(algorithm).unwrap();
    // An uncompressed point: one byte that says so, then both coordinates.
    let (x, y) = pair.public_key_raw()[1..].split_at(pair.public_key_raw().len() / 2);
    let public = json!({ "kty": "EC", "crv": curve, "x": base64(x), "y": base64(y) });
    (EncodingKey::from_ec_der(&pair.serialize_der()), public)
}

/// The claims of a good token: five minutes of life, and an id of its own.
pub(crate) fn claims(issuer: &str, audience: &str, now: DateTime<Utc>) -> Value {
    let iat = now.timestamp();
    let jti = uuid::Uuid::new_v4();
    json!({ "iss": issuer, "aud": audience, "iat": iat, "exp": iat + 300, "jti": jti })
}

/// A key set with the public halves of these pairs.
pub(crate) fn key_set(signers: &[&Signer]) -> String {
    set_of(&signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>())
}

/// A key set of these keys.
pub(crate) fn set_of(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// Header and claims without a signature.
pub(crate) fn unsigned(header: &str, claims: &str) -> String {
    format!("{}.{}", base64(header.as_bytes()), base64(claims.as_bytes()))
}

/// A token under a symmetric algorithm; the secret may well be somebody's public key.
pub(crate) fn symmetric(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = unsigned(&header.to_string(), &claims.to_string());
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

/// Base64 as tokens use it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
