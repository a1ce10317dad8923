//! One resource as a line of the chart: what it says, when, and in which state. For display only.
//!
//! Looks at the elements that most R4 resources share and shows what it finds; an odd element is left out, for the
//! reader beside it ([`crate::fhir`]) says what it made of the resource.

use super::moment;
use chrono_tz::Tz;
use serde_json::Value;

/// A line of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `Type/id`; the type alone when it has no id.
    pub reference: String,
    /// Resource type.
    pub kind: String,
    /// How the chart names it. From the record.
    pub words: String,
    /// Its value, site and priority. From the record.
    pub value: String,
    /// Its dates in words.
    pub dates: String,
    /// Its latest date as written, for sorting.
    pub latest: String,
    /// Its status.
    pub status: String,
}

/// Where dates stand, and the word before them.
const DATES: [(&str, &str); 16] = [
    ("onsetDateTime", "since "),
    ("onsetPeriod.start", "since "),
    ("recordedDate", "recorded "),
    ("effectiveDateTime", ""),
    ("effectiveInstant", ""),
    ("effectivePeriod.start", "from "),
    ("performedDateTime", ""),
    ("performedPeriod.start", "from "),
    ("performedPeriod.end", "to "),
    ("started", ""),
    ("authoredOn", "ordered "),
    ("occurrenceDateTime", "due "),
    ("occurrencePeriod.start", "from "),
    ("occurrencePeriod.end", "by "),
    ("period.start", ""),
    ("period.end", "to "),
];

/// Where the name of a resource stands, in this order.
const NAMES: [&str; 7] = [
    "code",
    "medicationCodeableConcept",
    "procedureCode",
    "description",
    "type",
    "serviceType",
    "vaccineCode",
];

/// The line of a resource.
pub fn line(resource: &Value, zone: Tz) -> Line {
    let kind = text(resource, "resourceType").unwrap_or_default().to_owned();
    let dates: Vec<(&str, &str)> =
        DATES.iter().filter_map(|(path, word)| Some((*word, text(resource, path)?))).collect();
    let said: Vec<String> =
        dates.iter().map(|(word, date)| format!("{word}{}", moment::for_people(date, zone))).collect();
    Line {
        reference: reference(resource),
        words: NAMES.iter().find_map(|name| concept(resource.get(*name)?)).unwrap_or_else(|| kind.clone()),
        value: value(resource),
        dates: said.join(", "),
        latest: dates.iter().map(|(_, date)| *date).max().unwrap_or_default().to_owned(),
        status: status(resource),
        kind,
    }
}

/// `Type/id`; the type alone when it has no id.
pub fn reference(resource: &Value) -> String {
    let kind = text(resource, "resourceType").unwrap_or_default();
    text(resource, "id").map_or_else(|| kind.to_owned(), |id| format!("{kind}/{id}"))
}

/// The words of every body site, for reading levels from them.
pub fn site(resource: &Value) -> Option<String> {
    concept(resource.get("bodySite")?)
}

fn status(resource: &Value) -> String {
    let coded = |name: &str| resource.get(name).and_then(|v| code(v).or_else(|| v.as_str()));
    let words: Vec<&str> = [
        coded("clinicalStatus"),
        coded("verificationStatus").filter(|code| *code != "confirmed"),
        text(resource, "status"),
    ]
    .into_iter()
    .flatten()
    .collect();
    words.join(", ")
}

fn value(resource: &Value) -> String {
    let own = measured(resource);
    let parts =
        resource.get("component").and_then(Value::as_array).into_iter().flatten().filter_map(|part| {
            let name = concept(part.get("code")?)?;
            Some(format!("{name} {}", measured(part)?))
        });
    let place = site(resource);
    let priority = text(resource, "priority").map(str::to_owned);
    own.into_iter().chain(parts).chain(place).chain(priority).collect::<Vec<_>>().join(", ")
}

fn measured(holder: &Value) -> Option<String> {
    let quantity = |v: &Value| {
        let number = v.get("value").filter(|n| n.is_number())?;
        let unit = text(v, "unit").or_else(|| text(v, "code")).unwrap_or_default();
        let comparator = text(v, "comparator").unwrap_or_default();
        Some(format!("{comparator}{number} {unit}").trim().to_owned())
    };
    let range = |v: &Value| match (v.get("low").and_then(quantity), v.get("high").and_then(quantity)) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}")),
        (Some(low), None) => Some(format!("at least {low}")),
        (None, Some(high)) => Some(format!("at most {high}")),
        (None, None) => None,
    };
    let get = |name: &str| holder.get(name);
    get("valueQuantity")
        .and_then(quantity)
        .or_else(|| get("valueCodeableConcept").and_then(concept))
        .or_else(|| get("valueString").and_then(Value::as_str).map(str::to_owned))
        .or_else(|| {
            get("valueBoolean").and_then(Value::as_bool).map(|b| if b { "yes" } else { "no" }.to_owned())
        })
        .or_else(|| get("valueInteger").filter(|n| n.is_number()).map(Value::to_string))
        .or_else(|| get("valueRange").and_then(range))
}

/// Text of a CodeableConcept, of a list of them, of a Coding or of a string.
fn concept(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|t| !t.is_empty()),
        Value::Array(list) => {
            let all: Vec<String> = list.iter().filter_map(concept).collect();
            Some(all.join(", ")).filter(|t| !t.is_empty())
        }
        Value::Object(_) => {
            let first = value.get("coding").and_then(Value::as_array).and_then(|list| list.first());
            let coded = |c: &Value| text(c, "display").or_else(|| text(c, "code")).map(str::to_owned);
            text(value, "text").map(str::to_owned).or_else(|| first.and_then(coded)).or_else(|| coded(value))
        }
        _ => None,
    }
}

/// The first code of a CodeableConcept.
fn code(value: &Value) -> Option<&str> {
    value.get("coding")?.as_array()?.first()?.get("code")?.as_str()
}

/// The text at a dotted path.
fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    path.split('.').try_fold(value, |v, name| v.get(name))?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_says_what_when_and_how_it_stands() {
        let line = line(
            &json!({"resourceType": "Observation", "id": "o", "status": "final",
                "code": {"coding": [{"code": "sins-total"}], "text": "SINS"}, "valueQuantity": {"value": 9},
                "bodySite": {"text": "T8"}, "effectiveDateTime": "2026-05-02T09:00:00Z"}),
            Tz::UTC,
        );
        assert_eq!((&*line.words, &*line.value), ("SINS", "9, T8"));
        assert_eq!((&*line.dates, &*line.status), ("2 May 2026 09:00", "final"));
        assert_eq!(line.reference, "Observation/o");
    }

    #[test]
    fn odd_resources_are_lines_too() {
        for odd in [json!({}), json!(3), json!({"resourceType": "Condition", "code": 3, "status": {"x": []}})]
        {
            assert_eq!(line(&odd, Tz::UTC).value, "");
        }
    }
}
