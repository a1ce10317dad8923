//! Texts taken, refused and read as serde_json does.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

/// The value read through the index, as a tree.
fn tree(json: Json<'_>) -> Value {
    if json.is_object() {
        let text = |name: Json<'_>| name.string().unwrap().into_owned();
        return json.members().map(|(name, value)| (text(name), tree(value))).collect();
    }
    if json.is_array() {
        return json.items().map(tree).collect();
    }
    serde_json::from_str(json.get()).unwrap()
}

/// Taken or refused as the library does, and read as the library reads it.
fn agrees(text: &str) {
    match (Document::parse(text), serde_json::from_str::<IgnoredAny>(text)) {
        (Ok(document), Ok(_)) => {
            if let Ok(expected) = serde_json::from_str::<Value>(text) {
                assert_eq!(tree(document.root()), expected, "{text}");
            }
        }
        (Err(ours), Err(theirs)) => assert_eq!(ours.to_string(), theirs.to_string(), "{text}"),
        (ours, theirs) => panic!("{text}: {} here, {} there", ours.is_ok(), theirs.is_ok()),
    }
}

#[test]
fn texts_are_taken_or_refused_as_the_library_does() {
    for text in [
        "",
        " ",
        "null",
        " true\n",
        "nul",
        "tru e",
        "nulls",
        "[]",
        "[ ]",
        "{}",
        "{ \t}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{,}",
        r#"{"a":1,}"#,
        r#"{"a" :1 , "b": [ {} , "x" ] }"#,
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{a:1}"#,
        r#"{1:1}"#,
        "[}",
        "{]",
        r#"{"a":[1}"#,
        "[[]",
        "[]]",
        "{} {}",
        "1 2",
        "0",
        "-0",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1.5e",
        "1.5e+",
        "1.5E-07",
        "1e999",
        "--1",
        "0x1",
        "NaN",
        r#""a"#,
        r#""a\"#,
        r#""\""#,
        r#""\x""#,
        r#""\u12G4""#,
        r#""\u123"#,
        r#""\u00e9""#,
        r#""\\\"\/\b\f\n\r\t""#,
        "\"a\nb\"",
        "\"12345678\u{1f}\"",
        "\"\u{7f}\"",
        "\"äöü€𝄞 and more\"",
        "\u{feff}1",
        r#"{"\u0061":1,"a":2}"#,
        "'a'",
        "[1]//",
        "\u{a0}1",
    ] {
        agrees(text);
    }
}

/// Places around the ends of blocks of 16 and 64 bytes.
const WIDTHS: std::ops::Range<usize> = 0..140;

#[test]
fn whatever_stands_at_the_end_of_a_block_is_judged_as_the_library_does() {
    for part in [
        r#""a":1"#,
        r#""\\":1"#,
        r#""\"":{}"#,
        r#""a\\":[]"#,
        r#""\u00e9\ud834\udd1e":"\n""#,
        r#""a":"\x""#,
        r#""a":"\u12G4""#,
        r#""a":"é𝄞""#,
        r#""a":true,"b":-1.5e+3"#,
        r#""a":truefalse"#,
        r#""a":12\"#,
        r#""a":12\","b":1"#,
        r#""a":1"b":2"#,
        r#""a":"b"1"#,
        r#""a":::1"#,
        "\"a\":\"\u{1}\"",
        "\"a\":\u{1}1",
        "\"a\":\u{7f}1",
        "\"a\":\r\n\t1",
        "\"a\":\u{a0}1",
    ] {
        for width in WIDTHS {
            agrees(&format!("{{{}{part}}}", " ".repeat(width)));
            agrees(&format!("{{\"{}\":0,{part}}}", "n".repeat(width)));
            agrees(&format!("{{\"n\":\"{}\",{part}}}", "é".repeat(width)));
            agrees(&format!("{{{part},\"n\":{}}}", "1".repeat(width)));
        }
    }
}

#[test]
fn runs_of_backslashes_escape_in_pairs_wherever_blocks_end() {
    for run in WIDTHS {
        for start in [0, 1, 13, 14, 15, 16, 60, 61, 62, 63, 64] {
            let backslashes = "\\".repeat(run);
            for end in ["\"", "\"\"", "n\"", "\",\"a\":\"\"", ""] {
                agrees(&format!("{}\"{backslashes}{end}", " ".repeat(start)));
                agrees(&format!("[\"{}{backslashes}{end}]", "x".repeat(start)));
            }
        }
    }
}

#[test]
fn a_text_may_be_cut_or_changed_at_any_byte() {
    let whole = r#"{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"a\"\\":[1,-2.5E+3,true,
        null,"\u00e9 é 𝄞"],"b":{},"c":[],"d":{"e":{"f":"\\\\"}}}} , {"resource" : false}], "last":"\t"}"#;
    for (at, own) in whole.char_indices() {
        let (before, from) = whole.split_at(at);
        let (_, after) = whole.split_at(at + own.len_utf8());
        agrees(before);
        agrees(from);
        for change in
            ["", "\"", "\\", "{", "}", "[", "]", ":", ",", " ", "\n", "\0", "\u{1f}", "0", "-", "e", "é"]
        {
            agrees(&format!("{before}{change}{from}"));
            agrees(&format!("{before}{change}{after}"));
        }
    }
}

#[test]
fn every_member_is_found_and_no_other_whatever_its_mark() {
    let names: Vec<String> = (0..400).map(|i| format!("{}{}", "n".repeat(i % 7), i * i)).collect();
    for few in [1, 2, 5, 40, 400] {
        for some in names.chunks(few) {
            let members: Vec<String> = some.iter().map(|name| format!("\"{name}\":\"{name}\"")).collect();
            let text = format!("[{{{}}},1]", members.join(","));
            let document = Document::parse(&text).unwrap();
            let object = document.root().items().next().unwrap();
            assert_eq!(object.members().count(), some.len());
            for name in &names {
                let found: Vec<_> = object.named(name).filter_map(Json::string).collect();
                let expected: Vec<&str> = some.iter().map(|it| &**it).filter(|it| it == name).collect();
                assert_eq!(found, expected, "{name}");
            }
            for (name, value) in object.members() {
                assert_eq!((name.size(), name.string()), (0, value.string()));
            }
        }
    }
}

#[test]
fn members_are_found_by_name_however_it_is_written() {
    let text = r#"{"a": [1, {"a": 2}], "\u0061": null, "b\\": "x", "": {}}"#;
    let document = Document::parse(text).unwrap();
    let named = |name| document.root().named(name).map(Json::get).collect::<Vec<_>>();
    assert_eq!(named("a"), ["[1, {\"a\": 2}]", "null"]);
    assert_eq!(named("b\\"), ["\"x\""]);
    assert_eq!(named(""), ["{}"]);
    assert!(named("c").is_empty() && named("k").is_empty() && document.root().items().next().is_none());
    assert!(document.root().named("").all(Json::is_hollow));
}

#[test]
fn a_repeated_name_is_told() {
    for (text, repeats) in [
        (r#"{"id":"one","\u0069d":"two"}"#, true),
        (r#"{"\u0069d":"one","id":"two"}"#, true),
        (r#"{"a":1,"id":"one","b":2,"id":"two"}"#, true),
        (r#"{"id":"one","xd":{"id":"two"},"dd":1,"iid":2,"":3,"i":4,"\n":5}"#, false),
        (r#"["id","id"]"#, false),
    ] {
        assert_eq!(Document::parse(text).unwrap().root().repeats_a_name(), repeats, "{text}");
    }
    for (text, repeats) in [
        (r#"{"a":[{"b":{"id":1,"x":2,"id":1}}]}"#, true),
        (r#"[{"id":1},{"id":1,"a":{"id":1}}]"#, false),
        (r#"{"a":"{\"id\":1,\"id\":1}"}"#, false),
    ] {
        assert_eq!(Document::parse(text).unwrap().root().repeats_a_name_inside(), repeats, "{text}");
    }
    let many: Vec<String> = (0..200).map(|i| format!("\"{i}\":0")).collect();
    assert!(!Document::parse(&format!("{{{}}}", many.join(","))).unwrap().root().repeats_a_name());
    assert!(Document::parse(&format!("{{{},\"7\":1}}", many.join(","))).unwrap().root().repeats_a_name());
}

#[test]
fn a_string_without_meaning_is_none() {
    let document = Document::parse(r#"["\ud800", "a\nb", 7]"#).unwrap();
    let strings: Vec<_> = document.root().items().map(Json::string).collect();
    assert_eq!(strings, [None, Some("a\nb".into()), None]);
}

#[test]
fn depth_does_no_harm() {
    let deep = format!(r#"{{"a":{}{},"b":"x"}}"#, "[".repeat(200_000), "]".repeat(200_000));
    let document = Document::parse(&deep).unwrap();
    assert_eq!(document.root().named("b").next().and_then(Json::string).unwrap(), "x");
    assert!(Document::parse(&"[".repeat(200_000)).is_err());
}

fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_read_as_the_library_reads_it(value in any_value(), pretty in any::<bool>()) {
        agrees(&if pretty { format!("{value:#}") } else { value.to_string() });
    }

    #[test]
    fn a_damaged_text_is_judged_as_the_library_does(
        value in any_value(), at in any::<prop::sample::Index>(), damage in r#"[\[\]{}",:\\0-9eE.+\-tfnu \x00-\x1f]{0,2}"#
    ) {
        let mut text: Vec<char> = value.to_string().chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, damage.chars());
        agrees(&text.into_iter().collect::<String>());
    }
}
