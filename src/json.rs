//! JSON text read once: an index of where each value begins and ends.
//!
//! A [`Document`] finds every value of a text in one pass and converts none; a [`Json`] is one of its values, and looking
//! into it reads nothing again. Unknown content costs its bytes once, whatever its depth. Absent on purpose: what an
//! absent, empty or repeated member means, which differs between a hook request and a FHIR resource.

use serde::de::{Error as _, IgnoredAny};
use std::borrow::Cow;
use std::fmt;

/// A JSON text and the places of its values.
pub struct Document<'t> {
    text: &'t str,
    /// In the order of the text. A member is two nodes: its name, then its value.
    nodes: Vec<Node>,
    /// A name is written with escapes somewhere, so names must be unescaped before they are compared.
    escaped_names: bool,
}

/// One value or name: 12 bytes, for at least two bytes of text.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Its first byte.
    start: u32,
    /// The byte after its last.
    end: u32,
    /// The node after all that is inside it; while it is open, the container around it.
    next: u32,
}

/// No container around the value.
const OUTERMOST: u32 = u32::MAX;

impl<'t> Document<'t> {
    /// Finds the values of a text.
    ///
    /// # Errors
    ///
    /// When the text is not one JSON value (RFC 8259), with line and column.
    pub fn parse(text: &'t str) -> Result<Self, serde_json::Error> {
        match Indexer::index(text) {
            Some((nodes, escaped_names)) => Ok(Self { text, nodes, escaped_names }),
            None => Err(fault(text)),
        }
    }

    /// The value as a whole.
    pub fn root(&self) -> Json<'_> {
        Json { document: self, node: 0 }
    }

    fn node(&self, node: u32) -> Node {
        // A node that does not exist reads as an empty one, behind all others.
        self.nodes.get(node as usize).copied().unwrap_or(Node { start: 0, end: 0, next: OUTERMOST })
    }

    fn bytes(&self, node: u32) -> &[u8] {
        let Node { start, end, .. } = self.node(node);
        self.text.as_bytes().get(start as usize..end as usize).unwrap_or_default()
    }

    fn is_named(&self, node: u32, name: &str) -> bool {
        let written = match self.bytes(node) {
            [b'"', written @ .., b'"'] => written,
            _ => return false,
        };
        written == name.as_bytes()
            || self.escaped_names
                && written.contains(&b'\\')
                && Json { document: self, node }.string().is_some_and(|written| written == name)
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
    /// The value as it is written.
    pub fn get(self) -> &'a str {
        let Node { start, end, .. } = self.document.node(self.node);
        self.document.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.first_byte() == Some(b'{')
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        self.first_byte() == Some(b'[')
    }

    /// Whether it is a string.
    pub fn is_string(self) -> bool {
        self.first_byte() == Some(b'"')
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.first_byte() == Some(b'n')
    }

    /// Whether it is an object or an array with nothing in it.
    pub fn is_hollow(self) -> bool {
        (self.is_object() || self.is_array()) && self.size() == 0
    }

    /// How many names and values are inside it, at any depth.
    pub fn size(self) -> usize {
        (self.document.node(self.node).next as usize).saturating_sub(self.node as usize + 1)
    }

    /// The string that it is; `None` when it is something else or has escapes that stand for no character.
    pub fn string(self) -> Option<Cow<'a, str>> {
        let inside = self.get().strip_prefix('"')?.strip_suffix('"')?;
        if inside.as_bytes().contains(&b'\\') {
            return serde_json::from_str(self.get()).ok().map(Cow::Owned);
        }
        Some(Cow::Borrowed(inside))
    }

    /// The members of an object in the order sent, the name of each as a value of its own; none of anything else.
    pub fn members(self) -> impl Iterator<Item = (Self, Self)> {
        let mut nodes = self.inside(self.is_object());
        std::iter::from_fn(move || Some((nodes.next()?, nodes.next()?)))
    }

    /// The values of all members of this name, in the order sent.
    pub fn named(self, name: &str) -> impl Iterator<Item = Self> {
        self.members().filter(move |(key, _)| key.document.is_named(key.node, name)).map(|(_, value)| value)
    }

    /// The items of an array; none of anything else.
    pub fn items(self) -> Inside<'a> {
        self.inside(self.is_array())
    }

    fn inside(self, has_any: bool) -> Inside<'a> {
        let end = if has_any { self.document.node(self.node).next } else { 0 };
        Inside { document: self.document, at: self.node + 1, end }
    }

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

    fn next(&mut self) -> Option<Json<'a>> {
        let node = (self.at < self.end).then_some(self.at)?;
        self.at = self.document.node(node).next;
        Some(Json { document: self.document, node })
    }
}

/// The pass over a text.
struct Indexer<'t> {
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    /// The innermost open container.
    open: u32,
    escaped_names: bool,
}

impl<'t> Indexer<'t> {
    /// The nodes, and whether a name has escapes; `None` for what is not one JSON value, or longer than 4 GiB.
    fn index(text: &'t str) -> Option<(Vec<Node>, bool)> {
        u32::try_from(text.len()).ok()?;
        // A resource has a name or a value about every twelve bytes.
        let nodes = Vec::with_capacity(text.len() / 12);
        let mut this = Self { bytes: text.as_bytes(), at: 0, nodes, open: OUTERMOST, escaped_names: false };
        loop {
            this.value()?;
            if !this.next_value()? {
                break;
            }
        }
        this.blanks();
        (this.at == this.bytes.len()).then_some((this.nodes, this.escaped_names))
    }

    /// A value: a scalar to its end, a container to its first value or, when it has none, to its end.
    fn value(&mut self) -> Option<()> {
        loop {
            let end = match self.peek()? {
                b'{' => {
                    self.enter()?;
                    if self.peek()? == b'}' {
                        return self.leave();
                    }
                    self.name()?;
                    continue;
                }
                b'[' => {
                    self.enter()?;
                    if self.peek()? == b']' {
                        return self.leave();
                    }
                    continue;
                }
                b'"' => string(self.bytes, self.at)?,
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => number(self.bytes, self.at)?,
            };
            return self.scalar(end);
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
        let end = string(self.bytes, self.at)?;
        self.escaped_names |= self.bytes.get(self.at..end)?.contains(&b'\\');
        self.scalar(end)?;
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        Some(())
    }

    fn scalar(&mut self, end: usize) -> Option<()> {
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { start: self.at as u32, end: end as u32, next });
        self.at = end;
        Some(())
    }

    fn enter(&mut self) -> Option<()> {
        let node = self.nodes.len() as u32;
        self.nodes.push(Node { start: self.at as u32, end: 0, next: self.open });
        self.open = node;
        self.at += 1;
        Some(())
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

/// The end of the string that begins at `start`; `None` when it does not end or has a control character or an escape
/// that JSON does not know.
fn string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at = after_plain(bytes, at);
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', _) => return Some(at + 1),
            (b'\\', Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => at += 2,
            (b'\\', Some(b'u')) if bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => at += 6,
            _ => return None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// The value read through the index, as a tree.
    fn tree(json: Json<'_>) -> Value {
        if json.is_object() {
            let text = |name: Json<'_>| name.string().unwrap().into_owned();
            return json.members().map(|(name, value)| (text(name), tree(value))).collect();
        }
        if json.is_array() {
            return json.items().map(tree).collect();
        }
        serde_json::from_str(json.get()).unwrap()
    }

    /// Taken or refused as the library does, and read as the library reads it.
    fn agrees(text: &str) {
        match (Document::parse(text), serde_json::from_str::<IgnoredAny>(text)) {
            (Ok(document), Ok(_)) => {
                if let Ok(expected) = serde_json::from_str::<Value>(text) {
                    assert_eq!(tree(document.root()), expected, "{text}");
                }
            }
            (Err(ours), Err(theirs)) => assert_eq!(ours.to_string(), theirs.to_string(), "{text}"),
            (ours, theirs) => panic!("{text}: {} here, {} there", ours.is_ok(), theirs.is_ok()),
        }
    }

    #[test]
    fn texts_are_taken_or_refused_as_the_library_does() {
        for text in [
            "",
            " ",
            "null",
            " true\n",
            "nul",
            "tru e",
            "nulls",
            "[]",
            "[ ]",
            "{}",
            "{ \t}",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{,}",
            r#"{"a":1,}"#,
            r#"{"a" :1 , "b": [ {} , "x" ] }"#,
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{a:1}"#,
            r#"{1:1}"#,
            "[}",
            "{]",
            r#"{"a":[1}"#,
            "[[]",
            "[]]",
            "{} {}",
            "1 2",
            "0",
            "-0",
            "01",
            "-",
            "+1",
            "1.",
            ".5",
            "1.5e",
            "1.5e+",
            "1.5E-07",
            "1e999",
            "--1",
            "0x1",
            "NaN",
            r#""a"#,
            r#""a\"#,
            r#""\""#,
            r#""\x""#,
            r#""\u12G4""#,
            r#""\u123"#,
            r#""\u00e9""#,
            r#""\\\"\/\b\f\n\r\t""#,
            "\"a\nb\"",
            "\"12345678\u{1f}\"",
            "\"\u{7f}\"",
            "\"äöü€𝄞 and more\"",
            "\u{feff}1",
            r#"{"\u0061":1,"a":2}"#,
            "'a'",
            "[1]//",
            "\u{a0}1",
        ] {
            agrees(text);
        }
    }

    #[test]
    fn members_are_found_by_name_however_it_is_written() {
        let text = r#"{"a": [1, {"a": 2}], "\u0061": null, "b\\": "x", "": {}}"#;
        let document = Document::parse(text).unwrap();
        let named = |name| document.root().named(name).map(Json::get).collect::<Vec<_>>();
        assert_eq!(named("a"), ["[1, {\"a\": 2}]", "null"]);
        assert_eq!(named("b\\"), ["\"x\""]);
        assert_eq!(named(""), ["{}"]);
        assert!(named("c").is_empty() && document.root().items().next().is_none());
        assert!(document.root().named("").all(Json::is_hollow));
    }

    #[test]
    fn a_string_without_meaning_is_none() {
        let document = Document::parse(r#"["\ud800", "a\nb", 7]"#).unwrap();
        let strings: Vec<_> = document.root().items().map(Json::string).collect();
        assert_eq!(strings, [None, Some("a\nb".into()), None]);
    }

    #[test]
    fn depth_does_no_harm() {
        let deep = format!(r#"{{"a":{}{},"b":"x"}}"#, "[".repeat(200_000), "]".repeat(200_000));
        let document = Document::parse(&deep).unwrap();
        assert_eq!(document.root().named("b").next().and_then(Json::string).unwrap(), "x");
        assert!(Document::parse(&"[".repeat(200_000)).is_err());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_read_as_the_library_reads_it(value in any_value(), pretty in any::<bool>()) {
            agrees(&if pretty { format!("{value:#}") } else { value.to_string() });
        }

        #[test]
        fn a_damaged_text_is_judged_as_the_library_does(
            value in any_value(), at in any::<prop::sample::Index>(), damage in r#"[\[\]{}",:\\0-9eE.+\-tfnu \x00-\x1f]{0,2}"#
        ) {
            let mut text: Vec<char> = value.to_string().chars().collect();
            let at = at.index(text.len());
            text.splice(at..=at, damage.chars());
            agrees(&text.into_iter().collect::<String>());
        }
    }
}
