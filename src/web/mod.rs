//! HTTP: the address, TLS, the routes, the limits, who may call. Knows no FHIR and no decision; the guideline page is
//! served as bytes.

mod access;
mod admin;
mod admission;
mod body;
mod chart;
mod cors;
mod error;
mod feedback;
mod hook;
mod insights;
mod metrics;
mod routes;
mod state;

use crate::clock::Clock;
use crate::config::{self, Config, Transport};
use crate::services::Services;
use crate::tls::{Certificate, TlsError};
use actix_web::dev::Server;
use actix_web::middleware::NormalizePath;
use actix_web::{App, HttpServer, rt, web};
pub use state::StartError;
use state::State;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// How the server is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Worker threads, at least 1.
    pub workers: usize,
    /// What a request may cost.
    pub limits: Limits,
    /// Where feedback goes.
    pub store: config::Store,
    /// Who may call and how; `None`: the sandbox.
    pub config: Option<Box<Config>>,
}

/// What a request may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest body, in bytes.
    pub request_bytes: usize,
    /// How long a body may take to arrive. The limit for the headers is the same 5 seconds.
    pub body_timeout: Duration,
    /// Longest time for an answer, FHIR calls included.
    pub deadline: Duration,
    /// Hook calls under way at once.
    pub in_flight: usize,
}

impl From<&config::Limits> for Limits {
    fn from(limits: &config::Limits) -> Self {
        Self {
            request_bytes: limits.request_bytes,
            body_timeout: Duration::from_secs(5),
            deadline: limits.deadline,
            in_flight: limits.in_flight,
        }
    }
}

impl Settings {
    /// Sandbox mode on `listen`, with a worker for each core and the default limits.
    pub fn sandbox(listen: SocketAddr) -> Self {
        Self {
            listen,
            workers: cores(),
            limits: Limits::from(&config::Limits::default()),
            store: config::Store::sandbox(),
            config: None,
        }
    }

    /// As a configuration says, with a worker for each core.
    pub fn configured(config: Config) -> Self {
        let limits = Limits::from(&config.limits);
        let store = config.store.clone();
        Self { listen: config.listen, workers: cores(), limits, store, config: Some(Box::new(config)) }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// The server cannot start.
#[derive(Debug, Error)]
pub enum BuildError {
    /// What the configuration names cannot be used.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be bound.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// The server, bound to its address.
pub struct Application {
    server: Server,
    address: SocketAddr,
    scheme: &'static str,
    state: web::Data<State>,
    certificate: Option<Arc<Certificate>>,
}

impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Application {
    /// Binds the address and sets up the routes. Must be called within an actix system.
    ///
    /// # Errors
    ///
    /// A [`BuildError`] when the address cannot be bound, or a file that the configuration names cannot be used.
    pub fn build(settings: &Settings, services: Services, clock: Clock) -> Result<Self, BuildError> {
        let config = settings.config.as_deref();
        let state = web::Data::new(State::new(services, clock, settings.limits, &settings.store, config)?);
        let origins = config.map(|config| config.cors_origins.clone());
        let is_sandbox = config.is_none();
        let for_workers = state.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(for_workers.clone())
                .configure(|app| routes::configure(app, is_sandbox))
                .wrap(NormalizePath::trim())
                .wrap(cors::cors(origins.as_deref()))
        })
        .workers(settings.workers)
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(2))
        .keep_alive(Duration::from_secs(60))
        .shutdown_timeout(10);
        let bind = |source| BuildError::Bind { address: settings.listen, source };
        let certificate = match config.map(|config| &config.transport) {
            Some(Transport::Tls { certificate, key }) => Some(Certificate::load(certificate, key)?),
            Some(Transport::BehindProxy) | None => None,
        };
        let (server, scheme) = match &certificate {
            Some(tls) => {
                (server.bind_rustls_0_23(settings.listen, tls.server_config()?).map_err(bind)?, "https")
            }
            None => (server.bind(settings.listen).map_err(bind)?, "http"),
        };
        let address = server.addrs().first().copied().unwrap_or(settings.listen);
        Ok(Self { server: server.run(), address, scheme, state, certificate })
    }

    /// The bound address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The bound port.
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Where it can be reached on this machine.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Serves until SIGTERM or SIGINT, then lets running calls finish.
    ///
    /// # Errors
    ///
    /// When the server cannot go on.
    pub async fn run(self) -> io::Result<()> {
        let (state, certificate) = (self.state, self.certificate);
        // Nothing is answered before, so that the first cards have the lasting key of ids. Without a store hook calls
        // are answered all the same.
        if let Err(error) = state.store.check().await {
            tracing::warn!(%error, "started without the store; feedback is not taken until it is there");
        }
        let (for_keys, for_store) = (state.clone(), state.clone());
        let store = rt::spawn(async move { for_store.store.maintain(for_store.clock).await });
        let upkeep = rt::spawn(async move {
            loop {
                for_keys.refresh().await;
                if let Some(certificate) = &certificate {
                    certificate.reload();
                }
                rt::time::sleep(UPKEEP).await;
            }
        });
        let ended = self.server.await;
        upkeep.abort();
        store.abort();
        if let Err(error) = state.store.flush(state.clock.now()).await {
            tracing::warn!(%error, "the last seconds of shown cards were not counted");
        }
        ended
    }
}

/// How often key sets and files are looked after.
const UPKEEP: Duration = Duration::from_secs(5);
