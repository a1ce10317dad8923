//! Advice to cards: summary, detail, rationale, suggestions (guideline.md section 4).
//!
//! Deliberately absent: any decision; what a card says and proposes was settled by the engine, and its words are those of
//! [`english`].

use super::card_id::Issuer;
use super::link;
use super::offer::Dialect;
use super::override_reason;
use super::repeat::Way;
use super::suggestion::suggestions;
use crate::cds_hooks::{self, Card, Coding, SelectionBehavior, SourceLabel};
use crate::domain::{Facts, Site};
use crate::fhir::DraftOrder;
use crate::guideline::english::Reader;
use crate::guideline::page::anchor;
use crate::guideline::{
    Advice, FactUsed, GUIDELINE_VERSION, Indicator, RECOMMENDATION_SYSTEM, Recommendation, english,
};
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// `card.source.label`.
pub const SOURCE_LABEL: &str = "Treatment for Spinal Metastases (guideline summary)";

/// Name of the rationale inside `card.extension`.
pub const RATIONALE: &str = "org.spinal-mets-cds.rationale";

/// What the cards need besides the advice.
#[derive(Debug)]
pub struct CardContext<'a> {
    /// The facts that the advice rests on.
    pub facts: &'a Facts,
    /// Site settings.
    pub site: &'a Site,
    /// The clock.
    pub now: DateTime<Utc>,
    /// Bare id of the patient.
    pub patient_id: &'a str,
    /// Bare id of the encounter, if the call names one.
    pub encounter_id: Option<&'a str>,
    /// `context.userId`, if a user asked.
    pub user_id: Option<&'a str>,
    /// The drafts of the call.
    pub drafts: &'a [DraftOrder<'a>],
    /// How the client is spoken to.
    pub dialect: Dialect,
    /// Makes the ids of cards and suggestions.
    pub ids: Issuer<'a>,
    /// Where the guideline can be read, when a public base URL is configured.
    pub guideline_url: Option<&'a str>,
    /// Where the panel is launched, for a client that it is offered to.
    pub panel_url: Option<&'a str>,
    /// How each card is written, in their order; a card beyond its end is written whole, under a random id.
    pub ways: &'a [Way],
}

impl CardContext<'_> {
    /// Who reads the cards, and when.
    pub(super) const fn reader(&self) -> Reader<'_> {
        Reader { site: self.site, now: self.now }
    }
}

/// Cards in the order of the advice: worst first.
pub fn cards(advice: &[Advice], context: &CardContext<'_>) -> Vec<Card> {
    let way = |place| context.ways.get(place).copied().unwrap_or_default();
    advice.iter().enumerate().filter_map(|(place, one)| card(one, way(place), context)).collect()
}

/// `None` only for advice without a recommendation, or if the rationale could not be written, which cannot happen.
fn card(advice: &Advice, way: Way, context: &CardContext<'_>) -> Option<Card> {
    let lead = advice.recommendations.first()?;
    let suggestions = suggestions(advice, context);
    let reader = context.reader();
    Some(Card {
        uuid: match way.digest {
            Some(digest) => context.ids.card_about(lead.code, digest),
            None => context.ids.card(lead.code),
        },
        summary: english::summary(advice, &reader),
        detail: match way.repeat {
            Some(repeat) => english::brief_detail(advice, repeat.answered, repeat.until, &reader),
            None => english::detail(advice, &reader),
        },
        indicator: match advice.indicator {
            Indicator::Info => cds_hooks::Indicator::Info,
            Indicator::Warning => cds_hooks::Indicator::Warning,
            Indicator::Critical => cds_hooks::Indicator::Critical,
        },
        source: SourceLabel {
            label: SOURCE_LABEL.to_owned(),
            url: guideline_row(lead, context),
            topic: Coding {
                system: RECOMMENDATION_SYSTEM.to_owned(),
                code: lead.code.as_str().to_owned(),
                display: None,
            },
        },
        selection_behavior: (!suggestions.is_empty()).then_some(if advice.several && suggestions.len() > 1 {
            SelectionBehavior::Any
        } else {
            SelectionBehavior::AtMostOne
        }),
        suggestions,
        links: match way.repeat {
            Some(_) => link::whole(lead, context).into_iter().collect(),
            None => link::panel(advice, context).into_iter().collect(),
        },
        override_reasons: override_reason::of(lead, context.dialect.version),
        extension: rationale(advice, context.site.time_zone)?,
    })
}

/// Where the row of a recommendation can be read; `None` without a public base URL.
pub(super) fn guideline_row(lead: &Recommendation, context: &CardContext<'_>) -> Option<String> {
    context.guideline_url.map(|url| format!("{url}#{}", anchor(lead.row)))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rationale<'a> {
    guideline_version: &'static str,
    recommendations: Vec<RationaleEntry<'a>>,
    /// Facts with more records than are named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more: Vec<RationaleMore>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overdue: Option<bool>,
}

#[derive(Serialize)]
struct RationaleEntry<'a> {
    code: &'static str,
    statements: &'a [&'static str],
    row: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<RationaleFact<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<&'static str>,
}

#[derive(Serialize)]
struct RationaleFact<'a> {
    fact: &'static str,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

#[derive(Serialize)]
struct RationaleMore {
    fact: &'static str,
    records: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<String>,
}

fn rationale(advice: &Advice, zone: Tz) -> Option<Box<RawValue>> {
    let fact = |used: &FactUsed| -> Option<String> { used.date.map(|date| date.for_programs(zone)) };
    let recommendations = advice
        .recommendations
        .iter()
        .map(|r| RationaleEntry {
            code: r.code.as_str(),
            statements: &r.statements,
            row: r.row,
            facts: r
                .facts
                .iter()
                .map(|used| RationaleFact {
                    fact: used.fact.name(),
                    value: english::value(used, zone),
                    date: fact(used),
                    reference: used.reference.as_deref(),
                })
                .collect(),
            missing: r.missing.iter().map(|fact| fact.name()).collect(),
        })
        .collect();
    let more = advice.more.iter().map(|more| RationaleMore {
        fact: more.fact.name(),
        records: more.records,
        newest: more.newest.map(|date| date.for_programs(zone)),
    });
    let rationale = Rationale {
        guideline_version: GUIDELINE_VERSION,
        recommendations,
        more: more.collect(),
        deadline: advice.deadline.map(rfc3339),
        overdue: advice.overdue,
    };
    to_raw_value(&BTreeMap::from([(RATIONALE, rationale)])).ok()
}

/// A moment as FHIR and RFC 3339 write it, in UTC to the second.
pub(super) fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
