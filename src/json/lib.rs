//! JSON text read once: an index of where each value begins and ends.
//!
//! A [`Document`] finds every value of a text in one pass and converts none; a [`Json`] is one of its values, and looking
//! into it reads nothing again. Unknown content costs its bytes once, whatever its depth. An [`Object`] says what absent,
//! empty and repeated members mean, for hook requests and FHIR resources alike.

mod indexer;
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
    /// The node after all that is inside it; while it is open, the container around it.
    next: u32,
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
            Some(Indexer { nodes, escapes, escaped_names, .. }) => {
                let mut document = Self { text, nodes, escapes, escaped_names, repeats: true };
                document.repeats = document.root().repeats_a_name_inside();
                Ok(document)
            }
            None => Err(fault(&text)),
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
        if self.document.escapes && inside.as_bytes().contains(&b'\\') {
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
        let Self { document, node } = self;
        let mut at = node + 1;
        let end = if self.is_object() { document.node(node).next } else { 0 };
        let names_are_plain = !document.escaped_names;
        std::iter::from_fn(move || {
            while at < end {
                let [written, value, ..] = document.nodes.get(at as usize..)? else { return None };
                let found = Self { document, node: at + 1 };
                let is_it = document.is_plainly(*written, name)
                    || !names_are_plain && Self { document, node: at }.string().is_some_and(|it| it == name);
                at = if is_it && !document.repeats { end } else { value.next };
                if is_it {
                    return Some(found);
                }
            }
            None
        })
    }

    /// Whether a name of an object comes twice, however it is written.
    pub fn repeats_a_name(self) -> bool {
        let names = || self.members().map(|(name, _)| name);
        if self.document.escaped_names || self.size() > SMALL {
            let mut names: Vec<_> = names().map(Self::string).collect();
            names.sort_unstable();
            return names.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
        }
        let mut seen = 0_u64;
        names().enumerate().any(|(i, name)| {
            // Equal names have their bit in common, and few others do.
            let bit = 1 << name.mark();
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
        let end = self.document.node(self.node).next;
        let nodes = (self.node..end).map(|node| Self { document: self.document, node });
        nodes.filter(|json| json.is_object()).any(Self::repeats_a_name)
    }

    /// A number below 64 by the length and some letters of a name.
    fn mark(self) -> u32 {
        let name = self.get().as_bytes();
        let at = |i: Option<usize>| i.and_then(|i| name.get(i)).map_or(0, |byte| u32::from(*byte));
        // Both ends are quotes.
        (name.len() as u32 * 11 + at(Some(1)) * 5 + at(Some(3)) * 3 + at(name.len().checked_sub(2))) % 64
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
    fn a_repeated_name_is_told() {
        for (text, repeats) in [
            (r#"{"id":"one","\u0069d":"two"}"#, true),
            (r#"{"\u0069d":"one","id":"two"}"#, true),
            (r#"{"a":1,"id":"one","b":2,"id":"two"}"#, true),
            (r#"{"id":"one","xd":{"id":"two"},"dd":1,"iid":2,"":3,"i":4,"\n":5}"#, false),
            (r#"["id","id"]"#, false),
        ] {
            assert_eq!(Document::parse(text).unwrap().root().repeats_a_name(), repeats, "{text}");
        }
        for (text, repeats) in [
            (r#"{"a":[{"b":{"id":1,"x":2,"id":1}}]}"#, true),
            (r#"[{"id":1},{"id":1,"a":{"id":1}}]"#, false),
            (r#"{"a":"{\"id\":1,\"id\":1}"}"#, false),
        ] {
            assert_eq!(Document::parse(text).unwrap().root().repeats_a_name_inside(), repeats, "{text}");
        }
        let many: Vec<String> = (0..200).map(|i| format!("\"{i}\":0")).collect();
        assert!(!Document::parse(&format!("{{{}}}", many.join(","))).unwrap().root().repeats_a_name());
        assert!(Document::parse(&format!("{{{},\"7\":1}}", many.join(","))).unwrap().root().repeats_a_name());
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
