//! What a site configures: plain data, checked as a whole before anything starts (design.md section 2).
//!
//! Only this folder reads the environment. Absent on purpose: opening a port, a database or a key set; a
//! [`Config`] says where they are.

use crate::domain::Site;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// A checked configuration. Relative paths have been made relative to the folder of the file.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Public base, without a trailing slash in its path: audience of tokens and base of links. Never taken from `Host`.
    pub public_base_url: Url,
    /// How the service is reached.
    pub transport: Transport,
    /// Who may call; nobody else is answered. Never empty.
    pub clients: Vec<Client>,
    /// Settings of the site that the guideline and the orders depend on.
    pub facility: Site,
    /// Folder with the site's own ValueSet files.
    pub value_sets: Option<PathBuf>,
    /// Where feedback goes.
    pub store: Store,
    /// What a call may cost.
    pub limits: Limits,
    /// Origins of pages that may call; empty: none.
    pub cors_origins: Vec<String>,
    /// File that holds the admin token; without it `/metrics` and `/insights` are closed.
    pub admin_token_file: Option<PathBuf>,
    /// Whether key sets and FHIR servers may be plain http or on private addresses (test set-ups).
    pub allow_private: bool,
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
    /// `iss` of its tokens; unique.
    pub issuer: String,
    /// Where its keys are. Keys come from nowhere else.
    pub keys: KeySource,
    /// `jku` values that its tokens may name; compared, never fetched. Default: the `jwks_url`.
    pub jku: Vec<String>,
    /// Audiences accepted besides the URL of the endpoint.
    pub extra_audiences: Vec<String>,
    /// Accepted `tenant` claims; empty: the claim is not looked at.
    pub tenants: Vec<String>,
    /// FHIR servers that may be called for this client with the token of the call.
    pub fhir_servers: Vec<Url>,
    /// Those among them that may be read without a token (F-11).
    pub open_fhir_servers: Vec<Url>,
    /// Our client id at its authorization server: `fhirAuthorization.subject` (F-6).
    pub fhir_client_id: Option<String>,
    /// Signature algorithms accepted; never empty, never `none` or symmetric.
    pub algorithms: Vec<jsonwebtoken::Algorithm>,
}

/// Where the keys of a client are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A JWK Set fetched over https.
    Url(Url),
    /// A JWK Set exchanged out of band; read again when it changes.
    File(PathBuf),
}

/// Where feedback goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Whether free-text comments are kept (FB-12).
    pub keep_user_comments: bool,
    /// File with the key of card ids, 32 bytes in base64; without it the store makes one and keeps it.
    pub card_id_key: Option<PathBuf>,
}

/// What a call may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest body, in bytes; 8 MiB by default.
    pub request_bytes: usize,
    /// Longest time for an answer, FHIR calls included; 2 s by default.
    pub deadline: Duration,
    /// Calls under way at once; further ones get 503; 512 by default.
    pub in_flight: usize,
    /// Calls a second that one client may make on average, with bursts of twice as many; `None`: no limit.
    pub client_calls_per_second: Option<u32>,
}
