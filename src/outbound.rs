//! Every connection that the service makes by itself goes through here: key sets, FHIR servers, and for the panel SMART configurations and the
//! endpoints for tokens that they name.
//!
//! An address may be attacker-controlled, so: https, public addresses (literal or resolved), no redirects, no proxy,
//! bounded time and size, unless a test set-up allows private ones (SEC-18, F-10). Absent on purpose: whether a URL is
//! trusted at all; the caller has compared it with the configuration before.

use crate::clock::Stopwatch;
use crate::spans::Spans;
use futures_util::StreamExt;
use reqwest::Method;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{self, HeaderMap};
use std::error::Error as StdError;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use url::{Host, Url};

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(1);

/// Why nothing came back. No text holds a header, a body or a query.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OutboundError {
    /// The URL may not be called.
    #[error("the address is refused: {0}")]
    Refused(&'static str),
    /// No connection, or it broke.
    #[error("the server cannot be reached")]
    Unreachable,
    /// The answer took too long.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The answer is over the limit.
    #[error("the answer is too long")]
    TooLong,
    /// Another status than success.
    #[error("the server answered with status {0}")]
    Status(u16),
}

/// What an answer may cost.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Longest body, in bytes.
    pub bytes: usize,
    /// Longest time from the start to the last byte.
    pub time: Duration,
}

/// A successful answer.
#[derive(Debug)]
pub struct Fetched {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; `None` when nothing changed since the entity tag that was sent.
    pub body: Option<Vec<u8>>,
}

/// An answer of any status.
#[derive(Debug)]
pub struct Sent {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, or why it could not be read whole; what the status says holds all the same.
    pub body: Result<Vec<u8>, OutboundError>,
}

/// The one client; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Outbound {
    client: reqwest::Client,
    allow_private: bool,
    spans: Spans,
}

/// The client could not be set up.
#[derive(Debug, Error)]
#[error("the client for key sets and FHIR servers cannot be set up: {0}")]
pub struct StartError(#[from] reqwest::Error);

impl Outbound {
    /// Sets the client up; `allow_private` is for test set-ups.
    ///
    /// # Errors
    ///
    /// When the roots of trust of the machine cannot be read.
    pub fn new(allow_private: bool) -> Result<Self, StartError> {
        install_crypto();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(CONNECT)
            .https_only(!allow_private)
            .dns_resolver(Arc::new(Resolver { allow_private }))
            .user_agent(concat!("spinal-mets-cds/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, allow_private, spans: Spans::default() })
    }

    /// The same connections, told to a tracing system.
    #[must_use]
    pub fn with_spans(self, spans: Spans) -> Self {
        Self { spans, ..self }
    }

    /// What is told of each request.
    pub const fn spans(&self) -> &Spans {
        &self.spans
    }

    /// The client, for a URL that [`Outbound::check`] has passed.
    pub const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Whether `url` may be called. The resolver looks at names; literal addresses never reach it.
    ///
    /// # Errors
    ///
    /// [`OutboundError::Refused`] with the reason.
    pub fn check(&self, url: &Url) -> Result<(), OutboundError> {
        let refuse = |why| Err(OutboundError::Refused(why));
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it carries user information");
        }
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private => {}
            _ => return refuse("it is not https"),
        }
        let public = match url.host() {
            None => return refuse("it names no host"),
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
        };
        if public || self.allow_private { Ok(()) } else { refuse("its host is not a public address") }
    }

    /// Reads what stands at `url`.
    ///
    /// # Errors
    ///
    /// An [`OutboundError`]; a redirect is another status than success.
    pub async fn get(&self, url: &Url, headers: HeaderMap, budget: Budget) -> Result<Fetched, OutboundError> {
        self.check(url)?;
        let reading = async {
            let request = self.client.get(url.clone()).headers(headers);
            let response = request.send().await.map_err(|error| told(&error))?;
            if response.status().as_u16() == 304 {
                return Ok(Fetched { headers: response.headers().clone(), body: None });
            }
            if !response.status().is_success() {
                return Err(OutboundError::Status(response.status().as_u16()));
            }
            let headers = response.headers().clone();
            Ok(Fetched { headers, body: Some(read_body(response, budget.bytes).await?) })
        };
        tokio::time::timeout(budget.time, reading).await.unwrap_or(Err(OutboundError::TimedOut))
    }

    /// Sends a body, once.
    ///
    /// # Errors
    ///
    /// An [`OutboundError`] when no status came back; whether the body arrived is then open.
    pub async fn send(
        &self,
        (method, url): (Method, &Url),
        headers: HeaderMap,
        body: Vec<u8>,
        budget: Budget,
    ) -> Result<Sent, OutboundError> {
        self.check(url)?;
        let begun = Stopwatch::start();
        let sending = async {
            let request = self.client.request(method, url.clone()).headers(headers).body(body);
            let response = request.send().await.map_err(|error| told(&error))?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Ok((status, headers, response))
        };
        let late = Err(OutboundError::TimedOut);
        let (status, headers, response) = tokio::time::timeout(budget.time, sending).await.unwrap_or(late)?;
        let reading = read_body(response, budget.bytes);
        let left = budget.time.saturating_sub(begun.elapsed());
        let body = tokio::time::timeout(left, reading).await;
        Ok(Sent { status, headers, body: body.unwrap_or(Err(OutboundError::TimedOut)) })
    }
}

/// Reads a body up to a limit; the rest is never read.
///
/// # Errors
///
/// An [`OutboundError`] when it is longer, or breaks off.
pub async fn read_body(response: reqwest::Response, limit: usize) -> Result<Vec<u8>, OutboundError> {
    let announced =
        response.headers().get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > limit as u64) {
        return Err(OutboundError::TooLong);
    }
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| told(&error))?;
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(OutboundError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What an error of the client means. Its own text would quote the URL.
pub fn told(error: &reqwest::Error) -> OutboundError {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(inner) = cause {
        if inner.is::<NoPublicAddress>() {
            return OutboundError::Refused("its host has no public address");
        }
        cause = inner.source();
    }
    if error.is_timeout() { OutboundError::TimedOut } else { OutboundError::Unreachable }
}

/// Makes aws-lc the cryptography of every TLS connection of the process, once.
pub fn install_crypto() {
    // Somebody else was first: then it is done.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}

/// Resolves names as the machine does, and leaves out what is not public.
struct Resolver {
    allow_private: bool,
}

#[derive(Debug, Error)]
#[error("the host has no public address")]
struct NoPublicAddress;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let usable: Vec<SocketAddr> =
                found.filter(|address| allow_private || is_public(address.ip())).collect();
            if usable.is_empty() {
                return Err(Box::from(NoPublicAddress));
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the open internet, by the registries of special-purpose addresses (IANA).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19 || (b == 51 && c == 100)))
        || (a == 203 && b == 0 && c == 113);
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only what has been given out as global unicast; that leaves out loopback, mapped, local and multicast addresses.
    let global = (0x2000..0x4000).contains(&first);
    // Within it: documentation, benchmarks, Teredo and 6to4, which carry IPv4 addresses inside.
    let special =
        (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || first == 0x2002 || first == 0x3fff;
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> bool {
        Outbound::new(false).unwrap().check(&url.parse().unwrap()).is_err()
    }

    #[test]
    fn only_https_to_public_hosts_is_called() {
        for fine in ["https://ehr.example.org/keys", "https://8.8.8.8/", "https://[2606:4700::1111]:8443/"] {
            assert!(!refused(fine), "{fine}");
        }
        for wrong in [
            "http://ehr.example.org/",
            "ftp://ehr.example.org/",
            "file:///etc/passwd",
            "https://user@ehr.example.org/",
            "https://:secret@ehr.example.org/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://10.1.2.3/",
            "https://172.16.0.1/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://198.18.0.1/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[ff02::1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:a00:1::]/",
            "https://[2001:db8::1]/",
        ] {
            assert!(refused(wrong), "{wrong}");
        }
        let open = Outbound::new(true).unwrap();
        assert!(open.check(&"http://127.0.0.1:80/".parse().unwrap()).is_ok());
        assert!(open.check(&"http://user@127.0.0.1/".parse().unwrap()).is_err());
    }

    #[actix_web::test]
    async fn a_name_with_a_private_address_is_not_called() {
        let budget = Budget { bytes: 1_000, time: Duration::from_secs(5) };
        let url = "https://localhost:1/".parse().unwrap();
        let outcome = Outbound::new(false).unwrap().get(&url, HeaderMap::new(), budget).await;
        assert_eq!(outcome.unwrap_err(), OutboundError::Refused("its host has no public address"));
    }
}
