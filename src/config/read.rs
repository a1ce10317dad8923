//! From the tree to a [`Config`]: every key of design.md section 2, and everything that can be wrong with it.
//!
//! Absent on purpose: defaults of the guideline (they stand in [`crate::domain::LookBack`]), and opening what the files
//! and URLs name, beyond a look whether they can be used.

use super::client;
use super::document::Fault;
use super::section::{Section, Text};
use super::{Config, Limits, Store, Transport};
use crate::domain::{Coding, LookBack, OrderIntent, Site, WholeSpineMriAs};
use crate::fhir::ValueSets;
use crate::tls::Certificate;
use chrono_tz::Tz;
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
    let clients = client::clients(&mut root, reading);
    let (facility, value_sets) = facility(&mut root, reading);
    let store = store(&mut root, reading);
    let limits = limits(&mut root, reading);
    let cors_origins = cors(&mut root, reading);
    let admin_token_file = admin(&mut root, reading);
    root.finish(&mut reading.faults);

    Some(Config {
        listen: listen?,
        public_base_url: public_base_url?,
        transport: transport?,
        clients,
        facility,
        value_sets,
        store,
        limits,
        cors_origins,
        admin_token_file,
        allow_private: reading.allow_private,
    })
}

fn listen(root: &mut Section, reading: &mut Reading<'_>) -> Option<SocketAddr> {
    let Some(text) = root.text("listen", &mut reading.faults) else {
        if !root.has("listen") {
            root.missing(
                "listen",
                "say on which address and port, such as \"0.0.0.0:8443\"",
                &mut reading.faults,
            );
        }
        return None;
    };
    let address = text.text.trim().parse().ok();
    if address.is_none() {
        reading.fault(&text, "`listen` is not an address with a port; write it like \"0.0.0.0:8443\"");
    }
    address
}

fn base_url(root: &mut Section, reading: &mut Reading<'_>) -> Option<Url> {
    let Some(text) = root.text("public_base_url", &mut reading.faults) else {
        let remedy = "it is the audience of tokens: the URL under which EHRs reach this service";
        root.missing("public_base_url", remedy, &mut reading.faults);
        return None;
    };
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
        if has_tls && text.is_none() {
            tls.missing(key, "name a PEM file", &mut reading.faults);
        }
        text.map(|text| reading.file(name, &text))
    };
    let files = (file("certificate", "`tls.certificate`"), file("key", "`tls.key`"));
    let place = tls.place().cloned();
    tls.finish(&mut reading.faults);
    let problem = match (behind_proxy, has_tls) {
        (true, false) => return Some(Transport::BehindProxy),
        (false, true) => {
            let (Some(certificate), Some(key)) = files else { return None };
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

fn facility(root: &mut Section, reading: &mut Reading<'_>) -> (Site, Option<PathBuf>) {
    let is_there = root.has("facility");
    let mut section = root.section("facility", &mut reading.faults);
    let has_sbrt = section.has("sbrt_available");
    let sbrt_available = section.boolean("sbrt_available", &mut reading.faults);
    if !has_sbrt {
        let remedy = "say whether SBRT can be had: treatment cards depend on it";
        if is_there {
            section.missing("sbrt_available", remedy, &mut reading.faults);
        } else {
            let problem = format!("`facility.sbrt_available` is missing; {remedy}");
            reading.faults.push(Fault { place: None, problem });
        }
    }
    let mut site = Site { sbrt_available: sbrt_available.unwrap_or(true), ..Site::default() };
    if let Some(text) = section.text("order_intent", &mut reading.faults) {
        match &*text.text {
            "proposal" => site.order_intent = OrderIntent::Proposal,
            "order" => site.order_intent = OrderIntent::Order,
            _ => reading.fault(&text, "`facility.order_intent` must be \"proposal\" or \"order\""),
        }
    }
    if let Some(text) = section.text("time_zone", &mut reading.faults) {
        match text.text.parse::<Tz>() {
            Ok(zone) => site.time_zone = zone,
            Err(_) => reading.fault(
                &text,
                "`facility.time_zone` is not a time zone; write an IANA name such as \"Europe/Amsterdam\"",
            ),
        }
    }
    if let Some(text) = section.text("whole_spine_mri_as", &mut reading.faults) {
        match &*text.text {
            "one" => site.whole_spine_mri_as = WholeSpineMriAs::One,
            "regions" => site.whole_spine_mri_as = WholeSpineMriAs::Regions,
            _ => reading.fault(&text, "`facility.whole_spine_mri_as` must be \"one\" or \"regions\""),
        }
    }
    for mut coding in section.sections("whole_spine_mri", &mut reading.faults) {
        let system = coding.text("system", &mut reading.faults);
        let code = coding.text("code", &mut reading.faults);
        let display = coding.text("display", &mut reading.faults).map(|it| it.text);
        match (system, code) {
            (Some(system), Some(code)) => {
                site.whole_spine_mri.push(Coding { system: system.text, code: code.text, display });
            }
            _ => coding.missing("system", "a coding needs `system` and `code`", &mut reading.faults),
        }
        coding.finish(&mut reading.faults);
    }
    let of_facility = section.text("value_sets", &mut reading.faults);
    section.finish(&mut reading.faults);

    let mut look_back = root.section("look_back_days", &mut reading.faults);
    site.look_back = days(&mut look_back, reading);
    // The example of the contract writes it below this heading, where TOML counts it in.
    let below = look_back.text("value_sets", &mut reading.faults);
    look_back.finish(&mut reading.faults);
    if let (Some(_), Some(second)) = (&of_facility, &below) {
        reading.fault(second, "`value_sets` is given twice; keep the one in [facility]");
    }
    (site, value_sets(of_facility.or(below), reading))
}

fn days(section: &mut Section, reading: &mut Reading<'_>) -> LookBack {
    let mut days = |key, default| {
        let told = section.number(key, 1..=3_650, &mut reading.faults);
        told.and_then(|days| u16::try_from(days).ok()).unwrap_or(default)
    };
    let default = LookBack::default();
    LookBack {
        symptoms: days("symptoms", default.symptoms),
        escc: days("escc", default.escc),
        performance: days("performance", default.performance),
        life_expectancy: days("life_expectancy", default.life_expectancy),
        sins: days("sins", default.sins),
        laboratory: days("laboratory", default.laboratory),
    }
}

fn value_sets(text: Option<Text>, reading: &mut Reading<'_>) -> Option<PathBuf> {
    let text = text?;
    let folder = reading.path(&text);
    let added = ValueSets::built_in().map_err(|error| error.to_string());
    if let Err(problem) =
        added.and_then(|mut sets| sets.add_folder(&folder).map_err(|error| error.to_string()))
    {
        reading.fault(&text, format!("`value_sets`: {problem}"));
    }
    Some(folder)
}

fn store(root: &mut Section, reading: &mut Reading<'_>) -> Store {
    let mut section = root.section("store", &mut reading.faults);
    let url = section.text("url", &mut reading.faults);
    if let Some(text) = &url {
        // The text may hold a password, so it is never repeated.
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if !known.iter().any(|scheme| text.text.starts_with(scheme)) {
            reading.fault(text, "`store.url` must begin with sqlite:// or postgres://");
        }
    }
    let keep_user_comments = section.boolean("keep_user_comments", &mut reading.faults).unwrap_or(false);
    let card_id_key = section.text("card_id_key_file", &mut reading.faults);
    let card_id_key = card_id_key.map(|text| reading.file("`store.card_id_key_file`", &text));
    section.finish(&mut reading.faults);
    let url = url.map_or_else(|| Store::SANDBOX_URL.to_owned(), |text| text.text);
    Store { url: from_folder(reading.folder, &url), keep_user_comments, card_id_key }
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

fn limits(root: &mut Section, reading: &mut Reading<'_>) -> Limits {
    let mut section = root.section("limits", &mut reading.faults);
    let default = Limits::default();
    let mut number = |key, bounds| section.number(key, bounds, &mut reading.faults);
    let request_bytes = number("request_bytes", 1_024..=1 << 30);
    let deadline = number("deadline_ms", 50..=60_000);
    let in_flight = number("in_flight", 1..=1_000_000);
    let rate = number("client_calls_per_second", 1..=1_000_000);
    section.finish(&mut reading.faults);
    let size = |told: Option<i64>| told.and_then(|it| usize::try_from(it).ok());
    Limits {
        request_bytes: size(request_bytes).unwrap_or(default.request_bytes),
        deadline: deadline
            .and_then(|it| u64::try_from(it).ok())
            .map_or(default.deadline, Duration::from_millis),
        in_flight: size(in_flight).unwrap_or(default.in_flight),
        client_calls_per_second: rate.and_then(|it| u32::try_from(it).ok()),
    }
}

fn cors(root: &mut Section, reading: &mut Reading<'_>) -> Vec<String> {
    let mut section = root.section("cors", &mut reading.faults);
    let origins = section.texts("origins", &mut reading.faults);
    section.finish(&mut reading.faults);
    let mut taken = Vec::new();
    for text in origins {
        let parsed = Url::parse(&text.text).ok().map(|url| url.origin());
        // An origin is scheme, host and port alone, written the way a browser sends it.
        match parsed.filter(url::Origin::is_tuple).map(|it| it.ascii_serialization()) {
            Some(origin) if origin == text.text => taken.push(origin),
            Some(origin) => reading.fault(&text, format!("`cors.origins` holds what is no origin; write \"{origin}\"")),
            None => reading.fault(
                &text,
                "`cors.origins` holds what is no origin; write each like \"https://ehr.example.org\"; `*` is for the sandbox",
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
