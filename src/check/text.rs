//! The bytes of a document: UTF-8 without a mark, one JSON value and nothing behind it (row J-1).
//!
//! As much as can be read is read all the same, so that one fault hides no other.

use super::finding::{Findings, Place};
use super::rule::Rule;
use crate::json::Document;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The document in these bytes; `None` when there is no JSON value in them.
pub(super) fn read<'b>(bytes: &'b [u8], findings: &mut Findings) -> Option<Document<'b>> {
    let top = &Place::TOP;
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let at = error.valid_up_to();
            findings.add(Rule::NotUtf8, top, format_args!("byte {at} is no UTF-8"));
            String::from_utf8_lossy(bytes)
        }
    };
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => {
            findings.add(Rule::ByteOrderMark, top, "the text begins with a byte order mark");
            Cow::Owned(rest.to_owned())
        }
        None => text,
    };
    let error = match parse(text.clone()) {
        Ok(document) => return Some(document),
        Err(error) => error,
    };
    findings.add(Rule::NotJson, top, format_args!("the text is not one JSON value: {error}"));
    // One whole value in front of something else is still worth looking at.
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<&RawValue>();
    let first = values.next()?.ok()?.get().to_owned();
    parse(Cow::Owned(first)).ok()
}

fn parse(text: Cow<'_, str>) -> Result<Document<'_>, serde_json::Error> {
    match text {
        Cow::Borrowed(text) => Document::parse(text),
        Cow::Owned(text) => Document::of(text),
    }
}
