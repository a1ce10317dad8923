//! Bytes of every kind: what is no JSON is told with its place in the text, and depth and size do no harm.

use super::samples::{found, sample};
use proptest::prelude::*;
use spinal_mets_cds::check::{Kind, MOST_TOLD, Severity, check};

const LARGE: usize = 8 * 1024 * 1024;

/// The first finding, and whether the document was looked at all the same.
fn first(bytes: &[u8]) -> (String, String) {
    let report = check(bytes, Some(Kind::Answer), None).unwrap();
    let first = report.findings.told().first().unwrap();
    (format!("{} {} {}", first.rule.severity(), first.rule.row(), first.place), first.problem.clone())
}

#[test]
fn what_is_no_json_in_utf8_is_told_with_its_place() {
    for (bytes, told) in [
        (&b"{\"cards\":[]"[..], "line 1 column 11"),
        (b"{\"cards\":[],}", "line 1 column 13"),
        (b"{\"cards\":[]}\n{\"cards\":[]}", "line 2 column 1"),
        (b"{\"cards\":[] // none\n}", "line 1 column 13"),
        (b"{'cards':[]}", "line 1 column 2"),
        (b"<html>", "line 1 column 1"),
        (b"", "line 1 column 0"),
        (b"{\"cards\":[],\"extension\":{\"a.b\":\"\xe9\"}}", "byte 32"),
        (b"\xff\xfe{\0}\0", "byte 0"),
        (b"\xef\xbb\xbf{\"cards\":[]}", "byte order mark"),
        (b"{\"cards\":[NaN]}", "line 1 column 11"),
    ] {
        let (line, problem) = first(bytes);
        assert_eq!(line, "must J-1 ", "{}", String::from_utf8_lossy(bytes));
        assert!(problem.contains(told), "{}: {problem}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn one_fault_of_the_text_hides_no_other() {
    let card = r#"{"cards":[{"summary":"x","indicator":"red","source":{"label":"x"},"uuid":"\ud800"}]}"#;
    for text in [format!("\u{feff}{card}"), format!("{card} {card}"), format!("{card}}}")] {
        let (lines, _) = found(text.as_bytes(), None);
        for expected in ["must J-1 ", "must C-4 /cards/0/indicator", "must J-1 /cards/0/uuid"] {
            assert!(lines.iter().any(|it| it == expected), "{expected}: {lines:?}");
        }
    }
    let mut latin = sample("greeting.json");
    let at = latin.iter().position(|it| *it == b'!').unwrap();
    latin[at] = 0xe9;
    assert_eq!(found(&latin, None).0, ["must J-1 "]);
}

#[test]
fn depth_does_no_harm_and_is_told_once() {
    let nested = |open: &str, close: &str, n: usize| format!("{}{}", open.repeat(n), close.repeat(n));
    let deep = nested("[", "]", 1_000_000);
    for text in [
        format!(r#"{{"cards":{deep}}}"#),
        format!(r#"{{"cards":[],"extension":{{"a.b":{deep}}}}}"#),
        format!(r#"{{"services":[{{"prefetch":{{"a":{deep}}}}}]}}"#),
        format!(
            r#"{{"feedback":[{{"overrideReason":{}7{}}}]}}"#,
            "{\"a\":".repeat(200_000),
            "}".repeat(200_000)
        ),
    ] {
        let (lines, _) = found(text.as_bytes(), None);
        let deep = lines.iter().filter(|it| it.starts_with("should J-1 ")).count();
        assert_eq!(deep, 1, "{lines:?}");
    }
    let asked = format!(r#"{{"hook":"x","context":{{"a":{deep}}}}}"#);
    assert!(spinal_mets_cds::check::Asked::read(asked.as_bytes()).is_ok());
}

#[test]
fn documents_of_eight_megabytes_are_judged() {
    let many = |one: &str| one.repeat(LARGE / one.len()).trim_end_matches(',').to_owned();
    let nulls = format!(r#"{{"cards":[{}]}}"#, many("null,"));
    let report = check(nulls.as_bytes(), None, None).unwrap();
    assert_eq!(report.findings.told().len(), MOST_TOLD);
    assert!(report.findings.count(Severity::Must) > 1_000_000);
    for text in [
        format!(r#"{{"cards":[{{{}}}]}}"#, many(r#""sumary":1,"#)),
        format!(r#"{{"cards":[{}]}}"#, many(r#"{"summary":"x","indicator":"info","source":{"label":"x"}},"#)),
        format!(r#"{{"cards":[{{"summary":"{}"}}]}}"#, many("x")),
        format!(r#"{{"cards":[{{"{}":1}}]}}"#, many("x")),
        format!(r#"{{"services":[{{"hook":"order-sign","prefetch":{{"a":"{}"}}}}]}}"#, many("{{context.x}}")),
        format!(
            r#"{{"services":[{{"hook":"order-sign","prefetch":{{"a":"Patient?{}"}}}}]}}"#,
            many("a:b=c&")
        ),
    ] {
        assert!(!check(text.as_bytes(), None, None).unwrap().findings.told().is_empty());
    }
}

#[test]
fn markdown_that_costs_other_readers_much_is_read() {
    for one in ["[", "<", "*a_ ", "`", "<!--", "![](", "| a "] {
        let detail = serde_json::Value::from(one.repeat(50_000 / one.len()));
        let text = format!(r#"{{"cards":[{{"detail":{detail}}}]}}"#);
        assert!(check(text.as_bytes(), None, None).is_ok(), "{one}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in any::<Vec<u8>>()) {
        for kind in [None, Some(Kind::Answer), Some(Kind::Discovery), Some(Kind::Feedback)] {
            drop(check(&bytes, kind, None));
        }
    }

    #[test]
    fn a_good_document_with_bytes_changed_is_judged(
        name in prop::sample::select(&["opioid.json", "discovery.json", "feedback.json"][..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = sample(name);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        drop(check(&bytes, None, None));
    }
}
