//! A prefetch template: a FHIR query with tokens in it (rows P-1 to P-12).

use super::action::is_type;
use super::finding::{did_you_mean, nearest, quoted};
use super::hook::HookContext;
use super::rule::Rule;
use std::borrow::Cow;

/// Ids of the user, by type.
const USER_TOKENS: [&str; 4] =
    ["userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId"];
/// Longest template, in bytes.
const LONGEST: usize = 2_000;
/// What stands for the value of a token when the query around it is read.
const VALUE: &str = "0";
/// The token that has its type in it.
const USER_ID: &str = "context.userId";

/// Takes what is wrong.
type Tell<'t> = &'t mut dyn FnMut(Rule, String);

/// Checks a template of a hook, behind the keys of other templates.
pub(super) fn check(
    template: &str,
    hook: Option<&HookContext>,
    earlier: &[Cow<'_, str>],
    tell: &mut impl FnMut(Rule, String),
) {
    if template.len() > LONGEST {
        tell(Rule::LongTemplate, format!("the template has {} bytes", template.len()));
    }
    let mut query = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        query.push_str(before);
        let Some((token, behind)) = after.split_once("}}") else {
            return tell(Rule::Token, format!("{} does not end", quoted(&format!("{{{{{after}"))));
        };
        check_token(token, hook, earlier, tell);
        if token == USER_ID && query.ends_with('/') && !query.contains('?') {
            tell(Rule::UserIdRead, format!("the type stands twice in {}", quoted(template)));
        }
        query.push_str(VALUE);
        rest = behind;
    }
    query.push_str(rest);
    if query.contains(['{', '}']) {
        tell(Rule::Token, format!("a brace stands alone in {}", quoted(template)));
    } else if template != format!("{{{{{USER_ID}}}}}") {
        check_query(&query, tell);
    }
}

fn check_token(token: &str, hook: Option<&HookContext>, earlier: &[Cow<'_, str>], tell: Tell<'_>) {
    let written = quoted(&format!("{{{{{token}}}}}"));
    if USER_TOKENS.contains(&token) {
        return;
    }
    let is_name = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    for key in token.split('%').skip(1).map(|it| it.split(|c: char| !is_key(c)).next().unwrap_or_default()) {
        if !earlier.iter().any(|it| it == key) {
            tell(Rule::KeyOrder, format!("no earlier key is called {} as in {written}", quoted(key)));
        }
    }
    if token.starts_with(['%']) || token.starts_with("today()") || token.contains('|') {
        return tell(Rule::NextToken, format!("{written} is not in 2.0.1"));
    }
    let Some(path) = token.strip_prefix("context.") else {
        let known = hook.map_or(&["userId", "patientId", "encounterId"][..], |it| it.tokens);
        let last = token.trim().rsplit('.').next().unwrap_or_default();
        let near = nearest(last, known.iter().copied().chain(USER_TOKENS));
        let near =
            near.map(|it| if USER_TOKENS.contains(&it) { it.to_owned() } else { format!("context.{it}") });
        let rule = if token.split('.').all(is_name) { Rule::TokenName } else { Rule::Token };
        return tell(
            rule,
            format!("{written} names no field of the context{}", did_you_mean(near.as_deref())),
        );
    };
    let field = path.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
    let is_path = field.len() < path.len();
    let Some(hook) = hook else {
        // What a hook of somebody else has in its context is not known here.
        match (is_name(path), is_name(field)) {
            (true, _) => {}
            (false, true) => tell(Rule::NextToken, format!("{written} is not in 2.0.1")),
            (false, false) => tell(Rule::Token, format!("{written} holds no name")),
        }
        return;
    };
    let is_token = hook.tokens.contains(&field);
    if !is_token && !hook.others.contains(&field) {
        let near = nearest(field, hook.tokens.iter().copied());
        let near = near.map(|it| format!("context.{it}"));
        let near = did_you_mean(near.as_deref());
        tell(Rule::RootToken, format!("{written} is no field of the context of {}{near}", hook.name));
    } else if is_path {
        tell(Rule::NextToken, format!("{written} is not in 2.0.1"));
    } else if !is_token {
        tell(Rule::RootToken, format!("{written} is an object or a list, and no token of {}", hook.name));
    }
}

const fn is_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// The query with values in place of tokens.
fn check_query(query: &str, tell: Tell<'_>) {
    let (path, parameters) = query.split_once('?').unwrap_or((query, ""));
    let parts: Vec<&str> = path.split('/').collect();
    let problem = match parts.as_slice() {
        _ if path.contains("://") || path.starts_with('/') => Some("not relative to the FHIR server"),
        _ if path.contains('$') => Some("an operation"),
        _ if parts.contains(&"_history") => Some("a history"),
        [kind] if is_type(kind) => None,
        [kind, id] if is_type(kind) && !id.is_empty() && parameters.is_empty() => None,
        _ => Some("neither a read nor a search of one type"),
    };
    if let Some(problem) = problem {
        return tell(Rule::Relative, format!("the template is {problem}: {}", quoted(query)));
    }
    for parameter in parameters.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if let Some(rule) = parameter_rule(path, name, value) {
            tell(rule, format!("the template asks with {}", quoted(parameter)));
        }
    }
}

fn parameter_rule(kind: &str, name: &str, value: &str) -> Option<Rule> {
    let (plain, modifier) = name.split_once(':').unwrap_or((name, ""));
    match plain {
        "_include" => return Some(Rule::Include),
        "sort" | "_maxresults" => return Some(Rule::R4Parameter),
        "_sort" if !modifier.is_empty() => return Some(Rule::R4Parameter),
        "status" if kind == "Condition" => return Some(Rule::R4Parameter),
        "_has" | "_filter" | "_revinclude" | "_query" => return Some(Rule::Parameter),
        _ => {}
    }
    let compares = ["ne", "sa", "eb", "ap"].iter().any(|it| {
        value.strip_prefix(it).is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()) && it.len() > 3)
    });
    let is_odd = !matches!(modifier, "" | "in") || plain.contains('.') || compares;
    is_odd.then_some(Rule::Parameter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::hook;

    fn rows(template: &str) -> Vec<&'static str> {
        let mut rows = Vec::new();
        let keys = [Cow::Borrowed("patient")];
        check(template, hook::find("order-select"), &keys, &mut |rule, _| rows.push(rule.row()));
        rows
    }

    #[test]
    fn what_2_0_1_allows_is_fine() {
        for fine in [
            "Patient/{{context.patientId}}",
            "{{context.userId}}",
            "Practitioner/{{userPractitionerId}}",
            "Observation?patient={{context.patientId}}&code=4548-4&date=ge2020-01-01&_sort=-date&_count=1",
            "Condition?patient={{context.patientId}}&code:in=http://example.org/vs",
            "PractitionerRole?_id={{userPractitionerRoleId}}",
        ] {
            assert!(rows(fine).is_empty(), "{fine}: {:?}", rows(fine));
        }
    }

    #[test]
    fn each_fault_is_named_by_its_row() {
        for (template, row) in [
            ("https://ehr.example.org/Patient/1", "P-1"),
            ("/Patient/{{context.patientId}}", "P-1"),
            ("Patient/{{context.patientId}}/$everything", "P-1"),
            ("Patient/{{context.patientId}}/_history", "P-1"),
            ("Patient/{{context.patientId}}/Observation", "P-1"),
            ("all of it", "P-1"),
            ("Patient/{{context.patientId", "P-2"),
            ("Patient/{context.patientId}", "P-2"),
            ("Patient/{{ context.patientId }}", "P-2"),
            ("Patient/{{Patient.id}}", "P-3"),
            ("Patient/{{patientId}}", "P-3"),
            ("Patient/{{context.patient}}", "P-4"),
            ("ServiceRequest?_id={{context.selections}}", "P-4"),
            ("Practitioner/{{context.userId}}", "P-5"),
            ("Encounter?date=gt{{today()}}", "P-7"),
            ("Patient/{{context.draftOrders.entry.resource.subject.resolve().id}}", "P-7"),
            ("Organization/{{%patient.managingOrganization.resolve().id}}", "P-7"),
            ("Observation?subject:Patient={{context.patientId}}", "P-9"),
            ("Observation?subject.name=x", "P-9"),
            ("Observation?date=ne2020-01-01", "P-9"),
            ("Observation?_include=Observation:subject", "P-10"),
            ("Observation?patient={{context.patientId}}&sort:desc=date", "P-11"),
            ("Condition?patient={{context.patientId}}&status=active", "P-11"),
        ] {
            assert_eq!(rows(template), [row], "{template}");
        }
        assert_eq!(rows("Organization/{{%practitioner.organization.id}}"), ["D-13", "P-7"]);
        assert_eq!(rows(&format!("Condition?code={}", "a,".repeat(2_000))), ["P-12"]);
    }
}
