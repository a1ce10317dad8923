//! EHRs that offer less: over all fixtures, what they have is read as from one that offers everything, and what they do not have
//! is said nowhere on a card.

use super::helpers::{Setup, TOKEN, cards, details};
use serde_json::{Value, json};
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::case::Case;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request::{CaseRequest, OfferedService, build};
use spinal_mets_cds::config::Profile;
use spinal_mets_cds::domain::Source;
use spinal_mets_cds::services::Answer;
use std::path::Path;

fn setup(profile: &str) -> (Setup, Vec<OfferedService>) {
    let mut setup = Setup::for_server("https://ehr.example.org/fhir");
    setup.client.profile = Profile::built_in(profile).unwrap().unwrap();
    setup.services = setup.services.with_clients(std::slice::from_ref(&setup.client)).unwrap();
    let discovery: Value = serde_json::from_slice(setup.services.discovery_for(Some(&setup.client))).unwrap();
    let offered = serde_json::from_value(discovery["services"].clone()).unwrap();
    (setup, offered)
}

/// The cases that are built from a Bundle and have no settings and no failures of their own.
fn cases() -> Vec<Case> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures");
    let found = find(&[fixtures]).cases;
    found.into_iter().filter(|case| !case.is_hostile() && case.told.facility.is_none()).collect()
}

async fn answer(setup: &mut Setup, case: &Case, request: &CaseRequest) -> Answer {
    setup.now = case.told.now;
    setup.call(&request.service, &request.body).await.unwrap()
}

#[tokio::test]
async fn what_an_ehr_has_is_read_and_what_it_does_not_have_is_said_on_no_card() {
    let (mut whole, all) = setup(Profile::GENERIC);
    for name in ["epic", "oracle"] {
        let (mut setup, offered) = setup(name);
        let not_offered: Vec<Source> = setup.client.profile.not_offered().collect();
        let (mut same, mut fewer) = (0, 0);
        for case in cases() {
            let bundle = CaseBundle::load(&case.folder).unwrap();
            let is_other = |resource: &Value| {
                not_offered.iter().any(|source| resource["resourceType"] == source.resource_type())
            };
            let has_other = bundle.resources().iter().any(is_other);
            // A case that names a type as failed which the EHR does not have is none there.
            let Ok(request) = build(&case.told, bundle, &offered) else { continue };
            let in_full = build(&case.told, CaseBundle::load(&case.folder).unwrap(), &all).unwrap();
            let told = answer(&mut setup, &case, &request).await;
            let details = details(&told);
            for source in &not_offered {
                let unread = format!("could not be read: {}", source.plain_name());
                assert!(!details.to_lowercase().contains(&unread), "{name}: {}: {details}", case.name);
                assert!(!told.facts.unavailable.contains(source), "{name}: {}", case.name);
            }
            if has_other {
                fewer += 1;
            } else {
                let expected = answer(&mut whole, &case, &in_full).await;
                assert_eq!(cards(&told), cards(&expected), "{name}: {}", case.name);
                same += 1;
            }
        }
        println!("{name}: {same} cases alike, {fewer} with what it does not offer");
        assert!(same > 300 && (fewer > 5 || name == "epic"), "{name}: {same} alike, {fewer} with fewer");
    }
}

/// A call as such an EHR sends it: its own keys and no others, an MRI as a report, a drug named in the reference.
#[tokio::test]
async fn a_call_with_the_keys_of_an_ehr_alone_has_nothing_unread() {
    for name in ["epic", "oracle"] {
        let (setup, offered) = setup(name);
        let view = offered.iter().find(|service| service.hook == "patient-view").unwrap();
        let searched = |key: &str| match key {
            "conditions" => json!([
                {"resource": {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p"},
                 "clinicalStatus": {"coding": [{"code": "active"}]}, "recordedDate": "2026-03-01",
                 "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C79.51"}]}}},
                {"resource": {"resourceType": "Condition", "id": "c2", "subject": {"reference": "Patient/p"},
                 "clinicalStatus": {"coding": [{"code": "active"}]}, "onsetDateTime": "2026-05-01",
                 "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.50"}]}}}
            ]),
            "medicationRequests" => json!([{"resource": {"resourceType": "MedicationRequest", "id": "m1",
                "status": "active", "intent": "order", "subject": {"reference": "Patient/p"},
                "medicationReference": {"reference": "Medication/m", "display": "dexamethasone 4 mg tablet"}}}]),
            _ => json!([]),
        };
        let prefetch: serde_json::Map<String, Value> = view
            .prefetch
            .keys()
            .map(|key| match key.as_str() {
                "patient" => {
                    (key.clone(), json!({"resourceType": "Patient", "id": "p", "birthDate": "1960-01-01"}))
                }
                _ => (
                    key.clone(),
                    json!({"resourceType": "Bundle", "type": "searchset", "entry": searched(key)}),
                ),
            })
            .collect();
        let call = json!({"hook": "patient-view", "hookInstance": TOKEN,
            "context": {"userId": "Practitioner/1", "patientId": "p"}, "prefetch": prefetch});
        let answer = setup.call(&view.id, &call).await.unwrap();
        let details = details(&answer);
        assert!(details.contains("MRI"), "{name}: {details}");
        assert!(!details.contains("ould not be read"), "{name}: {details}");
        assert_eq!((answer.facts.unavailable, answer.facts.incomplete), (vec![], vec![]), "{name}");
    }
}

#[tokio::test]
async fn a_drug_that_stands_in_a_medication_alone_is_said_to_be_unread() {
    let (setup, offered) = setup("epic");
    let mut call: Value =
        serde_json::from_str(include_str!("../../../hooks/spinal-metastases-patient-view/request.json"))
            .unwrap();
    for key in offered[0].prefetch.keys() {
        call["prefetch"].as_object_mut().unwrap().entry(key.clone()).or_insert(Value::Null);
    }
    for (order, unread) in [
        (json!({"reference": "Medication/m"}), true),
        (json!({"reference": "Medication/m", "display": " "}), true),
        (json!({"reference": "Medication/m", "display": "paracetamol"}), false),
    ] {
        let patient = call["context"]["patientId"].clone();
        call["prefetch"]["medicationRequests"] = json!({"resourceType": "Bundle", "entry": [{"resource": {
            "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
            "subject": {"reference": format!("Patient/{}", patient.as_str().unwrap())},
            "medicationReference": order}}]});
        let answer = setup.call("spinal-metastases-patient-view", &call).await.unwrap();
        assert_eq!(answer.facts.incomplete.contains(&Source::Medication), unread, "{order}");
    }
}
