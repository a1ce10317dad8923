//! From a case to the CDS Hooks request that an EHR would send.
//!
//! The prefetch is made from the templates that the service itself publishes. Deliberately absent: `fhirServer` and
//! tokens; a case is answered from what it carries.

use super::bundle::CaseBundle;
use super::case::CaseFile;
use super::search;
use crate::cds_hooks::WITHOUT_USER;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One entry of discovery, as far as a request needs it.
#[derive(Debug, Clone, Deserialize)]
pub struct OfferedService {
    /// The hook that the service listens to.
    pub hook: String,
    /// The last part of its URL.
    pub id: String,
    /// Prefetch templates by key.
    #[serde(default)]
    pub prefetch: IndexMap<String, String>,
}

/// A request that is ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseRequest {
    /// Service id.
    pub service: String,
    /// Body.
    pub body: Value,
}

/// Builds the request of a case for the services on offer.
pub fn build(
    told: &CaseFile,
    mut bundle: CaseBundle,
    offered: &[OfferedService],
) -> Result<CaseRequest, String> {
    let hook = told.hook.as_deref().unwrap_or_default();
    let service = offered
        .iter()
        .find(|s| s.hook == hook)
        .ok_or_else(|| format!("no service is offered for the hook `{hook}`"))?;
    let patient = match &told.patient {
        Some(id) => id.clone(),
        None => bundle.only_patient()?.to_owned(),
    };
    let mut context = Map::new();
    if hook != WITHOUT_USER {
        context.insert("userId".to_owned(), json!(told.user));
    }
    context.insert("patientId".to_owned(), json!(patient));
    if let Some(encounter) = &told.encounter {
        context.insert("encounterId".to_owned(), json!(encounter));
    }
    match hook {
        "patient-view" | "encounter-discharge" => {
            bundle.take_out(&told.drafts)?;
        }
        // They are on record already, and named.
        "order-dispatch" => {
            context.insert("dispatchedOrders".to_owned(), json!(told.drafts));
            context.insert("performer".to_owned(), json!(told.user));
        }
        "appointment-book" => {
            context.insert("appointments".to_owned(), collection(&bundle.take_out(&told.drafts)?));
        }
        _ => {
            if hook == "order-select" {
                context.insert("selections".to_owned(), json!(told.selections));
            }
            context.insert("draftOrders".to_owned(), collection(&bundle.take_out(&told.drafts)?));
        }
    }

    let prefetch = prefetch(told, &context, &bundle, service)?;
    Ok(CaseRequest {
        service: service.id.clone(),
        body: json!({
            "hook": hook,
            "hookInstance": "5f0c2a46-7f0e-4a0b-9d43-0b5d1f7a9c11",
            "context": context,
            "prefetch": prefetch,
        }),
    })
}

fn collection(resources: &[Value]) -> Value {
    let entries: Vec<Value> = resources.iter().map(|resource| json!({ "resource": resource })).collect();
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
}

fn prefetch(
    told: &CaseFile,
    context: &Map<String, Value>,
    bundle: &CaseBundle,
    service: &OfferedService,
) -> Result<Map<String, Value>, String> {
    for named in told.unavailable.iter().chain(&told.absent) {
        if !service.prefetch.values().any(|template| search::type_of(template) == named) {
            return Err(format!(
                "`{named}` is named as unavailable or absent, but no prefetch template asks for it"
            ));
        }
    }
    let mut answered = Map::new();
    for (key, template) in &service.prefetch {
        let Some(query) = fill(template, context)? else { continue };
        let kind = search::type_of(&query).to_owned();
        if told.absent.contains(&kind) {
            continue;
        }
        let value = if told.unavailable.contains(&kind) {
            json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]})
        } else {
            search::answer(&query, bundle).map_err(|why| format!("prefetch template `{key}`: {why}"))?
        };
        answered.insert(key.clone(), value);
    }
    Ok(answered)
}

/// Fills the tokens in. `None`: a token that this context cannot resolve, so the EHR drops the key.
fn fill(template: &str, context: &Map<String, Value>) -> Result<Option<String>, String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, from_token)) = rest.split_once("{{") {
        let (token, after) =
            from_token.split_once("}}").ok_or_else(|| format!("`{template}` has a token without an end"))?;
        filled.push_str(before);
        let user = |kind: &str| {
            let id = context.get("userId")?.as_str()?.strip_prefix(kind)?;
            id.strip_prefix('/').map(str::to_owned)
        };
        let value = match token {
            "context.patientId" | "context.userId" | "context.encounterId" => {
                let name = token.strip_prefix("context.").unwrap_or_default();
                context.get(name).and_then(Value::as_str).map(str::to_owned)
            }
            "userPractitionerId" => user("Practitioner"),
            "userPractitionerRoleId" => user("PractitionerRole"),
            "userPatientId" => user("Patient"),
            "userRelatedPersonId" => user("RelatedPerson"),
            _ => {
                return Err(format!(
                    "`{template}` has a token that CDS Hooks 2.0.1 does not know: `{token}`"
                ));
            }
        };
        match value {
            Some(value) => filled.push_str(&value),
            None => return Ok(None),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(Some(filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Vec<OfferedService> {
        serde_json::from_value(json!([
            {"hook": "patient-view", "id": "view", "description": "x", "prefetch": {
                "patient": "Patient/{{context.patientId}}",
                "conditions": "Condition?patient={{context.patientId}}",
                "encounter": "Encounter/{{context.encounterId}}",
                "orders": "ServiceRequest?patient={{context.patientId}}"}},
            {"hook": "order-select", "id": "select"}
        ]))
        .unwrap()
    }

    fn told(extra: &str) -> CaseFile {
        toml::from_str(&format!("story = \"S.\"\nnow = \"2026-05-04T10:00:00Z\"\n{extra}")).unwrap()
    }

    fn chart() -> CaseBundle {
        CaseBundle::of(vec![
            json!({"resourceType": "Patient", "id": "p"}),
            json!({"resourceType": "ServiceRequest", "id": "d", "subject": {"reference": "Patient/p"}}),
        ])
    }

    #[test]
    fn keys_without_their_token_are_dropped_and_types_can_fail_or_lack() {
        let told =
            told("hook = \"patient-view\"\nunavailable = [\"Condition\"]\nabsent = [\"ServiceRequest\"]");
        let request = build(&told, chart(), &offered()).unwrap();
        let keys: Vec<_> = request.body["prefetch"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys.len(), 2);
        assert_eq!(request.body["prefetch"]["conditions"]["resourceType"], "OperationOutcome");
        assert_eq!(request.body["prefetch"]["patient"]["id"], "p");
        assert!(request.body["context"].get("draftOrders").is_none());
    }

    #[test]
    fn drafts_go_to_the_context_and_leave_the_chart() {
        let drafts =
            "hook = \"order-select\"\ndrafts = [\"ServiceRequest/d\"]\nselections = [\"ServiceRequest/d\"]";
        let request = build(&told(drafts), chart(), &offered()).unwrap();
        assert_eq!(request.service, "select");
        assert_eq!(request.body["context"]["draftOrders"]["entry"][0]["resource"]["id"], "d");
        assert_eq!(request.body["context"]["selections"][0], "ServiceRequest/d");
        let view = "hook = \"patient-view\"\ndrafts = [\"ServiceRequest/d\"]";
        let request = build(&told(view), chart(), &offered()).unwrap();
        assert_eq!(request.body["prefetch"]["orders"]["total"], 0);
    }

    #[test]
    fn what_cannot_be_asked_is_an_error() {
        for wrong in [
            "hook = \"order-sign\"",
            "hook = \"patient-view\"\nabsent = [\"Observaton\"]",
            "hook = \"patient-view\"\ndrafts = [\"ServiceRequest/none\"]",
        ] {
            assert!(build(&told(wrong), chart(), &offered()).is_err(), "{wrong}");
        }
        assert!(fill("Patient/{{context.draftOrders}}", &Map::new()).is_err());
    }
}
