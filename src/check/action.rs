//! An action of a suggestion, or one that the client may apply by itself (rows S-6 to S-12, A-1, A-2).

use super::finding::{Findings, Place, kind_of, quoted};
use super::request::Asked;
use super::rule::Rule;
use super::shape::{Shape, Takes, advised, one_of, optional, required};
use crate::json::{Json, Object};

/// What every resource that has them needs: an update without what the draft has is not the whole resource.
pub(super) const KEPT: [&str; 5] = ["status", "intent", "subject", "patient", "participant"];

/// An action of a suggestion.
pub(super) const ACTION: Shape = Shape {
    what: "the action",
    rule: Rule::Actions,
    members: &[
        required("type", Takes::Text, Rule::ActionType),
        required("description", Takes::Text, Rule::ActionDescription),
        optional("resource", Takes::Any, Rule::CreateResource),
        optional("resourceId", Takes::Text, Rule::DeleteTarget),
    ],
};

/// An action beside the cards.
pub(super) const SYSTEM_ACTION: Shape = Shape {
    what: "the system action",
    rule: Rule::SystemActions,
    members: &[
        required("type", Takes::Text, Rule::ActionType),
        advised("description", Takes::Text, Rule::ActionDescription, Rule::SystemActionDescription),
        optional("resource", Takes::Any, Rule::CreateResource),
        optional("resourceId", Takes::Text, Rule::DeleteTarget),
    ],
};

/// Checks one action.
pub(super) fn check(
    shape: &Shape,
    json: Json<'_>,
    asked: Option<&Asked>,
    at: &Place<'_>,
    findings: &mut Findings,
) {
    let Some(action) = shape.read(json, at, findings) else { return };
    let kinds = (Rule::ActionType, &["create", "update", "delete"][..]);
    let kind = one_of(&action, "type", kinds, at, findings);
    let place = at.member("resource");
    match kind {
        Some("delete") => delete(&action, asked, at, findings),
        Some("update") => {
            if let Some(resource) = resource(&action, Rule::UpdateResource, at, findings) {
                update(&resource, asked, &place, findings);
            }
        }
        Some(_) => {
            let resource = resource(&action, Rule::CreateResource, at, findings);
            let subject = resource.as_ref().and_then(subject);
            if let (Some(asked), Some(subject)) = (asked, subject)
                && !asked.is_about(&subject)
            {
                let problem = format_args!("it is about {}, whom nobody asked about", quoted(&subject));
                findings.add(Rule::OtherPatient, &place, problem);
            }
        }
        None => {}
    }
    if kind.is_some_and(|it| it != "delete") && action.get("resourceId").is_some() {
        let problem = "`resourceId` stands on an action that is no delete";
        findings.add(Rule::DeleteTarget, &at.member("resourceId"), problem);
    }
}

/// The resource of an action that needs one.
fn resource<'a>(
    action: &Object<'a>,
    rule: Rule,
    at: &Place<'_>,
    findings: &mut Findings,
) -> Option<Object<'a>> {
    let Some(json) = action.get("resource") else {
        if action.raw("resource").is_none() && !action.repeats("resource") {
            findings.add(rule, at, "`resource` is missing");
        }
        return None;
    };
    let place = at.member("resource");
    let Some(resource) = Object::of_any_size(json) else {
        findings.add(rule, &place, format_args!("`resource` is {}, not an object", kind_of(json)));
        return None;
    };
    match resource.text("resourceType") {
        Some(name) if is_type(&name) => {}
        Some(name) => {
            let problem = format_args!("`resourceType` is {}", quoted(&name));
            findings.add(rule, &place.member("resourceType"), problem);
        }
        None => findings.add(rule, &place, "`resourceType` is missing or is not a string"),
    }
    Some(resource)
}

fn update(resource: &Object<'_>, asked: Option<&Asked>, at: &Place<'_>, findings: &mut Findings) {
    let Some(id) = resource.text("id") else {
        return findings.add(Rule::UpdateResource, at, "`id` is missing or is not a string");
    };
    let (Some(asked), Some(kind)) = (asked, resource.text("resourceType")) else { return };
    let target = format!("{kind}/{id}");
    is_asked(&target, asked, at, findings);
    let lost: Vec<_> = asked.members_of(&target).filter(|it| resource.raw(it).is_none()).collect();
    if !lost.is_empty() {
        let problem =
            format_args!("what the request shows has members that are lost here: {}", lost.join(", "));
        findings.add(Rule::UpdateTarget, at, problem);
    }
}

fn delete(action: &Object<'_>, asked: Option<&Asked>, at: &Place<'_>, findings: &mut Findings) {
    if let Some(resource) = action.get("resource") {
        let problem = match resource.is_string() {
            true => "`resource` is a string, as an old draft of the specification had it",
            false => "`resource` stands on a delete",
        };
        findings.add(Rule::DeleteTarget, &at.member("resource"), problem);
    }
    let Some(target) = action.text("resourceId") else {
        if action.raw("resourceId").is_none() && action.get("resource").is_none() {
            findings.add(Rule::DeleteTarget, at, "`resourceId` is missing");
        }
        return;
    };
    let at = at.member("resourceId");
    let is_reference = target.split_once('/').is_some_and(|(kind, id)| is_type(kind) && is_id(id));
    match asked {
        _ if !is_reference => {
            findings.add(Rule::DeleteTarget, &at, format_args!("`resourceId` is {}", quoted(&target)));
        }
        Some(asked) => is_asked(&target, asked, &at, findings),
        None => {}
    }
}

fn is_asked(target: &str, asked: &Asked, at: &Place<'_>, findings: &mut Findings) {
    if !asked.shows(target) {
        let problem = format_args!("{} is neither in the context nor in the prefetch", quoted(target));
        findings.add(Rule::UpdateTarget, at, problem);
    } else if !asked.asks_about(target) {
        let problem = format_args!("{} is no order that the hook asks about", quoted(target));
        findings.add(Rule::NotAsked, at, problem);
    }
}

/// Whom a resource is about, as it says.
fn subject(resource: &Object<'_>) -> Option<String> {
    let holder = resource.get("subject").or_else(|| resource.get("patient"))?;
    Some(Object::of_any_size(holder)?.text("reference")?.into_owned())
}

/// Whether a name may be that of a type of FHIR.
pub(super) fn is_type(name: &str) -> bool {
    name.len() > 2
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|it| it.is_ascii_alphabetic())
}

/// Whether a text may be the id of a FHIR resource.
pub(super) fn is_id(text: &str) -> bool {
    let fits = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.');
    !text.is_empty() && text.len() <= 64 && text.bytes().all(fits)
}
