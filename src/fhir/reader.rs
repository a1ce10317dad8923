//! The values of elements, each of which may be of another type than the standard says.
//!
//! Objects are read one level at a time ([`Object`]); each element is converted by the mapper that needs it, so one bad date
//! or one element of the wrong type costs that element alone. Deliberately absent: what an element means.

use json::{Inside, Json, is_empty};
use std::borrow::Cow;

pub(super) use json::Object;

/// A string, without the blanks around it; `None` for any other type, and for a blank one.
pub(super) fn text(raw: Json<'_>) -> Option<Cow<'_, str>> {
    let is_plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    match raw.string()? {
        // Most texts have nothing to trim.
        Cow::Borrowed(text) if is_plain(text.as_bytes().first()) && is_plain(text.as_bytes().last()) => {
            Some(Cow::Borrowed(text))
        }
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
}
