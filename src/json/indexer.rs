//! The one pass over a text that finds its values.
//!
//! It takes what the grammar of RFC 8259 takes, and keeps no stack: a container that is still open remembers the one
//! around it. It goes from mark to mark ([`Marks`]), so blanks and the insides of strings cost it nothing. Deliberately absent: what is wrong
//! with a text, which the library says.

use super::marks::Marks;
use super::{Node, OUTERMOST, mark_of};

/// A name is compared with so many before it in its object; what has more names is sorted afterwards.
const MOST_COMPARED: usize = 128;

/// The pass over a text.
pub(super) struct Indexer<'t> {
    bytes: &'t [u8],
    marks: Marks<'t>,
    pub(super) nodes: Vec<Node>,
    /// The innermost open container, and whether it is an object.
    open: u32,
    in_object: bool,
    /// A string is written with escapes somewhere.
    pub(super) escapes: bool,
    /// A name is.
    pub(super) escaped_names: bool,
    /// A name comes twice in an object.
    pub(super) repeats: bool,
    /// An object was too large to compare its names on the way.
    pub(super) is_unchecked: bool,
}

impl<'t> Indexer<'t> {
    /// At the end of the text; `None` for what is not one JSON value, or longer than 4 GiB.
    pub(super) fn index(text: &'t str) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        // A resource has a name or a value about every ten bytes.
        let nodes = Vec::with_capacity(text.len() / 8);
        let mut this = Self {
            bytes: text.as_bytes(),
            marks: Marks::of(text),
            nodes,
            open: OUTERMOST,
            in_object: false,
            escapes: false,
            escaped_names: false,
            repeats: false,
            is_unchecked: false,
        };
        let mut mark = this.marks.take()?;
        loop {
            this.value(mark)?;
            match this.next_value()? {
                Some(next) => mark = next,
                None => break,
            }
        }
        this.escapes = this.marks.any_backslash();
        this.marks.is_over().then_some(this)
    }

    /// A value from its mark on: a scalar to its end, a container to its first value or, when it has none, to its end.
    fn value(&mut self, (mut at, mut byte): (usize, u8)) -> Option<()> {
        loop {
            let end = match byte {
                b'"' => self.string()?,
                b'{' => {
                    self.enter(at, true);
                    let (first, quote) = self.marks.take()?;
                    if quote == b'}' {
                        return self.leave(first);
                    }
                    self.name(first, quote)?;
                    (at, byte) = self.marks.take()?;
                    continue;
                }
                b'[' => {
                    self.enter(at, false);
                    (at, byte) = self.marks.take()?;
                    if byte == b']' {
                        return self.leave(at);
                    }
                    continue;
                }
                b't' => self.delimited(self.literal(at, b"true")?)?,
                b'f' => self.delimited(self.literal(at, b"false")?)?,
                b'n' => self.delimited(self.literal(at, b"null")?)?,
                _ => self.delimited(number(self.bytes, at)?)?,
            };
            let next = self.nodes.len() as u32 + 1;
            self.nodes.push(Node { start: at as u32, end: end as u32, next });
            return Some(());
        }
    }

    /// On to the mark of the next value: past a comma and a name, and out of containers that end here. `Some(None)` where
    /// the outermost value has ended.
    fn next_value(&mut self) -> Option<Option<(usize, u8)>> {
        loop {
            if self.open == OUTERMOST {
                return Some(None);
            }
            let (at, byte) = self.marks.take()?;
            match byte {
                b',' => {
                    let mark = self.marks.take()?;
                    if !self.in_object {
                        return Some(Some(mark));
                    }
                    self.name(mark.0, mark.1)?;
                    return self.marks.take().map(Some);
                }
                b'}' if self.in_object => self.leave(at)?,
                b']' if !self.in_object => self.leave(at)?,
                _ => return None,
            }
        }
    }

    /// The name at a mark, and its colon.
    fn name(&mut self, at: usize, quote: u8) -> Option<()> {
        if quote != b'"' {
            return None;
        }
        let end = self.string()?;
        if self.marks.may_have_backslash(at) {
            self.escaped_names |= self.bytes.get(at..end)?.contains(&b'\\');
        }
        let own = mark_of(self.bytes.get(at + 1..end - 1)?);
        let node = self.nodes.len();
        let first = self.open as usize + 1;
        self.nodes.push(Node { start: at as u32, end: end as u32, next: 0 });
        // The first name of an object holds the marks of all.
        let marks = &mut self.nodes.get_mut(first)?.next;
        let doubtful = *marks & own != 0;
        *marks |= own;
        if doubtful && !self.repeats {
            self.compare(first, node);
        }
        let (_, colon) = self.marks.take()?;
        (colon == b':').then_some(())
    }

    /// Compares the name at `node` with those before it in its object. Names with escapes are compared later.
    fn compare(&mut self, first: usize, node: usize) {
        let written = |node: &Node| self.bytes.get(node.start as usize..node.end as usize);
        let own = self.nodes.get(node).and_then(written);
        let mut at = first;
        for _ in 0..MOST_COMPARED {
            let Some([name, value, ..]) = self.nodes.get(at..) else { return };
            if written(name) == own {
                self.repeats = true;
                return;
            }
            at = value.next as usize;
            if at >= node {
                return;
            }
        }
        self.is_unchecked = true;
    }

    /// The end of the string that began at the last mark.
    #[inline(always)]
    fn string(&mut self) -> Option<usize> {
        // Nothing is marked inside of a string.
        self.marks.take().map(|(at, _)| at + 1)
    }

    fn enter(&mut self, at: usize, is_object: bool) {
        let node = self.nodes.len() as u32;
        self.nodes.push(Node { start: at as u32, end: 0, next: self.open });
        self.open = node;
        self.in_object = is_object;
    }

    fn leave(&mut self, at: usize) -> Option<()> {
        let next = self.nodes.len() as u32;
        let container = self.nodes.get_mut(self.open as usize)?;
        self.open = std::mem::replace(&mut container.next, next);
        container.end = at as u32 + 1;
        if self.open != OUTERMOST {
            let around = self.nodes.get(self.open as usize)?.start;
            self.in_object = self.bytes.get(around as usize) == Some(&b'{');
        }
        Some(())
    }

    fn literal(&self, at: usize, word: &[u8]) -> Option<usize> {
        self.bytes.get(at..)?.starts_with(word).then_some(at + word.len())
    }

    /// The end of a number or a literal, if nothing but what may follow a value follows: within one there is no mark.
    fn delimited(&self, end: usize) -> Option<usize> {
        let follower = self.bytes.get(end);
        matches!(follower, None | Some(b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t')).then_some(end)
    }
}

/// The end of the number that begins at `start`; `None` when none does.
fn number(bytes: &[u8], start: usize) -> Option<usize> {
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let some_digits = |from: usize| Some(digits(from)).filter(|end| *end > from);
    let first = start + usize::from(bytes.get(start) == Some(&b'-'));
    let mut end = if bytes.get(first) == Some(&b'0') { first + 1 } else { some_digits(first)? };
    if bytes.get(end) == Some(&b'.') {
        end = some_digits(end + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let signed = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        end = some_digits(end + 1 + usize::from(signed))?;
    }
    Some(end)
}
