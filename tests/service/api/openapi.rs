//! `docs/openapi.json` describes the service as it runs: its paths are the routes, its words are ours, the published answers fit its
//! schemas, and schemathesis, which makes calls up from it, finds no answer that it does not describe.

use crate::support::program::{program, started, terminate};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// How long calls are made up, in seconds; it is a bound and no measure.
const SECONDS: &str = "30";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn described() -> Value {
    serde_json::from_str(&fs::read_to_string(root().join("docs/openapi.json")).unwrap()).unwrap()
}

/// The paths that a program text registers, as a description writes them.
fn routes(program: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for mark in ["page(\"/", "read_only(\"/", "asked(\"/", "resource(\"/"] {
        for rest in program.split(mark).skip(1) {
            let path = rest.split('"').next().unwrap();
            // A piece of a path may have its form behind it.
            let pieces = path.split('/').map(|piece| match piece.split_once(':') {
                Some((name, _)) => format!("{name}}}"),
                None => piece.to_owned(),
            });
            found.insert(format!("/{}", pieces.collect::<Vec<_>>().join("/")));
        }
    }
    found
}

fn source(name: &str) -> String {
    let text = fs::read_to_string(root().join("src/web").join(name)).unwrap();
    text.split("#[cfg(test)]").next().unwrap().to_owned()
}

#[test]
fn every_path_is_a_route_and_every_word_is_ours() {
    let described = described();
    let paths: BTreeSet<String> = described["paths"].as_object().unwrap().keys().cloned().collect();
    let mut known = routes(&source("routes.rs"));
    known.extend(routes(&source("chart.rs")));
    known.extend(routes(&source("smart.rs")));
    // What an open panel asks for stands below its session.
    let panel = source("smart_app.rs");
    let (_, scoped) = panel.split_once("web::scope(\"/smart/app/{handle}\")").unwrap();
    let (scoped, _) = scoped.split_once(';').unwrap();
    let below = scoped.split(".service(").skip(1).map(|rest| rest.split('"').nth(1).unwrap());
    known.extend(below.map(|path| format!("/smart/app/{{handle}}{path}")));
    assert_eq!(paths, known);
    assert_eq!(described["info"]["version"], env!("CARGO_PKG_VERSION"));

    let sets = spinal_mets_cds::fhir::ValueSets::built_in().unwrap();
    let services =
        spinal_mets_cds::services::Services::new(sets, spinal_mets_cds::domain::Site::default()).unwrap();
    let (ids, hooks): (Vec<&str>, Vec<&str>) = services.offered().unzip();
    assert_eq!(described["components"]["parameters"]["service"]["schema"]["enum"], json!(ids));
    let schemas = &described["components"]["schemas"];
    assert_eq!(schemas["Call"]["properties"]["hook"]["enum"], json!(hooks));

    // Statuses: those of the one file that names them.
    let statuses = [
        ("BAD_REQUEST", 400),
        ("UNAUTHORIZED", 401),
        ("NOT_FOUND", 404),
        ("METHOD_NOT_ALLOWED", 405),
        ("REQUEST_TIMEOUT", 408),
        ("CONFLICT", 409),
        ("PRECONDITION_FAILED", 412),
        ("PAYLOAD_TOO_LARGE", 413),
        ("UNSUPPORTED_MEDIA_TYPE", 415),
        ("MISDIRECTED_REQUEST", 421),
        ("TOO_MANY_REQUESTS", 429),
        ("INTERNAL_SERVER_ERROR", 500),
        ("SERVICE_UNAVAILABLE", 503),
    ];
    let errors = source("error.rs");
    let named: BTreeSet<&str> = errors
        .split("StatusCode::")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_uppercase() && c != '_').next().unwrap())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(named, statuses.iter().map(|(name, _)| *name).collect());
    let mut told: BTreeSet<u16> = BTreeSet::from([405]);
    for of_path in described["paths"].as_object().unwrap().values() {
        for operation in of_path.as_object().unwrap().values() {
            told.extend(
                operation["responses"].as_object().unwrap().keys().map(|it| it.parse::<u16>().unwrap()),
            );
        }
    }
    told.remove(&200);
    assert!(panel.contains("HttpResponse::NoContent()") && told.remove(&204));
    // Pages of the sign-in have answers that are no refusals.
    for (answer, status) in [("SeeOther", 303), ("Forbidden", 403), ("BadGateway", 502)] {
        assert!(
            source("smart.rs").contains(&format!("HttpResponse::{answer}()")) && told.remove(&status),
            "{answer}"
        );
    }
    assert_eq!(told, statuses.iter().map(|(_, status)| *status).collect());
}

#[expect(clippy::disallowed_methods, reason = "a test asks where its tools are")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|it| it == "true")
}

/// A tool of the environment of schemathesis, where that is there.
fn tool(name: &str) -> Option<PathBuf> {
    let tool = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemathesis/bin").join(name);
    if tool.is_file() {
        return Some(tool);
    }
    assert!(!is_ci(), "schemathesis is not installed: run .ci/check once");
    writeln!(std::io::stderr(), "SKIPPED: schemathesis is not installed: run .ci/check once").unwrap();
    None
}

#[test]
fn the_published_answers_fit_the_schemas() {
    let Some(python) = tool("python") else { return };
    let check = "import json, sys, jsonschema_rs\n\
        described = json.load(open(sys.argv[1]))\n\
        schema = {'$schema': 'https://json-schema.org/draft/2020-12/schema', '$ref': '#/components/schemas/' + sys.argv[2],\n\
                  'components': described['components']}\n\
        found = [str(it) for file in sys.argv[3:] for it in jsonschema_rs.Draft202012Validator(schema).iter_errors(json.load(open(file)))]\n\
        print('\\n'.join(found)); sys.exit(bool(found))";
    let folder = tempfile::tempdir().unwrap();
    let fits = |described: &Value, schema: &str, files: &[PathBuf]| {
        let file = folder.path().join("openapi.json");
        fs::write(&file, described.to_string()).unwrap();
        let output =
            Command::new(&python).args(["-c", check]).arg(&file).arg(schema).args(files).output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let described = described();
    let files = |name: &str| -> Vec<PathBuf> {
        let ids = described["components"]["parameters"]["service"]["schema"]["enum"].as_array().unwrap();
        ids.iter().map(|id| root().join("hooks").join(id.as_str().unwrap()).join(name)).collect()
    };
    for (schema, name) in [("Answer", "response.json"), ("Call", "request.json")] {
        let (fine, told) = fits(&described, schema, &files(name));
        assert!(fine, "{schema}: {told}");
    }
    let mut broken = described.clone();
    broken["components"]["schemas"]["Card"]["properties"]["summary"]["maxLength"] = json!(20);
    assert!(!fits(&broken, "Answer", &files("response.json")).0);
}

/// What schemathesis says of the sandbox by this description.
fn explore(described: &Value, more: &[&str]) -> Option<Output> {
    let schemathesis = tool("schemathesis")?;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("openapi.json"), described.to_string()).unwrap();
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0", "--now", "2026-05-05T08:00:00Z"]);
    let (mut child, base) = started(command.current_dir(folder.path()).stderr(Stdio::null()));
    let output = Command::new(schemathesis)
        .args(["run", "openapi.json", "--url", &base.unwrap(), "--phases", "examples,coverage,fuzzing"])
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"])
        .args(["--checks", "response_headers_conformance,response_schema_conformance,unsupported_method"])
        .args(["--generation-deterministic", "--no-color", "--max-examples", "8", "--workers", "2"])
        .args([
            "--exclude-method",
            "HEAD",
            "--exclude-tag",
            "panel",
            "--no-shrink",
            "--warnings",
            "off",
            "--max-time",
            SECONDS,
        ])
        .args(more)
        .current_dir(folder.path())
        .output()
        .unwrap();
    terminate(&child);
    child.wait().unwrap();
    Some(output)
}

/// The description with the examples that it points to.
fn with_examples(mut described: Value) -> Value {
    let content =
        &mut described["paths"]["/cds-services/{id}"]["post"]["requestBody"]["content"]["application/json"];
    let examples = content["examples"].as_object_mut().unwrap();
    assert_eq!(examples.len(), 6);
    for example in examples.values_mut() {
        let file = example["externalValue"].as_str().unwrap().trim_start_matches("../");
        let value: Value = serde_json::from_str(&fs::read_to_string(root().join(file)).unwrap()).unwrap();
        *example = json!({ "value": value });
    }
    described
}

#[test]
fn calls_that_are_made_up_from_the_description_are_answered_as_it_says() {
    let Some(output) = explore(&with_examples(described()), &[]) else { return };
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let counted = told.lines().find_map(|line| line.trim().split_once(" generated, "));
    let passed = counted.and_then(|(_, rest)| rest.split(' ').next()?.parse::<u32>().ok());
    assert!(passed.is_some_and(|passed| passed > 200), "{told}");
}

#[test]
fn an_answer_that_is_not_described_is_found() {
    let mut wrong = described();
    wrong["components"]["schemas"]["Health"]["properties"]["status"] = json!({"const": "fine"});
    let Some(output) = explore(&wrong, &["--include-path", "/healthz"]) else { return };
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && told.contains("/healthz"), "{told}");
}
