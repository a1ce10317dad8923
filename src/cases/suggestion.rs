//! The one-line form of a suggestion in `case.toml`.
//!
//! `delete ServiceRequest/d1 + create ServiceRequest priority=asap end=2026-05-05T10:00:00Z`: the actions in order, each
//! with its verb, its target (the type for a creation, `Type/id` otherwise) and the attributes that matter to the case.
//! Attributes: `priority`, `intent`, `code` (one of the order's codes), `start` and `end` (of `occurrencePeriod`), `text`
//! (words of `code.text`, URL-encoded). Deliberately absent: labels and descriptions, which are wording.

use super::shift::Shift;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// How times of an answer are held against those of a case.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// From the clock of the case to that of the service.
    pub shift: Shift,
    /// Whether times, and what follows from them, may be compared at all.
    pub comparable: bool,
    /// How far apart two times may be, in seconds: 0 unless the service's clock runs on.
    pub tolerance_seconds: i64,
}

impl Times {
    /// In process at the case's own clock.
    pub fn same(now: DateTime<Utc>) -> Self {
        Self { shift: Shift::between(now, now), comparable: true, tolerance_seconds: 0 }
    }

    /// Whether the answer's time is the expected one on the service's clock.
    pub fn agree(self, expected: DateTime<Utc>, got: &str) -> bool {
        let Some(expected) = self.shift.instant(expected) else { return false };
        DateTime::parse_from_rfc3339(got)
            .is_ok_and(|at| (at.with_timezone(&Utc) - expected).num_seconds().abs() <= self.tolerance_seconds)
    }
}

/// Whether the suggestion of an answer is the one written; the reason if not.
pub fn check(written: &str, got: &Value, times: Times) -> Result<(), String> {
    let actions = got.get("actions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let expected: Vec<&str> = written.split(" + ").map(str::trim).collect();
    if expected.len() != actions.len() {
        return Err(format!("expected `{written}`, got `{}`", write(got)));
    }
    expected.iter().zip(actions).try_for_each(|(expected, action)| {
        check_action(expected, action, times)
            .map_err(|why| format!("expected `{written}`, got `{}` ({why})", write(got)))
    })
}

fn check_action(written: &str, action: &Value, times: Times) -> Result<(), String> {
    let mut words = written.split_whitespace();
    let (verb, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (got_verb, got_target) = (verb_of(action), target_of(action));
    if verb != got_verb || target != got_target {
        return Err(format!("`{verb} {target}` against `{got_verb} {got_target}`"));
    }
    let order = action.get("resource").unwrap_or(&Value::Null);
    for attribute in words {
        let (name, value) = attribute
            .split_once('=')
            .ok_or_else(|| format!("`{attribute}` is no attribute of a suggestion"))?;
        let agrees = match name {
            "priority" if !times.comparable => true,
            "priority" | "intent" => text_at(order, &[name]).unwrap_or_default() == value,
            "code" => codes_of(order).contains(&value),
            "text" => {
                let wanted = decode(value)?.to_lowercase();
                text_at(order, &["code", "text"]).is_some_and(|t| t.to_lowercase().contains(&wanted))
            }
            "start" | "end" if value.is_empty() => text_at(order, &["occurrencePeriod", name]).is_none(),
            "start" | "end" => {
                let expected: DateTime<Utc> = value
                    .parse()
                    .map_err(|_| format!("`{attribute}` is not a time such as 2026-05-04T10:00:00Z"))?;
                let got = text_at(order, &["occurrencePeriod", name]);
                !times.comparable || got.is_some_and(|got| times.agree(expected, got))
            }
            _ => return Err(format!("`{name}` is no attribute of a suggestion")),
        };
        if !agrees {
            return Err(format!("`{name}` differs"));
        }
    }
    Ok(())
}

/// The one-line form of a suggestion of an answer.
pub fn write(suggestion: &Value) -> String {
    let actions = suggestion.get("actions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    actions.iter().map(write_action).collect::<Vec<_>>().join(" + ")
}

fn write_action(action: &Value) -> String {
    let mut text = format!("{} {}", verb_of(action), target_of(action));
    let order = action.get("resource").unwrap_or(&Value::Null);
    for (name, value) in [
        ("priority", text_at(order, &["priority"])),
        ("start", text_at(order, &["occurrencePeriod", "start"])),
        ("end", text_at(order, &["occurrencePeriod", "end"])),
    ] {
        if let Some(value) = value {
            text.push_str(&format!(" {name}={value}"));
        }
    }
    text
}

fn verb_of(action: &Value) -> &str {
    text_at(action, &["type"]).unwrap_or_default()
}

fn target_of(action: &Value) -> String {
    let resource = action.get("resource").unwrap_or(&Value::Null);
    match verb_of(action) {
        "create" => text_at(resource, &["resourceType"]).unwrap_or_default().to_owned(),
        "update" => super::bundle::reference_of(resource).unwrap_or_default(),
        _ => text_at(action, &["resourceId"]).unwrap_or_default().to_owned(),
    }
}

fn codes_of(order: &Value) -> Vec<&str> {
    let codings = order.get("code").and_then(|c| c.get("coding")).and_then(Value::as_array);
    codings.into_iter().flatten().filter_map(|c| c.get("code").and_then(Value::as_str)).collect()
}

fn text_at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    path.iter().try_fold(value, |v, name| v.get(name))?.as_str()
}

fn decode(text: &str) -> Result<String, String> {
    percent_encoding::percent_decode_str(&text.replace('+', " "))
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| format!("`{text}` is not URL-encoded UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn suggestion() -> Value {
        json!({"actions": [
            {"type": "delete", "resourceId": "ServiceRequest/d1"},
            {"type": "create", "resource": {"resourceType": "ServiceRequest", "priority": "asap",
                "code": {"text": "MRI whole spine", "coding": [{"code": "30854-4"}]},
                "occurrencePeriod": {"start": "2026-05-04T10:00:00Z", "end": "2026-05-05T10:00:00Z"}}}
        ]})
    }

    fn holds(written: &str, service: &str) -> bool {
        let now = "2026-05-04T10:00:00Z".parse().unwrap();
        let times = Times { shift: Shift::between(now, service.parse().unwrap()), ..Times::same(now) };
        check(written, &suggestion(), times).is_ok()
    }

    #[test]
    fn a_line_holds_by_its_actions_and_the_attributes_it_names() {
        let now = "2026-05-04T10:00:00Z";
        assert!(holds("delete ServiceRequest/d1 + create ServiceRequest", now));
        assert!(holds(
            "delete ServiceRequest/d1 + create ServiceRequest priority=asap code=30854-4 text=whole%20spine \
             end=2026-05-05T10:00:00Z",
            now
        ));
        for wrong in [
            "create ServiceRequest",
            "create ServiceRequest + delete ServiceRequest/d1",
            "delete ServiceRequest/d2 + create ServiceRequest",
            "delete ServiceRequest/d1 + create ServiceRequest priority=stat",
            "delete ServiceRequest/d1 + create ServiceRequest end=2026-05-05T10:00:01Z",
            "delete ServiceRequest/d1 + create ServiceRequest code=1",
            "delete ServiceRequest/d1 + create ServiceRequest text=lumbar",
            "delete ServiceRequest/d1 + create ServiceRequest colour=red",
        ] {
            assert!(!holds(wrong, now), "{wrong}");
        }
    }

    #[test]
    fn times_are_compared_on_the_clock_of_the_service() {
        let line = "delete ServiceRequest/d1 + create ServiceRequest end=2026-05-04T09:00:00Z";
        assert!(!holds(line, "2026-05-04T10:00:00Z"));
        assert!(holds(line, "2026-05-05T11:00:00Z"));
    }

    #[test]
    fn the_written_form_is_read_back_as_the_same_suggestion() {
        let line = write(&suggestion());
        assert_eq!(
            line,
            "delete ServiceRequest/d1 + create ServiceRequest priority=asap start=2026-05-04T10:00:00Z \
             end=2026-05-05T10:00:00Z"
        );
        assert!(holds(&line, "2026-05-04T10:00:00Z"));
    }
}
