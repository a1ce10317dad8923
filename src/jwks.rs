//! A JWK Set, as far as it can verify a token (RFC 7517; SEC-12).
//!
//! Keys of other kinds do not spoil a set; a key is used only for the algorithm that its own `kty`, `crv`, `use`,
//! `key_ops` and `alg` allow. Absent on purpose: where a set comes from and how old it may be.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use thiserror::Error;

/// Most keys that are read of a set.
const MOST_KEYS: usize = 100;
/// Longest and shortest modulus of an RSA key, in bytes: 2,048 to 8,192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// Why a set cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeySetFault {
    /// Not a JSON object with a `keys` array.
    #[error("it is not a JWK Set, an object with a `keys` array")]
    NotASet,
    /// Over 100 keys.
    #[error("it holds more than 100 keys")]
    TooManyKeys,
    /// It holds a private key: whoever can read it can sign.
    #[error("it holds a private key; ask the EHR for its public keys alone, and for new ones")]
    PrivateKey,
    /// `keys` is there and empty: the client has taken all of its keys back.
    #[error("it holds no key at all")]
    Empty,
    /// None of its keys can verify a signature.
    #[error("it holds no public key with a `kid` that can verify ES, RS, PS or EdDSA signatures")]
    NoUsableKey,
}

/// What a key can verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    P256,
    P384,
    Rsa,
    Ed25519,
}

/// One usable key.
#[derive(Clone)]
struct Key {
    family: Family,
    /// The only algorithm, where the key names one.
    algorithm: Option<Algorithm>,
    decoding: DecodingKey,
}

/// The usable keys of a set by `kid`.
#[derive(Clone, Default)]
pub struct KeySet(HashMap<String, Vec<Key>>);

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeySet").field(&self.0.len()).finish()
    }
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl KeySet {
    /// Reads a set.
    ///
    /// # Errors
    ///
    /// A [`KeySetFault`] when nothing of it can be used.
    pub fn read(bytes: &[u8]) -> Result<Self, KeySetFault> {
        let set: Value = serde_json::from_slice(bytes).map_err(|_| KeySetFault::NotASet)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(KeySetFault::NotASet)?;
        if keys.is_empty() {
            return Err(KeySetFault::Empty);
        }
        if keys.len() > MOST_KEYS {
            return Err(KeySetFault::TooManyKeys);
        }
        if keys.iter().any(|key| key.get("d").is_some()) {
            return Err(KeySetFault::PrivateKey);
        }
        let mut usable: HashMap<String, Vec<Key>> = HashMap::new();
        for jwk in keys {
            let Ok(jwk) = Jwk::deserialize(jwk) else { continue };
            if let Some(key) = key(&jwk) {
                // A `kid` should stand once (RFC 7517, 4.5); where it stands twice, each key that fits is tried.
                usable.entry(jwk.kid).or_default().push(key);
            }
        }
        if usable.is_empty() { Err(KeySetFault::NoUsableKey) } else { Ok(Self(usable)) }
    }

    /// Whether it has no key: what is left when all have been taken back.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the set has a key of this name.
    pub(crate) fn names(&self, kid: &str) -> bool {
        self.0.contains_key(kid)
    }

    /// Whether any key could serve one of these algorithms.
    pub fn serves(&self, algorithms: &[Algorithm]) -> bool {
        self.0.values().flatten().any(|key| algorithms.iter().any(|it| key.fits(*it)))
    }

    /// The keys of this name that may be used with this algorithm.
    pub(crate) fn find<'a>(
        &'a self,
        kid: &str,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &'a DecodingKey> + use<'a> {
        let named = self.0.get(kid).map(Vec::as_slice).unwrap_or_default();
        named.iter().filter(move |key| key.fits(algorithm)).map(|key| &key.decoding)
    }
}

impl Key {
    fn fits(&self, algorithm: Algorithm) -> bool {
        let family = match algorithm {
            Algorithm::ES256 => Family::P256,
            Algorithm::ES384 => Family::P384,
            Algorithm::EdDSA => Family::Ed25519,
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512 => Family::Rsa,
            // Symmetric ones, and what is unknown here.
            _ => return false,
        };
        self.family == family && self.algorithm.is_none_or(|own| own == algorithm)
    }
}

/// The key, if it can verify signatures.
fn key(jwk: &Jwk) -> Option<Key> {
    let for_signatures = jwk.usage.as_deref().is_none_or(|usage| usage == "sig");
    let may_verify = jwk.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    if !for_signatures || !may_verify || jwk.kid.is_empty() {
        return None;
    }
    let algorithm = match jwk.alg.as_deref() {
        None => None,
        // A key for something else, such as encryption.
        Some(name) => Some(name.parse::<Algorithm>().ok()?),
    };
    let (x, y) = (jwk.x.as_deref(), jwk.y.as_deref());
    let (family, decoding) = match (&*jwk.kty, jwk.crv.as_deref()) {
        ("EC", Some("P-256")) => (Family::P256, point(x?, y?, 32)?),
        ("EC", Some("P-384")) => (Family::P384, point(x?, y?, 48)?),
        ("OKP", Some("Ed25519")) => {
            let x = x.filter(|x| length(x) == Some(32))?;
            (Family::Ed25519, DecodingKey::from_ed_components(x).ok()?)
        }
        ("RSA", _) => {
            let (n, e) = (jwk.n.as_deref()?, jwk.e.as_deref()?);
            if !MODULUS.contains(&length(n)?) {
                return None;
            }
            (Family::Rsa, DecodingKey::from_rsa_components(n, e).ok()?)
        }
        _ => return None,
    };
    Some(Key { family, algorithm, decoding })
}

fn point(x: &str, y: &str, size: usize) -> Option<DecodingKey> {
    if length(x)? != size || length(y)? != size {
        return None;
    }
    DecodingKey::from_ec_components(x, y).ok()
}

/// Bytes behind a base64 text.
fn length(encoded: &str) -> Option<usize> {
    URL_SAFE_NO_PAD.decode(encoded).ok().map(|bytes| bytes.len())
}
