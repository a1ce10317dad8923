//! The link of a card that asks: the panel, with what the card asks for (guideline.md section 4; rows L-1 to L-6).

use super::cards::{CardContext, guideline_row};
use super::form;
use crate::cds_hooks::{Link, LinkType};
use crate::guideline::{Advice, Fact, Recommendation};
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
    Some(Link { label, url: url.to_owned(), kind: LinkType::Smart, app_context: Some(asked.to_string()) })
}

/// The link of a card that is short, since it was answered, to all of it: the panel, which shows every card whole; where none
/// is offered, its rule on the guideline page.
pub(super) fn whole(lead: &Recommendation, context: &CardContext<'_>) -> Option<Link> {
    if let Some(url) = context.panel_url {
        let asked = json!({ "facts": [] }).to_string();
        let (label, url) = ("Show the whole card".to_owned(), url.to_owned());
        return Some(Link { label, url, kind: LinkType::Smart, app_context: Some(asked) });
    }
    let url = guideline_row(lead, context)?;
    let label = "Why: the rule on the guideline page".to_owned();
    Some(Link { label, url, kind: LinkType::Absolute, app_context: None })
}
