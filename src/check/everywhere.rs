//! What holds of every value of a document, whatever kind it is: nothing null, nothing empty, each name once, characters that
//! exist (rows J-1 to J-5).
//!
//! The resource of an update is passed over: it is the client's own, with whatever the client wrote.

use super::Kind;
use super::finding::{Findings, Place, name_of};
use super::rule::Rule;
use crate::json::{Json, Object, is_empty};

/// Deeper values are not looked at. Readers commonly stop at 128.
const DEEPEST: usize = 100;

/// What a value belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Realm {
    /// CDS Hooks, extensions included.
    Protocol,
    /// A FHIR resource that the document makes.
    Resource,
}

/// Looks at every value of a document.
pub(super) fn check(root: Json<'_>, kind: Kind, findings: &mut Findings) {
    let mut walk = Walk { kind, may_repeat: root.repeats_a_name_inside(), was_too_deep: false, findings };
    walk.value(root, &Place::TOP, Realm::Protocol, 0);
}

struct Walk<'f> {
    kind: Kind,
    may_repeat: bool,
    was_too_deep: bool,
    findings: &'f mut Findings,
}

impl Walk<'_> {
    fn value(&mut self, json: Json<'_>, at: &Place<'_>, realm: Realm, depth: usize) {
        if is_empty(json) {
            return self.empty(json, at, realm, depth);
        }
        if json.is_string() && json.string().is_none() {
            return self.findings.add(Rule::NoCharacter, at, "an escape stands for no character");
        }
        if depth > DEEPEST {
            if !std::mem::replace(&mut self.was_too_deep, true) {
                self.findings.add(Rule::TooDeep, at, format_args!("it is more than {DEEPEST} levels deep"));
            }
            return;
        }
        for (index, item) in json.items().enumerate() {
            // FHIR keeps places in arrays of primitives that have extensions.
            if !(realm == Realm::Resource && item.is_null()) {
                self.value(item, &at.item(index), realm, depth + 1);
            }
        }
        if json.is_object() {
            self.members(json, at, realm, depth);
        }
    }

    fn members(&mut self, json: Json<'_>, at: &Place<'_>, realm: Realm, depth: usize) {
        if self.may_repeat && json.repeats_a_name() {
            self.repeated(json, at);
        }
        for (written, value) in json.members() {
            if written.string().is_none() {
                self.findings.add(Rule::NoCharacter, at, "an escape in a name stands for no character");
            }
            let name = name_of(written);
            let below = match realm {
                Realm::Protocol if name == "resource" => {
                    if Object::of_any_size(json).and_then(|it| it.text("type")).as_deref() == Some("update") {
                        continue;
                    }
                    Realm::Resource
                }
                other => other,
            };
            self.value(value, &at.member(&name), below, depth + 1);
        }
    }

    fn repeated(&mut self, json: Json<'_>, at: &Place<'_>) {
        let mut names: Vec<_> = json.members().map(|(name, _)| name_of(name)).collect();
        names.sort_unstable();
        for same in names.chunk_by(|a, b| a == b) {
            if let [name, _, ..] = same {
                let problem = format_args!("it stands {} times in its object", same.len());
                self.findings.add(Rule::RepeatedName, &at.member(name), problem);
            }
        }
    }

    fn empty(&mut self, json: Json<'_>, at: &Place<'_>, realm: Realm, depth: usize) {
        let member = if depth == 1 { at.name() } else { None };
        let rule = match (self.kind, member) {
            (Kind::Answer, Some("cards")) | (Kind::Discovery, Some("services")) if json.is_array() => return,
            (Kind::Answer, Some("systemActions")) if json.is_array() => Rule::EmptySystemActions,
            (Kind::Feedback, Some("feedback")) if json.is_array() => Rule::NoFeedback,
            _ if realm == Realm::Resource => Rule::HollowResource,
            _ if json.is_null() => Rule::Null,
            _ => Rule::Empty,
        };
        let problem = match json.get() {
            "null" => "it is null",
            text if text.starts_with('"') => "it is a string without anything in it",
            text if text.starts_with('[') => "it is an empty array",
            _ => "it is an empty object",
        };
        self.findings.add(rule, at, problem);
    }
}
