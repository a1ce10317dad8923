//! The fixtures as inputs: hook calls for `request`, charts for `mapping`.
//!
//! Built from `fhir-fixtures/` at run time, so that no corpus is committed. Names and identifiers are left out: nothing
//! reads them, and each byte that means nothing is a mutation lost.

use serde_json::{Value, json};
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::case::{Case, REQUEST_FILE};
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::build;
use spinal_mets_cds::cases::target::{InProcessTarget, Target};
use spinal_mets_cds::domain::Site;
use std::fs;
use std::path::{Path, PathBuf};

/// One input, with a name for its file.
#[derive(Debug)]
pub struct Seed {
    /// Name of the case.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// The folder of the program under test.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every case, in the order of names.
pub fn cases() -> Vec<Case> {
    find(&[root().join("fhir-fixtures")]).cases
}

/// Every resource of a case that has a chart.
pub fn resources(case: &Case) -> Vec<Value> {
    CaseBundle::load(&case.folder).map(|chart| chart.resources().to_vec()).unwrap_or_default()
}

/// Takes out what nothing reads.
fn slim(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for unread in ["identifier", "name", "telecom", "address"] {
                members.remove(unread);
            }
            members.values_mut().for_each(slim);
        }
        Value::Array(items) => items.iter_mut().for_each(slim),
        _ => {}
    }
}

/// The hook calls of all cases, hostile bodies included.
pub fn requests() -> Vec<Seed> {
    let target = InProcessTarget::new(Site::default()).expect("the services start");
    let cases = cases();
    let seeds = cases.iter().filter_map(|case| {
        let bytes = if case.is_hostile() {
            fs::read(case.folder.join(REQUEST_FILE)).ok()?
        } else {
            let chart = CaseBundle::load(&case.folder).ok()?;
            let mut body = build(&case.told, chart, target.offered()).ok()?.body;
            slim(&mut body);
            body.to_string().into_bytes()
        };
        Some(Seed { name: case.name.replace('/', "-"), bytes })
    });
    seeds.collect()
}

/// The charts of all cases with the set-up that [`crate::chart`] reads.
pub fn charts() -> Vec<Seed> {
    let cases = cases();
    let seeds = cases.iter().filter(|case| !case.is_hostile()).map(|case| {
        let (mut resources, mut drafts) = (Vec::new(), Vec::new());
        for resource in self::resources(case) {
            let reference = format!(
                "{}/{}",
                resource["resourceType"].as_str().unwrap_or_default(),
                resource["id"].as_str().unwrap_or_default()
            );
            if case.told.drafts.contains(&reference) {
                let selected = case.told.selections.is_empty() || case.told.selections.contains(&reference);
                drafts.push(json!({"selected": selected, "resource": resource}));
            } else {
                resources.push(resource);
            }
        }
        let mut input = json!({
            "setup": {
                "occasion": if case.told.hook.as_deref() == Some("patient-view") { "view" } else { "orders" },
                "now": case.told.now,
                "zone": "UTC",
                "patient": case.told.patient.as_deref().unwrap_or("pat-1"),
                "unavailable": case.told.unavailable,
                "incomplete": case.told.absent,
            },
            "resources": resources,
            "drafts": drafts,
        });
        slim(&mut input);
        Seed { name: case.name.replace('/', "-"), bytes: input.to_string().into_bytes() }
    });
    seeds.collect()
}
