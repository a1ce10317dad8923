//! Every fixture that is asked through prefetch, with its request and its answer.

use chrono::{DateTime, Utc};
use serde_json::Value;
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::target::{InProcessTarget, Target as _};
use spinal_mets_cds::domain::Site;
use std::path::Path;
use std::sync::LazyLock;

/// One question and its answer.
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) service: String,
    pub(crate) now: DateTime<Utc>,
    pub(crate) request: Value,
    pub(crate) answer: Value,
    /// The answer as it is sent.
    pub(crate) bytes: Vec<u8>,
}

/// Every case, asked once for all tests.
pub(crate) static ALL: LazyLock<Vec<Asked>> = LazyLock::new(ask_all);

/// Asks every case; each at its own site.
pub(crate) fn ask_all() -> Vec<Asked> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let plain = InProcessTarget::new(Site::default()).unwrap();
    let cases = find(&[folder]).cases;
    let asked = cases.iter().filter(|case| !case.is_hostile()).map(|case| {
        let own = case.told.facility.as_ref().map(|it| InProcessTarget::new(it.site()).unwrap());
        let target = own.as_ref().unwrap_or(&plain);
        let bundle = CaseBundle::load(&case.folder).unwrap();
        let request = build(&case.told, bundle, target.offered()).unwrap();
        let body = request.body.to_string();
        let answer = target.services().call(&request.service, body.as_bytes(), case.told.now).ok()?;
        let bytes = serde_json::to_vec(&answer.response).unwrap();
        Some(Asked {
            name: case.name.clone(),
            service: request.service,
            now: case.told.now,
            request: request.body,
            answer: serde_json::from_slice(&bytes).unwrap(),
            bytes,
        })
    });
    let asked: Vec<Asked> = asked.flatten().collect();
    assert!(asked.len() > 500, "only {} fixtures were answered", asked.len());
    asked
}
