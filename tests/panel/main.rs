//! The panel as a SMART app over HTTP, before EHRs that do what a test tells them: what an attacker, a slow EHR or the next
//! person at the computer could make of it. No browser and no Node: `tests/browser` has those.

#![cfg(test)]

mod ehr;
mod logins;
#[path = "../service/support/program.rs"]
#[allow(dead_code, reason = "shared with other test programs")]
mod program;
mod saving;
mod sessions;
#[path = "../service/support/stub.rs"]
#[allow(dead_code, reason = "shared with other test programs")]
mod stub;
#[path = "../service/support/tokens.rs"]
#[allow(dead_code, reason = "shared with other test programs")]
mod tokens;

use ehr::Ehr;
use reqwest::redirect::Policy;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Child, Output};
use std::sync::Mutex;
use tempfile::TempDir;
use url::Url;

/// The service with a client for each EHR, named `a`, `b` and so on; it ends with the test.
pub(crate) struct Service {
    child: Child,
    base: String,
    folder: TempDir,
}

/// A folder with a configuration.
fn configured(fhir_servers: &[String], further: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let signer = tokens::Signer::new(jsonwebtoken::Algorithm::ES384, "key-1");
    std::fs::write(folder.path().join("jwks.json"), tokens::key_set(&[&signer])).unwrap();
    let mut text = String::from(
        "listen = \"127.0.0.1:0\"\npublic_base_url = \"https://cds.example.org\"\nbehind_proxy = true\n\
         [network]\nallow_private = true\n[smart]\nenabled = true\n[facility]\nsbrt_available = true\ntime_zone = \"UTC\"\n",
    );
    for (name, server) in ('a'..).zip(fhir_servers) {
        writeln!(
            text,
            "[[clients]]\nname = \"{name}\"\nissuer = \"https://{name}.example.org\"\njwks_file = \"jwks.json\"\n\
             fhir_servers = [\"{server}\"]\nsmart_client_id = \"panel\"\n{further}"
        )
        .unwrap();
    }
    std::fs::write(folder.path().join("config.toml"), text).unwrap();
    folder
}

/// What `check-config` says of it.
fn checked(fhir_servers: &[String]) -> Output {
    let folder = configured(fhir_servers, "");
    program::program().arg("check-config").arg(folder.path().join("config.toml")).output().unwrap()
}

impl Service {
    pub(crate) fn before(ehrs: &[&Ehr]) -> Self {
        let servers: Vec<String> = ehrs.iter().map(|ehr| ehr.stub.base()).collect();
        let folder = configured(&servers, "");
        let mut command = program::program();
        command
            .args(["serve", "--config"])
            .arg(folder.path().join("config.toml"))
            .env("RUST_LOG", "off")
            .stderr(File::create(folder.path().join("log")).unwrap());
        let (child, base) = program::started(&mut command);
        spinal_mets_cds::outbound::install_crypto();
        Self { child, base: base.expect("it listens"), folder }
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer that has been read.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect()
    }
}

/// A browser that follows nothing by itself.
pub(crate) struct Visitor<'a> {
    service: &'a Service,
    http: reqwest::Client,
    pub(crate) cookies: Mutex<BTreeMap<String, String>>,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(service: &'a Service) -> Self {
        let http =
            reqwest::Client::builder().redirect(Policy::none()).pool_max_idle_per_host(0).build().unwrap();
        Self { service, http, cookies: Mutex::default() }
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Told {
        let mut request = self.http.request(method, format!("{}{path}", self.service.base));
        let cookies: Vec<String> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request.header("cookie", cookies.join("; ")).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.body(body.to_string());
        }
        self.read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Told {
        self.ask(Method::GET, path, &[], &Value::Null).await
    }

    async fn read(&self, response: Response) -> Told {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let told = Told { status, headers, text: response.text().await.unwrap() };
        let mut kept = self.cookies.lock().unwrap();
        for cookie in told.cookies() {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                kept.remove(name);
            } else {
                kept.insert(name.to_owned(), value.to_owned());
            }
        }
        drop(kept);
        told
    }

    /// Opens the launch address; gives what the EHR is asked.
    pub(crate) async fn launch(&self, ehr: &Ehr) -> BTreeMap<String, String> {
        let told = self.get(&launch_of(ehr)).await;
        assert_eq!(told.status, 303, "{}", told.text);
        let asked: BTreeMap<String, String> =
            Url::parse(told.header("location")).unwrap().query_pairs().into_owned().collect();
        ehr.expect(&asked["nonce"]);
        asked
    }

    /// Comes back with a code, and further parameters.
    pub(crate) async fn come_back(&self, client: &str, state: &str, further: &str) -> Told {
        self.get(&format!("/smart/callback/{client}?code=c&state={state}{further}")).await
    }

    /// Signs in at the EHR of this client.
    pub(crate) async fn open(&self, client: &str, ehr: &Ehr) -> Panel<'_> {
        let asked = self.launch(ehr).await;
        let told = self.come_back(client, &asked["state"], "").await;
        assert_eq!(told.status, 303, "{}", told.text);
        let base = told.header("location").to_owned();
        let page = self.get(&base).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let key = page.text.split("data-key=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        Panel { visitor: self, base, key, page, entered: told }
    }
}

/// The launch address with this EHR.
pub(crate) fn launch_of(ehr: &Ehr) -> String {
    format!("/smart/launch?iss={}&launch=x", ehr.stub.base())
}

/// An open panel.
pub(crate) struct Panel<'a> {
    visitor: &'a Visitor<'a>,
    pub(crate) base: String,
    key: String,
    pub(crate) page: Told,
    pub(crate) entered: Told,
}

impl Panel<'_> {
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Told {
        self.post_with(path, &[], body).await
    }

    pub(crate) async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Told {
        let path = format!("{}{path}", self.base);
        let headers: Vec<(&str, &str)> =
            [("x-page-key", &*self.key)].into_iter().chain(headers.iter().copied()).collect();
        self.visitor.ask(Method::POST, &path, &headers, body).await
    }

    /// Begins to save, and breaks the connection as soon as the EHR is being asked.
    pub(crate) fn begin_to_save(&self, ehr: &Ehr, answers: &Value) {
        let body = json!({"patient": ehr.patient, "answers": answers}).to_string();
        let cookies: Vec<String> = self
            .visitor
            .cookies
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let address = self.visitor.service.base.trim_start_matches("http://");
        let mut connection = TcpStream::connect(address).unwrap();
        write!(
            connection,
            "POST {}/save HTTP/1.1\r\nhost: {address}\r\ncookie: {}\r\nx-page-key: {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.base,
            cookies.join("; "),
            self.key,
            body.len()
        )
        .unwrap();
        while ehr.seen("POST", "/fhir/").is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        // Broken, not closed: nothing more is read by the other side.
        socket2::SockRef::from(&connection).set_linger(Some(std::time::Duration::ZERO)).unwrap();
    }

    pub(crate) async fn record(&self) -> Told {
        let path = format!("{}/record", self.base);
        self.visitor.ask(Method::GET, &path, &[("x-page-key", &self.key)], &Value::Null).await
    }

    pub(crate) async fn save(&self, ehr: &Ehr, answers: Value) -> Told {
        self.post("/save", &json!({"patient": ehr.patient, "answers": answers})).await
    }
}
