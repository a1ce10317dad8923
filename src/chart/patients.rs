//! Which resource belongs to which patient.
//!
//! A Patient belongs to itself, everything else to the patient that its `subject` or `patient` names. Medication and
//! BodyStructure without a patient go to those who refer to them. The rest belongs to no patient: it is left out and counted.

use super::input::{ChartInput, Loaded};
use indexmap::IndexMap;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// The resources of one patient.
#[derive(Debug)]
pub struct PatientChart {
    /// Bare id of the patient.
    pub id: String,
    /// Draft orders, with their `Type/id`.
    pub drafts: Vec<(String, Box<RawValue>)>,
    /// Everything else.
    pub resources: Vec<Box<RawValue>>,
    /// How many resources of each type.
    pub kinds: IndexMap<String, usize>,
}

/// The patients of a chart, and how many resources of each type belong to no patient.
#[derive(Debug, Default)]
pub struct Grouped {
    /// In order of first mention.
    pub patients: Vec<PatientChart>,
    /// By resource type.
    pub nobody: IndexMap<String, usize>,
}

/// Groups a chart. Draft ServiceRequests are set apart only where the hook asks about orders.
pub fn group(chart: &ChartInput, drafts_apart: bool) -> Grouped {
    let local = LocalNames::of(&chart.resources);
    let mut patients: IndexMap<String, PatientChart> = IndexMap::new();
    let mut nobody = IndexMap::new();
    let mut shared: HashMap<String, Vec<&Loaded>> = HashMap::new();
    for resource in &chart.resources {
        match (owner(resource, &local), &resource.id) {
            (Some(id), _) => patients.entry(id.to_owned()).or_insert_with(|| PatientChart::new(id)).add(
                &resource.kind,
                resource.id.as_deref(),
                resource.status.as_deref(),
                written_out(&local, &resource.raw),
                drafts_apart,
            ),
            (None, Some(id)) if SHARED.contains(&resource.kind.as_str()) => {
                shared.entry(format!("{}/{id}", resource.kind)).or_default().push(resource);
            }
            (None, _) => *nobody.entry(resource.kind.clone()).or_insert(0) += 1,
        }
    }
    if !shared.is_empty() {
        patients.values_mut().for_each(|patient| patient.bring(&shared));
    }
    Grouped { patients: patients.into_values().collect(), nobody }
}

/// Types that may have no patient of their own and are read by those who refer to them.
pub const SHARED: [&str; 2] = ["Medication", "BodyStructure"];

impl PatientChart {
    /// A patient with nothing yet.
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), drafts: Vec::new(), resources: Vec::new(), kinds: IndexMap::new() }
    }

    /// Adds a resource of the patient, as it is to be read. Draft orders are set apart where the hook asks about orders.
    pub fn add(
        &mut self,
        kind: &str,
        id: Option<&str>,
        status: Option<&str>,
        raw: Box<RawValue>,
        drafts_apart: bool,
    ) {
        *self.kinds.entry(kind.to_owned()).or_insert(0) += 1;
        let is_draft = matches!(kind, "ServiceRequest" | "MedicationRequest") && status == Some("draft");
        match id {
            Some(id) if drafts_apart && is_draft => self.drafts.push((format!("{kind}/{id}"), raw)),
            _ => self.resources.push(raw),
        }
    }

    /// Adds those of the shared resources that this patient's refer to.
    fn bring(&mut self, shared: &HashMap<String, Vec<&Loaded>>) {
        let drafts = self.drafts.iter().map(|(_, raw)| raw);
        let wanted: BTreeSet<String> =
            self.resources.iter().chain(drafts).flat_map(|raw| shared_names(raw.get())).collect();
        let found = wanted.iter().filter_map(|name| shared.get(name)).flatten();
        self.resources.extend(found.map(|resource| resource.raw.clone()));
    }
}

fn written_out(local: &LocalNames<'_>, raw: &RawValue) -> Box<RawValue> {
    match local.write_out(raw.get()) {
        Cow::Borrowed(_) => raw.to_owned(),
        Cow::Owned(text) => RawValue::from_string(text).unwrap_or_else(|_| raw.to_owned()),
    }
}

/// The names (`Type/id`) of shared resources that a text refers to, each once. One too many does no harm: it is looked up
/// in vain.
pub fn shared_names(raw: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for kind in SHARED {
        let before = format!("{kind}/");
        for after in raw.split(before.as_str()).skip(1) {
            let is_of_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
            let id = after.get(..after.find(|c| !is_of_id(c)).unwrap_or(after.len())).unwrap_or_default();
            let name = format!("{before}{id}");
            if !id.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// What the entries of a Bundle are called by its references and nowhere else, with the name (`Type/id`) of each.
#[derive(Debug)]
pub struct LocalNames<'a>(HashMap<&'a str, (&'a str, &'a str)>);

impl<'a> LocalNames<'a> {
    /// Of these resources.
    pub fn of(resources: &'a [Loaded]) -> Self {
        let named = resources.iter().filter_map(|resource| {
            let (url, id) = (resource.full_url.as_deref()?, resource.id.as_deref()?);
            // An address that ends so is understood anywhere.
            let is_plain =
                url.strip_suffix(id).is_some_and(|it| it.ends_with(&format!("/{}/", resource.kind)));
            (!is_plain).then_some((url, (resource.kind.as_str(), id)))
        });
        Self(named.collect())
    }

    /// A text with such references written out as `Type/id`.
    pub fn write_out<'r>(&self, raw: &'r str) -> Cow<'r, str> {
        const MEMBER: &str = "\"reference\"";
        if self.0.is_empty() || !raw.contains(MEMBER) {
            return raw.into();
        }
        let mut parts = raw.split(MEMBER);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            out.push_str(MEMBER);
            let value =
                part.trim_start().strip_prefix(':').map(str::trim_start).and_then(|it| it.strip_prefix('"'));
            let named = value.and_then(|value| {
                let (url, rest) = value.split_once('"')?;
                Some((self.0.get(url)?, rest))
            });
            match named {
                Some(((kind, id), rest)) => out.push_str(&format!(":\"{kind}/{id}\"{rest}")),
                None => out.push_str(part),
            }
        }
        out.into()
    }
}

/// Bare id of the patient that a resource belongs to.
pub fn owner<'a>(resource: &'a Loaded, local: &LocalNames<'a>) -> Option<&'a str> {
    if resource.kind == "Patient" {
        return resource.id.as_deref();
    }
    let reference = resource.subject.as_deref()?;
    if let Some((kind, id)) = local.0.get(reference) {
        return (*kind == "Patient").then_some(id);
    }
    if let Some(id) = reference.strip_prefix("urn:uuid:") {
        return Some(id);
    }
    let (before, id) = reference.split("/_history/").next()?.rsplit_once('/')?;
    (before == "Patient" || before.ends_with("/Patient")).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::super::input;
    use super::*;

    fn grouped(entries: &str, drafts_apart: bool) -> Grouped {
        let text = format!(r#"{{"resourceType": "Bundle", "entry": [{entries}]}}"#);
        let mut input = input::Input::default();
        input::read(text.as_bytes(), "b.json", false, &mut input::ChartInput::default(), &mut input);
        assert_eq!(input.errors, [""; 0]);
        group(&input.charts[0], drafts_apart)
    }

    const TWO: &str = r#"
        {"fullUrl": "urn:uuid:11", "resource": {"resourceType": "Patient", "id": "a"}},
        {"resource": {"resourceType": "Condition", "id": "c1", "subject": {"reference" : "urn:uuid:11"}}},
        {"resource": {"resourceType": "MedicationRequest", "id": "r", "subject": {"reference": "Patient/a"},
                      "medicationReference": {"reference": "urn:uuid:12"}}},
        {"resource": {"resourceType": "Condition", "id": "c2", "subject": {"reference": "https://x/Patient/b/_history/1"}}},
        {"resource": {"resourceType": "ServiceRequest", "id": "d", "status": "draft", "subject": {"reference": "Patient/b"}}},
        {"fullUrl": "urn:uuid:12", "resource": {"resourceType": "Medication", "id": "m"}},
        {"resource": {"resourceType": "Practitioner", "id": "x"}},
        {"resource": {"resourceType": "Observation", "id": "g", "subject": {"reference": "Group/g"}}}"#;

    #[test]
    fn each_patient_gets_its_own_and_the_rest_is_counted() {
        let found = grouped(TWO, false);
        let sizes: Vec<_> = found.patients.iter().map(|p| (p.id.as_str(), p.resources.len())).collect();
        assert_eq!(sizes, [("a", 4), ("b", 2)]);
        assert_eq!(found.nobody.get("Practitioner"), Some(&1));
        assert_eq!(found.nobody.get("Observation"), Some(&1));
        assert!(found.patients[0].resources[1].get().contains("\"Patient/a\""));
    }

    #[test]
    fn drafts_are_set_apart_for_an_order_check() {
        let found = grouped(TWO, true);
        assert_eq!(found.patients[1].drafts[0].0, "ServiceRequest/d");
        assert_eq!(found.patients[1].resources.len(), 1);
    }
}
