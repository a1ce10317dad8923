//! One object of a JSON text, read one level at a time. Every part of the program reads objects through this type.
//!
//! Nothing is converted that nobody asks for, so unknown members, deep nesting and odd values elsewhere cannot fail a call.
//!
//! **Names that come twice.** RFC 8259 leaves their meaning open, and readers differ: some take the first, some the last.
//! Whoever acts on one of two values may act on another thing than the sender meant. So a name that comes with two
//! different values has none: it reads as absent here, and [`Object::contradicts`] tells. The same value twice is that value.
//! What names a thing (an id, a type, a member of a request) is held to more: see [`Object::repeats`].

use super::{Inside, Json, mark_of};
use std::borrow::Cow;

/// More members than any FHIR resource or datatype has. What looks through all members of an object for each of them stays
/// bounded by this.
pub const MOST_MEMBERS: usize = 256;

/// The members of a JSON object, in the order sent. The default is an object without any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Object<'a>(Option<Json<'a>>);

impl<'a> Object<'a> {
    /// `value` as an object; `None` when it is something else, or has more members than [`MOST_MEMBERS`].
    pub fn read(value: Json<'a>) -> Option<Self> {
        // A member is a name and a value at least, so most objects need not be counted.
        Self::of_any_size(value)
            .filter(|_| value.size() <= 2 * MOST_MEMBERS || value.members().nth(MOST_MEMBERS).is_none())
    }

    /// `value` as an object; `None` when it is something else.
    #[inline]
    pub fn of_any_size(value: Json<'a>) -> Option<Self> {
        value.is_object().then_some(Self(Some(value)))
    }

    /// The value of a member as sent, a JSON `null` included; `None` when it comes with two different values.
    #[inline]
    pub fn raw(&self, name: &str) -> Option<Json<'a>> {
        let json = self.0?;
        if json.may_name(mark_of(name.as_bytes())) { json.only_value_of(name) } else { None }
    }

    /// The value of a member that says something: `null`, blank strings, `[]` and `{}` count as absent (requirement J-7; FHIR
    /// allows none of them).
    #[inline]
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        self.raw(name).filter(|value| !is_empty(*value))
    }

    /// The value of a member that is a string with something in it.
    #[inline]
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.string()
    }

    /// The elements of a choice that are present, each with its type: `valueString` of `value` as `String`.
    pub fn choice(&self, name: &str) -> impl Iterator<Item = (Cow<'a, str>, Json<'a>)> {
        let own = *self;
        let mut seen: Vec<Cow<'a, str>> = Vec::new();
        self.0.into_iter().flat_map(Json::members).filter_map(move |(key, _)| {
            let key = key.string()?;
            let kind = match &key {
                Cow::Borrowed(key) => Cow::Borrowed(key.strip_prefix(name)?),
                Cow::Owned(key) => Cow::Owned(key.strip_prefix(name)?.to_owned()),
            };
            if !kind.starts_with(|c: char| c.is_ascii_uppercase()) || seen.contains(&kind) {
                return None;
            }
            seen.push(kind.clone());
            Some((kind, own.get(&key)?))
        })
    }

    /// Whether a name comes more than once, with whatever values. What names a thing must come once: of two equal ids one
    /// reader may see two, and a name written with care is written once.
    #[inline]
    pub fn repeats(&self, name: &str) -> bool {
        self.0.is_some_and(|json| json.may_repeat() && json.named(name).nth(1).is_some())
    }

    /// Whether a name comes with two different values.
    #[inline]
    pub fn contradicts(&self, name: &str) -> bool {
        self.repeats(name) && self.raw(name).is_none()
    }
}

/// The items of the array that `value` is; `None` when it is something else.
pub fn items(value: Json<'_>) -> Option<Inside<'_>> {
    value.is_array().then(|| value.items())
}

/// Whether `value` is `null`, a blank string, `[]` or `{}`.
pub fn is_empty(value: Json<'_>) -> bool {
    match value.bytes() {
        [b'"', inside @ .., b'"'] => inside.iter().all(u8::is_ascii_whitespace),
        [b'n', ..] => true,
        [b'{' | b'[', ..] => value.size() == 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    #[test]
    fn a_name_with_two_values_has_none() {
        let text = r#"{"a":1,"b":"x","a":2,"c":[1],"\u0063":[1],"d":null,"d":3}"#;
        let document = Document::parse(text).unwrap();
        let object = Object::read(document.root()).unwrap();
        let told = |name| (object.raw(name).map(Json::get), object.repeats(name), object.contradicts(name));
        assert_eq!(told("a"), (None, true, true));
        assert_eq!(told("b"), (Some("\"x\""), false, false));
        assert_eq!(told("c"), (Some("[1]"), true, false));
        assert_eq!(told("d"), (None, true, true));
        assert_eq!(told("e"), (None, false, false));
        assert_eq!(object.text("b").as_deref(), Some("x"));
    }

    #[test]
    fn the_order_of_two_values_does_not_matter() {
        for text in [r#"{"id":"a","id":"b"}"#, r#"{"id":"b","id":"a"}"#] {
            let document = Document::parse(text).unwrap();
            assert!(Object::read(document.root()).unwrap().get("id").is_none());
        }
    }

    #[test]
    fn empty_values_are_absent() {
        for empty in ["null", "\"\"", "\" \"", "[]", "[ \n ]", "{}", "{ }"] {
            let text = format!(r#"{{"a":{empty}}}"#);
            let document = Document::parse(&text).unwrap();
            let object = Object::read(document.root()).unwrap();
            assert!(object.raw("a").is_some() && object.get("a").is_none(), "{empty}");
        }
        let document = Document::parse(r#"{"a":[null],"b":0,"c":false,"d":"x"}"#).unwrap();
        let object = Object::read(document.root()).unwrap();
        assert!(["a", "b", "c", "d"].into_iter().all(|name| object.get(name).is_some()));
    }

    #[test]
    fn a_choice_names_its_type() {
        let document = Document::parse(
            r#"{"valueString":"x","value":1,"valued":2,"_valueString":3,"value\u0051uantity":{"a":1},"valueCode":"y",
            "valueInteger":null,"valueCode":"z"}"#,
        )
        .unwrap();
        let choice: Vec<_> = Object::read(document.root()).unwrap().choice("value").collect();
        let choice: Vec<_> = choice.iter().map(|(kind, raw)| (&**kind, raw.get())).collect();
        assert_eq!(choice, [("String", "\"x\""), ("Quantity", "{\"a\":1}")]);
    }

    #[test]
    fn an_object_of_too_many_members_is_none_where_members_are_compared() {
        let object = |n: usize| {
            format!("{{{}}}", (0..n).map(|i| format!("\"{i}\":[1,2]")).collect::<Vec<_>>().join(","))
        };
        let read = |text: &str| Object::read(Document::parse(text).unwrap().root()).is_some();
        assert!(read(&object(MOST_MEMBERS)) && !read(&object(MOST_MEMBERS + 1)));
        let text = object(MOST_MEMBERS + 1);
        assert!(Object::of_any_size(Document::parse(&text).unwrap().root()).is_some());
    }

    #[test]
    fn depth_below_the_level_read_does_no_harm() {
        let deep = format!(r#"{{"a":{}{},"b":"x"}}"#, "[".repeat(200_000), "]".repeat(200_000));
        let document = Document::parse(&deep).unwrap();
        let object = Object::read(document.root()).unwrap();
        assert_eq!(object.text("b").as_deref(), Some("x"));
        assert!(object.text("a").is_none());
    }
}
