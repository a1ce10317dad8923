//! The answer: cards, suggestions, actions (CDS Hooks 2.0.1, "CDS Service Response").
//!
//! Absent on purpose: `systemActions` (a guideline service acts on nothing by itself).
//! Members without a value are left out; no empty arrays but `cards`.

use serde::Serialize;
use serde_json::value::RawValue;

/// A whole answer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Response {
    /// The cards, worst first; may be empty.
    pub cards: Vec<Card>,
    /// Which cards are not shown whole, since they were answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<Box<RawValue>>,
}

/// How urgent a card is, rising.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Indicator {
    /// For information.
    Info,
    /// Needs attention.
    Warning,
    /// Needs action now.
    Critical,
}

/// One card.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// Identifies the card in feedback.
    pub uuid: String,
    /// One plain sentence, at most 139 characters.
    pub summary: String,
    /// GitHub Flavored Markdown without HTML.
    pub detail: String,
    /// Urgency.
    pub indicator: Indicator,
    /// Origin of the guidance.
    pub source: SourceLabel,
    /// What can be done with one click.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
    /// Present exactly when there are suggestions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection_behavior: Option<SelectionBehavior>,
    /// The panel in which the card can be answered, where a site has configured it; of a short card, where all of it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Coded reasons for dismissing the card.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub override_reasons: Vec<Coding>,
    /// The rationale, under `org.spinal-mets-cds.rationale`.
    pub extension: Box<RawValue>,
}

/// A link. To the address of a SMART app the EHR adds `iss` and `launch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Text of the link.
    pub label: String,
    /// Where it leads; nothing of the patient is in it.
    pub url: String,
    /// What it opens.
    #[serde(rename = "type")]
    pub kind: LinkType,
    /// What a SMART app is told in its token response; a page is told nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_context: Option<String>,
}

/// What a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkType {
    /// A page.
    Absolute,
    /// A SMART app.
    Smart,
}

/// `card.source`.
#[derive(Debug, Clone, Serialize)]
pub struct SourceLabel {
    /// Name of the guideline.
    pub label: String,
    /// Where it can be read; only when a public base URL is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The lead recommendation code.
    pub topic: Coding,
}

/// A FHIR Coding as CDS Hooks uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coding {
    /// Code system URI.
    pub system: String,
    /// Code.
    pub code: String,
    /// Display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

/// How many suggestions may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelectionBehavior {
    /// At most one.
    AtMostOne,
    /// Any number: they serve different needs.
    Any,
}

/// Which actions of a suggestion may be taken; trial use of the next version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionSelectionBehavior {
    /// Any number: each is an act by itself, such as a referral beside another.
    Any,
    /// All of them or none: a third of a whole-spine MRI is none, and a draft that is taken away needs what replaces it.
    All,
}

/// A suggestion. All its actions are taken together, unless `action_selection_behavior` says otherwise.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// Text of the button.
    pub label: String,
    /// Identifies the suggestion in feedback.
    pub uuid: String,
    /// Never empty.
    pub actions: Vec<Action>,
    /// Only for a client that is known to read it (S-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_selection_behavior: Option<ActionSelectionBehavior>,
}

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionType {
    /// A new resource.
    Create,
    /// The whole resource after the change.
    Update,
    /// Removal by reference.
    Delete,
}

/// One change to the orders.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// Kind of change.
    #[serde(rename = "type")]
    pub kind: ActionType,
    /// What it does, for people.
    pub description: String,
    /// The resource, for create and update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Box<RawValue>>,
    /// `Type/id`, for delete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
}
