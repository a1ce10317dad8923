//! The expectation of a case against the answer that came: what differs, in plain words.
//!
//! Where the service's clock shows another time of day and the case has dates without a time, what depends on the time of
//! day (indicator, deadline, overdue, periods, priority) is not compared; the rest is. Texts that name a date are
//! compared only on the case's own clock. Deliberately absent: the protocol rules of CDS Hooks, which have tests of their own.

use super::case::{CaseFile, Expect, ExpectError};
use super::suggestion::{self, Times};
use serde_json::Value;

/// The member of `card.extension` that explains a card.
pub const RATIONALE: &str = "org.spinal-mets-cds.rationale";

/// What a service answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body; a JSON string when the body is no JSON.
    pub body: Value,
}

/// Every difference between what a case expects and what came; empty when there is none.
pub fn compare(told: &CaseFile, reply: &Reply, times: Times) -> Vec<String> {
    match &told.expect_error {
        Some(error) => compare_error(error, reply),
        None => compare_cards(&told.expect, reply, times),
    }
}

fn compare_error(expected: &ExpectError, reply: &Reply) -> Vec<String> {
    let mut differences = Vec::new();
    if reply.status != expected.status {
        differences.push(format!("status: expected {}, got {}", expected.status, reply.status));
    }
    let text = reply.body.to_string();
    missing_words("error text", &expected.text_has, &text, &mut differences);
    differences
}

fn compare_cards(expected: &[Expect], reply: &Reply, times: Times) -> Vec<String> {
    if reply.status != 200 {
        return vec![format!(
            "status: expected 200, got {}: {}",
            reply.status,
            shorten(&reply.body.to_string())
        )];
    }
    let Some(cards) = cards(&reply.body) else {
        return vec!["the answer has no `cards`".to_owned()];
    };
    let mut differences = Vec::new();
    if cards.len() != expected.len() {
        let name = |codes: Vec<&str>| if codes.is_empty() { "silence".to_owned() } else { codes.join(", ") };
        differences.push(format!(
            "cards: expected {} ({}), got {} ({})",
            expected.len(),
            name(expected.iter().filter_map(|e| e.codes.first().map(String::as_str)).collect()),
            cards.len(),
            name(cards.iter().filter_map(|c| codes(c).first().copied()).collect()),
        ));
    }
    for (number, (expected, card)) in expected.iter().zip(cards).enumerate() {
        let found = compare_card(expected, card, times);
        differences.extend(found.into_iter().map(|d| format!("card {}: {d}", number + 1)));
    }
    differences
}

fn compare_card(expected: &Expect, card: &Value, times: Times) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differ = |what: &str, expected: String, got: String| {
        differences.push(format!("{what} expected {expected}, got {got}"));
    };

    let got = codes(card);
    if got != expected.codes {
        differ("codes", expected.codes.join(", "), got.join(", "));
    }
    if let Some(rows) = &expected.rows {
        let got = recommendations(card).iter().filter_map(|r| text(r, "row")).collect();
        compare_sets("rows", rows, got, &mut differ);
    }
    if times.comparable {
        let indicator = text(card, "indicator").unwrap_or("none");
        if indicator != expected.indicator {
            differ("indicator", expected.indicator.clone(), indicator.to_owned());
        }
        if let Some(deadline) = expected.deadline {
            let got = text(rationale(card), "deadline");
            if !got.is_some_and(|got| times.agree(deadline, got)) {
                let expected = times.shift.instant(deadline).unwrap_or(deadline);
                differ("deadline", expected.to_rfc3339(), got.unwrap_or("none").to_owned());
            }
        }
        if let Some(overdue) = expected.overdue {
            let got = rationale(card).get("overdue").and_then(Value::as_bool).unwrap_or(false);
            if got != overdue {
                differ("overdue", overdue.to_string(), got.to_string());
            }
        }
    }

    let lead = recommendations(card).first().unwrap_or(&Value::Null);
    if let Some(statements) = &expected.statements {
        compare_sets("statements", statements, texts(lead, "statements"), &mut differ);
    }
    if let Some(missing) = &expected.missing {
        compare_sets("missing", missing, texts(lead, "missing"), &mut differ);
    }
    let facts = fact_names(lead);
    for fact in expected.facts.iter().flatten() {
        if !facts.contains(&fact.as_str()) {
            differ("facts", fact.clone(), shown(&facts));
        }
    }
    if let Some(lines) = &expected.suggestions {
        compare_suggestions(lines, suggestions(card), times, &mut differ);
    }

    let comparable = |words: &Option<Vec<String>>| -> Vec<String> {
        words.iter().flatten().filter(|w| times.shift.is_none() || !speaks_of_a_date(w)).cloned().collect()
    };
    for (what, words) in [("summary", &expected.summary_has), ("detail", &expected.detail_has)] {
        missing_words(what, &comparable(words), text(card, what).unwrap_or_default(), &mut differences);
    }
    differences
}

fn compare_suggestions(
    expected: &[String],
    got: &[Value],
    times: Times,
    differ: &mut impl FnMut(&str, String, String),
) {
    if expected.len() != got.len() {
        let written: Vec<String> = got.iter().map(suggestion::write).collect();
        differ("suggestions", shown(expected), shown(&written));
        return;
    }
    for (number, (line, got)) in expected.iter().zip(got).enumerate() {
        if let Err(why) = suggestion::check(line, got, times) {
            let what = format!("suggestion {}", number + 1);
            let (expected, got) = why.split_once(", got ").unwrap_or((&why, ""));
            differ(&what, expected.trim_start_matches("expected ").to_owned(), got.to_owned());
        }
    }
}

fn compare_sets(
    what: &str,
    expected: &[String],
    got: Vec<&str>,
    differ: &mut impl FnMut(&str, String, String),
) {
    let sorted = |mut list: Vec<&str>| {
        list.sort_unstable();
        list.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let (wanted, found) = (sorted(expected.iter().map(String::as_str).collect()), sorted(got));
    if wanted != found {
        differ(what, shown(&wanted), shown(&found));
    }
}

fn missing_words(what: &str, words: &[String], text: &str, differences: &mut Vec<String>) {
    let lower = text.to_lowercase();
    for word in words.iter().filter(|w| !lower.contains(&w.to_lowercase())) {
        differences.push(format!("{what} lacks `{word}`: {}", shorten(text)));
    }
}

/// Whether a text names a day or a time of day, which would be another one on another clock.
fn speaks_of_a_date(text: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let time = text.split_whitespace().any(|w| {
        w.split_once(':').is_some_and(|(h, m)| is_number(h) && m.starts_with(|c: char| c.is_ascii_digit()))
    });
    let year = words.iter().any(|w| w.len() == 4 && is_number(w));
    let day = words.windows(2).any(|pair| {
        matches!(pair, [number, month] if is_number(number) && MONTHS.iter().any(|m| month.starts_with(m)))
    });
    time || year || day
}

/// The cards of an answer.
pub fn cards(body: &Value) -> Option<&[Value]> {
    body.get("cards")?.as_array().map(Vec::as_slice)
}

/// The recommendations of a card, the lead first.
pub fn recommendations(card: &Value) -> &[Value] {
    list(rationale(card), "recommendations")
}

/// The rationale of a card; `null` when it has none.
pub fn rationale(card: &Value) -> &Value {
    card.get("extension").and_then(|e| e.get(RATIONALE)).unwrap_or(&Value::Null)
}

/// The recommendation codes of a card, the lead first.
pub fn codes(card: &Value) -> Vec<&str> {
    recommendations(card).iter().filter_map(|r| text(r, "code")).collect()
}

/// The names of the facts that a recommendation rests on.
pub fn fact_names(recommendation: &Value) -> Vec<&str> {
    list(recommendation, "facts").iter().filter_map(|f| text(f, "fact")).collect()
}

/// The suggestions of a card.
pub fn suggestions(card: &Value) -> &[Value] {
    list(card, "suggestions")
}

/// A list of texts.
pub fn texts<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    list(value, name).iter().filter_map(Value::as_str).collect()
}

/// A text member.
pub fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn shown<T: AsRef<str>>(list: &[T]) -> String {
    if list.is_empty() {
        return "none".to_owned();
    }
    list.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

fn shorten(text: &str) -> String {
    const LONGEST: usize = 300;
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= LONGEST {
        return one_line;
    }
    one_line.chars().take(LONGEST).chain("…".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::shift::Shift;
    use super::*;
    use serde_json::json;

    fn told(expect: &str) -> CaseFile {
        toml::from_str(&format!("story = \"S.\"\nnow = \"2026-05-04T10:00:00Z\"\n{expect}")).unwrap()
    }

    fn card() -> Value {
        let rationale = json!({
            "guidelineVersion": "1", "deadline": "2026-05-05T10:00:00Z",
            "recommendations": [
                {"code": "mri-within-24h", "row": "mri-timing/2", "statements": ["G-03", "G-10"],
                    "facts": [{"fact": "deficit"}, {"fact": "cancer"}], "missing": ["deficit_progression"]},
                {"code": "other"}]
        });
        json!({"summary": "MRI within 24 hours", "detail": "Why: deficit since 3 May 2026", "indicator": "critical",
            "extension": {RATIONALE: rationale}})
    }

    fn differences(expect: &str, cards: Vec<Value>) -> Vec<String> {
        let told = told(expect);
        compare(&told, &Reply { status: 200, body: json!({"cards": cards}) }, Times::same(told.now))
    }

    const WHOLE: &str = r#"[[expect]]
        codes = ["mri-within-24h", "other"]
        rows = ["mri-timing/2"]
        indicator = "critical"
        deadline = "2026-05-05T12:00:00+02:00"
        overdue = false
        statements = ["G-10", "G-03"]
        missing = ["deficit_progression"]
        facts = ["cancer"]
        summary_has = ["24 Hours"]
        detail_has = ["deficit"]
        suggestions = []"#;

    #[test]
    fn an_answer_as_expected_has_no_difference() {
        assert_eq!(differences(WHOLE, vec![card()]), [""; 0]);
        assert_eq!(differences("", vec![]), [""; 0]);
    }

    #[test]
    fn every_member_is_compared_and_named() {
        for (from, to, words) in [
            (
                "\"mri-within-24h\", \"other\"",
                "\"other\", \"mri-within-24h\"",
                "card 1: codes expected other,",
            ),
            ("mri-timing/2", "mri-timing/1", "card 1: rows expected mri-timing/1, got mri-timing/2"),
            ("critical", "warning", "card 1: indicator expected warning, got critical"),
            ("12:00:00+02:00", "12:00:00Z", "card 1: deadline expected 2026-05-05T12:00:00+00:00"),
            ("overdue = false", "overdue = true", "card 1: overdue expected true, got false"),
            ("\"G-10\", ", "", "card 1: statements expected G-03, got G-03, G-10"),
            ("missing = [\"deficit_progression\"]", "missing = []", "card 1: missing expected none"),
            ("\"cancer\"", "\"escc\"", "card 1: facts expected escc, got deficit, cancer"),
            ("24 Hours", "12 hours", "card 1: summary lacks `12 hours`"),
            ("detail_has = [\"deficit\"]", "detail_has = [\"pain\"]", "card 1: detail lacks `pain`"),
            (
                "suggestions = []",
                "suggestions = [\"create ServiceRequest\"]",
                "card 1: suggestions expected create",
            ),
        ] {
            let found = differences(&WHOLE.replace(from, to), vec![card()]);
            assert!(found.len() == 1 && found[0].starts_with(words), "{words}: {found:?}");
        }
    }

    #[test]
    fn silence_and_number_of_cards_are_compared() {
        assert!(differences("", vec![card()])[0].contains("expected 0 (silence), got 1 (mri-within-24h)"));
        assert!(differences(WHOLE, vec![])[0].contains("got 0 (silence)"));
    }

    #[test]
    fn a_refusal_is_compared_by_status_and_text() {
        let told = told("[expect_error]\nstatus = 400\ntext_has = [\"Context\"]");
        let at = |status, text: &str| {
            let reply = Reply { status, body: json!({"issue": [{"details": {"text": text}}]}) };
            compare(&told, &reply, Times::same(told.now)).len()
        };
        assert_eq!((at(400, "no context"), at(412, "no context"), at(400, "no")), (0, 1, 1));
        let refused = Reply { status: 412, body: Value::Null };
        assert_eq!(compare(&self::told(""), &refused, Times::same(told.now)).len(), 1);
    }

    #[test]
    fn what_hangs_on_the_time_of_day_can_be_left_out() {
        let told =
            told(&WHOLE.replace("critical", "warning").replace("deficit\"]", "deficit\", \"9 Apr 2026\"]"));
        let shift = Shift::between(told.now, "2026-06-01T03:00:00Z".parse().unwrap());
        let times = Times { shift, comparable: false, tolerance_seconds: 0 };
        let reply = Reply { status: 200, body: json!({"cards": [card()]}) };
        assert_eq!(compare(&told, &reply, times), [""; 0]);
        assert_eq!(compare(&told, &reply, Times { comparable: true, ..times }).len(), 2);
    }

    #[test]
    fn texts_with_a_date_are_recognised() {
        for text in ["since 3 May", "by 14:30", "2026", "9 April"] {
            assert!(speaks_of_a_date(text), "{text}");
        }
        for text in ["within 24 hours", "T1 and T2", "12 mm", "maybe", "8 Gy"] {
            assert!(!speaks_of_a_date(text), "{text}");
        }
    }
}
