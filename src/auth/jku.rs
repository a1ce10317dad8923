//! The `jku` values that the tokens of a client may name. They are compared; keys never come from there (SEC-11).

use crate::config::{Client, KeySource, read_jku_list};
use arc_swap::ArcSwap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a client's tokens may name.
#[derive(Debug)]
pub(super) struct Jku {
    client: String,
    /// The keys come from a file, so that it does not matter what a token names.
    any: bool,
    configured: Vec<String>,
    file: Option<PathBuf>,
    /// What the file listed when it could last be read.
    listed: ArcSwap<Vec<String>>,
    /// It was said that the file cannot be read.
    told: AtomicBool,
}

impl Jku {
    /// The values of a client; those in a file are read now.
    pub(super) fn new(client: &Client) -> Self {
        let jku = Self {
            client: client.name.clone(),
            any: matches!(client.keys, KeySource::File(_)),
            configured: client.jku.clone(),
            file: client.jku_file.clone(),
            listed: ArcSwap::default(),
            told: AtomicBool::new(false),
        };
        jku.read();
        jku
    }

    /// Whether a token may name this.
    pub(super) fn allows(&self, jku: &str) -> bool {
        let listed = self.listed.load();
        self.any || self.configured.iter().chain(&**listed).any(|allowed| allowed == jku)
    }

    /// Reads the file again.
    pub(super) async fn refresh(self: &Arc<Self>) {
        if self.file.is_some() {
            let jku = Arc::clone(self);
            // It fails only by a panic, and then what was known stays.
            drop(tokio::task::spawn_blocking(move || jku.read()).await);
        }
    }

    /// Reads the file. One that cannot be read changes nothing, and is told once.
    fn read(&self) {
        let Some(file) = &self.file else { return };
        let read = std::fs::read_to_string(file).map_err(|error| error.to_string());
        match read.and_then(|text| read_jku_list(&text)) {
            Ok(listed) => {
                self.told.store(false, Ordering::Relaxed);
                if **self.listed.load() != listed {
                    tracing::info!(client = self.client, values = listed.len(), "the list of jku was read");
                    self.listed.store(Arc::new(listed));
                }
            }
            Err(why) => {
                if !self.told.swap(true, Ordering::Relaxed) {
                    let client = &self.client;
                    tracing::warn!(
                        client,
                        why,
                        "the list of jku cannot be read; what it last said stays in force"
                    );
                }
            }
        }
    }
}
