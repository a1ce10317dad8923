//! What the public CDS Hooks sandbox needs beside this service: its own files, and a FHIR server with patients of ours.
//!
//! The FHIR server answers what the sandbox asks: its metadata, reads, and searches for one patient, as URL or as form. It is the
//! imitation that the cases are replayed with ([`search`]), so a search that is not understood fails and is never ignored.

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use spinal_mets_cds::cases::bundle::CaseBundle;
use spinal_mets_cds::cases::search;
use spinal_mets_cds::chart::fixtures;
use std::net::TcpListener;
use std::path::{Component, Path, PathBuf};

/// The patients, by the names of their cases; each is also the id of its patient.
pub(crate) const PATIENTS: [&str; 10] = [
    "story-lung-weak-leg-no-pain",
    "story-prostate-new-night-pain",
    "story-known-compression-under-radiotherapy",
    "story-breast-sins-9-no-prognosis",
    "story-mri-slot-passed",
    "story-mri-tomorrow",
    "story-new-myeloma-vertebral-fracture",
    "story-whole-spine-negative-yesterday",
    "story-prostate-ten-year-old-back-pain",
    "story-zoledronic-for-osteoporosis",
];

/// The id that every patient of a story has in its file.
const ID_IN_FILE: &str = "pat-1";

/// A patient with everything on record.
struct Record {
    id: &'static str,
    resources: CaseBundle,
}

/// The whole EHR but its screens.
pub(crate) struct Ehr {
    build: PathBuf,
    records: Vec<Record>,
}

impl Ehr {
    /// The patients with every date moved to `now`, beside the built sandbox in this folder.
    pub(crate) fn new(build: &Path, now: DateTime<Utc>) -> Result<Self, String> {
        if !build.join("index.html").is_file() {
            return Err(format!(
                "{} has no index.html; name the folder `build` of a built sandbox",
                build.display()
            ));
        }
        let records = PATIENTS.iter().map(|name| record(name, now)).collect::<Result<_, _>>()?;
        Ok(Self { build: build.to_owned(), records })
    }

    /// Serves on this socket until the system ends.
    pub(crate) fn serve(self, listener: TcpListener) -> std::io::Result<actix_web::dev::Server> {
        let ehr = web::Data::new(self);
        let app = move || {
            App::new()
                .app_data(ehr.clone())
                .route("/fhir/{path:.*}", web::get().to(by_url))
                .route("/fhir/{path:.*}", web::post().to(by_form))
                .default_service(web::get().to(file))
        };
        Ok(HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run())
    }

    /// Answers `Type/id` or `Type?parameters`.
    fn answer(&self, query: &str) -> Result<Value, (StatusCode, String)> {
        let known = |wanted: &str| self.records.iter().find(|record| record.id == wanted);
        if query == "metadata" {
            return Ok(json!({"resourceType": "CapabilityStatement", "status": "active", "kind": "instance",
                "fhirVersion": "4.0.1", "format": ["json"], "date": "2026-01-01", "rest": [{"mode": "server"}]}));
        }
        if query.split('?').next() == Some("Patient") && !query.contains("patient=") {
            let found = self.records.iter().filter_map(|record| {
                record
                    .resources
                    .resources()
                    .iter()
                    .find(|it| it.get("resourceType") == Some(&json!("Patient")))
            });
            let entry: Vec<Value> = found.map(|resource| json!({ "resource": resource })).collect();
            return Ok(
                json!({"resourceType": "Bundle", "type": "searchset", "total": entry.len(), "entry": entry}),
            );
        }
        let of = |record: &Record| {
            search::answer(query, &record.resources).map_err(|why| (StatusCode::BAD_REQUEST, why))
        };
        if !query.contains('?') {
            // Ids are those of the stories, so another patient may have one of the same name.
            let found = self.records.iter().map(of).find(|it| it.as_ref().is_ok_and(|it| !it.is_null()));
            return found.unwrap_or_else(|| Err((StatusCode::NOT_FOUND, format!("there is no {query}"))));
        }
        let patient = query.split(['?', '&']).find_map(|it| it.strip_prefix("patient=")).unwrap_or_default();
        match known(patient) {
            Some(record) => of(record),
            None => Ok(json!({"resourceType": "Bundle", "type": "searchset", "total": 0})),
        }
    }
}

fn record(name: &'static str, now: DateTime<Utc>) -> Result<Record, String> {
    let fixture = fixtures::find(name).ok_or_else(|| format!("there is no case {name}"))?;
    let mut opened: Value =
        serde_json::from_str(&fixture.opened_at(now)).map_err(|error| error.to_string())?;
    let mut resources = Vec::new();
    let entries = opened.pointer_mut("/bundle/entry").and_then(Value::as_array_mut);
    for resource in entries.into_iter().flatten().filter_map(|entry| entry.get_mut("resource")) {
        resources.push(renamed(resource.take(), name));
    }
    Ok(Record { id: name, resources: CaseBundle::of(resources) })
}

/// The resource with the patient's id of this server.
fn renamed(value: Value, name: &str) -> Value {
    match value {
        Value::String(text) if text == ID_IN_FILE => json!(name),
        Value::String(text) if text == format!("Patient/{ID_IN_FILE}") => json!(format!("Patient/{name}")),
        Value::Array(items) => items.into_iter().map(|item| renamed(item, name)).collect(),
        Value::Object(members) => members.into_iter().map(|(key, item)| (key, renamed(item, name))).collect(),
        other => other,
    }
}

fn reply(answer: Result<Value, (StatusCode, String)>) -> HttpResponse {
    let (status, body) = answer.map_or_else(
        |(status, why)| {
            let issue = json!([{"severity": "error", "code": "processing", "diagnostics": why}]);
            (status, json!({"resourceType": "OperationOutcome", "issue": issue}))
        },
        |found| (StatusCode::OK, found),
    );
    HttpResponse::build(status).content_type("application/fhir+json; charset=utf-8").body(body.to_string())
}

async fn by_url(ehr: web::Data<Ehr>, path: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let query = match request.query_string() {
        "" => path.into_inner(),
        parameters => format!("{path}?{parameters}"),
    };
    reply(ehr.answer(&query))
}

async fn by_form(ehr: web::Data<Ehr>, path: web::Path<String>, form: String) -> HttpResponse {
    match path.strip_suffix("/_search") {
        Some(kind) => reply(ehr.answer(&format!("{kind}?{form}"))),
        None => reply(Err((StatusCode::METHOD_NOT_ALLOWED, "only reading is offered".to_owned()))),
    }
}

/// A file of the built sandbox.
async fn file(ehr: web::Data<Ehr>, request: HttpRequest) -> HttpResponse {
    let path = request.path().trim_start_matches('/');
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    let stays_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    match std::fs::read(ehr.build.join(path)).ok().filter(|_| stays_inside) {
        None => HttpResponse::NotFound().finish(),
        Some(bytes) => {
            let kind = match path.extension().and_then(|it| it.to_str()) {
                Some("html") => "text/html; charset=utf-8",
                Some("js") => "text/javascript",
                Some("png") => "image/png",
                Some("json") => "application/json",
                _ => "application/octet-stream",
            };
            HttpResponse::Ok().content_type(kind).body(bytes)
        }
    }
}

/// The address that opens the sandbox on a patient and a screen, with this service registered.
pub(crate) fn address(
    ehr: &str,
    discovery: &str,
    patient: &str,
    hook: &str,
    screen: &str,
) -> Result<url::Url, url::ParseError> {
    let fhir = format!("{ehr}/fhir");
    url::Url::parse_with_params(
        ehr,
        [
            ("fhirServiceUrl", fhir.as_str()),
            ("patientId", patient),
            ("serviceDiscoveryURL", discovery),
            ("hook", hook),
            ("screen", screen),
        ],
    )
}
