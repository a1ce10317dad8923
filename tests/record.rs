//! A recorded session: what is kept holds nobody, and is answered as the session was.

#![cfg(test)]

#[path = "service/support/running.rs"]
#[allow(dead_code, reason = "the commands that serve are started in several ways")]
mod running;

use running::Running;
use serde_json::{Map, Value, json};
use spinal_mets_cds::cases::Case;
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::find::find;
use spinal_mets_cds::cases::request;
use spinal_mets_cds::cases::target::{HttpTarget, InProcessTarget, Target};
use spinal_mets_cds::domain::Site;
use spinal_mets_cds::record::pseudonym::Pseudonyms;
use spinal_mets_cds::record::{Answered, Kept, Recorder};
use std::path::Path;
use std::process::{Command, Output};

const NOW: &str = "2026-05-04T10:00:00Z";
/// What must not be found again.
const CANARY: &str = "Zebrowski";
/// Nor this number.
const NUMBER: u64 = 78_051_120;

/// Every `step`th fixture that is a chart and needs no site of its own, with its request.
fn requests(step: usize) -> Vec<(Case, String, Value)> {
    let target = InProcessTarget::new(Site::default()).unwrap();
    let found = find(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("fhir-fixtures")]).cases;
    let cases = found.into_iter().filter(|case| !case.is_hostile() && case.told.facility.is_none());
    let asked = cases.step_by(step).map(|case| {
        let bundle = CaseBundle::load(&case.folder).unwrap();
        let request = request::build(&case.told, bundle, target.offered()).unwrap();
        (case, request.service, request.body)
    });
    asked.collect()
}

/// Puts the canary wherever a person could stand: in every text that is no code of a public system, no type, no word of
/// FHIR and no date, in every id, and in members that were not there.
fn with_canary(member: &str, value: &mut Value) {
    match value {
        Value::Object(members) => {
            let is_coding =
                members.contains_key("system") && members.get("code").is_some_and(Value::is_string);
            let is_extension = member == "extension";
            for (name, value) in members.iter_mut() {
                let stays =
                    is_coding && ["code", "system"].contains(&name.as_str()) || is_extension && name == "url";
                if !stays {
                    with_canary(name, value);
                }
            }
            add(members);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| with_canary(member, item)),
        Value::String(text) => match member {
            "resourceType" | "hook" | "status" | "intent" | "priority" | "gender" | "unit" | "use" => {}
            "reference" | "userId" | "selections" => {
                let kind = text.rsplit_once('/').map_or("", |(kind, _)| kind).to_owned();
                let id = text.rsplit('/').next().unwrap_or_default().to_owned();
                *text =
                    if kind.is_empty() { format!("{CANARY}{id}") } else { format!("{kind}/{CANARY}{id}") };
            }
            "id" | "patientId" | "encounterId" => *text = format!("{CANARY}{text}"),
            _ if text.starts_with("20") || text.starts_with("19") => {}
            _ => *text = format!("{CANARY} {text}"),
        },
        _ => {}
    }
}

fn add(members: &mut Map<String, Value>) {
    for name in
        ["text", "display", "comment", "description", "title", "conclusion", "valueString", "value", "family"]
    {
        members.entry(name).or_insert_with(|| json!(CANARY));
    }
    for name in ["name", "note", "identifier", "telecom", "address", "contact"] {
        members.entry(name).or_insert_with(|| json!([{ "text": CANARY, "value": CANARY, "system": CANARY }]));
    }
    let extension = json!([{ "url": format!("https://{CANARY}.example.org/x"), "valueString": CANARY },
                           { "url": "http://hl7.org/fhir/x", "valueString": CANARY, "valueReference": { "display": CANARY } }]);
    members.entry("extension").or_insert(extension);
    for name in ["mrn", "phone", "socialSecurity", "longitude", "note2", "LEAK-John-Smith-1961"] {
        members.entry(name).or_insert_with(|| json!(NUMBER));
    }
    members.entry("position").or_insert_with(|| json!({ "longitude": NUMBER, "latitude": NUMBER }));
    members.entry(format!("LEAK-{CANARY}")).or_insert_with(|| json!({}));
    members.entry("meta").or_insert_with(|| json!({ "versionId": NUMBER.to_string() }));
}

/// Leaks that stand in one place each.
fn with_leaks(request: &mut Value) {
    let Some(prefetch) = request["prefetch"].as_object_mut() else { return };
    prefetch.insert("LEAK-John-Smith-1961".to_owned(), json!({}));
    prefetch.insert("patient-LEAK".to_owned(), json!({ "resourceType": "Patient", "id": "LEAK" }));
    let coding = |system: &str, code: &str| json!({ "system": system, "code": code });
    let codings = json!([
        coding("http://hl7.org/fhir/sid/us-ssn", "078051120"),
        coding("http://hl7.org/fhir/sid/us-npi", "078051120"),
        coding("http://snomed.info/sct", "078051120"),
        coding("http://snomed.info/sct", "LEAK"),
        coding("http://loinc.org", "078-05-1120"),
        coding("http://www.nlm.nih.gov/research/umls/rxnorm", "078051120"),
        coding("http://hl7.org/fhir/sid/icd-10-cm", "LEAK"),
        coding("http://terminology.hl7.org/CodeSystem/LEAK", "LEAK"),
        coding("http://terminology.hl7.org/CodeSystem/condition-clinical", "LEAK"),
        coding("urn:spinal-mets-cds:finding", "LEAK"),
        coding("http://snomed.info/sct/LEAK", "161891005"),
    ]);
    let extension = json!([
        { "url": "http://hl7.org/fhir/StructureDefinition/LEAK", "valueInteger": NUMBER },
        { "url": "urn:spinal-mets-cds:LEAK", "valueInteger": 7 },
        { "url": "fractions", "valueInteger": NUMBER },
    ]);
    let leaking = json!({ "resourceType": "Bundle", "type": "searchset", "total": NUMBER, "entry": [
        { "resource": { "resourceType": "Observation", "id": NUMBER, "code": { "coding": codings },
            "subject": { "reference": NUMBER }, "valueInteger": NUMBER, "extension": extension,
            "meta": { "versionId": NUMBER.to_string(), "profile": ["http://hl7.org/fhir/LEAK"] } } },
        { "resource": { "resourceType": "Location", "id": "LEAK", "position": { "longitude": NUMBER } } },
    ] });
    prefetch.insert("observationsStatus".to_owned(), leaking);
    request["context"]["mrn"] = json!(NUMBER);
    request["prefetch"]["patient"]["valueInteger"] = json!(NUMBER);
}

#[test]
fn nobody_is_left_in_what_is_kept() {
    let mut looked_at = 0;
    for (case, _, mut request) in requests(3) {
        with_leaks(&mut request);
        with_canary("", &mut request);
        let text = request.to_string();
        assert!(text.matches(CANARY).count() > 50, "{}: no canary in it", case.name);
        let (kept, now) = Pseudonyms::default().request(&request, case.told.now).unwrap();
        let kept = kept.to_string();
        let is_leak = |part: &&str| {
            [CANARY, "78051120", "78-05-1120", "LEAK", "us-ssn", "us-npi"].iter().any(|it| part.contains(it))
        };
        let found = kept.split(',').find(is_leak);
        assert_eq!(found, None, "{}", case.name);
        assert!(kept.len() > 1_000, "{}: nothing is left: {kept}", case.name);
        // No day of the call is named either.
        assert!(now < case.told.now && !kept.contains("2026-05-04"), "{}", case.name);
        looked_at += 1;
    }
    assert!(looked_at > 200, "{looked_at}");
}

fn replay(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds")).arg("replay").arg(folder).output().unwrap()
}

#[test]
fn a_recorded_session_is_replayed() {
    let session = Running::command(tempfile::tempdir().unwrap(), "record", &["calls", "--now", NOW]);
    let client = HttpTarget::connect(&session.base).unwrap();
    let (mut asked, mut ids) = (Vec::new(), Vec::new());
    for (case, service, request) in requests(6) {
        if case.told.now.to_rfc3339() != "2026-05-04T10:00:00+00:00" {
            continue;
        }
        let reply = client.ask(&service, "application/json", request.to_string().as_bytes(), case.told.now);
        assert_eq!(reply.unwrap().status, 200, "{}", case.name);
        ids.extend(request["prefetch"]["patient"]["name"][0]["family"].as_str().map(str::to_owned));
        asked.push(case);
    }
    let calls = session.folder().join("calls");
    let found = find(std::slice::from_ref(&calls));
    // The times of the files tell no clock either.
    for case in &found.cases {
        for entry in std::fs::read_dir(&case.folder).unwrap() {
            let written = entry.unwrap().metadata().unwrap().modified().unwrap();
            assert_eq!(written.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(), 946_684_800);
        }
    }
    assert!(found.errors.is_empty(), "{:?}", found.errors);
    assert!(asked.len() > 80, "{}", asked.len());
    assert_eq!(found.cases.len(), asked.len());

    // The same advice, but where words that were left out decided, and then the case says so.
    let mut decided_by_words = 0;
    for (recorded, case) in found.cases.iter().zip(&asked) {
        let codes = |case: &Case| -> Vec<String> {
            case.told.expect.iter().flat_map(|card| card.codes.clone()).collect()
        };
        if recorded.told.story.contains("What was left out decided") {
            decided_by_words += 1;
        } else {
            assert_eq!(codes(recorded), codes(case), "{} is {}", recorded.name, case.name);
        }
        let text = std::fs::read_to_string(recorded.folder.join("request.json")).unwrap();
        assert!(
            !ids.iter().any(|family| text.contains(family.as_str())) && !text.contains("pat-1"),
            "{text}"
        );
    }
    assert!(decided_by_words * 10 < asked.len(), "{decided_by_words} of {}", asked.len());

    let output = replay(&calls);
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(out.contains(&format!("{0} cases: {0} as expected", asked.len())), "{out}");
}

#[test]
fn two_recorders_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let services = spinal_mets_cds::services::Services::new(
        spinal_mets_cds::fhir::ValueSets::built_in().unwrap(),
        Site::default(),
    )
    .unwrap();
    let (first, second) = (Recorder::open(folder.path()).unwrap(), Recorder::open(folder.path()).unwrap());
    let (case, service, request) = requests(100).remove(0);
    let body = request.to_string();
    let call = |body| Answered { service: &service, body, response: b"{}", now: case.told.now };
    for _ in 0..3 {
        for recorder in [&first, &second] {
            assert!(matches!(recorder.keep(&services, call(body.as_bytes())).unwrap(), Kept::In(_)));
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 6);
    // What cannot be kept is told, without what is in it.
    for (body, why) in [("{", "no JSON"), (r#"{"context":{}}"#, "names no patient")] {
        let Kept::Not(told) = first.keep(&services, call(body.as_bytes())).unwrap() else { panic!("{body}") };
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn only_a_sandbox_records() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "x").unwrap();
    for arguments in
        [vec![], vec!["calls", "--listen", "0.0.0.0:0"], vec!["file"], vec!["calls", "--config", "x"]]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"))
            .arg("record")
            .args(&arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1, "{arguments:?}");
    }
}
