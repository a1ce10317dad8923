//! Two clients with known keys, tokens of theirs from an input, and what an accepted token must say.
//!
//! The keys follow from fixed numbers: a finding repeats itself, and no key lies in the repository. The second look at a token is written
//! from the requirements (SEC-5 to SEC-19) and shares no code with the first.

use crate::NOW;
use crate::fixtures::Seed;
use crate::strict::members;
use aws_lc_rs::agreement::{ECDH_P256, ECDH_P384, PrivateKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use spinal_mets_cds::config::{Client, KeySource};
use std::fs;
use std::sync::LazyLock;
use url::Url;

/// Base of the service that the tokens are for.
pub const BASE: &str = "https://cds.example.org/spine";
/// The service that is called.
pub const SERVICE: &str = "spinal-metastases-patient-view";
/// The `jku` that the first client may name.
const JKU: &str = "https://ehr.example.org/jwks.json";
/// The further audience of the second client.
const FURTHER_AUDIENCE: &str = "https://cds.example.org/shared";
/// The tenants of the second client.
const TENANTS: [&str; 2] = ["north", "south"];
/// Issuers of the two clients.
pub const ISSUERS: [&str; 2] = ["https://ehr.example.org", "urn:ehr:other"];

/// The private keys of one client.
struct Keys {
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

static KEYS: LazyLock<[Keys; 2]> = LazyLock::new(|| [Keys::of(1), Keys::of(2)]);

impl Keys {
    fn of(number: u8) -> Self {
        let public = |key: &PrivateKey| key.compute_public_key().expect("a point").as_ref().to_vec();
        let p256 = public(&PrivateKey::from_private_key(&ECDH_P256, &[number; 32]).expect("a scalar"));
        let p384 = public(&PrivateKey::from_private_key(&ECDH_P384, &[number; 48]).expect("a scalar"));
        let pair = EcdsaKeyPair::from_private_key_and_public_key;
        Self {
            p256: pair(&ECDSA_P256_SHA256_FIXED_SIGNING, &[number; 32], &p256).expect("a key"),
            p384: pair(&ECDSA_P384_SHA384_FIXED_SIGNING, &[number; 48], &p384).expect("a key"),
            ed25519: Ed25519KeyPair::from_seed_unchecked(&[number; 32]).expect("a key"),
        }
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let signature = match algorithm {
            "ES256" => self.p256.sign(&random, message).expect("a signature").as_ref().to_vec(),
            "EdDSA" => self.ed25519.sign(message).as_ref().to_vec(),
            _ => self.p384.sign(&random, message).expect("a signature").as_ref().to_vec(),
        };
        signature
    }

    fn public(&self) -> Value {
        let point = |pair: &EcdsaKeyPair, curve: &str, kid: &str| {
            let bytes = &pair.public_key().as_ref()[1..];
            let (x, y) = bytes.split_at(bytes.len() / 2);
            json!({"kty": "EC", "crv": curve, "kid": kid, "use": "sig",
                "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
        };
        let x = URL_SAFE_NO_PAD.encode(self.ed25519.public_key().as_ref());
        json!({"keys": [
            point(&self.p256, "P-256", "p256"),
            point(&self.p384, "P-384", "p384"),
            {"kty": "OKP", "crv": "Ed25519", "kid": "ed25519", "alg": "EdDSA", "x": x},
        ]})
    }
}

/// The configured clients; their key sets lie in files of the folder for temporary files.
pub fn clients() -> Vec<Client> {
    let file = |number: usize| {
        let path = std::env::temp_dir().join(format!("spinal-mets-cds-fuzz-keys-{number}.json"));
        let new = path.with_extension(format!("{}", std::process::id()));
        fs::write(&new, KEYS[number].public().to_string()).expect("a key file can be written");
        fs::rename(&new, &path).expect("a key file can be replaced");
        KeySource::File(path)
    };
    let client = |number: usize, algorithms: &[Algorithm]| Client {
        jku: if number == 0 { vec![JKU.to_owned()] } else { Vec::new() },
        extra_audiences: if number == 1 { vec![FURTHER_AUDIENCE.to_owned()] } else { Vec::new() },
        tenants: if number == 1 { TENANTS.map(str::to_owned).to_vec() } else { Vec::new() },
        ..Client::new(&format!("client-{number}"), ISSUERS[number], file(number), algorithms)
    };
    vec![client(0, &[Algorithm::ES384, Algorithm::EdDSA]), client(1, &[Algorithm::ES256])]
}

/// A token to be made: header and claims as they are to be written, and who signs.
#[derive(Deserialize)]
pub struct Recipe<'a> {
    #[serde(borrow)]
    header: &'a RawValue,
    #[serde(borrow)]
    claims: &'a RawValue,
    /// 0 and 1: that client; anything else: nobody, the signature is cut from a wrong one.
    #[serde(default)]
    by: u64,
    /// Whether feedback is called.
    #[serde(default)]
    pub feedback: bool,
}

impl<'a> Recipe<'a> {
    /// Reads an input; `None` when it is to be sent as it is.
    pub fn read(data: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(data).ok()
    }

    /// The value of the `Authorization` header.
    pub fn token(&self) -> String {
        let encode = |raw: &RawValue| URL_SAFE_NO_PAD.encode(raw.get());
        let message = format!("{}.{}", encode(self.header), encode(self.claims));
        let header: Value = serde_json::from_str(self.header.get()).unwrap_or_default();
        let algorithm = header["alg"].as_str().unwrap_or_default();
        let mut signature = KEYS[usize::from(self.by == 1)].sign(algorithm, message.as_bytes());
        if self.by > 1 {
            let last = signature.len() - 1;
            signature[self.by as usize % last] ^= 1;
        }
        format!("Bearer {message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The client whose key signs; `None` for nobody's.
    pub fn signer(&self) -> Option<usize> {
        usize::try_from(self.by).ok().filter(|by| *by <= 1)
    }
}

/// Checks a token that was accepted for the client of this number.
///
/// # Panics
///
/// When it should not have been.
pub fn check_accepted(authorization: &[u8], number: usize, feedback: bool, now: DateTime<Utc>) {
    let text = std::str::from_utf8(authorization).expect("an accepted token is text").trim();
    let (scheme, token) = text.split_once(' ').expect("an accepted token has a scheme");
    assert_eq!(scheme.to_ascii_lowercase(), "bearer");
    let parts: Vec<&str> = token.trim().split('.').collect();
    assert_eq!(parts.len(), 3, "an accepted token has three parts");
    let part = |encoded: &str| -> Value {
        let bytes = URL_SAFE_NO_PAD.decode(encoded).expect("base64url");
        let mut read = Map::new();
        for (name, value) in members(&bytes).expect("an object") {
            // Nothing follows from other members, whatever they hold.
            if READ.contains(&&*name) {
                let value = serde_json::from_str(value.get()).expect("a value that is read is plain");
                assert!(read.insert(name, value).is_none(), "a member that is read stands twice");
            }
        }
        Value::Object(read)
    };
    let (header, claims) = (part(parts[0]), part(parts[1]));
    let is_absent = |value: &Value, name: &str| value.get(name).is_none_or(Value::is_null);

    let allowed: &[(&str, &str)] =
        if number == 0 { &[("ES384", "p384"), ("EdDSA", "ed25519")] } else { &[("ES256", "p256")] };
    let pair = (header["alg"].as_str().unwrap_or_default(), header["kid"].as_str().unwrap_or_default());
    assert!(allowed.contains(&pair), "accepted with {pair:?}");
    assert!(header["typ"].as_str().is_some_and(|typ| typ.eq_ignore_ascii_case("JWT")));
    assert!(header.get("crit").is_none() && header.get("b64").is_none());
    // The keys come from files, so a `jku` is not looked at, as long as it is a string.
    assert!(is_absent(&header, "jku") || header["jku"].is_string(), "accepted {}", header["jku"]);

    assert_eq!(claims["iss"], ISSUERS[number]);
    assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()));
    let now = now.timestamp() as f64;
    let time = |name: &str| claims[name].as_f64().expect("a time is a number");
    let (exp, iat) = (time("exp"), time("iat"));
    assert!(exp > now - 60.0 && iat <= now + 60.0 && exp > iat && exp - iat <= 3600.0, "{claims}");
    assert!(is_absent(&claims, "nbf") || time("nbf") <= now + 60.0, "{claims}");
    assert!(number == 0 || TENANTS.iter().any(|it| claims["tenant"] == *it), "{claims}");

    let service = format!("{BASE}/cds-services/{SERVICE}");
    let mut meant = vec![service.clone()];
    meant.extend(feedback.then(|| format!("{service}/feedback")));
    meant.extend((number == 1).then(|| FURTHER_AUDIENCE.to_owned()));
    let audiences = match &claims["aud"] {
        Value::Array(several) => several.clone(),
        one => vec![one.clone()],
    };
    let is_meant = |audience: &Value| {
        let Some(audience) = audience.as_str().and_then(|it| Url::parse(it).ok()) else { return false };
        meant.iter().any(|it| {
            [audience.as_str(), &format!("{audience}/")].contains(&&**it)
                || audience.as_str() == format!("{it}/")
        })
    };
    assert!(audiences.iter().all(Value::is_string) && audiences.iter().any(is_meant), "{claims}");
}

/// The members that are read.
const READ: [&str; 13] =
    ["alg", "kid", "typ", "jku", "crit", "b64", "iss", "aud", "exp", "iat", "nbf", "jti", "tenant"];

/// Recipes of tokens that hold, and of the ways in which one may not.
pub fn seeds() -> Vec<Seed> {
    let now = NOW.parse::<DateTime<Utc>>().expect("a fixed time").timestamp();
    let service = format!("{BASE}/cds-services/{SERVICE}");
    let header = |alg: &str, kid: &str| json!({"alg": alg, "kid": kid, "typ": "JWT", "jku": JKU});
    let claims = json!({"iss": ISSUERS[0], "aud": service, "exp": now + 300, "iat": now, "jti": "a-1"});
    let with = |members: Value| {
        let mut changed = claims.clone();
        for (name, value) in members.as_object().into_iter().flatten() {
            changed[name] = value.clone();
        }
        changed
    };
    let recipe = |header: Value, claims: Value| json!({"header": header, "claims": claims, "by": 0});
    let other = with(json!({"iss": ISSUERS[1], "tenant": "north", "aud": [FURTHER_AUDIENCE, "x"]}));
    let good = recipe(header("ES384", "p384"), claims.clone());
    let mut feedback =
        recipe(header("EdDSA", "ed25519"), with(json!({"aud": format!("{service}/feedback")})));
    feedback["feedback"] = json!(true);
    let mut of_other = recipe(json!({"alg": "ES256", "kid": "p256", "typ": "jwt"}), other);
    of_other["by"] = json!(1);
    let named = [
        ("good", good.clone()),
        ("good-feedback", feedback),
        ("good-of-the-other", of_other),
        ("aud-slash", recipe(header("EdDSA", "ed25519"), with(json!({"aud": format!("{service}/")})))),
        ("alg-not-allowed", recipe(header("ES256", "p256"), claims.clone())),
        ("alg-none", recipe(header("none", "p384"), claims.clone())),
        ("alg-hs256", recipe(header("HS256", "p384"), claims.clone())),
        ("kid-of-another-key", recipe(header("ES384", "p256"), claims.clone())),
        ("expired", recipe(header("EdDSA", "ed25519"), with(json!({"exp": now - 61, "iat": now - 300})))),
        ("long-lived", recipe(header("EdDSA", "ed25519"), with(json!({"exp": now + 3_601})))),
        ("ahead", recipe(header("EdDSA", "ed25519"), with(json!({"iat": now + 61, "nbf": now + 61})))),
        ("signed-by-the-other", {
            let mut it = good.clone();
            it["by"] = json!(1);
            it
        }),
        ("signature-flipped", {
            let mut it = good;
            it["by"] = json!(5);
            it
        }),
    ];
    let mut seeds: Vec<Seed> = named
        .into_iter()
        .map(|(name, value)| Seed { name: name.to_owned(), bytes: value.to_string().into_bytes() })
        .collect();
    let raw = seeds.iter().filter_map(|seed| Some((seed.name.clone(), Recipe::read(&seed.bytes)?.token())));
    let raw: Vec<Seed> =
        raw.map(|(name, token)| Seed { name: format!("raw-{name}"), bytes: token.into_bytes() }).collect();
    seeds.extend(raw);
    seeds
}
