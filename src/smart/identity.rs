//! Who signed in: the id token of OpenID Connect, verified before anything of it is believed.

use crate::jwks::KeySet;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Longest id token, in bytes.
const LONGEST: usize = 32 * 1024;

/// What an id token must say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    /// `iss`.
    pub(super) issuer: &'a str,
    /// `aud`.
    pub(super) client_id: &'a str,
    /// `nonce`: the login that it was made for.
    pub(super) nonce: &'a str,
}

#[derive(Deserialize)]
struct Claims {
    /// A list of issuers is none.
    #[serde(rename = "iss")]
    _iss: String,
    aud: Audience,
    azp: Option<String>,
    nonce: Option<String>,
    #[serde(rename = "fhirUser")]
    fhir_user: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    Several(Vec<String>),
    One(IgnoredAny),
}

impl Claims {
    /// Whether it was made for this client: of several audiences it must say which one asked (OpenID Connect Core 3.1.3.7).
    fn is_for(&self, client_id: &str) -> bool {
        let is_one = match &self.aud {
            Audience::Several(all) => all.len() <= 1,
            Audience::One(_) => true,
        };
        is_one || self.azp.as_deref() == Some(client_id)
    }
}

/// The `fhirUser` of an id token.
///
/// # Errors
///
/// What does not hold, in words for the log; nothing of the token is quoted.
pub(super) fn verify(
    token: &str,
    keys: &KeySet,
    expected: Expected<'_>,
) -> Result<Option<String>, &'static str> {
    if token.len() > LONGEST {
        return Err("the id token is too long");
    }
    let header = decode_header(token).map_err(|_| "the id token cannot be read")?;
    let kid = header.kid.as_deref().ok_or("the id token names no key")?;
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[expected.client_id]);
    validation.set_issuer(&[expected.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.validate_nbf = true;
    let mut found = "no key of the EHR fits the id token";
    // The keys are public ones: none fits a symmetric algorithm.
    for key in keys.find(kid, header.alg) {
        match decode::<Claims>(token, key, &validation) {
            Ok(decoded) if !decoded.claims.is_for(expected.client_id) => {
                found = "the id token has several audiences, and `azp` is not this client";
            }
            Ok(decoded) if decoded.claims.nonce.as_deref() == Some(expected.nonce) => {
                return Ok(decoded.claims.fhir_user);
            }
            Ok(_) => found = "the id token is of another login",
            Err(_) => found = "the id token has expired, is for somebody else, or is not signed by the EHR",
        }
    }
    Err(found)
}
