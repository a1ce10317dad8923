//! The server: workers, TLS, HTTP/1.1. It is put together here from the parts of actix-web's own, which tells nothing of a
//! connection before its handshake is done.

use super::handshakes::Handshakes;
use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Protocol, Request, Response};
use actix_server::Server;
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use rustls::ServerConfig;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

/// Longest time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(3);
/// Longest time for the head of a request.
const HEAD: Duration = Duration::from_secs(5);
/// Longest time for a connection to end after its last answer.
const GOODBYE: Duration = Duration::from_secs(2);
/// How long a connection may wait for its next request.
const IDLE: Duration = Duration::from_secs(60);
/// How long calls may still run after the server was told to stop, in seconds.
const STOP: u64 = 10;
/// Of all connections, the part that one peer may have in unfinished handshakes: one in so many.
const SHARE_OF_A_PEER: usize = 4;

/// What the server is built with.
pub(super) struct Settings {
    /// Threads that serve.
    pub(super) workers: usize,
    /// Connections at once, over all workers.
    pub(super) connections: usize,
    /// TLS; `None`: plain HTTP, behind a proxy or in the sandbox.
    pub(super) tls: Option<ServerConfig>,
}

/// A connection that speaks HTTP now.
type Connection = Either<TcpStream, TlsStream<TcpStream>>;

/// Serves what `app` makes, once in each worker, on that socket.
///
/// # Errors
///
/// When the socket cannot be used.
pub(super) fn serve<F, I, S, B>(settings: Settings, socket: TcpListener, app: F) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: std::fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let Settings { workers, connections, tls } = settings;
    let handshakes = Handshakes::new(connections.div_ceil(SHARE_OF_A_PEER));
    let acceptor = tls.map(|mut tls| {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(tls))
    });
    let builder = Server::build();
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder
        .workers(workers)
        .max_concurrent_connections(connections.div_ceil(workers.max(1)))
        .shutdown_timeout(STOP);
    let builder = builder.listen("http", socket, move || {
        let (stopping, acceptor, handshakes) = (stopping.clone(), acceptor.clone(), handshakes.clone());
        let app = app().into_factory().map_err(|error| error.into().error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(KeepAlive::Timeout(IDLE))
            .client_request_timeout(HEAD)
            .client_disconnect_timeout(GOODBYE)
            .finish(map_config(app, |()| AppConfig::default()));
        fn_service(move |connection| open(connection, acceptor.clone(), handshakes.clone()))
            .and_then(http.map_err(Ended::Http))
    })?;
    Ok(builder.run())
}

/// A connection that has come to its end early. Its peer is gone or silent, so that nobody is left to be told.
#[derive(Debug, Error)]
enum Ended {
    /// Before it spoke HTTP.
    #[error("the connection ended in its handshake: {0}")]
    Handshake(io::Error),
    /// While it spoke HTTP.
    #[error(transparent)]
    Http(DispatchError),
}

/// Makes a connection ready for HTTP: with TLS, after its handshake.
async fn open(
    connection: TcpStream,
    tls: Option<TlsAcceptor>,
    handshakes: Handshakes,
) -> Result<(Connection, Protocol, Option<SocketAddr>), Ended> {
    let peer = connection.peer_addr().map_err(Ended::Handshake)?;
    let Some(tls) = tls else { return Ok((Either::Left(connection), Protocol::Http1, Some(peer))) };
    let mut handshake = handshakes.begin(peer.ip());
    let secured = tokio::select! {
        secured = timeout(HANDSHAKE, tls.accept(connection)) => secured.map_err(io::Error::from).flatten(),
        () = handshake.given_up() => Err(io::ErrorKind::ConnectionAborted.into()),
    };
    Ok((Either::Right(secured.map_err(Ended::Handshake)?), Protocol::Http1, Some(peer)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream as Caller;

    /// A socket that takes one connection at a time, and TLS for it.
    async fn accept(listener: &tokio::net::TcpListener) -> (Caller, TcpStream) {
        let caller = Caller::connect(listener.local_addr().unwrap()).unwrap();
        (caller, listener.accept().await.unwrap().0)
    }

    fn tls() -> TlsAcceptor {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let certificate = crate::tls::Certificate::load(&certificate, &key).unwrap();
        TlsAcceptor::from(Arc::new(certificate.server_config().unwrap()))
    }

    #[actix_web::test]
    async fn a_silent_connection_gives_way_to_a_newer_one_of_its_peer() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (tls, handshakes) = (tls(), Handshakes::new(1));
        let (_silent, first) = accept(&listener).await;
        let (_newer, second) = accept(&listener).await;
        let waiting = open(first, Some(tls.clone()), handshakes.clone());
        let newer = open(second, Some(tls), handshakes);
        // The newer one begins after the first, and then waits for a peer that says nothing, too.
        let (waited, newer) = tokio::join!(waiting, newer);
        let kind = |ended: Result<_, Ended>| match ended {
            Err(Ended::Handshake(error)) => Some(error.kind()),
            Ok(_) | Err(Ended::Http(_)) => None,
        };
        assert_eq!(kind(waited), Some(io::ErrorKind::ConnectionAborted));
        assert_eq!(kind(newer), Some(io::ErrorKind::TimedOut));
    }

    #[actix_web::test]
    async fn without_tls_a_connection_speaks_http_at_once() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (caller, accepted) = accept(&listener).await;
        let (connection, _, peer) = open(accepted, None, Handshakes::new(1)).await.unwrap();
        assert!(matches!(connection, Either::Left(_)));
        assert_eq!(peer, Some(caller.local_addr().unwrap()));
    }
}
