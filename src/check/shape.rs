//! What members an object has: types, which are required, which nobody knows. What a value means is checked elsewhere.
//!
//! Whatever is `null`, empty or written twice is told once for the whole document ([`super::everywhere`]), and is passed over here.

use super::finding::{Findings, Place, did_you_mean, kind_of, name_of, nearest, quoted};
use super::rule::{Rule, Severity};
use crate::json::{Json, Object, is_empty};
use std::collections::HashMap;

/// An object of the protocol.
pub(super) struct Shape {
    /// As it is called, with its article.
    pub(super) what: &'static str,
    /// What it breaks when it is no object.
    pub(super) rule: Rule,
    /// Its members but `extension`, which every object may have.
    pub(super) members: &'static [Member],
}

/// One member of an object.
pub(super) struct Member {
    name: &'static str,
    takes: Takes,
    /// What another type breaks.
    rule: Rule,
    /// What its absence breaks, if anything.
    absent: Option<Rule>,
}

/// A type of JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Text,
    Flag,
    Object,
    List,
    /// Looked at elsewhere.
    Any,
}

/// A member that must be there.
pub(super) const fn required(name: &'static str, takes: Takes, rule: Rule) -> Member {
    Member { name, takes, rule, absent: Some(rule) }
}

/// A member that should be there.
pub(super) const fn advised(name: &'static str, takes: Takes, rule: Rule, absent: Rule) -> Member {
    Member { name, takes, rule, absent: Some(absent) }
}

/// A member that may be there.
pub(super) const fn optional(name: &'static str, takes: Takes, rule: Rule) -> Member {
    Member { name, takes, rule, absent: None }
}

impl Takes {
    fn fits(self, value: Json<'_>) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Flag => kind_of(value) == "true or false",
            Self::Object => value.is_object(),
            Self::List => value.is_array(),
            Self::Any => true,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Flag => "true or false",
            Self::Object => "an object",
            Self::List => "an array",
            Self::Any => "any value",
        }
    }
}

impl Shape {
    /// Reads an object and tells what is wrong with its members; `None` when it is none, or has none.
    pub(super) fn read<'a>(
        &self,
        json: Json<'a>,
        at: &Place<'_>,
        findings: &mut Findings,
    ) -> Option<Object<'a>> {
        if is_empty(json) {
            return None;
        }
        let Some(object) = Object::of_any_size(json) else {
            findings.add(self.rule, at, format_args!("{} is {}, not an object", self.what, kind_of(json)));
            return None;
        };
        for Member { name, takes, rule, absent } in self.members {
            match (object.raw(name), absent) {
                (Some(value), _) if is_empty(value) || takes.fits(value) => {}
                (Some(value), _) => {
                    let problem = format_args!("`{name}` is {}, not {}", kind_of(value), takes.name());
                    findings.add(*rule, &at.member(name), problem);
                }
                (None, Some(absent)) if !object.repeats(name) => {
                    findings.add(*absent, at, format_args!("`{name}` of {} is missing", self.what));
                }
                (None, _) => {}
            }
        }
        self.look_for_unknown(json, at, findings);
        if let Some(extension) = object.get("extension") {
            check_extension(extension, &at.member("extension"), findings);
        }
        Some(object)
    }

    fn look_for_unknown(&self, json: Json<'_>, at: &Place<'_>, findings: &mut Findings) {
        for (name, _) in json.members() {
            let name = name_of(name);
            if name == "extension" || self.members.iter().any(|it| it.name == name) {
                continue;
            }
            let near = match findings.is_full(Severity::Should) {
                true => None,
                false => nearest(&name, self.members.iter().map(|it| it.name).chain(["extension"])),
            };
            let problem = format_args!("{} has no member of this name{}", self.what, did_you_mean(near));
            findings.add(Rule::UnknownMember, &at.member(&name), problem);
        }
    }
}

fn check_extension(extension: Json<'_>, at: &Place<'_>, findings: &mut Findings) {
    if !extension.is_object() {
        let problem = format_args!("`extension` is {}, not an object", kind_of(extension));
        return findings.add(Rule::ExtensionShape, at, problem);
    }
    for (name, _) in extension.members() {
        let name = name_of(name);
        if !name.contains(['.', ':']) {
            findings.add(Rule::ExtensionName, &at.member(&name), "the name may be somebody else's too");
        }
    }
}

/// The items of a member that is an array; none of anything else.
pub(super) fn items<'a>(object: &Object<'a>, name: &str) -> impl Iterator<Item = (usize, Json<'a>)> {
    object.get(name).into_iter().flat_map(Json::items).enumerate()
}

/// A string that must be one of a few.
pub(super) fn one_of(
    object: &Object<'_>,
    name: &str,
    (rule, known): (Rule, &[&'static str]),
    at: &Place<'_>,
    findings: &mut Findings,
) -> Option<&'static str> {
    let written = object.text(name)?;
    let found = known.iter().copied().find(|it| *it == written);
    if found.is_none() {
        let near = did_you_mean(nearest(&written, known.iter().copied()));
        let problem = format!("`{name}` is {}{near}", quoted(&written));
        findings.add(rule, &at.member(name), problem);
    }
    found
}

/// Names that stand once in a document, with the place of each.
#[derive(Default)]
pub(super) struct Once(HashMap<String, String>);

impl Once {
    /// Tells when the name stood somewhere before.
    pub(super) fn add(
        &mut self,
        name: String,
        (rule, what): (Rule, &str),
        at: &Place<'_>,
        findings: &mut Findings,
    ) {
        match self.0.get(&name) {
            Some(first) => findings.add(rule, at, format_args!("{what} stands at {first} already")),
            None => {
                self.0.insert(name, at.to_string());
            }
        }
    }
}

/// A UUID as the protocol writes it: hyphenated, bare.
pub(super) fn is_plain_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}
