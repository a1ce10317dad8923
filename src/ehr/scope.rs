//! SMART scopes, version 1 (`patient/Observation.read`) and version 2 (`patient/Observation.rs?category=…`): whether a
//! token plainly does not cover what would be asked for (F-5).
//!
//! The server decides in the end; this only saves calls that it would refuse. Whatever is not understood covers
//! everything. A version 2 scope with search parameters covers a part of a type. Absent on purpose: which part.

use super::Interaction;

/// What the scopes of a token cover.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// Understood resource scopes.
    granted: Vec<Scope>,
    /// A resource scope that is not understood is among them.
    unclear: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Scope {
    /// `*` or a resource type.
    resource: String,
    create: bool,
    update: bool,
    read: bool,
    search: bool,
    /// It has search parameters: only what they match.
    restricted: bool,
}

impl Scopes {
    /// Reads a `scope` member.
    pub(super) fn parse(text: &str) -> Self {
        let mut scopes = Self::default();
        let of_resources = |scope: &&str| {
            scope.split_once('/').is_some_and(|(level, _)| matches!(level, "patient" | "user" | "system"))
        };
        for scope in text.split_whitespace().filter(of_resources) {
            match Scope::parse(scope) {
                Some(scope) => scopes.granted.push(scope),
                None => scopes.unclear = true,
            }
        }
        scopes
    }

    /// Whether asking is worth a call.
    pub(super) fn may_cover(&self, resource_type: &str, interaction: Interaction) -> bool {
        self.unclear
            || self.granted.is_empty()
            || self.granted.iter().any(|scope| scope.covers(resource_type, interaction))
    }

    /// Whether the token is known to show a part of the type and no more: what a search then finds is not all there is. A scope
    /// that is not understood may show the rest; nobody can count on it.
    pub(super) fn covers_in_part(&self, resource_type: &str) -> bool {
        let mut covering =
            self.granted.iter().filter(|scope| scope.covers(resource_type, Interaction::Search)).peekable();
        covering.peek().is_some() && covering.all(|scope| scope.restricted)
    }
}

/// What a scope may let an app write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// A new resource.
    Create,
    /// A change of one that is there.
    Update,
}

/// Whether these scopes let resources of this type be written for the patient. Without a word of it they do not: what is
/// understood must say so.
pub fn allows_writing(scopes: &str, resource_type: &str, write: Write) -> bool {
    let of_patient =
        |scope: &&str| scope.split_once('/').is_some_and(|(level, _)| matches!(level, "patient" | "user"));
    let understood = scopes.split_whitespace().filter(of_patient).filter_map(Scope::parse);
    understood.into_iter().any(|scope| {
        let may = match write {
            Write::Create => scope.create,
            Write::Update => scope.update,
        };
        may && !scope.restricted && (scope.resource == "*" || scope.resource == resource_type)
    })
}

impl Scope {
    fn covers(&self, resource_type: &str, interaction: Interaction) -> bool {
        (self.resource == "*" || self.resource == resource_type)
            && match interaction {
                Interaction::Read => self.read,
                Interaction::Search => self.search,
            }
    }

    fn parse(text: &str) -> Option<Self> {
        let (_, of_resource) = text.split_once('/')?;
        let (unrestricted, parameters) = of_resource.split_once('?').unwrap_or((of_resource, ""));
        let (resource, permissions) = unrestricted.split_once('.')?;
        let is_type = !resource.is_empty() && resource.bytes().all(|byte| byte.is_ascii_alphabetic());
        if resource != "*" && !is_type {
            return None;
        }
        let has = |letter| permissions.contains(letter);
        let (create, update, read, search) = match permissions {
            "*" => (true, true, true, true),
            "read" => (false, false, true, true),
            "write" => (true, true, false, false),
            _ if in_order(permissions, "cruds") => (has('c'), has('u'), has('r'), has('s')),
            _ => return None,
        };
        Some(Self {
            resource: resource.to_owned(),
            create,
            update,
            read,
            search,
            restricted: !parameters.is_empty(),
        })
    }
}

/// Whether `letters` are some of `all`, each at most once and in that order; at least one.
fn in_order(letters: &str, all: &str) -> bool {
    let mut left = all.chars();
    !letters.is_empty() && letters.chars().all(|letter| left.any(|other| other == letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_scopes_are_understood() {
        for (scope, read, search) in [
            ("patient/Observation.read", true, true),
            ("user/Observation.read", true, true),
            ("system/Observation.read", true, true),
            ("patient/*.read", true, true),
            ("patient/*.*", true, true),
            ("patient/Observation.*", true, true),
            ("patient/Observation.write", false, false),
            ("patient/Observation.rs", true, true),
            ("patient/Observation.cruds", true, true),
            ("patient/Observation.r", true, false),
            ("patient/Observation.s", false, true),
            ("patient/Observation.cud", false, false),
            ("patient/Observation.rs?category=laboratory", true, true),
            ("patient/*.s", false, true),
            ("patient/Condition.rs", false, false),
            ("patient/Condition.rs patient/Observation.s", false, true),
            ("launch openid patient/Condition.read", false, false),
            // Nothing about resources, or nothing that is understood: try.
            ("", true, true),
            ("launch openid fhirUser offline_access", true, true),
            ("https://ehr.example.org/scopes/all", true, true),
            ("patient/Observation.sr", true, true),
            ("patient/Condition.rs patient/Everything", true, true),
            ("patient/.read", true, true),
            ("patient/Observation.", true, true),
            ("patient/", true, true),
        ] {
            let scopes = Scopes::parse(scope);
            assert_eq!(scopes.may_cover("Observation", Interaction::Read), read, "{scope}: read");
            assert_eq!(scopes.may_cover("Observation", Interaction::Search), search, "{scope}: search");
        }
    }

    #[test]
    fn writing_needs_a_scope_that_says_so() {
        for (scope, expected) in [
            ("patient/Observation.c", true),
            ("patient/Observation.crus", true),
            ("patient/*.write", true),
            ("user/Observation.*", true),
            ("patient/Observation.rs", false),
            ("patient/Observation.read", false),
            ("patient/Condition.c", false),
            ("system/Observation.c", false),
            ("patient/Observation.c?category=laboratory", false),
            ("patient/Observation.rc", false),
            ("launch openid", false),
            ("", false),
        ] {
            assert_eq!(allows_writing(scope, "Observation", Write::Create), expected, "{scope}");
        }
        for (scope, expected) in [
            ("patient/Condition.cu", true),
            ("patient/Condition.write", true),
            ("patient/Condition.c", false),
        ] {
            assert_eq!(allows_writing(scope, "Condition", Write::Update), expected, "{scope}");
        }
    }

    #[test]
    fn a_scope_with_search_parameters_shows_a_part() {
        for (scope, in_part) in [
            ("patient/Observation.rs?category=laboratory", true),
            ("patient/Observation.rs?category=laboratory patient/Observation.rs?category=vital-signs", true),
            ("patient/*.rs?_security=N", true),
            ("patient/Observation.rs?category=laboratory patient/Observation.rs", false),
            ("patient/Observation.rs?category=laboratory user/*.read", false),
            ("patient/Observation.rs?", false),
            ("patient/Observation.r?category=laboratory", false),
            ("patient/Condition.rs?category=problem-list-item patient/Observation.rs", false),
            ("patient/Observation.rs?category=laboratory patient/Everything", true),
            ("", false),
        ] {
            assert_eq!(Scopes::parse(scope).covers_in_part("Observation"), in_part, "{scope}");
        }
    }
}
