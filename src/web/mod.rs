//! HTTP: the address, the routes, the limits. Knows no FHIR and no decision; the guideline page is served as bytes.
//!
//! Absent in this version: TLS, tokens, feedback and any outbound call; so only a loopback address is served.

mod body;
mod chart;
mod error;
mod routes;

use crate::clock::Clock;
use crate::guideline::page;
use crate::services::Services;
use actix_cors::Cors;
use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::NormalizePath;
use actix_web::{App, HttpServer, web};
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

/// How the server is set up.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Worker threads, at least 1.
    pub workers: usize,
    /// What a request may cost.
    pub limits: Limits,
}

/// What a request may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest body, in bytes.
    pub request_bytes: usize,
    /// How long a body may take to arrive. The limit for the headers is the same 5 seconds.
    pub body_timeout: Duration,
}

impl Settings {
    /// Sandbox mode on `listen`: a worker for each core, 8 MiB and 5 seconds for a body.
    pub fn sandbox(listen: SocketAddr) -> Self {
        let limits = Limits { request_bytes: 8 * 1024 * 1024, body_timeout: Duration::from_secs(5) };
        let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { listen, workers, limits }
    }
}

/// What every handler may use.
#[derive(Debug)]
struct State {
    services: Services,
    /// The body of `GET /cds-services`; cloning it copies nothing.
    discovery: web::Bytes,
    /// The body of `GET /guideline`, made once.
    guideline: web::Bytes,
    clock: Clock,
    limits: Limits,
}

/// The server, bound to its address.
pub struct Application {
    server: Server,
    address: SocketAddr,
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
    /// When the address cannot be bound.
    pub fn build(settings: &Settings, services: Services, clock: Clock) -> io::Result<Self> {
        let discovery = web::Bytes::copy_from_slice(services.discovery());
        let guideline = web::Bytes::from(page::page().to_html());
        let state = web::Data::new(State { services, discovery, guideline, clock, limits: settings.limits });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .configure(routes::configure)
                .wrap(NormalizePath::trim())
                .wrap(any_origin())
        })
        .workers(settings.workers)
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(2))
        .keep_alive(Duration::from_secs(60))
        .shutdown_timeout(10)
        .bind(settings.listen)?;
        let address = server.addrs().first().copied().unwrap_or(settings.listen);
        Ok(Self { server: server.run(), address })
    }

    /// The bound address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The bound port.
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves until SIGTERM or SIGINT, then lets running calls finish.
    ///
    /// # Errors
    ///
    /// When the server cannot go on.
    pub async fn run(self) -> io::Result<()> {
        self.server.await
    }
}

/// Any page may call the sandbox: it holds no data and takes no credentials. The headers are those that the public
/// CDS Hooks sandbox sends; a preflight is answered before anything else is looked at.
fn any_origin() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allowed_methods(["GET", "POST", "OPTIONS"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .max_age(600)
}
