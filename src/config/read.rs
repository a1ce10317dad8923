//! From the tree to a [`Config`], and everything that can be wrong beyond the type of a value.
//!
//! What files and URLs name is looked at, whether it can be used, and not opened for good.

use super::document::Fault;
use super::section::{Section, Text};
use super::{Config, Deployment, Limits, Mode, Store, Transport, shadow, traces};
use super::{client, facility, smart};
use crate::cds_hooks::SpecVersion;
use crate::tls::Certificate;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Fewest characters of an admin token.
const SHORTEST_ADMIN_TOKEN: usize = 32;

/// What the reading of any part needs.
pub(super) struct Reading<'a> {
    /// Folder of the file; relative paths start here.
    pub(super) folder: &'a Path,
    pub(super) faults: Vec<Fault>,
    /// Legal, and worth a second look.
    pub(super) warnings: Vec<Fault>,
    pub(super) allow_private: bool,
}

impl Reading<'_> {
    pub(super) fn fault(&mut self, text: &Text, problem: impl Into<String>) {
        self.faults.push(Fault::at(&text.place, problem));
    }

    pub(super) fn path(&self, text: &Text) -> PathBuf {
        self.folder.join(&text.text)
    }

    /// A file that can be read.
    pub(super) fn file(&mut self, key: &str, text: &Text) -> PathBuf {
        let path = self.path(text);
        if let Err(error) = File::open(&path).and_then(|mut file| std::io::Read::read(&mut file, &mut [0])) {
            self.fault(text, format!("{key}: {} cannot be read: {error}", path.display()));
        }
        path
    }

    /// An absolute https URL, or http where private addresses are allowed.
    pub(super) fn url(&mut self, key: &str, text: &Text) -> Option<Url> {
        let url = match Url::parse(&text.text) {
            Ok(url) if url.has_host() => url,
            _ => {
                self.fault(text, format!("{key} is not an absolute URL; write https://host/path"));
                return None;
            }
        };
        let problem = match url.scheme() {
            "http" if !self.allow_private => {
                Some("must be https; plain http is for test set-ups with network.allow_private = true")
            }
            "https" | "http" => None,
            _ => Some("must be https"),
        };
        let problem = problem.or_else(|| {
            let with_user = !url.username().is_empty() || url.password().is_some();
            (with_user || url.fragment().is_some())
                .then_some("must have neither user information nor a fragment")
        });
        if let Some(problem) = problem {
            self.fault(text, format!("{key} {problem}"));
            return None;
        }
        Some(url)
    }
}

/// Reads everything; `None` when a fault stands in the way.
pub(super) fn config(mut root: Section, reading: &mut Reading<'_>) -> Option<Config> {
    // First of all: what a URL may be depends on it.
    let mut network = root.section("network", &mut reading.faults);
    reading.allow_private = network.boolean("allow_private", &mut reading.faults).unwrap_or(false);
    if reading.allow_private {
        let problem =
            "`network.allow_private` is for test set-ups: key sets and FHIR servers may be http and private";
        reading.warnings.push(Fault { place: network.place().cloned(), problem: problem.to_owned() });
    }
    network.finish(&mut reading.faults);

    let listen = listen(&mut root, reading);
    let public_base_url = base_url(&mut root, reading);
    let transport = transport(&mut root, reading);
    let spec_version = spec_version(&mut root, reading);
    let clients = client::clients(&mut root, spec_version, reading);
    let (facility, value_sets) = facility::facility(&mut root, reading);
    let services_off = services_off(&mut root, reading);
    let store = store(&mut root, reading);
    let repeat = repeat(&mut root, store.as_ref(), reading);
    let (shadow, shadow_place) = shadow::shadow(&mut root, reading);
    let traces = traces::traces(&mut root, reading);
    let limits = limits(&mut root, reading);
    let cors_origins = cors(&mut root, reading);
    let admin_token_file = admin(&mut root, reading);
    let smart = smart::smart(&mut root, &clients, reading);
    if shadow.is_some_and(|shadow| shadow.enabled) {
        shadow::fits(shadow_place, smart.is_some(), admin_token_file.is_some(), reading);
    }
    root.finish(&mut reading.faults);

    let deployment = Deployment {
        public_base_url: public_base_url?,
        transport: transport?,
        clients,
        cors_origins,
        admin_token_file,
        smart,
        allow_private: reading.allow_private,
    };
    Some(Config {
        listen: listen?,
        mode: Mode::Configured(Box::new(deployment)),
        facility,
        spec_version,
        services_off,
        value_sets,
        store: store?,
        repeat,
        shadow: shadow?,
        traces,
        limits: limits?,
        ..Config::sandbox()
    })
}

/// The version of CDS Hooks.
fn spec_version(root: &mut Section, reading: &mut Reading<'_>) -> SpecVersion {
    let mut section = root.section("protocol", &mut reading.faults);
    let written = section.choice("version", &mut reading.faults);
    section.finish(&mut reading.faults);
    SpecVersion::ALL.into_iter().find(|it| Some(it.as_str()) == written).unwrap_or_default()
}

/// The optional services that are not offered.
fn services_off(root: &mut Section, reading: &mut Reading<'_>) -> Vec<String> {
    let mut section = root.section("services", &mut reading.faults);
    let texts = section.texts("off", &mut reading.faults);
    let key = section.key("off");
    for text in &texts {
        if !super::OPTIONAL_SERVICES.contains(&&*text.text) {
            let known: Vec<String> = super::OPTIONAL_SERVICES.iter().map(|id| format!("`{id}`")).collect();
            let problem = format!("{key}: `{}` cannot be switched off; only {}", text.text, known.join(", "));
            reading.fault(text, problem);
        }
    }
    section.finish(&mut reading.faults);
    texts.into_iter().map(|text| text.text).collect()
}

fn listen(root: &mut Section, reading: &mut Reading<'_>) -> Option<SocketAddr> {
    let text = root.text("listen", &mut reading.faults)?;
    let address = text.text.trim().parse().ok();
    if address.is_none() {
        reading.fault(&text, "`listen` is not an address with a port; write it like \"0.0.0.0:8443\"");
    }
    address
}

fn base_url(root: &mut Section, reading: &mut Reading<'_>) -> Option<Url> {
    let text = root.text("public_base_url", &mut reading.faults)?;
    let url = reading.url("`public_base_url`", &text)?;
    if url.query().is_some() {
        reading.fault(&text, "`public_base_url` must have no query");
        return None;
    }
    if url.path().trim_end_matches('/').ends_with("/cds-services") {
        reading.fault(&text, "`public_base_url` is what stands before /cds-services; leave that off");
        return None;
    }
    Some(url)
}

fn transport(root: &mut Section, reading: &mut Reading<'_>) -> Option<Transport> {
    let behind_proxy = root.boolean("behind_proxy", &mut reading.faults).unwrap_or(false);
    let has_tls = root.has("tls");
    let mut tls = root.section("tls", &mut reading.faults);
    let mut file = |key, name: &str| {
        let text = tls.text(key, &mut reading.faults);
        text.map(|text| reading.file(name, &text))
    };
    let files = has_tls.then(|| (file("certificate", "`tls.certificate`"), file("key", "`tls.key`")));
    let place = tls.place().cloned();
    tls.finish(&mut reading.faults);
    let problem = match (behind_proxy, has_tls) {
        (true, false) => return Some(Transport::BehindProxy),
        (false, true) => {
            let Some((Some(certificate), Some(key))) = files else { return None };
            if certificate.is_file()
                && key.is_file()
                && let Err(error) = Certificate::load(&certificate, &key)
            {
                reading.faults.push(Fault { place, problem: format!("[tls]: {error}") });
            }
            return Some(Transport::Tls { certificate, key });
        }
        (true, true) => {
            "both [tls] and behind_proxy = true are given; TLS ends in one place, so keep one of them"
        }
        (false, false) => {
            "tokens and patient data need TLS: give [tls] with certificate and key, or behind_proxy = true when TLS \
             ends at a proxy in front"
        }
    };
    reading.faults.push(Fault { place, problem: problem.to_owned() });
    None
}

fn store(root: &mut Section, reading: &mut Reading<'_>) -> Option<Store> {
    let mut section = root.section("store", &mut reading.faults);
    let url = section.text("url", &mut reading.faults);
    if let Some(text) = &url {
        // The text may hold a password, so it is never repeated.
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if !known.iter().any(|scheme| text.text.starts_with(scheme)) {
            reading.fault(text, "`store.url` must begin with sqlite:// or postgres://");
        }
    }
    let keep_user_comments = section.boolean("keep_user_comments", &mut reading.faults);
    let card_id_key = section.text("card_id_key_file", &mut reading.faults);
    let card_id_key = card_id_key.map(|text| reading.file("`store.card_id_key_file`", &text));
    section.finish(&mut reading.faults);
    Some(Store {
        url: from_folder(reading.folder, &url?.text),
        keep_user_comments: keep_user_comments?,
        card_id_key,
    })
}

/// Whether answers are remembered.
fn repeat(root: &mut Section, store: Option<&Store>, reading: &mut Reading<'_>) -> bool {
    let mut section = root.section("repeat", &mut reading.faults);
    let enabled = section.boolean("enabled", &mut reading.faults).unwrap_or(false);
    let place = section.place().cloned();
    section.finish(&mut reading.faults);
    let Some(store) = store.filter(|_| enabled) else { return enabled };
    let mut warn = |problem: &str| {
        reading.warnings.push(Fault { place: place.clone(), problem: problem.to_owned() });
    };
    if store.card_id_key.is_none() {
        warn(
            "`repeat.enabled` keeps keyed hashes of cards, and their key stands in the same database: give \
             `store.card_id_key_file`, so that a copy of the database alone says nothing",
        );
    }
    if store.url.starts_with("sqlite:") {
        warn(
            "`repeat.enabled` with SQLite: an answer is known on this machine alone; several replicas need PostgreSQL",
        );
    }
    enabled
}

/// The URL of a store; a relative path to a database file is made relative to the folder of the configuration.
fn from_folder(folder: &Path, url: &str) -> String {
    /// What would end the path of a URL, or be taken for an escape.
    const NOT_IN_A_PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');
    let Some(path) = url.strip_prefix("sqlite:") else { return url.to_owned() };
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.starts_with(['/', ':']) {
        return url.to_owned();
    }
    let folder = folder.to_string_lossy();
    let between = if folder.is_empty() || folder.ends_with('/') { "" } else { "/" };
    format!("sqlite://{}{between}{path}", utf8_percent_encode(&folder, NOT_IN_A_PATH))
}

fn limits(root: &mut Section, reading: &mut Reading<'_>) -> Option<Limits> {
    let mut section = root.section("limits", &mut reading.faults);
    let place = section.place().cloned();
    let mut number = |key| section.number(key, &mut reading.faults).and_then(|it| u64::try_from(it).ok());
    let request_bytes = number("request_bytes");
    let deadline = number("deadline_ms").map(Duration::from_millis);
    let in_flight = number("in_flight");
    let client_in_flight = number("client_in_flight");
    let rate = number("client_calls_per_second");
    let in_hand = number("body_bytes_in_hand");
    let connections = number("connections");
    section.finish(&mut reading.faults);
    if let (Some(one), Some(all)) = (request_bytes, in_hand)
        && all < one
    {
        let problem =
            "`limits.body_bytes_in_hand` is less than `limits.request_bytes`: no such body could be taken";
        reading.faults.push(Fault { place, problem: problem.to_owned() });
    }
    let size = |number: Option<u64>| number.and_then(|it| usize::try_from(it).ok());
    Some(Limits {
        request_bytes: size(request_bytes)?,
        deadline: deadline?,
        in_flight: size(in_flight)?,
        client_in_flight: size(client_in_flight),
        client_calls_per_second: rate.and_then(|it| u32::try_from(it).ok()),
        body_bytes_in_hand: size(in_hand)?,
        connections: size(connections),
        ..Limits::default()
    })
}

fn cors(root: &mut Section, reading: &mut Reading<'_>) -> Vec<String> {
    let mut section = root.section("cors", &mut reading.faults);
    let texts = section.texts("origins", &mut reading.faults);
    section.finish(&mut reading.faults);
    origins("`cors.origins`", texts, reading)
}

/// Origins: scheme, host and port alone, written the way a browser sends them.
pub(super) fn origins(key: &str, texts: Vec<Text>, reading: &mut Reading<'_>) -> Vec<String> {
    let mut taken = Vec::new();
    for text in texts {
        let parsed = Url::parse(&text.text).ok().map(|url| url.origin());
        match parsed.filter(url::Origin::is_tuple).map(|it| it.ascii_serialization()) {
            Some(origin) if origin == text.text => taken.push(origin),
            Some(origin) => reading.fault(&text, format!("{key} holds what is no origin; write \"{origin}\"")),
            None => reading.fault(
                &text,
                format!(
                    "{key} holds what is no origin; write each like \"https://ehr.example.org\"; `*` is for the sandbox"
                ),
            ),
        }
    }
    taken
}

fn admin(root: &mut Section, reading: &mut Reading<'_>) -> Option<PathBuf> {
    let mut section = root.section("admin", &mut reading.faults);
    let text = section.text("token_file", &mut reading.faults);
    section.finish(&mut reading.faults);
    let text = text?;
    let path = reading.path(&text);
    match std::fs::read_to_string(&path) {
        Err(error) => {
            reading.fault(&text, format!("`admin.token_file`: {} cannot be read: {error}", path.display()));
        }
        Ok(token) if !token.trim().chars().all(|c| c.is_ascii_graphic()) => {
            let remedy = "write the token alone into it, as `openssl rand -hex 32` makes one";
            reading.fault(
                &text,
                format!("`admin.token_file`: the file holds more than one plain word; {remedy}"),
            );
        }
        Ok(token) if token.trim().len() < SHORTEST_ADMIN_TOKEN => {
            let remedy = "put at least 32 random characters on its one line";
            reading
                .fault(&text, format!("`admin.token_file`: the token is too short to be a secret; {remedy}"));
        }
        Ok(_) => {}
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_database_file_is_beside_the_configuration() {
        let at = |folder: &str, url: &str| from_folder(Path::new(folder), url);
        assert_eq!(at("etc/a b%", "sqlite://x.db?mode=rwc"), "sqlite://etc/a%20b%25/x.db?mode=rwc");
        assert_eq!(at("", "sqlite:x.db"), "sqlite://x.db");
        for url in ["sqlite:///var/x.db", "sqlite::memory:", "postgres://h/d"] {
            assert_eq!(at("etc", url), url);
        }
    }
}
