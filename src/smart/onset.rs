//! The onset that a Condition on record gets: of the whole Condition as the EHR gives it alone, under its version, so that
//! nothing else of it is lost. Its members stay as they came, to the letter. Deliberately absent: sending.

use crate::services::form::Answered;
use crate::services::form::again::{is_of, text};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// Tags and labels of a resource of which the EHR gives a part.
const PART: [&str; 3] = ["SUBSETTED", "REDACTED", "MASKED"];

const NO_VERSION: &str = "The EHR tells no version of this problem, so its onset cannot be added safely.";
const IN_PART: &str = "The EHR shows only a part of this problem, so its onset cannot be added safely.";
/// Somebody else was there first.
pub(super) const MOVED: &str = "Somebody else changed it meanwhile. Save again.";
const OTHER: &str = "The EHR does not give this problem by itself, so its onset cannot be added safely.";

/// A Condition of the record with an onset that it lacked.
///
/// # Errors
///
/// Why it cannot be written, for the user: a change of somebody else, or a part that is not shown, could be lost.
pub fn onset(resource: &Value) -> Result<Answered, &'static str> {
    if is_part(resource) {
        return Err(IN_PART);
    }
    let of = |at| Some(text(resource, at).to_owned()).filter(|text| !text.is_empty()).ok_or(NO_VERSION);
    Ok(Answered::Onset { id: of("/id")?, version: of("/meta/versionId")?, onset: of("/onsetDateTime")? })
}

/// The Condition of this patient that the EHR gave, with its onset, as it is to be written.
pub(super) fn with_onset(
    given: &[u8],
    (id, version, onset): (&str, &str, &str),
    patient: &str,
) -> Result<Vec<u8>, &'static str> {
    let read: Value = serde_json::from_slice(given).map_err(|_| OTHER)?;
    let is_it =
        text(&read, "/resourceType") == "Condition" && text(&read, "/id") == id && is_of(&read, patient);
    if !is_it {
        return Err(OTHER);
    }
    if is_part(&read) {
        return Err(IN_PART);
    }
    let has_onset = read.as_object().into_iter().flatten().any(|(name, _)| name.starts_with("onset"));
    if text(&read, "/meta/versionId") != version || has_onset {
        return Err(MOVED);
    }
    // A number that is read and written anew may lose its last digits.
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(given).map_err(|_| OTHER)?;
    // That it was unknown no longer holds.
    members.remove("_onsetDateTime");
    members.insert("onsetDateTime".to_owned(), to_raw_value(onset).map_err(|_| OTHER)?);
    serde_json::to_vec(&members).map_err(|_| OTHER)
}

fn is_part(resource: &Value) -> bool {
    let listed = |at| resource.pointer(at).and_then(Value::as_array).into_iter().flatten();
    listed("/meta/tag").chain(listed("/meta/security")).any(|it| PART.contains(&text(it, "/code")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn condition() -> Value {
        json!({
            "resourceType": "Condition", "id": "c", "meta": {"versionId": "3"},
            "subject": {"reference": "https://ehr.example.org/fhir/Patient/p"},
            "_onsetDateTime": {"extension": []},
        })
    }

    #[test]
    fn a_part_of_a_condition_is_never_written_back() {
        let mut whole = condition();
        whole["onsetDateTime"] = json!("2026-05-01");
        assert!(onset(&whole).is_ok());
        for (place, code) in [("tag", "SUBSETTED"), ("tag", "REDACTED"), ("security", "REDACTED")] {
            let mut part = whole.clone();
            part["meta"][place] = json!([{ "code": code }]);
            assert_eq!(onset(&part), Err(IN_PART), "{place} {code}");
            let mut given = condition();
            given["meta"][place] = json!([{ "code": code }]);
            let written = with_onset(given.to_string().as_bytes(), ("c", "3", "2026-05-01"), "p");
            assert_eq!(written, Err(IN_PART), "{place} {code}");
        }
        whole["meta"] = json!({});
        assert_eq!(onset(&whole), Err(NO_VERSION));
    }

    #[test]
    fn what_the_ehr_gives_is_written_to_the_letter_but_for_the_onset() {
        let given = r#"{"resourceType":"Condition","id":"c","meta":{"versionId":"3"},"_onsetDateTime":{"id":"x"},
            "subject":{"reference":"Patient/p"},"extension":[{"url":"u","valueDecimal":1.50}],"x":0.10000000000000000555}"#;
        let written = with_onset(given.as_bytes(), ("c", "3", "2026-05-01"), "p").unwrap();
        let written = String::from_utf8(written).unwrap();
        for kept in ["\"valueDecimal\":1.50", "0.10000000000000000555", "\"onsetDateTime\":\"2026-05-01\""] {
            assert!(written.contains(kept), "{kept}: {written}");
        }
        assert!(!written.contains("_onsetDateTime"), "{written}");
    }

    #[test]
    fn another_one_or_one_that_moved_is_left_alone() {
        let of = |change: fn(&mut Value)| {
            let mut given = condition();
            change(&mut given);
            with_onset(given.to_string().as_bytes(), ("c", "3", "2026-05-01"), "p")
        };
        assert!(of(|_| ()).is_ok());
        assert_eq!(of(|it| it["meta"]["versionId"] = json!("4")), Err(MOVED));
        assert_eq!(of(|it| it["onsetString"] = json!("in May")), Err(MOVED));
        assert_eq!(of(|it| it["subject"]["reference"] = json!("Patient/q")), Err(OTHER));
        assert_eq!(of(|it| it["id"] = json!("d")), Err(OTHER));
        assert_eq!(of(|it| *it = json!({"resourceType": "OperationOutcome"})), Err(OTHER));
        assert_eq!(with_onset(b"<html>", ("c", "3", "2026-05-01"), "p"), Err(OTHER));
    }
}
