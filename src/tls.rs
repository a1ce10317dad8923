//! TLS with a certificate that can be replaced while the service runs (SEC-1).
//!
//! TLS 1.2 and 1.3 by rustls on aws-lc. The files are looked at every few seconds; a new pair serves new connections, a
//! broken one changes nothing. Absent on purpose: client certificates (SEC-2 is left to a proxy).

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;

/// A certificate or key that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {problem}", file.display())]
pub struct TlsError {
    file: PathBuf,
    problem: String,
}

/// The bytes of certificate and key.
type Files = (Vec<u8>, Vec<u8>);

/// The certificate in force, with its key.
#[derive(Debug)]
pub struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
    in_force: ArcSwap<CertifiedKey>,
    /// What was read last, good or bad, so that each change is looked at once.
    seen: Mutex<Files>,
}

impl Certificate {
    /// Reads certificate and key.
    ///
    /// # Errors
    ///
    /// A [`TlsError`] that names the file and what is wrong with it.
    pub fn load(certificate: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        let files = read(&certificate, &key)?;
        let pair = pair(&certificate, &key, &files)?;
        let in_force = ArcSwap::from_pointee(pair);
        Ok(Arc::new(Self { certificate, key, in_force, seen: Mutex::new(files) }))
    }

    /// The settings of a server that always offers the certificate in force.
    ///
    /// # Errors
    ///
    /// A [`TlsError`] when the cryptography lacks a protocol version, which cannot happen.
    pub fn server_config(self: &Arc<Self>) -> Result<ServerConfig, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| self.error(&error))?;
        Ok(config.with_no_client_auth().with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>))
    }

    /// Takes a changed pair into force.
    pub fn reload(&self) {
        // Gone for a moment, as when they are being replaced: what is in force stays.
        let Ok(files) = read(&self.certificate, &self.key) else { return };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == files {
            return;
        }
        match pair(&self.certificate, &self.key, &files) {
            Ok(pair) => {
                self.in_force.store(Arc::new(pair));
                tracing::info!("certificate replaced");
            }
            Err(error) => tracing::warn!(%error, "new certificate not used; the last one serves"),
        }
        *seen = files;
    }

    fn error(&self, problem: &dyn std::fmt::Display) -> TlsError {
        TlsError { file: self.certificate.clone(), problem: problem.to_string() }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.in_force.load_full())
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Files, TlsError> {
    let read = |file: &Path| {
        std::fs::read(file)
            .map_err(|error| TlsError { file: file.to_owned(), problem: format!("cannot be read: {error}") })
    };
    Ok((read(certificate)?, read(key)?))
}

fn pair(certificate: &Path, key: &Path, files: &Files) -> Result<CertifiedKey, TlsError> {
    let wrong = |file: &Path, problem: String| TlsError { file: file.to_owned(), problem };
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(&files.0).collect();
    let chain = chain.map_err(|error| wrong(certificate, format!("is no PEM certificate chain: {error}")))?;
    if chain.is_empty() {
        return Err(wrong(certificate, "holds no certificate; give the chain in PEM, leaf first".to_owned()));
    }
    let private = PrivateKeyDer::from_pem_slice(&files.1)
        .map_err(|error| wrong(key, format!("holds no private key in PEM: {error}")))?;
    // Also checks that the two belong together.
    CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider())
        .map_err(|error| wrong(key, format!("cannot be used with {}: {error}", certificate.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn self_signed() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn a_pair_is_loaded_replaced_and_kept_when_the_new_one_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let write = |pair: &(String, String)| {
            std::fs::write(&certificate, &pair.0).unwrap();
            std::fs::write(&key, &pair.1).unwrap();
        };
        let (first, second) = (self_signed(), self_signed());
        write(&first);
        let loaded = Certificate::load(&certificate, &key).unwrap();
        loaded.server_config().unwrap();
        let in_force = || loaded.in_force.load().cert.clone();
        let before = in_force();
        loaded.reload();
        assert_eq!(in_force(), before);
        // Half replaced: key and certificate do not fit.
        std::fs::write(&certificate, &second.0).unwrap();
        loaded.reload();
        assert_eq!(in_force(), before);
        write(&second);
        loaded.reload();
        assert_ne!(in_force(), before);
        std::fs::remove_file(&key).unwrap();
        loaded.reload();
        assert_ne!(in_force(), before);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let (good, other) = (self_signed(), self_signed());
        for (pem, private, file, words) in [
            ("", &*good.1, "cert.pem", "holds no certificate"),
            (&*good.1, &*good.1, "cert.pem", "holds no certificate"),
            (&*good.0, "text", "key.pem", "holds no private key"),
            (&*good.0, &*other.1, "key.pem", "cannot be used with"),
        ] {
            std::fs::write(&certificate, pem).unwrap();
            std::fs::write(&key, private).unwrap();
            let error = Certificate::load(&certificate, &key).unwrap_err().to_string();
            assert!(error.contains(file) && error.contains(words), "{error}");
        }
    }
}
