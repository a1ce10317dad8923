//! What clients tell about our cards afterwards (CDS Hooks 2.0.1, "Feedback"; rows FB-2 to FB-10, Q-26).
//!
//! Entry by entry: one that cannot be used is left out with its reason and costs no other. Deliberately absent: whether
//! a card is ours, and what a reason means; ids and codes stay as sent.

use super::request::{Fault, json_of, members};
use chrono::{DateTime, SubsecRound, Utc};
use json::{Json, Object, items};
use std::borrow::Cow;

/// Most characters that are kept of a comment (FB-12).
pub const COMMENT_LENGTH: usize = 1000;

/// Fraction digits that are kept of a time: microseconds.
const TIME_DIGITS: u16 = 6;

/// A body of feedback: what can be used, and what is wrong with the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The usable entries, in the order sent. May repeat earlier ones and mix cards of different calls.
    pub entries: Vec<Entry>,
    /// The others.
    pub rejected: Vec<Rejection>,
}

/// An entry that cannot be used. Holds nothing that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejection {
    /// Its place in `feedback`, from 0.
    pub index: usize,
    /// What is wrong, as a clause.
    pub problem: &'static str,
}

/// What became of one card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in `feedback`, from 0.
    pub index: usize,
    /// `card.uuid` as quoted by the client.
    pub card: String,
    /// What the clinician did.
    pub outcome: Outcome,
    /// When, in UTC, to the microsecond.
    pub at: DateTime<Utc>,
}

/// What the clinician did with a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Took suggestions.
    Accepted {
        /// Their ids as quoted by the client; never empty.
        suggestions: Vec<String>,
    },
    /// Dismissed it.
    Overridden {
        /// The coded reason, if one was chosen.
        reason: Option<Reason>,
        /// Free text, which may hold patient data: at most [`COMMENT_LENGTH`] characters, without control characters.
        comment: Option<String>,
    },
}

/// A coded override reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Code system; clients leave it out at times.
    pub system: Option<String>,
    /// Code.
    pub code: String,
}

/// Reads a feedback body.
///
/// # Errors
///
/// A [`Fault`] when it is no object with a `feedback` array, or when the array has entries and none can be used.
pub fn read(body: &[u8]) -> Result<Batch, Fault> {
    const SEND: &str = "Send one JSON object in UTF-8 with a `feedback` array.";
    let body = json_of(body, SEND)?;
    let members = members(&body, SEND)?;
    let listed = members.raw("feedback").and_then(items).ok_or(Fault::new(
        "feedback",
        "is missing or is not an array",
        SEND,
    ))?;
    let mut batch = Batch::default();
    for (index, item) in listed.enumerate() {
        match entry(index, item) {
            Ok(entry) => batch.entries.push(entry),
            Err(problem) => batch.rejected.push(Rejection { index, problem }),
        }
    }
    batch.if_usable()
}

impl Batch {
    /// The batch without entries about what happened later than `latest`: nobody can know that yet.
    ///
    /// # Errors
    ///
    /// A [`Fault`] when it had entries and none is left.
    pub fn until(mut self, latest: DateTime<Utc>) -> Result<Self, Fault> {
        let (entries, later): (Vec<Entry>, Vec<Entry>) =
            self.entries.into_iter().partition(|entry| entry.at <= latest);
        const PROBLEM: &str = "`outcomeTimestamp` is in the future";
        self.rejected.extend(later.iter().map(|entry| Rejection { index: entry.index, problem: PROBLEM }));
        self.entries = entries;
        self.if_usable()
    }

    fn if_usable(self) -> Result<Self, Fault> {
        match self.rejected.first() {
            Some(first) if self.entries.is_empty() => Err(Fault {
                member: "feedback",
                problem: Cow::Owned(format!("has no usable entry; in the first one {}", first.problem)),
                remedy: "Send `card`, `outcome` (accepted or overridden), `outcomeTimestamp`, and for accepted \
                         cards `acceptedSuggestions` with the ids.",
            }),
            _ => Ok(self),
        }
    }
}

fn entry(index: usize, item: Json<'_>) -> Result<Entry, &'static str> {
    let members = Object::read(item).ok_or("the entry is not an object")?;
    let card = members.text("card").ok_or("`card` is missing or is not a string")?;
    let outcome = members.text("outcome").ok_or("`outcome` is missing or is not a string")?;
    let outcome = match outcome.trim().to_ascii_lowercase().as_str() {
        "accepted" => Outcome::Accepted { suggestions: suggestions(&members)? },
        "overridden" => overridden(&members),
        _ => return Err("`outcome` is neither accepted nor overridden"),
    };
    let at = members.text("outcomeTimestamp").ok_or("`outcomeTimestamp` is missing or is not a string")?;
    let at = time(at.trim()).ok_or("`outcomeTimestamp` is not a time with an offset (RFC 3339)")?;
    Ok(Entry { index, card: card.trim().to_owned(), outcome, at })
}

fn suggestions(members: &Object<'_>) -> Result<Vec<String>, &'static str> {
    const PROBLEM: &str = "`acceptedSuggestions` is not an array with the ids of the suggestions";
    let listed = members.get("acceptedSuggestions").and_then(items).ok_or(PROBLEM)?;
    let id = |item| Some(Object::read(item)?.text("id")?.trim().to_owned());
    let ids: Vec<String> = listed.filter_map(id).collect();
    if ids.is_empty() { Err(PROBLEM) } else { Ok(ids) }
}

/// The reason in any of its forms: `{reason: Coding, userComment}`, a flat Coding, a CodeableConcept, a bare code. What
/// cannot be read is no reason; the card was dismissed all the same.
fn overridden(members: &Object<'_>) -> Outcome {
    let Some(given) = members.get("overrideReason") else {
        return Outcome::Overridden { reason: None, comment: None };
    };
    let object = Object::read(given).unwrap_or_default();
    let reason = match object.get("reason") {
        Some(nested) => coding(nested),
        None => coding(given),
    };
    Outcome::Overridden { reason, comment: object.text("userComment").and_then(|text| comment(&text)) }
}

fn coding(raw: Json<'_>) -> Option<Reason> {
    if let Some(code) = raw.string() {
        return Some(Reason { system: None, code: code.trim().to_owned() }).filter(|it| !it.code.is_empty());
    }
    let object = Object::read(raw)?;
    if let Some(codings) = object.get("coding").and_then(items) {
        return codings.into_iter().find_map(coded);
    }
    coded(raw)
}

fn coded(raw: Json<'_>) -> Option<Reason> {
    let object = Object::read(raw)?;
    let code = object.text("code")?.trim().to_owned();
    Some(Reason { system: object.text("system").map(|system| system.trim().to_owned()), code })
}

fn comment(text: &str) -> Option<String> {
    let kept: String =
        text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(COMMENT_LENGTH).collect();
    (!kept.is_empty()).then_some(kept)
}

/// RFC 3339 with any offset and fraction; offsets without a colon are taken, too.
fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
        .map(|at| at.with_timezone(&Utc).trunc_subsecs(TIME_DIGITS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const AT: &str = "2026-05-04T09:30:12Z";

    fn read_entries(entries: &Value) -> Result<Batch, Fault> {
        read(json!({ "feedback": entries }).to_string().as_bytes())
    }

    fn one(entry: Value) -> Result<Entry, &'static str> {
        let good = json!({"card": "b", "outcome": "overridden", "outcomeTimestamp": AT});
        let batch = read_entries(&json!([entry, good])).unwrap();
        match batch.rejected.first() {
            Some(rejection) => Err(rejection.problem),
            None => Ok(batch.entries[0].clone()),
        }
    }

    fn with(member: &str, value: Value) -> Value {
        let mut entry = json!({"card": "a", "outcome": "overridden", "outcomeTimestamp": AT});
        entry[member] = value;
        entry
    }

    fn reason(value: Value) -> (Option<Reason>, Option<String>) {
        match one(with("overrideReason", value)).unwrap().outcome {
            Outcome::Overridden { reason, comment } => (reason, comment),
            Outcome::Accepted { .. } => panic!("was overridden"),
        }
    }

    fn coding(system: Option<&str>, code: &str) -> Option<Reason> {
        Some(Reason { system: system.map(ToOwned::to_owned), code: code.to_owned() })
    }

    #[test]
    fn what_has_not_happened_yet_is_not_taken() {
        let later = with("outcomeTimestamp", json!("2026-05-06T00:00:00Z"));
        let limit = time("2026-05-05T09:30:12Z").unwrap();
        let batch = read_entries(&json!([later, with("card", json!("b"))])).unwrap().until(limit).unwrap();
        assert_eq!(batch.entries.len(), 1);
        assert_eq!((batch.entries[0].index, batch.rejected[0].index), (1, 0));
        assert!(batch.rejected[0].problem.contains("future"));
        let fault = read_entries(&json!([later])).unwrap().until(limit).unwrap_err();
        assert!(fault.problem.contains("future"), "{}", fault.problem);
        assert_eq!(read_entries(&json!([])).unwrap().until(limit).unwrap(), Batch::default());
    }

    #[test]
    fn an_accepted_card_names_its_suggestions() {
        let mut entry = with("acceptedSuggestions", json!([{"id": "s1"}, {"id": "urn:uuid:s2"}, {}]));
        entry["outcome"] = json!("accepted");
        let read = one(entry.clone()).unwrap();
        let suggestions = vec!["s1".to_owned(), "urn:uuid:s2".to_owned()];
        assert_eq!(read.outcome, Outcome::Accepted { suggestions });
        for useless in
            [json!(null), json!([]), json!("s1"), json!([{"id": ""}]), json!([{}]), json!({"id": "s"})]
        {
            entry["acceptedSuggestions"] = useless;
            assert!(one(entry.clone()).unwrap_err().contains("acceptedSuggestions"), "{entry}");
        }
    }

    #[test]
    fn every_form_of_a_reason_is_read() {
        let flat = json!({"system": "urn:x", "code": "c", "display": "d"});
        assert_eq!(reason(flat.clone()).0, coding(Some("urn:x"), "c"));
        assert_eq!(reason(json!({ "reason": flat })).0, coding(Some("urn:x"), "c"));
        assert_eq!(reason(json!({"reason": {"code": "c"}})).0, coding(None, "c"));
        assert_eq!(reason(json!({"reason": {"coding": [{}, flat]}})).0, coding(Some("urn:x"), "c"));
        assert_eq!(reason(json!({"reason": "c"})).0, coding(None, "c"));
        assert_eq!(reason(json!("c")).0, coding(None, "c"));
        for none in
            [json!(null), json!({}), json!(7), json!({"reason": {}}), json!({"reason": []}), json!("")]
        {
            assert_eq!(reason(none), (None, None));
        }
    }

    #[test]
    fn a_comment_is_cut_to_its_length_and_loses_control_characters() {
        let (no_reason, text) = reason(json!({"userComment": " a\u{0}b\nc "}));
        assert_eq!((no_reason, text.as_deref()), (None, Some("a b c")));
        let long = reason(json!({"userComment": "ü".repeat(5000)})).1.unwrap();
        assert_eq!(long.chars().count(), COMMENT_LENGTH);
    }

    #[test]
    fn times_are_normalised_to_utc() {
        for (sent, meant) in [
            ("2026-05-04T11:30:12+02:00", AT),
            ("2026-05-04T09:30:12.000000000Z", AT),
            ("2026-05-04t09:30:12z", AT),
            ("2026-05-04T05:30:12.5-0400", "2026-05-04T09:30:12.5Z"),
            ("2026-05-04T09:30:12.1234567899Z", "2026-05-04T09:30:12.123456Z"),
        ] {
            let entry = one(with("outcomeTimestamp", json!(sent))).unwrap();
            assert_eq!(entry.at, meant.parse::<DateTime<Utc>>().unwrap(), "{sent}");
        }
        for wrong in
            [json!(null), json!(1_790_000_000), json!(""), json!("2026-05-04"), json!("2026-05-04T09:30:12")]
        {
            assert!(one(with("outcomeTimestamp", wrong)).unwrap_err().contains("outcomeTimestamp"));
        }
    }

    #[test]
    fn a_bad_entry_costs_no_other() {
        for (bad, named) in [
            (json!(7), "not an object"),
            (json!(null), "not an object"),
            (with("card", json!(null)), "`card`"),
            (with("card", json!(12)), "`card`"),
            (with("outcome", json!("ignored")), "`outcome`"),
            (with("outcome", json!(null)), "`outcome`"),
        ] {
            assert!(one(bad.clone()).unwrap_err().contains(named), "{bad}");
        }
        let batch =
            read_entries(&json!([with("card", json!("x")), 7, with("outcome", json!(" Overridden "))]));
        let batch = batch.unwrap();
        assert_eq!(batch.entries.len(), 2);
        assert_eq!(batch.rejected.iter().map(|it| it.index).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn nothing_usable_is_a_fault_and_nothing_at_all_is_none() {
        assert_eq!(read_entries(&json!([])).unwrap(), Batch::default());
        let fault = read_entries(&json!([{"card": "secret"}])).unwrap_err().to_string();
        assert!(fault.contains("`outcome`") && !fault.contains("secret"), "{fault}");
        for body in ["", "[]", "{}", r#"{"feedback":null}"#, r#"{"feedback":{}}"#, "{", "\u{feff}"] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
        assert!(read(b"\xEF\xBB\xBF{\"feedback\":[]}").is_ok());
    }
}
