//! How the service is set up: one plain value, checked as a whole before anything starts.
//!
//! The sandbox is such a value ([`Config::sandbox`]); a file changes what it names, and what it leaves out stays as the
//! sandbox has it. All keys stand in one table (`keys.rs`, `headings.rs`). Only this folder reads the environment.

mod client;
mod client_keys;
mod document;
mod facility;
mod headings;
mod jku;
mod keys;
mod profile;
mod read;
mod section;
mod shadow;
mod smart;
mod traces;
pub mod write;

use crate::cds_hooks::SpecVersion;
use crate::domain::Site;
pub use document::{Fault, PREFIX, Place};
pub use jku::read_list as read_jku_list;
pub use profile::Profile;
use read::Reading;
use section::Section;
use std::ffi::OsString;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;
pub use traces::Traces;
use url::Url;

/// The name of the file and everything that is wrong in it, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    file: PathBuf,
    /// In the order of the file, then of the variables.
    pub faults: Vec<Fault>,
}

impl std::error::Error for Faults {}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.lines().collect();
        f.write_str(&lines.join("\n"))
    }
}

impl Faults {
    /// Each fault as one line.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.faults.iter().map(|fault| fault.line(&self.file))
    }
}

impl Fault {
    /// The fault as one line, with the file that it is about.
    pub fn line(&self, file: &Path) -> String {
        let file = file.display();
        match &self.place {
            None => format!("{file}: {}", self.problem),
            Some(place @ Place::File(..)) => format!("{file}:{place}: {}", self.problem),
            Some(Place::Variable(name)) => format!("{name}: {}", self.problem),
        }
    }
}

/// The environment, for [`Config::load`].
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os()
}

impl Config {
    /// Reads a file and puts the variables of `environment` over it. With the configuration comes what is legal and
    /// deserves a second look.
    ///
    /// # Errors
    ///
    /// All [`Faults`] at once.
    pub fn load(
        file: &Path,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<(Self, Vec<Fault>), Faults> {
        let fail = |mut faults: Vec<Fault>| {
            faults.sort_by_key(|fault| match fault.place {
                Some(Place::File(line, column)) => (0, line, column),
                Some(Place::Variable(_)) => (1, 0, 0),
                None => (2, 0, 0),
            });
            Err(Faults { file: file.to_owned(), faults })
        };
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                return fail(vec![Fault { place: None, problem: format!("cannot be read: {error}") }]);
            }
        };
        let mut faults = Vec::new();
        let mut tree = document::read(&text, &mut faults);
        document::override_by(&mut tree, environment, &mut faults);
        for keys::Moved { from, to } in keys::MOVED {
            document::move_member(&mut tree, *from, *to, &mut faults);
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        let mut reading = Reading { folder, faults, warnings: Vec::new(), allow_private: false };
        match read::config(Section::root(tree), &mut reading) {
            Some(config) if reading.faults.is_empty() => Ok((config, reading.warnings)),
            _ => fail(reading.faults),
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("keep_user_comments", &self.keep_user_comments).finish_non_exhaustive()
    }
}

/// How the service is set up. Relative paths of a file have been made relative to its folder.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Worker threads, at least 1: one a core.
    pub workers: usize,
    /// Sandbox, or a service for the clients of a file.
    pub mode: Mode,
    /// Settings of the site that the guideline and the orders depend on.
    pub facility: Site,
    /// The version of CDS Hooks that is spoken.
    pub spec_version: SpecVersion,
    /// Ids of the optional services that the site does not offer.
    pub services_off: Vec<String>,
    /// Folder with the site's own ValueSet files.
    pub value_sets: Option<PathBuf>,
    /// Where feedback goes.
    pub store: Store,
    /// Whether an override with a reason keeps its card away for a while.
    pub repeat: bool,
    /// Whether cards are shown, or counted alone.
    pub shadow: Shadow,
    /// Where spans go; `None`: nowhere.
    pub traces: Option<Traces>,
    /// What a call may cost.
    pub limits: Limits,
    /// What a sandbox does for testers; no file can ask for it.
    pub bench: Bench,
}

/// What a sandbox does for testers.
#[derive(Debug, Clone, Default)]
pub struct Bench {
    /// Calls are kept in this folder, pseudonymised, as cases.
    pub record: Option<PathBuf>,
    /// The worklists of this folder are shown.
    pub worklist: Option<PathBuf>,
}

/// The services that a site may switch off; a test of the services holds the list.
pub const OPTIONAL_SERVICES: [&str; 3] = [
    "spinal-metastases-encounter-discharge",
    "spinal-metastases-appointment-book",
    "spinal-metastases-order-dispatch",
];

/// Whom the service is for.
#[derive(Debug, Clone)]
pub enum Mode {
    /// Trials on this machine: loopback, no tokens, any CORS origin, no FHIR server is called, pages are open.
    Sandbox,
    /// The clients of a configuration file.
    Configured(Box<Deployment>),
}

/// What only a configured service has.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Public base, without a trailing slash in its path: audience of tokens and base of links. Never taken from `Host`.
    pub public_base_url: Url,
    /// How the service is reached.
    pub transport: Transport,
    /// Who may call; nobody else is answered. Never empty.
    pub clients: Vec<Client>,
    /// Origins of pages that may call; empty: none.
    pub cors_origins: Vec<String>,
    /// File that holds the admin token; without it `/metrics` and `/insights` are closed.
    pub admin_token_file: Option<PathBuf>,
    /// The panel as a SMART app; `None`: it is not offered.
    pub smart: Option<Smart>,
    /// Whether key sets and FHIR servers may be plain http or on private addresses (test set-ups).
    pub allow_private: bool,
}

/// How the panel is offered as a SMART app.
#[derive(Debug, Clone, Default)]
pub struct Smart {
    /// Resource types that answers may be written as, in FHIR's spelling.
    pub writes: Vec<String>,
    /// Origins that may show the panel in a frame; empty: none.
    pub frame_ancestors: Vec<String>,
    /// Private key of a confidential client, PEM.
    pub private_key: Option<PathBuf>,
}

impl Config {
    /// The sandbox on 127.0.0.1:8080. Its values are the defaults of a file.
    pub fn sandbox() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            workers: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            mode: Mode::Sandbox,
            facility: Site::default(),
            spec_version: SpecVersion::default(),
            services_off: Vec::new(),
            value_sets: None,
            store: Store::sandbox(),
            repeat: false,
            shadow: Shadow::default(),
            traces: None,
            limits: Limits::default(),
            bench: Bench::default(),
        }
    }

    /// What only a configured service has; `None` for the sandbox.
    pub fn deployment(&self) -> Option<&Deployment> {
        match &self.mode {
            Mode::Sandbox => None,
            Mode::Configured(deployment) => Some(deployment),
        }
    }
}

/// How the service is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// TLS ends here; both files are PEM.
    Tls {
        /// Certificate chain, leaf first.
        certificate: PathBuf,
        /// Private key.
        key: PathBuf,
    },
    /// TLS ends at a proxy in front, and plain http is spoken here.
    BehindProxy,
}

/// An EHR that may call.
#[derive(Debug, Clone)]
pub struct Client {
    /// Name in log lines and metrics; unique.
    pub name: String,
    /// `iss` of its tokens. Clients that share one have different tenants.
    pub issuer: String,
    /// Where its keys are. Keys come from nowhere else.
    pub keys: KeySource,
    /// `jku` values that its tokens may name; compared, never fetched. Default: the `jwks_url`. Not looked at where the keys
    /// come from a file.
    pub jku: Vec<String>,
    /// Further `jku` values, one a line; read again when it changes.
    pub jku_file: Option<PathBuf>,
    /// Audiences accepted besides the URL of the endpoint.
    pub extra_audiences: Vec<String>,
    /// Accepted `tenant` claims; empty: the claim is not looked at.
    pub tenants: Vec<String>,
    /// What its EHR offers.
    pub profile: Profile,
    /// Whether it is known to read `suggestion.actionSelectionBehavior` of the next version of CDS Hooks.
    pub action_selection_behavior: bool,
    /// FHIR servers that may be called for this client with the token of the call.
    pub fhir_servers: Vec<Url>,
    /// Those among them that may be read without a token (F-11).
    pub open_fhir_servers: Vec<Url>,
    /// Our client id at its authorization server: `fhirAuthorization.subject` (F-6).
    pub fhir_client_id: Option<String>,
    /// Signature algorithms accepted; never empty, never `none` or symmetric.
    pub algorithms: Vec<jsonwebtoken::Algorithm>,
    /// The client id of the panel at its authorization server; `None`: the panel is not offered there.
    pub smart_client_id: Option<String>,
    /// Whether the panel signs what it asks that server for a token with.
    pub smart_is_confidential: bool,
    /// The `issuer` that its SMART configuration must name; `None`: any that no other client has.
    pub smart_issuer: Option<String>,
}

impl Client {
    /// A client that registers no more than what it cannot be without: its name, its issuer, its keys, and the algorithms that
    /// it may sign with. It has no FHIR server and the usual profile.
    pub fn new(name: &str, issuer: &str, keys: KeySource, algorithms: &[jsonwebtoken::Algorithm]) -> Self {
        Self {
            name: name.to_owned(),
            issuer: issuer.to_owned(),
            keys,
            jku: Vec::new(),
            jku_file: None,
            extra_audiences: Vec::new(),
            tenants: Vec::new(),
            profile: Profile::default(),
            action_selection_behavior: false,
            fhir_servers: Vec::new(),
            open_fhir_servers: Vec::new(),
            fhir_client_id: None,
            algorithms: algorithms.to_vec(),
            smart_client_id: None,
            smart_is_confidential: false,
            smart_issuer: None,
        }
    }
}

/// Where the keys of a client are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A JWK Set fetched over https.
    Url(Url),
    /// A JWK Set exchanged out of band; read again when it changes.
    File(PathBuf),
}

/// Where feedback goes. Its `Debug` hides the URL, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Store {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Whether free-text comments are kept (FB-12).
    pub keep_user_comments: bool,
    /// File with the key of card ids, 32 bytes in base64; without it the store makes one and keeps it.
    pub card_id_key: Option<PathBuf>,
}

impl Store {
    /// A file in the current folder.
    pub fn sandbox() -> Self {
        let url = "sqlite://spinal-mets-cds.db".to_owned();
        Self { url, keep_user_comments: false, card_id_key: None }
    }
}

/// Shadow mode: no card is shown to anybody, and what would have been shown is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shadow {
    /// Whether it is on.
    pub enabled: bool,
    /// Cases of each week that are kept to be judged.
    pub cases_per_week: usize,
    /// What the sample is drawn by.
    pub seed: i64,
    /// How long cases are kept, in days; also after shadow mode has been turned off.
    pub keep_days: i64,
}

impl Default for Shadow {
    fn default() -> Self {
        Self { enabled: false, cases_per_week: 20, seed: 1, keep_days: 180 }
    }
}

/// What a call may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest body, in bytes.
    pub request_bytes: usize,
    /// How long a body may take to arrive; no key sets it.
    pub body_timeout: Duration,
    /// Longest time for an answer, FHIR calls included.
    pub deadline: Duration,
    /// Hook calls under way at once; further ones get 503.
    pub in_flight: usize,
    /// Hook calls of one client under way at once; `None`: no limit of its own.
    pub client_in_flight: Option<usize>,
    /// Calls a second that one client may make on average, with bursts of twice as many; `None`: no limit.
    pub client_calls_per_second: Option<u32>,
    /// Bytes of all bodies held at once.
    pub body_bytes_in_hand: usize,
    /// Open connections of callers; `None`: as many as the process may have.
    pub connections: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 8 * 1024 * 1024,
            body_timeout: Duration::from_secs(5),
            deadline: Duration::from_secs(2),
            in_flight: 512,
            client_in_flight: None,
            client_calls_per_second: None,
            body_bytes_in_hand: 256 * 1024 * 1024,
            connections: None,
        }
    }
}
