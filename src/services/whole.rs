//! All that is read of one patient, for an app that shows the chart: what prefetch would bring, from the EHR's server.

use super::call::{CallError, Services};
use super::fetch::fetch_all;
use super::gather::gather;
use super::outcome::Outcome;
use crate::config::Client;
use crate::domain::Source;
use crate::ehr::Session;
use crate::json::Object;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::HashSet;

/// The record of one patient as it could be had.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WholeChart {
    /// What came, as the server wrote it.
    pub resources: Vec<Box<RawValue>>,
    /// Prefetch keys that could not be had.
    pub failed_keys: Vec<String>,
    /// Prefetch keys of which a part came.
    pub part_keys: Vec<String>,
}

impl Services {
    /// The resource types that are read of a patient of this client.
    pub fn types_read(&self, client: &Client) -> Vec<&'static str> {
        let templates = self.offers.of(Some(client)).templates.iter();
        let mut types: Vec<&str> =
            templates.filter(|it| it.query.is_some()).map(|it| it.source.resource_type()).collect();
        // Read one by one, where an order refers to it.
        types.push(Source::Medication.resource_type());
        types.sort_unstable();
        types.dedup();
        types
    }

    /// Reads the record of a patient.
    ///
    /// # Errors
    ///
    /// [`CallError::DataMissing`] when the Patient or the Conditions could not be had.
    pub async fn chart(
        &self,
        client: &Client,
        session: &Session,
        patient_id: &str,
    ) -> Result<WholeChart, CallError> {
        let mut gathered = gather(&Object::default(), &self.offers.of(Some(client)).templates);
        let fetched = fetch_all(&gathered, patient_id, session).await;
        fetched.add_to(&mut gathered);
        gathered.check_patient(patient_id);
        let missing = gathered.missing();
        if !missing.is_empty() {
            let outcomes = Outcome::count(gathered.keys.iter().map(|key| key.outcome));
            return Err(CallError::DataMissing { keys: missing, outcomes });
        }
        let named = |holds: fn(Outcome) -> bool| {
            let keys = gathered.keys.iter().filter(|key| holds(key.outcome));
            keys.map(|key| key.template.key.clone()).collect()
        };
        // One resource may answer several searches.
        let mut seen = HashSet::new();
        let resources = gathered.resources.iter().filter(|raw| seen.insert(raw.get()));
        Ok(WholeChart {
            resources: resources.filter_map(|raw| RawValue::from_string(raw.get().to_owned()).ok()).collect(),
            failed_keys: named(Outcome::is_missing),
            part_keys: named(|outcome| !outcome.is_missing() && !outcome.is_complete()),
        })
    }
}
