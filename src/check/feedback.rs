//! A feedback request: what a client tells about cards afterwards ("Feedback"; rows FB-2 to FB-7).

use super::finding::{Findings, Place, quoted};
use super::rule::Rule;
use super::shape::{Shape, Takes, items, one_of, optional, required};
use crate::json::{Json, Object};
use chrono::DateTime;

const FEEDBACK: Shape = Shape {
    what: "the feedback",
    rule: Rule::Feedback,
    members: &[required("feedback", Takes::List, Rule::Feedback)],
};

const ENTRY: Shape = Shape {
    what: "the entry",
    rule: Rule::Feedback,
    members: &[
        required("card", Takes::Text, Rule::FeedbackCard),
        required("outcome", Takes::Text, Rule::Outcome),
        optional("acceptedSuggestions", Takes::List, Rule::Accepted),
        optional("overrideReason", Takes::Object, Rule::Override),
        required("outcomeTimestamp", Takes::Text, Rule::OutcomeTime),
    ],
};

const ACCEPTED: Shape = Shape {
    what: "the accepted suggestion",
    rule: Rule::Accepted,
    members: &[required("id", Takes::Text, Rule::Accepted)],
};

const OVERRIDE: Shape = Shape {
    what: "the override reason",
    rule: Rule::Override,
    members: &[
        optional("reason", Takes::Object, Rule::Override),
        optional("userComment", Takes::Text, Rule::Override),
    ],
};

const REASON: Shape = Shape {
    what: "the reason",
    rule: Rule::Override,
    members: &[
        required("code", Takes::Text, Rule::Override),
        required("system", Takes::Text, Rule::Override),
        optional("display", Takes::Text, Rule::Override),
    ],
};

/// Checks a feedback request.
pub(super) fn check(root: Json<'_>, findings: &mut Findings) {
    let top = Place::TOP;
    let Some(feedback) = FEEDBACK.read(root, &top, findings) else { return };
    let list = top.member("feedback");
    for (index, json) in items(&feedback, "feedback") {
        let at = list.item(index);
        if let Some(entry) = ENTRY.read(json, &at, findings) {
            check_entry(&entry, &at, findings);
        }
    }
}

fn check_entry(entry: &Object<'_>, at: &Place<'_>, findings: &mut Findings) {
    if entry.text("card").is_some_and(|it| it.starts_with("urn:")) {
        findings.add(Rule::FeedbackCardForm, &at.member("card"), "`card` has a prefix");
    }
    let suggestions = at.member("acceptedSuggestions");
    for (index, json) in items(entry, "acceptedSuggestions") {
        ACCEPTED.read(json, &suggestions.item(index), findings);
    }
    let reason = at.member("overrideReason");
    if let Some(json) = entry.get("overrideReason").filter(|it| it.is_object()) {
        check_override(json, &reason, findings);
    }
    let outcomes = (Rule::Outcome, &["accepted", "overridden"][..]);
    match one_of(entry, "outcome", outcomes, at, findings) {
        Some("accepted") => {
            if entry.raw("acceptedSuggestions").is_none() && !entry.repeats("acceptedSuggestions") {
                findings.add(Rule::Accepted, at, "`acceptedSuggestions` is missing of an accepted card");
            }
            if entry.get("overrideReason").is_some() {
                findings.add(Rule::OverrideBeside, &reason, "`overrideReason` stands on an accepted card");
            }
        }
        Some(_) if entry.get("acceptedSuggestions").is_some() => {
            let problem = "`acceptedSuggestions` stands on an overridden card";
            findings.add(Rule::AcceptedBeside, &suggestions, problem);
        }
        _ => {}
    }
    if let Some(time) = entry.text("outcomeTimestamp") {
        check_time(&time, &at.member("outcomeTimestamp"), findings);
    }
}

fn check_override(json: Json<'_>, at: &Place<'_>, findings: &mut Findings) {
    let is_flat = Object::of_any_size(json).is_some_and(|it| {
        it.raw("reason").is_none() && (it.raw("code").is_some() || it.raw("system").is_some())
    });
    if is_flat {
        return findings.add(
            Rule::Override,
            at,
            "the Coding stands in `overrideReason` itself, without `reason`",
        );
    }
    let Some(told) = OVERRIDE.read(json, at, findings) else { return };
    if let Some(reason) = told.get("reason").filter(|it| it.is_object()) {
        REASON.read(reason, &at.member("reason"), findings);
    }
    if told.raw("reason").is_none() && told.raw("userComment").is_none() {
        findings.add(Rule::OverrideBeside, at, "`overrideReason` has neither a reason nor a comment");
    }
}

fn check_time(time: &str, at: &Place<'_>, findings: &mut Findings) {
    match DateTime::parse_from_rfc3339(time) {
        Err(_) => findings.add(Rule::OutcomeTime, at, format_args!("`outcomeTimestamp` is {}", quoted(time))),
        Ok(at_offset) if at_offset.offset().local_minus_utc() != 0 => {
            findings.add(Rule::OutcomeUtc, at, "`outcomeTimestamp` is not in UTC");
        }
        Ok(_) => {}
    }
}
