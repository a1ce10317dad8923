//! Only permissive licences stand below this program: whoever builds it owes nobody its source. And the lock file holds every
//! package to one version from the public registry, by its checksum; `.deny.toml` says the same to `cargo deny`, which also knows
//! of weaknesses.

#![cfg(test)]

use serde_json::Value;
use spdx::expression::Expression;
use spdx::{LicenseItem, ParseMode};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
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

/// What cargo says of the packages, for all platforms or one.
fn metadata(more: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The packages that go into the program or build it, and which of them it asks for itself.
fn shipped(metadata: &Value) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let own: BTreeSet<&str> =
        metadata["workspace_members"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let (mut shipped, mut direct) = (own.clone(), BTreeSet::new());
    let mut open: Vec<&str> = own.iter().copied().collect();
    while let Some(id) = open.pop() {
        let node = nodes.iter().find(|node| node["id"] == id).unwrap();
        for dependency in node["deps"].as_array().unwrap() {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            if kinds.iter().all(|it| it["kind"] == "dev") {
                continue;
            }
            let of = dependency["pkg"].as_str().unwrap();
            if own.contains(id) {
                direct.insert(of);
            }
            if shipped.insert(of) {
                open.push(of);
            }
        }
    }
    (shipped.difference(&own).copied().collect(), direct)
}

/// `docs/soup.md`, from what cargo says.
fn soup() -> String {
    // One platform, so that the page is the same wherever it is made.
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let (shipped, direct) = shipped(&metadata);
    let packages = metadata["packages"].as_array().unwrap();
    let mut lines: Vec<String> = packages
        .iter()
        .filter(|package| shipped.contains(package["id"].as_str().unwrap()))
        .map(|package| {
            let text = |name: &str| {
                package[name].as_str().unwrap_or("–").split_whitespace().collect::<Vec<_>>().join(" ")
            };
            let own = if direct.contains(package["id"].as_str().unwrap()) { "yes" } else { "" };
            let what = text("description").replace('|', "\\|").replace('<', "&lt;").replace("](", "] (");
            format!("| {} | {} | {} | {own} | {what} |", text("name"), text("version"), text("license"))
        })
        .collect();
    lines.sort();
    format!(
        "# Software of unknown provenance\n\nGenerated from `Cargo.lock`; do not edit. Under the headings of IEC 62304 (8.1.2): every package that goes into the program \
         on Linux, or builds it, with its\nversion; the lock file has the checksum of each. Who made it stands with the package in the public registry. \
         \"Asked for\" are those that the program names\nitself; what each is for stands in `Cargo.toml`. Tests and benches have further ones, which are not shipped.\n\n\
         What is asked of them: what the tests of this program show. Known anomalies: `cargo deny check advisories` lists them; the policy is `.deny.toml`.\n\n\
         {} packages.\n\n| package | version | licence | asked for | says of itself |\n|---|---|---|---|---|\n{}\n",
        lines.len(),
        lines.join("\n")
    )
}

/// `packaging/sbom.cdx.json`: the same packages for programs, as a CycloneDX document, a component a line.
fn sbom() -> String {
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let (shipped, _) = shipped(&metadata);
    let lock = top("Cargo.lock");
    let locked = lock["package"].as_array().unwrap();
    let checksum = |name: &str, version: &str| {
        let found = locked
            .iter()
            .find(|it| it["name"].as_str() == Some(name) && it["version"].as_str() == Some(version));
        found.unwrap()["checksum"].as_str().unwrap().to_owned()
    };
    let packages = metadata["packages"].as_array().unwrap();
    let of = |id: &str| packages.iter().find(|package| package["id"] == id).unwrap();
    let reference = |id: &str| {
        let package = of(id);
        format!("pkg:cargo/{}@{}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap())
    };
    let own: Vec<&str> =
        metadata["workspace_members"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let root = own.iter().copied().find(|id| of(id)["name"] == "spinal-mets-cds").unwrap();
    let mut components: Vec<String> = shipped
        .iter()
        .map(|id| {
            let package = of(id);
            let (name, version) = (package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
            let licence = package["license"].as_str().unwrap().replace('/', " OR ");
            serde_json::json!({"type": "library", "bom-ref": reference(id), "name": name, "version": version,
                "purl": reference(id), "licenses": [{"expression": licence}],
                "hashes": [{"alg": "SHA-256", "content": checksum(name, version)}]})
            .to_string()
        })
        .chain(own.iter().filter(|id| **id != root).map(|id| {
            let package = of(id);
            serde_json::json!({"type": "library", "bom-ref": reference(id), "name": package["name"],
                "version": package["version"], "licenses": [{"expression": package["license"]}]})
            .to_string()
        }))
        .collect();
    components.sort();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let mut dependencies: Vec<String> = nodes
        .iter()
        .filter(|node| {
            shipped.contains(node["id"].as_str().unwrap()) || own.contains(&node["id"].as_str().unwrap())
        })
        .map(|node| {
            let of_kind =
                |it: &&Value| it["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev");
            let on = node["deps"].as_array().unwrap().iter().filter(of_kind);
            let mut on: Vec<String> = on.map(|it| reference(it["pkg"].as_str().unwrap())).collect();
            on.sort();
            on.dedup();
            serde_json::json!({"ref": reference(node["id"].as_str().unwrap()), "dependsOn": on}).to_string()
        })
        .collect();
    dependencies.sort();
    let program = of(root);
    let head = serde_json::json!({"component": {"type": "application", "bom-ref": reference(root), "name": program["name"],
        "version": program["version"], "description": program["description"],
        "licenses": [{"expression": program["license"]}]}});
    format!(
        "{{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"version\": 1,\n\"metadata\": {head},\n\"components\": [\n{}\n],\n\
         \"dependencies\": [\n{}\n]}}\n",
        components.join(",\n"),
        dependencies.join(",\n")
    )
}

#[test]
fn the_list_of_packages_is_that_of_the_lock_file() {
    let (soup, sbom) = (soup(), sbom());
    for (name, made) in [("docs/soup.md", &soup), ("packaging/sbom.cdx.json", &sbom)] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
        if std::env::var_os("UPDATE_SOUP").is_some() {
            std::fs::write(&file, made).unwrap();
        }
        assert!(std::fs::read_to_string(&file).unwrap() == *made, "{name} is stale: UPDATE_SOUP=1 writes it");
    }
    assert!(soup.contains("\n| actix-web |") && soup.contains("\n| rustls |"));
    assert!(
        !soup.contains("\n| divan |") && !soup.contains("\n| spinal-mets-cds"),
        "not shipped, or our own"
    );
    let listed = soup.lines().filter(|line| line.starts_with("| ")).count() - 1;
    assert_eq!(sbom.matches("\"purl\"").count(), listed, "both lists have the same packages");
}

/// The document by the schema of its makers.
#[test]
fn the_bill_of_materials_is_a_cyclonedx_document() {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cyclonedx-python-lib/bin/python");
    if !python.is_file() {
        #[expect(clippy::disallowed_methods, reason = "a test asks where it runs")]
        let is_ci = std::env::var("CI").is_ok_and(|it| it == "true");
        assert!(!is_ci, "cyclonedx-python-lib is not installed: run .ci/check once");
        writeln!(std::io::stderr(), "SKIPPED: cyclonedx-python-lib is missing: run .ci/check once").unwrap();
        return;
    }
    let check = "import sys\n\
        from cyclonedx.schema import SchemaVersion\n\
        from cyclonedx.validation.json import JsonStrictValidator\n\
        found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())\n\
        print(found or ''); sys.exit(found is not None)";
    let is_valid = |document: &str| {
        let mut child = Command::new(&python)
            .args(["-c", check])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(document.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let sbom = sbom();
    let (valid, told) = is_valid(&sbom);
    assert!(valid, "{told}");
    assert!(!is_valid(&sbom.replacen("\"library\"", "\"book\"", 1)).0);
    assert!(!is_valid(&sbom.replacen("\"expression\":\"MIT", "\"expresion\":\"MIT", 1)).0);
}

#[test]
fn every_dependency_has_a_permissive_licence() {
    let metadata = metadata(&[]);
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
