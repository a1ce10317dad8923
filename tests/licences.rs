//! Only permissive licences stand below this program: whoever builds it owes nobody its source.

#![cfg(test)]

use serde_json::Value;
use spdx::expression::Expression;
use spdx::{LicenseItem, ParseMode};
use std::process::Command;

/// Licences that ask for no more than their notice.
const PERMISSIVE: [&str; 10] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
];

fn is_permissive(expression: &str) -> bool {
    // Old manifests part alternatives by a slash.
    let mode = ParseMode { allow_slash_as_or_operator: true, ..ParseMode::STRICT };
    let expression = Expression::parse_mode(expression, mode).unwrap();
    expression.evaluate(|requirement| match &requirement.license {
        LicenseItem::Spdx { id, .. } => PERMISSIVE.contains(&id.name),
        LicenseItem::Other { .. } => false,
    })
}

#[test]
fn every_dependency_has_a_permissive_licence() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let wrong: Vec<String> = packages
        .iter()
        .filter(|it| !is_permissive(it["license"].as_str().unwrap_or("none")))
        .map(|it| format!("{} {}: {}", it["name"], it["version"], it["license"]))
        .collect();
    assert!(packages.len() > 200, "only {} packages were looked at", packages.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_copyleft_licence_is_found_out() {
    assert!(is_permissive("MIT/Apache-2.0") && is_permissive("LGPL-2.1-or-later OR MIT"));
    assert!(!is_permissive("GPL-3.0-or-later") && !is_permissive("MIT AND GPL-3.0-only"));
}
