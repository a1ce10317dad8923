//! `bundle.json`: the chart of a case.
//!
//! A plain collection Bundle, as any FHIR tool writes it. A case's own files must be sound, so what would be a note
//! elsewhere is an error here.

use super::CaseError;
use serde_json::Value;
use std::path::Path;

/// The name of the chart file in a case folder.
pub const BUNDLE_FILE: &str = "bundle.json";

/// The resources of a case.
#[derive(Debug, Clone, Default)]
pub struct CaseBundle {
    resources: Vec<Value>,
}

/// `Type/id` of a resource; `None` when it lacks either.
pub fn reference_of(resource: &Value) -> Option<String> {
    let kind = resource.get("resourceType")?.as_str()?;
    let id = resource.get("id")?.as_str()?;
    Some(format!("{kind}/{id}"))
}

impl CaseBundle {
    /// Reads `bundle.json` of a case folder.
    pub fn load(folder: &Path) -> Result<Self, CaseError> {
        let path = folder.join(BUNDLE_FILE);
        let fail = |why: String| CaseError::new(&path, why);
        let text = std::fs::read_to_string(&path).map_err(|e| fail(e.to_string()))?;
        let mut document: Value = serde_json::from_str(&text).map_err(|e| fail(e.to_string()))?;
        if document.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
            return Err(fail("`resourceType` is not Bundle".to_owned()));
        }
        let mut resources = Vec::new();
        if let Some(entries) = document.get_mut("entry") {
            let entries = entries.as_array_mut().ok_or_else(|| fail("`entry` is not a list".to_owned()))?;
            for (number, entry) in entries.iter_mut().enumerate() {
                match entry.get_mut("resource").map(Value::take) {
                    Some(resource) if reference_of(&resource).is_some() => resources.push(resource),
                    Some(_) => {
                        return Err(fail(format!("`entry[{number}].resource` has no resourceType or no id")));
                    }
                    None => return Err(fail(format!("`entry[{number}]` has no resource"))),
                }
            }
        }
        Ok(Self { resources })
    }

    /// A bundle of these resources.
    pub const fn of(resources: Vec<Value>) -> Self {
        Self { resources }
    }

    /// The resources in file order.
    pub fn resources(&self) -> &[Value] {
        &self.resources
    }

    /// The bare id of the only Patient.
    pub fn only_patient(&self) -> Result<&str, String> {
        let mut patients = self
            .resources
            .iter()
            .filter(|r| r.get("resourceType").and_then(Value::as_str) == Some("Patient"))
            .filter_map(|r| r.get("id").and_then(Value::as_str));
        match (patients.next(), patients.next()) {
            (Some(id), None) => Ok(id),
            (None, _) => Err("no Patient in the bundle, and the case names none in `patient`".to_owned()),
            (Some(_), Some(_)) => Err("several Patients in the bundle: name one in `patient`".to_owned()),
        }
    }

    /// Takes the named resources out, in the order of the names.
    pub fn take_out(&mut self, references: &[String]) -> Result<Vec<Value>, String> {
        references
            .iter()
            .map(|wanted| {
                let place = self.resources.iter().position(|r| reference_of(r).as_deref() == Some(wanted));
                place
                    .map(|i| self.resources.remove(i))
                    .ok_or_else(|| format!("`drafts` names `{wanted}`, which is not in the bundle"))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_patient_must_be_clear_and_drafts_must_be_there() {
        let patient = json!({"resourceType": "Patient", "id": "p"});
        let order = json!({"resourceType": "ServiceRequest", "id": "d"});
        let mut bundle = CaseBundle::of(vec![patient.clone(), order]);
        assert_eq!(bundle.only_patient(), Ok("p"));
        assert_eq!(bundle.take_out(&["ServiceRequest/d".to_owned()]).unwrap().len(), 1);
        assert_eq!(bundle.resources().len(), 1);
        assert!(bundle.take_out(&["ServiceRequest/d".to_owned()]).is_err());
        assert!(CaseBundle::of(vec![patient.clone(), patient]).only_patient().is_err());
    }

    #[test]
    fn an_unsound_bundle_names_the_entry() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| std::fs::write(folder.path().join(BUNDLE_FILE), text).unwrap();
        write(r#"{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}"#);
        assert!(CaseBundle::load(folder.path()).unwrap_err().to_string().contains("entry[0]"));
        write("{");
        assert!(CaseBundle::load(folder.path()).unwrap_err().to_string().contains("bundle.json"));
    }
}
