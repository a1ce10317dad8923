//! An answer to a hook call: cards, suggestions, links, override reasons ("CDS Service Response"; rows RS, C, S, A, L, O).

use super::action::{self, ACTION, SYSTEM_ACTION};
use super::finding::{Findings, Place, quoted};
use super::markdown::first_html;
use super::request::Asked;
use super::rule::Rule;
use super::shape::{Once, Shape, Takes, advised, is_plain_uuid, items, one_of, optional, required};
use crate::json::{Json, Object};
use std::collections::HashSet;
use url::Url;

/// `summary` has fewer characters than this.
const SUMMARY_LENGTH: usize = 140;
/// Of rising urgency.
const INDICATORS: [&str; 3] = ["info", "warning", "critical"];

const ANSWER: Shape = Shape {
    what: "the answer",
    rule: Rule::Cards,
    members: &[
        required("cards", Takes::List, Rule::Cards),
        optional("systemActions", Takes::List, Rule::SystemActions),
    ],
};

const CARD: Shape = Shape {
    what: "the card",
    rule: Rule::Cards,
    members: &[
        advised("uuid", Takes::Text, Rule::CardUuid, Rule::CardUuidAbsent),
        required("summary", Takes::Text, Rule::Summary),
        optional("detail", Takes::Text, Rule::Detail),
        required("indicator", Takes::Text, Rule::Indicator),
        required("source", Takes::Object, Rule::Source),
        optional("suggestions", Takes::List, Rule::Suggestions),
        optional("selectionBehavior", Takes::Text, Rule::SelectionBehavior),
        optional("overrideReasons", Takes::List, Rule::ReasonsAndLinks),
        optional("links", Takes::List, Rule::ReasonsAndLinks),
    ],
};

const SOURCE: Shape = Shape {
    what: "the source",
    rule: Rule::Source,
    members: &[
        required("label", Takes::Text, Rule::SourceLabel),
        optional("url", Takes::Text, Rule::SourceUrl),
        optional("icon", Takes::Text, Rule::SourceIcon),
        optional("topic", Takes::Object, Rule::Topic),
    ],
};

const TOPIC: Shape = Shape {
    what: "the topic",
    rule: Rule::Topic,
    members: &[
        required("system", Takes::Text, Rule::Topic),
        required("code", Takes::Text, Rule::Topic),
        optional("display", Takes::Text, Rule::Topic),
    ],
};

const SUGGESTION: Shape = Shape {
    what: "the suggestion",
    rule: Rule::Suggestions,
    members: &[
        required("label", Takes::Text, Rule::SuggestionLabel),
        advised("uuid", Takes::Text, Rule::SuggestionUuid, Rule::SuggestionUuidAbsent),
        optional("isRecommended", Takes::Flag, Rule::Recommended),
        optional("actions", Takes::List, Rule::Actions),
        optional("actionSelectionBehavior", Takes::Any, Rule::ActionSelection),
    ],
};

const REASON: Shape = Shape {
    what: "the override reason",
    rule: Rule::ReasonsAndLinks,
    members: &[
        required("code", Takes::Text, Rule::OverrideReason),
        required("system", Takes::Text, Rule::OverrideReason),
        required("display", Takes::Text, Rule::OverrideReason),
    ],
};

const LINK: Shape = Shape {
    what: "the link",
    rule: Rule::ReasonsAndLinks,
    members: &[
        required("label", Takes::Text, Rule::LinkLabel),
        required("url", Takes::Text, Rule::LinkUrl),
        required("type", Takes::Text, Rule::LinkType),
        optional("appContext", Takes::Text, Rule::AppContext),
        optional("autolaunchable", Takes::Flag, Rule::Autolaunchable),
    ],
};

/// An answer as it is read.
struct Reader<'f, 'q> {
    findings: &'f mut Findings,
    /// The request, where it is known.
    asked: Option<&'q Asked>,
    /// The ids of cards and suggestions.
    ids: Once,
}

/// Checks an answer, beside the request that it answers where that is known.
pub(super) fn check(root: Json<'_>, asked: Option<&Asked>, findings: &mut Findings) {
    let top = Place::TOP;
    let Some(answer) = ANSWER.read(root, &top, findings) else { return };
    let mut reader = Reader { findings, asked, ids: Once::default() };
    let cards = top.member("cards");
    let mut last = usize::MAX;
    let mut in_order = true;
    for (index, card) in items(&answer, "cards") {
        let at = cards.item(index);
        let Some(urgency) = reader.card(card, &at) else { continue };
        if urgency > last && std::mem::take(&mut in_order) {
            reader.findings.add(Rule::CardOrder, &at, "a less urgent card stands before it");
        }
        last = urgency;
    }
    let actions = top.member("systemActions");
    for (index, action) in items(&answer, "systemActions") {
        action::check(&SYSTEM_ACTION, action, asked, &actions.item(index), reader.findings);
    }
}

impl Reader<'_, '_> {
    /// A card; how urgent it is.
    fn card(&mut self, json: Json<'_>, at: &Place<'_>) -> Option<usize> {
        let card = CARD.read(json, at, self.findings)?;
        let forms = (Rule::CardUuid, Rule::CardUuidForm);
        self.id(&card, forms, at);
        if let Some(summary) = card.text("summary") {
            self.summary(&summary, &at.member("summary"));
        }
        if let Some(html) = card.text("detail").and_then(|it| first_html(&it).map(str::to_owned)) {
            let problem = format_args!("`detail` has HTML in it: {}", quoted(&html));
            self.findings.add(Rule::DetailHtml, &at.member("detail"), problem);
        }
        if let Some(source) = card.get("source").filter(|it| it.is_object()) {
            self.source(source, &at.member("source"));
        }
        self.suggestions(&card, at);
        self.reasons(&card, &at.member("overrideReasons"));
        let links = at.member("links");
        for (index, link) in items(&card, "links") {
            self.link(link, &links.item(index));
        }
        let indicator = one_of(&card, "indicator", (Rule::Indicator, &INDICATORS), at, self.findings)?;
        INDICATORS.iter().position(|it| *it == indicator)
    }

    fn summary(&mut self, summary: &str, at: &Place<'_>) {
        let length = summary.chars().count();
        if length >= SUMMARY_LENGTH {
            self.findings.add(Rule::Summary, at, format_args!("`summary` has {length} characters"));
        }
        if summary.trim().contains(['\n', '\r']) {
            self.findings.add(Rule::SummaryLine, at, "`summary` has more than one line");
        }
    }

    /// The `uuid` of a card or suggestion; what breaks the first rule stands twice, the second has another form.
    fn id(&mut self, holder: &Object<'_>, (twice, form): (Rule, Rule), at: &Place<'_>) {
        let Some(id) = holder.text("uuid") else { return };
        let at = at.member("uuid");
        if !is_plain_uuid(&id) {
            self.findings.add(form, &at, format_args!("`uuid` is {}", quoted(&id)));
        }
        self.ids.add(id.to_lowercase(), (twice, "the same `uuid`"), &at, self.findings);
    }

    fn source(&mut self, json: Json<'_>, at: &Place<'_>) {
        let Some(source) = SOURCE.read(json, at, self.findings) else { return };
        self.url(&source, (Rule::SourceUrl, Rule::SourceUrlPlain), at);
        if let Some(icon) = source.text("icon").filter(|it| Url::parse(it).is_err()) {
            let problem = format_args!("`icon` is {}, which is not absolute", quoted(&icon));
            self.findings.add(Rule::SourceIcon, &at.member("icon"), problem);
        }
        if let Some(topic) = source.get("topic").filter(|it| it.is_object()) {
            TOPIC.read(topic, &at.member("topic"), self.findings);
        }
    }

    /// A `url` that a browser opens; what breaks the first rule cannot be opened, the second can be listened to.
    fn url(&mut self, holder: &Object<'_>, (wrong, plain): (Rule, Rule), at: &Place<'_>) -> Option<Url> {
        let written = holder.text("url")?;
        let at = at.member("url");
        let url = Url::parse(&written).ok();
        match url.as_ref().map(Url::scheme) {
            Some("https") => {}
            Some("http") => self.findings.add(plain, &at, "`url` is not https"),
            Some(_) => self.findings.add(wrong, &at, format_args!("`url` is {}", quoted(&written))),
            None => {
                let problem = format_args!("`url` is {}, which is not absolute", quoted(&written));
                self.findings.add(wrong, &at, problem);
            }
        }
        url
    }

    fn suggestions(&mut self, card: &Object<'_>, at: &Place<'_>) {
        let list = at.member("suggestions");
        let behaviors = (Rule::SelectionBehavior, &["at-most-one", "any"][..]);
        let behavior = one_of(card, "selectionBehavior", behaviors, at, self.findings);
        let mut recommended = 0;
        for (index, suggestion) in items(card, "suggestions") {
            recommended += usize::from(self.suggestion(suggestion, &list.item(index)));
        }
        match (card.get("suggestions"), card.raw("selectionBehavior")) {
            (Some(_), None) if !card.repeats("selectionBehavior") => {
                let problem = "`selectionBehavior` is missing beside `suggestions`";
                self.findings.add(Rule::SelectionBehavior, at, problem);
            }
            (None, Some(_)) if card.raw("suggestions").is_none() => {
                let problem = "`selectionBehavior` stands without `suggestions`";
                self.findings.add(Rule::SelectionWithout, &at.member("selectionBehavior"), problem);
            }
            _ => {}
        }
        if recommended > 1 && behavior != Some("any") {
            let problem =
                format_args!("{recommended} suggestions are recommended, of which one may be taken");
            self.findings.add(Rule::Recommended, &list, problem);
        }
    }

    /// A suggestion; whether it is recommended.
    fn suggestion(&mut self, json: Json<'_>, at: &Place<'_>) -> bool {
        let Some(suggestion) = SUGGESTION.read(json, at, self.findings) else { return false };
        self.id(&suggestion, (Rule::SuggestionUuid, Rule::SuggestionUuidForm), at);
        if suggestion.get("actionSelectionBehavior").is_some() {
            let at = at.member("actionSelectionBehavior");
            self.findings.add(Rule::ActionSelection, &at, "it is not in 2.0.1");
        }
        let actions = at.member("actions");
        for (index, action) in items(&suggestion, "actions") {
            action::check(&ACTION, action, self.asked, &actions.item(index), self.findings);
        }
        suggestion.raw("isRecommended").is_some_and(|it| it.get() == "true")
    }

    fn reasons(&mut self, card: &Object<'_>, at: &Place<'_>) {
        let mut seen = HashSet::new();
        for (index, reason) in items(card, "overrideReasons") {
            let at = at.item(index);
            let Some(reason) = REASON.read(reason, &at, self.findings) else { continue };
            let (Some(code), Some(system)) = (reason.text("code"), reason.text("system")) else { continue };
            if !seen.insert((system.into_owned(), code.into_owned())) {
                self.findings.add(Rule::SameReason, &at, "the reason is in the list already");
            }
        }
    }

    fn link(&mut self, json: Json<'_>, at: &Place<'_>) {
        let Some(link) = LINK.read(json, at, self.findings) else { return };
        let url = self.url(&link, (Rule::LinkUrl, Rule::LinkUrlPlain), at);
        if url.is_some_and(|it| self.asked.is_some_and(|asked| asked.is_named_in(&it))) {
            self.findings.add(Rule::LinkPatient, &at.member("url"), "`url` has the id of the patient in it");
        }
        let kinds = (Rule::LinkType, &["absolute", "smart"][..]);
        let kind = one_of(&link, "type", kinds, at, self.findings);
        if kind == Some("absolute") && link.get("appContext").is_some() {
            let problem = "`appContext` stands beside a link of type `absolute`";
            self.findings.add(Rule::AppContext, &at.member("appContext"), problem);
        }
    }
}
