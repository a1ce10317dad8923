//! Asking a FHIR server, several things at once, within one budget of time and bytes (F-10, F-12, PERF-1).
//!
//! Requests go through the client of fhir-sdk: it sets the header of the call on each, refuses another origin and
//! another FHIR version, and tries again once. The answers are not read by it: a resource that is odd must not cost the
//! page. Absent on purpose: what the answers say.

use super::access::Access;
use super::page::next_link;
use super::{Ended, Fetched, Start, Wanted};
use crate::clock::Stopwatch;
use crate::config::Limits;
use crate::correlation::Correlation;
use crate::json::{Document, Object};
use crate::outbound::Outbound;
use crate::spans::Spans;
use fhir_sdk::client::{Client, ClientBuilder, RequestSettings};
use fhir_sdk::version::FhirR4B;
use futures_util::{StreamExt, stream};
use reqwest::header;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use url::Url;

/// Requests under way at once, for one call.
const AT_ONCE: usize = 8;
/// Most pages of one search.
const MOST_PAGES: usize = 20;
/// A longer URL is sent as a form: some servers and proxies cut at 2,048 characters.
const LONGEST_URL: usize = 2_000;
/// Pause before the one further try after a broken connection.
const PAUSE: Duration = Duration::from_millis(50);
/// The part of the deadline that is kept for answering.
const KEPT: u32 = 10;
/// One answer may be this part of all answers of a call, so that one cannot starve the others.
const SHARE: usize = 2;

/// Reads from FHIR servers; one for the whole service. It holds nothing of any call.
#[derive(Debug, Clone)]
pub struct Fetcher {
    outbound: Outbound,
    /// All answers of a call together, in bytes.
    bytes: usize,
}

impl Fetcher {
    /// A call may bring in as much by itself as it may send: `limits.request_bytes`.
    pub const fn new(outbound: Outbound, limits: &Limits) -> Self {
        Self { outbound, bytes: limits.request_bytes }
    }

    /// Begins to read for a call that was received then; `None` when the address may not be called. `deadline`: the longest
    /// time for the whole call; `correlation`: what it is known by.
    pub fn session(
        &self,
        access: Access,
        received: Stopwatch,
        deadline: Duration,
        correlation: &Correlation,
    ) -> Option<Session> {
        self.outbound.check(&access.base).ok()?;
        let mut settings = RequestSettings::default().retries(1).fixed_retry(PAUSE);
        if let Some(token) = &access.authorization {
            settings = settings.header(header::AUTHORIZATION, token.clone());
        }
        let client = ClientBuilder::<FhirR4B>::default()
            .base_url(access.base.clone())
            .client(self.outbound.client().clone())
            .request_settings(settings)
            .build()
            .ok()?;
        let window = deadline.saturating_sub(deadline / KEPT).min(access.expires_in);
        let (bytes_left, most_bytes) = (AtomicUsize::new(self.bytes), self.bytes / SHARE);
        let (spans, correlation) = (self.outbound.spans().clone(), correlation.clone());
        Some(Session { client, access, received, window, bytes_left, most_bytes, spans, correlation })
    }
}

/// The reading of one call. The token goes when this goes.
#[derive(Debug)]
pub struct Session {
    client: Client<FhirR4B>,
    access: Access,
    received: Stopwatch,
    /// How long may be read, from the receipt of the call on: until the deadline, or until the token expires.
    window: Duration,
    bytes_left: AtomicUsize,
    most_bytes: usize,
    spans: Spans,
    correlation: Correlation,
}

/// A request to be sent.
enum Request {
    Get(Url),
    Post(Url, String),
}

impl Session {
    /// Asks for all of `wanted`; the answers stand in the same order. It returns when everything has come or the time
    /// is up, with what is there by then.
    pub async fn fetch(&self, wanted: &[Wanted]) -> Vec<Fetched> {
        let each = wanted.iter().enumerate().map(async |(index, one)| (index, self.follow(one).await));
        let mut fetched: Vec<(usize, Fetched)> = stream::iter(each).buffer_unordered(AT_ONCE).collect().await;
        fetched.sort_unstable_by_key(|(index, _)| *index);
        fetched.into_iter().map(|(_, fetched)| fetched).collect()
    }

    /// The id in a reference to a resource of this type on the server.
    pub fn id_here(&self, reference: &str, resource_type: &str) -> Option<String> {
        self.access.id_here(reference, resource_type)
    }

    /// Asks for one thing, page by page.
    async fn follow(&self, wanted: &Wanted) -> Fetched {
        let mut pages = Vec::new();
        if !self.access.covers(wanted) {
            return Fetched { pages, ended: Ended::Refused };
        }
        let mut visited: Vec<Url> = Vec::new();
        let mut next = self.first(wanted);
        let ended = loop {
            let Some(request) = next else { break Ended::Failed };
            if let Request::Get(url) = &request {
                if visited.contains(url) {
                    break Ended::Failed;
                }
                visited.push(url.clone());
            }
            let left = self.window.saturating_sub(self.received.elapsed());
            // A timeout of nothing would still send the request.
            if left.is_zero() {
                break Ended::TimedOut;
            }
            let page = match tokio::time::timeout(left, self.page(request, wanted.resource_type)).await {
                Ok(Ok(page)) => page,
                Ok(Err(ended)) => break ended,
                Err(_) => break Ended::TimedOut,
            };
            let link =
                Object::read(page.root()).and_then(|page| next_link(&page).map(std::borrow::Cow::into_owned));
            pages.push(page);
            let Some(link) = link else {
                let in_part = self.access.covers_in_part(wanted);
                break if in_part { Ended::InPart } else { Ended::Fully };
            };
            if pages.len() >= MOST_PAGES {
                break Ended::Failed;
            }
            next = self.access.next_page(&link).map(Request::Get);
        };
        Fetched { pages, ended }
    }

    fn first(&self, wanted: &Wanted) -> Option<Request> {
        let query = match &wanted.start {
            Start::Page(link) => return self.access.next_page(link).map(Request::Get),
            Start::Query(query) => query,
        };
        let url = self.access.base.join(query).ok()?;
        match query.split_once('?') {
            Some((kind, parameters)) if url.as_str().len() > LONGEST_URL => {
                let url = self.access.base.join(&format!("{kind}/_search")).ok()?;
                Some(Request::Post(url, parameters.to_owned()))
            }
            _ => Some(Request::Get(url)),
        }
    }

    /// One request and its answer.
    async fn page(&self, request: Request, kind: &'static str) -> Result<Document<'static>, Ended> {
        const JSON: &str = "application/fhir+json";
        const FORM: &str = "application/x-www-form-urlencoded";
        let method = match request {
            Request::Get(_) => "GET",
            Request::Post(..) => "POST",
        };
        let mut asking = self.spans.asking(&self.correlation, (method, kind), &self.access.base);
        let build = |client: &reqwest::Client| {
            let request = match request {
                Request::Get(url) => client.get(url),
                Request::Post(url, form) => client.post(url).header(header::CONTENT_TYPE, FORM).body(form),
            };
            asking.headers().fold(request.header(header::ACCEPT, JSON), |request, (name, value)| {
                request.header(name, value)
            })
        };
        // An error of the client would quote the URL, and so the patient: it goes no further.
        let Ok(response) = self.client.send_custom_request(build).await else {
            asking.failed("no answer");
            return Err(Ended::Failed);
        };
        let status = response.status().as_u16();
        // Until its body is here nobody knows whether it has been read.
        let page = match status {
            200..300 => self.body(response).await.ok_or(Ended::Failed),
            401 | 403 => Err(Ended::Refused),
            _ => Err(Ended::Failed),
        };
        asking.answered(status);
        if page.is_err() && status < 400 {
            asking.failed("unreadable");
        }
        page
    }

    /// The body, while it is within what one answer and all answers may have; `None` also when it is no JSON.
    async fn body(&self, response: reqwest::Response) -> Option<Document<'static>> {
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        let mut whole = true;
        while let Some(chunk) = chunks.next().await {
            let taken = chunk.ok().filter(|chunk| {
                body.len().saturating_add(chunk.len()) <= self.most_bytes && self.take(chunk.len())
            });
            let Some(chunk) = taken else {
                whole = false;
                break;
            };
            body.extend_from_slice(&chunk);
        }
        let length = body.len();
        let text = if whole { String::from_utf8(body).ok() } else { None };
        let page = text.and_then(|text| Document::of(text).ok());
        if page.is_none() {
            self.bytes_left.fetch_add(length, Ordering::Relaxed);
        }
        page
    }

    /// Takes bytes from the budget of the call; `false` when so many are not left.
    fn take(&self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        self.bytes_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}
