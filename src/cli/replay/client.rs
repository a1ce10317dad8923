//! The tokens of a client: `replay` calls a configured service as an EHR would.

use super::ReplayArgs;
use crate::cases::target::Authorize;
use crate::clock::Clock;
use anyhow::{Context, anyhow, bail};
use jsonwebtoken::{Algorithm, EncodingKey, Header, crypto, encode};
use serde::Serialize;
use std::path::Path;
use uuid::Uuid;

/// How long a token lives, in seconds: long enough for one call.
const LIFETIME: i64 = 300;

/// The claims that CDS Hooks asks for.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: String,
    iat: i64,
    exp: i64,
    jti: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
}

/// Makes a token for each call, signed with the key in this file.
pub(super) fn authorize(args: &ReplayArgs, key: &Path) -> anyhow::Result<Authorize> {
    let named = || key.display().to_string();
    let pem = std::fs::read(key).with_context(named)?;
    let (Some(url), Some(issuer)) = (&args.url, &args.issuer) else {
        bail!("--client-key needs --url and --issuer");
    };
    crate::outbound::install_crypto();
    let (key, algorithm) = read(&pem).with_context(named)?;
    let header = Header { kid: args.key_id.clone(), ..Header::new(algorithm) };
    let base = args.audience.as_ref().unwrap_or(url).trim_end_matches('/').to_owned();
    let (issuer, tenant) = (issuer.clone(), args.tenant.clone());
    Ok(Box::new(move |path| {
        let iat = Clock::System.now().timestamp();
        let claims = Claims {
            iss: &issuer,
            aud: format!("{base}{path}"),
            iat,
            exp: iat + LIFETIME,
            jti: Uuid::new_v4(),
            tenant: tenant.as_deref(),
        };
        encode(&header, &claims, &key).map_err(|why| format!("no token can be signed: {why}"))
    }))
}

/// The key, and the algorithm that it is for: the one of its kind that can sign.
fn read(pem: &[u8]) -> anyhow::Result<(EncodingKey, Algorithm)> {
    let signs = |key: &EncodingKey, algorithm| crypto::sign(b"a trial", key, algorithm).is_ok();
    let kinds = [
        (EncodingKey::from_ec_pem(pem).ok(), &[Algorithm::ES384, Algorithm::ES256][..]),
        (EncodingKey::from_rsa_pem(pem).ok(), &[Algorithm::RS384]),
        (EncodingKey::from_ed_pem(pem).ok(), &[Algorithm::EdDSA]),
    ];
    for (key, algorithms) in kinds {
        let Some(key) = key else { continue };
        if let Some(algorithm) = algorithms.iter().find(|algorithm| signs(&key, **algorithm)) {
            return Ok((key, *algorithm));
        }
    }
    Err(anyhow!("no private key in PEM (PKCS#8) for ES384, ES256, RS384 or EdDSA"))
}
