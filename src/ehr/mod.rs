//! Reading from the FHIR server of an EHR what prefetch lacked, for the time of one call.
//!
//! [`Access`] says whether a server may be read and with which token, [`Fetcher`] reads. A token lives in the
//! [`Session`] of one call and goes with it (F-8, F-9). Never here: what a resource says, what is worth asking for,
//! and which answer is good enough.

mod access;
mod fetcher;
mod page;
mod scope;

pub use access::{Access, bearer, is_id, listed, with_slash};
pub use fetcher::{Fetcher, Session};
pub use page::next_link;
pub use scope::{Write, allows_writing};

use crate::clock::Stopwatch;
use crate::config::Client;
use crate::correlation::Correlation;
use crate::json::Document;
use std::time::Duration;

/// What a call may use to reach the FHIR server that it names.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    /// The authenticated caller: only its servers are called (F-10).
    pub client: &'a Client,
    /// What does the reading.
    pub fetcher: &'a Fetcher,
    /// Started when the call came in: the life of a token counts from there (F-4).
    pub received: Stopwatch,
    /// The longest time for the whole call, answer included.
    pub deadline: Duration,
    /// What the call is known by: the server is told, and so is the log.
    pub correlation: &'a Correlation,
}

/// One thing to ask a FHIR server for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The resource type that it is about.
    pub resource_type: &'static str,
    /// How it is asked for.
    pub interaction: Interaction,
    /// Where to begin.
    pub start: Start,
}

/// The two ways of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// One resource by its id.
    Read,
    /// A search, in pages.
    Search,
}

/// Where to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// A query relative to the base, encoded.
    Query(String),
    /// The `next` link of a page that came in prefetch.
    Page(String),
}

/// What came of one thing that was asked for.
#[derive(Debug)]
pub struct Fetched {
    /// The pages in the order in which they came: any JSON.
    pub pages: Vec<Document<'static>>,
    /// How it ended.
    pub ended: Ended,
}

/// How asking ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ended {
    /// There are no further pages.
    Fully,
    /// There are no further pages, and the token shows only a part of the type (SMART v2 scopes with search parameters).
    InPart,
    /// Not asked for, because the token does not cover it, or the server says that it does not (401, 403).
    Refused,
    /// No answer, no JSON, another status than success, too long, or a further page that may not be followed.
    Failed,
    /// The time was up.
    TimedOut,
}
