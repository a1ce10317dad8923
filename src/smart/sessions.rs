//! Who is signed in: in the memory of this process, bounded for each client, gone after a while.

use super::Writes;
use crate::config::Client;
use crate::ehr::Access;
use crate::services::form::{ANSWER, Answered};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use url::Url;

/// Sessions of one client at once; beyond that its oldest gives way.
const MOST: usize = 2_000;
/// How long a session lives without being used.
const IDLE: Duration = Duration::from_secs(900);
/// How long it lives at most.
const LIFE: Duration = Duration::from_secs(43_200);

/// One user on one patient. It ends with its token: at a computer of the ward nobody finds the chart of the one before.
pub struct Session {
    /// Names it.
    pub handle: String,
    /// Opens it: what the cookie holds.
    pub(super) secret: String,
    /// What the page must send with everything that it asks for: no page of another site knows it.
    pub page_key: String,
    /// Whose EHR.
    pub client: Arc<Client>,
    /// Base of its FHIR server, as configured.
    pub server: Url,
    pub(super) token: String,
    pub(super) scope: String,
    /// What answers may be written as.
    pub writes: Writes,
    /// When the token ends, by the steady clock.
    pub(super) token_ends: Duration,
    /// Bare id of the patient.
    pub patient: String,
    /// Bare id of the encounter.
    pub encounter: Option<String>,
    /// The clinician who signed in, as `Type/id`; without one nothing is written.
    pub user: Option<String>,
    /// Names of the facts that the card asked for, as they came.
    pub asked: Vec<String>,
    /// One save at a time; the last response that was written.
    pub(super) saving: tokio::sync::Mutex<LastResponse>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("client", &self.client.name).finish_non_exhaustive()
    }
}

impl Session {
    /// The access of its token; `None` once that has ended. `steady`: the clock that is never set.
    pub fn access(&self, steady: Duration) -> Option<Access> {
        let left = self.token_ends.checked_sub(steady).filter(|left| !left.is_zero())?;
        Access::of_app(&self.server, &self.token, &self.scope, left)
    }

    /// Whoever saves is alone as long as what comes back lives; `None` while somebody else does.
    pub fn alone(&self) -> Option<tokio::sync::MutexGuard<'_, LastResponse>> {
        self.saving.try_lock().ok()
    }

    /// Whether this is the key of its page.
    pub fn is_page_key(&self, sent: &[u8]) -> bool {
        verify_slices_are_equal(self.page_key.as_bytes(), sent).is_ok()
    }
}

/// The response that a session wrote last: what it says, and its identifier.
#[derive(Debug, Default)]
pub struct LastResponse(Option<(Value, String)>);

impl LastResponse {
    /// Prepares a response to be written. The same again has the identifier that it had, so that it stays one; another one
    /// after it has its own, also where it says what an earlier one said.
    pub fn again(&mut self, handle: &str, mut response: Value, tag: &dyn Fn(&str) -> String) -> Answered {
        let said = response.get("item").cloned().unwrap_or_default();
        let identifier = match &self.0 {
            Some((last, identifier)) if *last == said => identifier.clone(),
            before => {
                let before = before.as_ref().map(|(_, identifier)| identifier);
                let whole = json!([handle, before, said]).to_string();
                format!("response.{}", tag(&whole))
            }
        };
        if let Some(members) = response.as_object_mut() {
            members.insert("identifier".to_owned(), json!({"system": ANSWER, "value": identifier}));
        }
        self.0 = Some((said, identifier.clone()));
        Answered::New { resource: response, identifier }
    }
}

struct Held {
    session: Arc<Session>,
    began: Duration,
    used: Duration,
}

impl Held {
    fn is_over(&self, steady: Duration) -> bool {
        steady.saturating_sub(self.began) > LIFE
            || steady.saturating_sub(self.used) > IDLE
            || steady >= self.session.token_ends
    }
}

impl Held {
    fn is(&self, secret: &str, steady: Duration) -> bool {
        !self.is_over(steady)
            && verify_slices_are_equal(self.session.secret.as_bytes(), secret.as_bytes()).is_ok()
    }
}

/// All sessions by handle.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<String, Held>>);

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

impl Sessions {
    fn held(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one; what is over goes, and the oldest of a client that has too many.
    pub(super) fn add(&self, session: Session, steady: Duration) {
        let mut held = self.held();
        held.retain(|_, one| !one.is_over(steady));
        let of_client = |one: &Held| one.session.client.name == session.client.name;
        if held.values().filter(|one| of_client(one)).count() >= MOST {
            let oldest = held.iter().filter(|(_, one)| of_client(one)).min_by_key(|(_, one)| one.used);
            if let Some(handle) = oldest.map(|(handle, _)| handle.clone()) {
                held.remove(&handle);
            }
        }
        let handle = session.handle.clone();
        held.insert(handle, Held { session: Arc::new(session), began: steady, used: steady });
    }

    /// The session of this handle for whoever has its secret.
    pub fn find(&self, handle: &str, secret: &str, steady: Duration) -> Option<Arc<Session>> {
        let mut held = self.held();
        let one = held.get_mut(handle).filter(|one| one.is(secret, steady))?;
        one.used = steady;
        Some(Arc::clone(&one.session))
    }

    /// Whether this handle with this secret is a session; looking is no use of it.
    pub fn knows(&self, handle: &str, secret: &str, steady: Duration) -> bool {
        self.held().get(handle).is_some_and(|one| one.is(secret, steady))
    }

    /// Ends a session; its token goes with the last who uses it.
    pub fn end(&self, handle: &str) -> bool {
        self.held().remove(handle).is_some()
    }

    /// Ends those of these handles and secrets that are sessions of another user at the same EHR: two people do not work in
    /// one browser at once.
    pub fn end_others<'a>(
        &self,
        kept: impl Iterator<Item = (&'a str, &'a str)>,
        (client, user): (&str, Option<&str>),
        steady: Duration,
    ) {
        let mut held = self.held();
        for (handle, secret) in kept {
            let is_others = |one: &Held| {
                one.is(secret, steady)
                    && one.session.client.name == client
                    && one.session.user.as_deref() != user
            };
            if held.get(handle).is_some_and(is_others) {
                held.remove(handle);
            }
        }
    }

    /// Lets go of what is over, with its tokens.
    pub fn sweep(&self, steady: Duration) {
        self.held().retain(|_, one| !one.is_over(steady));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::KeySource;

    fn session(client: &str, handle: &str) -> Session {
        let client = Client::new(client, "https://ehr.example.org", KeySource::File("keys.json".into()), &[]);
        Session {
            handle: handle.to_owned(),
            secret: "secret".to_owned(),
            page_key: "page".to_owned(),
            client: Arc::new(client),
            server: "https://ehr.example.org/fhir".parse().unwrap(),
            token: "canary".to_owned(),
            scope: String::new(),
            writes: Writes::Nothing,
            token_ends: Duration::from_secs(50_000),
            patient: "p".to_owned(),
            encounter: None,
            user: None,
            asked: Vec::new(),
            saving: tokio::sync::Mutex::default(),
        }
    }

    #[test]
    fn a_session_is_opened_by_its_secret_and_ends() {
        let sessions = Sessions::default();
        let at = Duration::from_secs;
        sessions.add(session("a", "h"), at(0));
        assert!(sessions.find("h", "wrong", at(1)).is_none());
        assert!(sessions.find("x", "secret", at(1)).is_none());
        assert!(sessions.find("h", "secret", at(900)).is_some());
        assert!(sessions.find("h", "secret", at(1_800)).is_some(), "used in between");
        assert!(sessions.knows("h", "secret", at(2_000)) && !sessions.knows("h", "wrong", at(2_000)));
        assert!(sessions.find("h", "secret", at(2_701)).is_none(), "idle; looking is no use");
        sessions.add(session("a", "busy"), at(0));
        let open = |quarter: u64| sessions.find("busy", "secret", at(quarter * 900)).is_some();
        assert_eq!((1..=52).filter(|quarter| open(*quarter)).count(), 48, "a day's work at most");
        let held = session("a", "h");
        assert!(held.access(at(49_999)).is_some() && held.access(at(50_000)).is_none());
        assert!(held.is_page_key(b"page") && !held.is_page_key(b"") && !held.is_page_key(b"secret"));
        assert!(!format!("{held:?}").contains("canary"));
    }

    #[test]
    fn a_response_that_is_sent_again_is_one_and_the_way_back_is_new() {
        let mut last = LastResponse::default();
        let mut of = |value: &str| match last.again("h", json!({ "item": [value] }), &str::to_owned) {
            Answered::New { identifier, .. } => identifier,
            other => panic!("{other:?}"),
        };
        let (first, again, other, back) = (of("a"), of("a"), of("b"), of("a"));
        assert_eq!(first, again);
        assert!(first != other && other != back && first != back);
    }

    #[test]
    fn the_oldest_of_a_client_gives_way_and_nobody_elses() {
        let sessions = Sessions::default();
        let at = |number: usize| Duration::from_millis(u64::try_from(number).unwrap());
        sessions.add(session("b", "other"), at(0));
        for number in 0..=MOST {
            sessions.add(session("a", &number.to_string()), at(number));
        }
        let there = |handle: &str| sessions.find(handle, "secret", at(MOST)).is_some();
        assert!(!there("0") && there("1") && there(&MOST.to_string()) && there("other"));
    }

    #[test]
    fn a_session_ends_with_its_token_when_it_is_closed_and_when_another_user_comes() {
        let sessions = Sessions::default();
        let at = Duration::from_secs;
        sessions.add(Session { token_ends: at(300), ..session("a", "short") }, at(0));
        assert!(sessions.knows("short", "secret", at(299)) && !sessions.knows("short", "secret", at(300)));
        sessions.sweep(at(299));
        assert_eq!(sessions.held().len(), 1);
        sessions.sweep(at(300));
        assert_eq!(sessions.held().len(), 0, "nothing of it is kept");
        let of = |client: &str, handle: &str, user: &str| {
            let user = Some(user.to_owned());
            sessions.add(Session { user, ..session(client, handle) }, at(0));
        };
        of("a", "one", "Practitioner/1");
        of("a", "same", "Practitioner/2");
        of("b", "elsewhere", "Practitioner/1");
        of("a", "foreign", "Practitioner/1");
        let kept = [("one", "secret"), ("same", "secret"), ("elsewhere", "secret"), ("foreign", "wrong")];
        sessions.end_others(kept.into_iter(), ("a", Some("Practitioner/2")), at(1));
        let there: Vec<&str> = ["one", "same", "elsewhere", "foreign"]
            .into_iter()
            .filter(|it| sessions.knows(it, "secret", at(1)))
            .collect();
        assert_eq!(there, ["same", "elsewhere", "foreign"]);
        assert!(sessions.end("same") && !sessions.end("same"));
    }
}
