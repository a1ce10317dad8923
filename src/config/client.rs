//! The `[[clients]]` of a configuration.

use super::document::Fault;
use super::read::Reading;
use super::section::{Section, Text};
use super::{Client, KeySource, Profile, read_jku_list as read_list};
use crate::cds_hooks::SpecVersion;
use jsonwebtoken::Algorithm;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use url::Url;

/// The public CDS Hooks sandbox: its private key can be read by everybody.
const PUBLIC_SANDBOX: &str = "https://sandbox.cds-hooks.org";

/// Reads all clients.
pub(super) fn clients(root: &mut Section, version: SpecVersion, reading: &mut Reading<'_>) -> Vec<Client> {
    let sections = root.sections("clients", &mut reading.faults);
    if sections.is_empty() {
        let remedy = "a configured service answers only the EHRs that [[clients]] lists";
        root.missing("clients", remedy, &mut reading.faults);
    }
    let mut names = BTreeSet::new();
    let (mut callers, mut clients) = (Vec::new(), Vec::new());
    for mut section in sections {
        let client = client(&mut section, &mut names, &mut callers, reading);
        if client.as_ref().is_some_and(|it| it.action_selection_behavior) && version == SpecVersion::default()
        {
            let key = section.key("action_selection_behavior");
            let problem = format!(
                "{key} is of the next version of CDS Hooks and has no effect; set protocol.version = \"{}\"",
                SpecVersion::Ballot3.as_str()
            );
            reading.warnings.push(Fault { place: section.place().cloned(), problem });
        }
        clients.extend(client);
        section.finish(&mut reading.faults);
    }
    clients
}

/// The issuer and the tenants of a client.
type Caller = (String, Vec<String>);

/// What does not let two clients of one issuer be told apart, if anything.
fn alike((issuer, tenants): &Caller, others: &[Caller]) -> Option<String> {
    for (_, other) in others.iter().filter(|(other, _)| other == issuer) {
        if tenants.is_empty() || other.is_empty() {
            return Some(format!(
                "two clients have the issuer `{issuer}`; give each its `tenants`, or make one of them"
            ));
        }
        if let Some(tenant) = tenants.iter().find(|tenant| other.contains(tenant)) {
            return Some(format!("two clients of the issuer `{issuer}` have the tenant `{tenant}`"));
        }
    }
    None
}

/// One client; `None` when it lacks what it cannot be without.
fn client(
    section: &mut Section,
    names: &mut BTreeSet<String>,
    callers: &mut Vec<Caller>,
    reading: &mut Reading<'_>,
) -> Option<Client> {
    let name = section.text("name", &mut reading.faults);
    if let Some(name) = &name {
        let plain = name.text.len() <= 64
            && name.text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !plain || name.text == "unknown" {
            reading.fault(
                name,
                "a client's `name` has at most 64 letters, digits, `-`, `_` or `.`, and is not `unknown`",
            );
        }
        if !names.insert(name.text.clone()) {
            reading.fault(name, format!("two clients have the name `{}`", name.text));
        }
    }
    let issuer = section.text("issuer", &mut reading.faults);
    if let Some(issuer) = &issuer
        && issuer.text.trim_end_matches('/') == PUBLIC_SANDBOX
        && !reading.allow_private
    {
        reading.fault(
                issuer,
                "the private key of the public CDS Hooks sandbox is public: anybody could sign; leave this client out \
                 (a test set-up may keep it with network.allow_private = true)",
            );
    }
    let algorithms = algorithms(section, reading);
    let (keys, url_as_written) = keys(section, &algorithms, reading).unzip();
    let jku = jku(section, keys.as_ref(), url_as_written.flatten(), reading);
    let jku_file = jku_file(section, reading);
    if matches!(keys, Some(KeySource::File(_))) && (!jku.is_empty() || jku_file.is_some()) {
        let key = section.key(if jku_file.is_some() { "jku_file" } else { "jku" });
        let problem = format!("{key} has no effect beside `jwks_file`: a `jku` is then not looked at");
        reading.warnings.push(Fault { place: section.place().cloned(), problem });
    }
    let extra_audiences = plain(section.texts("extra_audiences", &mut reading.faults));
    let tenants = plain(section.texts("tenants", &mut reading.faults));
    if let Some(issuer) = &issuer {
        let caller = (issuer.text.clone(), tenants.clone());
        if let Some(problem) = alike(&caller, callers) {
            reading.fault(issuer, problem);
        }
        callers.push(caller);
    }
    let profile = profile(section, reading);
    let action_selection_behavior =
        section.boolean("action_selection_behavior", &mut reading.faults).unwrap_or(false);
    let fhir_servers = urls(section, "fhir_servers", reading);
    let open = urls(section, "open_fhir_servers", reading);
    let key = section.key("open_fhir_servers");
    for (url, text) in &open {
        if !fhir_servers.iter().any(|(listed, _)| listed == url) {
            reading.fault(text, format!("{key} must be among `fhir_servers`"));
        }
    }
    let fhir_client_id = section.text("fhir_client_id", &mut reading.faults).map(|it| it.text);
    let smart_client_id = section.text("smart_client_id", &mut reading.faults);
    let smart_issuer = section.text("smart_issuer", &mut reading.faults).map(|it| it.text);
    let smart_authentication = section.choice("smart_authentication", &mut reading.faults);
    if let Some(text) = smart_client_id.as_ref().filter(|_| fhir_servers.is_empty()) {
        let key = section.key("smart_client_id");
        reading.fault(text, format!("{key} needs `fhir_servers`: the panel reads and writes there"));
    }
    let warn = |reading: &mut Reading<'_>, problem: String| {
        reading.warnings.push(Fault { place: section.place().cloned(), problem });
    };
    if fhir_servers.is_empty() {
        let key = section.key("fhir_servers");
        warn(reading, format!("{key} is empty: what prefetch lacks is never fetched for this client"));
    } else if fhir_client_id.is_none() {
        let key = section.key("fhir_client_id");
        warn(reading, format!("{key} is not given: the `subject` of its FHIR tokens is not compared"));
    }
    if !open.is_empty() {
        warn(reading, format!("{key}: these servers are read without any token; is that meant?"));
    }
    Some(Client {
        name: name?.text,
        issuer: issuer?.text,
        keys: keys?,
        jku,
        jku_file,
        extra_audiences,
        tenants,
        profile,
        action_selection_behavior,
        fhir_servers: fhir_servers.into_iter().map(|(url, _)| url).collect(),
        open_fhir_servers: open.into_iter().map(|(url, _)| url).collect(),
        fhir_client_id,
        algorithms,
        smart_client_id: smart_client_id.map(|it| it.text),
        smart_is_confidential: smart_authentication == Some("private_key_jwt"),
        smart_issuer,
    })
}

fn plain(texts: Vec<Text>) -> Vec<String> {
    texts.into_iter().map(|text| text.text).collect()
}

fn urls(section: &mut Section, key: &'static str, reading: &mut Reading<'_>) -> Vec<(Url, Text)> {
    let name = section.key(key);
    let texts = section.texts(key, &mut reading.faults);
    let mut urls = Vec::new();
    for text in texts {
        if let Some(url) = reading.url(&name, &text) {
            if url.query().is_some() {
                reading.fault(&text, format!("{name} must be the base of a FHIR server, without a query"));
            }
            urls.push((url, text));
        }
    }
    urls
}

fn algorithms(section: &mut Section, reading: &mut Reading<'_>) -> Vec<Algorithm> {
    let key = section.key("algorithms");
    let is_there = section.has("algorithms");
    let texts = section.texts("algorithms", &mut reading.faults);
    if !is_there {
        return vec![Algorithm::ES384, Algorithm::RS384];
    }
    let mut algorithms = Vec::new();
    for text in &texts {
        match text.text.parse::<Algorithm>() {
            Ok(Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) => {
                reading.fault(
                    text,
                    format!("{key}: `{}` is symmetric; both sides would hold the signing key", text.text),
                );
            }
            Ok(algorithm) => algorithms.push(algorithm),
            Err(_) => {
                let remedy = "use ES384, RS384, ES256, RS256, RS512, PS256, PS384, PS512 or EdDSA";
                reading.fault(text, format!("{key}: `{}` is not offered; {remedy}", text.text));
            }
        }
    }
    if texts.is_empty() {
        section.missing(
            "algorithms",
            "name at least one, or leave it out for ES384 and RS384",
            &mut reading.faults,
        );
    }
    algorithms
}

/// The `jku` values that tokens may name: those listed, else the URL of the key set, as written and in its normal form.
fn jku(
    section: &mut Section,
    keys: Option<&KeySource>,
    url_as_written: Option<String>,
    reading: &mut Reading<'_>,
) -> Vec<String> {
    let listed = section.texts("jku", &mut reading.faults);
    let key = section.key("jku");
    for text in &listed {
        reading.url(&key, text);
    }
    if !listed.is_empty() {
        return plain(listed);
    }
    let normal = match keys {
        Some(KeySource::Url(url)) => Some(url.to_string()),
        _ => None,
    };
    let mut jku: Vec<String> = normal.into_iter().chain(url_as_written).collect();
    jku.dedup();
    jku
}

/// The file of further `jku` values.
fn jku_file(section: &mut Section, reading: &mut Reading<'_>) -> Option<PathBuf> {
    let text = section.text("jku_file", &mut reading.faults)?;
    let key = section.key("jku_file");
    let path = reading.file(&key, &text);
    if let Ok(listed) = std::fs::read_to_string(&path)
        && let Err(fault) = read_list(&listed)
    {
        reading.fault(&text, format!("{key}: {}: {fault}", path.display()));
    }
    Some(path)
}

/// What the EHR offers: a built-in profile or a file, and what is not offered besides.
fn profile(section: &mut Section, reading: &mut Reading<'_>) -> Profile {
    let mut profile = Profile::default();
    if let Some(text) = section.text("profile", &mut reading.faults) {
        let is_file = Path::new(&text.text).extension().is_some_and(|extension| extension == "toml");
        let read = if is_file {
            let path = reading.path(&text);
            let written = std::fs::read_to_string(&path).map_err(|error| format!("cannot be read: {error}"));
            written
                .and_then(|written| Profile::read(&text.text, &written))
                .map_err(|fault| format!("{}: {fault}", path.display()))
        } else {
            let names: Vec<String> = Profile::names().map(|name| format!("`{name}`")).collect();
            Profile::built_in(&text.text)
                .unwrap_or_else(|| Err(format!("must be {}, or a .toml file", names.join(", "))))
        };
        match read {
            Ok(read) => profile = read,
            Err(fault) => {
                let key = section.key("profile");
                reading.fault(&text, format!("{key}: {fault}"));
            }
        }
    }
    for text in section.texts("not_offered", &mut reading.faults) {
        if let Err(fault) = profile.leave_out(&text.text) {
            let key = section.key("not_offered");
            reading.fault(&text, format!("{key}: {fault}"));
        }
    }
    profile
}

/// Where the keys are, and the URL as the file writes it.
fn keys(
    section: &mut Section,
    algorithms: &[Algorithm],
    reading: &mut Reading<'_>,
) -> Option<(KeySource, Option<String>)> {
    let url = section.text("jwks_url", &mut reading.faults);
    let file = section.text("jwks_file", &mut reading.faults);
    match (url, file) {
        (Some(text), None) => {
            let url = reading.url(&section.key("jwks_url"), &text)?;
            Some((KeySource::Url(url), Some(text.text)))
        }
        (None, Some(text)) => {
            let key = section.key("jwks_file");
            let path = reading.file(&key, &text);
            if let Ok(bytes) = std::fs::read(&path) {
                match crate::jwks::KeySet::read(&bytes) {
                    Err(fault) => reading.fault(&text, format!("{key}: {}: {fault}", path.display())),
                    Ok(set) if !set.serves(algorithms) => {
                        let remedy = "exchange a set that fits, or change `algorithms`";
                        reading.fault(
                            &text,
                            format!("{key}: no key in it fits the client's `algorithms`; {remedy}"),
                        );
                    }
                    Ok(_) => {}
                }
            }
            Some((KeySource::File(path), None))
        }
        (Some(_), Some(text)) => {
            reading.fault(&text, "both `jwks_url` and `jwks_file` are given; keys come from one place");
            None
        }
        (None, None) => {
            let remedy = "or `jwks_file`, for keys exchanged out of band";
            section.missing("jwks_url", remedy, &mut reading.faults);
            None
        }
    }
}
