//! The fixtures as the patients of one population, and the layouts in which an export may come.

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use spinal_mets_cds::cases::find::find;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A patient: the name of the case, the resources, and the Bundle as it is.
pub(super) struct Chart {
    pub(super) patient: String,
    pub(super) resources: Vec<Value>,
}

/// The charts of so many fixtures, each with ids of its own, so that they can lie in one export.
pub(super) fn charts(every: usize) -> Vec<Chart> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let found = find(&[root]).cases;
    let cases = found.iter().filter(|case| !case.is_hostile());
    let mut charts = Vec::new();
    for (number, case) in cases.step_by(every).enumerate() {
        let text = fs::read_to_string(case.folder.join("bundle.json")).unwrap();
        let bundle: Value = serde_json::from_str(&text).unwrap();
        let mut resources: Vec<Value> =
            bundle["entry"].as_array().into_iter().flatten().map(|e| e["resource"].clone()).collect();
        let patients: Vec<String> =
            of_type(&resources, "Patient").map(|p| p["id"].as_str().unwrap().to_owned()).collect();
        // One patient each; odd Bundles have their own tests.
        let [patient] = patients.as_slice() else { continue };
        let named = |id: &str| format!("f{number}-{id}");
        for resource in &mut resources {
            rename(resource, &named);
        }
        charts.push(Chart { patient: named(patient), resources });
    }
    charts
}

fn of_type<'a>(resources: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    resources.iter().filter(move |it| it["resourceType"] == kind)
}

/// Gives ids, and references to them, other names.
fn rename(resource: &mut Value, named: &impl Fn(&str) -> String) {
    if let Some(id) = resource.get("id").and_then(Value::as_str).map(named) {
        resource["id"] = id.into();
    }
    references(resource, named);
}

fn references(value: &mut Value, named: &impl Fn(&str) -> String) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str().and_then(|text| text.rsplit_once('/')) {
                    Some((before, id)) if name == "reference" => {
                        *member = format!("{before}/{}", named(id)).into()
                    }
                    _ => references(member, named),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| references(item, named)),
        _ => {}
    }
}

/// A way to lay an export out below a folder.
pub(super) type Layout = fn(&[Chart], &Path);

/// All layouts, by name.
pub(super) const LAYOUTS: [(&str, Layout); 7] = [
    ("flat", flat),
    ("one folder a type", folder_a_type),
    ("split and shuffled", shuffled),
    ("compressed", compressed),
    ("Bundles", bundles),
    ("a Bundle a line", bundle_a_line),
    ("all of it twice", twice),
];

fn by_type(charts: &[Chart]) -> BTreeMap<String, Vec<String>> {
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for resource in charts.iter().flat_map(|chart| &chart.resources) {
        lines
            .entry(resource["resourceType"].as_str().unwrap().to_owned())
            .or_default()
            .push(resource.to_string());
    }
    lines
}

fn write(path: PathBuf, lines: &[String]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

pub(super) fn flat(charts: &[Chart], root: &Path) {
    for (kind, lines) in by_type(charts) {
        write(root.join(format!("{kind}.000.ndjson")), &lines);
    }
}

fn folder_a_type(charts: &[Chart], root: &Path) {
    for (kind, lines) in by_type(charts) {
        for (part, lines) in lines.chunks(100).enumerate() {
            write(root.join(&kind).join(format!("part-{part}.ndjson")), lines);
        }
    }
}

/// All types mixed, in an order that has nothing to do with patients.
fn shuffled(charts: &[Chart], root: &Path) {
    let mut lines: Vec<String> = by_type(charts).into_values().flatten().collect();
    lines.sort_by_key(|line| line.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte)));
    for (part, lines) in lines.chunks(97).enumerate() {
        write(root.join(format!("{part}.jsonl")), lines);
    }
}

/// Every second file compressed, one in two members.
fn compressed(charts: &[Chart], root: &Path) {
    for (number, (kind, lines)) in by_type(charts).into_iter().enumerate() {
        let path = root.join(format!("{kind}.ndjson"));
        if number % 2 == 0 {
            write(path, &lines);
            continue;
        }
        let mut bytes = Vec::new();
        for half in lines.chunks(lines.len().div_ceil(2)) {
            let mut member = GzEncoder::new(&mut bytes, Compression::fast());
            member.write_all((half.join("\n") + "\n").as_bytes()).unwrap();
            member.finish().unwrap();
        }
        fs::write(root.join(format!("{kind}.ndjson.gz")), bytes).unwrap();
    }
}

/// Entries named by urn:uuid, and references by these names, as generators of charts write them.
fn transaction(chart: &Chart) -> Value {
    let name = |kind: &str, id: &str| format!("urn:uuid:{kind}-{id}-of-this-bundle");
    let mut entries = Vec::new();
    for resource in &chart.resources {
        let mut resource = resource.clone();
        let kind = resource["resourceType"].as_str().unwrap().to_owned();
        let id = resource["id"].as_str().map(str::to_owned);
        local(&mut resource, &chart.resources, &name);
        entries.push(match id {
            Some(id) => json!({ "fullUrl": name(&kind, &id), "resource": resource }),
            None => json!({ "resource": resource }),
        });
    }
    json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries })
}

fn local(value: &mut Value, all: &[Value], name: &impl Fn(&str, &str) -> String) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                let target = value.as_str().and_then(|text| text.split_once('/')).filter(|(kind, id)| {
                    all.iter().any(|it| it["resourceType"] == **kind && it["id"] == **id)
                });
                match target {
                    Some((kind, id)) if member == "reference" => *value = name(kind, id).into(),
                    _ => local(value, all, name),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| local(item, all, name)),
        _ => {}
    }
}

fn bundles(charts: &[Chart], root: &Path) {
    for chart in charts {
        fs::write(root.join(format!("{}.json", chart.patient)), format!("{:#}", transaction(chart))).unwrap();
    }
}

fn bundle_a_line(charts: &[Chart], root: &Path) {
    let lines: Vec<String> = charts.iter().map(|chart| transaction(chart).to_string()).collect();
    write(root.join("bundles.ndjson"), &lines);
}

fn twice(charts: &[Chart], root: &Path) {
    flat(charts, &root.join("one"));
    folder_a_type(charts, &root.join("other"));
}
