//! The private key of the panel as a confidential client, and what it signs (SMART App Launch, "Asymmetric (public key)").

use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;
use uuid::Uuid;

/// How long an assertion holds, in seconds; five minutes is the most that is allowed.
const LIFE: i64 = 300;

/// The private key cannot be used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file.
    #[error("{}: the private key of the panel cannot be read: {source}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Neither EC P-384 nor RSA.
    #[error("{}: the private key of the panel is no EC P-384 or RSA key in PEM (PKCS#8)", file.display())]
    Kind {
        /// Which.
        file: PathBuf,
    },
    /// The machine has no randomness.
    #[error("no random numbers can be had")]
    NoRandomness,
}

/// The key with its algorithm and public half.
pub(super) struct Key {
    encoding: EncodingKey,
    algorithm: Algorithm,
    public: Jwk,
    kid: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Key {
    /// Reads a PEM file.
    pub(super) fn load(file: &Path) -> Result<Self, KeyError> {
        let pem = std::fs::read(file).map_err(|source| KeyError::File { file: file.to_owned(), source })?;
        Self::read(&pem).ok_or_else(|| KeyError::Kind { file: file.to_owned() })
    }

    fn read(pem: &[u8]) -> Option<Self> {
        let of = |encoding: EncodingKey, algorithm| {
            let public = Jwk::from_encoding_key(&encoding, algorithm).ok()?;
            let kid = public.thumbprint(ThumbprintHash::SHA256).ok()?;
            Some(Self { encoding, algorithm, public, kid })
        };
        let elliptic = EncodingKey::from_ec_pem(pem).ok().and_then(|key| of(key, Algorithm::ES384));
        elliptic.or_else(|| of(EncodingKey::from_rsa_pem(pem).ok()?, Algorithm::RS384))
    }

    /// The public half, as the EHR fetches it.
    pub(super) fn public_set(&self) -> String {
        let mut key = json!(self.public);
        if let Some(members) = key.as_object_mut() {
            members.insert("kid".to_owned(), json!(self.kid));
            members.insert("use".to_owned(), json!("sig"));
            members.insert("alg".to_owned(), json!(format!("{:?}", self.algorithm)));
        }
        json!({ "keys": [key] }).to_string()
    }

    /// Says to a token endpoint who asks.
    pub(super) fn assertion(&self, client_id: &str, endpoint: &str, now: DateTime<Utc>) -> Option<String> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(self.algorithm) };
        let claims = json!({
            "iss": client_id, "sub": client_id, "aud": endpoint, "jti": Uuid::new_v4(),
            "iat": now.timestamp(), "exp": now.timestamp().saturating_add(LIFE),
        });
        encode(&header, &claims, &self.encoding).ok()
    }
}
