//! `check-health`: whether the service that this configuration describes answers on this machine, with TLS where it has TLS.
//!
//! For the health check of a container: it needs no shell, no trust in the certificate and no token. Deliberately absent: readiness,
//! which `/readyz` tells.

use super::output;
use crate::config::{Config, Transport, environment};
use crate::pinned;
use anyhow::{Context, bail};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// Longest time for the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// As long as the line that says how a request ended.
const STATUS_LINE: usize = 12;

/// Arguments of `check-health`.
#[derive(Debug, Clone, clap::Args)]
pub struct CheckHealthArgs {
    /// The configuration of the service; without it the sandbox at its usual address
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Asks, and says that it answers.
///
/// # Errors
///
/// When the configuration cannot be used, or nothing answers as this service does.
pub fn run(args: &CheckHealthArgs) -> anyhow::Result<ExitCode> {
    let config = match &args.config {
        Some(file) => Config::load(file, environment())?.0,
        None => Config::sandbox(),
    };
    let certificate = match config.deployment().map(|deployment| &deployment.transport) {
        Some(Transport::Tls { certificate, .. }) => Some(certificate),
        Some(Transport::BehindProxy) | None => None,
    };
    let address = on_this_machine(config.listen);
    let asked = async {
        let stream = TcpStream::connect(address).await?;
        let Some(certificate) = certificate else { return ask(stream).await };
        let tls = TlsConnector::from(Arc::new(pinned::client_config(certificate)?));
        ask(tls.connect(ServerName::from(address.ip()), stream).await?).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime
        .block_on(async { tokio::time::timeout(PATIENCE, asked).await })
        .context("no answer in time")
        .flatten()
        .with_context(|| format!("{address} does not answer as this service"))?;
    output::say(&format!("{address} answers\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Where a service that listens everywhere is found from here.
fn on_this_machine(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> anyhow::Result<()> {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut status = [0; STATUS_LINE];
    stream.read_exact(&mut status).await?;
    if &status != b"HTTP/1.1 200" {
        bail!("/healthz is not answered with 200");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_listens_everywhere_is_asked_here() {
        for (listen, asked) in
            [("0.0.0.0:8443", "127.0.0.1:8443"), ("[::]:8443", "[::1]:8443"), ("10.0.0.7:1", "10.0.0.7:1")]
        {
            assert_eq!(on_this_machine(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
