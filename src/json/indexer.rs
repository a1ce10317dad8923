//! The one pass over a text that finds its values.
//!
//! It takes what the grammar of RFC 8259 takes, and keeps no stack: a container that is still open remembers the one
//! around it. Deliberately absent: what is wrong with a text, which the library says.

use super::{Node, OUTERMOST};

/// The pass over a text.
pub(super) struct Indexer<'t> {
    bytes: &'t [u8],
    at: usize,
    pub(super) nodes: Vec<Node>,
    /// The innermost open container.
    open: u32,
    /// A string is written with escapes somewhere.
    pub(super) escapes: bool,
    /// A name is.
    pub(super) escaped_names: bool,
}

impl<'t> Indexer<'t> {
    /// At the end of the text; `None` for what is not one JSON value, or longer than 4 GiB.
    pub(super) fn index(text: &'t str) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        // A resource has a name or a value about every ten bytes.
        let nodes = Vec::with_capacity(text.len() / 8);
        let mut this = Self {
            bytes: text.as_bytes(),
            at: 0,
            nodes,
            open: OUTERMOST,
            escapes: false,
            escaped_names: false,
        };
        loop {
            this.value()?;
            if !this.next_value()? {
                break;
            }
        }
        this.blanks();
        (this.at == this.bytes.len()).then_some(this)
    }

    /// A value: a scalar to its end, a container to its first value or, when it has none, to its end.
    fn value(&mut self) -> Option<()> {
        loop {
            let end = match self.peek()? {
                b'{' => {
                    self.enter();
                    if self.peek()? == b'}' {
                        return self.leave();
                    }
                    self.name()?;
                    continue;
                }
                b'[' => {
                    self.enter();
                    if self.peek()? == b']' {
                        return self.leave();
                    }
                    continue;
                }
                b'"' => {
                    let (end, escaped) = string(self.bytes, self.at)?;
                    self.escapes |= escaped;
                    end
                }
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => number(self.bytes, self.at)?,
            };
            self.scalar(end);
            return Some(());
        }
    }

    /// On to the next value: past a comma and a name, and out of containers that end here. `false` where the outermost
    /// value has ended.
    fn next_value(&mut self) -> Option<bool> {
        loop {
            if self.open == OUTERMOST {
                return Some(false);
            }
            let container = self.nodes.get(self.open as usize)?.start as usize;
            match (self.bytes.get(container)?, self.peek()?) {
                (b'[', b',') => {
                    self.at += 1;
                    return Some(true);
                }
                (b'{', b',') => {
                    self.at += 1;
                    self.name()?;
                    return Some(true);
                }
                (b'[', b']') | (b'{', b'}') => self.leave()?,
                _ => return None,
            }
        }
    }

    fn name(&mut self) -> Option<()> {
        if self.peek()? != b'"' {
            return None;
        }
        let (end, escaped) = string(self.bytes, self.at)?;
        self.escapes |= escaped;
        self.escaped_names |= escaped;
        self.scalar(end);
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        Some(())
    }

    fn scalar(&mut self, end: usize) {
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { start: self.at as u32, end: end as u32, next });
        self.at = end;
    }

    fn enter(&mut self) {
        let node = self.nodes.len() as u32;
        self.nodes.push(Node { start: self.at as u32, end: 0, next: self.open });
        self.open = node;
        self.at += 1;
    }

    fn leave(&mut self) -> Option<()> {
        self.at += 1;
        let next = self.nodes.len() as u32;
        let container = self.nodes.get_mut(self.open as usize)?;
        self.open = std::mem::replace(&mut container.next, next);
        container.end = self.at as u32;
        Some(())
    }

    fn literal(&self, word: &[u8]) -> Option<usize> {
        self.bytes.get(self.at..)?.starts_with(word).then_some(self.at + word.len())
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }
}

/// The end of the string that begins at `start`, and whether it has escapes; `None` when it does not end or has a control character or an escape
/// that JSON does not know.
fn string(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut at = start + 1;
    let mut escaped = false;
    loop {
        at = after_plain(bytes, at);
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', _) => return Some((at + 1, escaped)),
            (b'\\', Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => at += 2,
            (b'\\', Some(b'u')) if bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => at += 6,
            _ => return None,
        }
        escaped = true;
    }
}

/// The first byte from `at` that is a quote, a backslash or a control character. Eight bytes at a time: a byte of a
/// word is below `n` just where subtracting `n` borrows, and equal to a character where their difference is below 1.
fn after_plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = ONES << 7;
    let below = |word: u64, n: u64| word.wrapping_sub(ONES * n) & !word & TOPS;
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*eight);
        let quotes = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslashes = below(word ^ (ONES * u64::from(b'\\')), 1);
        // The lowest mark is right; only marks above a true one can be wrong.
        let marks = below(word, 0x20) | quotes | backslashes;
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| *byte >= 0x20 && !matches!(byte, b'"' | b'\\')) {
        at += 1;
    }
    at
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
