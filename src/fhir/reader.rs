//! JSON resources as borrowed views that cannot fail as a whole.
//!
//! An [`Object`] splits a resource into its elements and converts none of them; each element is converted by the
//! mapper that needs it, so one bad date or one element of the wrong type costs that element alone. Unknown content
//! is skipped, never walked, so its depth does not matter. Deliberately absent: what an element means.

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// More elements than any resource or datatype has; an object beyond it is refused as malformed.
const MOST_ELEMENTS: usize = 256;

/// The elements of one JSON object, unconverted.
#[derive(Debug)]
pub(super) struct Object<'a> {
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
    /// A key came twice; the first counts.
    pub(super) repeated_key: bool,
}

impl<'a> Object<'a> {
    /// The object, or `None` when the value is not one.
    pub(super) fn read(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }

    /// An element. JSON `null` and empty values are absent, as FHIR has it.
    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, raw)| *raw).filter(|raw| !is_empty(raw))
    }

    /// The names of the elements that are present.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|(_, raw)| !is_empty(raw)).map(|(key, _)| key.as_ref())
    }
}

/// A key, borrowed where JSON escapes allow it.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;
        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut object = Object { fields: Vec::with_capacity(16), repeated_key: false };
                while let Some(Key(key)) = map.next_key()? {
                    let raw: &'de RawValue = map.next_value()?;
                    if object.fields.len() >= MOST_ELEMENTS {
                        return Err(de::Error::custom("too many elements"));
                    }
                    if object.fields.iter().any(|(known, _)| *known == key) {
                        object.repeated_key = true;
                    } else {
                        object.fields.push((key, raw));
                    }
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// Type and id of a resource, without reading the rest: for callers that sort or select resources. `None` when
/// the value is not an object or lacks either of them.
pub fn resource_key(raw: &RawValue) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    struct Peek<'a>(Option<&'a RawValue>, Option<&'a RawValue>);
    impl<'de> Deserialize<'de> for Peek<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct PeekVisitor;
            impl<'de> Visitor<'de> for PeekVisitor {
                type Value = Peek<'de>;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a resource")
                }
                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                    let mut peek = Peek(None, None);
                    while let Some(Key(key)) = map.next_key()? {
                        match key.as_ref() {
                            "resourceType" if peek.0.is_none() => peek.0 = Some(map.next_value()?),
                            "id" if peek.1.is_none() => peek.1 = Some(map.next_value()?),
                            _ => {
                                map.next_value::<IgnoredAny>()?;
                            }
                        }
                    }
                    Ok(peek)
                }
            }
            deserializer.deserialize_map(PeekVisitor)
        }
    }
    let peek: Peek<'_> = serde_json::from_str(raw.get()).ok()?;
    Some((text(peek.0?)?, text(peek.1?)?))
}

fn is_empty(raw: &RawValue) -> bool {
    let json = raw.get();
    let mut inside = json.bytes().filter(|b| !b.is_ascii_whitespace());
    json == "null"
        || (json.starts_with(['{', '[', '"'])
            && matches!(
                (inside.next(), inside.next(), inside.next()),
                (Some(b'{'), Some(b'}'), None)
                    | (Some(b'['), Some(b']'), None)
                    | (Some(b'"'), Some(b'"'), None)
            ))
}

/// A string, without the blanks around it; `None` for any other type, and for a blank one.
pub(super) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inside = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        let owned: String = serde_json::from_str(raw.get()).ok()?;
        let trimmed = owned.trim();
        return if trimmed.is_empty() { None } else { Some(Cow::Owned(trimmed.to_owned())) };
    }
    let trimmed = inside.trim();
    if trimmed.is_empty() { None } else { Some(Cow::Borrowed(trimmed)) }
}

/// A boolean; `None` for any other type, the string `"true"` included.
pub(super) fn boolean(raw: &RawValue) -> Option<bool> {
    match raw.get() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A finite number; `None` for any other type, and for one that is too large to be a measurement.
pub(super) fn number(raw: &RawValue) -> Option<f64> {
    raw.get().parse().ok().filter(|n: &f64| n.is_finite())
}

/// The elements of a list. A lone object where a list is due counts as a list of one: both occur.
pub(super) fn items(raw: &RawValue) -> Vec<&RawValue> {
    if !raw.get().starts_with('[') {
        return vec![raw];
    }
    let all: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
    all.into_iter().filter(|raw| !is_empty(raw)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn null_and_empty_elements_are_absent() {
        let json = raw(r#"{"a":null,"b":"","c":{ },"d":[ ],"e":" ","f":0,"g":false,"h":"x"}"#);
        let object = Object::read(&json).unwrap();
        assert_eq!(object.names().collect::<Vec<_>>(), ["f", "g", "h"]);
    }

    #[test]
    fn a_repeated_key_keeps_the_first_and_is_told() {
        let json = raw(r#"{"id":"one","\u0069d":"two"}"#);
        let object = Object::read(&json).unwrap();
        assert!(object.repeated_key);
        assert_eq!(object.get("id").and_then(text).unwrap(), "one");
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
            let value = raw(json);
            assert_eq!(text(&value).is_some(), is_text, "{json}");
            assert_eq!(boolean(&value).is_some(), is_bool, "{json}");
            assert_eq!(number(&value).is_some(), is_number, "{json}");
        }
    }

    #[test]
    fn depth_of_unread_content_does_not_matter() {
        let deep =
            format!(r#"{{"id":"1","resourceType":"X","x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let json = raw(&deep);
        assert_eq!(resource_key(&json), Some(("X".into(), "1".into())));
        assert!(Object::read(&json).is_some());
    }

    #[test]
    fn the_key_needs_both_parts() {
        assert_eq!(resource_key(&raw(r#"{"resourceType":"X"}"#)), None);
        assert_eq!(resource_key(&raw("[1]")), None);
        assert_eq!(resource_key(&raw(r#"{"id":7,"resourceType":"X"}"#)), None);
    }
}
