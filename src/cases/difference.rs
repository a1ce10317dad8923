//! What has changed between two answers about one patient: recommendations first, then words.

use super::compare::{rationale, recommendations, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// A recommendation as it stands in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// The row that fired; empty where an answer does not say it.
    pub row: String,
    /// `critical`, `warning` or `info`.
    pub indicator: String,
    /// When it must be done.
    pub deadline: Option<String>,
    /// The deadline has passed.
    pub overdue: bool,
}

/// What became of a recommendation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only the new answer has it.
    Gained(Stand),
    /// Only the old one has it.
    Lost(Stand),
    /// Both have it, with another row, urgency or deadline.
    Moved(Stand, Stand),
}

/// What differs between an old and a new answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Recommendations by code.
    pub advice: Vec<(String, Change)>,
    /// Lines of the cards that only one of them has: `- ` the old, `+ ` the new.
    pub lines: Vec<String>,
}

impl Difference {
    /// Between two answers; ids, which are others in each answer, are not looked at.
    pub fn between(old: &[Value], new: &[Value]) -> Self {
        let (before, after) = (stands(old), stands(new));
        let codes: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let advice = codes.into_iter().filter_map(|code| {
            let change = match (before.get(code), after.get(code)) {
                (None, Some(new)) => Change::Gained(new.clone()),
                (Some(old), None) => Change::Lost(old.clone()),
                (Some(old), Some(new)) if old != new => Change::Moved(old.clone(), new.clone()),
                _ => return None,
            };
            Some((code.clone(), change))
        });
        let (said_before, said_after) = (lines(old), lines(new));
        let only = |some: &[String], others: &[String], sign: char| -> Vec<String> {
            some.iter().filter(|line| !others.contains(line)).map(|line| format!("{sign} {line}")).collect()
        };
        let mut lines = only(&said_before, &said_after, '-');
        lines.extend(only(&said_after, &said_before, '+'));
        Self { advice: advice.collect(), lines }
    }

    /// Whether nothing differs.
    pub const fn is_empty(&self) -> bool {
        self.advice.is_empty() && self.lines.is_empty()
    }
}

impl Change {
    /// In clinical words, such as `gained, critical, by 2026-05-04T22:00:00Z (mri-timing/row-1)`.
    pub fn words(&self) -> String {
        match self {
            Self::Gained(new) => format!("gained, {}", new.words()),
            Self::Lost(old) => format!("lost, was {}", old.words()),
            Self::Moved(old, new) => format!("{} instead of {}", new.words(), old.words()),
        }
    }

    /// `gained`, `lost` or `moved`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Gained(_) => "gained",
            Self::Lost(_) => "lost",
            Self::Moved(..) => "moved",
        }
    }
}

impl Stand {
    fn words(&self) -> String {
        let by = match &self.deadline {
            Some(deadline) if self.overdue => format!(", overdue since {deadline}"),
            Some(deadline) => format!(", by {deadline}"),
            None => String::new(),
        };
        let row = if self.row.is_empty() { String::new() } else { format!(" ({})", self.row) };
        format!("{}{by}{row}", self.indicator)
    }
}

fn stands(cards: &[Value]) -> BTreeMap<String, Stand> {
    let mut stands = BTreeMap::new();
    for card in cards {
        let why = rationale(card);
        for recommendation in recommendations(card) {
            let stand = Stand {
                row: text(recommendation, "row").unwrap_or_default().to_owned(),
                indicator: text(card, "indicator").unwrap_or_default().to_owned(),
                deadline: text(why, "deadline").map(str::to_owned),
                overdue: why.get("overdue").and_then(Value::as_bool).unwrap_or(false),
            };
            // The more urgent card comes first.
            stands.entry(text(recommendation, "code").unwrap_or_default().to_owned()).or_insert(stand);
        }
    }
    stands
}

/// What a reader sees: first lines, details, buttons and links.
fn lines(cards: &[Value]) -> Vec<String> {
    let mut lines = Vec::new();
    for card in cards {
        lines.extend(text(card, "summary").map(str::to_owned));
        let detail = text(card, "detail").into_iter().flat_map(str::lines);
        lines.extend(detail.filter(|line| !line.trim().is_empty()).map(str::to_owned));
        for (list, mark) in [("suggestions", "[button]"), ("links", "[link]")] {
            let labels = card
                .get(list)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|it| text(it, "label"));
            lines.extend(labels.map(|label| format!("{mark} {label}")));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn card(codes: &[&str], indicator: &str, deadline: Option<&str>, summary: &str) -> Value {
        let recommendations: Vec<Value> =
            codes.iter().map(|code| json!({ "code": code, "row": "table/row" })).collect();
        json!({ "uuid": summary, "summary": summary, "indicator": indicator, "detail": "**Do now**\n\n- Act",
                "extension": { super::super::compare::RATIONALE: { "recommendations": recommendations, "deadline": deadline } } })
    }

    #[test]
    fn advice_that_is_gained_lost_or_moved_is_told_apart_from_words() {
        let old = [card(&["a", "b"], "warning", Some("2026-05-05T10:00:00Z"), "one")];
        let same = Difference::between(&old, &old);
        assert!(same.is_empty());
        let words =
            Difference::between(&old, &[card(&["a", "b"], "warning", Some("2026-05-05T10:00:00Z"), "two")]);
        assert_eq!((words.advice.len(), words.lines), (0, vec!["- one".to_owned(), "+ two".to_owned()]));
        let new = [card(&["b", "c"], "critical", Some("2026-05-04T10:00:00Z"), "one")];
        let changed = Difference::between(&old, &new);
        let told: Vec<String> =
            changed.advice.iter().map(|(code, change)| format!("{code}: {}", change.words())).collect();
        assert_eq!(
            told,
            [
                "a: lost, was warning, by 2026-05-05T10:00:00Z (table/row)",
                "b: critical, by 2026-05-04T10:00:00Z (table/row) instead of warning, by 2026-05-05T10:00:00Z (table/row)",
                "c: gained, critical, by 2026-05-04T10:00:00Z (table/row)",
            ]
        );
    }
}
