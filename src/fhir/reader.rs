//! JSON resources as borrowed views that cannot fail as a whole.
//!
//! An [`Object`] converts none of its elements; each is converted by the mapper that needs it, so one bad date or one
//! element of the wrong type costs that element alone. Unknown content is skipped, never walked, so its depth does not
//! matter. Deliberately absent: what an element means.

use json::{Inside, Json};
use std::borrow::Cow;

/// More elements than any resource or datatype has; an object beyond it is refused as malformed.
const MOST_ELEMENTS: usize = 256;

/// The elements of one JSON object, unconverted. Of elements that come twice the first counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object<'a>(Json<'a>);

impl<'a> Object<'a> {
    /// The object, or `None` when the value is not one.
    pub(super) fn read(raw: Json<'a>) -> Option<Self> {
        // An element is a name and a value at least, so most objects need not be counted.
        let few = raw.size() <= 2 * MOST_ELEMENTS || raw.members().nth(MOST_ELEMENTS).is_none();
        (raw.is_object() && few).then_some(Self(raw))
    }

    /// An element. JSON `null` and empty values are absent, as FHIR has it.
    pub(super) fn get(&self, name: &str) -> Option<Json<'a>> {
        self.0.named(name).next().filter(|raw| !is_empty(*raw))
    }

    /// The elements of a choice that are present, each with its type: `valueString` of `value` as `String`.
    pub(super) fn choice(&self, name: &str) -> impl Iterator<Item = (Cow<'a, str>, Json<'a>)> {
        let elements = self.0.members().filter_map(move |(key, raw)| {
            let kind = match key.string()? {
                Cow::Borrowed(key) => Cow::Borrowed(key.strip_prefix(name)?),
                Cow::Owned(key) => Cow::Owned(key.strip_prefix(name)?.to_owned()),
            };
            kind.starts_with(|c: char| c.is_ascii_uppercase()).then_some((kind, raw))
        });
        // The rest of the list is short: an object has one element of a choice, if it is sound.
        let mut seen: Vec<Cow<'a, str>> = Vec::new();
        elements.filter(move |(kind, raw)| {
            let first = !seen.contains(kind);
            seen.push(kind.clone());
            first && !is_empty(*raw)
        })
    }

    /// Whether a name comes twice.
    pub(super) fn repeats_a_name(&self) -> bool {
        self.0.repeats_a_name()
    }
}

fn is_empty(raw: Json<'_>) -> bool {
    match raw.get().as_bytes() {
        [b'"', inside @ .., b'"'] => inside.iter().all(u8::is_ascii_whitespace),
        [b'n', ..] => true,
        [b'{' | b'[', ..] => raw.size() == 0,
        _ => false,
    }
}
/// Type and id of a resource, without reading the rest: for callers that sort or select resources. `None` when
/// the value is not an object or lacks either of them.
pub fn resource_key(raw: Json<'_>) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let first = |name| raw.named(name).next().and_then(text);
    Some((first("resourceType")?, first("id")?))
}

/// A string, without the blanks around it; `None` for any other type, and for a blank one.
pub(super) fn text(raw: Json<'_>) -> Option<Cow<'_, str>> {
    match raw.string()? {
        Cow::Borrowed(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(Cow::Borrowed),
        Cow::Owned(text) => {
            Some(text.trim()).filter(|text| !text.is_empty()).map(|text| text.to_owned().into())
        }
    }
}

/// A boolean; `None` for any other type, the string `"true"` included.
pub(super) fn boolean(raw: Json<'_>) -> Option<bool> {
    match raw.get() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A finite number; `None` for any other type, and for one that is too large to be a measurement.
pub(super) fn number(raw: Json<'_>) -> Option<f64> {
    raw.get().parse().ok().filter(|n: &f64| n.is_finite())
}

/// The elements of a list. A lone object where a list is due counts as a list of one: both occur.
pub(super) fn items(raw: Json<'_>) -> Items<'_> {
    if raw.is_array() {
        Items { list: Some(raw.items()), lone: None }
    } else {
        Items { list: None, lone: Some(raw) }
    }
}

/// The elements of a list that are present.
#[derive(Debug, Clone, Default)]
pub(super) struct Items<'a> {
    lone: Option<Json<'a>>,
    list: Option<Inside<'a>>,
}

impl<'a> Iterator for Items<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.lone.take().or_else(|| self.list.as_mut()?.find(|raw| !is_empty(*raw)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::Document;

    #[test]
    fn null_and_empty_elements_are_absent() {
        let document =
            Document::parse(r#"{"a":null,"b":"","c":{ },"d":[ ],"e":" ","f":0,"g":false,"h":"x"}"#).unwrap();
        let object = Object::read(document.root()).unwrap();
        let present =
            ["a", "b", "c", "d", "e", "f", "g", "h"].into_iter().filter(|it| object.get(it).is_some());
        assert_eq!(present.collect::<Vec<_>>(), ["f", "g", "h"]);
    }

    #[test]
    fn a_repeated_name_keeps_the_first() {
        let document = Document::parse(r#"{"id":"one","\u0069d":"two"}"#).unwrap();
        let object = Object::read(document.root()).unwrap();
        assert!(object.repeats_a_name());
        assert_eq!(object.get("id").and_then(text).unwrap(), "one");
    }

    #[test]
    fn a_choice_names_its_type() {
        let document = Document::parse(
            r#"{"valueString":"x","value":1,"valued":2,"_valueString":3,"value\u0051uantity":{"a":1},"valueString":"y",
            "valueInteger":null,"valueInteger":5}"#,
        )
        .unwrap();
        let choice: Vec<_> = Object::read(document.root()).unwrap().choice("value").collect();
        let choice: Vec<_> = choice.iter().map(|(kind, raw)| (&**kind, raw.get())).collect();
        assert_eq!(choice, [("String", "\"x\""), ("Quantity", "{\"a\":1}")]);
    }

    #[test]
    fn an_object_of_too_many_elements_is_none() {
        let object = |n: usize| {
            format!("{{{}}}", (0..n).map(|i| format!("\"{i}\":[1,2]")).collect::<Vec<_>>().join(","))
        };
        let read = |text: &str| Object::read(Document::parse(text).unwrap().root()).is_some();
        assert!(read(&object(MOST_ELEMENTS)) && !read(&object(MOST_ELEMENTS + 1)));
    }

    #[test]
    fn values_of_another_type_are_none() {
        for (json, is_text, is_bool, is_number) in [
            (r#""a\nb""#, true, false, false),
            (r#""\ud800""#, false, false, false),
            ("true", false, true, false),
            (r#""true""#, true, false, false),
            ("3", false, false, true),
            ("1e999", false, false, false),
            ("{\"a\":1}", false, false, false),
        ] {
            let document = Document::parse(json).unwrap();
            let value = document.root();
            assert_eq!(text(value).is_some(), is_text, "{json}");
            assert_eq!(boolean(value).is_some(), is_bool, "{json}");
            assert_eq!(number(value).is_some(), is_number, "{json}");
        }
    }

    #[test]
    fn depth_of_unread_content_does_not_matter() {
        let deep =
            format!(r#"{{"id":"1","resourceType":"X","x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let document = Document::parse(&deep).unwrap();
        assert_eq!(resource_key(document.root()), Some(("X".into(), "1".into())));
        assert!(Object::read(document.root()).is_some());
    }

    #[test]
    fn the_key_needs_both_parts() {
        for text in [r#"{"resourceType":"X"}"#, "[1]", r#"{"id":7,"resourceType":"X"}"#] {
            assert_eq!(resource_key(Document::parse(text).unwrap().root()), None);
        }
    }
}
