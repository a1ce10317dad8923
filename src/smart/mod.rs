//! The panel as a SMART app (SMART App Launch 2.2.0): a login at the EHR, a session in memory, answers written to the EHR.
//!
//! Only servers of the configuration are ever called: an `iss` is compared with them and never fetched otherwise. A login
//! under way is kept by the browser, sealed with a key of this process, so that nobody fills our memory by beginning logins.
//! Tokens live in a [`Session`] alone: in no URL, no cookie, no log line, no file. Deliberately absent: HTTP and cookies
//! (`web`), what a question is (`services::form`), and refresh tokens, which a panel of a minute does not need.

mod directory;
mod identity;
mod key;
mod login;
mod onset;
mod save;
mod seal;
mod sessions;
mod token;
mod used;
mod user;

pub use key::KeyError;
pub use login::{Begun, Callback, Launch, Started, handle_of, is_handle};
pub use onset::onset;
pub use save::{Outcome, Saved};
pub use sessions::{LastResponse, Session, Sessions};

use crate::clock::{Moment, Stopwatch};
use crate::config::{Client, Deployment};
use crate::correlation::Correlation;
use crate::ehr::{Write, allows_writing, listed};
use crate::outbound::Outbound;
use crate::services::form::Answered;
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::Directory;
use key::Key;
use seal::Seal;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use url::Url;
use used::Used;

/// Why a login did not come to its end; each text is for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Trouble {
    /// The EHR that the address names is not configured for the panel.
    #[error("This EHR is not registered here. Whoever runs the service has to add it.")]
    UnknownEhr,
    /// Its SMART configuration cannot be had.
    #[error("The EHR does not answer. Try again in a minute.")]
    Unreachable,
    /// Its SMART configuration lacks something, or names an address that may not be called.
    #[error(
        "The EHR does not say how an app signs in. Whoever runs the EHR has to switch SMART App Launch on."
    )]
    NotSmart,
    /// Its SMART configuration is that of another EHR, or not the one that is configured.
    #[error(
        "The sign-in of this EHR cannot be told from that of another. Whoever runs the service finds the reason in its log."
    )]
    Ambiguous,
    /// As many sign-ins are under way as may be.
    #[error("Too many sign-ins are under way. Try again in a minute.")]
    Busy,
    /// No login of this browser fits: too old, of another browser, or of another process.
    #[error("This sign-in is not known any more. Open the panel again from the patient's chart.")]
    UnknownLogin,
    /// The user or the EHR said no.
    #[error(
        "The EHR did not let the panel in. Open it again from the patient's chart, or ask whoever runs the EHR."
    )]
    Refused,
    /// The EHR took neither the code nor who we are.
    #[error("The EHR did not hand over access. Open the panel again from the patient's chart.")]
    NoToken,
    /// What it says of the user is not to be believed.
    #[error("Who signed in could not be verified. Whoever runs the service finds the reason in its log.")]
    NoIdentity,
    /// No patient came with the access.
    #[error("No patient is open in the EHR. Open the panel from a patient's chart.")]
    NoPatient,
    /// The user is a patient or a relative.
    #[error("The panel is for clinicians.")]
    NotClinician,
    /// Randomness failed.
    #[error("The service failed. Try again.")]
    Internal,
}

/// The panel, set up for the EHRs of a configuration.
#[derive(Debug)]
pub struct Smart {
    base: Url,
    writes: Vec<String>,
    /// Origins that may show the panel in a frame.
    pub frame_ancestors: Vec<String>,
    clients: Vec<Arc<Client>>,
    outbound: Outbound,
    directory: Directory,
    seal: Seal,
    used: Used,
    key: Option<Key>,
    /// Its public half as a JWK Set, made once.
    key_set: Option<String>,
    /// Who is signed in.
    pub sessions: Sessions,
}

impl Smart {
    /// The panel of a deployment; `None` where it is off.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] when its private key cannot be used.
    pub fn new(deployment: &Deployment, outbound: &Outbound) -> Result<Option<Self>, KeyError> {
        let Some(settings) = &deployment.smart else { return Ok(None) };
        let offered = deployment.clients.iter().filter(|client| client.smart_client_id.is_some());
        let clients: Vec<Arc<Client>> = offered.cloned().map(Arc::new).collect();
        let key = settings.private_key.as_deref().map(Key::load).transpose()?;
        Ok(Some(Self {
            base: deployment.public_base_url.clone(),
            writes: settings.writes.clone(),
            frame_ancestors: settings.frame_ancestors.clone(),
            directory: Directory::new(clients.iter().map(|client| &**client), outbound),
            used: Used::default(),
            clients,
            outbound: outbound.clone(),
            seal: Seal::new().ok_or(KeyError::NoRandomness)?,
            key_set: key.as_ref().map(Key::public_set),
            key,
            sessions: Sessions::default(),
        }))
    }

    /// The EHRs that the panel can be opened for: the name of each client and the base of its server.
    pub fn ehrs(&self) -> impl Iterator<Item = (&str, &Url)> {
        let servers = |client: &'_ Arc<Client>| client.fhir_servers.len();
        let each =
            self.clients.iter().flat_map(move |client| (0..servers(client)).map(move |at| (client, at)));
        each.filter_map(|(client, at)| Some((client.name.as_str(), client.fhir_servers.get(at)?)))
    }

    /// The public key of the panel as a JWK Set; `None` where it is a public client everywhere.
    pub fn key_set(&self) -> Option<&str> {
        self.key_set.as_deref()
    }

    /// The path of the public base, before every path of ours; without a slash at its end.
    pub fn prefix(&self) -> &str {
        self.base.path().trim_end_matches('/')
    }

    /// Where the browser's pages of the panel come from.
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Writes answers to the EHR of a session, each with its words, in their order. `begun`: when saving began, the reading
    /// of the record before it included; `call`: what it belongs to. A session that the EHR no longer knows ends.
    pub async fn save(
        &self,
        session: &Session,
        answers: Vec<(String, Answered)>,
        (steady, begun): (Duration, Stopwatch),
        call: &Correlation,
    ) -> Vec<Saved> {
        let saved = save::write(&self.outbound, session, answers, (steady, begun), call).await;
        if saved.iter().any(|it| it.status == Some(401)) {
            self.sessions.end(&session.handle);
        }
        saved
    }

    /// Ends a session and gives its token back.
    pub async fn end(&self, session: &Session, now: Moment) {
        self.sessions.end(&session.handle);
        self.revoke(&session.client, &session.server, &session.token, now).await;
    }

    /// Each EHR has an address of its own to send the browser back to, so that one cannot answer for another.
    fn redirect_uri(&self, client: &str) -> String {
        format!("{}/smart/callback/{client}", self.base.as_str().trim_end_matches('/'))
    }

    fn client_at(&self, iss: &Url) -> Option<(&Arc<Client>, Url)> {
        self.clients.iter().find_map(|client| Some((client, listed(&client.fhir_servers, iss)?)))
    }
}

/// What answers may be written as with what was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// Observations, and what began earlier as a Condition.
    Observations {
        /// Whether new Conditions may be written as well.
        conditions: bool,
        /// Whether the onset of a Condition on record may be written.
        onsets: bool,
    },
    /// A `QuestionnaireResponse` of all answers.
    Response,
    /// Nothing: answers are text to copy.
    Nothing,
    /// Nothing, since no clinician signed in whose answers they would be.
    Nobody,
}

impl Writes {
    /// By the scopes of a token.
    fn granted(scopes: &str) -> Self {
        let creates = |kind| allows_writing(scopes, kind, Write::Create);
        if creates("Observation") {
            let onsets = allows_writing(scopes, "Condition", Write::Update);
            Self::Observations { conditions: creates("Condition"), onsets }
        } else if creates("QuestionnaireResponse") {
            Self::Response
        } else {
            Self::Nothing
        }
    }

    /// Its name for the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observations { .. } => "observations",
            Self::Response => "response",
            Self::Nothing => "nothing",
            Self::Nobody => "nobody",
        }
    }
}

/// So many random bytes as text that may stand in URLs, cookies and HTML.
fn random(bytes: usize) -> Result<String, Trouble> {
    let mut secret = vec![0; bytes];
    rand::fill(&mut secret).map_err(|_| Trouble::Internal)?;
    Ok(URL_SAFE_NO_PAD.encode(secret))
}
