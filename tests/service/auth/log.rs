//! What is written of key sets that cannot be used (SEC-17): the client and the fault, once, and nothing of the content.

use super::helpers::{authenticator, client, now};
use super::key_server::{Behaviour, KeyServer};
use crate::support::tokens::{Signer, key_set};
use jsonwebtoken::Algorithm;
use spinal_mets_cds::config::KeySource;
use std::fs;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing::subscriber::DefaultGuard;

/// What this thread writes, at the finest level.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn start(&self) -> DefaultGuard {
        let written = self.clone();
        let lines = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || written.clone());
        tracing::subscriber::set_default(lines.finish())
    }

    /// The lines of the program itself since the last look; those of libraries it leaves out when it is started.
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        text.lines().filter(|line| line.contains(" spinal_mets_cds")).map(str::to_owned).collect()
    }
}

#[actix_web::test]
async fn a_key_file_that_cannot_be_used_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let signer = Signer::new(Algorithm::ES384, "key-1");
    fs::write(&path, key_set(&[&signer])).unwrap();
    let authenticator = authenticator(&[client(KeySource::File(path.clone()))], false);
    let written = Written::default();
    let _guard = written.start();
    let mut told = Vec::new();
    for content in [Some("{ canary"), None, Some(r#"{"keys":["canary"]}"#)] {
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        for _ in 0..3 {
            authenticator.refresh(now()).await;
        }
        let lines = written.lines();
        assert_eq!(lines.len(), 1, "{content:?}: {lines:?}");
        assert!(lines[0].contains("general-hospital") && !lines[0].contains("canary"), "{lines:?}");
        told.extend(lines);
    }
    assert!(
        told[0].contains("not a JWK Set")
            && told[1].contains("not found")
            && told[2].contains("no public key")
    );
    fs::write(&path, key_set(&[&signer])).unwrap();
    authenticator.refresh(now()).await;
    assert!(written.lines().is_empty());
}

#[actix_web::test]
async fn a_key_server_that_fails_is_told_without_its_answer_or_address() {
    let written = Written::default();
    let _guard = written.start();
    for (behaviour, fault) in [
        (Behaviour::set("canary"), "not a JWK Set"),
        (Behaviour::Answer("404 Not Found", "X-Canary: canary\r\n".to_owned(), "canary".to_owned()), "404"),
        (Behaviour::HangUp, "cannot be reached"),
        (Behaviour::Endless, "too long"),
    ] {
        let server = KeyServer::start(behaviour).await;
        let mut url = server.url.clone();
        url.set_query(Some("canary"));
        let authenticator = authenticator(&[client(KeySource::Url(url))], true);
        authenticator.refresh(now()).await;
        let lines = written.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("general-hospital") && lines[0].contains(fault), "{lines:?}");
        assert!(!lines[0].to_lowercase().contains("canary") && !lines[0].contains("127.0.0.1"), "{lines:?}");
    }
}
