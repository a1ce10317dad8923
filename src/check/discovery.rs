//! A discovery document: the services on offer ("Discovery"; rows D-2 to D-13).

use super::finding::{Findings, Place, did_you_mean, kind_of, name_of, nearest, quoted};
use super::hook::{self, HookContext};
use super::rule::Rule;
use super::shape::{Once, Shape, Takes, advised, items, optional, required};
use super::template;
use crate::json::{Json, Object};

const DISCOVERY: Shape = Shape {
    what: "the discovery document",
    rule: Rule::Offer,
    members: &[required("services", Takes::List, Rule::Offer)],
};

const SERVICE: Shape = Shape {
    what: "the service",
    rule: Rule::Offer,
    members: &[
        required("hook", Takes::Text, Rule::Hook),
        required("id", Takes::Text, Rule::ServiceId),
        advised("title", Takes::Text, Rule::Title, Rule::TitleAbsent),
        required("description", Takes::Text, Rule::Description),
        optional("usageRequirements", Takes::Text, Rule::Usage),
        optional("prefetch", Takes::Object, Rule::Prefetch),
        optional("version", Takes::Any, Rule::SpecVersion),
        optional("hookVersion", Takes::Any, Rule::HookVersion),
    ],
};

/// Checks a discovery document.
pub(super) fn check(root: Json<'_>, findings: &mut Findings) {
    let top = Place::TOP;
    let Some(discovery) = DISCOVERY.read(root, &top, findings) else { return };
    let list = top.member("services");
    let mut pairs = Once::default();
    for (index, json) in items(&discovery, "services") {
        let at = list.item(index);
        if let Some(service) = SERVICE.read(json, &at, findings) {
            check_service(&service, &at, &mut pairs, findings);
        }
    }
}

fn check_service(service: &Object<'_>, at: &Place<'_>, pairs: &mut Once, findings: &mut Findings) {
    let hook = service.text("hook");
    if let Some(hook) = &hook {
        check_hook(hook, &at.member("hook"), findings);
    }
    if let Some(id) = service.text("id") {
        let is_plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.' | b'_' | b'~');
        if !id.bytes().all(is_plain) {
            let problem = format_args!("`id` is {}, which cannot stand in a URL as it is", quoted(&id));
            findings.add(Rule::ServiceId, &at.member("id"), problem);
        }
        let pair = format!("{id} {}", hook.as_deref().unwrap_or_default());
        let what = "the same `id` for the same hook";
        pairs.add(pair, (Rule::SamePair, what), &at.member("id"), findings);
    }
    for (name, rule) in [("version", Rule::SpecVersion), ("hookVersion", Rule::HookVersion)] {
        let Some(version) = service.get(name) else { continue };
        if !version.string().is_some_and(|it| is_version(&it)) {
            let problem = format_args!("`{name}` is {}", quoted(version.get().trim_matches('"')));
            findings.add(rule, &at.member(name), problem);
        }
    }
    if let Some(prefetch) = service.get("prefetch").filter(|it| it.is_object()) {
        check_prefetch(prefetch, hook.and_then(|it| hook::find(&it)), &at.member("prefetch"), findings);
    }
}

fn check_hook(name: &str, at: &Place<'_>, findings: &mut Findings) {
    if hook::find(name).is_some() {
        return;
    }
    let part = |it: &str| {
        it.starts_with(|c: char| c.is_ascii_lowercase())
            && it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
    };
    let near = nearest(name, hook::names());
    if near.is_some() || !name.split('.').all(part) {
        let problem = format_args!("`hook` is {}{}", quoted(name), did_you_mean(near));
        findings.add(Rule::HookName, at, problem);
    }
}

/// Numbers between dots, and what may follow a hyphen.
fn is_version(text: &str) -> bool {
    let (numbers, _) = text.split_once('-').unwrap_or((text, ""));
    numbers.split('.').all(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

fn check_prefetch(
    prefetch: Json<'_>,
    hook: Option<&'static HookContext>,
    at: &Place<'_>,
    findings: &mut Findings,
) {
    let mut keys: Vec<_> = Vec::new();
    for (written, value) in prefetch.members() {
        let key = name_of(written);
        let at = at.member(&key);
        match value.string() {
            Some(template) => {
                template::check(&template, hook, &keys, &mut |rule, problem| {
                    findings.add(rule, &at, problem);
                });
            }
            // Told already where it is null or has no such character.
            None if value.is_null() || value.is_string() => {}
            None => {
                let problem = format_args!("the template is {}, not a string", kind_of(value));
                findings.add(Rule::Prefetch, &at, problem);
            }
        }
        keys.push(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_numbers_and_a_label() {
        for fine in ["2.0.1", "1.0", "3.0.0-ballot"] {
            assert!(is_version(fine), "{fine}");
        }
        for wrong in ["STU2", "v2.0", "2..0", "", "-ballot"] {
            assert!(!is_version(wrong), "{wrong}");
        }
    }
}
