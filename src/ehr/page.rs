//! The link from one page of a search to the next.

use crate::json::{Json, Object};
use std::borrow::Cow;

/// The `next` link of a searchset; empty when there is one without a usable URL.
pub fn next_link<'a>(bundle: &Object<'a>) -> Option<Cow<'a, str>> {
    // Two lists of links are none that can be followed.
    if bundle.contradicts("link") {
        return Some(Cow::Borrowed(""));
    }
    let links = bundle.get("link").into_iter().flat_map(Json::items);
    let is_next = |link: &Object<'_>| link.text("relation").is_some_and(|relation| relation == "next");
    let next = links.filter_map(Object::read).find(is_next)?;
    Some(next.text("url").unwrap_or_default())
}
