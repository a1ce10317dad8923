//! A login from its address to its session: EHR launch and standalone launch, with PKCE, state and nonce.

use super::directory::DOCUMENT;
use super::identity::{Expected, verify};
use super::sessions::Session;
use super::token::{AppContext, Granted};
use super::user::clinician;
use super::{Smart, Trouble, Writes, random};
use crate::clock::Moment;
use crate::config::Client;
use crate::ehr::{Access, is_id};
use crate::jwks::KeySet;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long a user may take to sign in.
const PATIENCE: Duration = Duration::from_secs(600);
/// Longest `launch`, `code` and `appContext`, in bytes.
const LONGEST: usize = 4096;
/// A token of which nothing is said lives so long.
const USUAL_LIFE: Duration = Duration::from_secs(300);
/// No token is used longer, in seconds.
const LONGEST_LIFE: f64 = 43_200.0;
/// Random bytes of what must not be guessed: 256 bits.
const SECRET: usize = 32;
/// Random bytes of a handle, which names a session and opens nothing.
const HANDLE: usize = 12;

/// How a login begins.
#[derive(Debug, Default)]
pub struct Launch<'a> {
    /// The FHIR server, as the EHR or the user names it; `None`: the only one there is.
    pub iss: Option<&'a str>,
    /// The EHR's launch context; `None`: a standalone launch.
    pub launch: Option<&'a str>,
    /// Resource types that the panel reads of this client's EHR.
    pub types: &'a [&'static str],
}

/// A login that has begun.
pub struct Begun {
    /// Where the browser goes.
    pub to: Url,
    /// Names the login, and later the session.
    pub handle: String,
    /// What the browser keeps meanwhile.
    pub sealed: String,
}

/// What the EHR sends the browser back with.
pub struct Callback<'a> {
    /// The client whose redirect address was opened.
    pub client: &'a str,
    /// The code; `None` where the EHR said no.
    pub code: Option<&'a str>,
    /// Who it says that it is (RFC 9207).
    pub iss: Option<&'a str>,
    /// The state.
    pub state: &'a str,
    /// What the browser kept.
    pub sealed: &'a str,
}

/// A login that has come to its end.
pub struct Started {
    /// Names the session.
    pub handle: String,
    /// Opens it; for a cookie and for nothing else.
    pub secret: String,
    /// Name of the client, for the log.
    pub client: String,
    /// Who signed in.
    pub user: Option<String>,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").field("handle", &self.handle).finish_non_exhaustive()
    }
}

impl fmt::Debug for Callback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("client", &self.client).finish_non_exhaustive()
    }
}

impl fmt::Debug for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Started").field("client", &self.client).finish_non_exhaustive()
    }
}

/// What is kept of a login under way.
#[derive(Serialize, Deserialize)]
struct Kept {
    client: String,
    server: String,
    verifier: String,
    nonce: String,
    state: String,
    /// Seconds of the steady clock.
    until: u64,
}

/// The handle in a state.
pub fn handle_of(state: &str) -> Option<&str> {
    state.split_once('.').map(|(handle, _)| handle).filter(|it| is_handle(it))
}

/// Whether this may name a login or a session.
pub fn is_handle(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

impl Smart {
    /// The client and server that an `iss` names, or the only ones there are.
    ///
    /// # Errors
    ///
    /// [`Trouble::UnknownEhr`]; nothing is fetched then.
    pub fn ehr(&self, iss: Option<&str>) -> Result<(&Arc<Client>, Url), Trouble> {
        let url = match iss {
            Some(iss) => Url::parse(iss.trim()).ok(),
            None => {
                let mut ehrs = self.ehrs();
                ehrs.next().filter(|_| ehrs.next().is_none()).map(|(_, url)| url.clone())
            }
        };
        url.and_then(|url| self.client_at(&url)).ok_or(Trouble::UnknownEhr)
    }

    /// Begins a login.
    ///
    /// # Errors
    ///
    /// A [`Trouble`].
    pub async fn begin(&self, asked: &Launch<'_>, now: Moment) -> Result<Begun, Trouble> {
        let (client, server) = self.ehr(asked.iss)?;
        let client_id = client.smart_client_id.as_deref().ok_or(Trouble::UnknownEhr)?;
        if asked.launch.is_some_and(|launch| launch.len() > LONGEST) {
            return Err(Trouble::Refused);
        }
        let endpoints = self.directory.of(&server, now.steady).await?;
        let (verifier, nonce) = (random(SECRET)?, random(SECRET)?);
        let handle = random(HANDLE)?;
        let state = format!("{handle}.{}", random(SECRET)?);
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let scope = self.scopes(asked.launch.is_some(), endpoints.scopes_v2, asked.types);
        let mut to = endpoints.authorization.clone();
        to.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", &self.redirect_uri(&client.name))
            .append_pair("scope", &scope)
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("aud", asked.iss.map_or(server.as_str(), str::trim))
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if let Some(launch) = asked.launch {
            to.query_pairs_mut().append_pair("launch", launch);
        }
        let until = now.steady.saturating_add(PATIENCE).as_secs();
        let kept = Kept { client: client.name.clone(), server: server.into(), verifier, nonce, state, until };
        let text = serde_json::to_string(&kept).map_err(|_| Trouble::Internal)?;
        let sealed = self.seal.seal(&handle, &text).ok_or(Trouble::Internal)?;
        Ok(Begun { to, handle, sealed })
    }

    /// The scopes that are asked for: who signed in, whose chart is open, what is read, and what answers are written as.
    fn scopes(&self, by_ehr: bool, v2: bool, types: &[&str]) -> String {
        let read = if v2 { "rs" } else { "read" };
        // A Condition on record may get its onset; nothing else is ever changed.
        let write = |kind: &str| match (v2, kind) {
            (true, "Condition") => "cu",
            (true, _) => "c",
            (false, _) => "write",
        };
        let context: &[&str] = if by_ehr { &["launch"] } else { &["launch/patient"] };
        let reading = types.iter().map(|it| format!("patient/{it}.{read}"));
        let writing = self.writes.iter().map(|it| format!("patient/{it}.{}", write(it)));
        let fixed = context.iter().chain(&["openid", "fhirUser"]).map(|it| (*it).to_owned());
        fixed.chain(reading).chain(writing).collect::<Vec<_>>().join(" ")
    }

    /// The client that a login under way is for; `None` where the browser keeps none that can still come back.
    pub fn login_of(&self, handle: &str, sealed: &str, now: Moment) -> Option<String> {
        self.kept(handle, sealed, now).ok().filter(|_| !self.used.has(handle)).map(|kept| kept.client)
    }

    fn kept(&self, handle: &str, sealed: &str, now: Moment) -> Result<Kept, Trouble> {
        let kept = self.seal.open(handle, sealed).ok_or(Trouble::UnknownLogin)?;
        let kept: Kept = serde_json::from_str(&kept).map_err(|_| Trouble::UnknownLogin)?;
        if kept.until < now.steady.as_secs() { Err(Trouble::UnknownLogin) } else { Ok(kept) }
    }

    /// Ends a login: the code becomes a token, and the token a session. A login comes back once, whatever comes of it.
    ///
    /// # Errors
    ///
    /// A [`Trouble`]; no session stands then.
    pub async fn finish(&self, answer: &Callback<'_>, now: Moment) -> Result<Started, Trouble> {
        let handle = handle_of(answer.state).ok_or(Trouble::UnknownLogin)?;
        let kept = self.kept(handle, answer.sealed, now)?;
        let is_own = verify_slices_are_equal(kept.state.as_bytes(), answer.state.as_bytes()).is_ok();
        if !is_own || kept.client != answer.client || !self.used.first(handle) {
            return Err(Trouble::UnknownLogin);
        }
        let code = answer.code.filter(|code| code.len() <= LONGEST).ok_or(Trouble::Refused)?;
        let (client, server) = self.ehr(Some(&kept.server))?;
        let client_id = client.smart_client_id.as_deref().ok_or(Trouble::UnknownEhr)?;
        if client.name != kept.client {
            return Err(Trouble::UnknownEhr);
        }
        let endpoints = self.directory.of(&server, now.steady).await?;
        // The code is of whoever says so, and goes to nobody else.
        if answer.iss.map_or(endpoints.names_itself, |iss| iss != endpoints.issuer) {
            tracing::warn!(client = client.name, "another EHR than that of the login sent the browser back");
            return Err(Trouble::UnknownLogin);
        }
        let code = (code, kept.verifier.as_str());
        let granted = self.exchange((client, client_id), &endpoints, code, now.wall).await?;
        let id_token = granted.id_token.as_deref().ok_or(Trouble::NoIdentity)?;
        let expected = Expected { issuer: &endpoints.issuer, client_id, nonce: &kept.nonce };
        let user = self.who(&endpoints.keys, id_token, expected, &client.name).await?;
        self.open((handle, client, server), granted, user, now)
    }

    async fn who(
        &self,
        keys: &Url,
        id_token: &str,
        expected: Expected<'_>,
        client: &str,
    ) -> Result<Option<String>, Trouble> {
        let fetched = self.outbound.get(keys, HeaderMap::new(), DOCUMENT).await;
        let body = fetched.ok().and_then(|fetched| fetched.body).ok_or(Trouble::Unreachable)?;
        let verified = match KeySet::read(&body) {
            Ok(keys) => verify(id_token, &keys, expected).map_err(str::to_owned),
            Err(fault) => Err(fault.to_string()),
        };
        verified.map_err(|why| {
            tracing::warn!(client, why, "an id token is not believed");
            Trouble::NoIdentity
        })
    }

    fn open(
        &self,
        (handle, client, server): (&str, &Arc<Client>, Url),
        granted: Granted,
        user: Option<String>,
        now: Moment,
    ) -> Result<Started, Trouble> {
        let patient = granted.patient.filter(|id| is_id(id)).ok_or(Trouble::NoPatient)?;
        let life = granted.expires_in.filter(|it| it.is_finite() && *it >= 0.0);
        let life = life.map_or(USUAL_LIFE, |it| Duration::from_secs_f64(it.min(LONGEST_LIFE)));
        let access = Access::of_app(&server, &granted.access_token, &granted.scope, life);
        let user = clinician(user.as_deref(), &access.ok_or(Trouble::NoToken)?)?;
        if user.is_none() {
            tracing::warn!(
                client = client.name,
                "fhirUser is no clinician of this server: nothing is written"
            );
        }
        let writes = if user.is_some() { Writes::granted(&granted.scope) } else { Writes::Nobody };
        let secret = random(SECRET)?;
        let session = Session {
            handle: handle.to_owned(),
            secret: secret.clone(),
            page_key: random(SECRET)?,
            client: Arc::clone(client),
            server,
            token: granted.access_token,
            writes,
            scope: granted.scope,
            token_ends: now.steady.saturating_add(life),
            patient,
            encounter: granted.encounter.filter(|id| is_id(id)),
            user: user.clone(),
            asked: asked(granted.app_context),
            saving: tokio::sync::Mutex::default(),
        };
        self.sessions.add(session, now.steady);
        Ok(Started { handle: handle.to_owned(), secret, client: client.name.clone(), user })
    }
}

/// The facts that the link of a card asked for.
fn asked(context: Option<AppContext>) -> Vec<String> {
    #[derive(Deserialize)]
    struct Context {
        #[serde(default)]
        facts: Vec<String>,
    }
    let Some(AppContext::Text(text)) =
        context.filter(|it| matches!(it, AppContext::Text(text) if text.len() <= LONGEST))
    else {
        return Vec::new();
    };
    serde_json::from_str(&text).map_or_else(|_| Vec::new(), |context: Context| context.facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_names_its_login() {
        assert_eq!(handle_of("abc_-1.rest"), Some("abc_-1"));
        for odd in ["", ".", "abc", ".rest", "a b.c", "a;b.c", "a=b.c", "\u{e9}.c"] {
            assert_eq!(handle_of(odd), None, "{odd}");
        }
    }

    #[test]
    fn app_context_that_is_not_ours_asks_for_nothing() {
        let of = |text: &str| asked(Some(AppContext::Text(text.to_owned())));
        assert_eq!(of(r#"{"facts": ["sins"], "card": "x"}"#), ["sins"]);
        for odd in ["", "null", "[]", "sins", r#"{"facts": 3}"#] {
            assert!(of(odd).is_empty(), "{odd}");
        }
        assert!(asked(None).is_empty());
    }
}
