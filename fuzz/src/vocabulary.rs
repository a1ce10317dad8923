//! What charts are made of: resources, members, values and codes of the fixtures and value sets.

use crate::fixtures::{cases, resources, root};
use crate::random::Random;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

/// Longest value that is kept, in bytes of JSON.
const LONGEST: usize = 4_096;

/// The material of all fixtures.
#[derive(Debug)]
pub struct Vocabulary {
    /// Resources by type, without repetition.
    pub resources: BTreeMap<String, Vec<Value>>,
    /// Values by the name of their member, without repetition.
    pub values: BTreeMap<String, Vec<Value>>,
    /// Every coding of the value sets.
    pub codings: Vec<Value>,
}

/// Read once.
pub static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::read);

impl Vocabulary {
    fn read() -> Self {
        let mut by_type: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut by_name: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for resource in cases().iter().flat_map(resources) {
            collect(&resource, &mut by_name);
            let kind = resource["resourceType"].as_str().unwrap_or_default().to_owned();
            by_type.entry(kind).or_default().insert(resource.to_string());
        }
        let read = |texts: BTreeSet<String>| -> Vec<Value> {
            texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
        };
        Self {
            resources: by_type.into_iter().map(|(kind, texts)| (kind, read(texts))).collect(),
            values: by_name.into_iter().map(|(name, texts)| (name, read(texts))).collect(),
            codings: codings(),
        }
    }

    /// Any resource, each type being as likely as any other.
    pub fn resource(&self, random: &mut Random) -> Option<&Value> {
        let kinds: Vec<&Vec<Value>> = self.resources.values().collect();
        let of_kind = *random.pick(&kinds)?;
        random.pick(of_kind)
    }

    /// A value that a member of this name has somewhere.
    pub fn value(&self, name: &str, random: &mut Random) -> Option<&Value> {
        random.pick(self.values.get(name)?)
    }

    /// Words for libFuzzer's own mutations.
    pub fn words(&self) -> BTreeSet<String> {
        let mut words: BTreeSet<String> = self.values.keys().map(|name| format!("\"{name}\"")).collect();
        words.extend(self.resources.keys().map(|kind| format!("\"{kind}\"")));
        let codes = self.codings.iter().filter_map(|coding| coding["code"].as_str());
        words.extend(codes.map(|code| format!("\"{code}\"")));
        let members = [
            "hook",
            "hookInstance",
            "context",
            "prefetch",
            "userId",
            "patientId",
            "encounterId",
            "selections",
            "draftOrders",
            "entry",
            "resource",
            "fullUrl",
            "link",
            "relation",
            "next",
            "search",
            "mode",
            "outcome",
            "patient-view",
            "order-select",
            "order-sign",
            "OperationOutcome",
            "Bundle",
            "fhirServer",
        ];
        words.extend(members.iter().map(|name| format!("\"{name}\"")));
        words.extend(["null", "true", "1e999", "-0", "[]", "{}", "\"\"", "\\ud800"].map(str::to_owned));
        words
    }
}

fn collect(value: &Value, by_name: &mut BTreeMap<String, BTreeSet<String>>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let text = member.to_string();
                if text.len() <= LONGEST {
                    by_name.entry(name.clone()).or_default().insert(text);
                }
                collect(member, by_name);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, by_name)),
        _ => {}
    }
}

fn codings() -> Vec<Value> {
    let mut files: Vec<_> = fs::read_dir(root().join("hooks/value-sets"))
        .expect("the value sets are there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    let mut codings = Vec::new();
    for text in files.iter().filter_map(|file| fs::read(file).ok()) {
        let Ok(set) = serde_json::from_slice::<Value>(&text) else { continue };
        for include in set["compose"]["include"].as_array().into_iter().flatten() {
            for concept in include["concept"].as_array().into_iter().flatten() {
                codings.push(json!({"system": include["system"], "code": concept["code"]}));
            }
            for filter in include["filter"].as_array().into_iter().flatten() {
                codings.push(json!({"system": include["system"], "code": filter["value"]}));
            }
        }
    }
    codings
}
