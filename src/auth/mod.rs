//! Who calls: the token of a client (CDS Hooks 2.0.1, "Trusting CDS Clients"; requirements SEC-3 to SEC-19).
//!
//! In this order: read the token, find its issuer among the configured clients, compare what it names, find the key,
//! verify, check the claims, take its id. Nothing is fetched for an issuer that is not configured, and an id is burnt
//! only by a token that holds. Absent on purpose: HTTP, statuses, and what a caller may read once it is known.

mod jku;
mod replay;
mod source;
mod steps;
mod token;

use crate::clock::Moment;
use crate::config::Client;
use crate::outbound::Outbound;
use chrono::{DateTime, Utc};
use jku::Jku;
use replay::{Memory, Remembered};
pub use source::KeyFetches;
use source::{ClientKeys, NoKeys};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
pub use steps::ClockSteps;
use steps::Steps;
use thiserror::Error;
use token::Token;
use url::Url;

/// What a caller asks for; the audience of its token must be the URL of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint<'a> {
    /// `{base}/cds-services`
    Discovery,
    /// `{base}/cds-services/{id}`
    Service(&'a str),
    /// `{base}/cds-services/{id}/feedback`
    Feedback(&'a str),
}

/// Why a token is refused. For logs and counts; the caller is told nothing of it (SEC-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// No `Authorization` header, or several.
    Missing,
    /// Not a Bearer token with three parts, or a part is not as it should be.
    Malformed,
    /// No configured client has this issuer.
    Issuer,
    /// `crit` or `b64` in the header.
    CriticalExtension,
    /// `typ` is not JWT.
    Type,
    /// `alg` is none, symmetric, unknown, or not one that this client may use.
    Algorithm,
    /// `jku` is not one that this client may name.
    KeySetUrl,
    /// No `kid`.
    KeyId,
    /// The client's key set has no such key for this algorithm.
    UnknownKey,
    /// The signature does not fit.
    Signature,
    /// `exp` has passed.
    Expired,
    /// `iat` or `nbf` lies ahead.
    NotYet,
    /// It lives longer than an hour, or ends before it begins.
    Lifetime,
    /// `aud` does not name this endpoint.
    Audience,
    /// `tenant` is missing or not listed.
    Tenant,
    /// `jti` was used before.
    Replayed,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 16] = [
        Self::Missing,
        Self::Malformed,
        Self::Issuer,
        Self::CriticalExtension,
        Self::Type,
        Self::Algorithm,
        Self::KeySetUrl,
        Self::KeyId,
        Self::UnknownKey,
        Self::Signature,
        Self::Expired,
        Self::NotYet,
        Self::Lifetime,
        Self::Audience,
        Self::Tenant,
        Self::Replayed,
    ];

    /// A short name that does not change.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Issuer => "issuer",
            Self::CriticalExtension => "critical-extension",
            Self::Type => "type",
            Self::Algorithm => "algorithm",
            Self::KeySetUrl => "jku",
            Self::KeyId => "kid",
            Self::UnknownKey => "unknown-key",
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::NotYet => "not-yet",
            Self::Lifetime => "lifetime",
            Self::Audience => "audience",
            Self::Tenant => "tenant",
            Self::Replayed => "replayed",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a call is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// The token does not hold.
    Rejected {
        /// Why.
        reason: Reason,
        /// The configured client whose issuer the token names.
        client: Option<Arc<str>>,
        /// The `kid`, fit for a log line; only where the issuer is configured.
        kid: Option<String>,
    },
    /// No key of this client can be had; the call may be tried again.
    KeysUnavailable {
        /// Name of the client.
        client: Arc<str>,
    },
    /// No further token id can be remembered; the call may be tried again.
    MemoryFull {
        /// Name of the client.
        client: Arc<str>,
    },
}

/// The key sets could not be read.
#[derive(Debug, Error)]
#[error("the keys of client `{client}` cannot be used: {why}")]
pub struct StartError {
    client: String,
    why: String,
}

/// What stands for a token that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenId {
    /// Digest of issuer and `jti`; neither can be read from it.
    pub digest: String,
    /// From then on the token would not be taken anyway.
    pub until: DateTime<Utc>,
}

impl TokenId {
    fn of(claims: &token::Claims) -> Self {
        let end = (replay::minute(claims.exp + token::LEEWAY) + 1).saturating_mul(60);
        let until = DateTime::from_timestamp(end, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self { digest: format!("{:032x}", replay::digest_of(&claims.iss, &claims.jti)), until }
    }
}

/// A configured client with its keys.
struct Known {
    client: Arc<Client>,
    name: Arc<str>,
    /// Shared by clients whose keys are in one place.
    keys: Arc<ClientKeys>,
    jku: Arc<Jku>,
    memory: Memory,
}

/// The client of an issuer whose tenant the token names. An issuer without a match has the only client that it has, whose
/// check then says what is wrong; of several nobody can say which one was meant.
fn of_tenant<'k>(of_issuer: &'k [Known], tenant: Option<&str>) -> Option<&'k Known> {
    let lists = |known: &&Known| {
        tenant.is_some_and(|tenant| known.client.tenants.iter().any(|listed| listed == tenant))
    };
    match of_issuer {
        [only] => Some(only),
        several => several.iter().find(lists),
    }
}

/// Verifies the tokens of the configured clients.
pub struct Authenticator {
    base: Url,
    /// By issuer; several of one are told apart by their tenants.
    by_issuer: HashMap<String, Vec<Known>>,
    steps: Steps,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("issuers", &self.by_issuer.len()).finish_non_exhaustive()
    }
}

impl Authenticator {
    /// Knows the clients by their issuers. Key files are read now, key set URLs when [`Authenticator::refresh`] first
    /// runs or a call needs them.
    ///
    /// # Errors
    ///
    /// A [`StartError`] when a key file cannot be used.
    pub fn new(
        public_base_url: &Url,
        clients: &[Client],
        outbound: &Outbound,
        now: DateTime<Utc>,
    ) -> Result<Self, StartError> {
        let mut by_issuer: HashMap<String, Vec<Known>> = HashMap::new();
        for client in clients {
            let of_issuer = by_issuer.entry(client.issuer.clone()).or_default();
            let shared = of_issuer.iter().find(|known| known.client.keys == client.keys);
            let keys = match shared {
                Some(known) => Arc::clone(&known.keys),
                None => Arc::new(
                    ClientKeys::new(client, outbound.clone(), now)
                        .map_err(|why| StartError { client: client.name.clone(), why })?,
                ),
            };
            of_issuer.push(Known {
                name: Arc::from(client.name.as_str()),
                keys,
                jku: Arc::new(Jku::new(client)),
                memory: Memory::for_one_of(clients.len()),
                client: Arc::new(client.clone()),
            });
        }
        Ok(Self { base: public_base_url.clone(), by_issuer, steps: Steps::default() })
    }

    /// The client that calls `endpoint`, by the value of its `Authorization` header.
    ///
    /// # Errors
    ///
    /// [`Denied`]; nothing in it may be told to the caller.
    pub async fn authenticate(
        &self,
        authorization: Option<&[u8]>,
        endpoint: Endpoint<'_>,
        now: impl Into<Moment>,
    ) -> Result<Arc<Client>, Denied> {
        self.identify(authorization, endpoint, now).await.map(|(client, _)| client)
    }

    /// The same, and what stands for the token where replicas share their memory of tokens.
    ///
    /// # Errors
    ///
    /// [`Denied`]; nothing in it may be told to the caller.
    pub async fn identify(
        &self,
        authorization: Option<&[u8]>,
        endpoint: Endpoint<'_>,
        now: impl Into<Moment>,
    ) -> Result<(Arc<Client>, TokenId), Denied> {
        let moment = now.into();
        let now = moment.wall;
        let rejected = |reason| Denied::Rejected { reason, client: None, kid: None };
        let token = Token::read(authorization.ok_or_else(|| rejected(Reason::Missing))?).map_err(rejected)?;
        let of_issuer = self.by_issuer.get(&token.claims.iss).ok_or_else(|| rejected(Reason::Issuer))?;
        let known =
            of_tenant(of_issuer, token.claims.tenant.as_deref()).ok_or_else(|| rejected(Reason::Tenant))?;
        let rejected = |reason| Denied::Rejected {
            reason,
            client: Some(Arc::clone(&known.name)),
            kid: token.header.kid.as_deref().map(printable),
        };

        let (algorithm, kid) = token.header.check(&known.client, &known.jku).map_err(rejected)?;
        // The claims are cheap to look at, and an old token must not cost a fetch or a signature.
        token.claims.check(&known.client, &self.base, endpoint, now).map_err(rejected)?;
        let set = known
            .keys
            .look_up(kid, now)
            .await
            .map_err(|NoKeys| Denied::KeysUnavailable { client: Arc::clone(&known.name) })?;
        let mut keys = set.find(kid, algorithm).peekable();
        if keys.peek().is_none() {
            return Err(rejected(Reason::UnknownKey));
        }
        let holds = |key| {
            jsonwebtoken::crypto::verify(token.signature, token.message.as_bytes(), key, algorithm)
                .unwrap_or(false)
        };
        if !keys.any(holds) {
            return Err(rejected(Reason::Signature));
        }
        let claims = &token.claims;
        match known.memory.remember(claims, self.steps.observe(moment)) {
            Remembered::New => {
                self.steps.taken();
                Ok((Arc::clone(&known.client), TokenId::of(claims)))
            }
            Remembered::Replayed => Err(rejected(Reason::Replayed)),
            Remembered::Full => Err(Denied::MemoryFull { client: Arc::clone(&known.name) }),
        }
    }

    /// Reads changed key files and asks for key sets whose time is over; to be called every few seconds.
    pub async fn refresh(&self, now: impl Into<Moment>) {
        let moment = now.into();
        self.steps.observe(moment);
        let now = moment.wall;
        let keys = futures_util::future::join_all(self.key_sets().map(|keys| keys.refresh(now)));
        let jku = futures_util::future::join_all(self.known().map(|known| known.jku.refresh()));
        futures_util::future::join(keys, jku).await;
    }

    /// Names of the clients.
    pub fn clients(&self) -> impl Iterator<Item = &str> {
        self.known().map(|known| &*known.name)
    }

    /// Names of the clients of which no key can be had now.
    pub fn without_keys(&self, now: DateTime<Utc>) -> Vec<&str> {
        let lacking = self.known().filter(|known| !known.keys.is_ready(now));
        let mut names: Vec<&str> = lacking.map(|known| &*known.name).collect();
        names.sort_unstable();
        names
    }

    /// How often the clock of the machine was set.
    pub fn clock_steps(&self) -> ClockSteps {
        self.steps.counted()
    }

    /// Whether the clock was set by more than tokens forgive and none has been taken since; for some minutes.
    pub fn is_clock_in_doubt(&self, moment: Moment) -> bool {
        self.steps.in_doubt(moment)
    }

    fn known(&self) -> impl Iterator<Item = &Known> {
        self.by_issuer.values().flatten()
    }

    /// Each set of keys once.
    fn key_sets(&self) -> impl Iterator<Item = &Arc<ClientKeys>> {
        self.by_issuer.values().flat_map(|of_issuer| {
            of_issuer.iter().enumerate().filter_map(|(place, known)| {
                let mut before = of_issuer.iter().take(place);
                (!before.any(|other| Arc::ptr_eq(&other.keys, &known.keys))).then_some(&known.keys)
            })
        })
    }

    /// How often each key set was asked for, by the name of its client; of clients that share it, the first.
    pub fn key_fetches(&self) -> Vec<KeyFetches> {
        let mut fetches: Vec<KeyFetches> = self.key_sets().map(|keys| keys.fetches()).collect();
        fetches.sort_by(|a, b| a.client.cmp(&b.client));
        fetches
    }
}

/// A name from outside, fit for a log line.
fn printable(name: &str) -> String {
    name.chars().take(100).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}
