//! The program as a process, and a client that posts to it.

use crate::support::program::{program, started, terminate};
use crate::support::tokens::{Signer, key_set};
use jsonwebtoken::Algorithm;
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) const SERVICE: &str = "/cds-services/spinal-metastases-patient-view";
const ISSUER: &str = "https://ehr.example.org";
const PUBLIC: &str = "https://cds.example.org";
const ADMIN: &str = "an-admin-token-of-at-least-32-characters";

/// A client that opens a connection for each request, so that a balancer can send each elsewhere.
pub(crate) static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    spinal_mets_cds::outbound::install_crypto();
    Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(30)).build().unwrap()
});

/// A running service; it is killed with the test.
pub(crate) struct Service {
    child: Child,
    pub(crate) base: String,
    /// Reads the log all the time: a full pipe would hold the service up.
    log: Option<JoinHandle<String>>,
}

impl Service {
    /// The sandbox with its database file in `folder`, at the time of the published example.
    pub(crate) fn sandbox(folder: &Path) -> Self {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0", "--now", "2026-05-05T08:00:00Z"]);
        Self::start(command.current_dir(folder))
    }

    pub(crate) fn start(command: &mut Command) -> Self {
        let (mut child, base) = started(command.stderr(Stdio::piped()));
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        Self { child, base: base.unwrap(), log: Some(log) }
    }

    /// Ends it without a chance to do anything.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as an operator does; everything that it wrote to its log.
    pub(crate) fn stop(mut self) -> String {
        terminate(&self.child);
        assert!(self.child.wait().unwrap().success());
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The published example without its dates: its findings are current whenever it is sent.
pub(crate) fn call() -> Value {
    fn strip(value: &mut Value) {
        const DATES: [&str; 6] = [
            "onsetDateTime",
            "recordedDate",
            "effectiveDateTime",
            "issued",
            "authoredOn",
            "performedDateTime",
        ];
        match value {
            Value::Object(members) => {
                members.retain(|name, _| !DATES.contains(&name.as_str()));
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let text = include_str!("../../../hooks/spinal-metastases-patient-view/request.json");
    let mut call = serde_json::from_str(text).unwrap();
    strip(&mut call);
    call
}

/// The same call about another patient.
pub(crate) fn call_about(patient: &str) -> Value {
    serde_json::from_str(&call().to_string().replace("example-1", patient)).unwrap()
}

pub(crate) fn post(base: &str, path: &str, body: &Value) -> Response {
    CLIENT.post(format!("{base}{path}")).json(body).send().unwrap()
}

/// The first card of an answer.
pub(crate) fn card_of(response: Response) -> Value {
    assert_eq!(response.status().as_u16(), 200);
    let mut answer: Value = response.json().unwrap();
    answer["cards"][0].take()
}

pub(crate) fn feedback(entries: &[Value]) -> Value {
    json!({ "feedback": entries })
}

/// The one line that the insights have of the whole period.
pub(crate) fn the_line(insights: &Value) -> &Value {
    assert_eq!(insights["total"].as_array().unwrap().len(), 1, "{insights}");
    &insights["total"][0]
}

/// A configuration with one client, whose keys it has.
pub(crate) struct Site {
    folder: TempDir,
    signer: Signer,
}

impl Site {
    /// `more`: further lines of the store.
    pub(crate) fn new(store_url: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::new(Algorithm::ES384, "key-1");
        std::fs::write(folder.path().join("jwks.json"), key_set(&[&signer])).unwrap();
        std::fs::write(folder.path().join("admin-token"), ADMIN).unwrap();
        let configuration = format!(
            "listen = \"127.0.0.1:0\"\npublic_base_url = \"{PUBLIC}\"\nbehind_proxy = true\n\
             [[clients]]\nname = \"general-hospital\"\nissuer = \"{ISSUER}\"\njwks_file = \"jwks.json\"\n\
             algorithms = [\"ES384\"]\nfhir_servers = []\n\
             [facility]\nsbrt_available = true\ntime_zone = \"UTC\"\n[store]\nurl = \"{store_url}\"\n{more}\n\
             [admin]\ntoken_file = \"admin-token\"\n"
        );
        std::fs::write(folder.path().join("site.toml"), configuration).unwrap();
        Self { folder, signer }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn serve(&self) -> Service {
        let mut command = program();
        command.args(["serve", "--config"]).arg(self.folder.path().join("site.toml"));
        Service::start(&mut command)
    }

    /// A fresh token for a path.
    pub(crate) fn token(&self, path: &str) -> String {
        self.signer.token(ISSUER, &format!("{PUBLIC}{path}"), spinal_mets_cds::clock::Clock::System.now())
    }

    pub(crate) fn post(&self, base: &str, path: &str, body: &Value) -> RequestBuilder {
        CLIENT.post(format!("{base}{path}")).bearer_auth(self.token(path)).json(body)
    }

    pub(crate) fn insights(base: &str) -> Value {
        let request = CLIENT.get(format!("{base}/insights?format=json")).bearer_auth(ADMIN);
        request.send().unwrap().error_for_status().unwrap().json().unwrap()
    }
}
