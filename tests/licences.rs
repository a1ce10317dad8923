//! Only permissive licences stand below this program: whoever builds it owes nobody its source. And the lock file holds every
//! package to one version from the public registry, by its checksum; `.deny.toml` says the same to `cargo deny`, which also knows
//! of weaknesses.

#![cfg(test)]

use serde_json::Value;
use spdx::expression::Expression;
use spdx::{LicenseItem, ParseMode};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// A file at the top of the repository.
fn top(name: &str) -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

/// Licences that ask for no more than their notice, as the policy lists them.
static PERMISSIVE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let listed = top(".deny.toml")["licenses"]["allow"].as_array().unwrap().clone();
    listed.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
});

fn is_permissive(expression: &str) -> bool {
    // Old manifests part alternatives by a slash.
    let mode = ParseMode { allow_slash_as_or_operator: true, ..ParseMode::STRICT };
    let expression = Expression::parse_mode(expression, mode).unwrap();
    expression.evaluate(|requirement| match &requirement.license {
        LicenseItem::Spdx { id, .. } => PERMISSIVE.iter().any(|it| it == id.name),
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

#[test]
fn every_package_is_locked_to_one_text_from_the_public_registry() {
    let lock = top("Cargo.lock");
    let packages = lock["package"].as_array().unwrap();
    let (own, others): (Vec<_>, Vec<_>) = packages.iter().partition(|it| it.get("source").is_none());
    assert!(own.iter().all(|it| it["name"].as_str().unwrap().starts_with("spinal-mets-cds")), "{own:?}");
    for package in &others {
        let source = package["source"].as_str().unwrap();
        assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{}", package["name"]);
        assert_eq!(package["checksum"].as_str().map(str::len), Some(64), "{}", package["name"]);
    }
    assert!(others.len() > 200, "only {} packages were looked at", others.len());
}
