//! A service with one client, and calls of it.

use crate::support::tokens::{Signer, claims, set_of};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use spinal_mets_cds::auth::{Authenticator, Denied, Endpoint, Reason};
use spinal_mets_cds::config::{Client, KeySource};
use spinal_mets_cds::outbound::Outbound;
use std::sync::Arc;

pub(crate) const ISSUER: &str = "https://ehr.example.org";
pub(crate) const BASE: &str = "https://cds.example.org";
pub(crate) const SERVICE: &str = "spinal-metastases-patient-view";
/// The URL of [`CALL`].
pub(crate) const URL: &str = "https://cds.example.org/cds-services/spinal-metastases-patient-view";
pub(crate) const CALL: Endpoint<'static> = Endpoint::Service(SERVICE);

pub(crate) fn now() -> DateTime<Utc> {
    "2026-05-05T08:00:00Z".parse().unwrap()
}

pub(crate) fn after(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

pub(crate) fn client(keys: KeySource) -> Client {
    Client::new("general-hospital", ISSUER, keys, &[Algorithm::ES384, Algorithm::RS384])
}

pub(crate) fn authenticator(clients: &[Client], allow_private: bool) -> Authenticator {
    let outbound = Outbound::new(allow_private).unwrap();
    Authenticator::new(&BASE.parse().unwrap(), clients, &outbound, now()).unwrap()
}

/// A service whose one client has its key set in a file, with one good pair of that client.
pub(crate) struct Site {
    pub(crate) authenticator: Authenticator,
    pub(crate) signer: Signer,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::with(Algorithm::ES384, |_| ())
    }

    /// The same with another algorithm and other settings.
    pub(crate) fn with(algorithm: Algorithm, change: impl FnOnce(&mut Client)) -> Self {
        let signer = Signer::new(algorithm, "key-1");
        Self { authenticator: with_keys(&[signer.jwk()], change), signer }
    }

    /// A good token whose parts have been changed, signed with the client's key.
    pub(crate) fn token(&self, change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let (mut header, mut claims) = (self.signer.header(), claims(ISSUER, URL, now()));
        change(&mut header, &mut claims);
        self.signer.sign(&header, &claims)
    }

    pub(crate) async fn call(&self, token: &str) -> Result<Arc<Client>, Denied> {
        call(&self.authenticator, token, now()).await
    }
}

/// A service whose one client has these keys in a file.
pub(crate) fn with_keys(keys: &[Value], change: impl FnOnce(&mut Client)) -> Authenticator {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, set_of(keys)).unwrap();
    let mut client = client(KeySource::File(path));
    change(&mut client);
    authenticator(&[client], false)
}

pub(crate) async fn call(
    authenticator: &Authenticator,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Arc<Client>, Denied> {
    authenticator.authenticate(Some(format!("Bearer {token}").as_bytes()), CALL, now).await
}

/// Why a call was rejected; `None` when it was let in.
#[track_caller]
pub(crate) fn reason(outcome: &Result<Arc<Client>, Denied>) -> Option<Reason> {
    match outcome {
        Ok(_) => None,
        Err(Denied::Rejected { reason, .. }) => Some(*reason),
        Err(other) => panic!("neither let in nor rejected: {other:?}"),
    }
}

/// Sets a member; `null` takes it away.
pub(crate) fn set(part: &mut Value, member: &str, value: Value) {
    let members = part.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(member)
    } else {
        members.insert(member.to_owned(), value)
    };
}

/// A member of a forged part: what to set, and the reason to expect.
pub(crate) type Change = (&'static str, Value, Option<Reason>);

pub(crate) fn seconds(from_now: f64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "seconds of this century are exact in a double")]
    let now = now().timestamp() as f64;
    json!(now + from_now)
}
