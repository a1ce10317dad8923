//! Lenient reading of JSON objects, one level at a time.
//!
//! Everything below the level that is read stays raw text, so that unknown members, deep nesting and odd values
//! elsewhere cannot fail a call. Of members that are given twice the last one counts. Absent on purpose: a JSON
//! tree, which costs several times as much and may recurse.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The members of a JSON object, in the order sent.
#[derive(Debug, Default)]
pub struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads one level of `raw`; `None` when it is not an object.
    pub fn read(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }

    /// The value of a member as sent, a JSON `null` included.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value)
    }

    /// The value of a member, unless it is `null`, `""`, `[]` or `{}` (requirement J-7).
    pub fn present(&self, name: &str) -> Option<&'a RawValue> {
        self.get(name).filter(|value| !is_empty(value))
    }

    /// The value of a member that is a string with something in it.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        text(self.get(name)?).filter(|value| !value.trim().is_empty())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Text(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// A string that borrows from the input where it can.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The string that `raw` is; `None` when it is something else.
pub fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str(raw.get()).ok().map(|Text(text)| text)
}

/// The items of the array that `raw` is; `None` when it is something else.
pub fn items(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// Whether `raw` is `null`.
pub fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

/// Whether `raw` is `null`, `""`, `[]` or `{}`.
pub fn is_empty(raw: &RawValue) -> bool {
    let hollow = |open, close| {
        let inside = raw.get().strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
        inside.is_some_and(|inside: &str| inside.trim().is_empty())
    };
    is_null(raw) || raw.get() == "\"\"" || hollow('[', ']') || hollow('{', '}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_two_equal_members_counts() {
        let object: Object<'_> = serde_json::from_str(r#"{"a":1,"b":"x","a":2}"#).unwrap();
        assert_eq!(object.get("a").unwrap().get(), "2");
        assert_eq!(object.text("b").as_deref(), Some("x"));
        assert!(object.get("c").is_none());
    }

    #[test]
    fn escaped_names_are_names() {
        let object: Object<'_> = serde_json::from_str(r#"{"p\u0061tient":"x"}"#).unwrap();
        assert!(object.get("patient").is_some());
    }

    #[test]
    fn empty_values_are_not_present() {
        for empty in ["null", "\"\"", "[]", "[ \n ]", "{}", "{ }"] {
            let text = format!(r#"{{"a":{empty}}}"#);
            let object: Object<'_> = serde_json::from_str(&text).unwrap();
            assert!(object.get("a").is_some(), "{empty}");
            assert!(object.present("a").is_none(), "{empty}");
        }
        let object: Object<'_> = serde_json::from_str(r#"{"a":[null],"b":" "}"#).unwrap();
        assert!(object.present("a").is_some());
        assert!(object.text("b").is_none());
    }

    #[test]
    fn depth_below_the_level_read_does_no_harm() {
        let deep = format!(r#"{{"a":{}{},"b":"x"}}"#, "[".repeat(200_000), "]".repeat(200_000));
        let object: Object<'_> = serde_json::from_str(&deep).unwrap();
        assert_eq!(object.text("b").as_deref(), Some("x"));
        assert!(text(object.get("a").unwrap()).is_none());
    }
}
