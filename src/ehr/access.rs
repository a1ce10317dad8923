//! Whether the FHIR server that a call names may be read, and with which token.
//!
//! Only a server that the configuration lists for the authenticated client is (F-10), and only with a usable token or
//! where the configuration says that the server is open (F-11). Anything else is as if no server were named. Absent on
//! purpose: connecting.

use super::scope::Scopes;
use super::{Interaction, Wanted};
use crate::cds_hooks::FhirAuthorization;
use crate::config::Client;
use crate::correlation::Correlation;
use reqwest::header::HeaderValue;
use std::fmt;
use std::time::Duration;
use url::Url;

/// Access to one server for one call.
pub struct Access {
    /// The base of the server as configured, with a slash at its end.
    pub(super) base: Url,
    /// The header of this call; no header for an open server.
    pub(super) authorization: Option<HeaderValue>,
    /// How long the token lives from the receipt of the call on.
    pub(super) expires_in: Duration,
    scopes: Scopes,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl Access {
    /// The access that a call of `client` has; `None` when it has none.
    pub fn granted(
        client: &Client,
        call: &Correlation,
        fhir_server: Option<&str>,
        authorization: Option<&FhirAuthorization<'_>>,
    ) -> Option<Self> {
        let named = Url::parse(fhir_server?.trim()).ok();
        let listed = |servers: &[Url]| named.as_ref().and_then(|named| listed(servers, named));
        let Some(base) = listed(&client.fhir_servers) else {
            tracing::warn!(
                client = client.name,
                request_id = call.request_id(),
                "fhirServer is none of the client's fhir_servers, to the letter but for slashes at the end; it is not read"
            );
            return None;
        };
        let base = with_slash(base);
        match authorization.and_then(|sent| header(client, call, sent).zip(Some(sent))) {
            Some((header, sent)) => Some(Self {
                base,
                authorization: Some(header),
                expires_in: sent.expires_in.unwrap_or(Duration::MAX),
                scopes: Scopes::parse(sent.scope.as_deref().unwrap_or_default()),
            }),
            None => listed(&client.open_fhir_servers).map(|_| Self {
                base,
                authorization: None,
                expires_in: Duration::MAX,
                scopes: Scopes::default(),
            }),
        }
    }

    /// The access that an app has been given to one server; `None` when the token cannot be a header. `base` is a server of
    /// the configuration; scopes as in the token response.
    pub fn of_app(base: &Url, token: &str, scope: &str, expires_in: Duration) -> Option<Self> {
        Some(Self {
            base: with_slash(base.clone()),
            authorization: Some(bearer(token)?),
            expires_in,
            scopes: Scopes::parse(scope),
        })
    }

    /// Whether asking for this is worth a call.
    pub(super) fn covers(&self, wanted: &Wanted) -> bool {
        self.scopes.may_cover(wanted.resource_type, wanted.interaction)
    }

    /// Whether the token shows only a part of what this asks for.
    pub(super) fn covers_in_part(&self, wanted: &Wanted) -> bool {
        wanted.interaction == Interaction::Search && self.scopes.covers_in_part(wanted.resource_type)
    }

    /// The id in a reference to a resource of this type on this server, relative or absolute.
    pub fn id_here(&self, reference: &str, resource_type: &str) -> Option<String> {
        let unversioned = reference.split("/_history").next()?;
        let relative = match Url::parse(unversioned) {
            Ok(absolute) => self.below_base(&absolute)?.to_owned(),
            Err(url::ParseError::RelativeUrlWithoutBase) => unversioned.to_owned(),
            Err(_) => return None,
        };
        let id = relative.strip_prefix(resource_type)?.strip_prefix('/')?;
        is_id(id).then(|| id.to_owned())
    }

    /// Where a `next` link leads; `None` when that is not below the base of this server (P-18).
    pub(super) fn next_page(&self, link: &str) -> Option<Url> {
        if link.trim().is_empty() {
            return None;
        }
        let url = self.base.join(link.trim()).ok()?;
        self.below_base(&url)?;
        Some(url)
    }

    /// The path below the base, without the query. Some servers page at the base itself.
    fn below_base<'u>(&self, url: &'u Url) -> Option<&'u str> {
        let same_server = url.origin() == self.base.origin()
            && url.username() == self.base.username()
            && url.password() == self.base.password();
        let path = url.path();
        // An encoded slash may be a slash to the server, and dots after it a step out.
        let lower = path.to_ascii_lowercase();
        if !same_server || lower.contains("%2f") || lower.contains("%5c") {
            return None;
        }
        let base = self.base.path();
        path.strip_prefix(base).or_else(|| (path == base.trim_end_matches('/')).then_some(""))
    }
}

/// A FHIR id (R4, "id") that names a resource and not a step in a path.
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        && !text.bytes().all(|byte| byte == b'.')
}

/// The token as a header, where it may be used for this client.
fn header(client: &Client, call: &Correlation, sent: &FhirAuthorization<'_>) -> Option<HeaderValue> {
    if !sent.is_bearer() {
        tracing::warn!(
            client = client.name,
            request_id = call.request_id(),
            "fhirAuthorization.token_type is not Bearer; the token is not used"
        );
        return None;
    }
    if let (Some(ours), Some(subject)) = (&client.fhir_client_id, &sent.subject)
        && ours != subject.as_ref()
    {
        tracing::warn!(
            client = client.name,
            request_id = call.request_id(),
            "fhirAuthorization.subject is not the configured fhir_client_id; the token is not used"
        );
        return None;
    }
    bearer(&sent.access_token)
}

/// A token as a header that no debug text shows.
pub fn bearer(token: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("Bearer {}", token.trim())).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// The server of a list that is this one.
pub fn listed(servers: &[Url], named: &Url) -> Option<Url> {
    servers.iter().find(|server| same_base(server, named)).cloned()
}

/// Whether both are the same base: case of scheme and host, the default port and slashes at the end do not matter.
fn same_base(listed: &Url, named: &Url) -> bool {
    let plain = |url: &Url| url.query().is_none() && url.fragment().is_none();
    listed.origin() == named.origin()
        && listed.path().trim_end_matches('/') == named.path().trim_end_matches('/')
        && named.username().is_empty()
        && named.password().is_none()
        && plain(named)
}

/// A base with a slash at its end, so that what is joined to it stands below it.
pub fn with_slash(mut base: Url) -> Url {
    if !base.path().ends_with('/') {
        let path = format!("{}/", base.path());
        base.set_path(&path);
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::KeySource;
    use crate::json::Document;

    fn client() -> Client {
        let url = |text: &str| Url::parse(text).unwrap();
        let keys = KeySource::File("keys.json".into());
        Client {
            fhir_servers: vec![url("https://ehr.example.org/fhir/r4"), url("https://open.example.org/fhir/")],
            open_fhir_servers: vec![url("https://open.example.org/fhir/")],
            fhir_client_id: Some("spinal-mets-cds".to_owned()),
            ..Client::new("hospital", "https://ehr.example.org", keys, &[])
        }
    }

    const TOKEN: &str = r#"{"access_token":"t","token_type":"Bearer","expires_in":30}"#;

    fn granted(server: &str, authorization: Option<&str>) -> Option<Access> {
        let raw = authorization.map(|json| Document::parse(json).unwrap());
        let sent = raw.as_ref().and_then(|raw| FhirAuthorization::read(raw.root()));
        Access::granted(&client(), &Correlation::of(None, None, None), Some(server), sent.as_ref())
    }

    #[test]
    fn only_a_listed_server_is_called() {
        for (server, expected) in [
            ("https://ehr.example.org/fhir/r4", true),
            ("https://ehr.example.org/fhir/r4/", true),
            ("HTTPS://EHR.example.org:443/fhir/r4", true),
            ("https://ehr.example.org/fhir/r4/x/..", true),
            ("https://ehr.example.org/fhir/R4", false),
            ("https://ehr.example.org/fhir", false),
            ("https://ehr.example.org/fhir/r4/other", false),
            ("https://ehr.example.org:8443/fhir/r4", false),
            ("http://ehr.example.org/fhir/r4", false),
            ("https://ehr.example.org.evil.example/fhir/r4", false),
            ("https://ehr.example.org@evil.example/fhir/r4", false),
            ("https://user@ehr.example.org/fhir/r4", false),
            ("https://ehr.example.org/fhir/r4?x=1", false),
            ("https://ehr.example.org/fhir/r4#x", false),
            ("http://169.254.169.254/latest", false),
            ("/fhir/r4", false),
            ("", false),
        ] {
            assert_eq!(granted(server, Some(TOKEN)).is_some(), expected, "{server}");
        }
    }

    #[test]
    fn a_token_that_may_not_be_used_is_as_none() {
        let listed = "https://ehr.example.org/fhir/r4";
        for (authorization, expected) in [
            (TOKEN, true),
            (r#"{"access_token":"t","token_type":"bearer","subject":"spinal-mets-cds"}"#, true),
            (r#"{"access_token":"t","token_type":"Bearer","subject":"another"}"#, false),
            (r#"{"access_token":"t","token_type":"MAC"}"#, false),
            (r#"{"access_token":"t"}"#, false),
            (r#"{"access_token":"t\r\nX: y","token_type":"Bearer"}"#, false),
            (r#"{"token_type":"Bearer"}"#, false),
        ] {
            assert_eq!(granted(listed, Some(authorization)).is_some(), expected, "{authorization}");
        }
        assert!(granted(listed, None).is_none());
    }

    #[test]
    fn an_open_server_is_read_without_a_token_and_with_one_when_it_is_usable() {
        let open = "https://open.example.org/fhir";
        let with = |authorization| granted(open, authorization).map(|access| access.authorization.is_some());
        assert_eq!(with(None), Some(false));
        assert_eq!(with(Some(TOKEN)), Some(true));
        assert_eq!(with(Some(r#"{"access_token":"t","token_type":"MAC"}"#)), Some(false));
    }

    #[test]
    fn further_pages_stay_below_the_base() {
        let access = granted("https://ehr.example.org/fhir/r4", Some(TOKEN)).unwrap();
        for (link, expected) in [
            ("https://ehr.example.org/fhir/r4/Condition?page=2", true),
            ("https://EHR.example.org:443/fhir/r4?_getpages=1", true),
            ("Condition?page=2", true),
            ("?page=2", true),
            ("/fhir/r4/Condition?page=2", true),
            ("/Condition?page=2", false),
            ("../r5/Condition?page=2", false),
            ("https://ehr.example.org/fhir/r4/../../admin", false),
            ("https://ehr.example.org/fhir/r4/%2e%2e/%2E%2E/admin", false),
            ("https://ehr.example.org/fhir/r4/..%2f..%2fadmin", false),
            ("https://ehr.example.org/fhir/r4x/Condition", false),
            ("https://ehr.example.org:8443/fhir/r4/Condition", false),
            ("http://ehr.example.org/fhir/r4/Condition", false),
            ("https://u:p@ehr.example.org/fhir/r4/Condition", false),
            ("//evil.example/fhir/r4/Condition", false),
            ("https://evil.example/fhir/r4/Condition", false),
            ("http://169.254.169.254/latest/meta-data", false),
            ("file:///etc/passwd", false),
            ("", false),
            (" ", false),
        ] {
            assert_eq!(access.next_page(link).is_some(), expected, "{link}");
        }
    }

    #[test]
    fn only_references_to_this_server_name_something_to_read() {
        let access = granted("https://ehr.example.org/fhir/r4", Some(TOKEN)).unwrap();
        for (reference, expected) in [
            ("Medication/1", Some("1")),
            ("Medication/1/_history/2", Some("1")),
            ("https://ehr.example.org/fhir/r4/Medication/a-1.b", Some("a-1.b")),
            ("https://ehr.example.org/fhir/Medication/1", None),
            ("https://evil.example/fhir/r4/Medication/1", None),
            ("urn:uuid:6c2b4a8e-0f2e-4a43-9d4e-000000000001", None),
            ("#1", None),
            ("Medication/..", None),
            ("Medication/../Patient", None),
            ("Medication/1?x=y", None),
            ("Medication/", None),
            ("Substance/1", None),
        ] {
            assert_eq!(access.id_here(reference, "Medication").as_deref(), expected, "{reference}");
        }
    }

    #[test]
    fn the_token_is_not_in_the_debug_text() {
        let secret = r#"{"access_token":"canary","token_type":"Bearer"}"#;
        let access = granted("https://ehr.example.org/fhir/r4", Some(secret)).unwrap();
        assert!(!format!("{access:?} {:?}", access.authorization).contains("canary"));
    }
}
