//! The panel as a SMART app in a real browser: the service as a hospital runs it, before an EHR that checks what an
//! authorization server has to (`ehr/ehr.mjs`), on a real FHIR repository.
//!
//! The card comes from a hook call of a client that knows nothing of the panel, and so does the changed card after it.

use super::smart_access::Visitor;
use super::{ONE_AT_A_TIME, script, tools_or_skip};
use serde_json::{Value, json};
use spinal_mets_cds::chart::fixtures;
use spinal_mets_cds::clock::Clock;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::PoisonError;
use std::time::Duration;
use tempfile::TempDir;

#[path = "../service/support/tokens.rs"]
#[allow(dead_code, reason = "one good token is enough here")]
mod tokens;

const CLIENT_ID: &str = "spinal-mets-panel";
const ISSUER: &str = "https://ehr.example.org";
const VIEW: &str = "/cds-services/spinal-metastases-patient-view";

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts a program that tells its address in its first line.
fn started(command: &mut Command) -> (Process, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let base = line.trim().strip_prefix("listening on ").expect("it tells its address").to_owned();
    (Process(child), base)
}

/// The hospital: its EHR, and the service that it has registered.
pub(crate) struct Hospital {
    _ehr: Process,
    _service: Process,
    pub(crate) ehr: String,
    pub(crate) base: String,
    folder: TempDir,
    signer: tokens::Signer,
    http: reqwest::Client,
}

/// How the service is set up.
#[derive(Default)]
pub(crate) struct Setup {
    /// Further lines of the client.
    pub(crate) client: &'static str,
    /// Further lines of `[smart]`; `EHR` stands for the origin of the EHR.
    pub(crate) smart: &'static str,
    /// Whether the panel is a confidential client.
    pub(crate) confidential: bool,
}

impl Hospital {
    /// `None`, told on stderr, where the packages of the EHR are not installed.
    pub(crate) fn start(setup: &Setup) -> Option<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fhir-server");
        if !folder.join("node_modules/.package-lock.json").exists() {
            assert!(
                super::variable("CI").is_none(),
                "the packages of tests/service/fetch/server are missing"
            );
            writeln!(std::io::stderr(), "SKIPPED: the EHR cannot run; see .ci/check").unwrap();
            return None;
        }
        let program = folder.join("ehr.mjs");
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/ehr/ehr.mjs"), &program)
            .unwrap();
        // Its own address stands in the redirect address, so it must be known before the service listens.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let base = format!("http://127.0.0.1:{port}");
        let mut ehr = Command::new("node");
        ehr.arg(&program).stdin(Stdio::piped());
        ehr.env("EHR_CLIENT_ID", CLIENT_ID)
            .env("EHR_CALLBACK", format!("{base}/smart/callback/general-hospital"));
        if setup.confidential {
            ehr.env("EHR_CLIENT_KEYS", format!("{base}/smart/jwks.json"));
        }
        let (process, ehr) = started(&mut ehr);
        let folder = tempfile::tempdir().unwrap();
        let signer = tokens::Signer::new(jsonwebtoken::Algorithm::ES384, "key-1");
        std::fs::write(folder.path().join("jwks.json"), tokens::key_set(&[&signer])).unwrap();
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        std::fs::write(folder.path().join("panel-key.pem"), pair.serialize_pem()).unwrap();
        let config = format!(
            "listen = \"127.0.0.1:{port}\"\npublic_base_url = \"{base}\"\nbehind_proxy = true\n\
             [[clients]]\nname = \"general-hospital\"\nissuer = \"{ISSUER}\"\njwks_file = \"jwks.json\"\n\
             fhir_servers = [\"{ehr}/fhir\"]\nsmart_client_id = \"{CLIENT_ID}\"\n{}\n\
             [facility]\nsbrt_available = true\ntime_zone = \"UTC\"\n[network]\nallow_private = true\n\
             [smart]\nenabled = true\n{}\n",
            setup.client,
            setup.smart.replace("EHR", &ehr)
        );
        let file = folder.path().join("config.toml");
        std::fs::write(&file, config).unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut service = Command::new(env!("CARGO_BIN_EXE_spinal-mets-cds"));
        service.args(["serve", "--config"]).arg(&file).env("RUST_LOG", "trace").stderr(log);
        let (service, listening) = started(&mut service);
        assert_eq!(listening, base);
        spinal_mets_cds::outbound::install_crypto();
        let http = reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Some(Self { _ehr: process, _service: service, ehr, base, folder, signer, http })
    }

    /// Tells the EHR something; gives its answer.
    pub(crate) async fn control(&self, what: &str, body: &Value) -> Value {
        let told = self.http.post(format!("{}/control/{what}", self.ehr)).body(body.to_string()).send().await;
        serde_json::from_str(&told.unwrap().text().await.unwrap()).unwrap()
    }

    /// What the EHR holds and what it saw.
    pub(crate) async fn control_state(&self) -> Value {
        let told = self.http.get(format!("{}/control", self.ehr)).send().await;
        serde_json::from_str(&told.unwrap().text().await.unwrap()).unwrap()
    }

    /// Loads a patient of the fixtures, moved to the present. Gives the id.
    pub(crate) async fn load(&self, name: &str) -> String {
        let opened = fixtures::find(name).unwrap().opened_at(Clock::System.now());
        let opened: Value = serde_json::from_str(&opened).unwrap();
        self.control("record", &opened["bundle"]).await;
        let mut entries =
            opened["bundle"]["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
        let patient = entries.find(|resource| resource["resourceType"] == "Patient").unwrap();
        patient["id"].as_str().unwrap().to_owned()
    }

    /// The cards of the next hook call, from a client that only hands over its FHIR server.
    pub(crate) async fn cards(&self, patient: &str) -> Vec<Value> {
        let access = self.control("token", &json!({ "patient": patient })).await["access"].clone();
        let call = json!({
            "hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "context": {"userId": "Practitioner/dr-1", "patientId": patient},
            "fhirServer": format!("{}/fhir", self.ehr),
            "fhirAuthorization": {"access_token": access, "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "cds"},
        });
        let url = format!("{}{VIEW}", self.base);
        let token = self.signer.token(ISSUER, &url, Clock::System.now());
        let request = self.http.post(url).bearer_auth(token).header("content-type", "application/json");
        let text = request.body(call.to_string()).send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        answer["cards"].as_array().unwrap_or_else(|| panic!("{text}")).clone()
    }

    /// Plays a scenario with what it needs to know; gives what it printed. `None`: skipped.
    fn play(&self, scenario: &str, variables: &[(&str, &str)]) -> Option<String> {
        let tools = tools_or_skip(scenario)?;
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let output = script(&tools, scenario)
            .env("BASE_URL", &self.base)
            .env("EHR_URL", &self.ehr)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{scenario}:\n{told}\n{}", self.log());
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

fn leads(cards: &[Value]) -> Vec<&str> {
    cards.iter().map(|card| card["source"]["topic"]["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_card_that_asks_is_answered_in_the_ehr_and_the_next_call_shows_it() {
    let Some(hospital) = Hospital::start(&Setup::default()) else { return };
    let patient = hospital.load("stability-not-recorded").await;
    let before = hospital.cards(&patient).await;
    assert_eq!(leads(&before), ["sins-not-recorded"]);
    let link = &before[0]["links"][0];
    assert_eq!(
        (&link["type"], &link["url"]),
        (&json!("smart"), &json!(format!("{}/smart/launch", hospital.base)))
    );
    let context = link["appContext"].as_str().unwrap();
    let variables = [("PATIENT", &*patient), ("APP_CONTEXT", context)];
    if hospital.play("smart", &variables).is_none() {
        return;
    }
    let after = hospital.cards(&patient).await;
    assert!(leads(&after).contains(&"sins-mdt-consult"), "{:?}", leads(&after));
    // No token, code, secret of a session, or patient is in a log line.
    let log = hospital.log();
    assert!(log.contains("panel launched") && log.contains("answers saved"), "{log}");
    for secret in ["Bearer ", "__Host-smart", &*patient, "code_verifier", "access_token\":\""] {
        assert!(!log.contains(secret), "{secret} in the log");
    }
}

#[actix_web::test]
async fn an_ehr_that_fails_loses_no_answer_and_gets_none_twice() {
    let Some(hospital) = Hospital::start(&Setup::default()) else { return };
    let patient = hospital.load("story-breast-sins-9-no-prognosis").await;
    hospital.play("smart-errors", &[("PATIENT", &*patient)]);
}

/// What a card asks of a clinician: its urgency, and the codes and rows of what it recommends.
fn advice(cards: &[Value]) -> Vec<Value> {
    let of = |card: &Value| {
        let recommended =
            card["extension"]["org.spinal-mets-cds.rationale"]["recommendations"].as_array().unwrap();
        let rows: Vec<Value> =
            recommended.iter().map(|it| json!([it["code"], it["row"], it["missing"]])).collect();
        json!([card["indicator"], rows])
    };
    cards.iter().map(of).collect()
}

#[actix_web::test]
async fn another_form_filler_gives_the_same_cards_as_the_panel() {
    let Some(hospital) = Hospital::start(&Setup::default()) else { return };
    for (patient, answers) in [
        (
            "stability-not-recorded",
            json!({"level": "T8", "sins-location": "1", "sins-pain": "3", "sins-lesion": "2", "sins-alignment": "0",
                "sins-collapse": "2", "sins-posterolateral": "1", "ecog": "1", "life-expectancy": "ge-3-months"}),
        ),
        ("question-gait-alone", json!({"mescc-suspected": "yes"})),
        ("question-gait-alone", json!({"mescc-suspected": "no"})),
        (
            "row-6-provisional-metastasis",
            json!({"radicular-pain": "left", "weakness": "left-leg", "deficit-progression": "progressive"}),
        ),
        ("row-6-provisional-metastasis", json!({"weakness": "legs", "bladder": "retention"})),
        ("mescc-result-needed", json!({"escc": "2"})),
        (
            "story-breast-sins-9-no-prognosis",
            json!({"karnofsky": "60", "life-expectancy": "lt-3-months", "radiotherapy-tolerable": "no"}),
        ),
    ] {
        let id = hospital.load(patient).await;
        let before = advice(&hospital.cards(&id).await);
        let visitor = Visitor::new(&hospital);
        let panel = visitor.open(&id).await;
        let saved = panel.post("/save", &json!({"patient": id, "answers": answers})).await.json();
        assert!(saved["saved"].as_array().unwrap().iter().all(|it| it["outcome"] == "saved"), "{saved}");
        let by_panel = advice(&hospital.cards(&id).await);
        assert_ne!(before, by_panel, "{patient}: the answers change nothing");

        hospital.load(patient).await;
        let answers = answers.to_string();
        let Some(printed) = hospital.play("forms", &[("PATIENT", &*id), ("ANSWERS", &*answers)]) else {
            return;
        };
        let extracted: Value = serde_json::from_str(&printed).unwrap();
        assert!(!extracted.as_array().unwrap().is_empty(), "{patient}: nothing was extracted");
        hospital.control("add", &extracted).await;
        assert_eq!(by_panel, advice(&hospital.cards(&id).await), "{patient} {answers}: {extracted}");
    }
}

#[actix_web::test]
async fn the_panel_works_in_a_frame_of_the_ehr_and_is_accessible() {
    let setup = Setup { smart: "frame_ancestors = [\"EHR\"]", ..Setup::default() };
    let Some(hospital) = Hospital::start(&setup) else { return };
    let patient = hospital.load("stability-not-recorded").await;
    hospital.play("smart-frame", &[("PATIENT", &*patient), ("APP_CONTEXT", r#"{"facts": ["sins"]}"#)]);
}
