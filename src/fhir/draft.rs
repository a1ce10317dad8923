//! A draft order of a call, and the names that it answers to.
//!
//! Its names are read once, when the call comes in; what selects, reads and changes drafts goes by them. Deliberately absent:
//! what is ordered.

use super::identity::{Identity, Reference};
use super::reader::{Object, text};
use json::Json;
use std::borrow::Cow;

/// A draft order of the call.
#[derive(Debug, Clone)]
pub struct DraftOrder<'a> {
    /// The resource as sent.
    pub raw: Json<'a>,
    /// What it is called.
    pub names: DraftNames<'a>,
    /// Whether the hook asks about it.
    pub selected: bool,
}

/// The names of a draft.
#[derive(Debug, Clone)]
pub struct DraftNames<'a> {
    identity: Identity<'a>,
    /// Every id that it writes: one, if it is sound.
    written: Vec<Cow<'a, str>>,
    /// The `fullUrl` of its entry, by which other drafts may refer to it.
    full_url: Option<Cow<'a, str>>,
}

impl<'a> DraftOrder<'a> {
    /// Reads the names of a draft; `None` when the value is no resource with a type.
    pub fn read(raw: Json<'a>, full_url: Option<Json<'a>>, selected: bool) -> Option<Self> {
        let identity = Identity::read(&Object::read(raw)?)?;
        let written = raw.named("id").filter_map(text).collect();
        let names = DraftNames { identity, written, full_url: full_url.and_then(text) };
        Some(Self { raw, names, selected })
    }

    /// `Type/id`, under which it may be changed; `None` for a draft without an id.
    pub fn name(&self) -> Option<String> {
        self.names.identity.id.as_ref().map(|_| self.names.identity.reference())
    }
}

impl<'a> DraftNames<'a> {
    /// The resource type.
    pub fn kind(&self) -> &str {
        &self.identity.kind
    }

    /// The id of the resource, and the one in the `fullUrl` where it is another. A draft that writes two ids answers to both:
    /// whichever was selected, it is checked, and because neither names it, it is not changed.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let from_url = self.full_url.as_deref().map(|url| Reference::parse(url).id);
        let other = from_url.filter(|from_url| self.written.iter().all(|id| id != from_url));
        self.written.iter().map(AsRef::as_ref).chain(other)
    }

    /// Type and id.
    pub(super) const fn identity(&self) -> &Identity<'a> {
        &self.identity
    }

    /// The `fullUrl`.
    pub(super) fn full_url(&self) -> Option<&str> {
        self.full_url.as_deref()
    }
}
