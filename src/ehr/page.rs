//! The link from one page of a search to the next.

use crate::cds_hooks::Object;
use crate::json::Json;
use std::borrow::Cow;

/// The `next` link of a searchset; empty when there is one without a usable URL.
pub fn next_link<'a>(bundle: &Object<'a>) -> Option<Cow<'a, str>> {
    let links = bundle.present("link").into_iter().flat_map(Json::items);
    let is_next = |link: &Object<'_>| link.text("relation").is_some_and(|relation| relation == "next");
    let next = links.filter_map(Object::read).find(is_next)?;
    Some(next.text("url").unwrap_or_default())
}
