//! Stores to test, cards to tell about, and what was told.

use super::postgres::{self, Postgres};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use spinal_mets_cds::cds_hooks::feedback::{self, Batch};
use spinal_mets_cds::config;
use spinal_mets_cds::guideline::Code;
use spinal_mets_cds::services::Question;
use spinal_mets_cds::store::{Counts, Store, Summary};
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) const CLIENT: &str = "general-hospital";

/// A database that lives as long as this.
pub(crate) struct Place {
    pub(crate) settings: config::Store,
    _folder: Option<TempDir>,
    _server: Option<Arc<Postgres>>,
}

impl Place {
    pub(crate) fn sqlite() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/feedback.db", folder.path().display());
        Some(Self { settings: settings(url), _folder: Some(folder), _server: None })
    }

    pub(crate) fn postgres() -> Option<Self> {
        let server = postgres::shared()?;
        Some(Self { settings: settings(server.database()), _folder: None, _server: Some(server) })
    }

    /// A store as another process would open it.
    pub(crate) fn open(&self) -> Store {
        open(&self.settings)
    }
}

pub(crate) fn settings(url: String) -> config::Store {
    config::Store { url, keep_user_comments: false, card_id_key: None }
}

pub(crate) fn open(settings: &config::Store) -> Store {
    Store::new(settings, &[CLIENT.to_owned()]).unwrap()
}

pub(crate) fn now() -> DateTime<Utc> {
    at("2026-05-05T08:30:00Z")
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What a card is about: a patient, or one of the patient's drafts.
pub(crate) fn question(lead: Code, patient: &str, draft: Option<&str>) -> Question {
    let drafts = draft.into_iter().map(str::to_owned).collect();
    Question { lead, patient_id: patient.to_owned(), drafts }
}

/// Counts the cards of an answer as a service does that shows them.
pub(crate) fn count(store: &Store, client: &str, service: &str, questions: &[Question]) {
    let first = store.shown().first(client, service, questions);
    store.shown().count(client, service, questions, &first);
}

/// A fresh card of a store that has been opened.
pub(crate) fn card(store: &Store, lead: Code) -> String {
    store.ids().load().issuer(CLIENT, 0, now()).card(lead)
}

pub(crate) fn suggestion(store: &Store, lead: Code) -> String {
    store.ids().load().issuer(CLIENT, 0, now()).suggestion(lead)
}

pub(crate) fn overridden(card: &str, at: &str) -> Value {
    let reason = json!({"system": "urn:spinal-mets-cds:override-reason", "code": "already-imaged"});
    json!({"card": card, "outcome": "overridden", "outcomeTimestamp": at,
        "overrideReason": {"reason": reason, "userComment": "canary of Mrs Smith"}})
}

pub(crate) fn accepted(card: &str, suggestion: &str, at: &str) -> Value {
    json!({"card": card, "outcome": "accepted", "outcomeTimestamp": at,
        "acceptedSuggestions": [{"id": suggestion}]})
}

pub(crate) fn batch(entries: &[Value]) -> Batch {
    feedback::read(json!({ "feedback": entries }).to_string().as_bytes()).unwrap()
}

pub(crate) async fn record(store: &Store, entries: &[Value]) -> Summary {
    store.record(&batch(entries), CLIENT, now()).await.unwrap()
}

/// What is counted around [`now`].
pub(crate) async fn counts(store: &Store) -> Counts {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let (first, last) = (day("2026-05-01"), day("2026-05-31"));
    let all = store.counts(first, last, None).await.unwrap();
    let sum = |counts: &Counts| counts.unknown + counts.cards.iter().map(|count| count.cards).sum::<u64>();
    let mut of_clients = 0;
    for client in [CLIENT, "another", "sandbox", "nobody"] {
        of_clients += sum(&store.counts(first, last, Some(client)).await.unwrap());
    }
    assert!(of_clients <= sum(&all), "clients are told apart");
    all
}
