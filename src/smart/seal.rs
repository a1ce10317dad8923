//! What the browser keeps for us: encrypted and authenticated with a key of this process (AES-256-GCM).

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;

/// Bytes of the key.
const KEY: usize = 32;

/// Seals and opens; only the process that sealed can open.
pub(super) struct Seal(RandomizedNonceKey);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// A new key; `None` when there is no randomness.
    pub(super) fn new() -> Option<Self> {
        let mut key = [0; KEY];
        rand::fill(&mut key).ok()?;
        RandomizedNonceKey::new(&AES_256_GCM, &key).ok().map(Self)
    }

    /// Seals a text for the login of this handle.
    pub(super) fn seal(&self, handle: &str, text: &str) -> Option<String> {
        let mut sealed = text.as_bytes().to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(handle.as_bytes()), &mut sealed).ok()?;
        let all: Vec<u8> = nonce.as_ref().iter().copied().chain(sealed).collect();
        Some(URL_SAFE_NO_PAD.encode(all))
    }

    /// Opens what was sealed for this handle; `None` for anything else.
    pub(super) fn open(&self, handle: &str, sealed: &str) -> Option<String> {
        let all = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = all.split_first_chunk::<NONCE_LEN>()?;
        let mut text = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_in_place(nonce, Aad::from(handle.as_bytes()), &mut text).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_for_a_handle_is_opened() {
        let seal = Seal::new().unwrap();
        let sealed = seal.seal("a", "a verifier").unwrap();
        assert!(!sealed.contains("verifier"));
        assert_eq!(seal.open("a", &sealed).as_deref(), Some("a verifier"));
        assert_ne!(seal.seal("a", "a verifier").unwrap(), sealed, "each has a nonce of its own");
        let mut odd: Vec<String> = ["", "AAAA", "%"].map(str::to_owned).to_vec();
        odd.push(sealed.chars().rev().collect());
        odd.push(format!("{sealed}AA"));
        assert!(odd.iter().all(|odd| seal.open("a", odd).is_none()));
        assert!(seal.open("b", &sealed).is_none());
        assert!(Seal::new().unwrap().open("a", &sealed).is_none());
    }
}
