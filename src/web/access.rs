//! Who may call: everybody in the sandbox, the configured clients otherwise, each at its rate.
//!
//! Absent on purpose: what a token must be ([`crate::auth`]).

use super::error::Refusal;
use crate::auth::{Authenticator, Denied, Endpoint, Reason};
use crate::clock::Moment;
use crate::config::Client;
use crate::services::NO_CLIENT;
use crate::store::Store;
use actix_web::HttpRequest;
use actix_web::http::header;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Who may call.
#[derive(Debug)]
pub(super) enum Access {
    /// Everybody; tokens are not looked at.
    Sandbox,
    /// The configured clients.
    Clients(Box<Clients>),
}

/// The configured clients.
#[derive(Debug)]
pub(super) struct Clients {
    pub(super) authenticator: Authenticator,
    rates: HashMap<String, DefaultDirectRateLimiter>,
}

/// What the log line and the counters say about a caller.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// Name of the client, `sandbox`, or `unknown`.
    pub(super) name: Arc<str>,
    /// `accepted`, or why not.
    pub(super) outcome: &'static str,
    /// The `kid` of a refused token of a configured issuer.
    pub(super) kid: Option<String>,
}

impl Clients {
    /// Sets up the rates: `calls_per_second` on average, bursts of twice as many; `None`: no limit.
    pub(super) fn new(
        authenticator: Authenticator,
        clients: &[Client],
        calls_per_second: Option<u32>,
    ) -> Self {
        let quota = calls_per_second.and_then(NonZeroU32::new).map(|rate| {
            Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::MIN.saturating_add(1)))
        });
        let rates = quota.map(|quota| {
            clients.iter().map(|client| (client.name.clone(), RateLimiter::direct(quota))).collect()
        });
        Self { authenticator, rates: rates.unwrap_or_default() }
    }
}

impl Access {
    /// Lets a request in or refuses it; the caller is told either way. Where replicas share `store`, a token that any of
    /// them has taken is refused; while the store is away each goes by its own memory, because a hook call must not
    /// depend on it.
    pub(super) async fn admit(
        &self,
        request: &HttpRequest,
        endpoint: Endpoint<'_>,
        store: &Store,
        now: Moment,
    ) -> (Caller, Result<Option<Arc<Client>>, Refusal>) {
        let Self::Clients(clients) = self else {
            let caller = Caller { name: Arc::from(NO_CLIENT), outcome: "accepted", kid: None };
            return (caller, Ok(None));
        };
        let mut values = request.headers().get_all(header::AUTHORIZATION);
        // Two tokens are none: nobody could say which one counts.
        let value = values.next().filter(|_| values.next().is_none());
        let authorization = value.map(header::HeaderValue::as_bytes);
        match clients.authenticator.identify(authorization, endpoint, now).await {
            Ok((client, token)) => {
                let caller = |outcome| Caller { name: Arc::from(client.name.as_str()), outcome, kid: None };
                let used = store.is_shared()
                    && matches!(store.remember_token(&token.digest, token.until, now.wall).await, Ok(false));
                if used {
                    return (caller(Reason::Replayed.name()), Err(Refusal::NotAuthenticated));
                }
                let too_many = clients.rates.get(&client.name).is_some_and(|rate| rate.check().is_err());
                if too_many {
                    return (caller("rate-limited"), Err(Refusal::TooManyCalls));
                }
                (caller("accepted"), Ok(Some(client)))
            }
            Err(Denied::Rejected { reason, client, kid }) => {
                let name = client.unwrap_or_else(|| Arc::from("unknown"));
                (Caller { name, outcome: reason.name(), kid }, Err(Refusal::NotAuthenticated))
            }
            Err(Denied::KeysUnavailable { client }) => {
                (Caller { name: client, outcome: "keys-unavailable", kid: None }, Err(Refusal::Unavailable))
            }
            Err(Denied::MemoryFull { client }) => {
                (Caller { name: client, outcome: "memory-full", kid: None }, Err(Refusal::Unavailable))
            }
        }
    }
}
