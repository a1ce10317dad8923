//! HTTP: the address, TLS, the routes, the limits, who may call. Knows no FHIR and no decision; the guideline page is
//! served as bytes.

mod access;
mod admin;
mod admission;
mod alive;
mod body;
mod chart;
mod connections;
mod correlation;
mod cors;
mod error;
mod feedback;
mod gate;
mod handshakes;
mod hook;
mod in_hand;
mod insights;
mod metrics;
mod routes;
mod server;
mod smart;
mod smart_app;
mod smart_save;
mod state;

use crate::clock::Clock;
use crate::config::{Config, Deployment, Limits, Transport};
use crate::services::Services;
use crate::tls::{Certificate, TlsError};
use actix_server::Server;
use actix_web::middleware::{NormalizePath, from_fn};
use actix_web::{App, rt, web};
use alive::Alive;
pub use state::StartError;
use state::State;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

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
    alive: Alive,
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
    pub fn build(config: &Config, services: Services, clock: Clock) -> Result<Self, BuildError> {
        let state = web::Data::new(State::new(services, clock, config)?);
        let deployment = config.deployment();
        let origins = deployment.map(allowed_origins);
        let pages = match deployment {
            None => routes::Pages::Sandbox,
            Some(deployment) if deployment.smart.is_some() => routes::Pages::Panel,
            Some(_) => routes::Pages::None,
        };
        let for_workers = state.clone();
        let descriptors = connections::raise_descriptors();
        let most = connections::most(descriptors, &config.limits);
        tracing::info!(descriptors, connections = most, "limits of this process");
        // The last layer is the outermost: the connection, then CORS, the path, the gate, the route.
        let alive = Alive::new();
        let of_workers = alive.clone();
        let app = move || {
            of_workers.watch_this_worker();
            App::new()
                .app_data(for_workers.clone())
                .configure(|app| routes::configure(app, pages))
                .wrap(from_fn(gate::gate))
                .wrap(NormalizePath::trim())
                .wrap(cors::cors(origins.as_deref()))
                .wrap(from_fn(cors::tell_refusals))
        };
        let bind = |source| BuildError::Bind { address: config.listen, source };
        let certificate = match deployment.map(|deployment| &deployment.transport) {
            Some(Transport::Tls { certificate, key }) => Some(Certificate::load(certificate, key)?),
            Some(Transport::BehindProxy) | None => None,
        };
        let socket = connections::listen(config.listen).map_err(bind)?;
        let address = socket.local_addr().map_err(bind)?;
        let tls = certificate.as_ref().map(Certificate::server_config).transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let settings = server::Settings { workers: config.workers, connections: most, tls };
        let server = server::serve(settings, socket, app).map_err(bind)?;
        Ok(Self { server, address, scheme, state, certificate, alive })
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
        let alive = rt::spawn(self.alive.tell());
        let ended = self.server.await;
        alive.abort();
        upkeep.abort();
        store.abort();
        if let Err(error) = state.store.flush(state.clock.now()).await {
            tracing::warn!(%error, "the last seconds of shown cards were not counted");
        }
        let spans = state.spans.clone();
        // Somebody who has ended the service waits a few seconds for a collector, at most.
        drop(web::block(move || spans.finish()).await);
        ended
    }
}

/// The listed origins; beside any of them our own, which the browser names when the panel asks.
fn allowed_origins(deployment: &Deployment) -> Vec<String> {
    let own = deployment.public_base_url.origin().ascii_serialization();
    let own = (deployment.smart.is_some() && !deployment.cors_origins.is_empty()).then_some(own);
    deployment.cors_origins.iter().cloned().chain(own).collect()
}

/// How often key sets and files are looked after.
const UPKEEP: Duration = Duration::from_secs(5);
