//! The fixtures are FHIR R4 by the reading of another code base.

use super::same_cards::{missing, program};
use std::path::Path;
use std::process::Command;

#[test]
fn every_fixture_is_a_sound_bundle_by_another_validator() {
    let Some(program) = program("validate.mjs") else { return };
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let Ok(output) = Command::new("node").arg(program).arg(fixtures).output() else {
        missing::<()>("node cannot be started");
        return;
    };
    let faults = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{faults}{}", String::from_utf8_lossy(&output.stderr));
}
