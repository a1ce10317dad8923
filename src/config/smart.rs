//! `[smart]`: the panel as a SMART app.

use super::document::{Fault, Place};
use super::read::{Reading, origins};
use super::section::Section;
use super::{Client, Smart};
use url::Url;

/// What answers can be written as.
const WRITABLE: [&str; 3] = ["Observation", "Condition", "QuestionnaireResponse"];

/// What is asked for where the key is not given: a Condition tells the onset of a sign.
const USUAL: [&str; 2] = ["Observation", "Condition"];

/// How the panel is offered; `None` where it is not.
pub(super) fn smart(root: &mut Section, clients: &[Client], reading: &mut Reading<'_>) -> Option<Smart> {
    let mut section = root.section("smart", &mut reading.faults);
    let enabled = section.boolean("enabled", &mut reading.faults).unwrap_or(false);
    let given = section.has("writes");
    let texts = section.texts("writes", &mut reading.faults);
    let key = section.key("writes");
    for text in texts.iter().filter(|text| !WRITABLE.contains(&&*text.text)) {
        reading.fault(text, format!("{key}: `{}` is not written; only {}", text.text, WRITABLE.join(", ")));
    }
    let writes = if given {
        texts.into_iter().map(|text| text.text).collect()
    } else {
        USUAL.map(str::to_owned).to_vec()
    };
    let frames = section.texts("frame_ancestors", &mut reading.faults);
    let frame_ancestors = origins("`smart.frame_ancestors`", frames, reading);
    let file = section.text("private_key_file", &mut reading.faults);
    let private_key = file.as_ref().map(|text| reading.file("`smart.private_key_file`", text));
    if enabled {
        told_apart(clients, section.place().cloned(), reading);
    }
    let offered = || clients.iter().filter(|client| client.smart_client_id.is_some());
    let place = section.place().cloned();
    let mut fault = |problem: &str| {
        reading.faults.push(Fault { place: place.clone(), problem: problem.to_owned() });
    };
    if enabled && offered().next().is_none() {
        fault("`smart.enabled` offers the panel to nobody: give a client its `smart_client_id`");
    }
    if enabled && private_key.is_none() && offered().any(|client| client.smart_is_confidential) {
        fault(
            "a client has `smart_authentication` = \"private_key_jwt\", which needs `smart.private_key_file`",
        );
    }
    section.finish(&mut reading.faults);
    enabled.then_some(Smart { writes, frame_ancestors, private_key })
}

/// What does not let the EHRs of the panel be told apart: one FHIR server of two of them, or one client id.
fn told_apart(clients: &[Client], place: Option<Place>, reading: &mut Reading<'_>) {
    let base = |url: &Url| (url.origin(), url.path().trim_end_matches('/').to_owned());
    let mut offered = clients.iter().filter(|client| client.smart_client_id.is_some());
    while let Some(one) = offered.next() {
        for other in offered.clone() {
            let same = |server: &&Url| other.fhir_servers.iter().any(|it| base(it) == base(server));
            if let Some(server) = one.fhir_servers.iter().find(same) {
                let problem = format!(
                    "the panel is offered to `{}` and `{}` at one FHIR server, {server}: whose sign-in is meant cannot be \
                     told; leave `smart_client_id` out of one of them",
                    one.name, other.name
                );
                reading.faults.push(Fault { place: place.clone(), problem });
            }
            if one.smart_client_id == other.smart_client_id {
                let problem = format!(
                    "`{}` and `{}` have one `smart_client_id`: fine at two authorization servers; at one of them register \
                     a client for each, with its own redirect address",
                    one.name, other.name
                );
                reading.warnings.push(Fault { place: place.clone(), problem });
            }
        }
    }
}
