//! JSON text read once: an index of where each value begins and ends.
//!
//! A [`Document`] finds every value of a text in one pass and converts none; a [`Json`] is one of its values, and looking
//! into it reads nothing again. Unknown content costs its bytes once, whatever its depth. An [`Object`] says what absent,
//! empty and repeated members mean, for hook requests and FHIR resources alike.

mod indexer;
mod marks;
mod object;

use indexer::Indexer;
pub use object::{MOST_MEMBERS, Object, is_empty, items};
use serde::de::{Error as _, IgnoredAny};
use std::borrow::Cow;
use std::fmt;

/// A JSON text and the places of its values.
pub struct Document<'t> {
    text: Cow<'t, str>,
    /// In the order of the text. A member is two nodes: its name, then its value.
    nodes: Vec<Node>,
    /// A string is written with escapes somewhere.
    escapes: bool,
    /// A name is, so names must be unescaped before they are compared.
    escaped_names: bool,
    /// An object has a name that comes twice. Where none has, which is nearly always, a name is looked for until it is found.
    repeats: bool,
}

/// One value or name: 12 bytes, for at least two bytes of text.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Its first byte.
    start: u32,
    /// The byte after its last.
    end: u32,
    /// Of a value the node after all that is inside it; while it is open, the container around it. Of the first name of an object the marks of
    /// all its names ([`mark_of`]); of other names it means nothing.
    next: u32,
}

/// One bit of 32 by the length and some letters of a name: names without a common bit differ.
#[inline]
fn mark_of(name: &[u8]) -> u32 {
    let (first, third, last) = match name {
        [first, _, third, .., last] => (*first, *third, *last),
        [first, .., last] => (*first, 0, *last),
        [only] => (*only, 0, 0),
        [] => (0, 0, 0),
    };
    let (first, third, last) = (u32::from(first), u32::from(third), u32::from(last));
    // The factors keep the names of FHIR apart better than most do.
    1 << ((name.len() as u32 * 38 + first * 27 + third * 11 + last * 8) % 32)
}

/// An object with so many names and values inside is small enough to compare each of its names with all others.
const SMALL: usize = 256;

/// No container around the value.
const OUTERMOST: u32 = u32::MAX;

impl<'t> Document<'t> {
    /// Finds the values of a text.
    ///
    /// # Errors
    ///
    /// When the text is not one JSON value (RFC 8259), with line and column.
    pub fn parse(text: &'t str) -> Result<Self, serde_json::Error> {
        Self::index(Cow::Borrowed(text))
    }

    /// Finds the values of a text that it keeps.
    ///
    /// # Errors
    ///
    /// As [`Document::parse`].
    pub fn of(text: String) -> Result<Self, serde_json::Error> {
        Self::index(Cow::Owned(text))
    }

    fn index(text: Cow<'t, str>) -> Result<Self, serde_json::Error> {
        match Indexer::index(&text) {
            Some(Indexer { nodes, escapes, escaped_names, repeats, is_unchecked, .. }) => {
                let mut document = Self { text, nodes, escapes, escaped_names, repeats: true };
                let is_compared = !is_unchecked && !escaped_names;
                document.repeats = repeats || !is_compared && document.root().repeats_a_name_inside();
                Ok(document)
            }
            None => Err(fault(&text)),
        }
    }

    /// The value as a whole.
    pub fn root(&self) -> Json<'_> {
        Json { document: self, node: 0 }
    }

    #[inline]
    fn node(&self, node: u32) -> Node {
        // A node that does not exist reads as an empty one, behind all others.
        self.nodes.get(node as usize).copied().unwrap_or(Node { start: 0, end: 0, next: OUTERMOST })
    }

    /// Whether a node is this name, written without escapes.
    fn is_plainly(&self, node: Node, name: &str) -> bool {
        let Node { start, end, .. } = node;
        // The length with both quotes tells most names apart.
        (end - start) as usize == name.len() + 2
            && self.text.as_bytes().get(start as usize + 1..end as usize - 1) == Some(name.as_bytes())
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the text: it may come from a patient's record.
        f.debug_struct("Document").field("bytes", &self.text.len()).field("nodes", &self.nodes.len()).finish()
    }
}

/// What is wrong with a text. The library words it, and says where.
fn fault(text: &str) -> serde_json::Error {
    let too_long = || serde_json::Error::custom("longer than 4 GiB");
    serde_json::from_str::<IgnoredAny>(text).err().unwrap_or_else(too_long)
}

/// One value of a [`Document`].
#[derive(Clone, Copy)]
pub struct Json<'a> {
    document: &'a Document<'a>,
    node: u32,
}

impl<'a> Json<'a> {
    /// Its bytes.
    #[inline]
    fn bytes(self) -> &'a [u8] {
        let Node { start, end, .. } = self.document.node(self.node);
        self.document.text.as_bytes().get(start as usize..end as usize).unwrap_or_default()
    }

    /// The value as it is written.
    #[inline]
    pub fn get(self) -> &'a str {
        let Node { start, end, .. } = self.document.node(self.node);
        self.document.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Whether it is an object.
    #[inline]
    pub fn is_object(self) -> bool {
        self.first_byte() == Some(b'{')
    }

    /// Whether it is an array.
    #[inline]
    pub fn is_array(self) -> bool {
        self.first_byte() == Some(b'[')
    }

    /// Whether it is a string.
    #[inline]
    pub fn is_string(self) -> bool {
        self.first_byte() == Some(b'"')
    }

    /// Whether it is `null`.
    #[inline]
    pub fn is_null(self) -> bool {
        self.first_byte() == Some(b'n')
    }

    /// Whether it is an object or an array with nothing in it.
    pub fn is_hollow(self) -> bool {
        (self.is_object() || self.is_array()) && self.size() == 0
    }

    /// How many names and values are inside it, at any depth.
    #[inline]
    pub fn size(self) -> usize {
        if self.is_string() {
            return 0;
        }
        (self.document.node(self.node).next as usize).saturating_sub(self.node as usize + 1)
    }

    /// The string that it is; `None` when it is something else or has escapes that stand for no character.
    pub fn string(self) -> Option<Cow<'a, str>> {
        let Node { start, end, .. } = self.document.node(self.node);
        if !self.is_string() {
            return None;
        }
        let inside = self.document.text.get(start as usize + 1..(end as usize).checked_sub(1)?)?;
        if self.document.escapes && inside.as_bytes().contains(&b'\\') {
            return serde_json::from_str(self.get()).ok().map(Cow::Owned);
        }
        Some(Cow::Borrowed(inside))
    }

    /// The members of an object in the order sent, the name of each as a value of its own; none of anything else.
    pub fn members(self) -> impl Iterator<Item = (Self, Self)> {
        let Self { document, node } = self;
        let end = if self.is_object() { document.node(node).next } else { 0 };
        let mut at = node + 1;
        std::iter::from_fn(move || {
            let name = (at < end).then_some(at)?;
            at = document.node(name + 1).next;
            Some((Self { document, node: name }, Self { document, node: name + 1 }))
        })
    }

    /// The values of all members of this name, in the order sent.
    pub fn named<'n>(self, name: &'n str) -> Named<'a, 'n> {
        let Self { document, node } = self;
        let has_any = self.is_object() && self.may_name(mark_of(name.as_bytes()));
        let end = if has_any { document.node(node).next } else { 0 };
        Named { document, at: node + 1, end, name }
    }

    /// Whether an object may have a name with this mark.
    #[inline]
    fn may_name(self, mark: u32) -> bool {
        // Of an empty object this looks at what comes after it, which is no harm.
        let first = self.document.nodes.get(self.node as usize + 1);
        first.is_some_and(|first| first.next & mark != 0 || self.document.escaped_names)
    }

    /// The value of the members of this name, where it is the same for all of them.
    fn only_value_of(self, name: &str) -> Option<Self> {
        let document = self.document;
        if document.repeats || document.escaped_names {
            let mut values = self.named(name);
            let first = values.next()?;
            return values.all(|other| other.get() == first.get()).then_some(first);
        }
        let text = document.text.as_bytes();
        let end = document.node(self.node).next;
        let mut at = self.node + 1;
        while at < end {
            let [Node { start, end: written, .. }, value, ..] = document.nodes.get(at as usize..)? else {
                return None;
            };
            // The length with both quotes tells most names apart.
            if (*written - *start) as usize == name.len() + 2
                && text.get(*start as usize + 1..*written as usize - 1) == Some(name.as_bytes())
            {
                return Some(Self { document, node: at + 1 });
            }
            at = value.next;
        }
        None
    }

    /// Whether a name of an object comes twice, however it is written.
    pub fn repeats_a_name(self) -> bool {
        let names = || self.members().map(|(name, _)| name);
        if self.document.escaped_names || self.size() > SMALL {
            let mut names: Vec<_> = names().map(Self::string).collect();
            names.sort_unstable();
            return names.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
        }
        let mut seen = 0_u32;
        names().enumerate().any(|(i, name)| {
            // Equal names have their bit in common, and few others do.
            let bit = mark_of(name.get().trim_matches('"').as_bytes());
            let doubtful = seen & bit != 0;
            seen |= bit;
            doubtful && names().take(i).any(|earlier| earlier.get() == name.get())
        })
    }

    /// Whether any object of the text has a name that comes twice.
    const fn may_repeat(self) -> bool {
        self.document.repeats
    }

    /// Whether an object in it, at any depth, has a name that comes twice.
    pub fn repeats_a_name_inside(self) -> bool {
        if !self.may_repeat() {
            return false;
        }
        let end = self.node + 1 + self.size() as u32;
        let nodes = (self.node..end).map(|node| Self { document: self.document, node });
        nodes.filter(|json| json.is_object()).any(Self::repeats_a_name)
    }

    /// The items of an array; none of anything else.
    #[inline]
    pub fn items(self) -> Inside<'a> {
        self.inside(self.is_array())
    }

    #[inline]
    fn inside(self, has_any: bool) -> Inside<'a> {
        let end = if has_any { self.document.node(self.node).next } else { 0 };
        Inside { document: self.document, at: self.node + 1, end }
    }

    #[inline]
    fn first_byte(self) -> Option<u8> {
        self.document.text.as_bytes().get(self.document.node(self.node).start as usize).copied()
    }
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Json").field("bytes", &self.get().len()).finish()
    }
}

/// What is one level below a value.
#[derive(Debug, Clone)]
pub struct Inside<'a> {
    document: &'a Document<'a>,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Inside<'a> {
    type Item = Json<'a>;

    #[inline]
    fn next(&mut self) -> Option<Json<'a>> {
        let node = (self.at < self.end).then_some(self.at)?;
        self.at = self.document.node(node).next;
        Some(Json { document: self.document, node })
    }
}

/// The values of the members of one name.
#[derive(Debug, Clone)]
pub struct Named<'a, 'n> {
    document: &'a Document<'a>,
    at: u32,
    end: u32,
    name: &'n str,
}

impl<'a> Iterator for Named<'a, '_> {
    type Item = Json<'a>;

    #[inline]
    fn next(&mut self) -> Option<Json<'a>> {
        let document = self.document;
        while self.at < self.end {
            let [written, value, ..] = document.nodes.get(self.at as usize..)? else { return None };
            let is_it = document.is_plainly(*written, self.name)
                || document.escaped_names
                    && Json { document, node: self.at }.string().is_some_and(|it| it == self.name);
            let found = Json { document, node: self.at + 1 };
            self.at = if is_it && !document.repeats { self.end } else { value.next };
            if is_it {
                return Some(found);
            }
        }
        None
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
