//! Lenient reading of JSON objects, one level at a time.
//!
//! Unknown members, deep nesting and odd values elsewhere cannot fail a call. Of members that are given twice the last
//! one counts. Absent on purpose: conversion of what nobody asks for.

use json::{Inside, Json};
use std::borrow::Cow;

/// The members of a JSON object, in the order sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Object<'a>(Option<Json<'a>>);

impl<'a> Object<'a> {
    /// `value` as an object; `None` when it is not one.
    pub fn read(value: Json<'a>) -> Option<Self> {
        value.is_object().then_some(Self(Some(value)))
    }

    /// The value of a member as sent, a JSON `null` included.
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        self.0?.named(name).last()
    }

    /// The value of a member, unless it is `null`, `""`, `[]` or `{}` (requirement J-7).
    pub fn present(&self, name: &str) -> Option<Json<'a>> {
        self.get(name).filter(|value| !is_empty(*value))
    }

    /// The value of a member that is a string with something in it.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.string().filter(|value| !value.trim().is_empty())
    }
}

/// The items of the array that `value` is; `None` when it is something else.
pub fn items(value: Json<'_>) -> Option<Inside<'_>> {
    value.is_array().then(|| value.items())
}

/// Whether `value` is `null`, `""`, `[]` or `{}`.
pub fn is_empty(value: Json<'_>) -> bool {
    value.is_null() || value.is_hollow() || value.get() == "\"\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use json::Document;

    #[test]
    fn the_last_of_two_equal_members_counts() {
        let document = Document::parse(r#"{"a":1,"b":"x","a":2}"#).unwrap();
        let object = Object::read(document.root()).unwrap();
        assert_eq!(object.get("a").unwrap().get(), "2");
        assert_eq!(object.text("b").as_deref(), Some("x"));
        assert!(object.get("c").is_none());
    }

    #[test]
    fn escaped_names_are_names() {
        let document = Document::parse(r#"{"p\u0061tient":"x"}"#).unwrap();
        let object = Object::read(document.root()).unwrap();
        assert!(object.get("patient").is_some());
    }

    #[test]
    fn empty_values_are_not_present() {
        for empty in ["null", "\"\"", "[]", "[ \n ]", "{}", "{ }"] {
            let text = format!(r#"{{"a":{empty}}}"#);
            let document = Document::parse(&text).unwrap();
            let object = Object::read(document.root()).unwrap();
            assert!(object.get("a").is_some(), "{empty}");
            assert!(object.present("a").is_none(), "{empty}");
        }
        let document = Document::parse(r#"{"a":[null],"b":" "}"#).unwrap();
        let object = Object::read(document.root()).unwrap();
        assert!(object.present("a").is_some());
        assert!(object.text("b").is_none());
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
