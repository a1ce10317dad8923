//! Mutations of JSON that keep it JSON, and mostly FHIR: another code, another date, one member less, one resource more.
//!
//! libFuzzer's own mutations of bytes nearly always break a body of several kilobytes, and then only the parser is
//! tested. They still get their share, for the parser's sake.

use crate::random::Random;
use crate::vocabulary::VOCABULARY;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

/// Raw values that a JSON tree cannot hold or a writer would not write.
const RAW: [&str; 10] = [
    "1e999",
    "-1e-999",
    "-0",
    "1E+2",
    "123456789012345678901234567890",
    "0.1000000000000000000000000001",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
    "{\"resourceType\":\"Patient\",\"resourceType\":\"Condition\"}",
];

/// Texts at the edge of what a reader expects.
const TEXTS: [&str; 22] = [
    "",
    " ",
    "\u{0}",
    "\u{202e}",
    "ß",
    "𝕊",
    "e\u{301}",
    "<b>x</b>",
    "[x](javascript:y)",
    "`|*_\\#>",
    "\n- ",
    "/",
    "Patient/",
    "#",
    "urn:uuid:",
    "0",
    "24:00",
    "9999-12-31T23:59:59.999999999-14:00",
    "0001-01-01T00:00:00+14:00",
    "2024-02-30",
    "2016-12-31T23:59:60Z",
    "unknown",
];

/// Distances from now at which rules change, in minutes.
const DISTANCES: [i64; 22] = [
    0,
    1,
    60,
    720,
    1_440,
    2_880,
    4_320,
    10_080,
    20_160,
    40_320,
    43_200,
    60_480,
    86_400,
    129_600,
    259_200,
    525_600,
    527_040,
    1_051_200,
    5_256_000,
    9_467_280,
    47_336_400,
    525_600_000,
];

/// Mutates `data[..size]` in place and gives its new size.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random::new(seed);
    let parsed = if random.once_in(12) { None } else { serde_json::from_slice::<Value>(&data[..size]).ok() };
    let Some(mut value) = parsed else { return libfuzzer_sys::fuzzer_mutate(data, size, max_size) };
    for _ in 0..=random.below(3) {
        change(&mut value, &mut random);
    }
    let mut text = value.to_string();
    if random.once_in(24) {
        write_raw(&mut text, &mut random);
    }
    // A body that has grown too long loses items until it fits.
    while text.len() > max_size {
        if !shorten(&mut value, &mut random) {
            return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
        }
        text = value.to_string();
    }
    data[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
}

/// Takes resources of the second input into the first.
pub fn cross(first: &[u8], second: &[u8], out: &mut [u8], seed: u32) -> usize {
    let mut random = Random::new(seed);
    let mut text = match (serde_json::from_slice::<Value>(first), serde_json::from_slice::<Value>(second)) {
        (Ok(mut value), Ok(mut other)) => {
            for _ in 0..=random.below(4) {
                let Some((taken, name)) =
                    pick(&mut other, &mut random, &|_, it| it.is_object() || it.is_array())
                else {
                    continue;
                };
                let taken = taken.clone();
                let alike = |key: &str, it: &Value| key == name && it.is_array() == taken.is_array();
                if let Some((place, _)) = pick(&mut value, &mut random, &alike) {
                    match (place, taken) {
                        (Value::Array(items), Value::Array(more)) => items.extend(more),
                        (place, taken) => *place = taken,
                    }
                }
            }
            value.to_string().into_bytes()
        }
        _ => first.to_vec(),
    };
    if text.len() > out.len() {
        text = first.to_vec();
    }
    let size = text.len().min(out.len());
    out[..size].copy_from_slice(&text[..size]);
    size
}

/// Which nodes a change is for, by the name of the member that they stand under.
type Wanted<'w> = &'w dyn Fn(&str, &Value) -> bool;

/// Any node that is wanted, each as likely as any other, with the name of its member. Items of an array go by the name of
/// the array.
fn pick<'v>(
    value: &'v mut Value,
    random: &mut Random,
    wanted: Wanted<'_>,
) -> Option<(&'v mut Value, String)> {
    fn count(value: &Value, name: &str, wanted: Wanted<'_>) -> usize {
        let below: usize = match value {
            Value::Object(members) => members.iter().map(|(key, it)| count(it, key, wanted)).sum(),
            Value::Array(items) => items.iter().map(|it| count(it, name, wanted)).sum(),
            _ => 0,
        };
        below + usize::from(wanted(name, value))
    }
    fn nth<'v>(
        value: &'v mut Value,
        name: &str,
        left: &mut usize,
        wanted: Wanted<'_>,
    ) -> Option<(&'v mut Value, String)> {
        if wanted(name, value) {
            if *left == 0 {
                return Some((value, name.to_owned()));
            }
            *left -= 1;
        }
        match value {
            Value::Object(members) => members.iter_mut().find_map(|(key, it)| nth(it, key, left, wanted)),
            Value::Array(items) => items.iter_mut().find_map(|it| nth(it, name, left, wanted)),
            _ => None,
        }
    }
    let total = count(value, "", wanted);
    if total == 0 {
        return None;
    }
    let mut left = random.below(total);
    nth(value, "", &mut left, wanted)
}

fn is_resource(_: &str, value: &Value) -> bool {
    value.get("resourceType").is_some_and(|kind| kind != "Bundle")
}

fn change(value: &mut Value, random: &mut Random) {
    match random.below(32) {
        0..=4 => another_value(value, random),
        5..=8 => another_date(value, random),
        9..=10 => another_number(value, random),
        11..=13 => one_less(value, random),
        14 => twice(value, random),
        15 => other_order(value, random),
        16..=18 => one_resource_more(value, random),
        19..=21 => borrow_a_member(value, random),
        22..=24 => another_coding(value, random),
        25 => copy_to_namesake(value, random),
        26 => another_text(value, random),
        27 => other_shape(value, random),
        28 => rename(value, random),
        29 => point_elsewhere(value, random),
        30 => another_type(value, random),
        _ => odd_value(value, random),
    }
}

fn another_value(value: &mut Value, random: &mut Random) {
    let known = |name: &str, _: &Value| VOCABULARY.values.get(name).is_some_and(|values| values.len() > 1);
    if let Some((place, name)) = pick(value, random, &known)
        && let Some(other) = VOCABULARY.value(&name, random)
    {
        *place = other.clone();
    }
}

fn another_date(value: &mut Value, random: &mut Random) {
    let is_date = |_: &str, it: &Value| {
        it.as_str()
            .is_some_and(|text| text.len() >= 4 && text.bytes().take(4).all(|byte| byte.is_ascii_digit()))
    };
    let Some((place, _)) = pick(value, random, &is_date) else { return };
    let now: DateTime<Utc> = crate::NOW.parse().expect("a fixed time");
    let minutes = DISTANCES[random.below(DISTANCES.len())];
    let seconds = minutes * 60 + [-86_400, -3_600, -60, -1, 0, 0, 1, 60, 3_600, 86_400][random.below(10)];
    let at = now - TimeDelta::seconds(if random.once_in(6) { -seconds } else { seconds });
    let text = match random.below(8) {
        0 => at.format("%Y"),
        1 => at.format("%Y-%m"),
        2..=3 => at.format("%Y-%m-%d"),
        4 => at.format("%Y-%m-%dT%H:%M:%S%.3f-05:00"),
        5 => at.format("%Y-%m-%dT%H:%M"),
        _ => at.format("%Y-%m-%dT%H:%M:%SZ"),
    };
    *place = Value::String(text.to_string());
}

fn another_number(value: &mut Value, random: &mut Random) {
    let Some((place, _)) = pick(value, random, &|_, it| it.is_number()) else { return };
    let number = place.as_f64().unwrap_or_default();
    *place = match random.below(9) {
        0 => json!(number + 1.0),
        1 => json!(number - 1.0),
        2 => json!(number * 10.0),
        3 => json!(number / 10.0),
        4 => json!(-number),
        5 => json!(number + 0.5),
        6 => json!(random.below(120)),
        7 => json!([u64::MAX as f64, 1e308, 5e-324, -1.0, 0.0][random.below(5)]),
        _ => json!([json!(u64::MAX), json!(i64::MIN), json!(0), json!("7"), json!(13)][random.below(5)]),
    };
}

fn one_less(value: &mut Value, random: &mut Random) {
    let filled = |_: &str, it: &Value| match it {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    match pick(value, random, &filled) {
        Some((Value::Object(members), _)) => {
            if let Some(name) = members.keys().nth(random.below(members.len())).cloned() {
                members.remove(&name);
            }
        }
        Some((Value::Array(items), _)) => {
            items.remove(random.below(items.len()));
        }
        _ => {}
    }
}

fn twice(value: &mut Value, random: &mut Random) {
    if let Some((Value::Array(items), _)) =
        pick(value, random, &|_, it| it.as_array().is_some_and(|it| !it.is_empty()))
    {
        let mut copy = items[random.below(items.len())].clone();
        if random.once_in(2)
            && let Some((resource, _)) = pick(&mut copy, random, &is_resource)
        {
            rename_resource(resource, random);
        }
        items.push(copy);
    }
}

fn rename_resource(resource: &mut Value, random: &mut Random) {
    if let Some(members) = resource.as_object_mut() {
        members.insert("id".to_owned(), json!(format!("x{}", random.below(1_000))));
    }
}

fn other_order(value: &mut Value, random: &mut Random) {
    if let Some((Value::Array(items), _)) =
        pick(value, random, &|_, it| it.as_array().is_some_and(|it| it.len() > 1))
    {
        let by = random.below(items.len());
        items.rotate_left(by);
    }
}

/// Lists of resources and how each is wrapped in them.
fn one_resource_more(value: &mut Value, random: &mut Random) {
    let lists = |name: &str, it: &Value| it.is_array() && ["entry", "resources", "drafts"].contains(&name);
    let Some((Value::Array(items), name)) = pick(value, random, &lists) else { return };
    let Some(resource) = VOCABULARY.resource(random) else { return };
    let mut resource = resource.clone();
    if !random.once_in(4) {
        rename_resource(&mut resource, random);
    }
    items.push(match &*name {
        "entry" => json!({"resource": resource}),
        "drafts" => json!({"selected": random.once_in(2), "resource": resource}),
        _ => resource,
    });
}

/// Gives a resource a member that another one of its type has.
fn borrow_a_member(value: &mut Value, random: &mut Random) {
    let Some((Value::Object(members), _)) = pick(value, random, &is_resource) else { return };
    let kind = members.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    let Some(others) = VOCABULARY.resources.get(kind) else { return };
    let Some(lender) = random.pick(others).and_then(Value::as_object) else { return };
    if let Some((name, member)) = lender.iter().nth(random.below(lender.len())) {
        members.insert(name.clone(), member.clone());
    }
}

fn another_coding(value: &mut Value, random: &mut Random) {
    let lists = |name: &str, it: &Value| name == "coding" && it.is_array();
    let Some((Value::Array(items), _)) = pick(value, random, &lists) else { return };
    let Some(coding) = random.pick(&VOCABULARY.codings).cloned() else { return };
    if random.once_in(3) || items.is_empty() {
        items.push(coding);
    } else {
        let place = random.below(items.len());
        items[place] = coding;
    }
}

fn copy_to_namesake(value: &mut Value, random: &mut Random) {
    let Some((source, name)) = pick(value, random, &|name, _| !name.is_empty()) else { return };
    let source = source.clone();
    if let Some((place, _)) = pick(value, random, &|key, _| key == name) {
        *place = source;
    }
}

fn another_text(value: &mut Value, random: &mut Random) {
    let Some((Value::String(text), _)) = pick(value, random, &|_, it| it.is_string()) else { return };
    let odd = TEXTS[random.below(TEXTS.len())];
    let at = text.char_indices().map(|(at, _)| at).nth(random.below(text.len())).unwrap_or(0);
    match random.below(7) {
        0 => text.truncate(at),
        1 => text.insert_str(at, odd),
        2 => *text = odd.to_owned(),
        3 => *text = text.to_uppercase(),
        4 => *text = text.repeat(1 + random.below(40)),
        5 => text.push_str(odd),
        _ => *text = format!(" {text}"),
    }
}

fn other_shape(value: &mut Value, random: &mut Random) {
    let Some((place, _)) = pick(value, random, &|name, _| !name.is_empty()) else { return };
    let taken = place.take();
    *place = match (random.below(4), taken) {
        (0, Value::Array(mut items)) if !items.is_empty() => items.swap_remove(0),
        (1, taken) => Value::Array(vec![taken]),
        (2, taken) => json!({"value": taken}),
        (3, taken) if !taken.is_object() && !taken.is_array() => json!(taken.to_string()),
        (_, taken) => Value::Array(vec![Value::Null, taken]),
    };
}

fn rename(value: &mut Value, random: &mut Random) {
    let Some((Value::Object(members), _)) =
        pick(value, random, &|_, it| it.as_object().is_some_and(|it| !it.is_empty()))
    else {
        return;
    };
    let Some(name) = members.keys().nth(random.below(members.len())).cloned() else { return };
    let Some(member) = members.remove(&name) else { return };
    let new = match random.below(4) {
        0 => format!("_{name}"),
        1 => name.to_uppercase(),
        _ => {
            // One choice of type for another: onsetDateTime, onsetPeriod.
            let stem: String = name.chars().take_while(char::is_ascii_lowercase).collect();
            let alike: Vec<&String> = VOCABULARY.values.keys().filter(|key| key.starts_with(&stem)).collect();
            random.pick(&alike).map_or(name, |key| (*key).clone())
        }
    };
    members.insert(new, member);
}

/// Makes a reference name another resource of the input.
fn point_elsewhere(value: &mut Value, random: &mut Random) {
    let Some((resource, _)) = pick(value, random, &is_resource) else { return };
    let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, id) = (text("resourceType"), text("id"));
    let named = match random.below(6) {
        0 => format!("urn:uuid:{id}"),
        1 => format!("https://ehr.example.org/fhir/{kind}/{id}/_history/2"),
        2 => id,
        3 => format!("#{id}"),
        _ => format!("{kind}/{id}"),
    };
    let references = |name: &str, it: &Value| it.is_string() && ["reference", "selections"].contains(&name);
    if let Some((place, _)) = pick(value, random, &references) {
        *place = Value::String(named);
    }
}

fn another_type(value: &mut Value, random: &mut Random) {
    let kinds: Vec<&String> = VOCABULARY.resources.keys().collect();
    if let Some((resource, _)) = pick(value, random, &is_resource)
        && let Some(kind) = random.pick(&kinds)
    {
        resource["resourceType"] = json!(kind);
    }
}

fn odd_value(value: &mut Value, random: &mut Random) {
    let odd = [
        Value::Null,
        json!(true),
        json!(""),
        json!([]),
        json!({}),
        json!(0),
        json!([null]),
        json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}),
        json!({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}),
    ];
    if let Some((place, _)) = pick(value, random, &|name, _| !name.is_empty()) {
        *place = odd[random.below(odd.len())].clone();
    }
}

/// Takes one item out of the longest list, or the longest text.
fn shorten(value: &mut Value, random: &mut Random) -> bool {
    if let Some((Value::Array(items), _)) =
        pick(value, random, &|_, it| it.as_array().is_some_and(|it| it.len() > 1))
    {
        items.truncate(items.len() / 2);
        return true;
    }
    if let Some((place, _)) = pick(value, random, &|_, it| it.as_str().is_some_and(|it| it.len() > 64)) {
        *place = json!("x");
        return true;
    }
    match value {
        Value::Object(members) if members.len() > 1 => {
            let name = members.keys().nth(random.below(members.len())).cloned();
            name.and_then(|name| Map::remove(members, &name)).is_some()
        }
        _ => false,
    }
}

/// Writes something into the text that the tree cannot hold: a value, or a member that is there twice.
fn write_raw(text: &mut String, random: &mut Random) {
    let raw = RAW[random.below(RAW.len())];
    let (before, written) = if random.once_in(2) {
        let names: Vec<&String> = VOCABULARY.values.keys().collect();
        let Some(name) = random.pick(&names) else { return };
        ('{', format!("\"{name}\":{raw},"))
    } else {
        (':', raw.to_owned())
    };
    let places: Vec<usize> = text.match_indices(before).map(|(at, _)| at + 1).collect();
    let Some(at) = random.pick(&places).copied() else { return };
    match before {
        '{' => text.insert_str(at, &written),
        // In the place of a number or word; what is no value there stays broken, which is a test as well.
        _ => {
            let rest = &text[at..];
            let end = at + rest.find([',', '}', ']']).unwrap_or(rest.len());
            text.replace_range(at..end, &written);
        }
    }
}
