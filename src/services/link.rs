//! The link of a card that asks: the panel, with what the card asks for (guideline.md section 4; rows L-1 to L-6).

use super::cards::CardContext;
use super::form;
use crate::cds_hooks::{Link, LinkType};
use crate::guideline::{Advice, Fact};
use serde_json::json;

/// The link to the panel; `None` where the card asks nothing that the panel has a question for, or no panel is offered.
/// Nothing of the patient is in its address.
pub(super) fn panel(advice: &Advice, context: &CardContext<'_>) -> Option<Link> {
    let url = context.panel_url?;
    let mut facts: Vec<Fact> = Vec::new();
    for fact in advice.recommendations.iter().flat_map(|it| &it.missing) {
        if !facts.contains(fact) && !form::asked_by(&[*fact]).is_empty() {
            facts.push(*fact);
        }
    }
    let first = facts.first()?;
    let names: Vec<&str> = facts.iter().map(|fact| fact.name()).collect();
    let label = match facts.len() {
        1 => format!("Answer: {}", first.plain_name()),
        more => format!("Answer: {} and {} more", first.plain_name(), more.saturating_sub(1)),
    };
    let asked = json!({ "facts": names });
    Some(Link { label, url: url.to_owned(), kind: LinkType::Smart, app_context: asked.to_string() })
}
