//! Rewrites the expectations of a case from the answer that came (`replay --update`).
//!
//! The story, the order and the comments stay; the expectations take what the answer says. A card that was expected
//! before keeps the choice of members that its author made. The author reads the difference before it is committed:
//! an expectation that follows the answer proves nothing by itself.

use super::CaseError;
use super::case::{CASE_FILE, Case};
use super::compare::{self, Reply};
use super::suggestion;
use serde_json::Value;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

/// The members that a newly expected card is given.
const USUAL: [&str; 8] =
    ["codes", "rows", "indicator", "deadline", "overdue", "statements", "missing", "suggestions"];

/// Writes the answer into `case.toml`.
pub fn update(case: &Case, reply: &Reply) -> Result<(), CaseError> {
    let path = case.folder.join(CASE_FILE);
    let fail = |why: String| CaseError::new(&path, why);
    let text = std::fs::read_to_string(&path).map_err(|e| fail(e.to_string()))?;
    let rewritten = rewrite(&text, reply).map_err(fail)?;
    std::fs::write(&path, rewritten).map_err(|e| fail(e.to_string()))
}

/// `case.toml` with the expectations of an answer.
fn rewrite(text: &str, reply: &Reply) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|_| "not TOML".to_owned())?;
    let before = document.remove("expect");
    let before = before.as_ref().and_then(Item::as_array_of_tables);
    if reply.status != 200 {
        if document.get("expect_error").is_none() {
            document.insert("expect_error", Item::Table(Table::new()));
        }
        if let Some(error) = document.get_mut("expect_error") {
            error["status"] = value(i64::from(reply.status));
        }
        return Ok(document.to_string());
    }
    document.remove("expect_error");
    let mut tables = ArrayOfTables::new();
    for (number, card) in compare::cards(&reply.body).ok_or("the answer has no `cards`")?.iter().enumerate() {
        let old = before.and_then(|tables| tables.get(number));
        tables.push(expectation(card, old));
    }
    if !tables.is_empty() {
        document.insert("expect", Item::ArrayOfTables(tables));
    }
    Ok(document.to_string())
}

fn expectation(card: &Value, old: Option<&Table>) -> Table {
    let mut table = old.cloned().unwrap_or_default();
    for name in USUAL {
        if old.is_none() || table.contains_key(name) {
            match member(card, name) {
                // A new card says only what is there; an old one keeps its members, an empty list included.
                Some(item) if old.is_some() || item.as_array().is_none_or(|a| !a.is_empty()) => {
                    put(&mut table, name, item)
                }
                _ => {
                    table.remove(name);
                }
            }
        }
    }
    let lead = compare::recommendations(card).first().unwrap_or(&Value::Null);
    let facts = compare::fact_names(lead);
    retain(&mut table, "facts", |fact| facts.contains(&fact));
    for (name, part) in [("summary_has", "summary"), ("detail_has", "detail")] {
        let text = compare::text(card, part).unwrap_or_default().to_lowercase();
        retain(&mut table, name, |words| text.contains(&words.to_lowercase()));
    }
    table
}

/// Replaces a value in place, so that the comments above and beside it stay.
fn put(table: &mut Table, name: &str, mut new: toml_edit::Value) {
    match table.get_mut(name) {
        Some(old) => {
            if let Some(decor) = old.as_value().map(|v| v.decor().clone()) {
                *new.decor_mut() = decor;
            }
            *old = Item::Value(new);
        }
        None => {
            table.insert(name, Item::Value(new));
        }
    }
}

fn member(card: &Value, name: &str) -> Option<toml_edit::Value> {
    let lead = compare::recommendations(card).first().unwrap_or(&Value::Null);
    let list = |texts: Vec<&str>| Some(toml_edit::Value::Array(texts.into_iter().collect::<Array>()));
    match name {
        "codes" => list(compare::codes(card)),
        "rows" => {
            list(compare::recommendations(card).iter().filter_map(|r| compare::text(r, "row")).collect())
        }
        "indicator" => compare::text(card, "indicator").map(Into::into),
        "deadline" => compare::text(compare::rationale(card), "deadline").map(Into::into),
        "overdue" => compare::rationale(card).get("overdue").and_then(Value::as_bool).map(Into::into),
        "suggestions" => {
            let lines: Vec<String> = compare::suggestions(card).iter().map(suggestion::write).collect();
            Some(toml_edit::Value::Array(lines.into_iter().collect::<Array>()))
        }
        lists => list(compare::texts(lead, lists)),
    }
}

fn retain(table: &mut Table, name: &str, holds: impl Fn(&str) -> bool) {
    let Some(list) = table.get_mut(name).and_then(Item::as_array_mut) else { return };
    list.retain(|v| v.as_str().is_some_and(&holds));
    if list.is_empty() {
        table.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::CaseFile;
    use super::super::suggestion::Times;
    use super::*;
    use serde_json::json;

    const OLD: &str = "# Why this case exists.\nstory = \"S.\"\nnow = \"2026-05-04T10:00:00Z\"\n\n\
        [[expect]]\n# The lead.\ncodes = [\"old\"] # one\nindicator = \"info\"\ndetail_has = [\"pain\", \"gone\"]\n";

    fn reply() -> Reply {
        let card = |code: &str| {
            json!({"summary": "S", "detail": "Back pain", "indicator": "warning", "extension": {compare::RATIONALE:
                {"deadline": "2026-05-06T10:00:00Z", "recommendations": [{"code": code, "statements": ["G-03"]}]}}})
        };
        Reply { status: 200, body: json!({"cards": [card("new"), card("second")]}) }
    }

    #[test]
    fn the_answer_becomes_the_expectation_and_comments_stay() {
        let text = rewrite(OLD, &reply()).unwrap();
        assert!(text.contains("# Why this case exists.") && text.contains("# The lead."), "{text}");
        assert!(text.contains("codes = [\"new\"] # one"), "{text}");
        let told: CaseFile = toml::from_str(&text).unwrap();
        assert_eq!(compare::compare(&told, &reply(), Times::same(told.now)), [""; 0]);
        assert_eq!(told.expect[0].detail_has, Some(vec!["pain".to_owned()]));
        assert_eq!(told.expect[0].deadline, None, "the author did not ask for it");
        assert!(told.expect[1].deadline.is_some());
    }

    #[test]
    fn silence_and_refusal_are_written_too() {
        let silent = rewrite(OLD, &Reply { status: 200, body: json!({"cards": []}) }).unwrap();
        assert!(!silent.contains("expect"), "{silent}");
        let refused = rewrite(OLD, &Reply { status: 412, body: Value::Null }).unwrap();
        assert!(refused.contains("status = 412") && !refused.contains("[[expect]]"), "{refused}");
    }
}
