//! Starts the program with a configuration and calls it as an EHR.

use crate::support::program::{program, started, terminate};
use crate::support::tokens::{Signer, claims, key_set};
use chrono::{DateTime, Utc};
use jsonwebtoken::Algorithm;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use spinal_mets_cds::cases::shift::Shift;
use spinal_mets_cds::clock::Clock;
use std::fs::File;
use std::path::PathBuf;
use std::process::Child;
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) const ISSUER: &str = "https://ehr.example.org";
pub(crate) const VIEW: &str = "/cds-services/spinal-metastases-patient-view";
pub(crate) const VIEW_URL: &str = "https://cds.example.org/cds-services/spinal-metastases-patient-view";
const VIEW_REQUEST: &str = include_str!("../../../hooks/spinal-metastases-patient-view/request.json");

/// A running service; it ends with the test.
pub(crate) struct Service {
    child: Child,
    pub(crate) address: String,
    pub(crate) folder: TempDir,
    pub(crate) signer: Signer,
    client: reqwest::Client,
}

/// An answer that has been read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// The settings that every test here starts from: one client with its keys in a file.
pub(crate) const CLIENT: &str = r#"
behind_proxy = true
[[clients]]
name = "general-hospital"
issuer = "https://ehr.example.org"
jwks_file = "jwks.json"
"#;

impl Service {
    pub(crate) fn start() -> Self {
        Self::start_with(CLIENT, |_| ())
    }

    /// Starts with these settings; `prepare` puts further files beside them.
    pub(crate) fn start_with(settings: &str, prepare: impl FnOnce(&TempDir)) -> Self {
        Self::start_in(settings, prepare, &[])
    }

    /// The same, with variables.
    pub(crate) fn start_in(
        settings: &str,
        prepare: impl FnOnce(&TempDir),
        variables: &[(&str, &str)],
    ) -> Self {
        let signer = Signer::new(Algorithm::ES384, "key-1");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("jwks.json"), key_set(&[&signer])).unwrap();
        prepare(&folder);
        // Keys before the first heading belong to the whole file.
        let text = format!(
            "listen = \"127.0.0.1:0\"\npublic_base_url = \"https://cds.example.org\"\n{settings}\n\
             [facility]\nsbrt_available = true\ntime_zone = \"UTC\"\n"
        );
        let file = folder.path().join("config.toml");
        std::fs::write(&file, text).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = program();
        command.args(["serve", "--config"]).arg(&file);
        command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full").stderr(log);
        command.envs(variables.iter().copied());
        let (child, base) = started(&mut command);
        spinal_mets_cds::outbound::install_crypto();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(60)).build().unwrap();
        let address = base.as_deref().and_then(|base| base.rsplit('/').next()).map(str::to_owned);
        let service = Self { child, address: address.unwrap_or_default(), folder, signer, client };
        assert!(base.is_some(), "{}", service.log());
        service
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await
    }

    /// A good token for the patient-view service, with changes.
    pub(crate) fn token(&self, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let (mut header, mut claims) = (self.signer.header(), claims(ISSUER, VIEW_URL, now()));
        change(&mut header, &mut claims);
        self.signer.sign(&header, &claims)
    }

    /// The published example with a good token.
    pub(crate) fn call(&self) -> RequestBuilder {
        self.call_with(&self.token(|_, _| ()))
    }

    pub(crate) fn call_with(&self, token: &str) -> RequestBuilder {
        self.request(Method::POST, VIEW)
            .header("content-type", "application/json")
            .bearer_auth(token)
            .body(view_request())
    }

    /// Asks the program to stop.
    pub(crate) fn terminate(&self) {
        terminate(&self.child);
    }

    /// Waits for the end; whether it was a success.
    pub(crate) fn ended_well(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The clock of the machine, which a configured service goes by.
pub(crate) fn now() -> DateTime<Utc> {
    Clock::System.now()
}

pub(crate) async fn send(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    let headers = response.headers().iter().map(header).filter(|(name, _)| name != "date").collect();
    Reply { status, headers, text: response.text().await.unwrap() }
}

/// The published patient-view example, moved from its own clock to that of the machine.
pub(crate) fn view_request() -> &'static str {
    static MOVED: LazyLock<String> = LazyLock::new(|| {
        let shift = Shift::between("2026-05-05T08:00:00Z".parse().unwrap(), now());
        String::from_utf8(shift.text(VIEW_REQUEST.as_bytes()).body).unwrap()
    });
    &MOVED
}
